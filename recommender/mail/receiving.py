"""Mail: which incoming mail is for us, and what the sending server is told. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SOURCES: Final = ("lmtp", "imap", "maildir", "pipe")
"""The ways by which mail comes in."""

_TAG = re.compile(r"[a-z]+(-[a-z2-7]+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReceiveStatus:
    """What a recipient's mail was answered with: RFC 5321 code, RFC 3463 code, words."""

    code: int
    enhanced_status_code: str
    text: str

    @property
    def is_taken(self) -> bool:
        """Whether the mail is ours now, and its sender may forget it."""
        return self.code // 100 == 2  # noqa: PLR2004 - positive completion

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced_status_code} {self.text}"


TAKEN: Final = ReceiveStatus(250, "2.0.0", "stored")
TOO_LARGE: Final = ReceiveStatus(552, "5.3.4", "message too large")
TRY_AGAIN: Final = ReceiveStatus(451, "4.3.0", "cannot be stored now, try again")


def judge_recipient(recipient: str, list_address: str) -> ReceiveStatus:
    """Tell whether an address is the list's own or one of its plus-tags.

    Whether a token in it is good is not told here: that is nobody's business who asks by RCPT.

    Returns
    -------
    ReceiveStatus
        250 ``2.1.5``, or the refusal.
    """
    local_part, _, domain = recipient.rpartition("@")
    list_name, _, list_domain = list_address.rpartition("@")
    if domain.lower() != list_domain.lower():
        return ReceiveStatus(550, "5.7.1", "no mail for that domain is taken here")
    name, plus, tag = local_part.partition("+")
    if name.lower() != list_name.lower() or (plus and not _TAG.fullmatch(tag)):
        return ReceiveStatus(550, "5.1.1", "no such address")
    return ReceiveStatus(250, "2.1.5", "ours")


def split_tag(recipient: str) -> tuple[str, str]:
    """Take the plus-tag of one of our addresses apart: its command, and its token.

    Returns
    -------
    tuple of str
        In lower case, for servers may change the case of a local part; empty where there is none.
    """
    _, _, tag = recipient.rpartition("@")[0].partition("+")
    command, _, token = tag.lower().partition("-")
    return command, token

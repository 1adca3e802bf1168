"""Mail: which incoming mail is for us, and what the sending server is told. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recommender.mime import addresses_in, parse_header

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
FULL: Final = ReceiveStatus(452, "4.3.1", "no room for more mail now, try again")


def judge_recipient(recipient: str, list_address: str) -> ReceiveStatus:
    """Return whether an address is the list's own or one of its plus-tags.

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


_TRACE_HEADERS: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_TO_HEADERS: Final = ("To", "Cc", "Resent-To", "Resent-Cc")
_MBOX_LINE = re.compile(rb"From (\S{0,320}) [^\n]{0,200}\n")


@dataclass(frozen=True, slots=True)
class FoundEnvelope:
    """A mail whose envelope was lost on its way into a mailbox, and what its header tells of it.

    Attributes
    ----------
    sender : str
        As the server wrote it down at delivery; empty where it was null or nothing tells it, for
        who is not known must not be answered.
    recipient : str or None
        The address of ours that it came to; None where no header names one.
    content : bytes
        Without the line that mbox puts before a mail.
    """

    sender: str
    recipient: str | None
    content: bytes


def find_envelope(content: bytes, list_address: str) -> FoundEnvelope:
    """Read from a mail's header to whom it came and from whom.

    What the server noted at delivery goes before what the writer wrote, and an address with a tag
    before the bare one: a forwarding server may note only the bare address.
    """
    sender = ""
    mbox_line = _MBOX_LINE.match(content)
    if mbox_line:
        sender = mbox_line[1].decode("utf-8", "replace")
        content = content[mbox_line.end() :]
    header = parse_header(content)
    if "Return-Path" in header:
        sender = next(iter(addresses_in(header, "Return-Path")), "")
    if "@" not in sender:
        sender = ""
    ours = [
        address
        for name in (*_TRACE_HEADERS, *_TO_HEADERS)
        for address in addresses_in(header, name)
        if judge_recipient(address, list_address).is_taken
    ]
    tagged = (address for address in ours if split_tag(address)[0])
    return FoundEnvelope(sender, next(tagged, ours[0] if ours else None), content)

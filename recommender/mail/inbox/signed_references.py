"""Mail: what a returned mail carries that only we can have written: candidates, not verified. Pure.

Anybody can write a report; whom it concerns, only these tell: tokens in our signed addresses, and
Message-IDs that nobody can guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from recommender.mail.inbox.report_forms import LONGEST_REPORT

_Reference = TypeVar("_Reference")

MOST_REFERENCES: Final = 20
"""Tokens and Message-IDs each: a report is about one message."""

# Lines of quoted-printable and folded headers are joined: tokens are long words.
_FOLD = re.compile(rb"=\r?\n|\r?\n[ \t]{1,80}")
_MESSAGE_ID = re.compile(r"^message-id:[ \t]{0,80}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SignedReferences:
    """What may be ours in a returned mail.

    Attributes
    ----------
    tokens : tuple of (str, str)
        Tag and token of addresses: ``("bounce", "mfrgg…")``.
    message_ids : tuple of str
        At our domain, with angle brackets.
    """

    tokens: tuple[tuple[str, str], ...]
    message_ids: tuple[str, ...]


def signed_references(content: bytes, *, list_address: str) -> SignedReferences:
    """Find what may be ours in a mail, in its order, each once. Never raises."""
    text = _FOLD.sub(b"", content[:LONGEST_REPORT]).decode("ascii", "replace")
    name, _, domain = list_address.rpartition("@")
    address = re.compile(
        rf"{re.escape(name)}(?:\+|%2b|=2b)(bounce|unsubscribe)-([a-z2-7]{{1,64}})@{re.escape(domain)}",
        re.IGNORECASE,
    )
    tokens = ((found[1].lower(), found[2].lower()) for found in address.finditer(text))
    message_ids = (found[1] for found in _MESSAGE_ID.finditer(text))
    ours = (each for each in message_ids if each.lower().endswith(f"@{domain.lower()}>"))
    return SignedReferences(_first(tokens), _first(ours))


def _first(found: Iterable[_Reference]) -> tuple[_Reference, ...]:
    return tuple(dict.fromkeys(found))[:MOST_REFERENCES]

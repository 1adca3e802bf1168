"""Mail: what somebody wrote, out of the mail as it came. Pure; never raises, whatever the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import Final

from recommender.mail.inbox.html_body import text_of_html
from recommender.mail.inbox.quotes import without_quotes

LONGEST_READ: Final = 1_000_000
"""Bytes of a mail that are looked at: what a person writes stands before what they attach."""

MOST_PARTS: Final = 50
DEEPEST: Final = 10


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail that somebody wrote.

    Attributes
    ----------
    message : Message
        Parsed as far as it is looked at, for whoever wants its headers.
    sender : str
        The one address in From; empty where there is none, or more than one. Never a proof.
    subject : str
        Decoded, in one line.
    message_id : str
        With angle brackets; empty where there is none.
    text : str
        What the person wrote: no quotes, no signature.
    """

    message: Message
    sender: str
    subject: str
    message_id: str
    text: str


def read_mail(content: bytes) -> IncomingMail:
    """Read a mail as it came."""
    message = message_from_bytes(content[:LONGEST_READ])
    return IncomingMail(
        message=message,
        sender=_sender(message),
        subject=" ".join(decoded(message, "Subject").split()),
        message_id="".join(
            re.findall(
                r"<[!-;=?A-~]{1,250}@[!-;=?A-~]{1,250}>", str(message.get("Message-ID", ""))
            )[:1]
        ),
        text=without_quotes(_body(message)),
    )


def decoded(message: Message, name: str) -> str:
    """Return a header in readable form; empty where there is none."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        return str(make_header(decode_header(str(raw))))
    except (LookupError, ValueError):  # a charset that nobody knows, or broken encoding
        return str(raw).encode("ascii", "replace").decode("ascii")


def _sender(message: Message) -> str:
    fields = message.get_all("From", [])
    addresses = [address for _, address in getaddresses([str(each) for each in fields]) if address]
    return addresses[0] if len(addresses) == 1 and len(fields) == 1 else ""


def _body(message: Message) -> str:
    html = ""
    for part in _parts(message):
        kind = part.get_content_type()
        if "attachment" in str(part.get("Content-Disposition", "")).lower():
            continue
        if kind == "text/plain":
            return _decoded_text(part)
        if kind == "text/html" and not html:
            html = _decoded_text(part)
    return text_of_html(html)


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts in their order, but not those of mails inside."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    number = 0
    while waiting and number < MOST_PARTS:
        part, depth = waiting.pop(0)
        number += 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            if depth < DEEPEST:
                inside = [(each, depth + 1) for each in payload if isinstance(each, Message)]
                waiting = inside + waiting
        else:
            yield part


def _decoded_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    declared = part.get_content_charset()
    for charset in filter(None, (declared, "utf-8")):
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return payload.decode("windows-1252", "replace")

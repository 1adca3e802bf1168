"""Mail: what somebody wrote, out of the mail as it came. Pure; whatever the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from recommender.mail.inbox.html_body import text_of_html
from recommender.mail.inbox.mime import (
    addresses_in,
    decoded_field,
    field,
    parts_of,
    text_of,
)
from recommender.mail.inbox.quotes import without_quotes

_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,250}@[!-;=?A-~]{1,250}>")


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail that somebody wrote.

    Attributes
    ----------
    sender : str
        The one address in From; empty where there is none, or more than one. Never a proof.
    subject : str
        Decoded, in one line.
    message_id : str
        With angle brackets; empty where there is none.
    text : str
        What the person wrote: no quotes, no signature.
    """

    sender: str
    subject: str
    message_id: str
    text: str


def read_incoming(message: Message) -> IncomingMail:
    """Read what somebody wrote in a mail that was taken apart."""
    found = _MESSAGE_ID.search(field(message, "Message-ID"))
    return IncomingMail(
        sender=_sender(message),
        subject=decoded_field(message, "Subject"),
        message_id="" if found is None else found[0],
        text=without_quotes(_body(message)),
    )


def _sender(message: Message) -> str:
    found = addresses_in(message, "From")
    is_one = len(found) == 1 and len(message.get_all("From", [])) == 1
    return found[0] if is_one else ""


def _body(message: Message) -> str:
    """Return the text of the first part that has one; of HTML, only where there is no other."""
    html = ""
    for part in parts_of(message):
        kind = part.get_content_type()
        if "attachment" in field(part, "Content-Disposition").lower():
            continue
        if kind == "text/plain":
            return text_of(part)
        if kind == "text/html" and not html:
            html = text_of(part)
    return text_of_html(html)

"""Mail: what somebody wrote, out of the mail as it came. Pure; whatever the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from typing import Final

from recommender.languages.negotiation import preferred_language
from recommender.mail.inbox.html_body import text_of_html
from recommender.mail.inbox.quotes import without_quotes
from recommender.mime import (
    addresses_in,
    decoded_field,
    field,
    parts_of,
    text_of,
)

LONGEST_REFERENCES: Final = 10_000
MOST_ANSWERED: Final = 20
"""Message-IDs of In-Reply-To and References that are looked at."""

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
    answers : tuple of str
        The Message-IDs that it says it answers, its own line first.
    text : str
        What the person wrote: no quotes, no signature.
    language : str or None
        Which of our languages its header says that it is in or that its writer prefers; None where
        it says none.
    """

    sender: str
    subject: str
    message_id: str
    answers: tuple[str, ...]
    text: str
    language: str | None = None


def read_incoming(message: Message) -> IncomingMail:
    """Read what somebody wrote in a mail that was taken apart."""
    found = _MESSAGE_ID.search(field(message, "Message-ID"))
    return IncomingMail(
        sender=_sender(message),
        subject=decoded_field(message, "Subject"),
        message_id="" if found is None else found[0],
        answers=_answered(message),
        text=without_quotes(_body(message)),
        language=preferred_language(field(message, "Accept-Language"))
        or preferred_language(field(message, "Content-Language")),
    )


def _sender(message: Message) -> str:
    found = addresses_in(message, "From")
    is_one = len(found) == 1 and len(message.get_all("From", [])) == 1
    return found[0] if is_one else ""


def _answered(message: Message) -> tuple[str, ...]:
    fields = (field(message, name) for name in ("In-Reply-To", "References"))
    return tuple(_MESSAGE_ID.findall(" ".join(fields)[:LONGEST_REFERENCES])[:MOST_ANSWERED])


def _body(message: Message) -> str:
    """Return the text of the first part that has one; of HTML, only where there is no other."""
    html = ""
    for part in parts_of(message):
        kind = part.get_content_type()
        if "attachment" in field(part, "Content-Disposition").lower():
            continue
        if kind == "text/plain":
            text = text_of(part)
            # Some programs write only the HTML part.
            if text.strip():
                return text
        if kind == "text/html" and not html:
            html = text_of(part)
    return text_of_html(html)

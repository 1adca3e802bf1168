"""Mail: all that is read of a mail that came in, at once and as plain values. Pure.

This is what runs in a process of its own: whoever acts on mails gets a `Letter`, and never what a
stranger wrote in whichever form.
"""

from __future__ import annotations

from dataclasses import dataclass

from recommender.mail.inbox.automatic import asks_to_unsubscribe, reason_to_ignore
from recommender.mail.inbox.bounce_reports import BounceReport, read_report
from recommender.mail.inbox.incoming import IncomingMail, read_incoming
from recommender.mail.inbox.mime import parse_mail
from recommender.mail.inbox.receiving import find_envelope, split_tag
from recommender.mail.inbox.signed_references import SignedReferences, signed_references


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says.

    Attributes
    ----------
    envelope_sender : str
        Empty for the null sender, and where nothing tells it.
    recipient : str
        The address of ours that it was for, plus-tag included.
    written : IncomingMail
        What somebody wrote in it.
    reason_to_ignore : str or None
        Why nothing is done about it, and nothing answered; None where a person wrote it.
    asks_to_unsubscribe : bool
        At a signed unsubscribe address it ends the subscription: it is no absence and no report.
    report : BounceReport or None
        What came back by it of a mail of ours.
    references : SignedReferences
        What we may have signed in it.
    """

    envelope_sender: str
    recipient: str
    written: IncomingMail
    reason_to_ignore: str | None
    asks_to_unsubscribe: bool
    report: BounceReport | None
    references: SignedReferences


def read_letter(
    content: bytes, *, envelope_sender: str, recipient: str, list_address: str
) -> Letter:
    """Read a mail as it came.

    Parameters
    ----------
    content : bytes
        Headers and body; from a mailbox perhaps with the line before that mbox has.
    envelope_sender, recipient : str
        As they were told; where no recipient was, both are read from the header.
    list_address : str
        Ours.
    """
    if not recipient:
        found = find_envelope(content, list_address)
        # Whatever comes to a mailbox is for the list, also where no header names it (Bcc).
        envelope_sender, recipient = found.sender, found.recipient or list_address
        content = found.content
    message = parse_mail(content)
    written = read_incoming(message)
    return Letter(
        envelope_sender=envelope_sender,
        recipient=recipient,
        written=written,
        reason_to_ignore=reason_to_ignore(
            message,
            sender=written.sender,
            envelope_sender=envelope_sender,
            list_address=list_address,
        ),
        asks_to_unsubscribe=asks_to_unsubscribe(message),
        report=read_report(content, is_to_signed_address=bool(split_tag(recipient)[1])),
        references=signed_references(content, list_address=list_address),
    )

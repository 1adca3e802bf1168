"""Mail: all that is read of a mail that came in, at once and as plain values. Pure.

This is what runs in a process of its own: whoever acts on mails gets a `Letter`, and never what a
stranger wrote in whichever form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from recommender.mail.inbox.assent import Answer, read_answer
from recommender.mail.inbox.automatic import asks_to_unsubscribe, reason_to_ignore
from recommender.mail.inbox.bounce_reports import BounceReport, read_report
from recommender.mail.inbox.commands import Command, is_reply, read_command
from recommender.mail.inbox.incoming import IncomingMail, read_incoming
from recommender.mail.inbox.leaving import is_ceremony
from recommender.mail.inbox.program_words import has_words_of_programs
from recommender.mail.inbox.receiving import find_envelope, split_tag
from recommender.mail.inbox.reply_ratings import ReplyRatings, read_ratings
from recommender.mail.inbox.signed_references import SignedReferences, signed_references
from recommender.mime import parse_mail


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
    ratings : ReplyRatings
        By the numbers of papers, where it answers an issue.
    command : Command
        What it asks for, by the tag of an open address, its subject or its first line.
    answer, answer_to_our_mail : Answer
        Whether it says yes where a question was asked; the second where it is known that it answers
        a mail of ours, so that thanks are enough.
    is_ceremony : bool
        There are thanks and greetings in it, and nothing else.
    reads_like_a_program : bool
    """

    envelope_sender: str
    recipient: str
    written: IncomingMail
    reason_to_ignore: str | None
    asks_to_unsubscribe: bool
    report: BounceReport | None
    references: SignedReferences
    ratings: ReplyRatings
    command: Command
    answer: Answer
    answer_to_our_mail: Answer
    is_ceremony: bool
    reads_like_a_program: bool


def read_letter(
    content: bytes, *, envelope_sender: str, recipient: str, list_address: str, list_name: str
) -> Letter:
    """Read a mail as it came.

    Parameters
    ----------
    content : bytes
        Headers and body; from a mailbox perhaps with the line before that mbox has.
    envelope_sender, recipient : str
        As they were told; where no recipient was, both are read from the header.
    list_address, list_name : str
        Ours.
    """
    if not recipient:
        found = find_envelope(content, list_address)
        # Whatever comes to a mailbox is for the list, also where no header names it (Bcc).
        envelope_sender, recipient = found.sender, found.recipient or list_address
        content = found.content
    message = parse_mail(content)
    written = read_incoming(message)
    subject, text = written.subject, written.text
    tag, token = split_tag(recipient)
    answer = partial(read_answer, subject, text, list_name=list_name)
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
        report=read_report(content, is_to_signed_address=bool(token)),
        references=signed_references(content, list_address=list_address),
        ratings=read_ratings(text),
        # What was signed says what its address is for, and no command. And what is answered there
        # has a subject of ours, which may be the title of a paper: "Stop".
        command=read_command(
            "" if token else tag, "" if token and is_reply(subject) else subject, text
        ),
        answer=answer(answers_our_mail=False),
        answer_to_our_mail=answer(answers_our_mail=True),
        is_ceremony=is_ceremony(text),
        reads_like_a_program=has_words_of_programs(text),
    )

"""All that is read of a mail is read at once; what a mailbox lost is read from the header."""

from __future__ import annotations

from recommender.domain import Vote
from recommender.mail.inbox.assent import Answer
from recommender.mail.inbox.commands import Verb
from recommender.mail.inbox.letter import Letter, read_letter
from recommender.reading import answers as crossing

LIST = "papers@example.org"
CONTENT = (
    b"Return-Path: <ann@example.org>\nDelivered-To: papers+help@example.org\n"
    b"From: Ann <ann@example.org>\nSubject: x\n\nhello\n"
)


def read(content: bytes, *, envelope_sender: str = "", recipient: str = "") -> Letter:
    return read_letter(
        content,
        envelope_sender=envelope_sender,
        recipient=recipient,
        list_address=LIST,
        list_name="Trending papers",
    )


def test_envelope_that_a_mailbox_lost_is_read_from_the_header() -> None:
    letter = read(CONTENT)
    assert (letter.envelope_sender, letter.recipient) == (
        "ann@example.org",
        "papers+help@example.org",
    )
    assert letter.written.text == "hello"


def test_envelope_that_is_known_is_not_read_from_the_header() -> None:
    letter = read(CONTENT, envelope_sender="bob@example.org", recipient=LIST)
    assert (letter.envelope_sender, letter.recipient) == ("bob@example.org", LIST)


def test_mail_that_names_no_address_of_ours_is_for_the_list() -> None:
    letter = read(b"To: undisclosed-recipients:;\n\nx\n")
    assert (letter.envelope_sender, letter.recipient) == ("", LIST)


def test_line_that_mbox_puts_before_a_mail_is_no_part_of_it() -> None:
    letter = read(b"From ann@example.net Wed Mar 11 07:00:00 2026\n" + CONTENT)
    assert letter.written.sender == "ann@example.org"


def test_letter_crosses_to_another_process() -> None:
    letter = read(CONTENT)
    assert letter == crossing.unpack(crossing.pack(crossing.Answer(value=letter))).value


def test_what_somebody_asks_for_is_read_with_the_rest() -> None:
    rating = read(b"Subject: Re: x\n\n+1 -2\n", recipient="papers+rate-aaaa@example.org")
    assert rating.ratings.votes == ((1, Vote.UP), (2, Vote.DOWN))
    # What an open address is for goes before the words; a signed one is for its purpose only.
    asked = [
        read(b"Subject: help\n\n", recipient=recipient).command.verb
        for recipient in ("papers+list@example.org", "papers+list-aaaa@example.org", LIST)
    ]
    assert asked == [Verb.LIST, Verb.HELP, Verb.HELP]
    # The subject of an issue is the title of a paper.
    stop = {
        subject: read(
            f"Subject: {subject}\n\n+1\n".encode(), recipient="papers+rate-aaaa@example.org"
        ).command.verb
        for subject in ("Re: Stop", "AW: Re: Pause 14 days", "Stop")
    }
    assert list(stop.values()) == [Verb.UNKNOWN, Verb.UNKNOWN, Verb.UNSUBSCRIBE]
    thanks = read(b"Subject: Re: Trending papers: confirm\n\nThank you\n", recipient=LIST)
    assert thanks.is_ceremony
    assert (thanks.answer, thanks.answer_to_our_mail) == (Answer.YES, Answer.YES)
    empty = read(b"Subject: Re: Trending papers: confirm\n\n", recipient=LIST)
    assert (empty.answer, empty.answer_to_our_mail) == (Answer.NEITHER, Answer.YES)

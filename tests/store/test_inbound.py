"""Mail that came in is kept once, acted on once, and what it said goes after a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import Session, select

from recommender.domain import InboundMail
from recommender.errors import InboxFullError
from recommender.store import inbound, inbound_listing
from recommender.store.database import Database
from recommender.store.inbound import InboundState, NewMail
from recommender.store.tables import InboundContentRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
MAIL = NewMail("lmtp", "ann@example.org", "papers+help@example.org", b"Subject: help\r\n\r\n")


def finish(session: Session, mail_id: int, **changes: Any) -> None:
    known = {"envelope_sender": MAIL.envelope_sender, "recipient": MAIL.recipient}
    known |= {"outcome": "helped", "subscriber_id": None}
    inbound.finish(session, mail_id, **(known | changes), now=NOW)


def test_mail_comes_back_as_it_was(database: Database) -> None:
    with database.write() as session:
        assert inbound.add_all(session, [MAIL], now=NOW) == 1
        (mail_id,) = inbound.waiting(session)
        found = inbound.begin(session, mail_id)

    expected = InboundMail(
        mail_id, NOW, "lmtp", MAIL.envelope_sender, MAIL.recipient, MAIL.content, attempts=1
    )
    assert expected == found


def test_mail_that_is_given_again_by_another_way_is_stored_once(database: Database) -> None:
    again = NewMail("pipe", MAIL.envelope_sender, "PAPERS+help@example.org", MAIL.content)
    other = NewMail("lmtp", MAIL.envelope_sender, MAIL.recipient, MAIL.content + b"x")

    with database.write() as session:
        assert inbound.add_all(session, [MAIL, again], now=NOW) == 1
        assert inbound.add_all(session, [MAIL, other], now=NOW) == 1
        assert len(inbound.waiting(session)) == 2


def test_mail_of_a_sender_who_is_no_utf_8_is_stored(database: Database) -> None:
    sender = b"\xff\xfe@example.org".decode("utf-8", "surrogateescape")
    mail = NewMail("lmtp", sender, MAIL.recipient, MAIL.content)

    with database.write() as session:
        assert inbound.add_all(session, [mail], now=NOW) == 1
        assert inbound.add_all(session, [mail], now=NOW) == 0
        (mail_id,) = inbound.waiting(session)
        found = inbound.begin(session, mail_id)

    assert found is not None
    assert found.envelope_sender == "\ufffd\ufffd@example.org"


def test_mail_that_was_acted_on_is_taken_by_nobody(database: Database) -> None:
    with database.write() as session:
        inbound.add_all(session, [MAIL], now=NOW)
        (mail_id,) = inbound.waiting(session)
        finish(session, mail_id)

        assert inbound.begin(session, mail_id) is None
        assert not inbound.is_waiting(session, mail_id)
        assert inbound.waiting(session) == []
        assert inbound.count(session, InboundState.DONE) == 1


def test_mail_that_fails_is_kept_after_the_last_try(database: Database) -> None:
    with database.write() as session:
        inbound.add_all(session, [MAIL], now=NOW)
        (mail_id,) = inbound.waiting(session)
        inbound.note_failure(session, mail_id, reason="no", is_last=False, now=NOW)
        assert inbound.waiting(session) == [mail_id]
        inbound.note_failure(session, mail_id, reason="no", is_last=True, now=NOW)
        assert inbound.waiting(session) == []
        assert inbound.count(session, InboundState.FAILED) == 1


def test_mails_that_were_tried_wait_behind_those_that_were_not(database: Database) -> None:
    other = NewMail("lmtp", "", MAIL.recipient, b"other")
    with database.write() as session:
        inbound.add_all(session, [MAIL, other], now=NOW)
        first, second = inbound.waiting(session)
        assert inbound.begin(session, first) is not None
        assert inbound.waiting(session) == [second, first]
        inbound.give_back(session, first)
        assert inbound.waiting(session) == [first, second]


def test_envelope_of_a_mail_from_a_mailbox_is_known_once_it_was_read(database: Database) -> None:
    with database.write() as session:
        inbound.add_all(session, [NewMail("imap", "", "", b"x")], now=NOW)
        (mail_id,) = inbound.waiting(session)
        finish(session, mail_id, recipient="papers+help@example.org")
        listed = inbound_listing.by_id(session, mail_id)
    assert listed is not None
    assert listed.recipient == "papers+help@example.org"


def test_what_a_mail_said_goes_once_it_was_acted_on(database: Database) -> None:
    waiting = NewMail("lmtp", "", MAIL.recipient, b"waits")
    with database.write() as session:
        inbound.add_all(session, [MAIL, waiting], now=NOW)
        done, _ = inbound.waiting(session)
        finish(session, done)

        assert inbound.purge(session, before=NOW) == 0
        assert inbound.purge(session, before=NOW + timedelta(seconds=1)) == 1
        assert inbound.purge(session, before=NOW + timedelta(seconds=1)) == 0
        (left,) = inbound.waiting(session)
        found = inbound.begin(session, left)
    assert found is not None
    assert found.content == b"waits"


TAGS = [f"papers+{name}@example.org" for name in "abcdefghijklmnopqrst"]


def contents(session: Session) -> int:
    return session.exec(select(func.count()).select_from(InboundContentRow)).one()


def hand_in(session: Session, *recipients: str, content: bytes, **limit: int) -> list[int]:
    """Store a mail to some recipients, and give the numbers of those that wait."""
    mails = [NewMail("lmtp", "ann@example.org", each, content) for each in recipients]
    inbound.add_all(session, mails, now=NOW, **limit)
    return inbound.waiting(session)


def test_one_mail_to_twenty_of_our_tags_is_stored_once(database: Database) -> None:
    said = b"x" * 1_000_000
    with database.write() as session:
        hand_in(session, *TAGS[:10], content=said)
        waiting = hand_in(session, *TAGS, content=said)
        assert len(waiting) == 20
        assert (contents(session), inbound.stored_bytes(session)) == (1, 1_000_000)
        found = [inbound.begin(session, each) for each in waiting]
    assert [(each.recipient, each.content) for each in found if each] == [
        (tag, said) for tag in TAGS
    ]


def test_what_a_mail_said_goes_with_the_last_who_got_it(database: Database) -> None:
    with database.write() as session:
        first, second = hand_in(session, *TAGS[:2], content=b"to both")
        third = hand_in(session, TAGS[2], content=b"to one")[-1]
        for mail_id, subscriber_id in ((first, 1), (second, 2), (third, 1)):
            finish(session, mail_id, subscriber_id=subscriber_id)
        inbound.erase_mails_of(session, 1)
        assert contents(session) == 1
        assert inbound_listing.content(session, second) == b"to both"
        assert inbound_listing.by_id(session, first) is None
        inbound.erase_mails_of(session, 2)
        assert contents(session) == 0


def test_mails_beyond_the_quota_are_not_stored_until_there_is_room(database: Database) -> None:
    with database.write() as session:
        old, failed, _ = hand_in(session, *TAGS[:3], content=b"x" * 300)
        newer = hand_in(session, TAGS[3], content=b"y" * 300)[-1]
        last = hand_in(session, TAGS[4], content=b"z" * 300)[-1]
        with pytest.raises(InboxFullError, match=r"inbox\.quota_megabytes"):
            hand_in(session, TAGS[4], content=b"new" * 34, most_bytes=1_001)
        assert hand_in(session, TAGS[5], content=b"x" * 300, most_bytes=900), "it is there"
        for mail_id in (old, newer, last):
            finish(session, mail_id)
        inbound.note_failure(session, failed, reason="no", is_last=True, now=NOW)

        inbound.make_room(session, most_bytes=600)
        left = {number: inbound_listing.content(session, number) for number in (newer, last)}
        assert left == {newer: None, last: None}, "a few at a time"
        assert inbound_listing.content(session, failed), "failed mails go last"
        hand_in(session, TAGS[4], content=b"new" * 34, most_bytes=1_000)
        inbound.make_room(session, most_bytes=0)
        waiting = [inbound.begin(session, each) for each in inbound.waiting(session)]
    assert {each.content[:1] for each in waiting if each} == {b"x", b"n"}, "what waits stays"

"""Mail that came in is kept once, acted on once, and what it said goes after a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recommender.domain import InboundMail
from recommender.store import inbound, inbound_listing
from recommender.store.database import Database, Session
from recommender.store.inbound import InboundState, NewMail

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
MAIL = NewMail("lmtp", "ann@example.org", "papers+help@example.org", b"Subject: help\r\n\r\n")


def finish(session: Session, mail_id: int, **changes: str) -> None:
    known = {"envelope_sender": MAIL.envelope_sender, "recipient": MAIL.recipient}
    inbound.finish(
        session, mail_id, **(known | changes), outcome="helped", subscriber_id=None, now=NOW
    )


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

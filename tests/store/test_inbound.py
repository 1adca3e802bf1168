"""Mail that came in is kept once, acted on once, and what it said goes after a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recommender.domain import InboundMail
from recommender.store import inbound
from recommender.store.database import Database
from recommender.store.inbound import InboundState, NewMail

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
MAIL = NewMail("lmtp", "ann@example.org", "papers+help@example.org", b"Subject: help\r\n\r\n")


def test_mail_comes_back_as_it_was(database: Database) -> None:
    with database.write() as session:
        assert inbound.add_all(session, [MAIL], now=NOW) == 1
        (mail_id,) = inbound.waiting(session)
        found = inbound.take(session, mail_id)

    expected = InboundMail(
        mail_id, NOW, "lmtp", MAIL.envelope_sender, MAIL.recipient, MAIL.content, attempts=0
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
        inbound.finish(session, mail_id, outcome="helped", subscriber_id=None, now=NOW)

        assert inbound.take(session, mail_id) is None
        assert inbound.waiting(session) == []
        assert inbound.count(session, InboundState.DONE) == 1


def test_mail_that_fails_is_kept_after_the_last_try(database: Database) -> None:
    with database.write() as session:
        inbound.add_all(session, [MAIL], now=NOW)
        (mail_id,) = inbound.waiting(session)
        told = [
            inbound.note_failure(session, mail_id, reason="no", attempts_allowed=3, now=NOW)
            for _ in range(4)
        ]

        assert told == [False, False, True, False]
        assert inbound.waiting(session) == []
        assert inbound.count(session, InboundState.FAILED) == 1


def test_what_a_mail_said_goes_once_it_was_acted_on(database: Database) -> None:
    waiting = NewMail("lmtp", "", MAIL.recipient, b"waits")
    with database.write() as session:
        inbound.add_all(session, [MAIL, waiting], now=NOW)
        done, _ = inbound.waiting(session)
        inbound.finish(session, done, outcome="helped", subscriber_id=None, now=NOW)

        assert inbound.purge(session, before=NOW) == 0
        assert inbound.purge(session, before=NOW + timedelta(seconds=1)) == 1
        assert inbound.purge(session, before=NOW + timedelta(seconds=1)) == 0
        (left,) = inbound.waiting(session)
        found = inbound.take(session, left)
    assert found is not None
    assert found.content == b"waits"

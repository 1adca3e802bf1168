"""What is old goes, a part at a time, and what it decides for later stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func
from sqlmodel import select

from recommender.domain import BounceKind, DeliveryKind, DeliveryState, Issue, IssueEntry, Rating
from recommender.store import claims, inbound, issues, outbox, ratings, retention
from recommender.store.claims import Attempt
from recommender.store.database import Database, Session
from recommender.store.inbound import NewMail
from recommender.store.retention import Forgotten
from recommender.store.tables import BounceRow, DeliveryAttemptRow, DeliveryRow, InboundMailRow

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
DAY = timedelta(days=1)


def send(session: Session, subscriber_id: int, number: int, *paper_ids: int, at: datetime) -> int:
    """Compose an issue and queue it; gives the delivery's id."""
    entries = tuple(
        IssueEntry(place, paper_id, "Paper", (), None, "", 0, 0.5, None, 0.0, 0.5, "trending")
        for place, paper_id in enumerate(paper_ids, start=1)
    )
    issue = Issue(0, subscriber_id, number, at.date(), "AK", at, 0, 0, 0, entries)
    outbox.enqueue(
        session,
        subscriber_id=subscriber_id,
        kind=DeliveryKind.ISSUE,
        key=str(number),
        recipient="ann@example.org",
        message_id=f"<{subscriber_id}.{number}@example.org>",
        now=at,
        issue_id=issues.add(session, issue),
    )
    return outbox.of_subscriber(session, subscriber_id)[-1].id


def end(session: Session, delivery_id: int, state: DeliveryState, *, at: datetime) -> None:
    attempt = Attempt(delivery_id, at, state, "mx:25", 250, None, "250 ok", next_attempt_at=at)
    claims.record_attempts(session, [attempt])


def in_steps(
    database: Database, step: Callable[..., Forgotten], *, before: datetime, limit: int
) -> list[int]:
    """Forget until there is nothing more, and give how many went in each step."""
    numbers, after_id = [], 0
    while True:
        with database.write() as session:
            forgotten = step(session, before=before, after_id=after_id, limit=limit)
        numbers.append(forgotten.number)
        if forgotten.last_id is None:
            return numbers
        after_id = forgotten.last_id


def test_old_messages_go_with_their_history_and_what_waits_or_is_young_stays(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    ann, bob, _ = subscriber_ids
    with database.write() as session:
        old = [send(session, ann, each, paper_ids[0], at=NOW - 9 * DAY) for each in range(1, 5)]
        young = send(session, bob, 1, paper_ids[0], at=NOW)
        for delivery_id in (old[0], old[2], young):
            end(session, delivery_id, DeliveryState.SENT, at=NOW)
        end(session, old[1], DeliveryState.DEFERRED, at=NOW)
        session.add(
            BounceRow(
                key="1",
                subscriber_id=ann,
                delivery_id=old[0],
                kind=BounceKind.HARD,
                weight=1.0,
                diagnostic="550",
                source="smtp",
                received_at=NOW,
                recipient_domain="example.org",
            )
        )

    assert sum(in_steps(database, retention.forget_deliveries, before=NOW - DAY, limit=2)) == 2

    with database.read() as session:
        left = session.exec(select(DeliveryRow.id)).all()
        assert sorted(filter(None, left)) == sorted([old[1], old[3], young])
        histories = session.exec(select(DeliveryAttemptRow.delivery_id)).all()
        assert sorted(histories) == [old[1], young]
        assert session.exec(select(BounceRow.delivery_id)).all() == [None]


def test_papers_of_an_issue_that_went_are_never_sent_again_and_ratings_stay(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    ann, bob, _ = subscriber_ids
    first, second, third, _ = paper_ids
    with database.write() as session:
        for number, shown in ((1, (first, second)), (2, (second,))):
            end(
                session,
                send(session, ann, number, *shown, at=NOW - 9 * DAY),
                DeliveryState.SENT,
                at=NOW,
            )
        send(session, ann, 3, third, at=NOW)
        send(session, bob, 1, first, at=NOW - 9 * DAY)
        ratings.put(session, ann, Rating(first, 1, False, NOW))
        before = issues.sent_papers(session, subscriber_ids)

    # As long as a message has it, an issue stays.
    assert in_steps(database, retention.forget_issues, before=NOW - DAY, limit=9) == [0]
    in_steps(database, retention.forget_deliveries, before=NOW - DAY, limit=9)
    assert sum(in_steps(database, retention.forget_issues, before=NOW - DAY, limit=1)) == 2

    with database.read() as session:
        assert [issue.number for issue in issues.of_subscriber(session, ann)] == [3]
        assert [issue.number for issue in issues.of_subscriber(session, bob)] == [1], "it waits"
        assert issues.sent_papers(session, subscriber_ids) == before
        assert len(ratings.of_subscriber(session, ann)) == 1


def test_old_mails_go_once_they_are_done_and_what_they_said_is_dropped(
    database: Database,
) -> None:
    with database.write() as session:
        for at, word in ((NOW - 9 * DAY, b"done"), (NOW - 9 * DAY, b"waits"), (NOW, b"young")):
            inbound.add_all(
                session, [NewMail("lmtp", "a@example.org", "p@example.org", word)], now=at
            )
        done, waits, young = inbound.waiting(session)
        for mail_id in (done, young):
            inbound.finish(
                session,
                mail_id,
                envelope_sender="",
                recipient="",
                outcome="",
                subscriber_id=None,
                now=NOW,
            )
    assert in_steps(database, retention.forget_mails, before=NOW - DAY, limit=9) == [0]
    with database.write() as session:
        inbound.purge(session, before=NOW + DAY)

    assert in_steps(database, retention.forget_mails, before=NOW - DAY, limit=9) == [1]
    with database.read() as session:
        assert set(session.exec(select(InboundMailRow.id))) == {waits, young}


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_steps_look_no_further_than_at_what_is_old(
    database: Database, subscriber_ids: list[int], paper_ids: list[int], limit: int
) -> None:
    with database.write() as session:
        for number in range(1, 8):
            at = NOW - 9 * DAY if number < 4 else NOW
            end(
                session,
                send(session, subscriber_ids[0], number, paper_ids[0], at=at),
                DeliveryState.SENT,
                at=NOW,
            )

    steps = in_steps(database, retention.forget_deliveries, before=NOW - DAY, limit=limit)

    assert sum(steps) == 3
    assert len(steps) == 3 // limit + 1
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(DeliveryRow)).one() == 4

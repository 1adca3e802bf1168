"""What is composed for many subscribers is stored in one go, together or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from recommender.domain import DeliveryKind, Issue, IssueEntry
from recommender.errors import StorageError
from recommender.store import claims, issues, outbox
from recommender.store.database import Database
from recommender.store.outbox import NewDelivery

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def issue(subscriber_id: int, *paper_ids: int) -> Issue:
    entries = tuple(
        IssueEntry(at, paper_id, "Paper", (), None, "", 0, 0.5, None, 0.0, 0.5, "trending")
        for at, paper_id in enumerate(paper_ids, start=1)
    )
    return Issue(0, subscriber_id, 1, date(2026, 3, 11), "AK", NOW, 0, 0, 0, entries)


def message(subscriber_id: int, kind: DeliveryKind = DeliveryKind.ISSUE) -> NewDelivery:
    email = f"<{subscriber_id}.{kind}@example.org>"
    return NewDelivery(subscriber_id, kind, "1", "reader@example.org", email)


def test_issues_get_their_ids_in_their_own_order(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, third = subscriber_ids
    composed = [issue(third, *paper_ids), issue(first), issue(second, paper_ids[2])]
    with database.write() as session:
        ids = issues.add_all(session, composed)

    with database.read() as session:
        found = issues.by_ids(session, ids)
    assert [found[issue_id] for issue_id in ids] == [
        replace(each, id=issue_id) for each, issue_id in zip(composed, ids, strict=True)
    ]


def test_messages_are_queued_in_their_order_and_newsletters_behind_answers(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    with database.write() as session:
        outbox.enqueue_all(
            session,
            [message(second), message(first), message(second, DeliveryKind.WELCOME)],
            now=NOW,
        )
        claimed = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=10)

    assert [(each.subscriber_id, each.kind) for each in claimed] == [
        (second, DeliveryKind.WELCOME),
        (second, DeliveryKind.ISSUE),
        (first, DeliveryKind.ISSUE),
    ]


def test_one_that_cannot_be_stored_keeps_the_others_out(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    with database.write() as session:
        outbox.enqueue_all(session, [message(first)], now=NOW)

    with pytest.raises(StorageError), database.write() as session:
        outbox.enqueue_all(session, [message(second), message(first)], now=NOW)
    with pytest.raises(StorageError), database.write() as session:
        issues.add_all(session, [issue(second, paper_ids[0]), issue(first, paper_ids[-1] + 1)])

    with database.read() as session:
        assert outbox.of_subscriber(session, second) == []
        assert issues.of_subscriber(session, second) == []


def test_nothing_is_stored_of_nothing(database: Database) -> None:
    with database.write() as session:
        assert issues.add_all(session, []) == []
        outbox.enqueue_all(session, [], now=NOW)
        assert outbox.next_attempt_at(session) is None

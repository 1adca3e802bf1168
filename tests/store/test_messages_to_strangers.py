"""Messages for nobody who subscribed: to the operator, and to strangers who wrote."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session

from recommender.domain import DeliveryKind
from recommender.store import claims, outbox
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def test_message_for_nobody_who_subscribed_is_queued_once_with_what_it_says(
    database: Database,
) -> None:
    content = {"template": "notice", "values": {"subject": "the server is down"}}

    def queue(session: Session, key: str) -> bool:
        return outbox.enqueue(
            session,
            subscriber_id=None,
            kind=DeliveryKind.NOTICE,
            key=key,
            recipient="Operator@Example.org",
            message_id=f"<{key}@example.org>",
            now=NOW,
            content=content,
        )

    with database.write() as session:
        assert queue(session, "down")
        assert not queue(session, "down")
        assert queue(session, "up")
        found = claims.claim_due(session, worker="worker", now=NOW, lease_seconds=600, limit=10)
    assert [(None, "down", "example.org", content), (None, "up", "example.org", content)] == [
        (each.subscriber_id, each.key, each.recipient_domain, each.content) for each in found
    ]

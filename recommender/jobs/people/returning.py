"""Jobs: who left by themselves takes that back."""

from __future__ import annotations

from datetime import datetime

from recommender.domain import DeliveryKind, SubscriberState
from recommender.jobs.people.last_change import Kind, moment, undoable_change
from recommender.membership.subscription import RECEIVING
from recommender.store import outbox, subscribers
from recommender.store.database import Session
from recommender.store.last_changes import LastChange


def undo_leaving(session: Session, subscriber_id: int, *, now: datetime) -> bool:
    """Have a subscription go on as it was before its subscriber left; False where it is too late.

    Only what the subscriber did themselves within the last hour is undone, and only while nothing
    came after it. A library that they let us read, and its key, were deleted, and stay so.
    """
    change = _leaving(session, subscriber_id, now=now)
    if change is None:
        return False
    # Links that were mailed since they left are of the new epoch, and must be the ones that work:
    # going back would end them, and have them work again when that epoch comes once more.
    mailed, _ = outbox.count_recent(
        session, subscriber_id, (DeliveryKind.NEW_LINKS,), since=change.changed_at
    )
    kept = change.after if mailed else change.before
    subscribers.restore_subscription(
        session,
        subscriber_id,
        SubscriberState(change.before["state"]),
        next_issue_at=moment(change.before["next_issue_at"]),
        links_epoch=kept["links_epoch"],
    )
    return True


def can_undo_leaving(session: Session, subscriber_id: int, *, now: datetime) -> bool:
    """Whether `undo_leaving` would undo anything."""
    return _leaving(session, subscriber_id, now=now) is not None


def _leaving(session: Session, subscriber_id: int, *, now: datetime) -> LastChange | None:
    change = undoable_change(session, subscriber_id, now=now)
    if change is None or change.kind != Kind.LEAVING or change.before["state"] not in RECEIVING:
        return None
    return change

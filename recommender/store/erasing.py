"""Store: who is erased leaves no row behind."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import Session, col, select

from recommender.store import inbound, kept_interests, libraries
from recommender.store.issue_tables import SentPaperRow
from recommender.store.own_page_tables import (
    KnownPaperRow,
    LastChangeRow,
    LearningResetRow,
    PaperNoteRow,
)
from recommender.store.quality_tables import SubscriberQualityRow
from recommender.store.tables import (
    BounceRow,
    DeliveryAttemptRow,
    DeliveryRow,
    IssueRow,
    PendingChangeRow,
    RatingRow,
    StrangerMailRow,
    SubscriberRow,
    SubscriptionRequestRow,
    TermRatingRow,
)


def erase_subscriber(session: Session, subscriber_id: int) -> None:
    """Delete a subscriber and everything that is kept about them."""
    # Where several write, whoever composes or sends for them is waited for.
    session.execute(
        select(SubscriberRow.id).where(SubscriberRow.id == subscriber_id).with_for_update()
    )
    session.execute(
        select(DeliveryRow.id)
        .where(DeliveryRow.subscriber_id == subscriber_id)
        .order_by(col(DeliveryRow.id))
        .with_for_update()
    )
    delivery_ids = select(DeliveryRow.id).where(DeliveryRow.subscriber_id == subscriber_id)
    email_key = select(SubscriberRow.email_key).where(SubscriberRow.id == subscriber_id)
    inbound.erase_mails_of(session, subscriber_id)
    libraries.remove(session, subscriber_id)
    kept_interests.erase(session, subscriber_id)
    for statement in (
        delete(SubscriptionRequestRow).where(col(SubscriptionRequestRow.email_key).in_(email_key)),
        delete(StrangerMailRow).where(col(StrangerMailRow.email_key).in_(email_key)),
        delete(PendingChangeRow).where(col(PendingChangeRow.subscriber_id) == subscriber_id),
        delete(BounceRow).where(col(BounceRow.subscriber_id) == subscriber_id),
        delete(DeliveryAttemptRow).where(col(DeliveryAttemptRow.delivery_id).in_(delivery_ids)),
        delete(DeliveryRow).where(col(DeliveryRow.subscriber_id) == subscriber_id),
        delete(IssueRow).where(col(IssueRow.subscriber_id) == subscriber_id),
        delete(SentPaperRow).where(col(SentPaperRow.subscriber_id) == subscriber_id),
        delete(RatingRow).where(col(RatingRow.subscriber_id) == subscriber_id),
        delete(TermRatingRow).where(col(TermRatingRow.subscriber_id) == subscriber_id),
        delete(LastChangeRow).where(col(LastChangeRow.subscriber_id) == subscriber_id),
        delete(KnownPaperRow).where(col(KnownPaperRow.subscriber_id) == subscriber_id),
        delete(LearningResetRow).where(col(LearningResetRow.subscriber_id) == subscriber_id),
        delete(PaperNoteRow).where(col(PaperNoteRow.subscriber_id) == subscriber_id),
        delete(SubscriberQualityRow).where(
            col(SubscriberQualityRow.subscriber_id) == subscriber_id
        ),
        delete(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id),
    ):
        session.execute(statement)

"""Store: how well subscribers are served, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import and_, case, delete, func, insert
from sqlmodel import Session, col, select

from recommender.domain import SubscriberQuality
from recommender.store.quality_tables import SubscriberQualityRow
from recommender.store.query_batches import in_batches


@dataclass(frozen=True, slots=True)
class MeanQuality:
    """The means over the subscribers that were measured on one day.

    Attributes
    ----------
    signals, poor_signals : int
        Of how many of them it is known whether interest predicts better than trend, and of how
        many it does not.
    ndcg_variance : float
        Of `ndcg_at_10` between them.
    """

    measured_on: date
    subscribers: int
    ndcg_at_10: float
    recall_at_50: float
    mrr: float
    auc: float
    signals: int
    poor_signals: int
    ndcg_variance: float


def put_all(session: Session, qualities: Sequence[SubscriberQuality]) -> None:
    """Store figures; those of the same subscriber and day are replaced."""
    subscribers_of: dict[date, list[int]] = {}
    for quality in qualities:
        subscribers_of.setdefault(quality.measured_on, []).append(quality.subscriber_id)
    for measured_on, subscriber_ids in subscribers_of.items():
        for some in in_batches(subscriber_ids):
            session.execute(
                delete(SubscriberQualityRow).where(
                    col(SubscriberQualityRow.measured_on) == measured_on,
                    col(SubscriberQualityRow.subscriber_id).in_(some),
                )
            )
    if qualities:
        session.connection().execute(
            insert(SubscriberQualityRow), [asdict(quality) for quality in qualities]
        )


def newest(session: Session, subscriber_ids: Iterable[int]) -> dict[int, SubscriberQuality]:
    """Read the newest figures of each of these subscribers; who was never measured is left out."""
    found: dict[int, SubscriberQuality] = {}
    for some in in_batches(subscriber_ids):
        last = (
            select(SubscriberQualityRow.subscriber_id, func.max(SubscriberQualityRow.measured_on))
            .where(col(SubscriberQualityRow.subscriber_id).in_(some))
            .group_by(col(SubscriberQualityRow.subscriber_id))
            .subquery()
        )
        subscriber_id, measured_on = last.columns
        statement = select(SubscriberQualityRow).join(
            last,
            and_(
                col(SubscriberQualityRow.subscriber_id) == subscriber_id,
                col(SubscriberQualityRow.measured_on) == measured_on,
            ),
        )
        for row in session.exec(statement):
            found[row.subscriber_id] = SubscriberQuality(**row.model_dump())
    return found


def means(session: Session, days: int) -> list[MeanQuality]:
    """Read the means of the last so many days on which somebody was measured, newest first."""
    figures = (
        SubscriberQualityRow.ndcg_at_10,
        SubscriberQualityRow.recall_at_50,
        SubscriberQualityRow.mrr,
        SubscriberQualityRow.auc,
    )
    statement = (
        select(col(SubscriberQualityRow.measured_on))
        .add_columns(
            func.count(),
            *map(func.avg, figures),
            func.count(col(SubscriberQualityRow.interest_gain)),
            func.count(case((col(SubscriberQualityRow.interest_gain) <= 0, 1))),
            func.avg(SubscriberQualityRow.ndcg_at_10 * SubscriberQualityRow.ndcg_at_10)
            - func.avg(SubscriberQualityRow.ndcg_at_10) * func.avg(SubscriberQualityRow.ndcg_at_10),
        )
        .group_by(col(SubscriberQualityRow.measured_on))
        .order_by(col(SubscriberQualityRow.measured_on).desc())
        .limit(days)
    )
    return [MeanQuality(*row) for row in session.execute(statement)]

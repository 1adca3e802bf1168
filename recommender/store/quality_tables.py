"""Store: what a row holds of how well rankings serve, and the hyper-parameters; see `tables`."""

from __future__ import annotations

import datetime as dt

from sqlmodel import JSON, Field, SQLModel

from recommender.store.tables import UTCDateTime


class TuningRow(SQLModel, table=True):
    """One choice of hyper-parameters, adopted or not."""

    __tablename__ = "tuning"

    id: int | None = Field(default=None, primary_key=True)
    tuned_at: dt.datetime = Field(sa_type=UTCDateTime)
    parameters: dict[str, float] = Field(sa_type=JSON)
    ndcg_at_10: float
    ndcg_at_10_before: float
    subscribers: int
    adopted: bool
    note: str


class SubscriberQualityRow(SQLModel, table=True):
    """How well the model ranked for a subscriber, as measured on a day."""

    __tablename__ = "subscriber_quality"

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    measured_on: dt.date = Field(primary_key=True, index=True)
    issues: int
    likes: int
    ndcg_at_10: float
    recall_at_50: float
    mrr: float
    auc: float
    interest_gain: float | None = None

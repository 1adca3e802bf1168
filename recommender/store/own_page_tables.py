"""Store: what a row holds of what subscribers do on their own pages; see `tables`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from recommender.store.tables import UTCDateTime


class LastChangeRow(SQLModel, table=True):
    """What a subscriber changed last, how it was before and after; the next change replaces it."""

    __tablename__ = "last_change"

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    number: int
    kind: str
    subject: str
    before: dict[str, Any] = Field(sa_type=JSON)
    after: dict[str, Any] = Field(sa_type=JSON)
    changed_at: dt.datetime = Field(sa_type=UTCDateTime)

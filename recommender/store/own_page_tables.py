"""Store: what a row holds of what subscribers do on their own pages; see `tables`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from recommender.store.tables import NEVER_REUSE_IDS, UTCDateTime


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


class PaperNoteRow(SQLModel, table=True):
    """What a subscriber wrote down about a paper; it outlives the paper's place on their list."""

    __tablename__ = "paper_note"

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", primary_key=True, index=True)
    read_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    note: str
    tags: list[str] = Field(sa_type=JSON)


class KnownPaperRow(SQLModel, table=True):
    """A paper that a subscriber named as one that they know."""

    __tablename__ = "known_paper"

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", primary_key=True, index=True)
    added_at: dt.datetime = Field(sa_type=UTCDateTime)


class LearningResetRow(SQLModel, table=True):
    """What a subscriber said of papers until then teaches nothing any more; it is still known."""

    __tablename__ = "learning_reset"

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    forgotten_at: dt.datetime = Field(sa_type=UTCDateTime)


class KeptInterestRow(SQLModel, table=True):
    """An interest that a subscriber named, paused or removed; see `domain.KeptInterest`."""

    __tablename__ = "kept_interest"
    __table_args__ = (NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    name: str
    phrases: str
    state: str
    said_at: dt.datetime = Field(sa_type=UTCDateTime)


class KeptInterestPaperRow(SQLModel, table=True):
    """A paper that a kept interest is known by."""

    __tablename__ = "kept_interest_paper"

    interest_id: int = Field(foreign_key="kept_interest.id", primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", primary_key=True, index=True)

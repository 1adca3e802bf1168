"""Store: what a row holds of the libraries that subscribers let us read; see `tables`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from recommender.store.tables import NEVER_REUSE_IDS, UTCDateTime


class LibraryRow(SQLModel, table=True):
    """A library that a subscriber gave; another one is another row, and its papers go with it."""

    __tablename__ = "library"
    __table_args__ = (NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", unique=True)
    owner: str
    collection: str
    username: str
    sealed_key: str | None = None
    given_at: dt.datetime = Field(sa_type=UTCDateTime)
    version: int
    next_sync_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    last_synced_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    failures: int
    message: str
    message_parts: list[Any] | None = Field(default=None, sa_type=JSON)
    is_stopped: bool
    items: int


class LibraryItemRow(SQLModel, table=True):
    """An item of a library; without a paper until its identifier was looked up."""

    __tablename__ = "library_item"
    __table_args__ = (Index(None, "library_id", "added_at"),)

    library_id: int = Field(foreign_key="library.id", primary_key=True)
    key: str = Field(primary_key=True)
    added_at: dt.datetime = Field(sa_type=UTCDateTime)
    paper_id: int | None = Field(default=None, foreign_key="paper.id", index=True)
    arxiv_id: str | None = None
    doi: str | None = None
    looked_up_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)

"""Store: what a row holds of the picture of a paper; see `tables`."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field, SQLModel

from recommender.store.tables import UTCDateTime


class ThumbnailRow(SQLModel, table=True):
    """The picture of a paper, by its name; empty where it could not be had when that was tried."""

    __tablename__ = "thumbnail"

    paper_id: int = Field(foreign_key="paper.id", primary_key=True)
    name: str
    tries: int
    tried_at: dt.datetime = Field(sa_type=UTCDateTime)

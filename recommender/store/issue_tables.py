"""Store: what rows hold of the papers and texts of issues; see `tables`."""

from __future__ import annotations

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field, SQLModel


class FrozenPaperRow(SQLModel, table=True):
    """What issues show of a paper, once for all that show the same: an update of it is another."""

    __tablename__ = "frozen_paper"

    id: int | None = Field(default=None, primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    paper_id: int = Field(foreign_key="paper.id", index=True)
    title: str
    authors: list[str] = Field(sa_type=JSON)
    url: str | None = None
    excerpt: str
    excerpt_is_summary: bool
    code_url: str | None = None
    project_url: str | None = None
    topic: str
    thumbnail: str


class FrozenTextRow(SQLModel, table=True):
    """What many issues say in the same words: titles that reasons name, schedules, bylines."""

    __tablename__ = "frozen_text"

    id: int | None = Field(default=None, primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    text: str


class SentPaperRow(SQLModel, table=True):
    """A paper of an issue that is kept no longer: it is never sent to its subscriber again."""

    __tablename__ = "sent_paper"
    __table_args__ = ({"sqlite_with_rowid": False},)

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", primary_key=True, index=True)

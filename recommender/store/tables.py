"""Store: what a row holds. Only this room sees these classes; the others see `domain` values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
    inspect,
    text,
)
from sqlmodel import Field, SQLModel

# Constraints have names, so that later migrations can alter them on every database.
SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Links are bound to these ids: the link of an erased row must not open a younger one's page.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class UTCDateTime(TypeDecorator[dt.datetime]):
    """A timezone-aware moment, kept in UTC on databases without time zones too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse a naive time, which would silently be read as UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value.isoformat()} for a column of moments")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Restore the time zone of a moment."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=dt.UTC)


def columns_of(row: type[SQLModel]) -> tuple[Column[Any], ...]:
    """Return the columns of a table, to read rows as tuples: objects take three times as long."""
    return tuple(inspect(row).local_table.columns)


class PaperRow(SQLModel, table=True):
    """A work; ``title_key`` recognises it where no identifier does.

    By ``authors_key`` those of the same people are found, for one may be another in other words.
    """

    __tablename__ = "paper"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    title_key: str = Field(index=True)
    abstract: str
    authors: list[str] = Field(sa_type=JSON)
    arxiv_id: str | None = Field(default=None, unique=True)
    doi: str | None = Field(default=None, unique=True)
    url: str | None = None
    published_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    first_seen_at: dt.datetime = Field(sa_type=UTCDateTime)
    summary: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    withdrawn_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    keywords: list[str] = Field(
        default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": text("'[]'")}
    )
    code_url: str | None = None
    project_url: str | None = None
    thumbnail_url: str | None = None
    reinstated_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    authors_key: int | None = Field(default=None, sa_type=BigInteger, index=True)


class PaperIdentifierRow(SQLModel, table=True):
    """Whatever a paper was ever known by: ``arxiv:1706.03762``, ``doi:10.1000/abc``, ``paper:17``.

    The last is the id of a row that turned out to be of this paper; links of old mails have it.
    """

    __tablename__ = "paper_identifier"

    identifier: str = Field(primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", index=True)


class DigestRow(SQLModel, table=True):
    """An ingested document; the hash of its bytes makes ingesting it twice change nothing."""

    __tablename__ = "digest"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    format: str
    source: str
    file_name: str
    curator: str
    date: dt.date = Field(index=True)
    ingested_at: dt.datetime = Field(sa_type=UTCDateTime)


class ReadingAttemptRow(SQLModel, table=True):
    """A file that is being read, or was when the program ended."""

    __tablename__ = "reading_attempt"

    sha256: str = Field(primary_key=True)
    attempts: int
    begun_at: dt.datetime = Field(sa_type=UTCDateTime)


class SourceRow(SQLModel, table=True):
    """Where papers are fetched, and how that goes."""

    __tablename__ = "source"
    __table_args__ = (NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    url: str = Field(unique=True)
    moved_to: str | None = None
    every_minutes: int | None = None
    is_configured: bool
    paused_because: str = ""
    etag: str | None = None
    last_modified: str | None = None
    next_fetch_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    last_fetched_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    failures: int = 0
    last_status: int | None = None
    last_message: str = ""
    content_sha256: str | None = None


class SourceDocumentRow(SQLModel, table=True):
    """What was fetched and not read yet: it is on disk before anything is done with it."""

    __tablename__ = "source_document"

    source_id: int = Field(foreign_key="source.id", primary_key=True)
    fetched_at: dt.datetime = Field(sa_type=UTCDateTime)
    location: str
    moved_to: str | None = None
    content: bytes = Field(sa_type=LargeBinary)


class SourceDayRow(SQLModel, table=True):
    """What one day of a source was like; see `domain.SourceDay`."""

    __tablename__ = "source_day"

    source_id: int = Field(foreign_key="source.id", primary_key=True)
    day: dt.date = Field(primary_key=True)
    answers: int = 0
    papers: int = 0
    abstracts: int = 0
    abstract_characters: int = 0
    brought_minute: int | None = None


class MentionRow(SQLModel, table=True):
    """One paper in one digest."""

    __tablename__ = "mention"
    __table_args__ = (UniqueConstraint("digest_id", "paper_id"),)

    digest_id: int = Field(foreign_key="digest.id", primary_key=True)
    rank: int = Field(primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", index=True)
    upvotes: int


class SubscriberRow(SQLModel, table=True):
    """A person at an address; ``weekdays`` are digits, Monday is 0."""

    __tablename__ = "subscriber"
    __table_args__ = (Index(None, "state", "next_issue_at"), NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    email: str
    email_key: str = Field(unique=True)
    state: str
    hour: int
    weekdays: str
    timezone: str
    papers: int
    interests: str
    followed: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    blocked: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    created_at: dt.datetime = Field(sa_type=UTCDateTime)
    requested_at: dt.datetime = Field(sa_type=UTCDateTime)
    confirmed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    welcome_due: bool = False
    next_issue_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    issues_composed: int = 0
    last_issue_date: dt.date | None = None
    links_epoch: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    unsubscribe_epoch: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    language: str | None = None


class RatingRow(SQLModel, table=True):
    """What a subscriber says of a paper today; a withdrawn rating is no row."""

    __tablename__ = "rating"
    # Holds all that the community's votes are summed up from: without it, each sum reads the table.
    __table_args__ = (Index(None, "paper_id", "subscriber_id", "value", "saved"),)

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", primary_key=True)
    value: int
    saved: bool
    rated_at: dt.datetime = Field(sa_type=UTCDateTime)


class TermRatingRow(SQLModel, table=True):
    """What a subscriber says of a term; what was taken back is no row."""

    __tablename__ = "term_rating"

    subscriber_id: int = Field(foreign_key="subscriber.id", primary_key=True)
    term: str = Field(primary_key=True)
    words: str
    value: int
    rated_at: dt.datetime = Field(sa_type=UTCDateTime)


class IssueRow(SQLModel, table=True):
    """A frozen newsletter: who it is for, its papers as they were shown, and all else it says.

    ``papers`` are the ids of frozen papers, ``content`` is that of `issue_content`.
    """

    __tablename__ = "issue"
    __table_args__ = (UniqueConstraint("subscriber_id", "number"), NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    number: int
    date: dt.date
    composed_at: dt.datetime = Field(sa_type=UTCDateTime)
    papers: list[int] = Field(sa_type=JSON, sa_column_kwargs={"server_default": text("'[]'")})
    content: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"server_default": text("''")})


# As the index below has it, word for word: SQLite uses a partial one for no other condition.
_IS_WAITING = "state IN ('queued', 'deferred')"
IS_WAITING = text(f"delivery.{_IS_WAITING}")


class DeliveryRow(SQLModel, table=True):
    """One outgoing message; ``priority`` 0 goes before 1, ``worker`` holds it until the lease.

    ``paced_domain`` is the recipient's domain where that has a pace, so that a claim passes over
    all that waits for it at once; else it is empty.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "kind", "key"),
        Index(
            None,
            *("paced_domain", "priority", "next_attempt_at", "id"),
            sqlite_where=text(_IS_WAITING),
            postgresql_where=text(_IS_WAITING),
        ),
        Index(None, "state", "recipient_domain"),
        NEVER_REUSE_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id")
    kind: str
    key: str
    recipient: str
    message_id: str = Field(unique=True)
    issue_id: int | None = Field(default=None, foreign_key="issue.id", index=True)
    state: str
    priority: int
    created_at: dt.datetime = Field(sa_type=UTCDateTime)
    next_attempt_at: dt.datetime = Field(sa_type=UTCDateTime)
    attempts: int = 0
    last_reply: str = ""
    worker: str | None = None
    leased_until: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    times_in_doubt: int = 0
    recipient_domain: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    content: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    deferred_since: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    paced_domain: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class DeliveryAttemptRow(SQLModel, table=True):
    """The history of a delivery: when which server said what; without a server, what we did."""

    __tablename__ = "delivery_attempt"

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    attempted_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    state: str
    server: str
    reply_code: int | None = None
    enhanced_status_code: str | None = None
    reply: str


class SmtpServerRow(SQLModel, table=True):
    """What is known of an SMTP server across restarts; ``name`` is ``host:port``."""

    __tablename__ = "smtp_server"

    name: str = Field(primary_key=True)
    troubles: int = 0
    paused_until: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_trouble: str = ""
    bulk_refusals: int = 0
    bulk_held_until: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    updated_at: dt.datetime = Field(sa_type=UTCDateTime)


class DomainPaceRow(SQLModel, table=True):
    """How fast a recipient domain takes our mail; no row, and NULL, mean without a limit."""

    __tablename__ = "domain_pace"

    domain: str = Field(primary_key=True)
    messages_per_minute: float | None = None
    paused_until: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_reply: str = ""
    slowed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    updated_at: dt.datetime = Field(sa_type=UTCDateTime)


class InboundContentRow(SQLModel, table=True):
    """What mails said that came in, once for all of their recipients."""

    __tablename__ = "inbound_content"

    sha256: str = Field(primary_key=True)
    size: int = Field(index=True)
    content: bytes = Field(sa_type=LargeBinary)


class InboundMailRow(SQLModel, table=True):
    """A mail that came in, for one recipient; its content goes after a while, the rest stays."""

    __tablename__ = "inbound_mail"
    __table_args__ = (Index(None, "state", "id"), NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    received_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    source: str
    envelope_sender: str
    recipient: str
    sha256: str = Field(unique=True)
    content_sha256: str | None = Field(default=None, index=True)
    size: int
    state: str
    outcome: str = ""
    attempts: int = 0
    processed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    subscriber_id: int | None = Field(default=None, index=True)


class BounceRow(SQLModel, table=True):
    """A delivery that came back; ``key`` names the report, so that it counts once."""

    __tablename__ = "bounce"
    __table_args__ = (
        Index(None, "subscriber_id", "received_at"),
        Index(None, "recipient_domain", "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    kind: str
    weight: float
    enhanced_status_code: str | None = None
    diagnostic: str
    source: str
    received_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    recipient_domain: str
    wording: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class PendingChangeRow(SQLModel, table=True):
    """A change that waits for a yes by mail; one of the address waits for two."""

    __tablename__ = "pending_change"
    __table_args__ = (NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    command: str
    new_email: str | None = None
    new_email_key: str | None = None
    created_at: dt.datetime = Field(sa_type=UTCDateTime)
    expires_at: dt.datetime = Field(sa_type=UTCDateTime)
    old_confirmed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    new_confirmed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    done_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)


class SubscriptionRequestRow(SQLModel, table=True):
    """Somebody asked for the newsletter at an address; decided later, so that nobody can time it.

    ``network`` is where the request came from: an address or prefix, or ``mail``.
    """

    __tablename__ = "subscription_request"
    __table_args__ = (Index(None, "network", "requested_at"), Index(None, "domain", "requested_at"))

    id: int | None = Field(default=None, primary_key=True)
    requested_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    email: str
    email_key: str = Field(index=True)
    domain: str
    network: str
    interests: str
    decided_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime, index=True)
    outcome: str = ""
    language: str | None = None


class StrangerMailRow(SQLModel, table=True):
    """A mail to an address that no subscriber has, caused by a mail that somebody wrote to us.

    ``network`` stands for where that came from, ``name`` for what the mail was.
    """

    __tablename__ = "stranger_mail"

    id: int | None = Field(default=None, primary_key=True)
    caused_at: dt.datetime = Field(sa_type=UTCDateTime, index=True)
    email_key: str
    network: str
    name: str

"""Store: the operator's pause of sending: while it lasts, nothing is claimed and nothing leaves.

One row, which claims look for in their own statement: so it holds for every process at once, and
outlives a restart.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, exists
from sqlmodel import Field, Session, SQLModel, col, select

from recommender.store.tables import UTCDateTime

_THE_ONE = 1


class SendingPauseRow(SQLModel, table=True):
    """There while sending is paused."""

    __tablename__ = "sending_pause"

    id: int = Field(primary_key=True)
    paused_at: dt.datetime = Field(sa_type=UTCDateTime)


IS_PAUSED: ColumnElement[bool] = exists(select(col(SendingPauseRow.id)))
"""As a condition of other statements."""


def paused_at(session: Session) -> dt.datetime | None:
    """Return since when sending is paused; None where it is not."""
    return session.exec(select(SendingPauseRow.paused_at)).first()


def pause(session: Session, *, now: dt.datetime) -> dt.datetime:
    """Pause sending, and return since when it is: a second pause changes nothing."""
    since = paused_at(session)
    if since is not None:
        return since
    session.add(SendingPauseRow(id=_THE_ONE, paused_at=now))
    session.flush()
    return now


def resume(session: Session) -> dt.datetime | None:
    """End the pause, and return since when it was; None where there was none."""
    since = paused_at(session)
    session.execute(delete(SendingPauseRow))
    return since

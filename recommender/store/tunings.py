"""Store: which hyper-parameters were tried, and which are used."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import Session, col, select

from recommender.domain import Tuning
from recommender.store.quality_tables import TuningRow


def add(session: Session, tuning: Tuning) -> int:
    """Store a tuning and give its id; its own ``id`` is not used."""
    row = TuningRow(
        tuned_at=tuning.tuned_at,
        parameters=dict(tuning.parameters),
        ndcg_at_10=tuning.ndcg_at_10,
        ndcg_at_10_before=tuning.ndcg_at_10_before,
        subscribers=tuning.subscribers,
        adopted=tuning.adopted,
        note=tuning.note,
    )
    session.add(row)
    session.flush()
    return row.id or 0


def adopted(session: Session) -> Tuning | None:
    """Read the tuning whose parameters are used: the newest adopted one."""
    statement = select(TuningRow).where(col(TuningRow.adopted)).order_by(*_NEWEST_FIRST).limit(1)
    row = session.exec(statement).first()
    return None if row is None else _tuning(row)


def history(session: Session, limit: int) -> list[Tuning]:
    """Read the newest tunings, adopted or not, the newest one first."""
    rows = session.exec(select(TuningRow).order_by(*_NEWEST_FIRST).limit(limit))
    return [_tuning(row) for row in rows]


def withdraw(session: Session, tuning_id: int, note: str) -> None:
    """Adopt a tuning no longer, and say why; the adopted one before it counts again."""
    session.execute(
        update(TuningRow).where(col(TuningRow.id) == tuning_id).values(adopted=False, note=note)
    )


_NEWEST_FIRST = (col(TuningRow.tuned_at).desc(), col(TuningRow.id).desc())


def _tuning(row: TuningRow) -> Tuning:
    return Tuning(
        id=row.id or 0,
        tuned_at=row.tuned_at,
        parameters=dict(row.parameters),
        ndcg_at_10=row.ndcg_at_10,
        ndcg_at_10_before=row.ndcg_at_10_before,
        subscribers=row.subscribers,
        adopted=row.adopted,
        note=row.note,
    )

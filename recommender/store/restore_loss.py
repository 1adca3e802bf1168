"""Store: what is undone when a backup takes the database's place, as far as people would notice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recommender.domain import DeliveryState, SubscriberState
from recommender.errors import StorageError
from recommender.store.activity import ISSUE_KINDS
from recommender.store.backup import file_of
from recommender.wording import counted

_SHOWN: Final = 10
_GONE: Final = (SubscriberState.UNSUBSCRIBED, SubscriberState.SUSPENDED)

_SENT_SINCE: Final = f"""
SELECT DISTINCT subscriber.email FROM delivery JOIN subscriber ON subscriber.id = subscriber_id
WHERE delivery.state = ? AND delivery.kind IN ({", ".join("?" * len(ISSUE_KINDS))})
AND subscriber_id IN (SELECT id FROM copy.subscriber)
AND NOT EXISTS (SELECT 1 FROM copy.delivery AS before
  WHERE before.message_id = delivery.message_id AND before.state = delivery.state)
ORDER BY 1
"""  # noqa: S608 - question marks
_LEFT_SINCE: Final = """
SELECT before.email FROM copy.subscriber AS before
LEFT JOIN main.subscriber AS subscriber ON subscriber.id = before.id
WHERE before.state NOT IN (?, ?) AND (subscriber.id IS NULL OR subscriber.state IN (?, ?))
ORDER BY 1
"""
_CAME_SINCE: Final = """
SELECT email FROM main.subscriber WHERE id NOT IN (SELECT id FROM copy.subscriber)
"""


@dataclass(frozen=True, slots=True)
class RestoreLoss:
    """What a restore undoes.

    Attributes
    ----------
    sent_since : tuple of str
        Addresses to which an issue went since: they would be sent its papers again.
    left_since : tuple of str
        Addresses of who left, was suspended or erased since, and would be back.
    came_since : tuple of str
        Addresses of who would be unknown.
    """

    sent_since: tuple[str, ...] = ()
    left_since: tuple[str, ...] = ()
    came_since: tuple[str, ...] = ()

    @property
    def is_grave(self) -> bool:
        """Whether somebody would get what they should not, or nothing any more."""
        return bool(self.sent_since or self.left_since or self.came_since)

    def lines(self) -> list[str]:
        """Return it in words, a line for each."""
        lines = []
        if self.sent_since:
            number = counted(len(self.sent_since), "reader")
            lines.append(f"would get an issue twice: {number}, {_named(self.sent_since)}")
        if self.left_since:
            number = counted(len(self.left_since), "reader")
            lines.append(f"left since and would be back: {number}, {_named(self.left_since)}")
        if self.came_since:
            number = counted(len(self.came_since), "reader")
            lines.append(f"came since and would be unknown: {number}, {_named(self.came_since)}")
        return lines


def compare(url: str, backup: Path) -> RestoreLoss:
    """Return what is undone when a backup is restored; nothing where there is no database.

    Raises
    ------
    StorageError
        If the two cannot be compared.
    """
    current = file_of(url)
    try:
        if not current.is_file() or not current.stat().st_size:
            return RestoreLoss()
        with closing(sqlite3.connect(f"{current.resolve().as_uri()}?mode=ro", uri=True)) as now:
            now.execute("ATTACH ? AS copy", (f"{backup.resolve().as_uri()}?mode=ro&immutable=1",))
            return RestoreLoss(
                _addresses(now, _SENT_SINCE, DeliveryState.SENT, *ISSUE_KINDS),
                _addresses(now, _LEFT_SINCE, *_GONE, *_GONE),
                _addresses(now, _CAME_SINCE),
            )
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"{backup} cannot be compared with {current} ({error}); nothing was restored, --yes "
            "goes on without"
        ) from error


def _addresses(connection: sqlite3.Connection, query: str, *values: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.execute(query, values))


def _named(addresses: tuple[str, ...]) -> str:
    more = len(addresses) - _SHOWN
    return ", ".join(addresses[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")

"""Store: short changes of many threads in few transactions.

A commit waits for the disk, and a database like SQLite has one writer: what arrives while a
transaction is written waits for it anyway, and shares the next one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from recommender.errors import StorageError

MOST_CHANGES_A_TRANSACTION: Final = 100
"""So that whoever waits for the database outside the group waits a few hundredths of a second."""

NOT_WRITTEN: Final = "not written: this program was interrupted; try again"

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class _Change:
    """What a thread wants done; ``turn`` is set when it is done, or when the thread is to lead."""

    apply: Callable[[Session], Any]
    turn: threading.Event = field(default_factory=threading.Event)
    is_done: bool = False
    result: Any = None
    error: Exception | None = field(default_factory=lambda: StorageError(NOT_WRITTEN))


class GroupCommit:
    """Carry out changes of many threads, each as if it had a transaction of its own.

    Parameters
    ----------
    begin : callable
        Opens a transaction, `Database.write`.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Session]]) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._waiting: list[_Change] = []
        self._is_led = False

    def write(self, change: Callable[[Session], _T]) -> _T:
        """Carry out a change, and return when it is on disk; see `Database.write_together`."""
        mine = _Change(change)
        with self._lock:
            self._waiting.append(mine)
            leads = not self._is_led
            self._is_led = True
        if not leads:
            mine.turn.wait()
        if not mine.is_done:
            self._lead()
        if mine.error is not None:
            raise mine.error
        result: _T = mine.result
        return result

    def _lead(self) -> None:
        """Carry out what waits, this thread's own change first, and let the next thread lead."""
        with self._lock:
            group = self._waiting[:MOST_CHANGES_A_TRANSACTION]
            del self._waiting[:MOST_CHANGES_A_TRANSACTION]
        try:
            self._carry_out(group)
        finally:
            for change in group:
                change.is_done = True
            with self._lock:
                successor = self._waiting[0] if self._waiting else None
                self._is_led = successor is not None
            for change in group:
                change.turn.set()
            if successor is not None:
                successor.turn.set()

    def _carry_out(self, group: list[_Change]) -> None:
        is_alone = len(group) == 1
        try:
            with self._begin() as session:
                raised = [_raised(session, change, is_alone=is_alone) for change in group]
        except Exception as error:  # noqa: BLE001, raised again where the change came from
            if is_alone:
                group[0].error = error
                return
            # One that the database refuses must not undo the others.
            for change in group:
                self._carry_out([change])
        else:
            for change, its_own in zip(group, raised, strict=True):
                change.error = its_own


def _raised(session: Session, change: _Change, *, is_alone: bool) -> Exception | None:
    """Carry out a change inside the transaction, and give what it raised and was undone for."""
    if is_alone:
        change.result = change.apply(session)
        return None
    try:
        with session.begin_nested():
            change.result = change.apply(session)
    except DBAPIError:
        raise  # the whole transaction may be lost
    except Exception as error:  # noqa: BLE001, raised again where the change came from
        return error
    return None

"""Store: what a database has to do in its own way, for everything else to be written once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import URL, ColumnElement, Connection, Engine, Table, TextClause
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel

from recommender.domain.searches import PaperSearch


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSql:
    """How papers are found by their words; the table is `paper_search`.

    Attributes
    ----------
    put_in, take_out : TextClause
        Of one paper: its ``id``; and to put in ``title``, ``abstract``, ``authors``, ``keywords``.
    text_of : callable
        Makes of a text, or of names apart by `NAMES_APART`, what is put in.
    count : TextClause
        How many match, up to ``most``.
    matching, matches : str
        ``FROM`` and ``WHERE``: what matches.
    number : str
        Ids of papers that match, by which the newest is found at once.
    their_papers : str
        Joins their rows in ``paper`` to `matching`.
    best : str
        ``ORDER BY``, which needs these rows: the best first, at the moment ``now``.
    gathered : str
        All ids of a statement, ``{}``, in one text of JSON: a row for each would take longer than
        to find them.
    is_by_authors : str
        ``WHERE``: what `matches` tells of authors is so, where it tells too much; in place of
        ``{}`` stands the value with the names, apart by `NAMES_APART`. Empty where it never does.
    pattern : callable
        What is looked for, in this database's language: whether the last word is only begun, and
        whether it has to stand in the title.
    """

    put_in: TextClause
    take_out: TextClause
    text_of: Callable[[str], str]
    count: TextClause
    matching: str
    matches: str
    number: str
    their_papers: str
    best: str
    gathered: str
    is_by_authors: str
    pattern: Callable[[PaperSearch, bool, bool], str]


class Writes(Enum):
    """How a transaction writes, which its execution options say as ``writes``."""

    ALONE = auto()
    """It sees all that was committed before, and nobody else writes so until it ends."""
    BESIDE_OTHERS = auto()
    """It waits for others only where they hold the same rows."""


class Dialect(ABC):
    """A kind of database."""

    name: ClassVar[str]
    search: ClassVar[SearchSql]
    is_for_several: ClassVar[bool]
    """Daemons of several machines may work on one database."""

    @property
    @abstractmethod
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """What a connection of the driver's own raises."""

    @abstractmethod
    def create_engine(
        self,
        url: URL,
        *,
        busy_timeout_seconds: float,
        must_exist: bool = False,
        maps_file: bool = False,
    ) -> Engine:
        """Return what opens connections.

        A transaction only reads, unless its execution options have ``writes``, a `Writes`.

        Parameters
        ----------
        url : URL
        busy_timeout_seconds : float
            How long it waits for another writer.
        must_exist : bool
            Make none where it is missing: neither now, nor once it was there.
        maps_file : bool
            Read a file through memory that the system shares between processes.
        """

    @abstractmethod
    def file_of(self, url: URL) -> Path | None:
        """Return the file that a database is; None where it is none."""

    @abstractmethod
    def files_of(self, url: URL) -> tuple[Path, ...]:
        """Return where a database is kept on this machine: its file, and what is beside it."""

    @abstractmethod
    def advice(self, reason: str, busy_timeout_seconds: float) -> str | None:
        """Return an error of the driver with what to do about it; None for any other."""

    @abstractmethod
    def open_beside(self, connection: Any) -> Callable[[], int]:
        """Have a connection of the driver's own read the name of the content's state.

        Returns
        -------
        callable
            Reads what was committed until then.
        """

    @abstractmethod
    def try_to_write(self, connection: Connection) -> None:
        """Write what nobody ever sees, and what takes room where room is needed."""

    @abstractmethod
    def insert_numbered(
        self,
        connection: Connection,
        row: type[SQLModel],
        number: Mapped[int | None],
        values: Sequence[Mapping[str, Any]],
    ) -> list[int]:
        """See `query_batches.insert_numbered`."""

    @abstractmethod
    def insert_missing(
        self, connection: Connection, row: type[SQLModel], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """See `query_batches.insert_missing`."""

    @abstractmethod
    def least(self, value: Any, other: Any) -> ColumnElement[Any]:
        """Return the lesser of two values in a row."""

    @abstractmethod
    def day_of(self, moment: Any) -> ColumnElement[Any]:
        """Return the day of a moment in UTC as text, ``2026-03-11``."""

    @abstractmethod
    def continue_numbers(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Have rows numbered from behind those that were inserted with their numbers."""

    @abstractmethod
    def announce(self, session: Session) -> None:
        """Have every daemon that listens look for work, once the transaction is committed."""

    @abstractmethod
    def listen(self, connection: Any, *, seconds: float) -> bool:
        """Wait on a connection of the driver's own, and return whether anything was announced."""

    @abstractmethod
    def keep_numbers(self, connection: Connection, numbers: Sequence[int]) -> frozenset[int]:
        """Keep numbers until the transaction ends, but for those that another one keeps.

        Returns
        -------
        frozenset of int
            Those that are kept; all, where one process has the database.
        """

    @abstractmethod
    def locks_held(self, connection: Connection) -> frozenset[int]:
        """Return the numbers of the locks of `try_lock` that are held, in whichever process."""

    @abstractmethod
    def try_lock(self, connection: Any, number: int) -> bool:
        """Take a lock for as long as a connection of the driver's own lasts; False: others have it.

        Taking it again is asking whether the connection lasts.
        """

"""Store: SQLite, the embedded database. One file, one writer at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel

from recommender.domain.searches import (
    NAMES_APART,
    PaperSearch,
    folded,
    most_between,
    words_of,
)
from recommender.errors import StorageError
from recommender.store.dialects.dialect import Dialect, SearchSql
from recommender.store.json_columns import as_json, from_json

WAL_RETRY_SECONDS: Final = 0.01

_WRITES: Final = "recommender.writes"
_PROBE_BYTES: Final = 64 * 2**10
_MAPPED_BYTES: Final = 2 * 2**30
"""All of most files; what lies beyond is read as without."""
_NAME: Final = "SELECT name FROM content_state"
_DAY: Final = "coalesce(paper.published_at, paper.first_seen_at)"


def fts5_pattern(wanted: PaperSearch, last_word_begun: bool = False, in_title: bool = False) -> str:
    """Return in FTS5's language what is looked for: quoted, it holds nothing but words."""
    terms = [_quoted(each) for each in wanted.terms]
    if last_word_begun:
        terms[-1] += " *"
    together = [f"({' AND '.join(terms)})"] if terms else []
    match = " AND ".join(together + [f"{{authors}} : {_near(each)}" for each in wanted.authors])
    if in_title:
        match = f"{{title}} : {match}"
    # Of more words than one, those of two people would count too: `is_by_authors` excludes them.
    unwanted = [_quoted(each) for each in wanted.excluded] + [
        f"{{authors}} : {_quoted(each)}" for each in wanted.excluded_authors if " " not in each
    ]
    return f"({match}) NOT ({' OR '.join(unwanted)})" if unwanted else match


def files_of(path: Path) -> tuple[Path, ...]:
    """Return where SQLite keeps a database: its file, and what it may have beside it."""
    real = path.resolve()
    return tuple(real.with_name(real.name + end) for end in ("", "-wal", "-shm", "-journal"))


def _near(author: str) -> str:
    """Return what finds a name's words near each other; FTS5 knows no order of them."""
    words = [_quoted(each) for each in author.split() if any(words_of(each))]
    if len(words) < 2:  # noqa: PLR2004, near each other are two
        return _quoted(author)
    count = sum(1 for _ in words_of(author))
    return f"NEAR({' '.join(words)}, {most_between(count) + max(0, count - 2)})"


def _are_authors(names: str, authors: str) -> bool:
    """Whether each of the names is one author's; in both, names are apart by `NAMES_APART`."""
    lines = folded(authors.replace(NAMES_APART, "\n")) + "\n"
    return all(_is_in_a_line(words, lines) for words in _wanted(names))


@lru_cache(64)
def _wanted(names: str) -> list[list[str]]:
    return [list(words_of(name)) for name in names.split(NAMES_APART)]


def _is_in_a_line(words: Sequence[str], lines: str) -> bool:
    # Only lines with the first word are taken apart: a paper may have thousands of authors.
    at = lines.find(words[0])
    while at >= 0:
        end = lines.find("\n", at)
        left = words_of(lines[lines.rfind("\n", 0, at) + 1 : end])
        if all(word in left for word in words):
            return True
        at = lines.find(words[0], end)
    return False


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _as_it_is(words: str) -> str:
    return words


class SQLite(Dialect):
    """See `Dialect`."""

    name = "sqlite"
    is_for_several = False
    # A word in the title weighs eight times one in the abstract. What is of today weighs a quarter
    # more than what is old, what is of last year an eighth.
    search = SearchSql(
        put_in=text(
            "INSERT INTO paper_search (rowid, title, abstract, authors, keywords)"
            " VALUES (:id, :title, :abstract, :authors, :keywords)"
        ),
        take_out=text("DELETE FROM paper_search WHERE rowid = :id"),
        text_of=_as_it_is,
        count=text(
            "SELECT count(*) FROM"
            " (SELECT 1 FROM paper_search WHERE paper_search MATCH :match LIMIT :most)"
        ),
        matching="paper_search",
        matches="paper_search MATCH :match",
        number="paper_search.rowid",
        their_papers=" CROSS JOIN paper ON paper.id = paper_search.rowid",
        best=(
            "bm25(paper_search, 8.0, 1.0, 4.0, 3.0)"
            f" * (1 + 0.25 / (1 + max(0, julianday(:now) - julianday({_DAY})) / 365.25)),"
            " paper.id DESC"
        ),
        gathered="SELECT json_group_array(id) FROM ({})",
        is_by_authors="are_authors(:{}, paper_search.authors)",
        pattern=fts5_pattern,
    )

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """See `Dialect.driver_errors`."""
        return (sqlite3.Error,)

    def create_engine(
        self,
        url: URL,
        *,
        busy_timeout_seconds: float,
        must_exist: bool = False,
        maps_file: bool = False,
    ) -> Engine:
        """See `Dialect.create_engine`."""
        engine = create_engine(url, json_serializer=as_json, json_deserializer=from_json)
        prepare = partial(_prepare, busy_timeout_seconds=busy_timeout_seconds)
        opening = _Opening(must_exist=must_exist)
        event.listen(engine, "do_connect", opening)
        event.listen(engine, "connect", prepare)
        event.listen(engine, "connect", opening.succeeded)
        if maps_file:
            event.listen(engine, "connect", _map)
        event.listen(engine, "begin", _begin)
        return engine

    def file_of(self, url: URL) -> Path | None:
        """See `Dialect.file_of`."""
        path = url.database
        return Path(path).absolute() if path and path != ":memory:" else None

    def files_of(self, url: URL) -> tuple[Path, ...]:
        """See `Dialect.files_of`."""
        return files_of(Path(url.database or ""))

    def advice(self, reason: str, busy_timeout_seconds: float) -> str | None:
        """See `Dialect.advice`."""
        if "locked" in reason:
            return f"{reason}; another process holds it for over {busy_timeout_seconds:.0f} s"
        if "not a database" in reason:
            return f"{reason}; move the file away, or restore a backup"
        if "full" in reason:
            return f"{reason}; free some space, nothing of this was stored"
        if "unable to open" in reason or "readonly" in reason:
            return f"{reason}; check that the folder exists and that this user may write there"
        return None

    def open_beside(self, connection: Any) -> Callable[[], int]:
        """See `Dialect.open_beside`.

        The name is read again only where the database says that somebody wrote, in this process or
        another, which takes a few millionths of a second.
        """
        connection.execute("PRAGMA query_only = ON")
        seen: list[int] = [-1, 0]

        def name() -> int:
            (written,) = connection.execute("PRAGMA data_version").fetchone()
            if written != seen[0]:
                # Read after the number: what is written between the two is seen the next time.
                (seen[1],) = connection.execute(_NAME).fetchone()
                seen[0] = written
            return seen[1]

        return name

    def try_to_write(self, connection: Connection) -> None:
        """See `Dialect.try_to_write`.

        A table that nobody ever sees: it comes and goes in one transaction, which needs pages that
        are free, the lock, and room in the write-ahead log.
        """
        connection.exec_driver_sql("CREATE TABLE write_probe (content BLOB)")
        connection.exec_driver_sql(
            f"INSERT INTO write_probe VALUES (zeroblob({_PROBE_BYTES}))"  # noqa: S608, a number of ours
        )
        connection.exec_driver_sql("DROP TABLE write_probe")

    def insert_numbered(
        self,
        connection: Connection,
        row: type[SQLModel],
        number: Mapped[int | None],
        values: Sequence[Mapping[str, Any]],
    ) -> list[int]:
        """See `Dialect.insert_numbered`.

        To have each row's number returned takes a statement a row, and four times as long.
        """
        last = connection.scalar(select(func.max(number))) or 0
        connection.execute(insert(row), values)
        new = connection.scalars(select(number).where(number > last).order_by(number))
        numbers = [each for each in new if each is not None]
        if len(numbers) != len(values):
            raise StorageError(f"somebody else wrote into {row.__tablename__} meanwhile; try again")
        return numbers

    def insert_missing(
        self, connection: Connection, row: type[SQLModel], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """See `Dialect.insert_missing`."""
        connection.execute(sqlite_insert(row).on_conflict_do_nothing(), list(values))

    def least(self, value: Any, other: Any) -> ColumnElement[Any]:
        """See `Dialect.least`."""
        return func.min(value, other)

    def day_of(self, moment: Any) -> ColumnElement[Any]:
        """See `Dialect.day_of`."""
        return func.date(moment)

    def continue_numbers(self, connection: Connection, tables: Sequence[Table]) -> None:
        """See `Dialect.continue_numbers`: SQLite does by itself."""
        del connection, tables

    def announce(self, session: Session) -> None:
        """See `Dialect.announce`: there is one daemon, which a file wakes (`waking.py`)."""
        del session

    def listen(self, connection: Any, *, seconds: float) -> bool:
        """See `Dialect.listen`: nobody announces anything."""
        del connection
        time.sleep(seconds)
        return False

    def keep_numbers(self, connection: Connection, numbers: Sequence[int]) -> frozenset[int]:
        """See `Dialect.keep_numbers`."""
        del connection
        return frozenset(numbers)

    def locks_held(self, connection: Connection) -> frozenset[int]:
        """See `Dialect.locks_held`."""
        del connection
        return frozenset()

    def try_lock(self, connection: Any, number: int) -> bool:
        """See `Dialect.try_lock`: there is one daemon."""
        del connection, number
        return True


class _Opening:
    """Opens a file that was there before without making one anew.

    A new one would take the log of the other, which somebody moves back.
    """

    def __init__(self, *, must_exist: bool) -> None:
        self._must_exist = must_exist

    def __call__(
        self, dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        """Change what the driver is called with, where it must make no file."""
        del dialect, record
        # They are the same for all connections, so once is enough.
        if arguments[0] != ":memory:" and self._must_exist and "uri" not in options:
            arguments[0] = f"file:{quote(arguments[0])}?mode=rw"
            options["uri"] = True

    def succeeded(self, connection: object, record: object) -> None:
        """Note that it is there now."""
        del connection, record
        self._must_exist = True


def _prepare(connection: Any, _record: object, *, busy_timeout_seconds: float) -> None:
    try:
        _configure(connection, busy_timeout_seconds)
    except sqlite3.Error:
        connection.close()  # the pool does not know it yet
        raise


def _configure(connection: Any, busy_timeout_seconds: float) -> None:
    # The driver's own transaction handling begins late and deferred; ours begins in _begin.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout_seconds * 1000)}")
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        # A file that is made now: what nothing uses any more can be given back in parts.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _switch_to_wal(connection, busy_timeout_seconds)
    # What was acknowledged survives a power cut, not only a kill: one fsync per commit.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.create_function("are_authors", 2, _are_authors, deterministic=True)
    # What a schema says is no program: no function with side effects runs from a view or a check.
    connection.execute("PRAGMA trusted_schema = OFF")


def _map(connection: Any, _record: object) -> None:
    # Each page that is not in the connection's cache is a call of the system otherwise.
    connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")


def _switch_to_wal(connection: Any, busy_timeout_seconds: float) -> None:
    # SQLite does not wait for its busy timeout here: it holds a read lock already, and reports
    # SQLITE_BUSY at once while another process switches, or writes to a file not yet switched.
    deadline = time.monotonic() + busy_timeout_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(WAL_RETRY_SECONDS)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes") is not None
    # Each time it is said, the statements that are prepared expire, and take as long again.
    if connection.info.get(_WRITES) != writes:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.info[_WRITES] = writes
    # IMMEDIATE takes the write lock at once: a deferred transaction that turns into a writer
    # fails with SQLITE_BUSY without waiting when another one wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""Store: PostgreSQL, for several machines. The one module that knows psycopg.

Whoever decides by what they read holds a lock of the whole database, as on SQLite, so that each
transaction sees all that was committed before and no rule is broken by what two of them decide at
once. Who takes rows to compose or to send them, and records what came of it, locks these rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Table,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg
from sqlalchemy.orm import Mapped
from sqlalchemy.schema import Column
from sqlmodel import Session, SQLModel

from recommender.store.dialects.dialect import Dialect, SearchSql, Writes
from recommender.store.dialects.postgresql_words import pattern, words_apart
from recommender.store.json_columns import as_json, from_json

WRITERS_LOCK: Final = 0x7265636F6D6D  # "recomm"; of this database alone
CONNECT_SECONDS: Final = 10
SILENT_SECONDS: Final = 15
"""So long after its connection was cut, either side knows, and a writer's lock is free again."""
IDLE_WRITER_SECONDS: Final = 120
"""A writer that does nothing for so long was stopped, or its machine was."""

_SETTINGS: Final = {
    "timezone": "UTC",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": str(SILENT_SECONDS * 1000),
}
_CONNECTING: Final = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "recommender",
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
}
_BEGIN_BESIDE_OTHERS: Final = (
    f"SELECT set_config('idle_in_transaction_session_timeout', '{IDLE_WRITER_SECONDS}s', true)"
)
_BEGIN_ALONE: Final = f"{_BEGIN_BESIDE_OTHERS}, pg_advisory_xact_lock({WRITERS_LOCK})"
_NAMED_LOCKS: Final = 0x7265636F
"""The first of two numbers of a lock, the second of which stands for its name."""
_KEPT_NUMBERS: Final = _NAMED_LOCKS + 1
_KEEP_NUMBERS: Final = text(
    "SELECT number FROM unnest(CAST(:numbers AS bigint[])) AS number"  # noqa: S608, ours
    f" WHERE pg_try_advisory_xact_lock({_KEPT_NUMBERS}, CAST(number AS integer))"
)
_CHANNEL: Final = "recommender_work"
# Of psycopg.IsolationLevel, whose numbers these are.
_READ_COMMITTED: Final = 2
_REPEATABLE_READ: Final = 3
_NAME: Final = "SELECT name FROM content_state"
_DAY: Final = "coalesce(paper.published_at, paper.first_seen_at)"
_QUERY: Final = "to_tsquery('recommender_words', :match)"


class _TypeCompiler(PGTypeCompiler):
    """Types as wide, and texts in the same order, as SQLite has them."""

    def visit_INTEGER(self, type_: Any, **kw: Any) -> str:  # noqa: N802, its name
        """Return the type of whole numbers."""
        del type_, kw
        return "BIGINT"

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: N802, its name
        """Return the type of texts: in the order of their code points, whatever the locale."""
        is_of_column = isinstance(kw.get("type_expression"), Column)
        return super().visit_VARCHAR(type_, **kw) + (' COLLATE "C"' if is_of_column else "")


class _DDLCompiler(PGDDLCompiler):
    """Keys as wide as all numbers."""

    def get_column_specification(self, column: Column[Any], **kwargs: Any) -> str:
        """Return what a column is."""
        specified: str = super().get_column_specification(column, **kwargs)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        return specified.replace(" SERIAL", " BIGSERIAL")


class _Compiler(PGCompiler_psycopg):
    """Numbers as the driver hands them over: it names their size, whatever their columns hold."""

    def render_bind_cast(self, type_: Any, dbapi_type: Any, sqltext: str) -> str:
        """Return a value as it stands in a statement."""
        if isinstance(dbapi_type, Integer) and sqltext.startswith("%("):
            return sqltext
        cast: str = super().render_bind_cast(type_, dbapi_type, sqltext)  # type: ignore[no-untyped-call]  # as above
        return cast


class PostgreSQL(Dialect):
    """See `Dialect`."""

    name = "postgresql"
    is_for_several = True
    # Of ts_rank, in its order: abstract, keywords, authors, title, weighed among each other as on
    # SQLite; divided by the logarithm of the length, as BM25 does in its way.
    search = SearchSql(
        put_in=text(
            "INSERT INTO paper_search (id, words) VALUES (:id,"
            " setweight(to_tsvector('recommender_words', :title), 'A')"
            " || setweight(to_tsvector('recommender_words', :authors), 'B')"
            " || setweight(to_tsvector('recommender_words', :keywords), 'C')"
            " || setweight(to_tsvector('recommender_words', :abstract), 'D'))"
        ),
        take_out=text("DELETE FROM paper_search WHERE id = :id"),
        text_of=words_apart,
        count=text(
            "SELECT count(*) FROM (SELECT 1 FROM paper_search"  # noqa: S608, ours
            f" WHERE words @@ {_QUERY} LIMIT :most) AS matching"
        ),
        matching=f"{_QUERY} AS query CROSS JOIN paper_search",
        matches="paper_search.words @@ query",
        number="paper_search.id",
        their_papers=" JOIN paper ON paper.id = paper_search.id",
        best=(
            "ts_rank('{0.125, 0.375, 0.5, 1.0}', paper_search.words, query, 1)"
            f" * (1 + 0.25 / (1 + greatest(0, extract(epoch FROM :now - {_DAY})) / 31557600))"
            " DESC, paper.id DESC"
        ),
        gathered="SELECT CAST(coalesce(json_agg(id), '[]') AS text) FROM ({}) AS chosen",
        is_by_authors="",
        pattern=pattern,
    )

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """See `Dialect.driver_errors`."""
        import psycopg  # noqa: PLC0415, only who uses it has it

        return (psycopg.Error,)

    def create_engine(
        self,
        url: URL,
        *,
        busy_timeout_seconds: float,
        must_exist: bool = False,
        maps_file: bool = False,
    ) -> Engine:
        """See `Dialect.create_engine`; its server makes databases."""
        del must_exist, maps_file
        settings = _SETTINGS | {"lock_timeout": str(int(busy_timeout_seconds * 1000))}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        if isinstance(theirs := url.query.get("options"), str):
            options = f"{options} {theirs}"
        engine = create_engine(
            url,
            json_serializer=as_json,
            json_deserializer=_from_json,
            connect_args={**_CONNECTING, **dict(url.query), "options": options},
            # A connection that was cut meanwhile is another one, before anything is asked over it.
            pool_pre_ping=True,
        )
        engine.dialect.type_compiler_instance = _TypeCompiler(engine.dialect)
        engine.dialect.ddl_compiler = _DDLCompiler
        engine.dialect.statement_compiler = _Compiler
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def file_of(self, url: URL) -> Path | None:
        """See `Dialect.file_of`."""
        del url
        return None

    def files_of(self, url: URL) -> tuple[Path, ...]:
        """See `Dialect.files_of`."""
        del url
        return ()

    def advice(self, reason: str, busy_timeout_seconds: float) -> str | None:
        """See `Dialect.advice`."""
        first_line = reason.strip().splitlines()[0] if reason.strip() else "no answer"
        if "lock timeout" in reason:
            return f"{first_line}; another process holds it for over {busy_timeout_seconds:.0f} s"
        if "No space left" in reason or "could not extend file" in reason:
            return f"{first_line}; free some space on the server, nothing of this was stored"
        if "password authentication failed" in reason or "does not exist" in reason:
            return f"{first_line}; correct database.url, or make the role and its database"
        if "connection" in reason and ("failed" in reason or "closed" in reason):
            return f"{first_line}; see that the server runs and can be reached from here"
        return None

    def open_beside(self, connection: Any) -> Callable[[], int]:
        """See `Dialect.open_beside`.

        A question to the server each time: what it would tell by itself comes some thousandths of a
        second late, and a page would show what its reader has just changed as it was.
        """
        connection.autocommit = True

        def name() -> int:
            (found,) = connection.execute(_NAME, prepare=True).fetchone()
            return int(found)

        return name

    def try_to_write(self, connection: Connection) -> None:
        """See `Dialect.try_to_write`: into the write-ahead log, which the commit syncs."""
        connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'recommender', 'probe')")

    def insert_numbered(
        self,
        connection: Connection,
        row: type[SQLModel],
        number: Mapped[int | None],
        values: Sequence[Mapping[str, Any]],
    ) -> list[int]:
        """See `Dialect.insert_numbered`."""
        statement = insert(row).returning(number, sort_by_parameter_order=True)
        return [each for each in connection.scalars(statement, list(values)) if each is not None]

    def insert_missing(
        self, connection: Connection, row: type[SQLModel], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """See `Dialect.insert_missing`."""
        connection.execute(postgresql_insert(row).on_conflict_do_nothing(), list(values))

    def least(self, value: Any, other: Any) -> ColumnElement[Any]:
        """See `Dialect.least`."""
        return func.least(value, other)

    def day_of(self, moment: Any) -> ColumnElement[Any]:
        """See `Dialect.day_of`."""
        return func.to_char(moment, "YYYY-MM-DD")

    def continue_numbers(self, connection: Connection, tables: Sequence[Table]) -> None:
        """See `Dialect.continue_numbers`."""
        for table in tables:
            column = table.autoincrement_column
            sequence = column is not None and connection.scalar(
                select(func.pg_get_serial_sequence(table.name, column.name))
            )
            if column is not None and sequence:
                last = connection.scalar(select(func.max(column)))
                connection.execute(select(func.setval(sequence, last or 1, last is not None)))

    def announce(self, session: Session) -> None:
        """See `Dialect.announce`."""
        session.connection().exec_driver_sql(f"NOTIFY {_CHANNEL}")

    def listen(self, connection: Any, *, seconds: float) -> bool:
        """See `Dialect.listen`."""
        connection.autocommit = True
        connection.execute(f"LISTEN {_CHANNEL}")
        return any(connection.notifies(timeout=seconds, stop_after=1))

    def keep_numbers(self, connection: Connection, numbers: Sequence[int]) -> frozenset[int]:
        """See `Dialect.keep_numbers`.

        Rows that are locked, and skipped where they are, would have whoever changes one wait, and
        all other writers behind them.
        """
        kept = connection.execute(_KEEP_NUMBERS, {"numbers": list(numbers)})
        return frozenset(kept.scalars())

    def locks_held(self, connection: Connection) -> frozenset[int]:
        """See `Dialect.locks_held`."""
        held = connection.exec_driver_sql(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"  # noqa: S608, ours
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            f" AND classid = {_NAMED_LOCKS} AND objsubid = 2"
        )
        return frozenset(held.scalars())

    def try_lock(self, connection: Any, number: int) -> bool:
        """See `Dialect.try_lock`: a session's lock, counted, so that asking again is no other."""
        connection.autocommit = True
        key = f"{_NAMED_LOCKS}, {number}"
        mine = (
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"  # noqa: S608, ours
            f" AND classid = {_NAMED_LOCKS} AND objid = {number} AND objsubid = 2"
        )
        if connection.execute(mine).fetchone():
            return True
        (is_taken,) = connection.execute(f"SELECT pg_try_advisory_lock({key})").fetchone()
        return bool(is_taken)


def _from_json(content: bytes) -> Any:
    return from_json(content.decode())


def _prepare(connection: Any, _record: object) -> None:
    dumper, loader = _adapters()
    connection.adapters.register_dumper(str, dumper)
    connection.adapters.register_loader("numeric", loader)


@cache
def _adapters() -> tuple[type[Any], type[Any]]:
    from psycopg.types.numeric import FloatLoader  # noqa: PLC0415, only who uses it has it
    from psycopg.types.string import StrDumper  # noqa: PLC0415, as above

    class WithoutNul(StrDumper):
        """PostgreSQL's texts have no NUL; SQLite's have."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

    class Number(FloatLoader):
        """Sums of whole numbers are whole, not decimals."""

        def load(self, data: Any) -> Any:
            digits = bytes(data)
            return int(digits) if digits.lstrip(b"-").isdigit() else float(digits)

    return WithoutNul, Number


def _begin(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    writes = connection.get_execution_options().get("writes")
    # They go with the driver's BEGIN. What is read in one transaction is of one moment.
    driver.read_only = writes is None
    driver.isolation_level = _REPEATABLE_READ if writes is None else _READ_COMMITTED
    if writes is not None:
        connection.exec_driver_sql(_BEGIN_ALONE if writes is Writes.ALONE else _BEGIN_BESIDE_OTHERS)

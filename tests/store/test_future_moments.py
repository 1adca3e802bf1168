"""Moments that cannot be yet are brought back; those that can be are left as they are."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.store import future_moments
from recommender.store.database import Database, open_database

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
RETRY = timedelta(hours=4)
NEXT_YEAR = NOW + timedelta(days=365)
YESTERDAY = NOW - timedelta(days=1)
FETCHES = future_moments.FETCHES
SPECIAL = future_moments.HOLDS | future_moments.RETRIES | future_moments.ISSUES | FETCHES
ALL = {str(column): column for column in future_moments.moment_columns()}
RECORDED = sorted(ALL.keys() - SPECIAL - future_moments.LEFT_ALONE)


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{database_path}")
    yield database
    database.close()


@pytest.fixture
def rows(database_path: Path) -> Iterator[sqlite3.Connection]:
    """Write rows past all rules."""
    with sqlite3.connect(database_path, isolation_level=None) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection


def stored(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.000000"


def put(rows: sqlite3.Connection, name: str, moment: datetime, **others: Any) -> None:
    """Store a row that says a moment in one column."""
    table, column = name.split(".")
    values: dict[str, Any] = {}
    for _, each, kind, required, default, is_key in rows.execute(f"PRAGMA table_info({table})"):
        if (required and default is None) or is_key:
            values[each] = (
                stored(YESTERDAY) if kind == "DATETIME" else "2026-03-10" if kind == "DATE" else 1
            )
    values |= {column: stored(moment)} | others
    marks = ", ".join("?" for _ in values)
    rows.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})",  # noqa: S608, our names
        list(values.values()),
    )


def said(rows: sqlite3.Connection, name: str) -> list[str]:
    table, column = name.split(".")
    return [moment for (moment,) in rows.execute(f"SELECT {column} FROM {table} ORDER BY rowid")]  # noqa: S608, our names


def correct(database: Database) -> list[str]:
    with database.write() as session:
        return future_moments.correct(session, now=NOW, longest_retry=RETRY)


def is_any_wrong(database: Database) -> bool:
    with database.read() as session:
        return future_moments.is_any_wrong(session, now=NOW, longest_retry=RETRY)


def test_every_column_that_is_named_exists() -> None:
    assert ALL.keys() >= SPECIAL | future_moments.LEFT_ALONE


def test_no_column_of_what_is_planned_counts_as_what_happened() -> None:
    planned = re.compile(r"_until$|\.next_|\.due_|expires|resumes|retry|not_before|waits")

    assert [name for name in RECORDED if planned.search(name)] == []


@pytest.mark.parametrize("name", sorted(FETCHES))
def test_a_source_waits_for_no_moment_that_nobody_can_have_asked_for(
    database: Database, rows: sqlite3.Connection, name: str
) -> None:
    in_a_week = NOW + timedelta(days=7, hours=16)
    put(rows, name, in_a_week)
    assert correct(database) == []
    assert said(rows, name) == [stored(in_a_week)]
    rows.execute(f"DELETE FROM {name.partition('.')[0]}")  # noqa: S608, our names
    put(rows, name, NEXT_YEAR)
    assert correct(database) == [name]
    assert said(rows, name) == [stored(NOW)]


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_said_to_have_happened_later_than_now_happened_now(
    database: Database, rows: sqlite3.Connection, name: str
) -> None:
    put(rows, name, NEXT_YEAR)

    assert is_any_wrong(database)
    assert correct(database) == [name]
    assert said(rows, name) == [stored(NOW)]
    assert not is_any_wrong(database)


@pytest.mark.parametrize("name", [*RECORDED, *sorted(future_moments.LEFT_ALONE)])
def test_what_happened_is_left_alone(
    database: Database, rows: sqlite3.Connection, name: str
) -> None:
    put(rows, name, YESTERDAY)

    assert not is_any_wrong(database)
    assert correct(database) == []
    assert said(rows, name) == [stored(YESTERDAY)]


@pytest.mark.parametrize("name", sorted(future_moments.HOLDS))
def test_a_hold_stays_as_long_as_holds_can_be(
    database: Database, rows: sqlite3.Connection, name: str
) -> None:
    put(rows, name, NOW + future_moments.LONGEST_HOLD)
    assert correct(database) == []


@pytest.mark.parametrize("name", sorted(future_moments.HOLDS))
def test_a_hold_that_is_longer_than_any_can_be_ends(
    database: Database, rows: sqlite3.Connection, name: str
) -> None:
    put(rows, name, NEXT_YEAR)

    assert correct(database) == [name]
    is_claim = name == future_moments.CLAIM
    assert said(rows, name) == [stored(NOW + future_moments.LONGEST_HOLD if is_claim else NOW)]


def test_a_message_is_tried_again_now_where_it_would_wait_too_long(
    database: Database, rows: sqlite3.Connection
) -> None:
    name = "delivery.next_attempt_at"
    put(rows, name, NOW + RETRY, id=1, message_id="a", key="a")
    assert correct(database) == []

    put(rows, name, NEXT_YEAR, id=2, message_id="b", key="b")
    assert correct(database) == [name]
    assert said(rows, name) == [stored(NOW + RETRY), stored(NOW)]


def test_a_digest_that_came_while_the_clock_ran_ahead_is_of_today(
    database: Database, rows: sqlite3.Connection
) -> None:
    put(rows, "digest.ingested_at", NEXT_YEAR, id=1, sha256="a", date="2027-03-11")
    put(rows, "digest.ingested_at", NEXT_YEAR, id=2, sha256="b", date="2026-01-01")
    put(rows, "digest.ingested_at", YESTERDAY, id=3, sha256="c", date="2026-04-01")

    correct(database)

    assert said(rows, "digest.date") == ["2026-03-11", "2026-01-01", "2026-04-01"]


def test_figures_of_a_day_to_come_are_thrown_away(
    database: Database, rows: sqlite3.Connection
) -> None:
    for subscriber, day in ((1, "2026-03-11"), (2, "2027-03-11")):
        rows.execute(
            "INSERT INTO subscriber_quality VALUES (?, ?, 1, 1, 0.5, 0.5, 0.5, 0.5, NULL)",
            (subscriber, day),
        )

    assert correct(database) == ["subscriber_quality.measured_on"]
    assert said(rows, "subscriber_quality.measured_on") == ["2026-03-11"]

"""What all tests share: the real data, and an installation with a clock that a test sets."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Preferences
from recommender.jobs.services import RankingSettings, Services, Site
from recommender.rendering import Renderer
from recommender.store.database import open_database
from recommender.tokens import TokenSigner


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data beside the checkout; only CI fails where it is missing."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if folder.is_dir():
        return folder
    reason = "real data is missing: no ../shared/data beside the checkout"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Clock:
    """The time that the jobs see, a Wednesday morning; a test may move it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database once: copying it takes a twentieth of migrating another."""
    path = tmp_path_factory.mktemp("template") / "recommender.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database_path(tmp_path: Path, migrated_database: Path) -> Path:
    return shutil.copyfile(migrated_database, tmp_path / "recommender.db")


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """Compile the templates once."""
    return Renderer()


@pytest.fixture
def services(database_path: Path, clock: Clock, renderer: Renderer) -> Iterator[Services]:
    """Open an empty database, and put beside it what else the jobs work with."""
    database = open_database(f"sqlite:///{database_path}")
    yield Services(
        database=database,
        signer=TokenSigner(b"only for tests, and known to everybody"),
        renderer=renderer,
        site=Site(
            "Trending papers", "papers@example.org", "the community", "https://papers.example.org"
        ),
        defaults=Preferences(7, frozenset(range(5)), "Europe/Berlin", 10),
        ranking=RankingSettings(half_life_days=3.0, window_days=30),
        clock=clock,
    )
    database.close()


@pytest.fixture
def stored(database_path: Path) -> Callable[[], Any]:
    """Give all that the database holds: its files byte for byte, and its rows as SQL."""

    def snapshot() -> Any:
        files = {
            path.name: path.read_bytes()
            for path in sorted(database_path.parent.glob("recommender.db*"))
            # Shared memory holds the readers' locks, not data.
            if not path.name.endswith("-shm")
        }
        connection = sqlite3.connect(f"file:{database_path}?mode=ro", uri=True)
        try:
            return files, list(connection.iterdump())
        finally:
            connection.close()

    return snapshot

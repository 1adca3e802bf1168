"""A mistyped ``database.url`` is told, and no command that only looks makes an empty database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recommender.cli import program  # noqa: F401 - adds the commands
from recommender.cli.application import app
from recommender.config import write_initial_configuration
from recommender.errors import StorageError

Do = Callable[..., Result]


@pytest.fixture
def do(tmp_path: Path) -> Do:
    """Return what types commands into an installation whose database is missing."""
    write_initial_configuration(tmp_path)
    file = tmp_path / "recommender.toml"

    def do(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["-c", str(file), *arguments])

    return do


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats",),
        ("stats", "--json"),
        ("preview", "ann@example.org"),
        ("explain", "ann@example.org"),
        ("nightly",),
        ("evaluate",),
        ("export", "data"),
        ("subscribers", "list"),
        ("subscribers", "show", "ann@example.org"),
        ("subscribers", "remove", "ann@example.org"),
        ("subscribers", "export"),
        ("sources", "list"),
        ("sources", "check", "arxiv:cs.LG"),
        ("sources", "remove", "arxiv:cs.LG"),
        ("sources", "pause", "arxiv:cs.LG"),
        ("sources", "resume", "arxiv:cs.LG"),
        ("sources", "export"),
        ("outbox", "list"),
        ("inbox", "list"),
        ("bounces",),
        ("rejected", "retry", "--all"),
        ("papers", "withdrawn"),
    ],
    ids=" ".join,
)
def test_command_that_brings_nothing_makes_no_database(
    do: Do, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = do(*arguments)

    assert isinstance(ended.exception, StorageError)
    assert f"no database {tmp_path / 'recommender.db'}; correct database.url" in str(
        ended.exception
    )
    assert not (tmp_path / "recommender.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest", "{folder}/incoming"),
        ("subscribers", "add", "ann@example.org"),
        ("sources", "add", "arxiv:cs.LG"),
    ],
    ids=" ".join,
)
def test_command_that_brings_something_says_that_it_made_a_database(
    do: Do, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    given = [each.format(folder=tmp_path) for each in arguments]

    first, second = do(*given), do("subscribers", "list")
    made = f"made a new database at sqlite:///{tmp_path / 'recommender.db'}"
    assert made in first.stderr
    assert (second.exit_code, made in second.stderr) == (0, False)

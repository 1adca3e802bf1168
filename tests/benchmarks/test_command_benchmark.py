"""How long commands take with start-up, beside starting Python with SQLAlchemy alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROUNDS = 5


def run(*arguments: str | Path, cwd: Path) -> None:
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("RECOMMENDER_")
    }
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *arguments],
        cwd=cwd,
        env=environ,
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def test_python_with_sqlalchemy_alone(benchmark: Any, tmp_path: Path) -> None:
    """What the others are to be measured by."""
    benchmark.pedantic(
        run, ("-c", "import sqlalchemy"), {"cwd": tmp_path}, rounds=ROUNDS, warmup_rounds=1
    )


def test_help(benchmark: Any, tmp_path: Path) -> None:
    benchmark.pedantic(
        run,
        ("-m", "recommender", "--help"),
        {"cwd": tmp_path},
        rounds=ROUNDS,
        warmup_rounds=1,
    )


@pytest.fixture
def fresh_folders(tmp_path: Path) -> Any:
    """Return the arguments of another fresh installation for each round."""
    folders = iter([tmp_path / f"round-{number}" for number in range(ROUNDS)])

    def arguments_of_a_round(digest: Path) -> Any:
        folder = next(folders)
        run("-m", "recommender", "init", folder, cwd=tmp_path)
        return ("-m", "recommender", "ingest", digest), {"cwd": folder}

    return arguments_of_a_round


def test_ingest_119_papers(benchmark: Any, shared_data: Path, fresh_folders: Any) -> None:
    digest = shared_data / "digests" / "trending-papers-mar-11.txt"
    benchmark.pedantic(run, setup=lambda: fresh_folders(digest), rounds=ROUNDS)


def test_receive_a_piped_mail(benchmark: Any, tmp_path: Path) -> None:
    run("-m", "recommender", "init", tmp_path / "installation", cwd=tmp_path)
    benchmark.pedantic(
        run,
        ("-m", "recommender", "receive", "--recipient", "papers@example.org"),
        {"cwd": tmp_path / "installation"},
        rounds=ROUNDS,
        warmup_rounds=1,
    )

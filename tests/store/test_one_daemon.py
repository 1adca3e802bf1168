"""Two daemons on one file would mail and file away side by side; the second one is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recommender.errors import StorageError
from recommender.store.one_daemon import END, only_daemon

HOLDS = """
import sys
from recommender.store.one_daemon import only_daemon
with only_daemon(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'recommender.db'}"


def test_second_daemon_is_refused_by_the_first_ones_number_until_that_is_killed(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", HOLDS, url_in(tmp_path)]
    with subprocess.Popen(  # noqa: S603, our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        refused = pytest.raises(StorageError, match=rf"process {first.pid}\); stop that one")
        with refused, only_daemon(url_in(tmp_path)):
            pytest.fail("two of them")
        first.kill()
        first.wait()

    with only_daemon(url_in(tmp_path)):
        assert (tmp_path / f"recommender.db{END}").read_text().strip().isdecimal()
    with only_daemon(url_in(tmp_path)):
        pass


def test_what_is_for_several_is_kept_from_nobody() -> None:
    with only_daemon("postgresql+psycopg://nobody@127.0.0.1:1/none"):
        pass


def test_lock_that_cannot_be_written_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / f"recommender.db{END}").mkdir()

    refused = pytest.raises(StorageError, match=rf"{END}: Is a directory; grant")
    with refused, only_daemon(url_in(tmp_path)):
        pytest.fail("it was written")

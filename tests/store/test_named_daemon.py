"""Two daemons on one file do nothing twice, but the second one says that there is a first."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.errors import StorageError
from recommender.store.named_daemon import END, named_daemon

HOLDS = """
import sys
from recommender.store.named_daemon import named_daemon
with named_daemon(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'recommender.db'}"


def test_second_daemon_names_the_first_one_until_that_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = [sys.executable, "-c", HOLDS, url_in(tmp_path)]
    with subprocess.Popen(  # noqa: S603, our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with named_daemon(url_in(tmp_path)):
            [warning] = caplog.messages
        assert f"(process {first.pid}); stop one of them" in warning
        first.kill()
        first.wait()

    with named_daemon(url_in(tmp_path)):
        assert (tmp_path / f"recommender.db{END}").read_text().strip().isdecimal()
    assert caplog.messages == [warning]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_of_what_is_for_several_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with named_daemon("postgresql+psycopg://nobody@127.0.0.1:1/none"):
        pass
    assert caplog.messages == []


def test_word_that_cannot_be_left_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / f"recommender.db{END}").mkdir()

    refused = pytest.raises(StorageError, match=rf"{END}: Is a directory; grant")
    with refused, named_daemon(url_in(tmp_path)):
        pytest.fail("it was left")

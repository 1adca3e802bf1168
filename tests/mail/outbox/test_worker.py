from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender.mail.outbox.worker import is_alive, worker_name

NAME_AND_WAIT = (
    "import sys; from recommender.mail.outbox.worker import worker_name;"
    "print(worker_name(), flush=True); sys.stdin.read()"
)


@pytest.fixture
def other_process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603, our own interpreter
        [sys.executable, "-c", NAME_AND_WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_this_process_is_alive() -> None:
    assert is_alive(worker_name())


def test_name_is_the_same_each_time() -> None:
    assert worker_name() == worker_name()


def test_other_process_is_alive_until_it_is_killed(other_process: subprocess.Popen[str]) -> None:
    assert other_process.stdout is not None
    name = other_process.stdout.readline().strip()
    assert is_alive(name)

    other_process.kill()
    other_process.wait()

    assert not is_alive(name)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only /proc shows zombies")
def test_killed_process_that_nobody_reaped_is_dead(other_process: subprocess.Popen[str]) -> None:
    assert other_process.stdout is not None
    name = other_process.stdout.readline().strip()
    other_process.kill()

    os.waitid(os.P_PID, other_process.pid, os.WEXITED | os.WNOWAIT)  # killed, and still a zombie

    assert not is_alive(name)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only /proc shows start times")
def test_process_that_was_given_the_number_of_a_dead_one_is_not_taken_for_it() -> None:
    host, pid, started = worker_name().split(":")

    assert not is_alive(f"{host}:{pid}:{int(started) - 1}")


@pytest.mark.parametrize("name", ["elsewhere.example.org:1:1", "demo", "", "a:b:c:d"])
def test_nothing_is_known_of_other_machines_so_their_claims_stand(name: str) -> None:
    assert is_alive(name)


def test_without_proc_the_number_alone_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other_process: subprocess.Popen[str]
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.worker._PROC", tmp_path)
    name = worker_name()
    assert name.endswith(f":{os.getpid()}")
    assert is_alive(name)

    other_process.kill()
    other_process.wait()

    assert not is_alive(name.replace(str(os.getpid()), str(other_process.pid)))

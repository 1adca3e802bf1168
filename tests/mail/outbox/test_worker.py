from __future__ import annotations

import os
import signal
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


def test_asking_a_process_without_proc_disturbs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.worker._PROC", tmp_path)
    heard: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: heard.append(number))
        for number in (signal.SIGHUP, signal.SIGINT)
    }
    try:
        assert is_alive(worker_name())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    assert heard == []


def test_number_that_no_process_can_have_may_be_anybodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.worker._PROC", tmp_path)

    assert is_alive(f"{worker_name().split(':')[0]}:{10**30}")


@pytest.mark.parametrize("rest", ["", ":x", ":7:x", ":7:1:1", ":-7", ":"])
def test_name_of_this_machine_that_is_not_of_our_making_stands(rest: str) -> None:
    assert is_alive(worker_name().split(":")[0] + rest)


def test_colon_in_the_name_of_a_machine_splits_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "2001:db8::7")

    name = worker_name()

    assert name.startswith(f"2001-db8--7:{os.getpid()}")
    assert is_alive(name)
    assert not is_alive(f"2001-db8--7:{_nobodys_number()}")


def _nobodys_number() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


@pytest.mark.parametrize(
    ("process", "state", "expected"),
    [
        (b"python3", b"S", True),
        (b"python3", b"Z", False),
        (b"python3", b"X", False),
        (b"a) Z (b", b"R", True),
        (b"d\xe9mon\xff", b"S", True),
    ],
)
def test_state_and_start_stand_behind_whatever_a_process_is_called(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    process: bytes,
    state: bytes,
    expected: bool,
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.worker._PROC", tmp_path)
    (tmp_path / "self").mkdir()
    (tmp_path / "77").mkdir()
    # proc(5): the state is the third field, and the start the 22nd.
    fields = [b"%d" % number for number in range(4, 22)]
    stat = b" ".join([b"77", b"(" + process + b")", state, *fields, b"123456", b"23", b"24"])
    (tmp_path / "77" / "stat").write_bytes(stat)
    host = worker_name().split(":")[0]

    assert is_alive(f"{host}:77:123456") is expected
    assert is_alive(f"{host}:77") is expected
    assert not is_alive(f"{host}:77:123457")

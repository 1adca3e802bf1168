"""What the service manager hears, and that its silence ends nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.service_manager import notify, notify_status, watchdog_seconds


def test_state_reaches_the_service_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify("READY=1")
        assert manager.recv(100) == b"READY=1"


def test_service_manager_that_does_not_listen_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")
    assert "does not hear us" in caplog.text


@pytest.mark.parametrize(
    ("microseconds", "process", "seconds"),
    [
        ("120000000", "ours", 120.0),
        ("1500000", None, 1.5),
        ("120000000", "1", None),
        (None, None, None),
        ("0", None, None),
        ("often", None, None),
    ],
)
def test_the_watchdogs_time_is_ours_only_where_it_was_set_for_us(
    monkeypatch: pytest.MonkeyPatch,
    microseconds: str | None,
    process: str | None,
    seconds: float | None,
) -> None:
    for name, value in (("WATCHDOG_USEC", microseconds), ("WATCHDOG_PID", process)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, str(os.getpid()) if value == "ours" else value)

    assert watchdog_seconds() == seconds


def test_what_it_is_about_is_one_short_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify_status("ready\nREADY=0 " + "x" * 1_000)
        said = manager.recv(10_000).decode()

    assert said.startswith("STATUS=ready READY=0 xxx")
    assert len(said) < 300
    assert "\n" not in said


HANDED = """
import os, sys
from recommender.service_manager import inherited_sockets
os.dup2(int(sys.argv[2]), 3)
os.environ["LISTEN_PID"] = sys.argv[1] if sys.argv[1] != "ours" else str(os.getpid())
found = inherited_sockets()
print(*(f"{name}={each.getsockname()[1]}" for name, each in found.items()))
print("LISTEN_FDS" in os.environ, any(each.get_inheritable() for each in found.values()))
"""


def handed(process: str, names: str) -> tuple[int, list[str]]:
    """Hand a socket to a process as its descriptor 3; return its port and what the process says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = subprocess.run(  # noqa: S603 - our own program
            (sys.executable, "-c", HANDED, process, str(listener.fileno())),
            env=os.environ | {"LISTEN_FDS": "1", "LISTEN_FDNAMES": names},
            pass_fds=(listener.fileno(),),
            capture_output=True,
            text=True,
            check=True,
        )
        return listener.getsockname()[1], done.stdout.splitlines()


def test_sockets_that_were_opened_for_us_are_taken_over_by_name() -> None:
    port, said = handed("ours", "web")

    assert said == [f"web={port}", "False False"]


@pytest.mark.parametrize(("process", "names"), [("1", "web"), ("ours", "something")])
def test_sockets_of_others_or_of_no_use_are_left(process: str, names: str) -> None:
    _, said = handed(process, names)

    assert said == ["", "False False"]

"""What the service manager hears, and that its silence ends nothing."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from recommender.service_manager import notify, watchdog_seconds


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

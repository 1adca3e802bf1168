"""The process of the night is told of when it fails, and never outlives what it may."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recommender import night_process
from recommender.night_process import MOST_MEMORY_BYTES, NightProcess

LIMITS = """
import os, resource, sys
from recommender.night_process import limit_this_process
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
limit_this_process()
print(os.nice(0), resource.getrlimit(resource.RLIMIT_AS)[0])
"""

DEAF = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(__file__).with_name("deaf").touch()
time.sleep(60)
"""


def run(folder: Path, *, is_stopped: bool = False) -> None:
    """Run a night of an installation without configuration, which fails."""

    async def night() -> None:
        stop = asyncio.Event()
        if is_stopped:
            stop.set()
        options = ("--config", str(folder / "missing.toml"))
        await NightProcess(options, os.environ).run(stop)

    asyncio.run(night())


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(each.levelname, each.getMessage()) for each in caplog.records]


def test_night_that_fails_is_told_after_its_own_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path)

    assert "missing.toml: No such file or directory; name a readable file" in capfd.readouterr().err
    assert told(caplog) == [
        (
            "ERROR",
            "the work of the night failed, see above (exit status 2); it waits for the next one",
        )
    ]


def test_night_that_takes_too_long_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(night_process, "LONGEST_SECONDS", 0.01)

    run(tmp_path)

    assert [level for level, _ in told(caplog)] == ["WARNING", "ERROR"]
    assert "the work of the night was killed by SIGKILL" in caplog.text


def test_night_that_is_told_to_end_has_not_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(tmp_path, is_stopped=True)

    assert told(caplog) == []


def test_night_that_does_not_end_when_it_is_told_to_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(night_process, "ENDING_SECONDS", 0.1)
    (tmp_path / "sitecustomize.py").write_text(DEAF)

    async def night() -> None:
        stop = asyncio.Event()
        environ = os.environ | {"PYTHONPATH": str(tmp_path)}
        running = asyncio.create_task(NightProcess((), environ).run(stop))
        while not (tmp_path / "deaf").exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.01)
        stop.set()
        await running

    asyncio.run(night())

    assert told(caplog) == [("WARNING", "the work of the night does not end, and is killed")]


@pytest.mark.parametrize(
    ("allowed", "taken"),
    [(-1, MOST_MEMORY_BYTES), (3 << 30, 3 << 30), (9 << 30, MOST_MEMORY_BYTES)],
)
def test_process_of_the_night_leaves_time_and_memory_to_others(allowed: int, taken: int) -> None:
    limited = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", LIMITS, str(allowed)], capture_output=True, text=True, check=True
    )

    niceness, memory = map(int, limited.stdout.split())
    assert niceness >= 10
    assert memory == taken

"""What a daemon costs that has nothing to do: wake-ups a second of all threads, and memory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from recommender.config import write_initial_configuration
from recommender.store.database import open_database

SETTLED_SECONDS = 90
"""By then it has done the night that it missed."""
MEASURED_SECONDS = 60
WAKE_UPS_A_SECOND = 3.0
MOST_MB = 130.0


def test_an_idle_daemon_sleeps(tmp_path: Path, free_port: Callable[[], int]) -> None:
    write_initial_configuration(tmp_path)
    # What makes a database takes memory, and an installation has one.
    open_database(f"sqlite:///{tmp_path / 'recommender.db'}").close()
    port = str(free_port())
    settings = {
        "LIST__ADDRESS": "papers@lists.example.org",
        "WEB__BASE_URL": f"http://127.0.0.1:{port}",
        "WEB__PORT": port,
        "SMTP__HOST": "127.0.0.1",
        "SMTP__SECURITY": "plain",
    }
    variables = {f"RECOMMENDER_{key}": value for key, value in settings.items()}
    with subprocess.Popen(
        (sys.executable, "-m", "recommender", "run"),
        cwd=tmp_path,
        env=os.environ | variables,
        stderr=subprocess.DEVNULL,
    ) as daemon:
        try:
            time.sleep(SETTLED_SECONDS)
            before = wake_ups(daemon.pid)
            time.sleep(MEASURED_SECONDS)
            a_second = (wake_ups(daemon.pid) - before) / MEASURED_SECONDS
            memory = number_of("VmRSS", Path(f"/proc/{daemon.pid}/status")) / 1_000
        finally:
            daemon.send_signal(signal.SIGTERM)
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{a_second:.2f} wake-ups a second, {memory:.0f} MB"
    )

    assert a_second <= WAKE_UPS_A_SECOND
    assert memory <= MOST_MB


def wake_ups(process: int) -> int:
    """Return how often its threads gave up a processor to wait for something."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(number_of("voluntary_ctxt_switches", each / "status") for each in threads)


def number_of(name: str, status: Path) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", status.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])

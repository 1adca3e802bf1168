"""How benchmarks of a server say what it took."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def cpu_seconds(process: int) -> float:
    """Return how long a process and those that it started have computed.

    By the clock, they wait for others of their machine.
    """
    started = Path(f"/proc/{process}/task").glob("*/children")
    numbers = [int(each) for path in started for each in path.read_text("ascii").split()]
    return _computed(process) + sum(map(_computed, numbers))


def _computed(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentiles(seconds: Sequence[float]) -> str:
    """Return the middle and the slowest but one in a hundred."""
    ordered = sorted(seconds)
    p50, p99 = (1000 * ordered[len(ordered) * share // 100] for share in (50, 99))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"

"""What was freed goes back to the system, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
from recommender.process_memory import give_back_memory, share_one_arena

def resident_megabytes():
    with open("/proc/self/status") as status:
        [line] = [line for line in status if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024

share_one_arena()
before = resident_megabytes()
blocks = [bytearray(50_000) for _ in range(2_000)]
del blocks[:-1]  # the last one keeps the heap from shrinking
freed = resident_megabytes()
give_back_memory()
print(before, freed, resident_megabytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and asks glibc")
def test_memory_between_what_is_in_use_is_given_back() -> None:
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    before, freed, given_back = map(float, run.stdout.split())
    assert freed > before + 50
    assert given_back < before + 10

"""Whether a parser's time grows with the size of its input, and what it takes at its limit.

A benchmark is a table of `Parser`; `report` measures one of its worst inputs and asserts.
"""

from __future__ import annotations

import gc
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import RecommenderError

Maker = Callable[[int], bytes]
"""Makes bad input of about so many bytes, never of more."""

SHARE_OF_LIMIT = float(os.environ.get("PARSERS_AT", "1"))
"""At which share of what parsers read at most they are measured."""

MOST_FOR_TWICE_THE_SIZE = 2.5
MOST_TRIES = 5
# What starting costs, and what a clock cannot tell: 1 ms to 4 ms is no growth. Neither is a limit
# that the half stays below: counting the keys of JSON, before it is said to be nested too deeply.
NOISE_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser and what is bad for it.

    Attributes
    ----------
    name : str
    parse : callable of bytes
        May raise `RecommenderError`, which is an answer.
    limit : int
        The most bytes that it reads.
    bad : mapping of str to Maker
        By name of what is bad.
    most_megabytes : int
        What it may take of memory at the limit, beyond the input.
    """

    name: str
    parse: Callable[[bytes], object]
    limit: int
    bad: Mapping[str, Maker]
    most_megabytes: int = 500


def repeated(unit: str, *, before: str = "", after: str = "") -> Maker:
    """Return a maker of as many units as there is room for."""

    def make(size: int) -> bytes:
        number = (size - len(before.encode()) - len(after.encode())) // len(unit.encode())
        return (before + unit * number + after).encode()

    return make


def numbered(unit: str, *, before: str = "", after: str = "") -> Maker:
    """Return a maker of as many units as there is room for, with their number for ``{}``."""

    def make(size: int) -> bytes:
        room = size - len(before.encode()) - len(after.encode())
        pieces = []
        number = 0
        while room > 0:
            piece = unit.replace("{}", str(number))
            room -= len(piece.encode())
            number += 1
            pieces.append(piece)
        return (before + "".join(pieces[:-1]) + after).encode()

    return make


def report(parser: Parser, bad: str) -> None:
    """Measure a parser on what is bad for it: print the figures, and assert that they are good.

    No time by itself is judged: machines differ. The time of the process is compared, the best of
    as many tries as it takes: other processes may run.
    """
    make = parser.bad[bad]
    size = int(parser.limit * SHARE_OF_LIMIT)
    whole, half = make(size), make(size // 2)
    assert len(half) <= len(whole) <= size
    megabytes, seconds = peak_megabytes(parser.parse, whole)
    halves = cpu_seconds(parser.parse, half)
    for _ in range(MOST_TRIES):
        is_linear = seconds <= MOST_FOR_TWICE_THE_SIZE * halves + NOISE_SECONDS
        if is_linear:
            break
        halves = min(halves, cpu_seconds(parser.parse, half))
        seconds = min(seconds, cpu_seconds(parser.parse, whole))
    print(  # noqa: T201, the figures are the benchmark's result
        f"{parser.name}: {bad}: {len(whole) / 1e6:.2f} MB: {seconds:.2f} s, "
        f"{seconds / max(halves, 1e-6):.2f} times as long as the half, {megabytes:.0f} MB"
    )
    assert is_linear
    assert megabytes <= parser.most_megabytes


def cpu_seconds(parse: Callable[[bytes], object], content: bytes) -> float:
    """Measure the CPU time of one try, without garbage collection, as in processes that read."""
    gc.collect()
    # As there, too, what is there now is not looked through again: there is a lot of it.
    gc.freeze()
    gc.disable()
    try:
        begun = time.process_time()
        answer(parse, content)
        return time.process_time() - begun
    finally:
        gc.enable()


def peak_megabytes(parse: Callable[[bytes], object], content: bytes) -> tuple[float, float]:
    """Measure by how much the memory of this process grows at most, and the CPU time as well."""
    # proc(5): 5 sets the peak back to what is used now.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status_megabytes("VmRSS")
    seconds = cpu_seconds(parse, content)
    return status_megabytes("VmHWM") - before, seconds


def status_megabytes(name: str) -> float:
    """Read a size that the system keeps of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1000


def answer(parse: Callable[[bytes], object], content: bytes) -> object:
    """Parse; an error of the project is an answer, any other is none."""
    try:
        return parse(content)
    except RecommenderError as error:
        return error

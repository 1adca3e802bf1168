"""Inputs that nobody wrote: real files, mutated, and what is special in their formats.

`fuzz` has a parser read them for some seconds, which ``FUZZ_SECONDS`` says. The table of parsers is
in `test_parsers_fuzz`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.errors import RecommenderError

SECONDS: Final = float(os.environ.get("FUZZ_SECONDS", "0.5"))

EXAMPLES_OF_A_ROUND: Final = 50
LONGEST_SEED: Final = 6_000
MOST_SEEDS: Final = 60
# Far beyond what any parser takes for some kilobytes, on a machine that is busy.
MOST_CPU_SECONDS: Final = 2.0

BAD_ANYWHERE: Final = (
    *(b"\0", b"\xff", b"\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b"\n\n", b" ", b""),
    *(
        b"\xe2\x80\xa8",
        b"\x85",
        b"\x1b",
        b"&",
        b"<",
        b">",
        b'"',
        b"'",
        b"{",
        b"}",
        b"(",
        b"[",
        b"=",
    ),
    *(
        b"0000-00-00",
        b"Feb 30",
        b"99999",
        b"-1",
        b"1" * 5_000,
        b"1e999",
        b"NaN",
        b"\xcc\x95\xcc\x80",
    ),
    *(b"a" * 3_000, b" " * 3_000, b"\n" * 1_000, b"{" * 2_000, b"[" * 2_000, b"<a " * 1_000),
)


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A parser, and where its inputs come from.

    Attributes
    ----------
    name : str
    parse : callable of bytes
        May raise `RecommenderError` and nothing else.
    seeds : str
        A pattern of real files below the shared data.
    pieces : sequence of bytes
        What means something to it; inputs are made of these too.
    """

    name: str
    parse: Callable[[bytes], object]
    seeds: str = ""
    pieces: Sequence[bytes] = ()


def fuzz(fuzzed: Fuzzed, shared_data: Path) -> None:
    """Have a parser read mutated inputs until the time is over.

    Raises
    ------
    AssertionError
        With the input, made as small as it gets, where it raises another error or takes long.
    """
    inputs = st.one_of(
        _mutated(_seeds(fuzzed, shared_data), fuzzed.pieces),
        st.lists(st.sampled_from([*fuzzed.pieces, *BAD_ANYWHERE]), max_size=40).map(b"".join),
        st.binary(max_size=200),
    )

    @settings(
        max_examples=EXAMPLES_OF_A_ROUND,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def reads(content: bytes) -> None:
        begun = time.thread_time()
        try:
            fuzzed.parse(content)
        except RecommenderError as error:
            # Messages are printed and logged: one line of valid Unicode.
            assert "\n" not in str(error).strip()  # noqa: PT017 - an answer too
            str(error).encode()
        assert time.thread_time() - begun <= MOST_CPU_SECONDS

    end = time.monotonic() + SECONDS
    while True:
        reads()
        if time.monotonic() >= end:
            return


def _seeds(fuzzed: Fuzzed, shared_data: Path) -> list[bytes]:
    paths = sorted(path for path in shared_data.glob(fuzzed.seeds or "-") if path.is_file())
    return [path.read_bytes()[:LONGEST_SEED] for path in paths[:MOST_SEEDS]] or [b""]


@st.composite
def _mutated(draw: st.DrawFn, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> bytes:
    """Cut, double, overwrite and insert, up to eight times."""
    content = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 8))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        put = draw(st.sampled_from([*pieces, *BAD_ANYWHERE]))
        kind = draw(st.sampled_from(["insert", "overwrite", "cut", "double", "end"]))
        if kind == "insert":
            content = content[:start] + put + content[start:]
        elif kind == "overwrite":
            content = content[:start] + put + content[start + len(put) :]
        elif kind == "cut":
            content = content[:start] + content[min(end, start + 200) :]
        elif kind == "double":
            content = content[:end] + content[start:end][:500] + content[end:]
        else:
            content = content[:start]
    return content

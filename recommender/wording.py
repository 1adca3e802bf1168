"""Numbers, lists and foreign text in sentences; standard library only, for every room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_BREAKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Bytes that were no UTF-8 come as U+DC80 to U+DCFF (PEP 383); other lone surrogates stand for
# nothing.
_NO_BYTE: Final = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")


def one_line(text: str) -> str:
    """Return text as one line of valid Unicode: white space and control characters become a space.

    Undecodable bytes and halves of surrogate pairs, which JSON can spell, become U+FFFD: no
    database takes them.
    """
    # Nearly always that is all; the patterns take ten times as long to find nothing.
    line = " ".join(text.split())
    if line.isprintable():
        return line
    if not text.isascii():
        bytes_only = _NO_BYTE.sub("\N{REPLACEMENT CHARACTER}", text)
        text = bytes_only.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _BREAKS.sub(" ", text).strip()


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return how many there are: ``1 paper``, ``2 papers``, ``3 dislikes``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def times(number: int) -> str:
    """Return how often, in words: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

"""Mail: lists of words in many languages, written as text. Pure."""

from __future__ import annotations

import re


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def any_of(text: str) -> re.Pattern[str]:
    r"""Compile a regular expression whose alternatives are broken into lines, in any case.

    A line break stands for the bar between two alternatives, in groups too.

    Examples
    --------
    >>> any_of("a(?:b\nc)").fullmatch("AC") is not None
    True
    """
    return re.compile("|".join(line.strip() for line in text.strip().splitlines()), re.IGNORECASE)

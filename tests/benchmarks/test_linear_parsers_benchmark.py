"""Each parser takes, for twice the size of what is bad for it, at most 2.5 times as long.

At its limit it takes seconds and bounded memory. The bad inputs are those that are known; who
finds a worse one adds it to the table.
"""

from __future__ import annotations

import mail_parsers
import papers_parsers
import pytest
from linear import Parser, report


@pytest.mark.parametrize(
    ("parser", "bad"),
    [
        pytest.param(parser, bad, id=f"{parser.name}, {bad}")
        for parser in (*papers_parsers.PARSERS, *mail_parsers.PARSERS)
        for bad in parser.bad
    ],
)
def test_time_grows_with_the_size(parser: Parser, bad: str) -> None:
    report(parser, bad)

"""What the printers of digests share: `Style`, and how names, links and lines are written."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from recommender.domain import DigestEntry

Papers = Sequence[DigestEntry]
Printer = Callable[[date, Papers], str]


@dataclass(frozen=True, slots=True)
class Style:
    """How papers are printed, and which of ``authors``, ``id`` and ``date`` the print holds."""

    name: str
    prints: frozenset[str]
    write: Printer
    is_wrapped: bool = False
    is_numbered: bool = False


def link(paper: DigestEntry) -> str:
    return f"https://arxiv.org/abs/{paper.arxiv_id}"


def names(paper: DigestEntry) -> str:
    return ", ".join(paper.authors)


def with_and(paper: DigestEntry) -> str:
    *others, last = paper.authors
    return f"{', '.join(others)} and {last}" if others else last


def escaped(text: str) -> str:
    return text.replace("|", "\\|")


def keycaps(number: int) -> str:
    return "".join(f"{digit}\ufe0f\u20e3" for digit in str(number))


def fill(text: str, width: int = 80, indent: str = "", first: str | None = None) -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def joined(papers: Papers, write: Callable[[int, DigestEntry], str], by: str = "\n\n") -> str:
    return by.join(write(number, paper) for number, paper in enumerate(papers, start=1)) + "\n"

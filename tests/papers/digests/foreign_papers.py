"""Three papers that tests print in any form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from recommender.domain import Digest
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
TITLES = ("Growth of moss on old walls", "Songs of birds in meadows", "Mice that swim at night")
ABSTRACTS = (
    (
        "Moss grows on old walls, and nobody knows how fast. We measured its growth for two years "
        "with a ruler, and found that it depends on rain."
    ),
    (
        "Birds of meadows sing in spring. We recorded their songs at ten places and compared them, "
        "and report that each meadow has songs of its own."
    ),
    (
        "Mice are thought to fear water. We watched swimming mice at night with cameras, counted "
        "them, and show that most of them swim where they can."
    ),
)
NAMES = ("Ann Example, Bo Sample", "Cy Other, Di Another, Ed Third", "Flo Fourth, Gus Fifth")
IDS = ("2603.00001", "2603.00002", "2603.00003")
PEOPLE = tuple(tuple(names.split(", ")) for names in NAMES)


def printed(form: Callable[[int], str], *, head: str = "# Papers 2026-03-11\n\n") -> str:
    """Return a digest of the papers, each as ``form`` prints the one of that number."""
    return head + "".join(form(n) for n in range(len(TITLES)))


def read(text: str) -> Digest:
    """Read a digest on the day of the tests."""
    return parse_digest(text.encode(), today=TODAY)


def is_right(digest: Digest, *, authors: bool = True, ids: bool = True) -> bool:
    """Whether a digest is the papers, with their authors and identifiers if these were printed."""
    return [(e.title, e.abstract, e.authors, e.arxiv_id) for e in digest.entries] == [
        (title, abstract, people if authors else (), arxiv_id if ids else None)
        for title, abstract, people, arxiv_id in zip(TITLES, ABSTRACTS, PEOPLE, IDS, strict=True)
    ]

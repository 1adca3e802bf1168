"""What the tables of bad papers have in common: the parser of digests, and makers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from linear import Maker, repeated

from recommender.papers import formats
from recommender.papers.digests.free_digest import MOST_LINES
from recommender.papers.feeds.feed_xml import MAX_BYTES, MOST_ELEMENTS
from recommender.papers.identity.merging import merge_entries

NOW: Final = datetime(2026, 3, 11, 7, tzinfo=UTC)
TODAY: Final = NOW.date()

RSS: Final = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>'
IN_ITEM: Final = f"{RSS}<item><title>a title</title>"
ATOM: Final = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
DC: Final = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def digest(content: bytes) -> object:
    """Read a digest, and decide which papers its entries are."""
    entries = formats.parse_digest(content, today=TODAY).entries
    return merge_entries([], entries, now=NOW)


def in_item(unit: str, *, before: str = "", after: str = "") -> Maker:
    """Return a maker of RSS whose only item holds the units."""
    return repeated(
        unit,
        before=f"{RSS}<item><title>a title</title>{before}",
        after=f"{after}</item></channel></rss>",
    )


def counted(unit: str, elements: int, *, before: str = RSS, after: str = "") -> Maker:
    """Return a maker of as many units as a feed may have, by its elements and by its size."""

    def make(size: int) -> bytes:
        by_elements = (MOST_ELEMENTS - 100) * size // MAX_BYTES // elements
        # A number takes up to five digits.
        by_size = (size - len((before + after).encode())) // (len(unit.encode()) + 5)
        number = min(by_elements, by_size)
        pieces = (unit.replace("{}", str(each)) for each in range(number))
        return (before + "".join(pieces) + after).encode()

    return make


def in_few_lines(unit: str, lines: int, *, before: str = "", after: str = "") -> Maker:
    """Return a maker of as many units as a digest text may have lines."""

    def make(size: int) -> bytes:
        number = MOST_LINES * size // formats.MAX_BYTES["digest text"] // lines - 10
        number = min(number, (size - len((before + after).encode())) // len(unit.encode()))
        return (before + unit * number + after).encode()

    return make

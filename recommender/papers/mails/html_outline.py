"""Room 1, papers: HTML as the lines that a reader sees, with the links in each. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recommender.html_text import BLOCK_ELEMENTS, NEVER_SEEN, walk_html
from recommender.papers.mails.html_tables import OpenTables
from recommender.papers.text.plain_text import clean_line, with_small_text

LONGEST_HTML: Final = 3_000_000
"""Characters; digests of lists that are mailed have some hundred thousand."""
MOST_LINES: Final = 50_000
MOST_LINKS: Final = 50
"""Of one line."""

_MOST_PIECES: Final = 20
_LOOKED_BACK: Final = 5

_LONGEST_ATTRIBUTE: Final = 4_000
_CELLS: Final = frozenset({"td", "th"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_STRONG: Final = frozenset({"b", "strong"}) | _HEADINGS
# What mail programs show in their lists of mails, and nowhere else.
_HIDDEN: Final = re.compile(r"display\s{0,3}:\s{0,3}none|mso-hide\s{0,3}:\s{0,3}all", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link, or the part of it that stands in one line.

    Attributes
    ----------
    text : str
        What is seen of it; empty for a picture.
    before : str
        What stands before it in its line.
    kind : str
        Its class, as whoever wrote the document named it.
    """

    href: str
    text: str
    before: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes
    ----------
    is_heading : bool
        It stands in a heading, or is bold from its first letter to its last.
    is_section : bool
        It stands in a heading.
    level : int
        Of that heading, from 1; otherwise 0.
    row : int
        Of a table whose heads name its columns: counted through the document from 1; otherwise 0.
    column : str
        What the head of its cell says, such as ``title`` or ``authors``; ``other`` where no paper
        needs it.
    """

    text: str
    links: tuple[Link, ...] = ()
    is_heading: bool = False
    is_section: bool = False
    level: int = 0
    row: int = 0
    column: str = ""


def outline_of(html: str) -> list[Line]:
    """Return the lines of a document; none is empty, unless it has a link without text.

    Cells of tables are lines too. What is hidden is left out.
    """
    outline = _Outline()
    walk_html(with_small_text(html[:LONGEST_HTML]), outline)
    outline.end_line()
    return outline.lines


@dataclass(slots=True)
class _OpenLink:
    href: str
    kind: str
    start: int = 0


class _Outline:
    """Gathers visible text in lines, and the links in it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._open: list[tuple[str, bool]] = []
        self._unseen = 0
        self._strong = 0
        self._pieces: list[str] = []
        self._levels: list[int] = []
        self._weak_letters = self._letters_outside = 0
        self._links: list[Link] = []
        self._link: _OpenLink | None = None
        self._tables = OpenTables()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in BLOCK_ELEMENTS or tag in _CELLS or tag == "br":
            self.end_line()
        style = attributes.get("style", "")[:_LONGEST_ATTRIBUTE]
        is_unseen = tag in NEVER_SEEN or bool(_HIDDEN.search(style))
        self._open.append((tag, is_unseen))
        self._unseen += is_unseen
        self._strong += tag in _STRONG
        if tag in _HEADINGS:
            self._levels.append(int(tag[1]))
        self._tables.start(tag, attributes)
        if tag == "a" and not self._unseen:
            self._end_link()
            href = attributes.get("href", "").strip()
            if href and len(href) <= _LONGEST_ATTRIBUTE:
                kind = attributes.get("class", "")[:_LONGEST_ATTRIBUTE]
                self._link = _OpenLink(href, kind, len(self._pieces))

    def end(self, tag: str) -> None:
        if tag in BLOCK_ELEMENTS or tag in _CELLS:
            self.end_line()
        self._tables.end(tag)
        if tag == "a":
            self._end_link()
        was, is_unseen = self._open.pop() if self._open else (tag, False)
        self._unseen -= is_unseen
        self._strong -= was in _STRONG
        if was in _HEADINGS and self._levels:
            self._levels.pop()

    def data(self, text: str) -> None:
        if self._unseen:
            return
        self._pieces.append(text)
        if not text.isspace():
            self._weak_letters += not self._strong
            self._letters_outside += not self._levels

    def end_line(self) -> None:
        """End the line; a link that is open goes on in the next one."""
        open_link = self._link
        self._end_link()
        text = clean_line("".join(self._pieces))
        if (text or self._links) and len(self.lines) < MOST_LINES:
            is_strong = bool(text) and not self._weak_letters
            is_section = bool(text) and not self._letters_outside
            level = self._levels[-1] if is_section and self._levels else 0
            self._tables.say(text)
            row, column = self._tables.place
            links = tuple(self._links)
            self.lines.append(Line(text, links, is_strong, is_section, level, row, column))
        self._pieces.clear()
        self._links.clear()
        self._weak_letters = self._letters_outside = 0
        if open_link is not None:
            self._link = _OpenLink(open_link.href, open_link.kind)

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        text = clean_line("".join(self._pieces[link.start :]))
        # An anchor around blocks leaves nothing behind them.
        if not text and any(each.href == link.href for each in self._links[-_LOOKED_BACK:]):
            return
        before = clean_line("".join(self._pieces[: min(link.start, _MOST_PIECES)]))
        if len(self._links) >= MOST_LINKS:
            return
        if text or not self.lines or self.lines[-1].links[-1:] != (Link(link.href, ""),):
            self._links.append(Link(link.href, text, before, link.kind))

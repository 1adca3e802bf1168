"""Mail: the lines that a reader of an HTML mail sees, and which of them are quoted. Pure.

What stands in a ``blockquote`` gets the mark of a quote, so that `quotes` leaves it out; around
other elements that quote stand the lines `QUOTE_BEGINS` and `QUOTE_ENDS`. What is typed between
two quotes, or behind one whose inner tags nobody closed, stays what a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recommender.html_text import BLOCK_ELEMENTS, NEVER_SEEN, walk_html
from recommender.mail.inbox.quotes import LONGEST_BODY, QUOTE_BEGINS, QUOTE_ENDS

LONGEST_HTML: Final = 500_000
"""Characters that are looked at: our newsletter in somebody's quote, with their styles."""

MOST_LINES: Final = 8_000

_LONGEST_ATTRIBUTE: Final = 200
_QUOTING = re.compile(
    r"(?:^|[\s_-]|[a-z]+mail)_?quote[ds]?(?![a-z])|(?:^|\s)yahoo_quoted|zmail_extra"
    r"|isreplycontent|olk_src_body_section",
    re.IGNORECASE,
)
_RULED_AT_ITS_SIDE = re.compile(r"border-left[\w-]{0,6}\s{0,3}:[^;]{0,60}solid", re.IGNORECASE)
# These stand before what is quoted, or hold its headers only.
_BEFORE_A_QUOTE = re.compile(r"divrplyfwdmsg|appendonsend|replysplit|reply-intro", re.IGNORECASE)
_SIGNING = re.compile(r"signature", re.IGNORECASE)
_END_OF_BLOCKQUOTE = re.compile(r"</blockquote\b[^<>]{0,50}>", re.IGNORECASE)
_END_MARK: Final = "a-quote-ends"
_QUOTE_MARK: Final = "> "
# Ends the quote before it and begins another one, wherever that ends.
_RULE: Final = "_" * 32


def text_of_html(html: str) -> str:
    """Return what is seen, a line for each line, for `quotes.without_quotes`."""
    # The parser passes over an end tag that crosses a table, but not over an element before it.
    marked = _END_OF_BLOCKQUOTE.sub(rf'<br class="{_END_MARK}">\g<0>', html[:LONGEST_HTML])
    lines = _Lines()
    walk_html(marked, lines)
    return "\n".join(lines.ended())[:LONGEST_BODY]


@dataclass(slots=True, eq=False)
class _Element:
    """An element that quotes or signs.

    Attributes
    ----------
    is_ended : bool
        Of a blockquote: its own end tag was found.
    holds_blockquote : bool
        Of another one: so what stands around that is an answer.
    """

    is_blockquote: bool = False
    is_ended: bool = False
    holds_blockquote: bool = False


@dataclass(slots=True)
class _Line:
    text: str
    around: tuple[_Element, _Element] | None
    """The outermost and the innermost blockquote."""
    of: _Element | None = None
    """What begins or ends with this line, and leaves it out where it holds a blockquote."""


class _Lines:
    """Gathers visible text in lines, with the quotes that each stands in."""

    def __init__(self) -> None:
        self._unseen = 0
        self._preformatted = 0
        self._open: list[_Element | None] = []
        self._blockquotes: list[_Element] = []
        self._others: list[_Element] = []
        self._pieces: list[str] = []
        self._lines: list[_Line] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        names = " ".join(attributes.get(name, "") for name in ("class", "id", "name"))
        names = names[:_LONGEST_ATTRIBUTE]
        self._break_at(tag)
        self._unseen += tag in NEVER_SEEN
        self._preformatted += tag == "pre"
        element = None
        if tag == "blockquote":
            element = _Element(is_blockquote=True)
            self._blockquotes.append(element)
            if self._others:
                self._others[-1].holds_blockquote = True
        elif _END_MARK in names:
            if self._blockquotes:
                self._blockquotes.pop().is_ended = True
        elif _BEFORE_A_QUOTE.search(names):
            self._end_line()
            self._add(_RULE)
        elif (
            _QUOTING.search(names)
            or _SIGNING.search(names)
            or _RULED_AT_ITS_SIDE.search(attributes.get("style", "")[:_LONGEST_ATTRIBUTE])
        ):
            element = _Element()
            self._others.append(element)
            self._end_line()
            self._add(QUOTE_BEGINS, element)
        self._open.append(element)

    def end(self, tag: str) -> None:
        if tag != "br":
            self._break_at(tag)
        self._unseen -= tag in NEVER_SEEN
        self._preformatted -= tag == "pre"
        element = self._open.pop()
        if element is None or element.is_ended:
            return
        if element.is_blockquote:
            self._blockquotes.pop()
            return
        self._end_line()
        self._add(QUOTE_ENDS, self._others.pop())
        if self._others:
            self._others[-1].holds_blockquote |= element.holds_blockquote

    def data(self, text: str) -> None:
        if self._unseen:
            return
        first, *others = text.split("\n") if self._preformatted else [text]
        self._pieces.append(first)
        for line in others:
            self._end_line(keeps_empty=True)
            self._pieces.append(line)

    def ended(self) -> list[str]:
        """Return the lines; those of a blockquote that nobody ended stand between two lines."""
        self._end_line()
        found: list[str] = []
        is_open = False
        for line in self._lines:
            if line.of is not None and line.of.holds_blockquote:
                continue
            is_quoted = line.around is not None and any(each.is_ended for each in line.around)
            was_open, is_open = is_open, line.around is not None and not is_quoted
            if is_open is not was_open:
                found.append(QUOTE_BEGINS if is_open else QUOTE_ENDS)
            found.append(_QUOTE_MARK + line.text if is_quoted else line.text)
        return found

    def _break_at(self, tag: str) -> None:
        if tag in BLOCK_ELEMENTS or tag == "br":
            self._end_line(keeps_empty=tag == "br")
        elif tag in ("td", "th"):
            self._pieces.append(" ")

    def _end_line(self, *, keeps_empty: bool = False) -> None:
        line = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        if line or (keeps_empty and self._lines and self._lines[-1].text):
            self._add(line)

    def _add(self, text: str, of: _Element | None = None) -> None:
        if len(self._lines) < MOST_LINES:
            quotes = self._blockquotes
            self._lines.append(_Line(text, (quotes[0], quotes[-1]) if quotes else None, of))

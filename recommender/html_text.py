"""HTML that somebody else wrote, as the lines of text that a reader sees; for every room.

Only this module and `papers.feed_xml` know lxml. Its parser hands over one token after the other
and builds no tree: trees cost the square of their depth, in selectolax too, or end at 2,048
elements.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, Protocol

from lxml import etree

NEVER_SEEN: Final = frozenset(
    {"head", "iframe", "noembed", "noframes", "script", "style", "template", "title"}
)
"""What stands in these is no text of the page."""

BLOCK_ELEMENTS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd"),
        *("details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html"),
        *("legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section"),
        *("summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)
"""Before and behind these a line ends."""

_CELLS: Final = frozenset({"td", "th"})
# An end tag is looked for among all open elements, so that this bounds what each costs. Real mails
# nest up to some hundreds.
_DEEPEST: Final = 1_000
_CHARACTERS_AT_A_TIME: Final = 1_024
# No character has so many digits; the parser would look at them again with each piece it is fed.
_ENDLESS_REFERENCE: Final = re.compile(r"&#[xX]?[0-9a-fA-F]{100,}")


class HtmlVisitor(Protocol):
    """What `walk_html` calls, in the order of the document."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take an opening tag, its names in lower case; an empty element is ended at once."""

    def end(self, tag: str) -> None:
        """Take the end of an element, written or implied; each that was opened is ended once."""

    def data(self, text: str) -> None:
        """Take a piece of text, its entities decoded; white space is as in the source."""


def walk_html(html: str, visitor: HtmlVisitor) -> None:
    """Walk through a document or fragment as a browser reads it; comments are left out.

    Takes time in proportion to its length, and never raises on account of it. Where elements are
    nested deeper than anybody writes, all that are open are ended, and reading goes on.

    Parameters
    ----------
    html : str
        Anything. Halves of surrogate pairs become question marks, NUL becomes U+FFFD.
    visitor : HtmlVisitor
    """
    html = html.encode("utf-8", "replace").decode()
    html = _ENDLESS_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", html)
    depth = _Depth(visitor)
    parser = _parser(depth)
    for piece in _pieces(html):
        parser.feed(piece)
        if depth.open > _DEEPEST:
            parser.close()
            parser = _parser(depth)
    parser.close()


def blocks_of_html(html: str, *, left_out: Collection[str] = NEVER_SEEN) -> list[str]:
    """Return the lines of text that a reader of a document or fragment sees.

    Parameters
    ----------
    html : str
        Anything.
    left_out : collection of str
        Elements that count for nothing, with all that is in them.

    Returns
    -------
    list of str
        None is empty. White space is a single space; preformatted lines stay lines.

    Examples
    --------
    >>> blocks_of_html("<p>Graph <b>net</b>works &amp;<br>more</p><table><td>1<td>2")
    ['Graph networks &', 'more', '1 2']
    """
    lines = _Lines(left_out)
    walk_html(html, lines)
    return lines.ended()


def _pieces(html: str) -> Iterator[str]:
    """Part before a tag where there is one, so that reading may begin anew with each piece."""
    start = 0
    while start < len(html):
        end = start + _CHARACTERS_AT_A_TIME
        tag = html.rfind("<", start + 1, end)
        end = tag if tag != -1 and end < len(html) else end
        yield html[start:end]
        start = end


def _parser(target: _Depth) -> etree.HTMLParser:
    parser = etree.HTMLParser(target=target, huge_tree=True)
    parser.feed("")  # what was fed nothing cannot be closed
    return parser


class _Depth:
    """Counts the open elements for `walk_html`."""

    def __init__(self, visitor: HtmlVisitor) -> None:
        self.open = 0
        self._visitor = visitor
        self.data = visitor.data

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.open += 1
        self._visitor.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.open -= 1
        self._visitor.end(tag)

    def close(self) -> None:
        """Do nothing: the parser wants to be able to say that it is done."""


class _Lines:
    """Gathers visible text in lines."""

    def __init__(self, left_out: Collection[str]) -> None:
        self._left_out = left_out
        self._unseen = 0
        self._preformatted = 0
        self._pieces: list[str] = []
        self._lines: list[str] = []

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self._part(tag)
        self._unseen += tag in self._left_out
        self._preformatted += tag == "pre"

    def end(self, tag: str) -> None:
        self._part(tag)
        self._unseen -= tag in self._left_out
        self._preformatted -= tag == "pre"

    def data(self, text: str) -> None:
        if self._unseen:
            return
        if not self._preformatted:
            self._pieces.append(text)
            return
        first, *others = text.split("\n")
        self._pieces.append(first)
        for line in others:
            self._end_line()
            self._pieces.append(line)

    def ended(self) -> list[str]:
        self._end_line()
        return self._lines

    def _part(self, tag: str) -> None:
        if tag in BLOCK_ELEMENTS or tag == "br":
            self._end_line()
        elif tag in _CELLS:
            self._pieces.append(" ")

    def _end_line(self) -> None:
        line = " ".join("".join(self._pieces).split())
        if line:
            self._lines.append(line)
        self._pieces.clear()

"""Room 1, papers: HTML that was pasted into a digest text, as marked lines. Pure.

A fragment becomes the Markdown that says the same, each line with its number in the file.
"""

from __future__ import annotations

import re
from typing import Final

_START: Final = re.compile(
    r"^[ \t]{0,40}<(?:h[1-6]|p|li|ol|ul|div|table|tr|td|article|section|blockquote|a|b"
    r"|strong|br|dl|dt)"
    r"(?:\s[^<>\n]{0,2000})?/?>",
    re.IGNORECASE | re.MULTILINE,
)
_END: Final = re.compile(
    r"</(?:h[1-6]|p|li|div|a|tr|td|dt|dd|article|section)\s{0,3}>", re.IGNORECASE
)
_FEWEST: Final = 2
_TAG: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<end>/?)(?P<name>h[1-6]|p|li|ol|ul|div|table|thead|tbody|tr|td|th|article"
    r"|section|header|footer|main|blockquote|a|b|strong|i|em|br|hr|span|dl|dt|dd|font|u|center|html"
    r"|body|small|img)(?P<rest>(?:\s[^<>]{0,2000})?)/?>",
    re.IGNORECASE | re.DOTALL,
)
_HREF: Final = re.compile(r"""\shref\s?=\s?(?:"(?P<d>[^"]*)"|'(?P<s>[^']*)')""", re.IGNORECASE)
_BLOCKS: Final = frozenset(
    {"p", "div", "article", "section", "header", "footer", "main", "blockquote", "ol", "ul",
     "table", "thead", "tbody", "dl", "center", "html", "body"}
)  # fmt: skip
_BOLD: Final = frozenset({"b", "strong"})
_SLANTED: Final = frozenset({"i", "em"})
_SPACE: Final = re.compile(r"\s+")


def has_pasted_html(text: str) -> bool:
    """Whether lines begin with elements that are ended, too."""
    starts = sum(1 for _, _ in zip(_START.finditer(text), range(_FEWEST), strict=False))
    return starts >= _FEWEST and _END.search(text) is not None


def lines_of_pasted_html(text: str) -> list[tuple[int, str]]:
    """Return the lines that a reader would see, marked as Markdown marks them."""
    writer = _Writer()
    at = 0
    for tag in _TAG.finditer(text):
        writer.text(text[at : tag.start()])
        if tag["name"]:
            writer.tag(tag["name"].lower(), tag["rest"] or "", ends=bool(tag["end"]))
        writer.skip(tag[0])
        at = tag.end()
    writer.text(text[at:])
    return writer.ended()


class _Writer:
    """Gathers lines; a line break of the source is a space within a block."""

    def __init__(self) -> None:
        self._number = 1
        self._begun = 1
        self._pieces: list[str] = []
        self._lines: list[tuple[int, str]] = []
        self._counters: list[int] = []
        self._address = ""
        self._cells = 0
        self._heads = False
        self._depth = 0

    def text(self, text: str) -> None:
        """Take text between tags; outside of blocks its own line ends count."""
        first, *others = text.split("\n")
        self._piece(first)
        for line in others:
            if not self._depth:
                self._end_line()
                if not line.strip():
                    self._lines.append((self._number, ""))
            else:
                self._piece(" ")
            self._number += 1
            self._piece(line)

    def skip(self, tag: str) -> None:
        """Count the lines that a tag goes over."""
        self._number += tag.count("\n")

    def _piece(self, text: str) -> None:
        if text:
            if not self._pieces:
                self._begun = self._number
            self._pieces.append(text)

    def _end_line(self) -> None:
        line = _SPACE.sub(" ", "".join(self._pieces)).strip()
        self._pieces.clear()
        if line.strip("*_"):
            self._lines.append((self._begun, line))

    def _part(self) -> None:
        self._end_line()
        self._lines.append((self._number, ""))

    def tag(self, name: str, rest: str, *, ends: bool) -> None:
        """Take a tag as the mark that it is."""
        if name in _BOLD | _SLANTED:
            self._emphasis("**" if name in _BOLD else "*", ends=ends)
        elif name == "a":
            self._link(rest, ends=ends)
        elif name == "br":
            self._end_line()
        elif name == "hr":
            self._part()
            self._lines.append((self._number, "---"))
        elif name[0] == "h" and name[1:].isdigit():
            self._open(ends=ends)
            self._piece("" if ends else "#" * int(name[1]) + " ")
        elif name in {"tr", "td", "th"}:
            self._row(name, ends=ends)
        elif name in {"li", "dt", "dd"}:
            self._list_item(name, ends=ends)
        elif name in _BLOCKS:
            if name in {"ol", "ul"}:
                self._list(ordered=name == "ol", ends=ends)
            self._open(ends=ends) if name in {"p", "blockquote"} else self._part()

    def _open(self, *, ends: bool) -> None:
        self._part()
        self._depth = 0 if ends else 1

    def _emphasis(self, mark: str, *, ends: bool) -> None:
        written = "".join(self._pieces).strip()
        if ends and written.endswith(mark):
            self._pieces = [written.removesuffix(mark)]
        else:
            self._piece(mark)

    def _link(self, rest: str, *, ends: bool) -> None:
        if ends:
            self._piece(f"]({self._address})" if self._address else "")
            self._address = ""
            return
        found = _HREF.search(rest)
        address = ((found["d"] or found["s"] or "") if found else "").strip()
        self._address = address if address.startswith(("http://", "https://")) else ""
        self._piece("[" if self._address else "")

    def _list(self, *, ordered: bool, ends: bool) -> None:
        if ends:
            self._counters = self._counters[:-1]
        else:
            self._counters.append(0 if ordered else -1)

    def _list_item(self, name: str, *, ends: bool) -> None:
        self._part()
        self._depth = 0 if ends else 1
        if ends or name == "dd":
            return
        if name == "dt" or not self._counters or self._counters[-1] < 0:
            self._piece("- ")
            return
        self._counters[-1] += 1
        self._piece(f"{self._counters[-1]}. ")

    def _row(self, name: str, *, ends: bool) -> None:
        if name == "tr":
            if ends and self._cells:
                self._end_line()
                if self._heads:
                    self._lines.append((self._number, "|" + "---|" * self._cells))
            elif not ends:
                self._end_line()
            self._cells, self._heads, self._depth = 0, False, 0 if ends else 1
            return
        if not ends:
            self._piece("| " if self._cells == 0 else "")
            self._cells += 1
            self._heads = self._heads or name == "th"
        else:
            self._piece(" |")

    def ended(self) -> list[tuple[int, str]]:
        """Return all lines."""
        self._end_line()
        return self._lines

"""Room 1, papers: the lines of a digest as blocks, each with the one role that it may have. Pure.

What begins a paper differs from file to file, so blocks are made for one supposition about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from recommender.papers.calendar_dates import is_day
from recommender.papers.line_roles import (
    byline_of,
    is_footer,
    is_greeting,
    is_links,
    is_sponsor,
    label_of,
    signed_role,
)
from recommender.papers.markdown_lines import Line, is_rule, read_line, underline_of

Kind = Literal[
    "title", "text", "abstract", "tldr", "authors", "link", "date", "meta", "marked", "rule",
    "greeting", "footer", "sponsor",
]  # fmt: skip

SENTENCE_END: Final = tuple(".?!…。！？\"”’'»)]")
SENTENCE_BREAK: Final = re.compile(r"[.?!…][)\]\"”’»]?\s+\S|[。！？]")
LONGEST_TITLE: Final = 300
"""No title of the daily-papers archive (5,204) is longer than 168 characters."""

_LONGEST_WRAPPED_LINE: Final = 160
_LONGEST_SENTENCE_TITLE: Final = 200
_LIST_MARKS: Final = frozenset("-*+•‣◦▪■●○–—·→►▶➤➢✦★☆∙⁃□◆◇❖1")
_HYPHENATED: Final = re.compile(r"[^\W\d_]-\Z")
_SUSPENDED: Final = re.compile(r"(?:and|or|to|nor|but|versus|vs|und|oder|et|ou|y|o)\b")


@dataclass(slots=True)
class Block:
    """A run of lines of one role.

    Attributes
    ----------
    kind : str
    number, last : int
        Its first and its last line in the file.
    text : str
        Without marks and label, on one line.
    line : Line
        The first one.
    is_direct : bool
        Whether no blank line stands before it.
    """

    kind: Kind
    number: int
    text: str
    line: Line
    is_direct: bool
    last: int
    parts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Supposition:
    """What begins a paper: a mark at some indent, ``title`` for a label, or nothing (plain)."""

    mark: str
    indent: int = 0

    def begins_paper(self, line: Line) -> bool:
        """Whether a line is marked as the title of a paper, or as a heading in its place."""
        if not self.mark or not line.marks or line.marks[0] != self.mark:
            return False
        if self.mark[0] in _LIST_MARKS and self.mark != "**":
            return abs(line.indent - self.indent) <= 1
        return True


def is_prose(text: str) -> bool:
    """Whether a text reads like an abstract: long, or a sentence with its end."""
    if len(text) > LONGEST_TITLE or text.endswith((".", "。", "…")):
        return True
    return len(text) > _LONGEST_SENTENCE_TITLE and SENTENCE_BREAK.search(text) is not None


def numbered_lines(lines: Sequence[tuple[int, str]]) -> list[Line | None]:
    """Read the lines; None is a blank one. An underlined line becomes a heading."""
    read: list[Line | None] = []
    for number, raw in lines:
        if not raw or raw.isspace():
            read.append(None)
            continue
        above = read[-1] if read else None
        underline = underline_of(raw.strip())
        if underline and above is not None and _may_be_underlined(above, read):
            heading = (f"{underline}0", *above.marks)
            texts = (above.whole, *above.texts)
            read[-1] = Line(
                above.number, above.indent, heading, texts, above.rest, above.links, above.ordinals
            )
            continue
        read.append(read_line(number, raw))
    return read


def _may_be_underlined(line: Line, read: Sequence[Line | None]) -> bool:
    before = read[-2] if len(read) > 1 else None
    return (
        (before is None or is_rule(before.whole))
        and len(line.whole) <= LONGEST_TITLE
        and not is_rule(line.whole)
        and not is_links(line)
        and label_of(line) is None
    )


def is_wrapped(lines: Sequence[Line | None]) -> bool:
    """Whether paragraphs go over several lines: no line is longer than people wrap them."""
    return all(line is None or len(line.whole) <= _LONGEST_WRAPPED_LINE for line in lines)


def blocks_of(
    lines: Sequence[Line | None], supposed: Supposition, *, wrapped: bool
) -> list[Block]:
    """Part lines into blocks of one role each."""
    blocks: list[Block] = []
    after_blank = True
    for line in lines:
        if line is None:
            after_blank = True
            continue
        above = blocks[-1] if blocks and not after_blank else None
        kind, text = _role(line, supposed, above, wrapped=wrapped)
        if above is not None and _goes_on(above, kind, line, wrapped=wrapped):
            above.parts.append(line.whole if kind == "text" else text)
            above.last = line.number
        else:
            direct = above is not None
            blocks.append(Block(kind, line.number, text, line, direct, line.number, [text]))
        after_blank = False
    for block in blocks:
        if len(block.parts) > 1:
            block.text = joined_lines(block.parts)
    return blocks


def joined_lines(parts: Sequence[str]) -> str:
    """Join wrapped lines; one that was broken behind a hyphen loses no more than the break."""
    joined: list[str] = []
    for part in parts:
        if joined:
            broken = _HYPHENATED.search(joined[-1][-2:]) and not _SUSPENDED.match(part)
            joined.append("" if broken else " ")
        joined.append(part)
    return "".join(joined)


def _role(
    line: Line, supposed: Supposition, above: Block | None, *, wrapped: bool
) -> tuple[Kind, str]:
    if is_rule(line.whole):
        return "rule", ""
    label = label_of(line)
    if label is not None:
        role, value = label
        if role == "title":
            return ("title" if supposed.mark == "title" else "marked"), value
        return _labelled(role, value, line)
    if above is not None and _is_within_prose(line, above, supposed, wrapped=wrapped):
        return "text", line.whole
    if supposed.begins_paper(line):
        return _supposed_title(line)
    if is_links(line) or (signed_role(line) == "link" and "http" in line.whole):
        return "link", line.whole
    if is_day(line.text):
        return "date", line.text
    return _unlabelled(line, above)


def _labelled(role: str, value: str, line: Line) -> tuple[Kind, str]:
    if role in {"abstract", "tldr", "authors", "date", "meta"}:
        return role, value  # type: ignore[return-value] - these are kinds
    return "link", value or line.whole


def _supposed_title(line: Line) -> tuple[Kind, str]:
    if is_day(line.text):
        return "date", line.text
    if is_sponsor(line.text):
        return "sponsor", line.text
    if is_links(line) and "[]" not in line.marks:
        return "link", line.whole
    return "title", line.text


def _unlabelled(line: Line, above: Block | None) -> tuple[Kind, str]:
    if signed_role(line) == "authors":
        return "authors", byline_of(line.text) or line.text
    named = byline_of(line.text)
    if named and not is_prose(line.text.rstrip(".")) and (above is None or above.kind != "text"
                                                          or not is_prose(above.text)):
        return "authors", named
    if is_sponsor(line.text):
        return "sponsor", line.text
    if above is None or above.kind in {"rule", "footer"}:
        if is_footer(line.text):
            return "footer", line.text
        if is_greeting(line.text):
            return "greeting", line.text
    if line.marks and line.marks[0] != "_" and not line.rest and _is_a_mark(line):
        return "marked", line.text
    if line.rest or not line.marks:
        return "text", line.whole
    return "text", line.text


def _is_a_mark(line: Line) -> bool:
    """Whether the outermost mark parts lines; an emoji alone may begin any line."""
    return line.marks[0][0] in "#=~^1" or line.marks[0] in _LIST_MARKS or "**" in line.marks


def _is_within_prose(
    line: Line, above: Block, supposed: Supposition, *, wrapped: bool
) -> bool:
    """Whether a line that was wrapped only happens to begin like one of a list or an address."""
    if not wrapped or above.kind not in {"text", "abstract"} or not above.text:
        return False
    before = above.parts[-1]
    if before.endswith(SENTENCE_END) or before.endswith(":"):
        return False
    if is_links(line):
        return True
    return (
        bool(line.marks)
        and line.marks[0][0] in _LIST_MARKS
        and line.marks[0] != "**"
        and not supposed.begins_paper(line)
    )


def _goes_on(above: Block, kind: Kind, line: Line, *, wrapped: bool) -> bool:
    if kind != "text":
        return False
    if above.kind in {"footer", "greeting", "sponsor"}:
        return above.kind != "sponsor"
    if not wrapped:
        return False
    if above.kind == "text":
        return not line.marks or line.marks[0] not in {"_", "**"}
    if above.kind == "abstract":
        return True
    if above.kind in {"authors", "meta"} or (above.kind == "title" and above.line.marks == ()):
        own = line.indent > above.line.indent
        return own or (above.kind == "authors" and above.parts[-1].endswith((",", ";", " and")))
    return False


def suppositions(lines: Sequence[Line | None]) -> Iterator[Supposition]:
    """Yield what may begin a paper, the most frequent first; ``title`` where there is that label."""
    counts: dict[Supposition, int] = {}
    titles = 0
    for line in lines:
        if line is None:
            continue
        label = label_of(line)
        if label is not None:
            titles += label[0] == "title"
            continue
        if not line.marks or is_rule(line.whole):
            continue
        mark = line.marks[0]
        if mark == "_" or is_day(line.text) or (is_links(line) and "[]" not in line.marks):
            continue
        if signed_role(line):
            continue
        is_list = mark[0] in _LIST_MARKS and mark != "**"
        each = Supposition(mark, line.indent if is_list else 0)
        counts[each] = counts.get(each, 0) + 1
    if titles:
        yield Supposition("title")
    yield from sorted(counts, key=lambda each: -counts[each])[:_MOST_SUPPOSITIONS]


_MOST_SUPPOSITIONS: Final = 6

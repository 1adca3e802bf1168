"""Room 1, papers: the lines of a digest as blocks, each with the one role that it may have. Pure.

What begins a paper differs from file to file, so blocks are made for one supposition about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, Literal

from recommender.errors import DigestError
from recommender.papers.digests.details import is_detail
from recommender.papers.digests.endings import is_ended
from recommender.papers.digests.line_roles import (
    byline_of,
    is_footer,
    is_greeting,
    is_introduction,
    is_note,
    is_read_on,
    is_sponsor,
    signed_role,
)
from recommender.papers.digests.markdown_lines import (
    BULLETS,
    Line,
    links_in,
    read_line,
    underline_of,
)
from recommender.papers.digests.prose import (
    LONGEST_TITLE,
    SENTENCE_END,
    is_list_of_names,
    is_prose,
)
from recommender.papers.digests.wrapping import breaks_at_hyphens, joined_lines
from recommender.papers.identity.identifiers import identifiers_of

Kind = Literal[
    "title", "text", "abstract", "tldr", "authors", "link", "date", "meta", "marked", "rule",
    "greeting", "footer", "sponsor", "aside", "note", "part",
]  # fmt: skip


_SHORTEST_PROSE: Final = 8
_WEAK: Final = frozenset({"tldr", "meta", "date", "note", "part"})
_BESIDE_PARTS: Final = frozenset({"part", "abstract", "note"})
_SEVERAL: Final = 2
_LONGEST_BYLINE: Final = 80
_MANY_LINES: Final = 30
_MOST_SUPPOSITIONS: Final = 6
_LIST_MARKS: Final = frozenset((*BULLETS, "1"))


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
    parts : list of str
        The text of each line.
    end : int
        Where its last line ends, counted from the margin.
    had_no_room : bool
        Whether it is an address right below wrapped text, on whose last line it had no room.
    """

    kind: Kind
    number: int
    text: str
    line: Line
    is_direct: bool
    last: int
    parts: list[str] = field(default_factory=list)
    end: int = 0
    had_no_room: bool = False


@dataclass(frozen=True, slots=True)
class Supposition:
    """What begins a paper: a mark at some indent, ``title`` for a label, or nothing (plain).

    ``may_have_sign`` says whether any emoji may stand before the mark, each time another one.
    """

    mark: str
    indent: int = 0
    may_have_sign: bool = False

    @property
    def is_sign(self) -> bool:
        """Whether it is an emoji, which may begin any line."""
        return bool(self.mark) and not self.mark.isascii() and not _is_list_mark(self.mark)

    def begins_paper(self, line: Line) -> bool:
        """Whether a line is marked as the title of a paper, or as a heading in its place."""
        if not self.mark or not line.marks or line.marks[0] != self.mark:
            return False
        if _is_list_mark(self.mark):
            return abs(line.indent - self.indent) <= 1
        return True


def _is_free_sign(line: Line) -> bool:
    """Whether a line begins with an emoji that says nothing of what the line is."""
    mark = line.marks[0] if line.marks else ""
    return bool(mark) and not mark.isascii() and not _is_list_mark(mark) and not signed_role(line)


def _without_sign(line: Line) -> Line:
    """Return a bold line without the emoji before it."""
    if line.marks[1:2] != ("**",) or not _is_free_sign(line):
        return line
    return replace(line, marks=line.marks[1:], texts=line.texts[1:])


def _is_list_mark(mark: str) -> bool:
    return mark[0] == "1" or mark in _LIST_MARKS


def numbered_lines(lines: Sequence[tuple[int, str]]) -> list[Line | None]:
    """Read the lines; None is a blank one. An underlined line becomes a heading."""
    read: list[Line | None] = []
    for number, raw in lines:
        if not raw or raw.isspace():
            read.append(None)
            continue
        above = read[-1] if read else None
        underline = underline_of(raw.strip())
        if (
            underline
            and above is not None
            and _may_be_underlined(above, read)
            and not _is_boxed(above, read, raw.strip())
        ):
            heading = (f"{underline}0", *above.marks)
            texts = (above.whole, *above.texts)
            read[-1] = Line(
                above.number, above.indent, heading, texts, above.rest, above.links, above.ordinals
            )
            continue
        if underline and above is not None and not _is_boxed(above, read, raw.strip()):
            before = read[-2] if len(read) > 1 else None
            _refuse_heading_below_text(above, before, len(raw.strip()))
        read.append(read_line(number, raw))
    return read


def _refuse_heading_below_text(line: Line, before: Line | None, length: int) -> None:
    """Refuse a line that is underlined right below a sentence: a rule would end the paper above."""
    if before is None or before.is_rule or not is_ended(before.whole) or is_ended(line.whole):
        return
    if line.label is None and not line.is_links and abs(len(line.whole) - length) <= 1:
        raise DigestError(
            f"line {line.number}",
            f"'{line.whole[:60]}' is underlined like a heading, right below other text; put a "
            "blank line before it",
        )


def without_lone_labels(lines: Sequence[Line | None]) -> list[Line | None]:
    """Take labels that stand once in a file of several papers for words: "TLDR: a title".

    And "Objective: …" without a mark, where no other part of an abstract stands beside it.
    """
    lines = _without_lone_parts(lines)
    weak = [line for line in lines if line is not None and line.label and line.label[0] in _WEAK]
    counts = Counter(line.label[0] for line in weak if line.label)
    lone = {role for role, count in counts.items() if count == 1}
    long = sum(line is not None and len(line.whole) > LONGEST_TITLE for line in lines)
    if not lone or (long < _SEVERAL and len(lines) < _MANY_LINES):
        return list(lines)
    return [
        replace(line, may_be_label=False)
        if line is not None and line.label and line.label[0] in lone
        else line
        for line in lines
    ]


def _without_lone_parts(lines: Sequence[Line | None]) -> list[Line | None]:
    stated = [(index, line) for index, line in enumerate(lines) if line is not None]
    read = list(lines)
    for at, (index, line) in enumerate(stated):
        if line.marks or line.label is None or line.label[0] != "part" or line.whole[:1] in "*_":
            continue
        beside = [stated[each][1].label for each in (at - 1, at + 1) if 0 <= each < len(stated)]
        if not any(label is not None and label[0] in _BESIDE_PARTS for label in beside):
            read[index] = replace(line, may_be_label=False)
    return read


def _may_be_underlined(line: Line, read: Sequence[Line | None]) -> bool:
    before = read[-2] if len(read) > 1 else None
    return (
        (before is None or before.is_rule)
        and len(line.whole) <= LONGEST_TITLE
        and not line.is_rule
        and not line.is_links
        and line.label is None
    )


def _is_boxed(line: Line, read: Sequence[Line | None], underline: str) -> bool:
    """Whether two rules that are shorter than a line stand around it; headings have longer ones."""
    before = read[-2] if len(read) > 1 else None
    return before is not None and before.whole == underline and len(underline) < len(line.whole)


def blocks_of(lines: Sequence[Line | None], supposed: Supposition, *, width: int) -> list[Block]:
    """Part lines into blocks of one role each."""
    if supposed.may_have_sign:
        lines = [None if line is None else _without_sign(line) for line in lines]
    blocks: list[Block] = []
    after_blank = True
    for line in lines:
        if line is None:
            after_blank = True
            continue
        above = blocks[-1] if blocks and not after_blank else None
        kind, text = _role(line, supposed, above, width=width)
        if above is not None and _goes_on(above, kind, line, width=width):
            if above.kind == "authors" and _is_no_byline(above, line, width):
                above.kind, above.parts = "text", [above.line.whole]
            # A wrapped ">90 %" quotes nothing where the lines above do not.
            quote = "" if above.line.quote else line.quote
            above.parts.append(quote + line.whole if kind == "text" else text)
            above.last = line.number
        else:
            direct = above is not None
            blocks.append(Block(kind, line.number, text, line, direct, line.number, [text]))
            blocks[-1].had_no_room = (
                above is not None
                and (above.kind in {"text", "abstract"} or above.had_no_room)
                and _is_full(above, line, width)
            )
        blocks[-1].end = line.indent + len(line.whole)
        after_blank = False
    at_hyphens = breaks_at_hyphens(
        ["" if line is None else " " * line.indent + line.whole for line in lines], width
    )
    for block in blocks:
        if len(block.parts) > 1:
            if any(one == other and one for one, other in pairwise(block.parts)):
                raise DigestError(
                    f"line {block.number}", "the same line twice in a paragraph; take one out"
                )
            block.text = joined_lines(block.parts, block.number, at_hyphens=at_hyphens)
    return blocks


def _role(  # noqa: PLR0911 - one per role
    line: Line, supposed: Supposition, above: Block | None, *, width: int
) -> tuple[Kind, str]:
    if line.is_rule:
        return "rule", ""
    label = line.label
    if above is not None and width and _is_within_prose(line, above, supposed, label, width):
        return "text", line.whole
    if label is not None:
        role, value = label
        if role == "title":
            return ("title" if supposed.mark == "title" else "marked"), value
        return _labelled(role, value, line)
    if supposed.begins_paper(line):
        return _supposed_title(line)
    if line.is_links or (signed_role(line) == "link" and "http" in line.whole):
        return "link", line.whole
    if line.is_day:
        return "date", line.day_text
    if is_read_on(line.text) or is_detail(line.whole):
        return "meta", line.text
    if not supposed.mark and above is None and _is_note_alone(line.text):
        return "sponsor", line.text
    return _unlabelled(line, above)


def _is_note_alone(text: str) -> bool:
    """Whether a line without a mark heads a note, not the whole digest or what is below it."""
    return is_note(text) and not is_footer(text) and not is_introduction(text)


def _labelled(role: str, value: str, line: Line) -> tuple[Kind, str]:
    if role in {"abstract", "tldr", "authors", "date", "meta", "note"}:
        return role, value  # type: ignore[return-value]
    if role == "part":
        word = line.text.removesuffix(value).strip(" *_#:：")
        return "part", f"{word}: {value}" if value else f"{word}:"
    return "link", value or line.whole


def _supposed_title(line: Line) -> tuple[Kind, str]:
    if line.is_day:
        return "date", line.day_text
    if is_sponsor(line.text) or (line.marks[0][0] in "#=-*" and is_note(line.text)):
        return "aside", line.text
    if line.is_links and "[]" not in line.marks:
        return "link", line.whole
    if is_detail(line.whole):
        return "meta", line.text
    return "title", line.text


def _unlabelled(  # noqa: C901, PLR0911 - one per role
    line: Line, above: Block | None
) -> tuple[Kind, str]:
    if signed_role(line) == "authors":
        return "authors", byline_of(line.text) or line.text
    named = byline_of(line.text)
    if named and (above is None or above.kind not in {"text", "abstract"}):
        # "By training on more data, …" is how abstracts begin, and lists of names seldom end.
        is_sentence = len(line.text) > _LONGEST_BYLINE and line.text.endswith(".")
        if not is_prose(line.text.rstrip(".")) and (not is_sentence or is_list_of_names(named)):
            return "authors", named
    elif named and is_list_of_names(named):
        return "authors", named
    if is_sponsor(line.text) and (above is None or above.kind not in {"text", "abstract"}):
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
    return line.marks[0][0] in "#=~^1*" or line.marks[0] in _LIST_MARKS or "**" in line.marks


def _is_no_byline(above: Block, line: Line, width: int) -> bool:
    """Whether "By …" only begins a paragraph: its line was full, and it names nobody."""
    signed = above.line.label is not None or above.line.marks
    return not signed and _is_full(above, line, width) and not is_list_of_names(above.text)


def _is_full(above: Block, line: Line, width: int) -> bool:
    """Whether the first word of a line had no more room on the one above."""
    return width > 0 and above.end + 1 + len(line.whole.split(maxsplit=1)[0]) > width


def _is_prose_so_far(block: Block) -> bool:
    return sum(map(len, block.parts[-_SHORTEST_PROSE:])) > LONGEST_TITLE or (
        block.parts[-1].endswith((".", "。"))
    )


def _is_within_prose(
    line: Line, above: Block, supposed: Supposition, label: tuple[str, str] | None, width: int
) -> bool:
    """Whether a line that was wrapped only happens to begin like one of a list or an address.

    Its first word had no room on the line above, and the sentence there goes on.
    """
    if above.kind not in {"text", "abstract"} or not any(above.parts):
        return False
    before = above.parts[-1]
    if not _is_full(above, line, width):
        return False
    ended = before.endswith(SENTENCE_END)
    if line.is_links:
        named = any(any(identifiers_of(link.url)) for link in links_in(line.whole))
        return not ended and not named
    if label is not None:
        return label[0] == "part" or (
            label[0] in {"link", "meta", "date", "id", "tldr", "note"}
            and not ended
            and not is_list_of_names(before)
        )
    if supposed.begins_paper(line):
        return False
    return not ended or (bool(line.marks) and _is_list_mark(line.marks[0]))


def _goes_on(  # noqa: PLR0911 - one per role of the block above
    above: Block, kind: Kind, line: Line, *, width: int
) -> bool:
    if kind != "text":
        return False
    if above.kind in {"footer", "greeting", "sponsor"}:
        return above.kind != "sponsor"
    if not width:
        return False
    if above.kind == "authors" and _is_no_byline(above, line, width):
        return True
    if above.kind == "text":
        # What is short may be a title, whose lines are full; authors may stand right below it.
        is_one = _is_full(above, line, width) or _is_prose_so_far(above)
        return is_one and (not line.marks or line.marks[0] not in {"_", "**"})
    if above.kind in {"abstract", "part", "note"}:
        return True
    if above.kind in {"title", "aside"} and above.line.marks:
        return (
            _is_list_mark(above.line.marks[-1])
            and above.end <= width
            and line.indent > above.line.indent
            and _is_full(above, line, width)
        )
    if above.kind in {"authors", "meta", "title", "aside"}:
        own = line.indent > above.line.indent
        return own or (above.kind == "authors" and above.parts[-1].endswith((",", ";", " and")))
    return False


def suppositions(lines: Sequence[Line | None]) -> Iterator[Supposition]:
    """Yield what may begin a paper, a label ``title`` first, then the most frequent marks."""
    counts: dict[Supposition, int] = {}
    signs: set[str] = set()
    titles = 0
    for line in lines:
        if line is None:
            continue
        label = line.label
        if label is not None:
            titles += label[0] == "title"
            continue
        if not line.marks or line.is_rule:
            continue
        mark = line.marks[0]
        if mark == "_" or line.is_day or (line.is_links and "[]" not in line.marks):
            continue
        if signed_role(line) or is_detail(line.whole):
            continue
        is_list = _is_list_mark(mark)
        each = Supposition(mark, line.indent if is_list else 0)
        if line.marks[1:2] == ("**",) and _is_free_sign(line):
            signs.add(mark)
        counts[each] = counts.get(each, 0) + 1
    if titles:
        yield Supposition("title")
    if len(signs) >= _SEVERAL:
        yield Supposition("**", may_have_sign=True)
    yield from sorted(counts, key=lambda each: -counts[each])[:_MOST_SUPPOSITIONS]

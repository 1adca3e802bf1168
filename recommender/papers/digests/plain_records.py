"""Room 1, papers: papers as people paste them, a line for title, authors and abstract. Pure.

Nothing is marked, and a blank line parts the papers. That is certain where all of them are written
in one order, and each in one way only: then their lines get the labels that were left out. All else
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.digests.abstract_paragraphs import may_be_no_author
from recommender.papers.digests.details import are_bodies, is_detail
from recommender.papers.digests.endings import is_ended
from recommender.papers.digests.line_roles import (
    is_footer,
    is_greeting,
    is_note,
    is_sponsor,
    signed_role,
)
from recommender.papers.digests.markdown_lines import Line, links_in, read_line
from recommender.papers.digests.notes import first_note
from recommender.papers.digests.prose import (
    LONGEST_TITLE,
    SENTENCE_BREAK,
    is_list_of_names,
    is_prose,
)
from recommender.papers.digests.title_lines import are_authors, share_said_again
from recommender.papers.digests.wrapping import breaks_at_hyphens, joined_lines, wrapped_at
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.conjunctions import BETWEEN_NAMES

NumberedLine = tuple[int, str]

# What stands above the line of addresses and below it; "T" is a title, "A" authors, "X" an
# abstract. None below: there is no such line.
_ORDERS: Final = (
    *(("TA", "X"), ("T", "X"), ("T", "AX"), ("TAX", ""), ("TX", ""), ("", "TAX"), ("", "TX")),
    *(("TAX", None), ("TX", None)),
)
_IN_TITLES: Final = frozenset({"tldr", "meta", "note", "part"})
_MOST_LINES: Final = 200
_MOST_LINES_OF: Final = {"T": 4, "A": 12}
_FEWEST: Final = 2
_SHORTEST_ABSTRACT: Final = 80
_LONGEST_BESIDE: Final = 300
_RAGGED: Final = 5
_SAID_AGAIN: Final = 1 / 3
_MOST_OF: Final = 2 / 3


@dataclass(frozen=True, slots=True)
class _Record:
    """The lines of one paper by what they say."""

    title: Sequence[Line]
    authors: Sequence[Line]
    links: Sequence[Line]
    abstract: Sequence[Line]

    def text(self, part: str) -> str:
        return " ".join(line.whole for line in getattr(self, part))

    @property
    def parts(self) -> list[tuple[str, Sequence[Line]]]:
        """Its texts, each with its label: the title, then the others as they stand."""
        others = (("Authors", self.authors), ("", self.links), ("Abstract", self.abstract))
        there = [(label, lines) for label, lines in others if lines]
        return [("Title", self.title), *sorted(there, key=lambda each: each[1][0].number)]

    @property
    def may_be_aside(self) -> bool:
        """Whether it may be a greeting, an advertisement or a note."""
        title = self.text("title")
        reads_so = any(form(title) for form in (is_greeting, is_sponsor, is_note, is_footer))
        return reads_so and not self.authors

    @property
    def bounds(self) -> tuple[int, ...]:
        """In which line each text begins."""
        return tuple(lines[0].number for _, lines in self.parts)


@dataclass(frozen=True, slots=True)
class _Reading:
    """All records of a text under one order, and the first and last paragraph that they are."""

    records: tuple[_Record, ...]
    first: int
    last: int
    width: int


def with_labels(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Write ``Title:``, ``Authors:`` and ``Abstract:`` before the lines of plain records.

    Parameters
    ----------
    lines : sequence of (int, str)
        Each with its number in the file.

    Returns
    -------
    list of (int, str)
        As they were, where they are no such records beyond doubt. Wrapped texts are one line then.

    Raises
    ------
    DigestError
        Where they are, and an abstract is cut off.
    """
    paragraphs = _paragraphs(lines)
    if not any(map(_may_be_record, paragraphs)):
        return list(lines)
    read = [[read_line(number, raw) for number, raw in each] for each in paragraphs]
    flat = [each for paragraph in read for each in (*paragraph, None)]
    # A title that is not wrapped may be longer than the lines below it.
    below = wrapped_at([each for paragraph in read for each in (*paragraph[1:], None)])
    found: dict[tuple[tuple[int, ...], ...], _Reading] = {}
    for length in {0, below, wrapped_at(flat)}:
        for order in _ORDERS:
            reading = _reading(read, order, length)
            if reading is not None:
                found.setdefault(tuple(each.bounds for each in reading.records), reading)
    if len(found) != 1:
        return list(lines)
    [reading] = found.values()
    whole = [" " * line.indent + line.whole if line is not None else "" for line in flat]
    return _labelled(lines, paragraphs, reading, breaks_at_hyphens(whole, reading.width))


def _paragraphs(lines: Sequence[NumberedLine]) -> list[list[NumberedLine]]:
    paragraphs: list[list[NumberedLine]] = [[]]
    for number, raw in lines:
        if raw and not raw.isspace():
            paragraphs[-1].append((number, raw))
        elif paragraphs[-1]:
            paragraphs.append([])
    return [each for each in paragraphs if each]


def _may_be_record(paragraph: Sequence[NumberedLine]) -> bool:
    return _FEWEST <= len(paragraph) <= _MOST_LINES


def _reading(
    paragraphs: Sequence[Sequence[Line]], order: tuple[str, str | None], width: int
) -> _Reading | None:
    """Read what stands from the first record to the last in one order, None where one is none."""
    parsed = [list(_parsed(each, order, width)) for each in paragraphs]
    places = [place for place, each in enumerate(parsed) if each]
    if not places:
        return None
    first, last = places[0], places[-1]
    body = _with_as_many_links(parsed[first : last + 1])
    if any(len(each) != 1 or each[0].may_be_aside for each in body):
        return None
    beside = [*paragraphs[:first], *paragraphs[last + 1 :]]
    if not all(map(_may_stand_beside, beside)):
        return None
    records = tuple(each[0] for each in body)
    if order[1] is None and all(record.abstract[-1].is_links for record in records):
        return None
    return _Reading(records, first, last, width) if _are_papers(records) else None


def _with_as_many_links(body: Sequence[Sequence[_Record]]) -> list[list[_Record]]:
    """Keep the ways that have as many lines of addresses in all records, of several the most.

    What stands before them is the end of an abstract.
    """
    counts = [{len(record.links) for record in each} for each in body]
    most = max(set.intersection(*counts), default=0)
    return [[record for record in each if len(record.links) == most] for each in body]


def _may_stand_beside(paragraph: Sequence[Line]) -> bool:
    """Whether a paragraph above or below all records is surely none that was not understood."""
    head, *rest = (line.whole for line in paragraph)
    if rest and is_prose(" ".join(rest)) and not head.endswith((",", "!", ":", ".", "，")):
        return False  # perhaps a paper whose title begins like a greeting or a footer
    if not rest or is_greeting(head) or is_footer(head):
        return True
    is_short = sum(len(line.whole) for line in paragraph) <= _LONGEST_BESIDE
    return is_short and not any(line.is_links for line in paragraph)


def _are_papers(records: Sequence[_Record]) -> bool:
    """Whether records are nothing else that is written so, such as minutes."""
    named = [record.text("authors") for record in records]
    identified = [_identified(record) for record in records]
    if len(records) < _FEWEST and not (identified[0] or BETWEEN_NAMES.search(named[0])):
        return False
    if 2 * sum(record.title[0].label is not None for record in records) > len(records):
        return False
    others = [[*named[:at], *named[at + 1 :]] for at in range(len(named))]
    if any(name and may_be_no_author(name, of) for name, of in zip(named, others, strict=True)):
        return False
    if not any(named) and not all(identified):
        said = [share_said_again(each.text("title"), each.text("abstract")) for each in records]
        if sum(share >= _SAID_AGAIN for share in said) < _MOST_OF * len(said):
            return False
    entries = [
        DigestEntry(
            title=record.text("title"),
            abstract=record.text("abstract"),
            authors=(name,) if name else (),
            arxiv_id="x" if is_identified else None,
        )
        for record, name, is_identified in zip(records, named, identified, strict=True)
    ]
    return first_note(entries) is None


def _identified(record: _Record) -> bool:
    links = [link for line in record.links for link in links_in(line.whole)]
    return any(any(identifiers_of(link.url)) for link in links)


def _parsed(
    paragraph: Sequence[Line], order: tuple[str, str | None], width: int
) -> Iterator[_Record]:
    """Yield the ways in which a paragraph is a record of this order."""
    if not _FEWEST <= len(paragraph) <= _MOST_LINES:
        return
    above, below = order
    at = [place for place, line in enumerate(paragraph) if line.is_links]
    if below is None:
        # An address may be the last line of an abstract, on whose line above it had no room.
        if not at or at == [len(paragraph) - 1]:
            for texts in _parted(paragraph, above, width):
                yield from _fitting(dict(zip(above, texts, strict=True)), ())
        return
    if not at or at[-1] - at[0] >= len(at):
        return
    begin, end = at[0], at[-1] + 1
    while begin < end:
        for upper in _parted(paragraph[:begin], above, width):
            for lower in _parted(paragraph[end:], below, width):
                parts = dict(zip(above + below, (*upper, *lower), strict=True))
                yield from _fitting(parts, paragraph[begin:end])
        begin += 1
        if below or not _is_full(paragraph[begin - 2], paragraph[begin - 1], width):
            break


def _parted(lines: Sequence[Line], roles: str, width: int) -> Iterator[tuple[Sequence[Line], ...]]:
    """Yield the ways to part lines into texts, of which none ends before its line is full."""
    number = len(lines)
    if not roles or number < len(roles):
        if not roles and not lines:
            yield ()
        return
    ends = [at for at in range(1, number) if not _is_full(lines[at - 1], lines[at], width)]
    free = len(roles) - 1 - len(ends)
    if free < 0:
        return
    most = sum(_MOST_LINES_OF.values())
    may_end = [at for at in range(1, min(number, most + 1)) if at not in ends]
    for more in combinations(may_end, free):
        cuts = [0, *sorted((*ends, *more)), number]
        parts = tuple(lines[one:other] for one, other in pairwise(cuts))
        if all(
            len(part) <= _MOST_LINES_OF.get(role, number)
            for role, part in zip(roles, parts, strict=True)
        ):
            yield parts


def _is_full(above: Line, line: Line, width: int) -> bool:
    """Whether the next word had no room; what is longer than other lines is not wrapped."""
    length = len(above.whole)
    is_wrapped = width > 0 and length <= width + _RAGGED
    return is_wrapped and length + 1 + len(line.whole.split(maxsplit=1)[0]) > width


def _fitting(parts: dict[str, Sequence[Line]], links: Sequence[Line]) -> Iterator[_Record]:
    record = _Record(parts["T"], parts.get("A", ()), links, parts["X"])
    if _is_abstract(record) and _is_title(record) and _has_authors(record):
        yield record


def _is_abstract(record: _Record) -> bool:
    first, text = record.abstract[0], record.text("abstract")
    if first.marks or first.label is not None or len(text) < _SHORTEST_ABSTRACT:
        return False
    # Authors whose line happened to be full would go on with it.
    begin = [line.whole for line in record.abstract[: _MOST_LINES_OF["A"]]]
    heads = (" ".join(begin[:end]) for end in range(1, len(begin)))
    return (
        (is_prose(text) or SENTENCE_BREAK.search(text) is not None)
        and not text[0].islower()
        and not any(BETWEEN_NAMES.search(head) and is_list_of_names(head) for head in heads)
    )


def _is_title(record: _Record) -> bool:
    first, text = record.title[0], record.text("title")
    # "TLDR: a title" is one, unless many are labelled so.
    is_labelled = first.label is not None and first.label[0] not in _IN_TITLES
    is_plain = not (first.marks or is_labelled or first.is_day or first.quote)
    if not is_plain or len(text) > LONGEST_TITLE or is_prose(text) or is_detail(text):
        return False
    abstract = record.text("abstract")
    lasts = (" ".join(line.whole for line in record.title[at:]) for at in range(len(record.title)))
    return not any(are_authors(last, abstract) for last in lasts)


def _has_authors(record: _Record) -> bool:
    if not record.authors:
        return True
    first, text = record.authors[0], record.text("authors")
    is_plain = not first.marks and first.label is None and signed_role(first) == ""
    return (
        is_plain
        and are_authors(text, record.text("abstract"))
        and not are_bodies(names_alone(text))
    )


def _labelled(
    lines: Sequence[NumberedLine],
    paragraphs: Sequence[Sequence[NumberedLine]],
    reading: _Reading,
    at_hyphens: bool | None,
) -> list[NumberedLine]:
    begin, end = paragraphs[reading.first][0][0], paragraphs[reading.last][-1][0]
    labelled = [each for each in lines if each[0] < begin]
    for record in reading.records:
        _require_end(record, is_last=record is reading.records[-1] and lines[-1][0] <= end + 1)
        if labelled:
            labelled.append((labelled[-1][0], ""))
        for label, part in record.parts:
            if not label:
                labelled += [(line.number, line.whole) for line in part]
                continue
            texts = [line.whole for line in part]
            joined = joined_lines(texts, part[0].number, at_hyphens=at_hyphens)
            labelled.append((part[0].number, f"{label}: {joined}"))
    return [*labelled, *(each for each in lines if each[0] > end)]


def _require_end(record: _Record, *, is_last: bool) -> None:
    """Notice a wrapped abstract that ends in the middle of a sentence, and nothing behind it."""
    is_followed = record.links and record.links[0].number > record.abstract[-1].number
    if is_followed or len(record.abstract) == 1 or is_ended(record.text("abstract")):
        return
    kind = UnfinishedDigestError if is_last else DigestError
    raise kind(
        f"line {record.abstract[-1].number}",
        "the abstract ends in the middle of a sentence; complete it, or end it with a full stop",
    )

"""Room 1, papers: digest text, the form in which people pass digests on. Pure.

A digest text is paragraphs parted by blank lines: banner lines, a byline (``by…``), a date
heading, then title and abstract by turns. A paragraph may be wrapped over several lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise, zip_longest

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.digests.alike import without_alike
from recommender.papers.digests.days import Heading, digest_of
from recommender.papers.digests.endings import is_cut_off, is_ended
from recommender.papers.digests.left_out import require_no_note
from recommender.papers.digests.line_roles import is_masthead
from recommender.papers.digests.prose import LONGEST_TITLE, is_list_of_names
from recommender.papers.digests.title_asides import without_identifier
from recommender.papers.digests.title_marks import TitleLine, without_marks
from recommender.papers.digests.wrapping import breaks_at_hyphens, joined_lines
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.calendar_dates import day_in_heading, day_of, is_day

_BANNER = {"new", "get trending papers in your email inbox", "subscribe", "trending papers"}
_LONGEST_BYLINE = 120

_MOST_LINES_A_TITLE = 9
_RAGGED = 5
_SENTENCE_END = tuple(".?!…。！？\"”’'»)]")
_SENTENCE_BREAK = re.compile(r"[.?!…]\s+\S|[。！？]")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line or paragraph that is not blank, and its number in the file, from 1.

    ``is_one`` says whether a paragraph can be a title: none of its lines ends before it is full.
    """

    number: int
    text: str
    before_front_matter: bool = False
    is_one: bool = True


@dataclass(slots=True)
class _FrontMatter:
    """What the lines that belong to no paper say."""

    curator: str | None = None
    headings: list[Heading] = field(default_factory=list)


def parse_digest_text(text: str, *, today: date, width: int, has_day: bool = False) -> Digest:
    """Read a digest text.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.
    today : date
        The day of ingest. A date heading without a year is the latest such date that is not after
        it; without any date heading it is the digest's date.
    width : int
        The longest line of paragraphs that go over several; 0 where they do not.
    has_day : bool
        See `digest_of`.

    Returns
    -------
    Digest
        The papers in the order of the file, abstracts letter for letter, and titles
        but for marks that all have. Where several
        date headings differ, its date is the newest of them, and each paper says its own.

    Raises
    ------
    UnfinishedDigestError
        Where the text ends within its last paper.
    DigestError
        Where titles and abstracts do not alternate, or there is no paper.
    """
    paragraphs = _paragraphs(text)
    front, body = _part_front_matter(paragraphs, today, width)
    if not body:
        raise DigestError(
            "file", "no paper in it; after the date write a title, a blank line and its abstract"
        )
    papers: list[TitleLine] = []
    arxiv_ids: list[str | None] = []
    for title, abstract in zip_longest(body[::2], body[1::2]):
        _require_title(title)
        if abstract is None:
            raise _without_abstract(title)
        _require_abstract(abstract, title, is_cut=abstract is body[-1] and not text.endswith("\n"))
        if abstract.before_front_matter and not is_ended(abstract.text):
            raise DigestError(
                f"line {abstract.number}",
                "the abstract ends in the middle of a sentence before another digest begins; "
                "complete it, or end it with a full stop",
            )
        bare_title, named = without_identifier(title.text)
        arxiv_ids.append(identifiers_of(named[0].url)[0] if len(named) == 1 else None)
        if arxiv_ids[-1] is None:
            bare_title = title.text
        papers.append(TitleLine(title.number, bare_title, abstract.text))
    wrapped = len(paragraphs[-1]) > 1
    if is_cut_off(papers[-1].abstract, ends_line=text.endswith("\n"), wrapped=wrapped):
        raise UnfinishedDigestError(
            f"line {paragraphs[-1][-1].number}",
            "the file ends in the middle of a sentence; complete it, or end it with a full stop",
        )
    entries = [
        DigestEntry(
            title=paper.text,
            abstract=paper.abstract,
            authors=authors_of([paper.authors], inverted=False) if paper.authors else (),
            arxiv_id=arxiv_id,
            url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else None,
        )
        for paper, arxiv_id in zip(without_marks(papers, may_name=True), arxiv_ids, strict=True)
    ]
    entries = without_alike(entries, [paper.number for paper in papers])
    require_no_note(entries, [paper.number for paper in papers])
    return digest_of(entries, front.headings, curator=front.curator, today=today, has_day=has_day)


def _paragraphs(text: str) -> list[list[_Line]]:
    """Part the text at blank lines. `str.splitlines` would count U+2028 and others as lines."""
    paragraphs: list[list[_Line]] = [[]]
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped:
            paragraphs[-1].append(_Line(number, stripped))
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _part_front_matter(
    paragraphs: list[list[_Line]], today: date, width: int
) -> tuple[_FrontMatter, list[_Line]]:
    """Take banner lines, byline and date headings away; what stays are titles and abstracts.

    Banner lines and date headings may come again further down, where days or mails were joined.
    """
    front = _FrontMatter()
    body: list[_Line] = []
    lines = [text for each in paragraphs for text in (*(line.text for line in each), "")]
    at_hyphens = breaks_at_hyphens(lines, width)
    longest = max(map(len, lines), default=0)
    for index, paragraph in enumerate(paragraphs):
        following = paragraphs[index + 1][0].text if index + 1 < len(paragraphs) else ""
        for position, line in enumerate(paragraph):
            below = paragraph[position + 1].text if position + 1 < len(paragraph) else following
            if not _is_front_matter(line, below, front, today, len(body)):
                parts = [part.text for part in paragraph[position:]]
                wrapped = joined_lines(parts, line.number, at_hyphens=at_hyphens)
                _require_one_text(paragraph[position:])
                is_one = _may_be_title(parts, width, longest)
                body.append(_Line(line.number, wrapped, is_one=is_one))
                break
            if body:
                body[-1] = replace(body[-1], before_front_matter=True)
    return front, body


def _may_be_title(parts: list[str], width: int, longest: int) -> bool:
    """Whether lines are one title, not one and its authors, or the name of who sent it."""
    if len(parts) == 1:
        return True
    tails = [" ".join(parts[at:]) for at in range(1, min(len(parts), _MOST_LINES_A_TITLE))]
    # "Large Language Models" alone reads like a name, too.
    if any(tail.count(",") + tail.count(" and ") > 1 and is_list_of_names(tail) for tail in tails):
        return False
    # A short file shows no width; its lines are nearly as long as each other.
    room = width or longest - _RAGGED
    return all(
        len(above) + 1 + len(line.split(maxsplit=1)[0]) > room for above, line in pairwise(parts)
    )


def _require_one_text(lines: list[_Line]) -> None:
    """Notice lines of one paragraph that are no wrapped text."""
    for above, line in pairwise(lines):
        if above.text == line.text or is_day(line.text) or len(above.text) > LONGEST_TITLE:
            raise DigestError(
                f"line {line.number}",
                "a line that does not go on with the text above it; put a blank line between "
                "titles, abstracts and days, or join the lines",
            )


def _is_front_matter(line: _Line, below: str, front: _FrontMatter, today: date, texts: int) -> bool:
    """Whether the line below so many texts is no paper's; what it says is noted in ``front``."""
    if line.text.casefold().rstrip("!.: ") in _BANNER:
        return True
    where = f"line {line.number}"
    day = day_of(line.text, today, where)
    if day is None and not texts % 2 and is_masthead(line.text):
        day = day_in_heading(line.text, today, where)
    if day is not None:
        # Titles and abstracts stand by turns.
        front.headings.append(Heading(line.number, (texts + 1) // 2, day))
        return True
    if texts % 2:
        return False
    curator = _byline_curator(line.text, below)
    if not texts and front.curator is None:
        front.curator = curator
        return curator is not None
    return curator is not None and curator == front.curator and is_day(below)


def _byline_curator(text: str, below: str) -> str | None:
    """Who a byline names, or None where the line is a title such as "Bypassing …".

    The space after a lower-case "by" is missing in digests copied from the page. "By" may begin
    a title, so that one needs the date heading ``below``.
    """
    by, rest = text[:2], text[2:]
    parted = rest[:1].isspace()
    is_byline = (by == "by" and (parted or rest[:1].isupper())) or (
        by.lower() == "by" and parted and is_day(below)
    )
    return rest.strip() if is_byline and len(text) <= _LONGEST_BYLINE else None


def _require_title(title: _Line) -> None:
    """Notice an abstract where a title is due, before every later pair is shifted by one."""
    runs_on = title.text.endswith(".") and _SENTENCE_BREAK.search(title.text)
    if len(title.text) > LONGEST_TITLE or runs_on:
        raise DigestError(
            f"line {title.number}",
            "an abstract without a title; write its title above it, with a blank line between",
        )
    if not title.is_one:
        raise DigestError(
            f"line {title.number}",
            "lines above an abstract that are not one title; leave a blank line between a title "
            "and its abstract, and write the title on one line, with nothing else without a label",
        )


def _require_abstract(abstract: _Line, title: _Line, *, is_cut: bool) -> None:
    """Notice a title where an abstract is due: one short run of words that ends no sentence."""
    is_sentence = abstract.text.endswith(_SENTENCE_END) or _SENTENCE_BREAK.search(abstract.text)
    if len(abstract.text) < LONGEST_TITLE and not is_sentence:
        raise _without_abstract(title, found=abstract, is_cut=is_cut)


def _without_abstract(
    title: _Line, found: _Line | None = None, *, is_cut: bool = True
) -> DigestError:
    # With what a file ends may be the beginning of an abstract.
    kind = UnfinishedDigestError if is_cut else DigestError
    instead = "the file ends" if found is None else f"line {found.number} reads like another title"
    return kind(
        f"line {title.number}",
        f"a title without an abstract ({instead}); add the abstract below it, or end it with a "
        "full stop if it is a short one, or take the title out",
    )

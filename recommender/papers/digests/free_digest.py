"""Room 1, papers: digest text as people write it, with marks, labels and tables, or without. Pure.

What begins a paper is supposed and tried: the supposition under which every line of the file has
its place is the one. Where none holds, or two that disagree, the file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Final

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.digests.blocks import (
    Block,
    Supposition,
    blocks_of,
    numbered_lines,
    suppositions,
    without_lone_labels,
)
from recommender.papers.digests.bulleted import with_bulleted_abstracts
from recommender.papers.digests.citations import (
    are_most,
    citations_in,
    refusal,
    require_no_citation,
)
from recommender.papers.digests.closing import closing_of
from recommender.papers.digests.columns import papers_of
from recommender.papers.digests.days import digest_of
from recommender.papers.digests.digest_text import parse_digest_text
from recommender.papers.digests.escapes import without_escapes
from recommender.papers.digests.foreign_texts import refuse_foreign
from recommender.papers.digests.item import Found
from recommender.papers.digests.item_entry import MARKUP, TRAILING_BRACKETS
from recommender.papers.digests.items import Walk
from recommender.papers.digests.left_out import unread_asides
from recommender.papers.digests.link_lists import digest_of_links
from recommender.papers.digests.markdown_lines import Line, is_all_links
from recommender.papers.digests.notebook_pages import with_day_of_page, without_kinds
from recommender.papers.digests.pasted_html import has_pasted_html, lines_of_pasted_html
from recommender.papers.digests.pasted_mails import with_day_of_mail
from recommender.papers.digests.plain_records import with_labels
from recommender.papers.digests.properties import (
    without_properties,
    without_remarks,
    without_summaries,
)
from recommender.papers.digests.prose import LONGEST_TITLE
from recommender.papers.digests.rewriting import rewritten
from recommender.papers.digests.tables import has_table, papers_of_tables
from recommender.papers.digests.wrapping import wrapped_at

MOST_LINES: Final = 20_000
_PLAIN: Final = Supposition("")
# What titles and abstracts by turns consist of, beside their front matter.
_SEVERAL: Final = 2
_WORDS_OF_A_TITLE: Final = 3
_OF_TURNS: Final = frozenset({"text", "date"})


def parse_free_digest(text: str, *, today: date, has_day: bool = False) -> Digest:
    """Read a digest text of any style.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.
    today : date
        The day of ingest, which completes dates without a year and stands in for a missing one.
    has_day : bool
        Whether that is the day of the document, such as a mail's.

    Returns
    -------
    Digest
        The papers in the order of the file. Where several days head them, its date is the newest,
        and each paper says its own.

    Raises
    ------
    UnfinishedDigestError
        Where the file ends within its last paper.
    DigestError
        Where a line has no place, with that line and the fix.
    """
    if text.count("\n") > MOST_LINES:
        raise DigestError(
            "file", f"a digest text of more than {MOST_LINES:,} lines; split it by days"
        )
    text = without_escapes(text)
    is_html = has_pasted_html(text)
    if is_html and text.count("<") > MOST_LINES:
        raise DigestError("file", f"pasted HTML of more than {MOST_LINES:,} tags; split it by days")
    numbered = lines_of_pasted_html(text) if is_html else list(enumerate(text.split("\n"), start=1))
    refuse_foreign(numbered)
    citations = citations_in(numbered)
    try:
        digest = _read_but_closing(numbered, text, today=today, has_day=has_day, is_html=is_html)
    except DigestError as error:
        if are_most(citations, numbered):
            raise refusal(citations) from error
        raise
    require_no_citation(digest, citations)
    return digest


def _read_but_closing(
    numbered: list[tuple[int, str]], text: str, *, today: date, has_day: bool, is_html: bool
) -> Digest:
    """Read the lines of a file; where they are refused, without the words that close it."""
    try:
        return _read(numbered, text, today=today, has_day=has_day, is_html=is_html)
    except UnfinishedDigestError:
        raise
    except DigestError:
        closing = None if is_html else closing_of(numbered)
        if closing is None:
            raise
        try:
            others = closing.without(numbered)
            digest = _read(others, text, today=today, has_day=has_day, is_html=is_html)
        except DigestError:
            digest = None
        if digest is None or not closing.may_be_left_out(digest, others):
            raise
        return replace(digest, unread=(*digest.unread, closing.told))


def _read(
    numbered: list[tuple[int, str]], text: str, *, today: date, has_day: bool, is_html: bool
) -> Digest:
    """Read the lines of a file that is a digest, or refuse it."""
    noted = rewritten(without_kinds(with_day_of_page(with_day_of_mail(numbered))))
    plainly = noted if is_html else with_labels(noted)
    read = without_lone_labels(_without_front_matter(numbered_lines(plainly)))
    read = with_bulleted_abstracts(without_remarks(without_summaries(read)))
    lines, unread = without_properties(read)
    if has_table(lines):
        return papers_of_tables(lines, today=today, is_html=is_html, has_day=has_day)
    linked = digest_of_links(lines, today=today, has_day=has_day, ends_line=text.endswith("\n"))
    if linked is not None:
        return replace(linked, unread=(*linked.unread, *unread))
    width = wrapped_at(lines)
    plain = blocks_of(lines, _PLAIN, width=width)
    if not is_html and plainly == numbered and _are_turns(plain):
        return parse_digest_text(text, today=today, width=width, has_day=has_day)
    digest = _supposed(
        lines, plain, text, today=today, has_day=has_day, width=width, is_html=is_html
    )
    return replace(digest, unread=(*digest.unread, *unread))


def _are_turns(blocks: Sequence[Block]) -> bool:
    """Whether nothing but titles, abstracts, their byline and days are in a file."""
    seen = 0
    for block in blocks:
        if block.kind == "authors" and seen <= 1 and not block.line.marks:
            if block.line.label is not None and block.is_direct:
                return False
            continue
        if block.kind not in _OF_TURNS or block.line.marks or block.line.rest:
            return False
        behind = TRAILING_BRACKETS.search(block.text[-210:])
        if (
            behind is not None
            and len(block.text) <= LONGEST_TITLE
            and is_all_links(behind["inner"])
        ):
            return False
        if len(block.text) <= LONGEST_TITLE and "http" in block.text and MARKUP.search(block.text):
            return False
        seen += block.kind == "text" and len(block.text) > _LONGEST_BANNER
    return True


_LONGEST_BANNER: Final = 40
_DAY: Final = re.compile(r"date\s?:\s", re.IGNORECASE)


def _supposed(
    lines: Sequence[Line | None],
    plain: Sequence[Block],
    text: str,
    *,
    today: date,
    has_day: bool,
    width: int,
    is_html: bool,
) -> Digest:
    """Read the file under each supposition; the one that holds counts."""
    read: dict[tuple[DigestEntry, ...], Digest] = {}
    refusals: list[DigestError] = []
    for supposed in (*suppositions(lines), _PLAIN):
        if supposed is _PLAIN and read:
            break
        try:
            blocks = plain if supposed is _PLAIN else blocks_of(lines, supposed, width=width)
            walk = Walk(blocks, plain=supposed is _PLAIN, today=today)
            found = walk.go()
            if not found.items:
                continue
            if supposed is _PLAIN or supposed.is_sign:
                _refuse_headings_that_may_be_titles(blocks, found)
            entries = papers_of(
                found,
                ends_line=text.endswith("\n"),
                width=width,
                is_html=is_html,
                plain=supposed is _PLAIN,
            )
            unread = unread_asides(found, entries, plain=supposed is _PLAIN)
            digest = digest_of(
                entries,
                found.headings,
                curator=found.curator,
                today=today,
                has_day=has_day,
                mentions=found.mentions,
            )
            digest = replace(digest, unread=(*digest.unread, *unread))
        except DigestError as error:
            refusals.append(error)
            continue
        read.setdefault(digest.entries, digest)
    if len(read) == 1:
        return next(iter(read.values()))
    if read:
        raise DigestError(
            "file",
            "its titles can be told in more than one way; mark each alike, such as '## Title'",
        )
    if refusals:
        raise refusals[0]
    raise DigestError(
        "file", "no paper in it; write a title, a blank line and its abstract for each"
    )


def _refuse_headings_that_may_be_titles(blocks: Sequence[Block], found: Found) -> None:
    """Refuse where each paper has a heading of its own: what stands below may be its journal."""
    titles = [item.title for item in found.items]
    headings = [
        block
        for block in blocks
        if block.kind == "marked"
        and block.line.marks
        and (block.line.marks[0][0] in "#=~^" or "**" in block.line.marks)
    ]
    bounds = [0, *(title.number for title in titles)]
    above = [
        [each for each in headings if low < each.number < high] for low, high in pairwise(bounds)
    ]
    # Above the first one the digest has its own.
    if len(titles) < _SEVERAL or not above[0] or any(len(each) != 1 for each in above[1:]):
        return
    words = sum(len(each[-1].text.split()) >= _WORDS_OF_A_TITLE for each in above)
    repeated = len(titles) - len({title.text for title in titles})
    if 2 * words > len(titles) or repeated:
        raise DigestError(
            f"line {above[0][-1].number}",
            "each heading has one paper, so that it may be the title itself; write 'Title:' before "
            "titles, or 'Authors:' and 'Journal:' before what is said of the paper",
        )


def _without_front_matter(lines: list[Line | None]) -> list[Line | None]:
    """Drop the ``key: value`` between ``---`` with which sites begin their pages, but the day."""
    if not lines or lines[0] is None or lines[0].whole != "---":
        return lines
    for index, line in enumerate(lines[1:40], start=1):
        if line is not None and line.whole == "---":
            days = [each for each in lines[1:index] if each is not None and _DAY.match(each.whole)]
            return [*days, None, *lines[index + 1 :]]
        if line is not None and ":" not in line.whole and line.whole[:1] not in "-[]{}":
            break
    return lines

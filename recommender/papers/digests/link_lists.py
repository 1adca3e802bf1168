"""Room 1, papers: lists of papers without abstracts, each a title and its address. Pure.

Feeds and mails have such lists, too. Every line must have its place, and every paper exactly one
identifier of its own; with anything else in it, a text is read as a digest with abstracts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.abstract_paragraphs import bare
from recommender.papers.digests.alike import without_alike
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.days import digest_of
from recommender.papers.digests.item import Found, Item, note_day
from recommender.papers.digests.line_roles import (
    is_footer,
    is_greeting,
    is_introduction,
    is_masthead,
    is_note,
    is_sponsor,
)
from recommender.papers.digests.markdown_lines import (
    Line,
    is_all_links,
    is_link_words,
    links_in,
    without_trailing_links,
)
from recommender.papers.digests.prose import LONGEST_TITLE, is_prose
from recommender.papers.digests.set_aside import Aside
from recommender.papers.digests.title_asides import asides_of
from recommender.papers.digests.title_marks import TitleLine, without_marks
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import authors_of, names_alone
from recommender.papers.text.calendar_dates import day_in_heading
from recommender.papers.text.paper_details import without_score
from recommender.wording import one_line

_FEWEST: Final = 2
_FEWEST_WORDS: Final = 3
_LONGEST_HEADING: Final = 100
_ENDS: Final = re.compile(r"[.!…]\s+\S|[\])…]\Z")
_ET_AL: Final = re.compile(r",?\s*\bet\.?\s?al\.?\s*\Z", re.IGNORECASE)
_MOST_WORDS_OF_A_HEADING: Final = 5
_ADDRESS_BEHIND: Final = re.compile(
    r"(?P<title>\S.*?)(?:\s?[,:|·–—-]\s|\s)[(\[<]?(?P<link>https?://[^\s<>]{1,500}"
    r"|(?:arxiv|doi)\s?:\s?\S{5,200}?)[)\]>]?\Z",
    re.IGNORECASE,
)


def digest_of_links(
    lines: Sequence[Line | None], *, today: date, has_day: bool, ends_line: bool
) -> Digest | None:
    """Read a list of papers without abstracts; None where a text is anything else.

    Parameters
    ----------
    lines : sequence of Line or None
    today : date
    has_day : bool
        See `digest_of`.
    ends_line : bool
        Whether the file ends its last line; else an address at its end may be half of one.
    """
    found = _found(lines, today)
    last = next((line for line in reversed(lines) if line is not None), None)
    is_cut = not ends_line and last is not None and not last.whole.endswith(")")
    if found is None or is_cut or not _are_papers(found.items):
        return None
    try:
        entries = entries_without_abstracts(found.items)
    except DigestError:
        return None
    return digest_of(
        entries,
        found.headings,
        curator=None,
        today=today,
        has_day=has_day,
        mentions=found.mentions,
    )


def _found(lines: Sequence[Line | None], today: date) -> Found | None:
    """Return the papers and headings of a list; None where a line is neither."""
    found = Found()
    is_below = False
    stated = [line for line in lines if line is not None and not line.is_rule]
    for line, below in zip(stated, [*stated[1:], None], strict=True):
        item = None if is_below else _item(line, below)
        if item is not None:
            found.items.append(item)
        elif not is_below and _belongs_to_last(line, found):
            continue
        elif found.items and _ends_list(line):
            is_below = True
        elif is_below or below is None or not _heads_papers(line, is_first=not found.items):
            return None
        else:
            note_day(found, line, day_in_heading(line.numbered_text, today, f"line {line.number}"))
            found.asides.append(Aside(is_titled=False, is_below=False, blocks=[_title(line, "")]))
    marks = {item.title.line.marks[:1] for item in found.items}
    # A heading that is marked as the papers are may be one without its address.
    same = any(aside.head.line.marks[:1] in marks - {()} for aside in found.asides)
    # Titles of which each has a line without a full stop below it, and an address, look like this.
    linked = all("[]" in item.title.line.marks for item in found.items)
    may_be_titles = not linked and 2 * len(found.asides) > max(len(found.items), _FEWEST)
    return None if len(marks) > 1 or same or may_be_titles else found


def _are_papers(items: Sequence[Item]) -> bool:
    named = sum(item.authors is not None for item in items)
    differ = {tuple(map(frozenset, _identifiers(item))) for item in items}
    return (
        len(differ) == len(items) >= _FEWEST
        and named in {0, len(items)}
        and all(_has_title(item) and _has_own_address(item) for item in items)
    )


def entries_without_abstracts(items: Sequence[Item]) -> list[DigestEntry]:
    """Return papers of which nothing but title, address, authors and day are said.

    Raises
    ------
    DigestError
        Where one has no identifier of its own, or something else stands with the titles.
    """
    for item in items:
        if not _has_own_address(item):
            raise DigestError(
                f"line {item.title.number}",
                "a paper without abstract and with no arXiv id or DOI, or with several; write its "
                "own behind the title",
            )
    plain = [TitleLine(item.title.number, item.title.text, "") for item in items]
    titles = without_marks(plain, may_name=False)
    named = without_marks(plain, may_name=all(item.authors is None for item in items))
    if [each.text for each in named] != [each.text for each in titles]:
        raise DigestError(
            f"line {items[0].title.number}",
            "titles with authors behind them, or the like; write authors behind 'Authors:'",
        )
    ids = [item.title.number for item in items]
    entries = [_entry(item, title.text) for item, title in zip(items, titles, strict=True)]
    return without_alike(entries, ids)


def _entry(item: Item, title: str) -> DigestEntry:
    arxiv_ids, dois = _identifiers(item)
    arxiv_id, doi = next(iter(arxiv_ids), None), next(iter(dois), None)
    names = _ET_AL.sub("", bare(item.authors.text)) if item.authors is not None else ""
    day = item.day
    return DigestEntry(
        title=one_line(title),
        abstract="",
        authors=authors_of([names], inverted=False) if names else (),
        arxiv_id=arxiv_id,
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else f"https://doi.org/{doi}",
        published_at=datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None,
    )


def _identifiers(item: Item) -> tuple[set[str], set[str]]:
    found = [identifiers_of(link.url) for link in item.links]
    return {each for each, _ in found if each}, {each for _, each in found if each}


def _has_own_address(item: Item) -> bool:
    arxiv_ids, dois = _identifiers(item)
    return len(arxiv_ids) <= 1 and len(dois) <= 1 and bool(arxiv_ids or dois)


def _item(line: Line, below: Line | None) -> Item | None:
    """Return the paper that a line names, with the address on it or right below it."""
    if line.label is not None or line.is_links or line.is_day:
        return None
    if "[]" in line.marks:
        return _linked(line)
    if line.rest and line.links and not is_all_links(line.rest):
        return None
    text, links = without_trailing_links(line.text)
    links = [*line.links, *links]
    behind = _ADDRESS_BEHIND.fullmatch(text) if not links else None
    if behind is not None and any(identifiers_of(behind["link"].rstrip(".,;"))):
        text, links = behind["title"], links_in(behind["link"])
    if not links and below is not None and below.is_links and not line.rest:
        links = links_in(below.whole)
    if not any(any(identifiers_of(link.url)) for link in links):
        return None
    return Item(_title(line, text.rstrip(" :-–—|·")), links=list(links))


def _linked(line: Line) -> Item | None:
    asides = asides_of(line.rest)
    if asides.rest:
        return None
    item = Item(_title(line, line.text), links=[*line.links, *asides.links])
    if asides.names:
        item.authors = Block("authors", line.number, asides.names, line, True, line.number)
    return item


def _title(line: Line, text: str) -> Block:
    return Block("title", line.number, without_score(text), line, False, line.number, [text])


def _has_title(item: Item) -> bool:
    title = item.title.text
    is_title = len(title.split()) >= _FEWEST_WORDS and len(title) <= LONGEST_TITLE
    is_plain = not is_prose(title) and ("[]" in item.title.line.marks or not _ENDS.search(title))
    several = "," in title and len(names_alone(title)) > 1
    return is_title and is_plain and not several and not is_link_words(title) and "://" not in title


def _belongs_to_last(line: Line, found: Found) -> bool:
    """Take a line of addresses or authors for the paper above it."""
    if not found.items:
        return False
    item = found.items[-1]
    if line.is_links:
        item.links += [link for link in links_in(line.whole) if link not in item.links]
        return True
    label = line.label
    names = label[1] if label is not None and label[0] == "authors" else bare(line.text)
    if label is not None and label[0] == "meta":
        return True
    may_be = label is None and not (line.marks and line.marks[0][0] in "#=")
    people = names_alone(names) if may_be or (label and label[0] == "authors") else ()
    if item.authors is None and (len(people) > 1 or (people and label is not None)):
        item.authors = Block("authors", line.number, names, line, True, line.number)
        return True
    return False


def _heads_papers(line: Line, *, is_first: bool) -> bool:
    """Whether a line is a heading, a day or a greeting, and no title without its address."""
    if line.is_day:
        return True
    if line.label is not None or len(line.text) > _LONGEST_HEADING or "://" in line.whole:
        return False
    if is_note(line.text) or is_sponsor(line.text):
        return False
    is_heading = bool(line.marks) and (line.marks[0][0] in "#=~^" or "**" in line.marks)
    if is_heading and len(line.text.split()) <= _MOST_WORDS_OF_A_HEADING:
        return True
    forms = (is_masthead, is_greeting, is_introduction)
    return is_first and any(form(line.text) for form in forms)


def _ends_list(line: Line) -> bool:
    return is_footer(line.text) and not line.marks

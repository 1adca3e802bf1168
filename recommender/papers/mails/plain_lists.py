"""Room 1, papers: lists of papers without abstracts in mails of plain text. Pure.

Journals' alerts write a title, who wrote it and where it lies on lines of their own. Read is what
has one reading: a record ends with its address or begins with it, and each line between has its
place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from itertools import takewhile
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.digests.line_roles import signs_off
from recommender.papers.feeds.feed_descriptions import Described, read_description
from recommender.papers.identity.canonical_ids import normalise_doi
from recommender.papers.mails.article_links import Article, article_of
from recommender.papers.mails.bylines import people_of
from recommender.papers.mails.citations import Cited, cited_paper
from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.mails.html_words import cleaned_title, is_footer, is_title, says_nothing
from recommender.papers.text.abstracts import is_around, is_withdrawn
from recommender.papers.text.around_abstracts import begins_abstract, is_detail, is_place
from recommender.papers.text.bylines import parted_byline
from recommender.papers.text.paper_details import names_periodical

MOST_LINES: Final = 20_000
_MOST_LINES_OF_A_PAPER: Final = 30
_MOST_PAPERS: Final = 2_000
_MOST_TOLD: Final = 100
_LONGEST_LINE: Final = 2_000
_LONGEST_SHOWN: Final = 60
_WORDS_OF_A_TITLE: Final = 4
_FEWEST: Final = 2
_RULE: Final = re.compile(r"\s*[-=_*~#•·—–]{3,}\s*")
_MARK: Final = re.compile(r"\s*(?:[-*•▪◦‣+]|[(\[]?\d{1,3}[.)\]])\s+")
_URL: Final = re.compile(r"[<(\[]?(?P<url>https?://[^\s<>\"'\])]{4,1000})[>)\]]?")
# What stands beside an address on its line.
_LABEL: Final = re.compile(
    r"(?:(?:read|view|see|full|free|the|this|article|paper|preprint|abstract|text|link|links|url|web"
    r"|pdf|html|doi|online|available|access|at|on|at:|more|here|http|source|permalink|arxiv|biorxiv"
    r"|medrxiv|or|and|via|download|published)\b|[\s:|,.;·•→>–—()\[\]-])*",
    re.IGNORECASE,
)
_ID: Final = re.compile(
    r"\s*(?:(?:doi|DOI)\s?:?\s?(?P<doi>10\.\d{4,9}/\S{1,200}?)|[aA]r[xX]iv\s?:\s?"
    r"(?P<arxiv>\d{4}\.\d{4,5})(?:v\d{1,2})?(?:\s?\[[\w.-]{2,20}\])?)\s*\.?"
)
_OF_PLACES: Final = frozenset(
    {
        *("of", "the", "and", "in", "for", "on", "de", "der", "no", "vol", "volume", "issue", "pp"),
        *("pages", "article", "published", "posted", "accepted", "online", "first", "available"),
        *("advance", "access", "early", "view", "ahead", "print"),
    }
)
_TWO_SENTENCES: Final = re.compile(r"[.]\s+[^\W\d_a-z]")
_DIGITS: Final = re.compile(r"\d+")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(slots=True)
class _Record:
    """The lines of one paper, with their numbers, and where it lies."""

    lines: list[tuple[int, str]]
    article: Article
    is_titled_by_link: bool = False
    authors: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    records: list[_Record] = field(default_factory=list)
    others: list[tuple[int, list[str]]] = field(default_factory=list)
    odd: list[tuple[int, str]] = field(default_factory=list)


def papers_of_text(lines: Sequence[str], *, day: date) -> Digest | None:
    """Read a list of papers without abstracts.

    Parameters
    ----------
    lines : sequence of str
    day : date

    Returns
    -------
    Digest or None
        None where no papers are named by their addresses, or where they have abstracts. What has
        no address and may be a paper is named as unread.

    Raises
    ------
    DigestError
        With the line that may be read in two ways.
    """
    if len(lines) > MOST_LINES:
        return None
    found = _found(lines)
    if not found.records:
        _require_known(found)
        return None
    if _have_abstracts(found):
        return None
    width = max(len(line.rstrip()) for line in lines)
    shared = _shared_beginnings(found.records)
    entries = tuple(_entry(each, width, shared) for each in found.records[:_MOST_PAPERS])
    if len(entries) < _FEWEST and not entries[0].authors:
        return None
    unread = [_told(number, said[0]) for number, said in found.others if _may_be_paper(said)]
    told = {each.where for each in unread}
    unread += [_told(*each) for each in found.odd if f"line {each[0]}" not in told]
    return Digest("list-mail", None, day, entries, tuple(unread[:_MOST_TOLD]))


def with_linked_titles(lines: Sequence[str]) -> list[str]:
    """Write ``A title <address>``, as programs turn HTML into text, as ``[A title](address)``."""
    written: list[str] = []
    for line in lines:
        cited, article = _linked_title(line)
        url = _URL.search(line)
        is_first = not written or not written[-1].strip()
        is_turned = is_first and article is not None and url is not None and url[0][0] == "<"
        if is_turned and cited is not None and not cited.authors and url is not None:
            written.append(f"[{cited.title}]({url['url']})")
        else:
            written.append(line)
    return written


def _found(lines: Sequence[str]) -> _Found:
    found = _Found()
    for paragraph in _paragraphs(lines):
        if found.records and any(is_footer(line) or signs_off(line) for _, line in paragraph):
            break
        _take_paragraph(paragraph, found)
    return found


def _paragraphs(lines: Sequence[str]) -> list[list[tuple[int, str]]]:
    """Part lines at blank ones and at rules."""
    parts: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(lines, start=1):
        if not line.strip() or _RULE.fullmatch(line):
            parts.append([])
        else:
            parts[-1].append((number, line.strip()[:_LONGEST_LINE]))
    return [part for part in parts if part]


def _take_paragraph(paragraph: list[tuple[int, str]], found: _Found) -> None:
    """Part a paragraph into records, each with its address."""
    open_lines: list[tuple[int, str]] = []
    last: _Record | None = None
    _require_title_first(paragraph)
    for number, line in paragraph:
        cited, titled = _linked_title(line)
        article = _article(line)
        if titled is not None and cited is not None:
            # What stands above may be the first half of its title.
            lines = [*open_lines, (number, cited.title)]
            last = _Record(lines, titled, is_titled_by_link=not open_lines, authors=cited.authors)
            found.records.append(last)
            open_lines = []
        elif article is None and last is not None and _may_follow(last, line, open_lines):
            last.lines.append((number, line))
        elif article is None:
            open_lines.append((number, line))
        elif open_lines:
            last = _Record(open_lines, article)
            found.records.append(last)
            open_lines = []
        elif last is None and found.others:
            last = _above(found, article)
    if open_lines:
        said = [line for _, line in open_lines]
        found.others.append((open_lines[0][0], said))
        found.odd += [open_lines[0]] if last is not None else []


def _require_title_first(paragraph: list[tuple[int, str]]) -> None:
    """Notice addresses above titles, which would be taken for those of the papers above."""
    number, line = paragraph[0]
    others = [each for _, each in paragraph[1:] if _article(each) is None]
    if _article(line) is not None and not all(map(_is_known, others)):
        raise DigestError(
            f"line {number}",
            "an address above what may be its title; write each address below its title, and a "
            "blank line between papers",
        )


def _may_follow(record: _Record, line: str, open_lines: Sequence[tuple[int, str]]) -> bool:
    """Whether a line belongs to the record above it in its paragraph, behind its address."""
    if open_lines:
        return False
    if record.is_titled_by_link or _is_known(line):
        return True
    names = people_of(line)
    are_names = len(names) > 1 or (bool(names) and not _is_long(line))
    return are_names and not any(people_of(parted_byline(each)[0]) for _, each in record.lines[1:])


def _above(found: _Found, article: Article) -> _Record | None:
    """Join an address in a paragraph of its own with the people and the title above."""
    number, said = found.others.pop()
    if len(said) == 1 and len(people_of(said[0])) > 0 and found.others:
        first, title = found.others.pop()
        number, said = first, [*title, *said]
    record = _Record([(number + n, line) for n, line in enumerate(said)], article)
    found.records.append(record)
    return record


def _linked_title(line: str) -> tuple[Cited | None, Article | None]:
    """Return the title that a line has before its address, or in a citation, and where it leads."""
    url = _URL.search(line)
    if url is None or _URL.search(line, url.end()):
        return None, None
    before = line[: url.start()].strip()
    title = _MARK.sub("", before, count=1).strip().rstrip(" :–—-")
    title = title[1:-1].strip() if title[:1] == "[" and title[-1:] == "]" else title
    href = url["url"].rstrip(".,;")
    article = article_of(href)
    if article is None or line[url.end() :].strip(" .,;"):
        return None, None
    cited = cited_paper(Line(line, (Link(href, href, before),)))
    if cited is not None:
        return cited, article
    is_words = len(title.split()) >= _WORDS_OF_A_TITLE and _LABEL.fullmatch(title) is None
    is_other = title.endswith((".", ",")) or _TWO_SENTENCES.search(title) is not None
    if is_other or not is_words or not is_title(title, is_known=True) or len(people_of(title)) > 1:
        return None, None
    return Cited(title, ()), article


def _article(line: str) -> Article | None:
    """Return which paper a line names that is an address or an identifier and nothing else."""
    named = _ID.fullmatch(line)
    if named is not None:
        doi = normalise_doi(named["doi"]) if named["doi"] else None
        return article_of(
            f"https://doi.org/{doi}" if doi else f"https://arxiv.org/abs/{named['arxiv']}"
        )
    urls = list(_URL.finditer(line))[:_FEWEST]
    if not urls or _LABEL.fullmatch(_MARK.sub("", _URL.sub(" ", line), count=1)) is None:
        return None
    return next(filter(None, (article_of(each["url"].rstrip(".,;")) for each in urls)), None)


def _require_known(found: _Found) -> None:
    """Notice titles over addresses of which nobody knows whether they are those of papers."""
    if any(begins_abstract(" ".join(said)) for _, said in found.others):
        return
    titles = [
        number + at
        for number, said in found.others
        for at, line in enumerate(said[1:], start=1)
        if _URL.search(line) and is_title(said[0], is_known=False)
    ]
    if len(titles) >= _FEWEST:
        raise DigestError(
            f"line {titles[0]}",
            "titles over addresses, without abstracts, but no address is that of a paper that is "
            "known (a DOI, an arXiv id, a journal's page); have DOIs sent, or drop them as a file",
        )


def _have_abstracts(found: _Found) -> bool:
    """Whether paragraphs stand among the papers, or below a single one, or a line is one."""
    last = max(number for each in found.records for number, _ in each.lines)
    if len(found.records) == 1:
        last = max(last, *(number for number, _ in found.others), 0)
    first = found.records[0].lines[0][0]
    among = (said for number, said in found.others if first < number <= last)
    inside = ([line for _, line in each.lines] for each in found.records)
    return any(begins_abstract(" ".join(said)) for said in (*among, *inside) if said)


def _shared_beginnings(records: Sequence[_Record]) -> frozenset[str]:
    """Return the first words that lines of all records have: "Article No.", "First Published"."""
    if len(records) < _FEWEST:
        return frozenset()
    each = ({_beginning(line) for _, line in record.lines[1:]} for record in records)
    return frozenset.intersection(*map(frozenset, each))


def _beginning(line: str) -> str:
    return " ".join(_DIGITS.sub("0", line).split()[:2]).casefold()


def _entry(record: _Record, width: int, shared: frozenset[str]) -> DigestEntry:
    lines = list(record.lines)
    # What heads the first of several papers, or each.
    while len(lines) > 1 and (lines[0][1].endswith((":", "：")) or says_nothing(lines[0][1])):
        lines = lines[1:]
    number, title = lines[0]
    title = _MARK.sub("", title, count=1).strip()
    rest = lines[1 : 1 + _MOST_LINES_OF_A_PAPER]
    width = min(width, max(len(line) for _, line in lines)) if len(lines) == 1 else width
    above = lines[0][1]
    while rest and _goes_on(above, rest[0][1], width, shared):
        above = rest.pop(0)[1]
        title = f"{title} {above}"
    if not is_title(title, is_known=True) or len(people_of(title)) > 1:
        raise DigestError(
            f"line {number}",
            f"'{title[:_LONGEST_SHOWN]}' stands where papers have their titles, and reads like "
            "none; write each title above its authors and address",
        )
    authors, said = _said_of(rest, shared)
    authors = record.authors or authors
    title = cleaned_title(title)
    article = record.article
    return DigestEntry(
        title=title,
        abstract="",
        authors=authors,
        arxiv_id=article.arxiv_id,
        doi=article.doi or (None if article.arxiv_id else said.doi),
        url=article.url,
        published_at=said.published_at,
        announce_type=AnnounceType.WITHDRAWN if is_withdrawn(title, "") else AnnounceType.NEW,
    )


def _goes_on(above: str, line: str, width: int, shared: frozenset[str]) -> bool:
    """Whether a line goes on with the title above: it had no room there, or begins small."""
    if _is_known(line) or _beginning(line) in shared or people_of(parted_byline(line)[0]):
        return False
    first = line.split(" ", 1)[0]
    return line[:1].islower() or len(above) + 1 + len(first) > width


def _said_of(
    lines: Sequence[tuple[int, str]], shared: frozenset[str]
) -> tuple[tuple[str, ...], Described]:
    """Return the authors that stand below a title, and what else is said of the paper."""
    rest = list(lines)
    authors: tuple[str, ...] = ()
    kept: list[str] = []
    while rest:
        number, line = rest.pop(0)
        if not authors:
            while rest and line.endswith((",", ";", " and", " &")):
                line = f"{line} {rest.pop(0)[1]}"
            head, behind = parted_byline(line)
            authors = people_of(head)
            if authors:
                kept += [behind] if behind else []
                continue
        if not (_is_known(line) or _beginning(line) in shared or _is_dated(line)):
            raise DigestError(
                f"line {number}",
                f"'{line[:_LONGEST_SHOWN]}' between a title and its address is neither authors nor "
                "where or when it appeared; write 'Authors:' before authors, or take it out",
            )
        kept.append(line)
    return authors, read_description("".join(f"<p>{escape(each)}</p>" for each in kept), title="")


def _is_known(line: str) -> bool:
    """Whether a line says where or when a paper appeared, or nothing of it."""
    if is_detail(line) or is_place(line) or is_around(line) or says_nothing(line):
        return True
    said = read_description(f"<p>{escape(line)}</p>", title="")
    is_said = said.is_citation or said.published_at is not None or said.doi is not None
    return (is_said and not said.abstract) or (names_periodical(line) and not _is_long(line))


def _is_dated(line: str) -> bool:
    """Whether a line has a year and no words of a title but those of a place of publication."""
    small = [word for word in line.split() if word.isalpha() and word.islower()]
    return _YEAR.search(line) is not None and all(word in _OF_PLACES for word in small)


def _is_long(line: str) -> bool:
    return len(line.split()) > _WORDS_OF_A_TITLE


def _may_be_paper(said: Sequence[str]) -> bool:
    """Whether a paragraph without an address has a title and those who wrote it."""
    title = list(takewhile(lambda line: not people_of(line), said))
    return 0 < len(title) < len(said) and is_title(" ".join(title), is_known=True)


def _told(number: int, line: str) -> UnreadEntry:
    return UnreadEntry(
        f"line {number}",
        f"'{line[:_LONGEST_SHOWN]}' leads to no paper that is known; if it is one, name its DOI",
    )

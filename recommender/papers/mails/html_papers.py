"""Room 1, papers: lists of papers in HTML, as journals and newsletters mail them. Pure.

Nobody's markup is known beforehand. What is looked for is what a reader sees: titles that lead to
papers, and below each its authors, where it appeared, perhaps an abstract. Where that is not
certain nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.digests.line_roles import signs_off
from recommender.papers.feeds.feed_descriptions import Described, read_description
from recommender.papers.mails.article_links import Article
from recommender.papers.mails.bylines import (
    People,
    authors_in_column,
    people_of,
)
from recommender.papers.mails.html_outline import Line
from recommender.papers.mails.html_tables import OTHER
from recommender.papers.mails.html_words import (
    WORDS_OF_A_TITLE,
    has_cjk,
    is_footer,
    is_title_of_many_words,
    leads_alone,
    leads_to_paper,
    naming_article,
    says_nothing,
    without_links,
)
from recommender.papers.mails.short_titles import SHORTEST_ABSTRACT, link_passed_over
from recommender.papers.mails.title_candidates import Candidate, candidates_of
from recommender.papers.text.abstracts import ABSTRACT_LABELS, is_around, is_label, is_withdrawn
from recommender.papers.text.around_abstracts import is_place, told_of
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.bylines import parted_byline

FORMAT: Final = "list-mail"

_MOST_UNREAD: Final = 100
_MOST_SUMMARY_CHARACTERS: Final = 1_000
_LONGEST_LINE: Final = 20_000
_LINES_TO_AUTHORS: Final = 4
_ENOUGH: Final = 2
_PART: Final = re.compile(r"[A-Z][A-Z &/]{3,40}:\s")
_SENTENCE_END: Final = re.compile(r"[.!?。！？…][\"”’)\]]*(?:\s|\Z)|。")
_LABELLED: Final = re.compile(rf"(?:{ABSTRACT_LABELS})\s?[:：]\s?\S", re.IGNORECASE)
_LONGEST_DAY: Final = 120
_LINES_OF_A_DAY: Final = 2
_TEASER: Final = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*(?:\(?(?:read )?more\)?)?\s*\Z", re.IGNORECASE
)


def papers_of_html(
    outline: Sequence[Line], *, day: date, people: People = people_of, sender: str = ""
) -> Digest:
    """Read a list of papers.

    Parameters
    ----------
    outline : sequence of Line
    day : date
    people : callable
    sender : str
        Whose name below the papers signs the mail, and is no author's.

    Returns
    -------
    Digest
        What leads to no paper that is known, but could be one by its words, is named as unread.

    Raises
    ------
    DigestError
        Where it is no list of papers with certainty, with the reason.
    """
    candidates = candidates_of(outline)
    if not any(each.is_row for each in candidates):
        _turn_authors(candidates, outline, people)
        _turn_days(candidates, outline)
    below = [_below(each, people, sender) for each in candidates]
    if len(below) > 1:
        # Nothing ends the last one but the mail: it has no more lines than others.
        most = max(1, *(len(each.lines) for each in below[:-1]))
        below[-1] = replace(below[-1], lines=below[-1].lines[:most])
    read = [_read(each, said) for each, said in zip(candidates, below, strict=True)]
    taken = _taken(read)
    if not any(taken):
        raise DigestError("mail", _why_nothing(candidates, outline))
    styles = {each.candidate.style for each, is_taken in zip(read, taken, strict=True) if is_taken}
    unread: list[UnreadEntry] = []
    for each, is_taken in zip(read, taken, strict=True):
        candidate = each.candidate
        reason = _passed_over(each) if is_taken else _why_unread(candidate, styles)
        if reason and len(unread) < _MOST_UNREAD:
            unread.append(UnreadEntry(f"line {candidate.line + 1}", reason))
    papers = [each for each, is_taken in zip(read, taken, strict=True) if is_taken]
    entries = tuple(each.entry for each in papers)
    told = told_of([each.left_out for each in papers], sum(bool(e.abstract) for e in entries))
    unread += [UnreadEntry(f"paper {place + 1}", message) for place, message in told]
    return Digest(FORMAT, None, day, entries, tuple(unread))


@dataclass(frozen=True, slots=True)
class _Read:
    """A candidate as a paper, and lines above its abstract of which nobody knows what they are."""

    candidate: Candidate
    entry: DigestEntry
    left_out: tuple[str, ...] = ()


def _turn_authors(candidates: list[Candidate], outline: Sequence[Line], people: People) -> None:
    """Assign each paper the authors above its title, where all of a list have them there.

    One name alone may be a journal's, and where people stand below the titles it is.
    """
    above = [outline[each.line - 1] if each.line else Line("") for each in candidates]
    names = [() if line.links or line.is_section else people(line.text) for line in above]
    if len(candidates) < _ENOUGH or not all(names) or max(map(len, names)) == 1:
        return
    own = [
        candidate.below[:-1] if candidate.below[-1:] == [following] else candidate.below
        for candidate, following in zip(candidates, [*above[1:], None], strict=True)
    ]
    for candidate, lines in zip(candidates, own, strict=True):
        if candidate.authors or any(people(line.text) for line in lines[:_LINES_TO_AUTHORS]):
            return
    for candidate, authors, lines in zip(candidates, names, own, strict=True):
        candidate.authors, candidate.below = authors, list(lines)


def _turn_days(candidates: Sequence[Candidate], outline: Sequence[Line]) -> None:
    """Move the day above each title below it, where all of a list have theirs there.

    Where the last one has its day below its title, so have the others.
    """
    above = [_day_above(each, outline) for each in candidates]
    if len(candidates) < _ENOUGH or any(map(_says_day, candidates[-1].below)):
        return
    if not all(line is not None for line in above):
        return
    for candidate, own, following in zip(candidates, above, [*above[1:], None], strict=True):
        kept = [line for line in candidate.below if line is not following]
        candidate.below = [*kept, own] if own is not None else kept


def _day_above(candidate: Candidate, outline: Sequence[Line]) -> Line | None:
    """Return the line above a title that says a day, perhaps with the kind of article below it."""
    for line in reversed(outline[max(0, candidate.line - _LINES_OF_A_DAY) : candidate.line]):
        if line.links or line.is_section:
            return None
        if _says_day(line):
            return line
        if not says_nothing(line.text):
            return None
    return None


def _says_day(line: Line) -> bool:
    """Whether a line says on which day a paper appeared, and nothing of the paper itself."""
    if not line.text or len(line.text) > _LONGEST_DAY:
        return False
    said = read_description(f"<p>{escape(line.text)}</p>", title="")
    return said.published_at is not None and not said.abstract and not said.doi


def _taken(read: Sequence[_Read]) -> list[bool]:
    """Decide of each candidate whether it is a paper; together they may be certain."""
    sure = [_is_sure(each.candidate, each.entry) for each in read]
    is_list = sum(sure) >= _ENOUGH
    if not is_list:
        sure = [
            is_sure and bool(each.entry.authors or each.entry.abstract)
            for is_sure, each in zip(sure, read, strict=True)
        ]
    likely = [_is_likely(each.candidate, each.entry) for each in read]
    # One name alone may be anything; where papers are listed some have several authors.
    most = max(
        (len(each.entry.authors) for each, is_one in zip(read, likely, strict=True) if is_one),
        default=0,
    )
    if sum(likely) >= _ENOUGH and most > 1 and (is_list or not any(sure)):
        return [one or other for one, other in zip(sure, likely, strict=True)]
    return sure


@dataclass(frozen=True, slots=True)
class _Below:
    """What stands below a title: where it leads, who wrote it, and what else is said."""

    article: Article | None
    authors: tuple[str, ...]
    lines: tuple[str, ...]


def _below(candidate: Candidate, people: People, sender: str) -> _Below:
    reader = _Reader(candidate, people)
    for number, line in enumerate(candidate.below):
        if number and _is_of_next(line):
            break
        if is_title_of_many_words(line) and not candidate.is_row:
            break
        linked = naming_article(line)
        if linked is not None:
            reader.article = linked if reader.article is None else _joined(reader.article, linked)
        if leads_to_paper(line) or (linked is not None and leads_alone(line)):
            continue
        text = without_links(line)[:_LONGEST_LINE]
        if not text or (not is_label(text) and (is_around(text) or says_nothing(text))):
            continue
        if is_footer(text) or signs_off(text) or text.casefold() == sender.casefold():
            break
        reader.take(number, line, text)
    return _Below(reader.article, reader.authors, tuple(_without_end(reader.said)))


def _is_of_next(line: Line) -> bool:
    """Whether a line heads the next paper or section; authors may be bold, too."""
    is_heading = line.is_heading and not names_alone(line.text)
    return (line.is_section or is_heading) and not is_label(line.text)


class _Reader:
    """Takes what is said below a title, line by line."""

    def __init__(self, candidate: Candidate, people: People) -> None:
        self.article = candidate.article
        self.authors = candidate.authors
        self.said: list[str] = []
        self._below = candidate.below
        self._people = people
        self._is_row = candidate.is_row
        self._goes_on = False

    def take(self, number: int, line: Line, text: str) -> None:
        """Take a line; authors stand among the first, or in the column that is theirs."""
        if line.column == "authors":
            self.authors = self.authors or authors_in_column(text)
        elif line.column == OTHER:
            return
        elif line.column in {"abstract", "tldr"}:
            self.said.append(text if line.column == "abstract" else f"TL;DR: {text}")
        elif self._is_row or not self._take_authors(number, text):
            self.said.append(text)

    def _take_authors(self, number: int, text: str) -> bool:
        """Take a line of authors; each may stand on a line of their own, with where they work."""
        if self._goes_on:
            more = self._people(text) if is_place(text) else ()
            self.authors += more
            self._goes_on = bool(more)
            if more:
                return True
        if self.authors or number >= _LINES_TO_AUTHORS:
            return False
        head, behind = parted_byline(text)
        names = self._people(head)
        # One name alone is a journal's: behind an abstract the next paper's, else this one's.
        is_alone = len(names) == 1 and (
            any(map(_is_long, self.said)) or self._are_named_below(number)
        )
        if not names or (is_alone and not is_place(text)):
            return False
        self.authors, self._goes_on = names, is_place(head)
        if behind:
            self.said.append(behind)
        return True

    def _are_named_below(self, number: int) -> bool:
        below = self._below[number + 1 : number + _LINES_TO_AUTHORS - 1]
        named = (self._people(parted_byline(line.text)[0]) for line in below)
        return any(len(names) > 1 and all(" " in name for name in names) for names in named)


def _is_long(text: str) -> bool:
    return len(text) >= SHORTEST_ABSTRACT


def _labelled(lines: Sequence[str]) -> int | None:
    """Return the place of the text behind the label of an abstract, which may be a short one."""
    for number, line in enumerate(lines):
        if is_label(line) and number + 1 < len(lines):
            return number + 1
        if _LABELLED.match(line):
            return number
    return None


def _without_end(lines: list[str]) -> list[str]:
    """Leave out short lines behind the last paragraph: they belong to whoever sends the mail."""
    labelled = _labelled(lines)
    long = [n for n, line in enumerate(lines) if n == labelled or _is_long(line)]
    if not long:
        return lines
    end = long[-1] + 1
    while end < len(lines) and _PART.match(lines[end]):
        end += 1
    return lines[:end]


def _read(candidate: Candidate, below: _Below) -> _Read:
    said = read_description(
        "".join(f"<p>{escape(text)}</p>" for text in below.lines), title=candidate.title
    )
    shortest = 1 if _labelled(below.lines) is not None else SHORTEST_ABSTRACT
    authors = below.authors or said.authors
    entry = _entry(candidate.title, below.article, authors, said, shortest)
    return _Read(candidate, entry, said.left_out if entry.abstract else ())


def _entry(
    title: str, article: Article | None, authors: tuple[str, ...], said: Described, shortest: int
) -> DigestEntry:
    abstract, summary = _abstract(said.abstract, shortest)
    arxiv_id = article.arxiv_id if article else None
    return DigestEntry(
        title=title,
        abstract=abstract,
        authors=authors,
        arxiv_id=arxiv_id,
        doi=(article.doi if article else None) or (None if arxiv_id else said.doi),
        url=article.url if article else f"https://doi.org/{said.doi}" if said.doi else None,
        published_at=said.published_at,
        announce_type=AnnounceType.WITHDRAWN if is_withdrawn(title, abstract) else AnnounceType.NEW,
        summary=said.summary or summary,
    )


def _abstract(text: str, shortest: int) -> tuple[str, str]:
    """Return the abstract, and a teaser, which is cut off; a text is one of them, or neither."""
    if _TEASER.search(text):
        return "", text[:_MOST_SUMMARY_CHARACTERS]
    shortest = shortest // 3 if has_cjk(text) else shortest
    is_text = len(text) >= shortest and _SENTENCE_END.search(text)
    return (text, "") if is_text else ("", "")


def _joined(article: Article, other: Article) -> Article:
    """Take what another link of the same paper says of it."""
    contradicts = (article.doi and other.doi and article.doi != other.doi) or (
        article.arxiv_id and other.arxiv_id and article.arxiv_id != other.arxiv_id
    )
    if contradicts:
        return article
    return Article(article.url, article.arxiv_id or other.arxiv_id, article.doi or other.doi)


def _is_sure(candidate: Candidate, entry: DigestEntry) -> bool:
    """Whether a candidate is a paper by where it leads, or by the DOI below it."""
    named = candidate.article is not None or bool(entry.doi or entry.arxiv_id)
    if candidate.is_doubtful:
        return False
    return named and (candidate.is_alone or bool(entry.authors or entry.abstract))


def _is_likely(candidate: Candidate, entry: DigestEntry) -> bool:
    """Whether a candidate has authors below it, and nobody knows where it leads."""
    is_known = candidate.article is not None
    if not candidate.href or is_known or not candidate.is_alone or candidate.is_doubtful:
        return False
    return len(candidate.title.split()) >= WORDS_OF_A_TITLE and bool(entry.authors)


def _why_unread(candidate: Candidate, styles: set[tuple[int, bool]]) -> str:
    """Return why a candidate is no paper; empty where its words are those of a menu."""
    if candidate.article is not None:
        return _in_doubt(candidate.title, candidate.article.url)
    has_look = bool(candidate.href) or candidate.style in styles
    if not has_look or len(candidate.title.split()) < WORDS_OF_A_TITLE:
        return ""
    said = f"'{candidate.title[:100]}' leads to no paper that is known"
    return f"{said}; if it is one, name its DOI"


def _passed_over(read: _Read) -> str:
    """Return which link below a paper of a title alone may be the next one."""
    candidate, entry = read.candidate, read.entry
    is_bare = not entry.authors and not entry.abstract
    link = link_passed_over(candidate.below, candidate.article) if is_bare else None
    return _in_doubt(link.text, link.href) if link is not None else ""


def _in_doubt(title: str, address: str) -> str:
    return (
        f"'{title[:100]}' leads to {address[:200]}, but may be a button or a heading; if it is a "
        "paper, write its authors or abstract below it"
    )


def _why_nothing(candidates: Sequence[Candidate], outline: Sequence[Line]) -> str:
    leading = [each for each in candidates if each.href]
    if not leading:
        named = next(filter(None, map(naming_article, outline)), None)
        if named is not None:
            return (
                f"its HTML leads to papers ({named.url[:100]}, …), but it is not certain which "
                "words are their titles; have it sent with links on the titles, or drop a file"
            )
        return "its HTML has no titles that lead to papers; have it sent as text, or drop a file"
    leads = leading[0].title[:80]
    return (
        f"its HTML has links ('{leads}', …), but it is not certain that they are papers: none has "
        "a DOI, an arXiv id or a known address and authors or an abstract below it; have it sent "
        "in another form, or drop the papers as a file"
    )

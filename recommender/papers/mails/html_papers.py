"""Room 1, papers: lists of papers in HTML, as journals and newsletters mail them. Pure.

Nobody's markup is known beforehand. What is looked for is what a reader sees: titles that lead to
papers, and below each its authors, where it appeared, perhaps an abstract. Where that is not
certain nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.domain.titles import title_key
from recommender.errors import DigestError
from recommender.papers.feeds.feed_descriptions import Described, read_description
from recommender.papers.mails.article_links import Article, article_of
from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.mails.html_words import (
    WORDS_OF_A_TITLE,
    cleaned_title,
    has_cjk,
    heading_with_button,
    is_footer,
    is_kind,
    is_title,
    is_title_of_many_words,
    leads_alone,
    naming_article,
    opens_with,
    says_nothing,
    title_link,
    without_links,
)
from recommender.papers.text.abstracts import is_around, is_label, is_withdrawn
from recommender.papers.text.author_lists import authors_of, names_alone
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS

FORMAT: Final = "list-mail"

MOST_PAPERS: Final = 2_000
_MOST_LINES_OF_A_PAPER: Final = 60
_MOST_UNREAD: Final = 100
_MOST_SUMMARY_CHARACTERS: Final = 1_000
_LONGEST_LINE: Final = 20_000
_SHORTEST_ABSTRACT: Final = 120
_LINES_TO_AUTHORS: Final = 4
_ENOUGH: Final = 2
_AUTHORS_LABEL: Final = re.compile(r"(?:authors?|by|von|par|autor(?:en|es)?)\s?:\s?", re.IGNORECASE)
_BETWEEN_NAMES: Final = re.compile(r",\s(?:and\s)?|;\s|\sand\s|\s&\s")
_FEWEST_NAMES: Final = 3
_MOST_WORDS_OF_A_NAME: Final = 5
_PART: Final = re.compile(r"[A-Z][A-Z &/]{3,40}:\s")
_SENTENCE_END: Final = re.compile(r"[.!?。！？…][\"”’)\]]*(?:\s|\Z)|。")
_OTHERS: Final = re.compile(r",?\s*(?:…|\.\.\.)\s*|,?\s*(?:\+|and)\s\d+\s(?:more|others)\b.*")
_TEASER: Final = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*(?:\(?(?:read )?more\)?)?\s*\Z", re.IGNORECASE
)


@dataclass(slots=True)
class Candidate:
    """What may be a paper: a title, where it leads, and the lines below it.

    Attributes
    ----------
    is_alone : bool
        Nothing else stands in the title's line.
    style : tuple of int and bool
        The level of its heading, and whether it is bold: those of a list are alike.
    """

    title: str
    href: str
    article: Article | None
    is_alone: bool
    line: int
    style: tuple[int, bool] = (0, False)
    below: list[Line] = field(default_factory=list)


People = Callable[[str], tuple[str, ...]]
"""Reads a line of authors; gives none where it is no such line."""


def people_of(line: str) -> tuple[str, ...]:
    """Return who wrote a paper where a line says that and nothing else, else none."""
    label = _AUTHORS_LABEL.match(line)
    line = _OTHERS.sub(" ", line)
    if label is not None:
        return authors_of([line[label.end() :]])
    if is_kind(line):
        return ()
    return names_alone(line) or (authors_of([line]) if _are_mostly_names(line) else ())


def _are_mostly_names(line: str) -> bool:
    """Whether a list is one of people, some of which have one name or write it in small letters."""
    parts = [part.split() for part in _BETWEEN_NAMES.split(line[:_LONGEST_LINE])]
    if len(parts) < _FEWEST_NAMES or max(map(len, parts)) > _MOST_WORDS_OF_A_NAME:
        return False
    full = sum(
        len(words) > 1 and all(word[:1].isupper() for word in (words[0], words[-1]))
        for words in parts
    )
    # Where a paper appeared has commas too, and numbers.
    is_other = any(map(str.isdigit, line)) or line.rstrip().endswith((":", "?", "!"))
    return 3 * full >= 2 * len(parts) and not is_other


def papers_of_html(outline: Sequence[Line], *, day: date, people: People = people_of) -> Digest:
    """Read a list of papers.

    Parameters
    ----------
    outline : sequence of Line
    day : date
    people : callable

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
    below = [_below(each, people) for each in candidates]
    if len(below) > 1:
        # Nothing ends the last one but the mail: it has no more lines than others.
        most = max(1, *(len(each.lines) for each in below[:-1]))
        below[-1] = replace(below[-1], lines=below[-1].lines[:most])
    read = [(each, _entry_of(each, said)) for each, said in zip(candidates, below, strict=True)]
    taken = _taken(read)
    if not any(taken):
        raise DigestError("mail", _why_nothing(candidates))
    left = [each for (each, _), is_taken in zip(read, taken, strict=True) if not is_taken]
    styles = {each.style for (each, _), is_taken in zip(read, taken, strict=True) if is_taken}
    unread = tuple(
        UnreadEntry(
            f"line {each.line + 1}",
            f"'{each.title[:100]}' leads to no paper that is known; if it is one, name its DOI",
        )
        for each in left
        if len(each.title.split()) >= WORDS_OF_A_TITLE and (each.href or each.style in styles)
    )[:_MOST_UNREAD]
    entries = tuple(entry for (_, entry), is_taken in zip(read, taken, strict=True) if is_taken)
    return Digest(FORMAT, None, day, entries, unread)


def _taken(read: Sequence[tuple[Candidate, DigestEntry]]) -> list[bool]:
    """Decide of each candidate whether it is a paper; together they may be certain."""
    sure = [_is_sure(each, entry) for each, entry in read]
    is_list = sum(sure) >= _ENOUGH
    if not is_list:
        sure = [
            is_sure and bool(entry.authors or entry.abstract)
            for is_sure, (_, entry) in zip(sure, read, strict=True)
        ]
    likely = [_is_likely(each, entry) for each, entry in read]
    # One name alone may be anything; where papers are listed some have several authors.
    most = max(
        (len(entry.authors) for (_, entry), is_one in zip(read, likely, strict=True) if is_one),
        default=0,
    )
    if sum(likely) >= _ENOUGH and most > 1 and (is_list or not any(sure)):
        return [one or other for one, other in zip(sure, likely, strict=True)]
    return sure


def candidates_of(lines: Sequence[Line]) -> list[Candidate]:
    """Find the titles of a document, each with the lines below it.

    They lead somewhere, or a button below them does. A heading over an abstract that leads nowhere
    is found too, for it may be a paper: the first one of a list without a link.
    """
    finder = _Finder(lines)
    for number in range(len(lines)):
        finder.take(number)
        if len(finder.found) >= MOST_PAPERS:
            break
    finder.leave(len(lines))
    return finder.found


class _Finder:
    """Takes lines one by one; ``heading`` is the last one that leads nowhere yet."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.found: list[Candidate] = []
        self.heading: int | None = None

    def take(self, number: int) -> None:
        line = self.lines[number]
        link = title_link(line)
        if link is not None:
            candidate = _candidate(link, line, number)
            # One title may be parted by tags, or stand twice: over a picture and beside it.
            if self.found and _continues(self.found[-1], candidate, number):
                return
            self.leave(number)
            self.found.append(candidate)
            return
        with_button = heading_with_button(line)
        if with_button is not None:
            self.leave(number)
            title, article = with_button
            style = (line.level, line.is_heading)
            href = line.links[0].href
            self.found.append(Candidate(cleaned_title(title), href, article, True, number, style))
            return
        if line.is_heading and not line.links and is_title(line.text, is_known=True):
            self.leave(number)
            self.heading = number
        elif self.heading is not None:
            named = naming_article(line) or self._behind_picture(number)
            if named is not None:
                # The title itself leads nowhere; a link below it says "Read the paper".
                self._begin(self.heading, number + 1, line.links[0].href, named)
                self.heading = None
                return
        if self.found and len(self.found[-1].below) < _MOST_LINES_OF_A_PAPER:
            self.found[-1].below.append(line)

    def leave(self, number: int) -> None:
        """Leave a heading to which no link belongs; over an abstract it may be a paper's."""
        at, self.heading = self.heading, None
        if at is None:
            return
        below = self.lines[at + 1 : min(number, at + 1 + _MOST_LINES_OF_A_PAPER)]
        if any(len(each.text) >= _SHORTEST_ABSTRACT for each in below):
            self._begin(at, number, "", None)

    def _begin(self, at: int, end: int, href: str, article: Article | None) -> None:
        titled = self.lines[at]
        if self.found:
            _cut(self.found[-1], titled)
        style = (titled.level, titled.is_heading)
        below = list(self.lines[at + 1 : min(end, at + 1 + _MOST_LINES_OF_A_PAPER)])
        title = cleaned_title(titled.text)
        self.found.append(Candidate(title, href, article, True, at, style, below))

    def _behind_picture(self, number: int) -> Article | None:
        """Return where a picture leads, unless it belongs to the title that follows it."""
        line = self.lines[number]
        if line.text or not line.links:
            return None
        ahead = self.lines[number + 1 : number + 4]
        following = next((each for each in ahead if each.text), None)
        if following is not None and (following.is_heading or title_link(following)):
            return None
        return article_of(line.links[0].href)


def _cut(candidate: Candidate, end: Line) -> None:
    """Take from a candidate what stands below the title of the next one."""
    places = (n for n, line in enumerate(candidate.below) if line is end)
    del candidate.below[next(places, len(candidate.below)) :]


@dataclass(frozen=True, slots=True)
class _Below:
    """What stands below a title: where it leads, who wrote it, and what else is said."""

    article: Article | None
    authors: tuple[str, ...]
    lines: tuple[str, ...]


def _below(candidate: Candidate, people: People) -> _Below:
    authors: tuple[str, ...] = ()
    said: list[str] = []
    article = candidate.article
    for number, line in enumerate(candidate.below):
        linked = naming_article(line)
        if linked is not None:
            article = linked if article is None else _joined(article, linked)
        # Authors may be bold, but a heading is of the next paper or section.
        is_heading = line.is_heading and not names_alone(line.text)
        if number and (line.is_section or is_heading) and not is_label(line.text):
            break
        if is_title_of_many_words(line):
            break
        if linked is not None and leads_alone(line):
            continue
        text = without_links(line)[:_LONGEST_LINE]
        if not text or is_around(text) or says_nothing(text):
            continue
        if not authors and number < _LINES_TO_AUTHORS:
            authors = people(text)
            if authors:
                continue
        if is_footer(text):
            break
        said.append(text)
    return _Below(article, authors, tuple(_without_end(said)))


def _without_end(lines: list[str]) -> list[str]:
    """Leave out short lines behind the last paragraph: they belong to whoever sends the mail."""
    long = [n for n, line in enumerate(lines) if len(line) >= _SHORTEST_ABSTRACT]
    if not long:
        return lines
    end = long[-1] + 1
    while end < len(lines) and _PART.match(lines[end]):
        end += 1
    return lines[:end]


def _entry_of(candidate: Candidate, below: _Below) -> DigestEntry:
    said = read_description(
        "".join(f"<p>{escape(text)}</p>" for text in below.lines), title=candidate.title
    )
    return _entry(candidate.title, below.article, below.authors or said.authors, said)


def _entry(
    title: str, article: Article | None, authors: tuple[str, ...], said: Described
) -> DigestEntry:
    abstract, summary = _abstract(said.abstract)
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
        summary=summary,
    )


def _abstract(text: str) -> tuple[str, str]:
    """Return the abstract, and a teaser, which is cut off; a text is one of them, or neither."""
    if _TEASER.search(text):
        return "", text[:_MOST_SUMMARY_CHARACTERS]
    shortest = _SHORTEST_ABSTRACT // 3 if has_cjk(text) else _SHORTEST_ABSTRACT
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
    return named and (candidate.is_alone or bool(entry.authors or entry.abstract))


def _is_likely(candidate: Candidate, entry: DigestEntry) -> bool:
    """Whether a candidate has authors below it, and nobody knows where it leads."""
    if not candidate.href or candidate.article is not None or not candidate.is_alone:
        return False
    return len(candidate.title.split()) >= WORDS_OF_A_TITLE and bool(entry.authors)


def _why_nothing(candidates: Sequence[Candidate]) -> str:
    leading = [each for each in candidates if each.href]
    if not leading:
        return "its HTML has no titles that lead to papers; have it sent as text, or drop a file"
    leads = leading[0].title[:80]
    return (
        f"its HTML has links ('{leads}', …), but it is not certain that they are papers: none has "
        "a DOI, an arXiv id or a known address and authors or an abstract below it; have it sent "
        "in another form, or drop the papers as a file"
    )


def _continues(last: Candidate, this: Candidate, number: int) -> bool:
    if last.href != this.href:
        return False
    if title_key(last.title) == title_key(this.title):
        return True
    if last.line == number - 1 and not last.below:
        last.title = f"{last.title} {this.title}"[:MOST_TITLE_CHARACTERS]
        return True
    return False


def _candidate(link: Link, line: Line, number: int) -> Candidate:
    title = cleaned_title(link.text)
    style = (line.level, line.is_heading)
    article = article_of(link.href)
    return Candidate(title, link.href, article, opens_with(line, link), number, style)

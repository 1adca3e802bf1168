"""Room 1, papers: the titles of a list in HTML, each with the lines below it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from recommender.domain.titles import title_key
from recommender.papers.mails.article_links import Article, article_of
from recommender.papers.mails.bylines import Behind, behind_title, people_of
from recommender.papers.mails.citations import cited_paper
from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.mails.html_words import (
    cleaned_title,
    heading_with_button,
    is_address,
    is_button,
    is_navigation,
    is_title,
    names_before_title,
    naming_article,
    opens_with,
    title_link,
)
from recommender.papers.mails.short_titles import (
    LINES_AHEAD,
    SHORTEST_ABSTRACT,
    Above,
    Role,
    is_another,
    role_of,
    short_link,
)
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS

MOST_PAPERS: Final = 2_000
_MOST_LINES_OF_A_PAPER: Final = 60


@dataclass(slots=True)
class Candidate:
    """What may be a paper: a title, where it leads, and the lines below it.

    Attributes
    ----------
    is_alone : bool
        Nothing else stands in the title's line.
    style : tuple of int and bool
        The level of its heading, and whether it is bold: those of a list are alike.
    authors : tuple of str
        Whom the title's own line names.
    is_doubtful : bool
        It may be a button as well: it ends the paper above, and is told.
    is_row : bool
        It is the row of a table whose heads say what it has; nothing below the row is its.
    """

    title: str
    href: str
    article: Article | None
    is_alone: bool
    line: int
    style: tuple[int, bool] = (0, False)
    below: list[Line] = field(default_factory=list)
    authors: tuple[str, ...] = ()
    is_doubtful: bool = False
    is_row: bool = False


def candidates_of(lines: Sequence[Line]) -> list[Candidate]:
    """Find the titles of a document, each with the lines below it.

    They lead somewhere, or a button below them does. A heading over an abstract that leads nowhere
    is found too, for it may be a paper: the first one of a list without a link.
    """
    finder = _Finder(lines)
    for number, line in enumerate(lines):
        if not line.row:
            finder.take(number)
        elif number == 0 or lines[number - 1].row != line.row:
            finder.take_row(number)
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
            candidate, _ = _candidate(link, line, number)
            # One title may be parted by tags, or stand twice: over a picture and beside it.
            if self.found and _continues(self.found[-1], candidate, number):
                return
            self.leave(number)
            self.found.append(candidate)
            return
        if self._is_short_title(number):
            return
        cited = cited_paper(line)
        if cited is not None:
            self.leave(number)
            href, article = line.links[-1].href, article_of(line.links[-1].href)
            found = Candidate(cited.title, href, article, True, number, authors=cited.authors)
            found.is_row = True
            self.found.append(found)
            return
        with_button = heading_with_button(line)
        if with_button is not None:
            self.leave(number)
            title, article = with_button
            style = (line.level, line.is_heading)
            href = line.links[0].href
            self.found.append(Candidate(cleaned_title(title), href, article, True, number, style))
            return
        if line.is_heading and not line.links and self._may_be_title(number):
            self.leave(number)
            self.heading = number
        elif self.heading is not None:
            named = naming_article(line) or self._behind_picture(number)
            if named is not None:
                # The title itself leads nowhere; a link below it says "Read the paper".
                self._begin(self.heading, number + 1, line.links[0].href, named)
                self.heading = None
                return
        last = self.found[-1] if self.found else None
        if last is not None and not last.is_row and len(last.below) < _MOST_LINES_OF_A_PAPER:
            last.below.append(line)

    def take_row(self, number: int) -> None:
        """Take the row of a table that begins with a line."""
        row = self.lines[number].row
        ends = range(number, min(number + _MOST_LINES_OF_A_PAPER, len(self.lines)))
        lines = list(takewhile(lambda line: line.row == row, (self.lines[n] for n in ends)))
        title = next((n for n, line in enumerate(lines) if line.column == "title"), None)
        if title is None:
            return
        self.leave(number)
        titled = lines[title]
        below = [line for n, line in enumerate(lines) if n != title]
        links = [link for line in (titled, *below) for link in line.links if _names(line)]
        article = next(filter(None, (article_of(link.href) for link in links)), None)
        href = links[0].href if links else ""
        style = (titled.level, titled.is_heading)
        words = cleaned_title(titled.text)
        at = number + title
        self.found.append(Candidate(words, href, article, True, at, style, below, is_row=True))

    def _may_be_title(self, number: int) -> bool:
        """Whether a heading may be one; a short one where people stand below it at once."""
        line = self.lines[number]
        if is_title(line.text, is_known=True):
            return True
        ahead = self.lines[number + 1 : number + 2]
        names = people_of(ahead[0].text) if ahead and not ahead[0].is_section else ()
        is_menu = is_navigation(line.text) and not is_button(line.text)
        return line.is_section and len(names) > 1 and not is_menu

    def _is_short_title(self, number: int) -> bool:
        """Take a link of one or two words where it begins a paper, or may."""
        line = self.lines[number]
        link = short_link(line)
        if link is None:
            return False
        candidate, behind = _candidate(link, line, number)
        if self._are_several(candidate, line, number):
            return True
        if behind.is_sentence:
            return False
        ahead = self.lines[number + 1 : number + 1 + LINES_AHEAD]
        is_described = bool(behind.authors or behind.text)
        role = role_of(link, self._above(), ahead, people_of, is_described=is_described)
        if role is Role.NONE:
            return False
        candidate.is_doubtful = role is Role.DOUBTFUL
        self.leave(number)
        self.found.append(candidate)
        return True

    def _are_several(self, first: Candidate, line: Line, number: int) -> bool:
        """Take links to several papers in one line as what is to be told; no text is theirs."""
        several = {first.article: first}
        for link in line.links:
            article = article_of(link.href)
            if article is None or not link.text or is_button(link.text) or is_address(link.text):
                continue
            is_new = all(other is None or is_another(article, other) for other in several)
            if is_new:
                several[article], _ = _candidate(link, line, number)
        if len(several) == 1 or first.article is None:
            return False
        self.leave(number)
        for each in several.values():
            each.is_doubtful = True
            each.below.clear()
            self.found.append(each)
        return True

    def _above(self) -> Above:
        is_open = self.heading is not None
        if not self.found:
            return Above(is_open=is_open)
        last = self.found[-1]
        article = last.article or next(filter(None, map(naming_article, last.below)), None)
        is_whole = bool(last.authors) or any(
            len(line.text) >= SHORTEST_ABSTRACT or people_of(line.text) for line in last.below
        )
        return Above(article, is_whole, is_open=is_open or article is None)

    def leave(self, number: int) -> None:
        """Leave a heading to which no link belongs; over an abstract it may be a paper's."""
        at, self.heading = self.heading, None
        if at is None:
            return
        below = self.lines[at + 1 : min(number, at + 1 + _MOST_LINES_OF_A_PAPER)]
        if any(len(each.text) >= SHORTEST_ABSTRACT for each in below):
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


def _names(line: Line) -> bool:
    """Whether the links of a cell may lead to the row's paper, not to those it writes about."""
    return line.column != "abstract"


def _cut(candidate: Candidate, end: Line) -> None:
    """Take from a candidate what stands below the title of the next one."""
    places = (n for n, line in enumerate(candidate.below) if line is end)
    del candidate.below[next(places, len(candidate.below)) :]


def _candidate(link: Link, line: Line, number: int) -> tuple[Candidate, Behind]:
    behind = behind_title(line, link, people_of)
    candidate = Candidate(
        title=cleaned_title(link.text),
        href=link.href,
        article=article_of(link.href),
        is_alone=opens_with(line, link),
        line=number,
        style=(line.level, line.is_heading),
        below=[Line(behind.text)] if behind.text else [],
        authors=names_before_title(link.before) or behind.authors,
    )
    return candidate, behind


def _continues(last: Candidate, this: Candidate, number: int) -> bool:
    if last.href != this.href:
        return False
    if title_key(last.title) == title_key(this.title):
        return True
    if last.line == number - 1 and not last.below:
        last.title = f"{last.title} {this.title}"[:MOST_TITLE_CHARACTERS]
        return True
    return False

"""Room 1, papers: whether a link of one or two words in a list in HTML is a title. Pure.

"Deep Sets" may be a paper or a button. Where its link leads to a known paper that is not the one
above, what stands around it decides: people or an abstract of its own, or papers of the same kind
in the list. Where that does not decide, it is to be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from recommender.papers.mails.article_links import Article, article_of
from recommender.papers.mails.bylines import behind_title, people_of
from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.mails.html_words import (
    is_address,
    is_before_title,
    is_citation,
    is_navigation,
    says_nothing,
    title_link,
)
from recommender.papers.text.author_lists import names_alone

SHORTEST_ABSTRACT: Final = 120
LINES_AHEAD: Final = 4
_FEWEST_LETTERS: Final = 3
_LONGEST: Final = 60
_REGISTRANT: Final = re.compile(r"10\.\d+")


class Role(Enum):
    """What a short link is; one in doubt ends the paper above it, and is told."""

    NONE = "none"
    DOUBTFUL = "doubtful"
    TITLE = "title"


def short_link(line: Line) -> Link | None:
    """Return the link that opens a line, where its words may be a short title."""
    for link in line.links:
        if link.before and not is_before_title(link.before):
            return None
        if not link.text or is_before_title(link.text):
            continue
        letters = sum(map(str.isalpha, link.text))
        is_other = is_address(link.text) or is_citation(link.text) or says_nothing(link.text)
        if is_other or letters < _FEWEST_LETTERS or len(link.text) > _LONGEST:
            return None
        return link if len(names_alone(link.text)) <= 1 else None
    return None


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a short link.

    Attributes
    ----------
    article : Article or None
        Where the paper above leads.
    is_whole : bool
        Whether that has authors or an abstract, or there is none.
    is_open : bool
        Whether a title is above that leads nowhere yet: the link may be its button.
    """

    article: Article | None = None
    is_whole: bool = True
    is_open: bool = False


def role_of(
    link: Link,
    above: Above,
    ahead: Sequence[Line],
    people: Callable[[str], tuple[str, ...]],
    *,
    is_described: bool,
) -> Role:
    """Decide what a short link is by what stands around it.

    Parameters
    ----------
    ahead : sequence of Line
        What follows the link's line.
    has_byline : bool
        Whether its own line names who wrote it.
    """
    article = article_of(link.href)
    if article is None or (above.article is not None and _is_same(article, above.article)):
        return Role.NONE
    has_own = is_described or (above.is_whole and _has_own(ahead, people))
    if above.article is not None and not is_another(article, above.article):
        # "Nature" may lead to the journal's version of the preprint above.
        return Role.TITLE if has_own and not is_navigation(link.text) else Role.NONE
    is_listed = any(
        other is not None and is_another(article, other) and _is_of_same_kind(article, other)
        for other in (above.article, _next_article(ahead))
    )
    if is_navigation(link.text) and (above.is_open or not is_listed):
        return Role.NONE
    is_title = has_own and is_listed if is_navigation(link.text) else has_own or is_listed
    return Role.TITLE if is_title and not above.is_open else Role.DOUBTFUL


def link_passed_over(lines: Sequence[Line], article: Article | None) -> Link | None:
    """Return a link below a bare title that may be the next title, or a button of this paper."""
    if article is None:
        return None
    for line in lines:
        link = short_link(line)
        other = article_of(link.href) if link is not None else None
        if link is None or other is None or is_navigation(link.text):
            continue
        is_sentence = behind_title(line, link, people_of).is_sentence
        if not is_sentence and not _is_same(other, article):
            return link
    return None


def _has_own(ahead: Sequence[Line], people: Callable[[str], tuple[str, ...]]) -> bool:
    for line in ahead:
        if title_link(line) is not None or line.is_section:
            return False
        if len(line.text) >= SHORTEST_ABSTRACT or people(line.text):
            return True
    return False


def _next_article(ahead: Sequence[Line]) -> Article | None:
    for line in ahead:
        link = title_link(line) or short_link(line)
        if link is not None:
            return article_of(link.href)
    return None


def _is_same(article: Article, other: Article) -> bool:
    """Whether two links name one paper by the same identifier."""
    if article.arxiv_id and other.arxiv_id:
        return article.arxiv_id == other.arxiv_id
    if article.doi and other.doi:
        # "….s001" is what belongs to a paper.
        return article.doi.startswith(other.doi) or other.doi.startswith(article.doi)
    return article.url == other.url


def is_another(article: Article, other: Article) -> bool:
    """Whether two links lead to different papers; a preprint's and a journal's may be one's."""
    is_alike = bool(article.arxiv_id) == bool(other.arxiv_id) and (
        bool(article.doi) == bool(other.doi)
    )
    return is_alike and not _is_same(article, other)


def _is_of_same_kind(article: Article, other: Article) -> bool:
    if article.doi and other.doi:
        return _registrant(article.doi) == _registrant(other.doi)
    return bool(article.arxiv_id) == bool(other.arxiv_id)


def _registrant(doi: str) -> str:
    found = _REGISTRANT.match(doi)
    return found[0] if found is not None else doi

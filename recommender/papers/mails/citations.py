"""Room 1, papers: papers written as citations, whose addresses alone are links. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from recommender.papers.mails.article_links import article_of
from recommender.papers.mails.html_outline import Line
from recommender.papers.mails.html_words import is_address, is_before_title
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.paper_details import names_periodical

_LONGEST: Final = 2_000
_FEWEST_WORDS: Final = 4
_MOST_ENDS: Final = 40
_LITTLE: Final = 4
_NUMBER: Final = re.compile(r"\A(?:[(\[]?\d{1,3}[.)\]]|[-•*–])\s+")
_NAMES_END: Final = re.compile(r"\s?\((?:19|20)\d\d[a-z]?\)[.:,]?\s|[.:]\s(?=[\"“„A-ZÀ-Þ0-9])")
_TITLE_END: Final = re.compile(r"[.?!][\"”]?\s+(?=[A-ZÀ-Þ0-9(\[])|,?[\"”]\s+")
_DOI: Final = re.compile(r"\s*(?:doi|available at|link|url|https?)?\s?:?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """Who wrote a paper, and what it is called."""

    title: str
    authors: tuple[str, ...]


def cited_paper(line: Line) -> Cited | None:
    """Read "Ann Bee, Max Roe. A title of several words. A journal (2026). https://doi.org/…".

    Returns
    -------
    Cited or None
        None where it may be read in more than one way, or the last link leads to no paper.
    """
    link = line.links[-1] if line.links else None
    if link is None or len(line.text) > _LONGEST or not is_address(link.text):
        return None
    if article_of(link.href) is None or any(article_of(e.href) for e in line.links[:-1]):
        return None
    said = _NUMBER.sub("", _DOI.sub("", link.before), count=1)
    if is_before_title(said):
        return None
    ends = list(_NAMES_END.finditer(said))[:_MOST_ENDS]
    for end in reversed(ends):
        names = names_alone(said[: end.start()])
        if names:
            title = _title_of(said[end.end() :])
            return Cited(title, names) if title else None
    return None


def _title_of(said: str) -> str:
    """Return the title before a journal, if one reading alone says where it ends."""
    said = said.strip().lstrip('"“„')
    ends = list(_TITLE_END.finditer(said))[:_MOST_ENDS]
    if not ends:
        return ""
    # A journal has a year, a number or a word of journals; a part of the title has none.
    places = [end for end in ends if _names_place(said[end.end() :])]
    first = ends[0]
    are_two = any(_may_be_title(said[one.end() : two.start()]) for one, two in pairwise(places))
    if first not in places or are_two:
        return ""
    title = said[: first.start() + (said[first.start()] in "?!")].strip(' ,"”')
    return title if len(title.split()) >= _FEWEST_WORDS else ""


def _names_place(text: str) -> bool:
    return names_periodical(text) or any(map(str.isdigit, text))


def _may_be_title(between: str) -> bool:
    """Whether what stands between two stops may be the second half of a title."""
    words = between.split()
    return not _names_place(between) and any(
        each[:1].islower() and len(each) > _LITTLE for each in words
    )

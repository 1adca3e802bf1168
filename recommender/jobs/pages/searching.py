"""Jobs: what a search finds among the papers, a part at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final

from recommender.domain.dois import identifiers_of
from recommender.domain.searches import PaperSearch, Piece, parse_search
from recommender.interests.terms import STOP_WORDS
from recommender.jobs.pages.entries import PaperEntry, entry_of
from recommender.papers.identity.identifiers import find_identifiers
from recommender.store import paper_search, papers
from recommender.store.database import Database

PAPERS_OF_A_PAGE: Final = 10
"""As many as in a newsletter: two screens of a phone."""


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A paper that was found, with what was looked for in its title and abstract."""

    entry: PaperEntry
    title: tuple[Piece, ...]
    told: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some of what was found.

    Attributes
    ----------
    first : int
        The place of the first paper of this page, from 1.
    total : int
        Papers on all pages.
    is_more : bool
        There are more still, which are not looked through.
    """

    entries: tuple[FoundEntry, ...] = ()
    number: int = 1
    first: int = 1
    last_number: int = 1
    total: int = 0
    is_more: bool = False


def read_search(words: str, *, author: str = "", after: str = "", before: str = "") -> PaperSearch:
    """Return what somebody looks for, whatever they typed: words, or what papers are known by."""
    wanted = parse_search(words, author=author, after=after, before=before, stop_words=STOP_WORDS)
    named = find_identifiers(" ".join(wanted.terms))
    if named.rest or wanted.authors or wanted.excluded or wanted.excluded_authors:
        return wanted
    known_by = [identifiers_of(each, None) for each in named.arxiv_ids]
    known_by += [identifiers_of(None, each) for each in named.dois]
    return replace(wanted, identifiers=tuple(chain.from_iterable(known_by)))


def found_page(
    database: Database, wanted: PaperSearch, number: int = 1, *, now: datetime
) -> FoundPage:
    """Show some of the papers that a search finds, the best first; none where it is empty.

    Beyond the last page is the last one: what is found changes, and links to it stay.
    """
    if wanted.is_empty:
        return FoundPage()
    with database.read() as session:
        found = paper_search.find(session, wanted, now=now)
        last_number = max(1, -(-len(found.paper_ids) // PAPERS_OF_A_PAGE))
        number = min(number, last_number)
        first = (number - 1) * PAPERS_OF_A_PAGE
        shown = found.paper_ids[first : first + PAPERS_OF_A_PAGE]
        known = papers.by_ids(session, shown)
    texts = paper_search.texts_of(known.values(), found.pattern)
    return FoundPage(
        tuple(
            FoundEntry(entry_of(known[each]), texts[each].title, texts[each].abstract)
            for each in shown
        ),
        number=number,
        first=first + 1,
        last_number=last_number,
        total=len(found.paper_ids),
        is_more=found.is_more,
    )

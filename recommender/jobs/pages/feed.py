"""Jobs: the papers of a feed, which programs read again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recommender.domain import Paper
from recommender.domain.searches import PaperSearch
from recommender.jobs.services import Services
from recommender.store import archive, digests, paper_search, papers
from recommender.store.database import Session

MOST_ENTRIES: Final = 50
_DAYS: Final = 3
_OF_A_DAY: Final = 25


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A paper in a feed.

    Attributes
    ----------
    updated_at : datetime
        When the newest digest that mentions it came; on a reading list, when it was saved.
    note : str
        What its reader wrote down; else its abstract is told.
    tags : tuple of str
        Its keywords, or those of its reader.
    """

    paper: Paper
    updated_at: datetime
    note: str = ""
    tags: tuple[str, ...] = ()


def trending(services: Services) -> list[FeedEntry]:
    """Return the first papers of the newest days, the newest first."""
    with services.database.read() as session:
        found = [
            paper.id
            for day in digests.days(session)[:_DAYS]
            for paper, _ in digests.papers_of_day(session, day)[:_OF_A_DAY]
        ]
        return _entries(session, list(dict.fromkeys(found)))


def newest_found(services: Services, wanted: PaperSearch) -> list[FeedEntry]:
    """Return the newest papers that a search finds; none where it is empty."""
    if wanted.is_empty:
        return []
    with services.database.read() as session:
        return _entries(session, paper_search.newest(session, wanted, count=MOST_ENTRIES))


def _entries(session: Session, paper_ids: list[int]) -> list[FeedEntry]:
    known = papers.by_ids(session, paper_ids)
    updated_at = archive.last_mentioned_at(session, paper_ids)
    entries = [
        FeedEntry(known[each], updated_at[each], tags=known[each].keywords) for each in paper_ids
    ]
    return sorted(entries, key=lambda entry: entry.updated_at, reverse=True)[:MOST_ENTRIES]

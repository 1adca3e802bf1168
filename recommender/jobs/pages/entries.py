"""Jobs: a paper as it stands in a list that everybody may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from recommender.domain import Paper, Thumbnail


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """One paper of a list.

    Attributes
    ----------
    url : str or None
        Where it can be read; None: nobody said.
    day : date
        When it was published, or else first seen here.
    excerpt : str
        The sentence or two that say what it does; all of the abstract where that is short. Empty
        where the list tells of the abstract what was looked for.
    """

    paper_id: int
    title: str
    url: str | None
    authors: tuple[str, ...]
    day: date
    abstract: str
    excerpt: str
    upvotes: int = 0
    code_url: str | None = None
    project_url: str | None = None
    withdrawn: bool = False
    thumbnail: Thumbnail | None = None


def entry_of(
    paper: Paper, excerpt: str = "", upvotes: int = 0, thumbnail: Thumbnail | None = None
) -> PaperEntry:
    """Return a paper as a list shows it."""
    return PaperEntry(
        paper_id=paper.id,
        title=paper.title,
        url=paper.url,
        authors=paper.authors,
        day=(paper.published_at or paper.first_seen_at).date(),
        abstract=paper.abstract,
        excerpt=excerpt,
        upvotes=upvotes,
        code_url=paper.code_url,
        project_url=paper.project_url,
        withdrawn=paper.withdrawn_at is not None,
        thumbnail=thumbnail,
    )

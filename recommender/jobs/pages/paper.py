"""Jobs: one paper with all that is known of it, for everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recommender.domain import Paper, Thumbnail
from recommender.errors import NotFoundError
from recommender.jobs.services import Services
from recommender.newsletter.byline import byline
from recommender.store import archive, papers
from recommender.store.archive import PublicMention


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A paper, and where it was mentioned, the newest first."""

    paper: Paper
    mentions: tuple[PublicMention, ...]
    thumbnail: Thumbnail | None = None


def paper_page(services: Services, paper_id: int) -> PaperPage:
    """Show a paper; its id is another one than was asked for where two turned out to be one.

    Raises
    ------
    NotFoundError
        If there is none, or only a subscriber named it, which is nobody else's to see.
    """
    with services.database.read() as session:
        standing = papers.standing_id(session, paper_id)
        paper = papers.by_ids(session, [standing]).get(standing)
        thumbnail = services.thumbnails.of_papers(session, [standing]).get(standing)
        mentions = [
            replace(each, curator=byline(each.curator))
            for each in archive.mentions_of(session, standing)
        ]
    if paper is None or not mentions:
        raise NotFoundError("there is no such paper; the search finds all that were mentioned")
    return PaperPage(paper, tuple(mentions), thumbnail)

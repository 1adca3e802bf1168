"""Jobs: the operator's word on whether a paper was taken back, which counts before what is read."""

from __future__ import annotations

from dataclasses import replace

from recommender.domain import Paper
from recommender.domain.titles import title_key
from recommender.errors import RecommenderError
from recommender.jobs.finding import find_paper
from recommender.jobs.services import Services
from recommender.store import papers


def withdrawn_papers(services: Services) -> list[Paper]:
    """Return the papers that were taken back, the last one first."""
    with services.database.read() as session:
        return papers.withdrawn(session)


def withdraw(services: Services, wanted: str) -> Paper:
    """Take a paper out of every list, though nothing that was read says that it was taken back.

    Raises
    ------
    NotFoundError
        If no paper is meant, or several are.
    RecommenderError
        If it was taken back already.
    """
    with services.change() as session:
        paper = find_paper(session, wanted)
        if paper.withdrawn_at is not None:
            raise RecommenderError(
                f"“{paper.title}” is in no list since {paper.withdrawn_at:%Y-%m-%d}; "
                "`recommender papers reinstate` has it offered again"
            )
        paper = replace(paper, withdrawn_at=services.clock(), reinstated_at=None)
        papers.change(session, paper, title_key(paper.title))
    return paper


def reinstate(services: Services, wanted: str) -> Paper:
    """Have a paper offered again, whatever is read of it from now on.

    Raises
    ------
    NotFoundError
        If no paper is meant, or several are.
    RecommenderError
        If it was not taken back.
    """
    with services.change() as session:
        paper = find_paper(session, wanted)
        if paper.withdrawn_at is None:
            raise RecommenderError(
                f"“{paper.title}” was not taken back; `recommender papers withdrawn` lists what was"
            )
        paper = replace(paper, withdrawn_at=None, reinstated_at=services.clock())
        papers.change(session, paper, title_key(paper.title))
    return paper

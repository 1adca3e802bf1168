"""Jobs: the instance's own papers and ratings leave as a data set that names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recommender.jobs.services import Services
from recommender.papers.datasets.dataset import paper_line, rating_lines
from recommender.papers.datasets.dataset_files import write_dataset
from recommender.store import digests, libraries, papers, ratings
from recommender.store.database import Session


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written."""

    papers: int
    ratings: int


def export_dataset(services: Services, folder: Path) -> ExportReport:
    """Write all papers, and all ratings that stand, in the portable form.

    Left out are papers that only somebody's library told of.

    Subscribers become ``s1``, ``s2``, …, the same ones in each export; nothing else of them is
    written. A paper is named by its arXiv id or DOI where it has one. One whose source gave no date
    is dated by when it was first seen.

    Raises
    ------
    DatasetError
        If the folder has a data set already, or cannot be written.
    StorageError
        If the database cannot be read.
    """
    names: dict[int, str] = {}
    with services.database.read() as session:
        papers_written, lines_of_ratings = write_dataset(
            folder,
            papers=_paper_lines(session, names),
            # Asked for when all papers are written, and named.
            ratings=rating_lines(
                (f"s{subscriber_id}", names[rating.paper_id], rating)
                for subscriber_id, rating in ratings.every(session)
            ),
        )
    return ExportReport(papers_written, lines_of_ratings - 1)


def _paper_lines(session: Session, names: dict[int, str]) -> Iterator[str]:
    """Write all papers, and put down what each is called."""
    upvotes, private = digests.most_upvotes(session), libraries.private_papers(session)
    for paper in papers.every(session):
        if paper.id in private:
            continue
        names[paper.id] = paper.arxiv_id or paper.doi or f"paper-{paper.id}"
        yield paper_line(paper, names[paper.id], upvotes.get(paper.id, 0))

"""What leaves the instance names nobody, and can be measured anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import DigestEntry, LibraryAddress, Paper, Rating, Subscriber
from recommender.errors import DatasetError
from recommender.jobs.exporting import ExportReport, export_dataset
from recommender.jobs.quality.evaluating import evaluate_dataset
from recommender.jobs.services import Services
from recommender.papers.datasets.dataset import Dataset
from recommender.papers.datasets.dataset_files import read_dataset
from recommender.papers.intake.intake import store_named
from recommender.store import libraries, ratings
from recommender.store.libraries import LibraryItem

MARCH_1, MARCH_9 = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
OLD = ["Graph Networks", "Sparse Graph Networks", "Pruning Graphs", "Protein Folding"]
NEW = ["Folding Proteins", "Graph Networks without Labels", "Speech in Noise", "Pruned Networks"]


@pytest.fixture
def reader(
    *,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
) -> Subscriber:
    """Somebody who likes three old papers, dislikes one, and later saves or likes two new ones."""
    ingest(OLD, day="2026-03-01")
    ingest([{"title": NEW[0], "id": "2603.00001", "upvotes": 3}, *NEW[1:]], day="2026-03-09")
    ingest([{"title": NEW[0], "id": "2603.00001", "upvotes": 7}], day="2026-03-10")
    someone = subscribe("someone")
    clock.now = MARCH_1 + timedelta(days=1)
    rate(someone, OLD[:3])
    rate(someone, OLD[3:], -1)
    clock.now = MARCH_9 + timedelta(days=1, microseconds=5)
    rate(someone, NEW[1:2], 0, saved=True)
    rate(someone, NEW[3:])
    return someone


def expected(reader: Subscriber) -> Dataset:
    """Write down what the fixtures stored."""
    described = [*((title, MARCH_1) for title in OLD), *((title, MARCH_9) for title in NEW)]
    papers = tuple(
        Paper(number, title, "", (), None, None, None, published_at, published_at)
        for number, (title, published_at) in enumerate(described, start=1)
    )
    before, after = MARCH_1 + timedelta(days=1), MARCH_9 + timedelta(days=1, microseconds=5)
    said = [(1, 1, before), (2, 1, before), (3, 1, before), (4, -1, before), (6, 1, after)]
    ratings = tuple(Rating(*each[:2], False, each[2]) for each in [*said, (8, 1, after)])
    names = tuple("2603.00001" if each.id == 5 else f"paper-{each.id}" for each in papers)
    return Dataset(papers, names, (0, 0, 0, 0, 7, 0, 0, 0), {f"s{reader.id}": ratings})


def test_papers_and_ratings_come_back_as_they_are_stored(
    services: Services, reader: Subscriber, tmp_path: Path
) -> None:
    assert export_dataset(services, tmp_path / "out") == ExportReport(papers=8, ratings=6)
    assert read_dataset(tmp_path / "out") == expected(reader)


def test_exported_instance_is_evaluated_as_the_same_data_set(
    services: Services, reader: Subscriber, tmp_path: Path
) -> None:
    export_dataset(services, tmp_path)
    split_at = date(2026, 3, 5)
    reports = [
        evaluate_dataset(some, split_at, cpu_seconds=lambda: 0.0).as_json()
        for some in (read_dataset(tmp_path), expected(reader))
    ]
    assert reports[0] == reports[1]
    assert (reports[0]["subscribers"], reports[0]["candidates"]) == (1, 4)
    assert reports[0]["mrr"] == 1.0


def test_nobody_is_named_and_nothing_is_changed(
    services: Services, reader: Subscriber, tmp_path: Path, stored: Callable[[], Any]
) -> None:
    before = stored()
    export_dataset(services, tmp_path / "out")
    assert stored() == before
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"someone" not in written
    assert b"example.org" not in written
    assert f"s{reader.id},".encode() in written


def test_what_only_a_library_tells_of_is_left_out(
    services: Services, reader: Subscriber, tmp_path: Path
) -> None:
    entries = [DigestEntry(title=f"Kept privately {number}", abstract="") for number in (1, 2)]
    with services.database.write() as session:
        (private, _), (rated, _) = store_named(session, entries, now=services.clock())
        address, now = LibraryAddress("groups/7"), services.clock()
        libraries.give(session, reader.id, address, sealed_key=None, now=now)
        library = libraries.of_subscriber(session, reader.id)
        assert library is not None
        items = [LibraryItem(str(each), now, paper_id=each) for each in (private, rated)]
        libraries.put_items(session, library.id, items)
        ratings.put(session, reader.id, Rating(rated, 1, saved=False, rated_at=now))

    export_dataset(services, tmp_path / "out")

    exported = {paper.title for paper in read_dataset(tmp_path / "out").papers}
    assert {title for title in exported if "privately" in title} == {"Kept privately 2"}


def test_pseudonym_stays_when_others_leave(
    *,
    services: Services,
    reader: Subscriber,
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    tmp_path: Path,
) -> None:
    other = subscribe("other")
    rate(other, NEW[:1])
    export_dataset(services, tmp_path / "before")
    rate(reader, [*OLD, *NEW], 0)
    export_dataset(services, tmp_path / "after")
    assert list(read_dataset(tmp_path / "before").ratings) == [f"s{reader.id}", f"s{other.id}"]
    assert list(read_dataset(tmp_path / "after").ratings) == [f"s{other.id}"]


@pytest.mark.usefixtures("reader")
def test_data_set_that_is_there_is_left_alone(services: Services, tmp_path: Path) -> None:
    (tmp_path / "ratings.csv.gz").write_text("mine")
    with pytest.raises(DatasetError, match=r"ratings\.csv\.gz exists"):
        export_dataset(services, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".jsonl", ".csv"}] == []

"""A paper is stored once and found again by whatever identifies it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recommender.domain import Paper
from recommender.errors import StorageError
from recommender.store import papers, query_batches
from recommender.store.database import Database
from recommender.store.papers import NewPaper

PUBLISHED = datetime(2017, 6, 12, 17, 57, 34, tzinfo=UTC)
SEEN = datetime(2026, 3, 11, 7, 0, 0, 250_000, tzinfo=UTC)

ATTENTION = NewPaper(
    title="Attention Is All You Need",
    title_key="attention is all you need",
    abstract="Sequences “without” recurrence — ½ the words.",
    authors=("Ashish Vaswani", "Łukasz Kaiser"),
    arxiv_id="1706.03762",
    doi="10.48550/arxiv.1706.03762",
    url="https://arxiv.org/abs/1706.03762",
    published_at=PUBLISHED,
    first_seen_at=SEEN,
    summary="Attention alone translates — “better”.",
)
BARE = NewPaper(
    title="Deep Residual Learning",
    title_key="deep residual learning",
    abstract="",
    authors=(),
    arxiv_id=None,
    doi=None,
    url=None,
    published_at=None,
    first_seen_at=SEEN,
)


def numbered(count: int) -> list[NewPaper]:
    return [
        replace(BARE, title=f"Paper {number}", title_key=f"paper {number}")
        for number in range(count)
    ]


def stored(paper_id: int, new: NewPaper) -> Paper:
    return Paper(
        id=paper_id,
        title=new.title,
        abstract=new.abstract,
        authors=new.authors,
        arxiv_id=new.arxiv_id,
        doi=new.doi,
        url=new.url,
        published_at=new.published_at,
        first_seen_at=new.first_seen_at,
        summary=new.summary,
    )


@pytest.mark.parametrize("new", [ATTENTION, BARE], ids=["all fields", "title alone"])
def test_stored_paper_comes_back_as_it_was(database: Database, new: NewPaper) -> None:
    with database.write() as session:
        (paper_id,) = papers.add(session, [new])

    with database.read() as session:
        assert {paper_id: stored(paper_id, new)} == papers.by_ids(session, [paper_id])


def test_adding_no_papers_stores_nothing(database: Database) -> None:
    with database.write() as session:
        assert papers.add(session, []) == []


def test_ids_come_back_in_the_order_of_the_papers(database: Database) -> None:
    new = numbered(1_500)  # more than one INSERT takes
    with database.write() as session:
        paper_ids = papers.add(session, new)

    with database.read() as session:
        found = papers.by_ids(session, paper_ids)
    assert [paper.title for paper in new] == [found[paper_id].title for paper_id in paper_ids]


def test_more_ids_than_one_query_takes_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_batches, "PARAMETERS_PER_QUERY", 2)
    new = numbered(5)
    with database.write() as session:
        paper_ids = papers.add(session, new)

    with database.read() as session:
        found = papers.by_ids(session, paper_ids)
        known = papers.find_by_identity(
            session, arxiv_ids=[], dois=[], title_keys=[paper.title_key for paper in new]
        )
    assert set(paper_ids) == set(found)
    assert sorted(paper_ids) == [each.paper.id for each in known]


def test_unknown_id_is_left_out(database: Database, paper_ids: list[int]) -> None:
    with database.read() as session:
        found = papers.by_ids(session, [paper_ids[0], paper_ids[-1] + 1])

    assert {paper_ids[0]} == set(found)


@pytest.mark.parametrize(
    ("arxiv_ids", "dois", "title_keys"),
    [
        (["1706.03762"], [], []),
        ([], ["10.48550/arxiv.1706.03762"], []),
        ([], [], ["attention is all you need"]),
        (["1706.03762"], ["10.48550/arxiv.1706.03762"], ["attention is all you need"]),
    ],
    ids=["arXiv id", "DOI", "title key", "all three"],
)
def test_paper_is_found_once_by_any_of_its_identifiers(
    database: Database, arxiv_ids: list[str], dois: list[str], title_keys: list[str]
) -> None:
    with database.write() as session:
        (paper_id, _) = papers.add(session, [ATTENTION, BARE])

    with database.read() as session:
        found = papers.find_by_identity(
            session, arxiv_ids=arxiv_ids, dois=dois, title_keys=title_keys
        )
    expected = papers.KnownPaper(
        stored(paper_id, ATTENTION), ATTENTION.title_key, ("arxiv:1706.03762",)
    )
    assert [expected] == found


def test_papers_found_by_different_identifiers_come_oldest_first(database: Database) -> None:
    with database.write() as session:
        paper_ids = papers.add(session, [BARE, ATTENTION])

    with database.read() as session:
        found = papers.find_by_identity(
            session, arxiv_ids=["1706.03762"], dois=[], title_keys=["deep residual learning"]
        )
    assert paper_ids == [known.paper.id for known in found]


def test_papers_without_an_identifier_are_not_found_by_their_lack_of_it(
    database: Database,
) -> None:
    with database.write() as session:
        papers.add(session, [BARE])

    with database.read() as session:
        assert papers.find_by_identity(session, arxiv_ids=[], dois=[], title_keys=[]) == []


def test_one_arxiv_id_belongs_to_one_paper(database: Database) -> None:
    other = replace(BARE, arxiv_id=ATTENTION.arxiv_id)

    with pytest.raises(StorageError, match="arxiv_id"), database.write() as session:
        papers.add(session, [ATTENTION, other])


def test_change_writes_every_field_but_when_it_was_first_seen(database: Database) -> None:
    with database.write() as session:
        (paper_id, other_id) = papers.add(session, [BARE, replace(BARE, title="Another")])
    changed = replace(stored(paper_id, ATTENTION), first_seen_at=PUBLISHED)

    with database.write() as session:
        papers.change(session, changed, ATTENTION.title_key)

    with database.read() as session:
        known = papers.find_by_identity(
            session, arxiv_ids=[], dois=[], title_keys=[ATTENTION.title_key]
        )
        assert [stored(paper_id, ATTENTION)] == [each.paper for each in known]
        assert papers.by_ids(session, [other_id])[other_id].title == "Another"


@pytest.mark.parametrize(
    "text",
    ["1706.03762", "10.48550/arXiv.1706.03762", "Is All You", "ATTENTION is"],
    ids=["arXiv id", "DOI in capitals", "words of the title", "other capitals"],
)
def test_search_finds_a_paper(database: Database, text: str) -> None:
    with database.write() as session:
        (paper_id, _) = papers.add(session, [ATTENTION, BARE])

    with database.read() as session:
        assert [stored(paper_id, ATTENTION)] == papers.search(session, text)


def test_search_finds_a_paper_by_its_own_id(database: Database) -> None:
    with database.write() as session:
        (paper_id, _) = papers.add(session, [BARE, ATTENTION])

    with database.read() as session:
        assert [stored(paper_id, BARE)] == papers.search(session, str(paper_id))


@pytest.mark.parametrize("text", ["100% of", "Deep_Residual", "9" * 30])
def test_search_takes_what_was_typed_literally(database: Database, text: str) -> None:
    with database.write() as session:
        papers.add(session, [replace(BARE, title="100 out of 100"), BARE])

    with database.read() as session:
        assert papers.search(session, text) == []


def test_search_stops_at_twenty_papers(database: Database) -> None:
    with database.write() as session:
        paper_ids = papers.add(session, numbered(25))

    with database.read() as session:
        assert paper_ids[:20] == [paper.id for paper in papers.search(session, "paper")]


def test_texts_come_in_the_order_of_the_papers(database: Database) -> None:
    with database.write() as session:
        assert (papers.count(session), papers.last_id(session)) == (0, None)
        ids = papers.add(session, numbered(3))

    with database.read() as session:
        texts = [
            (each.id, each.title, each.abstract, list(each.authors))
            for each in papers.every(session)
        ]
        assert texts == list(papers.texts(session))
        assert [paper_id for paper_id, *_ in texts] == ids
        assert (papers.count(session), papers.last_id(session)) == (3, ids[-1])

"""Papers that come later get the rows that they would have had, in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain import Paper
from recommender.interests.community import CommunityMap
from recommender.interests.features import Document
from recommender.interests.paper_index import (
    changed_papers,
    fingerprint,
    index_papers,
    update_index,
)
from recommender.interests.weighting import TermWeighting

MakePapers = Callable[[list[str]], list[Paper]]

WORDS = ["graph", "protein", "speech", "pruning", "folding", "the"]
TITLES = st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), max_size=8)


def ids_of(papers: list[Paper]) -> list[int]:
    return [paper.id for paper in papers]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TITLES, TITLES, st.randoms(use_true_random=False))
def test_index_updated_paper_by_paper_has_the_rows_of_transform(
    make_papers: MakePapers, first: list[str], later: list[str], random: object
) -> None:
    papers = make_papers(first + later)
    known, new = papers[: len(first)], papers[len(first) :]
    index = index_papers(known)
    random.shuffle(new)  # type: ignore[attr-defined]
    for at, paper in enumerate(new, start=1):
        index = update_index(index, ids_of([*known, *new[:at]]), [paper])

    documents = [Document(paper.title, paper.abstract) for paper in papers]
    expected = index.weighting.transform(index.space.transform(documents))
    np.testing.assert_allclose(expected.toarray(), index.rows.toarray(), atol=1e-6)
    assert index.rows.dtype == np.float32
    assert index.papers == tuple(papers)
    assert index.row_of == {paper.id: row for row, paper in enumerate(papers)}
    assert index.unfitted == len(new)


def test_paper_whose_text_changed_has_its_row_anew(make_papers: MakePapers) -> None:
    papers = make_papers(["Graph Pruning", "Protein Folding", "Speech"])
    index = index_papers(papers)
    revised = replace(papers[1], title="Graph Folding")
    texts = {each.id: fingerprint(each.title, each.abstract, ()) for each in [*papers, revised]}

    assert changed_papers(index, texts) == [revised.id]
    updated = update_index(index, texts, [revised])

    terms = updated.space.columns_
    assert {terms[column] for column in updated.rows[1].indices} == {"graph", "folding"}
    assert (updated.rows[[0, 2]] != index.rows[[0, 2]]).nnz == 0
    assert updated.papers[1] == revised
    assert changed_papers(updated, texts) == []


def test_paper_that_is_gone_has_no_row(make_papers: MakePapers) -> None:
    papers = make_papers(["Graph Pruning", "Protein Folding", "Speech"])
    index = index_papers(papers)

    updated = update_index(index, [1, 3], [])

    assert ids_of(list(updated.papers)) == [1, 3]
    assert (updated.rows != index.rows[[0, 2]]).nnz == 0


def test_titles_abstracts_and_authors_are_told_apart() -> None:
    texts: list[tuple[str, str, tuple[str, ...]]] = [
        ("graph pruning", "", ()),
        ("graph", "pruning", ()),
        ("", "graph pruning", ()),
        ("Graph", "", ()),
        ("graph", "", ("pruning",)),
        ("graph", "", ("pru", "ning")),
    ]
    assert len({fingerprint(*text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("fitted", "unfitted", "new", "is_outgrown"),
    [(10, 0, 4, False), (10, 0, 5, True), (10, 4, 0, False), (10, 4, 1, True), (0, 0, 1, True)],
)
def test_vocabulary_is_outgrown_when_half_as_many_papers_came(
    make_papers: MakePapers, *, fitted: int, unfitted: int, new: int, is_outgrown: bool
) -> None:
    index = index_papers(make_papers(["Speech"] * (fitted + unfitted)))
    assert is_outgrown == replace(index, unfitted=unfitted).is_outgrown_by(new)


def test_texts_are_let_go_of_and_put_back(make_papers: MakePapers) -> None:
    papers = [
        replace(each, abstract="About speech.", authors=("Ada",))
        for each in make_papers(["Speech", "Graphs"])
    ]
    index = index_papers(papers)
    bare = index.without_texts()

    assert [(each.title, each.abstract, each.authors) for each in bare.papers] == [
        ("Speech", "", ()),
        ("Graphs", "", ()),
    ]
    stranger = replace(papers[0], id=77)
    assert bare.with_papers([papers[1], stranger]).papers == (bare.papers[0], papers[1])


def test_indexing_ends_when_it_may_not_proceed(make_papers: MakePapers) -> None:
    looks = [None, None]
    with pytest.raises(IndexError, match="pop from empty list"):
        index_papers(make_papers(["Graphs", "Speech", "Vision"]), proceed=looks.pop)


def test_another_weighting_needs_no_text_and_gives_the_rows_of_an_index_made_with_it(
    make_papers: MakePapers,
) -> None:
    papers = [
        replace(paper, authors=authors)
        for paper, authors in zip(
            make_papers(["Graph Pruning", "Graph Folding", "Speech"]),
            [("Jane Doe",), ("Doe, Jane", "John Smith"), ()],
            strict=True,
        )
    ]
    wanted = TermWeighting(idf_sharpness=1.0, author_share=0.3).get_params()

    weighted = index_papers(papers).without_texts().weighted_by(wanted)

    made_so = index_papers(papers, weighting=wanted)
    np.testing.assert_array_equal(made_so.rows.toarray(), weighted.rows.toarray())
    np.testing.assert_array_equal(made_so.background.axes_, weighted.background.axes_)
    assert weighted.weighted_by(wanted) is weighted


def test_map_of_the_community_is_not_used_with_rows_that_it_was_not_learned_for(
    make_papers: MakePapers,
) -> None:
    index = index_papers(make_papers(["Graph Pruning", "Speech"]))
    ones = np.ones((len(index.space.columns_), 1), dtype=np.float32)
    index = replace(index, community=CommunityMap().restore(ones, np.zeros(1, np.float32)))

    weighted = index.weighted_by(TermWeighting(idf_floor=0.3).get_params())

    assert not len(weighted.community.offset_)


def test_words_that_are_a_name_mean_the_papers_of_that_author(make_papers: MakePapers) -> None:
    graph, speech, other = make_papers(["Graph Pruning", "Speech", "Vision"])
    index = index_papers(
        [replace(graph, authors=("Jane Doe",)), replace(speech, authors=("Doe, Jane",)), other]
    )

    words = index.rows_of_words(["Jane A. Doe", "graph pruning"])

    near = (index.rows @ words.T).toarray() > 0
    np.testing.assert_array_equal([[True, True], [True, False], [False, False]], near)

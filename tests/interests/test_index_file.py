"""An index that is kept comes back as it was, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain import Paper
from recommender.errors import UnusableIndexError
from recommender.interests.collocations import Collocations, Role
from recommender.interests.community import CommunityMap
from recommender.interests.index_file import KeptIndex, index_to_arrays, read_index, write_index
from recommender.interests.paper_index import PaperIndex, index_papers

MADE_FOR = (10, 10, 1, 1_773_212_400_000_000)


@pytest.fixture
def file(index: PaperIndex, tmp_path: Path) -> Path:
    """Keep the ten papers of the index."""
    path = tmp_path / "papers.npz"
    write_index(path, KeptIndex(index, MADE_FOR))
    return path


def assert_same(one: PaperIndex, other: PaperIndex) -> None:
    mine, theirs = (index_to_arrays(KeptIndex(each, MADE_FOR)) for each in (one, other))
    assert mine.keys() == theirs.keys()
    for name, array in mine.items():
        np.testing.assert_array_equal(array, theirs[name], name)
        assert array.dtype == theirs[name].dtype


def test_what_was_kept_comes_back_array_by_array(index: PaperIndex, file: Path) -> None:
    kept = read_index(file)

    assert kept.made_for == MADE_FOR
    assert_same(index, kept.index)
    assert kept.index.row_of == index.row_of
    assert (kept.index.rows != index.rows).nnz == 0
    assert kept.index.rows.dtype == np.float32
    assert kept.index.rows.shape == index.rows.shape
    assert kept.index.space.columns_ == index.space.columns_


def test_what_comes_back_knows_titles_and_days_but_no_texts(file: Path, index: PaperIndex) -> None:
    assert index.without_texts().papers == read_index(file).index.papers


def test_free_words_meet_the_same_papers_after_it_was_read(file: Path, index: PaperIndex) -> None:
    words = ["protein folding", "graph neural networks"]
    before, after = (each.rows_of_words(words) for each in (index, read_index(file).index))
    np.testing.assert_array_equal(before.toarray(), after.toarray())


@pytest.mark.parametrize("papers", [[], ["The"], ["", "\ud800 half a pair", "Graphs"]])
def test_any_corpus_can_be_kept(
    papers: list[str], tmp_path: Path, make_papers: Callable[[list[str]], list[Paper]]
) -> None:
    index = index_papers(make_papers(papers))
    write_index(tmp_path / "papers.npz", KeptIndex(index, ()))

    assert_same(index, read_index(tmp_path / "papers.npz").index)


def test_no_file_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_index(tmp_path / "papers.npz")


@pytest.mark.parametrize("size", [0, 1, 100, -1, -22, -1000])
def test_file_that_was_cut_is_refused(file: Path, size: int) -> None:
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(UnusableIndexError, match=r"papers\.npz: "):
        read_index(file)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_file_with_one_byte_changed_is_refused_or_the_same(
    file: Path, index: PaperIndex, data: st.DataObject
) -> None:
    """The directory at the end of a zip file has bytes that mean nothing to a reader."""
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    changed = file.with_name("changed.npz")
    changed.write_bytes(content)
    try:
        kept = read_index(changed)
    except UnusableIndexError:
        return
    assert_same(index, kept.index)


def rewrite(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with np.load(file) as stored:
        arrays = dict(stored)
    change(arrays)
    np.savez(file, **arrays)


def test_array_whose_shape_was_damaged_is_refused(file: Path) -> None:
    """It fits the others then, so only the checksum of what it leaves over tells."""
    larger = np.zeros(3000, dtype=np.uint64)
    rewrite(file, lambda arrays: arrays.update(fingerprints=larger))
    content = file.read_bytes()
    assert content.count(b"(3000,)") == 1
    file.write_bytes(content.replace(b"(3000,)", b"(30,)  "))
    with pytest.raises(UnusableIndexError, match=r"fingerprints\.npy goes on behind its end"):
        read_index(file)


@pytest.mark.parametrize(
    "values",
    [{"format": 3}, {"version": "0.0.0"}, {"space": {"max_terms": 1}}, {"background": {}}],
    ids=lambda values: next(iter(values)),
)
def test_file_of_another_version_is_refused(file: Path, values: dict[str, object]) -> None:
    def change(arrays: dict[str, Any]) -> None:
        header = json.loads(arrays["header"].tobytes()) | values
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)

    rewrite(file, change)
    with pytest.raises(UnusableIndexError, match="another version of this program wrote it"):
        read_index(file)


def test_file_without_an_array_is_refused(file: Path) -> None:
    rewrite(file, lambda arrays: arrays.pop("in_title"))
    with pytest.raises(UnusableIndexError, match="in_title"):
        read_index(file)


class Bomb:
    """What unpickling would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("it was unpickled",)


def test_nothing_is_unpickled(file: Path) -> None:
    bombs = np.array([Bomb()], dtype=object)
    rewrite(file, lambda arrays: arrays.update(paper_ids=bombs))
    with pytest.raises(UnusableIndexError, match="allow_pickle"):
        read_index(file)


def test_what_the_corpus_says_of_phrases_is_kept(index: PaperIndex, tmp_path: Path) -> None:
    collocations = Collocations(
        phrases=frozenset({"protein folding", "graph network"}),
        roles={"fold": Role.VERB, "step": Role.VAGUE},
        names=frozenset({"gaussian"}),
    )
    kept = KeptIndex(replace(index, collocations=collocations), ())
    write_index(tmp_path / "papers.npz", kept)
    read = read_index(tmp_path / "papers.npz").index.collocations
    assert (read.phrases, read.names) == (collocations.phrases, collocations.names)
    assert read.roles == collocations.roles
    assert read.roles["fold"] is Role.VERB


def test_what_the_community_says_of_words_is_kept(index: PaperIndex, tmp_path: Path) -> None:
    terms = len(index.space.columns_)
    components = np.arange(2 * terms, dtype=np.float32).reshape(terms, 2)
    community = CommunityMap(dimensions=2).restore(components, np.ones(2, dtype=np.float32))
    write_index(tmp_path / "papers.npz", KeptIndex(replace(index, community=community), ()))

    read = read_index(tmp_path / "papers.npz").index

    assert read.community.get_params() == community.get_params()
    np.testing.assert_array_equal(
        community.transform(index.rows), read.community.transform(read.rows)
    )


def test_papers_that_came_since_the_vocabulary_was_fitted_are_counted(
    index: PaperIndex, tmp_path: Path
) -> None:
    write_index(tmp_path / "papers.npz", KeptIndex(replace(index, unfitted=4), ()))
    assert read_index(tmp_path / "papers.npz").index.unfitted == 4

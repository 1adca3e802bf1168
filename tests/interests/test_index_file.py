"""An index that is kept comes back as it was, or not at all."""

from __future__ import annotations

import io
import json
import zipfile
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
from recommender.interests import index_file
from recommender.interests.community import CommunityMap
from recommender.interests.index_file import (
    ARRAYS,
    KeptIndex,
    index_from_arrays,
    index_to_arrays,
    read_index,
    write_index,
)
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


def test_what_was_kept_comes_back_array_by_array(index: PaperIndex, file: Path) -> None:
    kept = read_index(file)

    assert kept.made_for == MADE_FOR
    assert_same(index, kept.index)
    assert kept.index.row_of == index.row_of
    assert (kept.index.rows != index.rows).nnz == 0
    assert kept.index.rows.dtype == np.float32
    assert kept.index.rows.shape == index.rows.shape
    assert kept.index.space.terms_ == index.space.terms_


def test_what_comes_back_knows_titles_and_days_but_no_texts(file: Path, index: PaperIndex) -> None:
    assert index.without_texts().papers == read_index(file).index.papers


def test_free_words_meet_the_same_papers_after_it_was_read(file: Path, index: PaperIndex) -> None:
    words = ["protein folding", "graph neural networks"]
    before, after = (each.space.transform_words(words) for each in (index, read_index(file).index))
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


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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


def set_header(arrays: dict[str, Any], **values: object) -> None:
    header = json.loads(arrays["header"].tobytes()) | values
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)


def put(name: str, at: int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(arrays: dict[str, Any]) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name].flat[at] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: set_header(a, format=0), "another version"),
        (lambda a: set_header(a, version="0.0.0"), "another version"),
        (lambda a: set_header(a, space={"max_terms": 1}), "another version"),
        (lambda a: set_header(a, background={}), "another version"),
        (lambda a: set_header(a, terms=["graph"]), "terms are not 30 texts"),
        (lambda a: set_header(a, terms=list(range(30))), "terms are not 30 texts"),
        (lambda a: set_header(a, titles=None), "titles are not 10 texts"),
        (lambda a: set_header(a, unfitted=11), "unfitted"),
        (lambda a: set_header(a, made_for="now"), "made_for"),
        (lambda a: set_header(a, community={"dimensions__seed": 1}), "community is none"),
        (lambda a: a.update(community_offset=np.ones(1, np.float32)), "dimensions where others"),
        (lambda a: a.update(header=np.frombuffer(b"[]", dtype=np.uint8)), "another version"),
        (lambda a: a.update(header=np.frombuffer(b"{", dtype=np.uint8)), "Expecting"),
        (lambda a: a.pop("idf"), "idf"),
        (lambda a: a.update(idf=a["idf"].astype(np.float64)), "idf is of the wrong type"),
        (lambda a: a.update(idf=a["idf"][:-1]), "background_mean has 30 terms where others"),
        (lambda a: a.update(idf=a["idf"][:, None]), "idf has the wrong shape"),
        (lambda a: a.update(fingerprints=a["fingerprints"][1:]), "9 papers where others have 10"),
        (put("row_values", 0, np.nan), "row_values holds what is no number"),
        (put("background_axes", 0, np.inf), "background_axes holds what is no number"),
        (put("row_terms", 3, 30), "row_terms are none of the vocabulary"),
        (put("row_terms", 3, -1), "row_terms are none of the vocabulary"),
        (put("row_terms", 0, 29), "row_terms are out of order"),
        (put("sample_terms", -1, 2**31 - 1), "sample_terms are none of the vocabulary"),
        (put("row_ends", 0, 48), "row_ends do not ascend"),
        (put("row_ends", 0, -1), "row_ends do not ascend"),
        (put("row_ends", -1, 2**40), "row_ends do not ascend"),
        (put("paper_ids", 0, 10), "papers are out of order"),
        (put("first_seen_at", 0, 2**62), "out of range"),
    ],
)
def test_arrays_that_are_no_index_are_refused(
    file: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    rewrite(file, change)
    with pytest.raises(UnusableIndexError, match=reason):
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


def test_arrays_larger_than_the_file_are_refused(file: Path) -> None:
    """Zeros pack a thousand to one, and a shape costs nothing to write."""
    with np.load(file) as stored:
        arrays = dict(stored)
    np.savez_compressed(file, **arrays)
    with pytest.raises(UnusableIndexError, match="is compressed"):
        read_index(file)

    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        member, {"descr": "<i8", "fortran_order": False, "shape": (2**56,)}
    )
    np.savez(file, **{name: array for name, array in arrays.items() if name != "paper_ids"})
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("paper_ids.npy", member.getvalue())
    with pytest.raises(UnusableIndexError):
        read_index(file)


def test_other_version_of_the_format_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "FORMAT", index_file.FORMAT + 1)
    with pytest.raises(UnusableIndexError, match="another version"):
        read_index(file)


def test_every_array_is_written_as_it_is_declared(index: PaperIndex) -> None:
    arrays = index_to_arrays(KeptIndex(index, MADE_FOR))
    assert {name: (array.dtype, array.ndim) for name, array in arrays.items()} == {
        name: (np.dtype(dtype), len(dimensions)) for name, (dtype, dimensions) in ARRAYS.items()
    }
    assert_same(index_from_arrays(arrays).index, index)


def test_what_the_community_says_of_words_is_kept(index: PaperIndex, tmp_path: Path) -> None:
    terms = len(index.space.terms_)
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

"""Data sets are read as they are written, and what is wrong with one is told by file and line."""

from __future__ import annotations

import gzip
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Paper, Rating
from recommender.errors import DatasetError
from recommender.papers.datasets.dataset import (
    Dataset,
    latest_ratings,
    paper_line,
    rating_lines,
    read_papers,
    read_ratings,
)
from recommender.papers.datasets.dataset_files import read_dataset, write_dataset, writing
from recommender.papers.text.plain_text import clean_line

HEADER = "subscriber,paper,rating,rated_at\n"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def paper(name: str = "p1", **fields: object) -> str:
    return json.dumps(
        {"id": name, "title": "T", "abstract": "A", "published": "2026-03-01"} | fields
    )


def write(folder: Path, papers: list[str], ratings: str = HEADER) -> Path:
    (folder / "papers.jsonl").write_text("\n".join(papers), encoding="utf-8")
    (folder / "ratings.csv").write_text(ratings, encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        read_dataset(folder)
    return str(caught.value).removeprefix(f"{folder}").removeprefix("/")


def test_papers_are_numbered_in_the_order_of_the_file(tmp_path: Path) -> None:
    lines = [
        paper("b", title="Graphs", authors=["Ann Example"], upvotes=3),
        "",
        paper("a", abstract=None, published="2026-03-01T12:30:00+02:00"),
    ]
    dataset = read_dataset(write(tmp_path, lines))
    later = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    assert dataset == Dataset(
        papers=(
            Paper(1, "Graphs", "A", ("Ann Example",), None, None, None, MARCH, MARCH),
            Paper(2, "T", "", (), None, None, None, later, later),
        ),
        names=("b", "a"),
        upvotes=(3, 0),
        ratings={},
    )


def test_ratings_are_sorted_whatever_the_order_of_lines_and_columns(tmp_path: Path) -> None:
    ratings = (
        "rated_at,note,rating,paper,subscriber\n"
        '2026-03-03,"later, but first",-0.5,p1,zoe\n'
        "\n"
        "2026-03-02T08:00:00Z,,4,p2,zoe\n"
        "2026-03-05,,1,p2,ann\n"
    )
    dataset = read_dataset(write(tmp_path, [paper("p1"), paper("p2")], ratings))
    assert list(dataset.ratings.items()) == [
        ("ann", (Rating(2, 1, False, datetime(2026, 3, 5, tzinfo=UTC)),)),
        (
            "zoe",
            (
                Rating(2, 1, False, datetime(2026, 3, 2, 8, tzinfo=UTC)),
                Rating(1, -1, False, datetime(2026, 3, 3, tzinfo=UTC)),
            ),
        ),
    ]


def test_newest_rating_of_a_paper_stands_and_nought_takes_it_back(tmp_path: Path) -> None:
    ratings = HEADER + (
        "ann,p1,-1,2026-03-04\n"  # newer, though it comes first
        "ann,p1,1,2026-03-01\n"
        "ann,p2,1,2026-03-01\n"
        "ann,p2,0,2026-03-02\n"
        "ann,p3,1,2026-03-01\n"
        "ann,p3,-1,2026-03-01\n"  # of one moment, the later line
    )
    dataset = read_dataset(write(tmp_path, [paper("p1"), paper("p2"), paper("p3")], ratings))
    assert {each.paper_id: each.value for each in latest_ratings(dataset.ratings["ann"])} == {
        1: -1,
        3: -1,
    }


def test_what_stood_at_a_moment_is_what_was_said_until_then() -> None:
    said = [Rating(1, 1, False, MARCH), Rating(1, 0, False, MARCH)]
    assert (latest_ratings(said[:1]), latest_ratings(said)) == ([said[0]], [])


def test_compressed_files_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl.gz").write_bytes(gzip.compress(paper("p1").encode()))
    (tmp_path / "ratings.csv.gz").write_bytes(gzip.compress(HEADER.encode()))
    assert read_dataset(tmp_path).names == ("p1",)


def test_marks_and_line_ends_of_other_systems_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl").write_bytes(b"\xef\xbb\xbf" + paper("p1").encode() + b"\r\n")
    lines = (HEADER + "ann,p1,1,2026-03-01\n").replace("\n", "\r\n")
    (tmp_path / "ratings.csv").write_bytes(b"\xef\xbb\xbf" + lines.encode())
    assert list(read_dataset(tmp_path).ratings) == ["ann"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: broken JSON at column 2"),
        ("[]", "line 2: the line is a list, not an object"),
        (paper(""), "line 2: a paper without 'id'"),
        (paper("p1"), "line 2: line 1 has the id 'p1' too; take one of them out"),
        (paper("p2", published=None), "line 2: a paper without 'published'; write a date such as"),
        (paper("p2", published="soon"), "line 2: 'published' is 'soon'; write a time such as"),
        (paper("p2", title=1), "line 2: 'title' is a number; write text there"),
        (paper("p2", authors=5), "line 2: 'authors' is a number; write a list of names"),
        (paper("p2", upvotes=-1), "line 2: 'upvotes' lies outside 0 to"),
        (paper("p2", abstract="a" * 1_000_000), "line 2: over 1,000,000 characters"),
    ],
)
def test_paper_that_cannot_be_read_is_told_by_line(tmp_path: Path, line: str, said: str) -> None:
    assert refusal(write(tmp_path, [paper("p1"), line])).startswith(f"papers.jsonl {said}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ann,p9,1,2026-03-01", "no paper has the id 'p9'; add it, or take this line out"),
        ("ann,p1,good,2026-03-01", "the rating 'good' is no number; write 1 for a like"),
        ("ann,p1,nan,2026-03-01", "the rating 'nan' is no number"),
        ("ann,p1,1,yesterday", "'rated_at' is 'yesterday'; write a time such as"),
        ("ann,p1,1,", "a rating without 'rated_at'; write a date such as"),
        (" ,p1,1,2026-03-01", "a rating without 'subscriber'; say whose it is"),
        ("ann,p1,1", "3 fields where the header names 4; put fields that hold a comma"),
        ('"ann,p1,1,2026-03-01', "no CSV (unexpected end of data)"),
    ],
)
def test_rating_that_cannot_be_read_is_told_by_line(tmp_path: Path, line: str, said: str) -> None:
    ratings = f"{HEADER}bob,p1,1,2026-03-01\n{line}"
    assert refusal(write(tmp_path, [paper("p1")], ratings)).startswith(
        f"ratings.csv line 3: {said}"
    )


@pytest.mark.parametrize("header", ["", "subscriber,paper,stars,when\n"])
def test_ratings_without_their_columns_are_refused(tmp_path: Path, header: str) -> None:
    said = refusal(write(tmp_path, [paper("p1")], header))
    assert said.startswith("ratings.csv line 1: the header names no ")
    assert said.endswith("rating and rated_at; write subscriber,paper,rating,rated_at")


def test_data_set_without_papers_is_refused_and_one_without_ratings_is_not(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, ["", " "])).startswith("papers.jsonl file: no papers")
    assert read_dataset(write(tmp_path, [paper("p1")])).ratings == {}


def test_missing_and_doubled_files_are_told(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(" holds no papers.jsonl or papers.jsonl.gz; name a folder")
    write(tmp_path, [paper("p1")])
    (tmp_path / "papers.jsonl.gz").write_bytes(b"")
    assert refusal(tmp_path).startswith(" holds papers.jsonl and papers.jsonl.gz; take one")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no gzip", "broken gzip"),
        (gzip.compress(b"{}" * 500, mtime=0)[:-9], "broken gzip"),
        (gzip.compress(b"\xff", mtime=0), "it is not UTF-8"),
    ],
)
def test_broken_bytes_are_told_by_file(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path, [])
    (tmp_path / "papers.jsonl").rename(tmp_path / "papers.jsonl.gz")
    (tmp_path / "papers.jsonl.gz").write_bytes(content)
    assert refusal(tmp_path).startswith(f"papers.jsonl.gz: {said}")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it bare


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3), st.integers(0, 10**9), MOMENTS)
def test_paper_comes_back_as_it_was_written(
    text: str, summary: str, authors: list[str], upvotes: int, moment: datetime
) -> None:
    """Texts that are stored are on one line each."""
    line, names = clean_line(text), tuple(filter(None, map(clean_line, authors)))
    before = Paper(1, line, line, names, None, None, None, moment, moment, clean_line(summary))
    assert list(read_papers([paper_line(before, "p1", upvotes)])) == [("p1", before, upvotes)]


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9),
    st.sampled_from([-1, 0, 1]),
    MOMENTS,
)
def test_rating_comes_back_as_it_was_written(who: str, value: int, moment: datetime) -> None:
    rating = Rating(1, value, False, moment)
    assert list(read_ratings(rating_lines([(who, "p,1", rating)]), ["p,1"])) == [(who, rating)]


@given(st.floats(allow_nan=False))
def test_any_number_is_a_rating_by_its_sign(number: float) -> None:
    ((_, rating),) = read_ratings([HEADER, f"ann,p1,{number},2026-03-01\n"], ["p1"])
    assert rating.value == (0 if number == 0 else math.copysign(1, number))


def test_saved_paper_is_written_as_liked() -> None:
    rows = [("s1", "p1", Rating(1, 0, True, MARCH)), ("s1", "p2", Rating(2, -1, True, MARCH))]
    assert [line.split(",")[2] for line in rating_lines(rows)][1:] == ["1", "1"]


@pytest.mark.parametrize("taken", ["papers.jsonl", "papers.jsonl.gz", "ratings.csv"])
def test_data_set_is_not_written_over_another(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).touch()
    with pytest.raises(DatasetError, match=rf"{taken} exists; name another folder"):
        write_dataset(tmp_path, [paper()], [HEADER])
    assert [path.name for path in tmp_path.iterdir()] == [taken]


def test_written_data_set_is_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "set"
    ratings = rating_lines([("s1", "p1", Rating(1, 1, False, MARCH))])
    assert write_dataset(folder, [f"{paper()}\n"], ratings) == (1, 2)
    assert read_dataset(folder).ratings == {"s1": (Rating(1, 1, False, MARCH),)}


def test_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "rankings.csv"
    path.write_text("before")

    def interrupt() -> None:
        with writing(path) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert path.read_text() == "before"
    with writing(path) as file:
        file.write("whole")
        assert path.read_text() == "before"
    assert (path.read_text(), [each.name for each in tmp_path.iterdir()]) == (
        "whole",
        ["rankings.csv"],
    )


def test_what_an_interrupted_run_left_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("not ours")
    (tmp_path / "rankings.csv.part").symlink_to(tmp_path / "elsewhere")
    with writing(tmp_path / "rankings.csv") as file:
        file.write("ours")
    assert (tmp_path / "elsewhere").read_text() == "not ours"
    assert (tmp_path / "rankings.csv").read_text() == "ours"


@pytest.mark.parametrize("place", ["missing/rankings.csv", "file/rankings.csv", "folder"])
def test_place_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(DatasetError, match="cannot be written"), writing(tmp_path / place):
        pass
    assert {each.name for each in tmp_path.iterdir()} == {"file", "folder"}


def test_real_data_set_is_read_whole(shared_data: Path) -> None:
    dataset = read_dataset(shared_data / "citeulike-t")
    assert (len(dataset.papers), sum(map(len, dataset.ratings.values()))) == (25_975, 47_609)
    assert dataset.names[:2] == ("ct0", "ct1")

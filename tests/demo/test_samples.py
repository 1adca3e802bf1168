"""Demo room: the sample digests are well-formed, true to their ids, our words, and learnable."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

SAMPLES = files("recommender") / "demo" / "samples"
LIKED_TOPIC = "graph neural networks"
FIRST_PAGE = 10
COPIED_RUN = 8


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    return loaded


FIRST_DAY = load("first-day.json")
SECOND_DAY = load("second-day.json")
TOPICS: dict[str, list[str]] = load("topics.json")
TOPIC_OF = {paper_id: topic for topic, paper_ids in TOPICS.items() for paper_id in paper_ids}


def ids(day: dict[str, Any]) -> list[str]:
    return [entry["paper"]["id"] for entry in day["data"]]


ENTRIES: list[dict[str, Any]] = FIRST_DAY["data"] + SECOND_DAY["data"]
PAPERS: dict[str, dict[str, Any]] = {entry["paper"]["id"]: entry["paper"] for entry in ENTRIES}
NEW_ON_SECOND_DAY = [paper_id for paper_id in ids(SECOND_DAY) if paper_id not in ids(FIRST_DAY)]

each_day = pytest.mark.parametrize("day", [FIRST_DAY, SECOND_DAY], ids=["first", "second"])
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["paper"]["id"])


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    """Every run of COPIED_RUN consecutive words."""
    found = words(text)
    return {tuple(found[i : i + COPIED_RUN]) for i in range(len(found) - COPIED_RUN + 1)}


def strings(value: Any) -> Iterator[str]:
    """Every string anywhere in a JSON value, so that days in any of their shapes can be read."""
    if isinstance(value, str):
        # Two of the days hold Python reprs, in which a line break is written as two characters.
        yield value.replace("\\n", " ")
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def published_texts(shared_data: Path) -> Iterator[str]:
    digests = shared_data / "digests"
    yield (digests / "trending-papers-mar-11.txt").read_text(encoding="utf-8")
    for path in sorted((digests / "huggingface-daily").glob("*.json")):
        yield from strings(json.loads(path.read_text(encoding="utf-8")))


@each_day
def test_count_of_the_envelope_is_the_number_of_entries(day: dict[str, Any]) -> None:
    assert (day["status"], day["count"]) == ("success", len(day["data"]))


def test_second_day_follows_the_first() -> None:
    first, second = (date.fromisoformat(day["date"]) for day in (FIRST_DAY, SECOND_DAY))
    assert first + timedelta(days=1) == second


def test_there_are_enough_papers_for_two_full_issues() -> None:
    assert len(PAPERS) >= 60


@each_day
def test_no_day_mentions_a_paper_twice(day: dict[str, Any]) -> None:
    assert [paper_id for paper_id, n in Counter(ids(day)).items() if n > 1] == []


def test_second_day_repeats_two_papers_unchanged() -> None:
    repeated = set(ids(FIRST_DAY)) & set(ids(SECOND_DAY))
    unchanged = {
        first["paper"]["id"]
        for first in FIRST_DAY["data"]
        for second in SECOND_DAY["data"]
        if first["paper"] | {"upvotes": 0} == second["paper"] | {"upvotes": 0}
    }
    assert len(repeated) == 2
    assert repeated == unchanged


@each_entry
def test_every_field_is_filled(entry: dict[str, Any]) -> None:
    paper = entry["paper"]
    assert set(paper) == {"id", "title", "summary", "authors", "upvotes", "publishedAt"}
    assert all(paper.values())
    assert all(author["name"].strip() == author["name"] != "" for author in paper["authors"])
    assert paper["title"] == entry["title"] == " ".join(entry["title"].split())


@each_entry
def test_upvotes_are_plausible(entry: dict[str, Any]) -> None:
    assert 5 <= entry["paper"]["upvotes"] <= 120


@each_entry
def test_id_is_an_arxiv_id_of_the_month_of_publication(entry: dict[str, Any]) -> None:
    # Old: archive/YYMMNNN until March 2007; then YYMM.NNNN, and YYMM.NNNNN from January 2015.
    published = datetime.fromisoformat(entry["paper"]["publishedAt"])
    if published < datetime.fromisoformat("2007-04-01T00:00:00Z"):
        pattern = rf"[a-z-]+/{published:%y%m}\d{{3}}"
    else:
        pattern = rf"{published:%y%m}\.\d{{{5 if published.year >= 2015 else 4}}}"
    assert re.fullmatch(pattern, entry["paper"]["id"])


def test_every_paper_is_in_exactly_one_topic() -> None:
    assert sorted(PAPERS) == sorted(paper_id for papers in TOPICS.values() for paper_id in papers)


@each_day
def test_every_topic_has_four_or_five_new_papers_a_day(day: dict[str, Any]) -> None:
    new = ids(FIRST_DAY) if day is FIRST_DAY else NEW_ON_SECOND_DAY
    counts = Counter(TOPIC_OF[paper_id] for paper_id in new)
    assert len(TOPICS) >= 8
    assert {topic: 4 <= counts[topic] <= 5 for topic in TOPICS} == dict.fromkeys(TOPICS, True)


@each_day
def test_no_topic_holds_the_top_ranks(day: dict[str, Any]) -> None:
    top = Counter(TOPIC_OF[paper_id] for paper_id in ids(day)[:FIRST_PAGE])
    assert max(top.values()) <= 3


def test_three_papers_of_the_liked_topic_are_on_the_first_page_of_the_first_day() -> None:
    """There must be something to like."""
    assert [TOPIC_OF[paper_id] for paper_id in ids(FIRST_DAY)[:FIRST_PAGE]].count(LIKED_TOPIC) == 3


def test_liked_topic_stands_below_the_first_page_of_the_second_day() -> None:
    """So that it is the ratings that lift it."""
    by_upvotes = sorted(SECOND_DAY["data"], key=lambda entry: -entry["paper"]["upvotes"])
    for order in (ids(SECOND_DAY), [entry["paper"]["id"] for entry in by_upvotes]):
        assert LIKED_TOPIC not in {TOPIC_OF[paper_id] for paper_id in order[:FIRST_PAGE]}


@each_entry
def test_summary_has_the_length_of_a_short_abstract(entry: dict[str, Any]) -> None:
    assert 40 <= len(entry["paper"]["summary"].split()) <= 130


def test_no_two_summaries_are_alike() -> None:
    vocabularies = {paper_id: set(words(paper["summary"])) for paper_id, paper in PAPERS.items()}
    alike = [
        (a, b)
        for a, b in combinations(vocabularies, 2)
        if len(vocabularies[a] & vocabularies[b]) > 0.4 * len(vocabularies[a] | vocabularies[b])
    ]
    assert alike == []


def test_no_two_summaries_share_a_run_of_words() -> None:
    counts = Counter(run for paper in PAPERS.values() for run in runs(paper["summary"]))
    assert [run for run, n in counts.items() if n > 1] == []


def test_no_summary_shares_a_run_of_words_with_a_published_abstract(shared_data: Path) -> None:
    ours = {run for paper in PAPERS.values() for run in runs(paper["summary"])}
    assert [run for text in published_texts(shared_data) for run in runs(text) & ours] == []


def texts(paper_ids: Iterable[str]) -> list[str]:
    return [f"{PAPERS[paper_id]['title']} {PAPERS[paper_id]['summary']}" for paper_id in paper_ids]


@pytest.mark.parametrize("topic", TOPICS)
def test_linear_model_learns_the_topic_from_three_likes(topic: str) -> None:
    first, second = ids(FIRST_DAY), NEW_ON_SECOND_DAY
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    features = vectorizer.fit_transform(texts(first + second))
    liked = [paper_id for paper_id in first if TOPIC_OF[paper_id] == topic][:3]
    model = LogisticRegression(class_weight="balanced")
    model.fit(features[: len(first)], np.isin(first, liked))
    auc = roc_auc_score(
        [TOPIC_OF[paper_id] == topic for paper_id in second],
        model.decision_function(features[len(first) :]),
    )
    assert auc >= 0.95

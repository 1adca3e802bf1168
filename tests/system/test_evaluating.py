"""`evaluate` and `export`, typed into a process of their own."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Rating
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues import newsletters
from recommender.store import issues, ratings

KEYS = {
    *("subscribers", "left_out", "candidates", "ndcg_at_10", "recall_at_50", "mrr", "auc"),
    *("cpu_ms_per_subscriber", "calibration_error", "coverage_at_10"),
    *("intervals", "baselines", "parameters"),
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Write ten papers of March 1, five of March 10, and two people who like five and two."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    subjects = ("graph networks", "protein folding", "speech noise")
    rows = [
        {
            "id": f"p{number}",
            "title": f"{subjects[number % 3]} {number}",
            "abstract": "",
            "published": "2026-03-01" if number < 10 else "2026-03-10",
        }
        for number in range(15)
    ]
    lines = "\n".join(map(json.dumps, rows))
    (folder / "papers.jsonl").write_text(lines, encoding="utf-8")
    liked = {"ann": (0, 3, 6, 12, 10), "bob": (1, 4, 7, 10, 13)}
    ratings_rows = [
        f"{who},p{paper},1,{'2026-03-02' if paper < 10 else '2026-03-11'}"
        for who, some in liked.items()
        for paper in some
    ]
    text = "\n".join(["subscriber,paper,rating,rated_at", *ratings_rows])
    (folder / "ratings.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def rated(with_digest: Any) -> Any:
    """Return an installation whose one reader liked two papers of an issue."""
    with_digest.import_subscribers(1)
    with with_digest.services() as services:
        newsletters.compose_issues(services, now_even_if_not_due=True)
        reader = find_subscriber(services, "reader1@example.org")
        with services.database.write() as session:
            [issue] = issues.of_subscriber(session, reader.id)
            moment = issue.composed_at + timedelta(hours=1)
            for entry in (issue.entries[2], issue.entries[5]):
                ratings.put(session, reader.id, Rating(entry.paper_id, 1, False, moment))
    return with_digest


def test_data_set_is_measured_without_an_installation(
    installation: Any, dataset: Path, tmp_path: Path, promised_keys: Any
) -> None:
    (tmp_path / "empty").mkdir()
    finished = installation.run(
        "evaluate", dataset, "--split-at", "2026-03-10", "--json", cwd=tmp_path / "empty"
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    report = json.loads(finished.stdout)
    assert report.keys() == KEYS
    assert promised_keys("evaluate") <= KEYS
    assert (report["subscribers"], report["candidates"], report["left_out"]) == (2, 5, 0)
    assert set(report["baselines"]) == {"trend", "centroid", "svm", "logistic"}
    assert list((tmp_path / "empty").iterdir()) == []


def test_table_and_lines_are_told_to_people(installation: Any, dataset: Path) -> None:
    finished = installation.run("evaluate", dataset, "--split-at", "2026-03-10")
    assert finished.returncode == 0
    assert finished.stderr.splitlines() == [
        "read",
        "index",
        "choose",
        *(f"{name}: 2 rankings" for name in ("production", "trend", "centroid", "svm", "logistic")),
    ]
    assert re.search(r"nDCG@10 +[01]\.\d{4} +[\d.]+–[\d.]+( +[01]\.\d{4}){4}", finished.stdout)
    for name in ("trend", "centroid", "svm", "logistic"):
        difference = r"[+-]0\.\d{3} [+-]0\.\d{3}…[+-]0\.\d{3}"
        assert re.search(rf"^ *{name}( +{difference}){{3}} *$", finished.stdout, re.MULTILINE)
    assert max(map(len, finished.stdout.splitlines())) <= 80
    assert "2 subscribers, 5 candidates; 0 subscribers with too few ratings left out" in (
        finished.stdout
    )


def test_newcomers_are_measured_on_their_last_likes(installation: Any, dataset: Path) -> None:
    arguments = ("evaluate", dataset, "--split-at", "2026-03-10", "--likes", "1", "--no-baselines")
    assert "as newcomers, with their last 1 like alone" in installation.do(*arguments)
    report = json.loads(installation.do(*arguments, "--json"))
    assert (report["likes"], report["subscribers"]) == (1, 2)


def test_rankings_are_written_whole_with_the_ids_of_the_data_set(
    installation: Any, dataset: Path, tmp_path: Path
) -> None:
    file = tmp_path / "rankings.csv"
    arguments = ("--split-at", "2026-03-10", "--rankings", file, "--no-baselines", "--json")
    report = json.loads(installation.do("evaluate", dataset, *arguments))
    assert report["baselines"] == {}
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["subscriber"], row["rank"]) for row in rows] == [
        (who, str(rank)) for who in ("ann", "bob") for rank in range(1, 6)
    ]
    assert {row["paper"] for row in rows[:5]} == {f"p{number}" for number in range(10, 15)}
    # The one new paper on graph networks, and the two on protein folding.
    assert (rows[0]["paper"], {row["paper"] for row in rows[5:7]}) == ("p12", {"p10", "p13"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--split-at", "2026-03-10"), "DATASET and --split-at go together"),
        (("DATASET",), "DATASET and --split-at go together"),
        (("DATASET", "--split-at", "soon"), "'soon' does not match"),
        (("--rankings", "ranks.csv"), "--rankings goes with a DATASET"),
        (("--likes", "3"), "--likes goes with a DATASET"),
        (("DATASET", "--split-at", "2026-03-10", "--likes", "0"), "Invalid value for '--likes'"),
    ],
)
def test_wrong_usage_ends_with_2(
    installation: Any, dataset: Path, arguments: tuple[str, ...], said: str
) -> None:
    finished = installation.run(
        "evaluate", *(dataset if each == "DATASET" else each for each in arguments)
    )
    assert finished.returncode == 2
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr


def test_what_is_wrong_with_a_data_set_is_one_line(
    installation: Any, dataset: Path, tmp_path: Path
) -> None:
    split = ("--split-at", "2026-03-10", "--json", "--rankings", tmp_path / "ranks.csv")
    assert "none of 2 subscribers has 3 ratings before it" in installation.fail(
        "evaluate", dataset, "--split-at", "2027-01-01", *split[2:], status=1
    )
    (dataset / "ratings.csv").write_text("subscriber,paper,rating,rated_at\nann,p99,1,2026-03-01")
    assert installation.fail("evaluate", dataset, *split, status=1).endswith(
        "ratings.csv line 2: no paper has the id 'p99'; add it, or take this line out"
    )
    assert {each.name for each in tmp_path.iterdir()} == {"dataset", "installation"}


def test_installation_without_issues_is_told_to_rate_first(with_digest: Any) -> None:
    line = with_digest.fail("evaluate", "--json", status=1)
    assert "nothing can be evaluated yet" in line
    assert "rate some papers first" in line


def test_installation_measures_its_own_issues_and_changes_nothing(rated: Any) -> None:
    before = rated.database_hashes()
    report = json.loads(rated.do("evaluate", "--json"))
    assert report.keys() == KEYS | {"issues", "estimated_likes_per_issue"}
    assert (report["subscribers"], report["issues"], report["candidates"]) == (1, 1, 119)
    assert report["mrr"] == report["baselines"]["trend"]["mrr"]
    assert rated.database_hashes() == before


def test_export_is_a_data_set_that_evaluate_reads(rated: Any, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert rated.do("export", folder) == f"wrote {folder}: 119 papers, 2 ratings\n"
    line = rated.fail("evaluate", folder, "--split-at", "2026-03-11", "--json", status=1)
    assert "none of 1 subscriber has 3 ratings before it" in line
    assert "papers.jsonl exists; name another folder" in rated.fail("export", folder, status=1)

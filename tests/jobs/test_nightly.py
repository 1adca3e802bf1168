"""The work of the night is done once a night, step by step, whatever one of them does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.errors import RecommenderError
from recommender.jobs import nightly
from recommender.jobs.issues import corpus
from recommender.jobs.nightly import NightlyReport, Proceed, run_nightly
from recommender.jobs.services import IndexCache, Services

DAY = timedelta(days=1)
NIGHT = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)  # 3 o'clock in Berlin


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """Keep in a folder when the last night was."""
    return replace(services, index_folder=tmp_path / "index")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "index" / "nightly.json"


def well(_services: Services, _proceed: Proceed) -> str:
    return "done well"


def badly(_services: Services, _proceed: Proceed) -> str:
    raise RecommenderError("nothing to measure; rate a paper")


def unexpectedly(_services: Services, _proceed: Proceed) -> str:
    raise ZeroDivisionError("division by zero")


def outcomes(report: NightlyReport) -> list[tuple[str, bool, str]]:
    return [(step.name, step.is_done, step.result) for step in report.steps]


def test_step_that_fails_stops_no_other(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    report = run_nightly(services, steps={"a": unexpectedly, "b": badly, "c": well})

    assert outcomes(report) == [
        ("a", False, "ZeroDivisionError: division by zero"),
        ("b", False, "nothing to measure; rate a paper"),
        ("c", True, "done well"),
    ]
    assert not report.is_done
    told = [each.getMessage() for each in caplog.records]
    assert "night: b: failed: nothing to measure; rate a paper (0.0 s)" in told
    assert "night: c: done well (0.0 s)" in told
    assert any(each.exc_info for each in caplog.records), "the unexpected one with its traceback"


def test_report_says_what_was_done(services: Services, clock: Any) -> None:
    report = run_nightly(services, steps={"a": well})

    assert report.is_done
    assert str(report.steps[0]) == "a: done well (0.0 s)"
    told = report.as_json()
    assert told["steps"][0].pop("seconds") >= 0
    assert told == {
        "began_at": clock().isoformat(),
        "ended_early": False,
        "steps": [{"name": "a", "done": True, "result": "done well"}],
    }


def test_vocabulary_is_learned_anew_every_night(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest([f"Speech Recognition {number}" for number in range(9)])
    corpus.load_corpus(services)
    ingest(["Lattice Surgery"])
    assert "lattice" not in corpus.load_corpus(services).index.space.columns_

    report = run_nightly(services)

    assert outcomes(report)[0] == ("index", True, "10 papers, 6 terms")
    other_process = replace(services, index_cache=IndexCache())
    for each in (services, other_process):
        assert "lattice" in corpus.load_corpus(each).index.space.columns_


def test_where_no_index_can_be_kept_nothing_is_learned_and_all_of_it_is_told(
    services: Services, ingest: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(["Lattice Surgery"])
    (tmp_path / "index").write_text("no folder")

    report = run_nightly(services)

    assert [step.name for step in report.steps if not step.is_done] == ["index", "tune"]
    told = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert all(
        "papers.npz cannot be written, and what is learned at night" in line for line in told
    )
    assert len(told) == 2


def test_first_night_is_due_at_once(services: Services, clock: Any) -> None:
    assert nightly.next_night_at(services) == clock()


def test_next_night_is_at_the_hour_in_the_time_zone_of_the_list(services: Services) -> None:
    run_nightly(services, steps={})
    assert nightly.next_night_at(services) == NIGHT

    later = replace(services, ranking=replace(services.ranking, nightly_hour=22))
    assert nightly.next_night_at(later) == NIGHT - timedelta(hours=5)


def test_night_that_was_missed_is_due_until_it_is_made_up_once(
    services: Services, clock: Any
) -> None:
    run_nightly(services, steps={})
    clock.now += 5 * DAY
    assert nightly.next_night_at(services) == NIGHT < clock()

    run_nightly(services, steps={})

    assert nightly.next_night_at(services) == NIGHT + 5 * DAY > clock()


def test_each_night_has_its_work_once_across_daylight_saving(
    services: Services, clock: Any
) -> None:
    """Clocks in Berlin go from 2 to 3 on March 29; the first look is at 8 in the morning."""
    services = replace(services, ranking=replace(services.ranking, nightly_hour=2))
    clock.now = datetime(2026, 3, 27, 7, tzinfo=UTC)
    begun = []
    while clock.now < datetime(2026, 3, 31, 7, tzinfo=UTC):
        if nightly.next_night_at(services) <= clock.now:
            run_nightly(services, steps={})
            begun.append(f"{clock.now:%d %H}")
        clock.now += timedelta(hours=1)

    assert begun == ["27 07", "28 01", "29 01", "30 00", "31 00"]


def test_clock_that_was_ahead_puts_off_no_night(services: Services, clock: Any) -> None:
    clock.now += 365 * DAY
    run_nightly(services, steps={})
    clock.now -= 365 * DAY

    assert nightly.next_night_at(services) == NIGHT


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"last_night_at": 7}', '{"last_night_at": "x"}']
)
def test_record_that_cannot_be_read_makes_the_night_due(
    services: Services, clock: Any, record: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    run_nightly(services, steps={})
    record.write_text(content)

    assert nightly.next_night_at(services) == clock()
    assert "the work of the night is done anew" in caplog.text


def test_night_that_is_told_to_end_counts_as_missed(services: Services, clock: Any) -> None:
    run_nightly(services, steps={})
    clock.now += DAY
    done: list[str] = []

    def first(_services: Services, proceed: Proceed) -> str:
        done.append("first")
        proceed()
        return "done"

    def second(_services: Services, proceed: Proceed) -> str:
        done.append("begun")
        proceed()
        return pytest.fail("it went on")

    report = run_nightly(
        services, steps={"1": first, "2": second, "3": first}, is_to_end=lambda: "begun" in done
    )

    assert done == ["first", "begun"]
    assert (report.is_ended_early, report.is_done) == (True, False)
    assert outcomes(report) == [("1", True, "done")]
    assert nightly.next_night_at(services) == NIGHT


def test_first_night_that_is_told_to_end_is_due_again(services: Services, clock: Any) -> None:
    report = run_nightly(services, is_to_end=lambda: True)

    assert (report.is_ended_early, report.steps) == (True, ())
    assert nightly.next_night_at(services) == clock()


def test_night_that_kills_the_process_is_not_begun_again_at_once(
    services: Services, record: Path, clock: Any
) -> None:
    def kill(_services: Services, _proceed: Proceed) -> str:
        assert json.loads(record.read_text()) == {"last_night_at": clock().isoformat()}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_nightly(services, steps={"kill": kill})

    assert nightly.next_night_at(services) == NIGHT


def test_folder_that_cannot_be_written_stops_no_night(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_text("no folder")

    assert run_nightly(services, steps={"a": well}).is_done
    assert "the next start does the night again" in caplog.text


def test_beside_a_daemon_all_is_done_but_what_the_daemon_does() -> None:
    assert list(nightly.STEPS) == [*nightly.STEPS_BESIDE_DAEMON, "libraries"]

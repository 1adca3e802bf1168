"""Papers that are too old for newsletters are told of, with the fix; others are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.jobs.intake import FileOutcome, papers_named
from recommender.jobs.issues.corpus import load_corpus
from recommender.jobs.issues.offer import (
    Offer,
    describe_too_old,
    read_offer,
    tell_too_old,
    tell_too_old_in,
)
from recommender.jobs.services import Services

SINCE = date(2026, 2, 8)
"""30 days before 10 March."""


@pytest.mark.parametrize(
    ("days_before", "said"),
    [
        ([], ""),
        ([0, -30], ""),
        ([0, 1], "1 paper is older than newsletter.window_days: no digest since 2026-02-08"),
        ([1, 70, 2, 0], "3 papers are older than newsletter.window_days: "),
    ],
)
def test_what_was_mentioned_before_the_window_is_counted(days_before: list[int], said: str) -> None:
    days = [SINCE - timedelta(days=each) for each in days_before]
    told = describe_too_old(days, since=SINCE, window_days=30)
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_the_fix_names_the_window_that_would_do() -> None:
    told = describe_too_old([SINCE - timedelta(days=70)], since=SINCE, window_days=30)
    assert "30 days before the newest one" in told
    assert "set newsletter.window_days to 100 and restart the daemon" in told


def test_what_is_told_is_what_newsletters_leave_out(
    services: Services, ingest: Callable[..., FileOutcome]
) -> None:
    today = services.clock().date()
    days = [today - timedelta(days=each) for each in (31, 30, 5)]
    outcomes = [ingest([f"Of {day}", f"Also of {day}"], day=f"{day}") for day in days]
    # Alone, or while nothing newer is there, the oldest is as good as any.
    assert tell_too_old(services, papers_named(outcomes)) == ""
    assert len(load_corpus(services).candidates) == 6

    outcomes.append(ingest([f"Also of {days[1]}", "Of today"], day=f"{today}"))
    named = papers_named(outcomes)
    assert len(named) == 7
    assert tell_too_old(services, named).startswith("2 papers are older than")
    assert len(load_corpus(services).candidates) == 5
    assert read_offer(services) == Offer(days[1], 5, 30)
    assert tell_too_old(services, papers_named(outcomes[1:])) == ""
    assert tell_too_old(services, []) == ""


def test_nobody_is_told_to_correct_a_date_that_a_server_wrote() -> None:
    told = describe_too_old(
        [SINCE - timedelta(days=70)], since=SINCE, window_days=30, of_files=False
    )
    assert "no newsletter will; set newsletter.window_days to 100" in told


def test_what_is_not_stored_yet_counts_for_what_is_newest(
    services: Services, ingest: Callable[..., FileOutcome]
) -> None:
    today = services.clock().date()

    def seen(*days_ago: int) -> Digest:
        moments = [datetime.combine(today - timedelta(days=each), time(), UTC) for each in days_ago]
        entries = tuple(DigestEntry(f"{at}", "", published_at=at) for at in moments)
        return Digest("feed", None, max(at.date() for at in moments), entries)

    assert tell_too_old_in(services, seen(60, 70)) == ""
    assert tell_too_old_in(services, seen(0, 60, 70)).startswith("2 papers are older than")
    ingest(["Of today"], day=f"{today}")
    assert tell_too_old_in(services, seen(60, 70)).startswith("2 papers are older than")
    assert tell_too_old_in(services, seen(5)) == ""

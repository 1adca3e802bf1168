"""Each source is its own measure of what is usual: when something comes, how much, how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from recommender.domain import Source, SourceDay, SourceState
from recommender.papers.sources.rhythm import Verdict, judge

TODAY = date(2026, 3, 11)  # a Wednesday, with no holiday for two months before
Sizes = Callable[[date], int]


def source(*, failures: int = 0, message: str = "", paused: str = "", read: bool = True) -> Source:
    moment = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    return Source(
        id=1,
        name="Journal",
        url="https://example.org/feed",
        moved_to=None,
        every_minutes=None,
        is_configured=False,
        paused_because=paused,
        etag=None,
        last_modified=None,
        next_fetch_at=moment,
        last_fetched_at=moment if read else None,
        failures=failures,
        last_status=200,
        last_message=message,
        content_sha256=None,
    )


def day(of: date, papers: int, *, abstracts: int | None = None, length: int = 1000) -> SourceDay:
    """Describe a day whose papers came at six in the morning."""
    having = papers if abstracts is None else abstracts
    return SourceDay(of, 24, papers, having, having * length, 360 if papers else None)


def days(sizes: Sizes, *, until: date = TODAY, weeks: int = 8) -> list[SourceDay]:
    """Describe the days before a day."""
    first = until - timedelta(weeks=weeks)
    return [day(each, sizes(each)) for each in (first + timedelta(n) for n in range(7 * weeks))]


def workdays(of: date) -> int:
    return 12 if of.weekday() < 5 else 0


def wednesdays(of: date) -> int:
    return 20 if of.weekday() == 2 else 0


def at(history: Iterable[SourceDay], *, hour: int = 22, of: date = TODAY) -> Verdict:
    return judge(source(), list(history), now=datetime(of.year, of.month, of.day, hour, tzinfo=UTC))


def test_something_new_is_ok() -> None:
    told = at([*days(workdays), day(TODAY, 14)])

    assert (told.state, told.message) == (SourceState.OK, "14 new papers today")


def test_before_the_usual_hour_nothing_is_expected_and_behind_it_it_is_late() -> None:
    history = [*days(workdays), day(TODAY, 0)]

    assert at(history, hour=7) == Verdict(
        SourceState.QUIET, "nothing new yet; it usually comes by 08:00 UTC"
    )
    assert at(history, hour=9) == Verdict(
        SourceState.LATE,
        "nothing new since Tuesday, 10 March; usually something comes on Mondays, Tuesdays, "
        "Wednesdays, Thursdays and Fridays",
    )


def test_a_weekend_and_a_holiday_are_quiet() -> None:
    saturday, thanksgiving = date(2026, 3, 14), date(2025, 11, 27)

    told = at([*days(workdays, until=saturday), day(saturday, 0)], of=saturday)
    assert told == Verdict(SourceState.QUIET, "nothing new is expected on Saturdays")
    told = at([*days(workdays, until=thanksgiving), day(thanksgiving, 0)], of=thanksgiving)
    assert told == Verdict(SourceState.QUIET, "nothing new is expected today: Thanksgiving")


def test_a_weekly_journal_is_late_on_its_own_day_only_and_stays_late() -> None:
    for n in range(6):
        now = TODAY - timedelta(n + 1)
        assert at(days(wednesdays, until=now + timedelta(1)), of=now).state is SourceState.QUIET
    missed = [day(TODAY + timedelta(n), 0) for n in range(60)]
    for n in range(1, 60):
        told = at([*days(wednesdays), *missed[:n]], of=TODAY + timedelta(n - 1))
        assert told.state is SourceState.LATE
        assert "usually something comes on Wednesdays" in told.message


def test_days_on_which_it_could_not_be_asked_count_for_nothing() -> None:
    yesterday, before = TODAY - timedelta(1), TODAY - timedelta(2)
    history = [each for each in days(workdays) if each.day not in (yesterday, before)]

    assert at([*history, SourceDay(before), SourceDay(yesterday)], hour=5).state == "quiet"


def test_a_source_that_comes_now_and_then_is_late_where_it_was_never_silent_so_long() -> None:
    random = Random(3)  # noqa: S311, an example
    history = days(lambda _: int(random.random() < 0.4))
    last = max(each.day for each in history if each.papers)
    silent = [day(last + timedelta(n), 0) for n in range(1, 40)]
    history = [each for each in history if each.day <= last]

    told = [at([*history, *silent[:n]], of=last + timedelta(n)).state for n in range(1, 40)]
    assert told[0] == told[2] == "quiet"
    assert told[-1] == "late"
    assert sorted(told, key=["quiet", "late"].index) == told


def test_little_is_said_of_what_is_little_known() -> None:
    assert (
        "not known yet" in at([day(TODAY - timedelta(n), n % 2) for n in range(6, -1, -1)]).message
    )
    told = at([day(TODAY - timedelta(n), 0) for n in range(30, -1, -1)])
    assert told == Verdict(SourceState.LATE, "it was read for 28 days and had nothing new")


def test_what_cannot_be_fetched_is_broken_and_what_is_paused_paused() -> None:
    now = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)

    failed = source(failures=3, message="HTTP 500: it fails")
    said = "HTTP 500: it fails; it failed 3 times in a row; last read on 11 March"
    for again, words in [
        (timedelta(0), "it is due to be asked again"),
        (timedelta(hours=2, minutes=5), "asked again at 09:05 UTC"),
        (timedelta(days=3), "asked again on 15 March at 07:00 UTC"),
    ]:
        waiting = replace(failed, next_fetch_at=now + again)
        assert judge(waiting, [], now=now) == Verdict(SourceState.BROKEN, f"{said}; {words}")
    by_mail = replace(failed, url="mailto:papers+digest-1@example.org")
    assert judge(by_mail, [], now=now) == Verdict(SourceState.BROKEN, said)
    assert judge(source(failures=1, message="x", paused="by hand"), [], now=now) == Verdict(
        SourceState.PAUSED, "by hand"
    )
    assert judge(source(read=False), [], now=now).state is SourceState.QUIET


@pytest.mark.parametrize(
    ("newest", "words"),
    [
        (day(TODAY, 12, abstracts=2), "only 2 of the last 12 papers have an abstract"),
        (day(TODAY, 12, abstracts=0), "only 0 of the last 12 papers have an abstract"),
        (day(TODAY, 12, length=80), "the last abstracts have 80 characters, usually 1000"),
        (day(TODAY, 1), "1 new paper on 11 March, usually 12"),
    ],
)
def test_fewer_and_emptier_papers_than_usual_are_a_drift_for_weeks(
    newest: SourceDay, words: str
) -> None:
    told = at([*days(workdays), newest])
    assert told.state is SourceState.DRIFTED
    assert told.is_trouble
    assert words in told.message

    later = [
        SourceDay(TODAY + timedelta(n), 24, newest.papers, newest.abstracts)
        if newest.abstract_characters == 0
        else day(TODAY + timedelta(n), newest.papers, abstracts=newest.abstracts, length=80)
        for n in range(1, 8)
        if (TODAY + timedelta(n)).weekday() < 5
    ]
    assert at([*days(workdays), newest, *later], of=later[-1].day).state is SourceState.DRIFTED


@pytest.mark.parametrize("newest", [day(TODAY, 5), day(TODAY, 12, abstracts=8), day(TODAY, 40)])
def test_what_only_differs_is_no_drift(newest: SourceDay) -> None:
    assert at([*days(workdays), newest]).state is SourceState.OK


def test_a_day_is_not_judged_by_its_number_before_its_evening() -> None:
    assert at([*days(workdays), day(TODAY, 1)], hour=9).state is SourceState.OK


def test_one_paper_with_a_whole_abstract_ends_a_drift() -> None:
    tomorrow = TODAY + timedelta(1)
    history = [*days(lambda of: workdays(of) // 2), day(TODAY, 6, abstracts=0)]

    assert at(history).state is SourceState.DRIFTED
    assert at([*history, day(tomorrow, 1)], of=tomorrow).state is SourceState.OK
    assert at([*history, day(tomorrow, 1, length=80)], of=tomorrow).state is SourceState.DRIFTED


def test_days_with_few_papers_are_put_together() -> None:
    usual = days(lambda of: (5, 7, 6, 8, 6)[of.weekday()] if of.weekday() < 5 else 0)
    tomorrow = TODAY + timedelta(1)

    assert at([*usual, day(TODAY, 1)]).state is SourceState.OK
    told = at([*usual, day(TODAY, 1), day(tomorrow, 1)], of=tomorrow)
    assert told.state is SourceState.DRIFTED
    assert told.message.startswith("2 new papers on the last 2 days with any, usually 13; ")


def test_a_hundred_thousand_papers_are_judged_too() -> None:
    huge = days(lambda of: 100_000 * (of.weekday() < 5))

    assert at([*huge, day(TODAY, 100_000, abstracts=20_000)]).state is SourceState.DRIFTED

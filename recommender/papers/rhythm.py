"""Room 1, papers: what a source's silence means, and whether it still brings what it brought. Pure.

Every source is its own measure: on which weekdays something new usually comes, by which hour, how
much of it, and how long its abstracts are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final

from recommender.domain import Source, SourceDay, SourceState
from recommender.papers.holidays import holiday_on
from recommender.wording import counted, listed

WINDOW_DAYS: Final = 56
"""Before the last day with something new. What lies further back says nothing of what is usual."""

HISTORY_DAYS: Final = 2 * WINDOW_DAYS
"""That are looked at: after a long silence, too, something is known of what was before."""

LATE_BELOW: Final = 0.1
"""A silence that is less likely than this, by the source's own weekdays, is late."""

_DAYS_TO_KNOW: Final = 5
"""With something new, before anything is said of what is usual."""
_LONGEST_SILENCE_DAYS: Final = 28
"""Of a source of which nothing else is known."""
_UNSURE: Final = 0.4
"""Added to the days that were looked at: four weeks of Wednesdays make the fifth 0.9 sure."""
_EXPECTED: Final = 0.25
"""A weekday on which less than so often something came is none on which it is expected."""
_GRACE: Final = timedelta(hours=2)
_FEW_PAPERS: Final = 3
"""Fewer are put together with those of the days before: one paper without abstract is nothing."""
_MOST_POOLED: Final = 5
_SHARE: Final = 0.5
_FEWER: Final = 0.25
_MANY: Final = 8
"""Where fewer are usual, a day with one or two is nothing."""
_DAY_IS_JUDGED_FROM: Final = time(18)
_WEEKDAYS: Final = (
    *("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a source fares, and why that is said."""

    state: SourceState
    message: str

    @property
    def is_trouble(self) -> bool:
        """Whether the operator has to look."""
        return self.state in (SourceState.BROKEN, SourceState.DRIFTED)


def judge(source: Source, history: Sequence[SourceDay], *, now: datetime) -> Verdict:
    """Judge how a source fares at a moment.

    Parameters
    ----------
    source : Source
    history : sequence of SourceDay
        Its last days, oldest first; days on which nothing was known of it may be left out.
    now : datetime
        Timezone-aware.
    """
    if source.paused_because:
        return Verdict(SourceState.PAUSED, source.paused_because)
    if source.failures:
        return Verdict(SourceState.BROKEN, _broken(source))
    if source.last_fetched_at is None:
        return Verdict(SourceState.QUIET, "it was not fetched yet; `recommender run` fetches it")
    today = now.date()
    last = max((each.day for each in history if each.papers), default=today)
    known = [each for each in history if each.day >= last - timedelta(days=WINDOW_DAYS)]
    drift = _drift(known, now)
    if drift:
        return Verdict(SourceState.DRIFTED, drift)
    of_today = next((each.papers for each in known if each.day == today), 0)
    if of_today:
        return Verdict(SourceState.OK, f"{counted(of_today, 'new paper')} today")
    return _silence(known, now)


def _broken(source: Source) -> str:
    tried = f", {counted(source.failures, 'time')} in a row" if source.failures > 1 else ""
    last = f"; last read on {source.last_fetched_at:%d %B}" if source.last_fetched_at else ""
    return f"{source.last_message}{tried}{last}"


def _silence(known: Sequence[SourceDay], now: datetime) -> Verdict:
    today = now.date()
    brought = [each for each in known if each.papers]
    if not brought and sum(bool(each.answers) for each in known) >= _LONGEST_SILENCE_DAYS:
        return Verdict(
            SourceState.LATE, f"it was read for {_LONGEST_SILENCE_DAYS} days and had nothing new"
        )
    if len(brought) < _DAYS_TO_KNOW:
        return Verdict(SourceState.QUIET, "nothing new; what is usual for it is not known yet")
    chances = _chances(known, up_to=brought[-1].day)
    usual_by = _usual_by(brought)
    is_still_early = now.time() < usual_by
    silent = [
        each.day
        for each in known
        if each.day > brought[-1].day
        and each.answers
        and not (each.day == today and is_still_early)
        and not holiday_on(each.day)
    ]
    likelihood = 1.0
    for day in silent:
        likelihood *= 1 - chances[day.weekday()]
    if likelihood < LATE_BELOW:
        usual = listed([_WEEKDAYS[n] for n, chance in enumerate(chances) if chance >= _EXPECTED])
        often = f"; usually something comes on {usual}" if usual else ""
        return Verdict(SourceState.LATE, f"nothing new since {brought[-1].day:%A, %d %B}{often}")
    return Verdict(SourceState.QUIET, _why_quiet(today, chances, usual_by, early=is_still_early))


def _why_quiet(today: date, chances: Sequence[float], usual_by: time, *, early: bool) -> str:
    if holiday := holiday_on(today):
        return f"nothing new is expected today: {holiday}"
    if chances[today.weekday()] < _EXPECTED:
        return f"nothing new is expected on {_WEEKDAYS[today.weekday()]}"
    if early:
        return f"nothing new yet; it usually comes by {usual_by:%H:%M} UTC"
    return "nothing new today, as happens now and then"


def _chances(known: Sequence[SourceDay], *, up_to: date) -> list[float]:
    """Estimate for each weekday how likely something new comes.

    The silence that is judged is behind ``up_to``: it does not say what is usual.
    """
    looked, came = [0] * 7, [0] * 7
    for each in known:
        if each.answers and each.day <= up_to and not holiday_on(each.day):
            looked[each.day.weekday()] += 1
            came[each.day.weekday()] += bool(each.papers)
    return [hits / (days + _UNSURE) for hits, days in zip(came, looked, strict=True)]


def _usual_by(brought: Sequence[SourceDay]) -> time:
    """Return the time of day by which nine of ten days had brought something, and some grace."""
    minutes = sorted(each.brought_minute or 0 for each in brought)
    at = timedelta(minutes=minutes[(len(minutes) - 1) * 9 // 10]) + _GRACE
    hours, minutes_left = divmod(
        min(at, timedelta(hours=23, minutes=59)) // timedelta(minutes=1), 60
    )
    return time(hours, minutes_left)


def _drift(known: Sequence[SourceDay], now: datetime) -> str:
    """Return what is wrong with the newest papers; empty where nothing is."""
    brought = [each for each in known if each.papers]
    # The first day brought what had gathered before somebody looked.
    usual = brought[1:]
    newest = _newest(usual)
    before = usual[: len(usual) - len(newest)]
    if len(before) < _DAYS_TO_KNOW:
        return ""
    return _emptier(newest, before) or _fewer(usual, now)


def _newest(brought: Sequence[SourceDay]) -> Sequence[SourceDay]:
    """Return the last days that together have papers enough to be judged."""
    count = papers = 0
    while papers < _FEW_PAPERS and count < min(_MOST_POOLED, len(brought)):
        count += 1
        papers += brought[-count].papers
    return brought[len(brought) - count :]


def _emptier(newest: Sequence[SourceDay], before: Sequence[SourceDay]) -> str:
    papers = sum(each.papers for each in newest)
    abstracts = sum(each.abstracts for each in newest)
    usual_share = median(each.abstracts / each.papers for each in before)
    if (
        papers >= _FEW_PAPERS
        and usual_share >= _SHARE
        and abstracts / papers < _SHARE * usual_share
    ):
        return (
            f"only {abstracts} of the last {counted(papers, 'paper')} have an abstract, usually "
            f"{usual_share:.0%}; see what it sends by `recommender sources check`"
        )
    lengths = list(_lengths(before))
    if abstracts < _FEW_PAPERS or not lengths:
        return ""
    length = sum(each.abstract_characters for each in newest) / abstracts
    if length < _SHARE * median(lengths):
        return (
            f"the last abstracts have {length:.0f} characters, usually {median(lengths):.0f}; see "
            "what it sends by `recommender sources check`"
        )
    return ""


def _lengths(days: Sequence[SourceDay]) -> Iterator[float]:
    return (each.abstract_characters / each.abstracts for each in days if each.abstracts)


def _fewer(brought: Sequence[SourceDay], now: datetime) -> str:
    """Compare the last day that is over, or nearly, with the days before it."""
    is_judged = now.time() >= _DAY_IS_JUDGED_FROM
    over = [each for each in brought if each.day < now.date() or is_judged]
    if len(over) <= _DAYS_TO_KNOW:
        return ""
    *before, last = over
    usual = median(each.papers for each in before)
    # Whatever was not submitted on a holiday is missing one working day later.
    days_before = (last.day - timedelta(days=n) for n in range(1, 4))
    is_after_holiday = any(map(holiday_on, days_before))
    if usual >= _MANY and last.papers < _FEWER * usual and not is_after_holiday:
        return (
            f"{counted(last.papers, 'new paper')} on {last.day:%d %B}, usually {usual:.0f}; see "
            "what it sends by `recommender sources check`"
        )
    return ""

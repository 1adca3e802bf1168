"""Room 1, papers: what a source's silence means, and whether it still brings what it brought. Pure.

Every source is its own measure: on which weekdays something new usually comes, by which hour, how
much of it, and how long its abstracts are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import ceil, exp, lgamma, log, prod
from statistics import median
from typing import Final

from recommender.domain import Source, SourceDay, SourceState
from recommender.papers.sources.holidays import holiday_on
from recommender.wording import counted, listed

WINDOW_DAYS: Final = 56
"""Before the last day with something new. What lies further back says nothing of what is usual."""

HISTORY_DAYS: Final = 2 * WINDOW_DAYS
"""That are looked at: after a long silence, too, something is known of what was before."""

LATE_BELOW: Final = 0.05
"""A silence that is less likely than this, by the source's own weekdays, is late, unless there was
one as unlikely that it broke by itself."""

_DAYS_TO_KNOW: Final = 5
"""With something new, before anything is said of what is usual."""
STRAY_MAILS: Final = 2
"""So many in a row that hold no papers say nothing of a source whose mails were read before."""

_LONGEST_SILENCE_DAYS: Final = 28
"""Of a source of which nothing else is known."""
_FIRST_MAIL_WITHIN: Final = timedelta(days=14)
_UNSURE: Final = 0.2
"""Added to the days that were looked at: four weeks of Wednesdays make the fifth 0.95 sure."""
_EXPECTED: Final = 0.25
"""A weekday on which less than so often something came is none on which it is expected."""
_GRACE: Final = timedelta(hours=2)
_FEW_PAPERS: Final = 3
"""Fewer are put together with those of the days before: one paper without abstract is nothing."""
_MOST_POOLED: Final = 5
_SHARE: Final = 0.5
_FEWER: Final = 0.25
_MANY: Final = 8
"""Where fewer are usual, a day with one or two is nothing, and several are put together."""
_BY_CHANCE: Final = 0.005
_LOOK: Final = "see what it sends by `recommender sources check`"
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
    if source.failures > (STRAY_MAILS if source.is_by_mail and source.last_fetched_at else 0):
        return Verdict(SourceState.BROKEN, _broken(source, now))
    if source.last_fetched_at is None:
        return _nothing_yet(source, now)
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


def with_silent_days(
    source: Source, history: Sequence[SourceDay], *, now: datetime
) -> list[SourceDay]:
    """Add the days on which mail could have come and none did, up to today.

    Whoever fetches notes each day on which a server answered; of mail the days between are known
    by themselves, since the source was added or resumed.

    Parameters
    ----------
    source : Source
    history : sequence of SourceDay
        Oldest first.
    now : datetime
        Timezone-aware.
    """
    if not source.is_by_mail or source.paused_because:
        return list(history)
    today = now.date()
    since = source.next_fetch_at.date()
    if history:
        since = max(since, history[-1].day + timedelta(days=1))
    since = max(since, today - timedelta(days=HISTORY_DAYS))
    silent = (since + timedelta(days=n) for n in range((today - since).days + 1))
    return [*history, *(SourceDay(day, answers=1) for day in silent)]


def _nothing_yet(source: Source, now: datetime) -> Verdict:
    if not source.is_by_mail:
        return Verdict(SourceState.QUIET, "it was not fetched yet; `recommender run` fetches it")
    since = source.next_fetch_at
    if now - since < _FIRST_MAIL_WITHIN:
        return Verdict(SourceState.QUIET, "it waits for its first mail")
    return Verdict(
        SourceState.LATE,
        f"no mail came since {_named(since)}; see that its address is subscribed and confirmed",
    )


def _broken(source: Source, now: datetime) -> str:
    tried = f"; it failed {source.failures} times in a row" if source.failures > 1 else ""
    last = f"; last read on {_named(source.last_fetched_at)}" if source.last_fetched_at else ""
    return f"{source.last_message}{tried}{last}{_asked_again(source, now)}"


def _asked_again(source: Source, now: datetime) -> str:
    at = source.next_fetch_at
    if source.is_by_mail:
        return ""
    if at <= now:
        return "; it is due to be asked again"
    day = "" if at.date() == now.date() else f" on {_named(at)}"
    return f"; asked again{day} at {at:%H:%M} UTC"


def _named(day: date) -> str:
    return f"{day.day} {day:%B}"


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
    likelihood = _likelihood(silent, chances)
    if likelihood < min(LATE_BELOW, _rarest_silence(known, brought, chances)):
        usual = listed([_WEEKDAYS[n] for n, chance in enumerate(chances) if chance >= _EXPECTED])
        last = brought[-1].day
        often = f"; usually something comes on {usual}" if usual else ""
        return Verdict(SourceState.LATE, f"nothing new since {last:%A}, {_named(last)}{often}")
    return Verdict(SourceState.QUIET, _why_quiet(today, chances, usual_by, early=is_still_early))


def _likelihood(silent: Iterable[date], chances: Sequence[float]) -> float:
    """Estimate how likely nothing comes on all of these days."""
    return prod(1 - chances[day.weekday()] for day in silent)


def _rarest_silence(
    known: Sequence[SourceDay], brought: Sequence[SourceDay], chances: Sequence[float]
) -> float:
    """Return how likely the least likely silence was that the source broke by itself."""
    silent = [each.day for each in known if not each.papers and each.answers]
    silent = [day for day in silent if not holiday_on(day)]
    return min(
        _likelihood((day for day in silent if before.day < day < after.day), chances)
        for before, after in pairwise(brought)
    )


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
    lengths = [each.abstract_characters / each.abstracts for each in before if each.abstracts]
    last = newest[-1]
    if last.abstracts == last.papers and not _is_far_below(
        last.abstract_characters / last.abstracts, lengths, _SHARE
    ):
        # One paper alone proves no drift, but that it has ended.
        return ""
    # As if one more had had an abstract, and one had not.
    usual = (sum(each.abstracts for each in before) + 1) / (sum(each.papers for each in before) + 2)
    is_emptier = papers >= _FEW_PAPERS and abstracts / papers < _SHARE * usual
    if is_emptier and usual >= _SHARE and _at_most(abstracts, papers, usual) < _BY_CHANCE:
        return (
            f"only {abstracts} of the last {counted(papers, 'paper')} have an abstract, usually "
            f"{usual:.0%}; {_LOOK}"
        )
    if abstracts < _FEW_PAPERS:
        return ""
    length = sum(each.abstract_characters for each in newest) / abstracts
    if _is_far_below(length, lengths, _SHARE):
        return (
            f"the last abstracts have {length:.0f} characters, usually {median(lengths):.0f}; "
            f"{_LOOK}"
        )
    return ""


def _fewer(brought: Sequence[SourceDay], now: datetime) -> str:
    """Compare the last day that is over, or nearly, with the days before it."""
    is_judged = now.time() >= _DAY_IS_JUDGED_FROM
    over = [each for each in brought if each.day < now.date() or is_judged]
    if len(over) <= _DAYS_TO_KNOW:
        return ""
    last = over[-1]
    at_once = min(ceil(_MANY / max(median(each.papers for each in over), 1)), _MOST_POOLED)
    *before, newest = (sum(each.papers for each in some) for some in _windows(over, at_once))
    sizes = before[: len(before) - at_once + 1]
    # Whatever was not submitted on a holiday is missing one working day later.
    days_before = (last.day - timedelta(days=n) for n in range(1, 4))
    is_after_holiday = any(map(holiday_on, days_before))
    if (
        len(sizes) >= _DAYS_TO_KNOW
        and median(sizes) >= _MANY
        and _is_far_below(newest, sizes, _FEWER)
        and not is_after_holiday
    ):
        when = f"on {_named(last.day)}" if at_once == 1 else f"on the last {at_once} days with any"
        return f"{counted(newest, 'new paper')} {when}, usually {median(sizes):.0f}; {_LOOK}"
    return ""


def _windows(days: Sequence[SourceDay], length: int) -> list[Sequence[SourceDay]]:
    return [days[start : start + length] for start in range(len(days) - length + 1)]


def _is_far_below(value: float, usual: Sequence[float], share: float) -> bool:
    """Whether a value is below this share of the median, and below what usually varies.

    What varies is measured by the median absolute deviation of logarithms, of which three are
    taken, as standard deviations of a normal distribution: nothing is usual for a journal that has
    two papers on one day and fifty on the next.
    """
    if len(usual) < _DAYS_TO_KNOW:
        return False
    logs = [log(max(each, 1)) for each in usual]
    middle = median(logs)
    spread = 3 * 1.4826 * median(abs(each - middle) for each in logs)
    return log(max(value, 1)) < middle - max(spread, -log(share))


def _at_most(successes: int, trials: int, chance: float) -> float:
    """Return the probability of so few successes: the binomial distribution's."""
    return sum(
        exp(
            lgamma(trials + 1)
            - lgamma(n + 1)
            - lgamma(trials - n + 1)
            + n * log(chance)
            + (trials - n) * log(1 - chance)
        )
        for n in range(successes + 1)
    )

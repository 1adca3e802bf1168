"""Newsletter room: when a subscriber's next issue is due, in their own time. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recommender.domain import Preferences, Subscriber, SubscriberState


def local_date(preferences: Preferences, now: datetime) -> date:
    """Return the day that it is for the subscriber.

    Parameters
    ----------
    preferences : Preferences
    now : datetime
        Timezone-aware.
    """
    return now.astimezone(ZoneInfo(preferences.timezone)).date()


def next_issue_at(
    preferences: Preferences, *, after: datetime, last_issue_date: date | None
) -> datetime:
    """Return the first instant after another at which an issue is due.

    It is the local hour on one of the subscriber's weekdays, on a later day than that of the last
    issue. Where clocks are put forward over that hour it is the first instant after the gap, even
    if that is the next day's midnight; where they are put back and the hour comes twice, it is the
    first of the two. After a downtime there is one issue to send, not one for each missed day.

    Parameters
    ----------
    preferences : Preferences
        Its time zone is a key of the IANA database.
    after : datetime
        Timezone-aware; the result is strictly later.
    last_issue_date : date or None
        Day of the last issue in the subscriber's time zone.

    Returns
    -------
    datetime
        In UTC.

    Raises
    ------
    ValueError
        If ``after`` is naive or ``preferences`` names no weekday.
    """
    if after.tzinfo is None:
        raise ValueError(f"after must be timezone-aware: {after}")
    if not preferences.weekdays & set(range(7)):
        raise ValueError("preferences name no weekday")
    zone = ZoneInfo(preferences.timezone)
    # The day before is tried too: its hour may lie in a gap that ends after midnight.
    day = after.astimezone(zone).date() - timedelta(days=1)
    if last_issue_date is not None:
        day = max(day, last_issue_date + timedelta(days=1))
    while True:
        if day.weekday() in preferences.weekdays:
            due_at = _instant(day, preferences.hour, zone)
            if due_at > after:
                return due_at
        day += timedelta(days=1)


def plan_as_of(
    subscriber: Subscriber, now: datetime, *, longest_pause: timedelta
) -> tuple[datetime | None, date | None]:
    """Return when the next issue is due and the day of the last one, as far as they can be now.

    What was planned while the clock ran ahead is later than anything that the schedule gives from
    now on; how long somebody wanted to pause then is not known any more, but for the longest time.

    Parameters
    ----------
    subscriber : Subscriber
        Whose plan stays as it is where it can be.
    now : datetime
        Timezone-aware.
    longest_pause : timedelta

    Returns
    -------
    tuple of datetime and date
        None where there is none.
    """
    planned_at, last = subscriber.next_issue_at, subscriber.last_issue_date
    today = local_date(subscriber.preferences, now)
    # Who moved to the west may have had tomorrow's issue.
    if last is not None and last > today + timedelta(days=1):
        last = today
    if planned_at is None:
        return None, last
    pause = longest_pause if subscriber.state is SubscriberState.PAUSED else timedelta(0)
    latest_at = next_issue_at(subscriber.preferences, after=now + pause, last_issue_date=last)
    return min(planned_at, latest_at), last


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a local hour, the first after the gap where there is no such hour."""
    local = datetime.combine(day, time(hour), tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # In a gap fold=0 counts with the offset before it, so the instant lies as far behind the gap's
    # end as the hour lies behind its start, and fold=1 as far before (PEP 495). The end is between.
    before, behind = local.replace(fold=1).astimezone(UTC), instant
    offset_before = before.astimezone(zone).utcoffset()
    while behind - before > timedelta(seconds=1):
        middle = before + (behind - before) / 2
        if middle.astimezone(zone).utcoffset() == offset_before:
            before = middle
        else:
            behind = middle
    return behind.replace(microsecond=0)

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from recommender.mail.outbox.windows import SendingWindow, next_open_at, parse_window

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+00:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("03-11T07:30:00", "03-11T07:30:00"),
        ("03-11T06:59:00", "03-11T07:00:00"),
        ("03-11T06:59:59", "03-11T07:00:00"),
        ("03-11T07:00:00", "03-11T07:00:00"),
        ("03-11T10:59:59", "03-11T10:59:59"),
        ("03-11T11:00:00", "03-11T17:30:00"),
        ("03-11T21:00:00", "03-12T07:00:00"),
        # In Berlin it is the 12th already.
        ("03-11T23:30:00", "03-12T07:00:00"),
        # Summer time begins on the 29th: eight o'clock is six of UTC.
        ("03-28T22:00:00", "03-29T06:00:00"),
    ],
)
def test_windows_open_by_the_clock_on_the_wall(now: str, expected: str) -> None:
    windows = [parse_window("18:30-22:00"), parse_window("08:00-12:00")]

    assert at(expected) == next_open_at(windows, "Europe/Berlin", at(now))


def test_window_past_midnight_is_open_on_both_sides_of_it() -> None:
    night = [parse_window("22:00-06:00")]

    assert [at("03-11T23:00:00"), at("03-11T05:59:00"), at("03-11T22:00:00")] == [
        next_open_at(night, "UTC", at(f"03-11T{clock}"))
        for clock in ("23:00:00", "05:59:00", "06:00:00")
    ]


def test_no_window_is_always_open() -> None:
    assert next_open_at([], "UTC", NOW) == NOW


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (SendingWindow(480, 720), (480, 719), (479, 720, 0, 1439)),
        (SendingWindow(1320, 360), (1320, 1439, 0, 359), (360, 1319)),
        (SendingWindow(0, 1440), (0, 1439), ()),
    ],
)
def test_window_holds_its_first_minute_and_not_the_one_at_which_it_closes(
    window: SendingWindow, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    assert [minute for minute in (*inside, *outside) if window.is_open(minute)] == [*inside]


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("08:15-20:45", 495, 1245),
        (" 8:00 - 9:59 ", 480, 599),
        ("08:00–24:00", 480, 1440),
        ("00:00-24:00", 0, 1440),
        ("24:00-06:00", 0, 360),
        ("22:00-06:00", 1320, 360),
    ],
)
def test_span_of_the_day_is_read(text: str, opens: int, closes: int) -> None:
    assert SendingWindow(opens, closes) == parse_window(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "8-20", "x", "08:00-25:00", "08:00-24:01", "24:01-08:00"),
        *("08:60-09:00", "08:00-09:60", "08:00-09:00 or later"),
    ],
)
def test_what_is_no_window_is_refused_in_its_own_words(text: str) -> None:
    with pytest.raises(ValueError, match=r" is no span of the day$") as caught:
        parse_window(text)

    assert str(caught.value).startswith(repr(text))


@pytest.mark.parametrize("text", ["08:00-08:00", "24:00-00:00"])
def test_window_that_never_closes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^'{text}' is no span of the day: it never closes$"):
        parse_window(text)


def test_moments_are_told_in_the_time_zone_in_which_they_are_asked_for() -> None:
    zone = timezone(timedelta(hours=9, minutes=30))

    opens = next_open_at([parse_window("12:00-13:00")], "UTC", NOW.astimezone(zone))

    assert (opens, opens.tzinfo) == (at("03-11T12:00:00"), zone)

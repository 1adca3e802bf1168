"""A change that waits for a yes is kept as what was understood, never as what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Preferences
from recommender.errors import PreferenceError
from recommender.membership.changes import (
    Change,
    Choices,
    Leave,
    NewAddress,
    Pause,
    Resume,
    command_of,
    describe_change,
    parse_change,
)

changes = st.one_of(
    st.sampled_from([Leave(), Resume(), NewAddress()]),
    st.builds(Pause, st.integers(1, 365)),
    st.builds(
        Choices,
        hour=st.none() | st.integers(0, 23),
        weekdays=st.none() | st.frozensets(st.integers(0, 6), min_size=1),
        timezone=st.sampled_from([None, "Europe/Berlin", "UTC"]),
        papers=st.none() | st.integers(1, 50),
    ).filter(lambda choices: choices != Choices()),
)


@given(changes)
def test_a_printed_change_is_read_back_as_the_same(change: Change) -> None:
    command = command_of(change)
    assert parse_change(command) == change
    assert command_of(parse_change(command)) == command
    assert command.isprintable()


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("STOP", "unsubscribe"),
        ("leave", "unsubscribe"),
        ("Resume", "resume"),
        ("Address", "address"),
        ("  Pause \t 14   DAYS ", "pause 14 days"),
        ("pause 1", "pause 1 day"),
        ("hour 6 pm", "hour 18"),
        ("papers 5; weekdays Thu mon;HOUR 07:00", "hour 7; weekdays Monday and Thursday; papers 5"),
        ("timezone berlin", None),
        ("timezone europe/berlin", "timezone Europe/Berlin"),
    ],
)
def test_a_command_is_printed_from_what_was_understood(written: str, printed: str | None) -> None:
    if printed is None:
        with pytest.raises(PreferenceError):
            parse_change(written)
    else:
        assert printed == command_of(parse_change(written))


@pytest.mark.parametrize(
    "written",
    [
        *("", "erase", "pause", "pause -1", "pause 366", "pause 0 days", "hour"),
        *("hour 25; papers 5", "pause 14 days\r\nBcc: victim@example.org", "unsubscribe; resume"),
        *("x" * 1000, "pause ١٤"),
    ],
)
def test_what_is_no_command_is_refused(written: str) -> None:
    with pytest.raises(PreferenceError):
        parse_change(written)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("erase", "command: it is none that there is"),
        ("hour", "command: it is none that there is"),
        ("papers 5; hour ; timezone utc", "command: it is none that there is"),
        ("pause 366 days", "pause: 366 days is not possible; choose 1 to 365 days"),
        ("unsubscribe".ljust(401), "command: it is too long for a command"),
    ],
)
def test_refusal_says_what_is_wrong_with_a_command(written: str, reason: str) -> None:
    with pytest.raises(PreferenceError, match=f"^{reason}$"):
        parse_change(written)


def test_command_of_400_characters_is_read() -> None:
    assert parse_change("unsubscribe".ljust(400)) == Leave()


def test_choices_leave_what_they_do_not_name() -> None:
    current = Preferences(7, frozenset({0}), "UTC", 10)
    assert Choices(hour=0).applied_to(current) == Preferences(0, frozenset({0}), "UTC", 10)
    assert Choices(papers=5, timezone="Europe/Berlin").applied_to(current) == Preferences(
        7, frozenset({0}), "Europe/Berlin", 5
    )
    assert Choices(weekdays=frozenset({6})).applied_to(current) == Preferences(
        7, frozenset({6}), "UTC", 10
    )


def test_every_change_is_described_in_words() -> None:
    assert [describe_change(each) for each in (Leave(), Pause(14), Resume(), NewAddress())] == [
        "end the subscription",
        "pause the newsletter for 14 days",
        "end the pause of the newsletter",
        "change the address of the subscription",
    ]
    assert describe_change(Choices(hour=7, papers=5)) == (
        "change the preferences to: hour 7; papers 5"
    )

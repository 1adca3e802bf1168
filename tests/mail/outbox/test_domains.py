from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recommender.domain import DomainPace
from recommender.mail.outbox.domains import DomainLimits

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
MOMENT, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
WORDS = "452 4.7.0 too many messages"
DOMAIN, OTHER = "example.org", "example.com"


def admitted(limits: DomainLimits, now: datetime, domain: str = DOMAIN) -> int:
    """Admit all that may go, of a hundred."""
    return sum(limits.admit(domain, now) for _ in range(100))


def accept(limits: DomainLimits, count: int, now: datetime, domain: str = DOMAIN) -> None:
    for _ in range(count):
        limits.accepted(domain, now)


def test_domain_beyond_its_ceiling_is_paused_and_others_go_on() -> None:
    limits = DomainLimits({}, ceiling=6)

    assert limits.admit(DOMAIN, NOW)
    assert not limits.admit(DOMAIN, NOW)
    assert limits.admit(OTHER, NOW)
    assert {DOMAIN: DomainPace(None, NOW + 10 * SECOND)} == limits.unsaved()
    assert limits.unsaved() == {}
    assert limits.admit(DOMAIN, NOW + 10 * SECOND)


def test_domain_without_a_limit_takes_everything_and_leaves_nothing_to_keep() -> None:
    limits = DomainLimits({}, ceiling=0)

    assert admitted(limits, NOW) == 100
    limits.accepted(DOMAIN, NOW)
    limits.give_back(DOMAIN)
    assert limits.unsaved() == {}


def test_pause_that_was_kept_holds_after_a_restart_until_it_is_over() -> None:
    limits = DomainLimits({DOMAIN: DomainPace(30, NOW + MINUTE)}, ceiling=0)

    assert not limits.admit(DOMAIN, NOW)
    assert not limits.admit(DOMAIN, NOW + MINUTE - MOMENT)
    assert limits.admit(DOMAIN, NOW + MINUTE)


def test_what_is_given_back_may_go_again() -> None:
    limits = DomainLimits({}, ceiling=6)
    assert limits.admit(DOMAIN, NOW)

    limits.give_back(DOMAIN)

    assert admitted(limits, NOW) == 1


def test_new_pace_holds_for_what_is_admitted_next() -> None:
    limits = DomainLimits({}, ceiling=60)
    assert admitted(limits, NOW) == 10

    limits.slowed(DOMAIN, WORDS, NOW)

    assert admitted(limits, NOW + MINUTE) == 1


def test_domain_that_slows_us_starts_from_what_it_was_sent() -> None:
    limits = DomainLimits({}, ceiling=0)
    for second in range(30):
        limits.accepted(DOMAIN, NOW + second * SECOND)
    accept(limits, 90, NOW + 29 * SECOND, OTHER)

    pace = limits.slowed(DOMAIN, WORDS, NOW + 30 * SECOND)

    assert pace == DomainPace(15, NOW + 90 * SECOND, WORDS, NOW + 30 * SECOND)
    assert limits.unsaved() == {DOMAIN: pace}


def test_domain_that_slows_us_again_gets_half_of_its_pace() -> None:
    limits = DomainLimits({DOMAIN: DomainPace(30)}, ceiling=0)

    assert limits.slowed(DOMAIN, WORDS, NOW).messages_per_minute == 15


@pytest.mark.parametrize(
    ("later", "counted"),
    [
        (MINUTE - MOMENT, 40),
        (MINUTE, 40),
        (2 * MINUTE - MOMENT, 40),
        # The minute before is an idle one: what was sent earlier says nothing of now.
        (2 * MINUTE, 0),
        (60 * MINUTE, 0),
    ],
)
def test_domain_that_slows_us_is_held_to_this_minute_and_the_one_before(
    later: timedelta, counted: int
) -> None:
    limits = DomainLimits({}, ceiling=0)
    accept(limits, 40, NOW)
    accept(limits, 10, NOW + later)

    pace = limits.slowed(DOMAIN, WORDS, NOW + later)

    assert pace.messages_per_minute == (counted + 10) / 2


def test_minutes_are_counted_one_after_the_other() -> None:
    limits = DomainLimits({}, ceiling=0)
    accept(limits, 8, NOW)
    accept(limits, 20, NOW + MINUTE)
    accept(limits, 30, NOW + 2 * MINUTE)

    assert limits.slowed(DOMAIN, WORDS, NOW + 2 * MINUTE).messages_per_minute == 25


def test_idle_minutes_count_as_such_though_other_domains_were_never_idle() -> None:
    limits = DomainLimits({}, ceiling=0)
    accept(limits, 40, NOW)
    for minutes in range(1, 4):
        accept(limits, 1, NOW + minutes * MINUTE, OTHER)

    assert limits.slowed(DOMAIN, WORDS, NOW + 3 * MINUTE).messages_per_minute == 1


def test_message_that_is_taken_raises_the_pace_and_is_kept() -> None:
    limits = DomainLimits({DOMAIN: DomainPace(60)}, ceiling=0)

    limits.accepted(DOMAIN, NOW)

    assert limits.unsaved() == {DOMAIN: DomainPace(60.1)}


def test_message_that_is_taken_changes_nothing_where_there_is_no_pace() -> None:
    limits = DomainLimits({DOMAIN: DomainPace(None, NOW - MINUTE)}, ceiling=0)

    limits.accepted(DOMAIN, NOW)

    assert limits.unsaved() == {}


def test_domain_has_slowed_us_for_a_minute_from_its_answer_on() -> None:
    limits = DomainLimits({OTHER: DomainPace(10)}, ceiling=0)
    limits.slowed(DOMAIN, WORDS, NOW)

    assert [
        limits.has_slowed(DOMAIN, NOW + later)
        for later in (-MOMENT, timedelta(), MINUTE - MOMENT, MINUTE)
    ] == [False, True, True, False]
    assert not limits.has_slowed(OTHER, NOW)
    assert not limits.has_slowed("unknown.example.org", NOW)


def test_domain_of_which_nothing_is_to_be_known_is_forgotten_and_no_other() -> None:
    limits = DomainLimits({}, ceiling=6)
    limits.accepted(OTHER, NOW)
    assert limits.admit(OTHER, NOW + 50 * SECOND)
    assert limits.admit(DOMAIN, NOW + 50 * SECOND + MOMENT)

    limits.accepted(OTHER, NOW + MINUTE)

    assert limits._buckets.keys() == {DOMAIN}
    assert not limits.admit(DOMAIN, NOW + MINUTE)


def test_what_any_process_heard_is_taken_over_but_for_what_is_newer_here() -> None:
    """Paces that are kept no more are forgotten; pauses for a ceiling are this process's own."""
    before = {
        "kept.example": DomainPace(30, None, WORDS, NOW - MINUTE),
        "gone.example": DomainPace(60, None, WORDS, NOW - MINUTE),
        "newer.example": DomainPace(10, None, WORDS, NOW - MINUTE),
        "ceiling.example": DomainPace(None, NOW + MINUTE),
    }
    limits = DomainLimits(before, ceiling=0)
    newer = limits.slowed("newer.example", WORDS, NOW)

    heard = {
        "kept.example": DomainPace(15, NOW + MINUTE, WORDS, NOW),
        "new.example": DomainPace(30, NOW + MINUTE, WORDS, NOW),
        "newer.example": before["newer.example"],
    }
    limits.learn(heard)

    assert {"newer.example": newer} == limits.unsaved()
    assert not limits.admit("kept.example", NOW)
    assert not limits.admit("new.example", NOW)
    assert not limits.admit("ceiling.example", NOW)
    assert admitted(limits, NOW, "gone.example") == 100
    assert limits.has_slowed("new.example", NOW)

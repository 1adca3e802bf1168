"""Addresses are doubted by what came back lately, and given up only after one more try."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Bounce, BounceKind, Preferences, Subscriber, SubscriberState
from recommender.membership.bouncing import (
    FEWEST_FAILING,
    UNREACHABLE_DAYS,
    BouncePolicy,
    Consequence,
    DomainFailures,
    DomainRates,
    bounce_score,
    bounce_weight,
    decide_consequence,
    held_back,
    wording_of,
)

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = BouncePolicy()
HARD, SOFT, COMPLAINT = BounceKind
READER = Subscriber(
    id=1,
    email="ann@example.com",
    state=SubscriberState.ACTIVE,
    preferences=Preferences(7, frozenset({0}), "UTC", 10),
    interests="",
    requested_at=NOW - 100 * DAY,
    confirmed_at=NOW - 100 * DAY,
    welcome_due=False,
    next_issue_at=NOW,
    issues_composed=3,
    last_issue_date=None,
)


def bounce(
    age_days: float = 0.0, kind: BounceKind = HARD, *, says_of_address: bool = True
) -> Bounce:
    weight = bounce_weight(kind, says_of_address=says_of_address, policy=POLICY)
    at = NOW - age_days * DAY
    return Bounce(0, 1, None, kind, weight, "5.1.1", "no", "dsn", at, "example.com")


def decide(*bounces: Bounce, reader: Subscriber = READER, **options: object) -> Consequence:
    given_options = {"of_probe": False, "last_probe_at": None, "policy": POLICY, **options}
    return decide_consequence(
        reader,
        bounces[-1],
        bounces,
        now=NOW,
        **given_options,  # type: ignore[arg-type]  # those of the function
    )


def test_score_of_fresh_bounces_is_the_sum_of_their_weights_by_day() -> None:
    bounces = [bounce(0), bounce(0), bounce(14), bounce(28, SOFT)]

    # 1 + 1/2 + 0.25/4; the second one of today does not count.
    assert bounce_score(bounces, now=NOW, half_life_days=14) == pytest.approx(1.5625)
    assert bounce_score([], now=NOW, half_life_days=14) == 0.0


@pytest.mark.parametrize(
    ("kind", "says_of_address", "weight"),
    [(HARD, True, 1), (SOFT, True, 0.25), (COMPLAINT, True, 0)]
    + [(kind, False, 0) for kind in BounceKind],
)
def test_only_what_says_something_of_the_address_weighs(
    kind: BounceKind, says_of_address: bool, weight: float
) -> None:
    assert weight == bounce_weight(kind, says_of_address=says_of_address, policy=POLICY)


ages = st.lists(st.floats(0, 300), max_size=12)


@given(ages, st.floats(0, 100))
def test_score_only_falls_with_time_and_rises_with_bounces(ages: list[float], later: float) -> None:
    bounces = [bounce(age) for age in ages]
    score = bounce_score(bounces, now=NOW, half_life_days=14)

    assert bounce_score(bounces, now=NOW + later * DAY, half_life_days=14) <= score + 1e-9
    assert bounce_score([*bounces, bounce(1)], now=NOW, half_life_days=14) >= score
    assert score <= len({each.received_at.date() for each in bounces})


def test_third_day_of_hard_bounces_asks_once_more() -> None:
    assert decide(bounce(1), bounce(0)) is Consequence.NOTHING
    assert decide(bounce(2), bounce(1), bounce(0)) is Consequence.PROBE
    assert decide(*(bounce(0) for _ in range(20))) is Consequence.NOTHING


def test_score_that_just_reaches_the_threshold_asks() -> None:
    policy = replace(POLICY, threshold=1.0)

    assert decide(bounce(0), policy=policy) is Consequence.PROBE
    assert decide(bounce(0.1), policy=policy) is Consequence.NOTHING


def test_full_mailbox_asks_nothing_whatever_was_before() -> None:
    full = bounce(0, SOFT, says_of_address=False)

    assert decide(bounce(2), bounce(1), bounce(0), full) is Consequence.NOTHING


def test_bounce_from_the_future_weighs_no_more_than_a_new_one() -> None:
    assert bounce_score([bounce(-10)], now=NOW, half_life_days=14) == 1


def test_probe_is_not_repeated_soon() -> None:
    bounces = [bounce(day) for day in (3, 2, 1, 0)]

    assert decide(*bounces, last_probe_at=NOW - 6 * DAY) is Consequence.NOTHING
    assert decide(*bounces, last_probe_at=NOW - 7 * DAY) is Consequence.PROBE


def test_probe_that_comes_back_suspends() -> None:
    probed = {"of_probe": True, "last_probe_at": NOW - DAY}

    assert decide(bounce(0), **probed) is Consequence.SUSPEND
    assert decide(bounce(0), of_probe=True) is Consequence.SUSPEND, "it was queued long ago"
    assert decide(bounce(0, SOFT), **probed) is Consequence.NOTHING
    full = bounce(0, SOFT, says_of_address=False)
    assert decide(full, **probed) is Consequence.NOTHING


def test_probe_that_fails_softly_suspends_only_after_weeks_of_failures() -> None:
    probed = {"of_probe": True, "last_probe_at": NOW - DAY}
    for_weeks = [bounce(age, SOFT) for age in (UNREACHABLE_DAYS, 10, 5, 0)]
    for_days = [bounce(age, SOFT) for age in (UNREACHABLE_DAYS - 0.1, 10, 5, 0)]

    assert decide(*for_weeks, **probed) is Consequence.SUSPEND
    assert decide(*for_days, **probed) is Consequence.NOTHING
    full = bounce(30, SOFT, says_of_address=False)
    assert decide(full, bounce(0, SOFT), **probed) is Consequence.NOTHING
    back = replace(READER, confirmed_at=NOW - 2 * DAY)
    assert decide(*for_weeks, reader=back, **probed) is Consequence.NOTHING


@pytest.mark.parametrize(
    ("failing", "failing_before", "taking", "about_us", "held"),
    [
        (FEWEST_FAILING - 1, 0, 0, False, False),
        (FEWEST_FAILING, 0, 0, True, True),
        (FEWEST_FAILING, 0, FEWEST_FAILING, False, False),
        (200, 0, 199, True, True),
        (200, 0, 200, False, False),
        (200, 99, 0, True, True),
        (200, 100, 0, True, False),
    ],
)
def test_domain_is_held_where_most_fail_and_did_not_four_weeks_ago(
    *, failing: int, failing_before: int, taking: int, about_us: bool, held: bool
) -> None:
    failures = DomainFailures(failing, failing_before, taking)

    assert (failures.is_about_us, failures.is_held) == (about_us, held)


@pytest.mark.parametrize("consequence", Consequence)
def test_hold_keeps_from_doubts_and_from_nothing_else(consequence: Consequence) -> None:
    doubts = {Consequence.PROBE, Consequence.SUSPEND}
    expected = Consequence.HOLD if consequence in doubts else consequence

    assert expected is held_back(consequence, DomainFailures(9, 0, 0))
    assert consequence is held_back(consequence, DomainFailures(1, 0, 9))


def test_wording_is_the_same_for_all_readers_of_a_domain() -> None:
    ann = "550 5.7.1 <ann@example.com>: ann is Not wanted (id=4711-a) here; mx1.example.com"
    bob = "550 5.7.1 <bob@example.com>: bob is not wanted (id=4712-b) here; mx2.example.com"

    assert wording_of(ann, recipient="Ann@example.com") == "is not wanted here"
    assert wording_of(ann, recipient="ann@example.com") == wording_of(
        bob, recipient="bob@b.example"
    )
    assert wording_of("550", recipient="ann@example.com") == ""
    assert wording_of("word " * 5000, recipient="ann@example.com") == " ".join(["word"] * 12)


def test_probe_from_before_a_confirmation_suspends_nobody() -> None:
    back = replace(READER, confirmed_at=NOW - DAY / 2)

    assert decide(bounce(0), reader=back, of_probe=True, last_probe_at=NOW - DAY) is (
        Consequence.NOTHING
    )
    at_once = replace(READER, confirmed_at=NOW - DAY)
    assert decide(bounce(0), reader=at_once, of_probe=True, last_probe_at=NOW - DAY) is (
        Consequence.SUSPEND
    )


def test_who_was_vouched_for_by_the_operator_is_doubted_as_all_are() -> None:
    never_confirmed = replace(READER, confirmed_at=None)

    assert decide(bounce(0), reader=never_confirmed, of_probe=True) is Consequence.SUSPEND
    assert decide(bounce(2), bounce(1), bounce(0), reader=never_confirmed) is Consequence.PROBE


def test_bounces_from_before_a_confirmation_are_forgotten() -> None:
    back = replace(READER, confirmed_at=NOW - DAY / 2)

    assert decide(bounce(2), bounce(1), bounce(0), reader=back) is Consequence.NOTHING
    back = replace(READER, confirmed_at=NOW - 2 * DAY)
    assert decide(bounce(2), bounce(1), bounce(0), reader=back) is Consequence.PROBE
    back = replace(READER, confirmed_at=NOW - 1.9 * DAY)
    assert decide(bounce(2), bounce(1), bounce(0), reader=back) is Consequence.NOTHING


@given(st.lists(st.floats(0, 60), min_size=1, max_size=60))
def test_full_mailbox_never_asks_and_never_suspends(ages: list[float]) -> None:
    bounces = [bounce(age, SOFT, says_of_address=False) for age in ages]

    assert decide(*bounces) is Consequence.NOTHING
    assert decide(*bounces, of_probe=True) is Consequence.NOTHING


@given(st.lists(st.tuples(st.floats(0, 60), st.sampled_from([HARD, SOFT])), min_size=1))
def test_nobody_is_suspended_without_a_probe_that_came_back(
    seen: list[tuple[float, BounceKind]],
) -> None:
    assert decide(*(bounce(age, kind) for age, kind in seen)) is not Consequence.SUSPEND


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (SubscriberState.ACTIVE, Consequence.UNSUBSCRIBE),
        (SubscriberState.PAUSED, Consequence.UNSUBSCRIBE),
        (SubscriberState.SUSPENDED, Consequence.UNSUBSCRIBE),
        (SubscriberState.UNSUBSCRIBED, Consequence.NOTHING),
    ],
)
def test_complaint_ends_the_subscription_at_once(
    state: SubscriberState, expected: Consequence
) -> None:
    assert expected is decide(bounce(0, COMPLAINT), reader=replace(READER, state=state))


@pytest.mark.parametrize("state", [SubscriberState.UNSUBSCRIBED, SubscriberState.SUSPENDED])
def test_who_gets_nothing_is_not_asked(state: SubscriberState) -> None:
    away = replace(READER, state=state)

    assert decide(bounce(2), bounce(1), bounce(0), reader=away) is Consequence.NOTHING


@pytest.mark.parametrize(
    ("sent", "hard", "complaints", "warnings"),
    [
        (1000, 9, 0, []),
        (1000, 10, 0, ["example.com: bounces of 1.00%, providers allow 2%"]),
        (2000, 0, 1, ["example.com: complaints of 0.05%, providers allow 0.1%"]),
        (4000, 0, 1, []),
        (10, 9, 9, []),
        (100, 1, 0, []),
        (100, 2, 0, ["example.com: bounces of 2.00%, providers allow 2%"]),
        (99, 2, 0, []),
        (0, 100, 0, ["example.com: bounces of 100.00%, providers allow 2%"]),
    ],
)
def test_operator_is_warned_at_half_of_a_limit(
    sent: int, hard: int, complaints: int, warnings: list[str]
) -> None:
    assert warnings == list(DomainRates("example.com", sent, hard, complaints).warnings)


def test_shares_are_none_where_nothing_was_sent() -> None:
    nothing = DomainRates("example.com", 0, 0, 0)

    assert (nothing.bounce_rate, nothing.complaint_rate, nothing.warnings) == (0.0, 0.0, ())
    assert DomainRates("example.com", 0, 5, 0).bounce_rate == 1.0

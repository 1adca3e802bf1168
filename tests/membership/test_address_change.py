"""A change of address takes the yes of both addresses, in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.domain import PendingChange, Preferences, Subscriber, SubscriberState
from recommender.errors import PreferenceError, TokenExpiredError
from recommender.membership.address_change import (
    PENDING_LIFETIME,
    Side,
    YesPlan,
    check_new_address,
    decide_yes,
    replaces,
)
from recommender.membership.subscription import decide_purge

WEEK = timedelta(days=7)
NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
PENDING = PendingChange(
    id=1,
    subscriber_id=1,
    command="address",
    new_email="new@example.net",
    new_email_key="new@example.net",
    created_at=NOW,
    expires_at=NOW + PENDING_LIFETIME,
)
PAUSE = replace(PENDING, command="pause 14 days", new_email=None, new_email_key=None)


def subscriber(state: SubscriberState = SubscriberState.ACTIVE) -> Subscriber:
    return Subscriber(
        id=1,
        email="old@example.org",
        state=state,
        preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
        interests="",
        requested_at=NOW - timedelta(days=90),
        confirmed_at=None if state is SubscriberState.UNCONFIRMED else NOW - timedelta(days=90),
        next_issue_at=None,
        issues_composed=0,
        welcome_due=False,
        last_issue_date=None,
    )


@pytest.mark.parametrize("first", Side)
def test_both_addresses_say_yes_in_either_order(first: Side) -> None:
    second = Side(1 - first)
    one = decide_yes(PENDING, subscriber(), first, now=NOW)
    assert (one.carries_out, one.waits_for) == (False, second)
    again = decide_yes(one.pending, subscriber(), first, now=NOW + timedelta(hours=1))
    assert again == one, "a second yes of the same address is none of the other"
    both = decide_yes(one.pending, subscriber(), second, now=NOW + timedelta(hours=2))
    assert (both.carries_out, both.waits_for) == (True, None)
    assert both.pending.done_at == NOW + timedelta(hours=2)
    after = decide_yes(both.pending, subscriber(), second, now=NOW + timedelta(hours=3))
    assert after == YesPlan(both.pending, carries_out=False, waits_for=None)


def test_any_other_change_takes_one_yes() -> None:
    assert decide_yes(PAUSE, subscriber(), Side.SUBSCRIBED, now=NOW).carries_out
    with pytest.raises(TokenExpiredError):
        decide_yes(PAUSE, subscriber(), Side.NEW, now=NOW)


def test_a_yes_comes_too_late_after_two_days() -> None:
    last = NOW + timedelta(hours=48) - timedelta(seconds=1)
    assert decide_yes(PAUSE, subscriber(), Side.SUBSCRIBED, now=last).carries_out
    with pytest.raises(TokenExpiredError) as refusal:
        decide_yes(PAUSE, subscriber(), Side.SUBSCRIBED, now=NOW + timedelta(hours=48))
    assert str(refusal.value) == (
        "this change could be confirmed until 13 March 2026 07:30 UTC; ask for it again"
    )


def test_a_change_is_over_once_they_left_or_were_erased_or_it_was_deleted() -> None:
    left, over = subscriber(SubscriberState.UNSUBSCRIBED), "this change is over; ask for it again"
    ended = "this subscription has ended since; subscribe again"
    for pending, person, reason in (
        (PENDING, left, ended),
        (PENDING, None, over),
        (None, subscriber(), over),
    ):
        with pytest.raises(TokenExpiredError, match=f"^{reason}$"):
            decide_yes(pending, person, Side.SUBSCRIBED, now=NOW)


@pytest.mark.parametrize("state", SubscriberState)
def test_an_address_can_be_changed_while_there_is_a_subscription(state: SubscriberState) -> None:
    if state in (SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.SUSPENDED):
        check_new_address(subscriber(state), "old@example.org", "new@example.net")
    else:
        with pytest.raises(PreferenceError) as refusal:
            check_new_address(subscriber(state), "old@example.org", "new@example.net")
        assert str(refusal.value) == (
            "address: no mails come to this subscription now; subscribe with the new address"
        )


def test_the_same_address_in_another_spelling_is_no_change() -> None:
    with pytest.raises(PreferenceError, match=r"^address: the mails go to that address already$"):
        check_new_address(subscriber(), "old@example.org", "old@example.org")


@pytest.mark.parametrize("state", SubscriberState)
def test_only_a_subscription_that_nobody_ever_confirmed_is_taken_over(
    state: SubscriberState,
) -> None:
    assert not replaces(None)
    holder = subscriber(state)
    if state is SubscriberState.UNCONFIRMED:
        assert replaces(holder)
        holder = replace(holder, issues_composed=3)
    with pytest.raises(PreferenceError) as refusal:
        replaces(holder)
    assert str(refusal.value) == (
        "address: the new address has a subscription of its own; erase that one first, by the link "
        "to the preferences in one of its mails, and ask for the change again"
    )


@pytest.mark.parametrize("state", SubscriberState)
def test_only_who_never_confirmed_is_forgotten_after_a_week(state: SubscriberState) -> None:
    asked = replace(subscriber(state), requested_at=NOW, confirmed_at=None)
    unconfirmed = state is SubscriberState.UNCONFIRMED
    assert not decide_purge(asked, NOW + WEEK - timedelta(seconds=1))
    assert decide_purge(asked, NOW + WEEK) == unconfirmed
    once = replace(asked, confirmed_at=NOW - timedelta(days=30))
    assert not decide_purge(once, NOW + WEEK)
    vouched_for = replace(asked, issues_composed=1)
    assert not decide_purge(vouched_for, NOW + WEEK)

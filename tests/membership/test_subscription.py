"""Every transition of the table in `subscription`, and any sequence of them against a model."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recommender.domain import DeliveryKind, LinkEpochs, Preferences, Subscriber, SubscriberState
from recommender.errors import PreferenceError, TokenExpiredError
from recommender.membership.subscription import (
    MAIL_INTERVAL,
    MAILS_A_DAY,
    ConfirmPlan,
    PausePlan,
    PlannedDelivery,
    RequestPlan,
    ResumePlan,
    UnsubscribePlan,
    counted_since,
    decide_confirm,
    decide_pause,
    decide_request,
    decide_resume,
    decide_unsubscribe,
    decide_vouched,
    request_number,
)

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
FAR_AWAY = NOW + timedelta(days=36500)
CONFIRMATION = PlannedDelivery(DeliveryKind.CONFIRMATION, "2026-03-11T07")
ALREADY_SUBSCRIBED = PlannedDelivery(DeliveryKind.ALREADY_SUBSCRIBED, "2026-03-11T07")
UNCONFIRMED = SubscriberState.UNCONFIRMED
ACTIVE = SubscriberState.ACTIVE
PAUSED = SubscriberState.PAUSED
UNSUBSCRIBED = SubscriberState.UNSUBSCRIBED
SUSPENDED = SubscriberState.SUSPENDED


def subscriber_in(state: SubscriberState, *, requested_at: datetime = LONG_AGO) -> Subscriber:
    return Subscriber(
        id=1,
        email="ann@example.org",
        state=state,
        preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
        interests="",
        requested_at=requested_at,
        confirmed_at=None if state is UNCONFIRMED else LONG_AGO,
        next_issue_at=NOW + timedelta(days=1) if state is ACTIVE else None,
        issues_composed=0,
        welcome_due=False,
        last_issue_date=None,
    )


def request(
    subscriber: Subscriber | None,
    *,
    last_mail_at: datetime | None = None,
    mails_last_day: int = 0,
) -> RequestPlan:
    return decide_request(
        subscriber, now=NOW, last_mail_at=last_mail_at, mails_last_day=mails_last_day
    )


def test_request_of_an_unknown_address_is_stored_unconfirmed_and_asked_to_confirm() -> None:
    expected = RequestPlan(create=True, state=UNCONFIRMED, requested_at=NOW, delivery=CONFIRMATION)

    assert expected == request(None)


@pytest.mark.parametrize(
    ("before", "after"),
    [(UNCONFIRMED, UNCONFIRMED), (UNSUBSCRIBED, UNCONFIRMED), (SUSPENDED, SUSPENDED)],
)
def test_request_of_one_who_gets_nothing_is_a_new_one_to_confirm(
    before: SubscriberState, after: SubscriberState
) -> None:
    expected = RequestPlan(create=False, state=after, requested_at=NOW, delivery=CONFIRMATION)

    assert expected == request(subscriber_in(before))


@pytest.mark.parametrize("state", [ACTIVE, PAUSED])
def test_request_of_a_subscriber_tells_them_and_changes_nothing(state: SubscriberState) -> None:
    expected = RequestPlan(
        create=False, state=state, requested_at=LONG_AGO, delivery=ALREADY_SUBSCRIBED
    )

    assert expected == request(subscriber_in(state))


@pytest.mark.parametrize("state", [UNCONFIRMED, SUSPENDED])
def test_asking_again_within_48_hours_keeps_mailed_links_working(state: SubscriberState) -> None:
    asked_at = NOW - timedelta(hours=48) + timedelta(seconds=1)

    plan = request(subscriber_in(state, requested_at=asked_at))
    assert asked_at == plan.requested_at
    assert plan.delivery == CONFIRMATION


@pytest.mark.parametrize("state", [UNCONFIRMED, SUSPENDED])
def test_asking_again_after_exactly_48_hours_is_a_request_of_its_own(
    state: SubscriberState,
) -> None:
    asked_at = NOW - timedelta(hours=48)

    assert request(subscriber_in(state, requested_at=asked_at)).requested_at == NOW


def test_asking_again_after_unsubscribing_ends_earlier_links() -> None:
    asked_at = NOW - timedelta(hours=2)

    assert request(subscriber_in(UNSUBSCRIBED, requested_at=asked_at)).requested_at == NOW


@pytest.mark.parametrize("state", SubscriberState)
@pytest.mark.parametrize(
    ("last_mail_at", "mails_last_day"),
    [(NOW - timedelta(minutes=59, seconds=59), 1), (NOW - timedelta(hours=5), 3)],
)
def test_request_beyond_the_mail_limits_changes_nothing(
    state: SubscriberState, last_mail_at: datetime, mails_last_day: int
) -> None:
    expected = RequestPlan(create=False, state=state, requested_at=LONG_AGO, delivery=None)

    assert expected == request(
        subscriber_in(state), last_mail_at=last_mail_at, mails_last_day=mails_last_day
    )


def test_request_within_the_mail_limits_is_answered() -> None:
    plan = request(None, last_mail_at=NOW - timedelta(hours=1), mails_last_day=2)

    assert plan.delivery == CONFIRMATION


def test_unknown_address_beyond_the_mail_limits_is_not_stored() -> None:
    expected = RequestPlan(create=False, state=None, requested_at=None, delivery=None)

    assert expected == request(None, last_mail_at=NOW, mails_last_day=1)


def test_request_an_hour_after_the_last_mail_has_another_outbox_key() -> None:
    first = request(None)
    second = decide_request(
        subscriber_in(UNCONFIRMED, requested_at=NOW),
        now=NOW + MAIL_INTERVAL,
        last_mail_at=NOW,
        mails_last_day=1,
    )

    assert first.delivery == PlannedDelivery(DeliveryKind.CONFIRMATION, "2026-03-11T07")
    assert second.delivery == PlannedDelivery(DeliveryKind.CONFIRMATION, "2026-03-11T08")


def test_mails_from_before_the_last_confirmation_count_no_more() -> None:
    minute = timedelta(minutes=1)
    left = replace(subscriber_in(UNSUBSCRIBED), confirmed_at=NOW - minute)

    assert counted_since(left, NOW) == NOW - minute
    assert counted_since(subscriber_in(UNSUBSCRIBED), NOW) == NOW - timedelta(days=1)
    assert counted_since(subscriber_in(UNCONFIRMED), NOW) == NOW - timedelta(days=1)


def test_request_right_after_a_confirmation_has_another_outbox_key() -> None:
    left = replace(subscriber_in(UNSUBSCRIBED), confirmed_at=NOW - timedelta(minutes=1))
    delivery = request(left).delivery

    assert delivery is not None
    assert delivery.kind is DeliveryKind.CONFIRMATION
    assert delivery != CONFIRMATION


def confirm(subscriber: Subscriber | None, requested_at: datetime = LONG_AGO) -> ConfirmPlan:
    return decide_confirm(subscriber, number_in_link=request_number(requested_at), now=NOW)


@pytest.mark.parametrize("state", [UNCONFIRMED, SUSPENDED])
def test_confirming_the_request_activates(state: SubscriberState) -> None:
    expected = ConfirmPlan(activates=True, state=ACTIVE, confirmed_at=NOW)

    assert expected == confirm(subscriber_in(state))


@pytest.mark.parametrize("state", [ACTIVE, PAUSED])
def test_confirming_twice_changes_nothing(state: SubscriberState) -> None:
    expected = ConfirmPlan(activates=False, state=state, confirmed_at=LONG_AGO)

    assert expected == confirm(subscriber_in(state))


def test_request_is_named_by_its_second() -> None:
    asked_at = datetime(2001, 9, 9, 1, 46, 40, 999_999, tzinfo=UTC)

    assert request_number(asked_at) == 1_000_000_000
    assert request_number(asked_at + timedelta(microseconds=1)) == 1_000_000_001


@pytest.mark.parametrize(
    "subscriber",
    [
        None,
        subscriber_in(UNSUBSCRIBED),
        subscriber_in(UNCONFIRMED, requested_at=NOW),
        subscriber_in(SUSPENDED, requested_at=NOW),
    ],
    ids=["erased", "unsubscribed", "asked again", "suspended and asked again"],
)
def test_link_of_a_request_that_is_over_says_how_to_get_another(
    subscriber: Subscriber | None,
) -> None:
    with pytest.raises(TokenExpiredError, match="subscribe again, or use the link in the newest"):
        confirm(subscriber)


@pytest.mark.parametrize("state", [UNCONFIRMED, ACTIVE, PAUSED, SUSPENDED])
def test_everybody_can_leave(state: SubscriberState) -> None:
    expected = UnsubscribePlan(changes=True, state=UNSUBSCRIBED)

    assert expected == decide_unsubscribe(subscriber_in(state))


def test_leaving_twice_or_after_being_erased_succeeds_and_changes_nothing() -> None:
    assert decide_unsubscribe(subscriber_in(UNSUBSCRIBED)) == UnsubscribePlan(
        changes=False, state=UNSUBSCRIBED
    )
    assert decide_unsubscribe(None) == UnsubscribePlan(changes=False, state=None)


@pytest.mark.parametrize("state", [ACTIVE, PAUSED])
@pytest.mark.parametrize("days", [1, 365])
def test_pause_ends_after_the_days_that_were_asked_for(state: SubscriberState, days: int) -> None:
    expected = PausePlan(state=PAUSED, resumes_at=NOW + timedelta(days=days))

    assert expected == decide_pause(subscriber_in(state), days, NOW)


@pytest.mark.parametrize("days", [0, -1, 366, 10**12])
def test_impossible_pause_is_refused(days: int) -> None:
    with pytest.raises(PreferenceError) as refusal:
        decide_pause(subscriber_in(ACTIVE), days, NOW)
    assert str(refusal.value) == f"pause: {days} days is not possible; choose 1 to 365 days"


@pytest.mark.parametrize(("state", "changes"), [(PAUSED, True), (ACTIVE, False)])
def test_resuming_ends_a_pause(state: SubscriberState, changes: bool) -> None:
    expected = ResumePlan(changes=changes, state=ACTIVE)

    assert expected == decide_resume(subscriber_in(state))


@pytest.mark.parametrize("state", [UNCONFIRMED, UNSUBSCRIBED, SUSPENDED])
def test_nobody_becomes_active_by_pausing_and_resuming(state: SubscriberState) -> None:
    for decide in (partial(decide_pause, days=7, now=NOW), decide_resume):
        with pytest.raises(PreferenceError) as refusal:
            decide(subscriber_in(state))
        assert str(refusal.value) == (
            "pause: no mails come to this address now; subscribe and confirm first"
        )


class OneAddress(RuleBasedStateMachine):
    """One address over weeks: strangers and its owner ask, confirm, pause, leave, bounce.

    The model is what the owner consented to: `consents` is True from a confirmation until leaving.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.subscriber: Subscriber | None = None
        self.mails: list[tuple[datetime, PlannedDelivery]] = []
        self.outbox: set[PlannedDelivery] = set()
        self.confirmations: list[datetime] = []
        self.newest_claim: int | None = None
        self.ended_claims: set[int] = set()
        self.consents = False

    @initialize()
    def somebody_asks(self) -> None:
        self.ask()

    @rule(minutes=st.integers(1, 4000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def ask(self) -> None:
        before = self.subscriber
        since = self.now if before is None else counted_since(before, self.now)
        counted = [at for at, _ in self.mails if at >= since]
        plan = decide_request(
            before,
            now=self.now,
            last_mail_at=counted[-1] if counted else None,
            mails_last_day=len(counted),
        )
        if plan.delivery is None:
            assert plan.create is False
            assert before is not None
            assert (plan.state, plan.requested_at) == (before.state, before.requested_at)
            return
        assert plan.delivery not in self.outbox
        self.outbox.add(plan.delivery)
        self.mails.append((self.now, plan.delivery))
        assert plan.state is not None
        assert plan.requested_at is not None
        assert plan.create is (before is None)
        self.subscriber = replace(
            before or subscriber_in(UNCONFIRMED), state=plan.state, requested_at=plan.requested_at
        )
        if plan.delivery.kind is DeliveryKind.CONFIRMATION:
            claim = request_number(plan.requested_at)
            if self.newest_claim not in (None, claim):
                self.ended_claims.add(self.newest_claim or 0)
            self.newest_claim = claim

    @precondition(lambda self: self.newest_claim is not None)
    @rule()
    def use_the_newest_link(self) -> None:
        assert self.subscriber is not None
        assert self.newest_claim is not None
        plan = decide_confirm(self.subscriber, number_in_link=self.newest_claim, now=self.now)
        assert plan.activates is (self.subscriber.state not in (ACTIVE, PAUSED))
        self.consents = True
        if plan.activates:
            self.confirmations.append(self.now)
        self.subscriber = replace(self.subscriber, state=plan.state, confirmed_at=plan.confirmed_at)

    @precondition(lambda self: self.ended_claims and self.subscriber.state not in (ACTIVE, PAUSED))
    @rule(data=st.data())
    def use_an_ended_link(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(sorted(self.ended_claims)))
        with pytest.raises(TokenExpiredError):
            decide_confirm(self.subscriber, number_in_link=claim, now=self.now)

    @rule()
    def leave(self) -> None:
        plan = decide_unsubscribe(self.subscriber)
        assert self.subscriber is not None
        assert plan.state is not None
        self.consents = False
        if self.newest_claim is not None:
            self.ended_claims.add(self.newest_claim)
            self.newest_claim = None
        self.subscriber = replace(self.subscriber, state=plan.state)

    @precondition(lambda self: self.subscriber.state in (ACTIVE, PAUSED))
    @rule(days=st.integers(1, 365))
    def pause(self, days: int) -> None:
        assert self.subscriber is not None
        plan = decide_pause(self.subscriber, days, self.now)
        assert plan.resumes_at > self.now
        self.subscriber = replace(self.subscriber, state=plan.state)

    @precondition(lambda self: self.subscriber.state in (ACTIVE, PAUSED))
    @rule()
    def resume(self) -> None:
        assert self.subscriber is not None
        self.subscriber = replace(self.subscriber, state=decide_resume(self.subscriber).state)

    @precondition(lambda self: self.subscriber.state in (ACTIVE, PAUSED))
    @rule()
    def mail_bounces(self) -> None:
        assert self.subscriber is not None
        self.subscriber = replace(self.subscriber, state=SUSPENDED)

    @invariant()
    def only_who_confirmed_and_did_not_leave_is_mailed_issues(self) -> None:
        state = None if self.subscriber is None else self.subscriber.state
        assert self.consents or state not in (ACTIVE, PAUSED, SUSPENDED)
        assert not self.consents or state in (ACTIVE, PAUSED, SUSPENDED)

    @invariant()
    def nobody_is_flooded(self) -> None:
        for begin, end in itertools.pairwise([LONG_AGO, *self.confirmations, FAR_AWAY]):
            moments = [at for at, _ in self.mails if begin <= at < end]
            spans = [later - at for at, later in itertools.pairwise(moments)]
            assert all(span >= MAIL_INTERVAL for span in spans)
            in_fours = zip(moments, moments[MAILS_A_DAY:], strict=False)
            assert all(later - at >= timedelta(days=1) for at, later in in_fours)


TestOneAddress = OneAddress.TestCase


@pytest.mark.parametrize(
    ("state", "wanted", "after"),
    [
        (None, None, ACTIVE),
        (None, PAUSED, PAUSED),
        (UNCONFIRMED, None, ACTIVE),
        (ACTIVE, None, ACTIVE),
        (ACTIVE, UNSUBSCRIBED, UNSUBSCRIBED),
        (PAUSED, None, PAUSED),
        (SUSPENDED, None, SUSPENDED),
        (SUSPENDED, ACTIVE, ACTIVE),
        *((UNSUBSCRIBED, wanted, UNSUBSCRIBED) for wanted in (None, *SubscriberState)),
    ],
)
def test_an_operators_word_brings_back_nobody_who_left(
    state: SubscriberState | None, wanted: SubscriberState | None, after: SubscriberState
) -> None:
    known = None if state is None else subscriber_in(state)
    assert decide_vouched(known, wanted) is after


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        *((wanted, UNCONFIRMED) for wanted in (None, UNCONFIRMED, ACTIVE, PAUSED)),
        (UNSUBSCRIBED, UNSUBSCRIBED),
    ],
)
def test_an_operators_word_does_not_answer_for_who_left_and_is_asked(
    wanted: SubscriberState | None, after: SubscriberState
) -> None:
    left_and_asked = replace(subscriber_in(UNCONFIRMED), epochs=LinkEpochs(links=1))
    assert decide_vouched(left_and_asked, wanted) is after

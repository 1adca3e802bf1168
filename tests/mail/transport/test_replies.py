from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.mail.transport.replies import (
    LONGEST_TEXT,
    Disposition,
    Grounds,
    Outcome,
    Reply,
    RetryPolicy,
    Step,
    bounded_line,
    classify,
    dispose,
    grounds,
    parse_reply,
    retry_delay,
    server_pause,
)

QUEUED_AT = datetime(2026, 3, 11, 7, tzinfo=UTC)
GREYLISTED = Reply(451, "4.7.1", "greylisted, come back", Step.RCPT)


def jitter(seed: int = 7) -> random.Random:
    return random.Random(seed)  # noqa: S311, jitter is no secret


def delivery(attempts: int = 0, deferred_since: datetime | None = None) -> Delivery:
    return Delivery(
        id=1,
        subscriber_id=1,
        kind=DeliveryKind.ISSUE,
        key="2026-03-11",
        recipient="ann@example.org",
        message_id="<1@example.org>",
        issue_id=None,
        state=DeliveryState.SENDING,
        created_at=QUEUED_AT,
        next_attempt_at=QUEUED_AT,
        attempts=attempts,
        last_reply="",
        deferred_since=deferred_since,
    )


def test_enhanced_status_code_is_taken_apart_from_the_text() -> None:
    expected = Reply(550, "5.1.1", "no such user", Step.RCPT)

    assert expected == parse_reply(550, "5.1.1 no such user", Step.RCPT)


def test_enhanced_status_code_of_every_line_is_kept_once() -> None:
    reply = parse_reply(550, "5.7.1 rejected by policy,\n5.7.1 see example.org/why", Step.RCPT)

    assert reply.words == "550 5.7.1 rejected by policy, see example.org/why"


@pytest.mark.parametrize(
    "text", ["no such user", "4.1.1 contradicts the code", "5.1 x", "5.1.1234 x", ""]
)
def test_text_without_a_fitting_enhanced_status_code_stays_whole(text: str) -> None:
    assert Reply(550, None, text, Step.RCPT) == parse_reply(550, text, Step.RCPT)


def test_enhanced_status_code_needs_no_text() -> None:
    assert Reply(250, "2.0.0", "", Step.END_OF_DATA) == parse_reply(250, "2.0.0", Step.END_OF_DATA)


@given(st.binary(max_size=3 * LONGEST_TEXT), st.integers())
def test_any_answer_becomes_one_storable_line(raw: bytes, code: int) -> None:
    words = parse_reply(code, raw.decode("utf-8", "surrogateescape"), Step.RCPT).words

    words.encode("utf-8")
    assert [words] == (words.splitlines() or [""])
    assert len(words) <= LONGEST_TEXT + len(f"{code} 5.111.111 ")


def test_long_text_is_cut_with_a_mark() -> None:
    assert bounded_line("x" * (LONGEST_TEXT + 1))[-1] == "…"


@pytest.mark.parametrize(
    ("expected", "code", "step"),
    [
        (Outcome.SENT, 250, Step.END_OF_DATA),
        (Outcome.DEFERRED, 450, Step.RCPT),
        (Outcome.DEFERRED, 451, Step.MAIL),
        (Outcome.DEFERRED, 452, Step.END_OF_DATA),
        (Outcome.FAILED, 550, Step.RCPT),
        (Outcome.FAILED, 554, Step.END_OF_DATA),
        (Outcome.FAILED, 552, Step.MAIL),
        (Outcome.SERVER, 530, Step.MAIL),
        (Outcome.SERVER, 421, Step.RCPT),
        (Outcome.SERVER, 421, Step.END_OF_DATA),
        (Outcome.SERVER, 554, Step.CONNECT),
        (Outcome.SERVER, 454, Step.CONNECT),
        (Outcome.SERVER, 250, Step.DATA),
        (Outcome.SERVER, 999, Step.RCPT),
        (Outcome.SERVER, None, Step.CONNECT),
        (Outcome.SERVER, None, Step.MAIL),
        (Outcome.SERVER, None, Step.DATA),
        (Outcome.IN_DOUBT, None, Step.END_OF_DATA),
        (Outcome.IN_DOUBT, 354, Step.END_OF_DATA),
        (Outcome.DEFERRED, None, Step.BUILD),
    ],
)
def test_answer_means(expected: Outcome, code: int | None, step: Step) -> None:
    assert expected is classify(Reply(code, None, "", step))


@given(st.none() | st.integers(), st.sampled_from([step for step in Step if step != "end of data"]))
def test_nothing_counts_as_sent_or_in_doubt_before_the_final_dot(
    code: int | None, step: Step
) -> None:
    assert classify(Reply(code, None, "", step)) not in {Outcome.SENT, Outcome.IN_DOUBT}


@pytest.mark.parametrize(
    ("expected", "code", "words", "step"),
    [
        (Grounds.GREYLISTING, 450, "4.7.1 try again in five minutes", Step.RCPT),
        (Grounds.GREYLISTING, 451, "4.7.1 greylisted", Step.RCPT),
        (
            Grounds.GREYLISTING,
            450,
            "4.2.0 <ann@example.org>: Recipient address rejected: Greylisted",
            Step.RCPT,
        ),
        (Grounds.GREYLISTING, 451, "you have been graylisted, please wait", Step.RCPT),
        (Grounds.RATE, 452, "too many recipients", Step.RCPT),
        (Grounds.RATE, 452, "4.3.1 insufficient system storage", Step.END_OF_DATA),
        (Grounds.RATE, 450, "is receiving mail at a rate that prevents delivery", Step.MAIL),
        (Grounds.RATE, 451, "4.7.1 rate limit exceeded, slow down", Step.RCPT),
        (Grounds.RATE, 450, "4.7.28 our system has detected an unusual rate", Step.END_OF_DATA),
        (Grounds.RATE, 451, "4.7.0 temporarily deferred", Step.MAIL),
        (Grounds.RATE, 450, "throttled", Step.RCPT),
        (Grounds.OTHER, 452, "4.2.2 mailbox full", Step.RCPT),
        (Grounds.OTHER, 451, "4.4.1 no route", Step.RCPT),
        (Grounds.OTHER, 450, "mailbox busy", Step.RCPT),
        (Grounds.CONTENT, 554, "5.7.1 spam message rejected", Step.END_OF_DATA),
        (Grounds.CONTENT, 554, "no thanks", Step.END_OF_DATA),
        (Grounds.CONTENT, 552, "5.3.4 message too big", Step.END_OF_DATA),
        (Grounds.CONTENT, 552, "5.3.4 message too big", Step.MAIL),
        (Grounds.CONTENT, 550, "5.7.1 this message looks like spam", Step.END_OF_DATA),
        (Grounds.CONTENT, 550, "5.6.0 malformed", Step.END_OF_DATA),
        (Grounds.OTHER, 552, "5.2.2 mailbox full", Step.END_OF_DATA),
        (Grounds.OTHER, 554, "5.1.1 no such user", Step.END_OF_DATA),
        (Grounds.OTHER, 554, "5.7.1 relay access denied", Step.RCPT),
        (Grounds.OTHER, 550, "5.1.1 no such user", Step.RCPT),
        (Grounds.OTHER, 250, "2.0.0 taken", Step.END_OF_DATA),
    ],
)
def test_answer_has_grounds(expected: Grounds, code: int, words: str, step: Step) -> None:
    assert expected is grounds(parse_reply(code, words, step))


def test_our_own_refusal_and_a_lost_connection_have_no_grounds() -> None:
    silent = [Reply(None, None, "connection lost", step) for step in Step]
    ours = Reply(554, "5.7.1", "not sent: spam", Step.BUILD)

    assert {Grounds.OTHER} == {grounds(reply) for reply in [*silent, ours]}


def test_message_in_doubt_is_sent_again_or_ends_as_the_operator_wants() -> None:
    lost = Reply(None, None, "connection lost", Step.END_OF_DATA)

    again, ended = (
        dispose(
            delivery(), lost, now=QUEUED_AT, policy=RetryPolicy(resend_in_doubt=yes), rng=jitter()
        )
        for yes in (True, False)
    )

    assert (again.state, ended.state) == (DeliveryState.DEFERRED, DeliveryState.FAILED)
    assert ended.words.startswith("in doubt: it may have arrived, and is not sent again")


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 300), (2, 600), (3, 1200), (6, 9600), (7, 11520), (500, 11520)]
)
def test_delay_doubles_up_to_the_longest(attempts: int, seconds: int) -> None:
    class NoJitter(random.Random):
        def uniform(self, a: float, b: float) -> float:  # noqa: ARG002, as Random has it
            return a

    assert timedelta(seconds=seconds) == retry_delay(attempts, rng=NoJitter())


@given(st.integers(1, 10_000), st.integers())
def test_delay_stays_between_the_first_and_the_longest(attempts: int, seed: int) -> None:
    delay = retry_delay(attempts, rng=jitter(seed))

    assert timedelta(minutes=5) <= delay <= timedelta(hours=4)


@given(st.integers(1, 12), st.integers())
def test_delay_never_shrinks_while_it_grows_towards_the_cap(attempts: int, seed: int) -> None:
    earlier = retry_delay(attempts, longest_seconds=10**9, rng=jitter(seed))

    assert earlier < retry_delay(attempts + 1, longest_seconds=10**9, rng=jitter(seed + 1))


def test_deferred_messages_do_not_all_return_at_once() -> None:
    rng = jitter()

    assert len({retry_delay(1, rng=rng) for _ in range(100)}) == 100


def test_delay_before_a_first_attempt_is_refused() -> None:
    with pytest.raises(ValueError, match="attempts is 0"):
        retry_delay(0, rng=jitter())


@given(st.integers(1, 10_000), st.integers())
def test_server_is_paused_for_half_a_minute_to_half_an_hour(troubles: int, seed: int) -> None:
    pause = server_pause(troubles, rng=jitter(seed))

    assert timedelta(seconds=30) <= pause <= timedelta(minutes=30)


def test_deferral_comes_back_after_the_delay_of_this_attempt() -> None:
    now = QUEUED_AT + timedelta(hours=1)

    actual = dispose(delivery(attempts=1), GREYLISTED, now=now, policy=RetryPolicy(), rng=jitter())

    expected = now + retry_delay(2, rng=jitter())
    assert (
        Disposition(DeliveryState.DEFERRED, expected, "451 4.7.1 greylisted, come back") == actual
    )


def test_deferral_after_three_days_fails_with_the_last_words() -> None:
    deferred = delivery(attempts=30, deferred_since=QUEUED_AT)
    now = QUEUED_AT + timedelta(days=3)

    actual = dispose(deferred, GREYLISTED, now=now, policy=RetryPolicy(), rng=jitter())

    words = "gave up after 3 days; the last answer was: 451 4.7.1 greylisted, come back"
    assert Disposition(DeliveryState.FAILED, None, words) == actual


def test_what_waited_for_our_own_server_is_not_given_up_at_the_first_deferral() -> None:
    """It was away for a week; recipients' servers greylist whoever comes after so long."""
    now = QUEUED_AT + timedelta(days=7)

    actual = dispose(delivery(), GREYLISTED, now=now, policy=RetryPolicy(), rng=jitter())

    assert actual.state is DeliveryState.DEFERRED


def test_message_refused_at_mail_by_a_server_that_takes_others_fails_with_its_words() -> None:
    refused = Reply(550, "5.7.1", "no thanks", Step.MAIL)

    actual = dispose(delivery(0), refused, now=QUEUED_AT, policy=RetryPolicy(), rng=jitter())

    assert Disposition(DeliveryState.FAILED, None, "550 5.7.1 no thanks") == actual


@given(
    code=st.none() | st.integers(200, 599),
    step=st.sampled_from(Step),
    attempts=st.integers(0, 100),
    hours=st.integers(0, 200),
)
def test_exactly_deferred_messages_are_tried_again_and_only_later(
    code: int | None, step: Step, attempts: int, hours: int
) -> None:
    now = QUEUED_AT + timedelta(hours=hours)

    actual = dispose(
        delivery(attempts),
        Reply(code, None, "", step),
        now=now,
        policy=RetryPolicy(),
        rng=jitter(),
    )

    assert (actual.state is DeliveryState.DEFERRED) == (actual.next_attempt_at is not None)
    assert actual.next_attempt_at is None or actual.next_attempt_at > now

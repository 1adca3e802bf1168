from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState, DomainPace, ServerState
from recommender.mail.outbox.domains import DomainLimits
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.limits import SlidingLimit
from recommender.mail.outbox.relays import Relay
from recommender.mail.outbox.standing import Standing, read_standing
from recommender.mail.outbox.windows import SendingWindow
from recommender.mail.transport.replies import RetryPolicy, Step, dispose, parse_reply
from recommender.mail.transport.smtp_server import SmtpServer
from recommender.store import claims, pacing
from recommender.store.claims import Attempt
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ISSUE, WELCOME, CONFIRMATION = (
    DeliveryKind.ISSUE,
    DeliveryKind.WELCOME,
    DeliveryKind.CONFIRMATION,
)
DOMAIN = "example.org"
TAKEN, LATER = (250, "2.0.0 taken"), (450, "4.2.1 mailbox busy")
SPAM, TOO_MANY = (554, "5.7.1 spam"), (452, "4.7.0 too many messages")


def relay(name: str = "mx:25", **limits: Any) -> Relay:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return Relay(SmtpServer(name, **{"priority": 0, **limits}), connect)


MX = relay()


def message(kind: DeliveryKind = ISSUE, domain: str = DOMAIN) -> Delivery:
    return Delivery(
        id=1,
        subscriber_id=1,
        kind=kind,
        key="1",
        recipient=f"ann@{domain}",
        message_id="<1@example.org>",
        issue_id=None,
        state=DeliveryState.SENDING,
        created_at=NOW,
        next_attempt_at=NOW,
        attempts=0,
        last_reply="",
        recipient_domain=domain,
    )


def standing(
    *relays: Relay,
    ceiling: float = 0,
    bulk_left: int | None = None,
    state: ServerState | None = None,
    **rules: Any,
) -> Standing:
    relays = relays or (MX,)
    return Standing(
        relays=relays,
        rules=DeliveryRules(**rules),
        rng=random.Random(1),  # noqa: S311, jitter
        states={each.name: state or ServerState() for each in relays},
        domains=DomainLimits({}, ceiling=ceiling),
        hours={each.name: SlidingLimit(each.server.messages_per_hour, HOUR) for each in relays},
        bulk_left=bulk_left,
    )


def answer(
    stand: Standing,
    reply: tuple[int, str],
    *,
    kind: DeliveryKind = ISSUE,
    step: Step = Step.END_OF_DATA,
    now: datetime = NOW,
) -> None:
    """Let the server answer a message in this way."""
    delivery, parsed = message(kind), parse_reply(*reply, step)
    disposition = dispose(delivery, parsed, now=now, policy=RetryPolicy(), rng=stand.rng)
    stand.learn(MX, delivery, parsed, disposition, now)


def state_of(stand: Standing) -> ServerState:
    return stand.states[MX.name]


def test_connection_claims_a_batch_where_nothing_limits_its_server() -> None:
    assert standing(batch_size=7).reserve(MX, NOW) == 7


def test_what_is_reserved_is_counted_in_the_hour_of_its_server() -> None:
    mx = relay(messages_per_hour=12)
    stand = standing(mx, batch_size=5)

    assert [stand.reserve(mx, NOW) for _ in range(4)] == [5, 5, 2, 0]
    stand.give_back(mx, 3)
    assert stand.reserve(mx, NOW) == 3


@pytest.mark.parametrize(
    ("per_second", "connections", "expected"),
    [(2, 4, 5), (4, 4, 10), (0.1, 1, 1), (0.1, 4, 1), (50, 1, 20)],
)
def test_connection_claims_what_it_can_send_in_ten_seconds_and_one_at_least(
    per_second: float, connections: int, expected: int
) -> None:
    mx = relay(messages_per_second=per_second, connections=connections)

    assert standing(mx, batch_size=20).reserve(mx, NOW) == expected


def test_server_that_is_paused_or_has_a_full_hour_is_not_in_charge() -> None:
    full, second, third = relay("full", messages_per_hour=1), relay("2", priority=1), relay("3")
    stand = standing(full, second, third)
    assert stand.in_charge(NOW) == [full, third]

    stand.reserve(full, NOW)
    assert stand.in_charge(NOW) == [third]
    stand.pause(third, "gone", NOW)
    assert stand.in_charge(NOW) == [second]
    assert stand.in_charge(NOW + HOUR) == [full, third]


def test_kinds_are_held_by_the_rules_the_servers_and_the_warm_up() -> None:
    window = (SendingWindow(8 * 60, 9 * 60),)
    held_server = ServerState(bulk_held_until=NOW + HOUR)

    assert standing().held_kinds(NOW) == ()
    assert standing(windows=window).held_kinds(NOW) == (ISSUE,)
    assert standing(windows=window).held_kinds(NOW + HOUR) == ()
    assert set(standing(state=held_server).held_kinds(NOW)) == {ISSUE, WELCOME}
    assert set(standing(bulk_left=0).held_kinds(NOW)) == {ISSUE, WELCOME}


def test_warm_up_admits_so_many_newsletters_and_everything_else() -> None:
    stand = standing(bulk_left=2)

    admitted = [stand.admit(message(kind), NOW) for kind in (CONFIRMATION, ISSUE, WELCOME, ISSUE)]

    assert admitted == [True, True, True, False]
    assert stand.admit(message(CONFIRMATION), NOW)
    assert stand.bulk_left == 0


def test_no_warm_up_admits_all_newsletters() -> None:
    stand = standing()

    assert all(stand.admit(message(), NOW) for _ in range(30))
    stand.dismiss(MX, message())
    assert stand.bulk_left is None


def test_message_that_its_domain_keeps_back_is_counted_nowhere_else() -> None:
    stand = standing(ceiling=6, bulk_left=5)

    assert [stand.admit(message(), NOW) for _ in range(3)] == [True, False, False]
    assert stand.bulk_left == 4
    assert stand.admit(message(domain="example.com"), NOW)


def test_message_beyond_the_warm_up_takes_nothing_from_its_domain() -> None:
    stand = standing(ceiling=6, bulk_left=0)

    assert not stand.admit(message(ISSUE), NOW)
    assert stand.admit(message(CONFIRMATION), NOW)


def test_message_that_is_dismissed_gives_back_all_that_it_was_counted_in() -> None:
    mx = relay(messages_per_hour=1)
    stand = standing(mx, ceiling=6, bulk_left=1)
    for _ in range(2):
        assert stand.reserve(mx, NOW) == 1
        assert stand.admit(message(), NOW)
        assert (stand.reserve(mx, NOW), stand.bulk_left) == (0, 0)

        stand.dismiss(mx, message())

    assert (stand.reserve(mx, NOW), stand.bulk_left) == (1, 1)


def test_message_that_is_dismissed_gives_back_no_place_of_another() -> None:
    mx = relay(messages_per_hour=10)
    stand = standing(mx, ceiling=30, bulk_left=10, batch_size=5)
    stand.reserve(mx, NOW)
    assert all(stand.admit(message(), NOW) for _ in range(5))

    stand.dismiss(mx, message())

    assert stand.bulk_left == 6
    assert [stand.reserve(mx, NOW) for _ in range(2)] == [5, 1]
    assert sum(stand.admit(message(), NOW) for _ in range(9)) == 1


def test_answer_that_is_dismissed_gives_no_newsletter_back() -> None:
    stand = standing(bulk_left=3)

    stand.dismiss(MX, message(CONFIRMATION))

    assert stand.bulk_left == 3


def test_claimed_message_is_held_where_its_domain_has_slowed_us_meanwhile() -> None:
    stand = standing()
    assert not stand.is_held_meanwhile(message(CONFIRMATION), NOW)

    answer(stand, TOO_MANY, kind=CONFIRMATION)

    assert stand.is_held_meanwhile(message(CONFIRMATION), NOW)
    assert not stand.is_held_meanwhile(message(domain="example.com"), NOW)
    assert not stand.is_held_meanwhile(message(), NOW + MINUTE)


def test_claimed_newsletter_is_held_where_any_server_has_refused_others_meanwhile() -> None:
    stand = standing(relay("other:25"), MX, content_refusals=1)

    answer(stand, SPAM)

    assert stand.is_held_meanwhile(message(ISSUE), NOW)
    assert stand.is_held_meanwhile(message(WELCOME), NOW)
    assert not stand.is_held_meanwhile(message(CONFIRMATION), NOW)
    assert not stand.is_held_meanwhile(message(ISSUE), NOW + HOUR)


def test_server_in_trouble_is_paused_and_the_operator_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand = standing()

    stand.pause(MX, "SMTP server mx:25 is gone", NOW)

    paused = state_of(stand)
    assert (paused.troubles, paused.last_trouble) == (1, "SMTP server mx:25 is gone")
    assert paused.paused_until is not None
    assert stand.is_paused(MX, NOW)
    assert not stand.is_paused(MX, paused.paused_until)
    assert stand.trouble == "SMTP server mx:25 is gone"
    assert stand.unsaved() == ({MX.name: paused}, {})
    seconds = int((paused.paused_until - NOW).total_seconds())
    assert caplog.messages == [f"SMTP server mx:25 is gone; it is paused for {seconds} s"]


def test_what_others_find_out_of_a_paused_server_is_no_new_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand = standing()
    stand.pause(MX, "gone", NOW)
    before = state_of(stand)
    stand.unsaved()

    stand.pause(MX, "still gone", NOW + SECOND)

    assert (state_of(stand), stand.trouble) == (before, "gone")
    assert stand.unsaved() == ({}, {})
    assert len(caplog.messages) == 1


def test_trouble_after_a_pause_is_the_next_one() -> None:
    stand = standing()
    stand.pause(MX, "gone", NOW)

    stand.pause(MX, "gone again", NOW + HOUR)

    assert (state_of(stand).troubles, stand.trouble) == (2, "gone again")


def test_answer_ends_the_count_of_troubles_once_the_pause_is_over() -> None:
    stand = standing(state=ServerState(troubles=3, paused_until=NOW))

    answer(stand, LATER, now=NOW - SECOND)  # of a message that was under way
    assert state_of(stand) == ServerState(troubles=3, paused_until=NOW)
    assert stand.unsaved() == ({}, {})

    answer(stand, LATER)
    assert state_of(stand) == ServerState()
    assert stand.unsaved() == ({MX.name: ServerState()}, {})


def test_usual_answers_leave_nothing_to_save() -> None:
    stand = standing()

    for reply in (TAKEN, LATER, (550, "5.1.1 no such user")):
        answer(stand, reply)

    assert stand.unsaved() == ({}, {})


@pytest.mark.parametrize(
    "reply", [(421, "4.7.0 too many messages"), (0, "")], ids=["of the server", "none"]
)
def test_what_says_nothing_of_a_message_teaches_nothing(reply: tuple[int, str]) -> None:
    before = ServerState(troubles=1, bulk_refusals=3)
    stand = standing(state=before, bulk_left=3)

    answer(stand, reply)

    assert (state_of(stand), stand.unsaved(), stand.bulk_left) == (before, ({}, {}), 3)


def test_message_that_could_not_be_composed_is_dismissed_and_teaches_nothing() -> None:
    before = ServerState(troubles=1, bulk_refusals=3)
    stand = standing(state=before, bulk_left=3)

    answer(stand, (554, "5.7.1 not sent"), step=Step.BUILD)

    assert (state_of(stand), stand.bulk_left) == (before, 4)


def test_only_what_a_domain_took_counts_when_it_asks_for_less(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    stand = standing()
    for _ in range(25):
        answer(stand, TAKEN)
        answer(stand, LATER)

    answer(stand, TOO_MANY)

    words = "452 4.7.0 too many messages"
    assert stand.unsaved() == ({}, {DOMAIN: DomainPace(12.5, NOW + MINUTE, words, NOW)})
    assert caplog.messages == [
        f"{DOMAIN} asks to be sent less ({words}): 12.5 messages a minute from now on"
    ]


def test_newsletter_that_is_taken_ends_the_count_of_refusals_and_nothing_else_does() -> None:
    stand = standing(state=ServerState(bulk_refusals=3))

    answer(stand, TAKEN, kind=CONFIRMATION)
    answer(stand, LATER)
    answer(stand, SPAM, kind=CONFIRMATION)
    assert state_of(stand).bulk_refusals == 3

    answer(stand, TAKEN)
    assert state_of(stand).bulk_refusals == 0


def test_newsletters_are_held_and_the_operator_told_with_the_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand = standing(content_refusals=3)
    for _ in range(2):
        answer(stand, SPAM)
    assert (stand.content_trouble, state_of(stand).bulk_refusals) == (None, 2)

    answer(stand, SPAM)

    assert state_of(stand) == ServerState(
        bulk_refusals=3, bulk_held_until=NOW + HOUR, last_trouble="554 5.7.1 spam"
    )
    assert stand.unsaved() == ({MX.name: state_of(stand)}, {})
    assert stand.content_trouble == (
        "SMTP server mx:25 refused 3 newsletters in a row for what they say: 554 5.7.1 spam; "
        "newsletters wait until 2026-03-11 08:00 UTC, look at one with `recommender preview` "
        "and at the reputation of the sending domain"
    )
    assert caplog.messages == [stand.content_trouble]


def test_refusals_of_what_was_under_way_tell_the_operator_nothing_new(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand = standing(content_refusals=1)
    answer(stand, SPAM)

    answer(stand, (554, "5.7.1 more spam"))

    assert "554 5.7.1 spam" in str(stand.content_trouble)
    assert len(caplog.messages) == 1


def test_all_that_was_saved_is_read_after_a_restart(
    database: Database, queue_for_reader: Callable[..., None]
) -> None:
    mx = relay(messages_per_hour=5)
    state = ServerState(2, NOW + MINUTE, "gone", 1, NOW + HOUR)
    pace = DomainPace(6.0, NOW + MINUTE, "slow down", NOW)
    rng = random.Random(1)  # noqa: S311, jitter
    rules = DeliveryRules(domain_per_minute=12, warm_up_first_day=10)
    with database.write() as session:
        queue_for_reader(session, 1, DOMAIN, now=NOW)
        (claimed,) = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=1)
        sent = Attempt(claimed.id, NOW, DeliveryState.SENT, mx.name, 250, None, "250 ok")
        claims.record_attempts(session, [sent])
        pacing.save_server_states(session, {mx.name: state, "gone:25": state}, now=NOW)
        pacing.save_domain_paces(session, {DOMAIN: pace}, now=NOW)

    def read(*, ignore_pauses: bool) -> Standing:
        return read_standing(database, [mx], rules, now=NOW, ignore_pauses=ignore_pauses, rng=rng)

    stand = read(ignore_pauses=False)

    assert (stand.relays, stand.rules, stand.rng) == ([mx], rules, rng)
    assert stand.states == {mx.name: state}
    assert (stand.hours[mx.name].room(NOW), stand.bulk_left) == (4, 9)
    assert not stand.admit(message(), NOW)
    assert stand.admit(message(), NOW + MINUTE)
    # The ceiling of the operator, for a domain that asked for nothing.
    other = message(CONFIRMATION, "example.com")
    assert [stand.admit(other, NOW) for _ in range(3)] == [True, True, False]
    again = read(ignore_pauses=True)
    assert again.states == {mx.name: replace(state, paused_until=None)}
    assert again.unsaved() == ({}, {})

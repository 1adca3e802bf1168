from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from recommender.domain import DeliveryKind, DeliveryState, ServerState
from recommender.mail.outbox import holds
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.limits import SlidingLimit
from recommender.mail.outbox.relays import Relay
from recommender.mail.outbox.windows import SendingWindow
from recommender.mail.transport.smtp_server import SmtpServer
from recommender.store import claims, pacing, sending_pause
from recommender.store.claims import Attempt
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
MOMENT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ISSUE, WELCOME = DeliveryKind.ISSUE, DeliveryKind.WELCOME
WARM_UP = DeliveryRules(warm_up_first_day=10, warm_up_growth=2)
AFTERNOON = DeliveryRules(windows=(SendingWindow(13 * 60, 14 * 60),))


def relay(name: str, **limits: Any) -> Relay:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return Relay(SmtpServer(name, **{"priority": 0, **limits}), connect)


@pytest.fixture
def sent(database: Database, queue_for_reader: Callable[..., None]) -> Callable[..., None]:
    """Return what stores that messages were sent, or not, at some moments."""
    numbers = iter(range(1_000))

    def store(
        *moments: datetime,
        kind: DeliveryKind = ISSUE,
        state: DeliveryState = DeliveryState.SENT,
        server: str = "mx:25",
    ) -> None:
        with database.write() as session:
            for moment in moments:
                queue_for_reader(session, next(numbers), "example.org", now=moment, kind=kind)
                (claimed,) = claims.claim_due(
                    session, worker="w", now=moment, lease_seconds=60, limit=1
                )
                attempt = Attempt(claimed.id, moment, state, server, 250, None, "250 ok")
                claims.record_attempts(session, [attempt])

    return store


def bulk_left(database: Database, now: datetime, rules: DeliveryRules = WARM_UP) -> int | None:
    with database.read() as session:
        return holds.bulk_left(session, rules, now)


def held(
    *states: ServerState,
    rules: DeliveryRules = DeliveryRules(),  # noqa: B008, frozen
    left: int | None = None,
) -> dict[DeliveryKind, datetime]:
    named = {str(number): state for number, state in enumerate(states)}
    return holds.held_kinds(rules, named, bulk_left=left, now=NOW)


def test_nothing_is_held_where_nothing_is_wrong() -> None:
    assert held(ServerState()) == held(left=1) == held() == {}


def test_longest_hold_of_all_servers_holds_newsletters_and_welcomes() -> None:
    until = NOW + 2 * HOUR

    states = [ServerState(bulk_held_until=NOW + hours * HOUR) for hours in (1, 2, -1)]

    assert held(*states, ServerState()) == {ISSUE: until, WELCOME: until}


def test_hold_is_over_at_the_moment_that_was_named() -> None:
    assert held(ServerState(bulk_held_until=NOW)) == {}
    assert held(ServerState(bulk_held_until=NOW + MOMENT)).keys() == {ISSUE, WELCOME}


def test_newsletters_beyond_the_warm_up_wait_for_midnight_where_the_operator_is() -> None:
    rules = DeliveryRules(timezone="America/New_York")
    midnight = datetime(2026, 3, 12, 4, tzinfo=UTC)

    assert held(left=0, rules=rules) == {ISSUE: midnight, WELCOME: midnight}


def test_later_of_hold_and_midnight_counts() -> None:
    for hours, until in ((1, MIDNIGHT + DAY), (20, NOW + 20 * HOUR)):
        state = ServerState(bulk_held_until=NOW + hours * HOUR)
        assert held(state, left=0) == {ISSUE: until, WELCOME: until}


def test_window_holds_issues_only() -> None:
    assert held(rules=AFTERNOON) == {ISSUE: NOW + 6 * HOUR}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-24, 6),  # a hold of yesterday opens no window of today earlier
        (1, 6),
        (6.5, 6.5),
        (7, 30),  # past this window, so until the next one
    ],
)
def test_issues_wait_for_a_window_that_is_open_after_the_hold(
    hours: float, expected: float
) -> None:
    state = ServerState(bulk_held_until=NOW + hours * HOUR)

    assert held(state, rules=AFTERNOON)[ISSUE] == NOW + expected * HOUR


def test_no_warm_up_counts_nothing(database: Database) -> None:
    assert bulk_left(database, NOW, DeliveryRules()) is None


def test_first_day_of_a_warm_up_allows_its_number(database: Database) -> None:
    assert bulk_left(database, NOW) == 10


def test_each_newsletter_of_the_day_counts_from_its_first_moment_to_its_last(
    database: Database, sent: Callable[..., None]
) -> None:
    sent(MIDNIGHT - MOMENT, MIDNIGHT, NOW, MIDNIGHT + DAY - 30 * MINUTE, MIDNIGHT + DAY - MOMENT)

    assert bulk_left(database, MIDNIGHT + DAY - MOMENT) == 10 - 4
    assert bulk_left(database, MIDNIGHT + DAY) == 10


def test_only_newsletters_that_were_sent_count(
    database: Database, sent: Callable[..., None]
) -> None:
    sent(NOW, kind=DeliveryKind.CONFIRMATION)
    sent(NOW, state=DeliveryState.FAILED)
    assert bulk_left(database, NOW) == 10
    sent(NOW, kind=WELCOME)
    assert bulk_left(database, NOW) == 9


@pytest.mark.parametrize(("days", "expected"), [(1, 16), (14, 16), (15, 10)])
def test_fullest_day_of_the_last_fortnight_counts(
    database: Database, sent: Callable[..., None], days: int, expected: int
) -> None:
    before = MIDNIGHT - days * DAY
    sent(before, *[before + 12 * HOUR] * 6, before + DAY - MOMENT)

    assert bulk_left(database, NOW) == expected


def test_more_than_the_warm_up_allows_leaves_nothing(
    database: Database, sent: Callable[..., None]
) -> None:
    sent(*[NOW] * 12)

    assert bulk_left(database, NOW) == 0


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


@pytest.mark.parametrize(
    ("now", "midnights"),
    [
        ("03-11T07:00", ["03-10T23:00", "03-11T23:00"]),
        ("03-11T22:59", ["03-10T23:00", "03-11T23:00"]),
        ("03-11T23:00", ["03-11T23:00", "03-12T23:00"]),
        ("03-29T12:00", ["03-28T23:00", "03-29T22:00"]),  # 23 hours
        ("10-25T12:00", ["10-24T22:00", "10-25T23:00"]),  # 25 hours
        ("10-25T00:30", ["10-24T22:00", "10-25T23:00"]),  # half past two, for the first time
        ("10-25T01:30", ["10-24T22:00", "10-25T23:00"]),  # half past two again
    ],
)
def test_day_lasts_from_midnight_to_midnight_by_the_clock_on_the_wall(
    now: str, midnights: list[str]
) -> None:
    begin, end = map(at, midnights)

    assert [(begin, end)] == holds.days_until(at(now), "Europe/Berlin", count=1)


def test_days_follow_each_other_without_a_gap_today_first() -> None:
    zone = timezone(timedelta(hours=9, minutes=30))

    days = holds.days_until(at("03-30T12:00").astimezone(zone), "Europe/Berlin", count=3)

    assert [
        (at("03-29T22:00"), at("03-30T22:00")),
        (at("03-28T23:00"), at("03-29T22:00")),
        (at("03-27T23:00"), at("03-28T23:00")),
    ] == days
    assert {zone} == {moment.tzinfo for day in days for moment in day}


def test_hour_of_each_server_counts_what_it_was_given_and_no_older(
    database: Database, sent: Callable[..., None]
) -> None:
    sent(NOW - HOUR, NOW - HOUR + MINUTE, NOW - MINUTE)
    sent(NOW - 2 * MINUTE, server="other:25")
    relays = [relay("mx:25", messages_per_hour=5), relay("other:25"), relay("new:25")]

    with database.read() as session:
        limits = holds.hour_limits(session, relays, NOW)

    assert limits.keys() == {"mx:25", "other:25", "new:25"}
    assert [limits[each.name].room(NOW) for each in relays] == [3, None, None]
    assert limits["mx:25"].room(NOW + MINUTE) == 4
    assert limits["mx:25"].room(NOW + HOUR - MINUTE) == 5


def test_server_is_free_when_its_pause_is_over_and_its_hour_has_room() -> None:
    full = SlidingLimit(1, HOUR, [NOW - 50 * MINUTE])
    paused = ServerState(paused_until=NOW + 5 * MINUTE)

    assert holds.free_at(ServerState(), SlidingLimit(0, HOUR), NOW) == NOW
    assert holds.free_at(paused, SlidingLimit(0, HOUR), NOW) == NOW + 5 * MINUTE
    assert holds.free_at(paused, full, NOW) == NOW + 10 * MINUTE
    assert holds.free_at(ServerState(paused_until=NOW - HOUR), full, NOW) == NOW + 10 * MINUTE


def test_next_delivery_is_known_by_all_that_holds_it_back(
    database: Database, queue_for_reader: Callable[..., None]
) -> None:
    relays = [relay("mx:25"), relay("other:25", priority=5)]

    def next_at(rules: DeliveryRules = AFTERNOON) -> datetime | None:
        return holds.next_delivery_at(database, relays, rules, now=NOW)

    assert next_at() is None
    with database.write() as session:
        queue_for_reader(session, 1, "example.org", now=NOW - MINUTE)
    assert next_at() == NOW + 6 * HOUR
    assert next_at(DeliveryRules()) == NOW
    with database.write() as session:
        states = {
            "mx:25": ServerState(paused_until=NOW + 9 * HOUR),
            "other:25": ServerState(paused_until=NOW + 8 * HOUR),
        }
        pacing.save_server_states(session, states, now=NOW)
    assert next_at() == NOW + 8 * HOUR


def test_next_delivery_waits_for_room_in_the_hour_of_a_server(
    database: Database, queue_for_reader: Callable[..., None], sent: Callable[..., None]
) -> None:
    sent(NOW - 50 * MINUTE, NOW - 20 * MINUTE)
    with database.write() as session:
        queue_for_reader(session, 1_000, "example.org", now=NOW)
    full = relay("mx:25", messages_per_hour=2)

    def next_at(*relays: Relay) -> datetime | None:
        return holds.next_delivery_at(database, relays, DeliveryRules(), now=NOW)

    assert next_at(full) == NOW + 10 * MINUTE
    assert next_at(full, relay("other:25")) == NOW


def test_next_newsletter_waits_for_the_day_after_a_warm_up_is_through(
    database: Database, queue_for_reader: Callable[..., None], sent: Callable[..., None]
) -> None:
    sent(*[NOW] * 10)
    with database.write() as session:
        queue_for_reader(session, 1_000, "example.org", now=NOW)

    assert holds.next_delivery_at(database, [relay("mx:25")], WARM_UP, now=NOW) == MIDNIGHT + DAY


def test_nothing_is_next_while_the_operator_pauses_sending(
    database: Database, queue_for_reader: Callable[..., None]
) -> None:
    with database.write() as session:
        queue_for_reader(session, 1, "example.org", now=NOW - MINUTE)
        sending_pause.pause(session, now=NOW)

    relays, rules = [relay("mx:25")], DeliveryRules()
    assert holds.next_delivery_at(database, relays, rules, now=NOW) is None
    with database.write() as session:
        sending_pause.resume(session)
    assert holds.next_delivery_at(database, relays, rules, now=NOW) == NOW

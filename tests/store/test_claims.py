"""Claims from a long outbox: what waits behind the first messages costs nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert
from sqlmodel import col, select

from recommender.domain import Delivery, DeliveryKind, DeliveryState, DomainPace
from recommender.store import claims, outbox, outbox_changes, pacing
from recommender.store.claims import Attempt
from recommender.store.database import Database
from recommender.store.outbox import NewDelivery
from recommender.store.tables import DeliveryAttemptRow, DeliveryRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
MOMENT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
INSTRUCTIONS_A_COUNT = 10
QUEUED, SENDING, SENT, DEFERRED, FAILED = DeliveryState


def fill(database: Database, count: int, *, state: DeliveryState = DeliveryState.QUEUED) -> None:
    """Queue notices for strangers, who need no subscriber."""
    with database.write() as session:
        session.connection().execute(
            insert(DeliveryRow),
            [
                {
                    "kind": DeliveryKind.NOTICE,
                    "key": f"{state}-{number}",
                    "recipient": f"r{number}@d{number % 50}.example.org",
                    "recipient_domain": f"d{number % 50}.example.org",
                    "message_id": f"<{state}.{number}@example.org>",
                    "state": state,
                    "priority": 1,
                    "created_at": NOW,
                    "next_attempt_at": NOW,
                }
                for number in range(count)
            ],
        )


def instructions_of_a_claim(database: Database, limit: int) -> int:
    """Count what SQLite's virtual machine does for one claim: no clock, the same every time."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    @event.listens_for(database.engine, "checkout")
    def watch(connection: object, *_: object) -> None:
        connection.set_progress_handler(count, INSTRUCTIONS_A_COUNT)  # type: ignore[attr-defined]  # sqlite3's

    database.engine.dispose()
    with database.write() as session:
        claimed = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=limit)
    event.remove(database.engine, "checkout", watch)
    assert len(claimed) == limit
    return counted * INSTRUCTIONS_A_COUNT


def pace(database: Database, domain: str, paused_until: datetime | None, *, now: datetime) -> None:
    with database.write() as session:
        paces = {domain: DomainPace(1.0, paused_until, "", NOW)}
        pacing.save_domain_paces(session, paces, now=now)


@pytest.mark.sqlite  # counts what its virtual machine does
def test_claim_costs_the_same_however_much_waits_for_a_paused_domain(database: Database) -> None:
    """What waits for it came first, before the pause and while it lasted."""
    fill(database, 200)
    for domain in ("d1.example.org", "busy.example"):
        pace(database, domain, NOW + MINUTE, now=NOW)
    few = instructions_of_a_claim(database, 20)
    with database.write() as session:
        new = [
            NewDelivery(None, DeliveryKind.NOTICE, f"{number}", "a@busy.example", f"<{number}@e.f>")
            for number in range(3_000)
        ]
        outbox.enqueue_all(session, new, now=NOW - MINUTE)
    many = instructions_of_a_claim(database, 20)

    assert 0 < many < 1.5 * few


def test_what_waits_is_claimed_in_turn_once_its_domain_is_paused_no_more(
    database: Database,
) -> None:
    """Whether it is still paced or forgotten, and whatever became of the message meanwhile."""
    for number, name in enumerate(("slow", "forgotten", "unknown")):
        minutes = (2 - number) * MINUTE
        add(database, name, recipient_domain=f"{name}.example", next_attempt_at=NOW - minutes)
    add(database, "failed", recipient_domain="forgotten.example", state=FAILED)
    with database.write() as session:
        paused = DomainPace(None, NOW + MINUTE, "", NOW)
        pacing.save_domain_paces(
            session, {"slow.example": paused, "forgotten.example": paused}, now=NOW
        )
    assert [each.key for each in claim(database)] == ["unknown"]

    with database.write() as session:
        again = {
            "slow.example": DomainPace(1.0, NOW, "", NOW),
            "forgotten.example": DomainPace(None, NOW, "", NOW),
        }
        pacing.save_domain_paces(session, again, now=NOW)
        outbox_changes.make_due(session, [4], now=NOW, reply="again")

    assert [each.key for each in claim(database)] == ["slow", "forgotten", "failed"]


def test_failed_message_that_is_tried_again_waits_for_the_pause_that_began_since(
    database: Database,
) -> None:
    add(database, "failed", recipient_domain="busy.example", state=FAILED)
    pace(database, "busy.example", NOW + MINUTE, now=NOW)
    with database.write() as session:
        outbox_changes.make_due(session, [1], now=NOW, reply="again")

    assert rows(database)["failed"].paced_domain == "busy.example"
    assert claim(database) == []


def test_message_to_a_new_address_waits_for_the_pace_of_its_domain(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        new = NewDelivery(
            subscriber_ids[0], DeliveryKind.ISSUE, "1", "a@busy.example", "<1@example.org>"
        )
        outbox.enqueue_all(session, [new], now=NOW)
    pace(database, "busy.example", NOW + MINUTE, now=NOW)
    assert claim(database) == []

    with database.write() as session:
        outbox.readdress_waiting(session, subscriber_ids[0], recipient="a@free.example")

    assert [each.recipient for each in claim(database)] == ["a@free.example"]


@pytest.mark.sqlite  # counts what its virtual machine does
@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.DEFERRED])
def test_claim_costs_the_same_however_long_the_queue(
    database: Database, state: DeliveryState
) -> None:
    fill(database, 100, state=state)
    short = instructions_of_a_claim(database, 20)
    fill(database, 3_000, state=DeliveryState.SENT)
    more = DeliveryState.DEFERRED if state is DeliveryState.QUEUED else DeliveryState.QUEUED
    fill(database, 3_000, state=more)
    long = instructions_of_a_claim(database, 20)

    assert 0 < long < 2 * short


def test_claim_takes_answers_before_newsletters_and_the_oldest_first(database: Database) -> None:
    """However they are mixed: queued and deferred ones, of both priorities, and a paused domain."""
    new = [
        NewDelivery(None, DeliveryKind.NOTICE, str(number), address, f"<{number}@example.org>")
        for number, address in enumerate(
            ["a@one.example", "b@two.example", "c@one.example", "d@three.example"]
        )
    ]
    with database.write() as session:
        for number, delivery in enumerate(new):
            outbox.enqueue_all(session, [delivery], now=NOW - timedelta(minutes=number))
        pacing.save_domain_paces(
            session, {"two.example": DomainPace(1.0, NOW + timedelta(hours=1), "", NOW)}, now=NOW
        )
        session.connection().execute(
            insert(DeliveryRow),
            [
                {
                    "kind": DeliveryKind.NOTICE,
                    "key": f"later-{state}",
                    "recipient": "e@one.example",
                    "recipient_domain": "one.example",
                    "message_id": f"<{state}@example.org>",
                    "state": state,
                    "priority": 1,
                    "created_at": NOW - timedelta(days=1),
                    "next_attempt_at": NOW - timedelta(hours=hours),
                }
                for state, hours in ((DeliveryState.QUEUED, 2), (DeliveryState.DEFERRED, 3))
            ],
        )
        claimed = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=9)

    assert [delivery.message_id for delivery in claimed] == [
        "<3@example.org>",
        "<2@example.org>",
        "<0@example.org>",
        "<deferred@example.org>",
        "<queued@example.org>",
    ]


def test_deferral_counts_from_the_first_until_an_operator_tries_anew(database: Database) -> None:
    since = []
    fill(database, 1)
    for hours in (1, 2):
        at = NOW + timedelta(hours=hours)
        with database.write() as session:
            (claimed,) = claims.claim_due(session, worker="w", now=at, lease_seconds=60, limit=1)
            since.append(claimed.deferred_since)
            later = Attempt(claimed.id, at, DeliveryState.DEFERRED, "mx:25", 450, None, "450 later")
            claims.record_attempts(session, [later])
    with database.write() as session:
        at = NOW + timedelta(hours=3)
        (claimed,) = claims.claim_due(session, worker="w", now=at, lease_seconds=60, limit=1)
        since.append(claimed.deferred_since)
        no = Attempt(claimed.id, at, DeliveryState.FAILED, "mx:25", 550, None, "550 no")
        claims.record_attempts(session, [no])
        outbox_changes.make_due(session, [claimed.id], now=at, reply="again")
        (claimed,) = claims.claim_due(session, worker="w", now=at, lease_seconds=60, limit=1)
        since.append(claimed.deferred_since)

    first = NOW + timedelta(hours=1)
    assert since == [None, first, first, None]


def add(database: Database, key: str, **values: object) -> None:
    """Store a notice as it is given."""
    row = {
        "kind": DeliveryKind.NOTICE,
        "key": key,
        "recipient": f"{key}@one.example",
        "recipient_domain": "one.example",
        "message_id": f"<{key}@example.org>",
        "state": QUEUED,
        "priority": 1,
        "created_at": NOW,
        "next_attempt_at": NOW,
        **values,
    }
    with database.write() as session:
        session.connection().execute(insert(DeliveryRow), [row])


def rows(database: Database) -> dict[str, DeliveryRow]:
    with database.read() as session:
        return {row.key: row for row in session.exec(select(DeliveryRow))}


def claim(database: Database, worker: str = "w", *, limit: int = 9) -> list[Delivery]:
    with database.write() as session:
        return claims.claim_due(session, worker=worker, now=NOW, lease_seconds=90, limit=limit)


def due(
    database: Database, priority: int, *held: DeliveryKind, most: int = 99, domain: str = ""
) -> list[tuple[int, int, datetime]]:
    """Ask one of the queues that a claim merges."""
    queue = claims._due(priority)
    with database.write() as session:
        found = session.connection().execute(
            queue, {"now": NOW, "held_kinds": list(held), "most": most, "its_domain": domain}
        )
        return [(row.id, row.priority, row.next_attempt_at) for row in found]


def test_queue_holds_what_waits_and_is_due_of_its_priority(database: Database) -> None:
    add(database, "now")
    add(database, "not yet", next_attempt_at=NOW + MOMENT)
    add(database, "deferred", state=DEFERRED)
    add(database, "before others", priority=0)
    add(database, "earlier", next_attempt_at=NOW - MINUTE)

    for state in (SENDING, SENT, FAILED):
        add(database, state, state=state)

    assert due(database, 1) == [(5, 1, NOW - MINUTE), (1, 1, NOW), (3, 1, NOW)]
    assert due(database, 0) == [(4, 0, NOW)]


def test_queue_gives_the_oldest_first_and_no_more_than_are_wanted(database: Database) -> None:
    for number in (3, 1, 2, 1):
        add(database, f"{len(rows(database))}", next_attempt_at=NOW - number * MINUTE)

    assert [number for number, *_ in due(database, 1)] == [1, 3, 2, 4]
    assert [number for number, *_ in due(database, 1, most=2)] == [1, 3]


def test_queue_leaves_kinds_that_are_held(database: Database) -> None:
    add(database, "notice")
    add(database, "answer", kind=DeliveryKind.CONFIRMATION)

    assert due(database, 1, DeliveryKind.NOTICE) == [(2, 1, NOW)]
    assert due(database, 1, DeliveryKind.NOTICE, DeliveryKind.CONFIRMATION) == []


def test_claim_leaves_domains_until_their_pause_is_over(database: Database) -> None:
    paused_until = {"over": NOW, "paused": NOW + MOMENT, "paced": None}
    for number, name in enumerate((*paused_until, "unknown")):
        add(database, str(number), recipient_domain=f"{name}.example")
    with database.write() as session:
        paces = {
            f"{name}.example": DomainPace(1.0, until, "", NOW)
            for name, until in paused_until.items()
        }
        pacing.save_domain_paces(session, paces, now=NOW)

    assert [each.id for each in claim(database)] == [1, 3, 4]


def test_queue_leaves_what_came_in_while_another_process_began_a_pause(
    database: Database,
) -> None:
    pace(database, "busy.example", NOW + MOMENT, now=NOW)
    add(database, "1", recipient_domain="busy.example", paced_domain="")

    assert due(database, 1) == []


def test_few_are_claimed_by_priority_before_age(database: Database) -> None:
    for key, priority, minutes in (("a", 1, 9), ("b", 0, 1), ("c", 0, 2), ("d", 1, 8)):
        add(database, key, priority=priority, next_attempt_at=NOW - minutes * MINUTE)

    assert [each.key for each in claim(database, limit=3)] == ["c", "b", "a"]


def test_claim_is_held_by_its_worker_for_the_lease(database: Database) -> None:
    add(database, "1")

    (claimed,) = claim(database)

    row = rows(database)["1"]
    assert (row.state, row.worker) == (SENDING, "w")
    assert row.leased_until == NOW + timedelta(seconds=90)
    assert claimed == outbox.delivery_of(row)


def test_claim_takes_only_what_waits_whatever_it_is_told(database: Database) -> None:
    """Where another worker was quicker, between the look and the claim."""
    for state in DeliveryState:
        add(database, state, state=state)

    with database.write() as session:
        claimed = session.connection().execute(
            claims._CLAIM, {"claimed_ids": [*range(6)], "claimed_by": "w", "claimed_until": NOW}
        )
        assert {row.key for row in claimed} == {QUEUED, DEFERRED}

    assert {key for key, row in rows(database).items() if row.worker} == {QUEUED, DEFERRED}


def test_attempt_stands_in_the_history_with_all_that_the_server_said(database: Database) -> None:
    add(database, "1")
    (claimed,) = claim(database)
    at = NOW + MINUTE
    words, again_at = "450 4.2.1 busy", at + MINUTE
    said = Attempt(claimed.id, at, DEFERRED, "mx:25", 450, "4.2.1", words, again_at, in_doubt=True)

    with database.write() as session:
        claims.record_attempts(session, [said])

    with database.read() as session:
        (kept,) = session.exec(select(DeliveryAttemptRow)).all()
    assert (kept.delivery_id, kept.attempted_at, kept.state) == (claimed.id, at, DEFERRED)
    assert (kept.server, kept.reply_code, kept.enhanced_status_code, kept.reply) == (
        *("mx:25", 450, "4.2.1", words),
    )
    row = rows(database)["1"]
    assert (row.state, row.attempts, row.last_reply) == (DEFERRED, 1, words)
    assert (row.next_attempt_at, row.deferred_since) == (again_at, at)
    assert (row.worker, row.leased_until, row.times_in_doubt) == (None, None, 1)


def test_delivery_that_is_released_is_held_by_nobody(database: Database) -> None:
    add(database, "1")
    (claimed,) = claim(database)

    with database.write() as session:
        claims.release(session, [claimed.id], worker="w")

    row = rows(database)["1"]
    assert (row.state, row.worker, row.leased_until) == (QUEUED, None, None)


@pytest.mark.parametrize("state", [SENT, FAILED, DEFERRED])
def test_only_what_is_being_sent_is_released_or_taken_back(
    database: Database, state: DeliveryState
) -> None:
    """Whoever writes a row by hand may leave a worker in it."""
    add(database, "1", state=state, worker="w", leased_until=NOW - MINUTE)

    with database.write() as session:
        claims.release(session, [1], worker="w")
        assert claims.reclaim(session, now=NOW, is_alive=lambda _worker: False) == 0

    assert rows(database)["1"].state == state


def test_each_worker_is_looked_for_once(database: Database) -> None:
    for number in range(5):
        add(database, str(number))
    claim(database, "a", limit=3)
    claim(database, "b", limit=2)
    looked_for = []

    with database.write() as session:
        claims.reclaim(session, now=NOW, is_alive=lambda worker: not looked_for.append(worker))

    assert sorted(looked_for) == ["a", "b"]


@pytest.mark.parametrize(
    ("words", "state", "last_reply", "history"),
    [
        (None, QUEUED, "450 later", (QUEUED, claims.TAKEN_BACK)),
        ("not sent again", FAILED, "not sent again", (FAILED, "not sent again")),
    ],
)
def test_what_is_taken_back_is_queued_or_ends_and_its_history_says_so(
    database: Database,
    words: str | None,
    state: DeliveryState,
    last_reply: str,
    history: tuple[DeliveryState, str],
) -> None:
    add(database, "1", last_reply="450 later")
    add(database, "2")
    claim(database, "dead", limit=1)
    claim(database, "alive", limit=1)
    at = NOW + MINUTE

    with database.write() as session:
        assert (
            claims.reclaim(
                session, now=at, is_alive=lambda worker: worker == "alive", failed_with=words
            )
            == 1
        )

    row = rows(database)["1"]
    assert (row.state, row.last_reply, row.attempts) == (state, last_reply, 0)
    assert (row.worker, row.leased_until, row.times_in_doubt) == (None, None, 1)
    assert rows(database)["2"].worker == "alive"
    with database.read() as session:
        (kept,) = session.exec(select(DeliveryAttemptRow)).all()
    assert (kept.delivery_id, kept.attempted_at, kept.server) == (1, at, "")
    assert (kept.state, kept.reply) == history


def test_attempts_at_more_deliveries_than_a_statement_names_are_recorded(
    database: Database,
) -> None:
    fill(database, 2_500)
    claimed = claim(database, limit=2_500)
    sent = [Attempt(each.id, NOW, SENT, "mx:25", 250, None, "250 ok") for each in reversed(claimed)]

    with database.write() as session:
        claims.record_attempts(session, sent)

    with database.read() as session:
        assert outbox.count_due(session, now=NOW) == 0
        states = session.exec(select(col(DeliveryRow.state)).distinct()).all()
    assert states == [SENT]

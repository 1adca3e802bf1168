"""A mail that was stored is acted on exactly once; one that cannot be stops no other."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from recommender.domain import DeliveryKind, InboundMail, Subscriber, SubscriberState
from recommender.errors import NoReaderError
from recommender.jobs.incoming.acting import ATTEMPTS_ALLOWED, Handled, process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.building_process import recipe
from recommender.jobs.services import Services
from recommender.mail.inbox.letter import Letter
from recommender.reading.pool import ReadingPool
from recommender.store import inbound, inbound_listing, subscribers
from recommender.store.database import Session
from recommender.store.inbound import InboundState
from recommender.store.tables import DeliveryRow
from recommender.tokens import Purpose

LIST = "papers@example.org"

# Acts on mails, and is killed between acting on the third and the end of its transaction.
KILLED_IN_BETWEEN = """
import os, pickle, signal, sys
from datetime import UTC, datetime
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.services import Services
from recommender.store.database import Database

url, renderer, others = pickle.load(sys.stdin.buffer)
services = Services(
    database=Database(url),
    renderer=renderer.made(),
    clock=lambda: datetime.fromisoformat(sys.argv[1]),
    **others,
)
acted_on = 0

def dispatch_and_die(services, session, mail, letter):
    global acted_on
    handled = dispatch(services, session, mail, letter)
    session.flush()
    acted_on += 1
    if acted_on == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return handled

process_stored(services, dispatch_and_die)
"""


def test_mails_are_acted_on_in_their_order_and_once(
    services: Services, receive: Callable[..., list[int]]
) -> None:
    for number in range(5):
        receive(LIST, content=b"%d" % number)
    seen: list[bytes] = []

    def note(_: Services, _session: Session, mail: InboundMail, _letter: Letter) -> Handled:
        seen.append(mail.content)
        return Handled("noted")

    assert process_stored(services, note) == 5
    assert process_stored(services, note) == 0
    assert seen == [b"0", b"1", b"2", b"3", b"4"]


def test_kill_while_a_mail_is_acted_on_leaves_it_untouched(
    services: Services, subscribe: Callable[..., Subscriber], receive: Callable[..., list[int]]
) -> None:
    readers = [subscribe(f"reader{number}") for number in range(5)]
    now = services.clock()
    for reader in readers:
        expires_at = now + links.LIFETIMES[Purpose.UNSUBSCRIBE]
        token = services.signer.sign_address(Purpose.UNSUBSCRIBE, reader.id, expires_at=expires_at)
        receive(f"papers+unsubscribe-{token}@example.org")

    killed = subprocess.run(  # noqa: S603, our interpreter and the script above
        [sys.executable, "-c", KILLED_IN_BETWEEN, now.isoformat()],
        input=pickle.dumps(recipe(services)),
        check=False,
    )
    with services.database.read() as session:
        waiting = len(inbound.waiting(session))
        left = [each.state for each in subscribers.every(session)]
    acted_on = process_stored(services, dispatch)

    assert killed.returncode == -signal.SIGKILL
    assert left == [SubscriberState.UNSUBSCRIBED] * 2 + [SubscriberState.ACTIVE] * 3
    assert (waiting, acted_on) == (3, 3)
    with services.database.read() as session:
        assert {each.state for each in subscribers.every(session)} == {SubscriberState.UNSUBSCRIBED}


def test_mail_that_fails_leaves_nothing_half_and_stops_no_other(
    services: Services, subscribe: Callable[..., Subscriber], receive: Callable[..., list[int]]
) -> None:
    reader = subscribe()
    receive(LIST, content=b"bad")
    receive(LIST, content=b"good")
    tries: list[bytes] = []

    def leave_or_fail(
        _services: Services, session: Session, mail: InboundMail, _letter: Letter
    ) -> Handled:
        tries.append(mail.content)
        if mail.content == b"bad":
            subscribers.set_state(session, reader.id, SubscriberState.SUSPENDED)
            raise ZeroDivisionError("by zero")
        return Handled("done")

    for _ in range(5):
        process_stored(services, leave_or_fail)

    assert tries == [b"bad", b"good", b"bad", b"bad"]
    with services.database.read() as session:
        assert subscribers.by_id(session, reader.id) == reader
        assert inbound.count(session, InboundState.FAILED) == 1
        assert inbound.count(session, InboundState.DONE) == 1


@pytest.mark.parametrize("upper", [False, True])
def test_signed_address_unsubscribes_without_further_question(
    services: Services,
    subscribe: Callable[..., Subscriber],
    upper: bool,
    receive: Callable[..., list[int]],
) -> None:
    reader = subscribe()
    token = services.signer.sign_address(
        Purpose.UNSUBSCRIBE,
        reader.id,
        expires_at=services.clock() + links.LIFETIMES[Purpose.UNSUBSCRIBE],
    )
    address = f"papers+unsubscribe-{token}@example.org"

    assert receive(address.upper() if upper else address) == [250]
    process_stored(services, dispatch)

    with services.database.read() as session:
        left = subscribers.by_id(session, reader.id)
    assert left is not None
    assert left.state is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize("tag", ["unsubscribe-aaaa", "unsubscribe", "bounce-aaaa", "nonsense"])
def test_token_that_is_none_changes_nothing(
    services: Services,
    subscribe: Callable[..., Subscriber],
    tag: str,
    receive: Callable[..., list[int]],
) -> None:
    reader = subscribe()

    receive(f"papers+{tag}@example.org")
    assert process_stored(services, dispatch) == 1

    with services.database.read() as session:
        assert subscribers.by_id(session, reader.id) == reader


def test_mail_that_takes_too_long_to_read_is_set_aside_and_the_operator_told_once_a_day(
    services: Services, receive: Callable[..., list[int]]
) -> None:
    site = replace(services.site, operator_address="operator@example.org")
    hurried = replace(services, reading=ReadingPool(patience=0.0), site=site)
    for number in range(3):
        receive(LIST, content=b"%d" % number)

    assert [process_stored(hurried, dispatch) for _ in range(3)] == [0, 0, 0]

    with services.database.read() as session:
        assert inbound.count(session, InboundState.FAILED) == 3
        [mail, *_] = inbound_listing.newest(session, [InboundState.FAILED], limit=1)
        is_notice = col(DeliveryRow.kind) == DeliveryKind.NOTICE
        told = session.exec(select(DeliveryRow.recipient).where(is_notice)).all()
    assert (mail.attempts, "longer than 0 seconds" in mail.outcome, told) == (
        2,
        True,
        ["operator@example.org"],
    )
    receive(LIST, content=b"the next one")
    assert process_stored(services, dispatch) == 1


def test_mail_that_ended_the_program_each_time_is_not_read_again(
    services: Services, receive: Callable[..., list[int]]
) -> None:
    receive(LIST)
    with services.database.write() as session:
        [mail_id] = inbound.waiting(session)
        for _ in range(ATTEMPTS_ALLOWED):
            inbound.begin(session, mail_id)

    assert process_stored(services, dispatch) == 0

    with services.database.read() as session:
        assert inbound.count(session, InboundState.FAILED) == 1


class NoRoom(ReadingPool):
    """A machine that has no room for another process."""

    def read(self, *_: Any, **_options: Any) -> Any:
        raise NoReaderError("no process can be started to read in; it is read later")


def test_mail_that_nobody_had_room_to_read_is_read_later(
    services: Services, receive: Callable[..., list[int]]
) -> None:
    receive(LIST)
    for _ in range(2 * ATTEMPTS_ALLOWED):
        assert process_stored(replace(services, reading=NoRoom()), dispatch) == 0
    assert process_stored(services, dispatch) == 1

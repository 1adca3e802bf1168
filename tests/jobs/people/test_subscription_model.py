"""Whatever comes by page and by mail in whatever order, the real jobs do what a simple model does.

The model is written from the contract, not from the code: a few fields per person, times as plain
moments, and nothing of tables, tokens or plans.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from recommender.domain import DeliveryKind, Subscriber, SubscriberState
from recommender.errors import PreferenceError, TokenEndedError, TokenExpiredError
from recommender.jobs import forgetting
from recommender.jobs.outgoing import links
from recommender.jobs.people import new_links, pending_changes, preferences, subscriptions
from recommender.jobs.services import Services
from recommender.membership.address_change import Side
from recommender.membership.limits import BY_MAIL
from recommender.membership.subscription import request_number
from recommender.store import outbox, subscribers
from recommender.store.database import Database, Session, open_database
from recommender.tokens import Purpose

START = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESSES = ("ann@example.org", "ben@example.net")
RECEIVING = ("active", "paused")

addresses = st.sampled_from(ADDRESSES)
mail_or_page = st.booleans()


@dataclass
class Person:
    """What the contract says about one address."""

    state: str = "nobody"
    ever_confirmed: bool = False
    confirmed_at: datetime = START
    asked_at: datetime = START
    asked: bool = False
    mailed_at: list[datetime] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    links_ended: int = 0


@dataclass
class Move:
    """A change of address that was asked for: who moves, whereto, and who said yes."""

    pending_id: int
    subscriber: Subscriber
    old: str
    new: str
    asked_at: datetime
    links_ended: int
    yes: set[Side] = field(default_factory=set)
    is_done: bool = False


class Membership(RuleBasedStateMachine):
    """Two addresses in one installation; each rule does a thing to it and to the model."""

    def __init__(self, services: Services, template: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = copyfile(template, Path(self.folder.name) / "recommender.db")
        self.database: Database = open_database(f"sqlite:///{path}")
        event.listen(self.database.engine, "connect", _without_syncing)
        self.now = START
        self.services = replace(services, database=self.database, clock=lambda: self.now)
        self.people = {address: Person() for address in ADDRESSES}
        self.moves: list[Move] = []
        self.confirmations: list[tuple[str, Subscriber, int, datetime]] = []

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def stored(self, address: str) -> Subscriber | None:
        with self.database.read() as session:
            return subscribers.by_key(session, address)

    # What happens

    @rule(hours=st.sampled_from([0.3, 1, 5, 23, 24, 47, 48, 100, 168]))
    def time_goes_by(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @rule(address=addresses, by_mail=mail_or_page, times=st.integers(1, 3))
    def subscribe(self, address: str, times: int, *, by_mail: bool) -> None:
        for _ in range(times):
            typed, network = (address, BY_MAIL) if by_mail else (address.title(), "192.0.2.7")
            with self.services.change() as session:
                subscriptions.request_subscription(self.services, session, typed, network=network)
        subscriptions.decide_requests(self.services)
        self._model_request(self.people[address])
        found = self.stored(address)
        if found is not None and found.state in ("unconfirmed", "suspended"):
            ended = self.people[address].links_ended
            self.confirmations.append((address, found, ended, self.now))

    def _model_request(self, person: Person) -> None:
        since = max(self.now - 24 * HOUR, person.confirmed_at)
        recent = [at for at in person.mailed_at if at >= since]
        if len(recent) >= 3 or any(self.now - at < HOUR for at in recent):
            return
        person.mailed_at.append(self.now)
        if person.state in RECEIVING:
            person.mails.append("already-subscribed")
            return
        person.mails.append("confirmation")
        pending = person.state != "unsubscribed" and person.asked
        if not (pending and self.now - person.asked_at < 48 * HOUR):
            person.asked_at = self.now
        person.asked = True
        if person.state != "suspended":
            person.state = "unconfirmed"

    @precondition(lambda self: self.confirmations)
    @rule(data=st.data(), by_mail=mail_or_page)
    def confirm(self, data: st.DataObject, *, by_mail: bool) -> None:
        """Use any link that was ever mailed, by its page or by replying to its mail."""
        self._use(data.draw(st.sampled_from(self.confirmations)), by_mail=by_mail)

    @rule(address=addresses, by_mail=mail_or_page)
    def join(self, address: str, *, by_mail: bool) -> None:
        """Subscribe, and use the link at once: what people do, and chance alone seldom does."""
        self.subscribe(address, 1, by_mail=by_mail)
        if self.confirmations and self.confirmations[-1][0] == address:
            self._use(self.confirmations[-1], by_mail=by_mail)

    def _use(self, confirmation: tuple[str, Subscriber, int, datetime], *, by_mail: bool) -> None:
        address, asked, links_ended, since = confirmation
        holder = self._holder_of(asked.id)
        person = self.people.get(holder or "")
        expected = (
            person is not None
            and person.links_ended == links_ended
            and self.now < (_full_hour(since) if by_mail else since) + 48 * HOUR
            and (
                person.state in RECEIVING
                or (
                    person.state in ("unconfirmed", "suspended")
                    and request_number(asked.requested_at) == request_number(person.asked_at)
                )
            )
        )
        try:
            self._confirm(asked, since, by_mail=by_mail)
        except TokenExpiredError:
            assert not expected, address
            return
        assert expected, address
        assert person is not None
        if person.state not in RECEIVING:
            person.state = "active"
            person.ever_confirmed = True
            person.confirmed_at = self.now

    def _confirm(self, asked: Subscriber, since: datetime, *, by_mail: bool) -> None:
        if by_mail:
            token = _token_of(links.confirm_address(self.services, asked, since=since))
        else:
            token = _token_of(links.confirm_url(self.services, asked, since=since))
            subscriptions.open_confirmation(self.services, token)
        verify = links.verify_address if by_mail else links.verify
        with self.services.change() as session:
            payload = verify(self.services, session, token, Purpose.CONFIRM)
            subscriptions.confirm(self.services, session, payload)

    @rule(address=addresses, by_mail=mail_or_page)
    def unsubscribe(self, address: str, *, by_mail: bool) -> None:
        found = self.stored(address)
        if found is None:
            return
        since = self.now
        if by_mail:
            token = _token_of(links.unsubscribe_address(self.services, found, since=since))
        else:
            token = _token_of(links.unsubscribe_url(self.services, found, since=since))
        verify = links.verify_address if by_mail else links.verify
        with self.services.change() as session:
            payload = verify(self.services, session, token, Purpose.UNSUBSCRIBE)
            subscriptions.unsubscribe(session, payload.subscriber_id, now=self.services.clock())
        person = self.people[address]
        person.links_ended += person.state != "unsubscribed"
        person.state = "unsubscribed"

    @rule(address=addresses)
    def end_links(self, address: str) -> None:
        found = self.stored(address)
        if found is None:
            return
        me = self._me(found)
        with self.services.change() as session:
            subscriber = preferences.linked_subscriber(self.services, session, me)
            new_links.end_links(self.services, session, subscriber)
        person = self.people[address]
        person.links_ended += 1
        person.mails.append("new-links")
        with self.database.read() as session, pytest.raises(TokenEndedError):
            preferences.linked_subscriber(self.services, session, me)

    @rule(address=addresses, days=st.integers(1, 30), by_mail=mail_or_page)
    def pause(self, address: str, days: int, *, by_mail: bool) -> None:
        found = self.stored(address)
        if found is None:
            return
        expected = self.people[address].state in RECEIVING
        try:
            with self.services.change() as session:
                subscriber = self._asking(session, found, by_mail=by_mail)
                preferences.pause(self.services, session, subscriber, days)
        except PreferenceError:
            assert not expected
            return
        assert expected
        self.people[address].state = "paused"
        paused = self.stored(address)
        assert paused is not None
        assert paused.next_issue_at is not None
        assert paused.next_issue_at >= self.now + timedelta(days=days)

    @rule(address=addresses, by_mail=mail_or_page)
    def resume(self, address: str, *, by_mail: bool) -> None:
        found = self.stored(address)
        if found is None:
            return
        expected = self.people[address].state in RECEIVING
        try:
            with self.services.change() as session:
                subscriber = self._asking(session, found, by_mail=by_mail)
                preferences.resume(self.services, session, subscriber)
        except PreferenceError:
            assert not expected
            return
        assert expected
        self.people[address].state = "active"

    @rule(address=addresses)
    def mail_keeps_coming_back(self, address: str) -> None:
        found = self.stored(address)
        if found is not None and found.state in RECEIVING:
            with self.database.write() as session:
                subscribers.set_state(session, found.id, SubscriberState.SUSPENDED)
            self.people[address].state = "suspended"

    @rule(days=st.sampled_from([0, 6.9, 7, 7.5]))
    def night_falls(self, days: float) -> None:
        self.now += timedelta(days=days)
        forgetting.forget_unconfirmed(self.services)
        for address, person in self.people.items():
            is_old = self.now - person.asked_at >= timedelta(days=7)
            if person.state == "unconfirmed" and not person.ever_confirmed and is_old:
                self.people[address] = Person()

    @rule(old=addresses)
    def ask_for_another_address(self, old: str) -> None:
        new = ADDRESSES[1 - ADDRESSES.index(old)]
        found = self.stored(old)
        if found is None:
            return
        planned = None
        with self.database.write() as session, suppress(PreferenceError):
            planned = pending_changes.plan_change(
                self.services, session, found, command="address", new_email=new
            )
            assert self.people[old].state in (*RECEIVING, "suspended")
        if planned is not None and planned.id not in [move.pending_id for move in self.moves]:
            ended = self.people[old].links_ended
            self.moves.append(Move(planned.id, found, old, new, self.now, ended))

    @precondition(lambda self: self.moves)
    @rule(data=st.data(), side=st.sampled_from(Side), by_mail=mail_or_page)
    def say_yes_to_another_address(self, data: st.DataObject, side: Side, *, by_mail: bool) -> None:
        self._answer(data.draw(st.sampled_from(self.moves)), side, by_mail=by_mail)

    @precondition(lambda self: self.moves)
    @rule(order=st.permutations(list(Side)), by_mail=mail_or_page, is_suspended=st.booleans())
    def both_say_yes(self, order: list[Side], *, by_mail: bool, is_suspended: bool) -> None:
        """Return yes twice to what was asked for last, perhaps with a suspension in between."""
        move = self.moves[-1]
        self._answer(move, order[0], by_mail=by_mail)
        if is_suspended:
            self.mail_keeps_coming_back(move.old)
        self._answer(move, order[1], by_mail=by_mail)

    def _answer(self, move: Move, side: Side, *, by_mail: bool) -> None:
        person = self.people.get(self._holder_of(move.subscriber.id) or "", Person())
        in_time = self.now < move.asked_at + 48 * HOUR
        is_open = (
            in_time
            and person.state not in ("nobody", "unsubscribed")
            and person.links_ended == move.links_ended
        )
        try:
            outcome = self._say_yes(move, side, by_mail=by_mail)
        except TokenExpiredError:
            told_again = move.is_done and in_time and person.state != "nobody"
            assert move.is_done or not is_open
            assert not told_again
            return
        if move.is_done:
            assert outcome.is_done
            return
        assert is_open
        if move.yes | {side} != set(Side):
            move.yes.add(side)
            assert not outcome.is_done
            assert not outcome.is_refused
            return
        other = self.people[move.new]
        taken = other.state != "nobody" and not (
            other.state == "unconfirmed" and not other.ever_confirmed
        )
        possible = not taken and person.state in (*RECEIVING, "suspended")
        assert (outcome.is_done, outcome.is_refused) == (possible, not possible)
        if possible:
            move.is_done = True
            self.people[move.new] = self.people[move.old]
            self.people[move.old] = Person()
            person.links_ended += 1
            if person.state == "suspended":
                person.state = "active"

    def _say_yes(self, move: Move, side: Side, *, by_mail: bool) -> Any:
        asked = (move.subscriber, move.pending_id, side)
        if by_mail:
            address = links.pending_address(self.services, *asked, since=move.asked_at)
            token = _token_of(address).upper()
        else:
            token = _token_of(links.pending_url(self.services, *asked, since=move.asked_at))
        verify = links.verify_address if by_mail else links.verify
        with self.services.change() as session:
            payload = verify(self.services, session, token, Purpose.PENDING)
            return pending_changes.carry_out_pending(self.services, session, payload)

    def _asking(self, session: Session, found: Subscriber, *, by_mail: bool) -> Subscriber:
        """Return who asks for a change: known by a mail's address, or by the link of their page."""
        if by_mail:
            return found
        return preferences.linked_subscriber(self.services, session, self._me(found))

    def _holder_of(self, subscriber_id: int) -> str | None:
        with self.database.read() as session:
            found = subscribers.by_id(session, subscriber_id)
        return None if found is None else found.email.lower()

    def _me(self, found: Subscriber) -> str:
        return _token_of(links.preferences_url(self.services, found, since=self.now))

    # What must hold

    @invariant()
    def everybody_is_where_the_model_has_them(self) -> None:
        for address, person in self.people.items():
            found = self.stored(address)
            assert person.state == ("nobody" if found is None else found.state)
            if found is None:
                continue
            assert (found.next_issue_at is not None) == (found.state in RECEIVING)
            with self.database.read() as session:
                queued = outbox.of_subscriber(session, found.id)
            asked = [each.kind for each in queued if each.kind is not DeliveryKind.CONFIRM_CHANGE]
            assert person.mails == asked


def _token_of(link: str) -> str:
    """Cut a token out of a link or an address."""
    if link.startswith("https://"):
        return link.rpartition("/")[2]
    return link.partition("-")[2].partition("@")[0]


def _full_hour(moment: datetime) -> datetime:
    """Raise a moment to the full hour: the tokens of addresses count in these."""
    return moment + (START - moment) % HOUR


def _without_syncing(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@pytest.mark.usefixtures("database_path")
def test_page_and_mail_do_what_a_simple_model_does(
    services: Services, migrated_database: Path
) -> None:
    run_state_machine_as_test(
        lambda: Membership(services, migrated_database),
        settings=settings(max_examples=60, stateful_step_count=30),
    )

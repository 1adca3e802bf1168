"""What anybody may have asked for happens once the address that it is about has said yes."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryKind, PendingChange, Subscriber, SubscriberState
from recommender.errors import (
    AddressError,
    OwnAddressError,
    PreferenceError,
    TokenError,
    TokenExpiredError,
)
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people import pending_changes, subscriptions
from recommender.jobs.people.pending_changes import PendingOutcome
from recommender.jobs.services import Services
from recommender.membership.address_change import Side
from recommender.store import ratings, subscribers
from recommender.tokens import Purpose

NEW = "new@example.net"
HOUR = timedelta(hours=1)


def ask(
    services: Services, reader: Subscriber, command: str = "address", new_email: str | None = None
) -> PendingChange | None:
    with services.database.write() as session:
        return pending_changes.plan_change(
            services, session, reader, command=command, new_email=new_email
        )


def token(services: Services, pending: PendingChange, side: Side = Side.SUBSCRIBED) -> str:
    with services.database.read() as session:
        subscriber = subscribers.by_id(session, pending.subscriber_id)
    assert subscriber is not None
    url = links.pending_url(services, subscriber, pending.id, side, since=pending.created_at)
    return url.rpartition("/")[2]


def say_yes(
    services: Services, pending: PendingChange, side: Side = Side.SUBSCRIBED
) -> PendingOutcome:
    return say_yes_by(services, token(services, pending, side))


def say_yes_by(services: Services, link: str) -> PendingOutcome:
    with services.change() as session:
        payload = links.verify(services, session, link, Purpose.PENDING)
        return pending_changes.carry_out_pending(services, session, payload)


def requested(pending: PendingChange | None) -> PendingChange:
    assert pending is not None
    return pending


def asked_mails(messages: list[Delivery]) -> list[str]:
    return [each.recipient for each in messages if each.kind is DeliveryKind.CONFIRM_CHANGE]


def parsed(services: Services, delivery: Delivery) -> EmailMessage:
    message = email.message_from_bytes(
        message_builder(services)([delivery])(delivery).content, policy=SMTP
    )
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("order", [(Side.SUBSCRIBED, Side.NEW), (Side.NEW, Side.SUBSCRIBED)])
def test_an_address_changes_once_both_have_said_yes_and_what_was_taught_stays(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    now_known: Callable[[Subscriber], Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
    order: tuple[Side, Side],
) -> None:
    reader = subscribe()
    ingest(["One", "Two"])
    rate(reader, ["One"], saved=True)
    pending = requested(ask(services, reader, new_email="  New@Example.NET "))
    assert asked_mails(messages_to(reader)) == ["reader@example.org", "New@example.net"]

    waiting = say_yes(services, pending, order[0])
    assert not waiting.is_done
    assert now_known(reader) == reader
    assert say_yes(services, pending, order[0]) == waiting, "twice is no second yes"
    done = say_yes(services, pending, order[1])
    assert done.is_done
    assert done.sentence == "The newsletter goes to New@example.net from now on."
    moved = now_known(reader)
    assert (moved.email, moved.state) == ("New@example.net", SubscriberState.ACTIVE)
    assert moved.next_issue_at == reader.next_issue_at
    with services.database.read() as session:
        assert subscribers.by_key(session, "reader@example.org") is None
        assert [each.saved for each in ratings.of_subscriber(session, reader.id)] == [True]
    assert say_yes(services, pending, order[1]).is_done, "twice changes nothing more"
    assert now_known(reader) == moved


def test_newsletters_that_wait_go_to_the_new_address(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    reader = subscribe()
    ingest(["One"])
    compose_now()
    pending = requested(ask(services, reader, new_email=NEW))
    for side in Side:
        say_yes(services, pending, side)
    (issue,) = [each for each in messages_to(reader) if each.kind is DeliveryKind.ISSUE]
    assert (issue.recipient, issue.recipient_domain) == (NEW, "example.net")
    assert parsed(services, issue)["To"] == NEW


def test_a_change_of_address_cures_a_suspension(
    services: Services, subscribe: Callable[..., Subscriber], now_known: Callable[..., Subscriber]
) -> None:
    reader = subscribe(state=SubscriberState.SUSPENDED)
    pending = requested(ask(services, reader, new_email=NEW))
    for side in Side:
        say_yes(services, pending, side)
    moved = now_known(reader)
    assert (moved.email, moved.state) == (NEW, SubscriberState.ACTIVE)
    assert moved.next_issue_at is not None
    assert not moved.welcome_due


@pytest.mark.parametrize("state", SubscriberState)
def test_a_new_address_that_is_taken_is_refused_unless_nobody_ever_confirmed_it(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[..., Subscriber],
    state: SubscriberState,
) -> None:
    reader = subscribe()
    pending = requested(ask(services, reader, new_email="taken@example.org"))
    taken = subscribe("taken", state=state)
    assert not say_yes(services, pending, Side.NEW).is_done
    outcome = say_yes(services, pending, Side.SUBSCRIBED)
    if state is SubscriberState.UNCONFIRMED:
        assert outcome.is_done
        assert now_known(reader).email == "taken@example.org"
    else:
        assert outcome.is_refused
        assert "has a subscription of its own" in outcome.sentence
        assert (now_known(reader), now_known(taken)) == (reader, taken)


def test_asking_tells_nothing_of_whether_the_new_address_is_known(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    subscribe("known")
    first, second = subscribe("first"), subscribe("second")
    ask(services, first, new_email="known@example.org")
    ask(services, second, new_email="unknown@example.org")
    assert len(asked_mails(messages_to(first))) == len(asked_mails(messages_to(second))) == 2


def test_a_change_is_over_once_they_leave(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe()
    pending = requested(ask(services, reader, new_email=NEW))
    say_yes(services, pending, Side.NEW)
    with services.database.write() as session:
        subscriptions.unsubscribe(session, reader.id, now=services.clock())
    with pytest.raises(TokenExpiredError):
        say_yes(services, pending)


def test_a_change_is_over_after_two_days(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    pending = requested(ask(services, subscribe(), "pause 14 days"))
    clock.now += 48 * HOUR
    with pytest.raises(TokenExpiredError):
        pending_changes.open_pending(services, token(services, pending))
    with pytest.raises(TokenExpiredError):
        say_yes(services, pending)


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        ("unsubscribe", SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED),
        ("pause 14 days", SubscriberState.ACTIVE, SubscriberState.PAUSED),
        ("resume", SubscriberState.PAUSED, SubscriberState.ACTIVE),
        ("hour 18; papers 3", SubscriberState.ACTIVE, SubscriberState.ACTIVE),
    ],
)
def test_a_command_without_proof_happens_after_one_yes(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[..., Subscriber],
    command: str,
    before: SubscriberState,
    after: SubscriberState,
) -> None:
    reader = subscribe(state=before)
    pending = requested(ask(services, reader, command))
    assert now_known(reader) == reader
    assert say_yes(services, pending).is_done
    changed = now_known(reader)
    assert changed.state is after
    if "hour" in command:
        assert (changed.preferences.hour, changed.preferences.papers) == (18, 3)


def test_a_command_that_is_not_possible_any_more_says_so(
    services: Services, subscribe: Callable[..., Subscriber], now_known: Callable[..., Subscriber]
) -> None:
    reader = subscribe(state=SubscriberState.SUSPENDED)
    outcome = say_yes(services, requested(ask(services, reader, "pause 14 days")))
    assert outcome.is_refused
    assert "no mails come to this address" in outcome.sentence
    assert now_known(reader) == reader


def test_the_mail_asks_with_a_signed_reply_address_and_a_link_and_no_words_of_the_requester(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    reader = subscribe()
    pending = requested(ask(services, reader, "  PAUSE   14 \t days"))
    (delivery,) = messages_to(reader)
    message = parsed(services, delivery)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert "pause the newsletter for 14 days" in " ".join(text.split())
    assert f"/pending/{token(services, pending)}" in text
    assert "PAUSE" not in text

    address = re.fullmatch(r"papers\+pending-([a-z2-7]+)@example\.org", message["Reply-To"])
    assert address is not None
    payload = services.signer.verify_address(
        address[1].upper(), Purpose.PENDING, now=services.clock()
    )
    with services.database.write() as session:
        assert pending_changes.carry_out_pending(services, session, payload).is_done
    assert now_known(reader).state is SubscriberState.PAUSED


def test_the_same_change_is_mailed_once_an_hour_and_five_in_all_a_day(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
    clock: Any,
) -> None:
    reader = subscribe()
    first = ask(services, reader, "resume")
    assert ask(services, reader, "resume") == first
    assert len(messages_to(reader)) == 1
    for days in range(1, 30):
        clock.now += timedelta(minutes=10)
        ask(services, reader, f"pause {days} days")
    assert ask(services, reader, "unsubscribe") is None
    assert len(messages_to(reader)) == 5
    clock.now += timedelta(days=1)
    assert ask(services, reader, "unsubscribe") is not None


def test_a_stranger_is_asked_five_times_a_day_by_all_subscribers_together(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    asked = [ask(services, subscribe(f"r{n}"), new_email="victim@example.net") for n in range(9)]
    assert [pending is not None for pending in asked] == [True] * 5 + [False] * 4


def test_what_cannot_be_asked_for_asks_nobody(
    services: Services, subscribe: Callable[..., Subscriber], stored: Callable[[], Any]
) -> None:
    reader = subscribe()
    left = subscribe("left", state=SubscriberState.UNSUBSCRIBED)
    _, before = stored()
    for person, new_email, error in (
        (reader, "nobody", AddressError),
        (reader, "a@example.net\r\nBcc: b@example.net", AddressError),
        (reader, None, AddressError),
        (reader, "Reader@Example.org", PreferenceError),
        (reader, services.site.list_address, OwnAddressError),
        (left, NEW, PreferenceError),
    ):
        with pytest.raises(error):
            ask(services, person, new_email=new_email)
    with pytest.raises(PreferenceError):
        ask(services, reader, "erase everything")
    _, after = stored()
    assert before == after


def test_a_token_works_for_its_subscriber_and_its_side_only(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    pending = requested(ask(services, subscribe(), new_email=NEW))
    other = subscribe("other")
    expires_at = services.clock() + HOUR
    for subscriber_id, values in (
        (other.id, (pending.id, 0)),
        (pending.subscriber_id, (pending.id, 2)),
        (pending.subscriber_id, (pending.id + 1, 0)),
        (pending.subscriber_id, (pending.id,)),
    ):
        forged = services.signer.sign(
            Purpose.PENDING, subscriber_id, *values, expires_at=expires_at
        )
        with pytest.raises(TokenError):
            say_yes_by(services, forged)
    me = links.preferences_url(services, other, since=services.clock()).rpartition("/")[2]
    with pytest.raises(TokenError):
        say_yes_by(services, me)

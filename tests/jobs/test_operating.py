"""Nothing is done that was not foreseen, for the same values, a moment ago; and then it is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState, Subscriber, SubscriberState
from recommender.errors import (
    AddressError,
    NotFoundError,
    SourceError,
    TokenError,
    TokenExpiredError,
)
from recommender.jobs import operating as jobs
from recommender.jobs.operating import Operation
from recommender.jobs.outgoing import outbox
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.store import claims, subscribers
from recommender.store import outbox as outbox_store
from recommender.store.claims import Attempt

TOKEN = "only for tests, and known to everybody"
ADD = {"email": "new@example.org"}


@pytest.fixture
def do(services: Services) -> Callable[..., None]:
    """Foresee an operation and carry it out."""

    def do(operation: Operation, **values: str) -> None:
        foreseen = jobs.foresee(services, operation, values)
        jobs.carry_out(services, operation, foreseen.values, foreseen.confirmation)

    return do


def state_of(services: Services, email: str) -> SubscriberState | None:
    with services.database.read() as session:
        found = subscribers.by_key(session, email)
    return found and found.state


@pytest.mark.parametrize("operation", [Operation.PAUSE, Operation.ADD_SUBSCRIBER])
def test_what_is_foreseen_is_not_done(
    services: Services, stored: Callable[[], Any], operation: Operation
) -> None:
    before = stored()
    jobs.foresee(services, operation, ADD)

    assert stored() == before


def test_what_was_not_foreseen_is_not_done(services: Services, clock: Any) -> None:
    foreseen = jobs.foresee(services, Operation.ADD_SUBSCRIBER, ADD)
    other = {"email": "other@example.org"}
    sign_in = replace(services, status_token=TOKEN)
    cookie = jobs.sign_in(sign_in, TOKEN)
    assert cookie is not None
    for operation, values, confirmation in (
        (Operation.ADD_SUBSCRIBER, other, foreseen.confirmation),
        (Operation.REMOVE_SUBSCRIBER, ADD, foreseen.confirmation),
        (Operation.PAUSE, {}, foreseen.confirmation),
        (Operation.ADD_SUBSCRIBER, ADD, ""),
        (Operation.ADD_SUBSCRIBER, ADD, foreseen.confirmation[:-1]),
        (Operation.ADD_SUBSCRIBER, ADD, cookie),
    ):
        with pytest.raises(TokenError):
            jobs.carry_out(services, operation, values, confirmation)
    clock.now += jobs.FORESEEN_FOR
    with pytest.raises(TokenExpiredError):
        jobs.carry_out(services, Operation.ADD_SUBSCRIBER, ADD, foreseen.confirmation)

    assert state_of(services, "new@example.org") is state_of(services, "other@example.org") is None
    assert outbox.held_now(services).paused_at is None


def test_what_was_done_can_be_done_again_without_harm(services: Services) -> None:
    """Hold for who was killed, or cut off, before the answer came: they press again."""
    for operation, values in (
        (Operation.PAUSE, {}),
        (Operation.RETRY, {}),
        (Operation.RESUME, {}),
        (Operation.ADD_SUBSCRIBER, ADD),
        (Operation.REMOVE_SUBSCRIBER, ADD),
    ):
        foreseen = jobs.foresee(services, operation, values)
        for _ in range(2):
            jobs.carry_out(services, operation, foreseen.values, foreseen.confirmation)

    assert state_of(services, "new@example.org") is SubscriberState.UNSUBSCRIBED
    assert outbox.held_now(services).paused_at is None


def test_sending_is_paused_and_resumed(services: Services, do: Callable[..., None]) -> None:
    do(Operation.PAUSE)
    assert outbox.held_now(services).paused_at == services.clock()
    assert jobs.foresee(services, Operation.RESUME, {}).paused_at == services.clock()
    do(Operation.RESUME)
    assert outbox.held_now(services).paused_at is None


def test_what_failed_is_tried_again(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
    do: Callable[..., None],
) -> None:
    ann = subscribe("ann")
    with services.database.write() as session:
        outbox_store.enqueue(
            session,
            subscriber_id=ann.id,
            kind=DeliveryKind.PROBE,
            key="1",
            recipient=ann.email,
            message_id="<1@example.org>",
            now=services.clock(),
        )
    (message,) = messages_to(ann)
    failed = Attempt(message.id, services.clock(), DeliveryState.FAILED, "mx:25", 550, None, "no")
    with services.database.write() as session:
        claims.record_attempts(session, [failed])

    assert jobs.foresee(services, Operation.RETRY, {}).messages == 1
    do(Operation.RETRY)
    assert messages_to(ann)[0].state is DeliveryState.QUEUED


def test_a_subscriber_is_added_removed_and_asked_to_come_back(
    services: Services, do: Callable[..., None]
) -> None:
    assert jobs.foresee(services, Operation.ADD_SUBSCRIBER, ADD).state is None
    do(Operation.ADD_SUBSCRIBER, email=" new@example.org")
    assert state_of(services, "new@example.org") is SubscriberState.ACTIVE
    do(Operation.REMOVE_SUBSCRIBER, **ADD)
    assert state_of(services, "new@example.org") is SubscriberState.UNSUBSCRIBED
    foreseen = jobs.foresee(services, Operation.ADD_SUBSCRIBER, ADD)
    assert foreseen.state is SubscriberState.UNSUBSCRIBED
    do(Operation.ADD_SUBSCRIBER, **ADD)
    assert state_of(services, "new@example.org") is SubscriberState.UNSUBSCRIBED
    assert subscriptions.decide_requests(services).mailed == 1, "their own yes brings them back"


def test_a_source_is_named_before_it_is_added(services: Services, do: Callable[..., None]) -> None:
    foreseen = jobs.foresee(services, Operation.ADD_SOURCE, {"source": "arxiv:cs.LG"})
    do(Operation.ADD_SOURCE, source="arxiv:cs.LG")
    (added,) = managing.every(services)

    assert (foreseen.name, foreseen.url) == (added.source.name, added.source.url)
    with pytest.raises(SourceError, match="already"):
        do(Operation.ADD_SOURCE, source="arxiv:cs.LG")


@pytest.mark.parametrize(
    ("operation", "values", "error"),
    [
        (Operation.ADD_SUBSCRIBER, {"email": "none"}, AddressError),
        (Operation.REMOVE_SUBSCRIBER, {"email": "nobody@example.org"}, NotFoundError),
        (Operation.ADD_SOURCE, {"source": "nonsense"}, SourceError),
    ],
)
def test_what_cannot_be_done_is_said_before(
    services: Services, operation: Operation, values: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        jobs.foresee(services, operation, values)


def test_the_log_names_what_was_done_and_nobody(
    do: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    do(Operation.ADD_SUBSCRIBER, **ADD)

    assert "the operator did add-subscriber" in caplog.text
    assert "new@" not in caplog.text


def test_who_knows_the_token_is_signed_in_for_a_day(services: Services, clock: Any) -> None:
    services = replace(services, status_token=TOKEN)
    held = jobs.sign_in(services, TOKEN)
    assert held is not None
    assert jobs.is_signed_in(services, held)
    clock.now += jobs.SIGNED_IN_FOR - timedelta(seconds=1)
    assert jobs.is_signed_in(services, held)
    clock.now += timedelta(seconds=1)
    assert not jobs.is_signed_in(services, held)


def test_nobody_else_is(services: Services) -> None:
    with_token = replace(services, status_token=TOKEN)
    held = jobs.sign_in(with_token, TOKEN)
    assert held is not None

    assert [jobs.sign_in(with_token, each) for each in ("", TOKEN[:-1], TOKEN + "x", "ä")] == [
        None
    ] * 4
    assert jobs.sign_in(services, TOKEN) is None
    # Another token in the configuration ends all that was held before.
    for other in (services, replace(services, status_token=TOKEN + "x")):
        assert not jobs.is_signed_in(other, held)
    confirmation = jobs.foresee(services, Operation.PAUSE, {}).confirmation
    for forged in ("", "x", held[:-1], held.swapcase(), confirmation):
        assert not jobs.is_signed_in(with_token, forged)

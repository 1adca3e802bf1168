"""Jobs: subscribe, confirm, leave. What is decided stands in `membership.subscription`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from recommender.domain import DeliveryKind, Subscriber, SubscriberState
from recommender.jobs import links
from recommender.jobs.messages import new_message_id
from recommender.jobs.services import Services
from recommender.membership import subscription
from recommender.membership.addresses import Address, normalise_address
from recommender.membership.preferences import describe_schedule
from recommender.membership.subscription import RequestPlan
from recommender.store import outbox, subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose

# Longer than anybody describes what they read; the rest is cut off.
INTERESTS_MAX_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class ConfirmationPage:
    """What the page behind a confirmation link shows.

    Attributes
    ----------
    schedule : str
        When issues come: ``Monday to Friday at 7:00 (UTC)``.
    """

    email: str
    state: SubscriberState
    schedule: str


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What the page behind an unsubscribe link shows; nobody's address once it is erased."""

    email: str | None
    already_left: bool


def request_subscription(services: Services, email: str, interests: str = "") -> None:
    """Take a request to be subscribed, and mail the address what follows from it.

    Nothing that the caller sees tells whether the address was known.

    Raises
    ------
    AddressError
        If ``email`` is no mail address.
    """
    address = normalise_address(email)
    now = services.clock()
    with services.database.write() as session:
        subscriber = subscribers.by_key(session, address.key)
        mails_last_day, last_mail_at = 0, None
        if subscriber is not None:
            mails_last_day, last_mail_at = outbox.count_recent(
                session, subscriber.id, subscription.REQUEST_KINDS, since=now - timedelta(days=1)
            )
        plan = subscription.decide_request(
            subscriber, now=now, last_mail_at=last_mail_at, mails_last_day=mails_last_day
        )
        _carry_out(services, session, plan, subscriber, address=address, interests=interests)
    services.wake()


def _carry_out(
    services: Services,
    session: Session,
    plan: RequestPlan,
    subscriber: Subscriber | None,
    *,
    address: Address,
    interests: str,
) -> None:
    if plan.delivery is None or plan.state is None:
        return
    now = services.clock()
    if subscriber is None:
        subscriber = subscribers.add(
            session,
            email=address.email,
            email_key=address.key,
            state=plan.state,
            preferences=services.defaults,
            interests=" ".join(interests.split())[:INTERESTS_MAX_CHARACTERS],
            now=now,
        )
    elif plan.delivery.kind is DeliveryKind.CONFIRMATION:
        subscribers.set_state(session, subscriber.id, plan.state, requested_at=plan.requested_at)
    outbox.enqueue(
        session,
        subscriber_id=subscriber.id,
        kind=plan.delivery.kind,
        key=plan.delivery.key,
        recipient=subscriber.email,
        message_id=new_message_id(services),
        now=now,
    )


def open_confirmation(services: Services, token: str) -> ConfirmationPage:
    """Show whom a confirmation link would subscribe. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError
        If the link is none, or its request is over.
    """
    claims = links.verify(services, token, Purpose.CONFIRM)
    with services.database.read() as session:
        subscriber = subscribers.by_id(session, claims.subscriber_id)
    subscription.decide_confirm(
        subscriber, requested_at_claim=claims.values[0], now=services.clock()
    )
    return _confirmation_page(subscriber)


def confirm(services: Services, token: str) -> ConfirmationPage:
    """Activate the subscriber behind a confirmation link; their welcome is due at once.

    Raises
    ------
    TokenError, TokenExpiredError
        If the link is none, or its request is over.
    """
    claims = links.verify(services, token, Purpose.CONFIRM)
    with services.database.write() as session:
        page = confirm_in(services, session, claims.subscriber_id, claims.values[0])
    services.wake()
    return page


def confirm_in(
    services: Services, session: Session, subscriber_id: int, request_claim: int
) -> ConfirmationPage:
    """Activate a subscriber inside the caller's transaction, who wakes the daemon afterwards.

    Parameters
    ----------
    subscriber_id, request_claim : int
        What a verified token of `Purpose.CONFIRM` claims.

    Raises
    ------
    TokenExpiredError
        If their request is over.
    """
    now = services.clock()
    subscriber = subscribers.by_id(session, subscriber_id)
    plan = subscription.decide_confirm(subscriber, requested_at_claim=request_claim, now=now)
    if plan.activates:
        subscribers.set_state(
            session,
            subscriber_id,
            plan.state,
            confirmed_at=plan.confirmed_at,
            next_issue_at=now,
        )
        subscriber = subscribers.by_id(session, subscriber_id)
    return _confirmation_page(subscriber)


def open_unsubscribe(services: Services, token: str) -> UnsubscribePage:
    """Show whom an unsubscribe link would unsubscribe. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError
        If the link is none.
    """
    claims = links.verify(services, token, Purpose.UNSUBSCRIBE)
    with services.database.read() as session:
        subscriber = subscribers.by_id(session, claims.subscriber_id)
    if subscriber is None:
        return UnsubscribePage(email=None, already_left=True)
    return UnsubscribePage(subscriber.email, subscriber.state is SubscriberState.UNSUBSCRIBED)


def unsubscribe(services: Services, token: str) -> UnsubscribePage:
    """Unsubscribe; newsletters that still wait for them are not sent. Twice changes nothing more.

    Raises
    ------
    TokenError, TokenExpiredError
        If the link is none.
    """
    claims = links.verify(services, token, Purpose.UNSUBSCRIBE)
    with services.database.write() as session:
        subscriber = unsubscribe_in(session, claims.subscriber_id)
    return UnsubscribePage(None if subscriber is None else subscriber.email, already_left=True)


def unsubscribe_in(session: Session, subscriber_id: int) -> Subscriber | None:
    """Unsubscribe inside the caller's transaction; give them as they were, None if nobody is."""
    subscriber = subscribers.by_id(session, subscriber_id)
    if subscription.decide_unsubscribe(subscriber).changes:
        leave(session, subscriber_id)
    return subscriber


def leave(session: Session, subscriber_id: int) -> None:
    """Unsubscribe inside the caller's transaction, and give up what waits for them."""
    subscribers.set_state(session, subscriber_id, SubscriberState.UNSUBSCRIBED)
    outbox.give_up_waiting(session, subscriber_id, reply="unsubscribed before it was sent")


def _confirmation_page(subscriber: Subscriber | None) -> ConfirmationPage:
    # decide_confirm has refused a link to nobody.
    if subscriber is None:
        raise AssertionError("a confirmed subscriber vanished")
    return ConfirmationPage(
        subscriber.email, subscriber.state, describe_schedule(subscriber.preferences)
    )

"""Jobs: subscribe, confirm, leave. What is decided stands in `membership.subscription`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from recommender.domain import DeliveryKind, Subscriber, SubscriberState
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import new_message_id
from recommender.jobs.services import Services
from recommender.membership import limits, subscription
from recommender.membership.addresses import normalise_address
from recommender.membership.preferences import describe_schedule
from recommender.store import outbox, requests, subscribers
from recommender.store.database import Session
from recommender.store.requests import StoredRequest
from recommender.tokens import Payload, Purpose
from recommender.wording import counted

logger = logging.getLogger(__name__)

# Longer than anybody describes what they read; the rest is cut off.
INTERESTS_MAX_CHARACTERS = 500

# Holds the write lock for a tenth of a second: votes wait no longer than that.
REQUESTS_PER_TRANSACTION: Final = 250
TOLD_OUTCOMES: Final = 5


@dataclass(frozen=True, slots=True)
class RequestReport:
    """What requests came to: how many caused a mail, and how many a cap or a list refused."""

    mailed: int
    refused: int


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


def request_subscription(
    services: Services,
    session: Session,
    email: str,
    interests: str = "",
    *,
    network: str = limits.NOWHERE,
) -> None:
    """Take a request to be subscribed; `decide_requests` mails the address what follows from it.

    It does the same work for every address, known or not, so that neither the answer nor the time
    that it takes tells anything of it.

    Parameters
    ----------
    network : str
        Where it came from, see `limits.network_of`.

    Raises
    ------
    AddressError
        If ``email`` is no mail address.
    """
    address = normalise_address(email)
    requests.add(
        session,
        email=address.email,
        email_key=address.key,
        network=network,
        interests=" ".join(interests.split())[:INTERESTS_MAX_CHARACTERS],
        now=services.clock(),
    )


def decide_requests(services: Services) -> RequestReport:
    """Decide the requests that wait, in the order in which they came, and queue their mails.

    A kill in between loses none: what is not decided is decided by whoever looks next.
    """
    mailed = refused = 0
    with services.database.read() as session:
        if not requests.undecided(session, limit=1):
            return RequestReport(0, 0)
        _tell_last_hour(session, services.clock())
    while True:
        with services.database.write() as session:
            waiting = requests.undecided(session, limit=REQUESTS_PER_TRANSACTION)
            if not waiting:
                return RequestReport(mailed, refused)
            outcomes = _decide(services, session, waiting)
            requests.record_outcomes(session, outcomes, now=services.clock())
        granted = sum(outcome == requests.MAILED for outcome in outcomes.values())
        mailed += granted
        refused += len(outcomes) - granted


def _decide(services: Services, session: Session, waiting: list[StoredRequest]) -> dict[int, str]:
    """Carry out what is granted, and give the outcome of each request by its id."""
    now = services.clock()
    policy = services.requests
    blocked, disposable = policy.blocked.domains(), policy.disposable.domains()
    allowance = limits.Allowance(
        policy.limits,
        [
            limits.CausedMail(at, domain, network)
            for at, domain, network in requests.caused_mails(session, since=now - limits.DAY)
        ],
    )
    outcomes = {}
    for request in waiting:
        domain, network = request.domain, request.network
        cap = allowance.reached_cap(domain=domain, network=network, now=now)
        if limits.is_listed(domain, blocked):
            outcome = "blocked: the domain is on the list of blocked ones"
        elif limits.is_listed(domain, disposable):
            outcome = "blocked: the domain is on the list of disposable ones"
        elif cap is not None:
            outcome = f"capped: {cap}"
        elif _carry_out(services, session, request):
            outcome = requests.MAILED
            allowance.grant(domain=domain, network=network, now=now)
        else:
            outcome = "capped: this address was mailed often enough"
        outcomes[request.id] = outcome
    return outcomes


def _tell_last_hour(session: Session, now: datetime) -> None:
    """Log once an hour what requests came to, where some were refused by a cap or a list.

    The first decision of a clock hour tells of the hours since the one before it.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    if requests.outcomes_since(session, hour):
        return
    before = requests.outcomes_since(session, hour - limits.HOUR)
    refused = {outcome: number for outcome, number in before.items() if outcome != requests.MAILED}
    if refused:
        most = sorted(refused.items(), key=lambda pair: -pair[1])[:TOLD_OUTCOMES]
        logger.warning(
            "%s in the last hour caused no mail: %s",
            counted(sum(refused.values()), "request"),
            "; ".join(f"{number} {outcome}" for outcome, number in most),
        )


def _carry_out(services: Services, session: Session, request: StoredRequest) -> bool:
    """Mail the address what follows from a request; False where it was mailed often enough."""
    now = services.clock()
    subscriber = subscribers.by_key(session, request.email_key)
    mails_last_day, last_mail_at = 0, None
    if subscriber is not None:
        mails_last_day, last_mail_at = outbox.count_recent(
            session, subscriber.id, subscription.REQUEST_KINDS, since=now - timedelta(days=1)
        )
    plan = subscription.decide_request(
        subscriber, now=now, last_mail_at=last_mail_at, mails_last_day=mails_last_day
    )
    if plan.delivery is None or plan.state is None:
        return False
    if subscriber is None:
        subscriber = subscribers.add(
            session,
            email=request.email,
            email_key=request.email_key,
            state=plan.state,
            preferences=services.defaults,
            interests=request.interests,
            now=now,
        )
    elif plan.delivery.kind is DeliveryKind.CONFIRMATION:
        subscribers.set_state(session, subscriber.id, plan.state, requested_at=plan.requested_at)
    return outbox.enqueue(
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
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none, or its request is over.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.CONFIRM)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
    subscription.decide_confirm(subscriber, number_in_link=payload.values[0], now=services.clock())
    return _confirmation_page(subscriber)


def confirm(services: Services, session: Session, payload: Payload) -> ConfirmationPage:
    """Activate a subscriber; their welcome is due at once.

    Parameters
    ----------
    payload : Payload
        Of a verified token of `Purpose.CONFIRM`: the subscriber and their request.

    Raises
    ------
    TokenExpiredError
        If their request is over.
    """
    now = services.clock()
    subscriber = subscribers.by_id(session, payload.subscriber_id)
    plan = subscription.decide_confirm(subscriber, number_in_link=payload.values[0], now=now)
    if plan.activates:
        subscribers.set_state(
            session,
            payload.subscriber_id,
            plan.state,
            confirmed_at=plan.confirmed_at,
            next_issue_at=now,
        )
        subscriber = subscribers.by_id(session, payload.subscriber_id)
    return _confirmation_page(subscriber)


def open_unsubscribe(services: Services, token: str) -> UnsubscribePage:
    """Show whom an unsubscribe link would unsubscribe. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.UNSUBSCRIBE)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
    if subscriber is None:
        return UnsubscribePage(email=None, already_left=True)
    return UnsubscribePage(subscriber.email, subscriber.state is SubscriberState.UNSUBSCRIBED)


def unsubscribe(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Unsubscribe; newsletters that still wait for them are not sent. Twice changes nothing more.

    Nothing happens where the subscriber was erased.
    """
    if subscription.decide_unsubscribe(subscribers.by_id(session, subscriber_id)).changes:
        leave(session, subscriber_id, now=now)


def leave(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Unsubscribe somebody in whatever state, end their links, and give up what waits for them."""
    subscribers.set_state(session, subscriber_id, SubscriberState.UNSUBSCRIBED)
    outbox.give_up_waiting(session, subscriber_id, reply="unsubscribed before it was sent", now=now)


def _confirmation_page(subscriber: Subscriber | None) -> ConfirmationPage:
    # decide_confirm has refused a link to nobody.
    if subscriber is None:
        raise AssertionError("a confirmed subscriber vanished")
    return ConfirmationPage(
        subscriber.email, subscriber.state, describe_schedule(subscriber.preferences)
    )

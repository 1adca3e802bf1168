"""Jobs: subscribe, confirm, leave. What is decided stands in `membership.subscription`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from recommender.domain import DeliveryKind, Subscriber, SubscriberState
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import new_message_id
from recommender.jobs.people.last_change import Kind, undoable
from recommender.jobs.people.returning import can_undo_leaving
from recommender.jobs.services import Services
from recommender.membership import limits, subscription
from recommender.membership.addresses import (
    Address,
    normalise_address,
    refuse_beyond_ascii,
    refuse_own,
)
from recommender.membership.preferences import describe_schedule
from recommender.store import issues, outbox, requests, subscribers
from recommender.store.database import Session
from recommender.store.requests import StoredRequest
from recommender.tokens import Payload, Purpose
from recommender.wording import counted

logger = logging.getLogger(__name__)

# Longer than anybody describes what they read; the rest is cut off.
INTERESTS_MAX_CHARACTERS = 500

# Holds the write lock for a tenth of a second: votes wait no longer than that.
REQUESTS_PER_TRANSACTION: Final = 250
REQUESTS_AT_A_LOOK: Final = 2 * limits.WAITING_AT_MOST
TOLD_OUTCOMES: Final = 5


@dataclass(frozen=True, slots=True)
class RequestReport:
    """What requests came to: how many caused a mail, were refused by a cap or a list, or wait."""

    mailed: int = 0
    refused: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Turns:
    """What follows for requests that wait: whose turn it is, and the outcome of those refused."""

    granted: list[int]
    refused: dict[int, str]
    waiting: int


@dataclass(frozen=True, slots=True)
class ConfirmationPage:
    """What the page behind a confirmation link shows.

    Attributes
    ----------
    schedule : str
        When issues come: ``Monday to Friday at 7:00 (UTC)``.
    preferences_url : str
        Their own page.
    language : str or None
        Of the subscriber; see `domain.Subscriber`.
    """

    email: str
    state: SubscriberState
    schedule: str
    preferences_url: str
    language: str | None


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What the page behind an unsubscribe link shows; nobody's address once it is erased.

    Attributes
    ----------
    can_return : bool
        They left a short while ago, and one tap takes it back.
    language : str or None
        Of the subscriber; see `domain.Subscriber`.
    """

    email: str | None
    already_left: bool
    can_return: bool = False
    language: str | None = None


def address_to_mail(services: Services, text: str) -> Address:
    """Read the address at which somebody wants the mails, whoever says so and wherever.

    Raises
    ------
    AddressError
        If it is no mail address.
    UnfitAddressError
        If it is none that our server can handle, or the list's own.
    """
    address = normalise_address(text)
    if not services.takes_smtputf8:
        refuse_beyond_ascii(address)
    refuse_own(address, services.site.list_address)
    return address


def request_subscription(
    services: Services,
    session: Session,
    email: str,
    interests: str = "",
    *,
    network: str = limits.NOWHERE,
    language: str | None = None,
) -> None:
    """Take a request to be subscribed; `decide_requests` mails the address what follows from it.

    It does the same work for every address, known or not, so that neither the answer nor the time
    that it takes tells anything of it.

    Parameters
    ----------
    network : str
        Where it came from, see `limits.network_of`.
    language : str or None
        That of whoever asked, for who is new; None: nothing tells it.

    Raises
    ------
    AddressError
        See `address_to_mail`.
    """
    address = address_to_mail(services, email)
    requests.add(
        session,
        email=address.email,
        email_key=address.key,
        network=network,
        interests=" ".join(interests.split())[:INTERESTS_MAX_CHARACTERS],
        language=language,
        now=services.clock(),
    )


def decide_requests(services: Services) -> RequestReport:
    """Decide the requests that wait, and queue their mails.

    Whoever meets a cap that strangers share waits for their turn, and is decided by a later call;
    see `limits.fair_order`. A kill in between loses none: what is not decided is decided by
    whoever looks next.
    """
    with services.database.read() as session:
        if not requests.undecided(session, limit=1):
            return RequestReport()
        _tell_last_hour(session, services.clock())
    mailed = refused = 0
    while True:
        with services.database.read() as session:
            asking = requests.undecided(session, limit=REQUESTS_AT_A_LOOK)
            turns = _plan_turns(services, session, asking)
        for ids in _parts(list(turns.refused)):
            outcomes = {each: turns.refused[each] for each in ids}
            with services.database.write() as session:
                requests.record_outcomes(session, outcomes, now=services.clock())
            refused += len(outcomes)
        for ids in _parts(turns.granted):
            with services.database.write() as session:
                came_of_it = _carry_out_granted(services, session, ids)
            granted = came_of_it.count(requests.MAILED)
            mailed, refused = mailed + granted, refused + len(came_of_it) - granted
        if len(asking) < REQUESTS_AT_A_LOOK:
            return RequestReport(mailed, refused, turns.waiting)


def _plan_turns(services: Services, session: Session, asking: Sequence[StoredRequest]) -> _Turns:
    """Find whose turn it is, and who waits or is refused."""
    now = services.clock()
    policy = services.requests
    blocked, disposable = policy.blocked.domains(), policy.disposable.domains()
    allowance = _allowance(services, session, now)
    room = limits.WaitingRoom()
    turns = _Turns([], {}, 0)
    in_turn = limits.fair_order(asking, _groups, lambda group: allowance.served(group, now))
    for request in in_turn:
        reached = allowance.reached_cap(address=request.email_key, network=request.network, now=now)
        if limits.is_listed(request.domain, blocked):
            turns.refused[request.id] = "blocked: the domain is on the list of blocked ones"
        elif limits.is_listed(request.domain, disposable):
            turns.refused[request.id] = "blocked: the domain is on the list of disposable ones"
        elif reached is None:
            turns.granted.append(request.id)
            allowance.grant(address=request.email_key, network=request.network, now=now)
        elif not reached.is_shared:
            turns.refused[request.id] = f"capped: {reached.words}"
        elif now - request.requested_at >= limits.WAITS_AT_MOST:
            turns.refused[request.id] = f"waited in vain: {reached.words}"
        elif not room.take_in(_groups(request)):
            turns.refused[request.id] = f"too many wait: {reached.words}"
    return replace(turns, waiting=room.waiting)


def _carry_out_granted(services: Services, session: Session, granted: Sequence[int]) -> list[str]:
    """Mail those whose turn it is, and return what came of each.

    What somebody else decided or granted meanwhile is seen here, where nobody else writes.
    """
    now = services.clock()
    allowance = _allowance(services, session, now)
    still = {
        request.id: request
        for request in requests.undecided(session, limit=len(granted), among=granted)
    }
    outcomes = []
    for request in (still[each] for each in granted if each in still):
        address, network = request.email_key, request.network
        if allowance.reached_cap(address=address, network=network, now=now) is not None:
            continue
        if _carry_out(services, session, request, now=now):
            outcome = requests.MAILED
            allowance.grant(address=address, network=network, now=now)
        else:
            outcome = requests.MAILED_ENOUGH
        requests.record_outcomes(session, {request.id: outcome}, now=now)
        outcomes.append(outcome)
    return outcomes


def _allowance(services: Services, session: Session, now: datetime) -> limits.Allowance:
    return limits.Allowance(
        services.requests.limits,
        [
            limits.CausedMail(at, address, network)
            for at, address, network in requests.caused_mails(session, since=now - limits.DAY)
        ],
    )


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    starts = range(0, len(ids), REQUESTS_PER_TRANSACTION)
    return [ids[start : start + REQUESTS_PER_TRANSACTION] for start in starts]


def _groups(request: StoredRequest) -> tuple[str, ...]:
    return limits.groups_of(request.network, request.email_key)


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


def _carry_out(
    services: Services, session: Session, request: StoredRequest, *, now: datetime
) -> bool:
    """Mail the address what follows from a request; False where it was mailed often enough."""
    subscriber = subscribers.by_key(session, request.email_key)
    mails_last_day, last_mail_at = 0, None
    if subscriber is not None:
        mails_last_day, last_mail_at = outbox.count_recent(
            session,
            subscriber.id,
            subscription.REQUEST_KINDS,
            since=subscription.counted_since(subscriber, now),
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
            language=request.language,
            now=now,
        )
    elif plan.delivery.kind is DeliveryKind.CONFIRMATION:
        subscribers.set_state(session, subscriber.id, plan.state, requested_at=plan.requested_at)
        if request.language and not subscription.has_agreed_before(subscriber):
            subscribers.set_language(session, subscriber.id, request.language)
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
    return _confirmation_page(services, subscriber)


def first_papers_url(services: Services, token: str) -> str | None:
    """Return where the first issue of whoever has confirmed is rated; None: it is not there yet.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none, or its request is over.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.CONFIRM)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
        issue = next(reversed(issues.of_subscriber(session, payload.subscriber_id)), None)
    if subscriber is None or issue is None or not issue.entries or subscriber.welcome_due:
        return None
    return links.rate_all_url(services, subscriber, issue)


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
        if subscriber is not None:
            _take_interests(session, subscriber, payload)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
    return _confirmation_page(services, subscriber)


def _take_interests(session: Session, subscriber: Subscriber, payload: Payload) -> None:
    """Take over what was said with the request that is confirmed, and with no other.

    So what a stranger typed does not outlive the owner's own request. Who was subscribed before
    and says nothing keeps what they had.
    """
    interests = requests.interests_confirmed(
        session,
        subscriber.id,
        # A link counts its expiry in seconds, an address in hours, raised to the full one.
        mailed_by=payload.expires_at - subscription.CONFIRMATION_LIFETIME + timedelta(seconds=1),
    )
    if interests or (interests is not None and not subscription.has_agreed_before(subscriber)):
        subscribers.set_interests(session, subscriber.id, interests)


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
        can_return = can_undo_leaving(session, payload.subscriber_id, now=services.clock())
    if subscriber is None:
        return UnsubscribePage(email=None, already_left=True)
    has_left = subscriber.state is SubscriberState.UNSUBSCRIBED
    return UnsubscribePage(subscriber.email, has_left, can_return, subscriber.language)


def unsubscribe(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Unsubscribe who asked for it; newsletters that still wait for them are not sent.

    Twice changes nothing more. For an hour it can be undone, see `returning.undo_leaving`.

    Nothing happens where the subscriber was erased.
    """
    if subscription.decide_unsubscribe(subscribers.by_id(session, subscriber_id)).changes:
        with undoable(session, subscriber_id, Kind.LEAVING, now=now):
            leave(session, subscriber_id, now=now)


def leave(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Unsubscribe somebody in whatever state, end their links, and give up what waits for them."""
    subscribers.set_state(session, subscriber_id, SubscriberState.UNSUBSCRIBED)
    outbox.give_up_waiting(session, subscriber_id, reply="unsubscribed before it was sent", now=now)


def _confirmation_page(services: Services, subscriber: Subscriber | None) -> ConfirmationPage:
    # decide_confirm has refused a link to nobody.
    if subscriber is None:
        raise AssertionError("a confirmed subscriber vanished")
    return ConfirmationPage(
        subscriber.email,
        subscriber.state,
        describe_schedule(subscriber.preferences),
        links.preferences_url(services, subscriber, since=services.clock()),
        subscriber.language,
    )

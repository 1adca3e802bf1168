"""Membership: who may be mailed, from asking to leaving, as pure functions over one subscriber.

=============  ===========================  =====================  =============  ======  ======
state          request                      confirm                unsubscribe    pause   resume
=============  ===========================  =====================  =============  ======  ======
(unknown)      unconfirmed, *confirmation*  link is over           (nothing)      --      --
unconfirmed    unconfirmed, *confirmation*  active, *welcome*      unsubscribed   refuse  refuse
active         active, *already*            active (said so)       unsubscribed   paused  active
paused         paused, *already*            paused (said so)       unsubscribed   paused  active
suspended      suspended, *confirmation*    active, *welcome*      unsubscribed   refuse  refuse
unsubscribed   unconfirmed, *confirmation*  link is over           unsubscribed   refuse  refuse
=============  ===========================  =====================  =============  ======  ======

Mails are in italics. A request that would mail more often than `MAIL_INTERVAL` and
`MAILS_A_DAY` allow changes nothing at all, so that a stranger who types somebody's address again
and again neither floods them nor makes the link invalid that they have. What came before they
last confirmed does not count: the owner has answered it, which no stranger can.

A suspended subscriber stays suspended by asking: anybody can type an address. That the link in the
confirmation is used proves that mail arrives again, and cures the suspension.

A confirmation link is bound to the request it answers (`request_number`), and lives for
`CONFIRMATION_LIFETIME` from when its mail was queued. While a request is younger than that, asking
again mails the same number, and all links that are under way keep working. Unsubscribing, and a new
request after the old one is over, end every earlier link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from recommender.domain import DeliveryKind, Subscriber, SubscriberState
from recommender.errors import PreferenceError, TokenExpiredError
from recommender.languages.messages import Message

CONFIRMATION_LIFETIME: Final = timedelta(hours=48)
PURGE_AFTER: Final = timedelta(days=7)
MAIL_INTERVAL: Final = timedelta(hours=1)
MAILS_A_DAY: Final = 3
REQUEST_KINDS: Final = (DeliveryKind.CONFIRMATION, DeliveryKind.ALREADY_SUBSCRIBED)
"""The mails that a request can bring about; `decide_request` is told of these."""

PAUSE_MAX_DAYS: Final = 365

RECEIVING: Final = (SubscriberState.ACTIVE, SubscriberState.PAUSED)


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A message to put into the outbox; ``key`` is unique with subscriber and kind."""

    kind: DeliveryKind
    key: str


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """What a request to be subscribed brings about. Whoever asked is told the same every time.

    Attributes
    ----------
    create : bool
        The address is not known yet: store it.
    state, requested_at : SubscriberState, datetime
        Afterwards; both None where the address is unknown and stays so.
    delivery : PlannedDelivery or None
        None where they had such mails often enough; then nothing else changes either.
    """

    create: bool
    state: SubscriberState | None
    requested_at: datetime | None
    delivery: PlannedDelivery | None


@dataclass(frozen=True, slots=True)
class ConfirmPlan:
    """What a confirmed link brings about. Who is activated is welcomed by their first issue.

    Attributes
    ----------
    activates : bool
        False where they were subscribed already: nothing changes, and they are told so.
    state, confirmed_at : SubscriberState, datetime or None
        Afterwards.
    """

    activates: bool
    state: SubscriberState
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnsubscribePlan:
    """What leaving brings about: ``changes`` is False where they had left, or were never here."""

    changes: bool
    state: SubscriberState | None


@dataclass(frozen=True, slots=True)
class PausePlan:
    """What a pause brings about: no issue before ``resumes_at``."""

    state: SubscriberState
    resumes_at: datetime


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """What the end of a pause brings about: ``changes`` is False where there was none."""

    changes: bool
    state: SubscriberState


def request_number(requested_at: datetime) -> int:
    """Name a request in a confirmation link: whole seconds of Unix time."""
    return int(requested_at.timestamp())


def counted_since(subscriber: Subscriber, now: datetime) -> datetime:
    """Return since when mails count against `MAIL_INTERVAL` and `MAILS_A_DAY`."""
    day_ago = now - timedelta(days=1)
    return max(day_ago, subscriber.confirmed_at or day_ago)


def decide_request(
    subscriber: Subscriber | None,
    *,
    now: datetime,
    last_mail_at: datetime | None,
    mails_last_day: int,
) -> RequestPlan:
    """Decide what a request to be subscribed brings about.

    Parameters
    ----------
    subscriber : Subscriber or None
        Who has the address; None where nobody has.
    last_mail_at : datetime or None
        When a mail of `REQUEST_KINDS` was last queued for them, of those that count.
    mails_last_day : int
        How many of these were queued since `counted_since`, >= 0.
    """
    too_soon = last_mail_at is not None and now - last_mail_at < MAIL_INTERVAL
    if too_soon or mails_last_day >= MAILS_A_DAY:
        if subscriber is None:
            return RequestPlan(create=False, state=None, requested_at=None, delivery=None)
        return RequestPlan(
            create=False,
            state=subscriber.state,
            requested_at=subscriber.requested_at,
            delivery=None,
        )
    key = _delivery_key(subscriber, now)
    if subscriber is not None and subscriber.state in RECEIVING:
        return RequestPlan(
            create=False,
            state=subscriber.state,
            requested_at=subscriber.requested_at,
            delivery=PlannedDelivery(DeliveryKind.ALREADY_SUBSCRIBED, key),
        )
    suspended = subscriber is not None and subscriber.state is SubscriberState.SUSPENDED
    return RequestPlan(
        create=subscriber is None,
        state=SubscriberState.SUSPENDED if suspended else SubscriberState.UNCONFIRMED,
        requested_at=_requested_at(subscriber, now),
        delivery=PlannedDelivery(DeliveryKind.CONFIRMATION, key),
    )


def decide_confirm(
    subscriber: Subscriber | None, *, number_in_link: int, now: datetime
) -> ConfirmPlan:
    """Decide what the button behind a confirmation link brings about.

    Parameters
    ----------
    subscriber : Subscriber or None
        Whom the verified token names; None where they were erased since.
    number_in_link : int
        The request that the token names, see `request_number`.

    Raises
    ------
    TokenExpiredError
        If the link belongs to an older request, or they unsubscribed since.
    """
    if subscriber is not None and subscriber.state in RECEIVING:
        return ConfirmPlan(
            activates=False,
            state=subscriber.state,
            confirmed_at=subscriber.confirmed_at,
        )
    if (
        subscriber is None
        or subscriber.state is SubscriberState.UNSUBSCRIBED
        or request_number(subscriber.requested_at) != number_in_link
    ):
        raise TokenExpiredError(
            "this link belongs to a request that is over; subscribe again, or use the link in the "
            "newest mail"
        )
    return ConfirmPlan(
        activates=True,
        state=SubscriberState.ACTIVE,
        confirmed_at=now,
    )


def decide_vouched(
    subscriber: Subscriber | None, wanted: SubscriberState | None
) -> SubscriberState:
    """Decide the state of somebody for whose consent an operator vouches.

    Who left, or complained, stays away: a list of last month knows nothing of it. Only their own
    yes brings them back, also while they are asked for it: leaving ended links of theirs, which
    nobody has who was asked and never confirmed.

    Parameters
    ----------
    subscriber : Subscriber or None
        Who has the address; None where nobody has.
    wanted : SubscriberState or None
        None where the operator names none: then who is new or unconfirmed is active, and others
        stay what they are.
    """
    if subscriber is not None and subscriber.state is SubscriberState.UNSUBSCRIBED:
        return SubscriberState.UNSUBSCRIBED
    if subscriber is not None and wanted in (None, *RECEIVING) and _is_asked_back(subscriber):
        return SubscriberState.UNCONFIRMED
    if wanted is not None:
        return wanted
    if subscriber is None or subscriber.state is SubscriberState.UNCONFIRMED:
        return SubscriberState.ACTIVE
    return subscriber.state


def _is_asked_back(subscriber: Subscriber) -> bool:
    return subscriber.state is SubscriberState.UNCONFIRMED and subscriber.epochs.links > 0


def decide_unsubscribe(subscriber: Subscriber | None) -> UnsubscribePlan:
    """Decide what leaving brings about. It always succeeds, also twice and for the unknown."""
    if subscriber is None:
        return UnsubscribePlan(changes=False, state=None)
    return UnsubscribePlan(
        changes=subscriber.state is not SubscriberState.UNSUBSCRIBED,
        state=SubscriberState.UNSUBSCRIBED,
    )


def decide_pause(subscriber: Subscriber, days: int, now: datetime) -> PausePlan:
    """Decide what a pause of some days brings about; one that runs is replaced.

    Raises
    ------
    PreferenceError
        If ``days`` is not in 1 to `PAUSE_MAX_DAYS`, or they are not subscribed.
    """
    if not 1 <= days <= PAUSE_MAX_DAYS:
        raise PreferenceError(
            "pause",
            Message(
                "%(days)s days is not possible; choose 1 to %(most)s days",
                days=str(days),
                most=PAUSE_MAX_DAYS,
            ),
        )
    _refuse_unless_receiving(subscriber, "pause")
    return PausePlan(state=SubscriberState.PAUSED, resumes_at=now + timedelta(days=days))


def decide_resume(subscriber: Subscriber) -> ResumePlan:
    """Decide what ending a pause brings about.

    Raises
    ------
    PreferenceError
        If they are not subscribed: only their own confirmation makes them so.
    """
    _refuse_unless_receiving(subscriber, "pause")
    return ResumePlan(
        changes=subscriber.state is SubscriberState.PAUSED, state=SubscriberState.ACTIVE
    )


def is_never_confirmed(subscriber: Subscriber) -> bool:
    """Return whether nobody ever said that they want mails at this address.

    Who was added by an operator and had issues counts as somebody who did.
    """
    return subscriber.state is SubscriberState.UNCONFIRMED and not has_agreed_before(subscriber)


def has_agreed_before(subscriber: Subscriber) -> bool:
    """Return whether somebody ever had a subscription, by their own yes or by an operator's."""
    return subscriber.confirmed_at is not None or subscriber.issues_composed > 0


def decide_purge(subscriber: Subscriber, now: datetime) -> bool:
    """Decide whether an address is forgotten: asked for `PURGE_AFTER` ago, and never confirmed."""
    return is_never_confirmed(subscriber) and now - subscriber.requested_at >= PURGE_AFTER


def _delivery_key(subscriber: Subscriber | None, now: datetime) -> str:
    # One clock hour, one key: of two requests at the same moment, the outbox takes one mail. The
    # next mail that `MAIL_INTERVAL` allows always falls into a later hour, but for the first one
    # after a confirmation.
    hour = f"{now:%Y-%m-%dT%H}"
    confirmed_at = None if subscriber is None else subscriber.confirmed_at
    if confirmed_at is None or now - confirmed_at >= MAIL_INTERVAL:
        return hour
    return f"{hour}, confirmed {request_number(confirmed_at)}"


def _requested_at(subscriber: Subscriber | None, now: datetime) -> datetime:
    if subscriber is None or subscriber.state is SubscriberState.UNSUBSCRIBED:
        return now
    is_pending = now - subscriber.requested_at < CONFIRMATION_LIFETIME
    return subscriber.requested_at if is_pending else now


def _refuse_unless_receiving(subscriber: Subscriber, field: str) -> None:
    if subscriber.state not in RECEIVING:
        raise PreferenceError(
            field, Message("no mails come to this address now; subscribe and confirm first")
        )

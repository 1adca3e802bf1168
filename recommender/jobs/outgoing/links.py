"""Jobs: the links of mails and pages. A link made twice from the same row is the same link."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from recommender.domain import Delivery, Issue, Subscriber, Vote
from recommender.jobs.services import Services
from recommender.membership.address_change import PENDING_LIFETIME, Side
from recommender.membership.subscription import CONFIRMATION_LIFETIME, request_number
from recommender.tokens import Payload, Purpose

LIFETIMES: Final = {
    Purpose.CONFIRM: CONFIRMATION_LIFETIME,
    Purpose.RATE: timedelta(days=90),
    Purpose.ISSUE: timedelta(days=90),
    Purpose.PREFERENCES: timedelta(days=90),
    # Who finds an old newsletter must still be able to leave.
    Purpose.UNSUBSCRIBE: timedelta(days=730),
    # A server may try for five days, and a bounce takes its time.
    Purpose.BOUNCE: timedelta(days=30),
    Purpose.PENDING: PENDING_LIFETIME,
    # A tab may stay open over a week's holidays.
    Purpose.FORM: timedelta(days=14),
}

_PATHS: Final = {
    Purpose.CONFIRM: "confirm",
    Purpose.RATE: "rate",
    Purpose.ISSUE: "issues",
    Purpose.PREFERENCES: "me",
    Purpose.UNSUBSCRIBE: "unsubscribe",
    Purpose.PENDING: "pending",
}

VOTE_CODES: Final = {Vote.UP: 0, Vote.DOWN: 1, Vote.SAVE: 2}


def front_url(services: Services) -> str:
    """Link to the page with the subscribe form."""
    return f"{services.site.base_url}/"


def confirm_url(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Link that confirms this request of a subscriber and no other."""
    number = request_number(subscriber.requested_at)
    return _url(services, Purpose.CONFIRM, subscriber.id, number, since=since)


def rating_url(services: Services, issue: Issue, paper_id: int, vote: Vote) -> str:
    """Link to the page where one paper of an issue is rated, with a vote in mind."""
    return _url(
        services,
        Purpose.RATE,
        issue.subscriber_id,
        issue.id,
        paper_id,
        VOTE_CODES[vote],
        since=issue.composed_at,
    )


def issue_url(services: Services, issue: Issue) -> str:
    """Link to an issue in the browser."""
    return _url(services, Purpose.ISSUE, issue.subscriber_id, issue.id, since=issue.composed_at)


def preferences_url(services: Services, subscriber_id: int, *, since: datetime) -> str:
    """Link to a subscriber's own page."""
    return _url(services, Purpose.PREFERENCES, subscriber_id, since=since)


def unsubscribe_url(services: Services, subscriber_id: int, *, since: datetime) -> str:
    """Link that unsubscribes: a page to a person, one click to a mail program (RFC 8058)."""
    return _url(services, Purpose.UNSUBSCRIBE, subscriber_id, since=since)


def unsubscribe_address(services: Services, delivery: Delivery) -> str:
    """Address to which a mail unsubscribes; signed, because From is no proof."""
    return _address(services, Purpose.UNSUBSCRIBE, delivery)


def bounce_address(services: Services, delivery: Delivery) -> str:
    """Return the envelope sender (VERP): what comes back names the delivery that it belongs to."""
    return _address(services, Purpose.BOUNCE, delivery, delivery.id)


def pending_url(
    services: Services, subscriber_id: int, pending_id: int, side: Side, *, since: datetime
) -> str:
    """Link to the page that says yes to a change, in the name of one of its addresses."""
    return _url(services, Purpose.PENDING, subscriber_id, pending_id, side, since=since)


def pending_address(
    services: Services, subscriber_id: int, pending_id: int, side: Side, *, since: datetime
) -> str:
    """Address to which any mail says the same."""
    return _signed_address(services, Purpose.PENDING, subscriber_id, pending_id, side, since=since)


def form_stamp(services: Services) -> str:
    """Return what a form says of the moment at which it was shown; only we can have written it."""
    now = services.clock()
    return services.signer.sign(
        Purpose.FORM, 0, int(now.timestamp()), expires_at=now + LIFETIMES[Purpose.FORM]
    )


def form_age_seconds(services: Services, stamp: str) -> float:
    """Return how long ago a form was shown; up to a second more, for it counts whole ones.

    Raises
    ------
    TokenError, TokenExpiredError
        If the stamp is none of ours, or its form is no longer taken.
    """
    (shown_at,) = verify(services, stamp, Purpose.FORM).values
    return services.clock().timestamp() - shown_at


def rate_address(services: Services, issue: Issue) -> str:
    """Address to which replies to an issue go: signed, so that a reply can rate and command."""
    return _signed_address(
        services, Purpose.RATE, issue.subscriber_id, issue.id, since=issue.composed_at
    )


def confirm_address(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Address to which any reply confirms this request of a subscriber."""
    number = request_number(subscriber.requested_at)
    return _signed_address(services, Purpose.CONFIRM, subscriber.id, number, since=since)


def verify(services: Services, token: str, purpose: Purpose) -> Payload:
    """Return what a link's token says.

    Raises
    ------
    TokenError, TokenExpiredError
        If it is none of ours for this purpose, or its time is over.
    """
    return services.signer.verify(token, purpose, now=services.clock())


def _url(
    services: Services, purpose: Purpose, subscriber_id: int, *values: int, since: datetime
) -> str:
    token = services.signer.sign(
        purpose, subscriber_id, *values, expires_at=_expires_at(purpose, since)
    )
    return f"{services.site.base_url}/{_PATHS[purpose]}/{token}"


# The thirty links of a newsletter expire together.
@lru_cache(maxsize=1_000)
def _expires_at(purpose: Purpose, since: datetime) -> datetime:
    return since + LIFETIMES[purpose]


def _address(services: Services, purpose: Purpose, delivery: Delivery, *values: int) -> str:
    return _signed_address(
        services, purpose, delivery.subscriber_id or 0, *values, since=delivery.created_at
    )


def _signed_address(
    services: Services, purpose: Purpose, subscriber_id: int, *values: int, since: datetime
) -> str:
    token = services.signer.sign_address(
        purpose, subscriber_id, *values, expires_at=_expires_at(purpose, since)
    )
    local_part, _, domain = services.site.list_address.rpartition("@")
    return f"{local_part}+{purpose}-{token}@{domain}"

"""Jobs: the links of mails and pages. A link made twice from the same row is the same link.

They are made from the subscriber's row, which tells in which epoch they work, and they are verified
here only: what a link says is not handed out before the row was asked whether it was ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from recommender.domain import Delivery, Issue, LinkEpochs, Subscriber, Vote
from recommender.errors import TokenEndedError
from recommender.jobs.services import Services
from recommender.membership.address_change import PENDING_LIFETIME, Side
from recommender.membership.subscription import CONFIRMATION_LIFETIME, request_number
from recommender.store import pendings, subscribers
from recommender.store.database import Session
from recommender.tokens import EPOCHLESS, Payload, Purpose

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
    # A feed reader keeps it, shows the list, and can change nothing.
    Purpose.FEED: timedelta(days=730),
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
    Purpose.FEED: "me",
}

VOTE_CODES: Final = {Vote.UP: 0, Vote.DOWN: 1, Vote.SAVE: 2}
NO_VOTE_CODE: Final = 3
"""Of a link that leads to the page of an issue and stands for no vote."""


def front_url(services: Services) -> str:
    """Link to the page with the subscribe form."""
    return f"{services.site.base_url}/"


def confirm_url(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Link that confirms this request of a subscriber and no other."""
    number = request_number(subscriber.requested_at)
    return _url(services, Purpose.CONFIRM, subscriber, number, since=since)


def rating_url(
    services: Services, subscriber: Subscriber, issue: Issue, paper_id: int, vote: Vote
) -> str:
    """Link to the page where one paper of an issue is rated, with a vote in mind."""
    return _url(
        services,
        Purpose.RATE,
        subscriber,
        issue.id,
        paper_id,
        VOTE_CODES[vote],
        since=issue.composed_at,
    )


def rate_all_url(services: Services, subscriber: Subscriber, issue: Issue) -> str:
    """Link to the page where all papers of an issue are rated; the issue has at least one."""
    return _url(
        services,
        Purpose.RATE,
        subscriber,
        issue.id,
        issue.entries[0].paper_id,
        NO_VOTE_CODE,
        since=issue.composed_at,
    )


def issue_url(services: Services, subscriber: Subscriber, issue: Issue) -> str:
    """Link to an issue in the browser."""
    return _url(services, Purpose.ISSUE, subscriber, issue.id, since=issue.composed_at)


def preferences_url(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Link to a subscriber's own page."""
    return _url(services, Purpose.PREFERENCES, subscriber, since=since)


def feed_url(services: Services, subscriber: Subscriber) -> str:
    """Link to a subscriber's reading list for their feed reader, which lets it do nothing else."""
    # The same link for a day, so that a page that is opened twice shows one.
    today = services.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{_url(services, Purpose.FEED, subscriber, since=today)}/list.atom"


def unsubscribe_url(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Link that unsubscribes: a page to a person, one click to a mail program (RFC 8058)."""
    return _url(services, Purpose.UNSUBSCRIBE, subscriber, since=since)


def unsubscribe_address(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Address to which a mail unsubscribes; signed, because From is no proof."""
    return _address(services, Purpose.UNSUBSCRIBE, subscriber, since=since)


def bounce_address(services: Services, delivery: Delivery) -> str:
    """Return the envelope sender (VERP): what comes back names the delivery that it belongs to.

    It works whatever was ended since: a report is about a message, and nobody is let in by it.
    """
    token = services.signer.sign_address(
        Purpose.BOUNCE,
        delivery.subscriber_id or 0,
        delivery.id,
        expires_at=_expires_at(Purpose.BOUNCE, delivery.created_at),
    )
    return _tagged(services, Purpose.BOUNCE, token)


def pending_url(
    services: Services, subscriber: Subscriber, pending_id: int, side: Side, *, since: datetime
) -> str:
    """Link to the page that says yes to a change, in the name of one of its addresses."""
    return _url(services, Purpose.PENDING, subscriber, pending_id, side, since=since)


def pending_address(
    services: Services, subscriber: Subscriber, pending_id: int, side: Side, *, since: datetime
) -> str:
    """Address to which a yes by mail says the same."""
    return _address(services, Purpose.PENDING, subscriber, pending_id, side, since=since)


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
    now = services.clock()
    # It is nobody's, so nobody can end it.
    (shown_at,) = services.signer.verify(stamp, Purpose.FORM, now=now).values
    return now.timestamp() - shown_at


def rate_address(services: Services, subscriber: Subscriber, issue: Issue) -> str:
    """Address to which replies to an issue go: signed, so that a reply can rate and command."""
    return _address(services, Purpose.RATE, subscriber, issue.id, since=issue.composed_at)


def confirm_address(services: Services, subscriber: Subscriber, *, since: datetime) -> str:
    """Address to which a reply with a yes confirms this request of a subscriber."""
    number = request_number(subscriber.requested_at)
    return _address(services, Purpose.CONFIRM, subscriber, number, since=since)


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token that is ours, for the purpose that was asked; what it says, `read` tells."""

    _payload: Payload

    def read(self, session: Session) -> Payload:
        """Return what the token says, unless its subscriber's links were ended since.

        Who was erased has ended nothing: what became of them is for the caller to say.

        Raises
        ------
        TokenEndedError
            If they were. A change that was carried out can still be looked at by its link, although
            it may be what ended that: so a second yes is no error.
        """
        payload = self._payload
        if payload.purpose in EPOCHLESS:
            return payload
        epochs = subscribers.epochs_of(session, payload.subscriber_id)
        if epochs is None or payload.is_of(_epoch(epochs, payload.purpose)):
            return payload
        if payload.purpose is Purpose.PENDING:
            pending = pendings.by_id(session, payload.values[0], payload.subscriber_id)
            if pending is not None and pending.done_at is not None:
                return payload
        raise TokenEndedError(payload.purpose, payload.subscriber_id)


def signed(services: Services, token: str, purpose: Purpose) -> SignedToken:
    """See whether a link is ours, without the database.

    Raises
    ------
    TokenError, TokenExpiredError
        If it is none of ours for this purpose, or its time is over.
    """
    return SignedToken(services.signer.verify(token, purpose, now=services.clock()))


def verify(services: Services, session: Session, token: str, purpose: Purpose) -> Payload:
    """Return what a link's token says.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If it is none of ours for this purpose, its time is over, or it was ended.
    """
    return signed(services, token, purpose).read(session)


def verify_address(services: Services, session: Session, token: str, purpose: Purpose) -> Payload:
    """Return what the token of an address says; see `verify`."""
    now = services.clock()
    return SignedToken(services.signer.verify_address(token, purpose, now=now)).read(session)


def _url(
    services: Services, purpose: Purpose, subscriber: Subscriber, *values: int, since: datetime
) -> str:
    token = services.signer.sign(
        purpose,
        subscriber.id,
        *values,
        expires_at=_expires_at(purpose, since),
        epoch=_epoch(subscriber.epochs, purpose),
    )
    return f"{services.site.base_url}/{_PATHS[purpose]}/{token}"


def _address(
    services: Services, purpose: Purpose, subscriber: Subscriber, *values: int, since: datetime
) -> str:
    token = services.signer.sign_address(
        purpose,
        subscriber.id,
        *values,
        expires_at=_expires_at(purpose, since),
        epoch=_epoch(subscriber.epochs, purpose),
    )
    return _tagged(services, purpose, token)


def _tagged(services: Services, purpose: Purpose, token: str) -> str:
    local_part, _, domain = services.site.list_address.rpartition("@")
    return f"{local_part}+{purpose}-{token}@{domain}"


def _epoch(epochs: LinkEpochs, purpose: Purpose) -> int:
    return epochs.unsubscribe if purpose is Purpose.UNSUBSCRIBE else epochs.links


# The thirty links of a newsletter expire together.
@lru_cache(maxsize=1_000)
def _expires_at(purpose: Purpose, since: datetime) -> datetime:
    return since + LIFETIMES[purpose]

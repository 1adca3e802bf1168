"""Jobs: what an operator does from the page of the status: foreseen first, then carried out.

Each is what a command does too (`recommender outbox`, `subscribers`, `sources`), by the same jobs.
Who asks has to hold out what `foresee` signed, of the same operation and its values: so nothing is
done that was not shown before, and no other page can have it done.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from recommender.domain import DeliveryState, SubscriberState
from recommender.errors import NotFoundError, SourceError, TokenError
from recommender.fetching.addresses import refusal_unseen
from recommender.jobs.finding import find_subscriber
from recommender.jobs.outgoing import outbox
from recommender.jobs.outgoing.health import hold_reasons
from recommender.jobs.people import members
from recommender.jobs.people.subscriptions import address_to_mail
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.membership.preferences import describe_schedule
from recommender.membership.subscription import decide_vouched
from recommender.tokens import Purpose

SIGNED_IN_FOR: Final = timedelta(hours=24)
FORESEEN_FOR: Final = timedelta(minutes=15)
"""How long what was foreseen can be confirmed: then the numbers shown are of the past."""

# 60 bits, which a token's integer holds.
_FINGERPRINT_DIGITS: Final = 15

_logger = logging.getLogger(__name__)


class Operation(StrEnum):
    """What can be done."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    ADD_SUBSCRIBER = "add-subscriber"
    REMOVE_SUBSCRIBER = "remove-subscriber"
    ADD_SOURCE = "add-source"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What will happen.

    Attributes
    ----------
    values : dict of str to str
        What was asked for, as it is carried out.
    confirmation : str
        To be held out to `carry_out`.
    messages : int
        Whom an operation on the outbox is about.
    paused_at : datetime or None
        Since when sending is paused.
    holds : tuple of str
        What keeps messages back and is lifted.
    state : SubscriberState or None
        The subscriber's now; None for somebody new.
    is_asked : bool
        Whether who is added is kept out, and asked by mail.
    schedule : str
        When a new subscriber is written to.
    name, url : str
        What a new source is called, and where it is.
    """

    operation: Operation
    values: dict[str, str]
    confirmation: str = ""
    messages: int = 0
    paused_at: datetime | None = None
    holds: tuple[str, ...] = ()
    state: SubscriberState | None = None
    is_asked: bool = False
    schedule: str = ""
    name: str = ""
    url: str = ""


def foresee(services: Services, operation: Operation, values: Mapping[str, str]) -> Foreseen:
    """Return what an operation will do; changes nothing.

    Parameters
    ----------
    values : mapping of str to str
        ``email`` of a subscriber, ``source`` for one to add; others need none.

    Raises
    ------
    AddressError, NotFoundError, SourceError
        If it cannot be done.
    """
    foreseen = _FORESEE[operation](services, values)
    confirmation = services.signer.sign(
        Purpose.OPERATION,
        0,
        _fingerprint(services, operation, foreseen.values),
        expires_at=services.clock() + FORESEEN_FOR,
    )
    return replace(foreseen, confirmation=confirmation)


def carry_out(
    services: Services, operation: Operation, values: Mapping[str, str], confirmation: str
) -> bool:
    """Do what was foreseen; gives whether somebody who left is asked, and not added.

    Raises
    ------
    TokenError, TokenExpiredError
        If it was not foreseen, for these values, or too long ago; nothing was done.
    AddressError, NotFoundError, SourceError
        If it cannot be done any more.
    """
    wanted = {name: values[name] for name in _VALUES[operation] if name in values}
    payload = services.signer.verify(confirmation, Purpose.OPERATION, now=services.clock())
    if payload.values != (_fingerprint(services, operation, wanted),):
        raise TokenError("that is not what was shown before; nothing was done, look again")
    done = _CARRY_OUT[operation](services, wanted)
    # Without values: addresses are nobody's business who reads the journal.
    _logger.info("the operator did %s on the page of the status", operation)
    return isinstance(done, members.Member) and bool(done.kept_out)


def sign_in(services: Services, token: str) -> str | None:
    """Return what says for `SIGNED_IN_FOR` that its holder knew the token; None for a wrong one."""
    expected = services.status_token
    if expected is None or not hmac.compare_digest(expected.encode(), token.encode()):
        return None
    return services.signer.sign(
        Purpose.OPERATOR,
        0,
        _fingerprint(services, "sign-in", {"token": expected}),
        expires_at=services.clock() + SIGNED_IN_FOR,
    )


def is_signed_in(services: Services, held: str) -> bool:
    """Whether what is held out came from `sign_in`, for the token of now, and is not over."""
    if services.status_token is None:
        return False
    try:
        payload = services.signer.verify(held, Purpose.OPERATOR, now=services.clock())
    except TokenError:
        return False
    return payload.values == (_fingerprint(services, "sign-in", {"token": services.status_token}),)


def _fingerprint(services: Services, what: str, values: Mapping[str, str]) -> int:
    """Return a number that stands for something, and that nobody without our key can tell."""
    name = services.signer.name_of(json.dumps([what, sorted(values.items())]))
    return int(name[:_FINGERPRINT_DIGITS], 16)


def _foresee_pause(services: Services, _values: Mapping[str, str]) -> Foreseen:
    return _foresee_outbox(services, Operation.PAUSE, outbox.CANCELLED_STATES)


def _foresee_resume(services: Services, _values: Mapping[str, str]) -> Foreseen:
    return _foresee_outbox(services, Operation.RESUME, outbox.CANCELLED_STATES)


def _foresee_retry(services: Services, _values: Mapping[str, str]) -> Foreseen:
    return _foresee_outbox(services, Operation.RETRY, outbox.PUT_OFF_STATES)


def _foresee_outbox(
    services: Services, operation: Operation, states: Sequence[DeliveryState]
) -> Foreseen:
    summary = outbox.summarise(services, outbox.select(states=states))
    lifted = hold_reasons(replace(summary.holds, paused_at=None))
    return Foreseen(
        operation,
        {},
        messages=summary.meant,
        paused_at=summary.holds.paused_at,
        holds=tuple(lifted),
    )


def _foresee_adding(services: Services, values: Mapping[str, str]) -> Foreseen:
    address = address_to_mail(services, values["email"])
    try:
        known = find_subscriber(services, address.email)
    except NotFoundError:
        schedule = describe_schedule(services.defaults)
        return Foreseen(Operation.ADD_SUBSCRIBER, {"email": address.email}, schedule=schedule)
    return Foreseen(
        Operation.ADD_SUBSCRIBER,
        {"email": address.email},
        state=known.state,
        is_asked=decide_vouched(known, SubscriberState.ACTIVE) is not SubscriberState.ACTIVE,
        schedule=describe_schedule(known.preferences),
    )


def _foresee_removing(services: Services, values: Mapping[str, str]) -> Foreseen:
    known = find_subscriber(services, values["email"])
    return Foreseen(Operation.REMOVE_SUBSCRIBER, {"email": known.email}, state=known.state)


def _foresee_source(services: Services, values: Mapping[str, str]) -> Foreseen:
    wanted = managing.wanted_source(values["source"])
    reason = refusal_unseen(wanted.url, allow_own_network=services.sources.allow_private_networks)
    if reason is not None:
        raise SourceError(reason)
    with services.database.read() as session:
        managing.refuse_known(session, wanted)
    return Foreseen(
        Operation.ADD_SOURCE, {"source": values["source"]}, name=wanted.name, url=wanted.url
    )


def _retry(services: Services, _values: Mapping[str, str]) -> None:
    outbox.retry(services, outbox.select(states=outbox.PUT_OFF_STATES))
    outbox.lift(services)


def _add(services: Services, values: Mapping[str, str]) -> members.Member:
    # Who left or complained is asked, for only their own yes brings them back: the page says that.
    return members.add(services, {**values, "status": SubscriberState.ACTIVE}, ask=True)


_VALUES: Final[Mapping[Operation, tuple[str, ...]]] = {
    Operation.PAUSE: (),
    Operation.RESUME: (),
    Operation.RETRY: (),
    Operation.ADD_SUBSCRIBER: ("email",),
    Operation.REMOVE_SUBSCRIBER: ("email",),
    Operation.ADD_SOURCE: ("source",),
}
_FORESEE: Final[Mapping[Operation, Callable[[Services, Mapping[str, str]], Foreseen]]] = {
    Operation.PAUSE: _foresee_pause,
    Operation.RESUME: _foresee_resume,
    Operation.RETRY: _foresee_retry,
    Operation.ADD_SUBSCRIBER: _foresee_adding,
    Operation.REMOVE_SUBSCRIBER: _foresee_removing,
    Operation.ADD_SOURCE: _foresee_source,
}
_CARRY_OUT: Final[Mapping[Operation, Callable[[Services, Mapping[str, str]], object]]] = {
    Operation.PAUSE: lambda services, _: outbox.pause(services),
    Operation.RESUME: lambda services, _: outbox.resume(services),
    Operation.RETRY: _retry,
    Operation.ADD_SUBSCRIBER: _add,
    Operation.REMOVE_SUBSCRIBER: lambda services, values: members.remove(
        services, values["email"], erase=False
    ),
    Operation.ADD_SOURCE: lambda services, values: managing.add_unless_known(
        services, values["source"]
    ),
}


def names_of_values(operation: Operation) -> tuple[str, ...]:
    """Return which values an operation takes."""
    return _VALUES[operation]

"""Membership: a change of address, to which both addresses have to say yes; pure.

Who can read the old address proves that the subscription is theirs; who can read the new one, that
they want the mails there. They may say so in either order, within `PENDING_LIFETIME`:

==============================  ===================================================
when the last of both said yes  what follows
==============================  ===================================================
all is as it was                the address is changed; ratings, reading list and
                                preferences stay with the person
suspended since, or before      the same, and the suspension is cured: the new
                                address has just shown that mail arrives there
the new address has a           that row goes: nobody ever confirmed it, and now
subscription that nobody ever   its owner speaks
confirmed
the new address has another     refused, and said so to them: they can read mail at
subscription                    both addresses, so it is no secret to them
unsubscribed, or erased         the link is over
==============================  ===================================================

Whether the new address is known is told to nobody before they have shown that they read mail there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Final

from recommender.domain import PendingChange, Subscriber, SubscriberState
from recommender.errors import PreferenceError, TokenExpiredError
from recommender.languages.messages import Message
from recommender.membership.subscription import (
    CONFIRMATION_LIFETIME,
    RECEIVING,
    is_never_confirmed,
)

PENDING_LIFETIME: Final = CONFIRMATION_LIFETIME
PENDINGS_A_DAY: Final = 5
"""How many changes may be asked for in a subscriber's name within a day, and at one address."""

CHANGING: Final = (*RECEIVING, SubscriberState.SUSPENDED)
"""Who has a subscription that an address can be changed of."""


class Side(IntEnum):
    """Whose yes it is: that of the address that is subscribed, or of the one that is to be."""

    SUBSCRIBED = 0
    NEW = 1


@dataclass(frozen=True, slots=True)
class YesPlan:
    """What a yes brings about.

    Attributes
    ----------
    pending : PendingChange
        Afterwards: with the moment of this yes, and of being carried out.
    carries_out : bool
        Nothing is waited for any more, and it was not done before.
    waits_for : Side or None
        Who still has to say yes.
    """

    pending: PendingChange
    carries_out: bool
    waits_for: Side | None


def sides(pending: PendingChange) -> tuple[Side, ...]:
    """Return who has to say yes: for what is no change of address, the subscribed one alone."""
    return (Side.SUBSCRIBED,) if pending.new_email_key is None else (Side.SUBSCRIBED, Side.NEW)


def decide_yes(
    pending: PendingChange | None, subscriber: Subscriber | None, side: Side, *, now: datetime
) -> YesPlan:
    """Decide what a yes to a pending change brings about; twice brings about nothing more.

    Parameters
    ----------
    pending : PendingChange or None
        The one that the verified token names; None where it was deleted since.
    subscriber : Subscriber or None
        Whose it is.

    Raises
    ------
    TokenExpiredError
        If its time is over, or they unsubscribed since.
    """
    if pending is None or subscriber is None or side not in sides(pending):
        raise TokenExpiredError("this change is over; ask for it again")
    if pending.done_at is not None:
        return YesPlan(pending, carries_out=False, waits_for=None)
    if now >= pending.expires_at:
        raise TokenExpiredError(
            f"this change could be confirmed until {pending.expires_at:%d %B %Y %H:%M} UTC; ask "
            "for it again"
        )
    if subscriber.state is SubscriberState.UNSUBSCRIBED:
        raise TokenExpiredError("this subscription has ended since; subscribe again")
    if side is Side.SUBSCRIBED:
        pending = replace(pending, old_confirmed_at=pending.old_confirmed_at or now)
    else:
        pending = replace(pending, new_confirmed_at=pending.new_confirmed_at or now)
    said = {Side.SUBSCRIBED: pending.old_confirmed_at, Side.NEW: pending.new_confirmed_at}
    missing = [each for each in sides(pending) if said[each] is None]
    if missing:
        return YesPlan(pending, carries_out=False, waits_for=missing[0])
    return YesPlan(replace(pending, done_at=now), carries_out=True, waits_for=None)


def check_new_address(subscriber: Subscriber, current_key: str, new_key: str) -> None:
    """See whether a change to an address can be asked for.

    Raises
    ------
    PreferenceError
        If it is their address already, or they are not subscribed.
    """
    if subscriber.state not in CHANGING:
        raise PreferenceError(
            "address",
            Message("no mails come to this subscription now; subscribe with the new address"),
        )
    if new_key == current_key:
        raise PreferenceError("address", Message("the mails go to that address already"))


def replaces(holder: Subscriber | None) -> bool:
    """Return whether a change takes over what somebody has at the new address.

    Raises
    ------
    PreferenceError
        If it is a subscription of its own.
    """
    if holder is None:
        return False
    if is_never_confirmed(holder):
        return True
    raise PreferenceError(
        "address",
        Message(
            "the new address has a subscription of its own; erase that one first, by the link to"
            " the preferences in one of its mails, and ask for the change again"
        ),
    )

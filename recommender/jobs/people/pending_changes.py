"""Jobs: changes that wait for a yes by mail; what is decided stands in `membership`.

Whoever writes to us may be anybody, and whoever has a link may have got it with a forwarded mail.
So what they ask for is mailed to the address that it is about, and happens once that says yes: by
a yes in reply to that mail, or on the page behind its link. A change of address asks both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recommender.domain import DeliveryKind, PendingChange, Subscriber, SubscriberState
from recommender.errors import PreferenceError, TokenExpiredError
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import new_message_id
from recommender.jobs.outgoing.stranger_rations import take_ration
from recommender.jobs.people import preferences, subscriptions
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.membership import address_change, changes
from recommender.membership.address_change import Side
from recommender.membership.addresses import normalise_address
from recommender.membership.limits import DAY
from recommender.membership.subscription import MAIL_INTERVAL
from recommender.newsletter.schedule import next_issue_at
from recommender.store import outbox, pendings, subscribers
from recommender.store.database import Session
from recommender.store.erasing import erase_subscriber
from recommender.tokens import Payload, Purpose

TEMPLATE: Final = "confirm-change"
ADDRESS_COMMAND: Final = changes.command_of(changes.NewAddress())


@dataclass(frozen=True, slots=True)
class PendingOutcome:
    """What a yes brought about.

    Attributes
    ----------
    is_done : bool
        The change holds, by this yes or an earlier one.
    is_refused : bool
        It cannot be carried out any more.
    sentence : str
        What happened, to be told to whoever said yes.
    """

    is_done: bool
    is_refused: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class PendingPage:
    """What the page behind a link to a pending change shows.

    Attributes
    ----------
    email : str
        The address that was asked.
    what : str
        What the change does, as an infinitive.
    old_email, new_email : str or None
        For a change of address; the old one is told to who reads its mail alone.
    is_done : bool
        It was carried out.
    is_waiting : bool
        This address said yes, and the other one did not yet.
    language : str or None
        Of the subscriber; see `domain.Subscriber`.
    """

    email: str
    what: str
    old_email: str | None
    new_email: str | None
    is_done: bool
    is_waiting: bool
    language: str | None


def ask_for_address(
    services: Services, session: Session, subscriber: Subscriber, new_email: str
) -> None:
    """Ask both addresses whether a subscription shall move, from a subscriber's own page.

    It says nothing of whether the new address is known.

    Raises
    ------
    AddressError
        If ``new_email`` is no mail address, or none that we can mail.
    PreferenceError
        If it is theirs already, they are not subscribed, or they asked too often.
    """
    pending = plan_change(
        services, session, subscriber, command=ADDRESS_COMMAND, new_email=new_email
    )
    if pending is None:
        raise PreferenceError(
            "address", Message("that was asked for too often today; try again tomorrow")
        )


def plan_change(
    services: Services,
    session: Session,
    subscriber: Subscriber,
    *,
    command: str,
    new_email: str | None = None,
) -> PendingChange | None:
    """Ask by mail whether a change shall happen.

    Parameters
    ----------
    command : str
        See `changes.parse_change`; what is kept and mailed is printed from what was understood.
    new_email : str or None
        For the command ``address``.

    Returns
    -------
    PendingChange or None
        The one that is mailed. Within an hour the same change is not mailed again, and the one
        that is under way is given. None where as much was asked for within a day that nothing is
        mailed any more.

    Raises
    ------
    AddressError
        If ``new_email`` is no mail address, or none that we can mail.
    PreferenceError
        If the command is none, or not possible for them.
    """
    now = services.clock()
    change = changes.parse_change(command)
    address = None
    if isinstance(change, changes.NewAddress):
        address = subscriptions.address_to_mail(services, new_email or "")
        current_key = normalise_address(subscriber.email).key
        address_change.check_new_address(subscriber, current_key, address.key)
    new_key = None if address is None else address.key
    printed = changes.command_of(change)
    under_way = pendings.live(
        session,
        subscriber.id,
        command=printed,
        new_email_key=new_key,
        since=now - MAIL_INTERVAL,
    )
    if under_way is not None:
        return under_way
    asked = pendings.count_recent(session, subscriber.id, new_key, since=now - DAY)
    if asked >= address_change.PENDINGS_A_DAY:
        return None
    # Whoever forges a subscriber's From could have us mail anybody.
    if address is not None and not take_ration(
        services,
        session,
        recipient=address.email,
        caused_by=subscriber.email,
        name=DeliveryKind.CONFIRM_CHANGE,
    ):
        return None
    pending = pendings.add(
        session,
        subscriber_id=subscriber.id,
        command=printed,
        new_email=None if address is None else address.email,
        new_email_key=new_key,
        now=now,
        expires_at=now + address_change.PENDING_LIFETIME,
    )
    for side in address_change.sides(pending):
        _ask(services, session, pending, subscriber, side)
    return pending


def open_pending(services: Services, token: str) -> PendingPage:
    """Show what the link of a pending change would do. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none, or its time is over.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.PENDING)
        pending, subscriber, side = _change_and_subscriber(session, payload)
    plan = address_change.decide_yes(pending, subscriber, side, now=services.clock())
    said = {
        Side.SUBSCRIBED: None if pending is None else pending.old_confirmed_at,
        Side.NEW: None if pending is None else pending.new_confirmed_at,
    }
    asked = plan.pending.new_email if side is Side.NEW else None
    is_done = plan.pending.done_at is not None and not plan.carries_out
    return PendingPage(
        email=asked or ("" if subscriber is None else subscriber.email),
        what=changes.described(plan.pending.command),
        # Who mistyped the new address has told a stranger nothing.
        old_email=None if subscriber is None or side is Side.NEW else subscriber.email,
        new_email=plan.pending.new_email,
        is_done=is_done,
        is_waiting=said[side] is not None and plan.waits_for is not None,
        language=None if subscriber is None else subscriber.language,
    )


def carry_out_pending(services: Services, session: Session, payload: Payload) -> PendingOutcome:
    """Accept a change; twice changes nothing more.

    Parameters
    ----------
    payload : Payload
        Of a verified token of `Purpose.PENDING`: the subscriber, the change, and whose yes it is.

    Raises
    ------
    TokenExpiredError
        If its time is over, or they unsubscribed since.
    """
    pending, subscriber, side = _change_and_subscriber(session, payload)
    plan = address_change.decide_yes(pending, subscriber, side, now=services.clock())
    if plan.carries_out and subscriber is not None:
        try:
            sentence = _carry_out(services, session, plan.pending, subscriber)
        except PreferenceError as error:
            return PendingOutcome(
                is_done=False,
                is_refused=True,
                sentence=Message("Nothing was changed: %(problem)s.", problem=error.message),
            )
        pendings.record_yes(session, plan.pending)
        return PendingOutcome(is_done=True, is_refused=False, sentence=sentence)
    if plan.waits_for is None:
        return PendingOutcome(
            is_done=True,
            is_refused=False,
            sentence=Message("This was done before; nothing more changes."),
        )
    pendings.record_yes(session, plan.pending)
    return PendingOutcome(
        is_done=False,
        is_refused=False,
        sentence=Message("Noted. Now the mail to the new address waits for a yes as well.")
        if plan.waits_for is Side.NEW
        else Message("Noted. Now the mail to the present address waits for a yes as well."),
    )


def _change_and_subscriber(
    session: Session, payload: Payload
) -> tuple[PendingChange | None, Subscriber | None, Side]:
    try:
        pending_id, number = payload.values
        side = Side(number)
    except ValueError as error:
        raise TokenExpiredError("this change is over; ask for it again") from error
    return (
        pendings.by_id(session, pending_id, payload.subscriber_id),
        subscribers.by_id(session, payload.subscriber_id),
        side,
    )


def _ask(
    services: Services,
    session: Session,
    pending: PendingChange,
    subscriber: Subscriber,
    side: Side,
) -> None:
    recipient = pending.new_email if side is Side.NEW else subscriber.email
    outbox.enqueue(
        session,
        subscriber_id=subscriber.id,
        kind=DeliveryKind.CONFIRM_CHANGE,
        key=f"{pending.id}-{side.name.lower()}",
        recipient=recipient or subscriber.email,
        message_id=new_message_id(services),
        now=services.clock(),
        content={
            "template": TEMPLATE,
            "values": {
                "pending_id": pending.id,
                "side": int(side),
                "command": pending.command,
                "new_email": pending.new_email,
            },
        },
    )


def _carry_out(
    services: Services, session: Session, pending: PendingChange, subscriber: Subscriber
) -> str:
    """Do what everybody said yes to, and say that it is done.

    Raises
    ------
    PreferenceError
        If it is not possible any more; nothing is changed.
    """
    change = changes.parse_change(pending.command)
    match change:
        case changes.Leave():
            subscriptions.unsubscribe(session, subscriber.id, now=services.clock())
            return Message("You are unsubscribed.")
        case changes.Pause(days):
            preferences.pause(services, session, subscriber, days)
            return Message("The newsletter pauses for %(days)s days.", days=days)
        case changes.Resume():
            preferences.resume(services, session, subscriber)
            return Message("The newsletter comes again.")
        case changes.Choices():
            preferences.change_preferences(
                services,
                session,
                subscriber,
                change.applied_to(subscriber.preferences),
                language=change.language,
            )
            return Message("Your preferences are changed.")
        case changes.NewAddress():
            _move(services, session, pending, subscriber)
            return Message("The newsletter goes to %(email)s from now on.", email=pending.new_email)


def _move(
    services: Services, session: Session, pending: PendingChange, subscriber: Subscriber
) -> None:
    if pending.new_email is None or pending.new_email_key is None:
        raise PreferenceError("address", Message("no new address is known"))
    if subscriber.state not in address_change.CHANGING:
        raise PreferenceError("address", Message("no mails come to this subscription now"))
    holder = subscribers.by_key(session, pending.new_email_key)
    if address_change.replaces(holder) and holder is not None:
        erase_subscriber(session, holder.id)
    subscribers.set_address(
        session, subscriber.id, email=pending.new_email, email_key=pending.new_email_key
    )
    outbox.readdress_waiting(session, subscriber.id, recipient=pending.new_email)
    if subscriber.state is SubscriberState.SUSPENDED:
        due_at = next_issue_at(
            subscriber.preferences,
            after=services.clock(),
            last_issue_date=subscriber.last_issue_date,
        )
        subscribers.set_state(session, subscriber.id, SubscriberState.ACTIVE, next_issue_at=due_at)

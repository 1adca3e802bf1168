"""Jobs: what a mail to one of our addresses brings about. From is never proof of who writes.

What changes something needs an address that we signed, because it was sent to its reader only: a
reply to an issue, to a confirmation, or to the mail that asks for a yes. What comes to the open
addresses is asked about first, at the address that is stored.
"""

from __future__ import annotations

from typing import Final

from recommender.domain import InboundMail, Subscriber
from recommender.errors import (
    AddressError,
    OwnAddressError,
    PreferenceError,
    TokenEndedError,
    TokenError,
)
from recommender.jobs.incoming import bouncing, mail_answers
from recommender.jobs.incoming.acting import Handled
from recommender.jobs.incoming.mail_answers import Received
from recommender.jobs.outgoing import links
from recommender.jobs.people import preferences, subscriptions
from recommender.jobs.people.new_links import mail_instead
from recommender.jobs.people.pending_changes import (
    ADDRESS_COMMAND,
    carry_out_pending,
    plan_change,
)
from recommender.jobs.people.voting import vote
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.mail.inbox.assent import Answer
from recommender.mail.inbox.commands import Command, Verb
from recommender.mail.inbox.incoming import IncomingMail
from recommender.mail.inbox.letter import Letter
from recommender.mail.inbox.receiving import split_tag
from recommender.membership import changes, limits
from recommender.membership.addresses import normalise_address
from recommender.membership.subscription import RECEIVING
from recommender.store import bounces, issues, subscribers
from recommender.store.database import Session
from recommender.tokens import Payload, Purpose
from recommender.wording import counted

_SIGNED: Final = (
    Purpose.BOUNCE,
    Purpose.UNSUBSCRIBE,
    Purpose.CONFIRM,
    Purpose.PENDING,
    Purpose.RATE,
)

_CHANGES: Final = (Verb.UNSUBSCRIBE, Verb.PAUSE, Verb.RESUME)


def dispatch(services: Services, session: Session, mail: InboundMail, letter: Letter) -> Handled:
    """Act on a mail by the address that it came to, and by what it says; once.

    Called inside the transaction that writes that it was acted on.
    """
    received = Received(services, session, mail, letter)
    tag, token = split_tag(letter.recipient)
    if token:
        try:
            return _by_signed_address(received, tag, token)
        except TokenEndedError as ended:
            return _ended(received, ended)
        except TokenError as error:
            return Handled(f"nothing: {error}")
    # Complaints come to the address that readers and providers see.
    report = bouncing.handle_stray_report(services, session, mail, letter.report, letter.references)
    if report is not None:
        return report
    if letter.reason_to_ignore is not None:
        return Handled(f"nothing: {letter.reason_to_ignore}")
    return _by_open_address(received)


def _by_signed_address(received: Received, tag: str, token: str) -> Handled:
    payload = _verified(received.services, received.session, tag, token)
    purpose = payload.purpose
    letter = received.letter
    if purpose is Purpose.BOUNCE:
        return bouncing.handle_bounce(
            received.services, received.session, received.mail, payload, letter.report
        )
    if purpose is Purpose.UNSUBSCRIBE:
        return _unsubscribe(received, payload)
    if letter.reason_to_ignore is not None:
        return Handled(f"nothing: {letter.reason_to_ignore}", payload.subscriber_id)
    if purpose is Purpose.RATE:
        return _reply_to_issue(received, payload)
    return _accept(received, payload)


def _verified(services: Services, session: Session, tag: str, token: str) -> Payload:
    """Return what the token of an address says.

    Raises
    ------
    TokenError
        If it is none of ours, its time is over, or it was ended.
    """
    purposes = {purpose.value: purpose for purpose in _SIGNED}
    if tag not in purposes:
        raise TokenError("a tag that is none of ours")
    return links.verify_address(services, session, token, purposes[tag])


def _ended(received: Received, ended: TokenEndedError) -> Handled:
    """Do nothing at an address that was ended, and mail new links to its reader."""
    letter = received.letter
    is_ignored = (
        not letter.asks_to_unsubscribe
        if ended.purpose == Purpose.UNSUBSCRIBE
        else letter.reason_to_ignore is not None
    )
    is_told = not is_ignored and mail_instead(received.services, received.session, ended)
    consequence = "; new ones are mailed" if is_told else ""
    return Handled(f"nothing: its links were ended{consequence}", ended.subscriber_id)


def _unsubscribe(received: Received, payload: Payload) -> Handled:
    if not received.letter.asks_to_unsubscribe:
        return Handled("nothing: an automatic answer", payload.subscriber_id)
    subscriptions.unsubscribe(
        received.session, payload.subscriber_id, now=received.services.clock()
    )
    return Handled("unsubscribed", payload.subscriber_id)


def _accept(received: Received, payload: Payload) -> Handled:
    """Take a reply to a question for what it says; one that says nothing changes nothing."""
    letter = received.letter
    answers_us = _answers_mail_to(received.session, letter.written, payload.subscriber_id)
    said = letter.answer_to_our_mail if answers_us else letter.answer
    if said is Answer.NO:
        return Handled("nothing: they said no", payload.subscriber_id)
    if said is Answer.NEITHER:
        return Handled("nothing: no sign that a person says yes", payload.subscriber_id)
    try:
        if payload.purpose is Purpose.CONFIRM:
            page = subscriptions.confirm(received.services, received.session, payload)
            return Handled(f"confirmed: {page.state}", payload.subscriber_id)
        outcome = carry_out_pending(received.services, received.session, payload)
    except TokenError as error:
        return Handled(f"nothing: {error}", payload.subscriber_id)
    done = "done" if outcome.is_done else "refused" if outcome.is_refused else "half"
    return Handled(f"a change is {done}", payload.subscriber_id)


def _answers_mail_to(session: Session, written: IncomingMail, subscriber_id: int) -> bool:
    found = (bounces.delivery_by_message_id(session, each) for each in written.answers)
    return any(delivery is not None and delivery[1] == subscriber_id for delivery in found)


def _reply_to_issue(
    received: Received,
    payload: Payload,
) -> Handled:
    subscriber = subscribers.by_id(received.session, payload.subscriber_id)
    if subscriber is None:
        return Handled("nothing: its subscriber was erased")
    ratings = received.letter.ratings
    if not ratings.votes:
        return _signed_command(received, subscriber, received.letter.command)
    issue = issues.by_id(received.session, payload.values[0])
    papers = {} if issue is None else {each.position: each for each in issue.entries}
    taken = [(number, choice) for number, choice in ratings.votes if number in papers]
    now = received.services.clock()
    for number, choice in taken:
        vote(received.session, subscriber.id, papers[number].paper_id, choice, now=now)
    if ratings.wants_receipt:
        lines = [
            {"number": number, "vote": choice.value, "title": papers[number].title}
            for number, choice in taken
        ]
        unknown = sorted({number for number, _ in ratings.votes if number not in papers})
        values = {"lines": lines, "unknown": unknown}
        mail_answers.answer(received, subscriber, "receipt", values)
    return Handled(f"{counted(len(taken), 'rating')} taken", subscriber.id)


def _signed_command(
    received: Received,
    subscriber: Subscriber,
    command: Command,
) -> Handled:
    """Do what somebody asks for at an address that only they were sent."""
    if command.verb is Verb.UNSUBSCRIBE:
        subscriptions.unsubscribe(received.session, subscriber.id, now=received.services.clock())
        return Handled("unsubscribed", subscriber.id)
    try:
        if command.verb in _CHANGES or (command.verb is Verb.SETTINGS and command.argument):
            _change_now(received.services, received.session, subscriber, command)
            return Handled(f"done: {command.verb}", subscriber.id)
        if command.verb is Verb.ADDRESS:
            plan_change(
                received.services,
                received.session,
                subscriber,
                command=ADDRESS_COMMAND,
                new_email=command.argument,
            )
            return Handled("both addresses are asked", subscriber.id)
    except (PreferenceError, AddressError) as error:
        return _help(received, subscriber, problem=error)
    if command.verb in (Verb.SETTINGS, Verb.LIST, Verb.HELP):
        return _question(received, subscriber, command)
    return _unclear(received, subscriber)


def _unclear(received: Received, subscriber: Subscriber) -> Handled:
    """Answer, once a day, that nothing was understood; no program, and no thanks."""
    if received.letter.is_ceremony:
        return Handled("nothing: thanks", subscriber.id)
    if received.letter.reads_like_a_program:
        return Handled("nothing: it reads like a program's answer", subscriber.id)
    told = mail_answers.answer(received, subscriber, "unclear", {}, once_a_day=True)
    outcome = "told that nothing was understood" if told else "nothing: they were answered enough"
    return Handled(outcome, subscriber.id)


def _by_open_address(received: Received) -> Handled:
    """Do what anybody may ask for, and ask about the rest at the address that is stored."""
    command = received.letter.command
    try:
        address = normalise_address(received.letter.written.sender)
    except AddressError:
        return Handled("nothing: the sender is no mail address")
    if command.verb is Verb.SUBSCRIBE:
        try:
            subscriptions.request_subscription(
                received.services,
                received.session,
                address.email,
                command.argument,
                network=limits.BY_MAIL,
                language=received.letter.written.language,
            )
            outcome = "a request to be subscribed"
        except AddressError:
            outcome = "nothing: the sender's address is none that we can mail"
        return Handled(outcome)
    subscriber = subscribers.by_key(received.session, address.key)
    if subscriber is None or subscriber.state not in RECEIVING:
        # Who is known is told to nobody: strangers get the same help whatever they ask for.
        return _help(received, None, command=command)
    words = _change_in_words(command)
    if words is None:
        return _question(received, subscriber, command)
    try:
        plan_change(
            received.services,
            received.session,
            subscriber,
            command=words,
            new_email=command.argument if command.verb is Verb.ADDRESS else None,
        )
    except (PreferenceError, AddressError) as error:
        return _help(received, subscriber, problem=error)
    return Handled(f"asked whether it is meant: {command.verb}", subscriber.id)


def _question(
    received: Received,
    subscriber: Subscriber,
    command: Command,
) -> Handled:
    """Answer what changes nothing, at the address that is stored."""
    if command.verb is Verb.SETTINGS:
        values = mail_answers.settings_values(received.services, subscriber)
        mail_answers.answer(received, subscriber, "settings", values)
        return Handled("told their settings", subscriber.id)
    if command.verb is Verb.LIST:
        values = mail_answers.list_values(received.session, subscriber)
        mail_answers.answer(received, subscriber, "list", values)
        return Handled("told their reading list", subscriber.id)
    return _help(received, subscriber, command=command)


def _help(
    received: Received,
    subscriber: Subscriber | None,
    *,
    command: Command | None = None,
    problem: PreferenceError | AddressError | None = None,
) -> Handled:
    is_asked_for = command is not None and command.verb is Verb.HELP
    told = mail_answers.answer(
        received,
        subscriber,
        "help",
        # Not its words: they repeat what was typed, and anybody may write in somebody's name.
        {
            "is_problem": problem is not None,
            "is_own_address": isinstance(problem, OwnAddressError),
        },
        once_a_day=not is_asked_for,
    )
    outcome = "told what can be written" if told else "nothing: they were answered enough"
    return Handled(outcome, None if subscriber is None else subscriber.id)


def _change_now(
    services: Services, session: Session, subscriber: Subscriber, command: Command
) -> None:
    """Carry out a change.

    Raises
    ------
    PreferenceError
        If it is not possible.
    """
    change = changes.parse_change(_change_in_words(command) or "")
    match change:
        case changes.Pause(days):
            preferences.pause(services, session, subscriber, days)
        case changes.Resume():
            preferences.resume(services, session, subscriber)
        case changes.Choices():
            wanted = change.applied_to(subscriber.preferences)
            preferences.change_preferences(
                services, session, subscriber, wanted, language=change.language
            )
        case changes.Leave() | changes.NewAddress():
            raise PreferenceError("command", Message("it is none that there is"))


def _change_in_words(command: Command) -> str | None:
    """Return a command as `membership.changes` reads it; None where it changes nothing."""
    match command.verb:
        case Verb.PAUSE:
            return f"pause {command.argument} days"
        case Verb.SETTINGS:
            return command.argument or None
        case Verb.ADDRESS:
            return ADDRESS_COMMAND
        case Verb.UNSUBSCRIBE | Verb.RESUME:
            return command.verb.value
        case _:
            return None

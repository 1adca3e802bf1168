"""Jobs: what came back is counted, once; addresses that take no mail are left in peace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from recommender.domain import (
    Bounce,
    DeliveryKind,
    InboundMail,
    Subscriber,
    SubscriberState,
)
from recommender.errors import TokenError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.incoming.acting import Handled
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import new_message_id
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.people.subscriptions import leave
from recommender.jobs.services import Services
from recommender.mail.inbox.bounce_reports import (
    LONGEST_REPORT,
    BounceReport,
    Cause,
    judge_failure,
)
from recommender.mail.inbox.letter import Letter
from recommender.membership.bouncing import (
    Consequence,
    DomainRates,
    bounce_weight,
    decide_consequence,
)
from recommender.store import bounces, outbox, subscribers
from recommender.store.database import Session
from recommender.tokens import Payload, Purpose

RATE_DAYS: Final = 7

# How long after a refusal it is still turned into a bounce: longer than any stop of the daemon.
REFUSED_DAYS: Final = 7

MOST_SIGNED_ADDRESSES: Final = 20
"""So many in a report are looked at: a mail of ours has two, and a forged one takes a while."""

_SAYS_OF_ADDRESS: Final = frozenset({Cause.ADDRESS, Cause.TEMPORARY})


@dataclass(frozen=True, slots=True)
class _Return:
    """One report about one message: what it says, of which delivery, and when it came."""

    key: str
    report: BounceReport
    subscriber_id: int
    delivery_id: int | None
    received_at: datetime


def handle_bounce(
    services: Services, session: Session, mail: InboundMail, letter: Letter, payload: Payload
) -> Handled:
    """Count what came to the signed address of one delivery; it concerns nobody else."""
    report = letter.report
    if report is None:
        return Handled("nothing: no failure and no complaint", payload.subscriber_id or None)
    if payload.subscriber_id == 0:
        return Handled(f"{report.kind} bounce of a message to nobody who subscribed")
    return _count(
        services,
        session,
        _Return(
            f"mail:{mail.id}", report, payload.subscriber_id, payload.values[0], mail.received_at
        ),
    )


def handle_stray_report(
    services: Services, session: Session, mail: InboundMail, letter: Letter
) -> Handled | None:
    """Count a report that came to the list's own address, as complaints do.

    Whom it concerns, only what we signed ourselves can tell: a token, or the Message-ID of one of
    our messages, in the mail that it carries.

    Returns
    -------
    Handled or None
        None where the mail is no report.
    """
    report = letter.report
    if report is None:
        return None
    owner = _owner(services, session, mail.content)
    if owner is None:
        return Handled(f"nothing: a {report.kind} report that names no message of ours")
    subscriber_id, delivery_id = owner
    return _count(
        services,
        session,
        _Return(f"mail:{mail.id}", report, subscriber_id, delivery_id, mail.received_at),
    )


def count_refusals_and_warn(services: Services) -> None:
    """Count what servers refused for good, and warn of rates before providers act on them.

    Raises
    ------
    StorageError
        If the database cannot be read or written.
    """
    count_refusals(services)
    warn_of_rates(services)


def count_refusals(services: Services) -> int:
    """Turn each delivery that a server refused for good into a bounce; gives how many."""
    since = services.clock() - timedelta(days=REFUSED_DAYS)
    with services.database.read() as session:
        refused = bounces.refused_deliveries(session, since=since)
    if not refused:
        return 0
    with services.change() as session:
        for each in refused:
            report = judge_failure(each.enhanced_status_code, each.reply, source="smtp")
            _count(
                services,
                session,
                _Return(
                    f"attempt:{each.attempt_id}",
                    report,
                    each.subscriber_id,
                    each.delivery_id,
                    each.attempted_at,
                ),
            )
    return len(refused)


def rates(services: Services, *, days: int = RATE_DAYS) -> list[DomainRates]:
    """Return how mail to each recipient domain fared, the one with most messages first."""
    with services.database.read() as session:
        counts = bounces.counts_by_domain(session, since=services.clock() - timedelta(days=days))
    return [
        DomainRates(each.domain, each.sent, each.hard_bounces, each.complaints) for each in counts
    ]


def warn_of_rates(services: Services) -> tuple[str, ...]:
    """Notify the operator, once a day, of domains that come near a provider's limit."""
    if not _has_anything_come_back(services):
        return ()
    lines = tuple(line for each in rates(services) for line in each.warnings)
    if lines:
        notify_operator(
            services,
            key=f"rates:{services.clock():%Y-%m-%d}",
            subject="Bounces or complaints come near what providers allow",
            lines=[
                *lines,
                "Beyond the limit, providers put mail into the spam folder or refuse it.",
                "See by `recommender bounces` what came back, and remove whom nobody confirmed.",
            ],
        )
    return lines


def history(services: Services, email: str) -> tuple[Subscriber, list[Bounce]]:
    """Return what came back of one subscriber.

    Raises
    ------
    AddressError, NotFoundError
        If nobody has this address.
    """
    subscriber = find_subscriber(services, email)
    with services.database.read() as session:
        return subscriber, bounces.of_subscriber(session, subscriber.id)


def recent(services: Services, *, days: int, limit: int = 20) -> list[Bounce]:
    """Return what came back lately, the newest first."""
    with services.database.read() as session:
        since = services.clock() - timedelta(days=days)
        return list(bounces.recent(session, since=since, limit=limit))


def _has_anything_come_back(services: Services) -> bool:
    with services.database.read() as session:
        since = services.clock() - timedelta(days=RATE_DAYS)
        return bool(bounces.recent(session, since=since, limit=1))


def _count(services: Services, session: Session, returned: _Return) -> Handled:
    """Store a bounce and do what follows from it."""
    subscriber = subscribers.by_id(session, returned.subscriber_id)
    if subscriber is None:
        return Handled("nothing: its subscriber was erased")
    report = returned.report
    found = (
        None
        if returned.delivery_id is None
        else bounces.delivery_kind(session, returned.delivery_id, subscriber_id=subscriber.id)
    )
    kind, domain = found or (None, subscriber.email.rpartition("@")[2].lower())
    bounce = bounces.add(
        session,
        returned.key,
        Bounce(
            id=0,
            subscriber_id=subscriber.id,
            delivery_id=returned.delivery_id if found else None,
            kind=report.kind,
            weight=bounce_weight(
                report.kind,
                says_of_address=report.cause in _SAYS_OF_ADDRESS,
                policy=services.bounces,
            ),
            enhanced_status_code=report.enhanced_status_code,
            diagnostic=report.diagnostic,
            source=report.source,
            received_at=returned.received_at,
            recipient_domain=domain,
        ),
    )
    if bounce is None:
        return Handled("nothing: it was counted before", subscriber.id)
    consequence = decide_consequence(
        subscriber,
        bounce,
        bounces.of_subscriber(session, subscriber.id),
        of_probe=kind is DeliveryKind.PROBE,
        last_probe_at=bounces.last_probe_at(session, subscriber.id),
        now=services.clock(),
        policy=services.bounces,
    )
    done = _carry_out(services, session, subscriber, consequence)
    return Handled(f"{report.kind} bounce ({report.cause}){done}", subscriber.id)


def _carry_out(
    services: Services, session: Session, subscriber: Subscriber, consequence: Consequence
) -> str:
    match consequence:
        case Consequence.UNSUBSCRIBE:
            leave(session, subscriber.id, now=services.clock())
            return ": unsubscribed"
        case Consequence.SUSPEND:
            subscribers.set_state(session, subscriber.id, SubscriberState.SUSPENDED)
            reply = "suspended before it was sent: mail to this address comes back"
            outbox.give_up_waiting(session, subscriber.id, reply=reply, now=services.clock())
            return ": suspended"
        case Consequence.PROBE:
            _enqueue_probe(services, session, subscriber)
            return ": a probe asks whether the address still works"
        case Consequence.NOTHING:
            return ""


def _enqueue_probe(services: Services, session: Session, subscriber: Subscriber) -> None:
    now = services.clock()
    outbox.enqueue(
        session,
        subscriber_id=subscriber.id,
        kind=DeliveryKind.PROBE,
        key=f"{now:%Y-%m-%d}",
        recipient=subscriber.email,
        message_id=new_message_id(services),
        now=now,
        content={
            "template": "probe",
            "values": {
                "preferences_url": links.preferences_url(services, subscriber, since=now),
                "unsubscribe_url": links.unsubscribe_url(services, subscriber, since=now),
            },
        },
    )


def _owner(services: Services, session: Session, content: bytes) -> tuple[int, int | None] | None:
    """Find whom the message inside a report was for, by what we signed in it."""
    # Lines of quoted-printable and folded headers are joined: tokens are long words.
    text = re.sub(rb"=\r?\n|\r?\n[ \t]+", b"", content[:LONGEST_REPORT]).decode("ascii", "replace")
    name, _, domain = services.site.list_address.rpartition("@")
    signed = re.compile(
        rf"{re.escape(name)}\+(bounce|unsubscribe)-([a-z2-7]+)@{re.escape(domain)}", re.IGNORECASE
    )
    for tag, token in list(dict.fromkeys(signed.findall(text)))[:MOST_SIGNED_ADDRESSES]:
        try:
            payload = links.verify_address(services, session, token, Purpose(tag.lower()))
        except TokenError:
            continue
        if payload.subscriber_id:
            return payload.subscriber_id, payload.values[0] if payload.values else None
    for message_id in re.findall(r"(?im)^Message-ID:\s*(<[^<>\s]+>)", text):
        found = bounces.delivery_by_message_id(session, message_id)
        if found is not None:
            return found[1], found[0]
    return None

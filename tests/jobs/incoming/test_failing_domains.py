"""Where a whole domain refuses us, nobody there is given up; single dead addresses are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import col, select

from recommender.domain import Delivery, DeliveryKind, Subscriber
from recommender.domain import SubscriberState as State
from recommender.jobs.incoming import bouncing, inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.store import outbox, subscribers
from recommender.store.inbound import NewMail
from recommender.store.tables import DeliveryRow

DAY = timedelta(days=1)
PROVIDERS = [f"provider-{number}.example" for number in range(5)]
GONE = "smtp; 550 5.1.1 user unknown|5.1.1"
UNREACHABLE = "X-Relay; connect to mx.company.example: Connection timed out|4.4.1"


def failed(diagnostic: str, status: str) -> bytes:
    return (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: {diagnostic}\r\n--B--\r\n"
    ).encode()


@pytest.fixture
def services(services: Services) -> Services:
    """Return services whose operator has an address."""
    site = replace(services.site, operator_address="operator@example.net")
    return replace(services, site=site)


@pytest.fixture
def readers(services: Services) -> Callable[..., list[Subscriber]]:
    """Store readers with addresses at a domain."""
    numbers = count()

    def readers(domain: str, number: int) -> list[Subscriber]:
        emails = [f"reader{next(numbers)}@{domain}" for _ in range(number)]
        with services.database.write() as session:
            return [
                subscribers.add(
                    session,
                    email=email,
                    email_key=email,
                    state=State.ACTIVE,
                    preferences=services.defaults,
                    interests="",
                    followed="",
                    blocked="",
                    now=services.clock(),
                    next_issue_at=services.clock(),
                )
                for email in emails
            ]

    return readers


@pytest.fixture
def days(
    services: Services,
    clock: Any,
    send: Callable[..., Delivery],
    now_known: Callable[[Subscriber], Subscriber],
) -> Callable[..., Iterator[int]]:
    """Mail everybody daily, and have it come back as told; probes as well.

    What is told is a diagnostic and a status, or None where the mail arrives.
    """

    def days(number: int, to: Mapping[int, tuple[Subscriber, str | None]]) -> Iterator[int]:
        for day in range(number):
            mails = []
            for reader, diagnostic in to.values():
                if now_known(reader).state is not State.ACTIVE:
                    continue
                sent = [send(reader), *probes_of(services, reader, clock)]
                if diagnostic is not None:
                    words, _, status = diagnostic.partition("|")
                    content = failed(words, status)
                    addresses = [links.bounce_address(services, each) for each in sent]
                    mails += [NewMail("lmtp", "", each, content) for each in addresses]
            inbox.store_mails(services, mails)
            process_stored(services, dispatch)
            bouncing.count_refusals_and_warn(services)
            yield day
            clock.now += DAY

    return days


def probes_of(services: Services, reader: Subscriber, clock: Any) -> list[Delivery]:
    """Return what was queued yesterday to ask once more."""
    with services.database.read() as session:
        found = outbox.of_subscriber(session, reader.id)
    return [
        each
        for each in found
        if each.kind is DeliveryKind.PROBE and clock.now - each.created_at < 2 * DAY
    ]


def notices(services: Services) -> list[str]:
    with services.database.read() as session:
        contents = session.exec(
            select(DeliveryRow.content)
            .where(DeliveryRow.kind == DeliveryKind.NOTICE)
            .order_by(col(DeliveryRow.id))
        )
        return [(content or {})["values"]["subject"] for content in contents]


def told_of(services: Services, domain: str) -> int:
    return sum(each.startswith(f"{domain} sends most") for each in notices(services))


@pytest.mark.parametrize(
    "words",
    [
        "smtp; 550 5.7.1 blocked|5.7.1",
        "smtp; 550 5.1.1 no such user|5.1.1",
        "smtp; 550|5.0.0",
    ],
)
def test_providers_that_refuse_all_for_a_fortnight_suspend_nobody_but_the_dead(
    services: Services,
    readers: Callable[..., list[Subscriber]],
    days: Callable[..., Iterator[int]],
    now_known: Callable[[Subscriber], Subscriber],
    words: str,
) -> None:
    living = [reader for domain in PROVIDERS for reader in readers(domain, 3)]
    (dead,) = readers(PROVIDERS[0], 1)
    to = {reader.id: (reader, words) for reader in living}
    to[dead.id] = (dead, "smtp; 550 5.2.1 this account has been closed|5.2.1")
    state_on_tenth = None
    for day in days(14, to):
        if day == 9:
            state_on_tenth = now_known(dead).state

    assert state_on_tenth is State.SUSPENDED
    assert {now_known(reader).state for reader in living} == {State.ACTIVE}
    assert [told_of(services, domain) for domain in PROVIDERS] == [1] * len(PROVIDERS)


def test_dead_addresses_at_a_domain_that_takes_mail_are_given_up_though_they_say_the_same(
    services: Services,
    readers: Callable[..., list[Subscriber]],
    days: Callable[..., Iterator[int]],
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    living, dead = readers("large.example", 12), readers("large.example", 5)
    to = {reader.id: (reader, None) for reader in living}
    to |= {reader.id: (reader, GONE) for reader in dead}
    for _ in days(10, to):
        pass

    assert {now_known(reader).state for reader in dead} == {State.SUSPENDED}
    assert {now_known(reader).state for reader in living} == {State.ACTIVE}
    assert told_of(services, "large.example") == 0


def test_host_that_stays_unreachable_is_given_up_after_weeks_and_a_probe(
    readers: Callable[..., list[Subscriber]],
    days: Callable[..., Iterator[int]],
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    (reader,) = readers("company.example", 1)
    suspended_on = None
    for day in days(30, {reader.id: (reader, UNREACHABLE)}):
        if suspended_on is None and now_known(reader).state is State.SUSPENDED:
            suspended_on = day

    assert suspended_on is not None
    assert 14 <= suspended_on <= 21


def test_company_that_has_shut_down_is_given_up_when_the_hold_ends(
    readers: Callable[..., list[Subscriber]],
    days: Callable[..., Iterator[int]],
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    everybody = readers("company.example", 4)
    to = {reader.id: (reader, GONE) for reader in everybody}
    suspended_by: dict[int, int] = {}
    for day in days(45, to):
        suspended_by[day] = sum(now_known(each).state is State.SUSPENDED for each in everybody)

    assert suspended_by[27] == 0
    assert suspended_by[44] == 4

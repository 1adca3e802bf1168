"""What strangers can cause by asking: no more than the caps, and nothing that they could see."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, func, select

from recommender.domain import DeliveryKind, Subscriber, SubscriberState
from recommender.errors import OwnAddressError
from recommender.jobs.domain_lists import DomainListFile
from recommender.jobs.people import importing, members, subscriptions
from recommender.jobs.services import RequestPolicy, Services
from recommender.membership.limits import BY_MAIL, Cap, RequestLimits, network_of
from recommender.store import requests, subscribers
from recommender.store.tables import DeliveryRow, SubscriberRow

CLIENT = "192.0.2.7"


def with_policy(services: Services, **policy: Any) -> Services:
    return replace(services, requests=RequestPolicy(**policy))


def mails(services: Services) -> int:
    """Count the confirmations that were ever queued."""
    with services.database.read() as session:
        statement = select(func.count()).where(col(DeliveryRow.kind) == DeliveryKind.CONFIRMATION)
        return session.exec(statement).one()


def known_addresses(services: Services) -> list[str]:
    with services.database.read() as session:
        return sorted(session.exec(select(SubscriberRow.email)).all())


def outcomes(services: Services) -> dict[str, int]:
    with services.database.read() as session:
        return requests.outcomes_since(session, services.clock() - timedelta(days=9))


def ask(services: Services, *emails: str, network: str = CLIENT) -> None:
    for email in emails:
        with services.change() as session:
            subscriptions.request_subscription(services, session, email, network=network)


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    """Collect the SQL that is executed, without its values."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = services.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_10_000_requests_from_one_network_cause_no_more_confirmations_than_the_cap(
    services: Services, clock: Any
) -> None:
    """Addresses rotate within one /64, and no domain is asked for twice."""
    begun = time.process_time()
    with services.database.write() as session:
        for number in range(10_000):
            subscriptions.request_subscription(
                services,
                session,
                f"victim{number}@{number}.example.org",
                network=network_of(f"2001:db8:1:2:{number:x}::{number:x}"),
            )
    report = subscriptions.decide_requests(services)
    assert (report.mailed, report.refused) == (60, 9_940)
    assert mails(services) == len(known_addresses(services)) == 60
    assert outcomes(services) == {
        "mailed": 60,
        "capped: network 2001:db8:1:2::/64, 60 an hour": 9_940,
    }

    for _ in range(23):
        clock.now += timedelta(hours=1)
        with services.database.write() as session:
            for number in range(100):
                email = f"later{clock.now:%d%H}-{number}@{number}.example.net"
                network = network_of(f"2001:db8:1:2:ffff::{number:x}")
                subscriptions.request_subscription(services, session, email, network=network)
        subscriptions.decide_requests(services)
    assert mails(services) == 300, "the cap of a day"
    assert time.process_time() - begun < 60


def test_the_list_is_not_mailed_at_its_own_address(services: Services) -> None:
    local_part, _, domain = services.site.list_address.partition("@")
    for own in (f"{local_part.upper()}@{domain}", f"{local_part}+x@{domain}"):
        with pytest.raises(OwnAddressError, match="give one of your own"):
            ask(services, own)
    ask(services, f"other@{domain}")
    report = subscriptions.decide_requests(services)

    assert (report.mailed, report.refused) == (1, 0)
    assert known_addresses(services) == [f"other@{domain}"]


def test_no_operator_adds_the_list_at_its_own_address(services: Services) -> None:
    own = services.site.list_address
    with pytest.raises(OwnAddressError):
        members.add(services, {"email": own})
    report = importing.import_rows(services, ["email\n", f"{own}\n", "new@example.org\n"])
    assert report.added == 1
    assert [each.partition(":")[0] for each in report.problems] == ["line 2"]


def test_requests_are_decided_in_the_order_in_which_they_came(services: Services) -> None:
    limited = with_policy(services, limits=RequestLimits(network=Cap(2, 2)))
    ask(limited, "c@example.org", "a@example.org", "b@example.org")
    subscriptions.decide_requests(limited)
    assert known_addresses(limited) == ["a@example.org", "c@example.org"]


def test_another_network_is_not_held_back(services: Services) -> None:
    limited = with_policy(services, limits=RequestLimits(network=Cap(1, 1)))
    ask(limited, *(f"flood{number}@example.org" for number in range(20)))
    ask(limited, "honest@example.net", network="198.51.100.1")
    subscriptions.decide_requests(limited)
    assert known_addresses(limited) == ["flood0@example.org", "honest@example.net"]


def test_a_capped_request_changes_nothing_of_who_is_known(
    services: Services, subscribe: Callable[..., Subscriber], now_known: Callable[..., Subscriber]
) -> None:
    limited = with_policy(services, limits=RequestLimits(total=Cap(1, 1)))
    left = subscribe("left", state=SubscriberState.UNSUBSCRIBED)
    ask(limited, "first@example.net", "left@example.org")
    subscriptions.decide_requests(limited)
    assert now_known(left) == left


@pytest.mark.parametrize("state", [None, *SubscriberState])
def test_the_request_path_is_the_same_work_for_every_address(
    services: Services, subscribe: Callable[..., Subscriber], state: SubscriberState | None
) -> None:
    if state is not None:
        subscribe("reader", state=state)
    ask(services, "warm-up@example.org")
    with statements(services) as known:
        ask(services, "reader@example.org")
    with statements(services) as unknown:
        ask(services, "strangr@example.org")
    assert known == unknown
    assert sum(statement.startswith("INSERT") for statement in known) == 1
    assert not any("FROM" in each or each.startswith("UPDATE") for each in known)


def test_what_was_stored_before_a_kill_is_decided_after_it(services: Services) -> None:
    """Nothing of a request is kept in memory: another process finds it."""
    ask(services, "waiting@example.org")
    assert known_addresses(services) == []
    assert subscriptions.decide_requests(replace(services)).mailed == 1
    assert subscriptions.decide_requests(services).mailed == 0, "decided once"
    assert mails(services) == 1


@pytest.mark.parametrize(
    ("blocked", "disposable"), [("example.org", ""), ("", "example.org"), ("org", "org")]
)
def test_domains_on_a_list_are_not_mailed_nor_kept_and_the_list_is_read_again(
    services: Services, tmp_path: Path, blocked: str, disposable: str
) -> None:
    files = [tmp_path / "blocked.txt", tmp_path / "disposable.txt"]
    for file, domains in zip(files, (blocked, disposable), strict=True):
        file.write_text(f"# a list\n{domains}\n")
    listed = with_policy(
        services, blocked=DomainListFile(files[0]), disposable=DomainListFile(files[1])
    )
    ask(listed, "a@example.org", "b@mail.example.org", "c@example.net")
    subscriptions.decide_requests(listed)
    assert known_addresses(listed) == ["c@example.net"]

    for file in files:
        file.write_text("")
        os.utime(file, ns=(1, 1))
    ask(listed, "a@example.org")
    subscriptions.decide_requests(listed)
    assert known_addresses(listed) == ["a@example.org", "c@example.net"]


def test_a_list_that_vanishes_stays_in_force_and_is_told_of_once(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "blocked.txt"
    file.write_text("example.org\n")
    listed = with_policy(services, blocked=DomainListFile(file))
    ask(listed, "a@example.org")
    subscriptions.decide_requests(listed)
    file.unlink()
    for _ in range(3):
        ask(listed, "a@example.org")
        subscriptions.decide_requests(listed)
    assert known_addresses(listed) == []
    (record,) = caplog.records
    assert "what it had before (1 domain) stays in force" in record.getMessage()


def test_the_operator_is_told_once_an_hour_what_was_refused(
    services: Services, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    limited = with_policy(services, limits=RequestLimits(network=Cap(1, 9)))
    ask(limited, "a@example.org", "b@example.org", "c@example.org")
    subscriptions.decide_requests(limited)
    assert caplog.messages == []
    clock.now += timedelta(hours=1)
    for name in ("d", "e"):
        ask(limited, f"{name}@example.org")
        subscriptions.decide_requests(limited)
    assert caplog.messages == [
        "2 requests in the last hour caused no mail: 2 capped: network 192.0.2.7, 1 an hour"
    ]


def test_requests_by_mail_have_a_cap_of_their_own(services: Services) -> None:
    limited = with_policy(services, limits=RequestLimits(network=Cap(1, 1), by_mail=Cap(2, 2)))
    with limited.database.write() as session:
        for number in range(5):
            subscriptions.request_subscription(
                limited, session, f"m{number}@example.org", "graphs", network=BY_MAIL
            )
    ask(limited, "page@example.org")
    subscriptions.decide_requests(limited)
    assert known_addresses(limited) == ["m0@example.org", "m1@example.org", "page@example.org"]
    with limited.database.read() as session:
        asked = subscribers.by_key(session, "m0@example.org")
    assert asked is not None
    assert asked.interests == "graphs"

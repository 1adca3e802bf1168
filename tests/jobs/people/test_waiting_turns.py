"""A flood of requests takes its share, and keeps nobody from theirs for longer than an hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.errors import NotFoundError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.outgoing import links
from recommender.jobs.people import subscriptions
from recommender.jobs.services import RequestPolicy, Services
from recommender.membership import limits
from recommender.membership.limits import BY_MAIL, Cap, RequestLimits, network_of
from recommender.store import requests
from recommender.tokens import Purpose

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HONEST = "honest@example.org"


def flood(
    services: Services, numbers: Iterable[int], network: Callable[[int], str], domain: str = ""
) -> None:
    """Ask at as many addresses, of one domain or of as many."""
    with services.database.write() as session:
        for number in numbers:
            at = domain or f"d{number}.example.net"
            subscriptions.request_subscription(
                services, session, f"v{number}@{at}", network=network(number)
            )


def of_one_40(number: int) -> str:
    return network_of(f"2001:db8:{number // 256 % 256:x}:{number % 256:x}::1")


def of_eight_32(number: int) -> str:
    """Name networks of one /29, which is what a provider is given for the asking."""
    return network_of(f"2001:db{8 + number % 8:x}:{number % 65_536:x}:{number % 256:x}::1")


def ask(services: Services, email: str = HONEST, network: str = "192.0.2.7") -> None:
    with services.change() as session:
        subscriptions.request_subscription(services, session, email, network=network)


def minutes_until_mailed(services: Services, clock: Any, email: str = HONEST) -> int:
    """Look every ten minutes, less often than the daemon, until an address is mailed."""
    for minutes in range(0, 24 * 60, 10):
        subscriptions.decide_requests(services)
        try:
            find_subscriber(services, email)
        except NotFoundError:
            clock.now += 10 * MINUTE
        else:
            return minutes
    raise AssertionError(f"{email} was never mailed")


@pytest.mark.parametrize(
    ("network", "domain", "number"),
    [(of_one_40, "", 5_000), (of_one_40, "example.org", 1_500), (of_eight_32, "", 1_500)],
)
def test_a_flood_from_invented_networks_keeps_nobody_out_for_an_hour(
    services: Services, clock: Any, network: Callable[[int], str], domain: str, number: int
) -> None:
    """At as many domains or at that of who is honest, whoever their provider is."""
    flood(services, range(number), network, domain)
    report = subscriptions.decide_requests(services)
    assert report.mailed < 1_000
    assert report.waiting > 0
    clock.now += MINUTE
    own = ["192.0.2.7", "2001:db9:1:2::/64", "2001:db8:ff77:1::/64", "2001:4:5:6::/64"]
    for place, each in enumerate(own):
        ask(services, f"honest{place}@example.org", network=each)
    asked_at = clock.now
    for place in range(len(own)):
        minutes_until_mailed(services, clock, f"honest{place}@example.org")
    assert clock.now - asked_at <= HOUR


def test_a_flood_that_goes_on_for_a_day_keeps_nobody_out(services: Services, clock: Any) -> None:
    """The caps of a day are not used up either, and what waits is bounded."""
    limited = replace(services, requests=RequestPolicy(RequestLimits(total=Cap(100, 500))))
    for hour in range(26):
        flood(limited, range(hour * 120, hour * 120 + 120), of_one_40)
        subscriptions.decide_requests(limited)
        if hour % 5 == 0:
            email = f"honest{hour}@example.org"
            ask(limited, email, network=f"10.{hour}.2.7")
            assert minutes_until_mailed(limited, clock, email) == 0
        clock.now += HOUR
    with limited.database.read() as session:
        assert len(requests.caused_mails(session, since=clock.now - limits.DAY)) <= 500


def test_requests_for_tags_of_an_address_keep_nobody_from_the_address_itself(
    services: Services, clock: Any
) -> None:
    with services.database.write() as session:
        for number in range(60):
            subscriptions.request_subscription(
                services, session, f"honest+{number}@example.org", network=f"10.{number}.0.1"
            )
    report = subscriptions.decide_requests(services)
    assert report.mailed < 10
    ask(services)
    assert minutes_until_mailed(services, clock) == 0


def test_what_waits_is_bounded_and_shared(services: Services) -> None:
    limited = replace(services, requests=RequestPolicy(RequestLimits(total=Cap(1, 1))))
    flood(limited, range(8_000), of_one_40)
    report = subscriptions.decide_requests(limited)
    assert report.mailed == 1
    assert limits.WAITING_AT_MOST / 2 < report.waiting < limits.WAITING_AT_MOST
    assert report.mailed + report.waiting + report.refused == 8_000
    ask(limited)
    subscriptions.decide_requests(limited)
    with services.database.read() as session:
        assert requests.emails_waiting(session, [HONEST]) == {HONEST}


def test_a_flood_by_mail_leaves_turns_to_other_domains_and_to_the_page(
    services: Services, clock: Any
) -> None:
    flood(services, range(2_000), lambda _number: BY_MAIL, "flood.example.com")
    subscriptions.decide_requests(services)
    ask(services, "by-mail@example.org", network=BY_MAIL)
    ask(services)
    assert minutes_until_mailed(services, clock, "by-mail@example.org") == 0
    assert minutes_until_mailed(services, clock) == 0


def test_who_waits_is_mailed_once_it_is_their_turn_and_the_least_served_first(
    services: Services, clock: Any
) -> None:
    limited = replace(services, requests=RequestPolicy(RequestLimits(total=Cap(2, 99))))
    for name, network in (
        *(("a", "10.1.0.1"), ("b", "10.1.0.2"), ("c", "10.1.0.3")),
        *(("d", "10.2.0.1"), ("e", "10.3.0.1")),
    ):
        ask(limited, f"{name}@example.org", network)
    turns = []
    for _ in range(3):
        report = subscriptions.decide_requests(limited)
        with services.database.read() as session:
            mailed = requests.caused_mails(session, since=clock.now - MINUTE)
        turns.append((sorted(address[0] for _, address, _ in mailed), report.waiting))
        clock.now += HOUR
    assert turns == [(["a", "d"], 3), (["b", "e"], 1), (["c"], 0)]


def test_who_waited_for_a_day_is_let_go(services: Services, clock: Any) -> None:
    limited = replace(services, requests=RequestPolicy(RequestLimits(domain=Cap(1, 1))))
    ask(limited, "first@example.org", "10.1.0.1")
    subscriptions.decide_requests(limited)
    clock.now += timedelta(hours=23)
    for name in ("second", "third"):
        ask(limited, f"{name}@example.org", f"10.{len(name)}.0.1")
    assert subscriptions.decide_requests(limited) == subscriptions.RequestReport(waiting=2)
    clock.now += HOUR
    assert subscriptions.decide_requests(limited) == subscriptions.RequestReport(1, 0, 1)
    clock.now += timedelta(hours=22, minutes=59)
    assert subscriptions.decide_requests(limited) == subscriptions.RequestReport(waiting=1)
    clock.now += MINUTE
    assert subscriptions.decide_requests(limited) == subscriptions.RequestReport(refused=1)


def test_a_stranger_s_request_that_waited_longer_says_nothing_to_the_owner_s(
    services: Services, clock: Any
) -> None:
    """The stranger asked first, in a network that had its share, and is decided last."""
    limited = replace(services, requests=RequestPolicy(RequestLimits(total=Cap(2, 99))))
    for name, network in (("a", "10.1.0.1"), ("b", "10.4.0.1")):
        ask(limited, f"{name}@example.net", network)
    subscriptions.decide_requests(limited)
    with limited.change() as session:
        for interests, network in (("a stranger's choice", "10.1.0.1"), ("graphs", "10.2.0.1")):
            subscriptions.request_subscription(limited, session, HONEST, interests, network=network)
    assert minutes_until_mailed(limited, clock) == 60
    url = links.confirm_url(services, find_subscriber(services, HONEST), since=clock.now)
    for _ in range(3):
        clock.now += HOUR
        subscriptions.decide_requests(limited)
    with services.change() as session:
        payload = links.verify(services, session, url.rpartition("/")[2], Purpose.CONFIRM)
        subscriptions.confirm(services, session, payload)
    assert find_subscriber(services, HONEST).interests == "graphs"

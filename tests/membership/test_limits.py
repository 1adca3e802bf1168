"""How many mails strangers may cause, counted by whom they burden and by who asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.membership.limits import (
    BY_MAIL,
    NOWHERE,
    Allowance,
    Cap,
    CausedMail,
    RequestLimits,
    is_listed,
    network_of,
    network_of_sender,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
LIMITS = RequestLimits(
    network=Cap(2, 3),
    mailbox=Cap(9, 9),
    domain=Cap(3, 5),
    large_domain=Cap(6, 9),
    by_mail=Cap(4, 6),
    total=Cap(8, 12),
    large_domains=frozenset({"large.example.com"}),
)


def granted(allowance: Allowance, number: int, **request: str) -> int:
    """Ask so many times now, and tell how often a mail was granted."""
    given = {"domain": "example.org", "network": "192.0.2.7"} | request
    return sum(grant(allowance, now=NOW, **given) for _ in range(number))


def grant(allowance: Allowance, *, domain: str, network: str, now: datetime) -> bool:
    address = f"ann@{domain}"
    if allowance.reached_cap(address=address, network=network, now=now) is not None:
        return False
    allowance.grant(address=address, network=network, now=now)
    return True


def far_apart(number: int) -> str:
    """Name networks that have nothing in common."""
    return f"10.{number}.2.7"


def test_a_network_causes_no_more_than_its_cap() -> None:
    assert granted(Allowance(LIMITS), 10) == 2


def test_a_domain_is_burdened_no_more_than_its_cap_from_any_number_of_networks() -> None:
    allowance = Allowance(LIMITS)
    assert sum(granted(allowance, 1, network=far_apart(n)) for n in range(50)) == 3


def test_a_large_domain_has_a_larger_cap_and_so_has_what_lies_below_it() -> None:
    allowance = Allowance(LIMITS)
    domains = ["large.example.com", "mail.large.example.com"]
    assert [
        sum(granted(allowance, 1, domain=domain, network=far_apart(n)) for n in numbers)
        for domain, numbers in zip(domains, (range(7), range(7, 14)), strict=True)
    ] == [6, 2], "the second meets the cap of all"


def test_all_together_cause_no_more_than_the_cap_of_all() -> None:
    allowance = Allowance(LIMITS)
    asked = [
        granted(allowance, 1, domain=f"{n}.example.net", network=far_apart(n)) for n in range(100)
    ]
    assert sum(asked) == 8


def test_requests_by_mail_are_one_source_with_a_cap_of_their_own() -> None:
    allowance = Allowance(LIMITS)
    by_mail = [granted(allowance, 1, domain=f"{n}.example.net", network=BY_MAIL) for n in range(9)]
    assert sum(by_mail) == 4
    assert granted(allowance, 1, domain="another.example.net") == 1


def test_the_cap_that_is_reached_is_named_in_words() -> None:
    """Of several, the one of who asks comes first, and that of all comes last."""
    of_network, by_mail, of_domain, of_all = (Allowance(LIMITS) for _ in range(4))
    granted(of_network, 9)
    for n in range(9):
        granted(by_mail, 1, domain=f"example{n}.net", network=BY_MAIL)
        granted(of_domain, 1, network=far_apart(n))
        granted(of_all, 1, domain=f"{n}.example.net", network=far_apart(n))
    reached = [
        allowance.reached_cap(address="ann@example.org", network=network, now=NOW)
        for allowance, network in (
            (of_network, "192.0.2.7"),
            (by_mail, BY_MAIL),
            (of_domain, "192.0.2.99"),
            (of_all, "192.0.2.99"),
        )
    ]
    assert [each and (each.words, each.is_shared) for each in reached] == [
        ("network 192.0.2.7, 2 an hour", False),
        ("all that ask by mail, 4 an hour", True),
        ("domain example.org, 3 an hour", True),
        ("all requests, 8 an hour", True),
    ]


def test_after_an_hour_the_cap_of_a_day_holds() -> None:
    allowance = Allowance(LIMITS)
    assert granted(allowance, 10) == 2
    later = NOW + HOUR
    request = {"domain": "example.org", "network": "192.0.2.7"}
    assert [grant(allowance, now=later, **request) for _ in range(3)] == [True, False, False]
    reached = allowance.reached_cap(address="ann@example.org", network="192.0.2.7", now=later)
    assert reached is not None
    assert reached.words == "network 192.0.2.7, 3 a day"
    assert grant(allowance, now=NOW + DAY, **request)


def test_what_was_caused_before_counts_in_any_order() -> None:
    """The fourth from the end, which tells whether the last hour is full, is of 70 minutes ago."""
    before = [
        CausedMail(NOW - timedelta(minutes=ago), f"ann@example{ago}.org", BY_MAIL)
        for ago in (5, 70, 10, 20, 50)
    ]
    allowance = Allowance(LIMITS, before)
    reached = allowance.reached_cap(address="ann@example.org", network=BY_MAIL, now=NOW)
    assert reached is not None
    assert reached.words == "all that ask by mail, 4 an hour"


def test_answers_are_counted_by_the_domain_of_the_envelope() -> None:
    allowance = Allowance(LIMITS)
    here, there = network_of_sender("Bot@Example.NET"), network_of_sender("bot@other.example.com")
    assert granted(allowance, 5, network=here) == 2
    reached = allowance.reached_cap(address="ann@example.org", network=here, now=NOW)
    assert reached is not None
    assert reached.words == "senders at example.net, 2 an hour"
    assert granted(allowance, 1, network=there) == 1


def test_what_an_envelope_says_beyond_a_domain_s_length_is_not_kept() -> None:
    assert len(network_of_sender("@" + "a." * 1_000_000 + "org")) < 300


@given(
    st.lists(
        st.tuples(st.integers(0, 4000), st.sampled_from(["192.0.2.7", "192.0.2.8", BY_MAIL])),
        max_size=80,
    )
)
def test_no_window_of_an_hour_or_a_day_ever_holds_more_than_its_cap(
    asked: list[tuple[int, str]],
) -> None:
    allowance = Allowance(LIMITS)
    caused: list[tuple[datetime, str]] = []
    for minutes, network in sorted(asked):
        moment = NOW + timedelta(minutes=minutes)
        if grant(allowance, domain="example.org", network=network, now=moment):
            caused.append((moment, network))
    for begin, _ in caused:
        for network, cap in (("192.0.2.7", LIMITS.network), (BY_MAIL, LIMITS.by_mail)):
            own = [at for at, source in caused if source == network and at >= begin]
            assert sum(at < begin + HOUR for at in own) <= cap.per_hour
            assert sum(at < begin + DAY for at in own) <= cap.per_day
        assert sum(begin <= at < begin + HOUR for at, _ in caused) <= LIMITS.domain.per_hour


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", NOWHERE),
        ("unknown", NOWHERE),
        ("192.0.2.7\r\nX: y", NOWHERE),
        ("999.0.0.1", NOWHERE),
    ],
)
def test_networks_are_ipv4_addresses_and_ipv6_prefixes_of_64(address: str, network: str) -> None:
    assert network == network_of(address)


def test_a_list_means_its_domains_and_what_lies_below_them() -> None:
    listed = frozenset({"example.org"})
    domains = ["example.org", "mail.example.org", "notexample.org", "org", "example.org.net"]
    assert [is_listed(domain, listed) for domain in domains] == [True, True, False, False, False]

"""Nobody uses up what strangers share: networks get parts of it, and their turns."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.membership.limits import (
    BY_MAIL,
    NOWHERE,
    Allowance,
    Cap,
    RequestLimits,
    WaitingRoom,
    fair_order,
    groups_of,
    network_of,
    network_of_sender,
)

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESS = "ann@example.org"


def asks(allowance: Allowance, network: str, address: str, now: datetime = NOW) -> bool:
    if allowance.reached_cap(address=address, network=network, now=now) is not None:
        return False
    allowance.grant(address=address, network=network, now=now)
    return True


def invented(number: int) -> str:
    """Name /64s of one /40."""
    return network_of(f"2001:db8:{number // 256 % 256:x}:{number % 256:x}::1")


@pytest.mark.parametrize(
    ("network", "address", "groups"),
    [
        ("192.0.2.7", ADDRESS, "192.0.0.0/16|192.0.2.0/24|192.0.2.7"),
        (
            "2001:db8:1:203::/64",
            ADDRESS,
            "2001:db8::/32|2001:db8::/40|2001:db8:1::/48|2001:db8:1:200::/56|2001:db8:1:203::/64",
        ),
        (NOWHERE, ADDRESS, NOWHERE),
        (BY_MAIL, "a@y.example.org", "mail|mail example.org|mail y.example.org"),
        (network_of_sender("a@example.org"), ADDRESS, "senders at example.org"),
        (network_of_sender(""), ADDRESS, "senders at "),
    ],
)
def test_a_network_lies_in_wider_ones(network: str, address: str, groups: str) -> None:
    assert "|".join(groups_of(network, address)) == groups


@pytest.mark.parametrize("domain", ["example.org", None])
def test_whoever_invents_networks_leaves_something_to_others_for_a_whole_day(
    domain: str | None,
) -> None:
    """1,500 an hour from distinct /64s of one /40, at one domain or at as many."""
    allowance = Allowance(RequestLimits())
    for hour in range(24):
        now = NOW + hour * HOUR
        for number in range(1_500):
            at = domain or f"d{number}.example.net"
            asks(allowance, invented(number), f"v{hour}-{number}@{at}", now)
    assert asks(allowance, "192.0.2.7", ADDRESS, now), "another provider"
    assert asks(allowance, "2001:db9:1:2::/64", ADDRESS, now)
    assert asks(allowance, "2001:db8:ff00:1::/64", ADDRESS, now), "another customer of the same"


def test_tags_of_one_mailbox_have_one_ration_and_leave_its_owner_a_part() -> None:
    allowance = Allowance(RequestLimits(mailbox=Cap(6, 12)))
    sent = sum(asks(allowance, invented(n), f"ann+{n}@example.org") for n in range(500))
    assert 1 <= sent < 6
    assert asks(allowance, "192.0.2.7", ADDRESS)


ADDRESSES = st.one_of(
    st.integers(0, 2**12).map(lambda n: f"10.{n % 2}.{n // 2 % 8}.{n // 32}"),
    st.integers(0, 2**30).map(lambda n: network_of(f"2001:db{n % 2}:{n % 5:x}:{n % 65_536:x}::")),
)


@given(st.lists(ADDRESSES, max_size=300), st.integers(10, 100))
def test_whatever_came_before_who_comes_from_elsewhere_has_room(came: list[str], most: int) -> None:
    """Whoever takes the last place had three before, the one before them seven, and so on."""
    room = WaitingRoom(most)
    for network in came:
        room.take_in(groups_of(network, ADDRESS))
    assert room.waiting <= most
    providers = len({groups_of(network, ADDRESS)[0] for network in came})
    if most > sum(4 * place for place in range(1, providers + 1)):
        assert room.take_in(groups_of("198.51.100.7", ADDRESS))


@given(st.lists(ADDRESSES, max_size=60))
def test_turns_go_round_at_every_level(came: list[str]) -> None:
    """After any number of turns, no group is two ahead of another that still waits beside it."""
    ordered = fair_order(came, lambda network: groups_of(network, ADDRESS), lambda _group: 0)
    assert sorted(ordered) == sorted(came)
    left = Counter(group for network in came for group in groups_of(network, ADDRESS))
    had: Counter[str] = Counter()
    for network in ordered:
        groups = groups_of(network, ADDRESS)
        for level, group in enumerate(groups):
            beside = {
                groups_of(other, ADDRESS)[level]
                for other in came
                if groups_of(other, ADDRESS)[:level] == groups[:level]
            }
            assert all(had[group] <= had[each] for each in beside if left[each])
        had.update(groups)
        left.subtract(groups)


def test_who_was_served_before_waits_for_who_was_not() -> None:
    served = {"10.1.0.0/16": 3, "10.2.0.0/16": 1}
    came = ["10.1.0.1", "10.1.0.2", "10.2.0.1", "10.2.0.2", "10.3.0.1"]
    ordered = fair_order(
        came, lambda network: groups_of(network, ADDRESS), lambda group: served.get(group, 0)
    )
    assert ordered == ["10.3.0.1", "10.2.0.1", "10.2.0.2", "10.1.0.1", "10.1.0.2"]


def test_in_one_network_who_came_first_has_the_first_turn() -> None:
    came = [("192.0.2.7", number) for number in range(5)]
    assert came == fair_order(came, lambda each: groups_of(each[0], ADDRESS), lambda _group: 0)

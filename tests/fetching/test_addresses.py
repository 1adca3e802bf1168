"""Addresses of the own network, in whatever form they are written, are known for what they are."""

from __future__ import annotations

import pytest

from recommender.fetching.addresses import Reach, reach_of, refusal_unseen


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
        *("::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::"),
    ],
)
def test_this_machine_and_those_near_it_are_the_own_network(address: str) -> None:
    assert reach_of(address) is Reach.OWN_NETWORK


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254"),
        *("64:ff9b::a9fe:a9fe", "100.100.100.200", "fd00:ec2::254", "168.63.129.16"),
        *("224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "2001:db8::1"),
    ],
)
def test_metadata_services_groups_and_what_is_reserved_have_no_feeds(address: str) -> None:
    assert reach_of(address) is Reach.NOWHERE


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_what_is_outside_is_public(address: str) -> None:
    assert reach_of(address) is Reach.PUBLIC


@pytest.mark.parametrize(
    ("url", "is_refused", "is_refused_where_allowed"),
    [
        ("http://127.0.0.1/x", True, False),
        ("http://localhost:8000/x", True, False),
        ("https://[::1]/x", True, False),
        ("http://169.254.169.254/x", True, True),
        ("https://93.184.215.14/x", False, False),
        ("https://journal.example.org/feed", False, False),
    ],
)
def test_what_its_address_tells_refuses_a_source_unseen(
    url: str, is_refused: bool, is_refused_where_allowed: bool
) -> None:
    assert bool(refusal_unseen(url, allow_own_network=False)) == is_refused
    assert bool(refusal_unseen(url, allow_own_network=True)) == is_refused_where_allowed

"""Who hands our mail to the world: this machine or a relay."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from recommender.errors import NameServerError
from recommender.mail.deliverability.sending_host import (
    SendingHost,
    find_sending_host,
    system_addresses,
)


def lookup(name: str, kind: str) -> tuple[str, ...]:
    if name == "down.example.net":
        raise NameServerError("nobody tells")
    known = {
        ("inside.example.org", "A"): ("10.0.0.7", "192.168.3.4"),
        ("inside.example.org", "AAAA"): ("fd00::7",),
        ("relay.example.net", "A"): ("192.0.2.20", "192.0.2.21"),
        ("relay.example.net", "AAAA"): ("2001:db8::20",),
        ("here.example.org", "A"): ("127.0.0.1",),
    }
    return known.get((name, kind), ())


@pytest.mark.parametrize(
    "host", ["localhost", "mail.localhost", "127.0.0.1", "127.3.2.1", "::1", "here.example.org"]
)
def test_a_server_on_this_machine_sends_from_its_public_addresses(host: str) -> None:
    found = find_sending_host(host, lookup)
    assert (found.name, found.is_here) == (host, True)
    assert all(address.is_global for address in found.addresses)


def test_a_relay_is_known_by_the_addresses_at_which_it_takes_mail() -> None:
    expected = tuple(map(ip_address, ("192.0.2.20", "192.0.2.21", "2001:db8::20")))
    assert find_sending_host("relay.example.net", lookup) == SendingHost(
        "relay.example.net", is_here=False, addresses=expected
    )
    assert find_sending_host("192.0.2.20", lookup).addresses == (ip_address("192.0.2.20"),)


def test_a_server_of_the_same_network_sends_from_an_address_that_is_not_known() -> None:
    found = find_sending_host("inside.example.org", lookup)
    assert (found.is_here, found.addresses) == (True, ())


def test_a_name_that_the_dns_does_not_know_may_be_known_to_the_machine() -> None:
    known = {"postfix": ("192.0.2.30", "2001:db8::30")}

    def resolve(host: str) -> tuple[str, ...]:
        return known.get(host, ())

    relay = find_sending_host("postfix", lookup, resolve=resolve)
    assert relay.addresses == tuple(map(ip_address, ("192.0.2.30", "2001:db8::30")))
    gone = find_sending_host("gone.example.net", lookup, resolve=resolve)
    assert (gone.is_here, gone.addresses) == (False, ())
    assert "127.0.0.1" in system_addresses("127.0.0.1")
    assert system_addresses("not a name") == ()


def test_an_address_that_nobody_tells_is_not_taken_for_none() -> None:
    with pytest.raises(NameServerError):
        find_sending_host("down.example.net", lookup)


@pytest.mark.parametrize(
    ("name", "include"),
    [
        ("smtp.gmail.com", "_spf.google.com"),
        ("smtp-relay.Gmail.com.", "_spf.google.com"),
        ("email-smtp.eu-west-1.amazonaws.com", "amazonses.com"),
        ("relay.example.net", None),
        ("notgmail.com", None),
    ],
)
def test_what_well_known_relays_ask_to_include_is_known(name: str, include: str | None) -> None:
    assert SendingHost(name, is_here=False, addresses=()).include == include

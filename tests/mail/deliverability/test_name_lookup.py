"""Records of the DNS, asked of a real name server: what there is, is not, and cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from recommender.errors import NameServerError
from recommender.mail.deliverability.name_lookup import Lookup, NameServer, open_lookup

ZONE = {
    ("example.org", "MX"): ["20 second.example.org.", "10 First.example.org."],
    ("example.org", "TXT"): ['"v=spf1 " "-all"', '"other"'],
    ("null.example.org", "MX"): ["0 ."],
    ("first.example.org", "A"): ["192.0.2.1"],
    ("first.example.org", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["First.Example.org."],
    ("broken.example.org", "TXT"): ["SERVFAIL"],
    ("silent.example.org", "TXT"): ["SILENCE"],
}


@pytest.fixture
def lookup(start_name_server: Any) -> Lookup:
    port, _ = start_name_server(ZONE)
    return open_lookup(NameServer("127.0.0.1", port), seconds=0.3)


def test_records_are_text(lookup: Lookup) -> None:
    assert lookup("example.org", "MX") == ("first.example.org", "second.example.org")
    assert lookup("null.example.org", "MX") == ("",)
    assert lookup("example.org", "TXT") == ("other", "v=spf1 -all")
    assert lookup("first.example.org", "A") == ("192.0.2.1",)
    assert lookup("first.example.org", "AAAA") == ("2001:db8::1",)
    assert lookup("192.0.2.1", "PTR") == ("first.example.org",)


@pytest.mark.parametrize("name", ["first.example.org", "nowhere.example.org"])
def test_what_there_is_not_is_empty(lookup: Lookup, name: str) -> None:
    assert lookup(name, "TXT") == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken.example.org", "cannot tell TXT of broken.example.org"),
        ("silent.example.org", "did not answer for TXT of silent.example.org within 0.3 s"),
        (f"{'x' * 64}.example.org", "cannot be asked for"),
    ],
)
def test_what_cannot_be_asked_is_not_taken_for_missing(
    lookup: Lookup, name: str, words: str
) -> None:
    for _ in range(2):
        with pytest.raises(NameServerError, match=words):
            lookup(name, "TXT")


def test_a_question_is_asked_once(start_name_server: Any) -> None:
    port, asked = start_name_server(ZONE)
    lookup = open_lookup(NameServer("127.0.0.1", port))

    assert lookup("example.org", "MX") == lookup("EXAMPLE.org", "MX")
    assert asked == [("example.org", "MX")]


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", NameServer("192.0.2.53")),
        ("192.0.2.53:5353", NameServer("192.0.2.53", 5353)),
        ("2001:db8::53", NameServer("2001:db8::53")),
        ("[2001:db8::53]:5353", NameServer("2001:db8::53", 5353)),
    ],
)
def test_a_name_server_is_an_address_and_perhaps_a_port(text: str, server: NameServer) -> None:
    assert NameServer.parse(text) == server


@pytest.mark.parametrize("text", ["", "dns.example.org", "192.0.2.53:0", "192.0.2.53:x", "1:70000"])
def test_what_is_no_name_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="IPv4 or IPv6"):
        NameServer.parse(text)

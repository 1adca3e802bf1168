"""SPF records are read and evaluated as receiving servers do (RFC 7208)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

import pytest

from recommender.errors import NameServerError, RecordError
from recommender.mail.deliverability.spf import (
    Mechanism,
    SpfResult,
    check_host,
    count_lookups,
    parse_record,
)

SENDER = "papers+bounce-x@example.org"


class Zone:
    """Answers from a mapping, and knows no more than that."""

    def __init__(self, records: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        self.records = records

    def __call__(self, name: str, kind: str) -> tuple[str, ...]:
        if name == "down.example.org":
            raise NameServerError("the name servers cannot tell it")
        return self.records.get((name, kind), ())


def spf(**texts: str) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(f"{name}.example.org", "TXT"): (text,) for name, text in texts.items()}


def result_of(text: str, address: str = "192.0.2.10", **records: str) -> SpfResult:
    zone = Zone(
        {
            **spf(top=text, **records),
            ("mail.example.org", "A"): ("192.0.2.10",),
            ("mail.example.org", "AAAA"): ("2001:db8::10",),
            ("top.example.org", "A"): ("192.0.2.99",),
            ("top.example.org", "MX"): ("mail.example.org",),
            ("192.0.2.10", "PTR"): ("mail.example.org",),
            ("192.0.2.66", "PTR"): ("mail.example.org",),
            ("10.2.0.192.spf.example.org", "A"): ("127.0.0.2",),
        }
    )
    return check_host(ip_address(address), "top.example.org", zone, sender=SENDER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", SpfResult.PASS),
        ("v=spf1 ip4:192.0.2.10 -all", SpfResult.PASS),
        ("v=spf1 ip4:198.51.100.0/24 -all", SpfResult.FAIL),
        ("v=spf1 ip4:198.51.100.0/24 ~all", SpfResult.SOFTFAIL),
        ("v=spf1 ip4:198.51.100.0/24 ?all", SpfResult.NEUTRAL),
        ("v=spf1 ip4:198.51.100.0/24", SpfResult.NEUTRAL),
        ("v=spf1", SpfResult.NEUTRAL),
        ("V=SPF1 -IP4:192.0.2.10 +all", SpfResult.FAIL),
        ("v=spf1 a:mail.example.org -all", SpfResult.PASS),
        ("v=spf1 a -all", SpfResult.FAIL),
        ("v=spf1 a/24 -all", SpfResult.PASS),
        ("v=spf1 a//64 -all", SpfResult.FAIL),
        ("v=spf1 mx -all", SpfResult.PASS),
        ("v=spf1 mx:nowhere.example.org -all", SpfResult.FAIL),
        ("v=spf1 ptr:example.org -all", SpfResult.PASS),
        ("v=spf1 ptr -all", SpfResult.FAIL),
        ("v=spf1 exists:%{ir}.spf.example.org -all", SpfResult.PASS),
        ("v=spf1 exists:%{i}.spf.example.org -all", SpfResult.FAIL),
        ("v=spf1 a:mail.%{d2} -all", SpfResult.PASS),
        ("v=spf1 a:mail.%{o} -all", SpfResult.PASS),
        ("v=spf1 unknown=modifier mx -all", SpfResult.PASS),
        ("v=spf1 include:inner.example.org -all", SpfResult.PASS),
        ("v=spf1 include:other.example.org ~all", SpfResult.SOFTFAIL),
        ("v=spf1 redirect=inner.example.org", SpfResult.PASS),
        ("v=spf1 redirect=other.example.org", SpfResult.FAIL),
        ("v=spf1 -all redirect=inner.example.org", SpfResult.FAIL),
        ("something else", SpfResult.NONE),
        ("v=spf10 +all", SpfResult.NONE),
    ],
)
def test_an_address_gets_the_result_that_a_receiver_would_give(
    text: str, expected: SpfResult
) -> None:
    assert expected == result_of(text, inner="v=spf1 a:mail.example.org -all", other="v=spf1 -all")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1 ip6:2001:db8::/32 -all", SpfResult.PASS),
        ("v=spf1 a:mail.example.org -all", SpfResult.PASS),
        ("v=spf1 ip4:192.0.2.0/24 -all", SpfResult.FAIL),
    ],
)
def test_an_ipv6_address_matches_its_own_kind(text: str, expected: SpfResult) -> None:
    assert expected == result_of(text, "2001:db8::10")


def test_a_name_that_does_not_lead_back_is_no_name() -> None:
    assert result_of("v=spf1 ptr:example.org -all", "192.0.2.66") == SpfResult.FAIL


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 ipv4:192.0.2.1 -all",
        "v=spf1 ip4:192.0.2.300 -all",
        "v=spf1 ip4:2001:db8::1 -all",
        "v=spf1 ip4 -all",
        "v=spf1 include: -all",
        "v=spf1 include -all",
        "v=spf1 a/33 -all",
        "v=spf1 mx//129 -all",
        "v=spf1 a: -all",
        "v=spf1 all:example.org",
        "v=spf1 exists/24",
        "v=spf1 192.0.2.1 -all",
        "v=spf1 redirect= -all",
        "v=spf1 redirect=a.example.org redirect=b.example.org",
        "v=spf1 !all",
    ],
)
def test_a_term_that_no_receiver_understands_is_named(text: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse_record(text)
    assert "'" in str(caught.value)
    assert "; " in str(caught.value)


def test_a_record_is_read_in_order() -> None:
    record = parse_record("v=spf1 a:mail.example.org/24//64 ~all")
    assert record.mechanisms == (
        Mechanism(SpfResult.PASS, "a", "mail.example.org", 24, 64),
        Mechanism(SpfResult.SOFTFAIL, "all"),
    )


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ({"top": "v=spf1 include:gone.example.org -all"}, "gone.example.org, which has no SPF"),
        ({"top": "v=spf1 redirect=gone.example.org"}, "gone.example.org, which has no SPF"),
        ({"top": "v=spf1 a:x.org a:y.org a:z.org -all"}, "its names do not exist, z.org among"),
        ({"top": "v=spf1 include:top.example.org -all"}, "more than 10 terms ask"),
    ],
)
def test_where_a_receiver_gives_up_the_reason_is_told(records: dict[str, str], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        check_host(ip_address("192.0.2.1"), "top.example.org", Zone(spf(**records)), sender=SENDER)


def test_two_records_are_none() -> None:
    zone = Zone({("top.example.org", "TXT"): ("v=spf1 -all", "v=spf1 +all", "other")})
    with pytest.raises(RecordError, match="has 2 SPF records"):
        check_host(ip_address("192.0.2.1"), "top.example.org", zone, sender=SENDER)


def test_name_servers_that_do_not_tell_are_not_a_result() -> None:
    zone = Zone(spf(top="v=spf1 include:down.example.org -all"))
    with pytest.raises(NameServerError):
        check_host(ip_address("192.0.2.1"), "top.example.org", zone, sender=SENDER)


def test_lookups_are_counted_in_the_worst_case() -> None:
    zone = Zone(
        spf(
            top="v=spf1 ip4:192.0.2.1 a mx include:b.example.org redirect=c.example.org",
            b="v=spf1 a:x.example.org exists:%{i}.example.org include:%{d}.example.org -all",
            c="v=spf1 mx ptr -all redirect=gone.example.org",
        )
    )
    # Two and an include, its three; a redirect, its two, and none past the `all`.
    assert count_lookups("top.example.org", zone) == 3 + 3 + 1 + 2
    assert count_lookups("nowhere.example.org", zone) == 0


def test_records_that_include_each_other_are_a_ring() -> None:
    zone = Zone(spf(top="v=spf1 include:b.example.org", b="v=spf1 include:top.example.org"))
    with pytest.raises(RecordError, match=r"top\.example\.org → b\.example\.org → top"):
        count_lookups("top.example.org", zone)

"""The text of an SPF record is read as receivers do, and a wrong term is named with the fix."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from recommender.errors import RecordError
from recommender.mail.deliverability.spf_record import (
    Mechanism,
    SpfRecord,
    SpfResult,
    is_spf_record,
    parse_record,
)

LONG = "a" * 64


def test_a_record_is_read_in_order() -> None:
    text = "v=spf1 a:mail.example.org/24//64  -MX ip6:2001:DB8::1/32 ?ptr exists:%{i}.org ~all "
    assert parse_record(text).mechanisms == (
        Mechanism(SpfResult.PASS, "a", "mail.example.org", 24, 64),
        Mechanism(SpfResult.FAIL, "mx"),
        Mechanism(SpfResult.PASS, "ip6", network=ip_network("2001:db8::/32")),
        Mechanism(SpfResult.NEUTRAL, "ptr"),
        Mechanism(SpfResult.PASS, "exists", "%{i}.org"),
        Mechanism(SpfResult.SOFTFAIL, "all"),
    )


def test_modifiers_stand_anywhere_and_unknown_ones_change_nothing() -> None:
    text = "v=spf1 Redirect=a.example.org x=1 mx x=%{d} exp=b.example.org all=no"
    assert parse_record(text) == SpfRecord(
        text, (Mechanism(SpfResult.PASS, "mx"),), "a.example.org", "b.example.org"
    )


def test_what_stands_behind_an_all_does_not_count() -> None:
    record = parse_record("v=spf1 redirect=a.example.org -all mx +all")
    assert record.mechanisms == (Mechanism(SpfResult.FAIL, "all"),)
    assert record.redirect is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1", True),
        ("V=SPF1 -all", True),
        ("v=spf1 nonsense", True),
        ("v=spf10", False),
        ("v=spf1\t-all", False),
        ("v=spf1\n", False),
        ("v=ſpf1 -all", False),
        (" v=spf1 -all", False),
        ("", False),
    ],
)
def test_what_is_an_spf_record(text: str, *, expected: bool) -> None:
    assert expected == is_spf_record(text)


@pytest.mark.parametrize(
    "term",
    [
        *("a/0", "a/32", "a//0", "a//128", "mx/24//64", "a:%{d}/24", "a:foo:bar/baz.example.org"),
        *(
            "ip4:0.0.0.0/0",
            "ip4:192.0.2.1/32",
            "ip6:::/0",
            "ip6:::ffff:192.0.2.1",
            "ip6:2001:DB8::",
        ),
        *("ptr:example.org", "include:_spf.%{d2}", "+all", "a.b-c_d=man:dog/cat", "exp=%{d}"),
    ],
)
def test_a_term_that_receivers_understand_is_taken(term: str) -> None:
    assert parse_record(f"v=spf1 {term}").text == f"v=spf1 {term}"


@pytest.mark.parametrize(
    "term",
    [
        *("foo", "!all", "=all", "1up=foo", "foo:bar=x", "-foo=bar", "foo=%abc", "foo=%{c}"),
        *("all:example.org", "all/8", "-all:"),
        *("include", "include:", "include/24", "include:a.example.org/24", "include:museum"),
        *("a:", "a/33", "a//129", "a/24/64", "a/", "a//", "a:/24", "ax", "a:example.org:8080"),
        *("mx:example.-com", "mx:abc.123", "mx:%{x}.org", "mx:%(d).org"),
        *("ptr:", "ptr/24", "exists", "exists:", "exists:a.example.org/24"),
        *("ip4", "ip4:", "ip4:1.2.3", "ip4:192.0.2.300", "ip4:192.0.2.1/33", "ip4:192.0.2.1//32"),
        *("ip4:192.0.2.1:25", "ip4:192.0.2.1/255.255.255.0", "ip6", "ip6::a::b", "ip6:::/129"),
        *("ip6:fe80::1%eth0", "ip6:::1//33"),
        *("redirect=", "redirect=-all", "exp=", "exp=museum", "exp=%{t}.example.org"),
    ],
)
def test_a_term_that_no_receiver_understands_is_named_wherever_it_stands(term: str) -> None:
    for text in (f"v=spf1 {term} -all", f"v=spf1 -all {term}"):
        with pytest.raises(RecordError) as caught:
            parse_record(text)
        message, _, fix = str(caught.value).rpartition("; ")
        assert message == f"{term!r} is no term of SPF, and receivers refuse the whole record"
        assert fix


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("a:192.0.2.1", "ip4:192.0.2.1"),
        ("mx:192.0.2.9", "ip4:192.0.2.9"),
        ("~include:192.0.2.9/24", "~ip4:192.0.2.9/24"),
        ("a:2001:db8::1", "ip6:2001:db8::1"),
        ("192.0.2.1", "ip4:192.0.2.1"),
        ("-192.0.2.0/24", "-ip4:192.0.2.0/24"),
        ("IPv4:192.0.2.1", "ip4:192.0.2.1"),
        ("ip:192.0.2.1", "ip4:192.0.2.1"),
        ("ip4:2001:db8::1", "ip6:2001:db8::1"),
        ("ip6:192.0.2.1", "ip4:192.0.2.1"),
        ("ip4:192.0.2.1/032", "ip4:192.0.2.1/32"),
        ("a/032", "a/32"),
        ("mx:example.org/024//064", "mx:example.org/24//64"),
        ("-all.", "-all"),
        ("mx,", "mx"),
        ("redirect:_spf.example.org", "redirect=_spf.example.org"),
        ("exp:a:b.example.org", "exp=a:b.example.org"),
        ("ip4:192.0.2.1/33", None),
        ("a:192.0.2.1/33", None),
        ("a:192.0.2", None),
        ("redirect:museum", None),
    ],
)
def test_what_was_meant_is_written_out_where_it_is_plain(term: str, meant: str | None) -> None:
    with pytest.raises(RecordError) as caught:
        parse_record(f"v=spf1 {term} ~all")
    fix = f"write {meant}" if meant else "correct it or take it out"
    assert str(caught.value).endswith(f"; {fix}")


@pytest.mark.parametrize("term", ["redirect=b.example.org", "Exp=b.example.org"])
def test_a_modifier_that_may_stand_once_is_refused_twice(term: str) -> None:
    name = term.partition("=")[0].lower()
    with pytest.raises(RecordError, match=f"is the second {name}= in it; leave one"):
        parse_record(f"v=spf1 {name}=a.example.org mx {term}")


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 mx\t-all",
        "v=spf1 mx\r\n-all",
        "v=spf1 \u2013all",
        "v=spf1 a:\ufeffb.org",
        "v=spf1 \x00",
    ],
)
def test_a_record_is_visible_ascii_between_spaces(text: str) -> None:
    with pytest.raises(RecordError, match=r"which no term may have; write letters of ASCII"):
        parse_record(text)


@pytest.mark.parametrize(
    "term", ["a:a..example.org", f"include:{LONG}.org", "redirect=.org", f"exp={'a.' * 126}org"]
)
def test_a_name_that_cannot_be_asked_for_is_refused_as_some_receivers_do(term: str) -> None:
    with pytest.raises(RecordError, match="names no domain: a part of it is empty or longer"):
        parse_record(f"v=spf1 {term}")

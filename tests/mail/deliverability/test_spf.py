"""SPF records are read and evaluated as receiving servers do (RFC 7208)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

import pytest

from recommender.errors import NameServerError, RecordError
from recommender.mail.deliverability.name_lookup import Lookup, RecordType
from recommender.mail.deliverability.spf import (
    DEEPEST_INCLUDES,
    MOST_SECONDS,
    SpfAnswer,
    check_host,
    count_lookups,
    find_record,
)
from recommender.mail.deliverability.spf_record import SpfResult

SENDER = "papers+bounce-x@example.org"


DOWN = ("nobody answers",)


class Zone:
    """Answers from a mapping, and knows no more than that; remembers what it was asked."""

    def __init__(self, records: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        self.records = records
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, kind: str) -> tuple[str, ...]:
        self.asked.append((name, kind))
        answer = self.records.get((name, kind), ())
        if answer is DOWN:
            raise NameServerError(f"the name servers cannot tell {kind} of {name}")
        return answer


def spf(**texts: str) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(f"{name}.example.org", "TXT"): (text,) for name, text in texts.items()}


def check(zone: Lookup, address: str = "192.0.2.1", **context: Any) -> SpfAnswer:
    return check_host(ip_address(address), "top.example.org", zone, sender=SENDER, **context)


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
    return check(zone, address).result


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
        ("v=spf1 a:mail.example.org/24//128 -all", SpfResult.PASS),
        ("v=spf1 ip4:192.0.2.0/24 -all", SpfResult.FAIL),
        ("v=spf1 ip4:0.0.0.0/0 -all", SpfResult.FAIL),
        ("v=spf1 a//0 -all", SpfResult.FAIL),
    ],
)
def test_an_ipv6_address_matches_its_own_kind(text: str, expected: SpfResult) -> None:
    assert expected == result_of(text, "2001:db8::10")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1 a:mail.example.org//64 -all", SpfResult.PASS),
        ("v=spf1 a:mail.example.org//112 -all", SpfResult.FAIL),
        ("v=spf1 a:mail.example.org/0 -all", SpfResult.FAIL),
    ],
)
def test_a_prefix_of_ipv6_stands_behind_two_strokes(text: str, expected: SpfResult) -> None:
    assert expected == result_of(text, "2001:db8::ff:10")


def test_a_name_that_does_not_lead_back_is_no_name() -> None:
    assert result_of("v=spf1 ptr:example.org -all", "192.0.2.66") == SpfResult.FAIL


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ({"top": "v=spf1 include:gone.example.org -all"}, "gone.example.org, which has no SPF"),
        ({"top": "v=spf1 redirect=gone.example.org"}, "gone.example.org, which has no SPF"),
        ({"top": "v=spf1 a:x.org a:y.org a:z.org -all"}, "find nothing, A of z.org among"),
        ({"top": "v=spf1 include:top.example.org -all"}, "more than 10 terms ask"),
    ],
)
def test_where_a_receiver_gives_up_the_reason_is_told(records: dict[str, str], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        check(Zone(spf(**records)))


def test_two_records_are_none() -> None:
    zone = Zone({("top.example.org", "TXT"): ("v=spf1 -all", "v=spf1 +all", "other")})
    with pytest.raises(RecordError, match="has 2 SPF records"):
        check(zone)


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 include:down.example.org -all",
        "v=spf1 redirect=down.example.org",
        "v=spf1 a:down.example.org -all",
        "v=spf1 mx:down.example.org -all",
        "v=spf1 mx -all",
        "v=spf1 exists:down.example.org -all",
    ],
)
def test_name_servers_that_do_not_tell_are_not_a_result(text: str) -> None:
    kinds = ("TXT", "A", "MX")
    down = {("down.example.org", kind): DOWN for kind in kinds}
    zone = Zone({**spf(top=text), ("top.example.org", "MX"): ("down.example.org",), **down})
    with pytest.raises(NameServerError, match=r"of down\.example\.org"):
        check(zone)


@pytest.mark.parametrize("text", ["v=spf1 ptr -all", "v=spf1 exists:%{p}.example.org -all"])
def test_names_of_an_address_that_cannot_be_asked_for_are_no_names(text: str) -> None:
    down = {("192.0.2.1", "PTR"): DOWN}
    assert check(Zone({**spf(top=text), **down})).result is SpfResult.FAIL
    names = {("192.0.2.1", "PTR"): ("a.top.example.org",), ("a.top.example.org", "A"): DOWN}
    assert check(Zone({**spf(top=text), **names})).result is SpfResult.FAIL


@pytest.mark.parametrize(
    "domain", ["", "localhost", "org.", "a..example.org", f"{'a' * 64}.org", f"{'a.' * 126}org"]
)
def test_what_is_no_domain_has_no_record_and_is_not_asked_for(domain: str) -> None:
    zone = Zone({(domain, "TXT"): ("v=spf1 +all",)})
    answer = check_host(ip_address("192.0.2.1"), domain, zone, sender=f"papers@{domain}")
    assert (answer, zone.asked) == (SpfAnswer(SpfResult.NONE), [])


def test_a_dot_at_the_end_is_not_part_of_a_name() -> None:
    zone = Zone(
        spf(top="v=spf1 include:inner.example.org. -all", inner="v=spf1 exists:%{d}.org. ~all")
    )
    assert find_record("top.example.org.", zone) == find_record("top.example.org", zone)
    assert check(zone).result is SpfResult.FAIL
    assert zone.asked[-1] == ("inner.example.org.org", "A")


def test_an_error_names_the_record_that_it_is_in() -> None:
    zone = Zone(spf(top="v=spf1 include:inner.example.org -all", inner="v=spf1 a:192.0.2.1"))
    with pytest.raises(RecordError) as caught:
        check(zone)
    assert str(caught.value) == (
        "in the SPF record of inner.example.org, 'a:192.0.2.1' is no term of SPF, and receivers "
        "refuse the whole record; write ip4:192.0.2.1"
    )


def test_an_ipv4_address_in_the_clothes_of_ipv6_is_an_ipv4_address() -> None:
    assert result_of("v=spf1 ip4:192.0.2.10 -all", "::ffff:192.0.2.10") is SpfResult.PASS
    assert result_of("v=spf1 ip6:::/0 -all", "::ffff:192.0.2.10") is SpfResult.FAIL


def test_a_name_that_macros_make_wrong_matches_nothing_and_is_not_asked_for() -> None:
    zone = Zone(spf(top="v=spf1 a:%{h}.org mx:%{h}.org exists:%{h} ~all"))
    answers = [check(zone, helo=helo) for helo in ("a..b", "x" * 64, "")]
    assert answers == [SpfAnswer(SpfResult.SOFTFAIL)] * 3
    assert {kind for _, kind in zone.asked} == {"TXT"}


@pytest.mark.parametrize(("number", "is_enough"), [(10, False), (11, True)])
def test_more_than_ten_terms_that_ask_are_too_many(number: int, *, is_enough: bool) -> None:
    terms = ["include:inner.example.org", *["mx"] * (number - 3)]
    zone = Zone(
        {
            **spf(top=f"v=spf1 {' '.join(terms)} redirect=last.example.org"),
            **spf(inner="v=spf1 a:mail.example.org -all", last="v=spf1 ~all"),
            ("top.example.org", "MX"): ("mail.example.org",),
            ("mail.example.org", "A"): ("192.0.2.10",),
        }
    )
    assert count_lookups("top.example.org", zone) == number
    if is_enough:
        with pytest.raises(RecordError, match="more than 10 terms ask the DNS"):
            check(zone)
    else:
        assert check(zone).result is SpfResult.SOFTFAIL


@pytest.mark.parametrize("term", ["a:{}", "mx:{}", "exists:{}"])
def test_more_than_two_lookups_that_find_nothing_are_too_many(term: str) -> None:
    terms = [term.format(f"gone{number}.example.org") for number in range(3)]
    assert result_of(f"v=spf1 {' '.join(terms[:2])} -all") is SpfResult.FAIL
    with pytest.raises(RecordError, match=r"more than 2 lookups find nothing, .* of gone2\.exam"):
        result_of(f"v=spf1 {' '.join(terms)} -all")


@pytest.mark.parametrize(("number", "is_enough"), [(10, False), (11, True)])
def test_more_than_ten_mail_exchangers_are_too_many(number: int, *, is_enough: bool) -> None:
    hosts = tuple(f"mx{each}.example.org" for each in range(number))
    zone = Zone(
        {
            **spf(top="v=spf1 mx -all"),
            ("top.example.org", "MX"): hosts,
            **{(host, "A"): ("192.0.2.1",) for host in hosts},
        }
    )
    if is_enough:
        with pytest.raises(RecordError, match=r"top\.example\.org has 11 MX records"):
            check(zone)
    else:
        assert check(zone).result is SpfResult.PASS


def test_a_null_mx_is_no_mail_exchanger() -> None:
    zone = Zone({**spf(top="v=spf1 mx -all"), ("top.example.org", "MX"): ("",)})
    assert check(zone).result is SpfResult.FAIL
    assert zone.asked == [("top.example.org", "TXT"), ("top.example.org", "MX")]


@pytest.mark.parametrize(("place", "expected"), [(9, SpfResult.PASS), (10, SpfResult.FAIL)])
def test_the_eleventh_name_of_an_address_is_not_looked_at(place: int, expected: SpfResult) -> None:
    names = [f"n{each}.example.net" for each in range(11)]
    names[place] = "mail.top.example.org"
    zone = Zone(
        {
            **spf(top="v=spf1 ptr -all"),
            ("192.0.2.1", "PTR"): tuple(names),
            **{(name, "A"): ("192.0.2.1",) for name in names},
        }
    )
    assert check(zone).result is expected


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("a.example.net", "a.top.example.org", "top.example.org"), "top.example.org"),
        (("z.top.example.org", "top.example.org"), "top.example.org"),
        (("a.example.net", "a.top.example.org", "false.top.example.org"), "a.top.example.org"),
        (("a.example.net",), "a.example.net"),
        (("false.top.example.org",), "unknown"),
        ((), "unknown"),
    ],
)
def test_the_name_of_an_address_is_the_one_closest_to_the_domain(
    names: tuple[str, ...], chosen: str
) -> None:
    zone = Zone(
        {
            **spf(top="v=spf1 exists:%{p}.is.example.org -all"),
            ("192.0.2.1", "PTR"): names,
            **{(name, "A"): ("192.0.2.1",) for name in names if not name.startswith("false")},
            ("false.top.example.org", "A"): ("192.0.2.2",),
        }
    )
    assert check(zone).result is SpfResult.FAIL
    assert zone.asked[-1] == (f"{chosen}.is.example.org", "A")


@pytest.mark.parametrize(
    ("macro", "address", "value"),
    [
        ("%{s}", "192.0.2.1", SENDER),
        ("%{h}", "192.0.2.1", "example.org"),
        ("%{ir}.%{v}", "192.0.2.1", "1.2.0.192.in-addr"),
        ("%{c}", "2001:db8::cb01", "2001:db8::cb01"),
        (
            "%{ir}.%{v}",
            "2001:db8::cb01",
            "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6",
        ),
        ("%{r} %{t}", "192.0.2.1", "unknown 1700000000"),
    ],
)
def test_an_explanation_tells_of_the_message(macro: str, address: str, value: str) -> None:
    zone = Zone({**spf(top="v=spf1 exp=why.example.org -all", why=macro)})
    assert check(zone, address, clock=lambda: 1.7e9) == SpfAnswer(SpfResult.FAIL, value)


def test_a_sender_without_a_local_part_is_the_postmaster() -> None:
    zone = Zone(spf(top="v=spf1 -all exp=why.example.org", why="%{s} is %{l}"))
    address = ip_address("192.0.2.1")
    answer = check_host(address, "top.example.org", zone, sender="@top.example.org")
    assert answer.explanation == "postmaster@top.example.org is postmaster"


@pytest.mark.parametrize(
    ("records", "explanation"),
    [
        ({"top": "v=spf1 -all"}, ""),
        ({"top": "v=spf1 -all exp=why.example.org", "why": "no."}, "no."),
        ({"top": "v=spf1 -all exp=gone.example.org"}, ""),
        ({"top": "v=spf1 -all exp=down.example.org"}, ""),
        ({"top": "v=spf1 -all exp=two.example.org"}, ""),
        ({"top": "v=spf1 -all exp=%{h}"}, ""),
        ({"top": "v=spf1 -all exp=why.example.org", "why": "%{x}"}, ""),
        ({"top": "v=spf1 -all exp=why.example.org", "why": "nén"}, ""),
        (
            {
                "top": "v=spf1 redirect=to.example.org exp=gone.example.org",
                "to": "v=spf1 -all exp=why.example.org",
                "why": "%{d}",
            },
            "to.example.org",
        ),
        (
            {
                "top": "v=spf1 include:in.example.org -all",
                "in": "v=spf1 -all exp=why.example.org",
                "why": "no",
            },
            "",
        ),
    ],
)
def test_an_explanation_is_that_of_the_record_that_decides(
    records: dict[str, str], explanation: str
) -> None:
    zone = Zone(
        {
            **spf(**records),
            ("down.example.org", "TXT"): DOWN,
            ("two.example.org", "TXT"): ("one", "two"),
        }
    )
    assert check(zone, helo="a..b") == SpfAnswer(SpfResult.FAIL, explanation)


@pytest.mark.parametrize("end", ["+all", "~all", "?all", ""])
def test_who_does_not_fail_is_explained_nothing(end: str) -> None:
    zone = Zone(spf(top=f"v=spf1 exp=why.example.org {end}", why="no"))
    assert check(zone).explanation == ""
    assert zone.asked == [("top.example.org", "TXT")]


def test_an_explanation_that_finds_nothing_does_not_change_the_result() -> None:
    zone = Zone(
        spf(
            top="v=spf1 a:x.example.org a:y.example.org -all exp=why.example.org",
            why="%{p} may not send",
        )
    )
    # The two lookups that may find nothing are used up: nothing is explained.
    assert check(zone) == SpfAnswer(SpfResult.FAIL)


@pytest.mark.parametrize(
    ("term", "seconds"),
    [("a", 0.55 * MOST_SECONDS), ("ptr", 0.55 * MOST_SECONDS), ("ptr", 0.35 * MOST_SECONDS)],
)
def test_name_servers_that_take_too_long_together_are_not_a_result(
    term: str, seconds: float
) -> None:
    now = 1.7e9
    records = {
        **spf(top=f"v=spf1 a:mail.example.org {term} -all"),
        ("mail.example.org", "A"): ("192.0.2.10",),
        ("top.example.org", "A"): ("192.0.2.10",),
        ("192.0.2.1", "PTR"): ("mail.example.org",),
    }

    def slow(name: str, kind: str) -> tuple[str, ...]:
        nonlocal now
        now += seconds
        return records.get((name, kind), ())

    with pytest.raises(NameServerError, match="took the name servers more than 20 s"):
        check(slow, clock=lambda: now)


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


def test_lookups_of_a_record_that_is_not_there_cannot_be_counted() -> None:
    links = {"top": "b", "b": "c", "c": "d"}
    zone = Zone(spf(**{name: f"v=spf1 include:{to}.example.org" for name, to in links.items()}))
    with pytest.raises(RecordError, match=r"c\.example\.org includes d\.example\.org, which has"):
        count_lookups("top.example.org", zone)


def test_a_chain_of_includes_without_end_is_named_and_not_followed() -> None:
    asked: list[str] = []

    def endless(name: str, _kind: RecordType) -> tuple[str, ...]:
        asked.append(name)
        return (f"v=spf1 include:n{len(asked)}.example.org -all",)

    with pytest.raises(RecordError, match=r"^n0\.example\.org includes records 20 deep"):
        count_lookups("n0.example.org", endless)
    assert len(asked) == DEEPEST_INCLUDES + 1


def test_records_that_include_each_other_are_a_ring() -> None:
    zone = Zone(spf(top="v=spf1 include:b.example.org", b="v=spf1 include:top.example.org"))
    with pytest.raises(RecordError, match=r"top\.example\.org → b\.example\.org → top"):
        count_lookups("top.example.org", zone)

"""DMARC records are found and read as receivers do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recommender.errors import RecordError
from recommender.mail.deliverability.dmarc import (
    DmarcRecord,
    find_record,
    is_aligned,
    organisational_domain,
    parse_record,
)


def zone(**texts: str | tuple[str, ...]) -> Callable[[str, str], tuple[str, ...]]:
    records = {
        f"_dmarc.{name.replace('_', '.')}": (text,) if isinstance(text, str) else text
        for name, text in texts.items()
    }
    return lambda name, kind: records.get(name, ()) if kind == "TXT" else ()


def test_a_record_is_read_with_its_defaults() -> None:
    assert parse_record("example.org", "v=DMARC1; p=reject") == DmarcRecord(
        "example.org", "reject", "reject"
    )
    text = "v=DMARC1;p=Quarantine; sp=none; adkim=s; aspf=S ;rua=mailto:a@example.org; psd=y;"
    assert parse_record("example.org", text) == DmarcRecord(
        "example.org",
        "quarantine",
        "none",
        strict_dkim=True,
        strict_spf=True,
        reports_to="mailto:a@example.org",
        is_public_suffix=True,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("v=DMARC1", "tag p is ''"),
        ("v=DMARC1; p=block", "tag p is 'block'"),
        ("v=DMARC1; p=none; sp=x", "tag sp is 'x'"),
        ("v=DMARC1; p=none; adkim=yes", "tag adkim is 'yes'"),
        ("v=DMARC1; p=none; none", "'none' is no tag"),
    ],
)
def test_a_record_that_receivers_do_not_use_is_told(text: str, words: str) -> None:
    with pytest.raises(RecordError, match=words):
        parse_record("example.org", text)


def test_a_domains_own_record_goes_before_its_organisations() -> None:
    lookup = zone(lists_example_org="v=DMARC1; p=none", example_org="v=DMARC1; p=reject")
    own, above = (find_record(name, lookup) for name in ("lists.example.org", "a.b.example.org"))
    assert (own and own.domain, own and own.policy) == ("lists.example.org", "none")
    assert (above and above.domain, above and above.policy) == ("example.org", "reject")


def test_what_is_no_dmarc_record_is_none() -> None:
    assert find_record("example.org", zone(example_org=("v=spf1 -all", "v=DMARC10; p=x"))) is None


def test_two_records_at_one_name_are_none() -> None:
    with pytest.raises(RecordError, match="has 2 records"):
        find_record("example.org", zone(example_org=("v=DMARC1; p=none", "v=DMARC1; p=reject")))


def test_an_organisation_is_the_shortest_name_with_a_record() -> None:
    lookup = zone(example_org="v=DMARC1; p=none", lists_example_org="v=DMARC1; p=none")
    assert organisational_domain("a.lists.example.org", lookup) == "example.org"
    assert organisational_domain("example.net", lookup) == "example.net"
    suffix = zone(bank="v=DMARC1; p=reject; psd=y")
    assert organisational_domain("mail.one.bank", suffix) == "one.bank"


def test_domains_of_one_organisation_are_aligned_unless_equality_is_asked_for() -> None:
    lookup = zone(example_org="v=DMARC1; p=none")
    assert is_aligned("bounce.example.org", "lists.example.org", lookup, strict=False)
    assert not is_aligned("bounce.example.org", "lists.example.org", lookup, strict=True)
    assert is_aligned("Lists.example.org", "lists.example.org", lookup, strict=True)
    assert not is_aligned("example.net", "lists.example.org", lookup, strict=False)


def test_long_names_cost_few_questions() -> None:
    asked: list[str] = []

    def lookup(name: str, _kind: str) -> tuple[str, ...]:
        asked.append(name)
        return ()

    assert find_record(".".join("abcdefghijklmno"), lookup) is None
    assert len(asked) == 8
    assert asked[1] == "_dmarc.i.j.k.l.m.n.o"

"""SPF records are judged as the official test suite of RFC 7208 says: each of its cases is a test.

All of them apply. The suite (openspf, ``rfc7208-tests.yml``) is not part of this repository: it
comes with the source package of pyspf, which `.ci/run` downloads. To run it by hand, do the same
and name the file::

    RFC7208_TESTS=…/rfc7208-tests.yml pytest -m suite
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommender.errors import NameServerError, RecordError
from recommender.mail.deliverability.name_lookup import RecordType
from recommender.mail.deliverability.spf import check_host

SUITE = os.environ.get("RFC7208_TESTS")

NUMBER_OF_CASES = 203
"""Of the suite in pyspf 2.0.14."""


class SuiteZone:
    """Answers from the zone of a scenario as name servers do, aliases followed.

    Parameters
    ----------
    data : mapping
        ``zonedata`` of the suite: records by name, among which ``TIMEOUT`` says that what is not
        there is not answered for. What is called ``SPF`` are TXT records, unless the name has some
        that are called so.
    """

    def __init__(self, data: Mapping[str, list[Any]]) -> None:
        self.silent = {name.lower() for name, entries in data.items() if "TIMEOUT" in entries}
        self.records: dict[str, list[tuple[str, Any]]] = {
            name.lower(): [
                pair for entry in entries if entry != "TIMEOUT" for pair in entry.items()
            ]
            for name, entries in data.items()
        }

    def __call__(self, name: str, kind: RecordType) -> tuple[str, ...]:
        asked = ip_address(name).reverse_pointer if kind == "PTR" else name.lower()
        passed: set[str] = set()
        while aliases := self._of(asked, "CNAME"):
            passed.add(asked)
            asked = aliases[0].lower()
            if asked in passed:
                raise NameServerError(f"the aliases of {name} lead in a ring")
        values = self._of(asked, kind)
        if kind == "TXT" and not values:
            values = self._of(asked, "SPF")
        values = [value for value in values if value != "NONE"]
        if not values and asked in self.silent:
            raise NameServerError(f"nobody answers for {kind} of {name}")
        if kind == "MX":
            values = [host for _, host in sorted(values)]
        return tuple(_as_text(value, kind) for value in values)

    def _of(self, name: str, kind: str) -> list[Any]:
        return [value for known, value in self.records.get(name, ()) if known == kind]


def _as_text(value: Any, kind: RecordType) -> str:
    if kind == "TXT":
        return "".join(value)
    if kind in {"A", "AAAA"}:
        return str(ip_address(value))
    return str(value).removesuffix(".").lower()


@dataclass(frozen=True, slots=True)
class Case:
    """One question of the suite, and what may be answered."""

    name: str
    zone: SuiteZone
    question: Mapping[str, Any]

    @property
    def results(self) -> list[str]:
        allowed = self.question["result"]
        return [allowed] if isinstance(allowed, str) else allowed


def read_suite(path: Path) -> Iterator[Case]:
    for scenario in yaml.safe_load_all(path.read_text("utf-8")):
        zone = SuiteZone(scenario["zonedata"])
        for name, question in scenario["tests"].items():
            yield Case(name, zone, question)


CASES = list(read_suite(Path(SUITE))) if SUITE else []


def judge(case: Case) -> tuple[str, str]:
    """Return the result and the explanation, as a receiving server would."""
    helo = case.question["helo"]
    # RFC 7208 section 2.4: a bounce, which has no sender, is judged by the name in HELO.
    sender = case.question["mailfrom"] or f"postmaster@{helo}"
    address = ip_address(case.question["host"])
    try:
        answer = check_host(address, sender.rpartition("@")[2], case.zone, sender=sender, helo=helo)
    except RecordError:
        return "permerror", ""
    except NameServerError:
        return "temperror", ""
    return str(answer.result), answer.explanation


@pytest.mark.suite
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_case_of_the_suite_gets_one_of_its_results(case: Case) -> None:
    result, explanation = judge(case)

    assert result in case.results, case.question.get("description")
    # DEFAULT is what a receiver says where the domain says nothing.
    expected = case.question.get("explanation", explanation or "DEFAULT")
    assert expected == (explanation or "DEFAULT")


@pytest.mark.suite
def test_the_suite_is_there_with_all_its_cases() -> None:
    names = {case.name for case in CASES}
    assert len(names) == NUMBER_OF_CASES, "RFC7208_TESTS must name the rfc7208-tests.yml of pyspf"

"""Real bounces are taken for what they are, whichever program wrote them; the data is not ours."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from recommender.domain import BounceKind
from recommender.mail.inbox.bounce_reports import BounceReport, read_report

LEAST_SHARE = 0.97

# Labelled as a complaint at the source: a report on DMARC, which is no reader's.
OTHERWISE = frozenset({"arf-18.eml"})


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "bounces"


@pytest.fixture(scope="module")
def expected(folder: Path) -> Mapping[str, tuple[str, frozenset[str]]]:
    """Return reason and verdicts by file name; ``any`` stands for all of them."""
    rows = (line.split("\t") for line in (folder / "expected.tsv").read_text().splitlines()[1:])
    return {name: (reason, frozenset(verdicts.split("|"))) for name, reason, verdicts in rows}


@pytest.fixture(scope="module")
def reports(folder: Path, expected: Mapping[str, object]) -> Mapping[str, BounceReport | None]:
    return {
        name: read_report((folder / "mails" / name).read_bytes(), is_to_signed_address=True)
        for name in expected
    }


def verdict(report: BounceReport | None) -> str:
    return "nothing" if report is None else report.cause.value


def test_most_are_taken_for_what_they_are(
    expected: Mapping[str, tuple[str, frozenset[str]]],
    reports: Mapping[str, BounceReport | None],
    record_property: Callable[[str, object], None],
) -> None:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    misjudged = []
    for name, (reason, verdicts) in expected.items():
        found = verdict(reports[name])
        table[reason][found] += 1
        if not verdicts & {found, "any"}:
            misjudged.append(f"{name}: {reason}, taken for {found}")
    share = 1 - len(misjudged) / len(expected)
    lines = [
        *(f"{reason:35} {dict(table[reason].most_common())}" for reason in sorted(table)),
        f"right: {share:.1%} of {len(expected)}",
        *misjudged,
    ]
    record_property("bounces", "\n".join(lines))
    sys.stdout.write("\n".join(["", *lines, ""]))

    assert share >= LEAST_SHARE, misjudged


def test_no_refusal_of_us_and_no_full_mailbox_counts_against_an_address(
    expected: Mapping[str, tuple[str, frozenset[str]]],
    reports: Mapping[str, BounceReport | None],
) -> None:
    wronged = [
        name
        for name, (_, verdicts) in expected.items()
        if not verdicts & {"address", "any"}
        and (report := reports[name]) is not None
        and report.kind is BounceKind.HARD
    ]

    assert wronged == []


def test_only_complaints_are_complaints(
    expected: Mapping[str, tuple[str, frozenset[str]]],
    reports: Mapping[str, BounceReport | None],
) -> None:
    complaints = {
        name
        for name, report in reports.items()
        if report is not None and report.kind is BounceKind.COMPLAINT
    }
    labelled = {name for name, (_, verdicts) in expected.items() if "complaint" in verdicts}

    assert labelled - OTHERWISE == complaints

"""What mail programs and lists write around a text goes, and nothing of the text."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.papers.mails.forwarding import unwrapped
from recommender.papers.text.mail_headers import day_in

TEXT = ["A title", "", "An abstract of it."]
DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("announced", "when"),
    [
        ("---------- Forwarded message ---------", "Date: Tue, Mar 10, 2026 at 2:03 AM"),
        ("-----Original Message-----", "Sent: Tuesday, March 10, 2026 2:03 AM"),
        ("Begin forwarded message:", "Date: 10 March 2026 at 02:03:00 CET"),
        ("-------- Weitergeleitete Nachricht --------", "Datum: Di., 10. März 2026 02:03"),
        ("---------- Message transféré ---------", "Date : mar. 10 mars 2026 à 02:03"),
        ("---------- Mensaje reenviado ---------", "Fecha: mar, 10 de marzo de 2026"),
        ("---------- 转发的邮件 ---------", "日期：2026年3月10日"),
        ("", "*Date:* 2026-03-10 02:03"),
    ],
)
@pytest.mark.parametrize("quote", ["", "> "])
def test_headers_of_forwarding_go_and_tell_the_day(announced: str, when: str, quote: str) -> None:
    headers = ["From: a@example.org", when, "Subject: x", "To: b@example.org", ""]
    lines = [f"{quote}{each}" for each in [*headers, *TEXT]]
    found = unwrapped(["see below", "", announced, *lines])

    assert [each for each in found.lines if each] == ["A title", "An abstract of it."]
    assert found.day == DAY


def test_several_levels_go() -> None:
    inner = ["----- Forwarded message -----", "From: a", "Date: 10 March 2026", "To: b", "", *TEXT]
    outer = ["----- Forwarded message -----", "From: c", "Date: 11 March 2026", "To: d", ""]
    found = unwrapped([*outer, *(f"> {each}" for each in inner)])

    assert (list(found.lines), found.day) == (TEXT, DAY)


@pytest.mark.parametrize(
    "footer",
    [
        ["-- ", "Ann", "University of Tests"],
        ["_" * 47, "Papers mailing list", "https://example.org/mailman/listinfo/papers"],
        ["--", "You received this message because you are subscribed to a group."],
    ],
)
def test_signatures_and_footers_of_lists_go(footer: list[str]) -> None:
    assert list(unwrapped([*TEXT, *footer]).lines) == TEXT


@pytest.mark.parametrize(
    "lines",
    [
        TEXT,
        ["From: here to there, a history", "", "Roads led from here to there."],
        ["_" * 30, *TEXT],
        ["> is greater than", "", *TEXT],
        ["---------- Forwarded message ---------", "", "is what mail programs write."],
    ],
)
def test_a_text_that_nobody_forwarded_stays(lines: list[str]) -> None:
    assert list(unwrapped(lines).lines) == lines


def test_days_that_could_be_two_are_none() -> None:
    assert day_in("03/04/2026 10:00") is None
    assert day_in("99 March 2026") is None

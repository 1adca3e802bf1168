"""What was warned of is kept for the operator: bounded, in one line each, without addresses."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from recommender.recent_log import CHARACTERS_KEPT, LINES_KEPT, RecentLines


@pytest.fixture
def lines() -> RecentLines:
    return RecentLines()


@pytest.fixture
def log(lines: RecentLines) -> Iterator[logging.Logger]:
    logger = logging.getLogger("recommender.tests.recent")
    logger.addHandler(lines)
    yield logger
    logger.removeHandler(lines)


def test_warnings_and_errors_are_kept_the_newest_first(
    lines: RecentLines, log: logging.Logger
) -> None:
    log.setLevel(logging.DEBUG)
    log.info("nothing to see")
    log.warning("source %s: HTTP %d", "arXiv", 503)
    log.error("broken")

    found = [(each.level, each.words) for each in lines.newest(9)]
    assert found == [("ERROR", "broken"), ("WARNING", "source arXiv: HTTP 503")]
    assert [each.words for each in lines.newest(1)] == ["broken"]


def test_only_the_last_lines_are_kept_and_long_ones_are_cut(
    lines: RecentLines, log: logging.Logger
) -> None:
    for number in range(3 * LINES_KEPT):
        log.warning("%d %s", number, "x" * 100_000)
    found = lines.newest(10 * LINES_KEPT)

    assert len(found) == LINES_KEPT
    assert found[-1].words.startswith(f"{2 * LINES_KEPT} x")
    assert {len(each.words) for each in found} == {CHARACTERS_KEPT + 1}


@pytest.mark.parametrize(
    "written",
    [
        "mail to ann.smith+x@mail.example.org failed",
        "mail to <ann.smith+x@mail.example.org> failed",
        "550 5.1.1 ann.smith+x@mail.example.org: no such user",
        'to="ann.smith+x@mail.example.org"',
        "mailto:ann.smith+x@mail.example.org, and others",
    ],
)
def test_addresses_keep_their_domain_only(
    lines: RecentLines, log: logging.Logger, written: str
) -> None:
    log.warning("%s", written)
    [line] = lines.newest(9)

    assert "ann" not in line.words
    assert "…@mail.example.org" in line.words


def test_an_exception_is_told_in_the_same_line(lines: RecentLines, log: logging.Logger) -> None:
    try:
        {}["first\nsecond"]
    except KeyError:
        log.exception("unexpected")
    [line] = lines.newest(9)

    assert line.words == "unexpected: KeyError: 'first\\nsecond'"


def test_controls_and_passwords_are_not_shown(lines: RecentLines, log: logging.Logger) -> None:
    log.warning("x\x1b[31m\nforged http://user:secret@host/")
    [line] = lines.newest(9)

    assert "\x1b" not in line.words
    assert "\n" not in line.words
    assert "secret" not in line.words

"""A line of the log is one line, shows what it holds, and holds no password."""

from __future__ import annotations

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.log_lines import JournalFormatter, LineFormatter, visible, without_passwords

FORMATTER = LineFormatter("%(levelname)s %(name)s: %(message)s")


def line_of(message: str, *values: object, exc_info: object = None) -> str:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, message, values, exc_info)  # type: ignore[arg-type]
    return FORMATTER.format(record)


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\n", r"\n"),
        ("\r", r"\r"),
        ("\x1b", r"\x1b"),
        ("\0", r"\x00"),
        ("\x7f", r"\x7f"),
        ("\x85", r"\x85"),
        ("\x9b", r"\x9b"),
        ("\u2028", r"\u2028"),
        ("\u202e", r"\u202e"),
        ("\u2066", r"\u2066"),
        ("\ufeff", r"\ufeff"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_a_stranger_sends_forges_no_line_and_works_on_no_terminal(
    character: str, shown: str
) -> None:
    assert line_of("mail from %s", f"a{character}b") == rf"INFO x: mail from a{shown}b"


@given(st.text())
def test_any_text_is_one_line_that_can_be_written(text: str) -> None:
    assert len(visible(text).splitlines()) <= 1
    visible(text).encode()


def test_words_of_all_scripts_stay_as_they_are() -> None:
    assert visible("Müller, 松本, Ωmega, naïve 👍") == "Müller, 松本, Ωmega, naïve 👍"


def test_traceback_keeps_its_line_breaks_and_nothing_else() -> None:
    def fail() -> None:
        raise ValueError("one\x1b[2J\u2028two postgresql://u:pw@db/papers")

    try:
        fail()
    except ValueError:
        text = line_of("it failed", exc_info=sys.exc_info())

    assert text.startswith("INFO x: it failed\nTraceback (most recent call last):\n")
    assert text.endswith(r"ValueError: one\x1b[2J\u2028two postgresql://u:***@db/papers")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:pw@host/db", "postgresql://u:***@host/db"),
        ("postgresql+psycopg://u:p/w@x@host:5432/db", "postgresql+psycopg://u:***@host:5432/db"),
        ("smtp://:pw@host", "smtp://:***@host"),
        ("https://papers.example.org:8443/me", "https://papers.example.org:8443/me"),
        ("imap://u@host", "imap://u@host"),
    ],
)
def test_password_in_an_address_is_not_shown(address: str, shown: str) -> None:
    assert without_passwords(f"cannot reach {address}") == f"cannot reach {shown}"
    assert line_of("cannot reach %s", address) == f"INFO x: cannot reach {shown}"


def test_what_is_logged_in_the_course_of_things_names_nobody() -> None:
    said = "450 <ada@example.org>: later"

    assert line_of(said) == "INFO x: 450 <…@example.org>: later"
    warned = logging.LogRecord("x", logging.WARNING, "", 1, said, (), None)
    assert FORMATTER.format(warned) == f"WARNING x: {said}"


@pytest.mark.parametrize(
    ("level", "mark"), [(logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (15, 7)]
)
def test_each_line_has_its_priority_for_the_journal(level: int, mark: int) -> None:
    try:
        int("one\ntwo")
    except ValueError:
        record = logging.LogRecord("x", level, "", 0, "a\nb", (), sys.exc_info())

    lines = JournalFormatter("%(message)s").format(record).split("\n")

    assert len(lines) > 4
    assert {line[:3] for line in lines} == {f"<{mark}>"}

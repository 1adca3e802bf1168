"""What the journal is told, read from a socket of our own."""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender.journal import JournalHandler
from recommender.log_lines import about

FORM = "%(levelname)s %(name)s: %(message)s"
MOST_OF_ONE_ENTRY = 1 << 18


class Journal:
    """Listens as the journal does, and reads entries as its protocol has them."""

    def __init__(self, address: Path) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self._socket.settimeout(5)

    def close(self) -> None:
        self._socket.close()

    def entry(self) -> dict[str, str]:
        left = self._socket.recv(MOST_OF_ONE_ENTRY)
        fields = {}
        while left:
            name, left = left.split(b"\n", 1)
            end = 8 + int.from_bytes(left[:8], "little")
            assert left[end : end + 1] == b"\n"
            fields[name.decode()] = left[8:end].decode()
            left = left[end + 1 :]
        return fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    listening = Journal(tmp_path / "journal")
    yield listening
    listening.close()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(journal: Journal, stream: io.StringIO) -> Iterator[logging.Logger]:
    handler = JournalHandler(FORM, stream, address=journal.address)
    logger = logging.Logger("recommender.jobs.sources")  # noqa: LOG001 - pytest listens to others
    logger.addHandler(handler)
    yield logger
    handler.close()


def test_entry_says_how_grave_it_is_who_logged_it_and_what_it_is_about(
    logger: logging.Logger, journal: Journal, stream: io.StringIO
) -> None:
    logger.warning("%s: no answer", "lab feed", extra=about(source=3))

    entry = journal.entry()
    assert entry["MESSAGE"] == "WARNING recommender.jobs.sources: lab feed: no answer"
    assert entry["PRIORITY"] == "4"
    assert entry["SYSLOG_IDENTIFIER"] == "recommender"
    assert entry["LOGGER"] == "recommender.jobs.sources"
    assert entry["CODE_FILE"] == __file__
    assert entry["RECOMMENDER_SOURCE"] == "3"
    assert stream.getvalue() == ""


def test_entry_of_the_course_of_things_has_no_address(
    logger: logging.Logger, journal: Journal
) -> None:
    logger.info("composed for %s", "ann@reader.example.org", extra=about(subscriber=7))

    entry = journal.entry()
    assert "ann" not in "".join(entry.values()).replace(__file__, "")
    assert (entry["PRIORITY"], entry["RECOMMENDER_SUBSCRIBER"]) == ("6", "7")


def test_line_break_of_a_stranger_forges_no_field(logger: logging.Logger, journal: Journal) -> None:
    logger.error("mail from %s", "x\nPRIORITY=7\nMESSAGE=all is well")

    entry = journal.entry()
    assert entry["PRIORITY"] == "3"
    assert entry["MESSAGE"].endswith(r"x\nPRIORITY=7\nMESSAGE=all is well")


def test_traceback_is_part_of_the_message(logger: logging.Logger, journal: Journal) -> None:
    try:
        int("one")
    except ValueError:
        logger.exception("it failed")

    lines = journal.entry()["MESSAGE"].split("\n")
    assert lines[0].endswith("it failed")
    assert lines[-1].startswith("ValueError: ")


def test_what_the_journal_does_not_take_goes_to_standard_error_line_by_line(
    logger: logging.Logger, journal: Journal, stream: io.StringIO
) -> None:
    logger.warning("x" * 10_000_000)
    journal.close()
    journal.address.unlink()
    logger.error("nobody listens")

    long, short = stream.getvalue().splitlines()
    assert long.startswith("<4>WARNING recommender.jobs.sources: xxx")
    assert short == "<3>ERROR recommender.jobs.sources: nobody listens"


def test_values_that_do_not_fit_are_shown_and_stop_nothing(
    logger: logging.Logger, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.warning("%d papers", "many")
    logger.warning("and on")

    assert journal.entry()["MESSAGE"].endswith("and on")
    assert "TypeError" in capsys.readouterr().err

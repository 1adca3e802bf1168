"""What a line of the log or of an error may hold: no control characters, no password.

Addresses, subjects and file names in it come from strangers: a line break would forge a line, an
escape sequence works on the terminal of whoever reads it, a bidirectional override turns words.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

# Control (C0, DEL, C1), format (bidirectional overrides, invisible ones), line and paragraph
# separators, and halves of surrogate pairs, which file names that are not UTF-8 have.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})

# All up to the last @: a password that nobody encoded may hold one, or a slash.
_PASSWORD_IN_URL: Final = re.compile(r"(?<=://)(?P<user>[^\s/:@]*):\S*@")


_LOCAL_PART: Final = re.compile(r"[^\s<>()\[\]\"',;:@]{1,256}@(?=[\w\[])")

_DEBUG: Final = 7
_PRIORITIES: Final = {
    logging.CRITICAL: 2,
    logging.ERROR: 3,
    logging.WARNING: 4,
    logging.INFO: 6,
}


def visible(text: str) -> str:
    r"""Return a text with everything that is not seen written as an escape: ``\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape").decode("ascii")


def without_passwords(text: str) -> str:
    """Return a text in which addresses of databases and servers show ``***`` for a password."""
    return _PASSWORD_IN_URL.sub(r"\g<user>:***@", text)


def without_local_parts(text: str) -> str:
    """Return a text in which mail addresses show their domain only."""
    return _LOCAL_PART.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    # The user of a server's address is none of a mail address, nor is a password that is hidden.
    is_of_server = found[0].startswith("//") and found.string[: found.start()].endswith(":")
    return found[0] if is_of_server or found[0] == "***@" else "…@"


def about(**ids: int) -> dict[str, Mapping[str, int]]:
    """Return the ``extra`` of a record that is about rows of the database: ``about(source=3)``."""
    return {"row_ids": ids}


def ids_of(record: logging.LogRecord) -> Mapping[str, int]:
    """Return the ids of the rows that a record is about, by what they are of."""
    ids: Mapping[str, int] = getattr(record, "row_ids", {})
    return ids


def priority(level: int) -> int:
    """Return the priority of syslog(3) of a level of `logging`."""
    return _PRIORITIES.get(min(level // 10 * 10, logging.CRITICAL), _DEBUG)


class LineFormatter(logging.Formatter):
    """Writes a record as one line; only a traceback has further ones.

    What is logged in the course of things names nobody: whose trouble a warning is, it has to say.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's name
        """Return the line itself."""
        line = visible(without_passwords(super().formatMessage(record)))
        return without_local_parts(line) if record.levelno == logging.INFO else line

    def formatException(self, ei: Any) -> str:  # noqa: N802, logging's name
        """Return the traceback, whose line breaks stay."""
        return _visible_lines(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802, logging's name
        """Return where a message was logged; its line breaks stay."""
        return _visible_lines(super().formatStack(stack_info))


class JournalFormatter(LineFormatter):
    """Writes the priority of syslog(3) before each line, as the journal reads it (sd-daemon(3))."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines."""
        mark = f"<{priority(record.levelno)}>"
        return "\n".join(f"{mark}{line}" for line in super().format(record).split("\n"))


def _visible_lines(text: str) -> str:
    return "\n".join(visible(line) for line in without_passwords(text).split("\n"))

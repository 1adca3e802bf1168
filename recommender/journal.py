"""What systemd's journal is told: entries with fields, by its native protocol (systemd.io).

A line on standard error has a priority at best; an entry also has who logged it and the ids of what
it is about, by which it can be looked for: ``journalctl RECOMMENDER_SOURCE=3``.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from recommender.log_lines import JournalFormatter, LineFormatter, ids_of, priority

SOCKET: Final = Path("/run/systemd/journal/socket")
IDENTIFIER: Final = "recommender"


class JournalHandler(logging.StreamHandler[TextIO]):
    """Hands records to the journal, each as one entry, whose traceback is part of its message.

    What it does not take so, because it is too long or the journal is just started anew, goes to
    the stream, which the journal reads line by line.

    Parameters
    ----------
    form : str
        Of the message, as `logging` writes it.
    stream : TextIO
        Goes to the journal too.
    address : Path
        Where the journal listens.
    """

    def __init__(self, form: str, stream: TextIO, *, address: Path = SOCKET) -> None:
        super().__init__(stream)
        self.setFormatter(JournalFormatter(form))
        self._message = LineFormatter(form)
        self._address = str(address)
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one record over."""
        try:
            entry = _entry(record, self._message.format(record))
            self._channel.sendto(entry, self._address)
        except OSError:
            super().emit(record)
        except (TypeError, ValueError):
            # Whoever logged it gave values that do not fit; `logging` shows where.
            self.handleError(record)

    def close(self) -> None:
        """Close the way to the journal."""
        self._channel.close()
        super().close()


def _entry(record: logging.LogRecord, message: str) -> bytes:
    fields = {
        "MESSAGE": message,
        "PRIORITY": priority(record.levelno),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": record.lineno,
        "CODE_FUNC": record.funcName,
        **{f"RECOMMENDER_{name.upper()}": number for name, number in ids_of(record).items()},
    }
    return _packed(fields)


def _packed(fields: Mapping[str, object]) -> bytes:
    """Return fields with the length of each before it, so that a line break in one forges none."""
    values = ((name, str(value).encode(errors="replace")) for name, value in fields.items())
    return b"".join(
        b"%s\n%s%s\n" % (name.encode("ascii"), len(value).to_bytes(8, "little"), value)
        for name, value in values
    )

"""What this process warned of lately, kept for its operator: bounded, without addresses."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from recommender.log_lines import visible, without_local_parts, without_passwords
from recommender.wording import one_line

LINES_KEPT: Final = 200
CHARACTERS_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class RecentLine:
    """One warning or error.

    Attributes
    ----------
    level : str
        As `logging` calls it: ``WARNING``.
    words : str
        One line; the kind and the words of an exception stand at its end.
    """

    at: datetime
    level: str
    words: str


class RecentLines(logging.Handler):
    """Keeps the last warnings and errors of the loggers that it is added to."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[RecentLine] = deque(maxlen=LINES_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record as one line."""
        try:
            words = record.getMessage()
        except (TypeError, ValueError):
            # Whoever logged it gave values that do not fit; `logging` shows where.
            self.handleError(record)
            return
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            words = f"{words}: {type(error).__name__}: {error}"
        moment = datetime.fromtimestamp(record.created, UTC)
        self._lines.append(RecentLine(moment, record.levelname, _kept(words)))

    def newest(self, count: int) -> list[RecentLine]:
        """Return the last lines, the newest first."""
        self.acquire()
        try:
            lines = list(self._lines)
        finally:
            self.release()
        return lines[: -count - 1 : -1]


def _kept(words: str) -> str:
    # Bounded before anything is looked for in it: an answer of a server may be long.
    # The domain tells where the trouble is; whose address it is, only the log itself says.
    words = visible(without_passwords(one_line(words[: 4 * CHARACTERS_KEPT])))
    words = without_local_parts(words)
    return words if len(words) <= CHARACTERS_KEPT else f"{words[:CHARACTERS_KEPT]}…"

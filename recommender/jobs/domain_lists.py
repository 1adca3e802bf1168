"""Jobs: the operator's lists of domains, read again once their files change."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from recommender.membership.domain_lists import parse_domain_list
from recommender.wording import counted

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class DomainListFile:
    """A file with a domain a line.

    Parameters
    ----------
    path : Path or None
        None: there is no list, and no domain is on it.
    """

    path: Path | None
    _domains: frozenset[str] = field(init=False, default=frozenset())
    _version: tuple[int, ...] | None = field(init=False, default=None)
    _trouble: str = field(init=False, default="")
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def domains(self) -> frozenset[str]:
        """Return the domains as the file has them now.

        While it cannot be read, what it had last holds: a list that is being replaced must not
        open the door for a moment.
        """
        if self.path is None:
            return frozenset()
        with self._lock:
            try:
                self._read_if_changed(self.path)
            except (OSError, UnicodeDecodeError) as error:
                self._tell(
                    f"{self.path} cannot be read ({error}); what it had before "
                    f"({counted(len(self._domains), 'domain')}) stays in force until it can"
                )
            return self._domains

    def _read_if_changed(self, path: Path) -> None:
        status = path.stat()
        version = (status.st_mtime_ns, status.st_size, status.st_ino)
        if version == self._version:
            return
        self._domains, problems = parse_domain_list(path.read_text(encoding="utf-8-sig"))
        self._version = version
        self._trouble = ""
        for problem in problems[:10]:
            logger.warning("%s: %s", path, problem)
        if len(problems) > len(problems[:10]):
            logger.warning("%s: %d lines in all name no domain", path, len(problems))

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            logger.error("%s", trouble)
            self._trouble = trouble

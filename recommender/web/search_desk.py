"""Room 6, what they click: where the page of a search is made.

One that is made alone is made in this process, and so is any until another process is up. Those
that are made while others are have processes of their own: a search computes for some thousandths
of a second, and Python computes in one thread of a process at a time, which is the event loop's
too.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from recommender.child_processes import ChildProcess, ChildProcesses
from recommender.web.answers import Answer
from recommender.web.search_page import AskedSearch, SearchPage, SearchPageRecipe

logger = logging.getLogger(__name__)

MOST_PROCESSES: Final = 4
PROCESSES: Final = min(MOST_PROCESSES, len(os.sched_getaffinity(0)))
"""A minute in which nobody searched with others ends them."""


def search_processes() -> ChildProcesses:
    """Return the processes that make pages of searches, of which none is started yet."""
    return ChildProcesses(_start, PROCESSES)


@dataclass(slots=True)
class SearchDesk:
    """Has pages of searches made, for the threads of this process.

    Parameters
    ----------
    page : SearchPage
    processes : ChildProcesses
        Of `search_processes`.
    clock : callable
    """

    page: SearchPage
    processes: ChildProcesses
    clock: Callable[[], datetime]
    _recipe: SearchPageRecipe = field(init=False)
    _under_way: int = field(init=False, default=0)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Start nothing yet."""
        self._recipe = SearchPageRecipe.of(self.page)

    def answer(self, query: str, language: str, state: int) -> Answer:
        """Return the page of a search, ready to be sent.

        Raises
        ------
        HTTPException
            404 if a page is asked for that is none.
        StorageError
            If the database cannot be read.
        """
        asked = AskedSearch(query, language, state, self.clock())
        with self._lock:
            is_alone = not self._under_way
            self._under_way += 1
        try:
            answer = None if is_alone else self._made_apart(asked)
            return self.page.answer(asked) if answer is None else answer
        finally:
            with self._lock:
                self._under_way -= 1

    def _made_apart(self, asked: AskedSearch) -> Answer | None:
        """Return what another process made; None where none could."""
        try:
            with self.processes.one_that_is_up() as process:
                if process is None:
                    return None
                process.line.send((self._recipe, asked))
                found: Answer | Exception = process.line.recv()
        except (OSError, EOFError) as error:
            logger.warning(
                "no other process can search (%s); this one does it", str(error) or "it has ended"
            )
            return None
        if isinstance(found, Exception):
            raise found
        return found


def _start() -> ChildProcess:
    """Start a process, and wait until it can search.

    Raises
    ------
    OSError
        If the system has no room for one.
    """
    process = ChildProcess.start("recommender.web.search_process")
    try:
        process.line.recv()
    except EOFError:
        process.end()
        raise OSError("it has ended at once") from None
    return process

"""Jobs: what is dropped in the watched folder is ingested once, and filed away when it is stored.

What was stored is known by its content, so that a kill between storing and filing away costs a
second look and nothing else. What is remembered here saves looks, and says things once.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, TypedDict

from recommender.errors import DigestError
from recommender.jobs.digest_reading import FileToRead
from recommender.jobs.intake import (
    FileOutcome,
    IngestedFile,
    ingest_files,
    note_left_out,
    papers_named,
)
from recommender.jobs.issues.offer import tell_too_old
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.services import Services
from recommender.papers.files import incoming, rejected
from recommender.papers.files.incoming import FileState
from recommender.papers.files.reasons import FROM_FOLDER
from recommender.wording import one_line

HELD_FOR: Final = timedelta(minutes=15)
"""So long after its last change, the rest of a file that ends in the middle is waited for."""

WATCHED_FOR: Final = timedelta(minutes=10)
"""So long after it was filed away, a file is read again if somebody goes on writing to it."""
MOST_WATCHED: Final = 1_000

TRIED_EVERY: Final = timedelta(minutes=1)
"""How often it is tried to file away what could not be."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Stuck:
    """A file that was read and could not be filed away, and when that was tried last."""

    state: FileState
    outcome: FileOutcome
    sha256: str | None
    tried_at: datetime


@dataclass(frozen=True, slots=True)
class _Filed:
    """Where a file was filed away, when, and how it was then."""

    path: Path
    name: str
    state: FileState
    at: datetime


class _Known(TypedDict):
    """What is known of a file that is to be moved: see `incoming.file_away`."""

    state: FileState
    sha256: str | None
    is_tried: bool


class WatchedFolder:
    """The watched folder, and what is known of files in it while this process lives.

    Parameters
    ----------
    services : Services
    folder : Path
        ``done`` and ``rejected`` are beside it.
    settle_seconds : float
        A file is complete when it was not modified for so long.
    """

    def __init__(self, services: Services, folder: Path, *, settle_seconds: float) -> None:
        self.services = services
        self.folder = folder
        self.settle_seconds = settle_seconds
        self._held: dict[Path, FileState] = {}
        self._stuck: dict[Path, _Stuck] = {}
        self._filed: deque[_Filed] = deque(maxlen=MOST_WATCHED)
        self._is_cleared = False
        self._writable: set[Path] = set()

    def ingest(self) -> Iterator[FileOutcome]:
        """Ingest the complete files, some in one transaction, and file each away when it is stored.

        A file that is still being written is left for the next time, and so is one that ends in
        the middle, as long as the rest may be on its way; and all of them, while the disk is
        nearly full.

        Raises
        ------
        DigestError
            Where the folder cannot be listed.
        """
        if self.services.database.write_probe.nearly_full():
            return
        self._put_back()
        self._writable.clear()
        paths = incoming.settled_files(
            self.folder, now=self.services.clock(), settle_seconds=self.settle_seconds
        )
        for memory in (self._held, self._stuck):
            for gone in memory.keys() - set(paths):
                del memory[gone]
        note = partial(
            note_left_out,
            self.services,
            folder=self.folder.parent / "rejected",
            came_from=FROM_FOLDER,
        )
        named: set[int] = set()
        for ingested in ingest_files(
            self.services, self._to_read(paths), source="folder", note=note
        ):
            outcome = self._done_with(ingested)
            if outcome is not None:
                named |= papers_named([outcome])
                yield outcome
        if too_old := tell_too_old(self.services, named):
            logger.warning("%s", too_old)

    def has_waiting_files(self) -> bool:
        """Return whether files lie in the folder that were not complete yet."""
        return any(
            not self._is_known(path)
            for path in incoming.settled_files(
                self.folder, now=self.services.clock(), settle_seconds=0
            )
        )

    def _is_known(self, path: Path) -> bool:
        """Whether nothing is to be done about a file before its time, or a change."""
        state = incoming.state_of(path)
        stuck = self._stuck.get(path)
        return state is not None and state in (self._held.get(path), stuck and stuck.state)

    def _to_read(self, paths: Iterable[Path]) -> Iterator[FileToRead]:
        """Yield what is to be read, and as what; each is looked at when its turn comes."""
        for path in paths:
            state = incoming.state_of(path)
            if state is None:
                continue  # moved or withdrawn since the folder was listed
            stuck = self._stuck.get(path)
            if stuck is not None and stuck.state == state:
                self._try_again(path, stuck)
            elif self._held.get(path) != state or not self._is_to_be_held(state):
                yield FileToRead(path, state)

    def _done_with(self, ingested: IngestedFile) -> FileOutcome | None:
        """File away what was read; None where the rest of it is waited for."""
        path, state, outcome = ingested.file.path, ingested.file.expected, ingested.outcome
        if state is None:
            raise AssertionError("what is to be read here is known")
        if outcome.is_unfinished and self._is_to_be_held(state):
            self._hold(path, state, outcome)
            return None
        logger.info("%s", outcome)
        self._file_away(path, _Stuck(state, outcome, ingested.sha256, self.services.clock()))
        return outcome

    def _is_to_be_held(self, state: FileState) -> bool:
        age = state.last_changed_before(self.services.clock())
        return age is not None and age < HELD_FOR

    def _hold(self, path: Path, state: FileState, outcome: FileOutcome) -> None:
        self._held[path] = state
        if outcome.rejection is not None:
            logger.info(
                "%s: held, its end is missing (%s: %s); it is read again when it changes, and "
                "rejected %d minutes after it last did",
                outcome.file,
                outcome.rejection.where,
                outcome.rejection.message,
                HELD_FOR / timedelta(minutes=1),
            )

    def _file_away(self, path: Path, stuck: _Stuck) -> None:
        """Move a file to where its outcome says; the others do not wait where that fails."""
        try:
            self._move(path, stuck)
        except DigestError as error:
            self._tell_once(path, stuck, error)
            return
        self._held.pop(path, None)
        self._stuck.pop(path, None)

    def _move(self, path: Path, read: _Stuck) -> None:
        rejection = read.outcome.rejection
        target = self.folder.parent / ("done" if rejection is None else "rejected")
        known: _Known = {
            "state": read.state,
            "sha256": read.sha256,
            "is_tried": target in self._writable,
        }
        if rejection is None:
            moved = incoming.file_away(path, target, **known)
        else:
            reason = read.outcome.reason(FROM_FOLDER, self.services.clock())
            moved = rejected.reject(path, target, reason, **known)
        if moved is not None:
            self._writable.add(target)
            self._filed.append(_Filed(moved, path.name, read.state, self.services.clock()))

    def _tell_once(self, path: Path, stuck: _Stuck, error: DigestError) -> None:
        """Log that a file stays, and remember it: read again, it would be the same."""
        shown = stuck.outcome.file
        if path not in self._stuck:
            logger.warning("%s: %s", shown, error.message)
        if not self._stuck:
            notify_operator(
                self.services,
                key=f"not-filed-away:{self.services.clock():%Y-%m-%d}",
                subject="What was read in the watched folder cannot be filed away",
                lines=[
                    f"{shown}: {error.message}.",
                    "It stays there, perhaps with others. They are filed away once that is mended.",
                ],
            )
        self._writable.clear()
        # It may have been moved to and fro.
        state = incoming.state_of(path) or stuck.state
        self._stuck[path] = replace(stuck, state=state, tried_at=self.services.clock())

    def _try_again(self, path: Path, stuck: _Stuck) -> None:
        # Moving it to and fro is a change in the folder, at which it is looked at again.
        if self.services.clock() - stuck.tried_at >= TRIED_EVERY:
            self._file_away(path, stuck)

    def _put_back(self) -> None:
        """Put back what a kill left under way, and what is written to although it was filed away.

        Who opened a file to write to it keeps writing to that file, wherever it lies by then.
        """
        try:
            if not self._is_cleared:
                for name in (self.folder.name, "done", "rejected"):
                    incoming.clear_abandoned(self.folder.parent / name)
                taken_from = [self.folder, self.folder.parent / "rejected"]
                for path in chain.from_iterable(map(incoming.put_back_taken, taken_from)):
                    logger.info("%s: put back, it was being filed away", one_line(str(path)))
            self._is_cleared = True
        except OSError as error:
            logger.warning(
                "what was being filed away cannot be put back into %s (%s)",
                self.folder,
                error.strerror,
            )
        for filed in list(self._filed):
            state = incoming.state_of(filed.path)
            is_written = (
                state is not None
                and state.inode == filed.state.inode
                and not state.has_content_of(filed.state)
            )
            if is_written:
                self._read_again(filed)
            if is_written or self.services.clock() - filed.at > WATCHED_FOR:
                self._filed.remove(filed)

    def _read_again(self, filed: _Filed) -> None:
        try:
            path = incoming.put_back(filed.path, self.folder / filed.name)
            if filed.path.parent == self.folder.parent / "rejected":
                rejected.forget_reason(filed.path)
        except OSError as error:
            logger.warning(
                "%s: it was written to after it was read, and cannot be put back (%s)",
                one_line(str(filed.path)),
                error.strerror,
            )
            return
        logger.info("%s: put back, it was written to after it was read", one_line(str(path)))

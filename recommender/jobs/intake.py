"""Jobs: digest files become papers; what cannot be read waits in ``rejected/`` and says why."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from recommender.domain import Rejection, UnreadEntry
from recommender.errors import (
    DigestError,
    RecommenderError,
    StorageError,
    UnfinishedDigestError,
)
from recommender.jobs.digest_reading import FileToRead, ReadFile, end_attempts, read_files
from recommender.jobs.services import Services
from recommender.papers.files import incoming, rejected
from recommender.papers.files.incoming import FileChangedError, FileState
from recommender.papers.files.reasons import FROM_COMMAND, Reason
from recommender.papers.files.rejected import Rejected
from recommender.papers.intake.digest_intake import BroughtDigest, IntakeCounts, store_digests
from recommender.store import digests, reading_attempts, subscribers
from recommender.store.database import Session
from recommender.wording import counted, one_line

UNREAD_NAMED: Final = 20
"""Entries of one file that could not be read and are named one by one."""

# Where this many files cannot be stored, none can.
_MOST_FAILURES: Final = 2

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of one file.

    Attributes
    ----------
    file : str
        Its path, on one line of valid Unicode.
    counts : IntakeCounts or None
        None where the file was known already, or rejected.
    rejection : Rejection or None
    is_unfinished : bool
        It was rejected because it ends in the middle.
    """

    file: str
    counts: IntakeCounts | None = None
    rejection: Rejection | None = None
    is_unfinished: bool = False

    @property
    def result(self) -> str:
        """What came of it, in words."""
        if self.rejection is not None:
            return f"rejected, {self.rejection.where}: {self.rejection.message}"
        if self.counts is None:
            return "known already, nothing changed"
        if not self.counts.papers_new + self.counts.papers_seen:
            return "; ".join(["nothing in it today", *self._left_out()])
        if not self.counts.papers_new + self.counts.mentions:
            return "; ".join(["nothing new in it", *self._left_out()])
        taken = f"{counted(self.counts.mentions, 'paper')}, {self.counts.papers_new} of them new"
        if self.counts.days > 1:
            taken += f", of {self.counts.days} days"
        return "; ".join([taken, *self._left_out()])

    @property
    def unread(self) -> tuple[UnreadEntry, ...]:
        """What of it was left out."""
        return self.counts.unread if self.counts else ()

    def reason(self, came_from: str, at: datetime) -> Reason:
        """Return why it was rejected, or what of it was left out, to be kept."""
        if self.rejection is None:
            return Reason(self.file, came_from, at, self.unread, is_partial=True)
        fault = UnreadEntry(self.rejection.where, self.rejection.message)
        return Reason(self.file, came_from, at, (fault,))

    def _left_out(self) -> list[str]:
        unread = self.unread
        named = [f"{each.where} left out: {each.message}" for each in unread[:UNREAD_NAMED]]
        more = len(unread) - len(named)
        return [*named, f"{more} more left out"] if more else named

    def __str__(self) -> str:
        """Return all of it in one line."""
        return f"{self.file}: {self.result}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry of a file that was not read, beside others that were."""

    file: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What came of several files.

    Attributes
    ----------
    digests : int
        Digests that were stored, one for each day of a file that lists papers under several; files
        that were known already, or had nothing, do not count.
    left_out : tuple of LeftOut
        Of files that were read otherwise.
    """

    digests: int
    papers_new: int
    papers_seen: int
    mentions: int
    rejected: tuple[Rejection, ...]
    left_out: tuple[LeftOut, ...] = ()

    def __str__(self) -> str:
        """Return all of it in one line."""
        left_out = counted(len(self.left_out), "entry", "entries")
        return (
            f"{counted(self.digests, 'digest')} ingested: {counted(self.papers_new, 'new paper')}, "
            f"{self.papers_seen} seen before, {counted(self.mentions, 'mention')}; "
            f"{counted(len(self.rejected), 'file')} rejected"
        ) + (f", {left_out} of others left out" if self.left_out else "")


def summary(outcomes: Iterable[FileOutcome]) -> IngestSummary:
    """Add up what came of several files."""
    known = list(outcomes)
    counts = [outcome.counts for outcome in known if outcome.counts is not None]
    return IngestSummary(
        digests=sum(each.days for each in counts if each.papers_new + each.papers_seen),
        papers_new=sum(each.papers_new for each in counts),
        papers_seen=sum(each.papers_seen for each in counts),
        mentions=sum(each.mentions for each in counts),
        rejected=tuple(each.rejection for each in known if each.rejection is not None),
        left_out=tuple(
            LeftOut(outcome.file, each.where, each.message)
            for outcome in known
            for each in outcome.unread
        ),
    )


def papers_named(outcomes: Iterable[FileOutcome]) -> set[int]:
    """Return the ids of all papers that the files name which were stored."""
    counts = [outcome.counts for outcome in outcomes if outcome.counts is not None]
    return set().union(*(each.papers for each in counts))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is being stored: its name, its hash, and what comes of it."""

    name: str
    sha256: str
    outcome: FileOutcome


Note = Callable[[Session, StoredFile], list[Rejected]]
"""See `note_left_out`."""


@dataclass(frozen=True, slots=True)
class IngestedFile:
    """A file that was read and, where it could be, stored.

    Attributes
    ----------
    sha256 : str or None
        Of what was read; None where nothing could be.
    content : bytes or None
        What was read, where that was rejected.
    """

    file: FileToRead
    outcome: FileOutcome
    sha256: str | None
    content: bytes | None


def ingest_paths(
    services: Services, paths: Iterable[Path], *, rejected_folder: Path
) -> Iterator[FileOutcome]:
    """Ingest files; a copy of what is rejected is kept with the reason.

    The files themselves stay where they are: they belong to whoever named them.
    """
    files = (FileToRead(path.resolve(), given=path.parent.resolve() / path.name) for path in paths)
    note = partial(note_left_out, services, folder=rejected_folder, came_from=FROM_COMMAND)
    for ingested in ingest_files(services, files, source="command", note=note):
        outcome, name = ingested.outcome, ingested.file.named.name
        try:
            if outcome.rejection is not None and ingested.content is not None:
                reason = outcome.reason(FROM_COMMAND, services.clock())
                rejected.keep(ingested.content, rejected_folder, name, reason)
        except DigestError as error:
            logger.warning("%s: %s", outcome.file, error.message)
        yield outcome


def note_left_out(
    services: Services,
    session: Session,
    stored: StoredFile,
    *,
    folder: Path,
    came_from: str,
) -> list[Rejected]:
    """Keep what of a file was left out, where `recommender rejected` finds it.

    Returns
    -------
    list of Rejected
        What was left out before and is put right by this file: it has the name, and all papers of
        the file that was read in part. So tomorrow's file of the same name puts nothing right.
    """
    name, outcome = stored.name, stored.outcome
    try:
        noted = None
        if outcome.unread:
            reason = outcome.reason(came_from, services.clock())
            noted = rejected.note_partial(folder, name, reason)
        return [
            each
            for each in rejected.left_out_of(folder, name)
            if each.why != noted and _is_put_right(session, each.reason, stored)
        ]
    except DigestError as error:
        logger.warning("%s: %s", outcome.file, error.message)
        return []


def _is_put_right(session: Session, reason: Reason, stored: StoredFile) -> bool:
    papers = stored.outcome.counts.papers if stored.outcome.counts else frozenset()
    before = digests.last_mentioned_by_file(
        session,
        one_line(stored.name),
        # A reason tells its moment in whole seconds.
        ingested_by=reason.at + timedelta(seconds=1),
        but=stored.sha256,
    )
    return bool(before) and before <= papers


def ingest_file(services: Services, path: Path, *, source: str) -> FileOutcome:
    """Ingest one file: stored as a whole, or not at all."""
    [ingested] = ingest_files(services, [FileToRead(path)], source=source)
    return ingested.outcome


def ingest_expected(
    services: Services, path: Path, *, source: str, expected: FileState | None
) -> IngestedFile:
    """Ingest one file, if it is what was expected.

    Raises
    ------
    FileChangedError
        Where something else lies there, or it is written to meanwhile.
    """
    ingested = list(ingest_files(services, [FileToRead(path, expected)], source=source))
    if not ingested:
        raise FileChangedError("file", "it was changed while it was read; wait until it is written")
    return ingested[0]


def ingest_files(
    services: Services,
    files: Iterable[FileToRead],
    *,
    source: str,
    note: Note | None = None,
) -> Iterator[IngestedFile]:
    """Ingest files, several in one transaction, each stored as a whole, or not at all.

    One that is not, or no more, what was expected is left out: it is to be looked at anew.

    Parameters
    ----------
    source : str
        Whether they came by the ``folder`` or the ``command``.
    note : callable, optional
        Keeps what was left out of a file, before it is stored: afterwards the file is known, and a
        kill would leave nobody to say it. Returns what goes once it is stored.

    Raises
    ------
    StorageError
        Behind all others, if a file could not be stored; at once if several could not.
    """
    failures: list[StorageError] = []
    with closing(read_files(services, files)) as groups:
        for group in groups:
            for read, counts in _stored(
                services, group, source=source, note=note, failures=failures
            ):
                if read.file.expected is not None and isinstance(read.error, FileChangedError):
                    continue
                yield IngestedFile(
                    read.file, _outcome(read, counts), read.sha256 or None, read.content
                )
            if len(failures) > _MOST_FAILURES:
                break
    if failures:
        raise failures[0]


def _stored(
    services: Services,
    group: Sequence[ReadFile],
    *,
    source: str,
    note: Note | None,
    failures: list[StorageError],
) -> Iterator[tuple[ReadFile, IntakeCounts | None]]:
    """Store a group, or else each of its files by itself; one that cannot be holds up no other."""
    try:
        counts = _store(services, group, source=source, note=note)
    except StorageError as error:
        end_attempts(services, {each.sha256 for each in group})
        if len(group) == 1:
            failures.append(error)
            return
    else:
        yield from zip(group, counts, strict=True)
        return
    for each in group:
        if len(failures) > _MOST_FAILURES:
            return
        yield from _stored(services, [each], source=source, note=note, failures=failures)


def _outcome(read: ReadFile, counts: IntakeCounts | None) -> FileOutcome:
    # A name need not be UTF-8, and may hold line ends; logs and the database want neither.
    shown = one_line(str(read.file.named))
    if read.error is None:
        return FileOutcome(shown, counts=counts)
    return FileOutcome(
        shown,
        rejection=Rejection(shown, read.error.where, read.error.message),
        is_unfinished=isinstance(read.error, UnfinishedDigestError),
    )


def _store(
    services: Services,
    group: Sequence[ReadFile],
    *,
    source: str,
    note: Note | None,
) -> list[IntakeCounts | None]:
    """Store what was read; None where it cannot be read, or was stored already."""
    begun = {each.sha256 for each in group if each.digest is not None or each.error is not None}
    if not begun:
        return [None] * len(group)
    put_right: list[Rejected] = []
    with services.database.write() as session:
        reading_attempts.end(session, begun)
        # Somebody else may have stored them while we parsed; only now nobody else writes.
        known = digests.known_hashes(session, begun)
        new: dict[int, BroughtDigest] = {}
        for number, each in enumerate(group):
            if each.digest is not None and each.sha256 not in known:
                known.add(each.sha256)
                name = one_line(each.file.named.name)
                new[number] = BroughtDigest(each.digest, each.sha256, name)
        stored = store_digests(
            session,
            list(new.values()),
            source=source,
            curator=services.site.curator,
            now=services.clock(),
        )
        counts = dict(zip(new, stored, strict=True))
        if any(each.mentions for each in stored):
            subscribers.bring_first_issues_forward(session, services.clock())
        for number, of_file in counts.items():
            if note is not None:
                each = group[number]
                outcome = _outcome(each, of_file)
                put_right += note(session, StoredFile(each.file.named.name, each.sha256, outcome))
    for old in put_right:
        try:
            rejected.remove(old)
        except DigestError as error:
            logger.warning("%s", error.message)
    return [counts.get(number) for number in range(len(group))]


def files_named(paths: Iterable[Path]) -> list[Path]:
    """Return files that are named, and all in folders that are; nothing hidden below those.

    Raises
    ------
    RecommenderError
        If a folder may not be entered: what is in it would be passed over in silence.
    """
    files: list[Path] = []
    for path in paths:
        try:
            files += _files_below(path) if path.is_dir() else [path]
        except OSError as error:
            raise RecommenderError(
                f"{error.filename or path} cannot be looked at ({error.strerror}); run this as a "
                "user who may, or grant access"
            ) from error
    return files


def _files_below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        shown = (name for name in names if not name.startswith(".") and not incoming.is_left(name))
        found += [Path(here, name) for name in shown if Path(here, name).is_file()]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error

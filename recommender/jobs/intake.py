"""Jobs: digest files become papers; what cannot be read waits in ``rejected/`` and says why."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recommender.domain import Rejection
from recommender.errors import DigestError
from recommender.jobs.digest_reading import ReadFile, read_files
from recommender.jobs.services import Services
from recommender.papers import incoming
from recommender.papers.digest_intake import BroughtDigest, IntakeCounts, store_digests
from recommender.store import digests, reading_attempts
from recommender.wording import counted, one_line

UNREAD_NAMED: Final = 20
"""Entries of one file that could not be read and are named one by one."""

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
    """

    file: str
    counts: IntakeCounts | None = None
    rejection: Rejection | None = None

    @property
    def result(self) -> str:
        """What came of it, in words."""
        if self.rejection is not None:
            return f"rejected, {self.rejection.where}: {self.rejection.message}"
        if self.counts is None:
            return "known already, nothing changed"
        if not self.counts.papers_new + self.counts.papers_seen:
            return "nothing in it today"
        if not self.counts.papers_new + self.counts.mentions:
            return "; ".join(["nothing new in it", *self._left_out()])
        taken = f"{counted(self.counts.mentions, 'paper')}, {self.counts.papers_new} of them new"
        return "; ".join([taken, *self._left_out()])

    def _left_out(self) -> list[str]:
        unread = self.counts.unread if self.counts else ()
        named = [f"{each.where} left out: {each.message}" for each in unread[:UNREAD_NAMED]]
        more = len(unread) - len(named)
        return [*named, f"{more} more left out"] if more else named

    def __str__(self) -> str:
        """Return all of it in one line."""
        return f"{self.file}: {self.result}"


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What came of several files.

    Attributes
    ----------
    digests : int
        Digests that were stored; files that were known already do not count.
    """

    digests: int
    papers_new: int
    papers_seen: int
    mentions: int
    rejected: tuple[Rejection, ...]

    def __str__(self) -> str:
        """Return all of it in one line."""
        return (
            f"{counted(self.digests, 'digest')} ingested: {counted(self.papers_new, 'new paper')}, "
            f"{self.papers_seen} seen before, {counted(self.mentions, 'mention')}; "
            f"{counted(len(self.rejected), 'file')} rejected"
        )


def summary(outcomes: Iterable[FileOutcome]) -> IngestSummary:
    """Add up what came of several files."""
    known = list(outcomes)
    counts = [outcome.counts for outcome in known if outcome.counts is not None]
    return IngestSummary(
        digests=len(counts),
        papers_new=sum(each.papers_new for each in counts),
        papers_seen=sum(each.papers_seen for each in counts),
        mentions=sum(each.mentions for each in counts),
        rejected=tuple(each.rejection for each in known if each.rejection is not None),
    )


def ingest_incoming(
    services: Services, folder: Path, *, settle_seconds: float
) -> Iterator[FileOutcome]:
    """Ingest the complete files of the watched folder and file each away when it is stored.

    A file that is still being written is left for the next time.
    """
    paths = incoming.settled_files(folder, now=services.clock(), settle_seconds=settle_seconds)
    for path, outcome in _ingested(services, paths, source="folder"):
        logger.info("%s", outcome)
        try:
            _file_away(path, folder.parent, outcome.rejection)
        except DigestError as error:
            # It stays, and is known or rejected again next time: the others must not wait for it.
            logger.warning("%s: %s", outcome.file, error.message)
        yield outcome


def has_waiting_files(services: Services, folder: Path) -> bool:
    """Return whether files lie in the watched folder that were not complete yet."""
    return bool(incoming.settled_files(folder, now=services.clock(), settle_seconds=0))


def ingest_paths(
    services: Services, paths: Iterable[Path], *, rejected_folder: Path
) -> Iterator[FileOutcome]:
    """Ingest files, and the files in folders; a copy of what is rejected is kept with the reason.

    The files themselves stay where they are: they belong to whoever named them.
    """
    named = (path.resolve() for path in _files(paths))
    for path, outcome in _ingested(services, named, source="command"):
        if outcome.rejection is not None and path.is_file():
            try:
                copy = incoming.copy_away(path, rejected_folder)
                incoming.write_rejection(copy, outcome.rejection)
            except DigestError as error:
                logger.warning("%s: %s", outcome.file, error.message)
        yield outcome


def ingest_file(services: Services, path: Path, *, source: str) -> FileOutcome:
    """Ingest one file: stored as a whole, or not at all."""
    [(_, outcome)] = _ingested(services, [path], source=source)
    return outcome


def _ingested(
    services: Services, paths: Iterable[Path], *, source: str
) -> Iterator[tuple[Path, FileOutcome]]:
    """Ingest files, several in one transaction, each stored as a whole, or not at all."""
    for group in read_files(services, paths):
        counts = _store(services, group, source=source)
        for file, of_file in zip(group, counts, strict=True):
            # A name need not be UTF-8, and may hold line ends; logs and the database want neither.
            shown, rejection = one_line(str(file.path)), None
            if file.error is not None:
                rejection = Rejection(shown, file.error.where, file.error.message)
            yield file.path, FileOutcome(shown, counts=of_file, rejection=rejection)


def _store(
    services: Services, group: Sequence[ReadFile], *, source: str
) -> list[IntakeCounts | None]:
    """Store what was read; None where it cannot be read, or was stored already."""
    begun = {file.sha256 for file in group if file.digest is not None or file.error is not None}
    if not begun:
        return [None] * len(group)
    with services.database.write() as session:
        reading_attempts.end(session, begun)
        # Somebody else may have stored them while we parsed; only now nobody else writes.
        known = digests.known_hashes(session, begun)
        new: dict[int, BroughtDigest] = {}
        for number, file in enumerate(group):
            if file.digest is not None and file.sha256 not in known:
                known.add(file.sha256)
                name = one_line(file.path.name)
                new[number] = BroughtDigest(file.digest, file.sha256, name)
        stored = store_digests(
            session,
            list(new.values()),
            source=source,
            curator=services.site.curator,
            now=services.clock(),
        )
    counts = dict(zip(new, stored, strict=True))
    return [counts.get(number) for number in range(len(group))]


def _file_away(path: Path, folder: Path, rejection: Rejection | None) -> None:
    if rejection is None:
        incoming.file_away(path, folder / "done")
    else:
        incoming.write_rejection(incoming.file_away(path, folder / "rejected"), rejection)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                each for each in path.rglob("*") if each.is_file() and not each.name.startswith(".")
            )
        else:
            yield path

"""Jobs: digest files become papers; what cannot be read waits in ``rejected/`` and says why."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recommender.domain import Digest, Rejection
from recommender.errors import DigestError, UnreadableError
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.services import Services
from recommender.papers import incoming
from recommender.papers.formats import parse_digest
from recommender.papers.intake import IntakeCounts, store_digest
from recommender.store import digests, reading_attempts
from recommender.wording import counted, one_line

ATTEMPTS_ALLOWED: Final = 2
"""A file that ends whoever reads it, or takes too long, is read once more, and then rejected."""

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
    for path in incoming.settled_files(folder, now=services.clock(), settle_seconds=settle_seconds):
        outcome = ingest_file(services, path, source="folder")
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
    for path in _files(paths):
        outcome = ingest_file(services, path.resolve(), source="command")
        if outcome.rejection is not None and path.is_file():
            try:
                copy = incoming.copy_away(path, rejected_folder)
                incoming.write_rejection(copy, outcome.rejection)
            except DigestError as error:
                logger.warning("%s: %s", outcome.file, error.message)
        yield outcome


def ingest_file(services: Services, path: Path, *, source: str) -> FileOutcome:
    """Ingest one file: stored as a whole, or not at all."""
    # A name need not be UTF-8, and may hold line ends; logs and the database want neither.
    shown = one_line(str(path))
    try:
        content = incoming.read_content(path)
        counts = _ingest(services, content, source=source, file_name=one_line(path.name))
    except DigestError as error:
        return FileOutcome(shown, rejection=Rejection(shown, error.where, error.message))
    return FileOutcome(shown, counts=counts)


def _file_away(path: Path, folder: Path, rejection: Rejection | None) -> None:
    if rejection is None:
        incoming.file_away(path, folder / "done")
    else:
        incoming.write_rejection(incoming.file_away(path, folder / "rejected"), rejection)


def _ingest(
    services: Services, content: bytes, *, source: str, file_name: str
) -> IntakeCounts | None:
    sha256 = hashlib.sha256(content).hexdigest()
    with services.database.read() as session:
        if digests.find_by_hash(session, sha256) is not None:
            return None
    digest = read_digest(services, content, sha256=sha256)
    with services.database.write() as session:
        reading_attempts.end(session, sha256)
        # Somebody else may have stored it while we parsed; only now nobody else writes.
        if digests.find_by_hash(session, sha256) is not None:
            return None
        return store_digest(
            session,
            digest,
            sha256=sha256,
            source=source,
            file_name=file_name,
            curator=services.site.curator,
            now=services.clock(),
        )


def read_digest(services: Services, content: bytes, *, sha256: str) -> Digest:
    """Parse a document in another process; what ends that, or this one, is not tried for ever.

    Who stores what it says ends the attempt (`reading_attempts.end`) in the same transaction.

    Raises
    ------
    DigestError
        If it cannot be read; it may be brought again.
    """
    failure = "this program ended twice while it was read"
    while _begin(services, sha256) <= ATTEMPTS_ALLOWED:
        try:
            return services.reading.read(parse_digest, content, today=services.clock().date())
        except UnreadableError as error:
            failure = str(error)
        except DigestError:
            _end(services, sha256)
            raise
    _end(services, sha256)
    notify_operator(
        services,
        key=f"unreadable-file:{sha256}",
        subject="A file of papers cannot be read",
        lines=[
            f"{failure}; it was tried {ATTEMPTS_ALLOWED} times.",
            "It lies in rejected/ beside the reason. Make it smaller, or ask whoever made it.",
        ],
    )
    raise DigestError("file", f"{failure}; it was tried {ATTEMPTS_ALLOWED} times; split it")


def _begin(services: Services, sha256: str) -> int:
    with services.database.write() as session:
        return reading_attempts.begin(session, sha256, now=services.clock())


def _end(services: Services, sha256: str) -> None:
    with services.database.write() as session:
        reading_attempts.end(session, sha256)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                each for each in path.rglob("*") if each.is_file() and not each.name.startswith(".")
            )
        else:
            yield path

"""Jobs: documents are parsed in other processes, some at once, and none that ends us for ever.

Most files are small. What each of them would cost by itself, a transaction before it and one behind
it, a group of them costs once, and while one group is stored the next one is read.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from recommender.domain import Digest
from recommender.errors import DigestError, RecommenderError, StorageError, UnreadableError
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.services import Services
from recommender.papers.files import incoming
from recommender.papers.files.incoming import FileState
from recommender.papers.formats import parse_digest
from recommender.reading.pool import PROCESSES
from recommender.store import digests, reading_attempts
from recommender.wording import times

logger = logging.getLogger(__name__)

TRIES: Final = 2
"""Of a file that ends the process that reads it, or takes too long; then it is rejected."""

ENDS_ALLOWED: Final = 3
GIVEN_UP_AFTER: Final = timedelta(minutes=15)
"""This program may end so often while it reads a file, and for so long, until that is rejected. A
file can hardly end it, and whoever kills it again and again hits upon one file many times."""

MOST_TOGETHER: Final = 32
MOST_BYTES_TOGETHER: Final = 4_000_000
"""Of files that are stored in one transaction: nobody waits long for it, and memory stays flat."""


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file, and what is to be read of it.

    Attributes
    ----------
    path : Path
    expected : FileState or None
        See `incoming.read_content`.
    given : Path or None
        As what somebody named it, where that is a link.
    """

    path: Path
    expected: FileState | None = None
    given: Path | None = None

    @property
    def named(self) -> Path:
        """What it is called by."""
        return self.given or self.path


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of a file.

    Attributes
    ----------
    file : FileToRead
    sha256 : str
        Of its bytes; empty where these cannot be read.
    digest : Digest or None
        None where it is stored already, or cannot be read.
    error : DigestError or None
    content : bytes or None
        Its bytes where they are no digest; others are not kept.
    """

    file: FileToRead
    sha256: str = ""
    digest: Digest | None = None
    error: DigestError | None = None
    content: bytes | None = None


def read_files(services: Services, files: Iterable[FileToRead]) -> Generator[list[ReadFile]]:
    """Read files group by group, in order; who stores a group ends its attempts.

    A file is looked at when its turn comes, so that ``files`` may say late what it is to be.

    Yields
    ------
    list of ReadFile
        To be stored in one transaction. What is stored already is looked at before it is read, so
        it may be stored by now.

    Raises
    ------
    NoReaderError
        If no process can be started; what was not yielded is to be read later.
    StorageError
    """
    waiting: deque[list[_Begun]] = deque()
    try:
        with ThreadPoolExecutor(PROCESSES, "reading") as threads:
            for group in _groups(files):
                begun = _begin(services, group, threads)
                if begun is not None:
                    waiting.append(begun)
                while len(waiting) > (begun is not None):
                    yield _next_done(services, waiting)
                if begun is None:
                    # What may have ended this program is read while nothing else is.
                    for each in group:
                        yield [_read_alone(services, each)]
            while waiting:
                yield _next_done(services, waiting)
    finally:
        # Whoever stops here, for lack of room or of processes, was not ended by these.
        if waiting:
            end_attempts(services, {each.read.sha256 for some in waiting for each in some})


def _next_done(services: Services, waiting: deque[list[_Begun]]) -> list[ReadFile]:
    done = [_done(services, each) for each in waiting[0]]
    waiting.popleft()
    return done


def read_digest(services: Services, content: bytes, *, sha256: str, url: str = "") -> Digest:
    """Parse a document in another process; what ends that, or this one, is not tried for ever.

    Who stores what it says ends the attempt (`reading_attempts.end`) in the same transaction.

    Parameters
    ----------
    url : str
        Where it lay, if it was fetched.

    Raises
    ------
    DigestError
        If it cannot be read; it may be brought again.
    NoReaderError
        If no process can be started; it is to be read later.
    StorageError
    """
    with services.database.write() as session:
        attempt, first_at = reading_attempts.begin(session, sha256, now=services.clock())
    if attempt > ENDS_ALLOWED and services.clock() - first_at >= GIVEN_UP_AFTER:
        raise _given_up(
            services, sha256, f"this program ended {times(attempt - 1)} while it was read"
        )
    try:
        return _parsed(services, content, url)
    except UnreadableError as error:
        raise _given_up(services, sha256, f"{error}; it was tried {TRIES} times") from error
    except RecommenderError:
        _end(services, sha256)
        raise


@dataclass(frozen=True, slots=True)
class _Content:
    file: FileToRead
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file whose bytes were read: what came of that, or what is parsing it."""

    read: ReadFile
    content: bytes | None = None
    parsing: Future[Digest] | None = None


def _groups(files: Iterable[FileToRead]) -> Iterator[list[_Content | ReadFile]]:
    group: list[_Content | ReadFile] = []
    size = 0
    for file in files:
        try:
            content = incoming.read_content(file.path, expected=file.expected)
        except DigestError as error:
            group.append(ReadFile(file, error=error))
        else:
            if group and size + len(content) > MOST_BYTES_TOGETHER:
                yield group
                group, size = [], 0
            group.append(_Content(file, content, hashlib.sha256(content).hexdigest()))
            size += len(content)
        if len(group) == MOST_TOGETHER:
            yield group
            group, size = [], 0
    if group:
        yield group


def _begin(
    services: Services, group: Sequence[_Content | ReadFile], threads: ThreadPoolExecutor
) -> list[_Begun] | None:
    """Have the new files of a group parsed; None where this program ended while one was read."""
    hashes = {each.sha256 for each in group if isinstance(each, _Content)}
    with services.database.read() as session:
        known = digests.known_hashes(session, hashes)
    if new := hashes - known:
        with services.database.write() as session:
            if reading_attempts.known(session, new):
                return None
            reading_attempts.begin_all(session, new, now=services.clock())
    parsing: dict[str, Future[Digest]] = {}
    for each in group:
        if isinstance(each, _Content) and each.sha256 in new and each.sha256 not in parsing:
            parsing[each.sha256] = threads.submit(_parsed, services, each.content)
    return [
        _Begun(each)
        if isinstance(each, ReadFile)
        else _Begun(ReadFile(each.file, each.sha256), each.content, parsing.get(each.sha256))
        for each in group
    ]


def _done(services: Services, begun: _Begun) -> ReadFile:
    read = begun.read
    if begun.parsing is None:
        return read
    try:
        return replace(read, digest=begun.parsing.result())
    except UnreadableError as error:
        reason = f"{error}; it was tried {TRIES} times"
        failure = _given_up(services, read.sha256, reason)
        return replace(read, error=failure, content=begun.content)
    except DigestError as error:
        return replace(read, error=error, content=begun.content)


def _read_alone(services: Services, file: _Content | ReadFile) -> ReadFile:
    if isinstance(file, ReadFile):
        return file
    read = ReadFile(file.file, file.sha256)
    with services.database.read() as session:
        if digests.known_hashes(session, [file.sha256]):
            return read
    try:
        return replace(read, digest=read_digest(services, file.content, sha256=file.sha256))
    except DigestError as error:
        return replace(read, error=error, content=file.content)


def _parsed(services: Services, content: bytes, url: str = "") -> Digest:
    for tries_left in reversed(range(TRIES)):
        try:
            today = services.clock().date()
            return services.reading.read(parse_digest, content, today=today, url=url)
        except UnreadableError:
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def _given_up(services: Services, sha256: str, failure: str) -> DigestError:
    _end(services, sha256)
    notify_operator(
        services,
        key=f"unreadable-file:{sha256}",
        subject="A file of papers cannot be read",
        lines=[
            f"{failure}.",
            "`recommender rejected list` names it. Make it smaller, or ask whoever made it.",
        ],
    )
    return DigestError("file", f"{failure}; split it")


def end_attempts(services: Services, hashes: AbstractSet[str]) -> None:
    """Note that files did not end this program, where what was read of them cannot be stored."""
    try:
        with services.database.write() as session:
            reading_attempts.end(session, hashes)
    except StorageError as error:
        # As after a crash, they are read one by one then.
        logger.warning("%s", error)


def _end(services: Services, sha256: str) -> None:
    with services.database.write() as session:
        reading_attempts.end(session, [sha256])

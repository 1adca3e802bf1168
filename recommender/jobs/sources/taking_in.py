"""Jobs: what was fetched is read like a file, and what is new of it is stored.

It is on disk before it is read, and dropped in the transaction that stores what came of it. So a
kill at any moment leaves it unread or done, and nothing in between.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Final

from recommender.domain import Digest, Source, UnreadEntry
from recommender.errors import (
    DigestError,
    FetchError,
    StorageError,
    UnknownHostError,
    UnreadableError,
)
from recommender.jobs.digest_reading import end_attempts, read_digest
from recommender.jobs.issues.offer import tell_too_old
from recommender.jobs.services import Services
from recommender.log_lines import about
from recommender.papers.files import rejected
from recommender.papers.files.reasons import FROM_SOURCE, Reason
from recommender.papers.formats import without_formats
from recommender.papers.sources.news import store_news
from recommender.papers.sources.opml import NamedFeed, feeds_of_page
from recommender.papers.sources.polling import next_fetch_at
from recommender.papers.sources.presets import service_at
from recommender.store import reading_attempts, sources, subscribers
from recommender.store.database import Session
from recommender.store.sources import FetchedDocument
from recommender.wording import counted, one_line

_PAGE: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_LOOKED_AT: Final = 10_000
_MOST_OFFERED: Final = 3
_MOST_NAMED: Final = 3
_LONGEST_MESSAGE: Final = 1_000
_NO_FILE_NAME: Final = re.compile(r"[^\w.-]+")

logger = logging.getLogger(__name__)


def read_fetched(services: Services, source_id: int, *, random: Random) -> None:
    """Read what was fetched from a source, if anything waits.

    Raises
    ------
    NoReaderError
        If no process can be started; it waits on.
    StorageError
    """
    with services.database.read() as session:
        document = sources.document(session, source_id)
    if document is None:
        return
    sha256 = hashlib.sha256(document.content).hexdigest()
    try:
        digest = read_digest(services, document.content, sha256=sha256, url=document.location)
    except DigestError as error:
        _reject(services, document, error, random=random)
    else:
        try:
            _store(services, document, digest, sha256=sha256)
        except StorageError:
            end_attempts(services, {sha256})
            raise


def _store(services: Services, document: FetchedDocument, digest: Digest, *, sha256: str) -> None:
    source, now = document.source, services.clock()
    if document.moved_to:
        source = replace(source, moved_to=document.moved_to)
    left_out = left_out_in_words(digest.unread)
    with services.database.write() as session:
        reading_attempts.end(session, [sha256])
        if not sources.drop_document(session, source.id, fetched_at=document.fetched_at):
            return
        news = store_news(
            session,
            source,
            digest,
            curator=services.site.curator,
            now=now,
            location=document.location,
        )
        if news.papers:
            subscribers.bring_first_issues_forward(session, now)
        sources.change(
            session,
            source.id,
            failures=0,
            last_message=left_out,
            last_fetched_at=now,
            content_sha256=sha256,
            moved_to=source.moved_to,
        )
        sources.note_day(
            session,
            source.id,
            news.day(now),
        )
    # A feed has its entries for weeks: the first of what is wrong is enough to look at.
    if left_out and not source.left_out:
        logger.warning("%s: %s", source.name, left_out)
        keep_copy(
            services,
            source.name,
            document.content,
            digest.unread,
            name=_copy_name(document),
            is_partial=True,
        )
    if news.papers:
        logger.info(
            "%s: %s, %d of them new", source.name, counted(news.papers, "paper"), news.papers_new
        )
        if too_old := tell_too_old(services, news.paper_ids, of_files=False):
            logger.warning("%s: %s", source.name, too_old)
        services.wake()


def left_out_in_words(unread: Sequence[UnreadEntry]) -> str:
    """Return what of a document was left out, in one line; empty where nothing was."""
    if not unread:
        return ""
    named = "; ".join(f"{each.where}: {each.message}" for each in unread[:_MOST_NAMED])
    more = f"; {len(unread) - _MOST_NAMED} more" if len(unread) > _MOST_NAMED else ""
    left_out = counted(len(unread), "entry", "entries")
    return one_line(f"{left_out} of the last answer left out: {named}{more}")[:_LONGEST_MESSAGE]


def _reject(
    services: Services, document: FetchedDocument, error: DigestError, *, random: Random
) -> None:
    source = document.source
    message = what_is_wrong(services, document.content, error, location=document.location)
    # What cannot be read may be so for weeks: the first of it is enough to look at.
    if source.failures == 0:
        keep_copy(
            services,
            source.name,
            document.content,
            [UnreadEntry(error.where, message)],
            name=_copy_name(document),
        )
    message = without_formats(message)
    logger.warning("%s: %s", source.name, message, extra=about(source=source.id))
    with services.database.write() as session:
        if sources.drop_document(session, source.id, fetched_at=document.fetched_at):
            # Asked with these, its server would say that all is as it was.
            note_failure(
                services, session, source, message, random=random, etag=None, last_modified=None
            )


def what_is_wrong(services: Services, content: bytes, error: DigestError, *, location: str) -> str:
    """Return why a document is none with papers, and what to take instead if it is a web page."""
    feeds = feeds_offered(services, content, location)
    if feeds is None:
        return f"it cannot be read: {error.where}: {error.message}"
    if not feeds:
        return "it is a web page and names no feed; look for the address of one there"
    offered = ", ".join(each.url for each in feeds[:_MOST_OFFERED])
    return f"it is a web page, no feed; add what it names: `recommender sources add` {offered}"


def why_not_fetched(error: FetchError, url: str) -> str:
    """Return why an address gave no answer: nobody can correct the address of a preset."""
    service = service_at(url)
    if not isinstance(error, UnknownHostError) or not service:
        return str(error)
    return (
        f"no name server says where {error.host} is, the host of {service} ({error.reason}); see "
        f"to this machine's network and name server: `getent hosts {error.host}` must answer"
    )


def feeds_offered(
    services: Services, content: bytes, location: str
) -> tuple[NamedFeed, ...] | None:
    """Return the feeds that a web page names; None where it is no web page."""
    if not _PAGE.search(content[:_LOOKED_AT]):
        return None
    try:
        return services.reading.read(feeds_of_page, content, url=location)
    except UnreadableError:
        return ()


def keep_copy(
    services: Services,
    source_name: str,
    content: bytes,
    faults: Sequence[UnreadEntry],
    *,
    name: str,
    is_partial: bool = False,
) -> None:
    """Keep what a source brought and cannot be read, or not wholly, beside the reasons."""
    folder = services.sources.rejected_folder
    if folder is None:
        return
    name = _NO_FILE_NAME.sub("-", name).strip("-.") or "source"
    reason = Reason(
        source_name, f"{FROM_SOURCE}{source_name}", services.clock(), tuple(faults), is_partial
    )
    try:
        rejected.keep(content, folder, name, reason)
    except DigestError as error:
        logger.warning("%s: %s", source_name, error.message)


def _copy_name(document: FetchedDocument) -> str:
    return f"{document.source.name}-{document.fetched_at:%Y-%m-%d}"


def note_failure(
    services: Services,
    session: Session,
    source: Source,
    message: str,
    *,
    random: Random,
    headers: Mapping[str, str] | None = None,
    **values: str | int | None,
) -> None:
    """Note that a source could not be fetched or read, and when it is tried again."""
    failures = source.failures + 1
    now: datetime = services.clock()
    sources.change(
        session,
        source.id,
        failures=failures,
        last_message=one_line(message),
        next_fetch_at=next_fetch_at(
            now,
            every_minutes=source.every_minutes,
            failures=failures,
            headers=headers or {},
            random=random,
        ),
        **values,
    )

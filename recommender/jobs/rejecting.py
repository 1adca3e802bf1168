"""Jobs: what was rejected is read again, when somebody says so.

It goes to ``done/`` once it is stored: a kill at any moment leaves it where it was, or there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from recommender.domain import Source, UnreadEntry
from recommender.errors import DigestError, NotFoundError
from recommender.jobs import intake
from recommender.jobs.digest_reading import read_digest
from recommender.jobs.issues.offer import tell_too_old
from recommender.jobs.services import Services
from recommender.papers.files import incoming, rejected
from recommender.papers.files.reasons import FROM_COMMAND, FROM_FOLDER, Reason
from recommender.papers.files.rejected import Rejected
from recommender.papers.sources.news import store_news
from recommender.store import reading_attempts, sources
from recommender.wording import counted, one_line


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of reading a rejected file again.

    Attributes
    ----------
    name : str
    is_read : bool
    result : str
        In words.
    left_out : int
        Entries of it that were not read although the rest was.
    """

    name: str
    is_read: bool
    result: str
    left_out: int = 0

    def __str__(self) -> str:
        """Return all of it in one line."""
        return f"{self.name}: {self.result}"


def retry(services: Services, each: Rejected) -> Retried:
    """Read a rejected file again, and file it away beside the others if that goes well.

    What a source sent is what that source brought, and no digest of its own.

    Raises
    ------
    NotFoundError
        Where there is a reason but no file, because the rest of it was read.
    DigestError
        Where it was read, and cannot be moved.
    """
    shown = one_line(each.name)
    if each.path is None:
        raise NotFoundError(
            "it was read in part, and only its reason lies here; ingest the corrected file under "
            "the same name and this goes by itself, or give it up by `recommender rejected remove`"
        )
    state = incoming.state_of(each.path)
    source = _source_of(services, each.reason)
    if source is None:
        by = "command" if each.reason.came_from == FROM_COMMAND else "folder"
        ingested = intake.ingest_expected(services, each.path, source=by, expected=state)
        outcome, sha256 = ingested.outcome, ingested.sha256
        result, unread, refused = outcome.result, outcome.unread, outcome.rejection
        fault = None if refused is None else UnreadEntry(refused.where, refused.message)
    else:
        content = incoming.read_content(each.path, expected=state)
        sha256 = hashlib.sha256(content).hexdigest()
        result, fault, unread = _read_as_of(services, source, content, sha256=sha256)
    if fault is not None:
        reason = replace(each.reason, at=services.clock(), faults=(fault,))
        rejected.explain_anew(each, reason)
        return Retried(shown, is_read=False, result=result)
    if state is None or sha256 is None:
        raise NotFoundError(f"{shown} was taken away while it was read")
    _file_away(each, sha256, state)
    if unread:
        came_from = each.reason.came_from or FROM_FOLDER
        reason = Reason(each.reason.file, came_from, services.clock(), unread, is_partial=True)
        rejected.note_partial(each.path.parent, each.path.name, reason)
    return Retried(shown, is_read=True, result=result, left_out=len(unread))


def _file_away(each: Rejected, sha256: str, state: incoming.FileState) -> None:
    path = each.path
    if path is None:
        return
    moved = incoming.file_away(path, path.parent.parent / "done", state=state, sha256=sha256)
    if moved is None:
        raise DigestError("file", "it was changed while it was read; retry it once more")
    try:
        if each.why is not None:
            rejected.forget_reason(path, each.reason)
    except OSError as error:
        raise DigestError(
            "file", f"it was read, and its reason cannot be deleted ({error.strerror})"
        ) from error


def _source_of(services: Services, reason: Reason) -> Source | None:
    """Return the source that a document came from, if there still is one of that name."""
    if reason.source is None:
        return None
    with services.database.read() as session:
        return next(
            (each for each in sources.every(session) if one_line(each.name) == reason.source), None
        )


def _read_as_of(
    services: Services, source: Source, content: bytes, *, sha256: str
) -> tuple[str, UnreadEntry | None, tuple[UnreadEntry, ...]]:
    """Return what came of it in words, what was wrong, and what was left out."""
    try:
        digest = read_digest(services, content, sha256=sha256)
    except DigestError as error:
        fault = UnreadEntry(error.where, error.message)
        return f"rejected, {error.where}: {error.message}", fault, ()
    with services.change() as session:
        reading_attempts.end(session, [sha256])
        news = store_news(
            session, source, digest, curator=services.site.curator, now=services.clock()
        )
    left_out = f"; {counted(len(digest.unread), 'entry', 'entries')} left out"
    result = f"{counted(news.papers, 'paper')} new of {source.name}, {news.papers_new} of them new"
    too_old = tell_too_old(services, news.paper_ids, of_files=False)
    told = "; ".join(filter(None, [result + (left_out if digest.unread else ""), too_old]))
    return told, None, digest.unread

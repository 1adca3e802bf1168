"""Jobs: what an address has now, fetched and read; nothing of that is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from recommender.domain import Digest, Source, WebAnswer
from recommender.errors import DigestError, FetchError, NotFoundError, SourceError, UnreadableError
from recommender.jobs.issues.offer import tell_too_old_in
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.taking_in import (
    feeds_offered,
    note_failure,
    what_is_wrong,
    why_not_fetched,
)
from recommender.papers.formats import parse_digest, without_formats
from recommender.papers.sources.one_feed import at_address
from recommender.papers.sources.polling import Judgement, Meaning, judge_answer
from recommender.papers.sources.presets import (
    MOST_NAME_CHARACTERS,
    PRESETS,
    address_of,
    is_preset,
    names_a_place,
)
from recommender.papers.sources.source_states import JudgedSource
from recommender.store import sources
from recommender.store.database import Session
from recommender.wording import one_line


@dataclass(frozen=True, slots=True)
class Checked:
    """What an address has now.

    Attributes
    ----------
    location : str
        Which address answered, behind all redirects.
    status : int
        Of HTTP.
    size : int
        In bytes, unpacked.
    digest : Digest
    is_fetched_soon : bool
        It is a source that failed before, and the daemon fetches it at once.
    too_old : str
        How many papers of it no newsletter would have for their age; empty where none is.
    """

    location: str
    status: int
    size: int
    digest: Digest
    is_fetched_soon: bool
    too_old: str


def check(services: Services, given: str) -> Checked:
    """Fetch a source, or an address or preset that is none yet, and read it.

    A source that failed before and can be read now is due at once.

    Raises
    ------
    NotFoundError
        If there is no source of that name.
    SourceError
        If it has no papers, with the reason.
    """
    source = managing.found(services, given)
    if source is None:
        url = _address_of_none_yet(given)
    elif source.is_by_mail:
        raise SourceError(f"'{source.name}' is not fetched: mail brings it")
    else:
        url = source.location
    answer = fetch_once(services, url)
    judged = _judged(answer)
    if judged.meaning is not Meaning.CONTENT:
        raise SourceError(judged.message)
    digest = _read(services, answer)
    return Checked(
        answer.location,
        answer.status,
        len(answer.content),
        digest,
        is_fetched_soon=source is not None and managing.fetch_soon(services, source),
        too_old=tell_too_old_in(services, digest),
    )


def _address_of_none_yet(given: str) -> str:
    if not names_a_place(given):
        raise NotFoundError(
            f"there is no source '{one_line(given)}'; `recommender sources list` names them all; "
            f"what is none yet is looked at by its address, or as one of {PRESETS}"
        )
    return address_of(given)[0]


def add(
    services: Services, given: str, *, name: str = "", every_minutes: int | None = None
) -> tuple[JudgedSource, str]:
    """Look at what an address has, and have it fetched from now on.

    What is wrong with it is noted as if the daemon had met it. A preset is not looked at: its
    service has papers.

    Parameters
    ----------
    given, every_minutes
        See `managing.add`.
    name : str
        Empty: the preset, else what it calls itself, else its address.

    Returns
    -------
    added : JudgedSource
    too_old : str
        See `Checked`.

    Raises
    ------
    SourceError
        If it is no address and no preset, there already or leads there, or a web page.
    """
    wanted = managing.wanted_source(given, name=name, every_minutes=every_minutes)
    with services.database.read() as session:
        managing.refuse_known(session, wanted)
    seen = None if is_preset(given) else _look_at(services, wanted.url)
    with services.change() as session:
        if isinstance(seen, Digest) and not name:
            wanted = replace(wanted, name=_own_name(session, seen) or wanted.name)
        source = managing.insert(services, session, wanted)
        if isinstance(seen, _Trouble):
            _note_trouble(services, session, source, seen)
    too_old = tell_too_old_in(services, seen) if isinstance(seen, Digest) else ""
    return next(each for each in managing.every(services) if each.source.id == source.id), too_old


def _own_name(session: Session, digest: Digest) -> str:
    """Return what a feed calls itself, with a number where that is taken; empty where nothing."""
    title = one_line(digest.curator or "")
    # What looks like an address or a preset would be taken for that of another source.
    if not title or len(title) > MOST_NAME_CHARACTERS or names_a_place(title):
        return ""
    return managing.free_name(session, title)


def _note_trouble(services: Services, session: Session, source: Source, seen: _Trouble) -> None:
    if seen.is_gone:
        sources.change(session, source.id, paused_because=seen.message)
        return
    note_failure(
        services,
        session,
        source,
        seen.message,
        random=Random(),  # noqa: S311, it spreads fetches
        headers=seen.headers,
        last_status=seen.status,
    )


@dataclass(frozen=True, slots=True)
class _Trouble:
    message: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_gone: bool = False


def _look_at(services: Services, url: str) -> Digest | _Trouble:
    """Read what an address has now; other sources and web pages are refused."""
    try:
        answer = fetch_once(services, url)
    except FetchError as error:
        return _Trouble(str(error))
    with services.database.read() as session:
        known = at_address(answer.location, sources.every(session))
    if known is not None:
        raise SourceError(
            f"{url} leads to {answer.location}, which is the source '{known.name}'; it was not "
            "added"
        )
    judged = _judged(answer)
    if judged.meaning is not Meaning.CONTENT:
        is_gone = judged.meaning is Meaning.GONE
        return _Trouble(judged.message, answer.status, answer.headers, is_gone=is_gone)
    feeds = feeds_offered(services, answer.content, answer.location)
    if feeds is not None:
        named = "\n".join(f"  recommender sources add {each.url}" for each in feeds)
        raise SourceError(
            f"{url} is a web page; "
            + (f"it was not added. It names:\n{named}" if feeds else "it names no feed to add")
        )
    try:
        return _read(services, answer)
    except SourceError as error:
        return _Trouble(without_formats(str(error)), answer.status)


def _judged(answer: WebAnswer) -> Judgement:
    return judge_answer(answer, last_sha256=None, sha256="", is_conditional=False)


def _read(services: Services, answer: WebAnswer) -> Digest:
    try:
        return services.reading.read(
            parse_digest, answer.content, today=services.clock().date(), url=answer.location
        )
    except DigestError as error:
        raise SourceError(
            what_is_wrong(services, answer.content, error, location=answer.location)
        ) from error
    except UnreadableError as error:
        raise SourceError(str(error)) from error


def fetch_once(services: Services, url: str) -> WebAnswer:
    """Fetch an address now.

    Raises
    ------
    FetchError
    """

    async def fetch() -> WebAnswer:
        fetcher = services.open_fetcher()
        try:
            return await fetcher.fetch(url)
        except FetchError as error:
            raise FetchError(why_not_fetched(error, url)) from error
        finally:
            await fetcher.close()

    return asyncio.run(fetch())

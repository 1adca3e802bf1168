"""Jobs: what an address has now, fetched and read; nothing of that is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from recommender.domain import Digest, WebAnswer
from recommender.errors import DigestError, FetchError, NotFoundError, SourceError, UnreadableError
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
from recommender.papers.sources.presets import address_of, is_preset
from recommender.papers.sources.source_states import JudgedSource
from recommender.store import sources


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
    """

    location: str
    status: int
    size: int
    digest: Digest


def check(services: Services, given: str) -> Checked:
    """Fetch a source, or an address or preset that is none yet, and read it.

    Raises
    ------
    SourceError
        If it has no papers, with the reason.
    """
    try:
        source = managing.find(services, given)
        if source.is_by_mail:
            raise SourceError(f"'{source.name}' is not fetched: mail brings it")
        url = source.location
    except NotFoundError:
        url, _ = address_of(given)
    answer = fetch_once(services, url)
    judged = _judged(answer)
    if judged.meaning is not Meaning.CONTENT:
        raise SourceError(judged.message)
    digest = _read(services, answer)
    return Checked(answer.location, answer.status, len(answer.content), digest)


def add(
    services: Services, given: str, *, name: str = "", every_minutes: int | None = None
) -> JudgedSource:
    """Look at what an address has, and have it fetched from now on.

    What is wrong with it is noted as if the daemon had met it. A preset is not looked at: its
    service has papers.

    Parameters
    ----------
    given, name, every_minutes
        See `managing.add`.

    Raises
    ------
    SourceError
        If it is no address and no preset, there already or leads there, or a web page.
    """
    wanted = managing.wanted_source(given, name=name, every_minutes=every_minutes)
    with services.database.read() as session:
        managing.refuse_known(session, wanted)
    trouble = None if is_preset(given) else _trouble_at(services, wanted.url)
    with services.change() as session:
        source = managing.insert(services, session, wanted)
        if trouble is not None and trouble.is_gone:
            sources.change(session, source.id, paused_because=trouble.message)
        elif trouble is not None:
            note_failure(
                services,
                session,
                source,
                trouble.message,
                random=Random(),  # noqa: S311, it spreads fetches
                headers=trouble.headers,
                last_status=trouble.status,
            )
    return next(each for each in managing.every(services) if each.source.id == source.id)


@dataclass(frozen=True, slots=True)
class _Trouble:
    message: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_gone: bool = False


def _trouble_at(services: Services, url: str) -> _Trouble | None:
    """Look whether an address can be read now; other sources and web pages are refused."""
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
        _read(services, answer)
    except SourceError as error:
        return _Trouble(without_formats(str(error)), answer.status)
    return None


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

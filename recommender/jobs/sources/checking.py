"""Jobs: what an address has now: fetched and read, and nothing of it stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from recommender.domain import Digest, WebAnswer
from recommender.errors import DigestError, FetchError, NotFoundError, SourceError, UnreadableError
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.taking_in import feeds_offered, what_is_wrong
from recommender.papers.formats import parse_digest
from recommender.papers.sources.opml import NamedFeed
from recommender.papers.sources.polling import judge_answer
from recommender.papers.sources.presets import address_of, is_preset


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
    if answer.status != HTTPStatus.OK:
        said = judge_answer(answer, last_sha256=None, sha256="").message
        raise SourceError(said or f"HTTP {answer.status}: it sends nothing")
    try:
        digest = services.reading.read(parse_digest, answer.content, today=services.clock().date())
    except DigestError as error:
        raise SourceError(
            what_is_wrong(services, answer.content, error, location=answer.location)
        ) from error
    except UnreadableError as error:
        raise SourceError(str(error)) from error
    return Checked(answer.location, answer.status, len(answer.content), digest)


def feeds_instead(services: Services, given: str) -> tuple[tuple[NamedFeed, ...] | None, str]:
    """Look whether an address is a web page that names feeds, before it is added.

    Returns
    -------
    feeds : tuple of NamedFeed or None
        None where it is no web page, as far as is known.
    trouble : str
        Why it could not be looked at; empty where it could.

    Raises
    ------
    SourceError
        If it is no address and no preset.
    """
    url, _ = address_of(given)
    if is_preset(given):
        return None, ""
    try:
        answer = fetch_once(services, url)
    except FetchError as error:
        return None, str(error)
    if answer.status != HTTPStatus.OK:
        return None, judge_answer(answer, last_sha256=None, sha256="").message
    return feeds_offered(services, answer.content, answer.location), ""


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
        finally:
            await fetcher.close()

    return asyncio.run(fetch())

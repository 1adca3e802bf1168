"""Jobs: papers of a library that nobody described are looked up, at arXiv and at Crossref.

Within their rules of use: one connection at a time, three seconds between requests to arXiv
(`fetching.courtesy`), and who asks stands in the User-Agent with an address, which is what
Crossref's polite pool wants: https://info.arxiv.org/help/api/user-manual.html and
https://api.crossref.org/swagger-ui/index.html.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from recommender.domain import DigestEntry
from recommender.errors import DigestError, FetchError, UnreadableError
from recommender.jobs.services import Services
from recommender.papers.formats import parse_digest
from recommender.papers.intake.intake import store_papers
from recommender.store import libraries
from recommender.store.libraries import LibraryItem

if TYPE_CHECKING:
    from recommender.fetching.fetcher import Fetcher

ARXIV_IDS_AT_ONCE: Final = 100
MOST_LOOKED_UP: Final = 500
"""Papers of one library in one run: at arXiv a hundred are one request."""
MOST_AT_CROSSREF: Final = 100
"""Of these at Crossref, where each is one."""
AGAIN_AFTER: Final = timedelta(days=30)
"""What has no abstract there may have one later."""

logger = logging.getLogger(__name__)


async def look_up(services: Services, fetcher: Fetcher, library_id: int) -> int:
    """Look up the newest papers of a library that have no abstract, and store what is said of them.

    A service that does not answer is asked again the next time; the library counts without.

    Returns
    -------
    int
        How many papers were found.
    """
    wanted = await asyncio.to_thread(_wanted, services, library_id)
    at_arxiv = {each.arxiv_id: each for each in wanted if each.arxiv_id}
    at_crossref = {each.doi: each for each in wanted if each.doi and not each.arxiv_id}
    found = 0
    ids = list(at_arxiv)
    for first in range(0, len(ids), ARXIV_IDS_AT_ONCE):
        some = ids[first : first + ARXIV_IDS_AT_ONCE]
        query = urlencode({"id_list": ",".join(some), "max_results": len(some)})
        url = f"{services.libraries.arxiv_url}/api/query?{query}"
        entries = await _ask(services, fetcher, url)
        if entries is None:
            break
        named = {each.arxiv_id: each for each in entries if each.arxiv_id in at_arxiv}
        found += await asyncio.to_thread(
            _store,
            services,
            library_id,
            [each for each in wanted if each.arxiv_id in some],
            {arxiv_id: entry for arxiv_id, entry in named.items() if arxiv_id},
        )
    for doi in list(at_crossref)[:MOST_AT_CROSSREF]:
        url = f"{services.libraries.crossref_url}/works/{quote(doi, safe='')}"
        entries = await _ask(services, fetcher, url)
        if entries is None:
            break
        found += await asyncio.to_thread(
            _store,
            services,
            library_id,
            [each for each in wanted if each.doi == doi and not each.arxiv_id],
            {each.doi: each for each in entries if each.doi == doi},
        )
    return found


def _wanted(services: Services, library_id: int) -> list[LibraryItem]:
    with services.database.read() as session:
        return libraries.to_look_up(
            session,
            library_id,
            before=services.clock() - AGAIN_AFTER,
            limit=MOST_LOOKED_UP,
        )


async def _ask(services: Services, fetcher: Fetcher, url: str) -> Sequence[DigestEntry] | None:
    """Ask a service for papers; None where it does not answer now and should be left alone."""
    try:
        answer = await fetcher.fetch(url)
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST):
            return ()
        if answer.status != HTTPStatus.OK:
            logger.warning("looking up papers: HTTP %d; it is done later", answer.status)
            return None
        digest = await asyncio.to_thread(
            services.reading.read,
            parse_digest,
            answer.content,
            today=services.clock().date(),
        )
    except FetchError as error:
        logger.warning("looking up papers: %s; it is done later", error)
        return None
    except (DigestError, UnreadableError) as error:
        # An answer without a usable work: Crossref has some without a title.
        logger.info("looking up papers: %s", error)
        return ()
    return digest.entries


def _store(
    services: Services,
    library_id: int,
    asked: Sequence[LibraryItem],
    found: Mapping[str, DigestEntry],
) -> int:
    """Store what a service says of papers, as a digest's word, and note that it was asked."""
    now = services.clock()
    known = list(found)
    with services.database.write() as session:
        if libraries.by_id(session, library_id) is None:
            return 0
        ids, _ = store_papers(session, [found[each] for each in known], now=now)
        paper_of = dict(zip(known, ids, strict=True))
        papers = {
            item.key: paper_of[name]
            for item in asked
            if (name := item.arxiv_id or item.doi) and name in paper_of
        }
        libraries.note_lookup(session, library_id, [item.key for item in asked], papers, now=now)
    return len(known)

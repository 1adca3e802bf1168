"""Jobs: one library at Zotero is read: what is new, what changed, what is gone. By its sync rules.

https://www.zotero.org/support/dev/web_api/v3/syncing. A version of the library is written once all
of it is stored, so a kill has the same asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from random import Random
from typing import Final, TypeVar

from recommender.domain import Library, LibraryAddress, WebAnswer
from recommender.errors import (
    DigestError,
    LibraryError,
    RecommenderError,
    SealError,
    UnreadableError,
)
from recommender.jobs.people.libraries import MOST_ITEMS, sealer_of
from recommender.jobs.people.library_lookup import look_up
from recommender.jobs.people.zotero import LaterError, Zotero
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.log_lines import about
from recommender.newsletter.schedule import next_issue_at
from recommender.papers.intake.intake import store_named
from recommender.papers.sources import zotero
from recommender.papers.sources.polling import next_fetch_at
from recommender.store import libraries
from recommender.store.libraries import LibraryItem
from recommender.wording import counted

SECONDS_PER_LIBRARY: Final = 900.0
_TRIES: Final = 3

_Value = TypeVar("_Value")

logger = logging.getLogger(__name__)


class _TakenBackError(RecommenderError):
    """The subscriber took the library back, or gave another one, while it was read."""


@dataclass(slots=True)
class SyncReport:
    """What a run came to."""

    synced: int = 0
    unchanged: int = 0
    failed: int = 0
    papers: int = 0

    def __str__(self) -> str:
        """Return all of it in one line."""
        unread = f", {self.failed} not" if self.failed else ""
        return (
            f"{counted(self.synced + self.unchanged, 'library', 'libraries')} read{unread}, "
            f"{counted(self.papers, 'paper')} looked up"
        )


@dataclass(slots=True)
class Reading:
    """One library is read."""

    services: Services
    asked: Zotero
    random: Random
    report: SyncReport

    async def read(self, library: Library) -> None:
        """Read a library, and write down what came of it, whatever that is."""
        try:
            async with asyncio.timeout(SECONDS_PER_LIBRARY):
                await self._read(library)
        except _TakenBackError:
            return
        except LibraryError as error:
            self.report.failed += 1
            await asyncio.to_thread(self._stop, library, error)
        except (LaterError, DigestError, UnreadableError, SealError) as error:
            await self._put_off(library, error)
        except TimeoutError:
            await self._put_off(library, LaterError(Message("Zotero is too slow")))
        except RecommenderError as error:
            self.report.failed += 1
            logger.error(  # noqa: TRY400, our errors say enough in a line
                "library %d: %s; it is read again later",
                library.id,
                error,
                extra=about(library=library.id),
            )
        except Exception:
            logger.exception(
                "library %d: unexpected error", library.id, extra=about(library=library.id)
            )
            await self._put_off(
                library, LaterError(Message("something of it cannot be stored here"))
            )

    async def _read(self, library: Library) -> None:
        services = self.services
        key = None
        if library.sealed_key is not None:
            key = await asyncio.to_thread(sealer_of(services).open, library.sealed_key)
        said = self.asked.with_key(key)
        address = library.address
        if key is not None:
            address = await self._address_of(library, said)
        version = await self._changes(library, address, said)
        looked_up = await look_up(services, self.asked.fetcher, library.id)
        self.report.papers += looked_up
        await asyncio.to_thread(self._done, library, version)

    async def _address_of(self, library: Library, said: dict[str, str]) -> LibraryAddress:
        """Look at what a key may do each time: its owner can change that."""
        answer = await self.asked.ask(zotero.rights_url(self._base), said)
        rights = await self._parsed(zotero.read_rights, answer)
        address = replace(library.address, owner=zotero.owner_of(library.address, rights))
        if address != library.address:
            await asyncio.to_thread(self._change, library, owner=address.owner)
        return address

    async def _changes(
        self, library: Library, address: LibraryAddress, said: dict[str, str]
    ) -> int | None:
        """Store what changed; gives the version that is known now, None where nothing changed."""
        for _ in range(_TRIES):
            seen: set[str] = set()
            version = total = None
            start: int | None = 0
            while start is not None and start < MOST_ITEMS:
                condition = (
                    {"If-Modified-Since-Version": str(library.version)}
                    if start == 0 and library.version
                    else {}
                )
                url = zotero.items_url(self._base, address, since=library.version, start=start)
                answer = await self.asked.ask(url, said | condition)
                if answer.status == HTTPStatus.NOT_MODIFIED:
                    return None
                at = zotero.number_in(answer.headers, "last-modified-version")
                if at is None:
                    raise LaterError(Message("Zotero does not say which version of it this is"))
                if version not in (None, at):
                    break  # it changed meanwhile, so items moved between pages
                version, total = at, zotero.number_in(answer.headers, "total-results")
                page = await self._parsed(zotero.read_items, answer)
                await asyncio.to_thread(self._store, library, page)
                seen.update(each.key for each in page.items)
                start = zotero.next_start(answer.headers, start=start, received=len(page))
            else:
                await self._without_what_is_gone(library, address, said, seen)
                if not library.version and total is not None:
                    await asyncio.to_thread(self._change, library, items=total)
                return version
        raise LaterError(Message("it changes while it is read"))

    async def _without_what_is_gone(
        self, library: Library, address: LibraryAddress, said: dict[str, str], seen: set[str]
    ) -> None:
        kept: set[str] | None = None if library.version else seen
        if library.version and address.collection:
            # What was only taken out of a collection is deleted nowhere.
            answer = await self.asked.ask(zotero.keys_url(self._base, address), said)
            kept = set(await self._parsed(zotero.read_keys, answer))
        elif library.version:
            url = zotero.deleted_url(self._base, address, since=library.version)
            deleted = await self._parsed(zotero.read_deleted, await self.asked.ask(url, said))
            await asyncio.to_thread(self._drop, library, deleted)
        await asyncio.to_thread(self._keep, library, kept)

    async def _parsed(self, parse: Callable[[bytes], _Value], answer: WebAnswer) -> _Value:
        return await asyncio.to_thread(self.services.reading.read, parse, answer.content)

    @property
    def _base(self) -> str:
        return self.services.libraries.zotero_url

    def _store(self, library: Library, page: zotero.ItemPage) -> None:
        now = self.services.clock()
        titled = [each for each in page.items if each.entry.title]
        with self.services.database.write() as session:
            self._require(libraries.by_id(session, library.id) is not None)
            stored = store_named(session, [each.entry for each in titled], now=now)
            paper_of = {
                each.key: paper_id for each, (paper_id, _) in zip(titled, stored, strict=True)
            }
            items = {
                each.key: LibraryItem(
                    key=each.key,
                    added_at=min(each.added_at or now, now),
                    paper_id=paper_of.get(each.key),
                    arxiv_id=each.entry.arxiv_id,
                    doi=each.entry.doi,
                )
                for each in page.items
            }
            libraries.put_items(session, library.id, list(items.values()))
            libraries.drop_items(session, library.id, page.others)

    def _drop(self, library: Library, keys: tuple[str, ...]) -> None:
        with self.services.database.write() as session:
            libraries.drop_items(session, library.id, keys)

    def _keep(self, library: Library, keys: set[str] | None) -> None:
        with self.services.database.write() as session:
            libraries.keep_items(session, library.id, keys=keys, most=MOST_ITEMS)

    def _change(self, library: Library, **values: object) -> None:
        with self.services.database.write() as session:
            self._require(libraries.change(session, library.id, **values))

    def _done(self, library: Library, version: int | None) -> None:
        now = self.services.clock()
        resealed = {}
        if library.sealed_key is not None:
            # Under the newest signing key, so that an older one may go some day.
            resealed = {"sealed_key": sealer_of(self.services).resealed(library.sealed_key)}
        self._change(
            library,
            version=library.version if version is None else version,
            last_synced_at=now,
            next_sync_at=next_issue_at(self.services.nights, after=now, last_issue_date=None),
            failures=0,
            message="",
            **resealed,
        )
        if version is None:
            self.report.unchanged += 1
        else:
            self.report.synced += 1

    def _stop(self, library: Library, error: RecommenderError) -> None:
        """Ask no more; the key goes, for it is of no use any more, or of too much."""
        logger.info(
            "library %d is not read any more: %s",
            library.id,
            error,
            extra=about(library=library.id),
        )
        with self.services.database.write() as session:
            libraries.change(
                session,
                library.id,
                is_stopped=True,
                sealed_key=None,
                message=_in_their_words(error),
            )

    async def _put_off(self, library: Library, error: RecommenderError) -> None:
        self.report.failed += 1
        logger.warning(
            "library %d: %s; it is read again later",
            library.id,
            error,
            extra=about(library=library.id),
        )
        headers = error.headers if isinstance(error, LaterError) else {}
        await asyncio.to_thread(self._note_failure, library, _in_their_words(error), headers)

    def _note_failure(self, library: Library, message: str, headers: dict[str, str]) -> None:
        failures = library.failures + 1
        at = next_fetch_at(
            self.services.clock(),
            every_minutes=None,
            failures=failures,
            headers=headers,
            random=self.random,
        )
        with self.services.database.write() as session:
            libraries.change(
                session, library.id, failures=failures, next_sync_at=at, message=message
            )

    def _require(self, is_there: bool) -> None:
        if not is_there:
            raise _TakenBackError("the library was taken back")


def _in_their_words(error: RecommenderError) -> str:
    if isinstance(error, SealError):
        # It is kept: an operator who left out an older signing key puts it back.
        return Message("its key cannot be read any more; give the library again")
    if isinstance(error, LaterError):
        return Message("%(problem)s; it is tried again by itself", problem=error.words)
    if isinstance(error, LibraryError):
        return error.words
    return Message("what Zotero sent cannot be read; it is tried again by itself")

"""Jobs: Zotero is asked, within its rules, and what its answers mean for a library.

Its rules: https://www.zotero.org/support/dev/web_api/v3/basics, *Rate Limiting*. A key goes in a
header, never in an address, which is logged on the way.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from recommender.domain import WebAnswer
from recommender.errors import FetchError, LibraryError, RecommenderError
from recommender.languages.messages import Message
from recommender.papers.sources.polling import seconds_of
from recommender.papers.sources.zotero import WHERE_KEYS_ARE

if TYPE_CHECKING:
    from recommender.fetching.fetcher import Fetcher

LONGEST_WAIT_SECONDS: Final = 60.0
"""So long Zotero's word for a pause is waited for; a longer one puts all libraries off."""

_API_VERSION: Final = "3"
_TRIES: Final = 3
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

logger = logging.getLogger(__name__)


class LaterError(RecommenderError):
    """A library could not be read now, for what the subscriber is told.

    Parameters
    ----------
    message : str
    headers : dict
        Of the answer, for how long to wait.
    """

    def __init__(self, message: str, headers: dict[str, str] | None = None) -> None:
        self.headers = headers or {}
        super().__init__(message)


@dataclass(slots=True)
class Zotero:
    """How Zotero is asked: its pauses are kept for all libraries together."""

    fetcher: Fetcher
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    not_before: float = 0.0

    def with_key(self, key: str | None) -> dict[str, str]:
        """Return what each question says besides its address."""
        said = {"Zotero-API-Version": _API_VERSION}
        return said | ({"Zotero-API-Key": key} if key else {})

    async def ask(self, url: str, headers: dict[str, str]) -> WebAnswer:
        """Ask for one thing.

        Raises
        ------
        LaterError
            If there is no answer now.
        LibraryError
            If there will be none by itself.
        """
        for _ in range(_TRIES):
            wait = self.not_before - self.clock()
            if wait > LONGEST_WAIT_SECONDS:
                raise LaterError(
                    Message("Zotero asks for a pause"), {"retry-after": str(int(wait) + 1)}
                )
            if wait > 0:
                await self.sleep(wait)
            try:
                answer = await self.fetcher.fetch(url, headers=headers)
            except FetchError as error:
                # What it says is for the log: it names hosts and addresses.
                logger.warning("a library: %s", error)
                raise LaterError(Message("Zotero cannot be reached")) from error
            self._keep_pause(answer)
            if answer.status not in _BUSY:
                return _usable(answer)
        raise LaterError(Message("Zotero has too much to do"), dict(answer.headers))

    def _keep_pause(self, answer: WebAnswer) -> None:
        """Ask nothing for as long as it says: ``Backoff`` with any answer, ``Retry-After``."""
        said = (answer.headers.get(name, "") for name in ("backoff", "retry-after"))
        pause = max(seconds_of(each) or 0 for each in said)
        if answer.status in _BUSY:
            pause = max(pause, 1)
        self.not_before = max(self.not_before, self.clock() + pause) if pause else self.not_before


def _usable(answer: WebAnswer) -> WebAnswer:
    status = answer.status
    if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return answer
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise LibraryError(
            Message(
                "Zotero does not let us read it: it is not public, or the key was taken back or may"
                " not read it; see to it at %(where)s, and give it again",
                where=WHERE_KEYS_ARE,
            )
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise LibraryError(
            Message("there is no such library or collection at Zotero; give it again")
        )
    raise LaterError(
        Message("Zotero answers with an error (HTTP %(status)s)", status=status),
        dict(answer.headers),
    )

"""Fetching: asks for one address, follows its redirects. The only module that fetches by httpx.

Each hop is resolved here, all of its addresses are looked at, and one of these is connected to:
a name server that answers something else a moment later changes nothing. So httpx is handed
requests one by one, without its own redirects, cookies or proxies.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import httpx

from recommender.domain import WebAnswer
from recommender.errors import FetchError, UnknownHostError
from recommender.fetching.addresses import Reach, reach_of, refusal
from recommender.fetching.charset import in_utf8
from recommender.fetching.courtesy import Courtesy
from recommender.wording import one_line

TOTAL_SECONDS: Final = 30.0
"""For all hops of one fetch together; waiting for one's turn does not count."""
MOST_REDIRECTS: Final = 5
_CONNECT_SECONDS: Final = 10.0
_MOST_ADDRESSES: Final = 3
"""Of a host, that are tried one after the other."""
_RESOLVERS: Final = 64
"""Threads that ask name servers: they hang as long as those do."""
_LONGEST_REASON: Final = 200
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_MOST_MEMBERS: Final = 10_000
_PERMANENT: Final = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS: Final = _PERMANENT | {
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
}
_ACCEPTED: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, "
    "application/json;q=0.9, text/xml;q=0.8, */*;q=0.5"
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host."""


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How far a fetch may go.

    Attributes
    ----------
    most_bytes : int
        Of an answer, unpacked.
    total_seconds : float
        See `TOTAL_SECONDS`.
    allow_own_network : bool
        Sources in the own network are fetched. What is outside never leads into it.
    reach : callable
        How far an address reaches.
    """

    most_bytes: int
    total_seconds: float = TOTAL_SECONDS
    allow_own_network: bool = False
    reach: Callable[[str], Reach] = reach_of


@dataclass(slots=True)
class _Fetch:
    """One fetch under way.

    ``left`` are the seconds that it may still take; ``is_ours``: so far no hop was outside.
    """

    left: float
    is_ours: bool
    seen: list[str] = field(default_factory=list)
    moved_to: str | None = None
    is_permanent: bool = True


class Fetcher:
    """Fetches what sources have; of one event loop, and to be closed.

    Parameters
    ----------
    rules : FetchRules
    user_agent : str
        Says who asks, and how to reach whoever answers for it.
    courtesy : Courtesy or None
    resolve : callable or None
        None: the system's.
    """

    def __init__(
        self,
        rules: FetchRules,
        *,
        user_agent: str,
        courtesy: Courtesy | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._rules = rules
        self._user_agent = user_agent
        self._courtesy = courtesy or Courtesy()
        self._threads = ThreadPoolExecutor(_RESOLVERS, "resolving")
        self._resolve = resolve or self._ask_system
        # A connection that is kept is one to an address, and the next host there is another one.
        self._transport = httpx.AsyncHTTPTransport(
            verify=_trusted(), trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def close(self) -> None:
        """Close what is open."""
        await self._transport.aclose()
        # A name server that hangs is not waited for.
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Fetch an address, behind its redirects.

        Parameters
        ----------
        url : str
        etag, last_modified : str or None
            What the server said of what is known already.
        headers : mapping or None
            What else this service wants to be told; may hold a secret, so no redirect takes it to
            another server.

        Raises
        ------
        FetchError
            Where there is no usable answer, with the reason.
        """
        said = {"Accept": _ACCEPTED, "Accept-Encoding": "gzip", "User-Agent": self._user_agent}
        if etag:
            said["If-None-Match"] = etag
        if last_modified:
            said["If-Modified-Since"] = last_modified
        fetch = _Fetch(self._rules.total_seconds, self._rules.allow_own_network)
        first = location = _parsed(url)
        while True:
            fetch.seen.append(str(location))
            own = (headers or {}) if _is_same_server(first, location) else {}
            answer = await self._hop(fetch, location, {**said, **own})
            if isinstance(answer, WebAnswer):
                return answer
            location = _redirected(location, answer, fetch)

    async def _hop(
        self, fetch: _Fetch, url: httpx.URL, headers: Mapping[str, str]
    ) -> WebAnswer | httpx.Response:
        """Ask one address: its answer, or where it redirects to."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(fetch.left):
                addresses = await self._checked_addresses(fetch, url)
            fetch.left -= time.monotonic() - started
            async with self._courtesy.turn(url.host, is_ours=fetch.is_ours):
                started = time.monotonic()
                async with asyncio.timeout(fetch.left):
                    return await self._ask(fetch, url, addresses, headers)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise FetchError(
                f"{url.host} gave no whole answer within {self._rules.total_seconds:g} s"
            ) from error
        except httpx.RemoteProtocolError as error:
            raise FetchError(
                f"{url.host} gives no answer of HTTP ({_reason(error)}); see that a web server is "
                "at this address and port"
            ) from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError) as error:
            raise FetchError(f"{url.host} cannot be reached ({_reason(error)})") from error
        finally:
            fetch.left -= time.monotonic() - started

    async def _checked_addresses(self, fetch: _Fetch, url: httpx.URL) -> Sequence[str]:
        """Resolve a host, and refuse it if any of its addresses is one that we may not ask.

        One that is chosen among several could be another one the next time.
        """
        host = url.raw_host.decode("ascii").strip("[]")
        addresses = await self._resolve(host, url.port or (443 if url.scheme == "https" else 80))
        reaches = {each: self._rules.reach(each) for each in addresses}
        is_redirected = len(fetch.seen) > 1
        for address, reach in reaches.items():
            if reach is Reach.NOWHERE or (reach is Reach.OWN_NETWORK and not fetch.is_ours):
                raise FetchError(refusal(url.host, address, reach, is_redirected=is_redirected))
        fetch.is_ours = all(reach is Reach.OWN_NETWORK for reach in reaches.values())
        return list(reaches)[:_MOST_ADDRESSES]

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise UnknownHostError(
                host,
                one_line(getattr(error, "strerror", None) or str(error))[:_LONGEST_REASON],
                is_unanswered=getattr(error, "errno", None) == socket.EAI_AGAIN,
            ) from error
        return [str(address[0]) for *_, address in found]

    async def _ask(
        self, fetch: _Fetch, url: httpx.URL, addresses: Sequence[str], headers: Mapping[str, str]
    ) -> WebAnswer | httpx.Response:
        response = await self._connected(url, addresses, headers)
        try:
            if response.status_code in _REDIRECTS:
                return response
            content = b""
            if response.status_code == HTTPStatus.OK:
                content = in_utf8(
                    await self._content(response),
                    response.headers.get("content-type", ""),
                    most=self._rules.most_bytes,
                )
            return WebAnswer(
                status=response.status_code,
                headers=dict(response.headers),
                content=content,
                location=str(url),
                moved_to=fetch.moved_to,
            )
        finally:
            await response.aclose()

    async def _connected(
        self, url: httpx.URL, addresses: Sequence[str], headers: Mapping[str, str]
    ) -> httpx.Response:
        """Ask the first address that takes a connection."""
        for address in addresses[:-1]:
            try:
                return await self._transport.handle_async_request(
                    self._request(url, address, headers)
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._transport.handle_async_request(
            self._request(url, addresses[-1], headers)
        )

    def _request(self, url: httpx.URL, address: str, headers: Mapping[str, str]) -> httpx.Request:
        return httpx.Request(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode("ascii"), **headers},
            extensions={
                # By this name the certificate is checked.
                "sni_hostname": url.raw_host.decode("ascii").strip("[]"),
                "timeout": {
                    "connect": min(_CONNECT_SECONDS, self._rules.total_seconds),
                    "read": self._rules.total_seconds,
                    "write": self._rules.total_seconds,
                    "pool": None,
                },
            },
        )

    async def _content(self, response: httpx.Response) -> bytes:
        """Read and unpack a body, and stop where it becomes too large.

        httpx unpacks what it gets as a whole, and a kilobyte may become a megabyte.
        """
        most = self._rules.most_bytes
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise self._too_large()
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(
                f"its server sends '{one_line(encoding)[:40]}', which was not asked for; have it "
                "send gzip or plain"
            )
        kept = bytearray()
        try:
            sent = response.aiter_raw()
            async for piece in _unpacked(sent, most) if "gzip" in encoding else sent:
                kept += piece
                if len(kept) > most:
                    raise self._too_large()
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            of = f" of {announced}" if announced.isdecimal() else ""
            raise FetchError(
                f"its answer broke off after {response.num_bytes_downloaded}{of} bytes"
            ) from error
        return bytes(kept)

    def _too_large(self) -> FetchError:
        return FetchError(
            f"it sends more than {self._rules.most_bytes / 1e6:g} MB; take a feed with fewer papers"
        )


async def _unpacked(pieces: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """Unpack gzip, all its members one behind the other."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    members, rest = 1, b""
    try:
        async for piece in pieces:
            rest += piece
            while rest:
                if unpacker.eof:
                    if len(rest) < len(_GZIP):
                        break
                    if not rest.startswith(_GZIP):
                        return  # servers fill up what they send
                    if members == _MOST_MEMBERS:
                        raise FetchError(
                            f"it sends gzip of more than {_MOST_MEMBERS:,} parts; have it send one"
                        )
                    unpacker = zlib.decompressobj(_GZIP_WINDOW)
                    members += 1
                yield unpacker.decompress(rest, most + 1)
                rest = unpacker.unused_data
    except zlib.error as error:
        raise FetchError(f"what it sends cannot be unpacked ({error}); fetch it again") from error
    if not unpacker.eof:
        raise FetchError("what it sends as gzip ends in the middle")


def _reason(error: BaseException) -> str:
    """Return what went wrong below: several layers say no more than that all attempts failed."""
    said, cause = str(error), error.__cause__ or error.__context__
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            said = cause.strerror or said
        elif isinstance(cause, OSError) and cause.errno:
            said = os.strerror(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return one_line(said).rstrip(".")[:_LONGEST_REASON] or type(error).__name__


def _trusted() -> ssl.SSLContext:
    """Trust what httpx brings, and what this system trusts: an intranet has its own authority."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError(f"'{one_line(url)[:200]}' is no address; correct it") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchError(f"'{one_line(url)[:200]}' is no http or https address; correct it")
    return parsed.copy_with(fragment=None, userinfo=b"")


def _is_same_server(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _redirected(url: httpx.URL, response: httpx.Response, fetch: _Fetch) -> httpx.URL:
    """Return where a redirect leads to, and note whether that is for good."""
    said = response.headers.get("location", "").strip()
    if not said:
        raise FetchError(
            f"HTTP {response.status_code}: it redirects and does not say where to; correct the "
            "address"
        )
    try:
        target = _parsed(str(url.join(said)))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError(
            f"it redirects to '{one_line(said)[:200]}', which is no address"
        ) from error
    if str(target) in fetch.seen:
        raise FetchError(f"it redirects in a circle, by way of {target.host}; correct the address")
    if len(fetch.seen) > MOST_REDIRECTS:
        raise FetchError(f"it redirects more than {MOST_REDIRECTS} times; correct the address")
    fetch.is_permanent = fetch.is_permanent and response.status_code in _PERMANENT
    if fetch.is_permanent:
        fetch.moved_to = str(target)
    return target

"""Room 6, what they click: the web server, uvicorn with limits on who may hold connections.

It accepts connections itself, so that one for which there is no room is closed before anything is
made for it, and so that running out of file descriptors is a line a minute in the log: asyncio's
own server tries, and logs a traceback, as often as its backlog is long.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import resource
import socket
import time
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from recommender.errors import DaemonError
from recommender.jobs.services import LOOPBACK
from recommender.membership.limits import network_of
from recommender.web.clients import is_trusted
from recommender.web.connections import (
    CONNECTIONS_MAX,
    Closed,
    ConnectionLimits,
    Connections,
    Phase,
    connections_allowed,
)

logger = logging.getLogger(__name__)

BACKLOG: Final = 2_048
ACCEPTED_AT_ONCE: Final = 32
"""Then whoever is connected already has a turn."""

DESCRIPTORS_WANTED: Final = 8_192
"""Not a million: a sendmail program that we start may close each that there could be."""

ACCEPT_AGAIN_SECONDS: Final = 0.2
CLOSED_WHERE_NONE_IS_ACCEPTED: Final = 32
KEEP_ALIVE_SECONDS: Final = 5
HEAD_MAX_BYTES: Final = 16 * 1024
PIECE_BYTES: Final = 4 * 1024
TROUBLE_TOLD_EVERY_SECONDS: Final = 60.0
TICK_SECONDS: Final = 1.0
LAST_REQUEST_SECONDS: Final = 1.0
"""So long after the last connection was accepted, its request is waited for."""


class PageServer(uvicorn.Server):
    """Uvicorn inside our loop: it leaves the signals to us, and holds connections to limits.

    Parameters
    ----------
    app : ASGI application
    trusted_proxies : sequence of IPv4Network and IPv6Network
        From where any number of connections may come, as far as there is room at all.
    limits : ConnectionLimits or None
        None: as many connections as this process has file descriptors for.

    Attributes
    ----------
    accepting : asyncio.Event
        Set when connections are accepted.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        trusted_proxies: Sequence[IPv4Network | IPv6Network] = LOOPBACK,
        limits: ConnectionLimits | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=H11Protocol,
                # An upgraded connection would be nobody's to close.
                ws="none",
                lifespan="off",
                # Paths hold tokens, and nobody's clicks are to be kept.
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=10,
                h11_max_incomplete_event_size=HEAD_MAX_BYTES,
                proxy_headers=False,
            )
        )
        self.accepting = asyncio.Event()
        self.connections = Connections(limits or ConnectionLimits(total=_connections_allowed()))
        self._trusted_proxies = tuple(trusted_proxies)
        self._news, self._ending = asyncio.Event(), asyncio.Event()
        self._opening: set[asyncio.Task[Any]] = set()
        self._trouble_told_at = -TROUBLE_TOLD_EVERY_SECONDS

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the daemon."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections, and say so."""
        await super().startup(sockets=[])
        for listener in sockets or ():
            listener.setblocking(False)
            listener.listen(BACKLOG)
            self._listen(listener)
        self.accepting.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no other connection, and let those end that are open."""
        for listener in sockets or ():
            asyncio.get_running_loop().remove_reader(listener)
        await super().shutdown(sockets)

    def show(self, app: ASGIApp) -> None:
        """Have all that is asked for from now on answered with other pages."""
        self.config.app, self.config.loaded = app, False
        self.config.load()
        self.connections.show(self.config.loaded_app)

    def end(self) -> None:
        """Have `serve` return once what is under way is answered."""
        self.should_exit = True
        self._ending.set()
        self._news.set()

    async def main_loop(self) -> None:
        """Look after connections each second, and sleep while there are none.

        Uvicorn's own loop wakes ten times a second, whether there is anything to do or not.
        """
        while not await self.on_tick(0):
            if not (len(self.connections) or self._opening or self.connections.closed.is_trouble):
                self._news.clear()
                await self._news.wait()
                # The date of answers is as old as our sleep.
                await super().on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), TICK_SECONDS)

    async def on_tick(self, counter: int) -> bool:
        """Close what is late, and tell whether to end; uvicorn renews the date of answers."""
        self.connections.close_late()
        self._tell_trouble()
        return await super().on_tick(counter)

    def _listen(self, listener: socket.socket) -> None:
        # It may be closed since: we are called some time after.
        if not self.should_exit and listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, peer = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._wait_for_descriptors(listener, error)
                return
            self._open(connection, peer[0])

    def _open(self, connection: socket.socket, peer: str) -> None:
        self._news.set()
        network = None if is_trusted(peer, self._trusted_proxies) else network_of(peer)
        if not self.connections.has_room(network, opening=len(self._opening)):
            connection.close()
            return
        connection.setblocking(False)
        # asyncio does this only for sockets that name their protocol; accepted ones do not. Without
        # it, the body waits for the other side's word on the head: 40 ms for each page.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        opening = loop.create_task(
            loop.connect_accepted_socket(lambda: PageConnection(self, network), connection)
        )
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    def _wait_for_descriptors(self, listener: socket.socket, error: OSError) -> None:
        """Accept nothing for a moment: the listener stays ready, and would be asked for ever."""
        if error.errno not in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}:
            logger.warning("a connection cannot be accepted: %s", error)
        self.connections.closed.out_of_descriptors += 1
        self._news.set()
        self.connections.close_longest_waiting(CLOSED_WHERE_NONE_IS_ACCEPTED)
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)
        loop.call_later(ACCEPT_AGAIN_SECONDS, self._listen, listener)

    def _tell_trouble(self) -> None:
        closed, now = self.connections.closed, time.monotonic()
        if not closed.is_trouble or now - self._trouble_told_at < TROUBLE_TOLD_EVERY_SECONDS:
            return
        self._trouble_told_at = now
        self.connections.closed = Closed()
        logger.warning(
            "pages: %d connections are open, of %d; closed since this was last told: %d to make "
            "room, %d whose clients were slow, %d at once; %d times there was no file descriptor",
            len(self.connections),
            self.connections.limits.total,
            closed.for_room,
            closed.late,
            closed.refused,
            closed.out_of_descriptors,
        )


class PageConnection(H11Protocol):
    """A connection that is known to its server while it is open.

    Parameters
    ----------
    server : PageServer
    network : str or None
        Whose it is; None: a server's before us.
    """

    def __init__(self, server: PageServer, network: str | None) -> None:
        super().__init__(server.config, server.server_state, {})
        self.network = network
        self._all = server.connections

    def shutdown(self) -> None:
        """Answer what is under way, and a request that a new client is about to send."""
        if self.phase() is Phase.REQUEST and self.cycle is None:
            # It was let in and has no answer yet: who restarts refuses nobody.
            asyncio.get_running_loop().call_later(LAST_REQUEST_SECONDS, super().shutdown)  # type: ignore[unreachable]  # uvicorn does not declare the None
        else:
            super().shutdown()

    def phase(self) -> Phase | None:
        """Return what of its client it waits for; None: it waits for us."""
        if self.cycle is None:
            return Phase.REQUEST  # type: ignore[unreachable]  # uvicorn does not declare the None
        if self.cycle.response_complete:
            return Phase.ANSWER if self.transport.get_write_buffer_size() else Phase.REQUEST
        if self.flow.write_paused:
            return Phase.ANSWER
        return Phase.BODY if self.cycle.more_body else None

    def show(self, app: ASGIApp) -> None:
        """Answer the next request with other pages."""
        self.app = app

    def cut_off(self) -> None:
        """Close it now; what its client does not take is thrown away."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be forgotten."""
        self._all.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, in pieces: h11 measures a head only while it is incomplete."""
        for begin in range(0, len(data), PIECE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[begin : begin + PIECE_BYTES])
        self._all.look_at(self)

    def on_response_complete(self) -> None:
        """Wait for the next request, once the answer is taken."""
        super().on_response_complete()
        self._all.look_at(self)

    def pause_writing(self) -> None:
        """Wait for the client to take what it was sent."""
        super().pause_writing()
        self._all.look_at(self)

    def resume_writing(self) -> None:
        """Go on: the client has taken what it was sent."""
        super().resume_writing()
        self._all.look_at(self)


@contextlib.contextmanager
def listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    """Open the socket that the pages are served on.

    Raises
    ------
    DaemonError
        If the address is taken or not of this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise DaemonError(
            f"web.host {host}, web.port {port} cannot be listened on ({_reason(error)}); stop "
            "what uses it, or choose another port"
        ) from error
    with listener:
        yield listener


@contextlib.contextmanager
def page_listener(host: str, port: int, handed: socket.socket | None) -> Iterator[socket.socket]:
    """Yield the socket that the pages are served on: one that was opened for us, or ours.

    Raises
    ------
    DaemonError
        As `listening_socket`; or if what was handed to us is no port.
    """
    if handed is None:
        with listening_socket(host, port) as listener:
            yield listener
        return
    with handed:
        if handed.family not in {socket.AF_INET, socket.AF_INET6}:
            raise DaemonError(
                "the socket that was handed to us for pages is no port; give "
                f"recommender-web.socket ListenStream={host}:{port}"
            )
        if handed.getsockname()[1] != port:
            logger.warning(
                "pages are on port %d, which was opened for us, not on web.port %d; make them one",
                handed.getsockname()[1],
                port,
            )
        yield handed


def raise_descriptor_limit() -> None:
    """Let this process open as many files as the system lets it, up to `DESCRIPTORS_WANTED`.

    The usual limit of 1,024 is there for programs that use select(2); ours do not.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS_WANTED if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS_WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        # A sandbox that forbids it, such as that of our own unit, has set a limit itself.
        logger.debug("the limit of open files stays at %d: %s", soft, error)


def _connections_allowed() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS_MAX if soft == resource.RLIM_INFINITY else connections_allowed(soft)


def _reason(error: OSError) -> str:
    """Return the system's own words: `socket.create_server` adds the address to them."""
    return os.strerror(error.errno) if error.errno else str(error)

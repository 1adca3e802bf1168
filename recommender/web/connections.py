"""Room 6, what they click: which connections stay open, and which are closed first; pure.

A connection costs a file descriptor and memory, and anybody can open thousands and say nothing. So
a client is waited for only so long, in all and not since its last byte, for one that sends a byte
a second would hold its connection for ever. Where there is no room for another, the connection goes
whose client has kept us waiting longest: that is never somebody who has just come.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from starlette.types import ASGIApp

CONNECTIONS_MAX: Final = 1_000
"""Each may hold a request's head and 64 kB of its body: 100 MB at the worst."""

DESCRIPTORS_KEPT: Final = 256
"""For the database, for servers of mail and what comes in from them, for the work of the night."""


class Phase(enum.Enum):
    """What of a client a connection waits for."""

    REQUEST = "the head of a request"
    BODY = "the rest of a request"
    ANSWER = "taking what we answered"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and how long each is waited for.

    Attributes
    ----------
    total : int
    per_network : int
        From one IPv4 address or IPv6 /64; a browser opens six. Whole laboratories share one, but
        hardly so many of them load a page in the same moment.
    request_seconds : float
        For the head of a request, from the connection's begin or the last answer's end.
    body_seconds : float
        For the rest of a request.
    answer_seconds : float
        For an answer to be taken.
    """

    total: int = CONNECTIONS_MAX
    per_network: int = 64
    request_seconds: float = 10.0
    body_seconds: float = 30.0
    answer_seconds: float = 120.0

    def seconds(self, phase: Phase) -> float:
        """Return for how long a client is waited for."""
        match phase:
            case Phase.REQUEST:
                return self.request_seconds
            case Phase.BODY:
                return self.body_seconds
            case Phase.ANSWER:
                return self.answer_seconds


def connections_allowed(descriptors: int) -> int:
    """Return how many connections there may be where a process may open so many descriptors."""
    kept = min(DESCRIPTORS_KEPT, descriptors // 2)
    return max(1, min(CONNECTIONS_MAX, descriptors - kept))


class Connection(Protocol):
    """An open connection, as far as this module knows one."""

    network: str | None
    """Whose it is; None: a server before us, behind which anybody may stand."""

    def phase(self) -> Phase | None:
        """Return what it waits for; None: it waits for us, and is not the client's fault."""

    def show(self, app: ASGIApp) -> None:
        """Answer the next request with other pages."""

    def cut_off(self) -> None:
        """Close it now, whatever it still has to say or to hear."""


@dataclass(slots=True)
class Closed:
    """How many connections were closed, and why.

    Attributes
    ----------
    late : int
        Their clients took too long.
    for_room : int
        Another one came.
    refused : int
        At once: nobody's who could have been closed kept us waiting.
    out_of_descriptors : int
        How often none could be accepted.
    """

    late: int = 0
    for_room: int = 0
    refused: int = 0
    out_of_descriptors: int = 0

    @property
    def is_trouble(self) -> bool:
        """Whether an operator should know; a client that is late is none: browsers dawdle too."""
        return bool(self.for_room or self.refused or self.out_of_descriptors)


@dataclass(slots=True)
class Connections:
    """All open connections; not for several threads.

    Attributes
    ----------
    limits : ConnectionLimits
    clock : callable
        Seconds that only grow.
    closed : Closed
        What was closed since somebody last looked.
    """

    limits: ConnectionLimits
    clock: Callable[[], float] = time.monotonic
    closed: Closed = field(default_factory=Closed)
    _open: set[Connection] = field(default_factory=set)
    _of_network: dict[str, set[Connection]] = field(default_factory=dict)
    # Since when each waits for its client, the longest first: dictionaries keep their order.
    _waiting: dict[Connection, tuple[Phase, float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._open)

    def has_room(self, network: str | None, *, opening: int = 0) -> bool:
        """Make room for another connection where there is none, and return whether there is.

        Parameters
        ----------
        network : str or None
            Whose it is.
        opening : int
            How many are accepted that were not added yet.
        """
        siblings = set() if network is None else self._of_network.get(network, set())
        if len(siblings) >= self.limits.per_network:
            waiting = (each for each in siblings if each in self._waiting)
            longest = min(waiting, key=lambda each: self._waiting[each][1], default=None)
            return self._close_for_room(longest)
        if len(self._open) + opening >= self.limits.total:
            return self._close_for_room(next(iter(self._waiting), None))
        return True

    def show(self, app: ASGIApp) -> None:
        """Have those that are open answer with other pages: one of a proxy's stays for ever."""
        for connection in self._open:
            connection.show(app)

    def close_longest_waiting(self, number: int) -> None:
        """Close so many connections whose clients have kept us waiting longest."""
        for connection in list(self._waiting)[:number]:
            self._close_for_room(connection)

    def add(self, connection: Connection) -> None:
        """Note that a connection is open."""
        self._open.add(connection)
        if connection.network is not None:
            self._of_network.setdefault(connection.network, set()).add(connection)
        self.look_at(connection)

    def remove(self, connection: Connection) -> None:
        """Note that a connection is closed, however often that is said."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)
        siblings = self._of_network.get(connection.network or "", set())
        siblings.discard(connection)
        if connection.network is not None and not siblings:
            self._of_network.pop(connection.network, None)

    def look_at(self, connection: Connection) -> None:
        """Note what a connection waits for now; the time runs from when that changed."""
        phase = connection.phase()
        before = self._waiting.get(connection)
        if phase is None:
            self._waiting.pop(connection, None)
        elif (before is None or before[0] is not phase) and connection in self._open:
            self._waiting.pop(connection, None)
            self._waiting[connection] = phase, self.clock()

    def close_late(self) -> None:
        """Close those whose clients have taken too long."""
        for connection in list(self._open):
            self.look_at(connection)
        now = self.clock()
        late = [
            connection
            for connection, (phase, since) in self._waiting.items()
            if now - since >= self.limits.seconds(phase)
        ]
        for connection in late:
            self.closed.late += 1
            self._cut_off(connection)

    def _close_for_room(self, connection: Connection | None) -> bool:
        if connection is None:
            self.closed.refused += 1
            return False
        self.closed.for_room += 1
        self._cut_off(connection)
        return True

    def _cut_off(self, connection: Connection) -> None:
        # Now, and not when the loop has come round to closing it: its place may be needed before.
        self.remove(connection)
        connection.cut_off()

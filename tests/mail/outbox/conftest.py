"""Servers without a network, a count of transactions, and a clock of the loop for tests to move."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from recommender.errors import DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.outbox.relays import Relay
from recommender.mail.transport.replies import Outcome, Reply, Step, classify
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store.database import Database

TAKEN = Reply(250, "2.0.0", "taken", Step.END_OF_DATA)


@dataclass
class MemoryServer:
    """A server without a network: its connections behave as `SmtpConnection` does.

    `test_connections` holds both against the same tests.

    Attributes
    ----------
    greet : callable
        From the number of an opening, 1 for the first, to why it fails; empty where it does not.
        May have to be awaited.
    answer : callable
        From a recipient to the reply about their message. May have to be awaited.
    asked : list of tuple of int and str
        Whom each message was for, with the number of its connection's opening.
    accepted : list of str
        Recipients of what it has, whether the sender hears of that or not.
    opened, open : int
        Openings that succeeded, and connections that are open now.
    """

    name: str = "mx.example.org:25"
    greet: Callable[[int], str | Awaitable[str]] = lambda _number: ""
    answer: Callable[[str], Reply | Awaitable[Reply]] = lambda _recipient: TAKEN
    asked: list[tuple[int, str]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    tried: int = 0
    opened: int = 0
    open: int = 0

    def relay(self, **limits: Any) -> Relay:
        """Make what the delivery knows of this server; one connection unless limits say more."""
        server = SmtpServer(self.name, **{"priority": 0, "connections": 1, **limits})
        return Relay(server, lambda: MemoryConnection(self))


class MemoryConnection:
    """A connection to a `MemoryServer`; see `transports.Connection`."""

    def __init__(self, memory: MemoryServer) -> None:
        host, _, port = memory.name.rpartition(":")
        self.server = SmtpServer(host, int(port), Security.PLAIN)
        self.answered = 0
        self._memory = memory
        self._number = 0

    @property
    def is_open(self) -> bool:
        return self._number > 0

    async def open(self) -> None:
        self.answered = 0
        await self.close()
        self._memory.tried += 1
        trouble = await _value(self._memory.greet(self._memory.tried))
        if trouble:
            raise DeliveryError(trouble)
        self._memory.opened += 1
        self._memory.open += 1
        self._number = self._memory.opened

    async def send(self, envelope: Envelope) -> Reply:
        self._memory.asked.append((self._number, envelope.recipient))
        reply = await _value(self._memory.answer(envelope.recipient))
        outcome = classify(reply)
        if outcome in {Outcome.SENT, Outcome.IN_DOUBT}:
            self._memory.accepted.append(envelope.recipient)
        if outcome in {Outcome.SERVER, Outcome.IN_DOUBT}:
            await self.close()
        else:
            self.answered += 1
        return reply

    async def close(self) -> None:
        if self.is_open:
            self._memory.open -= 1
            self._number = 0


async def _value(given: Any) -> Any:
    await asyncio.sleep(0)  # others take their turn, as they do while a network is waited for
    return await given if inspect.isawaitable(given) else given


@pytest.fixture
def memory_server() -> Callable[..., MemoryServer]:
    """Return `MemoryServer`."""
    return MemoryServer


@dataclass
class Writes:
    """How often a database was opened for writing."""

    count: int = 0


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    writes = Writes()
    for name in ("write", "write_beside_others"):
        original: Callable[[Database], Any] = getattr(Database, name)

        def counted(database: Database, original: Callable[[Database], Any] = original) -> Any:
            writes.count += 1
            return original(database)

        monkeypatch.setattr(Database, name, counted)
    return writes


class LoopClock:
    """The clock of the running loop, which a test may put forward."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ahead = 0.0
        real = loop.time
        loop.time = lambda: real() + self._ahead  # type: ignore[method-assign]  # it asks itself

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
async def loop_clock() -> LoopClock:
    return LoopClock(asyncio.get_running_loop())

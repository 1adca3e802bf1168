"""Room 6, what they click: the threads that pages are made in, and forms are acted on in.

There are few of them: while one computes, the event loop, which answers with what is kept, waits
for the interpreter, and the longer the more of them compute. Requests wait for a thread by turns of
their networks, and no more of them than can have one soon.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from recommender.child_processes import ChildProcesses
from recommender.languages.messages import Message
from recommender.web.search_desk import PROCESSES, search_processes
from recommender.web.turns import Turns

RETRY_AFTER_SECONDS: Final = 5
MOST_WAITING: Final = 200
"""They are answered within a second or two; whoever waits longer has pressed again by then."""

HAS_TURN: Final = "recommender.has_turn"
"""In a request's scope: whoever hands it on holds a turn for it."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A request's wait for a thread.

    Attributes
    ----------
    network : str
        Whose it is.
    come : Future
        Done when the thread is theirs; failed where there was no room to wait.
    """

    network: str
    come: asyncio.Future[None]


class Lane:
    """Some threads for one kind of work. Belongs to the event loop's thread.

    Parameters
    ----------
    threads : int
        How many work at once.
    most_waiting : int
        How many requests wait for one.
    clock : callable
        Seconds that only grow.
    """

    def __init__(
        self,
        threads: int,
        *,
        most_waiting: int = MOST_WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free = threads
        self._turns: Turns[Turn] = Turns(most_waiting)
        self._clock = clock
        self._turned_at = clock()

    def ask(self, network: str) -> Turn:
        """Begin to wait for a thread; whoever asks has to `leave`, whatever came of it."""
        turn = Turn(network, asyncio.get_running_loop().create_future())
        if self._free:
            self._free -= 1
            self._come(turn)
        elif (refused := self._turns.put(network, turn)) is not None:
            refused.come.set_exception(too_many())
            refused.come.exception()  # it is raised where somebody waits for it
        return turn

    def leave(self, turn: Turn) -> None:
        """Hand a thread on to whose turn is next, or wait for none any more."""
        if not turn.come.done():
            self._turns.remove(turn.network, turn)
        elif turn.come.exception() is None:
            successor = self._turns.take()
            if successor is None:
                self._free += 1
            else:
                self._come(successor)

    def is_turning(self, *, within_seconds: float) -> bool:
        """Whether nobody waits, or somebody had a turn lately."""
        return not self._turns or self._clock() - self._turned_at < within_seconds

    def _come(self, turn: Turn) -> None:
        self._turned_at = self._clock()
        turn.come.set_result(None)

    @asynccontextmanager
    async def turn(self, network: str) -> AsyncIterator[None]:
        """Wait for a thread, and have it until the end of the block.

        Raises
        ------
        HTTPException
            503 where too many wait, most of them of this network.
        """
        turn = self.ask(network)
        try:
            # Who gives up waiting still stands in the queue, and must not be found cancelled there.
            await asyncio.shield(turn.come)
            yield
        finally:
            self.leave(turn)

    async def run(self, network: str, work: Callable[..., _T], *args: object) -> _T:
        """Do something in one of the threads, and return what it returns; raises as `turn`."""
        async with self.turn(network):
            return await run_in_threadpool(work, *args)


@dataclass(frozen=True, slots=True)
class PageThreads:
    """The threads of all pages, by what they do, so that no kind of work waits for another.

    Attributes
    ----------
    making : Lane
        Public pages, which are kept. More at once would not be made sooner: they compute.
    searching : Lane
        What searches find, which is kept too, and of which there is no end. They wait for
        `search_processes`, and one more for the first of these that is free.
    reading : Lane
        Pages that are made for whoever asks.
    acting : Lane
        Forms. A vote waits for the disk, together with others.
    search_processes : ChildProcesses
    """

    making: Lane = field(default_factory=lambda: Lane(2))
    searching: Lane = field(default_factory=lambda: Lane(PROCESSES + 1))
    reading: Lane = field(default_factory=lambda: Lane(3))
    acting: Lane = field(default_factory=lambda: Lane(8))
    search_processes: ChildProcesses = field(default_factory=search_processes)

    def are_turning(self, *, within_seconds: float) -> bool:
        """Whether work of each kind goes on; see `Lane.is_turning`."""
        lanes = (self.making, self.searching, self.reading, self.acting)
        return all(lane.is_turning(within_seconds=within_seconds) for lane in lanes)

    def close(self) -> None:
        """End the processes that make pages."""
        self.search_processes.close()


def too_many() -> HTTPException:
    """Return what is told where there is no room to wait."""
    return HTTPException(
        HTTPStatus.SERVICE_UNAVAILABLE,
        Message("Too many pages are asked for at this moment. Please try again in a few seconds."),
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )

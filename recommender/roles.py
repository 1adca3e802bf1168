"""What of a daemon's work a process does; several share one database of PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from recommender.errors import ConfigurationError, DaemonError, StorageError
from recommender.store.database import Database
from recommender.store.several import NamedLock

_logger = logging.getLogger(__name__)


class Role(StrEnum):
    """A part of the work."""

    WEB = "web"
    """Pages and links."""
    CLOCK = "clock"
    """Decides requests, counts refusals, begins the night: one process at a time."""
    LEARN = "learn"
    """Composes what is due."""
    DELIVER = "deliver"
    """Hands messages over."""
    INBOX = "inbox"
    """Takes mail in and acts on it."""
    SOURCES = "sources"
    """Fetches sources and libraries, one process at a time; reads the watched folder."""


TURN_SECONDS: Final = 2.0
"""So long after a process is gone that had a role alone, another one has it."""

ALL_ROLES: Final = frozenset(Role)


def roles_of(names: str) -> frozenset[Role]:
    """Read roles with commas between them.

    Raises
    ------
    ConfigurationError
        If one is unknown, or there is none.
    """
    words = [each.strip() for each in names.split(",") if each.strip()]
    unknown = [each for each in words if each not in set(Role)]
    if unknown or not words:
        raise ConfigurationError(
            [f"--roles: {', '.join(unknown) or 'none'} is no role; give some of {', '.join(Role)}"]
        )
    return frozenset(map(Role, words))


class Turns:
    """The roles that one process has at a time.

    Parameters
    ----------
    database : Database
    roles : frozenset of Role
        Of this process.

    Raises
    ------
    DaemonError
        If these are not all, and the database is for one daemon.
    """

    def __init__(self, database: Database, roles: frozenset[Role]) -> None:
        if roles != ALL_ROLES and not database.dialect.is_for_several:
            raise DaemonError(
                "several daemons share the work on PostgreSQL only; leave --roles out, or move the "
                "installation there by `recommender move`"
            )
        alone = roles & {Role.CLOCK, Role.SOURCES}
        self._locks = {role: NamedLock(database, f"role {role}") for role in alone}
        self._asking = asyncio.Lock()
        self._is_for_several = database.dialect.is_for_several

    async def has(self, role: Role) -> bool:
        """Return whether this process is the one that has a role now."""
        lock = self._locks.get(role)
        try:
            async with self._asking:
                return lock is not None and await asyncio.to_thread(lock.hold)
        except StorageError as error:
            _logger.warning("%s", error)
            return False

    async def wait_for(
        self, role: Role, stop: asyncio.Event, *, beat: Callable[[], object]
    ) -> bool:
        """Wait until this process has a role; False where it was told to stop before.

        Parameters
        ----------
        role : Role
        stop : asyncio.Event
        beat : callable
            Shows a sign of life meanwhile.
        """
        while not stop.is_set():
            if await self.has(role):
                return True
            beat()
            await _wait(stop)
        return False

    async def end_with(self, role: Role, stop: asyncio.Event, ended: asyncio.Event) -> None:
        """Set ``ended`` when this process is told to stop, or does not have a role any more."""
        try:
            if not self._is_for_several:
                await stop.wait()
            while not stop.is_set():
                await _wait(stop)
                if not await self.has(role):
                    _logger.warning("the role %s ends here, and goes on in whoever has it", role)
                    return
        finally:
            ended.set()

    def release(self) -> None:
        """Let others have them."""
        for lock in self._locks.values():
            lock.release()


async def _wait(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), TURN_SECONDS)

"""What of a daemon's work a process does; several share one database of PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
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

    async def has(self, role: Role) -> bool:
        """Return whether this process is the one that has a role now."""
        lock = self._locks.get(role)
        try:
            return lock is not None and await asyncio.to_thread(lock.hold)
        except StorageError as error:
            _logger.warning("%s", error)
            return False

    def release(self) -> None:
        """Let others have them."""
        for lock in self._locks.values():
            lock.release()

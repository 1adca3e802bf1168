"""Domain: the library of a reference manager that a subscriber lets us read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LibraryAddress:
    """Which library at Zotero, or which collection of one.

    Attributes
    ----------
    owner : str
        ``users/12345`` or ``groups/12345``; ``users`` where the number follows from the key.
    collection : str
        Its key, eight characters; empty for the whole library.
    username : str
        Of the owner as it stands in addresses; empty where none was given.
    """

    owner: str
    collection: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """A library that a subscriber gave, and how reading it goes.

    Attributes
    ----------
    address : LibraryAddress
    sealed_key : str or None
        See `sealing.Sealer`; None where the library is public.
    given_at : datetime
    version : int
        Of the library, that all known papers are from; 0 until it was read once.
    next_sync_at : datetime
    last_synced_at : datetime or None
    failures : int
        How often in a row it could not be read.
    message : str
        What was wrong the last time, in the subscriber's words; empty where nothing was.
    is_stopped : bool
        It is not read any more, for what ``message`` says.
    items : int
        How many items the library has; only the newest are read.
    """

    id: int
    subscriber_id: int
    address: LibraryAddress
    sealed_key: str | None
    given_at: datetime
    version: int
    next_sync_at: datetime
    last_synced_at: datetime | None
    failures: int
    message: str
    is_stopped: bool
    items: int


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A paper that a subscriber named or has in their library, and since when."""

    paper_id: int
    added_at: datetime

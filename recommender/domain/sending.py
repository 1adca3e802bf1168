"""Domain: what is remembered between runs of those who take our mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServerState:
    """How a server that we hand messages to fared.

    Attributes
    ----------
    troubles : int
        How often in a row it broke off, refused us or was not there, >= 0.
    paused_until : datetime or None
        It is paused until then.
    last_trouble : str
        In one line; empty where there was none.
    bulk_refusals : int
        Newsletters in a row that it refused for what they say, >= 0.
    bulk_held_until : datetime or None
        No newsletter is given to any server until then.
    """

    troubles: int = 0
    paused_until: datetime | None = None
    last_trouble: str = ""
    bulk_refusals: int = 0
    bulk_held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DomainPace:
    """How fast a recipient domain takes our mail.

    Attributes
    ----------
    messages_per_minute : float or None
        > 0; None: as fast as we can.
    paused_until : datetime or None
        Nothing goes there until then.
    last_reply : str
        The words with which it asked us to slow down.
    slowed_at : datetime or None
        When it last did.
    """

    messages_per_minute: float | None = None
    paused_until: datetime | None = None
    last_reply: str = ""
    slowed_at: datetime | None = None

"""Domain: where papers are fetched, how that goes, and what usually comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MAIL_SCHEME = "mailto:"
"""Begins the addresses of sources that mail brings."""


class SourceState(StrEnum):
    """How a source fares, as the operator is told."""

    OK = "ok"
    """It brought something new today."""
    QUIET = "quiet"
    """Nothing new, and nothing was to be expected: a weekend, a holiday, early in the day."""
    LATE = "late"
    """Nothing new for longer than is usual; it answers, and is read."""
    BROKEN = "broken"
    """It cannot be fetched, or what it sends cannot be read."""
    DRIFTED = "drifted"
    """It is read, but far fewer or far emptier papers come of it than usual."""
    PAUSED = "paused"
    """It is not fetched, by the operator's word or its own (410)."""


@dataclass(frozen=True, slots=True)
class Source:
    """A feed, a list or an interface that is fetched again and again, or an address for mail.

    Attributes
    ----------
    name : str
        One line, unique.
    url : str
        As it was added; known by it for ever.
    moved_to : str or None
        Where it is fetched since a server said that it moved for good.
    every_minutes : int or None
        The operator's word; None: as often as usual.
    is_configured : bool
        It stands in the configuration, and goes with it.
    paused_because : str
        Empty: it is fetched.
    etag, last_modified : str or None
        What the server wants to be asked with.
    next_fetch_at : datetime
        Where mail brings it: since when mail is taken.
    last_fetched_at : datetime or None
        When the server last answered with something that could be used, unchanged or not, or when
        the last mail was read.
    failures : int
        How often in a row it could not be fetched or read.
    last_status : int or None
        Of HTTP; None where there was no answer.
    last_message : str
        What was wrong the last time, or left out of what was read; empty where nothing was.
    content_sha256 : str or None
        Of what was read last.
    """

    id: int
    name: str
    url: str
    moved_to: str | None
    every_minutes: int | None
    is_configured: bool
    paused_because: str
    etag: str | None
    last_modified: str | None
    next_fetch_at: datetime
    last_fetched_at: datetime | None
    failures: int
    last_status: int | None
    last_message: str
    content_sha256: str | None

    @property
    def is_by_mail(self) -> bool:
        """Whether mail brings it: it is never fetched."""
        return self.url.startswith(MAIL_SCHEME)

    @property
    def location(self) -> str:
        """Where it is fetched now."""
        return self.moved_to or self.url

    @property
    def left_out(self) -> str:
        """What of its last answer was not read although the rest was; empty where all was."""
        return "" if self.failures else self.last_message


@dataclass(frozen=True, slots=True)
class SourceDay:
    """What one day of a source was like, in UTC.

    Attributes
    ----------
    answers : int
        How often it answered with something that could be read, unchanged or not.
    papers : int
        New ones: those that it had not brought before.
    abstracts : int
        How many of these have an abstract ...
    abstract_characters : int
        ... and how long those are together.
    brought_minute : int or None
        Minute of the day, from 0, at which the first of them came.
    """

    day: date
    answers: int = 0
    papers: int = 0
    abstracts: int = 0
    abstract_characters: int = 0
    brought_minute: int | None = None


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a server said in the end, behind all redirects.

    Attributes
    ----------
    status : int
        Of HTTP.
    headers : mapping
        Names in lower case.
    content : bytes
        Unpacked; empty unless the status is 200.
    location : str
        Which address answered.
    moved_to : str or None
        Where it lies for good: redirects up to there were permanent ones.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    location: str
    moved_to: str | None = None

"""Room 1, papers: when a source is fetched again, and what an answer of its server means. Pure.

Rules of HTTP follow RFC 9110 and RFC 9111.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from random import Random
from typing import Final

from recommender.domain import WebAnswer

MAX_BYTES: Final = 10_000_000
"""Of one answer, unpacked: as much as a list in JSON may have."""

EVERY: Final = timedelta(hours=1)
"""Where nobody says how often."""

LONGEST_MINUTES: Final = 7 * 24 * 60
SHORTEST_MINUTES: Final = 1

_LONGEST_MAX_AGE: Final = timedelta(days=1)
_LONGEST_RETRY_AFTER: Final = timedelta(days=7)
_FIRST_RETRY: Final = timedelta(minutes=10)
_LONGEST_RETRY: Final = timedelta(hours=6)
"""Lists of one day are gone the next: whoever is back in the morning is read that day."""
_MOST_DOUBLINGS: Final = 10
_JITTER: Final = 0.1
"""Sources that were added together, or failed together, are not fetched together for ever."""
_MAX_AGE: Final = re.compile(r'(?:^|[,\s])max-age\s*=\s*"?([0-9]{1,10})', re.IGNORECASE)
_SENDABLE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,498}[\x21-\x7e])?")
_MOST_SECONDS: Final = 9_999_999_999
_NEVER_REUSED: Final = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE)


class Meaning(Enum):
    """What an answer means for its source."""

    CONTENT = "content"
    """There is something to read."""
    UNCHANGED = "unchanged"
    GONE = "gone"
    """For good: nobody should ask again."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer means, and in which words the operator is told."""

    meaning: Meaning
    message: str = ""


_SAID: Final = {
    HTTPStatus.UNAUTHORIZED: "it asks for a password; give an address that needs none",
    HTTPStatus.FORBIDDEN: "it refuses us; ask whoever runs it, or take another address",
    HTTPStatus.NOT_FOUND: "there is nothing at this address; correct it",
    HTTPStatus.NOT_ACCEPTABLE: "it has no feed there; correct the address",
    HTTPStatus.TOO_MANY_REQUESTS: "it is asked too often",
    HTTPStatus.SERVICE_UNAVAILABLE: "it is not available for now",
    HTTPStatus.NO_CONTENT: "it says that there is nothing to send; correct the address",
    HTTPStatus.NOT_MODIFIED: "it says that nothing changed, and has never sent anything; ask "
    "whoever runs it",
}


def judge_answer(
    answer: WebAnswer, *, last_sha256: str | None, sha256: str, is_conditional: bool
) -> Judgement:
    """Judge what an answer means.

    Parameters
    ----------
    answer : WebAnswer
    last_sha256 : str or None
        Of what was read last.
    sha256 : str
        Of the content of the answer.
    is_conditional : bool
        It was asked for what is newer than something that we have.
    """
    status = answer.status
    if status == HTTPStatus.NOT_MODIFIED and is_conditional:
        return Judgement(Meaning.UNCHANGED)
    if status == HTTPStatus.GONE:
        return Judgement(
            Meaning.GONE,
            "its server says that it is gone for good (410); remove it, or correct its address",
        )
    if status == HTTPStatus.OK and not answer.content.strip():
        return Judgement(
            Meaning.FAILED, "what it sends is empty; correct the address, or ask whoever runs it"
        )
    if status == HTTPStatus.OK:
        # Servers that know no conditional requests send the same again and again.
        return Judgement(Meaning.UNCHANGED if sha256 == last_sha256 else Meaning.CONTENT)
    return Judgement(Meaning.FAILED, f"HTTP {status}: {_words_of(status)}")


def _words_of(status: int) -> str:
    try:
        known = HTTPStatus(status)
    except ValueError:
        return "its server answers what HTTP does not know"
    if known in _SAID:
        return _SAID[known]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"its server has a fault ({known.phrase})"
    return f"its server answers {known.phrase}; correct the address"


def next_fetch_at(
    now: datetime,
    *,
    every_minutes: int | None,
    failures: int,
    headers: Mapping[str, str],
    random: Random,
) -> datetime:
    """Decide when a source is fetched again.

    Parameters
    ----------
    now : datetime
        Timezone-aware.
    every_minutes : int or None
        The operator's word.
    failures : int
        How often in a row it failed, the last time included; 0 where it went well.
    headers : mapping
        Of the answer, names in lower case; empty where there was none. Until ``Retry-After`` it is
        not asked at all, and while what was sent holds (``Cache-Control: max-age``), neither.
    random : Random
    """
    every = EVERY if every_minutes is None else timedelta(minutes=every_minutes)
    if failures:
        doublings = min(failures - 1, _MOST_DOUBLINGS)
        pause = min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)
    else:
        pause = max(every, min(_max_age(headers), _LONGEST_MAX_AGE))
    # Upwards only: nobody is asked more often than was said.
    pause *= 1 + random.uniform(0, _JITTER)
    at_least = min(_retry_after(headers, now), _LONGEST_RETRY_AFTER)
    return now + max(pause, at_least)


def validators(headers: Mapping[str, str]) -> dict[str, str | None]:
    """Return what the server wants to be asked with next time: ``etag`` and ``last_modified``.

    What could not be sent back as a header is as good as nothing: the source would never be
    fetched again.
    """
    said = {"etag": headers.get("etag"), "last_modified": headers.get("last-modified")}
    return {
        name: value if value and _SENDABLE.fullmatch(value) else None
        for name, value in said.items()
    }


def seconds_of(said: str) -> int | None:
    """Read a header's number of seconds; None where it is none. All beyond ten digits are one."""
    said = said.strip()
    if not (said.isascii() and said.isdecimal()):
        return None
    digits = said.lstrip("0") or "0"
    return int(digits) if len(digits) <= len(str(_MOST_SECONDS)) else _MOST_SECONDS


def _max_age(headers: Mapping[str, str]) -> timedelta:
    said = headers.get("cache-control", "")
    found = _MAX_AGE.search(said)
    if found is None or _NEVER_REUSED.search(said):
        return timedelta(0)
    age = headers.get("age", "")
    seconds = int(found[1]) - (seconds_of(age) or 0)
    return timedelta(seconds=max(min(seconds, int(_LONGEST_MAX_AGE.total_seconds())), 0))


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    said = headers.get("retry-after", "").strip()
    seconds = seconds_of(said)
    if seconds is not None:
        return timedelta(seconds=seconds)
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return timedelta(0)
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now, timedelta(0))

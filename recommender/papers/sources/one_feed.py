"""Room 1, papers: which sources are one feed since their addresses moved. Pure.

A feed is one source: fetched under two names, it would point at each of its papers twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote
from typing import Final
from urllib.parse import urlsplit

from recommender.domain import Source

_PORTS: Final = {"http": 80, "https": 443}


def address_key(url: str) -> str:
    """Return what is the same of all ways to write one address."""
    try:
        parts = urlsplit(url.partition("#")[0])
        port = parts.port
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    at = "" if port in (None, _PORTS.get(scheme)) else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{host}{at}{parts.path or '/'}{query}"


def at_address(url: str, known: Iterable[Source]) -> Source | None:
    """Find the source that was added with an address, or is fetched there."""
    key = address_key(url)
    return next(
        (each for each in known if key in (address_key(each.url), address_key(each.location))), None
    )


def answered_by(source: Source, location: str, known: Iterable[Source]) -> Source:
    """Return the source whose feed an answer is: another one's, where it was led to its address.

    Parameters
    ----------
    source : Source
        Which was asked.
    location : str
        Where the answer lay: behind redirects that may be others tomorrow.
    known : iterable of Source
        The one that was added first is taken, where several are fetched there.
    """
    key = address_key(location)
    if address_key(source.location) == key:
        return source
    there = [each for each in known if address_key(each.location) == key]
    return min(there, key=lambda each: each.id) if there else source


def same_feed(source: Source, known: Iterable[Source]) -> list[Source]:
    """Return the other sources that are fetched where this one is."""
    key = address_key(source.location)
    return [each for each in known if each.id != source.id and address_key(each.location) == key]


def fetched_as(known: Iterable[Source]) -> dict[int, Source]:
    """Return by the number of each source that needs no fetching which one is fetched for it.

    Of those at one address, the one that was added first is: its history is the longest. What the
    operator paused is neither.
    """
    first: dict[str, Source] = {}
    others = {}
    for each in sorted(known, key=lambda source: source.id):
        if not each.paused_because:
            kept = first.setdefault(address_key(each.location), each)
            if kept is not each:
                others[each.id] = kept
    return others


def fetched(known: Iterable[Source]) -> list[Source]:
    """Return the sources that are fetched, the one that waits for longest first."""
    known = list(known)
    others = fetched_as(known)
    return sorted(
        (
            each
            for each in known
            if not (each.paused_because or each.is_by_mail or each.id in others)
        ),
        key=lambda source: (source.next_fetch_at, source.id),
    )


def how_to_remove(source: Source) -> str:
    """Return what an operator does about a source that is not needed."""
    if source.is_configured:
        return "take it out of the configuration, below [[sources]]"
    return f"`recommender sources remove {quote(source.name)}` takes it out"

"""Jobs: which sources there are: added, removed, paused, exchanged with feed readers, listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from recommender.domain import MAIL_SCHEME, Source
from recommender.errors import NotFoundError, SourceError
from recommender.jobs.issues.offer import offered_since
from recommender.jobs.services import Services, WantedSource
from recommender.papers.sources.one_feed import at_address, fetched_as, same_feed
from recommender.papers.sources.opml import NamedFeed, parse_opml, write_opml
from recommender.papers.sources.polling import LONGEST_MINUTES, SHORTEST_MINUTES
from recommender.papers.sources.presets import MOST_NAME_CHARACTERS, address_of
from recommender.papers.sources.rhythm import HISTORY_DAYS, with_silent_days
from recommender.papers.sources.source_states import JudgedSource, judge_all
from recommender.store import digests, sources
from recommender.store.database import Session
from recommender.tokens import random_address_token
from recommender.wording import one_line

DIGEST_TAG: Final = "digest"
"""Begins the plus-tags of addresses to which mail brings papers."""

PAUSED_BY_HAND: Final = "paused by the operator; `recommender sources resume` goes on"


def adopt_configured(services: Services) -> None:
    """Have the sources of the configuration be those of the installation.

    What stands there is added or renamed, and what stood there and does not any more is removed;
    sources that were added by command stay.
    """
    wanted = {each.url: each for each in services.sources.configured}
    with services.database.read() as session:
        known = sources.every(session)
        if not _gone(known, wanted) and not _changed(known, wanted):
            return
    with services.change() as session:
        known = sources.every(session)
        for source in _gone(known, wanted):
            _forget(session, source)
        for each in _changed(known, wanted):
            _adopt(session, each, now=services.clock())


def _gone(known: Iterable[Source], wanted: Mapping[str, WantedSource]) -> list[Source]:
    return [each for each in known if each.is_configured and each.url not in wanted]


def _changed(known: Iterable[Source], wanted: Mapping[str, WantedSource]) -> list[WantedSource]:
    as_known = {
        each.url: WantedSource(each.url, each.name, each.every_minutes)
        for each in known
        if each.is_configured
    }
    return [each for each in wanted.values() if as_known.get(each.url) != each]


def _adopt(session: Session, wanted: WantedSource, *, now: datetime) -> None:
    source = sources.find(session, wanted.url)
    if source is None or source.url != wanted.url:
        sources.add(
            session,
            name=free_name(session, wanted.name),
            url=wanted.url,
            every_minutes=wanted.every_minutes,
            is_configured=True,
            now=now,
        )
        return
    sources.change(
        session,
        source.id,
        name=free_name(session, wanted.name, but=source.id),
        every_minutes=wanted.every_minutes,
        is_configured=True,
    )


def free_name(session: Session, name: str, *, but: int | None = None) -> str:
    """Return a name that no other source has: this one, or with a number."""
    taken = {each.name for each in sources.every(session) if each.id != but}
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def add(
    services: Services, given: str, *, name: str = "", every_minutes: int | None = None
) -> Source:
    """Add a source unseen; the daemon fetches it at once.

    Parameters
    ----------
    given, name, every_minutes
        See `wanted_source`.

    Raises
    ------
    SourceError
        If it is none, or there already.
    """
    wanted = wanted_source(given, name=name, every_minutes=every_minutes)
    with services.change() as session:
        return insert(services, session, wanted)


def add_unless_known(services: Services, given: str) -> None:
    """Add a source as `add` does; nothing is done where there is one of this address by now.

    Raises
    ------
    SourceError
        If it is none, or another one has its name.
    """
    wanted = wanted_source(given)
    with services.change() as session:
        if at_address(wanted.url, sources.every(session)) is None:
            insert(services, session, wanted)


def wanted_source(given: str, *, name: str = "", every_minutes: int | None = None) -> WantedSource:
    """Read what an operator typed.

    Parameters
    ----------
    given : str
        An address, or a preset: see `papers.presets`.
    name : str
        Empty: the preset, or the address.
    every_minutes : int or None

    Raises
    ------
    SourceError
        If it is neither, or something of it is out of bounds.
    """
    url, usual_name = address_of(given)
    if every_minutes is not None and not SHORTEST_MINUTES <= every_minutes <= LONGEST_MINUTES:
        raise SourceError(
            f"every {every_minutes} minutes is too often or too rarely; give {SHORTEST_MINUTES} to "
            f"{LONGEST_MINUTES}"
        )
    return WantedSource(url, _checked_name(name) or usual_name, every_minutes)


def insert(services: Services, session: Session, wanted: WantedSource) -> Source:
    """Add a source that no configuration names, inside the caller's transaction.

    Raises
    ------
    SourceError
        If it is there already.
    """
    refuse_known(session, wanted)
    return sources.add(
        session,
        name=wanted.name,
        url=wanted.url,
        every_minutes=wanted.every_minutes,
        is_configured=False,
        now=services.clock(),
    )


def refuse_known(session: Session, wanted: WantedSource) -> None:
    """Raise `SourceError` if there is a source of this address or name."""
    same = at_address(wanted.url, sources.every(session))
    if same is not None:
        raise SourceError(
            f"{wanted.url} is the source '{same.name}' already; `recommender sources list` says "
            "how it fares"
        )
    known = sources.find(session, wanted.name)
    if known is not None:
        raise SourceError(
            f"there is a source '{known.name}' already, {known.location}; take another name, or "
            "`recommender sources remove` that one"
        )


def add_mail(services: Services, *, name: str = "") -> Source:
    """Make an address to which mail brings papers.

    Parameters
    ----------
    name : str
        Empty: ``mail``, with a number where that is taken.

    Raises
    ------
    SourceError
        If there is a source of this name.
    """
    called = _checked_name(name)
    tag = f"{DIGEST_TAG}-{random_address_token()}"
    with services.change() as session:
        if called and sources.find(session, called) is not None:
            raise SourceError(
                f"there is a source '{called}' already; take another name, or `recommender sources "
                "remove` that one"
            )
        return sources.add(
            session,
            name=called or free_name(session, "mail"),
            url=_mail_url(services, tag),
            every_minutes=None,
            is_configured=False,
            now=services.clock(),
        )


def location_of(services: Services, source: Source) -> str:
    """Return where a source is fetched, or the address to which its mail is sent now."""
    if not source.is_by_mail:
        return source.location
    # list.address may have changed since it was added.
    return _mail_url(services, mail_tag_of(source))


def mail_tag_of(source: Source) -> str:
    """Return the plus-tag of the address to which a source's mail comes."""
    return source.url.rpartition("@")[0].partition("+")[2]


def _mail_url(services: Services, tag: str) -> str:
    local_part, _, domain = services.site.list_address.rpartition("@")
    return f"{MAIL_SCHEME}{local_part}+{tag}@{domain}"


def _checked_name(name: str) -> str:
    name = one_line(name)
    if len(name) > MOST_NAME_CHARACTERS:
        raise SourceError(f"a name has at most {MOST_NAME_CHARACTERS} characters; shorten it")
    return name


def rename(services: Services, name: str, new_name: str) -> Source:
    """Call a source something else; what it brought stays its own.

    Raises
    ------
    SourceError
        If another one has that name, or it stands in the configuration, which names it.
    NotFoundError
    """
    new_name = _checked_name(new_name)
    if not new_name:
        raise SourceError("a source needs a name; give one")
    with services.change() as session:
        source = _find(session, name)
        if source.is_configured:
            raise SourceError(
                f"'{source.name}' stands in the configuration; give it another `name` there, below "
                "[[sources]]"
            )
        if free_name(session, new_name, but=source.id) != new_name:
            raise SourceError(f"there is a source '{new_name}' already; choose another name")
        sources.change(session, source.id, name=new_name)
    return source


def remove(services: Services, name: str) -> Source:
    """Forget a source; what it brought stays.

    Raises
    ------
    SourceError
        If it stands in the configuration, which would bring it back.
    NotFoundError
    """
    with services.change() as session:
        source = _find(session, name)
        if source.is_configured:
            raise SourceError(
                f"'{source.name}' stands in the configuration; take it out there, below [[sources]]"
            )
        _forget(session, source)
    return source


def _forget(session: Session, source: Source) -> None:
    """Remove a source; what it brought was brought by its feed, if another one has that."""
    others = same_feed(source, sources.every(session))
    if others:
        digests.hand_over(session, source.url, others[0].url)
    sources.remove(session, source.id)


def pause(services: Services, name: str) -> Source:
    """Fetch a source no more, until it is resumed.

    Raises
    ------
    NotFoundError
    """
    with services.change() as session:
        source = _find(session, name)
        note_silence(session, source, now=services.clock())
        sources.change(session, source.id, paused_because=PAUSED_BY_HAND)
    return source


def note_silence(session: Session, source: Source, *, now: datetime) -> None:
    """Write down on which days mail could have come and none did, up to today."""
    if source.is_by_mail:
        known = sources.days_of(session, source.id, now.date() - timedelta(days=HISTORY_DAYS))
        for each in with_silent_days(source, known, now=now)[len(known) :]:
            sources.note_day(session, source.id, each)


def resume(services: Services, name: str) -> Source:
    """Fetch a source again, at once.

    Raises
    ------
    NotFoundError
    """
    with services.change() as session:
        source = _find(session, name)
        sources.change(
            session,
            source.id,
            paused_because="",
            failures=0,
            last_message="",
            next_fetch_at=services.clock(),
        )
    return source


def fetch_soon(services: Services, source: Source) -> bool:
    """Have a source fetched at once that failed, and tell whether it waited for that."""
    kept = fetched_for(services, source)
    if kept.paused_because or not kept.failures or kept.next_fetch_at <= services.clock():
        return False
    with services.change() as session:
        sources.change(session, kept.id, next_fetch_at=services.clock())
    return True


def find(services: Services, name: str) -> Source:
    """Find a source by name or address.

    Raises
    ------
    NotFoundError
    """
    with services.database.read() as session:
        return _find(session, name)


def found(services: Services, name: str) -> Source | None:
    """Find a source by name or address, if it is one."""
    with services.database.read() as session:
        return _lookup(session, one_line(name))


def _lookup(session: Session, name: str) -> Source | None:
    tag = name.rpartition("@")[0].partition("+")[2].lower()
    return sources.find(session, name) or (sources.by_mail_tag(session, tag) if tag else None)


def _find(session: Session, name: str) -> Source:
    source = _lookup(session, one_line(name))
    if source is None:
        raise NotFoundError(
            f"there is no source '{one_line(name)}'; `recommender sources list` names them all"
        )
    return source


def fetched_for(services: Services, source: Source) -> Source:
    """Return the source that is fetched for a feed: this one, or another one of its address."""
    with services.database.read() as session:
        return fetched_as(sources.every(session)).get(source.id, source)


def every(services: Services) -> list[JudgedSource]:
    """Judge how all sources fare."""
    with services.database.read() as session:
        since = offered_since(services, session)
        return judge_all(session, now=services.clock(), offered_since=since)


def import_opml(services: Services, content: bytes) -> tuple[list[Source], list[str], list[str]]:
    """Add the feeds of an OPML document.

    Returns
    -------
    added : list of Source
    renamed : list of str
        Which of them are called otherwise than there, because a name was taken.
    left : list of str
        Why others were not added.

    Raises
    ------
    SourceError
        If it names no feed.
    UnreadableError
        If it takes too much to read.
    """
    added, renamed, left = [], [], []
    for feed in services.reading.read(parse_opml, content):
        try:
            source = _add_named(services, feed)
        except SourceError as error:
            left.append(str(error))
            continue
        added.append(source)
        if feed.name and source.name != feed.name:
            renamed.append(f"{source.url} is called '{source.name}': '{feed.name}' was taken")
    return added, renamed, left


def _add_named(services: Services, feed: NamedFeed) -> Source:
    with services.database.read() as session:
        name = free_name(session, feed.name) if feed.name else ""
    return add(services, feed.url, name=name)


def export_opml(services: Services) -> tuple[str, list[Source]]:
    """Print the sources as OPML, for feed readers and other installations.

    Returns
    -------
    opml : str
    left : list of Source
        Those that mail brings: their addresses are this installation's, and secret.
    """
    with services.database.read() as session:
        known = sources.every(session)
    feeds = [NamedFeed(each.location, each.name) for each in known if not each.is_by_mail]
    opml = write_opml(feeds, title=f"Sources of {services.site.list_name}")
    return opml, [each for each in known if each.is_by_mail]

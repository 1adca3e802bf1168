"""Jobs: a subscriber lets us read their library at Zotero, sees how that goes, and takes it back.

Nothing here asks Zotero: a page waits for no other server. The daemon is woken, and reads what was
given; `library_sync` is that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recommender.domain import Library, Subscriber, SubscriberState
from recommender.errors import LibraryError
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.papers.sources.zotero import given_library
from recommender.sealing import Sealer
from recommender.store import libraries, papers
from recommender.store.database import Session

MOST_ITEMS: Final = 5_000
"""Of a library, the newest: more are not read."""

_READ_FOR: Final = (SubscriberState.ACTIVE, SubscriberState.PAUSED)


@dataclass(frozen=True, slots=True)
class ShownLibrary:
    """What a subscriber is shown of the library that they let us read; never its key.

    Attributes
    ----------
    called : str
        Which one it is, as it could be typed.
    has_key : bool
    papers : int
        Those that are known from it.
    items : int
        What it has in all, files and notes too.
    last_synced_at : datetime or None
    problem : str
        Why it is not read; empty where it is.
    is_stopped : bool
        It is not tried again by itself.
    """

    called: str
    has_key: bool
    papers: int
    items: int
    last_synced_at: datetime | None
    problem: str
    is_stopped: bool


def sealer_of(services: Services) -> Sealer:
    """Return what seals the keys to libraries, and nothing else."""
    return Sealer(services.signer.derived_keys("recommender.library-key"))


def give(
    services: Services, session: Session, subscriber: Subscriber, place: str, key: str
) -> None:
    """Take which library a subscriber lets us read, instead of any before.

    Parameters
    ----------
    place, key : str
        See `given_library`.

    Raises
    ------
    LibraryError
        If it is none, or they get no mails.
    """
    if not services.libraries.is_offered:
        raise LibraryError(Message("libraries are not read here; ask whoever runs this list"))
    if subscriber.state not in _READ_FOR:
        raise LibraryError(
            Message("your library is read only while you get mails; subscribe again first")
        )
    given = given_library(place, key)
    libraries.give(
        session,
        subscriber.id,
        given.address,
        sealed_key=sealer_of(services).seal(given.key) if given.key else None,
        now=services.clock(),
    )


def remove(session: Session, subscriber_id: int) -> None:
    """Forget a subscriber's library, its key, and that its papers are known to them."""
    libraries.remove(session, subscriber_id)


def shown(session: Session, subscriber_id: int) -> ShownLibrary | None:
    """Return what a subscriber is shown of their library; None where they gave none."""
    library = libraries.of_subscriber(session, subscriber_id)
    if library is None:
        return None
    return ShownLibrary(
        called=_called(library),
        has_key=library.sealed_key is not None,
        papers=libraries.count_papers(session, library.id),
        items=library.items,
        last_synced_at=library.last_synced_at,
        problem=library.message,
        is_stopped=library.is_stopped,
    )


def exported(session: Session, subscriber_id: int) -> dict[str, Any] | None:
    """Return everything that is kept of a subscriber's library, but for its key."""
    library = shown(session, subscriber_id)
    if library is None:
        return None
    known = libraries.known_papers(session, [subscriber_id], most=MOST_ITEMS)
    in_it = known.get(subscriber_id, [])
    titles = papers.by_ids(session, [each.paper_id for each in in_it])
    return {
        "library": library.called,
        "has_key": library.has_key,
        "last_synced_at": library.last_synced_at,
        "problem": library.problem,
        "papers": [
            {
                "paper_id": each.paper_id,
                "title": titles[each.paper_id].title,
                "added_at": each.added_at,
            }
            for each in in_it
        ],
    }


def _called(library: Library) -> str:
    owner, collection = library.address.owner, library.address.collection
    if owner == "users":
        owner = library.address.username or Message("the library of your key")
    if not collection:
        return owner
    return Message("%(library)s, collection %(collection)s", library=owner, collection=collection)

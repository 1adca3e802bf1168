"""Jobs: what a subscriber says of one of their interests: a name, a pause, that it is none.

Interests are found anew at each fit. What is said of one is kept with its papers, by which the
next fits know it again; see `interests.kept_interests`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from recommender.domain import InterestState, KeptInterest
from recommender.errors import PreferenceError
from recommender.jobs.issues.learning import taste_learned_of
from recommender.jobs.people.preferences import own_page
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.store import kept_interests
from recommender.store.database import Session

NAME_MAX_CHARACTERS: Final = 60
KEPT_MAX: Final = 50

_GONE: Final = Message("your interests changed meanwhile; here they are as they are now")


@dataclass(frozen=True, slots=True)
class Meant:
    """Which interest something is said of.

    Attributes
    ----------
    interest_id : int
        One that is kept; 0 where it is none yet.
    papers : frozenset of int
        Some of its papers, where it is none yet.
    """

    interest_id: int
    papers: frozenset[int] = frozenset()


def parse_name(text: str) -> str:
    """Return a name as it is kept; empty where there is none.

    Raises
    ------
    PreferenceError
        If it is too long.
    """
    name = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    if len(name) > NAME_MAX_CHARACTERS:
        raise PreferenceError(
            "name", Message("a name has %(most)s characters at most", most=NAME_MAX_CHARACTERS)
        )
    return name


def find_meant(services: Services, token: str, meant: Meant) -> KeptInterest:
    """Return the interest that is meant, as it is learned today; one that is new has the id 0.

    Raises
    ------
    PreferenceError
        If there is none such any more.
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        kept = kept_interests.of_subscriber(session, subscriber.id)
    learned = taste_learned_of(services, subscriber).interests
    known = next((each for each in kept if each.id == meant.interest_id), None)
    if known is None and not meant.papers:
        raise PreferenceError("interest", _GONE)
    for each in learned:
        is_it = known is not None and each.kept is not None and each.kept.id == known.id
        if is_it or (known is None and _has_most(each.papers, meant.papers)):
            before = each.kept or KeptInterest(
                0, "", "", InterestState.ACTIVE, frozenset(), services.clock()
            )
            return replace(
                before, phrases=each.phrases, papers=each.papers, said_at=services.clock()
            )
    if known is None:
        raise PreferenceError("interest", _GONE)
    return replace(known, said_at=services.clock())


def keep(session: Session, subscriber_id: int, interest: KeptInterest) -> None:
    """Keep what is said of an interest; one without a name that goes on as any other needs no row.

    Raises
    ------
    PreferenceError
        If they have too many, or it was forgotten meanwhile.
    """
    kept = kept_interests.of_subscriber(session, subscriber_id)
    if interest.id and interest.id not in {each.id for each in kept}:
        raise PreferenceError("interest", _GONE)
    if interest.state is InterestState.ACTIVE and not interest.name:
        kept_interests.remove(session, interest.id)
        return
    if not interest.id and len(kept) >= KEPT_MAX:
        raise PreferenceError(
            "interest",
            Message(
                "%(most)s interests can be kept; bring back or unname some of them first",
                most=KEPT_MAX,
            ),
        )
    kept_interests.put(session, subscriber_id, interest)


def _has_most(papers: Collection[int], some: frozenset[int]) -> bool:
    return 2 * len(some.intersection(papers)) > len(some)

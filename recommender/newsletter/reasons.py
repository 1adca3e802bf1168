"""Newsletter room: why a paper is in an issue, and whether that is the reader's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recommender.newsletter.corpus import Attention
from recommender.newsletter.wish_index import WishMatch

EXPLORED_REASON: Final = "a suggestion outside your usual topics"
CLOSE_REASON: Final = "close to what you like"
"""Where interest placed a paper, and no single liked paper, phrase or author stands near it."""

_RANKS_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper is here.

    Attributes
    ----------
    words : str
    is_personal : bool
        They name something of the reader's own: what they like, said or follow.
    """

    words: str
    is_personal: bool


def reason_in_words(
    personal: str | None, attention: Attention, *, by_interest: bool, interest_name: str = ""
) -> Reason:
    """Return what they like first, and public attention where it carried more.

    Parameters
    ----------
    personal : str or None
        What of their interest explains the paper; None where nothing does.
    by_interest : bool
        Their interest carried more than public attention.
    interest_name : str
        What they call the one of their interests that the liked paper belongs to which is nearest;
        empty where they gave no name.
    """
    if interest_name and personal is not None and interest_name not in personal:
        personal = f"for your interest {interest_name}; {personal}"
    if by_interest:
        return Reason(personal or CLOSE_REASON, is_personal=True)
    public = trend_in_words(attention)
    if personal is None:
        return Reason(public, is_personal=False)
    return Reason(f"{personal}; {public}", is_personal=True)


def followed_reason(match: WishMatch, reason: Reason) -> Reason:
    """Put first that a paper is here because they follow something, then why else."""
    return Reason(f"you follow {match.words}; {reason.words}", is_personal=True)


def trend_in_words(attention: Attention) -> str:
    """Return what public attention a paper has: ``trending: number 4 in the digest of Mar 11``.

    A rank behind the first ten is no reason to read a paper, so it is not told. Its upvotes stand
    beside it in the mail, so they are not said again.
    """
    day = f"{attention.newest_on:%b} {attention.newest_on.day}"
    number = f"number {attention.rank} in the " if attention.rank <= _RANKS_TOLD else ""
    if attention.digests > 1:
        where = f"in {attention.digests} digests"
        return f"trending: {where}, {number}newest" if number else f"trending: {where}"
    return f"trending: {number}digest of {day}" if number else f"trending: in the digest of {day}"

"""Newsletter room: why a paper is in an issue, and whether that is the reader's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from recommender.languages.messages import Message
from recommender.newsletter.corpus import Attention
from recommender.newsletter.wish_index import WishMatch

EXPLORED_REASON: Final = Message("a suggestion outside your usual topics")
CLOSE_REASON: Final = Message("close to what you like")
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
        personal = Message(
            "for your interest %(name)s; %(reason)s", name=interest_name, reason=personal
        )
    if by_interest:
        return Reason(personal or CLOSE_REASON, is_personal=True)
    public = trend_in_words(attention)
    if personal is None:
        return Reason(public, is_personal=False)
    both = Message("%(reason)s; %(further)s", reason=personal, further=public)
    return Reason(both, is_personal=True)


def followed_reason(match: WishMatch, reason: Reason) -> Reason:
    """Put first that a paper is here because they follow something, then why else."""
    words = Message("you follow %(words)s; %(further)s", words=match.words, further=reason.words)
    return Reason(words, is_personal=True)


# The same papers reach many readers of a day.
@lru_cache(maxsize=5_000)
def trend_in_words(attention: Attention) -> str:
    """Return what public attention a paper has: ``trending: number 4 in the digest of Mar 11``.

    A rank behind the first ten is no reason to read a paper, so it is not told. Its upvotes stand
    beside it in the mail, so they are not said again.
    """
    rank, day = attention.rank, attention.newest_on
    is_told = rank <= _RANKS_TOLD
    if attention.digests > 1 and is_told:
        return Message(
            "trending: in %(digests)s digests, number %(rank)s in the newest",
            digests=attention.digests,
            rank=rank,
        )
    if attention.digests > 1:
        return Message("trending: in %(digests)s digests", digests=attention.digests)
    if is_told:
        return Message("trending: number %(rank)s in the digest of %(day)s", rank=rank, day=day)
    return Message("trending: in the digest of %(day)s", day=day)

"""Jobs: why a run has no issue for anybody, in words with the fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recommender.domain import SubscriberState
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues.offer import Offer, read_offer
from recommender.jobs.services import Services
from recommender.store import counts, subscribers
from recommender.wording import counted, listed

_RECEIVING: Final = (SubscriberState.ACTIVE, SubscriberState.PAUSED)


@dataclass(frozen=True, slots=True)
class NobodyServed:
    """A run that had no issue for anybody.

    Attributes
    ----------
    by_state : mapping of str to int
        Subscribers, in all or the one who was asked for.
    only : str
        The address of that one, empty where all were asked for.
    next_due_at : datetime or None
        When the next issue of any of them is due.
    is_now : bool
        The run did not wait for that.
    without_news : int
        For whom an issue was planned, and nothing was new to them.
    papers : int
        How many papers there are.
    offer : Offer
        What newsletters may have.
    """

    by_state: Mapping[str, int]
    only: str
    next_due_at: datetime | None
    is_now: bool
    without_news: int
    papers: int
    offer: Offer


def describe_nobody_served(run: NobodyServed) -> str:
    """Return why nobody got an issue, and what to do where something can be done."""
    receiving = sum(run.by_state.get(state, 0) for state in _RECEIVING)
    if not receiving:
        return _nobody_subscribed(run)
    if run.without_news:
        return _nothing_new(run)
    if not run.is_now and run.next_due_at is not None:
        due = f"{run.only} is due at" if run.only else "nobody is due before"
        return f"{due} {run.next_due_at:%Y-%m-%d %H:%M} UTC; `send --now` does not wait for that"
    if not run.by_state.get(SubscriberState.ACTIVE):
        return (
            f"{run.only or 'everybody who is subscribed'} is paused; an issue comes when that ends"
        )
    return (
        f"{run.only or 'everybody'} had today's issue, and neither a digest nor a rating came since"
    )


def why_nobody_served(
    services: Services, *, only: str | None, is_now: bool, without_news: int
) -> str:
    """Return why a run had no issue for anybody.

    Parameters
    ----------
    only : str or None
        The address of the one subscriber whom it was for.
    is_now : bool
        It did not wait for anybody's hour.
    without_news : int
        For whom an issue was planned, and nothing was new to them.

    Raises
    ------
    AddressError, NotFoundError
        If ``only`` is nobody's address.
    """
    subscriber = None if only is None else find_subscriber(services, only)
    offer = read_offer(services)
    with services.database.read() as session:
        rows = counts.row_counts(session)
        run = NobodyServed(
            by_state=rows.subscribers if subscriber is None else {subscriber.state: 1},
            only="" if subscriber is None else subscriber.email,
            next_due_at=(
                subscribers.next_due_at(session) if subscriber is None else subscriber.next_issue_at
            ),
            is_now=is_now,
            without_news=without_news,
            papers=rows.papers,
            offer=offer,
        )
    return describe_nobody_served(run)


def _nobody_subscribed(run: NobodyServed) -> str:
    there = [(state, number) for state, number in run.by_state.items() if number]
    if not there:
        return "nobody is subscribed; see `recommender subscribers add --help`, or the front page"
    if run.only:
        return f"{run.only} is {there[0][0]}, and only who is active gets issues"
    states = listed([f"{number:,} {state}" for state, number in there])
    return f"nobody is active ({states}); only who is active gets issues"


def _nothing_new(run: NobodyServed) -> str:
    if not run.papers:
        return "there are no papers yet; ingest a digest, or `recommender sources add` one"
    offer = run.offer
    most = "the one paper" if offer.papers == 1 else f"all {offer.papers:,} papers"
    older = run.papers - offer.papers
    too_old = (
        f" ({counted(older, 'paper')} beside these: older than newsletter.window_days, "
        f"{offer.window_days}, or in no digest)"
        if older > 0
        else ""
    )
    return (
        f"{run.only or 'everybody'} was sent, has rated or does not want {most} that digests "
        f"mention since {offer.since}{too_old}; ingest a newer digest"
    )

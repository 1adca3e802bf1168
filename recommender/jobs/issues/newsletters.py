"""Jobs: issues are composed, frozen and queued, some subscribers at a time.

The number of an issue is taken by compare-and-set on the subscriber's row, in the transaction that
freezes the issue and queues its message. So however many processes compose at once, and wherever
one is killed, a subscriber has each issue once, or not yet.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from recommender.domain import DeliveryKind, Issue, IssueEntry, Subscriber, SubscriberState
from recommender.errors import RecommenderError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues.corpus import load_corpus
from recommender.jobs.issues.readers import load_readers, ranking_parameters
from recommender.jobs.outgoing.messages import issue_mail, new_message_id
from recommender.jobs.services import Services
from recommender.languages.catalogue import Language
from recommender.languages.negotiation import ENGLISH
from recommender.membership.preferences import describe_schedule
from recommender.newsletter.byline import byline
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import IssuePlan
from recommender.newsletter.issue import plan_issues as plan_issues_of
from recommender.newsletter.schedule import local_date, next_issue_at
from recommender.rendering import RenderedMail
from recommender.store import (
    counts,
    digests,
    issues,
    outbox,
    ratings,
    sending_pause,
    subscribers,
)
from recommender.store.database import Session
from recommender.store.outbox import NewDelivery
from recommender.store.subscribers import IssueClaim
from recommender.wording import counted

logger = logging.getLogger(__name__)

SUBSCRIBERS_AT_A_TIME: Final = 250
"""Whoever rates a paper on SQLite waits until so many are written, some hundredths of a second."""

ROOM_LOOKED_FOR_EVERY: Final = timedelta(minutes=5)
"""While the disk is nearly full."""


@dataclass(frozen=True, slots=True)
class PlannedIssue:
    """What one subscriber's next issue would be; ``plan`` is None where nothing is new to them."""

    subscriber: Subscriber
    date: date
    plan: IssuePlan | None

    @property
    def is_sent(self) -> bool:
        """Whether there is a mail to send. An empty welcome is one: somebody waits for it."""
        return self.plan is not None or self.subscriber.welcome_due


@dataclass(frozen=True, slots=True)
class ComposeReport:
    """What a run of composing came to.

    Attributes
    ----------
    issues, nothing_new : int
        Readers for whom there was one, and for whom nothing was new.
    fit_seconds : float
        How long it took to learn their interests and to rank papers.
    """

    issues: int
    nothing_new: int
    fit_seconds: float = field(default=0.0, compare=False)


def compose_issues(
    services: Services, *, only: str | None = None, now_even_if_not_due: bool = False
) -> ComposeReport:
    """Compose what is due, freeze it and queue its messages.

    Nothing while sending is paused, or the disk is nearly full: so whoever had to wait for the
    operator is sent one issue of what is new by then, and not one for each day.

    Parameters
    ----------
    only : str or None
        The address of one subscriber.
    now_even_if_not_due : bool
        Compose for everybody for whom a digest or a rating of theirs came since their last issue,
        whatever their hour and weekdays say. Who has today's issue already and for whom nothing
        changed gets no second one, so that the command can be repeated after it was interrupted.

    Raises
    ------
    AddressError, NotFoundError
        If ``only`` is nobody's address.
    """
    if _is_paused(services):
        return ComposeReport(0, 0)
    if trouble := services.database.write_probe.nearly_full():
        logger.error("%s", trouble)
        return ComposeReport(0, 0)
    composed = nothing_new = after_id = 0
    fit_seconds = 0.0
    corpus: Corpus | None = None
    choice = _Choice(services, only, now_even_if_not_due)
    with _without_collecting():
        while True:
            since = time.monotonic()
            with services.database.claim(partial(choice.claim, after_id=after_id)) as (some, write):
                if not some:
                    break
                after_id = some[-1].id
                if not (chosen := choice.with_news(some)):
                    continue
                # Read when the first one is due: most looks find nobody.
                corpus = corpus or load_corpus(services)
                planned = _plan(services, corpus, chosen)
                fit_seconds += time.monotonic() - since
                skipped = [each for each in planned if not each.is_sent]
                sent = [each for each in planned if each.is_sent]
                with write() as session:
                    composed += _freeze(services, session, sent)
                    for each in skipped:
                        _skip(services, session, each)
                    if sent:
                        # Whoever delivers, on whichever machine, begins while the rest is composed.
                        services.database.dialect.announce(session)
                nothing_new += len(skipped)
    if composed:
        logger.info("%s composed, %d without news", counted(composed, "issue"), nothing_new)
    return ComposeReport(composed, nothing_new, fit_seconds)


def plan_issues(
    services: Services, *, only: str | None = None, now_even_if_not_due: bool = False
) -> Iterator[PlannedIssue]:
    """Plan the issues that `compose_issues` would compose. Changes nothing."""
    choice = _Choice(services, only, now_even_if_not_due)
    corpus: Corpus | None = None
    after_id = 0
    while True:
        with services.database.read() as session:
            some = choice.read(session, after_id=after_id)
        if not some:
            return
        after_id = some[-1].id
        if chosen := choice.with_news(some):
            corpus = corpus or load_corpus(services)
            yield from _plan(services, corpus, chosen)


def preview(services: Services, address: str) -> RenderedMail:
    """Render a subscriber's next issue without composing it.

    Raises
    ------
    AddressError, NotFoundError
        If nobody has the address.
    RecommenderError
        If nothing is new to them.
    """
    subscriber = find_subscriber(services, address)
    (planned,) = _plan(services, load_corpus(services), [subscriber])
    if planned.plan is None:
        raise RecommenderError(f"nothing is new to {subscriber.email}; ingest a digest first")
    # Its links open no page: this issue does not exist yet.
    with services.database.read() as session:
        (issue,) = _with_thumbnails(services, session, [_issue(services, planned, number=0)])
    return issue_mail(services, subscriber, issue)


def next_issue_due_at(services: Services) -> datetime | None:
    """Return when the next issue may be composed; None: nobody waits, or sending is paused."""
    if _is_paused(services):
        return None
    with services.database.read() as session:
        due_at = subscribers.next_due_at(session)
    if due_at is not None and services.database.write_probe.nearly_full():
        return max(due_at, services.clock() + ROOM_LOOKED_FOR_EVERY)
    return due_at


def _is_paused(services: Services) -> bool:
    with services.database.read() as session:
        return sending_pause.paused_at(session) is not None


def deliveries_by_state(services: Services) -> dict[str, int]:
    """Count the deliveries in each state."""
    with services.database.read() as session:
        return counts.deliveries_by_state(session)


def describe_plan(planned: PlannedIssue) -> str:
    """Return in a line or more what an issue would be."""
    head = planned.subscriber.email
    if planned.plan is None:
        return f"{head}: nothing new"
    lines = [
        f"  {entry.position:>2}. {entry.ranking_score:.3f}  {entry.title}"
        f"{'  (outside the usual topics)' if entry.explored else ''}"
        for entry in planned.plan.entries
    ]
    return "\n".join([f"{head}: {len(lines)} papers", *lines])


def plan_as_json(planned: PlannedIssue) -> dict[str, Any]:
    """Return a planned issue with the breakdown of its scores, ready for JSON."""
    return {
        "subscriber": planned.subscriber.email,
        "date": planned.date.isoformat(),
        "papers": [
            {
                "position": entry.position,
                "paper": entry.paper_id,
                "title": entry.title,
                "ranking_score": entry.ranking_score,
                "trend_score": entry.trend_score,
                "interest_score": entry.interest_score,
                "interest_weight": entry.interest_weight,
                "reason": entry.reason,
                "explored": entry.explored,
                "propensity": entry.propensity,
            }
            for entry in (planned.plan.entries if planned.plan is not None else ())
        ],
    }


@dataclass(frozen=True, slots=True)
class _Choice:
    """For whom to compose, some at a time, by the ids of subscribers."""

    services: Services
    only: str | None
    now_even_if_not_due: bool

    def read(self, session: Session, *, after_id: int) -> list[Subscriber]:
        """Read the next ones."""
        if self.only is not None:
            return self._only(after_id)
        if self.now_even_if_not_due:
            return subscribers.active(session, after_id=after_id, limit=SUBSCRIBERS_AT_A_TIME)
        return subscribers.due(
            session, self.services.clock(), after_id=after_id, limit=SUBSCRIBERS_AT_A_TIME
        )

    def claim(self, session: Session, *, after_id: int) -> list[Subscriber]:
        """Read the next ones of those for whom no other process composes just now."""
        some = self.read(session, after_id=after_id)
        while some:
            if claimed := subscribers.keep_for_composing(session, some):
                return claimed
            some = self.read(session, after_id=some[-1].id)
        return []

    def with_news(self, some: Sequence[Subscriber]) -> list[Subscriber]:
        """Leave out those for whom nothing came since their last issue, where that is asked."""
        if not self.now_even_if_not_due:
            return list(some)
        return [each for each in some if _has_news(self.services, each)]

    def _only(self, after_id: int) -> list[Subscriber]:
        subscriber = find_subscriber(self.services, self.only or "")
        if self.now_even_if_not_due:
            is_chosen = subscriber.state is SubscriberState.ACTIVE
        else:
            due_at = subscriber.next_issue_at
            is_chosen = due_at is not None and due_at <= self.services.clock()
        return [subscriber] if is_chosen and subscriber.id > after_id else []


def _has_news(services: Services, subscriber: Subscriber) -> bool:
    """Return whether a digest or a rating of theirs came since their last issue."""
    if subscriber.last_issue_date is None:
        return True
    if subscriber.last_issue_date < local_date(subscriber.preferences, services.clock()):
        return True
    with services.database.read() as session:
        composed_at = issues.last_composed_at(session, subscriber.id)
        news = (
            digests.last_ingested_at(session),
            ratings.last_rated_at(session, subscriber.id),
        )
    return composed_at is None or any(moment and moment > composed_at for moment in news)


def _plan(services: Services, corpus: Corpus, some: Sequence[Subscriber]) -> list[PlannedIssue]:
    with services.database.read() as session:
        readers = load_readers(session, some)
        parameters = ranking_parameters(services, session)
    return [
        PlannedIssue(subscriber, local_date(subscriber.preferences, services.clock()), plan)
        for subscriber, plan in zip(some, plan_issues_of(corpus, readers, parameters), strict=True)
    ]


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause the garbage collector, for up to some seconds per ten thousand issues.

    Each batch makes tens of thousands of values, which reference counts free again. Each time the
    collector would walk through all that the process holds: a sixth of the time for composing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _skip(services: Services, session: Session, planned: PlannedIssue) -> None:
    due_at = next_issue_at(
        planned.subscriber.preferences,
        after=services.clock(),
        last_issue_date=planned.subscriber.last_issue_date,
    )
    subscribers.set_next_issue_at(session, planned.subscriber, due_at)


def _freeze(services: Services, session: Session, some: Sequence[PlannedIssue]) -> int:
    """Take the issues' numbers, freeze them and queue their messages.

    Returns
    -------
    int
        How many; those that another process took meanwhile are not among them.
    """
    numbers = subscribers.claim_issue_numbers(session, [_claim(services, each) for each in some])
    taken = [each for each in some if each.subscriber.id in numbers]
    frozen = _with_thumbnails(
        services, session, [_issue(services, each, numbers[each.subscriber.id]) for each in taken]
    )
    issue_ids = issues.add_all(session, frozen)
    outbox.enqueue_all(
        session,
        [
            NewDelivery(
                subscriber_id=each.subscriber.id,
                kind=DeliveryKind.WELCOME if issue.welcome else DeliveryKind.ISSUE,
                key=str(issue.number),
                recipient=each.subscriber.email,
                message_id=new_message_id(services),
                issue_id=issue_id,
            )
            for each, issue, issue_id in zip(taken, frozen, issue_ids, strict=True)
        ],
        now=services.clock(),
    )
    return len(taken)


def _with_thumbnails(
    services: Services, session: Session, some: Sequence[Issue]
) -> Sequence[Issue]:
    """Name the pictures that their mails show, where mails show any."""
    if not services.thumbnails.are_mailed:
        return some
    ids = {entry.paper_id for issue in some for entry in issue.entries}
    names = {at: each.name for at, each in services.thumbnails.of_papers(session, ids).items()}
    return [
        replace(
            issue,
            entries=tuple(
                replace(entry, thumbnail=names.get(entry.paper_id, "")) for entry in issue.entries
            ),
        )
        for issue in some
    ]


def _claim(services: Services, planned: PlannedIssue) -> IssueClaim:
    subscriber = planned.subscriber
    # An empty welcome is not that day's issue.
    issue_date = subscriber.last_issue_date if planned.plan is None else planned.date
    due_at = next_issue_at(
        subscriber.preferences, after=services.clock(), last_issue_date=issue_date
    )
    return IssueClaim(subscriber, issue_date, due_at)


def _told(language: Language, entries: tuple[IssueEntry, ...]) -> tuple[IssueEntry, ...]:
    """Return entries with their reasons in a language, in which they are frozen."""
    if language.tag == ENGLISH:
        return entries
    return tuple(replace(each, reason=language.told(each.reason)) for each in entries)


def _issue(services: Services, planned: PlannedIssue, number: int) -> Issue:
    plan = planned.plan or IssuePlan(services.site.curator, 0, 0, 0, ())
    language = services.renderer.in_language(planned.subscriber.language).language
    return Issue(
        id=0,
        subscriber_id=planned.subscriber.id,
        number=number,
        date=planned.date,
        curator=language.told(byline(plan.curator)),
        composed_at=services.clock(),
        likes=plan.likes,
        dislikes=plan.dislikes,
        saves=plan.saves,
        poor_signal=plan.poor_signal,
        unmet_interests=plan.unmet_interests,
        entries=_told(language, plan.entries),
        language=language.tag,
        welcome=planned.subscriber.welcome_due,
        schedule=language.told(describe_schedule(planned.subscriber.preferences)),
    )

"""An issue is composed once, whatever happens meanwhile, and stays what it was."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from recommender.domain import (
    Delivery,
    Issue,
    Subscriber,
    SubscriberState,
)
from recommender.errors import RecommenderError
from recommender.jobs.issues import newsletters
from recommender.jobs.issues.newsletters import ComposeReport
from recommender.jobs.outgoing import links, messages
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.store import outbox, subscribers
from recommender.tokens import Purpose

Subscribe = Callable[..., Subscriber]
Ingest = Callable[..., Any]
ComposeNow = Callable[..., ComposeReport]
IssuesOf = Callable[[Subscriber], list[Issue]]
MessagesTo = Callable[[Subscriber], list[Delivery]]
NowKnown = Callable[[Subscriber], Subscriber]

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SUBJECTS = ("graph pruning", "protein folding", "speech recognition", "federated learning")


def envelope_of(services: Services, delivery: Delivery) -> Envelope:
    return messages.message_builder(services)([delivery])(delivery)


def titles(day: str, number: int = 3) -> list[str]:
    return [f"{SUBJECTS[each % 4].title()} {day} {each}" for each in range(1, number + 1)]


def sent_titles(found: list[Issue]) -> list[str]:
    return [entry.title for issue in found for entry in issue.entries]


def test_no_paper_comes_twice_in_a_month_of_overlapping_digests(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    rate: Callable[..., None],
    issues_of: IssuesOf,
) -> None:
    rng = random.Random(1)  # noqa: S311 - which papers, not who may
    readers = [
        subscribe(f"r{number}", papers=number, weekdays=frozenset(range(7)))
        for number in (1, 5, 12)
    ]
    published: list[dict[str, Any]] = []
    rated: dict[int, set[str]] = {reader.id: set() for reader in readers}
    for day in range(28):
        for number in range(8):
            arxiv_id = f"2603.{day:02}{number:03}"
            published.append({"title": f"{SUBJECTS[number % 4]} {day} {number}", "id": arxiv_id})
        for _ in range(2):
            # The same papers from another source: under their DOI, or by title alone.
            some = rng.sample(published[-24:], 8)
            forms = [each if rng.random() < 0.6 else each["title"].upper() for each in some]
            ingest(forms, day=f"{clock.now:%Y-%m-%d}")
        clock.now += DAY
        newsletters.compose_issues(services)
        for reader in readers:
            found = issues_of(reader)
            if found and found[-1].composed_at == clock.now:
                assert rated[reader.id].isdisjoint(sent_titles(found[-1:]))
                chosen = {entry.title for entry in found[-1].entries if rng.random() < 0.3}
                rate(reader, chosen, rng.choice([1, -1]))
                rated[reader.id] |= chosen

    for reader in readers:
        found = issues_of(reader)
        assert len(found) == 28
        sent = [entry.paper_id for issue in found for entry in issue.entries]
        assert len(sent) == len(set(sent))
        by_title = [title.lower() for title in sent_titles(found)]
        assert len(by_title) == len(set(by_title))


REPLACED = b"""<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel>
<title>cs updates</title><item><title>Another title</title>
<link>https://arxiv.org/abs/2603.00001</link><description>Another abstract.</description>
<arxiv:announce_type>replace</arxiv:announce_type></item></channel></rss>"""


def test_a_composed_issue_stays_what_it_was(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    rate: Callable[..., None],
    compose_now: ComposeNow,
    messages_to: MessagesTo,
    stored_papers: Callable[[], Any],
) -> None:
    reader = subscribe()
    ingest([{"title": "One", "id": "2603.00001", "abstract": "An abstract."}, *titles("11")])
    compose_now()
    (message,) = messages_to(reader)
    before = envelope_of(services, message)
    assert before == envelope_of(services, message)

    clock.now += HOUR
    rate(reader, ["One"], -1)
    ingest(titles("12"))
    ingest(REPLACED)
    assert stored_papers()[0].title == "Another title"
    compose_now()
    assert before.content == envelope_of(services, message).content
    assert before == envelope_of(services, message)


def test_composing_at_once_gives_everybody_one_issue(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    issues_of: IssuesOf,
    messages_to: MessagesTo,
) -> None:
    readers = [subscribe(f"r{number}") for number in range(120)]
    ingest(titles("11"))
    clock.now += DAY
    barrier = threading.Barrier(4)
    reports: list[ComposeReport] = []

    def run() -> None:
        barrier.wait()
        reports.append(newsletters.compose_issues(services))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(report.issues for report in reports) == len(readers)
    for reader in readers:
        assert [issue.number for issue in issues_of(reader)] == [1]
        assert [message.key for message in messages_to(reader)] == ["1"]


@pytest.mark.parametrize("where", [(outbox, "enqueue_all"), (subscribers, "set_next_issue_at")])
def test_a_crash_while_composing_leaves_nothing_half(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    stored: Callable[[], Any],
    issues_of: IssuesOf,
    where: tuple[Any, str],
) -> None:
    first, second = subscribe("first"), subscribe("second")
    ingest(titles("11"))
    newsletters.compose_issues(services, only=second.email, now_even_if_not_due=True)
    with services.database.write() as session:
        # Due again with nothing new, so that the batch holds one issue and one without news.
        subscribers.set_state(
            session, second.id, SubscriberState.ACTIVE, next_issue_at=clock.now + HOUR
        )
    clock.now += DAY
    _, before = stored()

    def crash(*_args: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*where, crash)
        with pytest.raises(KeyboardInterrupt):
            newsletters.compose_issues(services)
    _, after = stored()
    assert before == after

    assert newsletters.compose_issues(services) == ComposeReport(issues=1, nothing_new=1)
    assert len(issues_of(first)) == 1


def test_who_leaves_while_their_issue_is_planned_has_none(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    messages_to: MessagesTo,
    now_known: NowKnown,
) -> None:
    reader = subscribe()
    ingest(titles("11"))
    clock.now += DAY
    unsubscribe = links.unsubscribe_url(services, reader, since=clock.now).rpartition("/")[2]
    looked_at: list[datetime] = []

    def clock_in_which_they_leave() -> datetime:
        looked_at.append(clock.now)
        # The first look chooses who is due; those after it plan and freeze their issues.
        if len(looked_at) == 2:
            with services.change() as session:
                payload = links.verify(services, session, unsubscribe, Purpose.UNSUBSCRIBE)
                subscriptions.unsubscribe(session, payload.subscriber_id, now=services.clock())
        return looked_at[-1]

    racing = replace(services, clock=clock_in_which_they_leave)
    assert newsletters.compose_issues(racing) == ComposeReport(issues=0, nothing_new=0)
    assert len(looked_at) > 2, "an issue was planned for them"
    assert messages_to(reader) == []
    assert now_known(reader).state is SubscriberState.UNSUBSCRIBED


def test_planning_and_previewing_change_nothing(
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    stored: Callable[[], Any],
) -> None:
    reader = subscribe()
    ingest(titles("11"))
    clock.now += DAY
    before = stored()
    (planned,) = newsletters.plan_issues(services)
    mail = newsletters.preview(services, reader.email)
    assert before == stored()
    assert planned.plan is not None
    for entry in planned.plan.entries:
        assert entry.title in mail.text.replace("\n    ", " ")
    assert newsletters.describe_plan(planned).startswith("reader@example.org: 3 papers")
    as_json = newsletters.plan_as_json(planned)
    assert [paper["position"] for paper in as_json["papers"]] == [1, 2, 3]
    assert [paper["explored"] for paper in as_json["papers"]] == [False] * 3
    assert [paper["propensity"] for paper in as_json["papers"]] == [1.0] * 3


def test_a_plan_tells_which_papers_are_suggestions_and_how_likely_they_were(
    services: Services, subscribe: Subscribe, ingest: Ingest, clock: Any
) -> None:
    subscribe()
    ingest(titles("11", 30))
    clock.now += DAY
    exploring = replace(services, ranking=replace(services.ranking, exploration=2))
    (planned,) = newsletters.plan_issues(exploring)
    shown = newsletters.plan_as_json(planned)["papers"]
    assert [paper["position"] for paper in shown if paper["explored"]] == [5, 10]
    assert all((paper["propensity"] < 1) == paper["explored"] for paper in shown)
    tried = [
        line
        for line in newsletters.describe_plan(planned).splitlines()
        if line.endswith("(outside the usual topics)")
    ]
    assert len(tried) == 2


def test_a_plan_is_what_is_composed(
    services: Services, subscribe: Subscribe, ingest: Ingest, clock: Any, issues_of: IssuesOf
) -> None:
    reader = subscribe(interests="protein folding")
    ingest(titles("11", 12))
    clock.now += DAY
    (planned,) = newsletters.plan_issues(services)
    newsletters.compose_issues(services)
    (issue,) = issues_of(reader)
    assert planned.plan is not None
    # Scores are kept to four decimals.
    scores = ("trend_score", "interest_score", "interest_weight", "ranking_score")
    assert [
        replace(each, **{name: round(getattr(each, name), 4) for name in scores})
        for each in planned.plan.entries
    ] == list(issue.entries)
    assert planned.date == issue.date


def test_preview_says_that_nothing_is_new(services: Services, subscribe: Subscribe) -> None:
    reader = subscribe()
    with pytest.raises(RecommenderError, match="nothing is new to reader"):
        newsletters.preview(services, reader.email)


def test_more_subscribers_than_one_batch_all_have_their_issue(
    subscribe: Subscribe, ingest: Ingest, compose_now: ComposeNow
) -> None:
    number = 2 * newsletters.SUBSCRIBERS_AT_A_TIME + 1
    for each in range(number):
        subscribe(f"r{each}")
    ingest(titles("11"))
    assert compose_now() == ComposeReport(issues=number, nothing_new=0)


def test_a_digest_of_the_same_moment_is_known(
    services: Services, subscribe: Subscribe, ingest: Ingest, clock: Any, issues_of: IssuesOf
) -> None:
    """The index of papers is made anew for each digest, not for each moment of the clock."""
    reader = subscribe()
    ingest(["First"])
    list(newsletters.plan_issues(services, now_even_if_not_due=True))
    ingest(["Second"])
    clock.now += DAY
    newsletters.compose_issues(services)
    assert sorted(sent_titles(issues_of(reader))) == ["First", "Second"]


def test_an_issue_is_as_long_as_it_was_asked_for(
    services: Services, subscribe: Subscribe, ingest: Ingest
) -> None:
    for number in (1, 10, 50):
        subscribe(f"r{number}", papers=number)
    ingest(titles("11", 30))
    lengths = [
        0 if planned.plan is None else len(planned.plan.entries)
        for planned in newsletters.plan_issues(services, now_even_if_not_due=True)
    ]
    assert lengths == [1, 10, 30]

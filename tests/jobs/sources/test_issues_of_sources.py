"""What subscribers are sent of papers that are fetched: what is new, and never an empty issue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local_web import LocalWeb, Reply, page

from recommender.domain import Issue, SourceState, Subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.sources.source_states import JudgedSource
from recommender.store.counts import row_counts

from .conftest import feed

EVERY_DAY = frozenset(range(7))


async def test_a_sliding_window_puts_no_paper_of_weeks_ago_on_top(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    subscribe: Callable[..., Subscriber],
) -> None:
    """A feed has its twenty newest, all with the date of today, and changes with each fetch."""
    clock: Any = services.clock
    subscribe(papers=10)
    managing.add(services, web.url("/feed"), name="window", every_minutes=360)
    poller = open_poller()
    titles = [f"Paper {n:02}" for n in range(41)]
    for day in range(21):
        for hour in range(0, 24, 6):
            newest_first = titles[day : day + 20][::-1]
            body = feed(newest_first, day=f"{clock.now:%Y-%m-%d}") + b"<!-- %d -->" % hour
            web.pages["/feed"] = page(Reply(200, {}, body))
            await poller.round()
            clock.now += timedelta(hours=7 if hour == 18 else 6)
        clock.now -= timedelta(hours=1)

    with services.database.read() as session:
        assert row_counts(session).mentions == row_counts(session).papers == 40
    [planned] = newsletters.plan_issues(services, now_even_if_not_due=True)
    assert planned.plan is not None
    shown = [each.title for each in planned.plan.entries]
    assert shown[0] == "Paper 39"
    assert set(shown[:5]) <= set(titles[33:40])


async def test_no_empty_issue_goes_out_while_all_sources_are_broken(
    *,
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    subscribe: Callable[..., Subscriber],
    issues_of: Callable[[Subscriber], list[Issue]],
    messages_to: Callable[[Subscriber], list[Any]],
    judged: Callable[[], dict[str, JudgedSource]],
) -> None:
    clock: Any = services.clock
    reader = subscribe(weekdays=EVERY_DAY)
    for name in ("one", "two"):
        web.pages[f"/{name}"] = page(Reply(200, {}, feed([f"Paper of {name}"])))
        managing.add(services, web.url(f"/{name}"), name=name)
    poller = open_poller()
    await poller.round()
    clock.now += timedelta(days=1)
    newsletters.compose_issues(services)
    for name in ("one", "two"):
        web.pages[f"/{name}"] = page(Reply(500))
    for _ in range(7 * 4):
        await poller.round()
        newsletters.compose_issues(services)
        clock.now += timedelta(hours=6)
    assert {each.verdict.state for each in judged().values()} == {SourceState.BROKEN}
    assert len(issues_of(reader)) == len(messages_to(reader)) == 1

    # One is back: an issue is what is there.
    web.pages["/two"] = page(Reply(200, {}, feed(["It is back"], day=f"{clock.now:%Y-%m-%d}")))
    for _ in range(8):
        await poller.round()
        newsletters.compose_issues(services)
        clock.now += timedelta(hours=6)
    assert [[each.title for each in issue.entries] for issue in issues_of(reader)[1:]] == [
        ["It is back"]
    ]

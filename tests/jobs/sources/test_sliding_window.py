"""A feed that is polled for three weeks has its newest papers on top, whatever it still holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local_web import LocalWeb, Reply, page

from recommender.jobs.issues.corpus import load_corpus
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller

from .conftest import feed

DAYS, WINDOW, NEW_A_DAY = 21, 20, 3


async def test_nothing_old_is_on_top_of_a_window_that_is_polled_for_three_weeks(
    services: Services, web: LocalWeb, open_poller: Callable[..., Poller], clock: Any
) -> None:
    managing.add(services, web.url("/feed"), name="Journal")
    poller = open_poller()
    for passed in range(DAYS):
        newest = WINDOW + NEW_A_DAY * passed
        titles = [f"Paper {n}" for n in range(newest - 1, newest - WINDOW - 1, -1)]
        web.pages["/feed"] = page(Reply(200, {}, feed(titles, day=f"{clock.now:%Y-%m-%d}")))
        for _ in range(4):
            await poller.round()
            clock.now += timedelta(hours=6)

    corpus = load_corpus(services)
    order = sorted(range(len(corpus.candidates)), key=lambda at: -corpus.trend_scores[at])
    ranked = [int(corpus.index.papers[corpus.candidates[at]].title.split()[1]) for at in order]
    everything = WINDOW + NEW_A_DAY * (DAYS - 1)
    assert sorted(ranked) == list(range(everything))
    assert ranked[0] == everything - 1
    assert min(ranked[:10]) >= everything - 9 * NEW_A_DAY
    assert min(map(ranked.index, range(WINDOW))) > everything // 3

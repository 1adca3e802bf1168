"""What a server has as a gzip file is read like the feed in it, whatever its headers say."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from local_web import LocalWeb, Reply, page

from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.sources.source_states import JudgedSource

from .conftest import feed


async def test_a_packed_feed_becomes_papers(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    judged: Callable[[], dict[str, JudgedSource]],
) -> None:
    packed = gzip.compress(feed(["One", "Two"]))
    web.pages["/feed.xml.gz"] = page(Reply(200, {"Content-Type": "application/gzip"}, packed))
    web.pages["/broken.gz"] = page(Reply(200, {"Content-Type": "application/gzip"}, packed[:-20]))
    managing.add(services, web.url("/feed.xml.gz"), name="Packed")
    managing.add(services, web.url("/broken.gz"), name="Broken")
    await open_poller().round()

    assert (judged()["Packed"].verdict.state, judged()["Packed"].papers) == ("ok", 2)
    assert "breaks off before its end" in judged()["Broken"].source.last_message

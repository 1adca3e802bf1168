"""The encoding that only a server's header tells reaches whoever reads what was kept."""

from __future__ import annotations

from collections.abc import Callable

from local_web import LocalWeb, Reply, page
from sqlmodel import select

from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.store.tables import PaperRow

TITLE = "Малые лодки в переменном ветре"
RUSSIAN = (
    "<rss version='2.0'><channel><title>Лодки</title><item>"
    f"<title>{TITLE}</title><link>https://doi.org/10.1234/a</link></item></channel></rss>"
).encode("windows-1251")
KIND = {"Content-Type": "application/rss+xml; charset=windows-1251"}


async def test_a_feed_in_the_encoding_of_its_header_is_read_right(
    services: Services, web: LocalWeb, open_poller: Callable[..., Poller]
) -> None:
    web.pages["/feed"] = page(Reply(200, KIND, RUSSIAN))
    managing.add(services, web.url("/feed"), name="Лодки")
    await open_poller().round()

    with services.database.read() as session:
        assert session.exec(select(PaperRow.title)).all() == [TITLE]


async def test_what_was_fetched_before_a_restart_is_read_right_behind_it(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
) -> None:
    web.pages["/feed"] = page(Reply(200, KIND, RUSSIAN))
    managing.add(services, web.url("/feed"), name="Лодки")
    killed = open_poller()
    (source,) = (each.source for each in managing.every(services))
    await killed._fetch(source)
    del web.pages["/feed"]
    await open_poller().round()

    with services.database.read() as session:
        assert session.exec(select(PaperRow.title)).all() == [TITLE]

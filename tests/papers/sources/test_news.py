"""What a source sends again and again is mentioned once, on the day on which it is news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from recommender.domain import AnnounceType, Digest, DigestEntry, Source
from recommender.jobs.services import Services
from recommender.papers.sources.news import News, store_news
from recommender.store import digests
from recommender.store.tables import DigestRow

DAY = date(2026, 3, 11)
NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def entry(title: str, *, age: int | None = None, upvotes: int = 0) -> DigestEntry:
    published = None if age is None else NOW - timedelta(days=age)
    return DigestEntry(title, f"{title}.", published_at=published, upvotes=upvotes)


def source(url: str) -> Source:
    return Source(
        id=1,
        name="Journal",
        url=url,
        moved_to=None,
        every_minutes=None,
        is_configured=False,
        paused_because="",
        etag=None,
        last_modified=None,
        next_fetch_at=NOW,
        last_fetched_at=None,
        failures=0,
        last_status=None,
        last_message="",
        content_sha256=None,
    )


def bring(
    services: Services, *entries: DigestEntry, of: str = "feed", url: str = "https://example.org/"
) -> News:
    with services.database.write() as session:
        digest = Digest(of, None, DAY, entries)
        return store_news(session, source(url), digest, curator="nobody", now=NOW)


def mentions(services: Services) -> list[tuple[date, int, int]]:
    with services.database.read() as session:
        found = digests.mentions_since(session, date(2020, 1, 1))
        return [(each.digest_date, each.rank, each.upvotes) for each in found]


def test_a_sliding_window_is_one_digest_a_day_and_each_paper_one_mention(
    services: Services,
) -> None:
    bring(services, entry("B"), entry("A"))
    assert bring(services, entry("B"), entry("A")) == News(0, 0, 0, 0)
    assert bring(services, entry("C"), entry("B"), entry("A")) == News(1, 1, 1, 2)

    assert mentions(services) == [(DAY, 1, 0), (DAY, 2, 0), (DAY, 3, 0)]
    with services.database.read() as session:
        assert [each.file_name for each in session.exec(select(DigestRow))] == [
            "Journal 2026-03-11"
        ]


def test_what_a_source_lists_under_several_days_is_news_of_these(services: Services) -> None:
    before = DAY - timedelta(days=1)
    listed = [replace(entry(name), listed_on=DAY) for name in "AB"]
    bring(services, *listed, replace(entry("C"), listed_on=before), of="digest-text")
    assert mentions(services) == [(before, 1, 0), (DAY, 1, 0), (DAY, 2, 0)]


def test_another_source_mentions_the_same_paper_anew(services: Services) -> None:
    bring(services, entry("A"))

    assert bring(services, entry("A"), url="https://example.com/") == News(1, 0, 1, 2)
    assert len(mentions(services)) == 2


@pytest.mark.parametrize(
    ("form", "age", "day"),
    [
        ("feed", 7, DAY),
        ("feed", 21, DAY - timedelta(days=21)),
        ("feed", None, DAY),
        ("daily-papers-json", 21, DAY),
    ],
)
def test_a_paper_of_weeks_ago_is_no_news_of_today_unless_people_chose_it(
    services: Services, form: str, age: int | None, day: date
) -> None:
    bring(services, entry("A", age=age), of=form)

    assert mentions(services) == [(day, 1, 0)]


def test_upvotes_grow_with_what_the_source_says(services: Services) -> None:
    bring(services, entry("A", upvotes=3), entry("B", upvotes=5))
    bring(services, entry("A", upvotes=40), entry("B", upvotes=1))

    assert mentions(services) == [(DAY, 1, 40), (DAY, 2, 5)]


def test_a_replacement_is_no_mention(services: Services) -> None:
    replaced = DigestEntry("A", "New.", announce_type=AnnounceType.REPLACE)

    assert bring(services, replaced) == News(0, 1, 0, 0)
    assert mentions(services) == []

"""The papers of a day are shown in their order, a part at a time, and the archive lists days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from recommender.errors import NotFoundError
from recommender.jobs.pages import days
from recommender.jobs.pages.days import PAPERS_OF_A_PAGE, DayPage
from recommender.jobs.services import Services

MARCH_11 = date(2026, 3, 11)


def test_before_the_first_digest_there_is_an_empty_page(services: Services) -> None:
    assert days.newest_day(services) == DayPage("the community", None, ())
    assert days.months(services) == []


def test_the_front_page_is_the_newest_day_in_its_order(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest(["Newest", {"title": "Second", "upvotes": 7, "authors": ["Ann"]}], day="2026-03-11")
    ingest(["Older"], day="2026-03-10")
    page = days.newest_day(services)
    assert (page.day, page.total, page.earlier, page.later) == (
        MARCH_11,
        2,
        date(2026, 3, 10),
        None,
    )
    shown = [(each.title, each.url, each.authors, each.upvotes) for each in page.entries]
    assert shown == [("Newest", None, (), 0), ("Second", None, ("Ann",), 7)]


def test_two_digests_of_a_day_are_one_page_without_repeats(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest(["One", {"title": "Two", "upvotes": 3}])
    ingest([{"title": "Two", "upvotes": 5}, "Three"])
    page = days.newest_day(services)
    assert [(entry.title, entry.upvotes) for entry in page.entries] == [
        ("One", 0),
        ("Two", 5),
        ("Three", 0),
    ]


def test_a_long_day_is_shown_a_part_at_a_time(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest([f"Paper {number}" for number in range(1, 120)], day="2026-03-11")
    pages = [days.day_page(services, MARCH_11, number) for number in range(1, 6)]

    assert [len(page.entries) for page in pages] == [25, 25, 25, 25, 19]
    assert [page.first for page in pages] == [1, 26, 51, 76, 101]
    assert {(page.total, page.last_number) for page in pages} == {(119, 5)}
    titles = [entry.title for page in pages for entry in page.entries]
    assert titles == [f"Paper {number}" for number in range(1, 120)]
    assert days.newest_day(services) == pages[0]
    for number in (0, -1, 6):
        with pytest.raises(NotFoundError, match="has 5 pages"):
            days.day_page(services, MARCH_11, number)


def test_a_day_that_fills_its_pages_has_no_empty_one(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest([f"Paper {number}" for number in range(PAPERS_OF_A_PAGE)], day="2026-03-11")

    assert days.newest_day(services).last_number == 1


def test_what_a_paper_does_is_told_and_all_of_a_short_abstract(
    services: Services, ingest: Callable[..., Any]
) -> None:
    long = (
        "Nets are large. " * 30 + "We propose a method that makes them small. " + "It works. " * 30
    )
    ingest([{"title": "Long", "abstract": long}, {"title": "Short", "abstract": "We cut."}])
    told, short = days.newest_day(services).entries

    assert "We propose a method that makes them small." in told.excerpt
    assert len(told.excerpt) <= 300 < len(told.abstract)
    assert short.excerpt == short.abstract == "We cut."


def test_the_archive_lists_months_and_days_with_their_best_papers(
    services: Services, ingest: Callable[..., Any]
) -> None:
    for day, titles in {
        "2026-02-28": ["Of winter"],
        "2026-03-10": ["Of spring"],
        "2026-03-11": ["One", {"title": "Two", "upvotes": 9}, "Three", "Four"],
    }.items():
        ingest(titles, day=day)

    march, february = days.months(services)
    assert (march.begins, march.papers) == (date(2026, 3, 1), 5)
    assert [title for _, title in march.titles] == ["Two", "Of spring", "One"]
    assert (february.begins, february.papers) == (date(2026, 2, 1), 1)
    newest, before = days.days_of_month(services, 2026, 3)
    assert (newest.begins, newest.papers) == (MARCH_11, 4)
    assert [title for _, title in newest.titles] == ["Two", "One", "Three"]
    assert (before.begins, before.papers) == (date(2026, 3, 10), 1)
    with pytest.raises(NotFoundError):
        days.days_of_month(services, 2026, 4)


def test_a_day_has_its_neighbours_that_have_papers(
    services: Services, ingest: Callable[..., Any]
) -> None:
    for day in (9, 11, 10):
        ingest([f"Paper {day}"], day=f"2026-03-{day:02}")
    ingest([{"title": "Paper 10", "id": "Paper 10", "withdrawn": True}], day="2026-03-12")
    page = days.day_page(services, MARCH_11)

    assert (page.earlier, page.later) == (date(2026, 3, 9), None)
    with pytest.raises(NotFoundError, match="no digest of 08 March 2026"):
        days.day_page(services, date(2026, 3, 8))

"""A paper's page tells all that digests said of it, and nothing that only a subscriber said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from recommender.errors import NotFoundError
from recommender.jobs.pages.paper import paper_page
from recommender.jobs.services import Services
from recommender.store import papers
from recommender.store.one_paper import make_one
from recommender.store.papers import NewPaper


def test_a_page_names_the_digests_that_mention_the_paper(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest(["Another", {"title": "Of cats", "upvotes": 3}], day="2026-03-09")
    ingest([{"title": "Of cats", "upvotes": 8}], day="2026-03-11")
    page = paper_page(services, 2)

    assert page.paper.title == "Of cats"
    assert [(each.day, each.rank, each.upvotes) for each in page.mentions] == [
        (date(2026, 3, 11), 1, 8),
        (date(2026, 3, 9), 2, 3),
    ]


def test_what_turned_out_to_be_another_paper_is_shown_as_that(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest(["One", "Two"])
    with services.database.write() as session:
        make_one(session, 2, 1)

    assert paper_page(services, 2).paper.id == 1


def test_what_only_a_subscriber_named_has_no_page(services: Services) -> None:
    named = NewPaper("Mine", "mine", "", (), None, None, None, None, services.clock())
    with services.database.write() as session:
        (paper_id,) = papers.add(session, [named])

    for each in (paper_id, paper_id + 1):
        with pytest.raises(NotFoundError):
            paper_page(services, each)

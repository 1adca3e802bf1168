"""The operator's word on whether a paper was taken back counts before what is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recommender.errors import NotFoundError, RecommenderError
from recommender.jobs import withdrawing
from recommender.jobs.pages import days
from recommender.jobs.services import Services

GOOD = {"title": "Of cats", "id": "2603.00001"}
BAD = {"title": "Of mice", "id": "2603.00002"}
TAKEN_BACK = {**BAD, "withdrawn": True}

Ingest = Callable[..., Any]


def offered(services: Services) -> set[str]:
    return {entry.title for entry in days.newest_day(services).entries}


def test_what_was_marked_wrongly_is_offered_again_whatever_is_read_later(
    services: Services, ingest: Ingest
) -> None:
    ingest([GOOD, BAD])
    ingest([TAKEN_BACK])
    assert offered(services) == {"Of cats"}
    assert [paper.title for paper in withdrawing.withdrawn_papers(services)] == ["Of mice"]

    withdrawing.reinstate(services, "2603.00002")
    assert offered(services) == {"Of cats", "Of mice"}
    ingest([{**TAKEN_BACK, "upvotes": 7}])
    assert offered(services) == {"Of cats", "Of mice"}
    assert withdrawing.withdrawn_papers(services) == []


def test_what_the_operator_takes_back_stays_so_whatever_is_read_later(
    services: Services, ingest: Ingest
) -> None:
    ingest([GOOD, BAD])
    withdrawing.withdraw(services, "mice")
    ingest([{**BAD, "upvotes": 7}])
    assert offered(services) == {"Of cats"}


def test_the_operator_may_change_their_mind(services: Services, ingest: Ingest) -> None:
    ingest([GOOD, BAD])
    for _ in range(2):
        withdrawing.withdraw(services, "Of mice")
        assert offered(services) == {"Of cats"}
        withdrawing.reinstate(services, "Of mice")
        assert offered(services) == {"Of cats", "Of mice"}


def test_what_cannot_be_done_is_told_with_the_fix(services: Services, ingest: Ingest) -> None:
    ingest([GOOD, BAD])
    with pytest.raises(NotFoundError, match="no paper is known as 'dogs'; try its arXiv id"):
        withdrawing.withdraw(services, "dogs")
    with pytest.raises(
        NotFoundError, match="'Of' means several papers, name one by its id:\n  1: "
    ):
        withdrawing.reinstate(services, "Of")
    with pytest.raises(RecommenderError, match="“Of mice” was not taken back; `recommender papers"):
        withdrawing.reinstate(services, "Of mice")
    withdrawing.withdraw(services, "Of mice")
    with pytest.raises(RecommenderError, match="“Of mice” is in no list since 20"):
        withdrawing.withdraw(services, "Of mice")

"""A paper that is a suggestion is marked as one wherever a reader meets it after the mail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from recommender.domain import Issue, Vote
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.newsletter.reasons import EXPLORED_REASON
from recommender.store import issues


@pytest.fixture
def issue(services: Services, reader: Any) -> Issue:
    """Return an issue of three papers, of which the second is a suggestion."""
    first, second, third = reader.issue.entries[:3]
    tried = replace(second, explored=True, propensity=0.2, reason=EXPLORED_REASON)
    composed: Issue = replace(reader.issue, number=2, entries=(first, tried, third))
    with services.database.write() as session:
        return replace(composed, id=issues.add(session, composed))


@pytest.mark.parametrize("position", [1, 2], ids=["beside-another", "itself"])
async def test_the_rating_page_marks_a_suggestion(
    client: httpx.AsyncClient, services: Services, reader: Any, issue: Issue, position: int
) -> None:
    paper_id = issue.entries[position - 1].paper_id
    url = links.rating_url(services, reader.subscriber, issue, paper_id, Vote.UP)
    page = (await client.get(url)).text
    assert page.count(f'<p class="reason suggestion">{EXPLORED_REASON}</p>') == 1
    assert page.count('<p class="reason">') == 2


async def test_the_issue_in_the_browser_marks_a_suggestion(
    client: httpx.AsyncClient, services: Services, reader: Any, issue: Issue
) -> None:
    page = (await client.get(links.issue_url(services, reader.subscriber, issue))).text
    assert page.count('class="suggestion ') == 1
    assert page.count('class="reason ') == 2

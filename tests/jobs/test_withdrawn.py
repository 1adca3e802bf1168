"""What was taken back leaves every list, and is marked where readers have it already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recommender.domain import Issue, Subscriber, Vote
from recommender.jobs.incoming import mail_answers
from recommender.jobs.issues import reading
from recommender.jobs.outgoing import links
from recommender.jobs.pages import days
from recommender.jobs.people import reading_list, voting
from recommender.jobs.services import Services

GOOD = {"title": "Of cats", "id": "2603.00001"}
BAD = {"title": "Of mice", "id": "2603.00002"}
TAKEN_BACK = {**BAD, "title": "RETRACTED: Of mice"}

Ingest = Callable[..., Any]


def last_of(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.fixture
def sent(
    ingest: Ingest,
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
    rate: Callable[..., None],
) -> tuple[Subscriber, Issue]:
    """Send somebody two papers, of which they save one; it is then taken back."""
    ingest([GOOD, BAD])
    reader = subscribe()
    compose_now()
    rate(reader, ["Of mice"], saved=True)
    ingest([TAKEN_BACK])
    return reader, issues_of(reader)[0]


def test_a_paper_that_was_taken_back_is_in_no_issue_and_on_no_page(
    services: Services,
    ingest: Ingest,
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    ingest([GOOD, BAD])
    ingest([TAKEN_BACK])
    # An old copy of it goes round.
    ingest([{**BAD, "upvotes": 900}, {"title": "Of dogs", "id": "2603.00003"}])
    newcomer, reader = subscribe("newcomer"), subscribe("reader", interests="mice")
    compose_now()
    for each in (newcomer, reader):
        (issue,) = issues_of(each)
        assert {"Of cats", "Of dogs"} == {entry.title for entry in issue.entries}
    page = days.newest_day(services)
    assert {"Of cats", "Of dogs"} == {entry.title for entry in page.entries}


def test_a_notice_marks_a_paper_that_is_known_by_its_title_alone(
    ingest: Ingest, stored_papers: Callable[[], list[Any]]
) -> None:
    ingest(["Of cats", "Of mice"])
    ingest(["WITHDRAWN: Of mice"])
    assert [(paper.title, paper.withdrawn_at is not None) for paper in stored_papers()] == [
        ("Of cats", False),
        ("Of mice", True),
    ]


def test_the_reading_list_marks_it(services: Services, sent: tuple[Subscriber, Issue]) -> None:
    reader, issue = sent
    url = links.preferences_url(services, reader, since=issue.composed_at)
    page = reading_list.open_list(services, last_of(url))
    assert [(each.title, each.withdrawn) for each in page.listed.papers] == [("Of mice", True)]
    with services.database.read() as session:
        (answered,) = mail_answers.list_values(session, reader)["papers"]
    assert answered["withdrawn"]


def test_an_issue_stays_as_it_was_mailed_and_its_pages_say_it(
    services: Services, sent: tuple[Subscriber, Issue], issues_of: Callable[..., list[Issue]]
) -> None:
    reader, issue = sent
    assert [issue] == issues_of(reader)
    shown = reading.issue_html(services, last_of(links.issue_url(services, reader, issue)))
    assert shown.count("Withdrawn since this issue was sent") == 1
    bad = next(entry.paper_id for entry in issue.entries if entry.title == "Of mice")
    page = voting.open_rating(
        services, last_of(links.rating_url(services, reader, issue, bad, Vote.UP))
    )
    assert {entry.title: entry.withdrawn for entry in page.entries} == {
        "Of cats": False,
        "Of mice": True,
    }

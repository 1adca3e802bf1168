"""The code and the project of a paper are linked where a reader meets it, and pictures nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from recommender.domain import Issue, Subscriber, Vote
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import issue_mail
from recommender.jobs.pages import days
from recommender.jobs.people import voting
from recommender.jobs.services import Services

CODE, PROJECT = "https://code.example.org/mice", "https://mice.example.org/"
DAY = [
    {
        "paper": {
            "id": "2603.00001",
            "title": "Of mice",
            "summary": "We count mice.",
            "ai_keywords": ["counting", "rodents"],
            "githubRepo": CODE,
            "projectPage": PROJECT,
        },
        "thumbnail": "https://pictures.example.org/mice.png",
    }
]


def test_code_and_project_are_linked_in_mail_and_on_pages(
    services: Services,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    ingest(json.dumps(DAY).encode())
    reader = subscribe()
    compose_now()
    (issue,) = issues_of(reader)
    mail = issue_mail(services, reader, issue)
    for link in (CODE, PROJECT):
        assert link in mail.html
        assert link not in mail.text, "one address a paper"
    assert "pictures.example.org" not in mail.html + mail.text
    (shown,) = days.newest_day(services).entries
    assert (shown.code_url, shown.project_url) == (CODE, PROJECT)
    url = links.rating_url(services, reader, issue, issue.entries[0].paper_id, Vote.UP)
    (rated,) = voting.open_rating(services, url.rpartition("/")[2]).entries
    assert (rated.code_url, rated.keywords) == (CODE, ("counting", "rodents"))

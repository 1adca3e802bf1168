"""A change that somebody asks for is on disk before the daemon is woken for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender.errors import AddressError
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.store import requests


def waiting(services: Services) -> int:
    with services.database.read() as session:
        return len(requests.undecided(session, limit=10))


def test_daemon_is_woken_once_what_changed_can_be_read(services: Services) -> None:
    seen: list[int] = []
    watched = replace(services, wake=lambda: seen.append(waiting(services)))

    with watched.change() as session:
        subscriptions.request_subscription(watched, session, "reader@example.org")
        assert seen == []

    assert seen == [1]


def test_a_change_that_fails_is_undone_and_wakes_nobody(services: Services) -> None:
    woken: list[bool] = []
    watched = replace(services, wake=lambda: woken.append(True))

    def ask(*emails: str) -> None:
        with watched.change() as session:
            for email in emails:
                subscriptions.request_subscription(watched, session, email)

    with pytest.raises(AddressError):
        ask("reader@example.org", "no address")

    assert waiting(services) == 0
    assert woken == []

"""What a run of deliveries came to, in words, and what of it the operator hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from recommender.domain import DeliveryKind
from recommender.jobs.outgoing import delivering
from recommender.jobs.outgoing.delivering import TROUBLES_OF_AN_HOUR
from recommender.jobs.services import Services
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.store.tables import DeliveryRow

DOWN = "SMTP server mx.example.org:25 cannot be reached; check smtp.host"


@pytest.fixture
def watched(services: Services) -> Services:
    return replace(services, site=replace(services.site, operator_address="op@example.org"))


def notices_in(services: Services) -> list[str]:
    with services.database.read() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.kind == DeliveryKind.NOTICE))
        return [row.content["values"]["subject"] for row in rows if row.content]


def test_run_is_summed_up_in_a_line(services: Services) -> None:
    resume_at = services.clock() + timedelta(minutes=1)
    report = DeliveryReport(
        sent=1,
        deferred=2,
        failed=3,
        in_doubt=1,
        in_doubt_reclaimed=1,
        held_back=4,
        resume_at=resume_at,
    )

    assert delivering.summary(report) == (
        "1 message sent, 2 deferred, 3 refused, 2 in doubt, 4 held back until 2026-03-11 07:01 UTC"
    )
    assert delivering.summary(DeliveryReport(sent=2)) == "2 messages sent, 0 deferred, 0 refused"


def test_refused_content_is_told_once_a_day(watched: Services, clock: Any) -> None:
    refused = DeliveryReport(content_trouble="refused 5 newsletters in a row")
    for _ in range(2):
        delivering.tell_operator(watched, refused)
    assert notices_in(watched) == ["Newsletters are refused for what they say, and wait"]

    clock.now += timedelta(days=1)
    delivering.tell_operator(watched, refused)
    assert len(notices_in(watched)) == 2


def test_servers_that_are_away_for_a_moment_are_nobodys_business(watched: Services) -> None:
    away = DeliveryReport(server_trouble=DOWN, troubles=TROUBLES_OF_AN_HOUR - 1)
    delivering.tell_operator(watched, away)
    assert notices_in(watched) == []

    delivering.tell_operator(watched, replace(away, troubles=TROUBLES_OF_AN_HOUR))
    assert notices_in(watched) == ["No server takes our messages"]

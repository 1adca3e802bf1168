"""What Prometheus reads, who may, and that alerts and dashboard name nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from httpx import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from recommender.jobs.services import Services
from recommender.metrics import Metrics
from recommender.web.app import create_app

MONITORING = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
TOKEN = "a token of more than sixteen characters"
NAME = re.compile(r"\brecommender_\w+")


@pytest.fixture
def told(services: Services) -> Services:
    return replace(services, metrics=Metrics(), status_token=TOKEN)


async def ask(services: Services, **headers: str) -> Any:
    transport = ASGITransport(create_app(services), client=("203.0.113.5", 1))
    base_url = "https://papers.example.org"
    async with AsyncClient(transport=transport, base_url=base_url) as client:
        return await client.get("/metrics", headers=headers)


async def test_it_opens_by_the_token_only(told: Services) -> None:
    assert (await ask(told)).status_code == 403
    assert (await ask(told, Authorization="Bearer something else")).status_code == 403
    assert (await ask(replace(told, status_token=None))).status_code == 403

    answer = await ask(told, Authorization=f"Bearer {TOKEN}")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")


async def test_who_guesses_tokens_has_to_wait(told: Services) -> None:
    transport = ASGITransport(create_app(told), client=("203.0.113.5", 1))
    async with AsyncClient(transport=transport, base_url="https://papers.example.org") as client:
        answers = [
            await client.get("/metrics", headers={"Authorization": f"Bearer {number}"})
            for number in range(6)
        ]
    assert [each.status_code for each in answers] == [403] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "900"


async def test_it_tells_what_there_is_and_what_was_done(told: Services) -> None:
    assert told.metrics is not None
    told.metrics.messages.labels("sent").inc(3)
    told.metrics.late_seconds.observe(0.2)

    samples = await samples_of(told)

    assert samples['recommender_messages_total{"outcome": "sent"}'] == 3
    assert samples["recommender_scheduler_late_seconds_count{}"] == 1
    assert samples["recommender_healthy{}"] == 1
    assert samples["recommender_database_writable{}"] == 1
    assert samples["recommender_database_bytes{}"] > 0
    assert samples['recommender_deliveries{"state": "queued"}'] == 0


async def test_no_address_stands_in_it(told: Services, reader: Any) -> None:
    assert reader is not None
    answer = await ask(told, Authorization=f"Bearer {TOKEN}")

    assert "@" not in answer.text


async def test_alerts_and_dashboard_name_metrics_that_there_are(told: Services) -> None:
    there = {name.partition("{")[0] for name in await samples_of(told)}
    # No source is known here, and what has labels has no line without one.
    there |= {"recommender_source_age_seconds", "recommender_source_in_trouble"}

    rules = [
        rule
        for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
        for rule in group["rules"]
    ]
    board = json.loads((MONITORING / "dashboard.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]

    assert len(rules) > 5
    for rule in rules:
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        assert set(NAME.findall(rule["expr"])) <= there, rule["alert"]
    for expression in shown:
        assert set(NAME.findall(expression)) <= there, expression
    assert set(NAME.findall(" ".join(shown))) > {"recommender_healthy"}


async def samples_of(services: Services) -> dict[str, float]:
    answer = await ask(services, Authorization=f"Bearer {TOKEN}")
    return dict(_samples(answer.text))


def _samples(text: str) -> Iterator[tuple[str, float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = json.dumps(dict(sample.labels)) if sample.labels else "{}"
            yield f"{sample.name}{labels}", sample.value

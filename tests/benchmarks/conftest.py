"""What several benchmarks begin with: readers whose newsletters wait, and who takes them."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from recommender.domain import DeliveryKind, Issue, IssueEntry, SubscriberState
from recommender.jobs.services import Services
from recommender.store import issues, outbox
from recommender.store.outbox import NewDelivery
from recommender.store.tables import PaperRow, SubscriberRow

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
PAPERS, PAPERS_OF_AN_ISSUE = 60, 10
WORDS = tuple(
    re.findall(
        r"\w+",
        "graph attention sparse model learning of the with pruning speech vision agents reward long"
        " context which scales training data small benchmark we show that a method is faster",
    )
)

# As in life, hardly an issue is without a letter beyond ASCII, and some beyond Latin 1.
NAMES = ("Ann", "José", "Zoë", "Łukasz", "Müller", "Novák", "Silva", "Chen", "Kim", "Okafor")


def write(
    services: Services,
    count: int,
    *,
    first: int = 1,
    with_papers: int | None = None,
    composed_at: datetime = NOW,
) -> None:
    """Store subscribers, each with a frozen issue of the day that waits in the outbox.

    Parameters
    ----------
    with_papers : int or None
        How many of the issues, the first ones, hold papers; None: all.
    """
    rng = random.Random(1)  # noqa: S311, a benchmark's texts
    papers = [
        {
            "title": _words(rng, 9).capitalize(),
            "authors": [" ".join(rng.choices(NAMES, k=2)) for _ in range(5)],
            "url": f"https://papers.example.net/abs/2603.{number:05d}",
            "excerpt": f"{_words(rng, 75).capitalize()}.",
        }
        for number in range(PAPERS)
    ]
    if first == 1:
        with services.database.write() as session:
            session.execute(insert(PaperRow), _stored(papers))
    last = first + count - 1
    filled = last if with_papers is None else first + with_papers - 1
    for begin in range(first, last + 1, 2000):
        numbers = range(begin, min(begin + 2000, last + 1))
        with services.database.write() as session:
            session.execute(insert(SubscriberRow), [_subscriber(number) for number in numbers])
            frozen = [
                _issue(
                    number,
                    composed_at,
                    [
                        _entry(number, position, chosen, papers[chosen])
                        for position, chosen in enumerate(
                            rng.sample(range(PAPERS), PAPERS_OF_AN_ISSUE), start=1
                        )
                    ]
                    if number <= filled
                    else (),
                )
                for number in numbers
            ]
            issue_ids = issues.add_all(session, frozen)
            queued = [
                NewDelivery(
                    subscriber_id=number,
                    kind=DeliveryKind.ISSUE,
                    key="1",
                    recipient=f"r{number}@d{number % 500}.example.org",
                    message_id=f"<{number}@example.org>",
                    issue_id=issue_id,
                )
                for number, issue_id in zip(numbers, issue_ids, strict=True)
            ]
            outbox.enqueue_all(session, queued, now=NOW)


def _stored(papers: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    return [
        {
            "id": number,
            "title": paper["title"],
            "title_key": str(number),
            "abstract": paper["excerpt"],
            "authors": paper["authors"],
            "first_seen_at": NOW,
        }
        for number, paper in enumerate(papers, start=1)
    ]


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def _subscriber(number: int) -> dict[str, object]:
    return {
        "id": number,
        "email": f"r{number}@d{number % 500}.example.org",
        "email_key": f"r{number}@d{number % 500}.example.org",
        "state": SubscriberState.ACTIVE,
        "hour": 7,
        "weekdays": "0123456",
        "timezone": "UTC",
        "papers": PAPERS_OF_AN_ISSUE,
        "interests": "",
        "created_at": NOW,
        "requested_at": NOW,
    }


def _issue(number: int, composed_at: datetime, entries: Sequence[IssueEntry]) -> Issue:
    return Issue(
        id=0,
        subscriber_id=number,
        number=1,
        date=composed_at.date(),
        schedule="Monday to Friday at 7:00",
        curator="AK",
        composed_at=composed_at,
        likes=12,
        dislikes=3,
        saves=1,
        entries=tuple(entries),
    )


def _entry(number: int, position: int, chosen: int, paper: dict[str, Any]) -> IssueEntry:
    return IssueEntry(
        position=position,
        paper_id=chosen + 1,
        title=paper["title"],
        authors=tuple(paper["authors"]),
        url=paper["url"],
        excerpt=paper["excerpt"],
        upvotes=10 * chosen,
        trend_score=0.5,
        interest_score=0.5,
        interest_weight=0.6,
        ranking_score=0.5,
        # Reasons differ from reader to reader, as in life.
        reason=f"like {WORDS[number % len(WORDS)]} pruning: graph, {WORDS[chosen % 20]}",
        propensity=1.0,
    )


@pytest.fixture
def write_newsletters() -> Callable[..., None]:
    """Return `write`."""
    return write


@pytest.fixture
def sink() -> Iterator[int]:
    """Start Postfix's sink on a free port."""
    program = shutil.which("smtp-sink")
    assert program is not None, "smtp-sink is missing; install postfix"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    with subprocess.Popen([program, *user, f"127.0.0.1:{port}", "1000"]) as process:  # noqa: S603, Postfix's program
        _wait_for(port)
        yield port
        process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "smtp-sink does not start"
        else:
            return

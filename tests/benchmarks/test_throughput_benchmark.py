"""How many complete newsletters a second leave: claim, render, build, SMTP, record.

The other end is Postfix's ``smtp-sink``, and the measure its ``smtp-source``, a sender in C, with
messages of the same size over the same number of connections in the same run.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from recommender.domain import DeliveryKind, DeliveryState, SubscriberState
from recommender.jobs import delivering, messages, newsletters
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.mail.outbox.composing import composed
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.servers import relay_to
from recommender.mail.transport.relay import Security, SmtpServer
from recommender.store import outbox
from recommender.store.tables import (
    DeliveryRow,
    IssueEntryRow,
    IssueRow,
    PaperRow,
    SubscriberRow,
)

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
PAPERS, PAPERS_OF_AN_ISSUE = 60, 10
MESSAGES = 6_000
CONNECTIONS = 4
LEAST_SHARE_OF_SMTP_SOURCE = 0.1
FEW, MANY, SENT_OF_MANY, MOST_GROWTH_MB = 1_000, 100_000, 5_000, 100
LOOK_SECONDS = 0.2
WORDS = tuple(
    re.findall(
        r"\w+",
        "graph attention sparse model learning of the with pruning speech vision agents reward long"
        " context which scales training data small benchmark we show that a method is faster",
    )
)

# As in life, hardly an issue is without a letter beyond ASCII, and some beyond Latin 1.
NAMES = ("Ann", "José", "Zoë", "Łukasz", "Müller", "Novák", "Silva", "Chen", "Kim", "Okafor")


def write_newsletters(
    services: Services, count: int, *, first: int = 1, with_papers: int | None = None
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
            session.execute(insert(IssueRow), [_issue(number) for number in numbers])
            entries = [
                _entry(number, position, chosen, papers[chosen])
                for number in numbers
                if number <= filled
                for position, chosen in enumerate(
                    rng.sample(range(PAPERS), PAPERS_OF_AN_ISSUE), start=1
                )
            ]
            if entries:
                session.execute(insert(IssueEntryRow), entries)
            session.execute(insert(DeliveryRow), [_delivery(number) for number in numbers])


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


def _issue(number: int) -> dict[str, object]:
    return {
        "id": number,
        "subscriber_id": number,
        "number": 1,
        "date": date(2026, 3, 11),
        "welcome": False,
        "schedule": "Monday to Friday at 7:00",
        "curator": "AK",
        "composed_at": NOW,
        "likes": 12,
        "dislikes": 3,
        "saves": 1,
    }


def _entry(number: int, position: int, chosen: int, paper: dict[str, object]) -> dict[str, object]:
    return {
        "issue_id": number,
        "position": position,
        "paper_id": chosen + 1,
        **paper,
        "upvotes": 10 * chosen,
        "trend_score": 0.5,
        "interest_score": 0.5,
        "interest_weight": 0.6,
        "ranking_score": 0.5,
        # Reasons differ from reader to reader, as in life.
        "reason": f"like {WORDS[number % len(WORDS)]} pruning: graph, {WORDS[chosen % 20]}",
    }


def _delivery(number: int) -> dict[str, object]:
    return {
        "subscriber_id": number,
        "kind": DeliveryKind.ISSUE,
        "key": "2026-03-11",
        "recipient": f"r{number}@d{number % 500}.example.org",
        "recipient_domain": f"d{number % 500}.example.org",
        "message_id": f"<{number}@example.org>",
        "issue_id": number,
        "state": DeliveryState.QUEUED,
        "priority": 1,
        "created_at": NOW,
        "next_attempt_at": NOW,
    }


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


def deliver(services: Services, port: int) -> DeliveryReport:
    """Deliver as the daemon does, at the default batch size and number of connections."""
    server = SmtpServer("127.0.0.1", port, Security.PLAIN, local_hostname="client.example.org")
    return asyncio.run(delivering.deliver(services, [relay_to(server)], DeliveryRules()))


def seconds_of_smtp_source(port: int, *, messages: int, size: int) -> float:
    """Send as many messages of a size over as many connections with Postfix's sender in C."""
    program = shutil.which("smtp-source")
    assert program is not None, "smtp-source is missing; install postfix"
    begun = time.perf_counter()
    subprocess.run(  # noqa: S603, Postfix's program
        [
            *(program, "-s", str(CONNECTIONS), "-m", str(messages), "-l", str(size)),
            *("-f", "papers@example.org", "-t", "ann@example.org", f"127.0.0.1:{port}"),
        ],
        check=True,
    )
    return time.perf_counter() - begun


def typical_size(services: Services) -> int:
    """Bytes of one newsletter."""
    with services.database.read() as session:
        queued = outbox.of_subscriber(session, 1)
    (envelope,) = composed(messages.composer(services), queued)
    assert isinstance(envelope, Envelope)
    return len(envelope.content)


def test_newsletters_leave_beside_a_sender_in_c(services: Services, sink: int) -> None:
    write_newsletters(services, MESSAGES)
    size = typical_size(services)
    source_seconds = seconds_of_smtp_source(sink, messages=MESSAGES, size=size)

    begun = time.perf_counter()
    report = deliver(services, sink)
    seconds = time.perf_counter() - begun

    assert report == DeliveryReport(sent=MESSAGES)
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{MESSAGES} newsletters of {size / 1024:.0f} kB over {CONNECTIONS} connections:"
        f" {MESSAGES / seconds:.0f}/s; smtp-source {MESSAGES / source_seconds:.0f}/s,"
        f" ratio {source_seconds / seconds:.2f}"
    )
    assert source_seconds / seconds >= LEAST_SHARE_OF_SMTP_SOURCE


async def _deliver_about(services: Services, port: int, count: int) -> int:
    """Deliver until so many are sent, and give how many were."""
    stop = asyncio.Event()
    server = SmtpServer("127.0.0.1", port, Security.PLAIN, local_hostname="client.example.org")
    run = asyncio.create_task(
        delivering.deliver(services, [relay_to(server)], DeliveryRules(), stop=stop)
    )
    while not run.done() and newsletters.deliveries_by_state(services)["sent"] < count:
        await asyncio.wait({run}, timeout=LOOK_SECONDS)
    stop.set()
    return (await run).sent


def peak_memory_mb() -> float:
    """Sum the peaks of this process and of the largest that it had for composing."""
    status = Path("/proc/self/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def test_memory_does_not_grow_with_the_outbox(services: Services, sink: int) -> None:
    """The peaks only rise: the larger run is the second one."""
    write_newsletters(services, FEW)
    assert asyncio.run(_deliver_about(services, sink, FEW)) == FEW
    before = peak_memory_mb()

    write_newsletters(services, MANY, first=FEW + 1, with_papers=SENT_OF_MANY)
    sent = asyncio.run(_deliver_about(services, sink, FEW + SENT_OF_MANY))
    after = peak_memory_mb()

    assert sent >= SENT_OF_MANY
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{before:.0f} MB at most with {FEW} newsletters in the outbox,"
        f" {after:.0f} MB with {MANY} ({sent} of them sent)"
    )
    assert after - before <= MOST_GROWTH_MB

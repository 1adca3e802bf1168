"""Votes come all the time while the daemon is killed and started again: none is lost."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from recommender.domain import Vote
from recommender.jobs.outgoing import links
from recommender.store import issues, subscribers
from recommender.store.tables import RatingRow

READERS, KILLS, CONNECTIONS, VOTES_A_SECOND = 60, 3, 16, 200
VOTES = (Vote.UP, Vote.DOWN, Vote.SAVE)
MEANING = {Vote.UP: (1, False), Vote.DOWN: (-1, False), Vote.SAVE: (0, True)}

Said = tuple[int, int]
"""A subscriber and a paper."""


@dataclass
class Voters:
    """Readers who vote at a steady rate, each paper of their issue once.

    Attributes
    ----------
    links : dict
        Where each votes on what, and how.
    answered : dict
        What they were told is taken.
    """

    links: dict[Said, tuple[str, Vote]]
    answered: dict[Said, Vote] = field(default_factory=dict)

    async def vote(self, port: int, *, until_answered: int, then: Callable[[], None]) -> None:
        """Vote until so many are answered, do something, and go on for as long as that lets us."""
        left = iter([each for each in self.links if each not in self.answered])
        pace = _pace(VOTES_A_SECOND)
        is_done = False

        async def vote_one_by_one() -> None:
            nonlocal is_done
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with closing(writer):
                for said in left:
                    await asyncio.sleep(next(pace))
                    path, vote = self.links[said]
                    body = f"vote={vote}".encode()
                    writer.write(
                        f"POST {path} HTTP/1.1\r\nHost: papers.example.org\r\n"
                        f"Content-Length: {len(body)}\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode()
                        + body
                    )
                    head = await reader.readuntil(b"\r\n\r\n")
                    assert head.startswith(b"HTTP/1.1 303"), head
                    self.answered[said] = vote
                    if len(self.answered) >= until_answered and not is_done:
                        is_done = True
                        then()

        async def work() -> None:
            # Its daemon may be killed at any moment.
            with suppress(OSError, asyncio.IncompleteReadError):
                await vote_one_by_one()

        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


def _pace(rate: float) -> Iterator[float]:
    """Yield how long the next vote is waited with."""
    due_at = time.monotonic()
    while True:
        due_at += 1 / rate
        yield max(due_at - time.monotonic(), 0.0)


def voters_of(installation: Any) -> Voters:
    """Return the readers of the issues that there are."""
    with installation.services() as services:
        with services.database.read() as session:
            found = issues.by_ids(session, range(1, READERS + 1)).values()
            readers = subscribers.by_ids(session, {issue.subscriber_id for issue in found})
        addresses = {}
        for issue in found:
            for entry in issue.entries:
                reader, vote = readers[issue.subscriber_id], VOTES[entry.position % len(VOTES)]
                url = links.rating_url(services, reader, issue, entry.paper_id, vote)
                addresses[reader.id, entry.paper_id] = urlsplit(url).path, vote
    return Voters(addresses)


def stored(installation: Any) -> dict[Said, tuple[int, bool]]:
    """Return what each said of each paper, as the database has it."""
    with installation.services() as services, services.database.read() as session:
        rows = session.exec(select(RatingRow)).all()
    return {(row.subscriber_id, row.paper_id): (row.value, row.saved) for row in rows}


@pytest.mark.slow
def test_no_vote_that_was_answered_is_lost_when_the_daemon_is_killed(
    with_digest: Any, start_daemon: Callable[..., Any]
) -> None:
    with_digest.import_subscribers(READERS)
    with_digest.do("send", "--now")
    voters = voters_of(with_digest)
    total = len(voters.links)
    assert total == READERS * 10
    moments = sorted(random.sample(range(total // 10, total * 9 // 10), KILLS))

    for until_answered in [*moments, total]:
        daemon = start_daemon(with_digest)
        is_last = until_answered == total
        then = (lambda: None) if is_last else daemon.kill
        asyncio.run(voters.vote(with_digest.port, until_answered=until_answered, then=then))
        kept = stored(with_digest)
        lost = [said for said, vote in voters.answered.items() if kept.get(said) != MEANING[vote]]
        assert lost == [], f"{len(lost)} of {len(voters.answered)} that were answered"

    assert set(voters.answered) == set(voters.links)

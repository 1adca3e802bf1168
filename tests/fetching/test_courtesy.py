"""Hosts are asked one thing at a time, and arXiv's and NCBI's as slowly as they ask for."""

from __future__ import annotations

import asyncio

import pytest

from recommender.fetching.courtesy import Courtesy


class Time:
    """Seconds that pass only while somebody waits for them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Log:
    """When who had a turn, and how many had one at once."""

    def __init__(self, *, took: float = 0.0) -> None:
        self.time = Time()
        self.courtesy = Courtesy(clock=self.time, sleep=self.time.sleep)
        self.took = took
        self.begun: list[float] = []
        self.at_once = self.most_at_once = 0

    async def ask(self, host: str, *, is_ours: bool = False) -> None:
        async with self.courtesy.turn(host, is_ours=is_ours):
            self.begun.append(self.time.now)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await asyncio.sleep(0)
            self.time.now += self.took
            self.at_once -= 1


@pytest.mark.parametrize(
    "hosts",
    [
        ("export.arxiv.org", "rss.arxiv.org", "ARXIV.org."),
        ("eutils.ncbi.nlm.nih.gov", "pubmed.ncbi.nlm.nih.gov", "eutils.ncbi.nlm.nih.gov"),
    ],
)
async def test_arxiv_and_ncbi_are_asked_once_in_three_seconds_whichever_host(
    hosts: tuple[str, ...],
) -> None:
    log = Log(took=1.0)
    await asyncio.gather(*(log.ask(host) for host in hosts))

    assert log.begun == [100.0, 104.0, 108.0]
    assert log.most_at_once == 1


async def test_another_host_is_asked_one_thing_at_a_time_and_at_once() -> None:
    log = Log()
    await asyncio.gather(*(log.ask("journal.example.org") for _ in range(5)))

    assert log.begun == [100.0] * 5
    assert log.most_at_once == 1


async def test_hosts_do_not_wait_for_each_other_and_those_of_the_operator_for_nobody() -> None:
    log = Log()
    await asyncio.gather(*(log.ask(f"{n}.example.org") for n in range(5)))
    assert log.most_at_once == 5

    log = Log()
    await asyncio.gather(*(log.ask("127.0.0.1", is_ours=True) for _ in range(5)))
    assert log.most_at_once == 5


async def test_who_fails_lets_the_next_one_in() -> None:
    courtesy = Courtesy()
    with pytest.raises(ValueError, match="it failed"):
        async with courtesy.turn("journal.example.org"):
            raise ValueError("it failed")
    async with asyncio.timeout(5), courtesy.turn("journal.example.org"):
        pass


async def test_a_name_that_only_looks_like_arxiv_is_not_under_its_rule() -> None:
    log = Log()
    await log.ask("notarxiv.org")
    await log.ask("notarxiv.org")

    assert log.begun == [100.0, 100.0]

"""Whatever seventy of two hundred feeds do, the others are read, and each is told apart."""

from __future__ import annotations

import gzip
import resource
import time
from collections import Counter
from collections.abc import Callable

import pytest
from local_web import LocalWeb, Page, Reply, hang, page, redirect, with_etag

from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.sources.source_states import JudgedSource

from .conftest import feed

GOOD = 130

LIMIT_SECONDS = 15.0
"""Of one fetch. Ten feeds one after the other would take ten times as long."""

MOST_MEGABYTES = 300.0
"""By which the process may grow."""

HUNDRED_MEGABYTES = Reply(200, {}, b"x" * 1_000_000, times=100)

A_BYTE_A_SECOND = Reply(200, {}, b"x", times=100_000, pause_seconds=1)

PACKED = Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(100_000_000)))
"""100 MB in 97 kB."""

BAD: dict[str, tuple[Callable[[str], Page], str]] = {
    "hangs": (lambda _: hang, "gave no whole answer within"),
    "fails": (lambda _: page(Reply(500)), "HTTP 500: its server has a fault"),
    "circles": (lambda path: redirect(path + "?again"), "redirects in a circle"),
    "floods": (lambda _: page(HUNDRED_MEGABYTES), "it sends more than 10 MB"),
    "drips": (lambda _: page(A_BYTE_A_SECOND), "gave no whole answer within"),
    "packed": (lambda _: page(PACKED), "it sends more than 10 MB"),
    "inside": (lambda _: redirect("http://127.0.0.77/"), "an address of the own network"),
}


@pytest.mark.slow
async def test_one_round_takes_no_longer_than_one_fetch_and_tells_each_apart(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    judged: Callable[[], dict[str, JudgedSource]],
) -> None:
    for n in range(GOOD):
        web.pages[f"/good/{n}"] = with_etag(feed([f"Paper {n} of {m}" for m in range(20)]))
        managing.add(services, web.url(f"/good/{n}", f"good{n}.example.org"), name=f"good {n}")
    for kind, (make, _) in BAD.items():
        for n in range(10):
            host, path = f"{kind}{n}.example.org", f"/{kind}/{n}"
            web.pages[path] = make(path)
            web.pages[f"{path}?again"] = redirect(path)
            managing.add(services, web.url(path, host), name=f"{kind} {n}")
    poller = open_poller(seconds=LIMIT_SECONDS)
    before = most_megabytes()
    started = time.monotonic()
    await poller.round()
    took = time.monotonic() - started

    found = judged()
    states = Counter(each.verdict.state.value for each in found.values())
    assert states == {"ok": GOOD, "broken": 10 * len(BAD)}
    assert all(each.papers == 20 for name, each in found.items() if name.startswith("good"))
    for kind, (_, words) in BAD.items():
        messages = [found[f"{kind} {n}"].verdict.message for n in range(10)]
        assert all(words in message for message in messages), (kind, messages)
    assert web.sent["/floods/0"] < 30_000_000
    assert took < 1.5 * LIMIT_SECONDS
    grown = most_megabytes() - before
    assert grown < MOST_MEGABYTES
    # By -s.
    print(f"\n{len(found)} sources: {took:.1f} s, of {LIMIT_SECONDS:g} s for one; {grown:.0f} MB")  # noqa: T201, figures by -s
    for kind in ("good", *BAD):
        told = found[f"{kind} 0"].verdict
        print(f"{kind:<8} {told.state:<7} {told.message}")  # noqa: T201, figures by -s


def most_megabytes() -> float:
    """Return how much memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

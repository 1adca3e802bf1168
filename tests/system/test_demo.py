"""`recommender demo` as a newcomer runs it: without a network, a mail server or an account."""

from __future__ import annotations

import email
import email.policy
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from recommender.demo.persona import links_of

PLACES = re.compile(r"^  (\w+)@example\.org +(none|[\d, ]+?)  +(none|[\d, *]+)$", re.MULTILINE)


def test_the_demo_runs_the_loop_once_and_the_second_issue_follows_the_ratings(
    installation: Any, tmp_path: Path
) -> None:
    out = tmp_path / "mails"
    begun = time.monotonic()

    told = installation.do("demo", "--once", "--out", out)

    assert time.monotonic() - begun < 30
    ranks = {
        name: (reciprocal(first), reciprocal(second))
        for name, first, second in PLACES.findall(told)
    }
    assert set(ranks) == {"ada", "ben", "cleo"}
    first, second = ranks["ada"]
    assert second > 2 * first
    for other in ("ben", "cleo"):
        assert ranks[other][1] <= ranks[other][0]
    mails = sorted(out.glob("*.eml"))
    assert len(mails) == 9
    assert {path.stem for path in mails} == {path.stem for path in out.glob("*.html")}
    for path in mails:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert not message.defects
        assert message["To"].addresses[0].domain == "example.org"
        for part in message.walk():
            assert not part.defects
            assert part.is_multipart() or part.get_content().strip()


def reciprocal(places: str) -> float:
    """Sum the reciprocal ranks of a list such as ``1, 2, 5*``, without the tries."""
    ranked = [place for place in places.split(",") if place != "none" and "*" not in place]
    return sum(1 / int(place) for place in ranked)


@pytest.fixture
def demo(installation: Any, eventually: Callable[..., Any]) -> Iterator[tuple[Any, str, Path]]:
    """Start the demo with its pages, and give the process and their address."""
    log = installation.folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "recommender", "demo", "--port", str(installation.port)],
            env=installation.environ,
            cwd=installation.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        # The demo says where its mailbox is when it is about to serve it.
        eventually(lambda: "/mailbox" in log.read_text() or process.poll() is not None, "it serves")
        assert process.poll() is None, log.read_text()
        yield process, installation.base_url, log
    finally:
        process.kill()
        process.wait()


def test_the_mailbox_of_the_demo_shows_mails_whose_links_work(
    demo: tuple[Any, str, Path], eventually: Callable[..., Any]
) -> None:
    process, url, log = demo
    with httpx.Client(base_url=url, timeout=30, follow_redirects=True) as browser:
        shown = browser.get("/mailbox").text
        assert all(f"{name}@example.org" in shown for name in ("ada", "ben", "cleo"))
        numbers = sorted({int(found) for found in re.findall(r"mailbox/(\d+)", shown)})
        assert numbers == list(range(1, 10))
        for number in numbers:
            assert browser.get(f"/mailbox/{number}").status_code == 200
            assert "Message-ID:" in browser.get(f"/mailbox/{number}/source").text
        assert "nobody rated anything" in browser.post("/mailbox/next").text
        newest = browser.get("/mailbox/9/html").text
        assert '<a target="_self" href="#p-1"' in re.sub(
            r' (?!target|href)[\w-]+="[^"]*"', "", newest
        )
        rating = next(each.href for each in links_of(newest) if "/rate/" in each.href)
        assert rating.startswith(url)
        assert browser.get(rating).status_code == 200
        rated = browser.post(rating, data={"vote": "up"})
        assert "Your next issue leans more to" in rated.text

        assert "One issue is on the way" in browser.post("/mailbox/next").text
        eventually(
            lambda: browser.get("/mailbox/10").status_code == 200, "the next issue has arrived"
        )
        assert browser.get("/mailbox/999").status_code == 404

    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text()


def test_a_port_that_is_asked_for_and_taken_is_told(installation: Any) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        line = installation.fail("demo", "--port", str(installation.port), status=1)

    assert "give another one by --port" in line

"""A thousand connections that say nothing, or next to nothing, keep nobody from the pages."""

from __future__ import annotations

import contextlib
import resource
import socket
import statistics
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from recommender.web.server import raise_descriptor_limit

CONNECTIONS = 1_100
OPEN_FILES = 512
"""Of the daemon; so that a flood is one twice over."""

HONEST_PAGES = 20
LOG_MAX_BYTES = 100_000
HALF_A_BODY = (
    b"POST /subscribe HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 99\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
)
SAID = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: papers.example.org\r\n",
    "half a body": HALF_A_BODY,
}
NOBODY_TRUSTED = "192.0.2.1"


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    raise_descriptor_limit()
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def flood(port: int, said: bytes, addresses: int) -> Iterator[None]:
    """Hold connections from so many addresses of the loopback network."""
    with contextlib.ExitStack() as stack:
        for number in range(CONNECTIONS):
            client = stack.enter_context(socket.socket())
            client.bind((f"127.0.0.{1 + number % addresses}", 0))
            client.connect(("127.0.0.1", port))
            # It may be closed already, to make room for the next.
            with contextlib.suppress(OSError):
                client.sendall(said)
        yield


def seconds_of_honest_pages(url: str) -> Iterator[float]:
    for _ in range(HONEST_PAGES):
        begun = time.monotonic()
        assert httpx.get(url, timeout=5).status_code == 200
        yield time.monotonic() - begun


@pytest.mark.parametrize(
    ("said", "addresses", "trusted"),
    [
        ("nothing", 1, "127.0.0.0/8"),
        ("nothing", 1, NOBODY_TRUSTED),
        ("half a head", 200, NOBODY_TRUSTED),
        ("half a body", 1, "127.0.0.0/8"),
    ],
)
@pytest.mark.usefixtures("many_files")
def test_idle_connections_keep_nobody_from_the_pages_and_fill_no_log(
    with_digest: Any, start_daemon: Any, said: str, addresses: int, trusted: str
) -> None:
    with_digest.open_files = OPEN_FILES
    with_digest.settings["WEB__TRUSTED_PROXIES"] = trusted
    daemon = start_daemon(with_digest)

    with flood(with_digest.port, SAID[said], addresses):
        seconds = list(seconds_of_honest_pages(with_digest.base_url))

    # Each within `httpx`'s timeout; the longest is the machine's, which runs other tests too.
    assert statistics.median(seconds) < 1
    assert daemon.log.stat().st_size < LOG_MAX_BYTES
    assert "Traceback" not in daemon.log.read_text()

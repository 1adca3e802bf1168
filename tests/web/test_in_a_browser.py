"""The pages in a real browser: what it sends, refuses, and shows on a phone and on a desk.

Headless Chromium is driven over the pipe of its debugging protocol, which needs no driver and no
port: messages are JSON, each ended by a NUL byte, on descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from recommender.domain import Rating, SubscriberState, Vote
from recommender.jobs import links
from recommender.jobs.services import Services
from recommender.store import ratings, subscribers
from recommender.web.app import create_app

pytestmark = pytest.mark.system

ANSWER_TIMEOUT_SECONDS = 30.0

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Browser:
    """One tab of a browser."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self._events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._document = ""
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])
            self._events.append(answer)

    def show(self, *, width: int, height: int = 844, dark: bool = False) -> None:
        """Make the window as wide and high as a screen, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self._events.clear()
        document = self.call("Page.navigate", url=url)["loaderId"]
        while self._document != document:
            self._wait_for_another_document()

    def click(self, selector: str) -> None:
        """Click an element that leads to another page, and wait for that."""
        self._events.clear()
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        self._wait_for_another_document()

    def evaluate(self, expression: str) -> Any:
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def complaints(self) -> list[str]:
        """Return what the browser logged since the page was opened: refused styles and the like."""
        self.evaluate("0")
        return [
            event["params"]["entry"]["text"]
            for event in self._events
            if event.get("method") == "Log.entryAdded"
        ]

    def screenshot(self, path: Path, *, whole_page: bool = False) -> None:
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole_page)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _wait_for_another_document(self) -> None:
        loaded: list[str] = []
        while not loaded:
            loaded = [
                event["params"]["loaderId"]
                for event in self._events
                if event.get("method") == "Page.lifecycleEvent"
                and event["params"]["name"] == "load"
                and event["params"]["loaderId"] != self._document
            ]
            if not loaded:
                self._events.append(self._next_message())
        self._document = loaded[-1]

    def _next_message(self) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while b"\0" not in self._buffer:
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([self._answers], [], [], remaining)[0]:
                raise TimeoutError(f"no answer from the browser in {ANSWER_TIMEOUT_SECONDS:g} s")
            chunk = os.read(self._answers, 1 << 16)
            if not chunk:
                raise RuntimeError("the browser ended")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def opened(executable: str) -> Iterator[Browser]:
    """Start a browser with a fresh profile, and end it."""
    commands_read, commands = os.pipe()
    answers, answers_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        silence = os.open(os.devnull, os.O_WRONLY)
        # Copied out of the way first: the pipes may be numbered 3 and 4 themselves.
        source_read, source_write = os.dup2(commands_read, 103), os.dup2(answers_write, 104)
        process = os.posix_spawn(
            executable,
            [executable, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, source_read, 3),
                (os.POSIX_SPAWN_DUP2, source_write, 4),
                (os.POSIX_SPAWN_DUP2, silence, 2),
            ],
            setpgroup=0,
        )
        for descriptor in (commands_read, answers_write, source_read, source_write, silence):
            os.close(descriptor)
        try:
            yield Browser(commands, answers)
        finally:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(commands)
            os.close(answers)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if executable is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with opened(executable) as started:
        yield started


@pytest.fixture
def site(services: Services, reader: Any) -> Iterator[str]:
    """Serve the pages on a free port of this machine; gives their address."""
    assert reader.services is services
    config = uvicorn.Config(
        create_app(services), port=0, ws="none", lifespan="off", log_level="warning"
    )
    server = uvicorn.Server(config)
    with config.bind_socket() as listening:
        # From here on connections wait until the server takes them.
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def text_of(browser: Browser) -> str:
    return str(browser.evaluate("document.body.innerText"))


def test_one_tap_rates_and_leads_back_to_the_paper(
    browser: Browser, site: str, reader: Any
) -> None:
    """Our own form passes the cross-site check although our pages send no referrer."""
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    browser.click(".big")
    second = reader.issue.entries[1].paper_id
    browser.click(f"#paper-{second} [value=down]")

    assert browser.evaluate("location.hash") == f"#paper-{second}"
    assert browser.evaluate("scrollY") > 0
    assert "You said: more like this" in text_of(browser)
    assert (
        browser.evaluate(f"document.querySelector('#paper-{second} [aria-pressed=true]').value")
        == "down"
    )
    with reader.services.database.read() as session:
        said = [rating.value for rating in ratings.of_subscriber(session, reader.subscriber.id)]
    assert sorted(said) == [-1, 1]


def test_a_newcomer_subscribes_and_confirms(
    browser: Browser, site: str, services: Services
) -> None:
    browser.show(width=390)
    browser.open(site)
    browser.evaluate("document.querySelector('#email').value = 'newcomer@example.org'")
    browser.click(".primary")
    assert "Check your inbox" in text_of(browser)

    with services.database.read() as session:
        newcomer = subscribers.by_key(session, "newcomer@example.org")
    assert newcomer is not None
    url = links.confirm_url(services, newcomer, since=newcomer.requested_at)
    browser.open(url.replace(services.site.base_url, site))
    browser.click(".primary")
    assert "You are subscribed" in text_of(browser)


def test_a_page_of_another_site_that_submits_itself_is_refused(
    browser: Browser, site: str, reader: Any, tmp_path: Path
) -> None:
    page = tmp_path / "elsewhere.html"
    page.write_text(
        f"<form method=post action='{site}{reader.unsubscribe}'><button>Win!</button></form>"
    )
    browser.open(page.as_uri())
    browser.click("button")

    assert "sent from another site" in text_of(browser)
    assert reader.state() is SubscriberState.ACTIVE


PAGES = ("/", "/archive", "/archive/2026-03-11", "/nowhere", "rate", "rated", "me", "unsubscribe")

CROWDED = """
[...document.querySelectorAll('button, input, select, textarea, summary, nav a, .days a')]
  .filter(e => e.type !== 'checkbox' && !e.closest('[aria-hidden]'))
  .filter(e => !e.closest('details:not([open]) > :not(summary)'))
  .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 44)
  .map(e => e.outerHTML)
"""

UNREADABLE = """
(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const ratio = e => {
    const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(ground(e))];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(e => ratio(e) < 4.5).map(e => `${ratio(e).toFixed(2)} ${e.outerHTML.slice(0, 200)}`);
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_every_page_fits_and_can_be_read_and_tapped(
    browser: Browser, site: str, reader: Any, width: int, dark: bool
) -> None:
    """Hold WCAG 2.2 AA for contrast (1.4.3) and reflow (1.4.10), and 44 px for what is tapped."""
    with reader.services.database.write() as session:
        for position, value, saved in ((2, 1, True), (3, -1, False), (4, 0, True)):
            paper_id = reader.issue.entries[position - 1].paper_id
            rating = Rating(paper_id, value, saved, rated_at=reader.issue.composed_at)
            ratings.put(session, reader.subscriber.id, rating)
    paths = {
        "rate": reader.rate(1, Vote.UP),
        "rated": reader.rate(2, Vote.UP),
        "me": f"{reader.me}?done=changed",
        "unsubscribe": reader.unsubscribe,
    }
    browser.show(width=width, dark=dark)
    for page in PAGES:
        browser.open(site + paths.get(page, page))

        refused = [text for text in browser.complaints() if "404" not in text]
        assert refused == [], page
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        assert browser.evaluate(CROWDED) == [], page
        assert browser.evaluate(UNREADABLE) == [], page
        assert browser.evaluate("document.querySelectorAll('h1').length") == 1, page

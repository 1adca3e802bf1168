"""The pages in a real browser: what it sends, refuses, and shows on a phone and on a desk."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from recommender.domain import LibraryAddress, Rating, SubscriberState, Vote
from recommender.jobs.outgoing import links, outbox
from recommender.jobs.people import subscriptions
from recommender.jobs.people.term_ratings import rate_words
from recommender.jobs.services import Services
from recommender.store import libraries, ratings, subscribers
from recommender.web.app import create_app

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def shared_browser(open_browser: Any) -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def browser(shared_browser: Any) -> Any:
    """Return the browser without what it complained of in the tests before."""
    shared_browser.forget()
    return shared_browser


@pytest.fixture
def site(services: Services, reader: Any) -> Iterator[str]:
    """Serve the pages on a free port of this machine; gives their address."""
    assert reader.services is services
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # What a script sends names the page's origin, which has to be ours.
        app = create_app(replace(services, site=replace(services.site, base_url=address)))
        config = uvicorn.Config(app, ws="none", lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield address
        server.should_exit = True
        thread.join()


def said_of(reader: Any) -> list[tuple[int, bool]]:
    """Read what the reader says of papers, in the order of the issue."""
    with reader.services.database.read() as session:
        said = ratings.of_subscriber(session, reader.subscriber.id)
    of_paper = {rating.paper_id: (rating.value, rating.saved) for rating in said}
    return [of_paper.get(entry.paper_id, (0, False)) for entry in reader.issue.entries]


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for what the page's script sends."""
    until = time.monotonic() + 10
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    assert done()


def click(browser: Any, selector: str) -> None:
    """Click on what is brought out from behind the bar at the foot first, as a thumb does."""
    browser.evaluate(f"document.querySelector('{selector}').scrollIntoView({{block: 'center'}})")
    browser.find(selector).click()


NOTHING = [(0, False)] * 10


def test_each_choice_is_stored_at_once_and_can_be_undone(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    places = "[...document.querySelectorAll('button.big, .choices label')].map(e => e.offsetTop)"
    before = browser.evaluate(places)
    second, third = (entry.paper_id for entry in reader.issue.entries[1:3])
    click(browser, ".big")
    wait_until(lambda: said_of(reader)[0] == (1, False))
    click(browser, f"#paper-{second} label:has([value=down])")
    wait_until(lambda: said_of(reader)[1] == (-1, False))
    click(browser, f"#paper-{third} label:has([type=checkbox])")
    wait_until(lambda: said_of(reader)[2] == (0, True))
    wait_until(lambda: "and less to “Paper number 2”" in browser.text())
    assert browser.evaluate(places) == before
    click(browser, "#undo")
    wait_until(lambda: said_of(reader) == [(1, False), (-1, False), *NOTHING[2:]])
    click(browser, f"#paper-{second} label.clear")
    wait_until(lambda: said_of(reader) == [(1, False), *NOTHING[1:]])
    time.sleep(0.6)  # else it would be the second tap of a double tap
    click(browser, ".big")
    wait_until(lambda: said_of(reader) == NOTHING)

    assert browser.evaluate("performance.getEntriesByType('navigation').length") == 1
    assert browser.complaints() == []


@pytest.mark.parametrize("is_offline", [False, True])
def test_the_bar_at_the_foot_hides_no_paper_before_it_has_something_to_say(
    browser: Any, site: str, reader: Any, is_offline: bool
) -> None:
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    position = "getComputedStyle(document.querySelector('.send')).position"
    assert browser.evaluate(position) == "static"
    if is_offline:
        browser.evaluate("window.fetch = () => Promise.reject(new TypeError('offline'))")
    browser.find(".big").click()

    wait_until(lambda: browser.evaluate(position) == "sticky")


@pytest.mark.parametrize("width", [390, 430])
def test_what_can_be_said_of_a_learned_word_stands_beside_it_on_a_phone(
    browser: Any, site: str, paths: dict[str, str], width: int
) -> None:
    browser.show(width=width)
    browser.open(site + paths["interests"])
    beside = """[...document.querySelectorAll('.words li')]
      .filter(e => e.querySelectorAll('button').length === 3)
      .map(e => [e.querySelector('span'), e.querySelector('form')])
      .map(pair => pair.map(e => e.getBoundingClientRect()))
      .map(([word, form]) => word.right <= form.left + 1)"""
    seen = browser.evaluate(beside)

    assert seen
    assert all(seen)


def test_a_double_tap_takes_nothing_back(browser: Any, site: str, reader: Any) -> None:
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    second = reader.issue.entries[1].paper_id
    browser.evaluate("(big => { big.click(); big.click() })(document.querySelector('.big'))")
    # Choices are sent one after the other: once this one is stored, those before it are.
    click(browser, f"#paper-{second} label:has([value=down])")
    wait_until(lambda: said_of(reader)[1] == (-1, False))

    assert said_of(reader)[0] == (1, False)


def test_keys_move_and_like(browser: Any, site: str, reader: Any) -> None:
    browser.show(width=1200)
    browser.open(site + reader.rate(1, Vote.UP))
    browser.press("jjjkl")
    wait_until(lambda: said_of(reader)[1] == (1, False))

    assert said_of(reader) == [(0, False), (1, False), *NOTHING[2:]]
    second = reader.issue.entries[1].paper_id
    assert browser.evaluate("document.activeElement.id") == f"paper-{second}"


def test_a_choice_that_did_not_arrive_is_told_and_can_be_sent(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    second = reader.issue.entries[1].paper_id
    browser.evaluate("window.fetch = () => Promise.reject(new TypeError('offline'))")
    click(browser, f"#paper-{second} label:has([value=up])")
    wait_until(lambda: "Not stored" in browser.text())
    browser.tap("#send")

    assert said_of(reader) == [(0, False), (1, False), *NOTHING[2:]]


def test_a_page_whose_script_runs_changes_nothing_by_itself(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=390)
    for vote in (Vote.UP, Vote.DOWN, Vote.SAVE):
        browser.open(site + reader.rate(1, vote))
        time.sleep(1)

    assert said_of(reader) == NOTHING


def test_a_newcomer_subscribes_and_confirms(
    browser: Any, site: str, services: Services, clock: Any
) -> None:
    browser.show(width=390)
    browser.open(site)
    browser.write("#email", "newcomer@example.org")
    clock.now += timedelta(seconds=5)  # a person takes longer than a program
    browser.tap(".primary")
    assert "Check your inbox" in browser.text()
    subscriptions.decide_requests(services)

    with services.database.read() as session:
        newcomer = subscribers.by_key(session, "newcomer@example.org")
    assert newcomer is not None
    url = links.confirm_url(services, newcomer, since=newcomer.requested_at)
    browser.open(url.replace(services.site.base_url, site))
    browser.tap(".primary")
    assert "You are subscribed" in browser.text()


def test_a_change_is_answered_beside_its_button_and_a_problem_is_gone_to(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=390)
    browser.open(site + reader.me)
    browser.tap(".ways [href$=delivery]")
    browser.choose("#days", "a month")
    browser.tap("#pause [value=pause]")
    assert browser.evaluate("document.activeElement.id") == "answer"
    shown = "document.activeElement.getBoundingClientRect()"
    assert 0 <= browser.evaluate(f"{shown}.top") < browser.evaluate("innerHeight")

    browser.tap(".tabs [href$=interests]")
    browser.write("#followed", "the")
    browser.write("#blocked", "Jane Doe")
    browser.tap("#taste [value=change]")
    assert browser.evaluate("document.activeElement.id") == "followed"
    assert "“the” tells no papers apart" in browser.text("#followed-problem")
    browser.write("#followed", "theorem")
    browser.tap("#taste [value=change]")

    with reader.services.database.read() as session:
        kept = subscribers.by_id(session, reader.subscriber.id)
    assert (kept.state, kept.followed, kept.blocked) == ("paused", "theorem", "Jane Doe")


def test_a_library_is_given_on_a_phone_and_its_key_is_not_shown(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=320)
    browser.open(f"{site}{reader.me}/interests")
    browser.find("#library summary").click()
    browser.write("#library-address", "groups/12345")
    browser.write("#library-key", "aB3" * 8)
    browser.tap("#library [value=library]")

    assert "It is being read." in browser.text()
    assert "aB3" * 8 not in browser.text()


def test_a_page_of_another_site_that_submits_itself_is_refused(
    browser: Any, site: str, reader: Any, tmp_path: Path
) -> None:
    page = tmp_path / "elsewhere.html"
    page.write_text(
        f"<form method=post action='{site}{reader.unsubscribe}'><button>Win!</button></form>"
    )
    browser.open(page.as_uri())
    browser.tap("button")

    assert "sent from another site" in browser.text()
    assert reader.state() is SubscriberState.ACTIVE


def test_the_operator_pauses_sending_on_a_phone_and_sees_the_plots(
    browser: Any, site: str, services: Services
) -> None:
    browser.show(width=360)
    browser.open(f"{site}/status")
    browser.tap("[value=pause]")
    assert outbox.held_now(services).paused_at is None
    browser.tap("[value=pause]")

    assert "Sending is paused." in browser.text()
    assert outbox.held_now(services).paused_at is not None
    widths = "[...document.querySelectorAll('img.plot')].map(e => e.naturalWidth > 0)"
    assert browser.evaluate(widths) == [True, True]
    assert [text for text in browser.complaints() if "/favicon.ico" not in text] == []


PAGES = (
    *("/", "/archive", "/archive/2026-03", "/archive/2026-03-11", "/status", "/nowhere"),
    *("/papers/1", "/search?q=paper&author=ada", "/search?q=zebra"),
    *("rate", "rated", "me", "list", "ratings", "interests", "delivery"),
    *("unsubscribe", "issue", "ended"),
)

CROWDED = """
[...document.querySelectorAll(
  'button, input:not([type=hidden]), select, textarea, summary, .button')]
  .concat(...document.querySelectorAll('nav a, .days a, .ways-on a, .pages a'))
  .map(e => e.closest('label') ?? e)
  .filter(e => !e.closest('[aria-hidden]'))
  .filter(e => !e.closest('details:not([open]) > :not(summary)'))
  .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 44)
  .map(e => e.outerHTML)
"""

# Titles of papers may have words of any length.
WORDS_BROKEN = """
[...document.querySelectorAll('h1, h2, button, .button, dt, label, legend, code')]
  .filter(e => !e.closest('article, .subject, .paper, summary'))
  .flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3))
  .flatMap(node => [...node.data.matchAll(/\\p{L}+/gu)].filter(word => {
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1;
  }))
  .map(word => word[0])
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
    .filter(e => ratio(e) < 7).map(e => `${ratio(e).toFixed(2)} ${e.outerHTML.slice(0, 200)}`);
})()
"""


@pytest.fixture
def paths(reader: Any) -> dict[str, str]:
    """Return where the pages of a reader are who has said much."""
    with reader.services.database.write() as session:
        for position, value, saved in ((2, 1, True), (3, -1, False), (4, 0, True)):
            paper_id = reader.issue.entries[position - 1].paper_id
            rating = Rating(paper_id, value, saved, rated_at=reader.issue.composed_at)
            ratings.put(session, reader.subscriber.id, rating)
        words = "unsupervised hyperparameter optimisation of spatiotemporal transformers"
        rate_words(session, reader.subscriber.id, words, -1, now=reader.issue.composed_at)
        address = LibraryAddress("groups/12345678", "ABCD2345")
        now = reader.issue.composed_at
        libraries.give(session, reader.subscriber.id, address, sealed_key="sealed", now=now)
        subscribers.end_links(session, reader.subscriber.id)
    present = reader.present()
    return {
        "rate": present.rate(1, Vote.UP),
        "rated": present.rate(2, Vote.UP),
        "me": present.me,
        "list": f"{present.me}/list?done=removed",
        "ratings": f"{present.me}/ratings?done=up&change=1&paper=2",
        "interests": f"{present.me}/interests?done=changed",
        "delivery": f"{present.me}/delivery?done=asked",
        "unsubscribe": present.unsubscribe,
        "issue": present.in_browser,
        "ended": reader.me,
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_every_page_fits_and_can_be_read_and_tapped(
    browser: Any, site: str, paths: dict[str, str], width: int, dark: bool
) -> None:
    """Hold WCAG 2.2 for contrast (1.4.6, AAA) and reflow (1.4.10), and 44 px for what is tapped."""
    browser.show(width=width, dark=dark)
    for page in PAGES:
        browser.open(site + paths.get(page, page))
        browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

        seen = browser.complaints()
        refused = [text for text in seen if not re.search("status of 4(04|10)", text)]
        assert refused == [], page
        # Not innerWidth: a phone zooms out until a page that is too wide fits.
        wide = browser.evaluate(
            "[...document.querySelectorAll('body *')]"
            f".filter(e => e.getBoundingClientRect().right > {width})"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert browser.evaluate("document.documentElement.scrollWidth") == width, (page, wide)
        assert browser.evaluate(CROWDED) == [], page
        assert browser.evaluate(UNREADABLE) == [], page
        assert browser.evaluate("document.querySelectorAll('h1').length") == 1, page


def test_a_title_from_right_to_left_stands_on_the_right(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    browser.evaluate("document.querySelector('.paper h3 a').textContent = 'שלום עולם'")

    directions = (
        "[...document.querySelectorAll('.paper h3')].map(e => getComputedStyle(e).direction)"
    )
    assert sorted(browser.evaluate(directions)) == [*["ltr"] * 9, "rtl"]


@pytest.mark.parametrize("width", [320, 390])
def test_every_page_fits_with_text_of_twice_the_size(
    browser: Any, site: str, paths: dict[str, str], width: int
) -> None:
    """Hold WCAG 2.2, 1.4.4, on a phone."""
    browser.show(width=width)
    for page in PAGES:
        if page == "issue":
            # A mail's sizes are in pixels, as mail programs want them.
            continue
        browser.open(site + paths.get(page, page))
        browser.evaluate("document.documentElement.style.fontSize = '200%'")
        wide = browser.evaluate(
            "[...document.querySelectorAll('body *')]"
            f".filter(e => e.getBoundingClientRect().right > {width})"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert browser.evaluate("document.documentElement.scrollWidth") == width, (page, wide)
        assert browser.evaluate(WORDS_BROKEN) == [], page

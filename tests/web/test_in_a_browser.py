"""The pages in a real browser: what it sends, refuses, and shows on a phone and on a desk."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from recommender.domain import LibraryAddress, Rating, SubscriberState, Vote
from recommender.jobs.outgoing import links
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


def test_one_tap_rates_and_leads_back_to_the_paper(browser: Any, site: str, reader: Any) -> None:
    """Our own form passes the cross-site check although our pages send no referrer."""
    browser.show(width=390)
    browser.open(site + reader.rate(1, Vote.UP))
    browser.tap(".big")
    second = reader.issue.entries[1].paper_id
    browser.tap(f"#paper-{second} [value=down]")

    assert browser.evaluate("location.hash") == f"#paper-{second}"
    assert browser.evaluate("scrollY") > 0
    assert "You said: more like this" in browser.text()
    pressed = browser.find_all(f"#paper-{second} [aria-pressed=true]")
    assert [button.get_attribute("value") for button in pressed] == ["down"]
    with reader.services.database.read() as session:
        said = [rating.value for rating in ratings.of_subscriber(session, reader.subscriber.id)]
    assert sorted(said) == [-1, 1]


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


@pytest.mark.parametrize("card", ["schedule", "taste"])
def test_either_save_button_keeps_what_was_written_in_both_cards(
    browser: Any, site: str, reader: Any, card: str
) -> None:
    browser.show(width=390)
    browser.open(site + reader.me)
    browser.write("#papers", "5")
    browser.write("#followed", "Jane Doe")
    browser.tap(f"#{card} [value=change]")

    with reader.services.database.read() as session:
        kept = subscribers.by_id(session, reader.subscriber.id)
    assert (kept.preferences.papers, kept.followed) == (5, "Jane Doe")


def test_a_library_is_given_on_a_phone_and_its_key_is_not_shown(
    browser: Any, site: str, reader: Any
) -> None:
    browser.show(width=320)
    browser.open(site + reader.me)
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


PAGES = (
    *("/", "/archive", "/archive/2026-03", "/archive/2026-03-11", "/nowhere"),
    *("/papers/1", "/search?q=paper&author=ada", "/search?q=zebra"),
    *("rate", "rated", "me", "unsubscribe", "issue", "ended"),
)

CROWDED = """
[...document.querySelectorAll('button, input, select, textarea, summary, .button')]
  .concat(...document.querySelectorAll('nav a, .days a, .ways-on a, .pages a'))
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
    browser: Any, site: str, reader: Any, width: int, dark: bool
) -> None:
    """Hold WCAG 2.2 AA for contrast (1.4.3) and reflow (1.4.10), and 44 px for what is tapped."""
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
    paths = {
        "rate": present.rate(1, Vote.UP),
        "rated": present.rate(2, Vote.UP),
        "me": f"{present.me}?done=changed",
        "unsubscribe": present.unsubscribe,
        "issue": present.in_browser,
        "ended": reader.me,
    }
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

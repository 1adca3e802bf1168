"""People subscribe, confirm, rate and leave: the running daemon, its pages and its mails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import httpx
import pytest

from recommender.demo.loop import TOPIC, topic_titles
from recommender.demo.persona import links_of, papers_of
from recommender.domain import SubscriberState
from recommender.domain.titles import title_key
from recommender.jobs.finding import find_subscriber

SAMPLES = files("recommender") / "demo" / "samples"


class Site:
    """A running daemon, as somebody with an address and a browser knows it."""

    def __init__(self, installation: Any, sink: Any, eventually: Callable[..., Any]) -> None:
        self.installation = installation
        self.sink = sink
        self.eventually = eventually
        self.browser = httpx.Client(base_url=installation.base_url, timeout=30)

    def drop(self, sample: str) -> None:
        """Put a sample digest of today into the watched folder, and wait until it is taken."""
        digest = json.loads((SAMPLES / sample).read_text(encoding="utf-8"))
        digest["date"] = datetime.now(UTC).date().isoformat()
        part = self.installation.folder / "incoming" / f"{sample}.part"
        part.write_text(json.dumps(digest), encoding="utf-8")
        part.rename(part.with_name(sample))
        done = self.installation.folder / "done" / sample
        self.eventually(done.exists, f"{sample} is ingested")

    def subscribe(self, address: str) -> Any:
        """Subscribe on the page, and give the confirmation."""
        answer = self.browser.post("/subscribe", data={"email": address})
        assert answer.status_code == 200
        assert "Check your inbox" in answer.text
        return self.sink.wait_for(address)

    def join(self, address: str) -> Any:
        """Subscribe and confirm, and give the welcome."""
        url = link(self.subscribe(address), "/confirm/")
        answer = self.browser.post(url, follow_redirects=True)
        assert "You are subscribed" in answer.text
        return self.sink.wait_for(address, 2)

    def state(self, address: str) -> SubscriberState:
        with self.installation.services() as services:
            state: SubscriberState = find_subscriber(services, address).state
            return state

    def wait_until_all_is_sent(self) -> None:
        """Wait until the daemon has recorded every mail that arrived."""
        self.installation.wait_until_sent(len(self.sink.mails()))


def link(mail: Any, path: str) -> str:
    """Return the first link of a mail to such a page."""
    return next(each.href for each in links_of(mail.html) if path in each.href)


@pytest.fixture(scope="module")
def site(
    fresh: Any,
    shared_sink: Any,
    start_shared_daemon: Any,
    eventually: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site") / "installation"
    installation = fresh.copy(folder, smtp_port=shared_sink.port)
    start_shared_daemon(installation)
    site = Site(installation, shared_sink, eventually)
    site.drop("first-day.json")
    with site.browser:
        yield site


def test_the_front_page_has_the_digest_under_its_own_words(site: Site) -> None:
    page = site.browser.get("/").text

    for words in ("new", "Get trending papers in your email inbox!", "Subscribe", "by "):
        assert words in page
    first = json.loads((SAMPLES / "first-day.json").read_text(encoding="utf-8"))["data"][0]
    assert first["paper"]["title"] in page


def test_opening_a_confirmation_link_subscribes_nobody_and_the_button_does(site: Site) -> None:
    confirmation = site.subscribe("newcomer@example.org")
    url = link(confirmation, "/confirm/")

    pages = [site.browser.get(url), site.browser.head(url), site.browser.get(url)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "Confirm</button>" in pages[0].text
    assert site.state("newcomer@example.org") is SubscriberState.UNCONFIRMED

    site.browser.post(url)

    assert site.state("newcomer@example.org") is SubscriberState.ACTIVE
    welcome = site.sink.wait_for("newcomer@example.org", 2)
    assert "Welcome" in welcome.text
    assert len(papers_of(welcome)) == 10


def test_a_known_address_gets_the_same_page_as_an_unknown_one(site: Site) -> None:
    site.join("known@example.org")

    known = site.browser.post("/subscribe", data={"email": "known@example.org"})
    unknown = site.browser.post("/subscribe", data={"email": "unknown@example.org"})

    assert known.status_code == unknown.status_code
    assert known.text == unknown.text.replace("unknown@example.org", "known@example.org")


def test_a_newsletter_has_the_headers_of_a_mailing_list(site: Site) -> None:
    message = site.join("headers@example.org").message

    assert message["List-Id"] == "Trending papers <papers.lists.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["From"].addresses[0].display_name == "Trending papers"
    for name in ("Message-ID", "Date", "List-Subscribe", "List-Help", "Feedback-ID"):
        assert message[name], name
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    assert len(bytes(message)) < 100_000


def test_one_click_unsubscribes_without_a_page(site: Site) -> None:
    message = site.join("one-click@example.org").message
    url = next(
        each.strip().strip("<>")
        for each in message["List-Unsubscribe"].split(",")
        if each.strip().startswith("<http")
    )

    answer = site.browser.post(url, data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200, "RFC 8058 allows no redirect"
    assert site.state("one-click@example.org") is SubscriberState.UNSUBSCRIBED


def test_the_unsubscribe_page_unsubscribes_by_its_button(site: Site) -> None:
    url = link(site.join("leaver@example.org"), "/unsubscribe/")

    page = site.browser.get(url)

    assert "Unsubscribe</button>" in page.text
    assert site.state("leaver@example.org") is SubscriberState.ACTIVE
    after = site.browser.post(url, follow_redirects=True)
    assert "You are unsubscribed" in after.text
    assert site.state("leaver@example.org") is SubscriberState.UNSUBSCRIBED


def test_a_scanner_that_opens_every_link_leaves_the_database_byte_for_byte_as_it_was(
    site: Site,
) -> None:
    confirmation = site.subscribe("scanned-newcomer@example.org")
    welcome = site.join("scanned@example.org")
    site.wait_until_all_is_sent()
    ours = site.installation.base_url
    urls = {
        each.href
        for mail in (confirmation, welcome)
        for each in links_of(mail.html)
        if each.href.startswith(ours)
    }
    # Three for each of ten papers; the confirmation, preferences, unsubscribe, browser, front page.
    assert len(urls) == 35
    before = site.installation.database_hashes()

    for url in sorted(urls):
        assert site.browser.get(url).status_code == 200
        assert site.browser.head(url).status_code == 200
        prefetched = site.browser.get(url, headers={"Sec-Purpose": "prefetch"})
        assert prefetched.status_code == 200

    assert "recommender.db-wal" in before
    assert site.installation.database_hashes() == before


def test_an_issue_after_rating_by_the_links_is_ordered_by_the_ratings(site: Site) -> None:
    """Two readers get the same first issue; one likes a topic of it, the other says nothing."""
    first = site.join("rater@example.org")
    assert [paper.title for paper in papers_of(first)] == [
        paper.title for paper in papers_of(site.join("silent@example.org"))
    ]
    topic = topic_titles(TOPIC)
    liked = [paper for paper in papers_of(first) if title_key(paper.title) in topic]
    assert liked
    for paper in liked:
        page = site.browser.post(paper.like_url, data={"vote": "up"}, follow_redirects=True)
        assert "Your next issue leans more to" in page.text
    site.drop("second-day.json")

    site.installation.do("send", "--now")

    second = site.sink.wait_for("rater@example.org", 3)
    silent = site.sink.wait_for("silent@example.org", 3)
    assert sum_of_reciprocal_ranks(topic, second) > 2 * sum_of_reciprocal_ranks(topic, silent)
    assert f"Ranked by your {len(liked)} like" in second.text
    sent_before = {paper.title for paper in papers_of(first)}
    assert not sent_before & {paper.title for paper in papers_of(second)}


def sum_of_reciprocal_ranks(topic: frozenset[str], mail: Any) -> float:
    """Return how high and how often the papers of a topic stand in an issue."""
    return sum(
        1 / place
        for place, paper in enumerate(papers_of(mail), start=1)
        if title_key(paper.title) in topic
    )

"""A person with a browser: from the front page to leaving, on the running daemon."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import Select, WebDriverWait

from recommender.demo.reader import links_of, papers_of
from recommender.domain import SubscriberState
from recommender.jobs import members
from recommender.store import ratings

pytestmark = pytest.mark.system

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=390,844",
    # Whatever else it may want to look up stays on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
NO_JAVASCRIPT = {"profile.managed_default_content_settings.javascript": 2}
SCRIPTED = "<title>off</title><script>document.title = 'on'</script>"


class Person:
    """Somebody who sees pages and taps on what is there."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        self.driver.get(url)

    def tap(self, selector: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def write(self, selector: str, words: str) -> None:
        field = self.driver.find_element(By.CSS_SELECTOR, selector)
        field.clear()
        field.send_keys(words)

    def choose(self, selector: str, words: str) -> None:
        Select(self.driver.find_element(By.CSS_SELECTOR, selector)).select_by_visible_text(words)

    def sees(self, words: str, within: str = "body") -> None:
        """Wait until words are there."""
        WebDriverWait(self.driver, 20).until(
            expected.text_to_be_present_in_element((By.CSS_SELECTOR, within), words)
        )

    def complaints(self) -> list[str]:
        """Give what the browser's console says."""
        return [entry["message"] for entry in _log(self.driver, "browser")]

    def requests(self) -> list[str]:
        """Give the address of everything that pages asked for."""
        messages = [
            json.loads(entry["message"])["message"] for entry in _log(self.driver, "performance")
        ]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def person(request: pytest.FixtureRequest) -> Iterator[Person]:
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    chromedriver = shutil.which("chromedriver")
    if browser is None or chromedriver is None:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if not request.param:
            options.add_experimental_option("prefs", NO_JAVASCRIPT)
        driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
        try:
            driver.get(f"data:text/html,{SCRIPTED}")
            assert driver.title == ("on" if request.param else "off")
            _log(driver, "performance")  # what the browser showed before is not our pages
            yield Person(driver)
        finally:
            driver.quit()


def test_a_person_subscribes_confirms_rates_changes_their_mind_and_leaves(
    with_digest: Any, sink: Any, start_daemon: Any, person: Person
) -> None:
    start_daemon(with_digest)

    person.open(with_digest.base_url)
    person.sees("Get trending papers in your email inbox!")
    person.write("#email", "person@example.org")
    person.tap("form.signup button.primary")
    person.sees("Check your inbox")

    confirmation = sink.wait_for("person@example.org")
    person.open(link(confirmation, "/confirm/"))
    person.sees("person@example.org")
    person.tap("button.primary")
    person.sees("You are subscribed")

    welcome = sink.wait_for("person@example.org", 2)
    person.open(papers_of(welcome)[0].like_url)
    person.tap("button.big")
    person.sees("You said: more like this", ".subject")
    others = person.driver.find_elements(By.CSS_SELECTOR, "li.paper")
    first, second, third = [f"#{each.get_attribute('id')}" for each in others[:3]]
    for paper, vote, said in (
        (first, "up", "more like this"),
        (second, "down", "less like this"),
        (third, "save", "saved to your reading list"),
    ):
        person.tap(f"{paper} button[value={vote}]")
        person.sees(f"You said: {said}", paper)
    person.tap(f"{first} button[value=withdraw]")
    WebDriverWait(person.driver, 20).until(
        expected.invisibility_of_element_located((By.CSS_SELECTOR, f"{first} .undo"))
    )
    with with_digest.services() as services:
        subscriber = members.find(services, "person@example.org")
        with services.database.read() as session:
            stored = ratings.of_subscriber(session, subscriber.id)
    assert sorted((each.value, each.saved) for each in stored) == [
        (-1, False),
        (0, True),
        (1, False),
    ]

    person.open(link(welcome, "/me/"))
    person.choose("#hour", "09:00")
    person.write("#papers", "5")
    person.tap("button[value=change]")
    person.sees("at 09:00")

    person.open(link(welcome, "/unsubscribe/"))
    person.tap("button.primary")
    person.sees("You are unsubscribed")

    with with_digest.services() as services:
        subscriber = members.find(services, "person@example.org")
    assert subscriber.state is SubscriberState.UNSUBSCRIBED
    assert (subscriber.preferences.hour, subscriber.preferences.papers) == (9, 5)
    assert person.complaints() == []
    requests = person.requests()
    assert len(requests) >= 10
    foreign = [url for url in requests if not url.startswith((with_digest.base_url, "data:"))]
    assert foreign == []


def _log(driver: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    """Give what a log of the browser got since it was read last."""
    return list(driver.get_log(kind))  # type: ignore[no-untyped-call]  # selenium leaves it untyped


def link(mail: Any, path: str) -> str:
    return next(each.href for each in links_of(mail.html) if path in each.href)

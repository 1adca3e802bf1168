"""A person with a browser: from the front page to leaving, on the running daemon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from recommender.demo.persona import links_of, papers_of
from recommender.domain import SubscriberState
from recommender.jobs.finding import find_subscriber
from recommender.store import issues, ratings

pytestmark = pytest.mark.system

SCRIPTED = "<title>off</title><script>document.title = 'on'</script>"


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def person(request: pytest.FixtureRequest, open_browser: Any) -> Iterator[Any]:
    """Be somebody with a browser that runs scripts, and somebody whose browser runs none."""
    with open_browser(javascript=request.param) as browser:
        browser.open(f"data:text/html,{SCRIPTED}")
        assert browser.driver.title == ("on" if request.param else "off")
        browser.forget()  # what the browser showed before is not our pages
        yield browser


def test_a_person_subscribes_confirms_rates_changes_their_mind_and_leaves(
    with_digest: Any, sink: Any, start_daemon: Any, person: Any, eventually: Any
) -> None:
    # The driver is faster than any person.
    with_digest.settings["LIMITS__FORM_SECONDS"] = "0"
    start_daemon(with_digest)

    person.open(with_digest.base_url)
    assert "Get trending papers in your email inbox!" in person.text()
    person.write("#email", "person@example.org")
    person.tap("form.signup button.primary")
    assert "Check your inbox" in person.text()

    confirmation = sink.wait_for("person@example.org")
    person.open(link(confirmation, "/confirm/"))
    assert "person@example.org" in person.text()
    person.tap("button.primary")
    assert "You are subscribed" in person.text()

    welcome = sink.wait_for("person@example.org", 2)
    before_rating = person.requests()
    person.open(papers_of(welcome)[0].like_url)
    rated = rate_all(person)
    eventually(lambda: said_of(with_digest) == rated, "all choices are stored")
    assert "Your next issue leans more to" in person.text("#told")
    asked_for: list[str] = []

    def asked() -> int:
        # The browser writes its log a little later.
        asked_for.extend(person.requests())
        return sum("/rate/" in url for url in asked_for)

    # One page view, and what its script sends; or two views, between which the form is sent.
    expected = 1 + len(rated) if has_script(person) else 3
    eventually(lambda: asked() >= expected, "what it asked for is in its log")
    assert asked() == expected

    person.open(link(welcome, "/me/"))
    person.tap(".ways [href$=delivery]")
    person.choose("#hour", "09:00")
    person.write("#papers", "5")
    person.tap("button[value=change]")
    assert "at 09:00" in person.text()

    keep_a_note(person)
    leave_and_come_back(person, welcome)

    with with_digest.services() as services:
        subscriber = find_subscriber(services, "person@example.org")
    assert subscriber.state is SubscriberState.UNSUBSCRIBED
    assert (subscriber.preferences.hour, subscriber.preferences.papers) == (9, 5)
    assert person.complaints() == []
    requests = [*before_rating, *asked_for, *person.requests()]
    assert len(requests) >= 10
    foreign = [url for url in requests if not url.startswith((with_digest.base_url, "data:"))]
    assert foreign == []


def has_script(person: Any) -> bool:
    return not person.find("#send").is_displayed()


def rate_all(person: Any) -> list[tuple[int, bool]]:
    """Rate each paper of the page, and return what is to be stored."""
    meant = []
    for at, choices in enumerate(person.find_all("fieldset.choices")):
        label, said = (
            ("[value=up]", (1, False)),
            ("[value=down]", (-1, False)),
            ("[type=checkbox]", (0, True)),
        )[at % 3]
        person.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", choices)
        choices.find_element("css selector", f"label:has({label})").click()
        meant.append(said)
    if not has_script(person):
        person.tap("#send")
    return meant


def said_of(installation: Any) -> list[tuple[int, bool]]:
    """Read what the reader says of the papers of their issue, in its order."""
    with installation.services() as services:
        subscriber = find_subscriber(services, "person@example.org")
        with services.database.read() as session:
            (issue,) = issues.of_subscriber(session, subscriber.id)
            said = {
                each.paper_id: (each.value, each.saved)
                for each in ratings.of_subscriber(session, subscriber.id)
            }
    return [said.get(entry.paper_id, (0, False)) for entry in issue.entries]


def link(mail: Any, path: str) -> str:
    return next(each.href for each in links_of(mail.html) if path in each.href)


def keep_a_note(person: Any) -> None:
    """Write about the saved paper, take it off the list and back, and find it by the note."""
    person.tap(".tabs [href$=list]")
    person.find(".reading summary").click()
    person.write(".reading textarea", "For Friday.")
    person.write(".reading [name=tags]", "knots, to cite")
    person.tap(".reading [value=note]")
    assert "For Friday." in person.text(".reading")
    person.tap(".reading [value=remove]")
    assert "Removed from your reading list." in person.text("#answer")
    person.tap(".reading [value=undo]")
    assert "For Friday." in person.text(".reading")
    person.write("#q", "friday knots")
    person.tap("[role=search] button")
    assert "1 paper found" in person.text()


def leave_and_come_back(person: Any, mail: Any) -> None:
    """Leave twice by the link of a mail and take it back, then leave by the own pages."""
    for _ in range(2):
        person.open(link(mail, "/unsubscribe/"))
        person.tap("button.primary")
        assert "You are unsubscribed" in person.text()
        person.tap("[name=undo]")
        assert "You are still here" in person.text()
    person.open(link(mail, "/me/"))
    person.tap(".ways [href$=delivery]")
    person.tap("#leave button")
    assert "You are unsubscribed" in person.text()

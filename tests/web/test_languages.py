"""Who asks on a page is spoken to in the language of their browser, until they choose another."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes

import httpx
import pytest

from recommender.domain import Subscriber
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.store import claims, digests, subscribers

from .conftest import Reader

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
NEW = "new@example.org"


def new_subscriber(services: Services) -> Subscriber:
    subscriptions.decide_requests(services)
    with services.database.read() as session:
        found = subscribers.by_key(session, NEW)
    assert found is not None
    return found


async def test_the_language_of_the_browser_is_that_of_the_confirmation(
    client: httpx.AsyncClient, services: Services
) -> None:
    answer = await client.post("/subscribe", data={"email": NEW}, headers=GERMAN)
    assert "Sehen Sie in Ihr Postfach" in answer.text
    assert new_subscriber(services).language == "de"

    with services.database.write() as session:
        (delivery,) = claims.claim_due(
            session, worker="w", now=services.clock(), lease_seconds=60, limit=10
        )
    message = message_from_bytes(message_builder(services)([delivery])(delivery).content)
    assert message["Content-Language"] == "de"
    html = message.get_payload()[1].get_payload(decode=True).decode()
    assert '<html lang="de"' in html
    assert "Bestätigen Sie Ihre Anmeldung" in html.replace("&#228;", "ä")


@pytest.mark.parametrize("asked", ["fi", "", "*"])
async def test_who_asks_for_no_language_that_there_is_gets_that_of_the_installation(
    client: httpx.AsyncClient, services: Services, asked: str
) -> None:
    await client.post("/subscribe", data={"email": NEW}, headers={"Accept-Language": asked})
    assert new_subscriber(services).language is None


async def test_the_newest_request_of_who_never_agreed_says_the_language(
    client: httpx.AsyncClient, services: Services
) -> None:
    await client.post("/subscribe", data={"email": NEW}, headers={"Accept-Language": "en"})
    assert new_subscriber(services).language == "en"
    services.clock.now += 2 * subscriptions.subscription.MAIL_INTERVAL  # type: ignore[attr-defined]
    await client.post("/subscribe", data={"email": NEW}, headers=GERMAN)
    assert new_subscriber(services).language == "de"


async def test_own_pages_are_in_the_subscribers_language_whatever_the_browser_says(
    client: httpx.AsyncClient, reader: Reader
) -> None:
    answer = await client.get(reader.me, headers=GERMAN)
    assert '<html lang="en">' in answer.text
    assert "Next mail" in answer.text

    await client.post(reader.me, data={"action": "change", "language": "de"})
    assert reader.present().subscriber.language == "de"
    for path in (reader.me, *reader.own_pages, reader.unsubscribe):
        answer = await client.get(path, headers={"Accept-Language": "en"})
        assert '<html lang="de">' in answer.text
        assert answer.headers["Content-Language"] == "de"
    assert "Nächste Mail" in (await client.get(reader.me)).text


async def test_a_change_of_language_is_undone_by_one_tap(
    client: httpx.AsyncClient, reader: Reader
) -> None:
    answer = await client.post(f"{reader.me}/delivery", data={"action": "change", "language": "de"})
    change = httpx.URL(answer.headers["Location"]).params["change"]
    await client.post(f"{reader.me}/delivery", data={"action": "undo", "change": change})
    assert reader.present().subscriber.language is None


async def test_a_form_without_a_language_leaves_it(
    client: httpx.AsyncClient, reader: Reader
) -> None:
    await client.post(reader.me, data={"action": "change", "language": "de"})
    form = {"action": "change", "hour": "9", "weekdays": "0", "timezone": "UTC", "papers": "5"}
    await client.post(reader.me, data=form)
    assert reader.present().subscriber.language == "de"
    assert reader.present().subscriber.preferences.hour == 9


async def test_a_language_that_there_is_not_is_told_at_its_field(
    client: httpx.AsyncClient, reader: Reader
) -> None:
    answer = await client.post(reader.me, data={"action": "change", "language": "xx"})
    assert answer.status_code == 422
    assert 'id="language-problem"' in answer.text
    assert reader.present().subscriber.language is None


async def test_old_issues_stay_in_the_language_that_they_were_composed_in(
    client: httpx.AsyncClient, reader: Reader
) -> None:
    before = await client.get(reader.in_browser)
    await client.post(reader.me, data={"action": "change", "language": "de"})
    after = await client.get(reader.in_browser)
    assert '<html lang="en"' in before.text
    assert after.text == before.text


async def test_public_pages_name_the_community_in_the_language(
    client: httpx.AsyncClient, services: Services, reader: Reader
) -> None:
    paper_id = reader.issue.entries[1].paper_id
    with services.database.write() as session:
        digests.add(
            session,
            sha256="1" * 64,
            format="json-lines",
            source="folder",
            file_name="mar-12.jsonl",
            curator="the research community",
            day=date(2026, 3, 12),
            ingested_at=services.clock(),
            mentions=[digests.RankedMention(paper_id, 1, upvotes=1)],
        )
    for path in ("/", "/archive/2026-03-12", f"/papers/{paper_id}"):
        english, german = await client.get(path), await client.get(path, headers=GERMAN)
        assert "by the research community" in english.text
        assert "von der Forschungsgemeinschaft" in german.text
        assert "by the research community" not in german.text


@pytest.mark.usefixtures("reader")
async def test_public_pages_are_kept_for_each_language(client: httpx.AsyncClient) -> None:
    english = await client.get("/archive")
    german = await client.get("/archive", headers=GERMAN)
    assert "Was im Trend lag" in german.text
    assert '<html lang="de">' in german.text
    assert "Mittwoch, 11. März 2026" in (await client.get("/", headers=GERMAN)).text
    for answer, tag in ((english, "en"), (german, "de")):
        assert answer.headers["Content-Language"] == tag
        assert "Accept-Language" in answer.headers["Vary"]
    assert english.headers["ETag"] != german.headers["ETag"]
    # Now from memory, whoever asks in which order and words.
    for asked, expected in (("en", english), ("de", german), ("fi", english), ("de;q=1", german)):
        assert (await client.get("/archive", headers={"Accept-Language": asked})).text == (
            expected.text
        )
    headers = {**GERMAN, "If-None-Match": german.headers["ETag"]}
    assert (await client.get("/archive", headers=headers)).status_code == 304


@pytest.mark.usefixtures("reader")
async def test_a_kept_page_is_in_the_language_that_it_is_kept_for(
    client: httpx.AsyncClient,
) -> None:
    """A header that comes twice must not bring one language under the name of another."""
    for twice in (["de", "en"], ["en", "de"]):
        await client.get("/archive", headers=[("Accept-Language", each) for each in twice])
    assert '<html lang="en">' in (await client.get("/archive")).text
    assert '<html lang="de">' in (await client.get("/archive", headers=GERMAN)).text


async def test_links_that_do_not_work_are_explained_in_the_language_of_the_browser(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/me/nonsense", headers=GERMAN)
    assert "Dieser Link funktioniert nicht" in answer.text


async def test_the_operators_page_is_english(client: httpx.AsyncClient) -> None:
    answer = await client.get("/status", headers=GERMAN)
    assert '<html lang="en">' in answer.text


@pytest.mark.usefixtures("reader")
async def test_the_card_says_in_the_language_what_it_is(client: httpx.AsyncClient) -> None:
    assert "Die Paper, über die man spricht" in (await client.get("/card.svg", headers=GERMAN)).text

"""The pages behind the links of a mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from recommender.domain import SubscriberState, Vote
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import links
from recommender.jobs.people import subscriptions, voting
from recommender.jobs.services import Services
from recommender.store import ratings, subscribers
from recommender.store.erasing import erase_subscriber


def rated(reader: Any) -> dict[int, tuple[int, bool]]:
    """Read what the reader says of each position: value, and whether saved."""
    positions = {entry.paper_id: entry.position for entry in reader.issue.entries}
    with reader.services.database.read() as session:
        said = ratings.of_subscriber(session, reader.subscriber.id)
    return {positions[rating.paper_id]: (rating.value, rating.saved) for rating in said}


def big_button(page: str) -> dict[str, str]:
    """Read what the big button sends, and whether it looks pressed."""
    (tag,) = re.findall(r'<button class="primary big"[^>]*>', page)
    return {name: re.findall(f'{name}="([^"]*)"', tag)[0] for name in ("value", "aria-pressed")}


def fields(page: Response) -> dict[str, str]:
    """Read what a browser would send of the page's form, were its last button pressed."""
    inputs = re.findall(r"<input [^>]*>", page.text)
    return {
        re.findall(r'name="([^"]*)"', each)[0]: re.findall(r'value="([^"]*)"', each)[0]
        for each in inputs
        if 'type="hidden"' in each or each.endswith(" checked>")
    }


async def confirmation_link(client: AsyncClient, services: Services) -> str:
    email = "newcomer@example.org"
    await client.post("/subscribe", data={"email": email})
    subscriptions.decide_requests(services)
    with services.database.read() as session:
        subscriber = subscribers.by_key(session, email)
    assert subscriber is not None
    return links.confirm_url(services, subscriber, since=subscriber.requested_at).removeprefix(
        services.site.base_url
    )


async def test_a_scanner_that_opens_every_link_changes_nothing(
    client: AsyncClient, reader: Any, services: Services, stored: Callable[[], Any]
) -> None:
    confirm = await confirmation_link(client, services)
    mail = (await client.get(reader.in_browser)).text
    paths = [*reader.all_links, confirm, "/", "/subscribe", "/archive", "/archive/2026-03-11"]
    assert all(path.rpartition("/")[2] in mail for path in reader.all_links[:33])
    before = stored()

    for path in paths:
        for method in ("GET", "HEAD"):
            response = await client.request(method, path)
            assert response.status_code in {200, 303}, path

    assert stored() == before


async def test_confirming_takes_the_button_and_survives_a_reload(
    client: AsyncClient, services: Services
) -> None:
    path = await confirmation_link(client, services)
    asked = await client.get(path)
    pressed = await client.post(path)
    told = await client.get(path)
    again = await client.post(path)

    assert ">Confirm</button>" in asked.text
    assert "You are subscribed" not in asked.text
    assert (pressed.status_code, pressed.headers["Location"]) == (303, f"..{path}")
    assert "You are subscribed" in told.text
    assert "<button" not in told.text
    assert again.status_code == 303
    with services.database.read() as session:
        newcomer = subscribers.by_key(session, "newcomer@example.org")
    assert newcomer is not None
    assert newcomer.state is SubscriberState.ACTIVE


async def test_who_confirmed_is_led_on_to_papers_interests_and_delivery(
    client: AsyncClient, services: Services
) -> None:
    path = await confirmation_link(client, services)
    await client.post(path)
    told = (await client.get(path)).text
    onward = re.findall(r'<li><a href="([^"]*)"', told)
    too_early = await client.get(f"{path}/papers")

    assert [url.rpartition("/")[2] for url in onward] == ["papers", "interests", "delivery"]
    assert f"..{path}/papers".endswith(onward[0])
    assert "on their way" in too_early.text


async def test_who_confirmed_rates_the_first_papers_before_the_mail_is_there(
    client: AsyncClient, services: Services, reader: Any
) -> None:
    assert reader.issue.entries, "there is a digest"
    path = await confirmation_link(client, services)
    before = await client.get(f"{path}/papers")
    await client.post(path)
    newsletters.compose_issues(services)
    led = await client.get(f"{path}/papers")
    page = await client.get(led.headers["Location"].removeprefix(services.site.base_url))

    assert before.status_code == 200
    assert led.status_code == 303
    assert len(re.findall("<fieldset", page.text)) == 10


async def test_a_vote_takes_one_tap_and_leads_back_to_its_paper(
    client: AsyncClient, reader: Any
) -> None:
    path = reader.rate(2, Vote.UP)
    paper_id = reader.issue.entries[1].paper_id
    asked = await client.get(path)
    pressed = await client.post(path, data={"vote": "up", "paper": paper_id})
    told = await client.get(path)

    assert big_button(asked.text) == {"value": "up", "aria-pressed": "false"}
    assert "Nothing is stored yet." in asked.text
    assert pressed.status_code == 303
    assert pressed.headers["Location"] == f"..{path}#paper-{paper_id}"
    assert f'id="paper-{paper_id}"' in told.text
    assert big_button(told.text) == {"value": "withdraw", "aria-pressed": "true"}
    assert "Stored. Your next issue leans more to “Paper number 2”." in told.text
    assert rated(reader) == {2: (1, False)}


async def test_a_link_without_a_vote_offers_all_votes_of_all_papers(
    client: AsyncClient, reader: Any, services: Services
) -> None:
    url = links.rate_all_url(services, reader.subscriber, reader.issue)
    path = url.removeprefix(services.site.base_url)
    asked = await client.get(path)

    assert asked.status_code == 200
    assert 'class="primary big"' not in asked.text
    assert asked.text.count("<h1") == 1
    form = fields(asked)
    assert {value for name, value in form.items() if name.startswith("value-")} == {"none"}
    form[f"value-{reader.issue.entries[2].paper_id}"] = "down"
    pressed = await client.post(path, data=form)
    assert pressed.status_code == 303
    assert rated(reader) == {3: (-1, False)}


@pytest.mark.parametrize(
    ("vote", "value", "words"),
    [
        (Vote.UP, (1, False), "More like this"),
        (Vote.DOWN, (-1, False), "Less like this"),
        (Vote.SAVE, (0, True), "Save"),
    ],
)
async def test_a_vote_without_a_paper_is_for_the_paper_of_the_link(
    client: AsyncClient, reader: Any, vote: Vote, value: tuple[int, bool], words: str
) -> None:
    path = reader.rate(3, vote)
    page = (await client.get(path)).text
    response = await client.post(path, data={"vote": vote})

    assert big_button(page)["value"] == vote
    assert f"</span> {words}</button>" in page
    assert response.headers["Location"] == f"..{path}#main"
    assert rated(reader) == {3: value}


async def test_one_form_rates_all_ten_in_two_page_views(client: AsyncClient, reader: Any) -> None:
    path = reader.rate(1, Vote.UP)
    form = fields(await client.get(path))
    for entry in reader.issue.entries:
        form[f"value-{entry.paper_id}"] = ("up", "down", "none")[entry.position % 3]
        if entry.position % 3 == 2:
            form[f"saved-{entry.paper_id}"] = "1"
    sent = await client.post(path, data=form)
    page = (await client.get(path)).text

    assert sent.headers["Location"] == f"..{path}#main"
    said = {1: (-1, False), 2: (0, True), 0: (1, False)}
    assert rated(reader) == {position: said[position % 3] for position in range(1, 11)}
    assert len(re.findall(r'value="(?:up|down|1)" checked', page)) == 10
    assert page.count("<form") == 1


async def test_what_the_link_stands_for_is_chosen_and_not_stored(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    path = reader.rate(4, Vote.DOWN)
    before = stored()
    form = fields(await client.get(path))

    assert stored() == before
    chosen = {name: value for name, value in form.items() if value in {"up", "down", "1"}}
    assert chosen == {f"value-{reader.issue.entries[3].paper_id}": "down"}
    await client.post(path, data=form)
    assert rated(reader) == {4: (-1, False)}


async def test_what_was_said_since_is_not_turned_round_by_the_link_of_an_old_mail(
    client: AsyncClient, reader: Any
) -> None:
    path = reader.rate(4, Vote.DOWN)
    await client.post(reader.rate(4, Vote.UP), data={"vote": "up"})

    form = fields(await client.get(path))
    form[f"value-{reader.issue.entries[0].paper_id}"] = "up"
    await client.post(path, data=form)

    assert rated(reader) == {1: (1, False), 4: (1, False)}


async def test_a_form_that_lay_open_says_only_what_was_changed_in_it(
    client: AsyncClient, reader: Any
) -> None:
    path = reader.rate(1, Vote.UP)
    on_the_phone = fields(await client.get(path))
    await client.post(reader.rate(2, Vote.DOWN), data={"vote": "down"})
    await client.post(reader.rate(3, Vote.SAVE), data={"vote": "save"})

    for _ in range(2):
        await client.post(path, data=on_the_phone)

    assert rated(reader) == {1: (1, False), 2: (-1, False), 3: (0, True)}


async def test_the_big_button_sends_what_was_chosen_below_as_well(
    client: AsyncClient, reader: Any
) -> None:
    path = reader.rate(1, Vote.UP)
    form = fields(await client.get(path))
    form[f"value-{reader.issue.entries[6].paper_id}"] = "down"
    await client.post(path, data=form | {"vote": "up"})

    assert rated(reader) == {1: (1, False), 7: (-1, False)}


async def test_the_script_gets_what_changed_in_words_and_not_a_page(
    client: AsyncClient, reader: Any
) -> None:
    first, second = (entry.paper_id for entry in reader.issue.entries[:2])
    path = reader.rate(2, Vote.UP)
    liked = {f"was-{second}": "", f"value-{second}": "up", "fragment": "1"}
    disliked = {f"was-{first}": "", f"value-{first}": "down", "fragment": "1"}
    answers = [await client.post(path, data=each) for each in (liked, disliked)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text.strip() == ("Stored. Your next issue leans more to “Paper number 2”.")
    assert "<script>" not in answers[1].text
    assert "and less to “&lt;script&gt;" in answers[1].text
    assert rated(reader) == {1: (-1, False), 2: (1, False)}


async def test_a_vote_can_be_changed_and_taken_back(client: AsyncClient, reader: Any) -> None:
    path = reader.rate(4, Vote.UP)
    seen = []
    for vote in ("up", "down", "save", "up", "withdraw"):
        await client.post(path, data={"vote": vote})
        seen.append(rated(reader).get(4))

    assert seen == [(1, False), (-1, False), (0, True), (1, True), (0, True)]
    assert big_button((await client.get(path)).text)["aria-pressed"] == "false"


async def test_a_saved_paper_offers_the_vote_of_the_link_that_is_open(
    client: AsyncClient, reader: Any
) -> None:
    await client.post(reader.rate(5, Vote.SAVE), data={"vote": "save"})
    page = (await client.get(reader.rate(5, Vote.UP))).text

    assert big_button(page) == {"value": "up", "aria-pressed": "false"}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"vote": "sideways"}, 400),
        ({}, 400),
        ({"value-1": "up"}, 400),
        ({"was-one": "", "value-one": "up"}, 400),
        ({"was-1": "", "value-1": "sideways"}, 400),
        ({"was-" + "9" * 30: ""}, 400),
        ({"was-999999": "", "value-999999": "up"}, 404),
        ({"vote": "up", "paper": "first"}, 400),
        ({"vote": "up", "paper": "-1"}, 400),
        ({"vote": "up", "paper": "9" * 30}, 400),
        ({"vote": "up", "paper": "999999"}, 404),
        ({f"was-{number}": "" for number in range(300)}, 400),
    ],
)
async def test_a_vote_that_cannot_be_is_refused(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], form: dict[str, str], status: int
) -> None:
    before = stored()

    response = await client.post(reader.rate(1, Vote.UP), data=form)

    assert response.status_code == status
    assert "<h1>" in response.text
    assert stored() == before


async def test_a_form_is_taken_as_a_whole_or_not_at_all(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    before = stored()
    paper_id = reader.issue.entries[0].paper_id
    form = {f"was-{paper_id}": "", f"value-{paper_id}": "up", "was-999999": "up"}

    response = await client.post(reader.rate(1, Vote.UP), data=form)

    assert response.status_code == 404
    assert stored() == before


async def test_the_script_is_small_and_ours(client: AsyncClient, reader: Any) -> None:
    page = await client.get(reader.rate(1, Vote.UP))
    script = await client.get("/rate.js")

    assert re.findall(r'<script src="([^"]*)" defer></script>', page.text) == ["../rate.js"]
    assert page.text.count("<script") == 1
    assert "script-src 'self'; connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert len(script.content) <= 10_000


async def test_a_reader_cannot_rate_what_was_not_in_the_issue_of_the_link(
    client: AsyncClient, reader: Any
) -> None:
    page = voting.open_rating(reader.services, reader.rate(1, Vote.UP).rpartition("/")[2])
    outside = max(entry.paper_id for entry in page.entries) + 1

    response = await client.post(reader.rate(1, Vote.UP), data={"vote": "up", "paper": outside})

    assert response.status_code == 404
    assert rated(reader) == {}


async def test_unsubscribing_takes_the_button_and_says_so_afterwards(
    client: AsyncClient, reader: Any
) -> None:
    asked = await client.get(reader.unsubscribe)
    pressed = await client.post(reader.unsubscribe)
    told = await client.get(reader.unsubscribe)
    again = await client.post(reader.unsubscribe)

    assert ">Unsubscribe</button>" in asked.text
    assert (pressed.status_code, pressed.headers["Location"]) == (303, f"..{reader.unsubscribe}")
    assert "You are unsubscribed" in told.text
    assert "Subscribe again" in told.text
    assert again.status_code == 303
    assert reader.state() is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
async def test_one_click_unsubscribes_without_a_page_or_a_redirect(
    client: AsyncClient, reader: Any, encoding: str
) -> None:
    # RFC 8058, section 3.2: either encoding; a webmail service sends it from its own site.
    body = b"List-Unsubscribe=One-Click"
    content_type = encoding
    if encoding == "multipart/form-data":
        content_type += "; boundary=edge"
        body = (
            b'--edge\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
            b"One-Click\r\n--edge--\r\n"
        )
    for _ in range(2):
        response = await client.post(
            reader.unsubscribe,
            content=body,
            headers={
                "Content-Type": content_type,
                "Origin": "https://webmail.example.net",
                "Sec-Fetch-Site": "cross-site",
            },
        )
        assert (response.status_code, response.text) == (200, "You are unsubscribed.\n")
    assert reader.state() is SubscriberState.UNSUBSCRIBED


async def test_who_was_erased_still_reads_that_they_are_unsubscribed(
    client: AsyncClient, reader: Any
) -> None:
    with reader.services.database.write() as session:
        erase_subscriber(session, reader.subscriber.id)

    pressed = await client.post(reader.unsubscribe)
    told = await client.get(reader.unsubscribe)

    assert pressed.status_code == 303
    assert "You are unsubscribed" in told.text


async def test_an_issue_opens_as_it_was_mailed_and_runs_nothing(
    client: AsyncClient, reader: Any
) -> None:
    response = await client.get(reader.in_browser)

    assert response.status_code == 200
    assert "&lt;script&gt;" in response.text
    assert "<script" not in response.text
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy


async def test_rating_page_tells_a_digests_words_from_the_papers(
    client: AsyncClient, reader: Any
) -> None:
    pages = [(await client.get(reader.rate(position, Vote.UP))).text for position in (1, 2)]
    assert all("A sentence about pruning." in page for page in pages)
    assert ["In the digest’s words:" in page for page in pages] == [True, False]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_expired_link_says_what_to_do(
    client: AsyncClient, reader: Any, clock: Any, stored: Callable[[], Any], method: str
) -> None:
    paths = [reader.rate(1, Vote.UP), reader.me, reader.unsubscribe]
    clock.now += timedelta(days=4000)
    before = stored()

    for path in paths:
        response = await client.request(method, path, data={"vote": "up", "action": "resume"})
        assert response.status_code == 410

    assert stored() == before


async def test_an_expired_link_names_the_newest_mail_and_subscribing_again(
    client: AsyncClient, reader: Any, clock: Any
) -> None:
    clock.now += timedelta(days=91)

    page = (await client.get(reader.rate(1, Vote.UP))).text

    assert "This link has expired" in page
    assert "newest mail" in page
    assert '<a href="../">Subscribe again</a>' in page


@pytest.mark.parametrize("page", ["confirm", "rate", "unsubscribe", "me", "issues"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_damaged_or_foreign_token_is_no_link(
    client: AsyncClient, reader: Any, page: str, method: str
) -> None:
    foreign = (reader.me if page != "me" else reader.unsubscribe).rpartition("/")[2]
    for token in ("nonsense", foreign, "%00", "x" * 3000):
        response = await client.request(
            method, f"/{page}/{token}", data={"vote": "up", "action": "resume"}
        )
        if (page, method) == ("issues", "POST"):
            assert response.status_code == 405
        else:
            assert response.status_code == 404
            assert "This link does not work" in response.text

"""What each kind of message says, and that the links in it are the reader's own."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from recommender.domain import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Issue,
    IssueEntry,
    LinkEpochs,
    Subscriber,
    SubscriberState,
    Vote,
)
from recommender.errors import UndeliverableError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues import newsletters, reading
from recommender.jobs.outgoing import delivering, links, messages
from recommender.jobs.outgoing.messages import ranking_note
from recommender.jobs.people import members, subscriptions, voting
from recommender.jobs.services import Services, Site
from recommender.mail.message import BULK_KINDS, Envelope
from recommender.membership.subscription import REQUEST_KINDS
from recommender.store import claims
from recommender.store.claims import Attempt
from recommender.tokens import Payload, Purpose

MessagesTo = Callable[[Subscriber], list[Delivery]]
NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
LIST_HEADERS = {
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Subscribe",
    "List-Help",
    "Feedback-ID",
    "Precedence",
}


def envelope_of(services: Services, delivery: Delivery) -> Envelope:
    return messages.message_builder(services)([delivery])(delivery)


def read(services: Services, delivery: Delivery) -> EmailMessage:
    envelope = envelope_of(services, delivery)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def tokens(text: str, path: str) -> list[str]:
    return re.findall(rf"https://papers\.example\.org/{path}/([\w.-]+)", text)


def verified(services: Services, token: str, purpose: Purpose) -> Payload:
    with services.database.read() as session:
        return links.verify(services, session, token, purpose)


@pytest.fixture
def reader(subscribe: Callable[..., Subscriber]) -> Subscriber:
    """Store others before the reader, so that no two ids are alike by chance."""
    for number in range(3):
        subscribe(f"other{number}")
    return subscribe()


@pytest.fixture
def newsletter(
    reader: Subscriber,
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    messages_to: MessagesTo,
) -> Delivery:
    """Compose an issue of three papers for everybody, and give the reader's message."""
    ingest(["One", "Two", {"title": "Three &lt;b&gt;", "id": "2603.00003", "abstract": "A & B."}])
    compose_now()
    (message,) = messages_to(reader)
    return message


def test_a_newsletter_has_the_headers_of_a_mailing_list(
    services: Services, newsletter: Delivery
) -> None:
    message = read(services, newsletter)
    assert set(message.keys()) >= LIST_HEADERS
    assert message["Message-ID"] == newsletter.message_id
    assert message["Date"].datetime == newsletter.created_at
    assert message["From"] == "Trending papers <papers@example.org>"
    assert message["To"] == "reader@example.org"
    assert message["Subject"] == "One and 2 more"
    assert message["List-Id"] == "Trending papers <papers.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_the_rating_links_are_of_the_reader_their_issue_and_its_papers(
    services: Services,
    newsletter: Delivery,
    reader: Subscriber,
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    (issue,) = issues_of(reader)
    found = tokens(body(read(services, newsletter), "html"), "rate")
    payload = [verified(services, token, Purpose.RATE) for token in dict.fromkeys(found)]
    assert {claim.subscriber_id for claim in payload} == {reader.id}
    assert [claim.values for claim in payload] == [
        (issue.id, entry.paper_id, links.VOTE_CODES[vote])
        for entry in issue.entries
        for vote in (Vote.UP, Vote.DOWN, Vote.SAVE)
    ]


def test_one_link_of_the_text_part_rates_all_papers_of_the_issue(
    services: Services,
    newsletter: Delivery,
    reader: Subscriber,
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    (issue,) = issues_of(reader)
    (token,) = tokens(body(read(services, newsletter), "plain"), "rate")
    page = voting.open_rating(services, token)
    assert page.vote is None
    assert [each.paper_id for each in page.entries] == [each.paper_id for each in issue.entries]
    assert verified(services, token, Purpose.RATE).subscriber_id == reader.id


def test_a_list_that_takes_no_mail_asks_for_none_in_its_headers(
    services: Services, newsletter: Delivery
) -> None:
    closed = replace(services, site=replace(services.site, takes_mail=False))
    opened = read(services, newsletter)
    message = read(closed, newsletter)
    assert re.findall("mailto", str(opened["List-Unsubscribe"]))
    assert str(opened["Reply-To"]).startswith("papers+rate-")
    assert message["Reply-To"] is None
    for name in ("List-Unsubscribe", "List-Subscribe", "List-Help"):
        assert re.fullmatch(r"<https://papers\.example\.org/\S*>", str(message[name]))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in ("plain", "html"):
        assert "mailto:" not in body(message, part)
        assert "papers@example.org" not in body(message, part)
        assert "reply" not in body(message, part)


@pytest.mark.parametrize("part", ["plain", "html"])
@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("me", Purpose.PREFERENCES),
        ("unsubscribe", Purpose.UNSUBSCRIBE),
        ("issues", Purpose.ISSUE),
    ],
)
def test_the_other_links_are_of_the_reader(
    services: Services,
    newsletter: Delivery,
    reader: Subscriber,
    part: str,
    *,
    path: str,
    purpose: Purpose,
) -> None:
    found = set(tokens(body(read(services, newsletter), part), path))
    assert [verified(services, token, purpose).subscriber_id for token in found] == [reader.id]


def test_the_envelope_and_header_addresses_are_of_the_delivery_and_the_reader(
    services: Services, newsletter: Delivery, reader: Subscriber
) -> None:
    envelope = envelope_of(services, newsletter)
    signer = services.signer
    bounce = envelope.sender.removeprefix("papers+bounce-").removesuffix("@example.org")
    payload = signer.verify_address(bounce, Purpose.BOUNCE, now=NOW)
    assert (payload.subscriber_id, payload.values) == (reader.id, (newsletter.id,))

    header = read(services, newsletter)["List-Unsubscribe"]
    (address,) = re.findall(r"mailto:papers\+unsubscribe-(\w+)@example\.org\?", header)
    payload = signer.verify_address(address, Purpose.UNSUBSCRIBE, now=NOW)
    assert payload.subscriber_id == reader.id
    (link,) = tokens(header, "unsubscribe")
    assert verified(services, link, Purpose.UNSUBSCRIBE).subscriber_id == reader.id


def test_markup_of_a_title_is_text(services: Services, newsletter: Delivery) -> None:
    message = read(services, newsletter)
    assert "Three &lt;b&gt;" in body(message, "html")
    assert "Three <b>" in body(message, "plain")


def test_the_browser_shows_the_issue_as_it_was_mailed(
    services: Services, newsletter: Delivery
) -> None:
    html = body(read(services, newsletter), "html")
    (token,) = set(tokens(html, "issues"))
    assert html.split() == reading.issue_html(services, token).split()


@pytest.mark.parametrize(
    ("state", "kind", "path", "purpose"),
    [
        (None, DeliveryKind.CONFIRMATION, "confirm", Purpose.CONFIRM),
        (SubscriberState.ACTIVE, DeliveryKind.ALREADY_SUBSCRIBED, "me", Purpose.PREFERENCES),
    ],
)
def test_answers_to_a_request_go_to_one_person_and_are_no_list_mail(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: MessagesTo,
    state: SubscriberState | None,
    *,
    kind: DeliveryKind,
    path: str,
    purpose: Purpose,
) -> None:
    if state is not None:
        subscribe("asking", state=state)
    with services.change() as session:
        subscriptions.request_subscription(services, session, "asking@example.org")
    subscriptions.decide_requests(services)
    asking = find_subscriber(services, "asking@example.org")
    (delivery,) = messages_to(asking)
    message = read(services, delivery)

    assert delivery.kind is kind
    assert LIST_HEADERS.isdisjoint(message.keys())
    assert message["To"] == "asking@example.org"
    assert message["Message-ID"] == delivery.message_id
    for part in ("plain", "html"):
        found = set(tokens(body(message, part), path))
        assert {verified(services, each, purpose).subscriber_id for each in found} == {asking.id}


def test_a_welcome_says_when_papers_come_and_is_list_mail(
    services: Services,
    messages_to: MessagesTo,
    ingest: Callable[..., Any],
    confirmed: Callable[..., Subscriber],
) -> None:
    ingest(["One"])
    new = confirmed()
    newsletters.compose_issues(services)
    delivery = messages_to(new)[-1]
    message = read(services, delivery)
    assert delivery.kind is DeliveryKind.WELCOME
    assert set(message.keys()) >= LIST_HEADERS
    text = " ".join(body(message, "plain").split())
    assert "Your papers come Monday to Friday at 7:00 (Europe/Berlin)." in text
    assert "One" in text


def test_a_welcome_stays_what_it_was_when_its_reader_chooses_another_hour(
    services: Services, messages_to: MessagesTo, confirmed: Callable[..., Subscriber]
) -> None:
    new = confirmed()
    newsletters.compose_issues(services)
    delivery = messages_to(new)[-1]
    before = envelope_of(services, delivery)
    members.add(services, {"email": "new@example.org", "hour": "18"})
    assert find_subscriber(services, "new@example.org").preferences.hour == 18
    assert envelope_of(services, delivery) == before


@pytest.mark.parametrize("kind", [*sorted(BULK_KINDS), *REQUEST_KINDS])
def test_every_kind_gives_the_same_bytes_each_time(
    services: Services, newsletter: Delivery, kind: DeliveryKind
) -> None:
    delivery = replace(newsletter, kind=kind)
    assert envelope_of(services, delivery) == envelope_of(services, delivery)


@pytest.mark.parametrize("kind", sorted(set(DeliveryKind) - {DeliveryKind.CONFIRM_CHANGE}))
def test_a_message_to_an_address_that_is_theirs_no_more_is_not_built(
    services: Services, newsletter: Delivery, kind: DeliveryKind
) -> None:
    """Its links would be of today, and open everything to whoever reads there now."""
    moved = replace(newsletter, kind=kind, recipient="old@example.org")
    with pytest.raises(UndeliverableError, match="its subscriber has another address since"):
        envelope_of(services, moved)


def test_a_message_to_somebody_erased_is_not_built(
    services: Services, newsletter: Delivery
) -> None:
    members.remove(services, "reader@example.org", erase=True)
    with pytest.raises(UndeliverableError, match="its subscriber was erased"):
        envelope_of(services, newsletter)


def test_a_newsletter_to_somebody_who_left_is_not_built(
    services: Services, newsletter: Delivery
) -> None:
    members.remove(services, "reader@example.org", erase=False)
    with pytest.raises(UndeliverableError, match="its subscriber is unsubscribed since"):
        envelope_of(services, newsletter)
    confirmation = replace(newsletter, kind=DeliveryKind.CONFIRMATION)
    assert envelope_of(services, confirmation).recipient == "reader@example.org"


def test_a_message_without_its_issue_is_not_built(services: Services, newsletter: Delivery) -> None:
    with pytest.raises(UndeliverableError, match="its issue is gone"):
        envelope_of(services, replace(newsletter, issue_id=99))


def test_signed_addresses_fit_into_a_local_part_where_the_lists_is_longest(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    longest = replace(services, site=Site("L", f"{'a' * 16}@example.org", "", "https://e.org"))
    delivery = Delivery(
        2**28 - 1,
        2**21 - 1,
        DeliveryKind.ISSUE,
        "1",
        "reader@example.org",
        "<1@example.org>",
        None,
        DeliveryState.QUEUED,
        NOW,
        NOW,
        0,
        "",
    )
    reader = replace(subscribe(), id=2**28 - 1, epochs=LinkEpochs(2**20, 2**20))
    for address in (
        links.bounce_address(longest, delivery),
        links.unsubscribe_address(longest, reader, since=NOW),
    ):
        assert len(address.partition("@")[0]) <= 64


def issue(likes: int, dislikes: int, saves: int, weight: float) -> Issue:
    entry = IssueEntry(1, 1, "One", (), None, "", 0, 0.5, 0.5, weight, 0.5, "")
    return Issue(1, 1, 1, date(2026, 3, 11), "AK", NOW, likes, dislikes, saves, (entry,))


def with_suggestions(composed: Issue, number: int) -> Issue:
    (entry,) = composed.entries
    return replace(composed, entries=(entry, *[replace(entry, explored=True)] * number))


@pytest.mark.parametrize(
    ("composed", "note"),
    [
        (
            issue(0, 0, 0, 0.0),
            "Ranked by what is trending; rate papers, and the next issue follows your taste.",
        ),
        (issue(1, 0, 0, 0.25), "Ranked by your 1 like (25 %) and by what is trending (75 %)."),
        (issue(0, 2, 0, 0.4), "Ranked by your 2 dislikes (40 %) and by what is trending (60 %)."),
        (
            issue(3, 0, 1, 0.625),
            "Ranked by your 3 likes and 1 saved paper (62 %) and by what is trending (38 %).",
        ),
        (
            issue(3, 1, 2, 0.7),
            (
                "Ranked by your 3 likes, 1 dislike and 2 saved papers (70 %) "
                "and by what is trending (30 %)."
            ),
        ),
        (
            issue(0, 0, 0, 0.2),
            "Ranked by what you said you like to read (20 %) and by what is trending (80 %).",
        ),
        (
            replace(issue(4, 0, 0, 0.2), poor_signal=True),
            (
                "Ranked by your 4 likes (20 %) and by what is trending (80 %). "
                "Your ratings do not tell us enough yet, so we show you more of what is trending."
            ),
        ),
        (replace(issue(1, 0, 0, 0.2), entries=()), ""),
        (
            replace(issue(0, 0, 0, 0.2), welcome=True),
            "Picked so that your ratings of them tell most about what you like.",
        ),
        (
            with_suggestions(issue(1, 0, 0, 0.25), 1),
            (
                "Ranked by your 1 like (25 %) and by what is trending (75 %), "
                "but for 1 suggestion outside your usual topics."
            ),
        ),
        (
            with_suggestions(issue(0, 0, 0, 0.0), 2),
            (
                "Ranked by what is trending, but for 2 suggestions outside your usual topics; "
                "rate papers, and the next issue follows your taste."
            ),
        ),
    ],
)
def test_the_ranking_is_told_in_one_sentence(composed: Issue, note: str) -> None:
    assert note == ranking_note(composed)


def test_deferred_messages_can_be_made_due_now(
    services: Services, newsletter: Delivery, reader: Subscriber, messages_to: MessagesTo
) -> None:
    with services.database.write() as session:
        later = NOW.replace(day=12)
        attempt = Attempt(
            newsletter.id, NOW, DeliveryState.DEFERRED, "mx:25", 451, "4.7.1", "later", later
        )
        claims.record_attempts(session, [attempt])
    delivering.expedite(services)
    (message,) = messages_to(reader)
    assert message.next_attempt_at == services.clock()

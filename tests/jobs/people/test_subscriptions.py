"""Nobody is subscribed by a stranger, and nobody's mailbox is flooded by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState, Subscriber, SubscriberState
from recommender.errors import AddressError, TokenError, TokenExpiredError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import links, messages
from recommender.jobs.people import members, own_data, subscriptions
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.store import subscribers
from recommender.tokens import Purpose

EMAIL = "reader@example.org"
HOUR = timedelta(hours=1)


def envelope_of(services: Services, delivery: Delivery) -> Envelope:
    return messages.message_builder(services)([delivery])(delivery)


def ask(services: Services, email: str = EMAIL, interests: str = "") -> Subscriber:
    request(services, email, interests)
    subscriptions.decide_requests(services)
    return find_subscriber(services, email)


def request(services: Services, email: str = EMAIL, interests: str = "") -> None:
    with services.change() as session:
        subscriptions.request_subscription(services, session, email, interests)


def confirm(services: Services, token: str) -> subscriptions.ConfirmationPage:
    with services.change() as session:
        payload = links.verify(services, session, token, Purpose.CONFIRM)
        return subscriptions.confirm(services, session, payload)


def unsubscribe(services: Services, token: str) -> None:
    with services.change() as session:
        payload = links.verify(services, session, token, Purpose.UNSUBSCRIBE)
        subscriptions.unsubscribe(session, payload.subscriber_id, now=services.clock())


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def confirmation(services: Services, subscriber: Subscriber) -> str:
    return token_of(links.confirm_url(services, subscriber, since=services.clock()))


def leaving(services: Services, subscriber: Subscriber) -> str:
    return token_of(links.unsubscribe_url(services, subscriber, since=services.clock()))


def test_asking_mails_a_confirmation_and_subscribes_nobody(
    services: Services, messages_to: Callable[[Subscriber], list[Delivery]]
) -> None:
    asked = ask(services, interests="  graph \n pruning ")
    assert (asked.state, asked.interests) == (SubscriberState.UNCONFIRMED, "graph pruning")
    assert asked.next_issue_at is None
    assert [message.kind for message in messages_to(asked)] == [DeliveryKind.CONFIRMATION]


def test_the_link_of_the_mail_confirms(
    services: Services, messages_to: Callable[[Subscriber], list[Delivery]]
) -> None:
    (message,) = messages_to(ask(services))
    mail = envelope_of(services, message).content.decode().replace("=\r\n", "")
    token = mail.partition("/confirm/")[2].split(maxsplit=1)[0]

    assert subscriptions.open_confirmation(services, token).state is SubscriberState.UNCONFIRMED
    assert confirm(services, token).state is SubscriberState.ACTIVE
    confirmed = find_subscriber(services, EMAIL)
    assert confirmed.welcome_due
    assert confirmed.next_issue_at == confirmed.confirmed_at == services.clock()


def test_opening_a_confirmation_changes_nothing(
    services: Services, stored: Callable[[], Any]
) -> None:
    token = confirmation(services, ask(services))
    before = stored()
    subscriptions.open_confirmation(services, token)
    assert before == stored()


def test_confirming_twice_changes_nothing_more(
    services: Services, stored: Callable[[], Any], clock: Any
) -> None:
    token = confirmation(services, ask(services))
    confirm(services, token)
    newsletters.compose_issues(services)
    _, before = stored()
    clock.now += HOUR
    assert confirm(services, token).state is SubscriberState.ACTIVE
    _, after = stored()
    assert before == after


@pytest.mark.parametrize("state", SubscriberState)
def test_whoever_asks_sees_the_same_for_every_address(
    services: Services, subscribe: Callable[..., Subscriber], state: SubscriberState
) -> None:
    subscribe("known", state=state)
    answers = [request(services, f"{name}@example.org") for name in ("known", "unknown")]  # type: ignore[func-returns-value]  # that is the point
    assert answers == [None, None]


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (SubscriberState.UNCONFIRMED, [DeliveryKind.CONFIRMATION]),
        (SubscriberState.ACTIVE, [DeliveryKind.ALREADY_SUBSCRIBED]),
        (SubscriberState.PAUSED, [DeliveryKind.ALREADY_SUBSCRIBED]),
        (SubscriberState.UNSUBSCRIBED, [DeliveryKind.CONFIRMATION]),
        (SubscriberState.SUSPENDED, [DeliveryKind.CONFIRMATION]),
    ],
)
def test_everybody_who_asks_is_mailed_what_follows(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
    state: SubscriberState,
    kinds: list[DeliveryKind],
) -> None:
    subscribe(state=state)
    assert kinds == [message.kind for message in messages_to(ask(services, "Reader@Example.org"))]


@pytest.mark.parametrize("state", [SubscriberState.UNCONFIRMED, SubscriberState.ACTIVE])
def test_hundreds_of_requests_mail_an_address_once_an_hour_and_thrice_a_day(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
    clock: Any,
    state: SubscriberState,
) -> None:
    reader = subscribe(state=state)
    for _ in range(300):
        request(services, EMAIL)
        subscriptions.decide_requests(services)
        clock.now += timedelta(minutes=10)

    sent_at = [message.created_at for message in messages_to(reader)]
    assert len(sent_at) == 3 + 3 + 2, "50 hours: three on each day, and two in the last two hours"
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent_at)]
    assert min(gaps) >= HOUR
    assert all(
        sum(moment <= other < moment + timedelta(days=1) for other in sent_at) <= 3
        for moment in sent_at
    )


def test_who_confirmed_and_left_is_mailed_at_once_when_they_ask_again(
    services: Services, clock: Any, messages_to: Callable[[Subscriber], list[Delivery]]
) -> None:
    asked = ask(services)
    for _ in range(2):
        for step in (confirm, unsubscribe):
            clock.now += timedelta(minutes=1)
            link = confirmation if step is confirm else leaving
            step(services, link(services, find_subscriber(services, EMAIL)))
        # A stranger who asks on mails them no second time.
        for _ in range(3):
            clock.now += timedelta(minutes=1)
            asked = ask(services)

    assert asked.state is SubscriberState.UNCONFIRMED
    kinds = [message.kind for message in messages_to(asked)]
    assert kinds == [DeliveryKind.CONFIRMATION] * 3
    assert confirm(services, confirmation(services, asked)).state is SubscriberState.ACTIVE


def test_a_request_that_mails_nothing_leaves_the_earlier_link_valid(
    services: Services, clock: Any
) -> None:
    token = confirmation(services, ask(services))
    clock.now += timedelta(minutes=5)
    request(services, EMAIL)
    subscriptions.decide_requests(services)
    assert confirm(services, token).state is SubscriberState.ACTIVE


@pytest.mark.parametrize("pause", [timedelta(minutes=5), 2 * HOUR, timedelta(days=3)])
@pytest.mark.parametrize("own", ["", "graphs"])
def test_what_a_stranger_said_goes_with_the_owner_s_own_request(
    services: Services, clock: Any, pause: timedelta, own: str
) -> None:
    """Within the hour too, in which the owner's request is answered by the mail that went out."""
    ask(services, EMAIL, "a stranger's choice")
    clock.now += pause
    asked = ask(services, EMAIL, own)
    confirm(services, confirmation(services, asked))
    assert find_subscriber(services, EMAIL).interests == own


def test_a_stranger_who_asks_after_the_owner_changes_nothing_of_what_the_owner_confirms(
    services: Services, clock: Any
) -> None:
    own = confirmation(services, ask(services, EMAIL, "graphs"))
    clock.now += 2 * HOUR
    strangers = confirmation(services, ask(services, EMAIL, "a stranger's choice"))
    assert strangers != own
    confirm(services, own)
    assert find_subscriber(services, EMAIL).interests == "graphs"


def test_who_comes_back_has_what_they_said_before_unless_they_say_something_else(
    services: Services, clock: Any
) -> None:
    asked = ask(services, EMAIL, "graphs")
    confirm(services, confirmation(services, asked))
    for stranger, own, kept in (("cats", "", "graphs"), ("dogs", "trees", "trees")):
        unsubscribe(services, leaving(services, asked))
        for said in (stranger, own):
            clock.now += timedelta(days=3)
            asked = ask(services, EMAIL, said)
            assert asked.state is SubscriberState.UNCONFIRMED
        confirm(services, confirmation(services, asked))
        assert find_subscriber(services, EMAIL).interests == kept


def test_a_request_says_nothing_to_who_is_subscribed(services: Services, clock: Any) -> None:
    confirm(services, confirmation(services, ask(services, EMAIL, "graphs")))
    for pause in (timedelta(minutes=5), timedelta(days=1)):
        clock.now += pause
        assert ask(services, EMAIL, "a stranger's choice").interests == "graphs"


def test_an_address_that_the_server_cannot_handle_is_refused_where_it_is_typed(
    services: Services,
) -> None:
    with pytest.raises(AddressError, match="letters before the @"):
        request(services, "j\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen@example.org")
    request(
        replace(services, takes_smtputf8=True),
        "j\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen@example.org",
    )


def test_a_look_alike_spelling_keeps_nobody_s_own_address_away(
    services: Services, messages_to: Callable[[Subscriber], list[Delivery]]
) -> None:
    open_to_all = replace(services, takes_smtputf8=True)
    other = ask(open_to_all, "\N{LATIN SMALL LETTER LONG S}am@example.org", "a stranger's")
    owner = ask(open_to_all, "sam@example.org", "graphs")
    assert owner.id != other.id
    assert owner.interests == "graphs"
    assert [each.recipient for each in messages_to(owner)] == ["sam@example.org"]


def test_a_confirmation_link_expires_after_two_days(services: Services, clock: Any) -> None:
    token = confirmation(services, ask(services))
    clock.now += timedelta(hours=48)
    with pytest.raises(TokenExpiredError):
        subscriptions.open_confirmation(services, token)
    with pytest.raises(TokenExpiredError):
        confirm(services, token)
    assert find_subscriber(services, EMAIL).state is SubscriberState.UNCONFIRMED


def test_a_confirmation_link_from_before_leaving_is_over(services: Services, clock: Any) -> None:
    asked = ask(services)
    old = confirmation(services, asked)
    confirm(services, old)
    unsubscribe(services, leaving(services, asked))
    with pytest.raises(TokenExpiredError):
        confirm(services, old)

    clock.now += 2 * HOUR
    new = confirmation(services, ask(services))
    with pytest.raises(TokenExpiredError):
        confirm(services, old)
    assert confirm(services, new).state is SubscriberState.ACTIVE


def test_leaving_twice_changes_nothing_more(
    services: Services, subscribe: Callable[..., Subscriber], stored: Callable[[], Any]
) -> None:
    token = leaving(services, subscribe())
    assert not subscriptions.open_unsubscribe(services, token).already_left
    unsubscribe(services, token)
    _, before = stored()
    unsubscribe(services, token)
    _, after = stored()
    assert before == after
    assert subscriptions.open_unsubscribe(services, token).already_left


def test_an_unsubscribe_link_works_for_two_years(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    token = leaving(services, subscribe())
    clock.now += timedelta(days=729)
    unsubscribe(services, token)
    assert find_subscriber(services, EMAIL).state is SubscriberState.UNSUBSCRIBED


def test_who_was_erased_is_told_that_they_have_left(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe()
    token = leaving(services, reader)
    members.remove(services, EMAIL, erase=True)
    page = subscriptions.UnsubscribePage(email=None, already_left=True)
    assert page == subscriptions.open_unsubscribe(services, token)
    unsubscribe(services, token)
    assert page == subscriptions.open_unsubscribe(services, token)


def test_links_of_somebody_erased_open_nothing(services: Services) -> None:
    asked = ask(services)
    link = confirmation(services, asked)
    me = token_of(links.preferences_url(services, asked, since=services.clock()))
    own_data.erase(services, me)
    own_data.erase(services, me)
    with pytest.raises(TokenExpiredError):
        subscriptions.open_confirmation(services, link)
    with pytest.raises(TokenExpiredError):
        confirm(services, link)
    assert ask(services).id > asked.id, "links of the erased row never open the new one"
    with pytest.raises(TokenExpiredError):
        confirm(services, link)


def test_a_link_for_one_purpose_is_refused_for_another(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe(state=SubscriberState.UNCONFIRMED)
    with pytest.raises(TokenError):
        unsubscribe(services, confirmation(services, reader))
    with pytest.raises(TokenError):
        confirm(services, leaving(services, reader))


def test_what_waits_for_somebody_who_leaves_is_not_sent(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    reader = subscribe()
    ingest(["One"])
    compose_now()
    unsubscribe(services, leaving(services, reader))
    (message,) = messages_to(reader)
    assert message.state is DeliveryState.FAILED
    assert message.last_reply == "unsubscribed before it was sent"


def test_who_confirms_again_after_leaving_is_welcomed_again(
    services: Services,
    clock: Any,
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    for _ in range(2):
        asked = ask(services)
        confirm(services, confirmation(services, asked))
        newsletters.compose_issues(services)
        unsubscribe(services, leaving(services, asked))
        clock.now += 2 * HOUR
    kinds = [message.kind for message in messages_to(asked)]
    assert kinds == [DeliveryKind.CONFIRMATION, DeliveryKind.WELCOME] * 2


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b@c", "a@example.org\r\nBcc: b@example.org", "a@example.org, b@c.d"]
)
def test_what_is_no_address_stores_nothing(
    services: Services, stored: Callable[[], Any], email: str
) -> None:
    before = stored()
    with pytest.raises(AddressError):
        request(services, email)
    assert before == stored()


def test_the_confirmation_holds_nothing_that_the_requester_wrote(
    services: Services, messages_to: Callable[[Subscriber], list[Delivery]]
) -> None:
    written = "Buy now https://example.org/spam\r\nBcc: victim@example.org"
    (message,) = messages_to(ask(services, interests=written))
    content = envelope_of(services, message).content.decode()
    for piece in ("Buy", "spam", "Bcc", "victim"):
        assert piece not in content


def test_stated_interests_are_cut_at_a_length(services: Services) -> None:
    assert len(ask(services, interests="words " * 1000).interests) == 500


def test_a_suspended_one_is_cured_by_the_link_alone(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    subscribe(state=SubscriberState.SUSPENDED)
    asked = ask(services)
    assert asked.state is SubscriberState.SUSPENDED
    confirm(services, confirmation(services, asked))
    assert find_subscriber(services, EMAIL).state is SubscriberState.ACTIVE


def test_a_new_request_is_bound_to_its_moment(services: Services, clock: Any) -> None:
    asked = ask(services)
    assert asked.requested_at == datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    clock.now += timedelta(hours=49)
    again = ask(services)
    assert again.requested_at == clock.now
    with services.database.read() as session:
        assert again == subscribers.by_id(session, asked.id)

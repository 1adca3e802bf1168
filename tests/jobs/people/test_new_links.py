"""Each subscriber's links work in their epoch only, and new ones go to their address only."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import recommender
from recommender.domain import DeliveryKind, LinkEpochs, PendingChange, Subscriber, SubscriberState
from recommender.errors import TokenEndedError, TokenError, TokenExpiredError
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people import members, new_links, own_pages, pending_changes, subscriptions
from recommender.jobs.services import Services
from recommender.membership.address_change import Side
from recommender.store import pendings, subscribers
from recommender.tokens import Payload, Purpose, TokenSigner

BEFORE_EPOCHS = "the key of an installation before 0.7"
"""Subscriber 12's links of such an installation, until September 2026; see tests/test_tokens.py."""

MAILED_BEFORE_EPOCHS = {
    Purpose.RATE: "DPDNjtUGKQcA.xA0sN8D6KeAyhVbpDG-1qxzVBraWhZE-eV3R7x-TxbI",
    Purpose.PREFERENCES: "DPDNjtUG.CFyg0PJpG85W0ILv5_mXDOVURNlrPqgwsYPjzXOFWMA",
    Purpose.UNSUBSCRIBE: "DPDNjtUG.byDgvpNolyTGz1NTbGOjsoDkHXZ4hrgZmBU-rNU8AmI",
    Purpose.ISSUE: "DPDNjtUGKQ.c1UtTXulYCRfJxCAMlOY_WM0nmZdlfel6-jS7yXl_jc",
    Purpose.PENDING: "DPDNjtUGAwE.H2SymufJohjmOgdV-Yin_yXlhI6UiwSY38TeSa3UnC0",
    Purpose.CONFIRM: "DPDNjtUG8KXEzQY.RDrQDeTvHq5dvVm0GdqJu1ENtywmui8JwPf8iXcAAKc",
}


def read(services: Services, token: str, purpose: Purpose) -> Payload:
    with services.database.read() as session:
        return links.verify(services, session, token, purpose)


def end(services: Services, subscriber: Subscriber) -> None:
    with services.change() as session:
        new_links.end_links(services, session, subscriber)


def me(services: Services, subscriber: Subscriber) -> str:
    url = links.preferences_url(services, subscriber, since=services.clock())
    return url.rpartition("/")[2]


def ask(services: Services, token: str, purpose: Purpose = Purpose.PREFERENCES) -> None:
    new_links.ask_for_new_links(services, token, purpose)


def say_yes(services: Services, reader: Subscriber, pending: PendingChange, side: Side) -> Any:
    url = links.pending_url(services, reader, pending.id, side, since=pending.created_at)
    with services.change() as session:
        payload = links.verify(services, session, url.rpartition("/")[2], Purpose.PENDING)
        return pending_changes.carry_out_pending(services, session, payload)


@pytest.fixture
def pending(services: Services, subscribe: Callable[..., Subscriber]) -> PendingChange:
    """Ask for a change of address."""
    with services.change() as session:
        planned = pending_changes.plan_change(
            services, session, subscribe(), command="address", new_email="new@example.net"
        )
    assert planned is not None
    return planned


def test_links_of_a_version_without_epochs_work_until_they_are_ended(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    upgraded = replace(services, signer=TokenSigner(BEFORE_EPOCHS.encode()))
    reader = [subscribe(f"reader{number}") for number in range(12)][-1]
    assert (reader.id, reader.epochs) == (12, LinkEpochs())

    page = own_pages.open_delivery(upgraded, MAILED_BEFORE_EPOCHS[Purpose.PREFERENCES])
    assert page.subscriber == reader
    for purpose, token in MAILED_BEFORE_EPOCHS.items():
        assert read(upgraded, token, purpose).subscriber_id == 12

    end(upgraded, reader)

    for purpose, token in MAILED_BEFORE_EPOCHS.items():
        with pytest.raises(TokenEndedError):
            read(upgraded, token, purpose)


def test_links_of_before_a_new_key_work_and_the_next_are_signed_by_it(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe()
    old = me(services, reader)
    rotated = replace(
        services,
        signer=TokenSigner(b"a key that was put into the first line", *_keys_of(services)),
    )

    assert read(rotated, old, Purpose.PREFERENCES).subscriber_id == reader.id
    assert me(rotated, reader) != old
    with pytest.raises(TokenError):
        read(services, me(rotated, reader), Purpose.PREFERENCES)


def _keys_of(services: Services) -> tuple[bytes, ...]:
    _, keys = services.signer.__reduce__()
    return keys


def test_links_of_others_are_not_ended(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader, other = subscribe("reader"), subscribe("other")

    end(services, reader)

    assert read(services, me(services, other), Purpose.PREFERENCES).subscriber_id == other.id


@pytest.mark.parametrize("times", [1, 2, 63])
def test_ended_links_stay_ended_however_often_it_is_done_again(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    times: int,
) -> None:
    reader = subscribe()
    old = me(services, reader)
    for _ in range(times):
        with services.change() as session:
            subscribers.end_links(session, reader.id)

    with pytest.raises(TokenEndedError):
        read(services, old, Purpose.PREFERENCES)
    assert read(services, me(services, now_known(reader)), Purpose.PREFERENCES)


def test_leaving_twice_ends_links_once_and_none_that_unsubscribes(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    reader = subscribe()
    for _ in range(2):
        members.remove(services, reader.email, erase=False)

    assert now_known(reader).epochs == LinkEpochs(links=1, unsubscribe=0)


@pytest.mark.parametrize(
    ("state", "epochs"),
    [(state, LinkEpochs()) for state in SubscriberState if state != "unsubscribed"]
    + [(SubscriberState.UNSUBSCRIBED, LinkEpochs(links=1))],
)
def test_of_all_changes_of_state_only_leaving_ends_links(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    state: SubscriberState,
    epochs: LinkEpochs,
) -> None:
    reader = subscribe()
    with services.change() as session:
        subscribers.set_state(session, reader.id, state)

    assert now_known(reader).epochs == epochs


def test_a_change_of_address_ends_all_links_once_it_is_carried_out(
    services: Services,
    pending: PendingChange,
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    with services.database.read() as session:
        reader = subscribers.by_id(session, pending.subscriber_id)
    assert reader is not None
    say_yes(services, reader, pending, Side.SUBSCRIBED)
    assert now_known(reader).epochs == LinkEpochs()

    assert say_yes(services, reader, pending, Side.NEW).is_done

    assert now_known(reader).epochs == LinkEpochs(1, 1)
    with pytest.raises(TokenEndedError):
        read(services, me(services, reader), Purpose.PREFERENCES)


def test_a_change_that_is_done_is_told_by_its_links_although_it_ended_them(
    services: Services, pending: PendingChange
) -> None:
    with services.database.read() as session:
        reader = subscribers.by_id(session, pending.subscriber_id)
    assert reader is not None
    say_yes(services, reader, pending, Side.SUBSCRIBED)
    say_yes(services, reader, pending, Side.NEW)

    for side in Side:
        assert say_yes(services, reader, pending, side).sentence.startswith("This was done before")
        url = links.pending_url(services, reader, pending.id, side, since=pending.created_at)
        assert pending_changes.open_pending(services, url.rpartition("/")[2]).is_done


def test_a_change_that_waits_is_not_carried_out_by_links_that_were_ended(
    services: Services, pending: PendingChange, now_known: Callable[[Subscriber], Subscriber]
) -> None:
    with services.database.read() as session:
        reader = subscribers.by_id(session, pending.subscriber_id)
    assert reader is not None
    end(services, reader)

    for side in Side:
        with pytest.raises(TokenEndedError):
            say_yes(services, reader, pending, side)
    with services.database.read() as session:
        assert pendings.by_id(session, pending.id, reader.id) == pending
    assert say_yes(services, now_known(reader), pending, Side.NEW).is_done is False


def test_a_confirmation_of_before_leaving_is_over(
    services: Services, confirmed: Callable[..., Subscriber]
) -> None:
    reader = confirmed()
    url = links.confirm_url(services, reader, since=services.clock())
    members.remove(services, reader.email, erase=False)

    with pytest.raises(TokenExpiredError):
        subscriptions.open_confirmation(services, url.rpartition("/")[2])


@pytest.mark.parametrize("state", list(SubscriberState))
def test_who_ends_their_links_is_mailed_new_ones_in_whatever_state(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Any]],
    state: SubscriberState,
) -> None:
    reader = subscribe(state=state)

    end(services, reader)

    (mail,) = messages_to(reader)
    assert (mail.kind, mail.recipient) == (DeliveryKind.NEW_LINKS, reader.email)
    content = message_builder(services)([mail])(mail).content.decode().replace("=\r\n", "")
    token = content.partition("/me/")[2].split(maxsplit=1)[0]
    assert read(services, token, Purpose.PREFERENCES).subscriber_id == reader.id
    is_receiving = state in ("active", "paused")
    assert ("/unsubscribe/" in content) == is_receiving


def test_each_time_that_links_are_ended_has_its_mail(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    messages_to: Callable[[Subscriber], list[Any]],
) -> None:
    reader = subscribe()
    for _ in range(5):
        end(services, now_known(reader))

    assert len(messages_to(reader)) == 5


def test_only_an_ended_link_is_answered_by_a_mail(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    messages_to: Callable[[Subscriber], list[Any]],
) -> None:
    reader = subscribe()
    old = me(services, reader)
    with services.change() as session:
        subscribers.end_links(session, reader.id)

    ask(services, me(services, now_known(reader)))
    ask(services, old[:-1])
    ask(services, old, Purpose.RATE)
    new_links.ask_for_new_links(services, old, "nonsense")
    assert messages_to(reader) == []
    ask(services, old)
    assert len(messages_to(reader)) == 1


def test_a_new_link_that_waits_is_of_the_time_at_which_it_is_mailed(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    messages_to: Callable[[Subscriber], list[Any]],
) -> None:
    reader = subscribe()
    end(services, reader)
    end(services, now_known(reader))

    for mail in messages_to(reader):
        content = message_builder(services)([mail])(mail).content.decode().replace("=\r\n", "")
        token = content.partition("/me/")[2].split(maxsplit=1)[0]
        assert read(services, token, Purpose.PREFERENCES)


def test_tokens_are_verified_in_one_module_that_asks_whether_they_were_ended() -> None:
    """But for the operator's own, which are no subscriber's to end."""
    package = Path(recommender.__file__).parent
    callers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"verify", "verify_address"}
        and isinstance(node.value, ast.Attribute | ast.Name)
        and "signer" in ast.unparse(node.value)
    }

    assert callers == {"jobs/outgoing/links.py", "jobs/operating.py"}

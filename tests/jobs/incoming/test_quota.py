"""What is kept of mails that came in has a quota; beyond it, senders try again, and find room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from recommender.domain import DeliveryKind
from recommender.errors import InboxFullError
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import Handled, process_stored
from recommender.jobs.services import Services
from recommender.store import inbound
from recommender.store.tables import DeliveryRow

LIST = "papers@example.org"


@pytest.fixture
def small(services: Services) -> Services:
    """Return an installation that keeps 1,000 bytes of mails, and whose operator has an address."""
    site = replace(services.site, operator_address="operator@example.net")
    return replace(services, inbox_quota_bytes=1_000, site=site)


def receive(services: Services, content: bytes) -> int:
    (status,) = inbox.receive(
        services,
        source="pipe",
        envelope_sender="ann@example.org",
        recipients=[LIST],
        content=content,
        most_bytes=1_000,
    )
    return status.code


def act(services: Services) -> int:
    def note(*_: object) -> Handled:
        return Handled("noted")

    return process_stored(services, note)


def notices(services: Services) -> list[str]:
    with services.database.read() as session:
        is_notice = col(DeliveryRow.kind) == DeliveryKind.NOTICE
        return list(session.exec(select(DeliveryRow.key).where(is_notice)))


def test_what_waits_is_never_dropped_and_what_comes_is_put_off(small: Services) -> None:
    assert [receive(small, letter * 300) for letter in (b"a", b"b", b"c")] == [250] * 3
    assert [receive(small, b"d" * 300) for _ in range(3)] == [452] * 3
    assert act(small) == 3
    assert receive(small, b"d" * 300) == 452, "the operator looks at what was done for a while"
    assert receive(small, b"d" * 300) == 250, "what was done made room"
    assert act(small) == 1


def test_the_operator_is_told_once_a_day(small: Services, clock: Any) -> None:
    receive(small, b"a" * 900)
    for content in (b"b" * 900, b"c" * 900):
        assert receive(small, content) == 452
    assert notices(small) == ["inbox-full:2026-03-11"]
    clock.now += timedelta(days=1)
    assert receive(small, b"b" * 900) == 452
    assert notices(small) == ["inbox-full:2026-03-11", "inbox-full:2026-03-12"]


def test_whoever_stores_mails_hears_that_they_are_not_stored(small: Services) -> None:
    """A Maildir and a mailbox keep them then."""
    mails = [inbound.NewMail("imap", "", LIST, letter * 600) for letter in (b"a", b"b")]
    with pytest.raises(InboxFullError):
        inbox.store_mails(small, mails)
    with small.database.read() as session:
        assert inbound.stored_bytes(session) == 0

"""The operator is told of trouble once by mail, and every time in the log."""

from __future__ import annotations

import email
import email.policy
import logging
from dataclasses import replace
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.errors import UndeliverableError
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.outgoing.notices import notice_message_id, notify_operator
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.store import claims
from recommender.tokens import Purpose

SUBJECT = "mx.example.org:25 takes no mail since an hour"
LINES = ("It said: 421 4.3.2 not now\r\nBcc: x@example.org.", "Look at its log.")


@pytest.fixture
def woken() -> list[bool]:
    return []


@pytest.fixture
def told(services: Services, woken: list[bool]) -> Services:
    """Return an installation with an operator who can be mailed."""
    site = replace(services.site, operator_address="operator@example.net")
    return replace(services, site=site, wake=lambda: woken.append(True))


def build_envelope(services: Services, delivery: Delivery) -> Envelope:
    return message_builder(services)([delivery])(delivery)


def waiting(services: Services) -> list[Delivery]:
    with services.database.write() as session:
        return claims.claim_due(
            session, worker="test", now=services.clock(), lease_seconds=60, limit=100
        )


def test_trouble_is_logged_and_mailed(
    told: Services, woken: list[bool], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert notify_operator(told, key="down:1", subject=SUBJECT, lines=LINES)

    (delivery,) = waiting(told)
    assert (delivery.kind, delivery.recipient) == (DeliveryKind.NOTICE, "operator@example.net")
    assert (delivery.subscriber_id, delivery.recipient_domain) == (None, "example.net")
    assert delivery.state is DeliveryState.SENDING
    assert woken == [True]
    expected = (
        "mx.example.org:25 takes no mail since an hour: It said: 421 4.3.2 not now "
        "Bcc: x@example.org. Look at its log."
    )
    assert [record.getMessage() for record in caplog.records] == [expected]


def test_one_key_is_mailed_once_and_logged_each_time(
    told: Services, woken: list[bool], caplog: pytest.LogCaptureFixture
) -> None:
    sent = [notify_operator(told, key="down:1", subject=SUBJECT, lines=LINES) for _ in range(2)]

    assert sent == [True, False]
    assert woken == [True]
    assert len(caplog.records) == 2
    assert notify_operator(told, key="down:2", subject=SUBJECT, lines=LINES)
    assert len(waiting(told)) == 2


def test_without_an_operators_address_trouble_is_logged_only(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    assert not notify_operator(services, key="down:1", subject=SUBJECT, lines=LINES)

    assert waiting(services) == []
    assert len(caplog.records) == 1


def test_a_notice_says_what_was_frozen_and_bounces_to_its_delivery(told: Services) -> None:
    notify_operator(told, key="down:1", subject=SUBJECT, lines=LINES)
    (delivery,) = waiting(told)

    envelope = build_envelope(told, delivery)

    message: Any = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == f"Trending papers: {SUBJECT}"
    assert message["To"] == "operator@example.net"
    assert message["Message-ID"] == delivery.message_id == notice_message_id(told, "down:1")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Bcc"] is None
    assert message["List-Unsubscribe"] is None
    for kind in ("plain", "html"):
        said = " ".join(message.get_body((kind,)).get_content().split())
        assert "It said: 421 4.3.2 not now Bcc: x@example.org." in said
        assert "Look at its log." in said
    token = envelope.sender.partition("+bounce-")[2].partition("@")[0]
    payload = told.signer.verify_address(token, Purpose.BOUNCE, now=told.clock())
    assert (payload.subscriber_id, payload.values) == (0, (delivery.id,))
    assert build_envelope(told, delivery) == envelope
    assert links.LIFETIMES[Purpose.BOUNCE].days == 30


def test_markup_in_a_servers_words_is_text(told: Services) -> None:
    notify_operator(told, key="down:1", subject="<b>x</b>", lines=["<script>alert(1)</script>"])
    (delivery,) = waiting(told)

    content = build_envelope(told, delivery).content.decode()

    message: Any = email.message_from_string(content, policy=email.policy.default)
    assert "<script>" not in message.get_body(("html",)).get_content()
    assert "<script>alert(1)</script>" in message.get_body(("plain",)).get_content()


def test_a_message_for_nobody_without_content_is_not_sent(told: Services) -> None:
    notify_operator(told, key="down:1", subject=SUBJECT, lines=LINES)
    (delivery,) = waiting(told)

    with pytest.raises(UndeliverableError, match="has no content"):
        build_envelope(told, replace(delivery, content=None))

"""Messages that are sent to subscribers, and what comes back for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState, Subscriber
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.store import claims, outbox
from recommender.store.claims import Attempt

FAILED = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    b"Final-Recipient: rfc822; victim@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n--B--\r\n"
)


@pytest.fixture
def send(services: Services) -> Callable[..., Delivery]:
    """Queue a message to somebody and have a server take it, or refuse it."""

    def send(
        subscriber: Subscriber,
        kind: DeliveryKind = DeliveryKind.ALREADY_SUBSCRIBED,
        *,
        refusal: tuple[int, str, str] | None = None,
        times: int = 1,
    ) -> Delivery:
        now = services.clock()
        key = f"{now.isoformat()}:{kind}:{times}"
        code, status, words = refusal or (250, "2.0.0", "taken")
        with services.database.write() as session:
            outbox.enqueue(
                session,
                subscriber_id=subscriber.id,
                kind=kind,
                key=key,
                recipient=subscriber.email,
                message_id=f"<{subscriber.id}.{now.timestamp()}.{kind}.{times}@example.org>",
                now=now,
            )
            delivery = outbox.of_subscriber(session, subscriber.id)[-1]
            state = DeliveryState.FAILED if refusal else DeliveryState.SENT
            claims.record_attempts(
                session, [Attempt(delivery.id, now, state, "mx:25", code, status, words)]
            )
        return delivery

    return send


@pytest.fixture
def come_back(services: Services) -> Callable[..., None]:
    """Hand in what comes back for a delivery, at the address that it was sent from."""

    def come_back(delivery: Delivery, content: bytes = FAILED) -> None:
        address = links.bounce_address(services, delivery)
        unique = b"X-Time: %d\r\n" % services.clock().timestamp()
        (status,) = inbox.receive(
            services,
            source="lmtp",
            envelope_sender="",
            recipients=[address],
            content=unique + content,
            most_bytes=1_000_000,
        )
        assert status.is_taken
        process_stored(services, dispatch)

    return come_back


@pytest.fixture
def receive(services: Services) -> Callable[..., list[int]]:
    """Take a mail in, and give the code for each recipient."""

    def receive(*recipients: str, content: bytes = b"x") -> list[int]:
        statuses = inbox.receive(
            services,
            source="pipe",
            envelope_sender="ann@example.org",
            recipients=recipients,
            content=content,
            most_bytes=1000,
        )
        return [status.code for status in statuses]

    return receive

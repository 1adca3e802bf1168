from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.errors import NotFoundError, UndeliverableError
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import build_batch, in_threads
from recommender.mail.transport.replies import Reply, Step

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)


def message(number: int) -> Delivery:
    return Delivery(
        id=number,
        subscriber_id=number,
        kind=DeliveryKind.ISSUE,
        key="1",
        recipient=f"r{number}@example.org",
        message_id=f"<{number}@example.org>",
        issue_id=None,
        state=DeliveryState.SENDING,
        created_at=NOW,
        next_attempt_at=NOW,
        attempts=0,
        last_reply="",
        recipient_domain="example.org",
    )


BATCH = [message(3), message(1), message(2)]


def envelope(delivery: Delivery) -> Envelope:
    return Envelope("papers@example.org", delivery.recipient, b"Your papers.\r\n")


def not_composed(words: str) -> Reply:
    return Reply(None, None, f"not built: {words}", Step.BUILD)


def not_sent(words: str) -> Reply:
    return Reply(554, "5.7.1", f"not sent: {words}", Step.BUILD)


def test_batch_is_prepared_once_and_built_in_its_order() -> None:
    prepared = []

    def prepare(batch: Sequence[Delivery]) -> Callable[[Delivery], Envelope]:
        prepared.append(batch)
        return envelope

    assert [envelope(each) for each in BATCH] == build_batch(prepare, BATCH)
    assert prepared == [BATCH]


@pytest.mark.parametrize(
    ("error", "reply", "logged"),
    [
        (UndeliverableError("its\nsubscriber left"), not_sent("its subscriber left"), []),
        (
            NotFoundError("issue 7 does\nnot exist"),
            not_composed("issue 7 does not exist"),
            ["delivery 1 cannot be built: issue 7 does\nnot exist"],
        ),
        (
            ZeroDivisionError("by zero"),
            not_composed("ZeroDivisionError: by zero"),
            ["delivery 1 cannot be built"],
        ),
    ],
)
def test_message_that_cannot_be_built_stops_no_other(
    caplog: pytest.LogCaptureFixture, error: Exception, reply: Reply, logged: list[str]
) -> None:
    def build(delivery: Delivery) -> Envelope:
        if delivery.id == 1:
            raise error
        return envelope(delivery)

    built = build_batch(lambda _batch: build, BATCH)

    assert built == [envelope(BATCH[0]), reply, envelope(BATCH[2])]
    assert caplog.messages == logged


def test_batch_that_cannot_be_prepared_is_put_off_as_a_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def prepare(_batch: Sequence[Delivery]) -> Callable[[Delivery], Envelope]:
        raise NotFoundError("no templates")

    assert build_batch(prepare, BATCH) == [not_composed("no templates")] * 3
    assert caplog.messages == ["deliveries 3, 1, 2 cannot be built: no templates"]


async def test_batches_are_built_away_from_the_loop() -> None:
    threads = set()

    def prepare(_batch: Sequence[Delivery]) -> Callable[[Delivery], Envelope]:
        threads.add(threading.get_ident())
        return envelope

    assert [envelope(each) for each in BATCH] == await in_threads(prepare)(BATCH)
    assert threads.isdisjoint({threading.get_ident()})

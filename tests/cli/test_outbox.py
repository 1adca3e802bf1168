"""How the outbox looks on a terminal, and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from recommender.cli import outbox as cli
from recommender.domain import DeliveryKind, DeliveryState
from recommender.jobs.outgoing.outbox import Summary
from recommender.store.holds import Holds, ServerHold
from recommender.store.outbox_listing import ListedDelivery

NOW = datetime(2026, 3, 11, 7, 5, tzinfo=UTC)
ROW = ListedDelivery(
    id=1234,
    state=DeliveryState.DEFERRED,
    kind=DeliveryKind.ALREADY_SUBSCRIBED,
    recipient=f"{'a' * 60}@example.org",
    recipient_domain="example.org",
    message_id="<1@example.org>",
    created_at=NOW,
    next_attempt_at=NOW + timedelta(minutes=30),
    attempts=2,
    times_in_doubt=0,
    last_reply=f"450 4.2.0 {'later ' * 20}".strip(),
    last_event_at=NOW,
)


def test_a_row_fits_a_terminal(printed: Callable[..., list[str]]) -> None:
    first, second = printed(lambda: cli._print_row(ROW), columns=80)

    assert (len(first), len(second)) == (80, 80)
    assert first.startswith("    1234 deferred already-subscribed aaaa")
    assert second.startswith("         2026-03-11 07:05 (again 07:35) 450 4.2.0 later ")
    assert first[-1] == second[-1] == "…"


def test_a_file_gets_the_whole_row(printed: Callable[..., list[str]]) -> None:
    first, second = printed(lambda: cli._print_row(ROW), columns=None)

    assert first.endswith(ROW.recipient)
    assert second.endswith(ROW.last_reply)


def test_what_nothing_happened_to_says_since_when_it_waits(
    printed: Callable[..., list[str]],
) -> None:
    row = replace(ROW, state=DeliveryState.QUEUED, last_event_at=None, last_reply="")
    [_, second] = printed(lambda: cli._print_row(row), columns=80)
    assert second == "         2026-03-11 07:05 queued"


def test_a_summary_shows_the_domains_with_most_trouble_and_what_holds(
    printed: Callable[..., list[str]],
) -> None:
    hold = ServerHold("mx:25", 2, NOW, 0, None, "421 no", NOW)
    summary = Summary(
        meant=24,
        states={"queued": 12, "sending": 0, "sent": 1000, "deferred": 0, "failed": 12},
        domains={f"d{n}.example": {"queued": 1, "failed": 1} for n in range(12)},
        holds=Holds(servers=(hold,)),
    )

    lines = printed(lambda: cli._print_summary(summary, 20), columns=80)

    assert lines[0] == ("20 of 24 messages shown, times in UTC; 12 queued, 1,000 sent, 12 failed")
    assert lines[1] == f"{'d0.example':<36} 1 failed, 1 queued"
    assert lines[-2:] == [
        "and 2 more domains",
        "held: SMTP server mx:25 is paused until 2026-03-11 07:05 UTC (421 no)",
    ]

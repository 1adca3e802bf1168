"""Where nobody gets an issue, the operator is told why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from recommender.domain import Subscriber, SubscriberState
from recommender.errors import NotFoundError
from recommender.jobs.intake import FileOutcome
from recommender.jobs.issues import newsletters
from recommender.jobs.issues.nobody import NobodyServed, describe_nobody_served, why_nobody_served
from recommender.jobs.issues.offer import Offer
from recommender.jobs.services import Services

RUN = NobodyServed(
    by_state={"active": 2, "paused": 1},
    only="",
    next_due_at=datetime(2026, 3, 11, 7, tzinfo=UTC),
    is_now=False,
    without_news=0,
    papers=12,
    offer=Offer(date(2026, 2, 8), 10, 30),
)
ALL_SENT = (
    "everybody was sent, has rated or does not want all 10 papers that digests mention since "
    "2026-02-08 (2 papers beside these: older than newsletter.window_days, 30, or in no digest); "
    "ingest a newer digest"
)
ANN = replace(RUN, only="ann@example.org", by_state={"active": 1})


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (replace(RUN, by_state={}), "nobody is subscribed; see `recommender subscribers add"),
        (
            replace(RUN, by_state={"active": 0, "unconfirmed": 2, "unsubscribed": 1}),
            "nobody is active (2 unconfirmed and 1 unsubscribed); only who is active gets issues",
        ),
        (
            replace(ANN, by_state={"suspended": 1}),
            "ann@example.org is suspended, and only who is active gets issues",
        ),
        (RUN, "nobody is due before 2026-03-11 07:00 UTC; `send --now` does not wait for that"),
        (ANN, "ann@example.org is due at 2026-03-11 07:00 UTC; `send --now` does not wait"),
        (
            replace(RUN, is_now=True, by_state={"paused": 3}),
            "everybody who is subscribed is paused; an issue comes when that ends",
        ),
        (replace(RUN, is_now=True), "everybody had today's issue, and neither a digest nor a"),
        (replace(ANN, is_now=True), "ann@example.org had today's issue, and neither a digest"),
        (
            replace(RUN, without_news=2, papers=0, offer=Offer(date(2026, 2, 8), 0, 30)),
            "there are no papers yet; ingest a digest, or `recommender sources add` one",
        ),
        (
            replace(RUN, without_news=2),
            ALL_SENT,
        ),
        (
            replace(ANN, without_news=1, papers=1, offer=Offer(date(2026, 2, 8), 1, 30)),
            "ann@example.org was sent, has rated or does not want the one paper that digests ",
        ),
    ],
)
def test_the_reason_is_named_with_what_can_be_done(run: NobodyServed, said: str) -> None:
    assert describe_nobody_served(run).startswith(said)


def test_the_reason_is_that_of_the_run(
    services: Services,
    ingest: Callable[..., FileOutcome],
    subscribe: Callable[..., Subscriber],
) -> None:
    def why(*, is_now: bool = False, only: str | None = None) -> str:
        composed = newsletters.compose_issues(services, only=only, now_even_if_not_due=is_now)
        assert composed.issues == 0
        return why_nobody_served(
            services, only=only, is_now=is_now, without_news=composed.nothing_new
        )

    assert why().startswith("nobody is subscribed")
    due_at = services.clock() + timedelta(hours=3)
    reader = subscribe("reader", next_at=due_at)
    gone = subscribe("gone", state=SubscriberState.UNSUBSCRIBED)
    assert why().startswith(f"nobody is due before {due_at:%Y-%m-%d %H:%M} UTC")
    assert why(is_now=True).startswith("there are no papers yet")
    assert why(only=gone.email, is_now=True).startswith(f"{gone.email} is unsubscribed")
    ingest(["One", "Two"])
    assert newsletters.compose_issues(services, now_even_if_not_due=True).issues == 1
    assert why(is_now=True).startswith("everybody had today's issue")
    assert why(only=reader.email, is_now=True).startswith(f"{reader.email} had today's issue")
    with pytest.raises(NotFoundError):
        why_nobody_served(services, only="none@example.org", is_now=True, without_news=0)

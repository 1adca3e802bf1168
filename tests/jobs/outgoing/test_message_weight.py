"""No newsletter is so heavy that a provider cuts it off, whatever its papers say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest

from recommender.domain import Issue, IssueEntry, Subscriber
from recommender.jobs.outgoing.messages import HTML_MAX_BYTES, issue_mail
from recommender.jobs.services import Services

ORDINARY = IssueEntry(
    position=1,
    paper_id=1,
    title="Sparse Attention for Long Documents, Measured on Ten Languages",
    authors=("Ann Author", "Bob Builder", "Cleo Curie", "Dan Dee"),
    url="https://arxiv.org/abs/2603.00001",
    excerpt="We measure what attention costs. " * 12,
    upvotes=12,
    trend_score=0.5,
    interest_score=0.5,
    interest_weight=0.5,
    ranking_score=0.5,
    reason="like *Attention to What?*: attention, pruning",
)
HOSTILE = replace(
    ORDINARY,
    title="<script>&\"'" * 300,
    authors=("&" * 3000,) * 3,
    url="https://example.org/" + "x" * 5000,
    excerpt="&<>" * 130,
    reason='&"' * 900,
)
ESCAPED = replace(
    ORDINARY, title='"' * 400, reason='"' * 400, url=f"https://example.org/?{'&' * 250}"
)
WIDE = replace(ORDINARY, title="日本語の題" * 100, excerpt="日本語の文章。" * 60)


def issue_of(entry: IssueEntry, papers: int) -> Issue:
    entries = tuple(
        replace(entry, position=position, paper_id=position) for position in range(1, papers + 1)
    )
    now = datetime(2026, 3, 11, 7, tzinfo=UTC)
    return Issue(1, 1, 1, date(2026, 3, 11), "AK", now, 1, 1, 1, entries)


@pytest.fixture
def reader(subscribe: Callable[..., Subscriber]) -> Subscriber:
    return subscribe()


def words(html: str) -> str:
    """Return the text of a document in one line."""
    return " ".join(unescape(html).split())


@pytest.mark.parametrize("papers", [1, 10, 50])
@pytest.mark.parametrize(
    "entry", [ORDINARY, HOSTILE, ESCAPED, WIDE], ids=["ordinary", "hostile", "escaped", "wide"]
)
def test_newsletter_is_never_cut_off(
    services: Services, reader: Subscriber, entry: IssueEntry, papers: int
) -> None:
    mail = issue_mail(services, reader, issue_of(entry, papers))

    assert len(mail.html.encode()) <= HTML_MAX_BYTES
    assert mail.html.count("/rate/") == 3 * papers
    assert mail.text.count("/rate/") == 1
    assert "/unsubscribe/" in mail.html


def test_as_many_papers_as_fit_are_told_in_full(services: Services, reader: Subscriber) -> None:
    ten, fifty = (issue_mail(services, reader, issue_of(ORDINARY, papers)) for papers in (10, 50))

    assert words(ten.html).count(ORDINARY.excerpt.strip()) == 10
    assert words(fifty.html).count(ORDINARY.excerpt.strip()) >= 14
    assert words(fifty.html).count(f">{ORDINARY.title}</a>") == 50
    assert "And in short" not in ten.html

"""What is put together of blocks that were rendered for others is what the templates alone give."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from recommender.domain import Issue, IssueEntry, Subscriber, SubscriberState
from recommender.jobs.outgoing import messages
from recommender.jobs.services import Services
from recommender.rendering import Renderer, renderer
from recommender.store import subscribers

READERS = 40
TITLES = (
    "Attention to What?",
    "<script>alert(1)</script> & \"quotes\" 'and' `ticks`",
    "{{ like_url }} {% raw %} {# no comment #}",
    "splice-position-reason-like_url- <!--jinja-0-jinja-->",
    r"\1 \g<0> %s %(title)s {0} {name}",
    "大型语言模型的稀疏注意力机制研究综述与展望",
    "نماذج اللغة الكبيرة \u202e backwards \u202c",
    "🤖" * 40,
    "A long title " * 20,
    "\x00\x0b control \r\n characters \u2028",
    "",
    " ",
)
REASONS = (
    "",
    "like “A & B”: graphs, <pruning>",
    "ǆ is one letter, as is ß",
    "你喜欢的作者",
    "trending: number 4 in the digest of Mar 11",
    "like “\x00 & <nothing>”",
)


def entry(position: int, chosen: int, rng: random.Random) -> IssueEntry:
    title = TITLES[chosen]
    return IssueEntry(
        position=position,
        paper_id=chosen + 1,
        title=title,
        authors=tuple(f"{title[:9]} {number}" for number in range(chosen % 6)),
        url=rng.choice(
            [
                "https://papers.example.net/?a=1&b=%22<",
                None,
                "javascript:alert(1)",
                "https://scholar.google.com/scholar?q=x",
            ]
        ),
        excerpt=rng.choice([title * 3, ""]),
        upvotes=rng.choice([0, 1, 12_345]),
        trend_score=0.5,
        interest_score=0.5,
        interest_weight=0.5,
        ranking_score=0.5,
        reason=rng.choice(REASONS),
        reason_is_personal=rng.random() < 0.5,
        explored=rng.random() < 0.2,
        excerpt_is_summary=rng.random() < 0.5,
        code_url=rng.choice([None, "https://code.example.net/?x=1&y"]),
        project_url=rng.choice([None, "https://project.example.net/"]),
        thumbnail=rng.choice(["", f"{'3f' * 32}-240x135"]),
    )


def issue_of(reader: Subscriber, number: int) -> Issue:
    rng = random.Random(number)  # noqa: S311, a test's papers
    chosen = rng.sample(range(len(TITLES)), rng.randint(1, len(TITLES)))
    return Issue(
        id=number,
        subscriber_id=reader.id,
        number=1,
        date=date(2026, 3, 11),
        curator="AK",
        composed_at=datetime(2026, 3, 11, 7, tzinfo=UTC),
        likes=3,
        dislikes=0,
        saves=1,
        entries=tuple(entry(at, each, rng) for at, each in enumerate(chosen, start=1)),
        unmet_interests=("<b>graphs</b>",),
    )


@pytest.fixture
def plain(services: Services, unspliced: Callable[..., str]) -> Services:
    """Return the same installation with a renderer that keeps nothing."""
    renderer = Renderer()
    renderer._environment.globals["spliced"] = unspliced
    return replace(services, renderer=renderer)


@pytest.fixture
def readers(services: Services) -> list[Subscriber]:
    with services.database.write() as session:
        return [
            subscribers.add(
                session,
                email=f"r{number}@example.org",
                email_key=f"r{number}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=services.defaults,
                interests="",
                now=services.clock(),
            )
            for number in range(READERS)
        ]


@pytest.mark.parametrize("blocks_kept", [renderer.BLOCKS_KEPT, 3])
def test_each_reader_gets_byte_for_byte_what_the_template_alone_gives(
    services: Services,
    plain: Services,
    readers: list[Subscriber],
    blocks_kept: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderer, "BLOCKS_KEPT", blocks_kept)
    services = replace(services, renderer=Renderer())
    for number, reader in enumerate(readers, start=1):
        issue = issue_of(reader, number)
        withdrawn = {2} if number % 5 == 0 else ()
        assert messages.issue_mail(services, reader, issue, withdrawn=withdrawn) == (
            messages.issue_mail(plain, reader, issue, withdrawn=withdrawn)
        )
    assert 0 < len(services.renderer._blocks) <= blocks_kept


def test_block_of_a_paper_is_rendered_once_for_all_readers(
    services: Services, readers: list[Subscriber]
) -> None:
    services = replace(services, renderer=Renderer())
    issue = issue_of(readers[0], 1)
    messages.issue_mail(services, readers[0], issue)
    kept = len(services.renderer._blocks)

    for reader in readers:
        other = replace(issue, subscriber_id=reader.id, id=reader.id)
        mail = messages.issue_mail(services, reader, other)
        assert len(services.renderer._blocks) == kept
        assert mail.html.count("/rate/") == 3 * len(issue.entries)


def test_reason_begins_with_a_capital_in_both_parts(
    services: Services, readers: list[Subscriber]
) -> None:
    said = replace(entry(1, 0, random.Random(1)), reason="like “Pruning”: graphs")  # noqa: S311
    mail = messages.issue_mail(
        services, readers[0], replace(issue_of(readers[0], 1), entries=(said,))
    )

    assert "\n    * Like “Pruning”: graphs\n" in mail.text
    assert ">Like &#8220;Pruning&#8221;: graphs<" in mail.html

"""The list of sources is for a terminal of 80 columns, and says what matters of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from recommender.cli import sources as cli
from recommender.domain import Source, SourceState
from recommender.papers.sources.rhythm import Verdict
from recommender.papers.sources.source_states import JudgedSource

NOW = datetime(2026, 3, 11, 7, 5, tzinfo=UTC)
FEED = "https://example.org/feed"


def judged(
    state: SourceState, message: str, *, name: str = "Journal", url: str = FEED, read: bool = True
) -> JudgedSource:
    source = Source(
        id=1,
        name=name,
        url=url,
        moved_to=None,
        every_minutes=None,
        is_configured=False,
        paused_because="",
        etag=None,
        last_modified=None,
        next_fetch_at=NOW,
        last_fetched_at=NOW if read else None,
        failures=0,
        last_status=None,
        last_message="",
        content_sha256=None,
    )
    return JudgedSource(source, 12, Verdict(state, message))


def test_a_source_is_told_in_lines_that_fit(printed: Callable[..., list[str]]) -> None:
    fares = judged(SourceState.BROKEN, "there is nothing at this address; correct it; " * 2)
    expected = [
        "broken   Journal: 12 papers, read 2026-03-11 07:05",
        f"         {FEED}",
        "         there is nothing at this address; correct it; there is nothing at this",
        "         address; correct it;",
    ]
    assert printed(lambda: cli._print_fare(fares, FEED), columns=80) == expected
    unfolded = printed(lambda: cli._print_fare(fares, FEED), columns=None)
    assert unfolded[:2] == expected[:2]
    assert len(unfolded) == 3


def test_a_name_that_tells_the_address_needs_no_second_line(
    printed: Callable[..., list[str]],
) -> None:
    for name, url in [
        ("example.org/feed", FEED),
        ("arxiv:cs.LG", "https://rss.arxiv.org/rss/cs.LG"),
    ]:
        fares = judged(SourceState.QUIET, "why", name=name, url=url, read=False)
        assert printed(lambda fares=fares, url=url: cli._print_fare(fares, url), columns=80) == [
            f"quiet    {name}: nothing read yet",
            "         why",
        ]
        elsewhere = printed(lambda fares=fares: cli._print_fare(fares, f"{FEED}/2"), columns=80)
        assert elsewhere[1] == f"         {FEED}/2"


def test_a_long_message_is_cut_and_where_all_of_it_is_said(
    printed: Callable[..., list[str]],
) -> None:
    fares = judged(SourceState.OK, "8 entries left out: " + "this and that; " * 60)
    lines = printed(lambda: cli._print_fare(fares, FEED), columns=80)
    assert " ".join(map(str.strip, lines)).endswith("… (--json has all of it)")
    assert len(lines) <= len(["name", "address"]) + 5
    assert max(map(len, lines)) <= 80

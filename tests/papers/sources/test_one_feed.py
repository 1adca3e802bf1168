"""Sources at one address are one feed, fetched as the one that was added first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recommender.domain import Source
from recommender.papers.sources.one_feed import (
    address_key,
    at_address,
    fetched,
    fetched_as,
    how_to_remove,
    same_feed,
)

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def source(number: int, url: str, moved_to: str | None = None, *, paused: str = "") -> Source:
    return Source(
        id=number,
        name=f"source {number}",
        url=url,
        moved_to=moved_to,
        every_minutes=None,
        is_configured=False,
        paused_because=paused,
        etag=None,
        last_modified=None,
        next_fetch_at=NOW - timedelta(minutes=number),
        last_fetched_at=None,
        failures=0,
        last_status=None,
        last_message="",
        content_sha256=None,
    )


A, B, C = (f"https://example.org/{path}" for path in "abc")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://Example.ORG", "HTTPS://example.org:443/#top", True),
        ("http://example.org:80/a?b=c", "http://example.org/a?b=c", True),
        (A, B, False),
        ("http://example.org/a", "https://example.org/a", False),
        ("https://example.org/a", "https://example.org/A", False),
        ("https://example.org/a?x=1", "https://example.org/a?x=2", False),
        ("https://example.org:8443/a", "https://example.org/a", False),
        ("mailto:papers+digest-1@example.org", "mailto:papers+digest-2@example.org", False),
        ("https://[::1", "https://[::1", True),
    ],
)
def test_one_address_is_written_in_several_ways(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same


def test_of_sources_at_one_address_the_first_is_fetched_whichever_of_them_moved() -> None:
    for known in (
        [source(1, A, moved_to=B), source(2, B)],
        [source(1, B), source(2, A, moved_to=B)],
        [source(1, A, moved_to=C), source(2, B, moved_to=C)],
    ):
        assert fetched_as(reversed(known)) == {2: known[0]}
        assert fetched(known) == known[:1]
        assert same_feed(known[0], known) == known[1:]
        assert same_feed(known[1], known) == known[:1]


def test_what_is_paused_by_hand_is_neither_fetched_nor_keeps_others_from_it() -> None:
    known = [source(1, A, moved_to=B, paused="by hand"), source(2, B), source(3, C, moved_to=B)]
    assert fetched_as(known) == {3: known[1]}
    assert fetched(known) == [known[1]]
    assert same_feed(known[1], known) == [known[0], known[2]]


def test_who_waits_for_longest_is_fetched_first_and_mail_never() -> None:
    known = [source(1, A), source(2, B), source(3, "mailto:papers+digest-1@example.org")]
    assert fetched(known) == [known[1], known[0]]
    assert fetched_as(known) == {}


def test_a_source_is_found_by_where_it_was_and_where_it_is() -> None:
    known = [source(1, A, moved_to=B)]
    assert at_address(A, known) == at_address("https://EXAMPLE.org/b", known) == known[0]
    assert at_address(C, known) is None


def test_a_name_is_quoted_for_the_shell() -> None:
    assert how_to_remove(source(1, A)) == "`recommender sources remove 'source 1'` takes it out"

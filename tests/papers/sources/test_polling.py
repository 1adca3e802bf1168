"""Sources are asked as often as both sides want, and their answers mean what HTTP says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from recommender.domain import WebAnswer
from recommender.papers.sources.polling import Meaning, judge_answer, next_fetch_at, validators

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def pause(
    headers: Mapping[str, str] | None = None,
    *,
    every: int | None = None,
    failures: int = 0,
    seed: int = 0,
) -> timedelta:
    random = Random(seed)  # noqa: S311, it spreads fetches
    at = next_fetch_at(
        NOW, every_minutes=every, failures=failures, headers=headers or {}, random=random
    )
    return at - NOW


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("headers", "every", "least"),
    [
        ({}, None, HOUR),
        ({}, 15, timedelta(minutes=15)),
        ({"cache-control": "public, max-age=7200"}, None, 2 * HOUR),
        ({"cache-control": "max-age=7200", "age": "3600"}, 15, HOUR),
        ({"cache-control": "max-age=60"}, None, HOUR),
        ({"cache-control": "max-age=99999999999"}, None, timedelta(days=1)),
        ({"cache-control": "max-age=9999999999"}, None, timedelta(days=1)),
        ({"cache-control": "no-cache, max-age=86400"}, None, HOUR),
        ({"cache-control": "s-maxage=86400"}, None, HOUR),
        ({"retry-after": "14400"}, None, 4 * HOUR),
        ({"retry-after": "nonsense"}, None, HOUR),
        ({"retry-after": "Wed, 11 Mar 2026 12:00:00 GMT"}, None, 5 * HOUR),
        ({"retry-after": "Wed, 11 Mar 2020 12:00:00 GMT"}, None, HOUR),
        ({"retry-after": "9999999999"}, None, timedelta(days=7)),
        ({"retry-after": "9" * 11}, None, timedelta(days=7)),
        ({"retry-after": "9" * 5_000}, None, timedelta(days=7)),
        ({"retry-after": "0" * 20 + "14400"}, None, 4 * HOUR),
        ({"retry-after": "\u00b2"}, None, HOUR),
    ],
)
def test_next_fetch_is_when_both_sides_want_it(
    headers: dict[str, str], every: int | None, least: timedelta
) -> None:
    pauses = {pause(headers, every=every, seed=seed) for seed in range(20)}

    assert all(least <= each <= least * 1.1 for each in pauses)


def test_pauses_grow_with_failures_up_to_six_hours_and_differ() -> None:
    minutes = [pause(failures=n) / timedelta(minutes=1) for n in (1, 2, 3, 4, 9, 1000)]
    bounds = [10, 20, 40, 80, 360, 360]

    assert all(b <= each <= b * 1.1 for each, b in zip(minutes, bounds, strict=True))
    assert len({pause(failures=3, seed=seed) for seed in range(20)}) > 10
    assert pause({"retry-after": "7200"}, failures=1) == 2 * HOUR


@pytest.mark.parametrize(
    ("status", "meaning", "words"),
    [
        (304, Meaning.UNCHANGED, ""),
        (204, Meaning.FAILED, "HTTP 204: it says that there is nothing to send"),
        (410, Meaning.GONE, "gone for good"),
        (404, Meaning.FAILED, "HTTP 404: there is nothing at this address"),
        (403, Meaning.FAILED, "refuses us"),
        (429, Meaning.FAILED, "asked too often"),
        (500, Meaning.FAILED, "HTTP 500: its server has a fault (Internal Server Error)"),
        (206, Meaning.FAILED, "Partial Content"),
        (799, Meaning.FAILED, "what HTTP does not know"),
    ],
)
def test_answers_mean_what_http_says(status: int, meaning: Meaning, words: str) -> None:
    answer = WebAnswer(status, {}, b"", "https://example.org/")
    judged = judge_answer(answer, last_sha256="a", sha256="b", is_conditional=True)

    assert judged.meaning is meaning
    assert words in judged.message


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
def test_an_answer_with_nothing_in_it_is_a_fault_each_time(content: bytes) -> None:
    answer = WebAnswer(200, {}, content, "https://example.org/")
    for last in (None, "a"):
        judged = judge_answer(answer, last_sha256=last, sha256="a", is_conditional=False)
        assert (judged.meaning, judged.message.partition(";")[0]) == (
            *(Meaning.FAILED, "what it sends is empty"),
        )


def test_nothing_is_unchanged_that_was_not_asked_about() -> None:
    answer = WebAnswer(304, {}, b"", "https://example.org/")
    judged = judge_answer(answer, last_sha256=None, sha256="a", is_conditional=False)
    assert judged.meaning is Meaning.FAILED
    assert judged.message.startswith("HTTP 304: it says that nothing changed, and has never sent")


def test_the_same_content_again_is_no_news() -> None:
    answer = WebAnswer(200, {}, b"x", "https://example.org/")

    for last, meaning in [("a", Meaning.UNCHANGED), ("b", Meaning.CONTENT)]:
        judged = judge_answer(answer, last_sha256=last, sha256="a", is_conditional=False)
        assert judged.meaning is meaning


@pytest.mark.parametrize(
    ("etag", "kept"),
    [('W/"a b"', 'W/"a b"'), ("", None), ('"é"', None), ('"a\r\nX: y"', None), ("x" * 501, None)],
)
def test_what_cannot_be_sent_back_is_not_kept(etag: str, kept: str | None) -> None:
    assert validators({"etag": etag}) == {"etag": kept, "last_modified": None}

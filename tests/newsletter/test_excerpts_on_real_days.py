"""Excerpts of real papers, against what the digest's own line says of each.

The rules were tuned on the days of odd date; here are those of even date. The digest's summaries
are withheld from the excerpts and serve as the yardstick: how many of their words an excerpt has,
and how many of its own words are theirs (ROUGE-1 F of Lin 2004, without the commonest words).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from statistics import fmean

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.interests.terms import STOP_WORDS
from recommender.newsletter.excerpts import EXCERPT_CHARACTERS, excerpt, shortened
from recommender.newsletter.sentences import contribution_score, sentences_of

FIRST_DAY_WITH_SUMMARIES = date(2025, 5, 1)


@pytest.fixture(scope="module")
def described(real_days: Mapping[date, Digest]) -> list[DigestEntry]:
    """Return the papers of even days that a digest sums up, and whose abstract does not fit."""
    found: dict[str, DigestEntry] = {}
    for day, digest in real_days.items():
        if day < FIRST_DAY_WITH_SUMMARIES or day.day % 2:
            continue
        for entry in digest.entries:
            if entry.summary and len(entry.abstract) > EXCERPT_CHARACTERS:
                found.setdefault(entry.title, entry)
    return list(found.values())


def words(text: str) -> Counter[str]:
    return Counter(each for each in re.findall(r"\w+", text.lower()) if each not in STOP_WORDS)


def rouge(shown: str, summary: str) -> float:
    ours, theirs = words(shown), words(summary)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def at_random(abstract: str) -> str:
    """Return as many sentences as fit, drawn from all of the abstract."""
    text = " ".join(abstract.split())
    sentences = [text[each.start : each.end] for each in sentences_of(text)]
    Random(abstract).shuffle(sentences)  # noqa: S311 - reproducible, not secret
    kept = sentences[0][:EXCERPT_CHARACTERS]
    for each in sentences[1:]:
        if len(kept) + 1 + len(each) <= EXCERPT_CHARACTERS:
            kept += f" {each}"
    return kept


def first_400(abstract: str) -> str:
    """Return what was shown before: the first whole sentences."""
    return shortened(abstract, 400)


def states_something(shown: str) -> bool:
    sentences = (shown[each.start : each.end] for each in sentences_of(shown))
    return max(map(contribution_score, sentences)) >= 1.5


def test_excerpt_says_what_the_digests_own_line_says(
    described: list[DigestEntry], record_property: Callable[[str, object], None]
) -> None:
    measured = {
        name: fmean(rouge(shown(each.abstract), each.summary) for each in described)
        for name, shown in {
            "excerpt": excerpt,
            "first sentences": first_400,
            "first sentences that fit": shortened,
            "random sentences": at_random,
        }.items()
    }
    for name, value in measured.items():
        record_property(name, round(value, 4))
    assert len(described) > 900
    ours = measured.pop("excerpt")
    assert ours >= 0.38
    assert ours >= 1.3 * max(measured.values())


def test_hardly_any_excerpt_is_background_alone(described: list[DigestEntry]) -> None:
    """By the rules themselves: which share of excerpts has a sentence that states anything."""
    shown = fmean(states_something(excerpt(each.abstract)) for each in described)
    before = fmean(states_something(shortened(each.abstract, 400)) for each in described)
    assert shown >= 0.97
    assert before <= shown - 0.3


def test_taste_costs_hardly_anything_of_what_is_said(described: list[DigestEntry]) -> None:
    """Even where a reader's weights are noise, the excerpt says what the paper does."""
    rng = Random(7)  # noqa: S311 - reproducible, not secret
    noisy = [
        rouge(excerpt(each.abstract, [rng.random() for _ in range(100)]), each.summary)
        for each in described
    ]
    assert fmean(noisy) >= 0.37


def test_no_excerpt_of_a_real_paper_is_too_long(described: list[DigestEntry]) -> None:
    lengths = [len(excerpt(each.abstract)) for each in described]
    assert max(lengths) <= EXCERPT_CHARACTERS
    assert fmean(lengths) >= EXCERPT_CHARACTERS / 2

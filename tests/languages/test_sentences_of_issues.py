"""What Python says in newsletters is told in any language, and each part of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from marked_language import MarkedLanguage, words_outside

from recommender.domain import Issue, IssueEntry, Preferences
from recommender.interests.authors import _liked_author
from recommender.jobs.outgoing.messages import ranking_note
from recommender.languages.catalogue import language
from recommender.membership.changes import described
from recommender.membership.preferences import describe_schedule
from recommender.newsletter.corpus import Attention
from recommender.newsletter.reasons import reason_in_words, trend_in_words

MARKED = MarkedLanguage("de")
DAY = date(2026, 3, 11)
ENTRY = IssueEntry(1, 1, "T", (), None, "", 0, 0.5, 0.5, 0.6, 0.5, "", explored=False)
ISSUE = Issue(
    id=1,
    subscriber_id=1,
    number=1,
    date=DAY,
    curator="",
    composed_at=datetime(2026, 3, 11, tzinfo=ZoneInfo("UTC")),
    likes=12,
    dislikes=1,
    saves=2,
    entries=(ENTRY,),
)


def issues() -> list[Issue]:
    shares, evidence = (0.0, 0.6), ((0, 0, 0), (1, 0, 0), (12, 1, 2))
    return [
        replace(
            ISSUE,
            likes=likes,
            dislikes=dislikes,
            saves=saves,
            poor_signal=poor,
            welcome=welcome,
            entries=(replace(ENTRY, interest_weight=share, explored=explored),),
        )
        for share, (likes, dislikes, saves), poor, welcome, explored in product(
            shares, evidence, (True, False), (True, False), (True, False)
        )
    ]


@pytest.mark.parametrize("issue", issues(), ids=str)
def test_what_the_ranking_used_is_told(issue: Issue) -> None:
    assert words_outside([MARKED.told(ranking_note(issue))], []) == set()


def test_what_the_ranking_used_in_german() -> None:
    assert language("de").told(ranking_note(ISSUE)) == (
        "Geordnet nach Ihren Bewertungen – 12 × mehr davon, 1 × weniger davon und 2 Paper gemerkt –"
        " (60 %) und nach dem, was im Trend liegt (40 %)."
    )
    assert ranking_note(ISSUE) == (
        "Ranked by your 12 likes, 1 dislike and 2 saved papers (60 %) and by what is trending"
        " (40 %)."
    )


@pytest.mark.parametrize(("rank", "digests"), list(product((1, 11), (1, 3))))
def test_public_attention_is_told(rank: int, digests: int) -> None:
    attention = Attention(5, digests, DAY, "", rank)
    assert words_outside([MARKED.told(trend_in_words(attention))], []) == set()


@pytest.mark.parametrize("papers", [1, 2, 3])
@pytest.mark.parametrize("by_interest", [True, False])
def test_reasons_are_told_with_all_their_parts(papers: int, *, by_interest: bool) -> None:
    attention = Attention(5, 1, DAY, "", 1)
    for personal in (None, _liked_author("Jane Doe", papers)):
        reason = reason_in_words(personal, attention, by_interest=by_interest)
        assert words_outside([MARKED.told(reason.words)], ["Jane Doe"]) == set()


@pytest.mark.parametrize("days", [{0}, {0, 1}, {0, 1, 2}, {0, 2, 4, 5, 6}, set(range(7))])
def test_when_issues_come_is_told(days: set[int]) -> None:
    schedule = describe_schedule(Preferences(7, frozenset(days), "UTC", 10))
    assert words_outside([MARKED.told(schedule)], ["UTC"]) == set()


@pytest.mark.parametrize(
    "command",
    [
        *("unsubscribe", "pause 1 days", "pause 14 days", "resume", "address"),
        "hour 7; weekdays mon wed; timezone UTC; papers 5; language de",
    ],
)
def test_what_a_change_does_is_told(command: str) -> None:
    assert words_outside([MARKED.told(described(command))], ["UTC", "de"]) == set()

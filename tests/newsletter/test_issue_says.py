"""What an issue says beside its papers: whose reasons they are, and what nothing new fits."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from recommender.domain import Mention, Paper, Rating
from recommender.interests.paper_index import index_papers
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.newsletter.issue import IssuePlan, plan_issues
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.papers.identity.canonical_ids import TitleSearch, searched_at

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TOPICS = ("Graph networks", "Protein folding", "Speech recognition")
SPEECH = [number for number in range(1, 31) if number % 3 == 0]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """30 papers without an address, of three topics in turn."""
    papers = [
        Paper(
            number,
            f"{TOPICS[(number - 1) % 3]} {number}",
            f"Alpha{number} beta{number}.",
            (),
            None,
            None,
            None,
            None,
            NOW,
        )
        for number in range(1, 31)
    ]
    mentions = [Mention(each.id, "AK", NOW.date(), each.id, 0) for each in papers]
    return build_corpus(
        index_papers(papers), mentions, {}, today=date(2026, 3, 11), window_days=9, half_life_days=7
    )


def plan(corpus: Corpus, reader: Reader, parameters: RankingParameters | None = None) -> IssuePlan:
    (issue,) = plan_issues(corpus, [reader], parameters or RankingParameters())
    assert issue is not None
    return issue


def test_only_reasons_that_name_something_of_the_reader_are_personal(corpus: Corpus) -> None:
    likes = [Rating(each, 1, saved=False, rated_at=NOW) for each in SPEECH[:4]]
    entries = plan(corpus, Reader(papers=20, ratings=likes, followed="protein")).entries
    named = {
        begin: {each.reason_is_personal for each in entries if each.reason.startswith(begin)}
        for begin in ("like “", "you follow", "trending")
    }
    assert named == {"like “": {True}, "you follow": {True}, "trending": {False}}


def test_suggestions_are_not_personal(corpus: Corpus) -> None:
    entries = plan(corpus, Reader(papers=10), RankingParameters(exploration=2)).entries
    explored = [entry.reason_is_personal for entry in entries if entry.explored]
    assert explored == [False, False]


@pytest.mark.parametrize("is_new", [True, False])
def test_issue_knows_which_stated_interest_nothing_new_fits(
    corpus: Corpus, *, is_new: bool
) -> None:
    reader = Reader(papers=9, interests="Speech recognition, ornithology", is_new=is_new)
    assert plan(corpus, reader).unmet_interests == ("ornithology",)
    read_all = Reader(papers=9, interests=reader.interests, is_new=is_new, sent=SPEECH)
    assert plan(corpus, read_all).unmet_interests == ("Speech recognition", "ornithology")


@pytest.mark.parametrize(
    ("search", "site"), [(TitleSearch.ARXIV, "arXiv"), (TitleSearch.CROSSREF, "Crossref")]
)
def test_a_paper_without_an_address_links_to_the_search_that_was_chosen(
    corpus: Corpus, search: TitleSearch, site: str
) -> None:
    entries = plan(corpus, Reader(papers=3), RankingParameters(title_search=search)).entries
    assert [searched_at(entry.url) for entry in entries] == [site] * 3

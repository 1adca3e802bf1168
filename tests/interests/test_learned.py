"""What the page says was learned, in the words of the papers themselves."""

from datetime import UTC, datetime

from recommender.domain import Paper, Rating
from recommender.interests.evidence import fit_interest, gather_evidence
from recommender.interests.learned import LearnedWords, learned_words
from recommender.interests.paper_index import index_papers

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TITLES = (
    "Graph neural networks for molecules",
    "Training graph neural networks on molecules",
    "Speech recognition with transducers",
    "Streaming speech recognition",
    "Surface codes and lattice surgery",
    "Lattice surgery with surface codes",
)


def learned_from(ratings: dict[int, int], interests: str = "") -> LearnedWords:
    papers = [
        Paper(number, title, "", (), None, None, None, None, NOW)
        for number, title in enumerate(TITLES, start=1)
    ]
    index = index_papers(papers)
    said = [
        Rating(paper_id, value, saved=False, rated_at=NOW) for paper_id, value in ratings.items()
    ]
    evidence = gather_evidence(index, said, interests)
    return learned_words(
        index,
        evidence,
        fit_interest(index, evidence),
        texts=[interests, *(papers[paper_id - 1].title for paper_id in ratings)],
        most=3,
    )


def test_liked_words_are_those_of_the_liked_papers_as_they_are_written() -> None:
    words = learned_from({1: 1, 2: 1})
    assert words.liked == ("training graph neural networks", "molecules")


def test_nothing_is_disliked_without_a_dislike() -> None:
    assert learned_from({1: 1, 2: 1}).disliked == ()


def test_disliked_words_are_those_of_the_disliked_papers() -> None:
    words = learned_from({1: 1, 3: -1, 4: -1})
    assert words.disliked == ("streaming speech recognition", "transducers")


def test_stated_interests_are_learned_too() -> None:
    assert learned_from({}, "lattice surgery").liked == ("lattice surgery",)


def test_no_more_words_than_asked_for() -> None:
    assert len(learned_from({1: 1, 4: 1, 5: 1}).liked) == 3

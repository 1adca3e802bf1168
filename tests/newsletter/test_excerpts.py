"""The excerpt says what the paper does, to each reader in the words that they like most."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Mention, Paper, Rating
from recommender.interests.paper_index import index_papers
from recommender.newsletter.corpus import build_corpus
from recommender.newsletter.excerpts import (
    EXCERPT_CHARACTERS,
    Excerpts,
    choices_of,
    excerpt,
    shortened,
)
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.reader import RankingParameters, Reader

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)

KNOWN = (
    "Recent advances in language models have attracted significant attention. However, existing "
    "methods suffer from high costs and remain difficult to deploy on small devices. "
)
PROPOSED = "We propose FooNet, a network that prunes attention heads while it reads. "
MEASURED = "Experiments show that FooNet halves the energy of translation on two public corpora. "
LATER = "Our code is available at https://example.org/foonet, and we hope that it helps."


def paper(abstract: str, summary: str = "") -> Paper:
    return Paper(1, "A title", abstract, (), None, None, None, None, NOW, summary)


def test_abstract_that_fits_stays_whole() -> None:
    assert (
        excerpt("One sentence.\n Another,\twithout an end")
        == "One sentence. Another, without an end"
    )


def test_contribution_is_shown_and_not_the_background_before_it() -> None:
    expected = (PROPOSED + MEASURED).strip()
    assert excerpt(KNOWN + PROPOSED + MEASURED + LATER) == expected


def test_sentences_that_are_no_neighbours_stand_apart_in_their_order() -> None:
    between = "Heads are ordered by entropy and by the depth at which the network meets them. "
    shown = excerpt(KNOWN + PROPOSED + between + MEASURED + LATER)
    assert shown == f"{PROPOSED.strip()} … {MEASURED.strip()}"


def test_abstract_with_labelled_sections_shows_what_was_found_without_the_labels() -> None:
    abstract = (
        "BACKGROUND: Sleep is essential for memory, and its loss has become a burden on health in "
        "many countries. METHODS: Forty adults wore a sensor for two weeks at home and kept a "
        "diary of their meals. RESULTS: We found that naps of 20 minutes doubled recall. "
        "CONCLUSIONS: Short naps may help students before exams."
    )
    shown = excerpt(abstract)
    assert "We found that naps of 20 minutes doubled recall." in shown
    assert "RESULTS" not in shown
    assert "essential" not in shown


def test_abstract_that_states_nothing_does_not_show_its_first_sentence() -> None:
    abstract = " ".join(f"Leaves of plot number {at} are green in every spring." for at in range(9))
    assert not excerpt(abstract).startswith("Leaves of plot number 0")


def test_sentence_that_points_back_does_not_stand_alone() -> None:
    points_back = "It outperforms all known networks by 12 % in our experiments on translation. "
    filler = (
        "Energy is spent by phones, by servers and by all the radios that lie between them. " * 3
    )
    shown = excerpt(filler + PROPOSED + points_back + LATER)
    assert shown.startswith(PROPOSED.strip())


def test_long_sentence_that_fits_nowhere_is_cut_between_words_with_an_ellipsis() -> None:
    shown = excerpt("We propose " + "long words " * 60 + "at last.")
    assert shown.startswith("We propose long words")
    assert shown.endswith(("words…", "long…"))
    assert excerpt("A sentence, which does not end soon enough", None, 22) == "A sentence, which…"


def test_long_sentence_is_cut_after_a_clause_where_that_leaves_most_of_it() -> None:
    sentence = "We propose FooNet, a network of " + "many small " * 18 + "parts, which learn, " * 5
    assert excerpt(sentence).endswith(("parts…", "learn…"))


def test_single_long_word_is_cut_anywhere() -> None:
    assert excerpt("x" * 50, None, 10) == "x" * 9 + "…"


def test_paper_without_abstract_has_no_excerpt() -> None:
    assert excerpt("  ") == ""


FOUND_IN_MICE = (
    "We find that sleeping mice remember the shape of a maze for a month after they left."
)
FOUND_IN_FISH = (
    "We find that zebrafish change the colour of a fin whenever a rival swims past them."
)
FINDINGS = (
    "Animals adapt to the places that they live in, and many of them do so within days of arrival. "
    f"{FOUND_IN_MICE} Details are in the text, which tells of cages, tanks, lamps and long nights "
    f"under them. {FOUND_IN_FISH} Details follow in a second text, which tells of pumps and pipes."
)


def test_of_what_says_it_as_well_the_reader_gets_what_they_like_most() -> None:
    limit = len(FOUND_IN_MICE) + 5
    assert excerpt(FINDINGS, [0, 0.1, 0, 0.9, 0], limit) == FOUND_IN_FISH
    assert excerpt(FINDINGS, [0, 0.9, 0, 0.1, 0], limit) == FOUND_IN_MICE


def test_what_a_reader_likes_never_brings_the_background() -> None:
    liking = [9.0, 9.0, 0.0, 0.0, 9.0]
    shown = excerpt(KNOWN + PROPOSED + MEASURED + LATER, liking)
    assert "attention heads" in shown or "halves the energy" in shown
    assert "Recent" not in shown
    assert "code" not in shown


COLUMNS = {"maze": 0, "zebrafish": 1}
NO_HEADS = np.zeros((2, 0), dtype=np.float32)


@pytest.mark.parametrize(("liked", "word"), [("maze", "mice"), ("zebrafish", "zebrafish")])
def test_weights_of_the_head_that_likes_the_paper_decide(liked: str, word: str) -> None:
    weights = np.zeros((2, 2), dtype=np.float32)
    weights[COLUMNS[liked], 1] = 1
    both = FINDINGS.replace("Details", "Much more of this is told where it belongs; details")
    longer = both.replace("a month after they left", "a month " + "and a night " * 9)
    longer = longer.replace("a rival swims past them", "a rival swims " + "round and round " * 8)
    shown, is_summary = Excerpts([paper(longer)], COLUMNS.get).of(0, weights, 1)
    assert word in shown
    assert not is_summary


def test_reader_without_evidence_gets_what_says_it_best() -> None:
    excerpts = Excerpts([paper(FINDINGS), paper("")], COLUMNS.get)
    assert excerpts.of(0, NO_HEADS, 0) == (excerpt(FINDINGS), False)
    assert excerpts.of(1, NO_HEADS, 0) == ("", False)


def test_line_of_the_digest_goes_before_the_abstract_and_is_marked() -> None:
    excerpts = Excerpts(
        [paper(FINDINGS, "Mice remember."), paper("Short.", "s" * 999)], COLUMNS.get
    )
    assert excerpts.of(0, NO_HEADS, 0) == ("Mice remember.", True)
    assert excerpts.of(1, NO_HEADS, 0) == ("s" * 299 + "…", True)


def test_summary_that_is_too_long_ends_with_a_sentence() -> None:
    assert (
        shortened("First one. Second one! Third one? Fourth one.", 25) == "First one. Second one!"
    )
    assert shortened("First\n one. ", 25) == "First one."


def test_two_readers_get_the_sentences_that_they_like_of_one_paper() -> None:
    stem = (
        "We find that {} in groups of twelve, and that this holds in all seasons of the year, in "
    )
    stem += "every cage, and at every hour of the day and of the night that {}."
    mice = stem.format("sleeping mice remember a maze", "our cameras recorded the mice")
    fish = stem.format("zebrafish change their colour", "our lamps shone upon the zebrafish")
    shared = replace(paper(f"Animals adapt to many places. {mice} More is told. {fish}"), id=9)
    liked = [replace(paper(""), id=at, title=f"Zebrafish colour {at}") for at in (1, 2, 3)]
    liked += [replace(paper(""), id=at, title=f"Mice in a maze {at}") for at in (4, 5, 6)]
    mentions = [Mention(each.id, "AK", NOW.date(), each.id, 1) for each in (*liked, shared)]
    corpus = build_corpus(
        index_papers([*liked, shared]),
        mentions,
        {},
        today=NOW.date(),
        window_days=9,
        half_life_days=7,
    )
    readers = [
        Reader(papers=9, ratings=[Rating(at, 1, False, NOW) for at in ids])
        for ids in ((1, 2, 3), (4, 5, 6))
    ]
    plans = plan_issues(corpus, readers, RankingParameters(exploration=0))
    shown = [each.excerpt for plan in plans if plan for each in plan.entries if each.paper_id == 9]
    assert shown == [fish, mice]


ALPHABET = "Ab. ,e!\n:1。we find"


@given(st.text(max_size=900) | st.text(alphabet=ALPHABET, max_size=900), st.integers(1, 60))
def test_excerpt_of_any_text_fits_and_comes_from_it(abstract: str, limit: int) -> None:
    text = " ".join(abstract.split())
    for most in (limit, EXCERPT_CHARACTERS):
        shown = excerpt(abstract, None, most)
        assert len(shown) <= most
        assert bool(shown) == bool(text)
        assert shown == excerpt(str(abstract), None, most)
        for part in shown.removesuffix("…").split(" … "):
            assert part in text or all(word in text for word in part.split())
        assert len(shortened(abstract, most)) <= most
        assert text.startswith(shortened(abstract, most).removesuffix("…"))


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "We find. ",
        "A. ",
        "we ",
        "x" * 700 + ". ",
        "RESULTS: We find that. ",
        "。",
        "\n \t",
        "( ",
    ],
)
def test_megabyte_of_an_abstract_takes_no_longer_than_its_beginning(piece: str) -> None:
    abstract = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    assert len(excerpt(abstract)) <= EXCERPT_CHARACTERS
    assert len(choices_of(abstract)) < 20
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("aim", ["The purpose of this paper is", "The aims of our study were"])
def test_aim_that_is_named_as_such_is_shown(aim: str) -> None:
    background = "Testing at speed with external testers costs more than with internal ones. "
    purpose = f"{aim} to develop a controller that tests cores of a board by itself. "
    more = "Cores of boards are many, and each needs patterns of its own that somebody writes. " * 3
    assert excerpt(background + purpose + more).startswith(aim)


def test_initials_and_ranks_of_names_end_no_sentence() -> None:
    first = (
        "We describe the work of Trevor J.L. Sless on Drepanoleptusa emeiana spec. Nov. from there."
    )
    assert excerpt(f"{first} " + "The rest is about something else entirely. " * 8).startswith(
        first
    )


@pytest.mark.parametrize(
    "opener",
    [
        "Two such layers, trained with a handful of nodes, beat",
        "The network obtains such equivariance and beats",
        "An ensemble of them beats",
    ],
)
def test_sentence_that_points_back_is_not_shown_alone(opener: str) -> None:
    first = "A layer sums what the neighbours of a node say and mixes it with what it knows."
    second = f"{opener} all baselines on three citation networks by four points."
    rest = "Much has been said of graphs in many fields for many years by many people. " * 3
    shown = excerpt(f"{first} {second} {rest}")
    assert second not in shown or first in shown

"""What somebody follows and blocks means the papers that they would say it means."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from recommender.domain import Paper
from recommender.errors import PreferenceError
from recommender.newsletter.wish_index import WishIndex, WishMatch
from recommender.newsletter.wishes import (
    FOLLOWED_LIFT,
    WISH_MAX_CHARACTERS,
    WISHES_MAX,
    followed_lift,
    judge,
    parse_wishes,
)

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def paper(title: str, abstract: str = "", authors: tuple[str, ...] = ()) -> Paper:
    return Paper(1, title, abstract, authors, None, None, None, None, NOW)


def means(wish: str, *papers: Paper) -> list[int]:
    return WishIndex(papers).matching(wish).tolist()


# What is written into the form.


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("", ()),
        (" \n ,; \n", ()),
        ("pruning", ("pruning",)),
        ("pruning\r\nprotein  folding\n", ("pruning", "protein folding")),
        ("pruning, graphs; Jane Doe", ("pruning", "graphs", "Jane Doe")),
        ("Transformers, Robotics", ("Transformers", "Robotics")),
        ("Doe, J.", ("J. Doe",)),
        ("Doe, J. A.\npruning", ("J. A. Doe", "pruning")),
        ("Doe, J., Roe, R.-K., pruning", ("J. Doe", "R.-K. Roe", "pruning")),
        ("Graphs, pruning; Doe, J.", ("Graphs", "pruning", "J. Doe")),
        ("Doe, Jane; Roe, Richard", ("Jane Doe", "Richard Roe")),
        ("Pruning\npruning\nPRUNING", ("Pruning",)),
        ("diffusion model\nDiffusion-Models", ("diffusion model",)),
        ("Müller\nMuller", ("Müller",)),
        ("pro\u200btein\u202e", ("protein",)),
        ("tabs\tand\u00a0spaces", ("tabs and spaces",)),
    ],
)
def test_wishes_are_read_as_people_write_them(text: str, wishes: tuple[str, ...]) -> None:
    assert parse_wishes(text, field="followed") == wishes


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # much text holds no word
@given(st.lists(st.text(alphabet="abcDEF ,;.\n-é\u200b", max_size=30), max_size=8).map("\n".join))
def test_wishes_read_again_are_the_same(text: str) -> None:
    try:
        wishes = parse_wishes(text, field="followed")
    except PreferenceError:
        assume(False)

    assert parse_wishes("\n".join(wishes), field="followed") == wishes
    assert not any(set(wish) & set(",;\n\u200b") for wish in wishes)


def test_as_many_wishes_as_are_possible_are_taken_and_one_more_is_refused() -> None:
    wishes = [f"topic{number}" for number in range(WISHES_MAX)]

    assert parse_wishes("\n".join(wishes), field="blocked") == tuple(wishes)
    with pytest.raises(PreferenceError, match=f"{WISHES_MAX + 1} words and authors; {WISHES_MAX}"):
        parse_wishes("\n".join([*wishes, "one topic more"]), field="blocked")


def test_long_wish_is_refused_and_not_cut_to_mean_other_papers() -> None:
    longest = "x" * WISH_MAX_CHARACTERS

    assert parse_wishes(longest, field="blocked") == (longest,)
    with pytest.raises(PreferenceError, match="longer than 80 characters") as caught:
        parse_wishes(f"{longest}y", field="blocked")
    assert caught.value.field == "blocked"


@pytest.mark.parametrize("text", ["the", "of a", "2024", "R", "C++", "!!!", "paper"])
def test_wish_that_would_mean_nearly_every_paper_is_refused(text: str) -> None:
    with pytest.raises(PreferenceError, match="tells no papers apart"):
        parse_wishes(text, field="blocked")


# Words.


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ("diffusion model", "Diffusion Models for Speech"),
        ("Diffusion Models", "On a diffusion model"),
        ("diffusion model", "Diffusion-models, revisited"),
        ("diffusion-model", "the diffusion model"),
        ("diffusion model", "diffusion (model)"),
        ("chain of thought", "Chain-of-Thought Prompting"),
        ("GNN", "Deep GNNs"),
        ("GPT 4", "We asked GPT-4."),
        ("Schrödinger", "The Schrodinger equation"),
        ("poincare", "Poincaré embeddings"),
        ("pruning", "Pruning"),
        ("pruning", "…by pruning"),
    ],
)
def test_wish_means_papers_that_hold_its_words_side_by_side(wish: str, text: str) -> None:
    assert means(wish, paper(text)) == [0]
    assert means(wish, paper("Another title", text)) == [0]


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ("diffusion model", "diffusion of a model"),
        ("diffusion model", "model diffusion"),
        ("diffusion model", "a diffusion"),
        ("diffusion model", "Stable diffusion; the model"),
        ("prune", "pruned"),
        ("art", "state of the start, artful"),
        ("GPT 4", "GPT 40"),
        ("chain of thought", "chain thought"),
        ("unheard", "something else"),
    ],
)
def test_wish_leaves_other_papers_alone(wish: str, text: str) -> None:
    assert means(wish, paper(text, text)) == []


def test_wish_means_what_is_shown_of_a_text() -> None:
    latex = paper(r"\textbf{Capture} of CO$_2$ with $\mathcal{O}(n)$ steps")
    assert means("capture of CO2", latex) == [0]
    assert means("mathcal", latex) == []


def test_phrase_runs_over_no_end_of_a_title_abstract_or_paper() -> None:
    papers = paper("On diffusion", "model of thought"), paper("model", "free diffusion")

    assert means("diffusion model", *papers) == []
    assert means("thought model", *papers) == []
    assert means("free diffusion", *papers) == [1]


def test_paper_that_holds_a_phrase_twice_is_meant_once() -> None:
    twice = paper("Diffusion models", "A diffusion model is a diffusion model.")

    assert means("diffusion model", paper("Graphs"), twice, twice) == [1, 2]


def test_nothing_is_meant_where_there_are_no_papers() -> None:
    assert means("diffusion model") == []


words = st.lists(st.sampled_from(["red", "green", "of", "blue"]), max_size=6)


@given(texts=st.lists(words, min_size=1, max_size=5), wish=words.filter(bool))
def test_phrase_is_found_exactly_where_a_search_in_the_text_finds_it(
    texts: list[list[str]], wish: list[str]
) -> None:
    phrase = f" {' '.join(wish)} "
    expected = [at for at, text in enumerate(texts) if phrase in f" {' '.join(text)} "]

    assert expected == means(" ".join(wish), *(paper(" ".join(text)) for text in texts))
    assert expected == means(" ".join(wish), *(paper("", " ".join(text)) for text in texts))


# Authors.


@pytest.mark.parametrize("wish", ["Jane Doe", "J. Doe", "jane doe", "Doe", "Doe, Jane"])
def test_wish_means_the_papers_of_an_author(wish: str) -> None:
    others = paper("Graphs", authors=("Richard Roe",))
    theirs = paper("Graphs", authors=("Richard Roe", "Jane Doe"))

    assert means(wish, others, theirs) == [1]


def test_given_name_alone_means_nobody() -> None:
    assert means("Jane", paper("Graphs", authors=("Jane Doe",))) == []


def test_match_names_the_author_as_the_paper_does() -> None:
    met = WishIndex([paper("Graphs", authors=("Doe, Jane",))]).matches(["J. Doe"])

    assert met == {0: WishMatch("author", "Jane Doe")}
    assert str(met[0]) == "author Jane Doe"


def test_match_names_the_words_as_the_subscriber_wrote_them() -> None:
    met = WishIndex([paper("Diffusion Models")]).matches(["diffusion model"])

    assert met == {0: WishMatch("word", "diffusion model")}
    assert str(met[0]) == "word diffusion model"


def test_of_several_wishes_the_first_is_named_and_an_author_before_words() -> None:
    index = WishIndex([paper("Doe diagrams", "of pruned graphs", ("Jane Doe",))])

    assert index.matches(["Doe", "pruned"]) == {0: WishMatch("author", "Jane Doe")}
    assert index.matches(["pruned", "Doe"]) == {0: WishMatch("word", "pruned")}


# What follows for a subscriber.


def test_what_is_both_followed_and_blocked_is_blocked() -> None:
    index = WishIndex(
        [
            paper("Pruning", authors=("Jane Doe",)),
            paper("Folding", authors=("Jane Doe",)),
            paper("Pruning"),
            paper("Speech"),
        ]
    )
    verdict = judge(index, followed="Jane Doe\nspeech", blocked="pruning")

    assert {0: WishMatch("word", "pruning"), 2: WishMatch("word", "pruning")} == verdict.blocked
    assert verdict.followed == {1: WishMatch("author", "Jane Doe"), 3: WishMatch("word", "speech")}


def test_who_wishes_nothing_makes_nothing_be_read() -> None:
    index = WishIndex([paper("Pruning")])
    verdict = judge(index, followed="", blocked="")

    assert (verdict.blocked, verdict.followed) == ({}, {})
    assert {"_text", "_authors"}.isdisjoint(vars(index))


def test_followed_paper_is_lifted_half_way_to_the_best_score() -> None:
    lifted = followed_lift(np.array([0.0, 0.2, 1.0]))

    assert lifted.tolist() == pytest.approx([0.5, 0.6, 1.0])


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted))
def test_lift_keeps_the_order_and_lowers_nothing(scores: list[float]) -> None:
    blend = np.array(scores)
    lower, higher = followed_lift(blend)

    assert lower <= higher <= 1
    assert np.all(followed_lift(blend) >= np.maximum(blend, FOLLOWED_LIFT))

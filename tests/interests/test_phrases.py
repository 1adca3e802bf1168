"""What is shown is what texts say: whole words and whole phrases, each main word once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.collocations import NO_COLLOCATIONS, Collocations, Role
from recommender.interests.phrase_finding import phrases_in
from recommender.interests.phrases import choose

KNOWN = Collocations(
    phrases=frozenset({"prompt optimization", "large language model", "language model"}),
    roles={
        "enhance": Role.VERB,
        "medical": Role.MODIFIER,
        "multi-stage": Role.MODIFIER,
        "efficient": Role.GENERIC,
        "framework": Role.VAGUE,
    },
    names=frozenset({"gaussian", "dpo"}),
)


def shown(
    title: str, abstract: str = "", known: Collocations = KNOWN, **carried: float
) -> list[str]:
    """Return what is shown where these terms carried, underscores for spaces."""
    terms = {term.replace("_", " "): value for term, value in carried.items()}
    phrases = phrases_in([title], [abstract], known)
    return [phrase.surface for phrase in choose(phrases.weigh(terms), terms)]


def test_phrase_is_shown_in_the_stead_of_its_words() -> None:
    assert shown("On Prompt Optimization", prompt=1, optimization=1) == ["prompt optimization"]


def test_hyphenated_word_is_never_cut() -> None:
    words = shown("Multi-stage Prompt Optimization", multi=3, stage=3, prompt=1, optimization=1)
    assert words == ["multi-stage", "prompt optimization"]


def test_half_of_a_compound_is_not_shown() -> None:
    assert shown("Text-to-image in a text-to-image way", known=NO_COLLOCATIONS, image=1) == []


def test_phrase_is_not_shown_for_one_of_its_words() -> None:
    """What carried was "optimization", of whatever."""
    assert shown("Prompt Optimization", optimization=1) == ["optimization"]


def test_phrase_is_of_what_is_shown() -> None:
    title = r"On \textbf{Prompt} \emph{Optimization}"
    assert shown(title, prompt=1, optimization=1) == ["prompt optimization"]
    assert shown(title, textbf=1, emph=1) == []


def test_modifier_is_shown_with_all_that_it_modifies() -> None:
    assert shown("", "We see medical image retrieval.", medical=1) == ["medical image retrieval"]


def test_vague_and_generic_words_and_verbs_are_not_shown_alone() -> None:
    abstract = "We enhance the efficient of frameworks."
    assert shown("", abstract, enhance=1, efficient=1, framework=1) == []


def test_acronym_stands_with_the_long_form_that_the_text_defines() -> None:
    abstract = "Direct preference optimization (DPO) is good. DPO wins."
    assert shown("", abstract, dpo=1) == ["direct preference optimization (DPO)"]
    assert shown("", "DPO wins.", dpo=1) == ["DPO"]


def test_neighbours_in_a_title_are_a_phrase_where_their_pair_carried() -> None:
    carried = {"sparse": 1.0, "pruning": 1.0}
    assert shown("Sparse Pruning", **carried) == ["sparse", "pruning"]
    assert shown("Sparse Pruning", **carried, sparse_pruning=1.0) == ["sparse pruning"]


def test_phrases_that_share_their_main_word_are_not_both_shown() -> None:
    abstract = "A robot and robotic arms. Molecules and molecular graphs."
    words = shown("", abstract, robot=4, robotic=3, molecule=2, molecular=1)
    assert words == ["robot", "molecules"]


def test_capital_that_only_begins_a_word_is_taken_off_and_that_of_a_name_is_not() -> None:
    assert shown("Gaussian Galaxies", gaussian=1, galaxy=2) == ["galaxies", "Gaussian"]
    assert shown("ControlNet", controlnet=1) == ["ControlNet"]
    assert shown("Mobile-Agent-V", mobile=1, agent=1) == ["Mobile-Agent-V"]


def test_possessive_is_not_shown_at_the_end() -> None:
    assert shown("", "The agent’s way and the robots' way", agent=2, robot=1) == ["agent", "robots"]


def test_addresses_are_no_words() -> None:
    assert shown("", "See https://github.com/someone/thing", someone=1, thing=1) == []


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_is_shown_stands_in_the_text_and_its_shares_are_shares(
    title: str, abstract: str
) -> None:
    """Any text; acronyms are put into parentheses behind their long form."""
    found = phrases_in([title], [abstract], KNOWN)
    everything = {term: 1.0 for phrase in found.phrases for term in (*phrase.terms, *phrase.pairs)}
    text = f"{title} | {abstract}".lower()
    for _, phrase in found.weigh(everything):
        assert all(0 <= share <= 1 for share in phrase.shares)
        if not phrase.is_acronym:
            assert " ".join(phrase.surface.lower().split()) in " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["a-" * 50_000, "Ab " * 20_000, "(AB) " * 20_000, "'" * 100_000, "3." * 50_000]
)
def test_hostile_texts_are_read(text: str) -> None:
    assert phrases_in([text[:5_000]], [text], KNOWN).weigh({"nothing": 1.0}) == []

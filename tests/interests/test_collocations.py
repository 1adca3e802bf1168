"""The corpus tells which units belong together, and which do not stand alone."""

from __future__ import annotations

import pytest

from recommender.interests.collocations import (
    LONGEST,
    Collocations,
    Role,
    find_collocations,
    key_of,
    terms_in,
)

SUBJECTS = ("speech", "galaxies", "molecules", "robots", "surfaces", "proteins", "graphs", "voices")


def texts(*sentences: str, times: int = 8) -> list[tuple[str, str]]:
    """Return each sentence of some subjects, among sentences that are of nothing else."""
    said = [
        (f"On {subject} number{at}", sentence.format(subject=subject))
        for sentence in sentences
        for at, subject in enumerate(SUBJECTS[:times])
    ]
    return said + [(f"word{at} of other{at}", f"thing{at} is in place{at}.") for at in range(200)]


@pytest.fixture(scope="module")
def known() -> Collocations:
    return find_collocations(
        texts(
            "Reinforcement learning from human feedback is for {subject}, and with"
            " reinforcement learning from human feedback we win.",
            "By prompt optimization for {subject} we win. Prompt optimization of {subject}.",
            "We enhance the {subject}. They enhance the {subject}.",
            "A medical image of {subject}; medical image retrieval is of {subject}.",
            "The Gaussian of {subject} is a Gaussian of {subject}.",
        )
    )


def test_units_that_stand_together_are_phrases(known: Collocations) -> None:
    assert "reinforcement learning from human feedback" in known.phrases
    assert "prompt optimization" in known.phrases


def test_part_that_stands_in_one_longer_phrase_only_is_none(known: Collocations) -> None:
    assert "human feedback" not in known.phrases
    assert "reinforcement learning" not in known.phrases


def test_phrases_begin_and_end_with_terms_and_have_no_verb(known: Collocations) -> None:
    for phrase in known.phrases:
        first, *_, last = phrase.split()
        assert terms_in(first)
        assert terms_in(last)
        assert 2 <= len(phrase.split()) <= LONGEST
        assert all(known.roles.get(unit) is not Role.VERB for unit in phrase.split())


def test_words_are_told_by_where_they_stand(known: Collocations) -> None:
    assert known.roles["enhance"] is Role.VERB
    assert known.roles["medical"] is Role.MODIFIER
    assert "gaussian" not in known.roles


def test_names_have_their_capital_inside_sentences(known: Collocations) -> None:
    assert known.names == {"gaussian"}


def test_bags_of_words_have_hardly_any_phrase() -> None:
    random = [f"w{(at * at * 7 + at * 13) % 97}" for at in range(5000)]
    bags = [("", " ".join(random[at : at + 50])) for at in range(0, 5000, 50)]
    found = find_collocations([(f"a{at}", "mouse mouse mouse") for at in range(20)])
    assert not found.phrases
    assert isinstance(find_collocations(bags), Collocations)


@pytest.mark.parametrize(
    "documents", [[], [("", "")], [("…", "!")], [("the of", "and")], [("One", "word")]]
)
def test_corpus_without_phrases_has_none(documents: list[tuple[str, str]]) -> None:
    assert find_collocations(documents).phrases == frozenset()


def test_key_keeps_compounds_whole_and_folds_their_plural() -> None:
    assert key_of("Text‐to-Images") == "text-to-image"
    assert terms_in("Text-to-Images") == ("text", "image")
    assert terms_in("of") == ()


def test_phrases_are_of_what_is_shown() -> None:
    said = [
        (title, abstract.replace("prompt", r"\emph{prompt}"))
        for title, abstract in texts(
            "By prompt optimization for {subject} we win. A prompt optimization of {subject}."
        )
    ]
    assert "prompt optimization" in find_collocations(said).phrases

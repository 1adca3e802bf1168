"""An issue says of a stated interest that nothing new fits it, where that is certain."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Paper
from recommender.newsletter.unmet_interests import UNMET_MAX, unmet_interests
from recommender.newsletter.wish_index import WishIndex

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)


def paper(title: str, abstract: str = "", *authors: str) -> Paper:
    return Paper(1, title, abstract, authors, None, None, None, None, NOW)


INDEX = WishIndex(
    [
        paper("Folding laundry", "Robots learn it.", "Ann Author"),
        paper("How proteins move", "On the folding of each, by diffusion.", "Bob Builder"),
        paper("Kernels", "Large language models write them."),
    ]
)


def unmet(
    interests: str, *, offered: tuple[bool, bool, bool] = (True, True, True), reason: str = ""
) -> tuple[str, ...]:
    return unmet_interests(INDEX, interests, offered=np.array(offered), reasons=[reason])


@pytest.mark.parametrize(
    "met",
    [
        "protein folding",
        "Proteins",
        "large language models",
        "Ann Author",
        "B. Builder",
        "diffusion, robots; folding",
    ],
)
def test_what_a_paper_on_offer_is_about_is_met(met: str) -> None:
    assert unmet(met) == ()


def test_what_no_paper_on_offer_is_about_is_told_as_it_was_written() -> None:
    said = "Protein folding, Quantum dots;\n Carla  Curie \nquantum dots.\nKernels"
    assert unmet(said) == ("Quantum dots", "Carla Curie", "quantum dots")


def test_words_that_stand_in_two_papers_are_in_neither() -> None:
    assert unmet("protein laundry") == ("protein laundry",)


def test_what_was_sent_before_is_not_new() -> None:
    assert unmet("protein folding", offered=(True, False, True)) == ("protein folding",)


def test_what_a_reason_names_is_met() -> None:
    assert unmet("quantum dots", reason="you said you like: quantum dots") == ()


@pytest.mark.parametrize(
    "said",
    [
        "",
        " , ;\n",
        "I am interested in protein design",
        "everything about cryo-EM",
        "the",
        "new methods",
        "2603.00001",
        "arXiv:2603.00001",
        "math/0309136",
        "10.1000/abc.1",
        "https://example.org/a",
        "quantum dots in solar cells of perovskite",
        "quantum " * 5,
        "x" * 61,
        "蛋白质折叠",
        "タンパク質 AI",
        "การพับโปรตีน",
        "<b>quantum</b>",
    ],
)
def test_what_is_not_certain_is_not_told(said: str) -> None:
    assert unmet(said) == ()


def test_only_the_first_few_are_told() -> None:
    assert unmet(", ".join(f"quantum{n} dots" for n in range(50))) == tuple(
        f"quantum{n} dots" for n in range(UNMET_MAX)
    )


@given(st.text(max_size=300))
def test_whatever_is_said_gives_few_short_lines(said: str) -> None:
    told = unmet(said)
    assert len(told) <= UNMET_MAX
    assert all(phrase == " ".join(phrase.split()) and len(phrase) <= 60 for phrase in told)

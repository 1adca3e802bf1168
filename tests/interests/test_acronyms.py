"""Acronyms are taken for what the text says that they stand for, and nothing else is."""

from __future__ import annotations

import time

import pytest

from recommender.interests.acronyms import find_definitions


def defined(text: str) -> list[tuple[str, str]]:
    return [(each.acronym, text[each.start : each.end]) for each in find_definitions(text)]


@pytest.mark.parametrize(
    ("text", "acronym", "long"),
    [
        (
            "by reinforcement learning from human feedback (RLHF).",
            "RLHF",
            "reinforcement learning from human feedback",
        ),
        (
            "of multi-modal large language models (MLLMs) is",
            "MLLMs",
            "multi-modal large language models",
        ),
        ("a radiology report generation (RRG) system", "RRG", "radiology report generation"),
        ("with a Mixture-of-Experts (MoE)", "MoE", "Mixture-of-Experts"),
    ],
)
def test_long_form_stands_before_the_acronym(text: str, acronym: str, long: str) -> None:
    assert defined(text) == [(acronym, long)]


@pytest.mark.parametrize(
    "text",
    [
        "we rank papers (here)",
        "(RLHF) stands alone",
        "cats and dogs (RLHF)",
        "a sentence ends. Reading (SR)",
        "graphs (G)",
    ],
)
def test_what_is_no_definition_is_none(text: str) -> None:
    assert defined(text) == []


def test_time_is_linear_in_hostile_texts() -> None:
    begun = time.process_time()
    for text in ("(AA)" * 50_000, "a " * 100_000 + "(AB)", "(" * 200_000, "(A" * 100_000):
        find_definitions(text)
    assert time.process_time() - begun < 20

r"""Markdown's backslashes and anchors stand for nothing; those of LaTeX stay."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.digests.escapes import without_escapes
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)


def read(text: str) -> Digest:
    return parse_digest(text.encode(), today=TODAY)


def test_titles_and_abstracts_lose_backslashes_of_markdown() -> None:
    digest = read(
        "# Papers 2026\\-03\\-11\n\n"
        "## 1\\. Bird\\_Net: Two\\-bit songs\n\nWe listen to 40\\% of birds\\.\n\n"
        "## 2\\. Mice \\[of meadows\\]\n\nWe look at mice \\(twice\\)\\.\n"
    )
    assert digest.date == date(2026, 3, 11)
    assert [entry.title for entry in digest.entries] == [
        "Bird_Net: Two-bit songs",
        "Mice [of meadows]",
    ]
    assert [entry.abstract for entry in digest.entries] == [
        "We listen to 40% of birds.",
        "We look at mice (twice).",
    ]


@pytest.mark.parametrize(
    "text",
    [
        r"We gain 50\% with $\alpha_{x} \% \{1\}$ and {\em more}\\ by Erd\"os, Mu\~noz and \'Eva.",
        r"A gap of 5\,cm in \(x_i \in \{1, 2\}\) and \[y = \sum_i x_i\].",
        r"It costs \$5 or \$6.",
        "\\\\\narXiv:2603.00001\n\\\\",
        "A macro {#1} in a text",
    ],
)
def test_latex_keeps_its_backslashes(text: str) -> None:
    assert without_escapes(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            r"1\. For $x_i \in \{1,2\}$, \(\alpha\) holds\.",
            r"1. For $x_i \in \{1,2\}$, \(\alpha\) holds.",
        ),
        (r"For $\\alpha\_\{x\}$\. \#1", r"For $\alpha_{x}$. #1"),
        (r"From $5 \- $6 up\!", "From $5 - $6 up!"),
        (r"1\. Mu\~noz and Bj\"orn", r"1. Mu\~noz and Bj\"orn"),
        (r"1\. Run `foo\_bar` \_now\_", r"1. Run `foo\_bar` _now_"),
        ("| Bird\\_Net \\| Mice | 1 |", "| Bird_Net \\| Mice | 1 |"),
        ("Ann Example\\\nBo Sample", "Ann Example\nBo Sample"),
    ],
)
def test_what_only_markdown_escapes_is_told_from_latex(text: str, plain: str) -> None:
    assert without_escapes(text) == plain


def test_formulas_of_which_only_some_are_escaped_refuse_the_file() -> None:
    with pytest.raises(DigestError) as caught:
        without_escapes("1\\. Title\n\nFor $x_i$ and $y\\_i$.")
    assert caught.value.where == "line 3"


@pytest.mark.parametrize(
    "title",
    [
        "## Birds of meadows {#birds}",
        "## Birds of meadows {.unnumbered #birds}",
        "## **Birds of meadows** {#1.-birds-of-meadows}",
        '<a id="birds"></a>\n## Birds of meadows',
        '## <a name="birds"></a>Birds of meadows',
        "Birds of meadows {#birds}\n---------------",
    ],
)
def test_anchors_are_no_part_of_titles(title: str) -> None:
    other = title.replace("Birds", "Mice").replace("birds", "mice")
    digest = read(f"{title}\n\nWe listen to birds.\n\n{other}\n\nWe look at mice.\n")
    assert [entry.title for entry in digest.entries] == ["Birds of meadows", "Mice of meadows"]

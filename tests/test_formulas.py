"""LaTeX as readers see it: formulas in characters, and prices left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.formulas import readable, without_commands


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"$\mathcal{O}(n\log n)$ bounds", "O(n log n) bounds"),
        (r"$\ell_2$-norms of $x_{i+1}^2 \leq \epsilon$", "ℓ₂-norms of xᵢ₊₁² ≤ ε"),
        (r"$\alpha \le \frac{1}{2}\sum_{i=1}^N x_i$", "α ≤ 1/2∑ᵢ₌₁ᴺ xᵢ"),
        (r"$\frac{a+b}{c}$ and $\sqrt{x+y}$", "(a+b)/c and √(x+y)"),
        (r"$x\in\mathbb{R}^{d\times d}$", "x∈ℝ^(d×d)"),
        (r"$\mathbb{E}[X]$ of $\hat{y}$", "𝔼[X] of ŷ"),
        (r"$p_{gen}$ at $90^\circ$, $f'$, $W^\top$", "p_gen at 90°, f′, Wᵀ"),
        (r"$^{18}$F, H$_2$O, \(x^2\), ${\rm Fe}_2$", "¹⁸F, H₂O, x², Fe₂"),
        (r"$a_{\text{max}}$, $\sim$5\%, $$e^{-x}$$", "aₘₐₓ, ∼5%, e⁻ˣ"),
        (r"$L_\infty$ of $x_{\pm 1}$", "L_∞ of x_(± 1)"),
        (r"$\left\{\theta^\star\right\}$", "{θ*}"),
    ],
)
def test_formulas_are_written_in_characters(latex: str, shown: str) -> None:
    assert readable(latex) == shown


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"50\% of Prefill \& Decode, snake\_case", "50% of Prefill & Decode, snake_case"),
        (r"\textbf{bold}, \emph{so} {\it it is} \alpha", "bold, so it is α"),
        ("``quoted'' and `single'", "“quoted” and ‘single’"),
        ("Beyond Efficiency -- more, pages 3--5", "Beyond Efficiency – more, pages 3–5"),
    ],
)
def test_so_is_what_stands_between_them(latex: str, shown: str) -> None:
    assert readable(latex) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Can they earn $1 Million from freelance work?",
        "A model in $200k, not $300k",
        "from $5 to 10$ each",
        "$3 or $4",
        "Fixing 7,400 bugs for 1$: repair for under $0.1",
        "run --flag `code` and don't",
        r"$\method$-Net beats \ours",
        "$x_{i$ and $x}$",
        "$" + "{" * 200 + "x" + "}" * 200 + "$",
    ],
)
def test_prices_and_what_is_not_known_stay_as_they_are(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"\emph{Graphs} in $\mathcal{O}(n^2)$", "Graphs in O(n²)"),
        (r"$\method$-Net by \ours, \textsc{\Large nets}", "$ $-Net by , nets"),
        (r"\begin{itemize}\item as in \citep{doe}\\here", "as in here"),
        ("``quoted'' $5", "“quoted” $5"),
        ("``as it is''", "``as it is''"),
    ],
)
def test_words_are_left_without_the_commands(latex: str, words: str) -> None:
    assert " ".join(without_commands(latex).split()) == words


def test_a_title_changes_nothing_around_it() -> None:
    assert readable("a\u202eb\u2066c\u0301\u0302\u0303\u0304\u0305") == "abc\u0301\u0302\u0303"


@pytest.mark.parametrize("part", ["$a", r"\(", "``a", r"\emph{", "$x$", "{", "$$", r"$\frac"])
def test_its_time_grows_with_the_length_alone(part: str) -> None:
    def seconds(times: int) -> float:
        begun = time.perf_counter()
        readable.__wrapped__(part * times)
        return time.perf_counter() - begun

    # Thirty-two times the text; time that grows with its square would be a thousand times as long.
    assert min(seconds(16_000) for _ in range(3)) < 200 * max(seconds(500), 0.0005)


@given(st.text(alphabet="$\\{}^_ab 1'`-()&frac", max_size=60))
def test_nothing_makes_it_fail(text: str) -> None:
    assert isinstance(readable(text), str)

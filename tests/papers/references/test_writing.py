"""References are written so that our own readers, and any other, read the same works."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Paper
from recommender.papers.references.references import read_references
from recommender.papers.references.writing import (
    Reference,
    parted_name,
    write_bibtex,
    write_csl_json,
    write_ris,
)

SEEN = datetime(2026, 3, 11, tzinfo=UTC)


def paper(
    title: str = "Knots", *, authors: tuple[str, ...] = ("Ada Example",), number: int = 1
) -> Paper:
    return Paper(
        id=number,
        title=title,
        abstract="",
        authors=authors,
        arxiv_id="2603.00001",
        doi="10.1000/a_b(c)<d>",
        url="https://example.org/a%20{b}?c=d&e=%7B#f",
        published_at=datetime(2026, 3, 9, tzinfo=UTC),
        first_seen_at=SEEN,
    )


@pytest.mark.parametrize("write", [write_bibtex, write_ris])
def test_identifiers_authors_and_day_come_back(write: object) -> None:
    assert callable(write)
    names = ("Ada Example", "Jan van der Berg", "Łukasz Müller", "Plato")
    (entry,) = read_references(write([Reference(paper(authors=names))])).entries

    assert (entry.title, entry.authors) == ("Knots", names)
    assert (entry.arxiv_id, entry.doi) == ("2603.00001", "10.1000/a_b(c)<d>")
    assert entry.published_at is not None
    assert entry.published_at.year == 2026


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [*"aZ ä{}\\$%&#_~^\"'@,=()-:ß日🙂", r"\frac", r"\hat{a}", r"\text{Z", "$a_1$"]
            ),
            min_size=1,
            max_size=30,
        )
        .map("".join)
        .filter(lambda text: any(letter.isalpha() for letter in text)),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_a_title_holds_stays_within_its_entry(titles: list[str]) -> None:
    some = [Reference(paper(title, number=at)) for at, title in enumerate(titles)]

    read = read_references(write_bibtex(some))

    assert read.unread == ()
    assert len(read.entries) == len({" ".join(entry.title.split()) for entry in read.entries})
    assert {entry.doi for entry in read.entries} == {"10.1000/a_b(c)<d>"}


def test_notes_tags_and_breaks_make_no_line_of_their_own() -> None:
    reference = Reference(paper("A\nTY  - JOUR"), note="x\nER  - \n@misc{", tags=("a\nb",))

    assert write_ris([reference]).count("ER  - \r\n") == 1
    assert len(read_references(write_ris([reference])).entries) == 1
    assert len(read_references(write_bibtex([reference])).entries) == 1


@pytest.mark.parametrize(
    ("title", "in_bibtex"),
    [
        (r"$\mathcal{O}(n^2)$ of \emph{graphs} & 50\%", r"$\mathcal{O}(n^2)$ of graphs \& 50\%"),
        (r"\(x_{i+1}\) and $$\left\{\theta\right\}$$", r"$x_{i+1}$ and $\left\{\theta\right\}$"),
        ("from $5 to 10$ each", r"from \$5 to 10\$ each"),
        (r"$\argmax x$ and $\nicefrac{1}{2}$", "argmax x and 1/2"),
        (r"$\left(x$, $\{x$", r"(x, \textbraceleft{}x"),
        ("$x^^5cinput{a}$", r"x\textasciicircum{}⁵cinputa"),
        (r"$\input{/a}$", r"\$\textbackslash{}input\textbraceleft{}/a\textbraceright{}\$"),
        (r"$x\write18{a}$", r"\$x\textbackslash{}write18\textbraceleft{}a\textbraceright{}\$"),
        (r"$\catcode`x=0$", r"\$\textbackslash{}catcode`x=0\$"),
        ("$x_{i$", r"\$x\_\textbraceleft{}i\$"),
    ],
)
def test_bibtex_has_the_formulas_that_are_safe_and_nothing_else_of_latex(
    title: str, in_bibtex: str
) -> None:
    assert f"  title = {{{{{in_bibtex}}}}},\n" in write_bibtex([Reference(paper(title))])


def test_formula_comes_back_out_of_bibtex() -> None:
    title = r"$\ell_2$ in $\mathcal{O}(n\log n)$ for $x_{i+1}^2 \le \frac{1}{2}$"
    (entry,) = read_references(write_bibtex([Reference(paper(title))])).entries
    assert entry.title == title


def test_what_knows_no_latex_has_titles_in_characters() -> None:
    reference = Reference(paper(r"$\mathcal{O}(n^2)$ of \emph{graphs}"))
    assert "TI  - O(n²) of graphs\r\n" in write_ris([reference])
    assert json.loads(write_csl_json([reference]))[0]["title"] == "O(n²) of graphs"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Paul Erdős", "erdos2026-5"),
        ("Łukasz Łoś", "los2026-5"),
        ("Hans Weiß", "weiss2026-5"),
        ("Ann O'Neil", "oneil2026-5"),
        ("李明", "paper2026-5"),
    ],
)
def test_key_has_the_family_name_without_its_accents(name: str, key: str) -> None:
    assert write_bibtex([Reference(paper(authors=(name,), number=5))]).startswith(f"@misc{{{key},")


@pytest.mark.parametrize("write", [write_bibtex, write_ris, write_csl_json])
def test_address_is_a_uri_whatever_its_source_wrote(write: object) -> None:
    assert callable(write)
    odd = replace(paper(), url='https://example.org/%20{?b="x"<y>')
    assert "https://example.org/%20%7B?b=%22x%22%3Cy%3E" in write([Reference(odd)])


def test_csl_json_leaves_out_what_is_not_known() -> None:
    bare = Paper(7, "Braids", "", (), None, None, None, None, SEEN)

    assert json.loads(write_csl_json([Reference(bare)])) == [
        {"id": "paper-7", "type": "article", "title": "Braids"}
    ]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Example", ("Example", "Ada")),
        ("Jan van der Berg", ("van der Berg", "Jan")),
        ("Plato", ("Plato", "")),
        ("de la Cruz", ("de la Cruz", "")),
        ("", ("", "")),
    ],
)
def test_names_are_parted_as_bibtex_does(name: str, parts: tuple[str, str]) -> None:
    assert parted_name(name) == parts

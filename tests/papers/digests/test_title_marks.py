"""What a digest writes around its titles is no part of them; what titles say, they keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.title_marks import TitleLine, without_marks
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
PAPERS = (
    ("Growth of moss on old walls", "We measured moss in spring, and it grows north of walls."),
    ("How ferns count the hours", "This asks whether plants keep time, which they do in the dark."),
    ("Beetles by night: a survey", "Nobody had counted them so late. We did, on twelve meadows."),
)
NAMES = ("Ann Example, Bo Sample and Cy van Other", "Dora B. Roe", "Eve Poe & Fred Loe")
TITLES = [title for title, _ in PAPERS]


def bare(*titles: str, abstract: str = "") -> list[str]:
    lines = [TitleLine(n, title, abstract) for n, title in enumerate(titles, 1)]
    return [title.text for title in without_marks(lines, may_name=True)]


def read(style: str) -> tuple[DigestEntry, ...]:
    """Read three papers, each printed in the style."""
    text = "".join(
        style.format(n=n, title=title, abstract=abstract, names=names, circled="①②③"[n - 1])
        for n, ((title, abstract), names) in enumerate(zip(PAPERS, NAMES, strict=True), 1)
    )
    return parse_digest(f"11 March 2026\n\n{text}".encode(), today=TODAY).entries


@pytest.mark.parametrize("head", ["", "## "])
@pytest.mark.parametrize(
    "title",
    [
        *("cs.LG | {title}", "[cs.LG] {title}", "{title} (cs.CL, cs.AI)", "{title} `quant-ph`"),
        *(
            "[ICLR'25] {title}",
            "{title} (ICLR 2026)",
            "{title} [CVPR 2026, Oral]",
            "{title} [2026]",
        ),
        *(
            "[2026] {title}",
            "{title} (2026)",
            "NEW! {title}",
            "{title} | ICML 2026",
            "[HOT] {title}",
        ),
        *(
            "【{n}】{title}",
            "{n}/ {title}",
            "{n}/3 {title}",
            "{circled} {title}",
            "第{n}篇：{title}",
        ),
        *('"{title}"', "“{title}” (ICLR 2026)", "Rank {n}: {title}", "{title} (12 pages)"),
        *("{title} [pdf] [code]", "{title} | 3 min read", "[{n}2/100] {title}", "{title} | cs.LG"),
        *("{title}  :moss:plants:", "[Survey] {title}", "NEW! [{n}/3] [cs.LG] {title} (ICLR 2026)"),
    ],
)
def test_marks_are_no_part_of_titles(head: str, title: str) -> None:
    entries = read(f"{head}{title}\n\n{{abstract}}\n\n")
    assert [entry.title for entry in entries] == TITLES
    assert not any(entry.authors for entry in entries)


@pytest.mark.parametrize("head", ["", "## ", "{n}. "])
@pytest.mark.parametrize(
    "title",
    [
        *("{title} by {names}", "{title}, by {names}", "{title} - {names}", "{title} — {names}"),
        *("{title} ({names}, 2026)", "{title} ({names})", "{title} [{names}]", "{title} | {names}"),
        *("cs.LG | {title} – {names} (2026)", "“{title}” by {names}"),
    ],
)
def test_authors_behind_titles_are_authors(head: str, title: str) -> None:
    entries = read(f"{head}{title}\n\n{{abstract}}\n\n")
    assert [entry.title for entry in entries] == TITLES
    assert [entry.authors for entry in entries] == [
        ("Ann Example", "Bo Sample", "Cy van Other"),
        ("Dora B. Roe",),
        ("Eve Poe", "Fred Loe"),
    ]


@pytest.mark.parametrize(
    "style",
    [
        *("{n}. **{title}** by {names}. {abstract}\n", "- **{title}** — {names}. {abstract}\n"),
        *("- **{title}** ({names}): {abstract}\n", "* **{title}**, {names} (2026): {abstract}\n"),
        "- [{title}](https://example.org/{n}), {names} (2026): {abstract}\n",
    ],
)
def test_authors_between_title_and_abstract_on_one_line_are_authors(style: str) -> None:
    entries = read(style)
    assert [(entry.title, entry.abstract) for entry in entries] == list(PAPERS)
    assert [len(entry.authors) for entry in entries] == [3, 1, 2]


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("## {title} | for experts\n\n{abstract}\n\n", "line 3: .* has a bar within"),
        ("## {title} - Nature Moss\n\n{abstract}\n\n", "line 3: 'Nature Moss' may be authors"),
        ("## {title} (2026-03-10)\n\n{abstract}\n\n", "line 3: '2026-03-10' beside the title"),
        ("{title} | March 10, 2026\n\n{abstract}\n\n", "line 3: 'March 10, 2026' beside the title"),
        ("2026-03-10: {title}\n\n{abstract}\n\n", "line 3: '2026-03-10' beside the title"),
        ("## Nature: {title}\n\n{abstract}\n\n", "line 3: 'Nature' beside the title"),
        ("## Ann Example, Bo Sample: {title}\n\n{abstract}\n\n", "line 3: .* beside the title"),
        ("## {title} (Example Labs)\n\n{abstract}\n\n", "line 3: 'Example Labs' may be authors"),
        ("{title}\nNature Moss Letters\n\n{abstract}\n\n", "line 3: .* not one title"),
        ("## {title}\nNature Moss\n\n{abstract}\n\n", "line 4: 'Nature Moss' is neither"),
        ("- **{title}**, of {n} walls: {abstract}\n", "line 3: .* goes on with something else"),
        ('- title: "{title}"\n  abstract: >\n    {abstract}\n', "line 3: YAML, which is not read"),
    ],
)
def test_what_may_be_part_of_a_title_or_not_is_refused(style: str, told: str) -> None:
    with pytest.raises(DigestError, match=told):
        read(style)


def test_one_whose_authors_are_not_known_as_such_is_refused() -> None:
    """What "OpenAI" is shows nowhere; the others say that authors stand there."""
    titles = [f"{title} - {names}" for title, names in zip(TITLES, NAMES, strict=True)]
    with pytest.raises(DigestError, match=r"line 3: 'OpenAI' may be authors, a journal or the end"):
        bare(*titles[:2], f"{TITLES[2]} - OpenAI")
    abstracts = dict(PAPERS)
    text = "".join(
        f"- **{title}** — {who}. {abstracts[title]}\n"
        for title, who in zip(TITLES, (*NAMES[:2], "OpenAI"), strict=True)
    )
    with pytest.raises(DigestError, match="line 3: no authors behind the title, as the others"):
        parse_digest(text.encode(), today=TODAY)


def test_a_missing_number_is_a_missing_paper() -> None:
    with pytest.raises(DigestError, match="line 3: number 4 after number 2"):
        bare("1/ Moss", "2/ Fern", "4/ Beetle")


@pytest.mark.parametrize(
    "title",
    [
        *("Attention (is) all you need", "[Re] Replication of moss", "2/3 of all ferns are green"),
        *("New moss on old walls", "Hot carriers in silicon", "A book about 1984 (1984)"),
        *(
            "Taxonomy of (a) moss",
            "Learning by Doing",
            "Ferns | Data",
            "“To be” or “not”",
            "Moss – a Survey of Walls",
            "Ferns: A, B and C",
        ),
        *("Beetles of the world (Coleoptera, Carabidae)", "GPT-4 (Vision)", "Corrigendum to [12]"),
    ],
)
def test_real_titles_keep_their_words(title: str) -> None:
    abstract = "We learn of moss by doing a survey."
    assert bare(title, abstract=abstract) == [title]
    assert bare(title, *TITLES, abstract=abstract) == [title, *TITLES]


@pytest.mark.parametrize("begin", ["[Re] ", "(Re) "])
def test_replications_all_keep_their_mark(begin: str) -> None:
    titles = [begin + title for title in TITLES]
    assert bare(*titles) == titles


def test_no_real_title_changes_alone_or_among_those_of_its_day(
    real_days: Mapping[date, Digest],
) -> None:
    for digest in list(real_days.values())[::5]:
        lines = [TitleLine(n, e.title, e.abstract) for n, e in enumerate(digest.entries, 1)]
        assert without_marks(lines, may_name=True) == lines
        assert all(without_marks([line], may_name=True) == [line] for line in lines)


@given(st.lists(st.text(alphabet="[]()【】|·①1/: -by,ANd.", max_size=40), min_size=1, max_size=5))
def test_any_titles_are_bared_or_refused(titles: list[str]) -> None:
    try:
        found = bare(*titles)
    except DigestError as error:
        assert error.where.startswith("line ")  # noqa: PT017 - an answer
        return
    assert all(new in old for new, old in zip(found, titles, strict=True))
    assert all(new for new, old in zip(found, titles, strict=True) if old)


@pytest.mark.parametrize("head", ["", "## "])
@pytest.mark.parametrize(
    "written",
    [
        *("{} (arXiv {})", "{} [arXiv {}]", "{} (arXiv: {}v2)", "{} arXiv preprint {}"),
        *("{} (arXiv preprint arXiv:{})", "{} – arXiv {}", "{} (arXiv, {})", "{} arXiv:{} [cs.CL]"),
    ],
)
def test_arxiv_id_beside_a_title_is_none_of_it(head: str, written: str) -> None:
    text = "\n\n".join(
        f"{head}{written.format(title, f'2603.0000{n}')}\n\n{abstract}"
        for n, (title, abstract) in enumerate(PAPERS)
    )
    entries = parse_digest(f"11 March 2026\n\n{text}\n".encode(), today=TODAY).entries
    assert [(e.title, e.arxiv_id) for e in entries] == [
        (title, f"2603.0000{n}") for n, title in enumerate(TITLES)
    ]


def parted(*titles: str) -> list[tuple[str, str]]:
    lines = [TitleLine(n, title, "") for n, title in enumerate(titles, 1)]
    return [(title.text, title.authors) for title in without_marks(lines, may_name=True)]


@pytest.mark.parametrize("form", ["{} — {}", "{} - {}", "{} | {}", "{} ({})", "{} ({}, 2026)"])
@pytest.mark.parametrize("first", ["Roe et al.", "Ann Roe, Max Poe"])
def test_family_names_behind_a_title_are_authors_where_others_show_it(
    form: str, first: str
) -> None:
    names = (first, "Doe and Moe", "Poe, Loe & Zoe")
    titles = [form.format(title, each) for title, each in zip(TITLES, names, strict=True)]
    assert parted(*titles) == list(zip(TITLES, names, strict=True))


def test_two_words_behind_titles_may_be_family_names_or_titles() -> None:
    with pytest.raises(DigestError, match=r"line 1: 'Doe and Moe' may be authors"):
        bare("Moss on walls — Doe and Moe", "Ferns — Roe and Poe")
    theory = "Moss on walls — Theory and Practice"
    assert bare(theory, "Ferns: a view", "Beetles by night") == [
        *(theory, "Ferns: a view", "Beetles by night")
    ]


@pytest.mark.parametrize(
    "written",
    ["⭐⭐⭐ {}", "★★ {}", "★★☆ {}", "⭐️⭐️ {}", "🔥🔥🔥 {}", "{} [project page] [video] [code]"],
)
def test_stars_before_a_title_and_links_behind_it_are_none_of_it(written: str) -> None:
    first, *others = TITLES
    assert bare(written.format(first), *(f"{each} [code]" for each in others)) == TITLES


@pytest.mark.parametrize("head", ["", "## "])
@pytest.mark.parametrize("title", ["~~{title}~~", "~~Old:~~ {title}"])
def test_title_that_is_struck_out_refuses_the_file(head: str, title: str) -> None:
    with pytest.raises(DigestError, match="is struck out; take the paper out"):
        read(f"{head}{title}\n\n{{abstract}}\n\n")

"""What stands between a title and its abstract: people, and what is none of both."""

from __future__ import annotations

from datetime import date

import pytest
from sample_mails import A_BODY, B_BODY, C_BODY

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.mails.bylines import people_of
from recommender.papers.mails.html_outline import outline_of
from recommender.papers.mails.html_papers import papers_of_html
from recommender.papers.text.bylines import parted_byline

DAY = date(2026, 3, 11)
BODIES = (A_BODY, B_BODY, C_BODY)
TITLES = ("Springs that learn valves", "The depth of snow by ear", "Shelves painted by colour")
PEOPLE = ("Ann Bee, Max Roe", "Cy Dee, Di Poe and Ed Low", "Flo Kay")


def read(html: str) -> Digest:
    return papers_of_html(outline_of(html), day=DAY)


def listed_html(form: str, *, words: str = "DOI") -> str:
    """Write a list of three papers, each of this form, whose DOIs are links of these words."""
    return "".join(
        form.format(
            title=f"<a href='https://doi.org/10.1234/{number}'>{title}</a>",
            bare=title,
            doi=f"<a href='https://doi.org/10.1234/{number}'>{words.format(number)}</a>",
            people=people,
            body=body,
            number=number,
        )
        for number, (title, people, body) in enumerate(
            zip(TITLES, PEOPLE, BODIES, strict=True), start=1
        )
    )


def listed(form: str) -> Digest:
    """Read such a list, whose DOIs are written as addresses."""
    return read(listed_html(form, words="https://doi.org/10.1234/{}"))


@pytest.mark.parametrize(
    "line",
    [
        *("Journal of Snow", "<i>Cell Host &amp; Microbe</i>", "Urban Ecology", "Nature Snow"),
        *("Journal of Snow | IF 5.1 | Open access", "Accepted at ICLR 2026 (oral)", "Poster"),
        *(
            "cs.LG, cs.CL",
            "Relevance: 80%",
            "⭐⭐⭐⭐ · 3 min read",
            "Score 8.5/10",
            "Editor's pick",
        ),
        *("Why it matters: springs are everywhere.", "Our take: fine work.", "#springs #snow"),
        *("University of Springs, Example", "ETH Zürich and the College of Snow", "Robotics"),
        "From ETH Zürich and the University of Snow",
    ],
)
@pytest.mark.parametrize("place", ["above", "below", "none"])
def test_a_line_that_all_papers_have_is_neither_author_nor_abstract(line: str, place: str) -> None:
    people = "" if place == "none" else "<p>{people}</p>"
    lines = f"<p>{line}</p>{people}" if place == "above" else f"{people}<p>{line}</p>"
    digest = listed(f"<h3>{{title}}</h3>{lines}<p>{{body}}</p>")
    assert [each.abstract for each in digest.entries] == list(BODIES)
    if place == "below":
        assert digest.entries[0].authors == ("Ann Bee", "Max Roe")
        assert digest.entries[2].authors == ("Flo Kay",)
    if place == "above":
        assert digest.entries[0].authors == ("Ann Bee", "Max Roe")
    assert digest.unread == ()


@pytest.mark.parametrize(
    "form",
    [
        "<p>{people}</p><p>Summary</p><p>It works.</p><p>Abstract</p><p>{body}</p>",
        "<p>{people}</p><p>💡 It works well.</p><p>{body}</p>",
        "<p>{people}</p><p>{body}</p><p>Why it matters</p><p>"
        + A_BODY.replace("spring", "x")
        + "</p>",
        "<p>by {people} in Snow Letters</p><p>{body}</p>",
        "<p>{people}<br><i>Snow &amp; Ice</i><br>{body}</p>",
        "<p>{people}, Example University</p><p>{body}</p>",
    ],
)
def test_what_somebody_says_beside_an_abstract_is_none_of_it(form: str) -> None:
    digest = listed(f"<h3>{{title}}</h3>{form}")
    assert [each.abstract for each in digest.entries] == list(BODIES)
    assert [each.authors for each in digest.entries] == [
        ("Ann Bee", "Max Roe"),
        ("Cy Dee", "Di Poe", "Ed Low"),
        ("Flo Kay",),
    ]


def test_the_digests_own_sentence_is_the_summary() -> None:
    digest = listed("<h3>{title}</h3><p>{people}</p><p><b>TL;DR:</b> It works.</p><p>{body}</p>")
    assert [each.abstract for each in digest.entries] == list(BODIES)
    assert {each.summary for each in digest.entries} == {"It works."}


def test_a_line_that_one_paper_has_is_left_out_and_told() -> None:
    html = "".join(
        f"<h3><a href='https://doi.org/10.1234/{n}'>{title}</a></h3>{more}<p>{body}</p>"
        for n, (title, more, body) in enumerate(
            zip(TITLES, ("", "<p>A pick of ours</p>", ""), BODIES, strict=True)
        )
    )
    digest = read(html)
    assert [each.abstract for each in digest.entries] == list(BODIES)
    (told,) = digest.unread
    assert (told.where, "'A pick of ours'" in told.message) == ("paper 2", True)


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Ann Bee, Max Roe — Journal of Snow (2026)", ("Ann Bee", "Max Roe")),
        ("Ann Bee, Max Roe | Urban Ecology", ("Ann Bee", "Max Roe")),
        ("Ann Bee · Max Roe · Journal of Snow · 2026", ("Ann Bee", "Max Roe")),
        ("Ann Bee and Max Roe, Cell Host & Microbe", ("Ann Bee", "Max Roe")),
        ("Ann Bee, Max Roe. Journal of Snow, 12, 1-9", ("Ann Bee", "Max Roe")),
        ("Ann Bee, Max Roe, Urban Ecology 2026", ("Ann Bee", "Max Roe")),
        ("Ann Bee — Nature Snow", ("Ann Bee",)),
        ("Ann Bee et al. — Nature (2026)", ("Ann Bee",)),
        ("Ann Bee · Max Roe · Cy Dee", ("Ann Bee", "Max Roe", "Cy Dee")),
        ("Ann Bee, University of Snow - Faculty of Law", ("Ann Bee",)),
        ("Ann Bee, University of Snow and Max Roe, Example College", ("Ann Bee", "Max Roe")),
        ("Ann Bee and Max Roe, University of Snow", ("Ann Bee", "Max Roe")),
        ("Ann Bee, School of Snow; Max Roe, ETH Zürich, Example", ("Ann Bee", "Max Roe")),
        ("Ann Bee, School of Arts and Social Sciences, University of Snow", ("Ann Bee",)),
        ("Ann Bee (ETH Zürich), Max Roe (University of Snow)", ("Ann Bee", "Max Roe")),
        ("Ann Bee¹, Max Roe² · ETH Zürich", ("Ann Bee", "Max Roe")),
        ("University of Snow and University of Springs", ()),
        ("Google DeepMind, Meta AI", ()),
        ("Journal of Snow", ()),
        ("Gus Hay recommends", ()),
        ("by Vincent van der Roe", ("Vincent van der Roe",)),
        ("by Ann Bee and Max Roe #12345 (LS PE)", ("Ann Bee", "Max Roe")),
        ("Ann Bee #123", ("Ann Bee",)),
    ],
)
def test_people_are_parted_from_places_and_journals(line: str, people: tuple[str, ...]) -> None:
    assert people_of(line) == people


def test_what_stands_behind_names_is_kept() -> None:
    assert parted_byline("Ann Bee, Max Roe · 10 March 2026") == (
        "Ann Bee, Max Roe",
        "10 March 2026",
    )
    digest = listed("<h3>{title}</h3><p>{people} · Published 10 March 2026</p><p>{body}</p>")
    assert {str(each.published_at)[:10] for each in digest.entries[:2]} == {"2026-03-10"}
    assert digest.entries[1].authors == ("Cy Dee", "Di Poe", "Ed Low")


@pytest.mark.parametrize("form", ["<p>{0}<br>{1}</p>", "<p>{0}</p><p>{1}</p>"])
def test_each_author_may_stand_on_a_line_with_where_they_work(form: str) -> None:
    lines = form.format("Ann Bee, University of Snow - Faculty of Law", "Max Roe, Example College")
    digest = listed(f"<p>{{title}}</p>{lines}<p>{{body}}</p>")
    assert {each.authors for each in digest.entries} == {("Ann Bee", "Max Roe")}
    assert [each.abstract for each in digest.entries] == list(BODIES)


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        ("Title|Journal|Authors|Abstract", "{title}|Journal of Snow|{people}|{body}"),
        ("Journal|Authors|Title|Abstract", "Urban Ecology|{people}|{title}|{body}"),
        ("#|Paper|Who|IF|Abstract", "{number}|{title}|{people}|5.1|{body}"),
        ("Title|Authors|Venue|Abstract|Link", "{bare}|{people}|ICLR|{body}|{doi}"),
        ("Abstract|Title|Authors", "{body}|{title}|{people}"),
    ],
)
@pytest.mark.parametrize("tag", ["th", "td"])
def test_columns_are_what_their_heads_say(heads: str, cells: str, tag: str) -> None:
    head = "".join(f"<{tag}>{each}</{tag}>" for each in heads.split("|"))
    row = "".join(f"<td>{each}</td>" for each in cells.split("|"))
    rows = f"<tr>{row}</tr>"
    html = listed_html(rows)
    digest = read(f"<p>New papers</p><table><tr>{head}</tr>{html}</table><p>See you.</p>")
    assert [each.title for each in digest.entries] == list(TITLES)
    assert [each.abstract for each in digest.entries] == list(BODIES)
    assert [each.doi for each in digest.entries] == ["10.1234/1", "10.1234/2", "10.1234/3"]
    assert digest.entries[1].authors == ("Cy Dee", "Di Poe", "Ed Low")


@pytest.mark.parametrize(
    "before",
    [
        "<b>{people}</b>: {title}",
        "{people}, “{title},” <i>Snow</i> 12 (2026)",
        "{people} (2026). {title}. <i>Snow</i>, 12, 1-9.",
    ],
)
def test_authors_may_stand_before_a_linked_title(before: str) -> None:
    digest = listed(f"<p>{before}</p><p>{{body}}</p>")
    assert [each.title for each in digest.entries] == list(TITLES)
    assert [each.abstract for each in digest.entries] == list(BODIES)
    assert digest.entries[1].authors == ("Cy Dee", "Di Poe", "Ed Low")


@pytest.mark.parametrize(
    "cited",
    [
        "A Bee, M Roe. {bare}. <i>Journal of Snow</i> (2026). {doi}",
        "[{number}] A. Bee and M. Roe (2026). {bare}. Snow, 12(3), 1-9. {doi}",
        "A. Bee, M. Roe. “{bare}.” Snow 2026. doi: {doi}",
    ],
)
def test_citations_are_read_where_the_address_alone_is_a_link(cited: str) -> None:
    digest = listed(f"<li>{cited}</li>")
    assert [each.title for each in digest.entries] == list(TITLES)
    assert {each.authors for each in digest.entries} == {("A. Bee", "M. Roe")}
    assert [each.doi for each in digest.entries] == ["10.1234/1", "10.1234/2", "10.1234/3"]


@pytest.mark.parametrize(
    "cited", ["{bare} by somebody, see {doi}", "A Bee. {bare}. A second half of it. Snow. {doi}"]
)
def test_a_citation_that_may_be_read_in_two_ways_is_refused_by_its_reason(cited: str) -> None:
    with pytest.raises(DigestError, match="not certain which words are their titles"):
        listed(f"<li>{cited}</li>")

"""Lists of papers in HTML: no paper runs into another, and what is around them is left out."""

from __future__ import annotations

from datetime import date

import pytest
from sample_mails import A_BODY, B_BODY

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.mails.html_outline import outline_of
from recommender.papers.mails.html_papers import papers_of_html

DAY = date(2026, 3, 11)


def read(html: str) -> tuple[DigestEntry, ...]:
    return papers_of_html(outline_of(html), day=DAY).entries


def linked(number: int, title: str, body: str) -> str:
    link = f"<a href='https://doi.org/10.1234/{number}'>{title}</a>"
    return f"<p>{link}</p><p>Shelby Example, Ann Bee</p><p>{body}</p>"


def headed(number: int, title: str, body: str) -> str:
    link = f"<a href='https://doi.org/10.1234/{number}'>Read the paper</a>"
    return f"<h3>{title}</h3><p>Shelby Example, Ann Bee</p><p>{body}</p><p>{link}</p>"


@pytest.mark.parametrize("form", [linked, headed])
@pytest.mark.parametrize(
    "title",
    [
        "Follow-Your-Springs: valves of higher resolution",
        "Share of snow in the north",
        "The Spring Less Wound",
        "Learn More From Fewer Springs",
        "Privacy of shelves",
    ],
)
def test_a_title_may_begin_like_a_menu_or_read_like_a_name(form: type, title: str) -> None:
    first, second = read(form(1, "Springs that learn", A_BODY) + form(2, title, B_BODY))

    assert (first.abstract, second.abstract) == (A_BODY, B_BODY)
    assert second.title == title
    assert first.authors == second.authors == ("Shelby Example", "Ann Bee")


def test_what_leads_elsewhere_ends_the_paper_above_it_and_is_named() -> None:
    other = "<p><a href='https://x.example.org/1'>Discover seven new uses of springs</a></p>"
    read_here = papers_of_html(
        outline_of(linked(1, "Springs that learn", A_BODY) + other + f"<p>{B_BODY}</p>"), day=DAY
    )
    assert [each.abstract for each in read_here.entries] == [A_BODY]


def test_an_enumeration_is_no_copyright() -> None:
    body = f"{A_BODY} It has parts: (a) A rule. (b) A clock. (c) The benchmark of ten valves."
    assert read(linked(1, "Springs that learn", body))[0].abstract == body


def test_hidden_text_and_footers_are_left_out() -> None:
    html = (
        "<div style='display: none'>Seen in lists of mails only</div>"
        f"{linked(1, 'Springs that learn', A_BODY)}{linked(2, 'The depth of snow', B_BODY)}"
        f"<p>You receive this because you asked for it.</p><p>{A_BODY}</p>"
    )
    assert [each.abstract for each in read(html)] == [A_BODY, B_BODY]


def test_one_link_in_a_sentence_is_no_list() -> None:
    with pytest.raises(DigestError, match="no titles that lead to papers"):
        read("<p>Have you seen <a href='https://doi.org/10.1234/1'>this work on springs</a>?</p>")


def test_a_list_of_people_may_have_a_name_of_one_word_or_in_small_letters() -> None:
    html = linked(1, "Springs that learn", A_BODY) + linked(2, "The depth of snow", B_BODY)
    html = html.replace(
        "Shelby Example, Ann Bee", "ExampleAI, Ann Bee, Chen Dee, Jie eff, Gil Hij, Kim Lmn"
    )
    entries = read(html)

    assert [each.abstract for each in entries] == [A_BODY, B_BODY]
    assert len(entries[0].authors) == 6

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


NAMED = "<p>Shelby Example, Ann Bee</p>"
FIRST, SECOND = (
    f"<p><a href='https://doi.org/10.1234/{n}'>{title}</a></p>"
    for n, title in enumerate(("Springs that learn", "The depth of snow"))
)


@pytest.mark.parametrize("day", ["Published: {} Feb 2026", "Original Research - {} Feb 2026"])
@pytest.mark.parametrize("kind", ["", "<p>Research article</p>"])
def test_day_above_each_title_is_that_of_the_paper_below_it(day: str, kind: str) -> None:
    one, other = (f"<p>{day.format(number)}</p>{kind}" for number in (26, 25))
    entries = read(one + FIRST + NAMED + other + SECOND + NAMED)
    assert [each.published_at and each.published_at.day for each in entries] == [26, 25]


def test_day_below_each_title_stays_where_the_issue_has_one_above_the_first() -> None:
    days = [f"<p>Published: {number} Feb 2026</p>" for number in (27, 26, 25)]
    entries = read(days[0] + FIRST + NAMED + days[1] + SECOND + NAMED + days[2])
    assert [each.published_at and each.published_at.day for each in entries] == [26, 25]


@pytest.mark.parametrize(
    "farewell",
    [
        *("Viele Grüße", "Beste Grüße,", "Mit herzlichen Grüßen", "LG"),
        *("Bien cordialement,", "Meilleures salutations", "Un saludo", "Cordiali saluti"),
        *("Best", "All the best,", "Kind regards", "Met vriendelijke groet"),
    ],
)
@pytest.mark.parametrize("named", ["", NAMED])
def test_who_signs_a_mail_wrote_no_paper(farewell: str, named: str) -> None:
    html = FIRST + named + SECOND + named + f"<p>{farewell}<br>Jane Doe</p>"
    assert {name for each in read(html) for name in each.authors} <= {"Shelby Example", "Ann Bee"}


def test_name_of_the_sender_alone_is_no_authors() -> None:
    outline = outline_of(f"{FIRST}{SECOND}<p>Jane Doe</p>")
    [_, last] = papers_of_html(outline, day=DAY, sender="Jane Doe").entries
    assert last.authors == ()


@pytest.mark.parametrize("label", ["Abstract: ", "Zusammenfassung: ", "<b>Abstract</b><br>"])
@pytest.mark.parametrize("named", ["", NAMED])
def test_short_text_behind_a_label_is_the_abstract(label: str, named: str) -> None:
    texts = ("Springs learn when they are wound. We wind two.", "Snow is deep in the north.")
    html = "".join(
        f"{title}{named}<p>{label}{text}</p>"
        for title, text in zip((FIRST, SECOND), texts, strict=True)
    )
    assert tuple(each.abstract for each in read(html)) == texts


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Doe, Roe, and Poe", ("Doe", "Roe", "Poe")),
        ("Doe, Roe", ("Doe", "Roe")),
        ("Doe, J. A.", ("J. A. Doe",)),
        ("Doe et al., Nature", ("Doe",)),
    ],
)
def test_family_names_alone_below_a_title_are_people_each(
    byline: str, authors: tuple[str, ...]
) -> None:
    [first, _] = read(f"{FIRST}<p>{byline}</p><p>{A_BODY}</p>{SECOND}{NAMED}<p>{B_BODY}</p>")
    assert first.authors == authors

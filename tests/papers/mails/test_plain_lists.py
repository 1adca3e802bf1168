"""Alerts in plain text: titles, people and addresses below each other, and no abstracts."""

from __future__ import annotations

from datetime import date

import pytest
from sample_mails import A_BODY, B_BODY, mail

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest
from recommender.papers.mails.plain_lists import papers_of_text, with_linked_titles

DAY = date(2026, 3, 12)
TITLES = (
    "Springs that learn to open valves",
    "The depth of snow by ear: a field study of four winters",
    "Do readers walk by colour?",
)
PEOPLE = ("Ann Bee, Max Roe", "Cy Dee, Di Poe, and Ed Low", "Flo Kay")
NAMES = (("Ann Bee", "Max Roe"), ("Cy Dee", "Di Poe", "Ed Low"), ("Flo Kay",))
DOIS = ("10.1234/1", "10.1234/2", "10.1234/3")


def text_of(form: str, *, between: str = "\n\n", head: str = "", foot: str = "") -> str:
    records = (
        form.format(title=title, people=people, doi=doi, number=number)
        for number, (title, people, doi) in enumerate(
            zip(TITLES, PEOPLE, DOIS, strict=True), start=1
        )
    )
    return head + between.join(records) + foot


def read(text: str) -> Digest:
    return parse_digest(mail(text=text), today=DAY)


@pytest.mark.parametrize(
    "form",
    [
        "{title}\n{people}\nhttps://doi.org/{doi}",
        "{number}. {title}\n   {people}\n   https://doi.org/{doi}",
        "* {title}\n  {people}\n  Journal of Snow, 12(3), 2026\n  Link: https://doi.org/{doi}",
        "{title}\n{people}\nArticle No.: {number}, Pages 1-28\nhttps://doi.org/{doi}",
        "{title}\n{people}\nSnow Lett. 13, 9 – Published 6 March, 2026\nhttps://doi.org/{doi}",
        "{title}\n{people}\nFirst Published March {number}, 2026\nhttps://doi.org/{doi}?af=R",
        "{title}\n{people}\nSnow posted 5 March 2026, {doi}\nhttps://doi.org/{doi}",
        "{title}\n{people}\nDOI: {doi}",
        "{title} <https://doi.org/{doi}>\n{people}",
        "- {title}: https://doi.org/{doi}\n  {people}",
        "{title}\n\n{people}\n\nhttps://doi.org/{doi}",
        "{title}\n{people} · Journal of Snow\nRead more: <https://doi.org/{doi}>",
        "{title}\nhttps://doi.org/{doi}\n{people}",
        "[{title}](https://doi.org/{doi})\n{people}",
        "Research Article\n{title}\n{people}\nUniversity of Snow\nhttps://doi.org/{doi}",
        "{title}\n{people}\nhttps://doi.org/{doi}\nPublished online: 3 March 2026",
    ],
)
@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("", ""),
        (
            "Journal of Snow\nVolume 44, Issue 2, March 2026\n\nResearch\n--------\n\n",
            "\n\nTo unsubscribe, visit https://example.org/alerts",
        ),
        ("Hello,\n\nnew papers are online:\n\n", "\n\nBest wishes,\nThe editors"),
        (
            "New articles\n\n----------------------\nNew Results:\n\n",
            "\n\n----------------------\nUnsubscribe from this alert: https://example.org/a",
        ),
    ],
)
def test_titles_over_people_and_addresses_are_papers(form: str, head: str, foot: str) -> None:
    digest = read(text_of(form, head=head, foot=foot))
    assert [each.title for each in digest.entries] == list(TITLES)
    assert [each.authors for each in digest.entries] == list(NAMES)
    assert [each.doi for each in digest.entries] == list(DOIS)
    assert {each.abstract for each in digest.entries} == {""}
    assert digest.unread == ()


@pytest.mark.parametrize(
    "form", ["{title}\nhttps://doi.org/{doi}", "{title} https://doi.org/{doi}"]
)
@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_titles_alone_over_their_addresses_are_papers(form: str, between: str) -> None:
    digest = read(text_of(form, between=between))
    assert [each.title for each in digest.entries] == list(TITLES)
    assert [each.doi for each in digest.entries] == list(DOIS)


def test_records_without_blank_lines_between_are_parted_by_their_addresses() -> None:
    digest = read(text_of("{title}\n{people}\nhttps://doi.org/{doi}", between="\n"))
    assert [each.title for each in digest.entries] == list(TITLES)
    assert [each.authors for each in digest.entries] == list(NAMES)


def test_headings_between_papers_are_none() -> None:
    first, rest = "{title}\n{people}\nhttps://doi.org/{doi}", "\n\nSnow and Ice\n=====\n\n"
    digest = read(text_of(first, between=rest))
    assert [each.title for each in digest.entries] == list(TITLES)
    assert digest.unread == ()


def test_a_wrapped_title_is_one_where_its_line_was_full() -> None:
    title = "The depth of snow by ear in the valleys of the north: a study of\nfour winters"
    first = f"{title}\nAnn Bee, Max Roe\nhttps://doi.org/10.1234/1"
    text = f"{first}\n\nShelves painted by colour\nCy Dee\nhttps://doi.org/10.1234/2"
    digest = papers_of_text(text.split("\n"), day=DAY)
    assert digest is not None
    assert digest.entries[0].title == title.replace("\n", " ")
    assert digest.entries[0].authors == ("Ann Bee", "Max Roe")


def test_a_paper_without_an_address_is_told() -> None:
    text = text_of(
        "{title}\n{people}\nhttps://doi.org/{doi}",
        between="\n\nA lost title of snow\nGus Hay, Ida Jay\n\n",
    )
    digest = read(text)
    assert [each.title for each in digest.entries] == list(TITLES)
    assert "'A lost title of snow' leads to no paper" in digest.unread[0].message


@pytest.mark.parametrize(
    ("line", "where"), [("Something that nobody knows", 2), ("and a half of a title?", 2)]
)
def test_a_line_that_may_be_anything_refuses_the_mail_by_its_number(line: str, where: int) -> None:
    text = (
        f"Springs that learn to open valves\n{line}\nAnn Bee, Max Roe\nhttps://doi.org/10.1234/1\n\n"
        "Shelves painted by colour and size, and what readers of them say when asked\nCy Dee\n"
        "https://doi.org/10.1234/2"
    )
    if line[:1].islower():
        assert read(text).entries[0].title.endswith(line)
        return
    with pytest.raises(DigestError, match="between a title and its address is neither") as refused:
        read(text)
    assert refused.value.where == f"line {where}"


def test_people_in_place_of_a_title_refuse_the_mail() -> None:
    with pytest.raises(DigestError, match="reads like none"):
        read(text_of("{people}, Gus Hay\n{title}\nhttps://doi.org/{doi}"))


def test_addresses_above_their_titles_refuse_the_mail() -> None:
    with pytest.raises(DigestError, match="an address above what may be its title"):
        read(text_of("https://doi.org/{doi}\n{title}\n{people}"))


def test_citations_are_parted_into_title_and_authors() -> None:
    digest = read(text_of("Gus Hay, Ida Jay. {title}. Snow 2026. https://doi.org/{doi}"))
    assert [each.title.rstrip("?") for each in digest.entries] == [t.rstrip("?") for t in TITLES]
    assert {each.authors for each in digest.entries} == {("Gus Hay", "Ida Jay")}


def test_what_follows_an_address_and_is_nothing_known_is_told() -> None:
    first = f"{TITLES[0]}\n{PEOPLE[0]}\nhttps://doi.org/10.1234/1\nsomething of no kind"
    second = f"{TITLES[1]}\n{PEOPLE[1]}\nhttps://doi.org/10.1234/2"
    digest = read(f"{first}\n\n{second}")
    assert [each.title for each in digest.entries] == list(TITLES[:2])
    assert ["something of no kind" in each.message for each in digest.unread] == [True]


def test_papers_with_abstracts_are_no_such_list() -> None:
    text = f"Springs\n\n{A_BODY}\nhttps://doi.org/10.1234/1\n\nSnow\n\n{B_BODY}\nhttps://doi.org/10.1234/2"
    assert papers_of_text(text.split("\n"), day=DAY) is None


def test_what_stands_below_a_single_paper_is_its_abstract() -> None:
    paper = "Springs\nAnn Bee, Max Roe\nhttps://doi.org/10.1234/1"
    text = f"Have you seen this one?\n\n{paper}\n\n{A_BODY}"
    assert papers_of_text(text.split("\n"), day=DAY) is None


@pytest.mark.parametrize(
    "opening", ["Hey, have you seen this one?", "Did you already know these springs?"]
)
@pytest.mark.parametrize("closing", ["A.", "- AB", ""])
def test_one_paper_that_somebody_asks_about_is_read_with_its_abstract(
    opening: str, closing: str
) -> None:
    paper = f"{TITLES[0]}\nAnn Bee, Max Roe\nhttps://arxiv.org/abs/2603.01234"
    text = f"{opening}\n\n{paper}\n\n{A_BODY}\n\n{closing}\n"
    [entry] = parse_digest(mail(text=text, subject="this looks fine"), today=DAY).entries
    assert (entry.title, entry.abstract) == (TITLES[0], A_BODY)
    assert (entry.authors, entry.arxiv_id) == (("Ann Bee", "Max Roe"), "2603.01234")


def test_addresses_of_which_nobody_knows_where_they_lead_refuse_the_mail_by_that() -> None:
    with pytest.raises(DigestError, match="no address is that of a paper that is known") as refused:
        read(text_of("{title}\n{people}\nhttps://x.example.org/{number}"))
    assert refused.value.where == "line 3"


@pytest.mark.parametrize("form", ['"{title}"', "“{title}”", "1. „{title}“"])
def test_marks_of_quotation_around_a_title_are_none_of_it(form: str) -> None:
    digest = read(text_of(f"{form}\n{{people}}\nhttps://ssrn.com/abstract=612345{{number}}"))
    assert [each.title for each in digest.entries] == list(TITLES)


def test_a_letter_with_one_address_is_no_list() -> None:
    text = "Dear Ann,\n\nhave you seen this one yet?\nhttps://doi.org/10.1234/1\n\nBest,\nMax"
    assert papers_of_text(text.split("\n"), day=DAY) is None


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_addresses_behind_titles_with_abstracts_are_their_links(between: str) -> None:
    """Outlook and Thunderbird write ``A title <address>`` for a link in HTML."""
    first = f"{TITLES[0]} <https://doi.org/10.1234/1>{between}{PEOPLE[0]}{between}{A_BODY}"
    second = f"{TITLES[1]} <https://doi.org/10.1234/2>{between}{PEOPLE[1]}{between}{B_BODY}"
    digest = read(f"{first}\n\n{second}")
    assert [each.title for each in digest.entries] == list(TITLES[:2])
    assert [each.abstract for each in digest.entries] == [A_BODY, B_BODY]
    assert [each.authors for each in digest.entries] == list(NAMES[:2])


def test_an_address_behind_half_of_a_wrapped_title_stays() -> None:
    lines = ["The first half of a long title and", "its second half <https://doi.org/10.1234/1>"]
    assert with_linked_titles(lines) == lines

"""What journals and institutes write beside abstracts and names in their mails is none of them."""

from __future__ import annotations

from datetime import date

import pytest
from sample_mails import A_BODY, B_BODY, C_BODY, mail

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 11)
TITLES = (
    "Valves that springs open by themselves",
    "Sounds of snow on days of wind",
    "Colour and the ways of readers",
)
BODIES = (A_BODY, B_BODY, C_BODY)


def papers(content: bytes) -> tuple[DigestEntry, ...]:
    digest = parse_digest(content, today=TODAY)
    assert digest.unread == ()
    assert [entry.title for entry in digest.entries] == list(TITLES)
    assert [entry.abstract for entry in digest.entries] == list(BODIES)
    return digest.entries


@pytest.mark.parametrize("pages", ["Page(s): 1 - 10", "Pages: 11 - 20", "Page(s): 7", "pp. 1-9"])
@pytest.mark.parametrize("path", ["stamp/stamp.jsp?tp=&arnumber={}", "document/{}"])
def test_pages_before_an_abstract_are_none_of_it(pages: str, path: str) -> None:
    rows = "".join(
        f'<tr><td><a href="http://ieeexplore.ieee.org/{path.format(1090123 + number)}">{title}</a>'
        f"<br>Author(s): Ann Example and Bo Sample<br>{pages}<br>Abstract: {body}</td></tr>"
        for number, (title, body) in enumerate(zip(TITLES, BODIES, strict=True))
    )
    head = "<tr><td><h1>Transactions on Springs</h1><p>Volume 12, Issue 3</p></td></tr>"
    entries = papers(mail(html=f"<html><body><table>{head}{rows}</table></body></html>"))
    assert {entry.authors for entry in entries} == {("Ann Example", "Bo Sample")}
    assert all("1090123" in (entry.url or "") for entry in entries[:1])
    assert all(entry.url for entry in entries)


@pytest.mark.parametrize(
    "number", ["#3351{} (LS)", "#3351{} (LS, PE, EFG)", "#w3351{}", "(#3351{})", ""]
)
@pytest.mark.parametrize("footer", ["This e-mail was sent to jane@example.org.", ""])
def test_the_number_of_a_report_costs_no_name(number: str, footer: str) -> None:
    text = "New working papers, week of March 9, 2026\n\n" + "\n\n".join(
        f"{place + 1}. {title}\nby Ann Example, Bo Sample and Cy Muster {number.format(place)}\n"
        f"http://papers.nber.org/papers/w3351{place}?utm_campaign=ntw\nAbstract:\n{body}"
        for place, (title, body) in enumerate(zip(TITLES, BODIES, strict=True))
    )
    entries = papers(mail(text=f"{text}\n\n{footer}\n"))
    assert {entry.authors for entry in entries} == {("Ann Example", "Bo Sample", "Cy Muster")}
    assert [entry.doi for entry in entries] == [f"10.3386/w3351{place}" for place in range(3)]


def test_a_name_that_would_be_lost_for_its_number_refuses_the_text() -> None:
    text = "11 March 2026\n\n" + "\n\n".join(
        f"## {title}\nAuthors: Ann Example, Bo Sample room 12b\n\n{body}"
        for title, body in zip(TITLES, BODIES, strict=True)
    )
    with pytest.raises(DigestError, match="'Bo Sample room 12b' stands among the authors") as told:
        parse_digest(f"{text}\n".encode(), today=TODAY)
    assert told.value.where == "line 4"


@pytest.mark.parametrize("others", ["and 12 others", "et al.", "+3 more"])
def test_how_many_others_there_are_refuses_nothing(others: str) -> None:
    text = "11 March 2026\n\n" + "\n\n".join(
        f"## {title}\nAuthors: Ann Example, Bo Sample {others}\n\n{body}"
        for title, body in zip(TITLES, BODIES, strict=True)
    )
    entries = parse_digest(f"{text}\n".encode(), today=TODAY).entries
    assert {entry.authors for entry in entries} == {("Ann Example", "Bo Sample")}


@pytest.mark.parametrize("label", ["<b>Abstract</b>", "<h4>Abstract</h4>", "<p>Abstract</p>"])
def test_abstracts_below_a_label_in_bold_are_read(label: str) -> None:
    rows = "".join(
        f'<tr><td><div><a href="https://pubmed.ncbi.nlm.nih.gov/3712345{number}/">{title}</a>.</div>'
        "<div>Example A, Sample B.</div><div>J Example Biol. 2026 Mar 10;12(3):101-12. doi: "
        f"10.1000/jeb.{number}.</div><div>PMID: 3712345{number}</div>"
        f"<div>{label}<p>{body}</p></div></td></tr>"
        for number, (title, body) in enumerate(zip(TITLES, BODIES, strict=True))
    )
    sent = "<p>This message contains My NCBI what's new results.</p><h2>PubMed Results</h2>"
    entries = papers(mail(html=f"<html><body>{sent}<table>{rows}</table></body></html>"))
    assert {entry.authors for entry in entries} == {("A. Example", "B. Sample")}
    assert [entry.doi for entry in entries] == [f"10.1000/jeb.{number}" for number in range(3)]


PUBMED = "This message contains My NCBI what's new results\n\nPubMed Results\nItem 1 of 1\n\n1. "


@pytest.mark.parametrize(
    ("citation", "title", "people"),
    [
        (
            "Sleep on Springs in the Alps: A Trial.\nDoe J, van Roe AB.\nBeds. 2026 Mar 9;7(2):5.",
            "Sleep on Springs in the Alps: A Trial",
            ("J. Doe", "A. B. van Roe"),
        ),
        (
            "Do shelves dream? A survey.\nDoe J, Roe A; Shelf Group.\nBeds. 2026 Mar 9.",
            "Do shelves dream? A survey",
            ("J. Doe", "A. Roe", "Shelf Group"),
        ),
        ("Vitamin D.\nDoe J, Roe A.\nBeds. 2026 Mar 9.", "Vitamin D", ("J. Doe", "A. Roe")),
        (
            "Doe J, Roe A. Sleep on springs. Vitamin D. Beds. 2026 Mar 9.",
            "Sleep on springs. Vitamin D",
            ("J. Doe", "A. Roe"),
        ),
        ("Doe J. Infection with HIV. Beds. 2026 Mar 9.", "Infection with HIV", ("J. Doe",)),
    ],
)
def test_a_citation_of_pubmed_may_begin_with_its_title(
    citation: str, title: str, people: tuple[str, ...]
) -> None:
    text = f"{PUBMED}{citation} doi: 10.1234/ab.1.\nPMID: 41000001\n"
    [entry] = parse_digest(mail(text=text, subject="What's new in PubMed"), today=TODAY).entries
    assert (entry.title, entry.authors, entry.doi) == (title, people, "10.1234/ab.1")


def test_of_two_names_in_a_citation_nobody_knows_which_is_the_title() -> None:
    text = f"{PUBMED}Vitamin D. Doe J. Beds. 2026 Mar 9.\nPMID: 41000001\n"
    with pytest.raises(DigestError, match="has no title that is certain"):
        parse_digest(mail(text=text, subject="What's new in PubMed"), today=TODAY)

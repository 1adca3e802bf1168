"""Papers whose lines stand right below each other, without a mark, are read where it is certain."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from digest_printing import fill, link, names, with_and

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.formats import parse_digest, read_mail_of_source

TODAY = date(2026, 3, 20)
PAPERS = (
    DigestEntry(
        title="Growth of alpine meadows under low attention",
        abstract="We study how meadows grow when nobody looks at them. Grass is measured in ten "
        "places over three years, and grows by a third faster than before, on all soils.",
        authors=("Ann Example", "Bob Sample"),
        arxiv_id="2603.00001",
    ),
    DigestEntry(
        title="The cost of song in humid air for great tits",
        abstract="Tits sing less when it rains, and we ask why. Recordings of two hundred birds "
        "over one spring show that song itself costs more in humid air than in dry air.",
        authors=("Cy Third", "Dee Fourth", "Eve Fifth"),
        arxiv_id="2603.00002",
    ),
    DigestEntry(
        title="Counting bees by the sound of their wings",
        abstract="Bees are counted by hand today. We show how microphones at the hive count them "
        "by the sound of their wings, in all weathers, with errors below two percent.",
        authors=("Fay Sixth", "Gil Seventh"),
        arxiv_id="2603.00003",
    ),
)
Lines = Callable[[DigestEntry], str]
ORDERS: dict[str, Lines] = {
    "authors, link, abstract": lambda p: f"{p.title}\n{names(p)}\n{link(p)}\n{p.abstract}",
    "link, authors, abstract": lambda p: f"{p.title}\n{link(p)}\n{with_and(p)}\n{p.abstract}",
    "authors, abstract, link": lambda p: f"{p.title}\n{with_and(p)}\n{p.abstract}\n{link(p)}",
    "authors, abstract": lambda p: f"{p.title}\n{names(p)}\n{p.abstract}",
    "link above": lambda p: f"{link(p)}\n{p.title}\n{names(p)}\n{p.abstract}",
    "wrapped": lambda p: f"{fill(p.title, 40)}\n{fill(names(p), 40)}\n{fill(p.abstract, 40)}",
    "wrapped, link below": lambda p: (
        f"{fill(p.title, 40)}\n{names(p)}\n{fill(p.abstract, 40)}\n{link(p)}"
    ),
}


def joined(lines: Lines) -> str:
    return "\n\n".join(map(lines, PAPERS)) + "\n"


def read(text: str) -> Digest:
    return parse_digest(text.encode(), today=TODAY)


def mail(text: str) -> bytes:
    return (
        "From: Jane Doe <jane@example.org>\nTo: papers@example.org\nSubject: Some papers\n"
        "Date: Thu, 19 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}"
    ).encode()


@pytest.mark.parametrize("order", ORDERS)
def test_lines_in_one_order_are_papers(order: str) -> None:
    entries = read(joined(ORDERS[order])).entries
    assert [(e.title, e.abstract, e.authors) for e in entries] == [
        (p.title, p.abstract, p.authors) for p in PAPERS
    ]
    if "link" in order:
        assert [e.arxiv_id for e in entries] == [p.arxiv_id for p in PAPERS]


@pytest.mark.parametrize("order", ORDERS)
def test_a_colleagues_mail_of_them_is_read(order: str) -> None:
    text = f"Hi all,\n\nhere is what I read this week:\n\n{joined(ORDERS[order])}\nBest,\nJane\n"
    digest = read_mail_of_source(mail(text), today=TODAY).digest
    assert digest is not None
    assert digest.date == date(2026, 3, 19)
    assert [(e.title, e.abstract, e.authors) for e in digest.entries] == [
        (p.title, p.abstract, p.authors) for p in PAPERS
    ]


def test_one_paper_alone_is_read_where_it_is_named() -> None:
    [entry] = read(ORDERS["authors, link, abstract"](PAPERS[0]) + "\n").entries
    assert (entry.authors, entry.arxiv_id) == (PAPERS[0].authors, "2603.00001")


def test_titles_and_abstracts_alone_are_papers_in_a_file_and_may_be_a_letter_in_a_mail() -> None:
    text = joined(lambda p: f"{p.title}\n{p.abstract}")
    assert [entry.title for entry in read(text).entries] == [p.title for p in PAPERS]
    reading = read_mail_of_source(mail(text), today=TODAY)
    assert reading.digest is None
    assert "it may be a letter or a list of papers" in reading.reason


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("lost", ["title", "authors", "abstract"])
def test_a_paper_that_lost_a_line_refuses_the_file_or_lacks_no_more(order: str, lost: str) -> None:
    """A title with an identifier is a paper without its authors, too."""
    first, second, third = map(ORDERS[order], PAPERS)
    second_one = PAPERS[1]
    texts = {
        "title": (second_one.title,),
        "authors": (names(second_one), with_and(second_one)),
        "abstract": (second_one.abstract,),
    }[lost]
    [printed] = {each for text in texts for each in (text, fill(text, 40)) if each in second}
    whole = "\n\n".join([first, second.replace(f"{printed}\n", "").replace(printed, ""), third])
    try:
        entries = read(f"{whole}\n").entries
    except DigestError:
        return
    assert lost == "authors"
    assert [(e.title, e.abstract) for e in entries] == [(p.title, p.abstract) for p in PAPERS]
    assert [e.authors for e in entries] == [PAPERS[0].authors, (), PAPERS[2].authors]


def test_minutes_are_no_papers() -> None:
    text = (
        "Agenda\nBob says that the room is too small for so many, and Ann agrees to ask for "
        "another.\n\nNext week\nNobody has anything yet, so that we may as well leave it out.\n"
    )
    with pytest.raises(DigestError):
        read(text)


def test_a_wrapped_abstract_that_breaks_off_refuses_the_file() -> None:
    text = joined(ORDERS["wrapped"])
    with pytest.raises(UnfinishedDigestError):
        read(text[: text.rindex("\n", 0, -2) + 1])


def test_authors_whose_last_line_is_full_are_no_beginning_of_the_abstract(
    real_days: Mapping[date, Digest],
) -> None:
    """Wrapped to one width, authors run on into the abstract below them."""
    for day, digest in list(real_days.items())[4::70]:
        text = "\n\n".join(
            f"{fill(p.title, 72)}\n{fill(names(p), 72)}\n{fill(p.abstract, 72)}\n{link(p)}"
            for p in digest.entries
        )
        try:
            entries = parse_digest(f"{text}\n".encode(), today=day).entries
        except DigestError:
            continue
        assert [" ".join(p.abstract.split()) for p in digest.entries] == [
            entry.abstract for entry in entries
        ]


PAPER = "## {0} of alpine meadows\n\n{1}\n\nWe study {0} of meadows. It is good for mice.\n\n"


def test_one_author_who_repeats_is_read_beside_lists_of_names() -> None:
    text = "".join(
        PAPER.format(title, authors)
        for title, authors in (
            ("Growth", "Jane Roe"),
            ("Song", "Ann Example, Bob Sample"),
            ("Sleep", "Jane Roe"),
            ("Smell", "Cy Third and Jane Roe"),
        )
    )
    assert [entry.authors for entry in read(text).entries] == [
        ("Jane Roe",),
        ("Ann Example", "Bob Sample"),
        ("Jane Roe",),
        ("Cy Third", "Jane Roe"),
    ]


@pytest.mark.parametrize(
    "below",
    [
        ("Jane Roe", "Jane Roe", "Jane Roe"),
        ("Machine Learning", "Ann Example, Bob Sample", "Machine Learning"),
        ("Machine Learning, Computer Vision", "Machine Learning, Robotics", "Quantum Physics"),
    ],
)
def test_what_may_be_a_field_below_titles_refuses_the_file(below: tuple[str, ...]) -> None:
    titles = ("Growth", "Song", "Sleep")
    text = "".join(map(PAPER.format, titles, below))
    with pytest.raises(DigestError, match=r"may be an author, a journal or a field|neither title"):
        read(text)


TITLES = (
    "Small boats that keep their course in changing winds without a keel, a rudder or a crew",
    "Steering large vessels by sails",
    "Harbours where the tide is high",
)
ABSTRACTS = (
    (
        "We study how small boats keep their course in changing winds and derive bounds that hold "
        "for all hulls; experiments on a lake confirm the theory in all but two of forty cases."
    ),
    (
        "A second text reports on large vessels that steer by sails and engines at once, and shows "
        "on forty voyages that fuel is saved where pilots trust the new controller of the sails."
    ),
    (
        "The third text tells how harbours are planned where the tide is high, and gives rules "
        "that hold for forty ports in the north, found by a search over a century of charts."
    ),
)
WRAPPED = tuple(zip(TITLES, ABSTRACTS, strict=True))


@pytest.mark.parametrize("width", [56, 60, 66, 72])
@pytest.mark.parametrize("behind", ["", "\nhttps://arxiv.org/abs/2603.0000{}"])
def test_wrapped_abstracts_stand_right_below_titles_that_are_not_wrapped(
    width: int, behind: str
) -> None:
    text = "\n\n".join(
        f"{title}\n{textwrap.fill(abstract, width)}{behind.format(number)}"
        for number, (title, abstract) in enumerate(WRAPPED, start=1)
    )
    read = parse_digest(f"Papers of 2026-03-20\n\n{text}\n".encode(), today=date(2026, 3, 20))

    assert [(each.title, each.abstract) for each in read.entries] == list(WRAPPED)


@pytest.mark.parametrize("width", [56, 60, 66, 72])
def test_a_second_paragraph_of_a_wrapped_abstract_is_no_paper(width: int) -> None:
    more = (
        "It also outperforms sailors of ten years on the open sea, and even matches the fleet of "
        "last summer, although nobody told it of currents, and the wind was never the same twice."
    )
    first, *others = WRAPPED
    paragraphs = [f"{title}\n{textwrap.fill(abstract, width)}" for title, abstract in others]
    text = "\n\n".join(
        [f"{first[0]}\n{textwrap.fill(first[1], width)}", textwrap.fill(more, width), *paragraphs]
    )
    try:
        read = parse_digest(f"Papers of 2026-03-20\n\n{text}\n".encode(), today=date(2026, 3, 20))
    except DigestError:
        return
    assert [each.title for each in read.entries] == [title for title, _ in WRAPPED]


SHORT = (
    ("Tokens are no words", "Ann Example", "Tokens of ten tongues differ from their words. " * 2),
    ("Sleep for nets", "B. Sample", "Nets that replay inputs by night forget less. " * 2),
    ("Paths of moles", "Cy van Third", "Moles dig paths that are short, as we measure here. " * 2),
)


@pytest.mark.parametrize("before", ["", "## "])
@pytest.mark.parametrize("behind", ["", "\nhttps://arxiv.org/abs/2603.0000{}"])
@pytest.mark.parametrize("number", [2, 3])
def test_one_author_above_a_short_abstract_is_in_no_other_text(
    before: str, behind: str, number: int
) -> None:
    """Titles and names that are about as long as each other are no wrapped text."""
    papers = [(title, name, text.strip()) for title, name, text in SHORT[:number]]
    text = "\n\n".join(
        f"{before}{title}\n{name}\n{abstract}{behind.format(at)}"
        for at, (title, name, abstract) in enumerate(papers)
    )
    assert [(e.title, *e.authors, e.abstract) for e in read(f"{text}\n").entries] == papers


def test_address_behind_the_label_of_an_abstract_is_none() -> None:
    text = "\n\n".join(
        f"{title}\n{name}, Dee Fourth\nAbstract: https://journals.example/{at}"
        for at, (title, name, _) in enumerate(SHORT)
    )
    with pytest.raises(
        DigestError, match=r"a title without an abstract|is a second paragraph for one paper"
    ):
        read(f"{text}\n")


@pytest.mark.parametrize("before", ["", "## "])
def test_second_title_in_another_language_is_no_author(before: str) -> None:
    lines = ("Wörter sind keine Zeichen", "Schlaf für Netze", "Wege der Maulwürfe")
    text = "\n\n".join(
        f"{before}{title}\n{line}\n{abstract.strip()}\nhttps://arxiv.org/abs/2603.0000{at}"
        for at, ((title, _, abstract), line) in enumerate(zip(SHORT, lines, strict=True))
    )
    with pytest.raises(DigestError):
        read(f"{text}\n")

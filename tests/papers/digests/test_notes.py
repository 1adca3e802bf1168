"""A note to the readers among papers that have nothing but titles and abstracts is none of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.notes import first_note
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
MARKS = ("{}", "## {}", "**{}**", "■ {}")
PAPERS = {
    "Birds of alpine meadows": (
        "We walk over alpine meadows in spring, in summer and in autumn, and count the birds that "
        "live on them. Where nobody mows there are twice as many kinds, and all stay for longer. "
        "What this means for those who own such meadows we discuss at the end."
    ),
    "How mice find their way home": (
        "Mice that were carried away at night find their home within an hour. We follow forty of "
        "them with small senders, and show that they walk along walls and hedges, never over open "
        "fields. Of those whose whiskers were cut only half came back before the morning."
    ),
    "Bread that keeps for a month": (
        "Bread is baked with a culture that two bakeries have kept for a century. It keeps for a "
        "month without mould, and a panel of thirty people could not tell it from fresh bread of "
        "the first week. We describe the culture, and how flour and water change it."
    ),
}
NOTES = {
    "Good to know": "The library is closed over the holidays, and so is the café in the yard.",
    "From the editors": (
        "Models grow, and so does what is written about them. It is hard to read all of it, and "
        "harder still to say what will last. We have tried to leave out what was only loud, and to "
        "keep a few things that made us think, even where we do not believe a word."
    ),
    "A word on the list": "Please write to Ann if the address that you gave has changed since.",
    "Where we are going": (
        "From next month on this comes twice a week. Tell us what you think of that, for we are "
        "not sure ourselves whether anybody has the time to read so much. If not, it stays as is."
    ),
    "Coffee": "On Thursdays at four, in the room below the roof. Bring a cup and a question.",
    "Our own work": (
        "Bo has finished his thesis! He will defend it in June, and there will be cake behind it, "
        "for all who come. Well done."
    ),
    "Housekeeping news": "We moved to another server. If a mail is missing, look among the junk.",
    "Q&A": "A few of you asked why so little biology is here. That is because nobody sends any.",
    "Zum Schluss": "Danke an alle, die etwas geschickt haben. Bis bald, und schreibt uns gern.",
}


def digest_text(mark: str, items: Mapping[str, str]) -> str:
    papers = [f"{mark.format(title)}\n\n{abstract}\n" for title, abstract in items.items()]
    return "Mar 11, 2026\n\n" + "\n".join(papers)


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("title", NOTES)
def test_a_note_refuses_the_digest_with_its_line_and_the_fix(
    title: str, mark: str, place: int
) -> None:
    items = list(PAPERS.items())
    items.insert(place, (title, NOTES[title]))
    text = digest_text(mark, dict(items))
    with pytest.raises(DigestError) as caught:
        parse_digest(text.encode(), today=TODAY)
    number = text.split("\n").index(mark.format(title)) + 1
    assert caught.value.where == f"line {number}"
    assert "take it out" in caught.value.message or "take the title out" in caught.value.message


def test_what_has_an_identifier_is_a_paper_however_it_reads() -> None:
    text = digest_text("## {}", PAPERS | {"From the editors": NOTES["From the editors"]})
    read = parse_digest(f"{text}\nhttps://arxiv.org/abs/2603.00001\n".encode(), today=TODAY)
    assert read.entries[-1].title == "From the editors"


@pytest.mark.parametrize("title", NOTES)
def test_what_is_called_a_title_is_one(title: str) -> None:
    read = parse_digest(
        digest_text("Title: {}", PAPERS | {title: PAPERS["Birds of alpine meadows"]}).encode(),
        today=TODAY,
    )
    assert [entry.title for entry in read.entries] == [*PAPERS, title]


def test_an_address_makes_no_paper_of_a_note_among_papers() -> None:
    items = [
        f"## {t}\n\n{a}\n\nhttps://arxiv.org/abs/2603.0000{len(t) % 10}\n"
        for t, a in PAPERS.items()
    ]
    items.insert(1, f"## Good to know\n\n{NOTES['Good to know']}\n\nhttps://example.org/yard\n")
    with pytest.raises(DigestError, match="'Good to know' reads like a note"):
        parse_digest("\n".join(items).encode(), today=TODAY)


def test_of_the_real_days_no_paper_is_taken_for_a_note(real_days: Mapping[date, Digest]) -> None:
    bare = [
        [DigestEntry(title=e.title, abstract=e.abstract) for e in digest.entries]
        for digest in real_days.values()
    ]
    assert [first_note(entries) for entries in bare] == [None] * len(bare)


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("SAM 2", "We present SAM 2, which finds the edges of things in films, too."),
        ("Phi-4", "A small model, phi-4, is taught on books that another model wrote for it."),
    ],
)
def test_a_short_name_that_the_abstract_says_again_is_a_title(title: str, abstract: str) -> None:
    papers = {**PAPERS, title: abstract}
    entries = [DigestEntry(title=title, abstract=text) for title, text in papers.items()]
    assert first_note(entries) is None

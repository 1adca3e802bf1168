"""The name of a field before several titles is none of them; before one it may be its beginning."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.errors import DigestError
from recommender.papers.digests.topic_labels import without_topics
from recommender.papers.formats import parse_digest

TITLES = ("Growth of meadows", "Song in humid air", "Sleep among cows")
LINES = (3, 7, 11)


def labelled(*labels: str) -> list[str]:
    return [label + title for label, title in zip(labels, TITLES, strict=True)]


@pytest.mark.parametrize(
    "labels",
    [
        ("NLP: ", "NLP: ", "NLP: "),
        ("NLP: ", "CV: ", "RL: "),
        ("nlp - ", "Computer Vision – ", "NLP - "),
        ("Ecology：", "Zoology: ", ""),
        ("NLP: ", "", ""),
        ("", "RL – ", ""),
    ],
)
def test_fields_before_titles_are_none_of_them(labels: tuple[str, ...]) -> None:
    labels = tuple(label.replace("：", "： ") for label in labels)
    assert without_topics(labelled(*labels), LINES) == list(TITLES)


@pytest.mark.parametrize(
    "labels",
    [
        ("Physics: ", "", ""),
        ("AI: ", "", ""),
        ("MeadowNet: ", "SongNet: ", "SleepNet: "),
        ("Meadows of the Alps and more: ", "Meadows of the Alps and more: ", ""),
        ("Ecology: ", "MeadowNet: ", ""),
    ],
)
def test_what_may_begin_a_title_stays(labels: tuple[str, ...]) -> None:
    assert without_topics(labelled(*labels), LINES) == labelled(*labels)


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (("Meadows: ", "Meadows: ", "Birds: "), "line 3"),
        (("NLP: ", "CV: ", "MeadowNet: "), "line 11"),
    ],
)
def test_what_may_be_a_topic_or_a_title_refuses_the_digest(
    labels: tuple[str, ...], line: str
) -> None:
    with pytest.raises(DigestError, match="may be its beginning or a topic") as caught:
        without_topics(labelled(*labels), LINES)
    assert caught.value.where == line


def test_topics_behind_numbers_are_taken_from_a_digest() -> None:
    abstracts = (
        "We study how growth of meadows is faster. It is.",
        "Tits sing less in humid air. We ask why.",
        "Sleep among cows is rare. We measure when it comes.",
    )
    text = "".join(
        f"{number}. NLP: {title}\n\n{abstract}\n\n"
        for number, (title, abstract) in enumerate(zip(TITLES, abstracts, strict=True), start=1)
    )
    read = parse_digest(text.encode(), today=date(2026, 3, 20))
    assert [entry.title for entry in read.entries] == list(TITLES)


@pytest.mark.parametrize("label", ["NLP: ", "CV – ", "rl: "])
@pytest.mark.parametrize("around", ["{}", "# {}", "1. {}", "**{}**"])
def test_the_initials_of_a_field_are_none_of_a_lone_title(label: str, around: str) -> None:
    abstract = (
        "We study how growth of meadows is faster where birds sing, and measure it in ten valleys "
        "over four summers. It is faster by half."
    )
    text = f"Papers of 2026-03-20\n\n{around.format(label + TITLES[0])}\n\n{abstract}\n"
    read = parse_digest(text.encode(), today=date(2026, 3, 20))
    assert [entry.title for entry in read.entries] == [TITLES[0]]

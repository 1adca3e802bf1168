"""Real days, printed in every style, are read back whole or refused; damaged, never misread."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

import pytest
from common_digest_styles import COMMON
from digest_printing import Style
from digest_styles import HELD_OUT, STYLES, TUNED

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 1, 1)
# Of abstracts of the daily papers some end without a full stop, which refuses some styles.
MOST_REFUSED = 0.1
MOST_PAPERS = 14


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def texts(entries: Iterable[DigestEntry]) -> list[tuple[str, str]]:
    return [(in_one_line(entry.title), in_one_line(entry.abstract)) for entry in entries]


def read_back(style: Style, day: date, digest: Digest) -> bool:
    """Return whether a printed day was read, right in all that it holds; False if refused."""
    try:
        read = parse_digest(style.write(day, digest.entries).encode(), today=TODAY)
    except DigestError as error:
        assert error.where == "file" or error.where.startswith("line ")  # noqa: PT017 - an answer
        return False
    assert texts(read.entries) == texts(digest.entries)
    if "id" in style.prints:
        assert [e.arxiv_id for e in read.entries] == [e.arxiv_id for e in digest.entries]
        assert [e.url for e in read.entries] == [e.url for e in digest.entries]
    if "date" in style.prints:
        assert read.date == day
    if "authors" in style.prints:
        assert not any(":" in name for entry in read.entries for name in entry.authors)
        numbers = [len(set(e.authors)) for e in digest.entries]
        different = sum(
            len(set(entry.authors)) != number
            for entry, number in zip(read.entries, numbers, strict=True)
        )
        assert 20 * different <= len(numbers)
    return True


def test_there_are_forty_styles_half_of_them_held_out() -> None:
    assert (len(TUNED), len(HELD_OUT)) >= (20, 20)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_day_is_read_back_from_any_style(style: Style, real_days: Mapping[date, Digest]) -> None:
    days = list(real_days.items())[5::90]
    assert sum(read_back(style, day, digest) for day, digest in days) >= len(days) - 1


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_days_are_read_back_from_any_style_or_refused(
    style: Style, real_days: Mapping[date, Digest]
) -> None:
    days = list(real_days.items())[::18]
    read = sum(read_back(style, day, digest) for day, digest in days)
    assert read >= (1 - MOST_REFUSED) * len(days)


# Refused as a whole: LaTeX, what is copied from a chat with its senders, a whole page of HTML.
ODD = {"latex_itemize", "slack_copy", "html_cards"}
# Refused on some days: dates that may be two, a first paragraph that is one question, and wrapped
# text, where a line that happens to be full may go on or not.
REFUSED_AT_TIMES = {"discord_bot", "two_paragraphs"}


@pytest.mark.parametrize("style", COMMON, ids=lambda style: style.name)
def test_what_others_print_is_read_back_or_refused(
    style: Style, real_days: Mapping[date, Digest]
) -> None:
    days = list(real_days.items())[7::110]
    read = sum(read_back(style, day, digest) for day, digest in days)
    if style.name in ODD:
        assert read == 0
    elif style.name not in REFUSED_AT_TIMES and not style.is_wrapped:
        assert read == len(days)


@pytest.mark.slow
@pytest.mark.parametrize("style", COMMON, ids=lambda style: style.name)
def test_days_that_others_print_are_read_back_or_refused(
    style: Style, real_days: Mapping[date, Digest]
) -> None:
    days = list(real_days.items())[9::36]
    read = sum(read_back(style, day, digest) for day, digest in days)
    assert (
        style.name in ODD | REFUSED_AT_TIMES
        or style.is_wrapped
        or read >= (1 - MOST_REFUSED) * len(days)
    )


def test_an_abstract_of_several_paragraphs_is_joined_where_a_lost_title_would_be_seen() -> None:
    paper = "## Paper {0}\n\nby {1}\n\nThe first part of {0}.\n\nThe second part of {0}.\n\n"
    text = paper.format("one", "Ann Example") + paper.format("two", "Bob Sample")
    read = parse_digest(text.encode(), today=TODAY)
    assert [entry.abstract for entry in read.entries] == [
        "The first part of one. The second part of one.",
        "The first part of two. The second part of two.",
    ]
    with pytest.raises(DigestError, match="a second line of authors"):
        parse_digest(text.replace("## Paper two\n", "").encode(), today=TODAY)
    unsigned = text.replace("by Ann Example\n", "").replace("by Bob Sample\n", "")
    with pytest.raises(DigestError, match="a second paragraph"):
        parse_digest(unsigned.encode(), today=TODAY)


def test_words_of_an_abstract_are_no_signature_and_no_invitation() -> None:
    """Such as "By training …" at its beginning, and "…diffusion" before a link at its end."""
    text = (
        "# One\n\nBy training on larger sets, this method shows what nobody saw in all the years "
        "before it, and more.\n\n# Two\n\n"
        "It says what was done, at such a length that it can be nothing else. It says what was "
        "done, at such a length that it can be nothing else. It says what was done, at such a "
        "length that it can be nothing else. The code is at https://example.org/ann/diffusion [Paper](https://arxiv.org/abs/2603.00001)"
        "\n"
    )
    read = parse_digest(text.encode(), today=TODAY)
    assert read.entries[0].abstract.startswith("By training")
    assert read.entries[1].abstract.endswith("/diffusion")
    assert not any(entry.authors for entry in read.entries)


def test_a_line_of_wrapped_text_is_no_advertisement() -> None:
    lines = [
        "The first of these lines is as long as all of the others, or nearly so,",
        "and so are those that come behind it, as mail programs have written it:",
        "Together with further enhancements of the engine, it is better than all",
        "of the others that were there before it.",
    ]
    papers = [
        "\n".join([f"TITLE: Paper {n}", f"ABSTRACT: {lines[0]}", *lines[1:], ""]) for n in "abc"
    ]
    read = parse_digest("\n".join(papers).encode(), today=TODAY)
    assert {entry.abstract for entry in read.entries} == {" ".join(lines)}


def test_fields_of_restructured_text_are_labels() -> None:
    paper = "{0}\n=====\n\n:Authors: {1} Example, Bob Sample\n:Link: https://example.org/{0}\n\n"
    text = "".join(
        paper.format(n, name) + "It is done.\n\n" for n, name in (("A", "Ann"), ("B", "Bo"))
    )
    read = parse_digest(text.encode(), today=TODAY)
    assert [entry.authors for entry in read.entries] == [
        ("Ann Example", "Bob Sample"),
        ("Bo Example", "Bob Sample"),
    ]


def test_a_structured_abstract_on_lines_of_its_own_is_joined() -> None:
    text = (
        "## A title\n\n**Background:** We ask.\n\n**Methods:** We look.\n\n**Results:** We see.\n"
    )
    [entry] = parse_digest(text.encode(), today=TODAY).entries
    assert entry.abstract == "Background: We ask. Methods: We look. Results: We see."


def damaged(style: Style, days: Mapping[date, Digest], chance: random.Random) -> tuple[str, str]:
    """Print a day, and cut, double, take out or join lines of it."""
    day, other = chance.choice(list(days)), chance.choice(list(days))
    text = style.write(day, days[day].entries)
    kind = chance.choice(["cut", "double", "delete", "delete two", "join", "mix"])
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    if kind == "cut":
        return kind, text[: chance.randrange(1, len(text))]
    if kind == "join":
        return kind, text + chance.choice(["", "\n"]) + style.write(other, days[other].entries)
    if kind == "mix":
        return kind, f"{text}\n{chance.choice(STYLES).write(other, days[other].entries)}"
    if kind == "double":
        lines.insert(place, lines[place])
    else:
        del lines[place]
        if kind == "delete two":
            del lines[chance.randrange(len(lines))]
    return kind, "\n".join(lines)


def misread(entries: Iterable[DigestEntry], printed: Mapping[str, str], kind: str) -> str:
    """Return the title of a paper that is not as it was printed, nothing where all are."""
    for title, abstract in texts(entries):
        whole = printed.get(title)
        if whole == abstract:
            continue
        # A text that was cut behind one of its sentences shows it to nobody.
        if whole is not None and kind == "cut" and whole.startswith(abstract):
            assert abstract[-1] in ".?!\"'’”)" or "http" in abstract[-300:]
            continue
        return title
    return ""


def count_misread(number: int, seed: int, days: Mapping[date, Digest]) -> Counter[str]:
    printed = {
        title: abstract for digest in days.values() for title, abstract in texts(digest.entries)
    }
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    some = {day: digest for day, digest in days.items() if 1 < len(digest.entries) <= MOST_PAPERS}
    counts: Counter[str] = Counter()
    # Of a line that is missing within wrapped text nothing is left to be noticed.
    styles = [style for style in STYLES if not style.is_wrapped]
    for _ in range(number):
        style = chance.choice(styles)
        kind, text = damaged(style, some, chance)
        try:
            entries = parse_digest(text.encode(), today=TODAY).entries
        except DigestError:
            counts["refused"] += 1
            continue
        title = misread(entries, printed, kind)
        counts[f"{style.name}, {kind}: {title}" if title else "right"] += 1
    return counts


def test_what_is_damaged_is_read_right_or_refused(real_days: Mapping[date, Digest]) -> None:
    assert set(count_misread(150, 1, real_days)) == {"refused", "right"}


@pytest.mark.slow
def test_of_thousands_of_damaged_files_none_is_misread(real_days: Mapping[date, Digest]) -> None:
    assert set(count_misread(1_000, 2, real_days)) == {"refused", "right"}


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_file_that_ends_within_a_sentence_is_unfinished(style: Style) -> None:
    papers = [
        DigestEntry(
            title=f"Graphs of order {number} and what they are for",
            abstract=f"We draw graphs of order {number}. They show what nobody saw before, and "
            f"{' '.join(f'some graph {n} and' for n in range(30))} more in every way that we know.",
            authors=("Ann Example", "Bob Sample"),
            arxiv_id=f"2401.1234{number}",
        )
        for number in range(3)
    ]
    text = style.write(date(2025, 3, 13), papers)
    end = text.rindex("that we")
    with pytest.raises(DigestError) as caught:
        parse_digest(text[:end].encode(), today=TODAY)
    # In a table it is the row that is not whole, in HTML the element.
    assert isinstance(caught.value, UnfinishedDigestError) or "table" in style.name


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("13/01/25, 09:40 - Jane Doe: ", "as chats are copied"),
        ("[13/01/2025, 09:40:11] Jane Doe: ", "as chats are copied"),
        ("On Mon, 13 Jan 2025 at 09:12, Jane Doe <jane@example.org> wrote:\n\n> ", "a quoted mail"),
    ],
)
def test_whoever_sent_it_is_in_no_title(before: str, told: str) -> None:
    paper = "{0}A title of {1}\nhttps://arxiv.org/abs/2501.0123{1}\nWe study how it is done.\n\n"
    with pytest.raises(DigestError, match=told):
        parse_digest((paper.format(before, 1) + paper.format(before, 2)).encode(), today=TODAY)


@pytest.mark.parametrize(
    "below", ["ICML 2025", "Nature Ecology & Evolution", "Posted by Jane on Monday, 12 comments"]
)
def test_what_stands_below_a_title_is_not_taken_for_it(below: str) -> None:
    paper = "## {0} of alpine meadows\n\n{1}\n\nWe study {0}. It is good for mice and men.\n\n"
    with pytest.raises(DigestError, match="neither title nor abstract"):
        parse_digest((paper.format("A", below) + paper.format("B", below)).encode(), today=TODAY)


def test_a_paper_below_the_heading_of_its_field_is_read() -> None:
    paper = "## {0}\n\n{0} of alpine meadows in spring\n\nWe study {0}. It is good for mice.\n\n"
    read = parse_digest((paper.format("Ecology") + paper.format("Botany")).encode(), today=TODAY)
    assert [entry.title for entry in read.entries] == [
        "Ecology of alpine meadows in spring",
        "Botany of alpine meadows in spring",
    ]


def test_authors_below_a_short_title_are_no_part_of_it() -> None:
    paper = "土壌細菌における乾燥下の{0}\n著者: 山田太郎、鈴木花子\n\n我々は{0}を調べた。\n\n"
    read = parse_digest((paper.format("交換") + paper.format("伝達")).encode(), today=TODAY)
    assert [entry.title for entry in read.entries] == [
        "土壌細菌における乾燥下の交換",
        "土壌細菌における乾燥下の伝達",
    ]
    assert read.entries[0].authors == ("山田太郎", "鈴木花子")

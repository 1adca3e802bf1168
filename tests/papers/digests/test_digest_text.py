"""Digest text gives titles and abstracts letter for letter, and never a shifted pair."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
PAIRS = (
    "A first title\n\nIts abstract ends here.\n\nA second title\n\nIts abstract ends here, too.\n"
)


def read(text: str, today: date = TODAY) -> tuple[str | None, date, list[tuple[str, str]]]:
    digest = parse_digest(text.encode(), today=today)
    return digest.curator, digest.date, [(each.title, each.abstract) for each in digest.entries]


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(DigestError) as caught:
        parse_digest(text.encode(), today=TODAY)
    return caught.value.where, caught.value.message


@pytest.fixture(scope="module")
def real_digest(shared_data: Path) -> bytes:
    return (shared_data / "digests" / "trending-papers-mar-11.txt").read_bytes()


def test_real_digest_is_read_letter_for_letter(real_digest: bytes) -> None:
    digest = parse_digest(real_digest, today=TODAY)
    # Read independently: every line at an odd place is text, the first five are no papers.
    lines = real_digest.decode().split("\n")[::2]
    expected = list(zip(lines[5::2], lines[6::2], strict=True))
    assert (digest.format, digest.curator, digest.date, len(digest.entries)) == (
        "digest-text",
        "AK and the research community",
        date(2026, 3, 11),
        119,
    )
    assert [(entry.title, entry.abstract) for entry in digest.entries] == expected


@pytest.mark.parametrize("paragraph", [5, 6, 120, 121, 240, 241, 242])
def test_real_digest_with_any_paragraph_lost_is_refused_near_it(
    real_digest: bytes, paragraph: int
) -> None:
    paragraphs = real_digest.decode().split("\n\n")
    del paragraphs[paragraph]
    where, _ = refusal("\n\n".join(paragraphs))
    line = int(where.removeprefix("line "))
    assert abs(line - (2 * paragraph + 1)) <= 2


def test_every_lost_paragraph_of_the_real_digest_is_noticed(real_digest: bytes) -> None:
    paragraphs = real_digest.decode().split("\n\n")
    for lost in range(5, len(paragraphs)):
        rest = paragraphs[:lost] + paragraphs[lost + 1 :]
        assert refusal("\n\n".join(rest))[0].startswith("line ")


def test_digest_without_banner_and_date_is_of_today() -> None:
    pairs = [
        ("A first title", "Its abstract ends here."),
        ("A second title", "Its abstract ends here, too."),
    ]
    assert read(PAIRS) == (None, TODAY, pairs)
    assert parse_digest(PAIRS.encode(), today=TODAY).format == "digest-text"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_change_nothing(line_end: str, mark: str) -> None:
    text = "by Ann Example\n\nMar 11\n\n" + PAIRS
    assert read(mark + text.replace("\n", line_end)) == read(text)


def test_wrapped_paragraphs_are_joined() -> None:
    wrapped = "A title over\n  two lines\n\nAn abstract that\ngoes on.\n"
    assert read(wrapped)[2] == [("A title over two lines", "An abstract that goes on.")]


def test_front_matter_may_be_one_paragraph() -> None:
    front = (
        "new\nGet trending papers in your email inbox!\nSubscribe\nTrending papers\n"
        "byAnn Example\nMar 11\n\n"
    )
    assert read(front + PAIRS)[:2] == ("Ann Example", date(2026, 3, 11))


@pytest.mark.parametrize(
    ("byline", "curator"),
    [
        ("by Ann Example", "Ann Example"),
        ("byAK and the research community", "AK and the research community"),
        ("By Ann Example", "Ann Example"),
        ("byÉmile Example", "Émile Example"),
    ],
)
def test_byline_names_the_curator(byline: str, curator: str) -> None:
    assert read(f"{byline}\n\nMar 11\n\n{PAIRS}")[0] == curator
    assert read(f"new\n{byline}\nMar 11\n\n{PAIRS}")[0] == curator


def test_byline_in_small_letters_needs_no_date_below_it() -> None:
    assert read(f"by ann example\n\n{PAIRS}")[0] == "ann example"


@pytest.mark.parametrize("title", ["Bypassing guards", "An example"])
def test_a_title_above_a_date_is_a_title(title: str) -> None:
    assert read(f"{title}\n\nMar 11\n\nIts abstract.\n") == (
        None,
        date(2026, 3, 11),
        [(title, "Its abstract.")],
    )


def test_title_may_follow_the_date_without_a_blank_line() -> None:
    assert read("Mar 11\nA title over\ntwo lines\n\nIts abstract.\n")[1:] == (
        date(2026, 3, 11),
        [("A title over two lines", "Its abstract.")],
    )


def test_what_begins_like_a_byline_among_the_papers_is_a_title() -> None:
    assert read(f"{PAIRS}\nby hand\n\nIts abstract.\n")[::2] == (
        None,
        [*read(PAIRS)[2], ("by hand", "Its abstract.")],
    )


def test_byline_has_at_most_120_characters() -> None:
    longest = "by " + "x" * 117
    assert read(f"{longest}\n\nMar 11\n\n{PAIRS}")[0] == "x" * 117
    assert refusal(f"{longest}x\n\nMar 11\n\n{PAIRS}")[0] == "line 1"


@pytest.mark.parametrize("title", ["Bypassing guards", "By the numbers", "bypass surgery"])
def test_a_title_that_begins_like_a_byline_is_a_title(title: str) -> None:
    assert read(f"{title}\n\nIts abstract.\n") == (None, TODAY, [(title, "Its abstract.")])


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("Mar 11", date(2026, 3, 11)),
        ("March 11", date(2026, 3, 11)),
        ("11 March", date(2026, 3, 11)),
        ("11 March 2024", date(2024, 3, 11)),
        ("Mar 11, 2024", date(2024, 3, 11)),
        ("Tuesday, March 11th, 2025", date(2025, 3, 11)),
        ("2024-03-11", date(2024, 3, 11)),
        ("Sept. 3", date(2025, 9, 3)),
        ("MAY 1", date(2025, 5, 1)),
        ("Mar 20", date(2026, 3, 20)),
        ("Mar 21", date(2026, 3, 21)),  # dropped on the evening before, east of us it is tomorrow
        ("Mar 22", date(2025, 3, 22)),
        ("Feb 29", date(2024, 2, 29)),
    ],
)
def test_date_heading_is_the_date(heading: str, day: date) -> None:
    assert read(f"{heading}\n\n{PAIRS}")[1] == day


def test_a_digest_of_the_first_years_is_read_like_any_other() -> None:
    assert read(f"Mar 11\n\n{PAIRS}", today=date(1, 12, 31))[1] == date(1, 3, 11)
    with pytest.raises(DigestError, match="no day of the calendar"):
        read(f"Mar 11\n\n{PAIRS}", today=date(1, 1, 1))


def test_29_february_is_found_across_a_century_without_one() -> None:
    assert read(f"Feb 29\n\n{PAIRS}", today=date(1904, 2, 27))[1] == date(1896, 2, 29)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_date_without_a_year_is_the_latest_that_is_not_after_tomorrow(
    day: date, today: date
) -> None:
    assume((day.month, day.day) != (2, 29))
    found = read(f"{day:%B} {day.day}\n\n{PAIRS}", today=today)[1]
    assert (found.month, found.day) == (day.month, day.day)
    tomorrow = today + timedelta(days=1)
    assert found <= tomorrow < found.replace(year=found.year + 1)


def test_of_several_date_headings_each_heads_its_papers_and_these_keep_their_order() -> None:
    first, second = PAIRS.split("A second title")
    text = f"Mar 9\n\n{first}Mar 11\n\nA second title{second}"
    assert read(text) == (None, date(2026, 3, 11), read(PAIRS)[2])
    listed = [entry.listed_on for entry in parse_digest(text.encode(), today=TODAY).entries]
    assert listed == [date(2026, 3, 9), date(2026, 3, 11)]


def test_a_day_that_does_not_exist_is_refused() -> None:
    where, message = refusal(f"Subscribe\n\nFeb 30\n\n{PAIRS}")
    assert where == "line 3"
    assert message == "'Feb 30' is no day of the calendar; correct the date heading"


def test_a_date_in_the_future_is_refused() -> None:
    where, message = refusal(f"2062-03-11\n\n{PAIRS}")
    assert where == "file"
    assert "dated 2062-03-11" in message


def test_last_title_without_abstract_is_refused_with_its_line() -> None:
    where, message = refusal(PAIRS + "\nA third title\n")
    assert where == "line 9"
    assert message == (
        "a title without an abstract (the file ends); add the abstract below it, or end it with a "
        "full stop if it is a short one, or take the title out"
    )


def test_two_titles_in_a_row_are_refused_with_the_line_of_the_first() -> None:
    where, message = refusal("A lone title\n\n" + PAIRS)
    assert where == "line 1"
    assert "line 3 reads like another title" in message


def test_two_long_abstracts_in_a_row_are_refused_with_the_line_of_the_second() -> None:
    abstract = "It goes on and on. " * 30
    where, message = refusal(f"A title\n\n{abstract}\n\n{abstract}\n\nA title\n")
    assert where == "line 5"
    assert message.startswith("an abstract without a title")


def test_two_short_abstracts_in_a_row_are_refused_with_the_line_of_the_second() -> None:
    abstract = "It is short. It ends here."
    assert refusal(f"A title\n\n{abstract}\n\n{abstract}\n\nA title\n") == (
        "line 5",
        "an abstract without a title; write its title above it, with a blank line between",
    )


@pytest.mark.parametrize(
    "title", ["A title with a full stop.", "What is a title? An answer", "T" * 450]
)
def test_a_title_may_be_long_or_end_or_hold_a_sentence(title: str) -> None:
    assert read(f"{title}\n\nIts abstract.\n")[2] == [(title, "Its abstract.")]


def test_what_is_longer_than_450_characters_is_no_title() -> None:
    assert refusal(f"{'T' * 451}\n\nIts abstract.\n")[0] == "line 1"
    assert read(f"A title\n\n{'A' * 450}\n")[2] == [("A title", "A" * 450)]
    assert refusal(f"A title\n\n{'A' * 449}\n")[0] == "line 1"


@pytest.mark.parametrize("abstract", ["It is short.", "It is short. And it ends so"])
def test_short_abstract_is_told_from_a_title_by_a_sentence(abstract: str) -> None:
    assert read(f"A title\n\n{abstract}\n")[2] == [("A title", abstract)]


@pytest.mark.parametrize("mark", ["", "1. ", "## ", "Title: "])
def test_a_title_of_physicists_is_read_however_it_is_marked(mark: str) -> None:
    long = ("Search for a particle in final states with two leptons and jets " * 6)[:369] + "s"
    papers = [(long, "We search for it, and find nothing."), ("Paper two", "We count leptons.")]
    text = "\n\n".join(
        f"{mark.replace('1', str(n))}{title}\n\n{abstract}"
        for n, (title, abstract) in enumerate(papers, start=1)
    )
    assert read(f"Mar 11\n\n{text}\n")[2] == papers


def test_title_and_abstract_without_a_blank_line_between_are_refused() -> None:
    pair = "A title\n" + "It goes on and on. " * 30
    assert refusal(f"{pair}\n\n{pair}\n")[0] == "line 1"


def test_banner_without_papers_is_refused() -> None:
    banner = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\n{}\n\nMar 11\n"
    for byline in ("byAK", "By Ann Example"):
        assert refusal(banner.format(byline)) == (
            "file",
            "no paper in it; after the date write a title, a blank line and its abstract",
        )


def test_a_title_in_brackets_is_no_json() -> None:
    assert read("[Re] A title\n\nIts abstract.\n")[2] == [("[Re] A title", "Its abstract.")]


def test_a_title_with_a_tag_is_no_markup() -> None:
    assert read("<think> A title\n\nIts abstract.\n")[2] == [("<think> A title", "Its abstract.")]


# Behind a number, a dash would make that a list's; behind titles that are alike, a label; and "On 1
# neural", long after a first paper, might be a note.
WORDS = ["graph", "neural", "x<y", "–", "sparse", "$n^2$"]
words = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).filter(
    lambda words: "–" not in (words[0], words[-1])
)


@given(st.lists(st.tuples(words.map(" ".join), words.map(" ".join)), min_size=1, max_size=8))
def test_pairs_that_are_written_are_read_back(pairs: list[tuple[str, str]]) -> None:
    # A number keeps titles apart, since a digest names each paper once.
    written = [(f"On {n} {title}", f"We show {text}.") for n, (title, text) in enumerate(pairs)]
    assert read("\n\n".join(part for pair in written for part in pair))[2] == written


@pytest.mark.parametrize("first", ["---", "https://example.org", "Authors: Ann Bee", "# Of mice"])
@pytest.mark.parametrize("rule", ["---", "==="])
def test_a_rule_below_the_first_line_is_none_or_refused(first: str, rule: str) -> None:
    text = (
        f"{first}\n{rule}\n\nOf mice and men\n\nWe look at both of them in the field. They run.\n"
    )
    try:
        digest = parse_digest(text.encode(), today=date(2026, 3, 20))
    except DigestError:
        return
    assert "Of mice" in " ".join(each.title for each in digest.entries)

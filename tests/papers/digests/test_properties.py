"""What notebooks and readers write beside papers is none of them; what may be is refused."""

from __future__ import annotations

import pytest

from recommender.errors import DigestError
from recommender.papers.digests.blocks import numbered_lines
from recommender.papers.digests.properties import without_remarks
from tests.papers.digests.foreign_papers import (
    ABSTRACTS,
    IDS,
    NAMES,
    TITLES,
    is_right,
    printed,
    read,
)


def lines_of(n: int, line: str) -> str:
    return (
        f"## {TITLES[n]}\n\nAuthors: {NAMES[n]}\nURL: https://arxiv.org/abs/{IDS[n]}\n"
        f"{line}\n\n{ABSTRACTS[n]}\n\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Status: To read",
            "Journal: Nature Moss",
            "发布时间: 2026-03-10",
            "Relevance score: 8/10",
        ),
        "**Publish**: 2026-03-10 17:59:59 UTC",
    ],
)
def test_known_labels_say_nothing_of_title_and_abstract(line: str) -> None:
    digest = read(printed(lambda n: lines_of(n, line)))
    assert is_right(digest)
    assert digest.unread == ()


def test_an_unknown_label_that_all_papers_have_is_left_out_and_told_once() -> None:
    digest = read(printed(lambda n: lines_of(n, f"Mood of the day: {'low'[: n + 1]}")))
    assert is_right(digest)
    assert [each.where for each in digest.unread] == ["line 7"]
    assert "'mood of the day'" in digest.unread[0].message


@pytest.mark.parametrize("line", ["When: 2026-03-10", "Ref: 2603.00001", "Ref: https://a.example"])
def test_an_unknown_label_of_a_day_or_an_address_is_refused(line: str) -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: lines_of(n, line)))


def test_an_unknown_label_of_authors_is_refused() -> None:
    with pytest.raises(DigestError):
        read(
            printed(
                lambda n: (
                    f"## {TITLES[n]}\n\nURL: https://arxiv.org/abs/{IDS[n]}\n"
                    f"Scribes: {NAMES[n]}\n\n{ABSTRACTS[n]}\n\n"
                )
            )
        )


def test_an_unknown_label_of_one_paper_is_refused() -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: lines_of(n, "Mood of the day: low" if n == 1 else "")))


@pytest.mark.parametrize("tags", ["#ai #ml", "#toread", "#to-read, #Birds/Meadows"])
def test_tags_below_papers_are_none_of_them(tags: str) -> None:
    text = printed(lambda n: f"## {TITLES[n]}\n\n{NAMES[n]}\n\n{ABSTRACTS[n]}\n\n{tags}\n\n")
    assert is_right(read(text), ids=False)


def test_a_word_behind_a_hash_may_be_a_title() -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: f"#{TITLES[n] if n else 'Moss'}\n\n{ABSTRACTS[n]}\n\n"))


@pytest.mark.parametrize("remarks", [1, 3])
def test_a_quoted_remark_is_no_abstract(remarks: int) -> None:
    def form(n: int) -> str:
        remark = "> A nice one, says Ann.\n\n" if n < remarks else ""
        return f"## {TITLES[n]}\n\n{NAMES[n]}\n\n{ABSTRACTS[n]}\n\n{remark}"

    assert is_right(read(printed(form)), ids=False)


def test_quoted_abstracts_and_quoted_authors_are_the_papers() -> None:
    text = printed(lambda n: f"## {TITLES[n]}\n\n> {NAMES[n]}\n\n> {ABSTRACTS[n]}\n\n")
    assert is_right(read(text), ids=False)
    text = printed(lambda n: f"## {TITLES[n]}\n\n> {NAMES[n]}\n\n{ABSTRACTS[n]}\n\n")
    assert is_right(read(text), ids=False)


@pytest.mark.parametrize("share", [0.6, 1.0])
def test_a_quote_that_may_be_the_abstract_is_refused(share: float) -> None:
    def form(n: int) -> str:
        quoted = ABSTRACTS[-1 - n][: int(share * len(ABSTRACTS[-1 - n]))]
        return f"## {TITLES[n]}\n\n{NAMES[n]}\n\n{ABSTRACTS[n]}\n\n> {quoted}.\n\n"

    with pytest.raises(DigestError):
        read(printed(form))


def test_a_wrapped_line_that_begins_with_a_sign_for_more_is_no_remark() -> None:
    wrapped = f"{ABSTRACTS[0]}\n>90% of walls.\n{ABSTRACTS[1]}"
    lines = numbered_lines(list(enumerate(wrapped.split("\n"), 1)))
    assert without_remarks(lines) == lines

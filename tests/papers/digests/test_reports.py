"""Reports on papers: what they say of all papers together, and of each beside its abstract."""

from __future__ import annotations

import pytest

from recommender.errors import DigestError
from tests.papers.digests.foreign_papers import (
    ABSTRACTS,
    IDS,
    NAMES,
    TITLES,
    is_right,
    printed,
    read,
)

HEAD = (
    "# Digest\n**Date:** March 11, 2026\n**Papers analyzed:** 3\n\n"
    "## Executive Summary\n\nToday's papers look at walls.\n\n- One of them twice\n\n## Papers\n\n"
)
CONCLUSION = "## Conclusion\n\nThe field grows. We recommend the first one.\n"


def paper(n: int) -> str:
    return (
        f"### {n + 1}. {TITLES[n]}\n- **Authors**: {NAMES[n]}\n"
        f"- **URL**: https://arxiv.org/abs/{IDS[n]}\n- **Relevance score**: 8/10\n\n"
        f"**Abstract**\n\n{ABSTRACTS[n]}\n\n"
    )


def test_a_summary_and_a_conclusion_of_all_papers_are_none() -> None:
    assert is_right(read(printed(paper, head=HEAD) + CONCLUSION))


def test_a_paper_that_is_called_like_a_chapter_is_one_where_it_has_what_papers_have() -> None:
    text = printed(paper, head=HEAD).replace(TITLES[1], "Key trends")
    assert [entry.title for entry in read(text).entries][1] == "Key trends"


def test_a_heading_of_one_paper_alone_may_be_part_of_its_abstract() -> None:
    with pytest.raises(DigestError):
        read(f"## {TITLES[0]}\n\n{ABSTRACTS[0]}\n\n### Conclusion\n\nMoss grows slowly.\n")


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("end", [" ", "\n\n"])
def test_a_summary_beside_an_abstract_is_a_short_one(end: str, *, is_first: bool) -> None:
    def form(n: int) -> str:
        parts = [f"**Summary:**{end}It grows.", f"**Abstract:**{end}{ABSTRACTS[n]}"]
        return "\n\n".join([f"## {TITLES[n]}", *(parts if is_first else parts[::-1])]) + "\n\n"

    assert is_right(read(printed(form)), authors=False, ids=False)


def test_a_summary_in_place_of_one_abstract_is_refused() -> None:
    with pytest.raises(DigestError, match="only a short summary"):
        read(
            printed(
                lambda n: (
                    f"## {TITLES[n]}\n\n"
                    f"**{'Summary' if n == 1 else 'Abstract'}:** {ABSTRACTS[n]}\n\n"
                )
            )
        )


@pytest.mark.parametrize("dots", ["...", "…", " …", " [...]"])
def test_abstracts_that_a_digest_cuts_are_read_as_they_stand(dots: str) -> None:
    digest = read(
        printed(
            lambda n: (
                f"**{n + 1}. {TITLES[n]}**\n{ABSTRACTS[n][:-9]}{dots}\n"
                f"<https://arxiv.org/abs/{IDS[n]}>\n\n"
            ),
            head="**Daily Papers — 2026-03-11**\n\n",
        )
    )
    assert [entry.title for entry in digest.entries] == list(TITLES)
    assert digest.entries[0].abstract == f"{ABSTRACTS[0][:-9]}{dots}"
    assert str(digest.date) == "2026-03-11"


def test_links_to_the_notes_of_other_days_are_no_days_of_papers() -> None:
    head = "# 2026-03-11\n\n<< [[2026-03-10]] | [[daily/2026-03-12|next]] >>\n\n"
    text = printed(lambda n: f"## {TITLES[n]}\n\n{ABSTRACTS[n]}\n\n", head=head)
    digest = read(text)
    assert is_right(digest, authors=False, ids=False)
    assert str(digest.date) == "2026-03-11"

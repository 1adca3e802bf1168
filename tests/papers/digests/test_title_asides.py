"""How a conference presents a paper is no part of its title."""

from __future__ import annotations

import pytest

from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, NAMES, TITLES, is_right, read


@pytest.mark.parametrize(
    "mark", ["(Oral)", "[Spotlight]", "(Best Paper Award)", "(Oral Presentation)"]
)
def test_a_mark_of_a_conference_behind_titles_is_left_out(mark: str) -> None:
    text = "# 2026-03-11\n\n" + "".join(
        f"## {title} {mark if n != 1 else ''}\n\nAuthors: {names}\n"
        f"Link: https://arxiv.org/abs/{arxiv_id}\n\n{abstract}\n\n"
        for n, (title, names, arxiv_id, abstract) in enumerate(
            zip(TITLES, NAMES, IDS, ABSTRACTS, strict=True)
        )
    )
    assert is_right(read(text))

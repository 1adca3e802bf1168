"""What stands behind the last rule is the digest's last word, left out and told, or refused."""

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


def text_of(last: str, *, bare: bool = False) -> str:
    def form(n: int) -> str:
        said = "" if bare else f"{NAMES[n]}\n\nhttps://arxiv.org/abs/{IDS[n]}\n\n"
        return f"## {TITLES[n]}\n\n{said}{ABSTRACTS[n]}\n\n---\n\n"

    return printed(form) + last


@pytest.mark.parametrize(
    "last",
    [
        *(
            "Let me know if you would like more of them!",
            "欢迎关注我们的公众号！",
            "See you on Friday.",
        ),
        "This issue is sponsored by Example Clouds. GPUs from a cent.",
        "Would you like me to compare two of them?",
    ],
)
@pytest.mark.parametrize("bare", [True, False])
def test_a_farewell_is_no_paper(last: str, bare: bool) -> None:
    digest = read(text_of(last + "\n", bare=bare))
    assert is_right(digest, authors=not bare, ids=not bare)
    assert digest.unread == ()


@pytest.mark.parametrize(
    "last",
    [
        "Made with love in Moss Town.",
        "感谢阅读",
        "Rent clouds.\nhttps://clouds.example",
        "More:\n\n- one",
    ],
)
def test_what_lacks_all_that_papers_have_is_told(last: str) -> None:
    digest = read(text_of(last + "\n"))
    assert is_right(digest)
    assert len(digest.unread) == 1
    with pytest.raises(DigestError):
        read(text_of(last + "\n", bare=True))


@pytest.mark.parametrize(
    "last",
    [
        *("Ferns of walls\n\nWe count ferns.", "**Ferns of walls**\n\nWe count ferns."),
        *("Ferns of walls\n\nMae Sixth, Ned Seventh", "[Ferns](https://arxiv.org/abs/2603.00009)"),
        f"Ferns of walls\n\n{ABSTRACTS[0]}",
    ],
)
def test_a_paper_behind_a_rule_whose_title_lost_its_mark_is_not_lost(last: str) -> None:
    with pytest.raises(DigestError):
        read(text_of(last + "\n"))


def test_a_line_between_rules_that_are_shorter_is_no_heading() -> None:
    last = (
        "----------\nThis issue is sponsored by Example Clouds.\n----------\n\nUnsubscribe here.\n"
    )
    assert is_right(read(text_of("").removesuffix("---\n\n") + last))


def test_a_heading_in_a_bullet_is_a_heading() -> None:
    text = printed(
        lambda n: f"- [{TITLES[n]}](https://arxiv.org/abs/{IDS[n]})\n\t- {ABSTRACTS[n]}\n",
        head="- ## Papers\n",
    )
    assert is_right(read(text), authors=False)


@pytest.mark.parametrize("signs", ["🔥🧬📚", "🔥🔥🧬"])
def test_any_emoji_may_stand_before_bold_titles(signs: str) -> None:
    text = printed(
        lambda n: (
            f"{signs[n]} **{TITLES[n]}**\n👥 {NAMES[n]}\n🔗 https://arxiv.org/abs/{IDS[n]}\n"
            f"💡 TL;DR: Short.\n📄 {ABSTRACTS[n]}\n\n"
        )
    )
    assert is_right(read(text))


def test_a_title_of_names_between_a_heading_and_authors_is_refused() -> None:
    with pytest.raises(DigestError):
        read(f"## {TITLES[0]}\n{NAMES[0]}\nA Study of Ferns\n\n{ABSTRACTS[0]}\n")

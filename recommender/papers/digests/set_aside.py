"""Room 1, papers: what of a digest is set aside as no paper's. Pure.

Advertisements, chapters of the digest itself, and what stands below the papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.markdown_lines import Link, links_in, without_trailing_links
from recommender.papers.digests.prose import is_list_of_names, is_prose
from recommender.papers.identity.identifiers import identifiers_of

SHORTEST_ABSTRACT: Final = 120
"""Of texts that may be anything else."""

_LONGEST: Final = 600
_LONGEST_IN_ALL: Final = 2_000
_IN_ONES_PLACE: Final = frozenset({"title", "aside", "sponsor", "footer", "date", "rule"})
_ENDS_OF_FAREWELLS: Final = (",", "!", ".", ":", "，", "！", "。")


@dataclass(slots=True)
class Aside:
    """Blocks that belong to no paper: an advertisement, a chapter, what stands below the papers.

    Attributes
    ----------
    is_titled : bool
        Whether the first one stands where the title of a paper may, marked as titles are.
    is_below : bool
        Whether it ends the papers.
    is_of_section : bool
        Whether the heading of its section says that no papers follow.
    is_last_word : bool
        Whether it stands behind the rule below the last paper, and only its place says what it is.
    blocks : list of Block
        The first one says what it is.
    """

    is_titled: bool
    is_below: bool
    is_of_section: bool = False
    is_last_word: bool = False
    blocks: list[Block] = field(default_factory=list)
    size: int = 0

    @property
    def head(self) -> Block:
        """What says that no paper follows."""
        return self.blocks[0]

    def take(self, block: Block) -> None:
        """Add a block.

        Raises
        ------
        DigestError
            Where it, or all of them, say more than would be left out, or name a paper.
        """
        self.blocks.append(block)
        self.size += len(block.text)
        if (
            len(block.text) > _LONGEST
            or self.size > _LONGEST_IN_ALL
            or (block.kind == "link" and names_papers(block))
        ):
            raise DigestError(
                f"line {block.number}",
                "a text that is part of no paper; write a title above it as the others have, "
                "or take it out",
            )


def names_papers(block: Block) -> bool:
    """Whether an address of a block is that of a paper."""
    return _name_papers(links_in(block.text))


def names_a_paper(block: Block) -> bool:
    """Whether its first line is linked to a paper, or has the address of one at its end."""
    return _name_papers([*block.line.links, *without_trailing_links(block.line.rest)[1]])


def _name_papers(links: Sequence[Link]) -> bool:
    return any(any(identifiers_of(link.url)) for link in links)


def is_told_as_paper(head: Block, below: Sequence[Block]) -> bool:
    """Whether authors, an identifier or a labelled abstract stand with what may be a title.

    Parameters
    ----------
    head : Block
    below : sequence of Block
        All that follows in the file.
    """
    if names_a_paper(head):
        return True
    has_abstract = False
    for block in below:
        is_short = block.kind in {"text", "marked"} and not is_prose(block.text)
        if block.kind in _IN_ONES_PLACE or (has_abstract and is_short):
            return False
        if block.kind in {"abstract", "authors"} or (block.kind == "link" and names_papers(block)):
            return True
        if block.kind == "text" and _name_papers(without_trailing_links(block.text)[1]):
            return True
        if is_short and "," in block.text and is_list_of_names(block.text):
            return True
        has_abstract |= block.kind == "text" and is_prose(block.text)
    return False


def may_head_a_text(block: Block) -> bool:
    """Whether what begins like a farewell or a greeting is not ended as these are."""
    first = block.parts[0]
    return any(map(str.isalpha, first)) and not first.endswith(_ENDS_OF_FAREWELLS)


def text_within(block: Block) -> str:
    """Return the abstract that a farewell or a greeting may hold on its last line, or nothing."""
    last = block.parts[-1] if len(block.parts) > 1 else ""
    return last if len(last) >= SHORTEST_ABSTRACT and is_prose(last) else ""

"""Room 1, papers: what stands above the first paper of a digest, and may be a paper. Pure.

A first paper whose title is not marked as the others are would be lost there without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.line_roles import is_introduction, is_masthead
from recommender.papers.digests.prose import is_prose
from recommender.papers.digests.set_aside import may_head_a_text, names_a_paper, text_within

_LONGEST_SHOWN: Final = 60
_WORDS_OF_A_TITLE: Final = 4


@dataclass(slots=True)
class Front:
    """What stands above the first paper.

    Attributes
    ----------
    named : Block or None
        The last short text that names neither a digest nor its day, and may be a title.
    byline : Block or None
        What names the curator.
    """

    named: Block | None = None
    byline: Block | None = None

    def take(self, block: Block) -> None:
        """Notice a text that may be a title, and a sentence below it.

        Raises
        ------
        DigestError
            With the line of the title.
        """
        if is_introduction(block.text) or is_masthead(block.text):
            return
        if not is_prose(block.text):
            self.named = block
        elif self.named is not None:
            raise DigestError(
                f"line {self.named.number}",
                f"'{self.named.line.whole[:_LONGEST_SHOWN]}' and the sentence below it may be a "
                "paper; mark its title as the others are, or write 'Papers' or a day into it if "
                "it is the digest's",
            )

    def refuse_title(self, block: Block, below: Sequence[Block], *, plain: bool) -> None:
        """Notice a title without a mark that begins like a greeting or a footer.

        Parameters
        ----------
        block : Block
        below : sequence of Block
            What follows it.
        plain : bool
            Whether nothing marks the titles.

        Raises
        ------
        DigestError
            With its line.
        """
        heads = text_within(block) or (
            below and below[0].kind == "text" and is_prose(below[0].text)
        )
        first = block.parts[0]
        is_title = len(first.split()) >= _WORDS_OF_A_TITLE and not is_introduction(first)
        if plain and heads and may_head_a_text(block) and (is_title or names_a_paper(block)):
            raise DigestError(
                f"line {block.number}",
                f"'{block.text[:_LONGEST_SHOWN]}' and the text below it may be a paper; write "
                "'Title:' before all titles, or take it out",
            )

    def is_labelled_like(self, authors: Block) -> bool:
        """Whether both the curator and authors stand behind "Authors:", as of a paper."""
        byline = self.byline
        if byline is None or byline.line.label is None or authors.line.label is None:
            return False
        words = {block.line.text.removesuffix(block.text).casefold() for block in (byline, authors)}
        return len(words) == 1 and not min(words).startswith("by")

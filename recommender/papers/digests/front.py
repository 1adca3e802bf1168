"""Room 1, papers: what stands above the first paper of a digest, and may be a paper. Pure.

A first paper whose title is not marked as the others are would be lost there without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.line_roles import is_introduction, is_masthead
from recommender.papers.digests.prose import is_prose

_LONGEST_SHOWN: Final = 60


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

    def is_labelled_like(self, authors: Block) -> bool:
        """Whether both the curator and authors stand behind "Authors:", as of a paper."""
        byline = self.byline
        if byline is None or byline.line.label is None or authors.line.label is None:
            return False
        words = {block.line.text.removesuffix(block.text).casefold() for block in (byline, authors)}
        return len(words) == 1 and not min(words).startswith("by")

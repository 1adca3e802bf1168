"""Room 1, papers: the line with which a digest closes, in words that no list has. Pure.

"The centrifuge is broken again", "Subscribe to our channel": below papers whose titles are marked,
and that have authors or addresses, a short text without any of it is no paper. It is left out and
told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.domain import Digest, DigestEntry, UnreadEntry
from recommender.papers.digests.line_roles import is_footer, signs_off
from recommender.papers.digests.markdown_lines import Line, links_in, read_line
from recommender.papers.digests.notes import speaks_to_readers
from recommender.papers.digests.prose import is_list_of_names
from recommender.papers.digests.title_lines import share_said_again
from recommender.papers.identity.identifiers import identifiers_of

NumberedLine = tuple[int, str]

_LONGEST: Final = 200
_MOST_LINES: Final = 2
_MOST_BELOW: Final = 4
_LONGEST_SHOWN: Final = 60
_SAID_AGAIN: Final = 1 / 3
_WORDS: Final = re.compile(r"\W+")
# What papers say of themselves; a last paragraph of an abstract does.
_OF_PAPERS: Final = re.compile(
    r"\b(?:our|we|code|data|results?|paper|study|wir|unsere?|nous|nos|nuestr\w+|мы|наши)\b",
    re.IGNORECASE,
)
_ID: Final = re.compile(r"://|\bwww\.|\bdoi\b|\barxiv\s?:|\b10\.[0-9]{4,9}/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Closing:
    """The last paragraph of a file above its farewell.

    Attributes
    ----------
    lines : tuple of Line
    above : Line
        The one before it.
    """

    lines: tuple[Line, ...]
    above: Line

    @property
    def told(self) -> UnreadEntry:
        """What is said of it."""
        return UnreadEntry(
            f"line {self.lines[0].number}",
            f"'{self.lines[0].whole[:_LONGEST_SHOWN]}' is left out as the closing words of the "
            "digest; if it is part of a paper, write it in the paragraph of its abstract, or mark "
            "its title as the others are",
        )

    def without(self, lines: Sequence[NumberedLine]) -> list[NumberedLine]:
        """Return the lines of the file with blank ones in its place."""
        own = {line.number for line in self.lines}
        return [(number, "" if number in own else raw) for number, raw in lines]

    def may_be_left_out(self, digest: Digest, lines: Sequence[NumberedLine]) -> bool:
        """Whether the papers that were read without it show that it is none and of none.

        Parameters
        ----------
        digest : Digest
            The others.
        lines : sequence of (int, str)
            Of the file.
        """
        *_, last = digest.entries
        has_all = all(e.authors or e.arxiv_id or e.doi or e.url for e in digest.entries)
        if not has_all or not self._is_below(last):
            return False
        marked = [
            _squeezed(line.text if line.label is None else line.label[1])
            for number, raw in lines
            if raw.strip() and ((line := read_line(number, raw)).marks or line.label is not None)
        ]
        titles = [_squeezed(entry.title) for entry in digest.entries]
        return all(any(each.startswith(title) for each in marked) for title in titles)

    def _is_below(self, entry: DigestEntry) -> bool:
        """Whether it stands right below all of a paper and does not speak of it."""
        text = " ".join(line.whole for line in self.lines)
        if share_said_again(text, f"{entry.title} {entry.abstract}") > _SAID_AGAIN:
            return False
        above = _squeezed(self.above.text)
        ends_abstract = bool(above) and above in _squeezed(entry.abstract)
        return ends_abstract or self.above.is_links or self.above.label is not None


def closing_of(lines: Sequence[NumberedLine]) -> Closing | None:
    """Return the last paragraph above the farewell, None where it may be a paper's or too long."""
    paragraphs: list[list[Line]] = [[]]
    for number, raw in lines:
        if raw.strip():
            paragraphs[-1].append(read_line(number, raw))
        elif paragraphs[-1]:
            paragraphs.append([])
    paragraphs = [each for each in paragraphs if each]
    below = 0
    while len(paragraphs) > 1 and _is_farewell(paragraphs[-1]):
        below += len(paragraphs.pop())
    if len(paragraphs) <= 1 or below > _MOST_BELOW or not _may_close(paragraphs[-1]):
        return None
    return Closing(tuple(paragraphs[-1]), paragraphs[-2][-1])


def _is_farewell(paragraph: Sequence[Line]) -> bool:
    head = paragraph[0].whole
    return (is_footer(head) or signs_off(head)) and len(paragraph) <= _MOST_BELOW


def _may_close(paragraph: Sequence[Line]) -> bool:
    text = " ".join(line.whole for line in paragraph)
    return (
        len(paragraph) <= _MOST_LINES
        and len(text) <= _LONGEST
        and not any(set(line.marks) - {"_"} or line.is_rule or line.is_day for line in paragraph)
        and not any(line.quote or line.links or line.is_links for line in paragraph)
        and not _ID.search(text)
        and not any(any(identifiers_of(link.url)) for link in links_in(text))
        and not any(is_list_of_names(line.whole) for line in paragraph)
        and not (_OF_PAPERS.search(text) and not speaks_to_readers(text))
    )


def _squeezed(text: str) -> str:
    return _WORDS.sub("", text).casefold()

"""Room 1, papers: the arXiv ids and DOIs that stand in free text, and the text without them. Pure.

What an identifier is, `canonical_ids` says; here is only where one begins and ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi

_LONGEST_IDENTIFIER = 500
_WORD = re.compile(r"\S+")
# A comma is part of some DOIs, so it parts two names only where another one begins behind it.
_GLUE = re.compile(
    r"[,;](?=[0-9]{4}\.[0-9]{4}|[a-z-]+/[0-9]{7}|10\.[0-9]{4,9}/|https?://|arxiv:|doi:)",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(r"(?:arxiv|doi)(?:\.org)?:?", re.IGNORECASE)
_RESOLVER = re.compile(r"(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_OPENING = "([{<\"'“‘«"
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}
_PUNCTUATION = ".,;:!?\"'”’»"


@dataclass(frozen=True, slots=True)
class NamedPapers:
    """The papers that a text names.

    Attributes
    ----------
    arxiv_ids, dois : tuple of str
        As `DigestEntry` has them, each once, in the order of the text.
    rest : str
        The text without them. What stood before and after one is parted by a comma.
    """

    arxiv_ids: tuple[str, ...]
    dois: tuple[str, ...]
    rest: str


def find_identifiers(text: str) -> NamedPapers:
    """Find the arXiv ids and DOIs in a text that somebody wrote.

    Parameters
    ----------
    text : str
        Identifiers are parted from words and from each other by white space, or by a comma or
        semicolon that begins the next one. They may be bare, announced by ``arXiv:`` or ``doi:``,
        or be addresses at arXiv, a mirror of it or the DOI resolver.

    Examples
    --------
    >>> find_identifiers("graph networks, arXiv:1706.03762v5, protein folding")
    NamedPapers(arxiv_ids=('1706.03762',), dois=(), rest='graph networks, protein folding')
    """
    arxiv_ids: dict[str, None] = {}
    dois: dict[str, None] = {}
    pieces: list[str] = []
    end_of_last = 0
    for start, end, word in _words(text):
        arxiv_id, doi = identifiers_of(word)
        if arxiv_id is None and doi is None:
            continue
        arxiv_ids.update({arxiv_id: None} if arxiv_id else {})
        dois.update({doi: None} if doi else {})
        pieces.append(_without_announcement(text[end_of_last:start]))
        end_of_last = end
    pieces.append(text[end_of_last:])
    trimmed = (piece.strip(" \t\r\n,;") for piece in pieces)
    rest = ", ".join(filter(None, trimmed)) if end_of_last else text
    return NamedPapers(tuple(arxiv_ids), tuple(dois), rest)


def identifiers_of(word: str) -> tuple[str | None, str | None]:
    """Read a word as arXiv id or DOI: one of the two, or neither. arXiv's own DOI is an arXiv id.

    An address at the resolver may come without ``https://``.
    """
    arxiv_id = arxiv_id_of(word)
    if arxiv_id is not None:
        return arxiv_id, None
    doi = normalise_doi(f"https://{word}" if _RESOLVER.match(word) else word)
    return None, doi


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words that may be identifiers: start, end, and without what punctuates them."""
    for found in _WORD.finditer(text):
        start = found.start()
        for part in _GLUE.split(found[0]):
            end = start + len(part)
            if len(part) <= _LONGEST_IDENTIFIER:
                yield start, end, _trimmed(part)
            start = end + 1  # of the comma


def _trimmed(word: str) -> str:
    """Drop the quotes and brackets around a word, but no bracket that is closed within it."""
    word = word.lstrip(_OPENING)
    while word and (
        word[-1] in _PUNCTUATION
        or (word[-1] in _CLOSING and word.count(word[-1]) > word.count(_CLOSING[word[-1]]))
    ):
        word = word[:-1]
    return word


def _without_announcement(text: str) -> str:
    """Drop the ``arXiv:`` or ``doi:`` that stands alone before an identifier."""
    before, space, last = text.rstrip().rpartition(" ")
    return before if _ANNOUNCES.fullmatch(last) else before + space + last

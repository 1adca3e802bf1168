"""Store: texts and what is looked for in them, as PostgreSQL's text search is to see them.

Its own parser takes hyphens, addresses and numbers apart in ways of its own. So it is handed words
with blanks between them, which are those that SQLite's FTS5 finds: letters and digits, without
accents. Its stemmer is the same, Porter's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from recommender.domain.searches import NAMES_APART, PaperSearch

MOST_CHARACTERS: Final = 200_000
"""Of one text of a paper: a tsvector has a megabyte at most, and no abstract comes near."""

_APART: Final = "namesapart"
_NO_WORD: Final = re.compile(r"[\W_]+")
# What is told apart as title, authors, keywords, abstract.
_IN_TITLE, _IN_AUTHORS = "A", "B"


def words_apart(text: str) -> str:
    """Return the words of a text with blanks between them, and behind them one that parts.

    No phrase reaches over it, from one author to the next or from one text into another.
    """
    parts = (" ".join(_words(part)) for part in text[:MOST_CHARACTERS].split(NAMES_APART))
    return "".join(f"{part} {_APART} " for part in parts)


def pattern(wanted: PaperSearch, last_word_begun: bool = False, in_title: bool = False) -> str:
    """Return as a tsquery what is looked for; of letters and digits, so nothing typed is an error.

    Empty where nothing is.
    """
    label = _IN_TITLE if in_title else ""
    last = len(wanted.terms) - 1
    terms = [
        _phrase(term, label, is_begun=last_word_begun and number == last)
        for number, term in enumerate(wanted.terms)
    ]
    authors = [_phrase(author, _IN_AUTHORS) for author in wanted.authors]
    return " & ".join(terms + authors)


def _phrase(term: str, label: str, *, is_begun: bool = False) -> str:
    words = list(_words(term))
    marks = [label] * len(words)
    if is_begun and marks:
        marks[-1] = f"*{label}"
    marked = [f"{word}:{mark}" if mark else word for word, mark in zip(words, marks, strict=True)]
    # In every paper stands what parts its texts: a term without words is in none.
    return f"({' <-> '.join(marked)})" if marked else f"!{_APART}"


def _words(text: str) -> Iterator[str]:
    bare = (each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    yield from filter(None, _NO_WORD.split("".join(bare).lower()))

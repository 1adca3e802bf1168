"""Store: texts and what is looked for in them, as PostgreSQL's text search is to see them.

Its own parser takes hyphens, addresses and numbers apart in ways of its own. So it is handed words
with blanks between them, which are those that SQLite's FTS5 finds: letters and digits, without
accents. Its stemmer is the same, Porter's.
"""

from __future__ import annotations

from itertools import product
from typing import Final

from recommender.domain.searches import NAMES_APART, PaperSearch, most_between, words_of

MOST_CHARACTERS: Final = 200_000
"""Of one text of a paper: a tsvector has a megabyte at most, and no abstract comes near."""

_APART: Final = "namesapart"
_BETWEEN: Final = f" <-> !{_APART}"
# What is told apart as title, authors, keywords, abstract.
_IN_TITLE, _IN_AUTHORS = "A", "B"


def words_apart(text: str) -> str:
    """Return the words of a text with blanks between them, and behind them one that parts.

    No phrase reaches over it, from one author to the next or from one text into another.
    """
    parts = (" ".join(words_of(part)) for part in text[:MOST_CHARACTERS].split(NAMES_APART))
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
    authors = [_name(author) for author in wanted.authors]
    excluded = [f"!{_phrase(each, '')}" for each in wanted.excluded]
    excluded += [f"!{_name(each)}" for each in wanted.excluded_authors]
    return " & ".join(terms + authors + excluded)


def _phrase(term: str, label: str, *, is_begun: bool = False) -> str:
    words = list(words_of(term))
    marks = [label] * len(words)
    if is_begun and marks:
        marks[-1] = f"*{label}"
    marked = [f"{word}:{mark}" if mark else word for word, mark in zip(words, marks, strict=True)]
    # In every paper stands what parts its texts: a term without words is in none.
    return f"({' <-> '.join(marked)})" if marked else f"!{_APART}"


def _name(author: str) -> str:
    """Return what finds a name in one author's: each way in which words may stand between its own.

    The words themselves stand before the ways, so that the index is asked for few papers.
    """
    words = [f"{word}:{_IN_AUTHORS}" for word in words_of(author)]
    most = most_between(len(words))
    if not most:
        return _phrase(author, _IN_AUTHORS)
    first, *others = words[:1] + [f" <-> {word}" for word in words[1:]]
    ways = [
        "".join([first, *(_BETWEEN * gap + word for gap, word in zip(gaps, others, strict=True))])
        for gaps in product(range(most + 1), repeat=len(others))
        if sum(gaps) <= most
    ]
    return f"({' & '.join(words)} & ({' | '.join(ways)}))"

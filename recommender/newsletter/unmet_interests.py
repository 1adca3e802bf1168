"""Newsletter room: the stated interests that nothing new fits, for an issue to say so. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.interests.author_names import fold_letters
from recommender.interests.terms import FUNCTION_WORDS, split_words, words_of
from recommender.newsletter.wish_index import WishIndex

UNMET_MAX: Final = 3
"""More than these would be a list of complaints."""

_PHRASES_LOOKED_AT: Final = 20
_LONGEST_PHRASE: Final = 60
_MOST_WORDS: Final = 4
_PHRASE_END: Final = re.compile(r"[,;\n\r]")
_WORDS: Final = re.compile(r"[^\W_][\w '’+&-]*")
"""No identifiers and no addresses."""
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff]"
)
"""Of scripts in whose texts words cannot be found by spaces."""


def unmet_interests(
    index: WishIndex, interests: str, *, offered: NDArray[np.bool_], reasons: Sequence[str]
) -> tuple[str, ...]:
    """Return the phrases of somebody's stated interests that no paper on offer is about.

    Only what can be told for sure: a phrase of a few words, none of which only builds sentences,
    and of which no paper on offer holds all, anywhere in title and abstract, nor was written by
    somebody of that name.

    Parameters
    ----------
    index : WishIndex
        Of the candidates.
    interests : str
        In their own words; commas, semicolons and line ends separate.
    offered : ndarray of bool, shape (n_candidates,)
        The candidates that are new to them.
    reasons : sequence of str
        Of the papers that they are shown; what one of them names is met.

    Returns
    -------
    tuple of str
        At most `UNMET_MAX`, as they wrote them.
    """
    unmet = (
        phrase
        for phrase in islice(_phrases(interests), _PHRASES_LOOKED_AT)
        if not (offered & index.about(phrase)).any()
        and not any(phrase in reason for reason in reasons)
    )
    return tuple(islice(unmet, UNMET_MAX))


def _phrases(interests: str) -> Iterator[str]:
    """Yield the parts that are a subject or a name, each once."""
    parts = (" ".join(part.split()).rstrip(".") for part in _PHRASE_END.split(interests))
    yield from dict.fromkeys(filter(_is_told, parts))


def _is_told(phrase: str) -> bool:
    if len(phrase) > _LONGEST_PHRASE or not _WORDS.fullmatch(phrase) or _UNSPACED.search(phrase):
        return False
    folded = fold_letters(phrase)
    builds_sentences = any(word in FUNCTION_WORDS for word in split_words(folded))
    return 1 <= len(words_of(folded)) <= _MOST_WORDS and not builds_sentences

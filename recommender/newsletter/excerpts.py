"""Newsletter room: an abstract, shortened at the end of a sentence. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

EXCERPT_CHARACTERS = 400

_SENTENCE_END = re.compile(r"""[.!?]["'”’)\]]*(?=\s+["'“‘(\[]*[A-Z0-9])|[。！？]""")
# A full stop after these, or after an initial as in "J. Smith", does not end a sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])(?:[A-Za-z]|e\.g|i\.e|a\.k\.a|w\.r\.t|et al|al|cf|vs|viz|approx|resp|ca|etc"
    r"|figs?|eqs?|eqn|secs?|sect|refs?|tab|ch|vol|no|nos|pp?|dr|prof|mr|mrs|ms|st|jr|inc|ltd|dept)\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 12


@lru_cache(maxsize=10_000)
def excerpt(abstract: str, limit: int = EXCERPT_CHARACTERS) -> str:
    """Return as many whole sentences of an abstract as fit.

    Parameters
    ----------
    abstract : str
        White space of any kind becomes one space.
    limit : int
        Most characters, >= 1.

    Returns
    -------
    str
        Ends in an ellipsis only where the first sentence alone is longer; it is then cut between
        two words, unless a single word is longer.
    """
    text = " ".join(abstract.split())
    if len(text) <= limit:
        return text
    ends = [end for end in _sentence_ends(text) if end <= limit]
    if ends:
        return text[: ends[-1]]
    cut = text[:limit]
    whole_words = cut.rpartition(" ")[0].rstrip(" ,;:–—-(")
    return (whole_words or cut[:-1]) + "…"


def _sentence_ends(text: str) -> list[int]:
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not (
            text[match.start()] == "."
            and _ABBREVIATION.search(
                text[max(0, match.start() - _LONGEST_ABBREVIATION) : match.start() + 1]
            )
        )
    ]

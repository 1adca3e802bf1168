"""Interests room: text to terms, the words that features count and explanations show. Pure.

A *term* is a word in lower case with its plural folded, or two such words that stand side by
side in a title. It is a key to count by, not a word to show: what is shown is the *surface*, the
words as the text at hand has them.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

# Of scikit-learn's list these are subjects of papers.
_SUBJECTS = {"bill", "computer", "cry", "detail", "fire", "interest", "mill", "system", "thin"}

# Every abstract says these. In a corpus of a hundred papers their document frequency alone does not
# show it, so without the list a newcomer's first like would be explained by "propose, novel".
_BOILERPLATE = frozenset(
    """
    abstract achieve achieved achieves achieving additionally address addresses addressing aim aims
    allow allowing allows analyze approach approaches available based better code com compared
    comparable comprehensive consistently contribution contributions crucial current demonstrate
    demonstrated demonstrates demonstrating despite different difficult does doi effective
    effectively effectiveness enable enables enabling et al evaluate existing experiment
    experimental experiments explore extensive finally findings framework furthermore general github
    given help high highlight http https important improve improved improvement improvements
    improves improving including instead introduce introduced introduces introducing investigate
    issue issues key lack large leading leverage leverages leveraging like limitation limitations
    limited make makes making method methods moreover multiple new notably novel number obtain org
    outperform outperforming outperforms page paper papers perform performance performs possible
    potential present presented presents previous previously prior problem problems promising
    propose proposed proposes provide provides providing publicly recent recently release remain
    remains require required requires requiring result resulting results set setting settings
    show showing shown shows significant significantly simple simply single specific specifically
    strong studies study superior table task tasks technique techniques thus typically unlike use
    used useful uses using various ways wide widely work works www
    """.split()  # noqa: SIM905 - reads as the list that it is
)

STOP_WORDS = (ENGLISH_STOP_WORDS - _SUBJECTS) | _BOILERPLATE
"""Words that are never a term and never part of one."""


@lru_cache(maxsize=200_000)
def term_of(word: str) -> str | None:
    """Return the term that a word of a text counts as, None where it counts as none.

    Parameters
    ----------
    word : str
        One word as it stands, in any case.

    Returns
    -------
    str or None
        Lower case, without possessive and English plural ending. None for stop words, numbers and
        single characters.
    """
    key = word.lower().replace("’", "'").removesuffix("'s")
    if len(key) <= 1 or key in STOP_WORDS or key.isdecimal():
        return None
    if key.endswith("ies") and len(key) > len("ties"):
        return key[:-3] + "y"
    # "gas", "loss", "corpus" and "analysis" are no plurals.
    if key.endswith("s") and len(key) > len("gas") and key[-2] not in "sui":
        return key[:-1]
    return key


def split_words(text: str) -> list[str]:
    """Return the words of a text as they stand, those included that are no terms."""
    return _WORD.findall(text)


def words_of(text: str) -> list[str]:
    """Return the terms of a text in order, one for each word that counts."""
    return [term for word in split_words(text) if (term := term_of(word)) is not None]


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text that counts as a term.

    Attributes
    ----------
    term : str
    surface : str
        The word as the text has it: ``LLMs`` stays, a capital that only begins a word becomes
        small.
    joint : str or None
        What stands between the token before and this one, a space or a hyphen; None where they are
        no neighbours, so that no pair bridges a stop word or a colon.
    """

    term: str
    surface: str
    joint: str | None


def tokens_of(text: str) -> list[Token]:
    """Return the words of a text that count as terms, in order, as they can be shown."""
    tokens = []
    end = -1
    for match in _WORD.finditer(text):
        term, word = term_of(match.group()), match.group()
        if term is None:
            end = -1
            continue
        between = text[end : match.start()] if end >= 0 else "."
        joint = {"": " ", "-": "-", "‐": "-", "‑": "-"}.get(between.strip())
        tokens.append(Token(term, word.lower() if word[1:].islower() else word, joint))
        end = match.end()
    return tokens


def phrases_of(text: str) -> list[str]:
    """Return the terms of a title or of stated interests: its words, then its pairs of neighbours.

    See `Token` for what neighbours are.
    """
    tokens = tokens_of(text)
    pairs = (
        pair_of(left, right)
        for left, right in itertools.pairwise(tokens)
        if right.joint is not None
    )
    return [*(token.term for token in tokens), *pairs]


def pair_of(left: Token, right: Token) -> str:
    """Return the term that two neighbours count as together."""
    return f"{left.term} {right.term}"

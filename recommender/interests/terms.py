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

from recommender.formulas import without_commands

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

# What sentences are built with, by word class. What papers may be about is left out: "interest" and
# "system", the "top" quark, the "whole" genome, "zero"-shot learning, and "go" for gene ontology.
FUNCTION_WORDS = frozenset(
    word
    for words in (
        # Articles and determiners.
        """
        a an the this that these those such same own other others another each every either neither
        both all any some no none many much more most few fewer fewest little less least several
        enough certain various next last former latter
        """,
        # Pronouns and question words.
        """
        i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his
        himself she her hers herself it its itself they them their theirs themselves oneself
        somebody someone something anybody anyone anything everybody everyone everything nobody
        nothing who whom whose which what whoever whatever whichever when where why how
        """,
        # Prepositions.
        """
        about above across after against along alongside amid among amongst around as at before
        behind below beneath beside besides between beyond by concerning down during except for from
        in inside into of off on onto out outside over per regarding since than through throughout
        till to toward towards under underneath until up upon versus via with within without due
        according
        """,
        # Conjunctions, and what ties sentences together.
        """
        and or nor but if unless because although though while whilst whereas whether lest so yet
        hence thus thereby therefore however nevertheless nonetheless otherwise likewise meanwhile
        namely indeed whenever wherever whereby wherein whereupon therein thereof thereafter herein
        hereby
        """,
        # Auxiliary and modal verbs, and their contractions.
        """
        am is are was were be been being isn't aren't wasn't weren't i'm we're you're they're
        have has had having haven't hasn't hadn't i've we've you've they've
        do does did done doing don't doesn't didn't
        can cannot can't could couldn't may might must shall should shouldn't will won't would
        wouldn't ought needn't i'll we'll you'll it'll they'll i'd we'd you'd they'd
        """,
        # Verbs that say little without what follows them.
        """
        become becomes became becoming seem seems seemed seeming appear appears get gets got getting
        give gives giving take takes took taken taking put puts keep keeps kept keeping find finds
        found see sees seen let lets describe describes described please
        """,
        # Adverbs of degree.
        """
        very too quite rather somewhat almost nearly hardly barely merely only just even still
        mostly mainly largely partly fully entirely especially particularly well far further also
        not perhaps maybe
        """,
        # Adverbs of time.
        """
        again already always ever never often sometimes seldom rarely usually now then once soon
        later afterwards beforehand formerly lately currently nowadays ago
        """,
        # Adverbs of place and manner.
        """
        here there everywhere anywhere somewhere nowhere elsewhere together apart alone aside away
        somehow anyhow anyway else
        """,
        # Number words.
        """
        one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty
        fifty sixty hundred thousand million billion first second third twice
        """,
        # Prefixes before a hyphen, Latin, and the particle of names.
        "co re un ie eg etc vs viz cf de",
    )
    for word in words.split()
)

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

LONGEST_TERM = 200
"""Letters of a word; what is longer is a sequence, a key or an attack, and could not be shown."""

STOP_WORDS = FUNCTION_WORDS | _BOILERPLATE
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
    key = _bare_key(word)
    if not 1 < len(key) <= LONGEST_TERM or key in STOP_WORDS or key.isdecimal():
        return None
    return _without_plural(key)


def folded(word: str) -> str:
    """Return any word in lower case without possessive and plural ending, stop words included."""
    return _without_plural(_bare_key(word))


def _bare_key(word: str) -> str:
    return word.lower().replace("’", "'").removesuffix("'s")


def _without_plural(key: str) -> str:
    if key.endswith("ies") and len(key) > len("ties"):
        return key[:-3] + "y"
    # "gas", "loss", "corpus" and "analysis" are no plurals.
    if key.endswith("s") and len(key) > len("gas") and key[-2] not in "sui":
        return key[:-1]
    return key


def split_words(text: str) -> list[str]:
    """Return the words of a text as they stand, those included that are no terms."""
    return _WORD.findall(without_commands(text))


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
    text = without_commands(text)
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

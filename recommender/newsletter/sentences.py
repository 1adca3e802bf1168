"""Newsletter room: the sentences of an abstract, and how far each tells the paper. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recommender.newsletter.cues import CUES, DEPENDENT, SECTION_WEIGHTS

_SENTENCE_END = re.compile(
    r"""[.!?]["'”’)\]]*(?=\s+["'“‘(\[]*[A-Z0-9])|[。！？]"""
    # The space is missing.
    r"|(?<=[a-z)]{3})[.!?]"
    r"(?=(?:We|Our|The|This|These|In|To|It|However|Here|Moreover|Specifically)\b)"
)
# A full stop after these, or after an initial as in "J. Smith", does not end a sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])(?:(?:[A-Za-z]\.)*[A-Za-z]|et al|al|cf|vs|viz|approx|resp|ca|etc"
    r"|figs?|eqs?|eqn|secs?|sect|refs?|tab|ch|vol|no|nos|pp?|dr|prof|mr|mrs|ms|st|jr|inc|ltd|dept"
    r"|spp?|spec|nov|subsp|var)\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 12

_LABEL = re.compile(
    r"(?:^|(?<=[.!?。)\]] ))(?i:(?P<name>Abstract|Background(?: and (?:Aims?|Objectives?|Purpose))?"
    r"|Introduction|Context|Motivation|Importance|Objectives?|Aims?|Purpose|Goals?"
    r"|Methods?(?: and Results)?|Methodology|Materials and Methods|Approach|Design|Setting"
    r"|Participants|Interventions?|Measurements|Main Outcomes?(?: and Measures)?"
    r"|(?:Key )?Results?(?: and Conclusions?)?|(?:Key )?Findings?"
    r"|Conclusions?(?: and Relevance)?|Interpretation|Discussion|Significance|Limitations))"
    r"(?:\s?[:.–—](?=\s)|(?=\s(?:We|The|In|To|A|An|This|Our|Here)\s))\s*"
    r"|\bAbstract: |(?<=[0-9] )Abstract (?=[A-Z])|\bdoi:\s?10\.[0-9]{4,9}/\S+ (?=[A-Z])"
)
_LOOKED_AT = 600
"""Characters of a sentence; what is longer is none."""
_FRONT_MATTER = 500
"""Characters in which a feed may name journal, authors and DOI before the abstract."""

# Few abstracts begin or end with what their paper does; where nothing is stated, neither is taken.
_STATED = 2.0
_FIRST_QUARTER = -1.5
_LAST = -0.5


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text.

    Attributes
    ----------
    start, end : int
        Where it stands in the text, without the label of its section.
    section : str
        The label in lower case, ``results``; empty where there is none.
    """

    start: int
    end: int
    section: str = ""


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Part a text into sentences; the labels of its sections, ``RESULTS:``, belong to none.

    Parameters
    ----------
    text : str
        With single spaces.

    Returns
    -------
    tuple of Sentence
        In order. What stands before a label ``Abstract:`` is no part of the abstract, and left out.
    """
    found: list[Sentence] = []
    start, section = 0, ""
    for label in _LABEL.finditer(text):
        found += _parted(text, start, label.start(), section)
        start, section = label.end(), (label["name"] or "").lower()
        if not label["name"] and label.start() < _FRONT_MATTER:
            found.clear()
    return (*found, *_parted(text, start, len(text), section))


def contribution_score(sentence: str, position: float = 0.5, section: str = "") -> float:
    """How far a sentence says what a paper does: 3 and more where it does, below 0 for background.

    The weights of the `cues.CUES` that it holds, each once, of its section and of where it stands.

    Parameters
    ----------
    sentence : str
    position : float
        Where in the abstract it stands, from 0 for its first sentence to 1 for its last.
    section : str
        See `Sentence`.
    """
    seen = sentence[:_LOOKED_AT]
    score = sum(cue.weight for cue in CUES if cue.pattern.search(seen))
    if score < _STATED:
        score += _FIRST_QUARTER * max(0.0, 1 - 4 * position)
    score += _LAST * position
    return score + next((each for label, each in SECTION_WEIGHTS if label.match(section)), 0.0)


def is_dependent(sentence: str) -> bool:
    """Whether a sentence is only understood after another one."""
    return DEPENDENT.match(sentence) is not None


def _parted(text: str, start: int, end: int, section: str) -> list[Sentence]:
    """Part what stands between two places."""
    found = []
    for match in _SENTENCE_END.finditer(text, start, end):
        before = text[max(start, match.start() - _LONGEST_ABBREVIATION) : match.start() + 1]
        if text[match.start()] != "." or not _ABBREVIATION.search(before):
            found.append(Sentence(start, match.end(), section))
            start = match.end() + (text[match.end() : match.end() + 1] == " ")
    if text[start:end].strip():
        found.append(Sentence(start, start + len(text[start:end].rstrip()), section))
    return found

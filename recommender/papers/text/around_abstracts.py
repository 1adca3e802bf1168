"""Room 1, papers: what newsletters, alerts and sites write of a paper beside its abstract. Pure.

Scores, fields, venues, where people work, and what somebody says of it: "TL;DR: …", "Why it
matters: …". It is told by its words or, above an abstract, by being no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.papers.text.calendar_dates import is_day
from recommender.papers.text.labels import label_in
from recommender.papers.text.paper_details import (
    is_category,
    is_score,
    is_venue,
    names_periodical,
)

MOST_SUMMARY_CHARACTERS: Final = 1_000

_SHORTEST_ABSTRACT: Final = 120
_SHORTEST_IN_CJK: Final = 40
_LONGEST_HEAD: Final = 200
_LONGEST_DETAIL: Final = 200
_MOST_PARTS: Final = 12
_LONGEST_SHOWN: Final = 80
_LONGEST_LABEL: Final = 30
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SENTENCE_END: Final = re.compile(r"(?:[.!?…]|[。！？])[\"”’»)\]]*\Z|\.\.\.\s*\Z")
# A line that ends so, or with a little word, goes on in the next one.
_GOES_ON: Final = re.compile(
    r"[,:;：，、=(\[–—-]\Z|\b(?:a|an|the|and|or|of|to|in|on|at|as|by|for|from|with|we|that|which|is"
    r"|are|was|were|be|has|have|can|than|into|if|when|where|whose|its|our|their|this|these)\Z",
    re.IGNORECASE,
)
_PROSE: Final = re.compile(
    r"\b(?:we|our|this|these|those|that|which|is|are|was|were|been|has|have|can|could|would|should"
    r"|show|shows|shown|propose|present|introduce|study|demonstrate|prove)\b"
)
_MATHS: Final = re.compile(r"[=≤≥<>∈∑∫\\]|\$")
_TLDR: Final = re.compile(
    r"[*_]{0,2}(?:tl\s?;\s?dr|tldr)[*_]{0,2}\s?[:：.–—-]?[*_]{0,2}\s+(?=\S)", re.IGNORECASE
)
_LABELLED: Final = re.compile(r"[^\W\d_][^:：.!?,;]{2,35}[:：]\s?(?=\S)")
_PICTURE: Final = re.compile(r"[\u2190-\u21ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_LONGEST_REMARK: Final = 400
_LITTLE: Final = frozenset({"of", "the", "and", "for", "in", "on", "de", "der", "&"})
_MOST_WORDS_OF_A_NAME: Final = 8
_MARKS_BEFORE: Final = re.compile(r"\A[^\w\s\"'“”‘’„«(\[{$\\<+−-]+\s*")
_PARTS: Final = re.compile(r"\s{0,5}[|｜]\s{0,5}|\s{1,5}[·•∙‧/–—-]\s{1,5}|\s?[;；]\s")
_NUMBER: Final = r"[~≈]?\d{1,5}(?:[.,]\d{1,3})?\s?(?:%|k\b|/\s?\d{1,3})?"
_DETAIL: Final = re.compile(
    rf"""(?:{_NUMBER}\s?)?(?:min(?:ute)?s?\.?|hours?|hrs?)
      (?:[ -](?:of\s)?(?:read(?:ing)?|lesezeit))?
    | (?:reading\ time|lesezeit|temps\ de\ lecture)\W{{0,3}}{_NUMBER}\s?\w{{0,8}}
    | [⭐★☆✩✭🌟✨🔥👍❤\ufe0f\s]{{1,20}}(?:\(?{_NUMBER}\)?)?
    | (?:relevance|score|rating|rank|match|similarity|confidence|priority|novelty|interest|votes?
      |upvotes?|likes?|stars?|points?|citations?|cited\ by|views?|downloads?|altmetric|reads)
      (?:\ (?:score|rating|rank|level))?\s?[:=：]?\s?\#?{_NUMBER}
    | {_NUMBER}\s?(?:match|relevance|relevant|similarity|upvotes?|votes?|likes?|stars?|points?
      |citations?|comments?|views?|downloads?|reads|pages?|authors?|figures?)
    | {_NUMBER}
    | (?:(?:journal\ )?impact\ factor|jif|if|sjr|snip|citescore|h-index)\s?[:=：]?\s?{_NUMBER}
    | q[1-4] | (?:jcr|sjr)\s?:?\s?q[1-4]
    | (?:open|free|subscription|restricted|gold|green|hybrid|full)\ (?:access|oa)
    | (?:not\ (?:yet\ )?)?peer[ -]reviewed | pre-?print | post-?print | oral | spotlight | poster
    | (?:arxiv|biorxiv|medrxiv|ssrn|chemrxiv)(?:\ (?:preprint|e-?print))?
    | (?:accepted|to\ appear|published|presented|appear(?:s|ed|ing)|forthcoming|in\ press)
      \ (?:at|by|in|to|for|as)\ (?!the\ basis|order|case|means)[^.!?]{{2,120}}\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PLACE: Final = re.compile(
    r"\b(?:Universi|Institut|Laborator|Labs?\b|School\b|College|Academ(?:y|ie|ia)\b|Hospital"
    r"|Polytechni|Hochschule|ETH\b|EPFL\b|Klinik|Facult|Department\b|Max Planck)",
    re.IGNORECASE,
)
# Parts of structured abstracts are called so, too.
_ALSO_PARTS: Final = frozenset(
    [
        "significance",
        "impact",
        "novelty",
        "limitation",
        "limitations",
        "implications",
        "applications",
        "contribution",
        "contributions",
        "highlights",
        "insight",
        "insights",
    ]
) | {
    *("key points", "key findings", "key finding", "key takeaways", "practical implications"),
    *("key contributions", "key contribution", "use cases", "key insight", "key insights"),
}
# "Language: English", but "Design: we asked 40 people." is an abstract's.
_OF_DETAILS: Final = frozenset({"meta"})


@dataclass(frozen=True, slots=True)
class Parted:
    """What of some lines is the abstract, and what is not.

    Attributes
    ----------
    summary : str
        What whoever lists the paper says in its place, "TL;DR"; not the abstract's.
    left_out : tuple of str
        Lines above the abstract of which nobody knows what they are.
    """

    lines: tuple[str, ...]
    summary: str = ""
    left_out: tuple[str, ...] = ()


def begins_abstract(line: str) -> bool:
    """Whether a line is a paragraph of prose, as abstracts consist of."""
    shortest = _SHORTEST_IN_CJK if _CJK.search(line) else _SHORTEST_ABSTRACT
    return len(line) >= shortest and _SENTENCE_END.search(line) is not None


def parted_from_abstract(lines: Sequence[str]) -> Parted:
    """Part an abstract from what somebody wrote above, between and below its paragraphs.

    Parameters
    ----------
    lines : sequence of str
        In order; none is empty.

    Returns
    -------
    Parted
        Where no line is prose, what is known by its words is left out all the same.
    """
    is_structured = any(_role(line)[0] == "part" for line in lines)
    kept: list[str] = []
    summaries: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if kept and _is_open(kept[-1]):
            kept.append(line)
            continue
        role, value = _role(line, is_structured=is_structured)
        if role in {"tldr", "note"} and not value:
            is_below = any(map(begins_abstract, kept)) and not is_structured
            if is_below and role == "note":
                break  # what follows is no abstract's
            if lines[number:] and (is_below or any(map(begins_abstract, lines[number + 1 :]))):
                value, number = lines[number], number + 1
        if role == "tldr" and value:
            summaries.append(value)
        elif not ((role == "note" and value) or is_detail(line)):
            kept.append(line)
    summary = " ".join(summaries)[:MOST_SUMMARY_CHARACTERS]
    return _without_head(kept, summary, is_structured=is_structured)


def _is_open(line: str) -> bool:
    """Whether a sentence of an abstract goes on in the next line."""
    if _SENTENCE_END.search(line):
        return False
    return len(line) >= _SHORTEST_ABSTRACT or _GOES_ON.search(line) is not None


def _without_head(lines: list[str], summary: str, *, is_structured: bool) -> Parted:
    """Leave out the short lines above an abstract in which no sentence ends and none goes on.

    So is a sentence behind a label that no other line has.
    """
    first = next((n for n, line in enumerate(lines) if begins_abstract(line)), 0)
    kept = list(lines[first:])
    left_out: list[str] = []
    below = lines[first] if first else ""
    has_labels = is_structured or any(map(_LABELLED.match, lines[first:]))
    for line in reversed(lines[:first]):
        is_remark = (not has_labels and _is_remark(line)) or (
            _PICTURE.match(line) is not None and _PICTURE.match(below) is None
        )
        if not (is_remark or _is_no_sentence(line, below)):
            kept.insert(0, line)
        elif not (names_periodical(line) or is_place(line)):
            left_out.insert(0, line)
        below = line
    return Parted(tuple(kept), summary, tuple(left_out))


def _role(line: str, *, is_structured: bool = False) -> tuple[str, str]:
    """Return what the label of a line says that it is, and what stands behind; or nothing."""
    said = _without_marks(line)
    short = _TLDR.match(said)
    if short is not None:
        return "tldr", said[short.end() :].strip()
    found = label_in((), (said,))
    if found is None and len(said) <= _LONGEST_LABEL:
        found = label_in(("#",), ("", said))
    if found is None:
        return "", ""
    role, value = found
    word = " ".join(re.split(r"[:：]", said, maxsplit=1)[0].casefold().split())
    if role == "note" and word in _ALSO_PARTS and (is_structured or not value):
        return "part", value
    return role, value


def is_detail(line: str) -> bool:
    """Whether a line is scores, fields, venues and the like, and nothing else."""
    if len(line) > _LONGEST_DETAIL:
        return False
    said = _without_marks(line)
    if not said:
        return True
    if _says_detail(said):
        return True
    split = _PARTS.split(line)
    parts = [part for part in map(_without_marks, split) if part]
    if not 1 < len(split) <= _MOST_PARTS:
        return False
    known = [_says_detail(part) for part in parts]
    # "A Journal | IF 5.1": what stands beside them is one, too, if it is no sentence.
    others = [part for part, is_known in zip(parts, known, strict=True) if not is_known]
    return any(known) and len(others) <= 1 and not any(map(_is_said, others))


def is_place(line: str) -> bool:
    """Whether a line says where people work, and no sentence."""
    return len(line) <= _LONGEST_HEAD and _PLACE.search(line) is not None and not _is_said(line)


def _says_detail(text: str) -> bool:
    if any(known(text.strip("()[]")) for known in (is_score, is_category, is_venue, is_day)):
        return True
    if _DETAIL.fullmatch(text):
        return True
    found = label_in((), (text,))
    if found is None or found[0] not in _OF_DETAILS or not found[1]:
        return False
    return not _is_said(found[1])


def _is_said(text: str) -> bool:
    """Whether a text is a sentence, or one within it ends."""
    return (
        _PROSE.search(text) is not None
        or re.search(r"[a-z]{3}[.!?]\s+[A-Z]", text) is not None
        or len(text) > _SHORTEST_ABSTRACT
    )


def _is_no_sentence(line: str, below: str) -> bool:
    is_short = len(line) <= _LONGEST_HEAD
    is_sentence = _SENTENCE_END.search(line) is not None and not _is_name(line)
    if not is_short or is_sentence or _GOES_ON.search(line):
        return False
    if _PROSE.search(line) or _MATHS.search(line):
        return False
    begins = below.lstrip("\"'“”‘’„«([")[:1]
    return bool(begins) and not begins.islower() and begins.isalnum()


def _is_remark(line: str) -> bool:
    """Whether a line is what somebody says behind a label: "Editor's note: …"."""
    return len(line) <= _LONGEST_REMARK and _LABELLED.match(_without_marks(line)) is not None


def _is_name(line: str) -> bool:
    """Whether all words are written as in names: "Phys. Rev. Lett."."""
    words = [word for word in line.split() if word not in _LITTLE]
    return len(words) <= _MOST_WORDS_OF_A_NAME and all(word[:1].isupper() for word in words)


def _without_marks(line: str) -> str:
    """Take pictures and bullets from before a text."""
    return _MARKS_BEFORE.sub("", line.strip(), count=1) if not line[:1].isalnum() else line.strip()


def told_of(left_out: Sequence[Sequence[str]], abstracts: int) -> list[tuple[int, str]]:
    """Return what is to be told of lines above abstracts that were left out.

    Where half of a list's papers have one, it is the list's form: a journal, a field.

    Parameters
    ----------
    left_out : sequence of sequence of str
        Of each paper.
    abstracts : int
        How many papers have an abstract.

    Returns
    -------
    list of tuple of int and str
        The place of a paper, and what was left out of it.
    """
    places = [place for place, lines in enumerate(left_out) if lines]
    if len(places) > 1 and 2 * len(places) >= abstracts:
        return []
    return [(place, _told(left_out[place][0])) for place in places]


def _told(line: str) -> str:
    return (
        f"'{line[:_LONGEST_SHOWN]}' above the abstract is left out, for no sentence ends in it; if "
        "it is part of the abstract, add the paper by itself"
    )

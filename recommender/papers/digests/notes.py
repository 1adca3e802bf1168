"""Room 1, papers: which item of a digest is a note to its readers, and no paper. Pure.

Below a heading of its own, it looks like a paper that has nothing but an abstract. But what a title
says, its abstract says again; abstracts of one digest are about as long as each other; and no
abstract speaks to the readers of a digest. Of 5,204 papers of the archive and 9,570 of hf-authors,
none lacks two of these, and none the first with a title of up to three words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.digests.title_lines import share_said_again
from recommender.papers.text.calendar_dates import mentions_a_day
from recommender.papers.text.event_days import is_of_event

_TO_READERS: Final = re.compile(
    r"\b(?:you|yours?|subscrib\w*|newsletters?|(?:this|our) digest|mailing list|our readers?"
    r"|(?:this|next|last) (?:week|month)|next (?:issue|edition|time)|this edition"
    r"|(?:on|until|by|every|each) (?:mon|tues|wednes|thurs|fri|satur|sun)days?|tomorrow|tonight"
    r"|see you|let us know|tell us|please|room \d{1,4}|we meet|ihnen|euch|eure[mnrs]?|dein\w{0,2}"
    r"|rundbrief|abonn\w+|vous|votre|vos|ustedes|suscri\w+|vosotros)\b",
    re.IGNORECASE,
)
# What titles and any text have in common.
_SMALL: Final = re.compile(
    r"\b(?:from|with|without|this|that|these|those|what|when|where|which|have|more|some|about|into"
    r"|over|than|then|they|them|their|there|here|will|also|only|just|very|much|many|most|other"
    r"|good|first|last|next|know|eine[mnrs]?|über|nicht|auch|dies\w{0,2}|avec|pour|dans|para|sobre)\b",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(r"[^\W\d_]{4}")
_SHORT_WORD: Final = re.compile(r"\w{2,}")
_SHORT: Final = 1 / 2
_VERY_SHORT: Final = 0.3
_LITTLE: Final = 1 / 3
_ABSTRACT: Final = 150
"""Of abstracts of a sentence or two many do not say their titles again."""
_MANY: Final = 0.4
_FEW_WORDS: Final = 3
_SIGNS: Final = 2
_FEWEST: Final = 2


def first_note(entries: Sequence[DigestEntry]) -> int | None:
    """Return the place of the first entry that reads like a note among papers; None without one.

    Parameters
    ----------
    entries : sequence of DigestEntry
        All of the digest. What has authors or an identifier is a paper, and what lacks the
        identifier that all others have may well be none.
    """
    said = [_share_said_again(entry) for entry in entries]
    # In languages without spaces hardly any abstract shows that it says its title again.
    again = sum(share > 0 for share in said)
    identified = sum(bool(entry.arxiv_id or entry.doi) for entry in entries)
    usual = median(len(entry.abstract) for entry in entries)
    for place, (entry, share) in enumerate(zip(entries, said, strict=True)):
        others, again_by_others = len(entries) - 1, again - (share > 0)
        may_tell = others > 0 and again_by_others >= _MANY * others and usual >= _ABSTRACT
        is_surely_paper = entry.authors or entry.arxiv_id or entry.doi
        lacks_id = others >= _FEWEST and identified == others
        if may_tell and not is_surely_paper and _is_note(entry, share, usual, lacks_id=lacks_id):
            return place
    return None


def _share_said_again(entry: DigestEntry) -> float:
    title = _SMALL.sub(" ", entry.title)
    if _COMPARED.search(title):
        return share_said_again(title, entry.abstract)
    # "SAM 2" has no word that would be compared.
    words = _SHORT_WORD.findall(title.casefold())
    return float(any(word in entry.abstract.casefold() for word in words))


def speaks_to_readers(text: str) -> bool:
    """Whether a text speaks to the readers of a digest, or of what comes when."""
    return _TO_READERS.search(text) is not None or (is_of_event(text) and mentions_a_day(text))


def _is_note(entry: DigestEntry, said_again: float, usual: float, *, lacks_id: bool) -> bool:
    length = len(entry.abstract)
    is_unsaid = not said_again or (length < _VERY_SHORT * usual and said_again < _LITTLE)
    if not said_again and len(entry.title.split()) <= _FEW_WORDS:
        return True
    signs = (
        is_unsaid,
        length < _SHORT * usual,
        speaks_to_readers(entry.abstract),
        lacks_id,
    )
    return sum(signs) >= _SIGNS

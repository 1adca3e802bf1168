"""Room 1, papers: what all titles or abstracts of a digest have around them, and is none of them.

What stands in the same place in all of them is the digest's: a word for "abstract" is taken away,
and what is not understood refuses the digest. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.title_lines import share_said_again
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.calendar_dates import is_day
from recommender.papers.text.paper_details import is_category, is_score, is_venue

_ABSTRACT: Final = re.compile(
    r"[\[(*_]{0,3}(?:abstract|summary|zusammenfassung|résumé|resumen|riassunto|摘要|概要|要旨)"
    r"(?:[\])*_]{1,3}\s?[—–:：.|>-]{0,2}|\s?[—–:：|>]|\.|\s-)[\])*_]{0,3}\s*(?=[^\W_]|[\"“'(\[$\\])",
    re.IGNORECASE,
)
_QUOTES: Final = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」", "(": ")", "[": "]"}
_TITLES_MAY_BEGIN: Final = frozenset("\"“‘'«「《([{$\\.¿¡")
_LABEL: Final = re.compile(
    r"\W{0,4}(?P<word>[^\W\d_][^:：]{0,24}?)[*_\])]{0,3}\s?[:：]\s?[*_]{0,3}"
)
_BEGUN: Final = re.compile(r"(?P<begun>[^:：–—]{3,60}?)(?:\s?[:：]|\s[-–—])\s")
_ET_AL: Final = re.compile(r"\bet\.? al\b", re.IGNORECASE)
_TAIL: Final = re.compile(r"(?:,\s|\s[-–—|·/]{1,2}\s|\s(?=[(\[#+@])|:\s)(?P<tail>[^,|·]{1,60})\Z")
_THANKS: Final = re.compile(r"[(\[]?(?:via|h/t|thanks|thx|from @|by @|#\w|\+\d|@\w)", re.IGNORECASE)
_BEHIND_SENTENCE: Final = re.compile(r"[.?!][\"”’)]?\s+(?P<tail>[^.?!:/]{1,40})\Z")
_DIGITS: Final = re.compile(r"\d+")
_LINK_BEHIND: Final = re.compile(
    r"\s*(?:[(\[<]?\s?(?:(?:link|paper|url|arxiv|pdf|doi|read more|read|more|source|full text|see)"
    r"\s?[:：]?\s?(?:at\s)?)?"
    r"(?P<link>https?://\S{8,300}?|(?:arxiv|doi)\s?:\s?\S{6,80}?|\d{4}\.\d{4,5}(?:v\d)?)\s?[)\]>]?)\Z",
    re.IGNORECASE,
)
_SEVERAL: Final = 3
_FEW: Final = 2
_FIRST_WORDS: Final = 5
_ABSTRACT_LENGTH: Final = 120
_LAST_WORDS: Final = 4
_LONGEST_SHOWN: Final = 60


def without_alike(entries: Sequence[DigestEntry], numbers: Sequence[int]) -> list[DigestEntry]:
    """Return the papers without what stands around all abstracts alike.

    Parameters
    ----------
    entries : sequence of DigestEntry
        All of a digest.
    numbers : sequence of int
        The line of each title.

    Raises
    ------
    DigestError
        Where something stands around all titles or abstracts of which nobody knows what it is.
    """
    bare = [replace(each, abstract=_without_word(each.abstract)) for each in entries]
    bare = _without_quotes(_without_links(bare))
    if len(bare) >= _FEW:
        _require_own_titles(bare, numbers)
        _require_own_abstracts(bare, numbers)
    return bare


def _without_word(abstract: str) -> str:
    found = _ABSTRACT.match(abstract)
    return abstract[found.end() :] if found is not None else abstract


def _without_quotes(entries: list[DigestEntry]) -> list[DigestEntry]:
    """Take quotes and brackets off abstracts that all stand within them."""
    ends = [(each.abstract[:1], each.abstract[-1:]) for each in entries]
    if len(entries) < _FEW or any(_QUOTES.get(first) != last for first, last in ends):
        return entries
    return [replace(each, abstract=each.abstract[1:-1].strip()) for each in entries]


def _without_links(entries: list[DigestEntry]) -> list[DigestEntry]:
    """Take the address of each paper from the end of its abstract, where all have one there."""
    found = [_LINK_BEHIND.search(each.abstract[-400:]) for each in entries]
    ids = [identifiers_of(each["link"]) if each is not None else (None, None) for each in found]
    if not all(map(any, ids)) or len(set(ids)) < len(ids):
        return entries
    return [
        replace(
            each,
            abstract=each.abstract[: len(each.abstract) - len(link[0])].rstrip(" (["),
            arxiv_id=arxiv_id or each.arxiv_id,
            doi=doi or each.doi,
            url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else f"https://doi.org/{doi}",
        )
        for each, link, (arxiv_id, doi) in zip(entries, found, ids, strict=True)
        if link is not None
    ]


def _require_own_titles(entries: Sequence[DigestEntry], numbers: Sequence[int]) -> None:
    titles = [each.title for each in entries]
    for title, number in zip(titles, numbers, strict=True):
        if title.endswith((":", "：")):
            raise _beside(number, title, "title")
    first = _in_all(titles, lambda text: text[:1])
    if first and not first.isalnum() and first not in _TITLES_MAY_BEGIN:
        raise _beside(numbers[0], first, "title")
    label = _in_all(titles, _label)
    if label:
        raise _beside(numbers[0], label, "title")
    last = _in_all(titles, _last_sign)
    if last and len(titles) >= _SEVERAL:
        raise _beside(numbers[0], titles[0][-_LONGEST_SHOWN:], "title")
    most = max(_FEW, (len(titles) + 1) // 2)
    odd = [place for place, each in enumerate(entries) if _says_other(each)]
    if len(odd) >= most:
        raise _beside(numbers[odd[0]], titles[odd[0]], "title")


def _says_other(entry: DigestEntry) -> bool:
    """Whether something of a paper's that is not its title stands before or behind the title."""
    tail, begun = _TAIL.search(entry.title[-80:]), _BEGUN.match(entry.title)
    said = tail["tail"] if tail is not None else ""
    if _ET_AL.search(entry.title) or _THANKS.match(said):
        return True
    known: tuple[Callable[[str], bool], ...] = (is_venue, is_day, is_score, is_category)
    if any(is_known(said.strip("()[]")) for is_known in known):
        return True
    names = begun["begun"] if begun is not None else ""
    return " " in names and bool(names_alone(names)) and not share_said_again(names, entry.abstract)


def _require_own_abstracts(entries: Sequence[DigestEntry], numbers: Sequence[int]) -> None:
    abstracts = [each.abstract for each in entries]
    if len({each.casefold() for each in abstracts}) == 1:
        return  # copies, which say the same in all
    first = _in_all(abstracts, lambda text: text[:1])
    if first and not first.isalnum() and first not in "$\\'":
        raise _beside(numbers[0], abstracts[0], "abstract")
    label = _in_all(abstracts, _label)
    if label:
        raise _beside(numbers[0], label, "abstract")
    if len(abstracts) < _SEVERAL:
        return
    are_long = all(len(each) >= _ABSTRACT_LENGTH for each in abstracts)
    begun = _in_all(abstracts, lambda text: " ".join(text.split()[:_FIRST_WORDS]))
    if begun and are_long:
        raise _beside(numbers[0], begun, "abstract")
    last = _in_all(abstracts, _last_words if are_long else _last_sign)
    if last:
        raise _beside(numbers[0], abstracts[0][-_LONGEST_SHOWN:], "abstract")


def _label(text: str) -> str:
    found = _LABEL.match(text)
    return found["word"] if found is not None else ""


def _last_sign(text: str) -> str:
    """Return what stands behind the last sentence of a text, or ends it and is no word."""
    behind = _BEHIND_SENTENCE.search(text[-80:])
    if behind is not None:
        return _DIGITS.sub("0", behind["tail"])
    word = text.rsplit(maxsplit=1)[-1]
    if not word.strip(".…[]()"):
        return ""  # as digests write where they cut abstracts
    if word.isdigit():
        return word  # the same in all, not any number: "Part 1", "Part 2"
    if word[0] in "#@":
        return word[0]
    # A formula is a title's own.
    return "" if word[0].isalpha() or word[0] == "$" else _DIGITS.sub("0", word)


def _last_words(text: str) -> str:
    return _last_sign(text) or " ".join(text.split()[-_LAST_WORDS:])


def _in_all(texts: Sequence[str], part: Callable[[str], str]) -> str:
    """Return the part that all texts have alike, nothing where they differ."""
    parts = {part(text).casefold() for text in texts}
    return part(texts[0]) if len(parts) == 1 else ""


def _beside(number: int, said: str, of_what: str) -> DigestError:
    return DigestError(
        f"line {number}",
        f"'{said[:_LONGEST_SHOWN]}' stands with the {of_what}s and may be none of them; write "
        "'Title:' before titles and 'Abstract:' before abstracts, and what else is said of a paper "
        "on a line of its own, or take it out",
    )

"""What somebody looks for among the papers, and what is found. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

MOST_CHARACTERS: Final = 300
"""Of what somebody looks for; what is longer is cut, for nobody types it."""
MOST_TERMS: Final = 12

NAMES_APART: Final = "¦"
"""Stands between the names of authors where they are looked for, and in nothing that is typed."""

_FIELD: Final = "(?:author|after|before|year):"
_PART: Final = re.compile(
    r"(?P<without>(?<!\S)-(?=author:))?"
    rf'(?P<field>{_FIELD})\s*(?:"(?P<quoted>[^"]*)"?|(?P<bare>(?!{_FIELD}|-author:)\S*))'
    r'|(?P<minus>(?<!\S)-(?=["\w]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
# As telephones and several languages write them.
_ONE_QUOTE: Final = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))
_NO_WORD: Final = re.compile(r"[\W_]+")
_NO_TEXT: Final = re.compile(rf"[\x00-\x1f\x7f-\x9f{NAMES_APART}]")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})(?:([-./])([0-9]{1,2})(?:\2([0-9]{1,2}))?)?\Z")
_YEAR_LAST: Final = re.compile(r"(?:([0-9]{1,2})(?=([./])[0-9]+\2)\2)?([0-9]{1,2})[./]([0-9]{4})\Z")
_LEAST_BEGUN: Final = 2
"""Characters of a word that may go on: nearly every paper has one that begins with the C of C++."""


@dataclass(frozen=True, slots=True)
class PaperSearch:
    """What somebody looks for; all of it has to be true of a paper.

    Attributes
    ----------
    terms : tuple of str
        What stands somewhere in a paper. The words of one term stand behind each other, as they do
        in "few-shot".
    authors : tuple of str
        What stands in the name of one author: each word, in this order, with others between them.
    excluded : tuple of str
        What stands nowhere in a paper; as `terms` are, and only beside other terms or authors.
    excluded_authors : tuple of str
        As `authors` are, of people who wrote none of the papers; only beside terms or authors.
    identifiers : tuple of str
        What papers are known by, where `terms` name them and nothing else: ``arxiv:1706.03762``.
        One of them is true of a paper; where of none, what `terms` say.
    since, until : date or None
        The first and the last day.
    is_begun : bool
        The last term may be the beginning of a longer word.
    """

    terms: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    excluded_authors: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    is_begun: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return self == PaperSearch(is_begun=self.is_begun)

    @property
    def is_backwards(self) -> bool:
        """Whether its first day is later than its last."""
        return self.since is not None and self.until is not None and self.since > self.until


class Piece(NamedTuple):
    """A part of a text, and whether it is what was looked for."""

    text: str
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class FoundText:
    """What of a paper's title and abstract was looked for; of the abstract a part is told."""

    title: tuple[Piece, ...]
    abstract: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes
    ----------
    paper_ids : tuple of int
        The best first.
    is_more : bool
        There are more, which nobody turns to.
    pattern : str
        What stands in each of them, in the words of who looked; empty: anything.
    """

    paper_ids: tuple[int, ...] = ()
    is_more: bool = False
    pattern: str = ""


def parse_search(
    words: str, *, author: str = "", after: str = "", before: str = "", stop_words: frozenset[str]
) -> PaperSearch:
    """Return what somebody looks for, whatever they typed.

    Parameters
    ----------
    words : str
        Words, phrases in quotes, and ``author:``, ``after:``, ``before:`` or ``year:`` with a word
        or a phrase in quotes. A minus before a word, a phrase or ``author:`` says that no paper
        may have it.
    author, after, before : str
        What stands in fields of their own.
    stop_words : frozenset of str
        Words that nearly every paper has. They are left out where others are looked for, but not
        within quotes.

    Examples
    --------
    >>> parse_search('"graph networks" author:doe before:2024', stop_words=frozenset()).terms
    ('graph networks',)
    """
    search = PaperSearch(authors=_terms(author), since=_first_day(after), until=_last_day(before))
    terms: list[str] = []
    excluded: list[str] = []
    is_begun = False
    for part in _PART.finditer(words[:MOST_CHARACTERS].translate(_ONE_QUOTE)):
        if part["without"]:
            unwanted = _terms(part["quoted"] or part["bare"] or "")
            search = replace(search, excluded_authors=(*search.excluded_authors, *unwanted))
        elif part["field"]:
            search = _narrowed(
                search, part["field"].lower().rstrip(":"), part["quoted"] or part["bare"] or ""
            )
        else:
            (excluded if part["minus"] else terms).extend(
                _terms(part["phrase"] or part["word"] or "")
            )
            is_begun = part["word"] is not None and not part["minus"]
    if not terms and not search.authors and (excluded or search.excluded_authors):
        return PaperSearch()  # who is told to write a word knows what is missing
    terms = list(dict.fromkeys(terms))
    telling = [each for each in terms if each.casefold() not in stop_words] or terms[:1]
    return replace(
        search,
        terms=tuple(telling[:MOST_TERMS]),
        authors=tuple(dict.fromkeys(search.authors))[:MOST_TERMS],
        excluded=tuple(dict.fromkeys(excluded))[:MOST_TERMS],
        excluded_authors=tuple(dict.fromkeys(search.excluded_authors))[:MOST_TERMS],
        is_begun=is_begun
        and bool(terms)
        and telling[:MOST_TERMS][-1:] == terms[-1:]
        and len(_last_word(terms[-1])) >= _LEAST_BEGUN,
    )


def misread_days(words: str, *, after: str = "", before: str = "") -> tuple[str, ...]:
    """Return what was written as a date of a search and is none, in the order of writing.

    Examples
    --------
    >>> misread_days("video after:soon year:2024", before="2025-13")
    ('soon', '2025-13')
    """
    named = [
        part["quoted"] or part["bare"] or ""
        for part in _PART.finditer(words[:MOST_CHARACTERS].translate(_ONE_QUOTE))
        if part["field"] and part["field"].lower() != "author:"
    ]
    written = (text.strip() for text in (*named, after, before))
    return tuple(dict.fromkeys(each for each in written if each and _first_day(each) is None))


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text, which have letters and digits only, small and without accents."""
    yield from filter(None, _NO_WORD.split(folded(text)))


def most_between(words: int) -> int:
    """Return how many further names and initials may stand between the words of an author's name.

    The ways in which they can multiply with the words, and a database tries each.
    """
    return {2: 3, 3: 1}.get(words, 0)


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    if not text.isascii():
        apart = unicodedata.normalize("NFD", text)
        text = "".join(each for each in apart if not unicodedata.combining(each))
    return text.lower()


def _narrowed(search: PaperSearch, field: str, value: str) -> PaperSearch:
    if field == "author":
        return replace(search, authors=(*search.authors, *_terms(value)))
    first, last = _first_day(value), _last_day(value)
    if field == "year":
        return replace(search, since=first or search.since, until=last or search.until)
    if field == "after":
        return replace(search, since=first or search.since)
    return replace(search, until=last or search.until)


def _terms(text: str) -> tuple[str, ...]:
    """Return a text as one term; none where it has no letter and no digit."""
    # Half of a pair of surrogates cannot be written down, and databases end a text at a NUL.
    text = text[:MOST_CHARACTERS].encode("utf-8", "ignore").decode()
    text = " ".join(unicodedata.normalize("NFC", _NO_TEXT.sub(" ", text)).split())
    return (text,) if any(character.isalnum() for character in text) else ()


def _last_word(term: str) -> str:
    *_, last = ["", *words_of(term)]
    return last


def _first_day(text: str) -> date | None:
    """Return the first day of a day, a month or a year; None for what is none."""
    return next(_days(text), None)


def _last_day(text: str) -> date | None:
    """Return the last day of a day, a month or a year; None for what is none."""
    *_, last = [None, *_days(text)]
    return last


def _days(text: str) -> Iterator[date]:
    """Yield the first and the last day that a text names; none where it may name two."""
    readings = {each for each in map(_first_and_last, _readings(text.strip())) if each}
    if len(readings) == 1:
        yield from readings.pop()


def _readings(text: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield year, month and day as a text may mean them; what is none among them too."""
    if found := _YEAR_FIRST.match(text):
        yield found[1], found[3], found[4]
    elif found := _YEAR_LAST.match(text):
        day, sign, month, year = found.groups()
        yield year, month, day
        if sign == "/":
            yield year, day, month


def _first_and_last(named: tuple[str, str | None, str | None]) -> tuple[date, date] | None:
    year, month, day = (int(each) if each else None for each in named)
    try:
        first = date(year or 0, month or 1, day or 1)
        if day is not None:
            return first, first
        if month is not None:
            return first, date(first.year, month, monthrange(first.year, month)[1])
        return first, date(first.year, 12, 31)
    except ValueError:
        return None

"""Room 1, papers: who wrote a paper, in a line of its own or behind a linked title. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.mails.html_words import is_kind, is_navigation
from recommender.papers.text.around_abstracts import is_place
from recommender.papers.text.author_lists import (
    are_family_names_first,
    authors_of,
    has_word_of_no_name,
    names_alone,
)
from recommender.papers.text.bylines import (
    parted_byline,
    people_at_places,
    without_brackets,
    without_note_marks,
)
from recommender.papers.text.labels import label_in
from recommender.papers.text.paper_details import names_a_field, names_periodical
from recommender.papers.text.plain_text import clean_line

_LONGEST_LINE: Final = 20_000
_SHORTEST_TEXT: Final = 120
_MARKS: Final = " ,;:.–—-|·•/()[]"
_BY: Final = re.compile(r"(?:by|von|par|por|di|door|av|af|authors?:)\s", re.IGNORECASE)
# Where a list of names ends: a year, a bracket, an abstract behind a colon or a stop.
_ENDS: Final = re.compile(r"[,;.:]?\s[(\[]|[,;.]?\s(?=(?:19|20)\d\d\b)|[:.]\s|\s[–—|·•-]\s")
_YEAR_FIRST: Final = re.compile(r"\A(?:19|20)\d\d\b[)\]]?")
# "NeurIPS" and "ICML" are nobody's only name.
_ACRONYM: Final = re.compile(r"[A-Za-z]{0,8}[A-Z][a-z]{0,4}[A-Z]\w{0,8}")
_MOST_ENDS: Final = 20
_PART: Final = re.compile(r"[,;]\s")
_MOST_PLACES: Final = 4
_BETWEEN_NAMES: Final = re.compile(r",\s(?:and\s)?|;\s|\sand\s|\s&\s")
_FEWEST_NAMES: Final = 3
_MOST_WORDS_OF_A_NAME: Final = 5
# "#35123 (LS PE)", as economists number their papers, with programmes.
_SERIES_NUMBER: Final = re.compile(
    r"\s#\d{2,6}(?:\s\([A-Z]{2,4}(?:[ ,]{1,2}[A-Z]{2,4}){0,9}\))?\s{0,9}\Z"
)
_FROM: Final = re.compile(r"(?:from|at|aus|affiliations?:?|institutions?:?)\s", re.IGNORECASE)
# "Google DeepMind and Meta AI": of such alone nobody knows whether they are authors.
_COMPANY: Final = re.compile(
    r"\b(?:AI|DeepMind|Google|Microsoft|Meta|Nvidia|NVIDIA|IBM|Amazon|Apple|Alibaba|Tencent|Baidu"
    r"|Huawei|ByteDance|Anthropic|CNRS|Inria|INRIA|MIT|CERN|NASA|Research|Laborator(?:y|ies)|Labs?)\b"
)
_OTHERS: Final = re.compile(r",?\s*(?:\+|and)\s\d+\s(?:more|others)\b.*")

People = Callable[[str], tuple[str, ...]]
"""Reads a line of authors; gives none where it is no such line."""


def people_of(line: str) -> tuple[str, ...]:
    """Return who wrote a paper where a line says that and nothing else, else none.

    Where people work, a field and the journal that they wrote in are nobody.
    """
    line = without_note_marks(_OTHERS.sub(" ", _SERIES_NUMBER.sub("", line)))
    label = label_in((), (line,))
    if label is not None and label[0] == "authors":
        return _authors_of(label[1])
    if is_kind(line) or _FROM.match(line):
        return ()
    line, _ = parted_byline(line)
    placed = without_brackets(line)
    if is_place(placed):
        return people_at_places(placed)
    names = _authors_of(line) if names_alone(line) or _are_mostly_names(line) else ()
    # "Ann Bee recommends" says who liked it.
    is_other = len(names) == 1 and (names_periodical(names[0]) or has_word_of_no_name(names[0]))
    are_others = bool(names) and all(names_a_field(name) or _is_company(name) for name in names)
    return () if is_other or are_others else names


def authors_in_column(text: str) -> tuple[str, ...]:
    """Return who is named in a cell below the head "Authors"."""
    return people_of(text) or _authors_of(text)


def _is_company(name: str) -> bool:
    return _COMPANY.search(name) is not None


def _authors_of(names: str) -> tuple[str, ...]:
    people = authors_of([names], inverted=are_family_names_first([names]))
    # "Doe et al., Nature"
    return tuple(name for name in people if " " in name or not names_periodical(name))


def _are_mostly_names(line: str) -> bool:
    """Whether a list is one of people, some of which have one name or write it in small letters."""
    parts = [part.split() for part in _BETWEEN_NAMES.split(line[:_LONGEST_LINE])]
    if len(parts) < _FEWEST_NAMES or max(map(len, parts)) > _MOST_WORDS_OF_A_NAME:
        return False
    full = sum(
        len(words) > 1 and all(word[:1].isupper() for word in (words[0], words[-1]))
        for words in parts
    )
    # Where a paper appeared has commas too, and numbers.
    is_other = any(map(str.isdigit, line)) or line.rstrip().endswith((":", "?", "!"))
    return 3 * full >= 2 * len(parts) and not is_other


@dataclass(frozen=True, slots=True)
class Behind:
    """What a line says of a paper behind its title; ``text`` is long enough for an abstract.

    Attributes
    ----------
    is_sentence : bool
        The line goes on with a word.
    """

    authors: tuple[str, ...] = ()
    text: str = ""
    is_sentence: bool = False


def behind_title(line: Line, link: Link, people: People) -> Behind:
    """Read what stands behind a title in its line.

    Who is named without "by" is not alone: one name may be a journal's.

    Parameters
    ----------
    people : callable
        Reads names where a text is nothing else, as `people_of` does.
    """
    rest = line.text.partition(link.text)[2][:_LONGEST_LINE]
    for other in line.links:
        if other is not link and other.text and is_navigation(other.text):
            rest = rest.replace(other.text, " ", 1)
    rest = clean_line(rest)
    is_word = rest[:1].isalnum()
    rest = _YEAR_FIRST.sub("", rest.lstrip(_MARKS), count=1).lstrip(_MARKS)
    by = _BY.match(rest)
    authors, behind = _names_first(rest[by.end() if by else 0 :], people)
    if not authors or (by is None and len(authors) == 1):
        authors, behind = (), rest
    is_text = len(behind) >= _SHORTEST_TEXT and not behind[:1].islower()
    text = behind if is_text else ""
    return Behind(authors, text, is_sentence=is_word and not authors and not text)


def _names_first(text: str, people: People) -> tuple[tuple[str, ...], str]:
    """Part the names that a text begins with from what is behind them."""
    names = _names(text, people)
    if names:
        return names, ""
    for number, end in enumerate(_ENDS.finditer(text)):
        if number == _MOST_ENDS:
            break
        head = text[: end.start()]
        names = _names(head, people)
        if names:
            return names, text[end.end() :].lstrip(_MARKS)
    return (), text


def _names(text: str, people: People) -> tuple[str, ...]:
    """Read names, perhaps before where it appeared: "Ann Bee, Max Roe, NeurIPS 2026"."""
    text = text.rstrip(_MARKS)
    parts = [part.start() for part in _PART.finditer(text)][-_MOST_PLACES:]
    for end in reversed(parts):
        place = text[end:].strip(_MARKS)
        is_place = any(map(str.isdigit, place)) or _ACRONYM.fullmatch(place) is not None
        if not is_place or "(" in place:
            break
        text = text[:end]
    return people(text.rstrip(_MARKS))

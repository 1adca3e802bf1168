"""Room 1, papers: authors on one line with what else is said of a paper, told by the file. Pure.

``Ann Example, Bo Sample · cs.LG · 11 March 2026``: no word says that the first part names people,
but all lines of this shape name some. One line alone may be a title with its field and day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.papers.digests.details import are_bodies, kind_of, parts_of_byline, written_detail
from recommender.papers.digests.markdown_lines import is_all_links
from recommender.papers.digests.prose import SENTENCE_BREAK, is_prose
from recommender.papers.text.author_lists import has_word_of_no_name, names_alone
from recommender.papers.text.paper_details import names_a_field, names_periodical

NumberedLine = tuple[int, str]

_LONGEST: Final = 1_500
_LONGEST_PLACE: Final = 100
_FEWEST: Final = 2
_LINK_BEHIND: Final = re.compile(
    r"(?P<before>.*?\S)(?:\s?[,;.:]\s{1,3}|\s{1,3})[(\[]?"
    r"(?P<link>(?:\[[^\[\]]{1,80}\]\(https?://[^\s()]{1,500}\)|<?https?://[^\s<>]{1,500}>?"
    r"|(?:doi|arxiv)\s?:\s?\S{5,200}))[)\].]?\Z",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"[ \t]{0,40}(?:>[ \t]?){0,5}(?:[-*+•][ \t]+)?")
_MARKED: Final = re.compile(r"#|\*\*|__|\[|\d{1,4}[.)]|\||!|<|:")
_INITIAL: Final = re.compile(r"\b[^\W\d_]{1,2}\.")
_ET_AL: Final = re.compile(r",?\s+(?:et\.?\s+al\.?|u\.\s?a\.)\Z")
_SEVERAL: Final = re.compile(r",|;|\band\b|\bund\b|\bet\b|&|，|、")
_LAST_COMMA: Final = re.compile(r"(?P<names>.+?)\s?[,.;]\s(?P<place>[^,;]{2,100})\Z")


@dataclass(frozen=True, slots=True)
class _Byline:
    """A line of several parts, of which at least one says what it is.

    ``is_parted`` says whether a bar, a dot or a dash stands between all of them.
    """

    place: int
    begin: str
    parts: tuple[str, ...]
    kinds: tuple[str, ...]
    is_parted: bool

    @property
    def unknown(self) -> list[str]:
        return [part for part, kind in zip(self.parts, self.kinds, strict=True) if not kind]


def with_parted_bylines(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Write each part of such lines on a line of its own, authors with their label.

    Parameters
    ----------
    lines : sequence of (int, str)
        Each with its number in the file.

    Returns
    -------
    list of (int, str)
        Lines of a shape stay as they are where one of them may name something else.
    """
    found = [each for place, (_, raw) in enumerate(lines) if (each := _byline(place, raw))]
    shapes: dict[tuple[str, ...], list[_Byline]] = {}
    for each in found:
        shapes.setdefault(each.kinds, []).append(each)
    instead: dict[int, list[str]] = {}
    for alike in shapes.values():
        for each, said in _said(alike):
            instead[each.place] = [each.begin + line for line in said]
    return [
        (number, text)
        for place, (number, raw) in enumerate(lines)
        for text in instead.get(place, [raw])
    ]


def _byline(place: int, raw: str) -> _Byline | None:
    if len(raw) > _LONGEST or not raw.strip():
        return None
    begin = _BULLET.match(raw)[0]  # type: ignore[index]
    text = raw[len(begin) :].strip()
    if _MARKED.match(text):
        return None
    parts = parts_of_byline(text)
    behind = _LINK_BEHIND.fullmatch(parts[-1]) if parts else None
    is_parted = behind is None or not is_all_links(behind["link"])
    if behind is not None and not is_parted:
        parts = [*parts[:-1], behind["before"], behind["link"]]
    kinds = tuple(map(kind_of, parts))
    if kinds.count("") not in {1, 2} or len(parts) < _FEWEST or "authors" in kinds:
        return None
    unknown = parts[kinds.index("")]
    if not any(kinds) or is_prose(unknown) or SENTENCE_BREAK.search(_INITIAL.sub("", unknown)):
        return None
    return _Byline(place, begin, tuple(parts), kinds, is_parted)


def _said(alike: Sequence[_Byline]) -> list[tuple[_Byline, list[str]]]:
    """Return what each line of one shape says, nothing where that is not certain."""
    # What stands above all papers may have the shape by chance: "Issue 11 · 2026-03-11".
    for lines in (alike, alike[1:] if len(alike) > _FEWEST else ()):
        parted = [_people_and_place(each.unknown) for each in lines]
        parted = _with_places(parted)
        if not parted or not all(parted):
            continue
        named = [each[0] for each in parted if each]
        several = sum(_SEVERAL.search(each) is not None for each in named)
        enough = len(named) >= _FEWEST or len(names_alone(named[0])) > 1
        if enough and 2 * several >= len(named):
            return [
                (each, _written(each, *two)) for each, two in zip(lines, parted, strict=True) if two
            ]
    if len(alike) >= _FEWEST and set(alike[0].kinds) == {"", "link"} and _are_places(alike):
        return [(each, list(each.parts)) for each in alike]
    return []


def _people_and_place(unknown: Sequence[str]) -> tuple[str, str] | None:
    """Return people and where they published, of parts of which nothing else is known."""
    people, place = unknown[0], unknown[1] if len(unknown) > 1 else ""
    if place and not (_may_be_place(place) and _are_people(people)):
        return None
    return (people, place)


def _with_places(parted: Sequence[tuple[str, str] | None]) -> list[tuple[str, str] | None]:
    """Part a journal from the end of lists of people, where all lists end with one."""
    if any(each is None or each[1] for each in parted):
        return [each if each and _are_people(each[0]) else None for each in parted]
    tails = [_LAST_COMMA.fullmatch(each[0]) for each in parted if each]
    # "SOIL" reads like a part of a list of names.
    named = sum(
        tail is not None and (_is_surely_place(tail["place"]) or " " not in tail["place"])
        for tail in tails
    )
    if not named:
        return [each if each and _are_people(each[0]) else None for each in parted]
    return [
        (tail["names"], tail["place"])
        if tail is not None and _may_be_place(tail["place"]) and _are_people(tail["names"])
        else None
        for tail in tails
    ]


def _are_people(text: str) -> bool:
    named = _ET_AL.sub("", text)
    people = names_alone(named)
    return bool(people) and not are_bodies(people) and not names_periodical(named)


def _is_surely_place(text: str) -> bool:
    return names_periodical(text) or names_a_field(text)


def _may_be_place(text: str) -> bool:
    """Whether a text may be a journal, and is nobody's name."""
    if len(text) > _LONGEST_PLACE or is_prose(text):
        return False
    return _is_surely_place(text) or has_word_of_no_name(text) or not names_alone(text)


def _are_places(alike: Sequence[_Byline]) -> bool:
    """Whether most lines are a journal and an address: each is split, and nothing is left out."""
    places = [each.unknown[0] for each in alike]
    short = all(each.is_parted and len(each.unknown[0]) <= _LONGEST_PLACE for each in alike)
    return short and 2 * sum(map(_is_surely_place, places)) >= len(places)


def _written(byline: _Byline, people: str, place: str) -> list[str]:
    lines = []
    for part, kind in zip(byline.parts, byline.kinds, strict=True):
        if kind:
            lines.append(written_detail(part, kind))
        elif not any(line.startswith("Authors:") for line in lines):
            lines.append(f"Authors: {people}")
            lines += [f"Venue: {place}"] if place else []
    return lines

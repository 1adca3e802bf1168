"""Room 1, papers: what digests say of a paper in few words, several on one line: date, field. Pure.

``**Authors:** Ann Example, Bo Sample | 📅 2026-03-10 | 🏷️ cs.LG``: what stands between bars or dots
is a detail of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.line_roles import byline_of, signed_role
from recommender.papers.digests.markdown_lines import LABELLED_LINK, read_line
from recommender.papers.digests.prose import is_list_of_names
from recommender.papers.text.author_lists import names_alone, normal_name
from recommender.papers.text.calendar_dates import is_day
from recommender.papers.text.conjunctions import BETWEEN_NAMES
from recommender.papers.text.paper_details import is_category, is_score, is_venue

_BEGIN: Final = re.compile(r"[ \t]{0,40}(?:>[ \t]?){0,5}(?:[-*+•][ \t]+)?")
_SEPARATOR: Final = re.compile(
    r"\s{0,5}[|｜]\s{0,5}|\s{1,5}[·•∙‧/]\s{1,5}|\s?[;；]\s{1,5}(?=\W{0,4}[^\W\d_][^:：;]{0,28}[:：])"
)
# Behind names a dash parts, too; between days it does not.
_BEHIND_NAMES: Final = re.compile(rf"{_SEPARATOR.pattern}|\s{{1,5}}[-–—@]\s{{1,5}}")
_SEMICOLON: Final = re.compile(r"[;；]")
_MAY_PART: Final = re.compile(rf"{_SEPARATOR.pattern}|\d\)?\s*\Z")
_DAY_BEHIND: Final = re.compile(
    r"(?:,\s{1,5}|\s{1,5}\()(?P<day>\d[^,()]{5,20}|[^\W\d_][^,()]{4,20}(?:,\s\d{4})?)\)?\Z"
)
_YEAR: Final = re.compile(r"(?<![\w-])(?:19|20)\d\d(?!\w)")
_LONGEST: Final = 5_000
_FEWEST: Final = 2
_MOST: Final = 12
_KEPT: Final = 20_000
_LONGEST_DETAIL: Final = 120
_LABELLED: Final = {
    "authors": "authors",
    "date": "date",
    "meta": "detail",
    "link": "link",
    "id": "link",
}
_PLACE: Final = re.compile(
    r"\b(?:Universi|Institut|Laborator|School\b|College|Academy|Hospital|Polytechni|Hochschule)",
    re.IGNORECASE,
)
_BODY: Final = re.compile(
    rf"{_PLACE.pattern}|\b(?:Labs?|Cent(?:er|re)|Corp|Inc|GmbH|Ltd|Department|Faculty|Ministry)\b",
    re.IGNORECASE,
)
# "and 12 others", "+3 more".
_COUNTED: Final = re.compile(
    r"\d\s?(?:more|others?|authors?|weitere|autres|coauthors?)\b", re.IGNORECASE
)
# "#33510 (LS, PE)", as the NBER has it.
_REPORT: Final = re.compile(
    r"\s\(?#\s?[A-Za-z]{0,4}\d{2,6}\)?(?:\s\([A-Z]{2,6}(?:,\s?[A-Z]{2,6}){0,8}\))?\Z"
)
_LATIN: Final = re.compile(r"[A-Za-z]")
_BRACKETED: Final = re.compile(r"[(\[][^()\[\]]{0,200}[)\]]")
_LONGEST_SHOWN: Final = 60


@lru_cache(_KEPT)
def is_detail(text: str) -> bool:
    """Whether a line is votes, fields, places, and nothing else."""
    if len(text) > _LONGEST_DETAIL:
        return False
    parts = _SEPARATOR.split(text[_BEGIN.match(text).end() :])  # type: ignore[union-attr]
    # "Papers of May 2026" alone is a digest's name.
    if len(parts) > _MOST or (len(parts) == 1 and is_venue(parts[0])):
        return False
    return all(kind_of(part) == "detail" and not _is_labelled(part) for part in parts)


def parted_details(raw: str) -> list[str]:
    """Return a line of several details as a line for each; any other line as it is."""
    if len(raw) > _LONGEST or raw.lstrip()[:1] in {"", "|"} or not _MAY_PART.search(raw):
        return [raw]
    begin = _BEGIN.match(raw)[0]  # type: ignore[index]
    text, is_slanted = _without_emphasis(raw[len(begin) :].strip())
    if sum(1 for _ in islice(_SEPARATOR.finditer(text), _MOST)) == _MOST:
        return [raw]
    parts = _parts(text, _SEPARATOR)
    parts = [*_without_day(parts[0]), *parts[1:]] if parts else []
    if len(parts) < _FEWEST:
        return [raw]
    kinds = [kind_of(parts[0]) or _kind_of_first(text, parts, is_slanted=is_slanted)]
    kinds += [kind_of(part) or ("detail" if _PLACE.search(part) else "") for part in parts[1:]]
    several = kinds.count("authors") + kinds.count("names") > 1
    if several or not all(kinds) or set(kinds) in ({"link"}, {"detail"}):
        return [raw]
    return [begin + written_detail(part, kind) for part, kind in zip(parts, kinds, strict=True)]


def require_names(text: str, number: int) -> str:
    """Return a text of authors, of which each part between bars, dots or dashes is one's name.

    Raises
    ------
    DigestError
        With the first that is none, where it may be a place, a journal, a day.
    """
    parts = _parts(text, _BEHIND_NAMES)
    dated = _YEAR.search(_BRACKETED.sub("", text))
    # "Ann Example, Bo Sample; Example University" would be parted as "Example, Ann; Sample, Bo".
    among = [part for part in _parts(text, _SEMICOLON) if len(names_alone(part)) > 1]
    are_names = len(parts) == 1 or all(map(_is_one_name, parts))
    # What has a number and names nobody would be left out, and its name with it.
    lost = next((part for part in BETWEEN_NAMES.split(text) if _is_lost(part)), "")
    if dated is None and not lost and are_names and (not among or among == [text]):
        return text
    others = [*parts[1:], *_parts(text, _SEMICOLON)[1:]]
    odd = next((part for part in others if not _is_one_name(part)), others[-1] if others else text)
    odd = dated[0] if dated is not None else lost or odd
    raise DigestError(
        f"line {number}",
        f"'{odd[:_LONGEST_SHOWN]}' stands among the authors; write it on a line of its own, with "
        "'Date:', 'Venue:' or 'Affiliation:' before it, and commas between names",
    )


def require_people(authors: Sequence[str], number: int) -> None:
    """Notice institutions where a line without a label seems to name authors.

    Raises
    ------
    DigestError
        With the line, where all of them are.
    """
    if are_bodies(authors):
        raise DigestError(
            f"line {number}",
            f"'{authors[0][:_LONGEST_SHOWN]}' may be an author or a place; write 'Authors:' or "
            "'Affiliation:' before it",
        )


def are_bodies(authors: Sequence[str]) -> bool:
    """Whether all that is named are institutions, which a line below a title may be."""
    return bool(authors) and all(map(_BODY.search, authors))


def has_place(text: str) -> bool:
    """Whether a text names a university, an institute or the like."""
    return _PLACE.search(text) is not None


def without_place(text: str) -> str:
    """Return authors without the place behind a dash, or the number of a report behind ``#``."""
    text = _REPORT.sub("", text)
    *names, place = _parts(text, _BEHIND_NAMES)
    is_behind = len(names) == 1 and _PLACE.search(place)
    return text.rpartition(place)[0].rstrip(" -–—|·•;") if is_behind else text


def _is_lost(part: str) -> bool:
    is_numbered = any(map(str.isdigit, part)) and any(map(str.isalpha, part))
    return is_numbered and not normal_name(part) and _COUNTED.search(part) is None


def _parts(text: str, separator: re.Pattern[str]) -> list[str]:
    """Part a text, but within no link."""
    links = [each.span() for each in LABELLED_LINK.finditer(text)] if "://" in text else []
    parts, begin = [], 0
    for found in separator.finditer(text):
        if not any(low < found.start() < high for low, high in links):
            parts.append(text[begin : found.start()].strip())
            begin = found.end()
    return [part for part in (*parts, text[begin:].strip()) if part]


def parts_of_byline(text: str) -> list[str]:
    """Part a line at bars, dots and dashes, but within no link."""
    return _parts(text, _BEHIND_NAMES)


def _without_day(part: str) -> list[str]:
    """Part authors from the day behind their last comma, or in brackets."""
    if not (kind_of(part) == "authors" or byline_of(part)):
        return [part]
    found = next((each for each in _DAY_BEHIND.finditer(part[-60:]) if is_day(each["day"])), None)
    return [part] if found is None else [part[: -len(found[0])], found["day"]]


def _without_emphasis(text: str) -> tuple[str, bool]:
    line = read_line(0, text) if text[:1] in {"*", "_"} else None
    if line is None or line.rest or line.marks[:1] not in {("_",), ("**",)}:
        return text, False
    return line.texts[1], line.marks[0] == "_"


def _kind_of_first(text: str, parts: list[str], *, is_slanted: bool) -> str:
    """Return whether a first part is names: behind "by", or slanted beside other details."""
    first, slanted = _without_emphasis(parts[0])
    named = byline_of(first) or (first if is_slanted or slanted else "")
    return "names" if len(text) > len(first) and named and is_list_of_names(named) else ""


def kind_of(part: str) -> str:
    """Return authors, date, link or detail of a part that says which it is, otherwise nothing."""
    if is_score(part) or is_category(part) or is_venue(part):
        return "detail"
    line = read_line(0, part)
    if line.label is not None:
        role, value = line.label
        return _LABELLED.get(role, "") if value else ""
    if line.marks and line.marks[0][0] in "#=~^1":
        return ""
    if line.is_links:
        return "link"
    signed = signed_role(line)
    if line.is_day or (signed == "date" and any(map(str.isdigit, line.text))):
        return "date"
    is_known = is_category(line.text) or is_venue(line.text)
    return "detail" if is_known else signed if signed in {"authors", "detail"} else ""


def _is_labelled(part: str) -> bool:
    return (":" in part or "：" in part) and read_line(0, part).label is not None


def written_detail(part: str, kind: str) -> str:
    """Write a detail of which the kind is known, so that it is known on a line of its own."""
    line = read_line(0, part)
    if kind == "names":
        first, _ = _without_emphasis(part)
        return f"Authors: {byline_of(first) or first}"
    if kind == "date" and line.label is None:
        return f"Date: {line.text}"
    if kind == "detail" and not is_detail(part) and line.label is None:
        return f"Affiliation: {part}"
    return part


def _is_one_name(part: str) -> bool:
    """Whether a part names one person, family name first or last, or a group of them."""
    first, comma, _ = part.partition(",")
    if not _LATIN.search(part):
        return not comma and "、" not in part
    return bool(names_alone(part)) and " and " not in part and (not comma or " " not in first)

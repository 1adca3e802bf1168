"""Room 1, papers: lines of authors, with where they work and where their paper appeared. Pure."""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.text.around_abstracts import is_place
from recommender.papers.text.author_lists import authors_of, names_alone
from recommender.papers.text.conjunctions import AND
from recommender.papers.text.paper_details import names_a_field, names_periodical

_MOST_ENDS: Final = 20
_BRACKETED: Final = re.compile(r"[(\[][^()\[\]]{0,200}[)\]]")
_STRONGLY: Final = re.compile(r"\s[–—|·•]\s|\s-\s")
_NOTE_MARKS: Final = re.compile(r"[⁰¹²³⁴-⁹*†‡§]+(?:\s?,\s?[⁰¹²³⁴-⁹*†‡§]+){0,9}")
_SURELY_NAMES: Final = re.compile(rf",|{AND.pattern}|\A(?:by|von|par|por)\s", re.IGNORECASE)
_DASHES: Final = frozenset("–—-")
_WEAKLY: Final = re.compile(r",\s|[.:]\s|\s(?=[(\[])|\sin\s(?=[A-Z])")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_GROUPS: Final = re.compile(rf"\s?;\s|{AND.pattern}", re.IGNORECASE)
_LONGEST_BYLINE: Final = 5_000
_LONGEST_PLACE: Final = 150


def without_brackets(line: str) -> str:
    """Return a line of authors without what stands in brackets: where each of them works."""
    return _BRACKETED.sub(" ", line)


def without_note_marks(line: str) -> str:
    """Return a line of authors without the raised numbers and stars behind names."""
    return _NOTE_MARKS.sub("", line)


def parted_byline(line: str) -> tuple[str, str]:
    """Part names and what stands behind them in their line: where and when a paper appeared.

    Examples
    --------
    >>> parted_byline("Ann Bee, Max Roe — Journal of Examples (2026)")
    ('Ann Bee, Max Roe', 'Journal of Examples (2026)')
    >>> parted_byline("Ann Bee · Max Roe")
    ('Ann Bee · Max Roe', '')
    """
    if len(line) > _LONGEST_BYLINE:
        return line, ""
    line = _NOTE_MARKS.sub("", line)
    parts = list(_STRONGLY.finditer(line))[:_MOST_ENDS]
    if parts:
        head = line[: parts[0].start()]
        several = names_alone(head)
        behind = line[parts[0].end() :]
        if len(several) > 1 or is_place(head) or (several and parts[0][0].strip() in _DASHES):
            return head, behind
        kept = line
        for end in reversed(parts):
            if _is_name(kept[end.end() :]):
                break
            kept = kept[: end.start()]
        return (kept, line[len(kept) :].strip(" –—|·•-")) if names_alone(kept) else (line, "")
    return _before_journal(line)


def _before_journal(line: str) -> tuple[str, str]:
    """Part names from a journal or a year behind a comma, a stop or an opening bracket."""
    for end in reversed(list(_WEAKLY.finditer(line))[-_MOST_ENDS:]):
        head, behind = line[: end.start()], line[end.end() :].strip(" ()[].,")
        is_dated = _YEAR.search(behind) is not None
        if len(behind) > _LONGEST_PLACE or not (is_dated or names_periodical(behind)):
            continue
        if (
            names_alone(head)
            and not names_a_field(head)
            and (is_dated or _SURELY_NAMES.search(head))
        ):
            return head, behind
    return line, ""


def _is_name(text: str) -> bool:
    return len(names_alone(text)) == 1 and not names_periodical(text) and not is_place(text)


def people_at_places(line: str) -> tuple[str, ...]:
    """Return the people of a line that says where each works: "Ann Bee, Example College"."""
    found: list[str] = []
    is_behind_place = False
    for group in _GROUPS.split(line):
        parts = [part.strip() for part in group.split(",") if part.strip()]
        places = [is_place(part) for part in parts]
        if not any(places):
            names = names_alone(group)
            if not is_behind_place and not names:
                return ()
            # "Faculty of Arts and Social Sciences"
            found += () if is_behind_place else names
            continue
        is_behind_place = True
        lead = ", ".join(parts[: places.index(True)])
        names = names_alone(lead) if lead and not names_a_field(lead) else ()
        if not names and not found:
            return ()
        found += names
        found += [
            part
            for part, was_place, goes_on in zip(parts[1:], places, places[2:], strict=False)
            if was_place and goes_on and _is_name(part)
        ]
    return authors_of(["; ".join(found)])

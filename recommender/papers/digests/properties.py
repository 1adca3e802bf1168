"""Room 1, papers: what notebooks say of each paper, and what its readers say of it. Pure.

``Status: To read`` among the labelled lines of each paper, ``#toread`` below it, a quoted remark
below its abstract: none is part of the paper, and only the whole file tells them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from recommender.domain import UnreadEntry
from recommender.papers.digests.markdown_lines import Line, links_in
from recommender.papers.digests.prose import is_list_of_names, is_prose
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.calendar_dates import is_day
from recommender.papers.text.labels import names_abstract, unknown_label_in

_BESIDE: Final = frozenset({"title", "authors", "link", "id", "date", "meta", "abstract", "tldr"})
_LONGEST_VALUE: Final = 120
_FEWEST: Final = 2
_TAGS: Final = re.compile(r"(?:#(?=[^\s#]{0,60}[^\W\d_])[\w/-]{1,60}[,;]?\s{0,3}){1,20}")
_TAG: Final = re.compile(r"#[a-zß-ÿ0-9_/-]{1,60}")
_LONGEST_REMARK: Final = 400
_LONGEST_SHOWN: Final = 60


def without_properties(
    lines: Sequence[Line | None],
) -> tuple[list[Line | None], tuple[UnreadEntry, ...]]:
    """Take unknown labels that papers share, and tags, for details of the papers.

    Returns
    -------
    list of Line or None
    tuple of UnreadEntry
        Each unknown label once, for its values are left out.
    """
    read = [_as_tags(line) for line in lines]
    unread = []
    for word, places in _unknown(read).items():
        if _is_property(read, places):
            first = read[places[0]]
            for place in places:
                line = read[place]
                if line is not None:
                    read[place] = replace(line, said=("meta", line.text))
            if first is not None:
                unread.append(_left_out(word, first))
    return read, tuple(unread)


def _as_tags(line: Line | None) -> Line | None:
    if line is None or line.whole[:1] != "#" or line.marks:
        return line
    is_tags = _TAGS.fullmatch(line.whole) is not None
    several = line.whole.count("#") > 1
    if is_tags and (several or _TAG.fullmatch(line.whole)):
        return replace(line, said=("meta", line.whole))
    return line


def _unknown(lines: Sequence[Line | None]) -> dict[str, list[int]]:
    """Return the places of unknown labels, by what they are called."""
    found: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if line is None or line.is_rule or line.label is not None or "//" in line.whole:
            continue
        label = unknown_label_in(line.marks, line.texts)
        if label is not None:
            found.setdefault(label[0], []).append(place)
    return {word: places for word, places in found.items() if len(places) >= _FEWEST}


def _is_property(lines: Sequence[Line | None], places: Sequence[int]) -> bool:
    """Whether a label stands among known ones wherever it stands, and names nothing of ours."""
    roles = [line.label[0] for line in lines if line is not None and line.label is not None]
    most = max((roles.count(role) for role in _BESIDE), default=0)
    if not most / 2 <= len(places) <= most:
        return False
    found = [line for place in places if (line := lines[place]) is not None]
    values = [(unknown_label_in(line.marks, line.texts) or ("", ""))[1] for line in found]
    if len({line.marks for line in found}) > 1 or not all(map(_is_short, values)):
        return False
    if "authors" not in roles and any(len(names_alone(value)) > 0 for value in values):
        return False
    if "date" not in roles and any(map(is_day, values)):
        return False
    return all(_stands_beside(lines, place) for place in places)


def _is_short(value: str) -> bool:
    named = any(any(identifiers_of(link.url)) for link in links_in(value))
    return len(value) <= _LONGEST_VALUE and not is_prose(value) and not named


def _stands_beside(lines: Sequence[Line | None], place: int) -> bool:
    """Whether the line above or below is labelled, and none above it may go on in it."""
    above = lines[place - 1] if place else None
    below = lines[place + 1] if place + 1 < len(lines) else None
    if above is not None:
        return above.label is not None and above.label[0] in _BESIDE
    return below is not None and below.label is not None and below.label[0] in _BESIDE


def _left_out(word: str, line: Line) -> UnreadEntry:
    return UnreadEntry(
        f"line {line.number}",
        f"'{line.text[:_LONGEST_SHOWN]}' is left out, as all lines of '{word}'; write 'Authors:', "
        "'Link:' or 'Published:' before it if it says that",
    )


def without_summaries(lines: Sequence[Line | None]) -> list[Line | None]:
    """Take "Summary: …" for a short summary in a file that says "Abstract: …" as well."""
    labelled = [line for line in lines if line is not None and line.label is not None]
    roles = [line.label[0] for line in labelled if line.label is not None]
    whole = {line.number for line in labelled if names_abstract(line.marks, line.texts)}
    if not whole or len(whole) == roles.count("abstract"):
        return list(lines)
    role = "note" if "tldr" in roles else "tldr"
    return [
        replace(line, said=(role if line.label[1] else "note", line.label[1]))
        if line is not None
        and line.label is not None
        and line.label[0] == "abstract"
        and line.number not in whole
        else line
        for line in lines
    ]


def without_remarks(lines: Sequence[Line | None]) -> list[Line | None]:
    """Take quotes that stand with longer texts which are not quoted for remarks about these."""
    quotes = _quotes(lines)
    read = list(lines)
    for begin, end in quotes:
        quoted = [line for line in lines[begin:end] if line is not None]
        beside = [_text_above(lines, begin), _text_below(lines, end)]
        texts = [text for text in beside if is_prose(text)]
        # A wrapped ">90 %" quotes nothing.
        if not texts or (begin > 0 and lines[begin - 1] is not None):
            continue
        length = sum(len(line.whole) for line in quoted)
        if length > _LONGEST_REMARK or any(2 * length > len(text) for text in texts):
            return list(lines)
        if any(map(_may_be_of_paper, quoted)):
            return list(lines)
        for place in range(begin, end):
            line = read[place]
            read[place] = replace(line, said=("note", line.text)) if line is not None else None
    return read


def _may_be_of_paper(line: Line) -> bool:
    """Whether a quoted line may be the title, the authors or the address of a paper."""
    is_marked = any(mark[0] in "#=~^1[" or mark == "**" for mark in line.marks)
    names = is_list_of_names(line.text) and not line.text.endswith(".")
    return is_marked or names or line.is_links or line.label is not None


def _quotes(lines: Sequence[Line | None]) -> list[tuple[int, int]]:
    """Return where quotes begin and end."""
    found: list[tuple[int, int]] = []
    for place, line in enumerate(lines):
        if line is None or not line.quote:
            continue
        if found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def _text_above(lines: Sequence[Line | None], place: int) -> str:
    """Return the paragraph above a place that is neither marked nor quoted, or nothing."""
    at = place - 1
    while at >= 0 and lines[at] is None:
        at -= 1
    parts: list[str] = []
    while at >= 0 and (line := lines[at]) is not None and not line.quote and not line.is_links:
        parts.insert(0, line.label[1] if line.label is not None else line.whole)
        at -= 1
    return " ".join(parts)


def _text_below(lines: Sequence[Line | None], place: int) -> str:
    at = place
    while at < len(lines) and lines[at] is None:
        at += 1
    parts: list[str] = []
    while at < len(lines) and (line := lines[at]) is not None and not line.quote and not line.marks:
        parts.append(line.label[1] if line.label is not None else line.whole)
        at += 1
    return " ".join(parts)

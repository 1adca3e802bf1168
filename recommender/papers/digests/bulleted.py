"""Room 1, papers: abstracts that a digest gives as bullets, a sentence each. Pure.

A list within an abstract looks like papers whose titles are lost. Not where titles are headings,
and below each of them stands one list and no other text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from recommender.papers.digests.markdown_lines import BULLETS, Line
from recommender.papers.digests.prose import LONGEST_TITLE, is_prose

_FEWEST: Final = 2
_SHORTEST: Final = 60
_OF_TEXTS: Final = frozenset({"abstract", "tldr", "note", "part", "title"})


def with_bulleted_abstracts(lines: Sequence[Line | None]) -> list[Line | None]:
    """Join the bullets below each heading, where all headings of a level have such a list."""
    levels = {line.marks[0] for line in lines if line is not None and _level(line)}
    for level in levels:
        lists = _lists(lines, level)
        if len(lists) >= _FEWEST and all(lists):
            return _joined(lines, lists)
    return list(lines)


def _level(line: Line) -> str:
    return line.marks[0] if line.marks and line.marks[0][0] == "#" else ""


def _lists(lines: Sequence[Line | None], level: str) -> list[list[int]]:
    """Return the places of the bullets below each heading; empty where it has anything else."""
    places = [at for at, line in enumerate(lines) if line is not None and _level(line) == level]
    ends = [*places[1:], len(lines)]
    return [_list(lines, at + 1, end) for at, end in zip(places, ends, strict=True)]


def _list(lines: Sequence[Line | None], begin: int, end: int) -> list[int]:
    found: list[int] = []
    for at in range(begin, end):
        line = lines[at]
        if line is None:
            continue
        is_item = line.marks == ("-",) or (len(line.marks) == 1 and line.marks[0] in BULLETS)
        if is_item and line.label is None and not line.is_links and is_prose(line.text):
            follows = not found or found[-1] == at - 1
            before = lines[found[0]] if found else line
            if not follows or before is None or before.marks != line.marks:
                return []
            found.append(at)
        elif is_item or (found and not _may_follow(line)) or _may_be_text(line):
            return []
    length = sum(len(line.text) for at in found if (line := lines[at]) is not None)
    return found if len(found) >= _FEWEST and length >= _SHORTEST else []


def _may_follow(line: Line) -> bool:
    """Whether a line below a list ends it and says something else of the same paper."""
    is_labelled = line.label is not None and line.label[0] not in _OF_TEXTS
    return line.is_rule or line.is_links or is_labelled


def _may_be_text(line: Line) -> bool:
    """Whether a line is a title, or holds an abstract, or announces one."""
    if line.label is not None:
        return line.label[0] in _OF_TEXTS
    return bool(_level(line)) or len(line.whole) > LONGEST_TITLE or is_prose(line.whole)


def _joined(lines: Sequence[Line | None], lists: Sequence[Sequence[int]]) -> list[Line | None]:
    read = list(lines)
    for places in lists:
        items = [line for at in places if (line := lines[at]) is not None]
        text = " ".join(line.text for line in items)
        whole = replace(items[0], marks=(), texts=(text,), said=("abstract", text))
        for at in places:
            read[at] = None
        read[places[0]] = whole
    return read

"""Room 1, papers: documents attached to a mail, and text whose lines programs have broken. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.message import Message
from typing import Final

from recommender.mime import field, parts_of, text_of
from recommender.papers.text.decoding import unix_lines
from recommender.wording import one_line

LONGEST_DOCUMENT: Final = 5_000_000
"""Characters; as many as digest text may have."""

_MOST_DOCUMENTS: Final = 5
_LONGEST_NAME: Final = 100
_MOST_LINES_OF_A_LINK: Final = 4
# Of what nobody names, a program chooses the type: many write "octet-stream".
_NAMES: Final = re.compile(
    r".*\.(?:md|markdown|txt|text|jsonl?|ndjson|bib|ris|nbib|ciw)", re.IGNORECASE
)
_TYPES: Final = frozenset(
    {
        *("text/plain", "text/markdown", "text/x-markdown", "text/x-bibtex", "text/bibliography"),
        *("application/json", "application/x-bibtex", "application/x-research-info-systems"),
    }
)
_FLOWED: Final = re.compile(r"\bformat\s{0,3}=\s{0,3}[\"']?flowed\b")
_DELSP: Final = re.compile(r"\bdelsp\s{0,3}=\s{0,3}[\"']?yes\b")


def documents_of(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the texts that are attached to a mail, with their names."""
    count = 0
    for part in parts_of(message):
        kind = part.get_content_type()
        name = _name_of(part)
        is_attached = "attachment" in field(part, "Content-Disposition").lower() or bool(name)
        if kind == "text/html" or (kind == "text/plain" and not is_attached):
            continue
        if not (kind in _TYPES or _NAMES.fullmatch(name)):
            continue
        text = unix_lines(text_of(part))
        if not text.strip() or len(text) > LONGEST_DOCUMENT:
            continue
        yield name or "attachment", text
        count += 1
        if count >= _MOST_DOCUMENTS:
            return


def _name_of(part: Message) -> str:
    try:
        return one_line(part.get_filename() or "")[:_LONGEST_NAME]
    except (ValueError, LookupError):
        return ""


def unflowed(part: Message, text: str) -> str:
    """Join the lines of a paragraph where their program says which belong together (RFC 3676)."""
    content_type = field(part, "Content-Type").lower()
    if not _FLOWED.search(content_type):
        return text
    removes_space = _DELSP.search(content_type) is not None
    lines: list[list[str]] = []
    is_open, open_depth = False, 0
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        # Pasted titles may end in a space: a blank line ends any paragraph.
        goes_on = is_open and depth == open_depth and bool(said.strip())
        is_open, open_depth = said.endswith(" ") and said != "-- ", depth
        kept = said[:-1] if is_open and removes_space else said
        if goes_on:
            lines[-1].append(kept)
        else:
            lines.append([">" * depth + " " if depth else "", kept])
    return "\n".join("".join(pieces) for pieces in lines)


def with_whole_links(lines: Sequence[str]) -> list[str]:
    """Join the lines of ``[a long title](address)``, which a program has wrapped."""
    joined: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        end = _end_of_link(lines, number) if line.rfind("[") > line.rfind("]") else number
        joined.append(
            " ".join([line.rstrip(), *(each.strip() for each in lines[number + 1 : end + 1])])
        )
        number = end + 1
    return joined


def _end_of_link(lines: Sequence[str], start: int) -> int:
    for number in range(start + 1, min(start + 1 + _MOST_LINES_OF_A_LINK, len(lines))):
        line = lines[number]
        if not line.strip() or "[" in line.partition("]")[0]:
            break
        if "]" in line:
            return number if "](http" in line else start
    return start

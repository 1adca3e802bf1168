"""Membership: what somebody writes down about a paper, read from a form; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from recommender.errors import PreferenceError
from recommender.languages.messages import Message

NOTE_MAX_CHARACTERS: Final = 2_000
TAGS_MAX: Final = 10
TAG_MAX_CHARACTERS: Final = 40

_BETWEEN_TAGS: Final = re.compile(r"[,;\n]")


def parse_note(text: str) -> str:
    """Read a note: its lines without what cannot be seen; raises `PreferenceError` if too long."""
    note = "\n".join(_seen(line).rstrip() for line in text.splitlines()).strip()
    if len(note) > NOTE_MAX_CHARACTERS:
        raise PreferenceError(
            "note",
            Message(
                "this note has %(length)s characters; %(most)s are possible",
                length=len(note),
                most=NOTE_MAX_CHARACTERS,
            ),
        )
    return note


def parse_tags(text: str) -> tuple[str, ...]:
    """Read tags, parted by commas, semicolons or lines: ``#graphs, to cite``.

    Returns
    -------
    tuple of str
        Each once, whatever its capitals, as it was written first; without commas and semicolons.

    Raises
    ------
    PreferenceError
        If there are more than `TAGS_MAX`, or one is longer than `TAG_MAX_CHARACTERS`.
    """
    tags: dict[str, str] = {}
    for part in _BETWEEN_TAGS.split(text):
        tag = " ".join(_seen(part).split()).lstrip("#").strip()
        if len(tag) > TAG_MAX_CHARACTERS:
            raise PreferenceError(
                "tags",
                Message(
                    "“%(tag)s…” is longer than %(most)s characters; part tags by commas",
                    tag=tag[:TAG_MAX_CHARACTERS],
                    most=TAG_MAX_CHARACTERS,
                ),
            )
        if tag:
            tags.setdefault(tag.casefold(), tag)
    if len(tags) > TAGS_MAX:
        raise PreferenceError(
            "tags",
            Message(
                "these are %(tags)s tags; %(most)s are possible", tags=len(tags), most=TAGS_MAX
            ),
        )
    return tuple(tags.values())


def _seen(text: str) -> str:
    """Leave out control characters and what changes the direction of the text around it.

    Joiners stay, of which emoji and some scripts are made.
    """
    return "".join(
        letter
        for letter in text
        if letter in "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
        or letter.isspace()
        or unicodedata.category(letter)[0] != "C"
    )

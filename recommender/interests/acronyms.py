"""Interests room: acronyms that a text defines, as "long form (ACRO)". Pure.

The algorithm of Schwartz & Hearst, *A simple algorithm for identifying abbreviation definitions in
biomedical text* (PSB 2003).
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Short forms have 2 to 10 characters, a letter among them, and here no space.
_IN_PARENTHESES = re.compile(r"\(([^\W_][\w-]{1,9})\)")
_LONGEST_FORM = 80
_LEAST_CAPITALS = 2
_WORDS = re.compile(r"[\w '’‐‑-]+")


class Definition(NamedTuple):
    """An acronym and where its long form stands in the text.

    Attributes
    ----------
    acronym : str
    start, end : int
        Of the long form.
    closed : int
        Behind the parenthesis that closes.
    """

    acronym: str
    start: int
    end: int
    closed: int


def find_definitions(text: str) -> list[Definition]:
    """Return the acronyms that a text defines in parentheses, in order.

    Time is linear in the length of the text: what is searched before a parenthesis is bounded.
    """
    found = []
    for match in _IN_PARENTHESES.finditer(text):
        acronym = match.group(1)
        if sum(character.isupper() for character in acronym) < _LEAST_CAPITALS:
            continue
        first = max(0, match.start() - _LONGEST_FORM)
        before = text[first : match.start()].rstrip()
        start = _start_of_long_form(acronym, before)
        if start is not None:
            found.append(Definition(acronym, first + start, first + len(before), match.end()))
    return found


def _start_of_long_form(acronym: str, before: str) -> int | None:
    """Return where the long form of an acronym begins in what stands before it, None for none.

    Each letter of the acronym is found from the right, and the first begins a word. Where all can
    begin words they do, unlike in the paper: RRG is a "radiology report generation".
    """
    letters = [letter for letter in acronym.removesuffix("s").lower() if letter.isalnum()]
    at = _search(letters, before, are_initials=True)
    if at is None:
        at = _search(letters, before, are_initials=False)
    if at is None or len(before) - at <= len(acronym):
        return None
    n_words = len(before[at:].split())
    is_short = n_words <= min(len(letters) + 5, 2 * len(letters))
    return at if is_short and _WORDS.fullmatch(before, at) else None


def _search(letters: list[str], before: str, *, are_initials: bool) -> int | None:
    at = len(before)
    for place, letter in reversed([*enumerate(letters)]):
        at -= 1
        while at >= 0 and (
            before[at].lower() != letter
            or (are_initials and at > 0 and before[at - 1].isalnum())
            or (place == 0 and at > 0 and not before[at - 1].isspace())
        ):
            at -= 1
        if at < 0:
            return None
    return at

"""Newsletter room: what a subscriber follows and blocks, and what follows from it. Pure.

A *wish* is a word, a phrase or an author in a subscriber's own words; `wish_index` says which
papers one means.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.errors import PreferenceError
from recommender.interests.author_names import fold_letters, turn_name
from recommender.interests.terms import split_words, term_of
from recommender.languages.messages import Message
from recommender.newsletter.wish_index import WishIndex, WishMatch, word_keys

WISHES_MAX: Final = 50
WISH_MAX_CHARACTERS: Final = 80

FOLLOWED_LIFT: Final = 0.5
"""How far a followed paper is lifted, as a share of what it lacks to the best possible score: half
way puts it above nearly all others and keeps the order among followed ones."""

_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.[\s-]*){1,3}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which candidates one subscriber never wants, and which always; none is both.

    Attributes
    ----------
    blocked, followed : dict of int to WishMatch
        What was met, by the candidate's position.
    """

    blocked: dict[int, WishMatch]
    followed: dict[int, WishMatch]


def parse_wishes(text: str, *, field: str) -> tuple[str, ...]:
    """Read what somebody wants to follow or block, as they write it into a form.

    Lines, commas and semicolons separate. ``Doe, J.`` is one author nevertheless, and so is
    ``Doe, Jane`` in a line with semicolons; they become ``J. Doe`` and ``Jane Doe``. What comes
    out, read again, gives the same.

    Parameters
    ----------
    text : str
    field : str
        What the error is to name: ``followed`` or ``blocked``.

    Returns
    -------
    tuple of str
        Each once, in the order and the letters in which they were written; without line breaks,
        commas, semicolons and characters that cannot be seen.

    Raises
    ------
    PreferenceError
        If there are more than `WISHES_MAX`, or one is longer than `WISH_MAX_CHARACTERS` or holds
        no word that tells papers apart. Nothing is cut off: half a phrase means other papers.
    """
    wishes: dict[str, str] = {}
    for line in text.splitlines():
        for wish in _wishes_of_line(line):
            _check(wish, field)
            wishes.setdefault(" ".join(word_keys(wish)), wish)
    if len(wishes) > WISHES_MAX:
        raise PreferenceError(
            field,
            Message(
                "these are %(wishes)s words and authors; %(most)s are possible in one field",
                wishes=len(wishes),
                most=WISHES_MAX,
            ),
        )
    return tuple(wishes.values())


def judge(index: WishIndex, *, followed: str, blocked: str) -> Verdict:
    """Find the candidates that a subscriber follows and blocks; what is both is blocked.

    Parameters
    ----------
    index : WishIndex
        Of the candidates.
    followed, blocked : str
        As `parse_wishes` gave them, a line each.
    """
    never = index.matches(blocked.splitlines())
    always = index.matches(followed.splitlines())
    return Verdict(
        blocked=never,
        followed={at: match for at, match in always.items() if at not in never},
    )


def followed_lift(blend: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lift the scores of followed papers: ``blend + (1 - blend) · FOLLOWED_LIFT``.

    Parameters
    ----------
    blend : ndarray of shape (n,)
        In [0, 1].

    Returns
    -------
    ndarray of shape (n,)
        In [`FOLLOWED_LIFT`, 1], in the same order as before.
    """
    return blend + (1 - blend) * FOLLOWED_LIFT


def _wishes_of_line(line: str) -> list[str]:
    """Split a line, and turn the names in it that are written with the family name first."""
    wishes: list[str] = []
    pieces = line.split(";")
    for piece in pieces:
        parts = list(filter(None, map(_cleaned, piece.split(","))))
        # Without semicolons "Robotics, Vision" looks no different from "Doe, Jane".
        if len(pieces) > 1 and _is_turned_name(parts):
            wishes.append(turn_name(", ".join(parts)))
            continue
        for at, part in enumerate(parts):
            if at and _INITIALS.fullmatch(part):
                wishes[-1] = f"{part} {wishes[-1]}"
            else:
                wishes.append(part)
    return wishes


def _is_turned_name(parts: list[str]) -> bool:
    return len(parts) == 2 and all(  # noqa: PLR2004 - family name and given names
        word[0].isupper() for part in parts for word in part.split()
    )


def _cleaned(text: str) -> str:
    """Leave out what cannot be seen, and write every space as one."""
    seen = (letter for letter in text if letter.isspace() or unicodedata.category(letter)[0] != "C")
    return " ".join("".join(seen).split())


def _check(wish: str, field: str) -> None:
    if len(wish) > WISH_MAX_CHARACTERS:
        raise PreferenceError(
            field,
            Message(
                "“%(wish)s…” is longer than %(most)s characters; write words, phrases and authors,"
                " a line each",
                wish=wish[:WISH_MAX_CHARACTERS],
                most=WISH_MAX_CHARACTERS,
            ),
        )
    if not any(map(term_of, split_words(fold_letters(wish)))):
        raise PreferenceError(
            field,
            Message(
                "“%(wish)s” tells no papers apart; write a rarer word, or a phrase of several",
                wish=wish,
            ),
        )

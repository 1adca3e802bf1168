"""Interests room: whether two ways of writing a name may mean one author. Pure.

Papers write their authors as the source has them: ``Jane Doe``, ``Jane A. Doe``, ``J. Doe``,
``Doe, Jane``. Nothing tells two people of one name apart.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONE_FAMILY_NAME_MIN_LETTERS = 3
"""A family name that stands alone and is shorter is too common to name anybody."""

# Letters that Unicode does not decompose into a plain one and an accent.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_NO_LETTER = re.compile(r"[\W_]+")
_BETWEEN_NAMES = re.compile(r"[\s.]+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_PARTICLES = frozenset(
    {
        *("van", "von", "der", "den", "ten", "ter", "de", "da", "di", "du", "del", "della"),
        *("dos", "das", "la", "le", "bin", "ibn", "al", "el"),
    }
)


@dataclass(frozen=True, slots=True)
class AuthorName:
    """A name in parts, folded by `fold_letters` and without punctuation.

    Attributes
    ----------
    given : tuple of str
        Given and middle names, or their initials; empty where only a family name is known.
    particles : tuple of str
        What stands in small letters before the family name: ``("van", "der")``.
    family : str
        The last word of the name, a hyphenated one as one word.
    """

    given: tuple[str, ...]
    particles: tuple[str, ...]
    family: str


def fold_letters(text: str) -> str:
    """Write a text in lower case and without accents: ``Łukasz Müller`` is ``lukasz muller``."""
    if text.isascii():
        return text.lower()
    # Decomposing brings new capitals to light, and their small letters may have accents again.
    small = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", small)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain).translate(_PLAIN_LETTERS)


def turn_name(text: str) -> str:
    """Write a name with the family name last: ``Doe, Jane`` becomes ``Jane Doe``."""
    family, *others = (part.strip() for part in text.split(","))
    given = [part for part in others if fold_letters(part).rstrip(".") not in _SUFFIXES]
    return " ".join(filter(None, [*given, family]))


def author_name(text: str) -> AuthorName | None:
    """Read a name as a paper or a person writes it; None where there is no letter in it."""
    written = [word for word in _BETWEEN_NAMES.split(turn_name(text)) if _NO_LETTER.sub("", word)]
    words = [_NO_LETTER.sub("", fold_letters(word)) for word in written]
    if len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    if not words:
        return None
    first = len(words) - 1
    # Never the first word: "Di Wang" and "Van Nguyen" are given names. Nor one with a capital.
    while first > 1 and words[first - 1] in _PARTICLES and written[first - 1].islower():
        first -= 1
    return AuthorName(tuple(words[:first]), tuple(words[first:-1]), words[-1])


def may_be_the_same(wanted: AuthorName, author: AuthorName) -> bool:
    """Return whether a paper's author may be the one that is meant.

    The family names are the same, and so are the given names that both have, in their order; an
    initial stands for every name that begins with it. A family name alone means everybody of that
    name, if it has at least `LONE_FAMILY_NAME_MIN_LETTERS` letters.
    """
    if wanted.family != author.family:
        return False
    if not wanted.given:
        return len(wanted.family) >= LONE_FAMILY_NAME_MIN_LETTERS
    if wanted.given == author.particles:
        return True
    if not author.given:
        return False
    if "".join(wanted.given) == "".join(author.given):
        return True
    return all(map(_agree, wanted.given, author.given))


def _agree(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return one == other

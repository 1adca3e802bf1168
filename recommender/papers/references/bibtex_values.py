"""Room 1, papers: the values of BibTeX's fields, and the names in them. Pure.

A value is made of pieces, ``jan # " 1~" # {st}``: strings in braces or quotes, numbers, and what
``@string`` stands for. bibtexparser resolves only such a string that stands alone, and takes what a
forgotten comma leaves behind a value for a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bibtexparser.middlewares.names import (
    parse_single_name_into_parts,
    split_multiple_persons_names,
)

from recommender.errors import DigestError
from recommender.languages.messages import Message
from recommender.papers.text.latex import plain_text

LONGEST_STRING: Final = 1_000
"""Characters that an ``@string`` may stand for: a month, a journal."""
_MOST_RESOLVED: Final = 1_000_000

_PIECE: Final = re.compile(r'\s*(?:(?P<open>[{"])|(?P<bare>[^{}"#]+))')
_JOIN: Final = re.compile(r"\s*(?:#|\Z)")
# As bibtexparser counts them.
_BRACE: Final = re.compile(r"(?<!\\)[{}]")
_QUOTE_OR_BRACE: Final = re.compile(r'(?<!\\)[{}"]')
_NAMED_PART: Final = re.compile(
    r"\s*(?P<name>family|given|prefix|suffix|useprefix|juniorcommon|id|gender|[a-z]{2,12}-i)\s*=",
    re.IGNORECASE,
)
_PARTS_WITH_SUFFIX: Final = 3
_COMMA: Final = re.compile(r"[{},]")
_SEMICOLON: Final = re.compile(r"[{}]|(?<!&amp);(?=\s|\Z)")
_AMPERSAND: Final = re.compile(r"[{}]|\s(?:\\?&|&amp;)\s")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.[\s~-]?){1,4}")
_HAS_SEVERAL_WORDS: Final = re.compile(r"\w[.,]?\s+\w")
_SUFFIX: Final = re.compile(
    r"(?:[js]r\.?|junior|senior|[23]rd|II|III|IV|ph\.?d\.?|m\.?d\.?)", re.IGNORECASE
)
_PARTS_IN_ORDER: Final = ("given", "prefix", "family", "suffix")


class Strings:
    """What the ``@string`` of a file stand for; the first of each name counts.

    They are put in as often as anybody likes, so all together have a limit.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._resolved = 0

    def define(self, name: str, raw: str, where: str) -> None:
        """Take one, which may be made of those before it.

        Raises
        ------
        DigestError
            Where it is too long.
        """
        value = self.value(raw)
        if value is None:
            value = raw.strip('{}" ')
        if len(value) > LONGEST_STRING:
            raise DigestError(
                where,
                Message(
                    "an @string longer than %(most)s characters; write it out", most=LONGEST_STRING
                ),
            )
        self._values.setdefault(name.lower(), value)

    def value(self, raw: str) -> str | None:
        """Return what a field says; None where something stands behind it that is no part of it.

        Raises
        ------
        DigestError
            Where the strings that were put in fill the memory.
        """
        parts: list[str] = []
        at = 0
        while True:
            piece = _PIECE.match(raw, at)
            if piece is None:
                return None if parts or raw.strip() else ""
            if piece["open"]:
                end = _end_of_piece(raw, piece.end(), piece["open"])
                parts.append(raw[piece.end() : end])
                at = end + 1
            else:
                # Word processors make other quotes of those that were typed.
                parts.append(self._resolve(piece["bare"].strip().strip("“”„")))
                at = piece.end()
            join = _JOIN.match(raw, at)
            if join is None:
                return None
            if join.end() >= len(raw):
                return "".join(parts)
            at = join.end()

    def _resolve(self, word: str) -> str:
        value = self._values.get(word.lower())
        if value is None:
            return word
        self._resolved += len(value)
        if self._resolved > _MOST_RESOLVED:
            raise DigestError(
                "file", Message("its @string stand for too much text; write them out")
            )
        return value


def _end_of_piece(raw: str, start: int, opening: str) -> int:
    """Return where a piece ends that begins before ``start``, at the latest with its value."""
    depth = 0
    for found in (_BRACE if opening == "{" else _QUOTE_OR_BRACE).finditer(raw, start):
        if depth == 0 and found[0] != "{" and found[0] == ("}" if opening == "{" else '"'):
            return found.start()
        depth += {"{": 1, "}": -1, '"': 0}[found[0]]
    return max(start, len(raw) - 1) if raw[-1:] in '}"' else len(raw)


def people_of(field: str) -> tuple[str, ...]:
    """Read the names of an ``author`` field, given name first, without those who are "others".

    Examples
    --------
    >>> people_of("van Gogh, Vincent and {The Bakers} and given=Ann, family=Doe and others")
    ('Vincent van Gogh', 'The Bakers', 'Ann Doe')
    """
    people = (
        _person(name) for each in split_multiple_persons_names(field) for name in _parted(each)
    )
    return tuple(name for name in people if name and name.lower() not in {"others", "and"})


def _parted(name: str) -> list[str]:
    """Part what somebody joined by commas, semicolons or "&" instead of "and"."""
    if _NAMED_PART.match(name):
        return [name]
    by_semicolon = _pieces(_SEMICOLON, name)
    if len(by_semicolon) > 1:
        return by_semicolon
    # "Example & Sons" is one body; of two people more than a word is said.
    by_ampersand = _pieces(_AMPERSAND, name)
    if len(by_ampersand) > 1 and all(map(_HAS_SEVERAL_WORDS.search, by_ampersand)):
        is_listed = any("," not in each for each in by_ampersand)
        return [
            part for each in by_ampersand for part in (_listed(each, 2) if is_listed else [each])
        ]
    # "Ann Doe, Max Roe, and Jo Poe"
    return _listed(name, _PARTS_WITH_SUFFIX - name.rstrip().endswith(","))


def _listed(name: str, fewest: int) -> list[str]:
    """Part at commas where whole names stand between them, and not one name: "Doe, Jr., Jane"."""
    parts = _pieces(_COMMA, name)
    if len(parts) > _PARTS_WITH_SUFFIX and all(map(_INITIALS.fullmatch, parts[1::2])):
        return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=False)]
    are_whole = len(parts) >= fewest and all(map(_HAS_SEVERAL_WORDS.search, parts))
    return parts if are_whole else [name]


def _pieces(separator: re.Pattern[str], name: str) -> list[str]:
    return [part.strip() for part in _outside_braces(separator, name) if part.strip()]


def _person(name: str) -> str:
    if _NAMED_PART.match(name):
        parts = _named_parts(name)
        return plain_text(" ".join(filter(None, map(parts.get, _PARTS_IN_ORDER))))
    pieces = tuple(_between_commas(name))
    if len(pieces) == _PARTS_WITH_SUFFIX and _SUFFIX.fullmatch(pieces[2].strip()):
        name = f"{pieces[0]},{pieces[2]},{pieces[1]}"  # BibTeX has the suffix before the given name
    return plain_text(parse_single_name_into_parts(name, strict=False).merge_first_name_first)


def _named_parts(name: str) -> Mapping[str, str]:
    """Read biblatex's extended form: ``family=Gogh, given=Vincent, prefix=van``."""
    parts: dict[str, str] = {}
    for part in _between_commas(name):
        named = _NAMED_PART.match(part)
        if named is not None:
            parts.setdefault(named["name"].lower(), part[named.end() :].strip(' {}"'))
    return parts


def _between_commas(name: str) -> Iterator[str]:
    return _outside_braces(_COMMA, name)


def _outside_braces(separator: re.Pattern[str], name: str) -> Iterator[str]:
    """Yield what stands between separators that no braces hold together."""
    start = depth = 0
    for found in separator.finditer(name):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth == 0:
            yield name[start : found.start()]
            start = found.end()
    yield name[start:]

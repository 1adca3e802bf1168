r"""Domain: signs that keep titles of the same letters apart. Pure.

``C++`` is not ``C``, HER2+ not HER2-, ``H^{-1}`` not ``H^1``, 1.5 not 15, and the twelfth workshop
not the thirteenth; yet hyphens, dashes and stops between words say nothing, and many sources lose
signs. So two titles are parted where both say plainly what is different, at the same letters, or
where one has a sign that the other has no reason to have lost.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import Final

from recommender.domain.titles import (
    spelled_out,
    stream_safe,
    without_and,
    without_surroundings,
    without_tags,
)

_LONGEST: Final = 4_000
_MOST_SIGNS: Final = 50

# A sign behind a lone letter is part of a name: C, C++ and C#, A and A*.
_SIGN: Final = re.compile(
    r"(?<![^\W_])[a-z](?P<of_name>\+\+|\+|\#|\*)(?![^\W_]|[*+\#])"
    r"|(?<=[0-9])\s?(?P<plus>\+)\s?(?=[0-9])"
    r"|(?<![-=<>])(?P<compared>[<>≤≥])(?=\s?=?\s?\.?[0-9])"
)
_SIGN_MARKS: Final = "+#*<>≤≥＋＃＊＜＞&\\"

_NO_PUNCTUATION: Final = str.maketrans("", "", " _")

# Characters for private use live through all that is done to a title, and are no letters.
_PLUS, _MINUS, _HANGING, _UNEQUAL, _EQUAL, _PRIME, _BAR, _POINT, _NEUTRAL = map(
    chr, range(0xE000, 0xE009)
)
_PRIVATE: Final = re.compile("[\ue000-\ue008]")
_FOR_PRIVATE_USE: Final = dict.fromkeys(range(0xE000, 0xE200), " ")
_ONE_SPELLING: Final = str.maketrans(
    dict.fromkeys("−﹣－⁻₋", "-") | dict.fromkeys("⁺₊＋", "+") | dict.fromkeys("’′", "'")
)
_OPPOSITES: Final = (
    ({_PLUS}, {_MINUS, _HANGING}),
    ({_UNEQUAL}, {_EQUAL}),
)
_TOLD_BY_THEMSELVES: Final = frozenset({_MINUS, _PRIME, _UNEQUAL})
"""Signs that a title has where another one has none."""

_GREEK_NAMES: Final = (
    "(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho"
    "|sigma|tau|upsilon|phi|chi|psi|omega)"
)
_MARKED: Final = re.compile(
    rf"""
      (?P<unequal>\\(?:neq|ne)(?![a-z]) | \\not\s?= | ≠ | =\u0338 | != | /=)
    | (?P<equal>(?<![<>=:-])=(?![=>]))
    | (?P<prime>(?:(?<![\w'"\u2018\u201c\\])[a-zα-ω] | \\{_GREEK_NAMES}(?![a-z]))[\s$}}^{{]{{0,4}}
        (?:\\prime(?![a-z]) | '(?![\w'])))
    | (?P<bar>\\(?:bar|overline)(?![a-z]) | [a-zα-ω](?=[\u0304\u0305]))
    | (?P<plus>(?<!\w)\+(?=[\s({{]*\w) | \+)
    | (?P<hanging>(?<=[\w)}}*'^({{])(?<!-)-(?=\Z|[\s)}}\]$/,;:]|\.(?!\w)))
    | (?P<minus>(?:(?<=[\s({{\[=^,$<>~])|(?<=\A))-(?=[0-9]) | (?<==)\s-\s?(?=[0-9]))
    | (?P<neutral>'|(?<=\w)(?:[–—-]\s?|\s[–—-]\s|\s[–—])(?=[0-9])
        |(?<=[0-9])(?:[\s,:_]{{1,3}}|\.(?=[0-9]{{3}}(?![0-9])))(?=[0-9]))
    """,
    re.VERBOSE,
)
# Decimals, versions and fractions; but 10.000 may be ten thousand.
_BETWEEN_DIGITS: Final = re.compile(
    r"(?<![0-9]{4})(?<=[0-9])(?![${}\\]{0,4}\.[${}\\]{0,4}[0-9]{3}(?![0-9]))"
    r"[${}\\]{0,4}[./·∙\u2044][${}\\]{0,4}(?=[0-9])"
)
_ENTITY: Final = re.compile(r"&#?[0-9a-zA-Z]{1,31};")
_MARKS: Final = {
    "unequal": _UNEQUAL,
    "equal": _EQUAL,
    "prime": _PRIME,
    "bar": _BAR,
    "plus": _PLUS,
    "hanging": _HANGING,
    "minus": _MINUS,
}
_MATH: Final = re.compile(r"[\\$α-ω]")
_OF_A_SERIES: Final = re.compile(
    r"\W{0,4}([0-9]{1,4})(?:\.|st|nd|rd|th)?\s(?:[^\s]{1,40}\s){0,4}?[^\s]{0,20}"
    r"(?:workshop|conferenc|konferenz|congres|kongress|symposi|tagung|meeting|session|sitzung|collo[qk]|kolloqu|seminar|forum"
    r"|treffen|olympiad|school|edition|biennale|assembly|lecture)"
)
_NUMBERED: Final = re.compile(r"\W{0,4}(?:[0-9]{1,3}[.):]\W{1,4})?n[or]\.?\s?([0-9]{1,3})(?!\w)")
_LABEL: Final = re.compile(r"\W{0,4}[\[(]\s?([a-z])\s?[\])]\s")
# What forums write before papers: research, discussion, project, news; and a box that is ticked.
_TAGS: Final = frozenset("rdpnx")

_DASHES: Final = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d\u207b\u208b", "-")
_PRIMES: Final = dict.fromkeys("\u2019\u2032", "'")
_OF_OPERATORS: Final = str.maketrans(_DASHES | _PRIMES)
_OPERATOR: Final = re.compile(
    r"\\(?P<name>[a-z]+)|(?P<signs>[-'+<>=±÷¬\u2190-\u22ff\u27f0-\u27ff]\u0338?)"
)
_NAMED_OPERATORS: Final = """
    to → rightarrow → longrightarrow → leftarrow ← longleftarrow ← leftrightarrow ↔ uparrow ↑
    downarrow ↓ implies ⇒ iff ⇔ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ in ∈ notin ∈\u0338 cup ∪
    cap ∩ pm ± mp ∓ div ÷ oplus ⊕ otimes ⊗ wedge ∧ vee ∨ ll ≪ gg ≫ le ≤ leq ≤ ge ≥ geq ≥ lt < gt >
    prime ' neq =\u0338 ne =\u0338
"""
_OPERATOR_NAMES: Final = dict(zip(*[iter(_NAMED_OPERATORS.split())] * 2, strict=True))
_TYPED: Final = (("->", "→"), ("<-", "←"), ("=>", "⇒"), ("<=", "≤"), (">=", "≥"), ("⟶", "→"))
_MOST_OPERATORS: Final = 50
_FIRST_OPERATOR: Final = 0xE100


def operators_differ(one: str, other: str) -> bool:
    """Whether two titles of one key have other operators at the same letters: a+b is not a-b.

    So have A→B and A←B, A' and A'', 1-3 and 13. Sources write dashes and quotes for one another,
    and leave signs out, so that this says little of two titles of which no more is known.
    """
    some, others = _operators(one), _operators(other)
    return any(some[place] != others[place] for place in some.keys() & others.keys())


@lru_cache(maxsize=2_000)
def _operators(title: str) -> dict[int, str]:
    """Return the operators by the number of letters before them; empty between two digits."""
    found: list[str] = []

    def marked(sign: re.Match[str]) -> str:
        operator = _OPERATOR_NAMES.get(sign["name"]) if sign["name"] else sign["signs"]
        if operator is None or len(found) == _MOST_OPERATORS:
            return sign[0]
        found.append(operator)
        return chr(_FIRST_OPERATOR + len(found) - 1)

    plain = without_tags(_decomposed(title).lower()).translate(_OF_OPERATORS)
    bare = without_surroundings(spelled_out(_OPERATOR.sub(marked, plain)))
    operators: dict[int, str] = {}
    letters = ""
    for sign, following in zip(bare, f"{bare[1:]} ", strict=True):
        letters += sign if sign.isalnum() else ""
        place = len(without_and(letters))
        if 0 <= ord(sign) - _FIRST_OPERATOR < len(found):
            operators[place] = operators.get(place, "") + found[ord(sign) - _FIRST_OPERATOR]
        elif sign.isdecimal() and following.isdecimal():
            operators[place] = ""
    for typed, meant in _TYPED:
        operators = {place: signs.replace(typed, meant) for place, signs in operators.items()}
    return operators


def may_be_one_title(one: str, other: str) -> bool:
    """Whether two titles of the same key may be one: C++ is not C, nor ``p < 0.05`` ``p > 0.05``.

    A title without any punctuation may have lost its signs with it.
    """
    if one == other:
        return True
    if any(sign in title for title in (one, other) for sign in _SIGN_MARKS) and not (
        _have_same_names(one, other)
    ):
        return False
    return not _oppose(_read(one), _read(other))


def lacks_point(one: str, other: str) -> bool:
    """Whether a title has no point between digits where another of its key has one.

    Model 25 is another one than Model 2.5, or the same in a title that lost its punctuation.
    """
    return _lacks_point(_read(one), _read(other))


def _have_same_names(one: str, other: str) -> bool:
    (bare, signs), (other_bare, other_signs) = _with_signs(one), _with_signs(other)
    if signs == other_signs:
        return True
    if signs and other_signs:
        return False
    with_signs, without = (bare, other_bare) if signs else (other_bare, bare)
    return _is_punctuated(_SIGN.sub(" ", with_signs)) and not _is_punctuated(without)


def _with_signs(title: str) -> tuple[str, list[str]]:
    """Return a title without what stands around it, and the signs in it."""
    spelled = spelled_out(title)
    bare = without_surroundings(spelled)
    # Two around a word are Markdown's.
    is_markdown = spelled.count("*") % 2 == 0
    found = (each["of_name"] or each["plus"] or each["compared"] for each in _SIGN.finditer(bare))
    return bare, [sign for sign in found if not (sign == "*" and is_markdown)]


def _is_punctuated(bare: str) -> bool:
    # What takes the punctuation out of a title may take an underscore for a letter.
    return not bare.translate(_NO_PUNCTUATION).isalnum()


class _Read:
    """The signs of a title by the number of letters before them, and what else tells it apart."""

    def __init__(self, title: str) -> None:
        title = _BETWEEN_DIGITS.sub(_POINT, _decomposed(title))
        spelled = title.lower().translate(_ONE_SPELLING)
        self.has_math = _MATH.search(spelled) is not None
        numbered = _OF_A_SERIES.match(spelled) or _NUMBERED.match(spelled)
        self.number = numbered[1].lstrip("0") if numbered else None
        label = _LABEL.match(spelled)
        self.label = label[1] if label else None
        bare = without_surroundings(spelled_out(_MARKED.sub(_marked, spelled)))
        self.is_punctuated = _is_punctuated(_PRIVATE.sub("", bare))
        self.letters = sum(map(str.isalnum, bare))
        self.has_point = _POINT in bare
        self.signs: dict[int, set[str]] = {}
        for found in list(_PRIVATE.finditer(bare))[:_MOST_SIGNS]:
            before = without_and("".join(filter(str.isalnum, bare[: found.start()])))
            self.signs.setdefault(len(before), set()).add(found[0])


def _decomposed(title: str) -> str:
    """Undo HTML's entities and Unicode's composed forms, and leave the private characters free."""
    for _ in range(2):
        if "&" in title:
            title = _ENTITY.sub(lambda found: unescape(found[0]), title)
    title = unicodedata.normalize("NFKD", stream_safe(title[:_LONGEST]))
    return title.translate(_FOR_PRIVATE_USE)


@lru_cache(maxsize=2_000)
def _read(title: str) -> _Read:
    return _Read(title)


def _marked(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found[0]
    if kind == "neutral":
        return text + _NEUTRAL
    mark = _MARKS[kind or ""]
    if kind == "prime":
        return text.replace("\\prime", " ").replace("'", " ").rstrip() + mark
    if kind == "bar":
        return mark + (" " if text.startswith("\\") else text)
    return f" {mark} " if kind in {"unequal", "equal"} else mark


def _lacks_point(one: _Read, other: _Read) -> bool:
    return other.has_point and any(
        _POINT in signs
        and one.signs.get(place, set()).isdisjoint({_POINT, _NEUTRAL})
        and place < one.letters  # what stands behind a title may have one of its own
        for place, signs in other.signs.items()
    )


def _oppose(one: _Read, other: _Read) -> bool:
    if one.number and other.number and one.number != other.number:
        return True
    labels = {one.label, other.label}
    if None not in labels and len(labels) > 1 and not labels <= _TAGS:
        return True
    if any(_lacks_point(a, b) and a.is_punctuated for a, b in ((one, other), (other, one))):
        return True
    return any(
        _oppose_at(one, other, one.signs.get(place, set()), other.signs.get(place, set()))
        for place in one.signs.keys() | other.signs.keys()
    )


def _oppose_at(one: _Read, other: _Read, some: set[str], others: set[str]) -> bool:
    if some == others:
        return False
    for left, right in _OPPOSITES:
        for mine, theirs in ((some, others), (others, some)):
            is_opposite = mine & left and theirs & right
            if is_opposite and not (mine & right or theirs & left):
                return True
    some, others = some - {_EQUAL}, others - {_EQUAL}
    if bool(some) == bool(others):
        return False
    with_signs, without = (one, other) if some else (other, one)
    signs = some or others
    if _BAR in signs and one.has_math and other.has_math:
        return True
    if signs.isdisjoint(_TOLD_BY_THEMSELVES) or _NEUTRAL in signs:
        return False
    return not (with_signs.is_punctuated and not without.is_punctuated)

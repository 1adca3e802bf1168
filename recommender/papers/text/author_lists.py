"""Room 1, papers: the names in what a source says of a paper's authors. Pure.

Sources write ``Jane A. Doe``, ``Doe, J.A.`` and ``Doe JA``, each in an element of its own or all in
one. Here all become ``Jane A. Doe`` and ``J. A. Doe``, with one apostrophe, a stop behind initials,
no degrees and no comma before ``Jr.``; and what names nobody is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from recommender.papers.text.conjunctions import AND, OTHERS, printed_list, with_and
from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import clean_line, lines_of_html

_LONGEST_NAME: Final = 150
_LAST_AND_FIRST: Final = 2
_MOST_WORDS: Final = 8
_LONGEST_ACRONYM: Final = 3
_LONGEST_LIST: Final = 50_000
_DEEPEST_BRACKETS: Final = 3

_COMMA: Final = re.compile(r",\s+|,(?=[^\W\d_])|[，、]\s*|\s?(?:…|\.{3})\s?(?=[^\W\d_])")
_GROUP_END: Final = re.compile(r"\s?[,;]\s+")
_SUFFIX: Final = re.compile(r"(?:[JS]r\.?|I{2,3}|IV|\d(?:nd|rd|th))", re.IGNORECASE)
_GENERATION: Final = re.compile(r"[JS]r\.?|I{2,3}|IV|[2-4](?:nd|rd|th)")
_ORDINAL: Final = re.compile(r"(?<=[\s,])(?:(2nd)|(3rd)|(4th))(?![^\s,.])")
_ORDINALS: Final = ("II", "III", "IV")
# Of the others each may be initials: "Doe MD".
_DEGREE: Final = re.compile(
    r"(?<![\s,/])[\s,/]{1,3}(?:(?P<surely>Ph\.?\s?Ds?|[DM]\.?\s?Phil|[BM]\.?\s?Sc|Sc\.?D|Pharm\.?D"
    r"|Psy\.?D|Ed\.?D|Dr\.?P\.?H|MBBS|MBChB|M\.\s?B\.,?\s?(?:B\.\s?S|Ch\.\s?B|B\.\s?Ch)|FRC(?:P|S|Path|Psych|R|A)|FAC[CPS]|FAAN|FAHA|Dr|Prof)"
    r"|M\.?\s?D|PHD|[BM]SC|M\.?P\.?H|M\.?B\.?A|R\.?N|D\.?D\.?S|D\.?V\.?M)\.?\Z"
)
_MOST_DEGREES: Final = 6
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.[ -]?)+(?:[^\W\d_]\.?)?|[A-Z]{1,3}(?:-[A-Z])?")
_INITIAL_AT_END: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]\.?\Z")
# A family name and a given name; of one character there is only half of them.
_HAN_OR_HANGUL_NAME: Final = re.compile(r"[\u3400-\u9fff々]{2,5}|[\uac00-\ud7a3]{2,5}")
_SURNAME_AND_INITIALS: Final = re.compile(
    r"(?P<surname>(?:'?[^\W\d_]{1,12}'?\s){0,2}?[^\W\d_](?:[^\W\d_]|['-]){1,40})"
    r"\s(?P<initials>[A-Z]{1,3}(?:-[A-Z])?|(?:[A-Z]\.[ -]?){1,4})"
    r"(?P<suffix>,?\s(?:[JS]r\.?|I{2,3}|IV))?"
)
# O'Brien, D'Souza and Al-Hassan are no given names.
_SURELY_SURNAME: Final = re.compile(r"(?:[ODL]'|[AE]l-)[^\W\d_]", re.IGNORECASE)
_JUNIOR: Final = re.compile(r",?\s([JS])r\.?\Z", re.IGNORECASE)
_PARTICLES: Final = frozenset((
    "van", "von", "der", "den", "ten", "ter", "de", "da", "di", "du", "del", "della", "dela",
    "dos", "das", "do", "la", "las", "los", "le", "bin", "ibn", "al", "el", "e", "y", "zu",
    "zur", "af", "av", "st.", "st", "'t", "d'", "of", "the", "for", "on", "behalf", "and", "in",
))  # fmt: skip
# "Example University, Department of Examples" is no person with a given name.
_BODY: Final = re.compile(
    r"\b(?:Universit|Institut|Department|Group|Consorti|Collaboration|Team|Cent(?:er|re)\b|Society"
    r"|Committee|Laborator|School|Network|Ltd|Inc\b|Foundation|Working|Association|Project)",
    re.IGNORECASE,
)
# "GLM-4.5 Team" and "o3 contributors" are authors; what else has digits is an address.
_NUMBERED_TEAM: Final = re.compile(
    r"\b(?:Team|Collaboration|Group|Consortium|Contributors)\Z", re.IGNORECASE
)
# Companies, whose short names look like initials: "Team GLM", "LG AI Research".
_COMPANY: Final = re.compile(
    r"\b(?:AI|Research|Labs?|Intelligence|Technolog(?:y|ies)|Robotics|Academy|Universit\w+)\b"
)
_NOBODY: Final = frozenset(
    {
        *("anonymous", "unknown", "n/a", "none", "null", "no author", "admin", "editor", "author"),
        *("webmaster", "administrator"),
        *("noreply", "no reply", "nobody", "al", "al.", "others", "arxiv api core"),
    }
)
# The group behind is an author, who wrote for it is one already.
_FOR_A_GROUP: Final = re.compile(
    r"(?:\A|[\s,;]{1,5}(?:and\s)?)[(\[]?(?:on\s+behalf\s+of\s+(?:(?:all|the)\s+)*|im\s+namen\s+de[rs]\s+"
    r"|au\s+nom\s+d(?:e\s+la|e\s+l['’]|es|u)\s+|en\s+nombre\s+de(?:l|\s+la)?\s+"
    r"|for\s+the\s+(?=[^,;]{0,120}\b(?:Investigators|Group|Consortium|Collaborat(?:ors|ion)"
    r"|Network|Team|Initiative|Stud(?:y|ies))\b))",
    re.IGNORECASE,
)
# What somebody is called at a forum.
_HANDLE: Final = re.compile(r"/?u/\S")
# Most names are; the rest of `normal_name` finds nothing to do in them.
_PLAIN: Final = re.compile(r"[A-Z][a-z]{2,30} (?:[A-Z]\. )?[A-Z][a-z]{2,30}")
_BY: Final = re.compile(
    r"\A\s*(?:by|por|oleh|authors?(?:\(s\))?\s*:|authored by)\s+(?=\S)", re.IGNORECASE
)
_MAIL: Final = re.compile(r"[<(]?[^\s@<>()]{1,64}@[^\s@<>()]{1,100}[>)]?")
_BRACKETED: Final = re.compile(r"[(\[][^()\[\]]{0,200}[)\]]")
_NOTE_MARKS: Final = re.compile(r"[*†‡§¶#∗⋆✉⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ]+|(?<=[^\W\d_])[\d,]+$")
_GLUED_INITIAL: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]\.)(?=[^\W\d_])")
_ONE_SPELLING: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011", "-") | dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4\uff07`", "'")
)
_PARTED_PREFIX: Final = re.compile(r"\b([ODL]')\s(?=[A-ZÀ-Þ])")


def authors_of(fields: Iterable[str], *, inverted: bool = True) -> tuple[str, ...]:
    """Read who wrote a paper from one field with all names, or one for each.

    Parameters
    ----------
    fields : iterable of str
        As HTML or plain text, possibly with LaTeX's accents.
    inverted : bool
        Whether a lone ``Plato, Ann`` is one person, family name first. False where names stand in
        their usual order, as at arXiv.

    Returns
    -------
    tuple of str
        In order, ``Jane A. Doe``.

    Examples
    --------
    >>> authors_of(["Urquhart, A.S., van Example, B. and Doe, Jane et al."])
    ('A. S. Urquhart', 'B. van Example', 'Jane Doe')
    """
    parted = [name for field in fields for name in printed_list(field) or (field,)]
    stated = [lines for lines in map(lines_of_html, parted) if lines]
    names: list[str] = []
    for lines in stated:
        # Some sites part names by the ends of lines alone.
        if len(stated) == 1 or len(lines) > 1:
            several = (with_and(line[:_LONGEST_LIST]) for line in lines)
            names += [name for line in several for name in _parted(line, inverted=inverted)]
        else:
            before, *groups = _FOR_A_GROUP.split(lines[0])
            names += [*before.split(";"), *groups]
    return normal_names(names)


def named_once(people: tuple[str, ...]) -> tuple[str, ...]:
    """Take each once of a list that a source gives twice, one behind the other.

    Where each name stands by itself that does not happen, and two people may have one name:
    ``Wang J`` and ``Wang J``.
    """
    half = len(people) // 2
    return people[:half] if half and people[:half] == people[half:] else people


def normal_names(names: Iterable[str]) -> tuple[str, ...]:
    """Write names as `normal_name` does, each by itself; those that name nobody are left out.

    Family names before initials are known by each other: ``Doe A`` may be Doe's or A's. One that is
    no given name (``O'Brien K``, ``van der Berg A``) is known alone.
    """
    return tuple(filter(None, map(normal_name, _turned(names))))


def are_family_names_first(lists: Iterable[str]) -> bool:
    """Whether lists of one file write ``Plato, Ann``, so that one such name alone is one person.

    So it is where semicolons or "and" part such names in one of them, or where initials or a small
    word before the family name show the order. ``Plato, Roe`` alone may be two people, who are
    then named; turned round they would be one whom nobody knows.

    Examples
    --------
    >>> are_family_names_first(["Roe, Max; Doe, Jane", "Plato, Ann"])
    True
    >>> are_family_names_first(["Doe, J. A.", "Plato, Ann"])
    True
    >>> are_family_names_first(["Max Roe, Jane Doe", "Plato, Ann"])
    False
    """
    several = [text.strip(" ,;.") for text in lists if "," in text]
    parted = [[part.strip() for part in re.split(r";|\s(?:and|und|&)\s", text)] for text in several]
    return any(
        all(map(_is_family_name_first, parts))
        and (len(parts) > 1 or _shows_order(*parts[0].split(",", 1)))
        for parts in parted
    )


def _shows_order(family: str, given_names: str) -> bool:
    """Whether initials end the given names, or a small word begins the family name."""
    return " " in family or _INITIAL_AT_END.search(given_names) is not None


def _is_family_name_first(part: str) -> bool:
    """Whether a part is a family name, one comma and no more than two given names."""
    family, comma, given = part.partition(",")
    given = given.strip()
    return (
        bool(comma and family and given)
        and "," not in given
        and given.count(" ") < _LAST_AND_FIRST
        and _is_surname(family)
        and _SUFFIX.fullmatch(given) is None
        and not is_body(given)
        and not _are_whole_names((family, given))
    )


def _are_whole_names(parts: Sequence[str]) -> bool:
    """Whether parts are names in Han or Hangul, which need no comma: ``김철수, 이영희``."""
    return all(map(_HAN_OR_HANGUL_NAME.fullmatch, map(str.strip, parts)))


def names_alone(line: str) -> tuple[str, ...]:
    """Return the people where a line consists of their names and nothing else, otherwise none."""
    line = _BY.sub("", line.strip(), count=1).rstrip(" .")
    if not line or len(line) > _LONGEST_LIST or line.endswith((":", "?", "!")):
        return ()
    names = _parted(line, inverted=True)
    # Some people have one name; a list of single words is no list of people.
    one_word = [name for name in names if " " not in name and name[:1].isupper()]
    if 3 * len(one_word) >= len(names):
        return ()
    read = (_reads_like_a_name(name) for name in names if name not in one_word)
    return authors_of([line]) if all(read) else ()


def normal_name(name: str) -> str:
    """Write one name given name first, its initials parted; empty where it names nobody."""
    if _PLAIN.fullmatch(name):
        return name
    name = with_accents(mended(_MAIL.sub(" ", clean_line(name)[:1_000])))
    group = _FOR_A_GROUP.match(name)
    name = name[group.end() :] if group is not None else name
    name = _PARTED_PREFIX.sub(r"\1", name.translate(_ONE_SPELLING))
    name = _NOTE_MARKS.sub("", _BRACKETED.sub(" ", OTHERS.sub(" ", _BY.sub("", name, count=1))))
    name = without_degrees(_with_numerals(" ".join(name.strip(" ,;:·|_+").split())))
    parts = name.split(", ")
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    parts = [part for part in parts if part not in suffixes]
    if len(parts) > 1 or _has_given_name(parted_generation(name)[0]):
        parted = [parted_generation(part) for part in parts]
        parts = [part for part, _ in parted]
        suffixes += [generation for _, generation in parted if generation]
    if len(parts) == _LAST_AND_FIRST and not _BODY.search(name):
        parts.reverse()
        name = " ".join(parts)
    else:
        name = ", ".join(parts)
    name = _initials_parted(_GLUED_INITIAL.sub(r"\1 ", name))
    name = _JUNIOR.sub(r" \1r.", " ".join([_without_capitals(name), *suffixes]))
    name = _with_stops_and_particles(name)
    is_nobody = name.casefold().strip(" .") in _NOBODY or not any(map(str.isalpha, name))
    numbered = any(map(str.isdigit, name)) and not _NUMBERED_TEAM.search(name)
    too_much = len(name) > _LONGEST_NAME or numbered or "://" in name
    return "" if is_nobody or too_much or _HANDLE.match(name) else name


def has_word_of_no_name(text: str) -> bool:
    """Whether a word in small letters stands in a text that stands in few names: "Schlaf für"."""
    return any(word.islower() and not is_particle(word) for word in text.split())


def parted_generation(name: str) -> tuple[str, str]:
    """Part ``Max Moe`` and ``Jr``, which may be empty."""
    rest, _, last = name.rpartition(" ")
    return (rest, last) if rest and _GENERATION.fullmatch(last) else (name, "")


def without_degrees(name: str, *, may_be_initials: bool = False) -> str:
    """Take what somebody studied from the end of a name: ``Jane Doe, MD, PhD``.

    Parameters
    ----------
    may_be_initials : bool
        Whether the names beside it have their initials there, as ``Doe MD`` alone has.
    """
    for _ in range(0 if _PLAIN.fullmatch(name) else _MOST_DEGREES):
        found = _DEGREE.search(name)
        if found is None or is_body(name):
            break
        before = name[: found.start()]
        if not before or not (found["surely"] or (_has_given_name(before) and not may_be_initials)):
            break
        name = before
    return name


def is_body(name: str) -> bool:
    """Whether a name is that of a group or an institution, not of a person."""
    return _BODY.search(name) is not None


def _turned(names: Iterable[str]) -> list[str]:
    """Turn ``Doe JA`` round; ``Ann B`` only where all names are of this form: it may be either."""
    names = list(names)
    if all(map(_PLAIN.fullmatch, names)):
        return names
    names = _without_degrees(
        _with_numerals(clean_line(each).translate(_ONE_SPELLING)) for each in names
    )
    found = [_surname_and_initials(name) for name in names]
    surely = len(names) > 1 and all(found)
    # "Zedong YU" among whole names writes the family name in capitals.
    often = 2 * sum(each is not None for each in found) >= len(names)
    turned = []
    for name, each in zip(names, found, strict=True):
        letters = [letter for letter in each["initials"] if letter.isalpha()] if each else []
        # "Li AI" is a person among others of the form, "Meta AI" beside full names is none.
        is_other = is_body(name) or (
            each is not None
            and (_COMPANY.search(each["surname"]) or (each["initials"] == "AI" and not surely))
        )
        known_alone = each is not None and _is_surely_surname(each["surname"])
        is_meant = known_alone or (not name.isupper() and (surely or (often and len(letters) > 1)))
        if each is None or is_other or not is_meant:
            turned.append(name)
        else:
            initials = [f"{letter}." for letter in letters]
            turned.append(" ".join([*initials, each["surname"]]) + (each["suffix"] or ""))
    return turned


def _without_degrees(names: Iterable[str]) -> list[str]:
    """Take degrees away, which are initials where most names have theirs behind the family name."""
    names = list(names)
    bare = [without_degrees(name) for name in names]
    if bare == names:
        return names
    undoubted = [without_degrees(name, may_be_initials=True) for name in names]
    certain = [name for name, other in zip(bare, undoubted, strict=True) if name == other]
    turned_round = [name for name in certain if _surname_and_initials(name)]
    return undoubted if turned_round and 2 * len(turned_round) >= len(certain) else bare


def _surname_and_initials(name: str) -> re.Match[str] | None:
    """Match ``Doe JA``; in ``Jane Doe II`` no initials stand behind the name."""
    found = _SURNAME_AND_INITIALS.fullmatch(name)
    is_generation = found is not None and _GENERATION.fullmatch(found["initials"])
    return None if is_generation and _has_given_name(parted_generation(name)[0]) else found


def _has_given_name(name: str) -> bool:
    """Whether more than a family name is said, with the small words before it."""
    words = [word for word in name.replace(",", " ").split() if not is_particle(word)]
    return len(words) > 1


def is_particle(word: str) -> bool:
    """Whether a word may belong to the family name behind it; ``Y`` is an initial, ``y`` is not."""
    return word.lower() in _PARTICLES and not (len(word) == 1 and word.isupper())


def _with_numerals(name: str) -> str:
    """Write ``3rd`` behind a name as ``III``."""
    return _ORDINAL.sub(lambda found: _ORDINALS[(found.lastindex or 1) - 1], name)


def _is_surely_surname(words: str) -> bool:
    """Whether words can be no given name: ``O'Brien``, ``de Souza``, ``Van Der Berg``."""
    *before, _ = words.split()
    particles = [word for word in before if is_particle(word)]
    is_particled = len(particles) == len(before) and (len(before) > 1 or words[0].islower())
    return _SURELY_SURNAME.match(words) is not None or (bool(before) and is_particled)


def _initials_parted(name: str) -> str:
    """Write ``AB Doe`` as ``A. B. Doe``; a first name of two letters in capitals is initials."""
    first, space, rest = name.partition(" ")
    is_initials = (
        first.isupper() and first.isalpha() and len(first) < _LONGEST_ACRONYM and first.isascii()
    )
    if not space or not is_initials or name.isupper() or is_body(rest) or _COMPANY.search(rest):
        return name
    return " ".join([*(f"{letter}." for letter in first), rest])


def _with_stops_and_particles(name: str) -> str:
    """Write ``Jane A Van Der Doe`` as ``Jane A. van der Doe``; one ``Van`` may be a given name."""
    words = name.split()
    if (
        len(words) < _LAST_AND_FIRST
        or len(words[-1]) == 1
        or is_body(name)
        or _COMPANY.search(name)
    ):
        return name
    may_be_small = [place > 0 and word.lower() in _PARTICLES for place, word in enumerate(words)]
    may_be_small[-1] = False
    for place, word in enumerate(words[:-1]):
        if len(word) == 1 and word.isupper():
            words[place] = f"{word}."
        elif may_be_small[place] and (may_be_small[place - 1] or may_be_small[place + 1]):
            words[place] = word.lower()
    return " ".join(words)


def _without_capitals(name: str) -> str:
    """Write ``JANE DOE-ROE`` as ``Jane Doe-Roe``; short words may be acronyms."""
    words = name.split()
    shouted = len(words) > 1 and name.isupper() and max(map(len, words)) > _LONGEST_ACRONYM
    return name.title() if shouted and not _BODY.search(name) else name


def _parted(text: str, *, inverted: bool) -> list[str]:
    """Part the names in one field where that is certain."""
    before, *groups = _FOR_A_GROUP.split(text[:_LONGEST_LIST])
    if groups:
        # Behind a group others may follow.
        behind = [part.strip(" )]") for each in groups for part in _GROUP_END.split(each)]
        return [*(_parted(before, inverted=inverted) if before else []), *filter(None, behind)]
    text = _without_brackets(OTHERS.sub(" ", text[:_LONGEST_LIST])).strip(" ,;|")
    for separator in (";", "|", " / ", " · ", " • "):
        if separator in text:
            return [part for each in text.split(separator) for part in _around_and(each)]
    by_and = AND.split(text)
    if len(by_and) > 1 and all(part.count(",") == 1 for part in by_and) and inverted:
        firsts = [part.partition(",")[0] for part in by_and]
        if all(" " not in first or is_particle(first.split()[0]) for first in firsts):
            return by_and  # as BibTeX has them: "Doe, Jane and Roe, Richard"
    parts = [part.strip() for each in by_and for part in _COMMA.split(each) if part.strip()]
    parts = _with_suffixes(parts)
    # "Di Doe and Ann Roe": what "and" alone parts are names, though one begins with a particle.
    by_and_alone = len(parts) == len(by_and) > 1 and all(" " in part for part in parts)
    are_names = not inverted or by_and_alone or _are_names(parts)
    return _by_turns(parts) or (parts if are_names else [text])


def _without_brackets(text: str) -> str:
    """Take away where authors work: its commas part no names, ``Ann Bee (Example, UK)``."""
    for _ in range(_DEEPEST_BRACKETS):
        shorter = _BRACKETED.sub(" ", text)
        if shorter == text or not shorter.strip(" ,;."):
            break  # all of it stands within brackets
        text = shorter
    return text


def _are_names(parts: list[str]) -> bool:
    """Whether parts between commas are names each, not family name and given names of one."""
    if _are_whole_names(parts):
        return True
    if len(parts) == _LAST_AND_FIRST and _is_surname(parts[0]):
        # "Bin Doe, Roe Poe": in capitals it is a given name, unless one alone stands behind.
        return parts[0].startswith("Bin ") and " " in parts[1]
    lone = sum(" " not in part and "." not in part for part in parts)
    return 2 * lone <= len(parts)


def _by_turns(parts: list[str]) -> list[str]:
    """Join family names and given names or initials that come by turns, as bioRxiv has them."""
    surnames, given = parts[::2], parts[1::2]
    if len(surnames) != len(given):
        return []
    several = len(surnames) > 1 and all(map(_is_surname, surnames))
    if not all(map(_INITIALS.fullmatch, given)) and not several:
        return []
    return [f"{surname}, {first}" for surname, first in zip(surnames, given, strict=True)]


def _around_and(text: str) -> list[str]:
    """Part at "and" what semicolons have left together: ``Doe, Jane and Roe, Richard``."""
    return [part for part in (piece.strip() for piece in AND.split(text)) if part]


def _with_suffixes(parts: list[str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and _SUFFIX.fullmatch(part):
            joined[-1] += f", {part}"
        elif not joined or without_degrees(f"{joined[-1]}, {part}") != without_degrees(joined[-1]):
            joined.append(part)
    return joined


def _is_surname(part: str) -> bool:
    """Whether a part is a family name by itself: one word, with the small words before it."""
    *before, _ = part.split()
    return all(map(is_particle, before)) and not _BODY.search(part)


def _reads_like_a_name(part: str) -> bool:
    if _PLAIN.fullmatch(part) and part.rpartition(" ")[2].lower() not in _PARTICLES:
        return True
    words = part.replace(",", " ").split()
    if not _LAST_AND_FIRST <= len(words) <= _MOST_WORDS or len(part) > _LONGEST_NAME:
        return False
    if any(map(str.isdigit, part)) or any(mark in part for mark in ":?!/=<>%"):
        return False
    # "We test this", or a sentence that ends within the part.
    if any(word.endswith(".") and len(word.strip(".-")) > _LONGEST_ACRONYM for word in words[:-1]):
        return False
    named = [word for word in words if word.lower().strip(".") not in _PARTICLES]
    small = sum(not word.lstrip("'’-")[:1].isupper() for word in named)
    return bool(named) and named[0][:1].isupper() and 3 * small <= len(named)

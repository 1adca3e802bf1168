"""Room 1, papers: RIS. Pure.

The tags: https://en.wikipedia.org/wiki/RIS_(file_format); exporters differ in which they use, and
in how they write them: ``TY  - JOUR``, ``ty - JOUR``, ``TY- JOUR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recommender.domain.titles import title_key
from recommender.languages.messages import Message
from recommender.papers.identity.identifiers import NamedPapers, find_identifiers
from recommender.papers.references.bibliography import (
    Record,
    Unread,
    first_name_first,
    most_precise,
)
from recommender.papers.references.tagged_lines import TaggedRecord, tagged_records
from recommender.papers.text.plain_text import text_of_html

_TAGS: Final = (
    "A[1-5U]|AB|AD|AN|AV|BT|C[1-8]|CA|CN|CP|CT|CY|D[ABOPI]|E[DTPR]|ID|IS|J[1AFO]|K[1W]|L[1-4AKB]"
    "|LK|M[1-3]|N[12]|NV|O[PL]|P[BPY]|RI|RN|RP|S[ENPTV]|T[1-3AITY]|U[1-5R]|V[LO]|Y[12]"
)
# White space before the tag is a paragraph that was indented, as mail programs do.
_START: Final = re.compile(
    r"^[ \t]*(?:TY {2}-|TY[ \t]{0,3}[-–—](?=[ \t]{0,3}[A-Z]{3,10}[ \t]*$))",
    re.IGNORECASE | re.MULTILINE,
)
_STRICT: Final = re.compile(r"[ \t]*(?P<tag>[A-Z][A-Z0-9])  -(?P<text>(?:[ \t].*)?)\Z")
_LENIENT: Final = re.compile(
    rf"[ \t]*(?P<tag>{_TAGS})[ \t]{{0,3}}[-–—](?P<text>(?:[ \t].*)?)\Z", re.IGNORECASE
)
_END: Final = re.compile(r"[ \t]*ER[ \t]{0,3}[-–—][ \t]*\Z", re.IGNORECASE)
_TITLES: Final = frozenset({"TI", "T1"})
_PERIODICALS: Final = ("JO", "JF", "JA", "T2", "T3")
# What a reference has in one place, or once; a translated title may come with another abstract.
_IN_ONE_PLACE: Final = frozenset({"AU", "A1", "DO", "PY", "Y1", "JO", "JF", "T2", "VL", "SP"})
# Scopus puts there what a paper cites; these are other papers.
_CITED: Final = re.compile(
    r"\b(?:cited\s)?references?\s?:|\bcited\sby\b|\bbibliography\s?:", re.IGNORECASE
)
# "2013/02/15/received": not when it came out.
_BEFORE: Final = re.compile(r"[/ ](?:received|accepted|revised)\b", re.IGNORECASE)


def is_ris(text: str) -> bool:
    """Whether a reference begins somewhere."""
    return _START.search(text) is not None


def read_ris(text: str) -> Iterator[Record | Unread | NamedPapers]:
    """Read the references of a RIS file, in order. One that is not ended ends at the next.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.

    Yields
    ------
    Record or Unread or NamedPapers
        The last are in text before the first reference.

    Raises
    ------
    DigestError
        Where it has more references than are taken at a time.
    """
    starts = [found.start() for found in _START.finditer(text)]
    yield find_identifiers(text[: starts[0]])
    # A sentence may begin "In - or out", so other forms count where the file has no usual one.
    line = _STRICT if re.search(r"^[ \t]*TY {2}-", text, re.MULTILINE) else _LENIENT
    for read in tagged_records(text, starts, line=line, end=_END, titles=_TITLES):
        yield read if isinstance(read, Unread) else _record(read)


def _record(reference: TaggedRecord) -> Record | Unread:
    if _is_of_two(reference):
        return Unread(
            reference.where,
            Message(
                "two references in one; end the first with a line ER  -, begin the next with TY  -"
            ),
        )
    dates = [text for text in reference.texts("DA", "PY", "Y1") if not _BEFORE.search(text)]
    notes = [_CITED.split(text, maxsplit=1)[0] for text in reference.texts("N1")]
    return Record(
        where=reference.where,
        title=text_of_html(_title(reference)),
        abstract=_abstract(reference),
        authors=first_name_first(_people(reference)),
        identified_by=tuple(
            text
            for tag in ("DO", "DI", "UR", "LK", "L3", "M3", "L1", "L2", "M1", "AN", "C7")
            for text in reference.texts(tag)
        )
        + tuple(reference.texts(*_PERIODICALS)),
        noted=tuple(notes),
        date=most_precise(dates),
        month=reference.first("DA"),
        page=reference.first("UR", "LK", "L2"),
    )


def _people(reference: TaggedRecord) -> list[str]:
    """Return who stands in the two fields of authors; in both, people are the same ones.

    Who stands twice in one of them by initials may be two people.
    """
    named, other = (
        [name for text in reference.texts(tag) for name in _names_in(text)] for tag in ("AU", "A1")
    )
    if len(named) == len(other) and list(map(_family, named)) == list(map(_family, other)):
        return [max(pair, key=len) for pair in zip(named, other, strict=True)]
    people: list[str] = []
    standing: dict[str, str] = {}
    for tag, text in reference.fields:
        for name in _names_in(text) if tag in ("AU", "A1") else ():
            is_another = standing.get(name) == tag and _INITIALS.search(name) is not None
            if name and (name not in standing or is_another):
                people.append(name)
            standing.setdefault(name, tag)
    return people


def _names_in(text: str) -> list[str]:
    """Part a field that has several people, though each is due one of their own."""
    parts = _AND.split(text)
    # "Department of Health and Human Services" is one.
    parts = parts if all(part.count(",") == 1 for part in parts) else [text]
    return [name.strip() for part in parts for name in part.split(";")]


def _family(name: str) -> str:
    return name.partition(",")[0].casefold()


# "Wang, J." and "Wang J"
_AND: Final = re.compile(r"\s(?:and|&)\s")
_INITIALS: Final = re.compile(r"[,\s](?:\s?[^\W\d_a-z](?:\.|\b)-?){1,4}\s*\Z")


def _is_of_two(reference: TaggedRecord) -> bool:
    """Whether a second title parts what a reference has in one place: the end of one is missing."""
    titles: set[str] = set()
    parts: list[set[str]] = [set()]
    for tag, text in reference.fields:
        if tag in _TITLES and text and title_key(text) not in titles:
            titles.add(title_key(text))
            parts.append(set())
        elif tag in _IN_ONE_PLACE and text:
            parts[-1].add(tag)
    return len(titles) > 1 and sum(map(len, parts)) > len(set().union(*parts))


def _title(reference: TaggedRecord) -> str:
    """Return the first title that is not that of the periodical, if there is another one."""
    periodicals = set(map(title_key, reference.texts(*_PERIODICALS)))
    titles = [title for tag in ("TI", "T1", "CT", "BT") for title in reference.texts(tag)]
    own = (title for title in titles if title_key(title) not in periodicals)
    return next(own, "".join(titles[:1]))


def _abstract(reference: TaggedRecord) -> str:
    """Return the longest: of the two fields one may be a mere ``NA``."""
    return max(map(text_of_html, reference.texts("AB", "N2")), key=len, default="")

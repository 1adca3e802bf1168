"""Room 1, papers: lists of references, in which each paragraph is one citation. Pure.

A citation ends without a full stop where it ends in a DOI, and is as long as a title or an
abstract. It is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from recommender.domain import Digest
from recommender.errors import DigestError

_LONGEST: Final = 3_000
_COMPARED: Final = 30
_SEVERAL: Final = 2
_NUMBERED: Final = re.compile(r"\A[\s>*•·–-]{0,8}(?:[\[(]?[0-9]{1,4}[\].)]{1,2}\s{1,4})?")
# "van der Doe"; a longer word in small letters is no part of a name.
_SURNAME: Final = (
    r"(?:(?!and\s|et\s)(?:[^\W\d_a-z][\w'’-]{0,40}|[a-z]{1,3})\s){0,3}[^\W\d_a-z][\w'’-]{0,40}"
)
_PERSON: Final = (
    # "Doe JQ", "Doe, J. Q." and "J. Q. Doe"
    rf"(?:{_SURNAME}\s[A-ZÀ-Þ]{{1,4}}(?:\s(?:Jr|Sr|II|III))?"
    rf"|{_SURNAME},\s(?:[A-ZÀ-Þ]\.[\s-]?){{1,4}}"
    rf"|(?:[A-ZÀ-Þ]\.[\s-]?){{1,4}}\s?{_SURNAME})"
)
_PEOPLE: Final = re.compile(
    rf"{_PERSON}(?:(?:[,;]\s(?:(?:and|&|…)\s)?|\s(?:and|&)\s){_PERSON})*+"
    r"(?:,?\set\sal)?[.,:]?\s?(?:\([12][0-9]{3}[^)]{0,20}\)|(?<=[.,:\s])[^\s,])"
)
_END: Final = re.compile(
    r"(?:\b(?:doi:?\s?|https?://(?:dx\.)?doi\.org/)10\.[0-9]{4,9}/\S{1,200}"
    r"|\b[12][0-9]{3}(?:\s\w{3}(?:\s[0-9]{1,2})?)?;\s?\w{1,8}(?:\([^)]{1,12}\))?:\s?[\w–-]{1,20})"
    r"(?:[.;,]?\s{1,2}(?:PMID|PMCID|Epub)\b.{0,80})?[.\s]*\Z"
)
_YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_WORDS: Final = re.compile(r"\W+")


def is_citation(text: str) -> bool:
    """Whether a paragraph is the citation of a paper: people with initials, a year, its DOI.

    Or its volume and pages.
    """
    if len(text) > _LONGEST:
        return False
    text = _NUMBERED.sub("", text)
    end = _END.search(text)
    return (
        end is not None
        and _YEAR.search(text) is not None
        and _PEOPLE.match(text[: end.start()]) is not None
    )


def citations_in(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the paragraphs and lines that are citations, each with the number of its line."""
    paragraphs = [*_paragraphs(lines), *lines]
    return sorted({(number, text) for number, text in paragraphs if is_citation(text)})


def _paragraphs(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    number, parts = 0, list[str]()
    for at, raw in (*lines, (0, "")):
        if raw.strip():
            number = number if parts else at
            parts.append(raw.strip())
        elif parts:
            yield number, " ".join(parts)
            parts = []


def refusal(citations: Sequence[tuple[int, str]]) -> DigestError:
    """Return why a digest of citations is not read, with the line of the first."""
    number, text = citations[0]
    return DigestError(
        f"line {number}",
        f"'{text.strip()[:60]}' looks like a citation, which is neither a title nor an abstract; "
        "export the papers as RIS or BibTeX, or write the title of each on a line of its own",
    )


def are_most(citations: Sequence[tuple[int, str]], lines: Sequence[tuple[int, str]]) -> bool:
    """Whether a document is likely to be a list of references: half of its lines, or more."""
    number = len({number for number, _ in citations})
    return number >= _SEVERAL and 2 * number >= sum(bool(raw.strip()) for _, raw in lines)


def require_no_citation(digest: Digest, citations: Sequence[tuple[int, str]]) -> None:
    """Notice a citation that was read as a title or an abstract.

    Raises
    ------
    DigestError
        With its line, and the fix.
    """
    begin = {_beginning(text): (number, text) for number, text in citations}
    for entry in digest.entries:
        for text in (entry.title, entry.abstract, *entry.abstract.split("\n")):
            if (read := begin.get(_beginning(text))) is not None:
                raise refusal([read])


def _beginning(text: str) -> str:
    # Numbers before titles may have been taken away.
    text = _NUMBERED.sub("", text)
    return _WORDS.sub("", text)[:_COMPARED]

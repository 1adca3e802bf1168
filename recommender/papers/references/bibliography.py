"""Room 1, papers: one record of a bibliography, and the paper that it describes. Pure.

Knows no format: their modules hand over what a record says, in plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.languages.messages import Message
from recommender.papers.identity.identifiers import find_identifiers, identifiers_of
from recommender.papers.text.abstracts import cleaned_abstract
from recommender.papers.text.author_lists import (
    authors_of,
    normal_name,
    parted_generation,
    without_degrees,
)
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS

MOST_PAPERS: Final = 500
SPLIT: Final = Message(
    "at most %(most)s at a time: split it, and send one part after the other", most=MOST_PAPERS
)

MOST_MARKUP: Final = 50_000
"""Signs of markup in the texts of a document: a hundred a paper. Each costs as much as a hundred
letters, where somebody sends nothing else."""

MOST_ABSTRACT_CHARACTERS: Final = 20_000
MOST_AUTHORS_CHARACTERS: Final = 50_000
"""Well beyond any paper's. A record that has more is no paper, or somebody fills the disk."""

# "(1998)", "c. 1998"; but 2011 before our era is no year of a paper.
_BEFORE_YEAR: Final = re.compile(r"\A[^\d-]{1,12}(?=\d{4}(?!\d))")
_NOBODY: Final = re.compile(
    r"(?:and )?(?:et\.? al\.?|others|no author|anonymous)(?: and)?", re.IGNORECASE
)
_MOST_GIVEN_NAMES: Final = 4
_LAST_AND_INITIALS: Final = re.compile(
    r"(?P<last>[^\W\d_][^,.]{1,60}) (?P<initials>(?:[^\W\d_]\.[ -]?){1,4})"
)
_LONGEST_NOTE: Final = 300
# What may stand around a paper's own identifier: "arXiv version:", "[cs.LG]", "12 pages",
# "Accepted at ICML". Behind any other words it is another paper's: "Extends 10.1234/x".
_OWN: Final = re.compile(
    r"(?:(?:an?|the|also|open|access|free|full|text|online|electronic|as|at|on|in|from|here|and|is)\s"
    r"|(?:arxiv|corr|abs|biorxiv|medrxiv|ssrn|pre-?print|e-?print|version|available|doi|id|identifier|url|link"
    r"|pdf|paper|article|accessible|accessed|published|publisher)\s)*"
    r"|(?:\d{1,4}\s(?:pages?|pp|figures?|figs?|tables?|appendix|appendices)\s)+"
    r"|(?:to\sappear|accepted|published|presented|appeared|oral|poster|spotlight|in\spress)\s"
    r"(?:(?:at|in|by|for)\s(?:the\s)?[^.;,]{1,80})?",
    re.IGNORECASE,
)
_PARTS_OF_NOTE: Final = re.compile(r"[.;,:|()\[\]]+(?:\s|\Z)|\s[(]|\\url\b|[{}<>]|\[[\w.-]{2,20}\]")
_ADDRESS: Final = re.compile(r"https?://\S")
# Of "2025-06/2025-09" the first month counts.
_DATE = re.compile(
    r"(?P<year>1[5-9]\d\d|20\d\d)(?:[-/](?P<month>\d\d?)(?!\d)(?:[-/](?P<day>\d\d?)(?!\d))?)?"
)
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_MONTH_NAME: Final = re.compile(rf"\b(?:{'|'.join(_MONTHS)})", re.IGNORECASE)
_LONGEST_MONTH: Final = 100
_DAY_OF_MONTH: Final = re.compile(
    r"[a-z]*[\s~.]{1,3}(?P<day>[12]\d|3[01]|0?[1-9])(?!\d)", re.IGNORECASE
)
_DAY_BEFORE_MONTH: Final = re.compile(
    r"(?<!\d)(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?[\s~.]{1,3}\Z"
)
_MONTH_AND_DAY: Final = re.compile(r"(?:1[0-2]|0?[1-9]) (?P<day>[12]\d|3[01]|0?[1-9])")
_MONTH = re.compile(
    rf"\b(?:(?P<name>{'|'.join(_MONTHS)})|(?P<number>1[0-2]|0?[1-9])\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be taken: where it stands (``line 47``), and why with the fix."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a bibliography says of one work, as plain text on one line each.

    Attributes
    ----------
    where : str
        The place in the document: ``line 47``.
    identified_by : tuple of str
        Fields that may be an arXiv id or a DOI, or an address with one, the surest first.
    noted : tuple of str
        Notes, which may name one among words where no field does.
    date : str
        Begins with the year where it is known: ``2017``, ``2017/06/12``.
    pubmed_id : str
        In digits, where it has one.
    page : str
        Where it may be read; empty, or whatever stood there.
    withdrawn : bool
        The record itself says that the work was taken back.
    """

    where: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    identified_by: tuple[str, ...] = ()
    date: str = ""
    month: str = ""
    noted: tuple[str, ...] = ()
    pubmed_id: str = ""
    page: str = ""
    withdrawn: bool = False


_LAST_STOP: Final = re.compile(r"(?<=[^\W\d_]{4})\.\Z")


def entry_of(record: Record) -> DigestEntry:
    """Read a record as a paper; its title is empty where the record has none.

    Its address is that of its identifier. Other addresses are not taken: who names a paper is not
    to decide where others who name it are led.
    """
    named = [identifiers_of(text) for text in record.identified_by if _is_own(text)]
    arxiv_id = next((arxiv_id for arxiv_id, _ in named if arxiv_id), None)
    doi = next((doi for _, doi in named if doi), None)
    if not (arxiv_id or doi):
        # Words behind an address, "(accessed 3 May)", say nothing of whose it is.
        pages = [text.split()[0] for text in record.identified_by if _ADDRESS.match(text)]
        doi = next((doi for _, doi in map(identifiers_of, pages) if doi), None)
    if not (arxiv_id or doi):
        arxiv_id, doi = _identifier_among_words(record.noted)
    return DigestEntry(
        # Catalogues end each title with a full stop; one behind a short word may abbreviate it.
        title=_LAST_STOP.sub("", record.title),
        abstract=cleaned_abstract(record.abstract),
        authors=tuple(
            normal_name(name) or name for name in record.authors if not _NOBODY.fullmatch(name)
        ),
        arxiv_id=arxiv_id,
        doi=doi,
        url=_identifier_url(arxiv_id, doi, record.pubmed_id),
        published_at=published_at(record.date, record.month),
    )


def problem_of(record: Record) -> str | None:
    """Return why a record cannot be a paper; None where it can."""
    sizes = (
        (Message("title"), len(record.title), MOST_TITLE_CHARACTERS),
        (Message("abstract"), len(record.abstract), MOST_ABSTRACT_CHARACTERS),
        (Message("list of authors"), sum(map(len, record.authors)), MOST_AUTHORS_CHARACTERS),
    )
    for name, characters, most in sizes:
        if characters > most:
            return Message(
                "its %(field)s has %(length)s characters; write at most %(most)s",
                field=name,
                length=characters,
                most=most,
            )
    return None


def published_at(date: str, month: str = "") -> datetime | None:
    """Read a date from 1500 to 2099 as midnight UTC; what is missing of it is its first.

    Parameters
    ----------
    date : str
        Begins with the year: ``2017``, ``2017-06``, ``2017/06/12/``, ``2017/Jun/``, ``(c. 2017)``.
    month : str
        By name or number, in whatever words: ``jun``, ``June``, ``06``; with a day where it is
        named: ``12 June``, ``Jun 12``.
    """
    date = _BEFORE_YEAR.sub("", date.strip(), count=1)
    found = _DATE.match(date)
    if found is None:
        return None
    behind = date[found.end() :]
    month_number, day = _month_and_day(month or (behind if _MONTH_NAME.search(behind) else ""))
    if found["month"]:
        month_number, day = int(found["month"]), int(found["day"] or 1)
    try:
        return datetime(int(found["year"]), month_number, day, tzinfo=UTC)
    except ValueError:
        return datetime(int(found["year"]), 1, 1, tzinfo=UTC)  # a month or day that there is not


def most_precise(dates: Iterable[str]) -> str:
    """Return the date that says most, the first of equals; empty where none can be read.

    Examples
    --------
    >>> most_precise(["2017", "2017/06/12/", "2018/01//", "soon"])
    '2017/06/12/'
    """
    found = [(date, _DATE.match(date)) for date in dates]
    read = [(date, each.lastindex or 0) for date, each in found if each is not None]
    return max(read, key=lambda dated: dated[1], default=("", 0))[0]


def first_name_first(names: Iterable[str]) -> tuple[str, ...]:
    """Turn ``Last, First``, ``Last, First, Suffix`` and ``Last F.`` round; other names stay.

    Nobody has so many given names as some bodies have words behind a comma.
    """
    turned = []
    for name in names:
        last, *others = (part.strip() for part in without_degrees(name).split(",", maxsplit=2))
        if others and len(others[0].split()) > _MOST_GIVEN_NAMES:
            turned.append(name.strip())
            continue
        initialled = _LAST_AND_INITIALS.fullmatch(last) if not others else None
        if initialled is not None:
            last, others = initialled["last"], [initialled["initials"]]
        given, generation = parted_generation("".join(others[:1]))
        turned.append(" ".join(filter(None, [given, last, generation, *others[1:]])))
    return tuple(filter(None, turned))


def whole_names(whole: Sequence[str], short: Sequence[str]) -> tuple[str, ...]:
    """Return each person by the whole name where one is given, else by family name and initials.

    Parameters
    ----------
    whole : sequence of str
        ``Doe, Jane``, in the order of ``short``; some may be missing.
    short : sequence of str
        ``Doe J``.
    """
    if not whole:
        return authors_of(short)
    if len(whole) >= len(short):
        return first_name_first(whole)
    read = authors_of(short)
    if len(read) != len(short):
        return read
    waiting = list(whole)
    chosen = []
    for name, by_initials in zip(short, read, strict=True):
        is_given = bool(waiting) and _family(waiting[0]) == _family(name)
        chosen.append(waiting.pop(0) if is_given else by_initials)
    return first_name_first([*chosen, *waiting])


def _family(name: str) -> str:
    return name.replace(",", " ").split()[0]


def _month_and_day(words: str) -> tuple[int, int]:
    found = list(_MONTH.finditer(words[:_LONGEST_MONTH]))
    named = next((each for each in found if each["name"]), None)
    if named is None:
        numbered = _MONTH_AND_DAY.fullmatch(words)
        day_number = int(numbered["day"]) if numbered is not None else 1
        return (int(found[0]["number"]) if found else 1), day_number
    # "12 June" and "Jun 12-15", but not "Jun/Jul 12".
    day = _DAY_OF_MONTH.match(words[named.end() :]) or _DAY_BEFORE_MONTH.search(
        words[: named.start()]
    )
    return _MONTHS.index(named["name"].lower()) + 1, int(day["day"]) if day else 1


def _is_own(text: str) -> bool:
    """Whether a field of several words leaves no doubt whose the identifier within is."""
    if " " not in text.strip():
        return True
    parts = _PARTS_OF_NOTE.split(find_identifiers(text[:_LONGEST_NOTE]).rest)
    return all(_OWN.fullmatch(f"{part.strip()} ") for part in parts if part.strip())


def _identifier_among_words(notes: Iterable[str]) -> tuple[str | None, str | None]:
    """Return the identifier that short notes name where nothing lets it be another work's."""
    for note in notes:
        if len(note) > _LONGEST_NOTE:
            continue
        named = find_identifiers(note)
        if len(named.arxiv_ids) + len(named.dois) == 1 and _is_own(note):
            return next(iter(named.arxiv_ids), None), next(iter(named.dois), None)
    return None, None


def _identifier_url(arxiv_id: str | None, doi: str | None, pubmed_id: str) -> str | None:
    """Where an identifier leads: to arXiv first, where everybody may read."""
    if arxiv_id:
        return f"https://arxiv.org/abs/{arxiv_id}"
    if doi:
        return f"https://doi.org/{doi}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{pubmed_id}/" if pubmed_id.isdecimal() else None

"""Room 1, papers: what My NCBI mails for a saved search, "What's new … in PubMed". Pure.

The text comes in two formats, *Summary* and *Abstract*
(https://pubmed.ncbi.nlm.nih.gov/help/#email-citations); HTML is a list of papers like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.identity.canonical_ids import normalise_doi
from recommender.papers.mails.html_outline import Line
from recommender.papers.mails.html_papers import papers_of_html
from recommender.papers.text.abstracts import cleaned_abstract, is_label, is_withdrawn
from recommender.papers.text.author_lists import authors_of, is_particle
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, clean_line

FORMAT: Final = "pubmed-mail"
CURATOR: Final = "PubMed"

_SIGN: Final = re.compile(
    r"\bMy NCBI\b|\bPubMed Results\b|\bresults from the National Center for Biotechnology",
    re.IGNORECASE,
)
_START: Final = re.compile(r"(?P<number>\d{1,4})[.:]\s+(?P<rest>\S.*)")
_PMID: Final = re.compile(r"\bPMID:\s?(?P<id>\d{1,9})\b")
_DOI: Final = re.compile(r"\bdoi:\s?(?P<doi>10\.\d{4,9}/[^\s;]{1,200})", re.IGNORECASE)
# "J Ex Sleep. 2026 Mar 9;12(3):101-9.": where a paper appeared, and when.
_PLACE: Final = re.compile(
    r"(?P<journal>[^.?!]{2,120}(?:\([^()]{1,60}\))?)\.\s+(?P<year>(?:19|20)\d\d)\b(?=[ ;:.-])"
)
_NOTES: Final = re.compile(
    r"(?:author information|collaborators|(?:©|copyright|\(c\))|doi:|pmc?id:|conflict of interest"
    r"|comment (?:in|on)|erratum|update (?:in|of)|\[indexed for|\[article in|free (?:pmc )?article"
    r"|similar articles|publication types|mesh terms|grant support|trial registration|\(\d{1,3}\))",
    re.IGNORECASE,
)
_ARTICLE_IN: Final = re.compile(r"\[article in \w+(?: \(\w+\))?\]", re.IGNORECASE)
_MARKS: Final = re.compile(r"\(\d{1,3}\)|(?:#|\*)(?=[,.( ]|\Z)")
_INVERTED: Final = re.compile(
    r"(?P<surname>\S.{1,80}?)\s(?P<initials>[^\W\d_a-z]{1,4}(?:-[A-Z])?)"
    r"(?:\s(?P<suffix>Jr|Sr|[2-4](?:nd|rd|th)))?"
)
_SUFFIXES: Final = {"2nd": "II", "3rd": "III", "4th": "IV"}
_TRANSLATED: Final = re.compile(r"\[(?P<title>[^\[\]]{5,900})\]\.?")
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+")
_MOST_WORDS_OF_A_SURNAME: Final = 4
_LONGEST_LIST: Final = 50_000
_LOOKED_AT: Final = 20_000
_FEWEST_PARAGRAPHS: Final = 3


def is_pubmed_alert(text: str) -> bool:
    """Whether a text or HTML comes from My NCBI."""
    return _SIGN.search(text[:_LOOKED_AT]) is not None


def parse_pubmed_html(outline: Sequence[Line], *, day: date) -> Digest:
    """Read an alert in HTML.

    Raises
    ------
    DigestError
        If no papers are in it.
    """
    digest = papers_of_html(outline, day=day, people=_people)
    entries = tuple(replace(entry, title=_title(entry.title)) for entry in digest.entries)
    return replace(digest, format=FORMAT, curator=CURATOR, entries=entries, unread=())


def parse_pubmed_text(lines: Sequence[str], *, day: date) -> Digest:
    """Read an alert in text, of either format.

    Raises
    ------
    DigestError
        If no citation can be read.
    """
    entries: list[DigestEntry] = []
    unread: list[UnreadEntry] = []
    for number, citation in _citations(lines):
        read = _entry(citation, f"line {number + 1}")
        if isinstance(read, UnreadEntry):
            unread.append(read)
        else:
            entries.append(read)
    if not entries:
        first = unread[0] if unread else UnreadEntry("mail", "an alert of PubMed has no citations")
        raise DigestError(
            first.where, f"{first.message}; choose the format 'Abstract' in the alert's settings"
        )
    return Digest(FORMAT, CURATOR, day, tuple(entries), tuple(unread))


def _citations(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Part the citations by their numbers, which count up from 1; each ends with its PMID."""
    start, expected, is_whole = None, 1, False
    for number, line in enumerate(lines):
        found = _START.match(line.strip())
        counts = int(found["number"]) if found else 0
        if start is not None and is_whole and counts == expected:
            yield start, list(lines[start:number])
            start, expected, is_whole = number, counts + 1, False
        elif counts == 1 and not is_whole:
            # What was taken for the first one was none.
            start, expected = number, counts + 1
        is_whole = is_whole or (start is not None and "PMID:" in line)
    if start is not None:
        yield start, list(lines[start:])


def _entry(citation: Sequence[str], where: str) -> DigestEntry | UnreadEntry:
    text = "\n".join(citation)
    pmid = _PMID.search(clean_line(text))
    begin = _START.match(citation[0].strip())
    if pmid is None or begin is None:
        return UnreadEntry(where, "a citation without PMID")
    paragraphs = _paragraphs([begin["rest"], *citation[1:]])
    long_form = len(paragraphs) >= _FEWEST_PARAGRAPHS and _PLACE.match(paragraphs[0]) is not None
    read = _abstract_form(paragraphs) if long_form else _summary_form(paragraphs)
    if read is None:
        return UnreadEntry(where, f"the citation of PMID {pmid['id']} has no title that is certain")
    title, names, abstract = read
    doi = _DOI.search(clean_line(text))
    return DigestEntry(
        title=title,
        abstract=abstract,
        authors=_people(names),
        doi=normalise_doi(doi["doi"]) if doi else None,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid['id']}/",
        announce_type=AnnounceType.WITHDRAWN
        if is_withdrawn(title, abstract, has_doi=True)  # a record of the publisher's
        else AnnounceType.NEW,
    )


def _paragraphs(lines: Sequence[str]) -> list[str]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line.strip())
        elif found[-1]:
            found.append([])
    return [clean_line(" ".join(each)) for each in found if each]


def _abstract_form(paragraphs: Sequence[str]) -> tuple[str, str, str] | None:
    """Read: journal, title, authors, their affiliations, abstract, notes; a paragraph each."""
    rest = [each for each in paragraphs[1:] if not _ARTICLE_IN.fullmatch(each)]
    title = _title(rest[0])
    body = rest[1:]
    names = ""
    if body and not _NOTES.match(body[0]) and len(body[0].split()) < len(body[0]) / 2:
        names, body = (body[0], body[1:]) if _are_names(body[0]) else ("", body)
    abstract = [each for each in body if not _NOTES.match(each) and not is_label(each)]
    return title, names, cleaned_abstract(" ".join(abstract))


def _are_names(text: str) -> bool:
    """Whether a paragraph is a list such as ``Doe J(1), Roe AB(2)``: few of its words are small."""
    words = _MARKS.sub("", text).replace(",", " ").split()
    small = sum(word[:1].islower() for word in words)
    return bool(words) and 4 * small <= len(words) and any(w.strip(".;").isupper() for w in words)


def _people(text: str) -> tuple[str, ...]:
    """Read a list such as ``Doe J(1), Roe AB(2); Study Group.``, else none."""
    if len(text) > _LONGEST_LIST or not _are_names(text):
        return ()
    parts = re.split(r"[,;]\s", _MARKS.sub("", text).strip(" ."))
    return authors_of((_turned(part.strip()) for part in parts), inverted=False)


def _turned(name: str) -> str:
    """Write ``Doe JA`` as ``J. A. Doe``."""
    found = _INVERTED.fullmatch(name)
    if found is None:
        return name
    initials = [f"{letter}." for letter in found["initials"] if letter.isalpha()]
    suffix = _SUFFIXES.get(found["suffix"], found["suffix"])
    return " ".join([*initials, found["surname"]]) + (f", {suffix}" if suffix else "")


def _summary_form(paragraphs: Sequence[str]) -> tuple[str, str, str] | None:
    """Read: authors, title, journal, all in one: ``Doe J, Roe AB. Title. J Ex. 2026 Mar 9;…``.

    Where HTML was turned into text the title stands first.
    """
    text = paragraphs[0]
    place = None
    for place in _PLACE.finditer(text):
        if text[place.end() :][:1] in " ;":
            break
    if place is None:
        return None
    # The journal is the last sentence before the year.
    said = text[: place.start()].strip()
    head, _, title = said.partition(". ")
    *_, last = _SENTENCE.split(said.rstrip(" ."))
    first_people, last_people = _inverted_names(head), _inverted_names(last)
    if last_people > first_people and last != said.rstrip(" ."):
        names, title = last, said.rstrip(" .").removesuffix(last)
    elif first_people == last_people > 0:
        return None
    elif title and _are_names(head):
        names = head
    else:
        names, title = "", said
    title = title.strip()
    return (_title(title), names, "") if title and not _inverted_names(title) > 1 else None


def _inverted_names(text: str) -> int:
    """Count the people in a list such as ``Doe J, van Roe AB``; none where it is something else."""
    parts = re.split(r"[,;]\s", _MARKS.sub("", text).strip(" .")[:_LONGEST_LIST])
    found = [_INVERTED.fullmatch(part.strip()) for part in parts]
    people = sum(each is not None and _is_surname(each["surname"]) for each in found)
    return people if 2 * people >= len(parts) else 0


def _is_surname(text: str) -> bool:
    words = text.split()
    return len(words) <= _MOST_WORDS_OF_A_SURNAME and all(
        word[:1].isupper() or is_particle(word) for word in words
    )


def _title(title: str) -> str:
    title = mended(clean_line(title))
    translated = _TRANSLATED.fullmatch(title)
    title = translated["title"] if translated else title
    is_sentence = title.endswith(".") and not title.endswith("..")
    return (title[:-1] if is_sentence else title)[:MOST_TITLE_CHARACTERS]

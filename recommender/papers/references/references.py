"""Room 1, papers: the papers that a person names, as BibTeX, RIS and their kin, or by lines. Pure.

Recognised by content; names of files mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry
from recommender.errors import DigestError
from recommender.languages.messages import Message
from recommender.papers.identity.identifiers import NamedPapers, find_identifiers
from recommender.papers.json_lists.json_works import taken_apart
from recommender.papers.recognition import is_endnote_xml
from recommender.papers.references.bibliography import (
    MOST_MARKUP,
    MOST_PAPERS,
    SPLIT,
    Record,
    Unread,
    entry_of,
    problem_of,
)
from recommender.papers.references.bibtex import is_bibtex, read_bibtex
from recommender.papers.references.endnote_xml import read_endnote_xml
from recommender.papers.references.medline import is_medline, read_medline
from recommender.papers.references.refer import is_refer, read_refer
from recommender.papers.references.ris import is_ris, read_ris
from recommender.papers.references.web_of_science import is_web_of_science, read_web_of_science
from recommender.papers.text.decoding import refuse_binary, unix_lines, unpacked
from recommender.papers.text.web_addresses import web_address

MAX_BYTES: Final = 1_000_000
MAX_XML_BYTES: Final = 3_000_000
"""EndNote names the style of every word: 500 papers with their abstracts have 2.4 MB."""

READ_FORMATS: Final = Message(
    "what is read: BibTeX, RIS, PubMed's .nbib, EndNote's XML or .enw, Web of Science's .ciw, "
    "or lines with an arXiv id or a DOI"
)

_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class References:
    """The papers that somebody named.

    Attributes
    ----------
    entries : tuple of DigestEntry
        Those with a title; not one of them twice as the same entry, but perhaps as the same paper.
    arxiv_ids, dois : tuple of str
        Those that were named without a title; each once.
    unread : tuple of Unread
        What names no paper, at most `MOST_PAPERS` places.
    """

    entries: tuple[DigestEntry, ...]
    arxiv_ids: tuple[str, ...]
    dois: tuple[str, ...]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of references: what it is called, how it is known, and what reads it."""

    name: str
    is_form: Callable[[str], bool]
    read: Callable[[str], Iterator[Record | Unread | NamedPapers]]


FORMS: Final = (
    Form("endnote-xml", is_endnote_xml, read_endnote_xml),
    Form("medline", is_medline, read_medline),
    Form("web-of-science", is_web_of_science, read_web_of_science),
    Form("refer", is_refer, read_refer),
    Form("bibtex", is_bibtex, read_bibtex),
    Form("ris", is_ris, read_ris),
)


def read_references(content: bytes | str) -> References:
    """Read the papers that somebody names, in whichever known form.

    Parameters
    ----------
    content : bytes or str
        Perhaps within gzip. Text in UTF-8, with or without byte order mark, else in Windows'
        Western encoding, which older programs write; with any line ends.

    Raises
    ------
    DigestError
        Where it is no text, larger than `MAX_BYTES` (XML: `MAX_XML_BYTES`), or names more than
        `MOST_PAPERS` papers. A part that cannot be read stops no other: it is in ``unread``.
    """
    typed = content.encode("utf-8", "replace") if isinstance(content, str) else content
    text = _without_quote_marks(_decoded(typed))
    form = form_of(text)
    _refuse_markup(text, form)
    return _gathered(_read_lines(text) if form is None else form.read(text))


def _without_quote_marks(text: str) -> str:
    """Take away what a mail program writes before each line that it quotes."""
    lines = text.split("\n")
    is_quoted = all(line.startswith(">") for line in lines if line.strip())
    return "\n".join(line[1:].removeprefix(" ") for line in lines) if is_quoted else text


def form_of(text: str) -> Form | None:
    """Return which form of references a text is; None where it is none but lines."""
    return next((form for form in FORMS if form.is_form(text)), None)


def digest_of_references(text: str, *, today: date) -> Digest:
    """Read references as a digest, which databases send and export their news in.

    Parameters
    ----------
    text : str
        Decoded, its lines ended by a line feed; of one of the `FORMS`.
    today : date
        The digest's date where no paper says when it came out on or before it.

    Returns
    -------
    Digest
        Dated by its newest paper, so that nobody's old library trends. A paper without an
        identifier has the address that its record names: digests are their operator's choice.

    Raises
    ------
    DigestError
        Where it is larger than `MAX_BYTES` (XML: `MAX_XML_BYTES`), or no paper can be read;
        ``unread`` of the digest names the records that cannot be read where others can.
    """
    _refuse_larger(len(text.encode("utf-8", "replace")), most=_most_bytes(text))
    form = form_of(text)
    if form is None:
        raise DigestError(
            "file", Message("no whole reference begins in it; %(formats)s", formats=READ_FORMATS)
        )
    _refuse_markup(text, form)
    parts = ((each.where, each) for each in form.read(text) if not isinstance(each, NamedPapers))
    entries, unread = taken_apart(parts, _digest_entry)
    _refuse_too_many(len(entries), len(unread))
    days = [entry.published_at.date() for entry in entries if entry.published_at]
    newest = max((day for day in days if day <= today), default=today)
    return Digest(form.name, None, newest, tuple(entries), unread)


def _digest_entry(part: object, where: str) -> DigestEntry:
    if isinstance(part, Unread):
        raise DigestError(where, part.message)
    if not isinstance(part, Record):
        raise TypeError(f"{type(part).__name__} is no part of references")
    problem = problem_of(part)
    if problem is None and not part.title:
        problem = "a paper without a title; add it or take the entry out"
    if problem is not None:
        raise DigestError(where, problem)
    entry = entry_of(part)
    return replace(
        entry,
        url=entry.url or web_address(part.page),
        announce_type=AnnounceType.WITHDRAWN if part.withdrawn else AnnounceType.NEW,
    )


def _gathered(found: Iterator[Record | Unread | NamedPapers]) -> References:
    entries: dict[DigestEntry, None] = {}
    arxiv_ids: dict[str, None] = {}
    dois: dict[str, None] = {}
    unread: list[Unread] = []
    for each in found:
        if isinstance(each, NamedPapers):
            arxiv_ids.update(dict.fromkeys(each.arxiv_ids))
            dois.update(dict.fromkeys(each.dois))
        elif isinstance(each, Unread):
            unread.append(each)
        elif problem := problem_of(each):
            unread.append(Unread(each.where, problem))
        else:
            entry = entry_of(each)
            if entry.title:
                entries[entry] = None
            elif entry.arxiv_id:
                arxiv_ids[entry.arxiv_id] = None
            elif entry.doi:
                dois[entry.doi] = None
            else:
                unread.append(
                    Unread(
                        each.where,
                        Message("neither a title nor an arXiv id or DOI; add one of them"),
                    )
                )
        _refuse_too_many(len(entries) + len(arxiv_ids) + len(dois), len(unread))
    return References(tuple(entries), tuple(arxiv_ids), tuple(dois), tuple(unread))


def _refuse_markup(text: str, form: Form | None) -> None:
    """EndNote's XML is markup; its module looks at what stands within."""
    is_xml = form is not None and form.is_form is is_endnote_xml
    if not is_xml and text.count("<") + text.count("&") > MOST_MARKUP:
        raise DigestError(
            "file",
            Message("more signs < and & than papers have; %(formats)s", formats=READ_FORMATS),
        )


def _most_bytes(text: str) -> int:
    return MAX_XML_BYTES if is_endnote_xml(text) else MAX_BYTES


def _refuse_larger(size: int, *, most: int) -> None:
    if size > most:
        raise DigestError(
            "file",
            Message(
                "larger than %(size)s MB; export fewer papers at a time", size=f"{most / 1e6:g}"
            ),
        )


def _refuse_too_many(papers: int, unread: int) -> None:
    if papers > MOST_PAPERS:
        raise DigestError("file", Message("%(num)s papers; %(mend)s", num=papers, mend=SPLIT))
    if unread > MOST_PAPERS:
        raise DigestError(
            "file",
            Message(
                "more than %(most)s places name no paper; %(formats)s",
                most=MOST_PAPERS,
                formats=READ_FORMATS,
            ),
        )


def _read_lines(text: str) -> Iterator[Unread | NamedPapers]:
    for number, line in enumerate(text.split("\n"), start=1):
        words = " ".join(line.split())
        if not words:
            continue
        named = find_identifiers(words)
        if named.arxiv_ids or named.dois:
            yield named
        else:
            quoted = words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"
            yield Unread(f"line {number}", Message("no arXiv id or DOI in “%(line)s”", line=quoted))


def _decoded(content: bytes) -> str:
    _refuse_larger(len(content), most=MAX_XML_BYTES)
    content = unpacked(content, most=MAX_XML_BYTES)
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise DigestError("file", Message("empty; %(formats)s", formats=READ_FORMATS))
    refuse_binary(content, fix=READ_FORMATS)
    text = _text_of(content)
    _refuse_larger(len(content), most=_most_bytes(text))
    return unix_lines(text)


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # not UTF-8, so it is tried as what older programs write
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise DigestError(
            "file", Message("neither UTF-8 nor Latin-1; %(formats)s", formats=READ_FORMATS)
        ) from error

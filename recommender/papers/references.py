"""Room 1, papers: the papers that a person names, as BibTeX, as RIS or line by line. Pure.

Recognised by content; names of files mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.bibliography import MOST_PAPERS, SPLIT, Record, Unread, entry_of, problem_of
from recommender.papers.bibtex import is_bibtex, read_bibtex
from recommender.papers.decoding import refuse_binary, unix_lines
from recommender.papers.identifiers import NamedPapers, find_identifiers
from recommender.papers.ris import is_ris, read_ris

MAX_BYTES: Final = 1_000_000
READ_FORMATS: Final = "what is read: BibTeX, RIS, or lines with an arXiv id or a DOI"

_LONGEST_QUOTE = 60
# A hundred a paper. Each costs as much as a hundred letters, where somebody sends nothing else.
_MOST_MARKUP = 50_000


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


def read_references(content: bytes | str) -> References:
    """Read the papers that somebody names, in whichever known form.

    Parameters
    ----------
    content : bytes or str
        Text in UTF-8, with or without byte order mark, else in Windows' Western encoding, which
        older programs write; with any line ends.

    Raises
    ------
    DigestError
        Where it is no text, larger than `MAX_BYTES`, or names more than `MOST_PAPERS` papers.
        A part that cannot be read stops no other: it is in ``unread``.
    """
    text = _decoded(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    if text.count("<") + text.count("&") > _MOST_MARKUP:
        raise DigestError("file", f"more markup than any abstracts have; {READ_FORMATS}")
    if is_bibtex(text):
        found = read_bibtex(text)
    elif is_ris(text):
        found = read_ris(text)
    else:
        found = _read_lines(text)
    return _gathered(found)


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
                    Unread(each.where, "neither a title nor an arXiv id or DOI; add one of them")
                )
        _refuse_too_many(len(entries) + len(arxiv_ids) + len(dois), len(unread))
    return References(tuple(entries), tuple(arxiv_ids), tuple(dois), tuple(unread))


def _refuse_too_many(papers: int, unread: int) -> None:
    if papers > MOST_PAPERS:
        raise DigestError("file", f"{papers:,} papers; {SPLIT}")
    if unread > MOST_PAPERS:
        raise DigestError("file", f"more than {MOST_PAPERS} places name no paper; {READ_FORMATS}")


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
            yield Unread(f"line {number}", f"no arXiv id or DOI in “{quoted}”")


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise DigestError(
            "file", f"larger than {MAX_BYTES / 1e6:g} MB; split it, or export it without abstracts"
        )
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise DigestError("file", f"empty; {READ_FORMATS}")
    refuse_binary(content, fix=READ_FORMATS)
    try:
        return unix_lines(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass  # not UTF-8, so it is tried as what older programs write
    try:
        return unix_lines(content.decode("cp1252"))
    except UnicodeDecodeError as error:
        raise DigestError("file", f"neither UTF-8 nor Latin-1; {READ_FORMATS}") from error

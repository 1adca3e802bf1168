"""Room 1, papers: tells by its content what a document is, and has it read. Pure.

Formats are those of ``docs/design.md``, *Digest formats*. Names of files mean nothing.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from datetime import date
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.free_digest import parse_free_digest
from recommender.papers.identity.merging import without_repeats
from recommender.papers.json_lists import (
    biorxiv_api,
    crossref,
    europe_pmc,
    openalex,
    semantic_scholar,
)
from recommender.papers.json_lists.daily_papers import is_daily_papers, parse_daily_papers
from recommender.papers.json_lists.json_fields import load_json
from recommender.papers.json_lists.json_lines import LONGEST_LINE, is_json_lines, parse_json_lines
from recommender.papers.json_lists.json_works import digest_of_works
from recommender.papers.mails.mail_document import (
    MailReading,
    is_mail,
    parse_mail_digest,
    read_mail,
)
from recommender.papers.references.endnote_xml import is_endnote_xml
from recommender.papers.references.references import digest_of_references
from recommender.papers.text.abstracts import is_withdrawn, title_before_withdrawal
from recommender.papers.text.decoding import UTF_16, line_of, refuse_binary, unix_lines, unpacked

READ_FORMATS = (
    "what is read: digest text (a title and an abstract for each paper), "
    "daily-papers JSON of Hugging Face, "
    "RSS or Atom, JSON of Crossref, OpenAlex, Europe PMC, bioRxiv or Semantic Scholar, "
    "JSON Lines with 'id' and 'title', BibTeX, RIS, PubMed's .nbib, EndNote's XML or Web of "
    "Science's .ciw, a mail of any of these, or of arXiv, Google Scholar, PubMed or a journal; "
    "each within gzip too"
)
_SERVICES: Final = (crossref, openalex, europe_pmc, biorxiv_api, semantic_scholar)

MOST_UNPACKED: Final = 20_000_000
"""Bytes of a document that came within gzip: as many as a file may have without."""
MAX_BYTES: Final = {"digest text": 5_000_000, "JSON list": 10_000_000}
"""What a digest may have; JSON Lines, which are read line by line, may fill a file."""

# "[Re] Reproducing …" is a title, not a list.
_JSON_START = re.compile(r"\{\s*[\"}]|\[\s*[\[{\"\]]")
_MARKUP_START = re.compile(rb"<[!?a-zA-Z]")
_FEED_ROOTS = {"rss", "feed", "rdf", "channel"}
_ENDNOTE_ROOTS = {"xml", "records"}
# Of BibTeX, RIS, MEDLINE and Web of Science; in digest text such lines are nowhere near the top.
_REFERENCES_START = re.compile(
    r"(?:[ \t]*(?:(?:%|@comment\b)[^\n]*)?\n){0,50}[ \t]*(?:@[a-z]{2,20}[ \t]*"
    r"(?:\{[^,={}\n]{0,300}|\([^,={}()\n]{0,300})[,=]|@(?:comment|preamble)[ \t]*[{(]"
    r"|TY {0,3}- {0,3}[A-Z]{3,10}[ \t]*\n|PMID ?- ?\d{1,10}[ \t]*\n|FN [^\n]{1,100}\nVR \d)",
    re.IGNORECASE,
)
_ROOT_WITHIN_BYTES = 100_000


def parse_digest(content: bytes, *, today: date) -> Digest:
    """Read a digest in whichever known format it is.

    Parameters
    ----------
    content : bytes
        The whole document, perhaps within gzip. Text and JSON are UTF-8, with or without byte
        order mark, with any line ends; XML may declare another encoding.
    today : date
        The day of ingest: completes dates without a year, and stands in for a missing date.

    Returns
    -------
    Digest
        With each paper once: at its first rank, with its most upvotes. Without any where a whole
        feed or answer says that there is nothing today.

    Raises
    ------
    DigestError
        Where nothing of it can be read. Digest text is taken as a whole or not at all; of feeds
        and JSON the good entries are taken, and ``unread`` names the others.
    """
    content = unpacked(content, most=MOST_UNPACKED)
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise DigestError("file", f"empty; {READ_FORMATS}")
    if is_mail(content):
        digest = parse_mail_digest(content, today=today, read_text=_dispatch)
    else:
        digest = _dispatch(content, today)
    # A day's difference is a time zone's; more is a typing error, which would trend for ever.
    if (digest.date - today).days > 1:
        raise DigestError(
            "file", f"it is dated {digest.date}, after the day of ingest; correct the date"
        )
    return replace(digest, entries=without_repeats(map(_judged, digest.entries)))


def _judged(entry: DigestEntry) -> DigestEntry:
    """Mark a paper whose own words say that it was taken back, whatever its document is."""
    if is_withdrawn(entry.title, entry.abstract, has_doi=entry.doi is not None):
        entry = replace(entry, announce_type=AnnounceType.WITHDRAWN)
    if entry.announce_type is AnnounceType.WITHDRAWN:
        return replace(entry, title=title_before_withdrawal(entry.title))
    return entry


def read_mail_of_source(content: bytes, *, today: date) -> MailReading:
    """Read a mail that came to the address of a source, on the day of its arrival."""
    return read_mail(content, today=today, read_text=_dispatch)


def _dispatch(content: bytes, today: date) -> Digest:
    root = _root_element(content)
    if root is not None:
        if root in _ENDNOTE_ROOTS and is_endnote_xml(_decoded(content)):
            return digest_of_references(_decoded(content), today=today)
        if root.rpartition(":")[2].lower() not in _FEED_ROOTS:
            raise DigestError("file", f"a <{root}> document is no digest; {READ_FORMATS}")
        # With its libraries it takes a tenth of a second, for which most files would wait.
        from recommender.papers.feeds.feeds import parse_feed  # noqa: PLC0415 - see above

        return parse_feed(content, today=today)
    text = _decoded(content)
    if _REFERENCES_START.match(text) or is_endnote_xml(text):
        return digest_of_references(text, today=today)
    if not _JSON_START.match(text.lstrip()):
        if "\n" not in text.strip():
            raise DigestError("file", f"a single paragraph is no digest; {READ_FORMATS}")
        _refuse_larger(content, "digest text")
        return parse_free_digest(text, today=today)
    return _read_json(text, content, today)


def _read_json(text: str, content: bytes, today: date) -> Digest:
    if _is_portable(text):
        return parse_json_lines(text, today=today)
    _refuse_larger(content, "JSON list")
    document = load_json(text)
    for service in _SERVICES:
        works = service.works_of(document)
        if works is not None:
            return digest_of_works(service.FORMAT, works, service.read_work, today=today)
    if is_daily_papers(document):
        return parse_daily_papers(document, today=today)
    raise DigestError("file", f"JSON, but no list of papers; {READ_FORMATS}")


def _refuse_larger(content: bytes, kind: str) -> None:
    if len(content) > MAX_BYTES[kind]:
        raise DigestError(
            "file", f"a {kind} of more than {MAX_BYTES[kind] / 1e6:g} MB; split it by days"
        )


def _root_element(content: bytes) -> str | None:
    """Name of the outermost element of a markup document, None where it is none."""
    head = content[:_ROOT_WITHIN_BYTES]
    if head.startswith(UTF_16):
        head = head.decode("utf-16", "replace").encode()
    head = re.sub(
        rb"<!--.*?(?:-->|\Z)", b"", head.removeprefix(codecs.BOM_UTF8), flags=re.DOTALL
    ).lstrip()
    if not _MARKUP_START.match(head):
        return None
    root = re.search(rb"<([a-zA-Z_][\w.:-]*)[\s/>]", head)
    is_declared = re.match(rb"<(?:[!?]|html\b)", head, re.IGNORECASE)
    if root is None:
        return "!DOCTYPE" if is_declared else None
    name = root[1].decode("ascii", "replace")
    is_feed = name.rpartition(":")[2].lower() in _FEED_ROOTS
    # "<think> …" opens no document but a title.
    return name if is_declared or is_feed else None


def _decoded(content: bytes) -> str:
    """Decode UTF-8 text, with lines ended by a line feed alone."""
    refuse_binary(content, fix=READ_FORMATS)
    try:
        return unix_lines(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DigestError(
            line_of(content, error.start),
            f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8, "
            "and see that it is complete",
        ) from error


def _is_portable(text: str) -> bool:
    """Whether the first line is a whole paper of the portable form."""
    first_line = text.lstrip().partition("\n")[0]
    if not first_line.startswith("{"):
        return False
    if len(first_line) > LONGEST_LINE:
        return False
    try:
        return is_json_lines(load_json(first_line))
    except DigestError:
        return False

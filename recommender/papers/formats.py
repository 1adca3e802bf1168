"""Room 1, papers: tells by its content what a document is, and has it read. Pure.

Formats are those of ``docs/design.md``, *Digest formats*. What reads a kind of document is imported
when the first one comes: most processes meet one kind, and all of it takes a quarter of a second.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from recommender.domain import AnnounceType, Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.identity.merging import without_repeats
from recommender.papers.json_lists.daily_papers import is_daily_papers, parse_daily_papers
from recommender.papers.json_lists.json_fields import load_json
from recommender.papers.json_lists.json_lines import (
    is_json_lines,
    is_paper_list,
    parse_json_lines,
    parse_paper_list,
)
from recommender.papers.recognition import (
    ENDNOTE_ROOTS,
    FEED_ROOTS,
    is_endnote_xml,
    is_json,
    is_mail,
    is_references,
    root_element,
)
from recommender.papers.text.abstracts import is_withdrawn, title_before_withdrawal
from recommender.papers.text.calendar_dates import lies_ahead, says_none
from recommender.papers.text.decoding import line_of, refuse_binary, unix_lines, unpacked

if TYPE_CHECKING:
    from recommender.papers.mails.mail_document import MailReading

READ_FORMATS: Final = (
    "what is read: digest text (a title and an abstract for each paper), "
    "daily-papers JSON of Hugging Face, "
    "RSS or Atom, JSON of Crossref, OpenAlex, Europe PMC, bioRxiv, Semantic Scholar, OpenReview, "
    "DBLP, DataCite, DOAJ, INSPIRE, Zenodo, NASA ADS, PLOS or Springer Nature, "
    "JSON Lines or a list of objects with 'title', BibTeX, RIS, PubMed's .nbib, EndNote's XML or "
    ".enw, Web of Science's .ciw, a mail of any of these, or of arXiv, Google Scholar, PubMed or a "
    "journal; each within gzip too"
)
SEE_FORMATS: Final = "`recommender rejected list` ends with what is read"
"""Where `READ_FORMATS` stands once, for a refusal that would otherwise repeat it for each file."""
MOST_UNPACKED: Final = 20_000_000
"""Bytes of a document that came within gzip: as many as a file may have without."""
MAX_BYTES: Final = {"digest text": 5_000_000, "JSON list": 10_000_000}
"""What a digest may have; JSON Lines, which are read line by line, may fill a file."""

_OF_DBLP: Final = "if it is DBLP's, ask its search for `format=json` in place of XML"
_OF_PAGES: Final = (
    "papers in HTML are read from mails: have it mailed, save a mail of it as .eml, or write the "
    "titles and abstracts as text"
)
_ASKED_OTHERWISE: Final = {
    "result": _OF_DBLP,
    "dblp": _OF_DBLP,
    "dblpperson": _OF_DBLP,
    "html": _OF_PAGES,
}


def without_formats(message: str) -> str:
    """Return what is wrong with a document, for lists: what is read need not be said each time."""
    return message.replace(f"; {READ_FORMATS}", "")


def parse_digest(content: bytes, *, today: date, url: str = "") -> Digest:
    """Read a digest in whichever known format it is.

    Parameters
    ----------
    content : bytes
        The whole document, perhaps within gzip. Text and JSON are UTF-8, with or without byte
        order mark, with any line ends; XML may declare another encoding.
    today : date
        The day of ingest: completes dates without a year, and stands in for a missing date.
    url : str
        Where the document lay, if it was fetched: links in feeds may be relative to that.

    Returns
    -------
    Digest
        With each paper once: at its first rank, with its most upvotes, and no day of publication
        later than tomorrow, or that stands for none. Without any where a whole feed or answer says
        that there is nothing today.

    Raises
    ------
    DigestError
        Where nothing of it can be read. Digest text is taken as a whole or not at all; of feeds
        and JSON the good entries are taken, and ``unread`` names the others.
    """
    content = unpacked(content, most=MOST_UNPACKED)
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise DigestError("file", f"empty; {SEE_FORMATS}")
    if is_mail(content):
        from recommender.papers.mails.mail_document import parse_mail_digest

        digest = parse_mail_digest(content, today=today, read_text=_within_mail)
    else:
        digest = _dispatch(content, today, url)
    # It would trend for ever.
    if lies_ahead(digest.date, today):
        raise DigestError(
            "file", f"it is dated {digest.date}, after the day of ingest; correct the date"
        )
    return _judged(digest, today)


def _judged(digest: Digest, today: date) -> Digest:
    """Judge what entries say of themselves by one rule each, whatever their document is."""
    entries = (_dated(_withdrawn(entry), today) for entry in digest.entries)
    return replace(digest, entries=without_repeats(entries))


def _dated(entry: DigestEntry, today: date) -> DigestEntry:
    """Take a day of publication that lies ahead for none: an issue's cover has such, and errors."""
    moment = entry.published_at
    if moment is not None and (says_none(moment) or lies_ahead(moment.date(), today)):
        return replace(entry, published_at=None)
    return entry


def _withdrawn(entry: DigestEntry) -> DigestEntry:
    """Mark a paper whose own words say that it was taken back."""
    if is_withdrawn(entry.title, entry.abstract, has_doi=entry.doi is not None):
        entry = replace(entry, announce_type=AnnounceType.WITHDRAWN)
    if entry.announce_type is AnnounceType.WITHDRAWN:
        return replace(entry, title=title_before_withdrawal(entry.title))
    return entry


def read_mail_of_source(content: bytes, *, today: date) -> MailReading:
    """Read a mail that came to the address of a source, on the day of its arrival."""
    from recommender.papers.mails.mail_document import read_mail

    reading = read_mail(content, today=today, read_text=_within_mail)
    if reading.digest is None:
        return reading
    return replace(reading, digest=_judged(reading.digest, today))


def _within_mail(content: bytes, day: date) -> Digest:
    return _dispatch(content, day, has_day=True)


def _dispatch(content: bytes, today: date, url: str = "", *, has_day: bool = False) -> Digest:
    root = root_element(content)
    if root is not None:
        if root.rpartition(":")[2].lower() in FEED_ROOTS:
            from recommender.papers.feeds.feeds import parse_feed

            return parse_feed(content, today=today, url=url)
        if root not in ENDNOTE_ROOTS or not is_endnote_xml(_decoded(content)):
            fix = _ASKED_OTHERWISE.get(root.lower(), SEE_FORMATS)
            raise DigestError("file", f"a <{root}> document is no digest; {fix}")
    text = _decoded(content)
    if is_references(text) or is_endnote_xml(text):
        from recommender.papers.references.references import digest_of_references

        return digest_of_references(text, today=today)
    if is_json_lines(text):
        return parse_json_lines(text, today=today)
    if is_json(text):
        return _read_json(text, content, today)
    if "\n" not in text.strip():
        raise DigestError("file", f"a single paragraph is no digest; {SEE_FORMATS}")
    _refuse_larger(content, "digest text")
    from recommender.papers.digests.bare_links import refuse_bare_links
    from recommender.papers.digests.free_digest import parse_free_digest

    refuse_bare_links(text)
    return parse_free_digest(text, today=today, has_day=has_day)


def _read_json(text: str, content: bytes, today: date) -> Digest:
    _refuse_larger(content, "JSON list")
    document = load_json(text)
    from recommender.papers.json_lists.services import digest_of_answer

    answer = digest_of_answer(document, today=today)
    if answer is not None:
        return answer
    if is_paper_list(document):
        return parse_paper_list(document, today=today)
    if is_daily_papers(document):
        return parse_daily_papers(document, today=today)
    raise DigestError("file", f"JSON, but no list of papers; {SEE_FORMATS}")


def _refuse_larger(content: bytes, kind: str) -> None:
    if len(content) > MAX_BYTES[kind]:
        raise DigestError(
            "file", f"a {kind} of more than {MAX_BYTES[kind] / 1e6:g} MB; split it by days"
        )


def _decoded(content: bytes) -> str:
    """Decode UTF-8 text, with lines ended by a line feed alone."""
    refuse_binary(content, fix=SEE_FORMATS)
    try:
        return unix_lines(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DigestError(
            line_of(content, error.start),
            f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8, "
            "and see that it is complete",
        ) from error

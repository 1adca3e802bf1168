"""Room 1, papers: the daily-papers JSON of Hugging Face, raw or in an envelope. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.identity.canonical_ids import arxiv_id_of
from recommender.papers.json_lists.json_fields import (
    date_field,
    instant_field,
    keywords_field,
    kind_of,
    mapping_field,
    summary_field,
    text_field,
    title_field,
    upvotes_field,
)
from recommender.papers.json_lists.json_works import taken_apart
from recommender.papers.text.calendar_dates import lies_ahead
from recommender.papers.text.web_addresses import web_address

FORMAT = "daily-papers-json"


def is_daily_papers(document: object) -> bool:
    """Whether parsed JSON is daily papers, broken or not: a list, or one under ``data``.

    A broken day is recognised too, so that it is refused with the entry at fault.
    """
    return isinstance(_entries_of(document), list)


def parse_daily_papers(document: object, *, today: date) -> Digest:
    """Read daily papers, of one day or of several.

    Parameters
    ----------
    document : list or dict
        The parsed JSON, as `is_daily_papers` recognises it: a list of entries, or an envelope
        ``{"status", "date", "count", "data"}`` around it.
    today : date
        The digest's date where the document names none that can be.

    Returns
    -------
    Digest
        Without curator. Its date is the envelope's, else the day of the latest
        ``submittedOnDailyAt``, else of the latest ``publishedAt`` of an entry, which is when it
        was listed. Titles and summaries, which are hard-wrapped at the source, on one line. Where
        no envelope names the day and ``submittedOnDailyAt`` names several, each entry says its own;
        what ``publishedAt`` says may be the paper's day as well.

    Raises
    ------
    DigestError
        Where no entry can be read; ``unread`` names the broken ones where others can.
    """
    entries = _entries_of(document)
    if not isinstance(entries, list) or not entries:
        raise DigestError("file", "no papers in the list; fetch the day again once it has some")
    day = _envelope_date(document, len(entries)) if isinstance(document, Mapping) else None
    numbered = [(f"entry {number}", entry) for number, entry in enumerate(entries, start=1)]
    read, unread = taken_apart(numbered, _entry)
    papers = tuple(paper for paper, _, _ in read)
    if day is not None:
        return Digest(FORMAT, None, day, papers, unread)
    listed = [at for _, at, _ in read if at]
    moments = listed or [at for _, _, at in read if at]
    days = {at.date() for at in moments if not lies_ahead(at.date(), today)}
    if listed and len(days) > 1:
        dated, unread = taken_apart(numbered, partial(_entry_of_a_day, today=today))
        papers = tuple(dated)
    return Digest(FORMAT, None, max(days, default=today), papers, unread)


def _entries_of(document: object) -> object:
    return document.get("data") if isinstance(document, Mapping) else document


def _envelope_date(envelope: Mapping[str, object], entries: int) -> date | None:
    count = envelope.get("count")
    if count is not None and count != entries:
        raise DigestError(
            "file",
            f"the envelope's 'count' is not the number of its entries, {entries}; the file is "
            "incomplete, fetch the day again",
        )
    return date_field(envelope, "date", "file")


def _entry(entry: object, where: str) -> tuple[DigestEntry, datetime | None, datetime | None]:
    """One entry, when it was put on the day's list, and when it says it was published."""
    if isinstance(entry, str) and entry.lstrip().startswith("{'"):
        raise DigestError(
            where,
            "the entry is a string holding a Python repr, not a JSON object; write the file with "
            "a JSON serialiser or fetch the day again",
        )
    if not isinstance(entry, Mapping) or "paper" not in entry:
        found = "an object without 'paper'" if isinstance(entry, Mapping) else kind_of(entry)
        raise DigestError(
            where,
            f"the entry is {found}, where daily papers have an object with 'paper', and other "
            "lists one with 'title'; fetch the day again, or add what is missing",
        )
    paper = mapping_field(entry["paper"], "'paper'", where)
    arxiv_id = arxiv_id_of(text_field(paper, "id", where))
    if arxiv_id is None:
        raise DigestError(where, "'id' of the paper is no arXiv identifier; correct it")
    read = DigestEntry(
        title=title_field(paper, where),
        abstract=text_field(paper, "summary", where) or text_field(entry, "summary", where),
        authors=_authors(paper, where),
        arxiv_id=arxiv_id,
        url=f"https://arxiv.org/abs/{arxiv_id}",
        published_at=instant_field(paper, "publishedAt", where),
        upvotes=upvotes_field(paper, where),
        summary=summary_field(paper, where),
        keywords=keywords_field(paper, "ai_keywords"),
        code_url=web_address(paper.get("githubRepo")),
        project_url=web_address(paper.get("projectPage")),
        thumbnail_url=web_address(entry.get("thumbnail")) or web_address(paper.get("thumbnail")),
    )
    listed_at = instant_field(paper, "submittedOnDailyAt", where)
    return read, listed_at, instant_field(entry, "publishedAt", where) or read.published_at


def _entry_of_a_day(entry: object, where: str, *, today: date) -> DigestEntry:
    """One entry among those of several days, which says its own."""
    read, listed_at, _ = _entry(entry, where)
    if listed_at is None or lies_ahead(listed_at.date(), today):
        raise DigestError(
            where,
            "no 'submittedOnDailyAt' that can be, where the entries are of several days; add it, "
            "or fetch each day by itself",
        )
    return replace(read, listed_on=listed_at.date())


def _authors(paper: Mapping[str, object], where: str) -> tuple[str, ...]:
    """Names in the paper's order, hidden ones included; one without a name is left out."""
    authors = paper.get("authors")
    if authors is None:
        return ()
    if not isinstance(authors, list):
        raise DigestError(where, f"'authors' is {kind_of(authors)}; write a list")
    for number, author in enumerate(authors, start=1):
        if not isinstance(author, dict):
            raise DigestError(where, f"author {number} is {kind_of(author)}, not an object")
    names = [text_field(author, "name", where) for author in authors]
    return tuple([name for name in names if name])

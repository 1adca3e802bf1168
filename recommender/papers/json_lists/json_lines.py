"""Room 1, papers: JSON Lines of the portable form, one paper a line. Pure.

Each line is an object with ``id``, ``title``, ``abstract`` (or ``summary``), ``published`` and
perhaps ``authors``, ``upvotes``, and what the daily papers have: ``ai_summary``, ``ai_keywords``,
``githubRepo``, ``projectPage``, ``thumbnail``; ``withdrawn`` is true where it was taken back;
``docs/design.md``, *Data sets*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from recommender.domain import AnnounceType, Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.json_lists.json_fields import (
    authors_field,
    instant_field,
    keywords_field,
    load_json,
    mapping_field,
    summary_field,
    text_field,
    title_field,
    upvotes_field,
)
from recommender.papers.json_lists.json_works import newest_day, taken_apart
from recommender.papers.text.abstracts import comment_withdraws
from recommender.papers.text.web_addresses import web_address

FORMAT = "json-lines"

MOST_PAPERS = 100_000
LONGEST_LINE = 1_000_000
"""Characters. No paper has as much text."""


def is_json_lines(first_line: object) -> bool:
    """Whether the parsed first line of a file is a paper of the portable form."""
    return isinstance(first_line, Mapping) and {"id", "title"} <= first_line.keys()


def parse_json_lines(text: str, *, today: date) -> Digest:
    """Read papers of the portable form; blank lines do not count.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.
    today : date
        The digest's date where no paper says when it was published on or before it.

    Returns
    -------
    Digest
        Without curator, dated by its newest paper that is not from after ``today``. An ``id``
        that is an arXiv identifier or a DOI is taken as such, any other only tells rows apart.

    Raises
    ------
    UnfinishedDigestError
        Where the last line ends in the middle.
    DigestError
        Where no line can be read, or the file is larger than it may be; ``unread`` of the digest
        names the lines that cannot be read where others can.
    """
    _refuse_unfinished(text)
    entries, unread = taken_apart(_lines(text), _entry)
    return Digest(FORMAT, None, newest_day(entries, today), tuple(entries), unread)


def _refuse_unfinished(text: str) -> None:
    """Raise where nobody ended the last line, and it is the beginning of one."""
    before, _, last = text.rpartition("\n")
    if not last.strip() or len(last) > LONGEST_LINE:
        return
    try:
        load_json(last, f"line {before.count(chr(10)) + 2}")
    except UnfinishedDigestError:
        raise
    except DigestError:
        return  # of another kind: it is named beside the lines that are read


def _lines(text: str) -> Iterator[tuple[str, str]]:
    papers = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        papers += 1
        if papers > MOST_PAPERS:
            raise DigestError(where, f"more than {MOST_PAPERS:,} papers; split it")
        if len(line) > LONGEST_LINE:
            raise DigestError(
                where, f"over {LONGEST_LINE:,} characters; end each entry with its line"
            )
        yield where, line


def _entry(line: object, where: str) -> DigestEntry:
    record = mapping_field(load_json(str(line), where), "the line", where)
    identifier = text_field(record, "id", where)
    arxiv_id, doi = arxiv_id_of(identifier), normalise_doi(identifier)
    url = f"https://doi.org/{doi}" if doi else None
    comment = record.get("comment")
    withdrawn = record.get("withdrawn") is True or (
        isinstance(comment, str) and comment_withdraws(comment)
    )
    return DigestEntry(
        title=title_field(record, where),
        abstract=text_field(record, "abstract", where) or text_field(record, "summary", where),
        authors=authors_field(record, where),
        arxiv_id=arxiv_id,
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else url,
        published_at=instant_field(record, "published", where),
        upvotes=upvotes_field(record, where),
        summary=summary_field(record, where),
        keywords=keywords_field(record, "ai_keywords"),
        code_url=web_address(record.get("githubRepo")),
        project_url=web_address(record.get("projectPage")),
        thumbnail_url=web_address(record.get("thumbnail")),
        announce_type=AnnounceType.WITHDRAWN if withdrawn else AnnounceType.NEW,
    )

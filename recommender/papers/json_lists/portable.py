"""Room 1, papers: one paper as people and programs write it in JSON of their own. Pure.

An object with ``title`` and perhaps ``abstract`` (or ``summary``), ``authors``, an ``id``, ``doi``
or ``url`` (``link``), ``published`` (``date``, ``published_at``), ``upvotes``, and what the daily
papers have: ``ai_summary``, ``ai_keywords``, ``githubRepo``, ``projectPage``, ``thumbnail``;
``withdrawn`` is true where it was taken back; ``docs/design.md``, *Data sets*. Keys are the same in
capitals, as CSL-JSON's ``DOI``, and with spaces; others that people give them count where these are
missing: ``creators``, ``pdf_url``, ``submitted``. One that may be a misspelt one of these is told,
once a document. Texts may be HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import chain
from typing import Final

from recommender.domain import AnnounceType, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.json_lists.json_fields import (
    authors_field,
    instant_field,
    keywords_field,
    moment_of,
    summary_field,
    text_field,
    title_field,
    upvotes_field,
)
from recommender.papers.text.abstracts import comment_withdraws
from recommender.papers.text.author_lists import normal_names
from recommender.papers.text.latex import with_accents
from recommender.papers.text.plain_text import text_of_html
from recommender.papers.text.structured_abstracts import abstract_of_html
from recommender.papers.text.web_addresses import web_address
from recommender.wording import counted, one_line

_ABSTRACT: Final = ("abstract", "content_html", "content_text", "summary")
_AUTHORS: Final = ("authors", "author")
# As people call them in lists of their own.
_AUTHORS_ELSEWHERE: Final = (
    "creators",
    "creator",
    "author_names",
    "author_list",
    "contributors",
    "by",
)
_PUBLISHED: Final = ("published", "published_at", "publishedAt", "date", "issued")
# As JSON Feed, CORE, Springer and others call it, each in a way of its own.
_PUBLISHED_ELSEWHERE: Final = (
    *("date_published", "published_date", "publication_date", "online_date", "release_date"),
    *("preprint_date", "update_date", "pub_date", "submitted", "submission_date", "announced"),
    *("created", "created_at"),
)
_ADDRESSES: Final = (
    *("url", "link", "external_url", "entry_id", "paper_url", "arxiv_url", "id"),
    *("abs_url", "paper_link", "href", "uri", "pdf_url", "pdf"),
)
_IDENTIFIERS: Final = (
    *("id", "arxiv_id", "arxiv", "doi", "url", "link", "entry_id"),
    *("paper_url", "arxiv_url", "external_url"),
)
_KEYWORDS: Final = ("ai_keywords", "keywords")
_KNOWN: Final = frozenset(
    {
        *(*_ABSTRACT, *_AUTHORS, *_PUBLISHED, *_PUBLISHED_ELSEWHERE, *_IDENTIFIERS, *_KEYWORDS),
        *(*_AUTHORS_ELSEWHERE, *_ADDRESSES),
        *("title", "upvotes"),
        *("ai_summary", "githubRepo", "projectPage", "thumbnail", "withdrawn", "comment"),
        # What many lists have and nothing here is made of.
        *("categories", "category", "tags", "venue", "journal", "publisher", "source"),
        *("language", "score", "rank", "type", "license", "citations"),
    }
)
_FIELDS: Final = {
    "abstract": _ABSTRACT,
    "authors": (*_AUTHORS, *_AUTHORS_ELSEWHERE),
    "published": (*_PUBLISHED, *_PUBLISHED_ELSEWHERE),
    "address": (*_IDENTIFIERS, *_ADDRESSES),
}
_FIELD_OF: Final = {key: name for name, keys in _FIELDS.items() for key in keys}
_FOLDED: Final = {"".join(filter(str.isalnum, key)).casefold(): key for key in _KNOWN}
_ALIKE: Final = 0.7
_MOST_JUDGED: Final = 100
_MOST_NAMED: Final = 10
_LONGEST_NAMED: Final = 40


@dataclass(frozen=True, slots=True)
class Oddity:
    """What of an object was not read, and which of `_FIELDS` it lacks."""

    where: str
    unknown: tuple[str, ...]
    lacks: frozenset[str]


def with_known_keys(record: Mapping[str, object]) -> Mapping[str, object]:
    """Return an object whose known keys are written as here: ``Title`` is ``title``."""
    if record.keys() <= _KNOWN:
        return record
    known: dict[str, object] = {key: value for key, value in record.items() if key in _KNOWN}
    for key, value in record.items():
        meant = _FOLDED.get("".join(filter(str.isalnum, key[:_LONGEST_NAMED])).casefold(), key)
        known.setdefault(meant, value)
    return known


def read_portable(record: Mapping[str, object], where: str) -> tuple[DigestEntry, Oddity]:
    """Read one paper, and what is odd of its object.

    An ``id`` that is an arXiv identifier, a DOI or an address is taken as such; any other only
    tells papers apart.

    Raises
    ------
    DigestError
        Where it has no title, or a field is not what it should be.
    """
    record = with_known_keys(record)
    # A number only counts the papers of the list.
    stated = [key for key in _IDENTIFIERS if not isinstance(record.get(key), int)]
    named = [text_field(record, key, where) for key in stated]
    link = next(filter(None, (web_address(record.get(key)) for key in _ADDRESSES)), None)
    named += [link] if link else []
    arxiv_id = next(filter(None, map(arxiv_id_of, named)), None)
    doi = next(filter(None, map(normalise_doi, named)), None)
    resolved = f"https://doi.org/{doi}" if doi else link
    comment = record.get("comment")
    withdrawn = record.get("withdrawn") is True or (
        isinstance(comment, str) and comment_withdraws(comment)
    )
    moments = chain(
        (instant_field(record, key, where) for key in _PUBLISHED),
        (moment_elsewhere(record, key) for key in _PUBLISHED_ELSEWHERE),
    )
    called = [key for key in _AUTHORS_ELSEWHERE if isinstance(record.get(key), str | list)]
    named_by = (authors_field(record, where, key) for key in (*_AUTHORS, *called))
    abstracts = (abstract_of_html(text_field(record, key, where)) for key in _ABSTRACT)
    entry = DigestEntry(
        title=_title(record, where),
        abstract=next(filter(None, abstracts), ""),
        authors=normal_names(next(filter(None, named_by), ())),
        arxiv_id=arxiv_id,
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else resolved,
        published_at=next(filter(None, moments), None),
        upvotes=upvotes_field(record, where),
        summary=summary_field(record, where),
        keywords=next(filter(None, (keywords_field(record, key) for key in _KEYWORDS)), ()),
        code_url=web_address(record.get("githubRepo")),
        project_url=web_address(record.get("projectPage")),
        thumbnail_url=web_address(record.get("thumbnail")),
        announce_type=AnnounceType.WITHDRAWN if withdrawn else AnnounceType.NEW,
    )
    unknown = tuple(key for key in record if key not in _KNOWN)
    lacks = frozenset(name for name, keys in _FIELDS.items() if record.keys().isdisjoint(keys))
    return entry, Oddity(where, unknown, lacks)


def moment_elsewhere(record: Mapping[str, object], key: str) -> datetime | None:
    """Read a time or a day; None where somebody's own key has neither."""
    value = record.get(key)
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return moment_of(value[:10].split("-"))


def _title(record: Mapping[str, object], where: str) -> str:
    title = with_accents(text_of_html(title_field(record, where)))
    if not title:
        raise DigestError(where, "a paper whose 'title' is markup alone; write its text")
    return title


def left_out(oddities: Sequence[Oddity]) -> tuple[UnreadEntry, ...]:
    """Return what of the papers of one document was not read, each kind once."""
    told = []
    keys = _misspelt(oddities)
    if keys:
        names = ", ".join(one_line(key)[:_LONGEST_NAMED] for key in list(keys)[:_MOST_NAMED])
        more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
        told.append(
            UnreadEntry(
                next(iter(keys.values())),
                f"keys not known: {names}{more}; where they are any of title, abstract, authors, "
                "id, doi, url, published and upvotes, call them so",
            )
        )
    without = [each.where for each in oddities if "abstract" in each.lacks]
    # A list of titles alone is meant so.
    if 0 < len(without) < len(oddities):
        papers = counted(len(without), "paper")
        told.append(
            UnreadEntry(
                without[0],
                f"no 'abstract' in {papers}, this the first, where others have one; write it there",
            )
        )
    return tuple(told)


def _misspelt(oddities: Iterable[Oddity]) -> dict[str, str]:
    """Return the keys that may hold what their objects lack, each with where it stands first.

    An abstract may be called anything; what else is lacked is known by a name that is alike.
    """
    meant: dict[str, str | None] = {}
    found: dict[str, str] = {}
    for each in oddities:
        for key in each.unknown:
            if "abstract" not in each.lacks:
                if key not in meant and len(meant) < _MOST_JUDGED:
                    meant[key] = _field_like(key)
                if meant.get(key) not in each.lacks:
                    continue
            found.setdefault(key, each.where)
    return found


def _field_like(key: str) -> str | None:
    alike = get_close_matches(key.lower()[:_LONGEST_NAMED], _FIELD_OF, n=1, cutoff=_ALIKE)
    return _FIELD_OF[alike[0]] if alike else None

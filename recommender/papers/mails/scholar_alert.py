"""Room 1, papers: the alerts of Google Scholar, by words, by authors and by citations. Pure.

Each result has a title that leads through Scholar's own address, a line ``authors - where, year``,
and some words around what was searched for. These words are no abstract, but better than nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.identity.canonical_ids import arxiv_id_of
from recommender.papers.mails.article_links import LONGEST_LINK, article_of, target_of
from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS

FORMAT: Final = "scholar-mail"
CURATOR: Final = "Google Scholar"

_TITLE_CLASS: Final = "gse_alrt_title"
_HOST: Final = re.compile(r"scholar\.google(?:\.[a-z]{2,3}){1,2}", re.IGNORECASE)
_REDIRECT: Final = re.compile(r"/scholar_url/?", re.IGNORECASE)
_KIND: Final = re.compile(r"\[[A-Z]{1,9}\]\s*")
_PLACE: Final = re.compile(r"\s[-–]\s")
_LONE_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_ELLIPSIS: Final = re.compile(r"\s*(?:…|\.\.\.)\s*")
# Around titles of the reader's own papers, in whichever language it says "Cites".
_CITED: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_MOST_LINES: Final = 8
_SHORTEST_SUMMARY: Final = 40
_LONGEST_SUMMARY: Final = 1_000


def is_scholar_alert(lines: Sequence[Line]) -> bool:
    """Whether a document is an alert with results."""
    return any(_title(line) for line in lines)


def parse_scholar_alert(lines: Sequence[Line], *, day: date) -> Digest:
    """Read an alert.

    Raises
    ------
    DigestError
        If no result has a title.
    """
    starts = [number for number, line in enumerate(lines) if _title(line)]
    ends = [*starts[1:], len(lines)]
    entries = [
        _entry(lines[start : min(end, start + _MOST_LINES)])
        for start, end in zip(starts, ends, strict=True)
    ]
    if not entries:
        raise DigestError("mail", "an alert of Google Scholar without results; look there")
    return Digest(FORMAT, CURATOR, day, tuple(entries))


def _title(line: Line) -> Link | None:
    for link in line.links:
        if link.text and (_TITLE_CLASS in link.kind or _is_redirect(link.href)):
            return link
    return None


def _is_redirect(href: str) -> bool:
    try:
        parts = urlsplit(href)
        return bool(_HOST.fullmatch(parts.hostname or "") and _REDIRECT.fullmatch(parts.path))
    except ValueError:
        return False


def _entry(lines: Sequence[Line]) -> DigestEntry:
    link = _title(lines[0])
    assert link is not None, "it begins with one"  # noqa: S101 - who calls has looked
    below = [line.text for line in lines[1:] if line.text]
    authors: tuple[str, ...] = ()
    place = ""
    if below and (_PLACE.search(below[0]) or _ELLIPSIS.search(below[0])):
        names, _, place = _parted(below.pop(0))
        authors = authors_of([_ELLIPSIS.sub(" ", names)], inverted=False) if names else ()
    article = article_of(link.href)
    url = article.url if article else target_of(link.href)
    arxiv_id = (article.arxiv_id if article else None) or arxiv_id_of(place)
    return DigestEntry(
        title=_KIND.sub("", mended(with_accents(link.text)), count=1)[:MOST_TITLE_CHARACTERS],
        abstract="",
        authors=authors,
        arxiv_id=arxiv_id,
        doi=article.doi if article else None,
        url=url if url and len(url) <= LONGEST_LINK and not _is_redirect(url) else None,
        summary=_summary(below),
    )


def _parted(line: str) -> tuple[str, str, str]:
    names, dash, place = line, "", ""
    found = _PLACE.search(line)
    if found is not None:
        names, dash, place = line[: found.start()], found[0], line[found.end() :]
    return ("", dash, line) if _LONE_YEAR.fullmatch(names.strip()) else (names, dash, place)


def _summary(below: Sequence[str]) -> str:
    kept = [text for text in below if not _CITED.search(text)]
    summary = " ".join(kept)
    return summary[:_LONGEST_SUMMARY] if len(summary) >= _SHORTEST_SUMMARY else ""

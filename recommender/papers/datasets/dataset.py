"""Room 1, papers: the portable form of papers and ratings, as lines. Pure.

``papers.jsonl`` has an object a line: ``id``, ``title``, ``abstract``, ``published``, and perhaps
``authors``, ``upvotes`` and ``ai_summary``, what a digest's own line says of the paper; title and
abstract may be empty. ``ratings.csv`` has the columns
``subscriber``, ``paper``, ``rating`` and ``rated_at``, in any order and perhaps among others. See
``docs/design.md``, *Data sets*; `dataset_files` opens the files.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Final

from recommender.domain import Paper, Rating
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import (
    authors_field,
    instant_field,
    load_json,
    mapping_field,
    summary_field,
    text_field,
    upvotes_field,
)
from recommender.wording import listed

RATING_COLUMNS: Final = ("subscriber", "paper", "rating", "rated_at")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Papers, and who said what of them when.

    Attributes
    ----------
    papers : tuple of Paper
        With the ids 1, 2, … in the order of the file. ``published_at`` is never None, and
        ``first_seen_at`` is the same moment.
    names : tuple of str
        The data set's own ids: ``names[paper.id - 1]``.
    upvotes : tuple of int
        Public votes of each, >= 0: ``upvotes[paper.id - 1]``.
    ratings : mapping of str to tuple of Rating
        All that each subscriber said, oldest first; 0 takes back what was said before. Of one
        moment, the later line comes later. Subscribers are in alphabetical order.
    """

    papers: tuple[Paper, ...]
    names: tuple[str, ...]
    upvotes: tuple[int, ...]
    ratings: Mapping[str, tuple[Rating, ...]]

    @classmethod
    def of(
        cls, described: Iterable[tuple[str, Paper, int]], ratings: Iterable[tuple[str, Rating]]
    ) -> Dataset:
        """Put a data set together from what `read_papers` and `read_ratings` give."""
        names, papers, upvotes = zip(*described, strict=True)
        said: dict[str, list[Rating]] = {}
        for subscriber, rating in ratings:
            said.setdefault(subscriber, []).append(rating)
        in_order = {
            who: tuple(sorted(said[who], key=attrgetter("rated_at"))) for who in sorted(said)
        }
        return cls(papers, names, upvotes, in_order)


def latest_ratings(ratings: Iterable[Rating]) -> list[Rating]:
    """Return a subscriber's latest rating of each paper, without those that were withdrawn.

    Parameters
    ----------
    ratings : iterable of Rating
        Oldest first.
    """
    newest = {rating.paper_id: rating for rating in ratings}
    return [rating for rating in newest.values() if rating.value or rating.saved]


def read_papers(lines: Iterable[str]) -> Iterator[tuple[str, Paper, int]]:
    """Read papers, each with its own id before and its upvotes behind; blank lines do not count.

    Raises
    ------
    DigestError
        At the first line that cannot be read, and where there is no paper at all.
    """
    line_of: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        record = mapping_field(load_json(line, where), "the line", where)
        name = text_field(record, "id", where)
        if not name:
            raise DigestError(where, "a paper without 'id'; give each paper one of its own")
        if name in line_of:
            raise DigestError(
                where, f"line {line_of[name]} has the id '{name}' too; take one of them out"
            )
        line_of[name] = number
        yield name, _paper(record, len(line_of), where), upvotes_field(record, where)
    if not line_of:
        raise DigestError("file", "no papers; write one JSON object a line")


def _paper(record: Mapping[str, object], paper_id: int, where: str) -> Paper:
    published_at = instant_field(record, "published", where)
    if published_at is None:
        raise DigestError(where, "a paper without 'published'; write a date such as 2026-03-11")
    return Paper(
        id=paper_id,
        title=text_field(record, "title", where),
        abstract=text_field(record, "abstract", where),
        authors=authors_field(record, where),
        arxiv_id=None,
        doi=None,
        url=None,
        published_at=published_at,
        first_seen_at=published_at,
        summary=summary_field(record, where),
    )


def read_ratings(lines: Iterable[str], names: Sequence[str]) -> Iterator[tuple[str, Rating]]:
    """Read who rated which paper how, in the order of the file; blank lines do not count.

    A rating is any number: above 0 a like, below 0 a dislike, 0 takes back what was said before.

    Parameters
    ----------
    lines : iterable of str
        The header first; its columns may stand in any order, and others beside them.
    names : sequence of str
        The ids of the papers that there are, in the order of `Dataset.papers`.

    Raises
    ------
    DigestError
        At the first line that cannot be read, or rates a paper that there is not.
    """
    rows = csv.reader(lines, strict=True)
    try:
        header = next(rows, [])
        pick = _columns([column.strip() for column in header])
        paper_ids = {name: paper_id for paper_id, name in enumerate(names, start=1)}
        # There are far fewer days than ratings.
        moments: dict[str, datetime] = {}
        for row in rows:
            if not row:
                continue
            where = f"line {rows.line_num}"
            if len(row) != len(header):
                raise DigestError(
                    where,
                    f"{len(row)} fields where the header names {len(header)}; "
                    "put fields that hold a comma between quotes",
                )
            subscriber, name, rating, rated_at = map(str.strip, pick(row))
            if not subscriber:
                raise DigestError(where, "a rating without 'subscriber'; say whose it is")
            if name not in paper_ids:
                raise DigestError(
                    where, f"no paper has the id '{name}'; add it, or take this line out"
                )
            if rated_at not in moments:
                moments[rated_at] = _moment(rated_at, where)
            yield (
                subscriber,
                Rating(paper_ids[name], _value(rating, where), False, moments[rated_at]),
            )
    except csv.Error as error:
        raise DigestError(
            f"line {rows.line_num}", f"no CSV ({error}); write the file again with a CSV library"
        ) from error


def _columns(header: list[str]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return what picks the four columns out of a row."""
    missing = [column for column in RATING_COLUMNS if column not in header]
    if missing:
        raise DigestError(
            "line 1",
            f"the header names no {listed(missing)}; write {','.join(RATING_COLUMNS)}",
        )
    return itemgetter(*map(header.index, RATING_COLUMNS))


def _moment(text: str, where: str) -> datetime:
    moment = instant_field({"rated_at": text}, "rated_at", where)
    if moment is None:
        raise DigestError(where, "a rating without 'rated_at'; write a date such as 2026-03-11")
    return moment


def _value(text: str, where: str) -> int:
    """Read a rating as 1, 0 or -1."""
    try:
        rating = float(text)
    except ValueError:
        rating = math.nan
    if math.isnan(rating):
        raise DigestError(
            where, f"the rating '{text}' is no number; write 1 for a like, -1 for a dislike"
        )
    return (rating > 0) - (rating < 0)


def paper_line(paper: Paper, name: str, upvotes: int) -> str:
    """Write one paper as `read_papers` reads it; one without a date is as old as it is known."""
    published_at = paper.published_at or paper.first_seen_at
    record = {
        "id": name,
        "title": paper.title,
        "abstract": paper.abstract,
        "published": published_at.isoformat(),
        "authors": list(paper.authors),
        "upvotes": upvotes,
    }
    if paper.summary:
        record["ai_summary"] = paper.summary
    if paper.keywords:
        record["ai_keywords"] = list(paper.keywords)
    urls = {
        "githubRepo": paper.code_url,
        "projectPage": paper.project_url,
        "thumbnail": paper.thumbnail_url,
    }
    record |= {key: url for key, url in urls.items() if url}
    if paper.withdrawn_at:
        record["withdrawn"] = True
    return json.dumps(record, ensure_ascii=False) + "\n"


def rating_lines(rows: Iterable[tuple[str, str, Rating]]) -> Iterator[str]:
    """Write ratings as `read_ratings` reads them, the header first; a saved paper is a liked one.

    Parameters
    ----------
    rows : iterable of (str, str, Rating)
        Subscriber and paper by the names that they have in the data set.
    """
    yield csv_line(RATING_COLUMNS)
    for subscriber, name, rating in rows:
        value = 1 if rating.saved else rating.value
        yield csv_line((subscriber, name, value, rating.rated_at.isoformat()))


def csv_line(fields: Iterable[object]) -> str:
    """Write one row of CSV with its line end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue()

"""Store: papers by their words. All that knows how a database searches texts is here.

SQLite's FTS5 keeps the papers' texts once more, and which words stand where. What it keeps is
written with the papers' rows, by `put_in` and `take_out`: a trigger would do it too, but no backup
may have one (`store/backup_checks.py`).
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import TextClause, bindparam, text
from sqlmodel import Session

from recommender.domain import Paper
from recommender.domain.searches import NAMES_APART, Found, FoundText, PaperSearch, Piece
from recommender.store.dialects import dialect_in
from recommender.store.dialects.sqlite import fts5_pattern
from recommender.store.tables import UTCDateTime

TABLE: Final = "paper_search"
TABLE_SQL: Final = (
    "CREATE VIRTUAL TABLE paper_search USING fts5( title, abstract, authors, keywords,"
    f" tokenize=\"porter unicode61 remove_diacritics 2 tokenchars '{NAMES_APART}'\" )"
)
"""What the migration makes; a test holds them together."""

_MOST_FOUND: Final = 500
"""Papers; nobody turns more pages. A word that more have tells little, and weighing it takes long:
then those come first that have it in their titles, and of these the newest."""
_MOST_WEIGHED: Final = _MOST_FOUND + 1
"""One more than there are tells that there are more."""
_FEW: Final = 20
"""Where fewer papers have the last word, those count too that have longer ones."""
_LOOKED_THROUGH: Final = 2_500
_TOLD_CHARACTERS: Final = 600
_MARKED: Final = re.compile("(\x02[^\x03]*\x03)")

_TEXTS: Final = ("title", "abstract", "authors", "keywords")

# Papers that only a subscriber named are nobody else's to see.
_OFFERED: Final = "EXISTS (SELECT 1 FROM mention WHERE mention.paper_id = {})"
_KNOWN_BY: Final = " AND {} IN (SELECT paper_id FROM paper_identifier WHERE identifier IN ({}))"
_DAY: Final = "coalesce(paper.published_at, paper.first_seen_at)"
_SINCE: Final = f" AND {_DAY} >= :since"
_UNTIL: Final = f" AND {_DAY} <= :until"
_MOMENTS: Final = [bindparam(name, type_=UTCDateTime) for name in ("since", "until", "now")]

# Looked up by number, a paper takes a search of its own for each word. To fill a table in memory
# with a page of them, and search that, takes a third of the time.
_TOLD_TABLE: Final = (
    "CREATE VIRTUAL TABLE told USING fts5(title, abstract, authors, keywords,"
    ' tokenize="porter unicode61 remove_diacritics 2")'
)
_TELL_OF: Final = (
    "INSERT INTO told (rowid, title, abstract, authors, keywords) VALUES (?, ?, ?, ?, ?)"
)
_TELL: Final = (
    "SELECT rowid, highlight(told, 0, char(2), char(3)),"
    " snippet(told, 1, char(2), char(3), '…', 45) FROM told WHERE told MATCH ?"
)

_memory: Final = threading.local()


def put_in(session: Session, papers: Iterable[Mapping[str, Any]]) -> None:
    """Have papers found that were just stored, or stored anew.

    Parameters
    ----------
    papers : iterable of mapping
        ``id``, ``title``, ``abstract``, ``authors`` and ``keywords`` of each.
    """
    sql = dialect_in(session).search
    if rows := [_row(each, sql.text_of) for each in papers]:
        session.connection().execute(sql.put_in, rows)


def take_out(session: Session, paper_ids: Iterable[int]) -> None:
    """Have papers found no more, before they are put in anew or dropped."""
    if rows := [{"id": each} for each in paper_ids]:
        session.connection().execute(dialect_in(session).search.take_out, rows)


def find(session: Session, wanted: PaperSearch, *, now: datetime) -> Found:
    """Find papers: the best first, or the newest where no words are looked for."""
    if named := _named(session, wanted, _MOST_WEIGHED):
        return Found(tuple(named))
    is_begun = False
    ids = _ranked(session, wanted, now, fewest=_FEW if wanted.is_begun else 0)
    if wanted.is_begun and len(ids) < _FEW:
        is_begun = True
        ids = _ranked(session, wanted, now, is_begun=True)
    pattern = fts5_pattern(wanted, last_word_begun=is_begun)
    return Found(tuple(ids[:_MOST_FOUND]), len(ids) > _MOST_FOUND, pattern)


def newest(session: Session, wanted: PaperSearch, *, count: int) -> list[int]:
    """Return the ids of the papers that came last of those that a search finds."""
    return _named(session, wanted, count) or _Query(session, wanted).newest(count)


def texts_of(papers: Iterable[Paper], pattern: str) -> dict[int, FoundText]:
    """Return what of titles and abstracts was looked for, by the ids of their papers.

    Parameters
    ----------
    papers : iterable of Paper
        A page of what `find` found.
    pattern : str
        That of `Found`.
    """
    rows = [
        (
            *(paper.id, paper.title, paper.abstract[:_LOOKED_THROUGH]),
            *(" ".join(paper.authors), " ".join(paper.keywords)),
        )
        for paper in papers
    ]
    marked = {number: (title, abstract) for number, title, abstract, *_ in rows}
    if pattern:
        memory = _told_table()
        # A transaction of its own for each paper would take three times as long.
        memory.execute("BEGIN")
        try:
            memory.executemany(_TELL_OF, rows)
            told = memory.execute(_TELL, (pattern,))
            marked |= {number: (title, abstract) for number, title, abstract in told}
        finally:
            memory.execute("ROLLBACK")
    return {
        number: FoundText(tuple(_pieces(title)), tuple(_pieces(abstract[:_TOLD_CHARACTERS])))
        for number, (title, abstract) in marked.items()
    }


def _told_table() -> sqlite3.Connection:
    """Return this thread's table in memory, which is empty."""
    if not hasattr(_memory, "told"):
        _memory.told = sqlite3.connect(":memory:", isolation_level=None)
        _memory.told.execute(_TOLD_TABLE)
    table: sqlite3.Connection = _memory.told
    return table


def _ranked(
    session: Session, wanted: PaperSearch, now: datetime, *, is_begun: bool = False, fewest: int = 0
) -> list[int]:
    """Return the ids of papers, the best first; more than `_MOST_FOUND` where there are more.

    None are weighed where fewer than ``fewest`` have the words.
    """
    query = _Query(session, wanted, is_begun=is_begun)
    if not wanted.terms:
        return query.newest(_MOST_WEIGHED)
    count = query.count()
    if count < fewest:
        return []
    if count < _MOST_WEIGHED:
        return query.best(now)
    titled = _Query(session, wanted, is_begun=is_begun, in_title=True).newest(_MOST_WEIGHED)
    if len(titled) == _MOST_WEIGHED:
        return titled
    return list(dict.fromkeys([*titled, *query.newest(_MOST_WEIGHED)]))


def _named(session: Session, wanted: PaperSearch, count: int) -> list[int]:
    if not wanted.identifiers:
        return []
    return _Query(session, wanted, is_named=True).newest(count)


class _Query:
    """Finds the ids of the papers that match, where anything has to, and are of the wanted days."""

    def __init__(
        self,
        session: Session,
        wanted: PaperSearch,
        *,
        is_begun: bool = False,
        in_title: bool = False,
        is_named: bool = False,
    ) -> None:
        self._session = session
        self._sql = dialect_in(session).search
        match = "" if is_named else self._sql.pattern(wanted, is_begun, in_title)
        self._values: dict[str, object] = {"match": match} if match else {}
        self._number, self._conditions = "paper.id", ""
        if match:
            self._number, self._conditions = self._sql.number, f"{self._sql.matches} AND "
        self._conditions += _OFFERED.format(self._number)
        if is_named:
            known_by = {f"known{at}": each for at, each in enumerate(wanted.identifiers)}
            self._values |= known_by
            self._conditions += _KNOWN_BY.format(
                self._number, ", ".join(map(":{}".format, known_by))
            )
        if wanted.since is not None:
            self._values["since"] = datetime.combine(wanted.since, time.min, UTC)
            self._conditions += _SINCE
        if wanted.until is not None:
            self._values["until"] = datetime.combine(wanted.until, time.max, UTC)
            self._conditions += _UNTIL
        apart = [each for each in wanted.authors if " " in each]
        if apart and self._sql.is_by_authors:
            self._values["authors"] = NAMES_APART.join(apart)
            self._conditions += f" AND {self._sql.is_by_authors.format('authors')}"
        for number, unwanted in enumerate(each for each in wanted.excluded_authors if " " in each):
            if self._sql.is_by_authors:
                self._values[f"unwanted{number}"] = unwanted
                is_by = self._sql.is_by_authors.format(f"unwanted{number}")
                self._conditions += f" AND NOT {is_by}"
        self._is_of_days = wanted.since is not None or wanted.until is not None

    def count(self) -> int:
        values = {"match": self._values["match"], "most": _MOST_WEIGHED}
        return int(self._session.connection().execute(self._sql.count, values).scalar_one())

    def newest(self, count: int) -> list[int]:
        order = f"{self._number} DESC LIMIT :count"
        return self._ids(order, needs_papers=self._is_of_days, count=count)

    def best(self, now: datetime) -> list[int]:
        return self._ids(self._sql.best, needs_papers=True, now=now)

    def _ids(self, order: str, *, needs_papers: bool, **values: object) -> list[int]:
        values |= self._values
        source = self._sql.matching if "match" in values else "paper"
        # To look up each paper's row takes longer than to find it.
        if needs_papers and "match" in values:
            source += self._sql.their_papers
        chosen = (
            f"SELECT {self._number} AS id FROM {source} WHERE {self._conditions} ORDER BY {order}"  # noqa: S608, ours
        )
        # A row for each of a thousand would take longer than to find them.
        statement = _statement(self._sql.gathered.format(chosen), frozenset(values))
        return list(json.loads(self._session.connection().execute(statement, values).scalar_one()))


@lru_cache(64)
def _statement(sql: str, names: frozenset[str]) -> TextClause:
    """Return a statement, which to take apart takes as long as to find some papers."""
    return text(sql).bindparams(*(each for each in _MOMENTS if each.key in names))


def _pieces(marked: str) -> Iterator[Piece]:
    for each in _MARKED.split(marked):
        is_found = each.startswith("\x02")
        if words := each.strip("\x02\x03"):
            yield Piece(words, is_found)


def _row(paper: Mapping[str, Any], text_of: Callable[[str], str]) -> dict[str, Any]:
    """Return what is looked through of a paper."""
    row = {name: paper[name] for name in _TEXTS}
    for name in ("authors", "keywords"):
        row[name] = f" {NAMES_APART} ".join(row[name])
    return {"id": paper["id"]} | {name: text_of(words) for name, words in row.items()}

"""Jobs: subscribers for whose consent an operator vouches come from CSV, many at a time."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, islice
from typing import Final

from recommender.errors import RecommenderError
from recommender.jobs.people.members import (
    COLUMNS,
    change,
    new_subscriber,
    next_issue_of,
    plan_of_new,
)
from recommender.jobs.people.subscriptions import address_to_mail
from recommender.jobs.services import Services
from recommender.membership.addresses import Address
from recommender.spreadsheet_cells import from_cell
from recommender.store import subscribers
from recommender.store.subscribers import NewSubscriber
from recommender.wording import counted

ROWS_AT_A_TIME: Final = 1_000
"""Of an import: who of them is known is asked at once, and who is new is stored at once."""

MOMENTS_NAMED: Final = 5
"""So many moments at which first issues come are told."""

_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import brought.

    Attributes
    ----------
    added, changed, unchanged : int
        New subscribers, known ones of whom something is now as their rows have it, and those of
        whom all was so before.
    kept_out : tuple of str
        A line for each who is known and gets nothing although the row would have it.
    problems : tuple of str
        A line for each row that was not taken.
    first_issues : mapping of str to int
        To how many of the new ones the first issue comes when.
    """

    added: int
    changed: int = 0
    unchanged: int = 0
    kept_out: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    first_issues: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the counts in one line."""
        return (
            f"{self.added:,} added, {self.changed:,} changed, {self.unchanged:,} as they were, "
            f"{len(self.kept_out):,} not brought back, {counted(len(self.problems), 'line')} not "
            "taken"
        )

    def describe_first_issues(self) -> str:
        """Return when the first issue comes to the new ones; empty where there are none."""
        most = Counter(self.first_issues).most_common(MOMENTS_NAMED)
        named = [f"{moment} to {number:,}" for moment, number in most]
        others = sum(self.first_issues.values()) - sum(number for _, number in most)
        return "; ".join([*named, f"at other hours to {others:,}"] if others else named)


def import_rows(services: Services, lines: Iterable[str]) -> ImportReport:
    """Import subscribers from CSV with a header; a row that cannot be taken stops no other.

    Values stand between commas, or between semicolons or tabs, as spreadsheets of some countries
    write them. What a row gives replaces what a known subscriber has; an empty value leaves it. Of
    an address that stands there twice, the first row is taken.

    Raises
    ------
    RecommenderError
        If it is no CSV in UTF-8, or there is no ``email`` column, or one that is not known; nobody
        is imported then.
    """
    rows = None
    try:
        rows = _reader(lines)
        return _import_rows(services, rows)
    except (UnicodeDecodeError, csv.Error) as error:
        line = 1 if rows is None else rows.line_num
        raise RecommenderError(
            f"line {line}: no CSV in UTF-8 ({error}); save it as that, nobody was imported"
        ) from error


def _reader(lines: Iterable[str]) -> csv.DictReader[str]:
    given = iter(lines)
    header = next(given, "")
    delimiter = max(_DELIMITERS, key=header.count)
    return csv.DictReader(chain([header], given), skipinitialspace=True, delimiter=delimiter)


def _import_rows(services: Services, rows: csv.DictReader[str]) -> ImportReport:
    columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    unknown = [name for name in columns if name not in COLUMNS]
    if "email" not in columns or unknown:
        raise RecommenderError(
            f"the first line must name columns of {', '.join(COLUMNS)}, email among them"
            + (f"; not known: {', '.join(map(repr, unknown))}" if unknown else "")
        )
    added = changed = unchanged = 0
    kept_out: list[str] = []
    problems: list[tuple[int, str]] = []
    line_of: dict[str, int] = {}
    first_issues: Counter[str] = Counter()
    plan_of = lru_cache(maxsize=1_000)(partial(plan_of_new, services))
    read = _readable(services, rows, problems)
    with services.change() as session:
        while some := list(islice(read, ROWS_AT_A_TIME)):
            known = subscribers.by_keys(session, {address.key for _, address, _ in some})
            new: list[NewSubscriber] = []
            for line, address, row in some:
                if address.key in line_of:
                    first = line_of[address.key]
                    told = f"{row['email'].strip()} stands in line {first} too, which was taken"
                    problems.append((line, f"line {line}: {told}"))
                    continue
                try:
                    if address.key not in known:
                        new.append(new_subscriber(address, row, plan_of))
                        if moment := next_issue_of(new[-1]):
                            first_issues[moment] += 1
                    else:
                        member = change(services, session, known[address.key], row)
                        if member.kept_out:
                            kept_out.append(f"line {line}: {member.kept_out}")
                        else:
                            changed += member.is_changed
                            unchanged += not member.is_changed
                except RecommenderError as error:
                    problems.append((line, f"line {line}: {error}"))
                else:
                    line_of[address.key] = line
            subscribers.add_all(session, new, now=services.clock())
            added += len(new)
    in_order = tuple(problem for _, problem in sorted(problems))
    return ImportReport(added, changed, unchanged, tuple(kept_out), in_order, first_issues)


def _readable(
    services: Services, rows: csv.DictReader[str], problems: list[tuple[int, str]]
) -> Iterator[tuple[int, Address, Mapping[str, str]]]:
    """Yield the rows that have an address, each with its line; note what is wrong with others."""
    for row in rows:
        line = rows.line_num
        if None in row:
            problems.append((line, f"line {line}: more values than columns; quote commas"))
            continue
        given = {key: from_cell(_storable(value or "")) for key, value in row.items()}
        try:
            yield line, address_to_mail(services, given["email"]), given
        except RecommenderError as error:
            problems.append((line, f"line {line}: {error}"))


def _storable(text: str) -> str:
    """Replace halves of surrogate pairs, which no database takes."""
    return text.encode("utf-8", "replace").decode()

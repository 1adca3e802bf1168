"""Room 1, papers: tables in HTML whose first row names the columns of papers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from recommender.papers.text.labels import label_in

OTHER: Final = "other"
"""A column that says nothing of what a paper is read for: its journal, a score."""

_LONGEST_HEAD: Final = 40
_FEWEST: Final = 2
_DEEPEST: Final = 50
_SPANNED: Final = re.compile(r"[1-9][0-9]?")
_TITLES: Final = frozenset({"paper", "papers", "article", "name", "publication", "preprint"})
_AUTHORS: Final = frozenset({"who", "people", "researchers", "writers"})
_READ: Final = frozenset({"title", "authors", "abstract", "tldr", "date", "link", "id"})
_OF_A_TABLE: Final = frozenset({"table", "tr", "td", "th"})


@dataclass(slots=True)
class _Table:
    roles: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    at: int = -1
    span: int = 1
    rows: int = 0
    row: int = 0


class OpenTables:
    """Follows the tables of a document, and tells where the text that comes next stands."""

    def __init__(self) -> None:
        self._tables: list[_Table] = []
        self._rows = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take an opening tag."""
        if tag not in _OF_A_TABLE:
            return
        if tag == "table":
            self._tables.append(_Table())
        elif self._tables and tag == "tr":
            self._rows += 1
            table = self._tables[-1]
            table.at, table.span, table.row, table.cells = -1, 1, self._rows, []
        elif self._tables:
            table = self._tables[-1]
            table.at += table.span
            spanned = attributes.get("colspan", "")
            table.span = int(spanned) if _SPANNED.fullmatch(spanned) else 1
            table.cells += [""] * (table.at + 1 - len(table.cells))

    def end(self, tag: str) -> None:
        """Take a closing tag; the first row of a table may name its columns."""
        if not self._tables or tag not in _OF_A_TABLE:
            return
        table = self._tables[-1]
        if tag == "table":
            self._tables.pop()
        elif tag == "tr":
            if table.rows == 0:
                table.roles = _roles(table.cells)
            table.rows += 1
            table.at = -1

    def say(self, text: str) -> None:
        """Take a line of text."""
        table = self._tables[-1] if self._tables else None
        if table is not None and table.rows == 0 and 0 <= table.at < len(table.cells):
            table.cells[table.at] = f"{table.cells[table.at]} {text}".strip()[: _LONGEST_HEAD + 1]

    @property
    def place(self) -> tuple[int, str]:
        """The row and what the head of the column says; 0 and nothing outside of such tables."""
        for table in reversed(self._tables[-_DEEPEST:]):
            if table.roles and table.rows and 0 <= table.at < len(table.roles):
                return table.row, table.roles[table.at]
        return 0, ""


def _roles(heads: list[str]) -> list[str]:
    """Return what each column holds; nothing where the heads are no heads of papers."""
    if len(heads) < _FEWEST or any(len(head) > _LONGEST_HEAD for head in heads):
        return []
    roles = [_role(head) for head in heads]
    if "title" not in roles:
        roles = [
            "title" if head.casefold() in _TITLES else role
            for head, role in zip(heads, roles, strict=True)
        ]
    known = sum(role in _READ for role in roles)
    return roles if roles.count("title") == 1 and known >= _FEWEST else []


def _role(head: str) -> str:
    if head.casefold() in _AUTHORS:
        return "authors"
    label = label_in((), (f"{head}:",)) if head else None
    return label[0] if label is not None and label[0] in _READ else OTHER

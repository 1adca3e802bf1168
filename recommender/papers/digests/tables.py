"""Room 1, papers: tables in digest text, their columns known by their heads. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Final

from recommender.domain import Digest
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.digests.abstract_paragraphs import bare
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.columns import papers_of
from recommender.papers.digests.days import digest_of
from recommender.papers.digests.item import Found, Item, note_day
from recommender.papers.digests.line_roles import (
    is_footer,
    is_greeting,
    is_introduction,
    is_masthead,
)
from recommender.papers.digests.link_lists import entries_without_abstracts
from recommender.papers.digests.markdown_lines import Line, links_in, read_line
from recommender.papers.digests.prose import is_prose
from recommender.papers.text.author_lists import is_body, names_alone
from recommender.papers.text.calendar_dates import day_in_heading, day_of, day_within, is_day
from recommender.papers.text.labels import label_in

_DELIMITERS: Final = re.compile(
    r"\|?(?:\s{0,9}:?-{1,200}:?\s{0,9}\|){1,40}(?:\s{0,9}:?-{1,200}:?\s{0,9})?\|?"
)
_PIPE: Final = re.compile(r"(?<!\\)\|")
_BREAK: Final = re.compile(r"<br\s?/?>", re.IGNORECASE)
_SHORT: Final = 300
_SHOWN: Final = 60
_MOST_LINES_A_ROW: Final = 100
_NUMBERS: Final = frozenset(
    {"#", "no", "no.", "nr", "nr.", "rank", "index", "序号", "番号", "stt", "n°"}
)

# Columns that hold authors, unless what is in them reads otherwise.
_AUTHORS: Final = frozenset(
    {"who", "people", "researchers", "writers", "contributors", "wer", "qui", "quién"}
)
# People who did not write it.
_OTHER_PEOPLE: Final = re.compile(
    r"pick|cho[so]|select|shar|post|present|speak|read|review|edit|host|moderat|discuss|lead|thank"
    r"|via\b|suggest|recommend|propos|sent|assign|owner|contact",
    re.IGNORECASE,
)
_UNKNOWN: Final = "unknown"
_MOST_LOOKED_AT: Final = 200
# Beside titles they are addresses.
_PAPERS: Final = frozenset({"paper", "papers"})


@dataclass(slots=True)
class _Table:
    heads: list[str]
    roles: list[str]
    pipes: int
    leading: bool
    closed: bool


def has_table(lines: Sequence[Line | None]) -> bool:
    """Whether lines are rows of a table, its head among them or not."""
    rows = 0
    for line in lines:
        if line is None or "|" not in line.whole:
            continue
        if len(line.whole) <= _SHORT and _DELIMITERS.fullmatch(line.whole):
            return True
        rows += line.whole.startswith("|") and line.whole.endswith("|")
    return rows > 1


def _is_head(lines: Sequence[Line | None], index: int) -> bool:
    head, below = lines[index], lines[index + 1] if index + 1 < len(lines) else None
    if head is None or below is None or "|" not in head.whole or "|" not in below.whole:
        return False
    return len(below.whole) <= _SHORT and _DELIMITERS.fullmatch(below.whole) is not None


def papers_of_tables(
    lines: Sequence[Line | None], *, today: date, is_html: bool, has_day: bool = False
) -> Digest:
    """Read the papers of all tables in a file; around them only headings and greetings may stand.

    Raises
    ------
    DigestError
        Where a row has not the columns of its head, or a text belongs to no table.
    """
    _require_papers(lines)
    found = Found()
    table: _Table | None = None
    index = 0
    while index < len(lines):
        line = lines[index]
        if line is None:
            index += 1
            table = None
        elif _is_head(lines, index):
            table = _head(line)
            index += 2
            _tell_columns(table, lines[index:], line.number)
        elif table is not None:
            index = _take_row(lines, index, table, found, today)
        else:
            _take_aside(line, found, today)
            index += 1
    if not found.items:
        raise DigestError("file", "a table without papers; write a row for each")
    found.ends_below = True
    if any(item.abstract is not None for item in found.items):
        entries = papers_of(found, ends_line=True, width=0, is_html=is_html)
    else:
        entries = tuple(entries_without_abstracts(found.items))
    return digest_of(
        entries,
        found.headings,
        curator=found.curator,
        today=today,
        has_day=has_day,
        mentions=found.mentions,
    )


def _require_papers(lines: Sequence[Line | None]) -> None:
    """Notice an analysis, whose tables compare papers that are told of elsewhere."""
    heads = [line for index, line in enumerate(lines) if line and _is_head(lines, index)]
    named = [set(map(_role, _heads(line))) & {"title", "abstract"} for line in heads]
    # One column of the two may only be named in a way that is not known; its line says so.
    if not any(named):
        text = next((line for line in lines if line and "|" in line.whole), None)
        raise DigestError(
            f"line {text.number}" if text is not None else "file",
            "tables and texts without titles and abstracts are an analysis, no digest; write a "
            "title and an abstract for each paper",
        )


def _heads(line: Line) -> list[str]:
    return [cell.strip().strip("*_ ") for cell in _cells(line.whole)]


def _head(line: Line) -> _Table:
    heads = _heads(line)
    roles = [_role(cell) for cell in heads]
    papers = [at for at, cell in enumerate(heads) if cell.casefold() in _PAPERS]
    if "title" not in roles and len(papers) == 1:
        roles[papers[0]] = "title"
    has_address = any(role in {"link", "id"} for role in roles)
    for role in ("title", "abstract"):
        if roles.count(role) > 1 or (
            not roles.count(role) and not (role == "abstract" and has_address)
        ):
            raise DigestError(
                f"line {line.number}",
                f"a table with {roles.count(role)} columns for the {role}; name one of them "
                f"'{role.title()}'",
            )
    return _Table(
        heads,
        roles,
        len(_PIPE.findall(line.whole)),
        line.whole.startswith("|"),
        line.whole.endswith("|"),
    )


def _role(cell: str) -> str:
    if cell.casefold() in _NUMBERS:
        return "number"
    label = label_in((), (f"{cell}:",)) if cell else None
    role = label[0] if label is not None else ""
    if role == "" and cell.casefold() in {"name", "article"}:
        return "title"
    return role or _UNKNOWN


def _tell_columns(table: _Table, below: Sequence[Line | None], number: int) -> None:
    """Decide by its cells what a column of an unknown name has, where no other has that.

    Raises
    ------
    DigestError
        Where one is called as if it had authors, and what is in it are none.
    """
    rows = [
        _cells(line.whole)
        for line in takewhile(lambda each: each is not None, below[:_MOST_LOOKED_AT])
        if line is not None
    ]
    whole = [cells for cells in rows if len(cells) == len(table.roles)]
    for at, head in enumerate(table.heads):
        if table.roles[at] != _UNKNOWN:
            continue
        cells = [cells[at] for cells in whole if any(map(str.isalnum, cells[at]))]
        is_called_so = head.casefold() in _AUTHORS
        are_others = _OTHER_PEOPLE.search(head) is not None
        if (
            "authors" not in table.roles
            and not are_others
            and _are_authors(cells, several=not is_called_so)
        ):
            table.roles[at] = "authors"
        elif "authors" not in table.roles and is_called_so and cells:
            raise DigestError(
                f"line {number}",
                f"the column '{head}' may have authors, but '{cells[0][:_SHOWN]}' in it reads "
                "otherwise; call it 'Authors' if it has them, else 'Venue' or 'Notes'",
            )
        elif {"link", "id"}.isdisjoint(table.roles) and cells and all(map(links_in, cells)):
            table.roles[at] = "link"
        elif "date" not in table.roles and cells and all(map(is_day, cells)):
            table.roles[at] = "date"
        elif "abstract" not in table.roles and any(map(_may_be_abstract, cells)):
            raise DigestError(
                f"line {number}",
                f"the column '{head}' may have abstracts; call it 'Abstract' if it has them, else "
                "'Notes'",
            )


def _may_be_abstract(cell: str) -> bool:
    return len(cell) > _SHORT // 3 and is_prose(cell)


def _are_authors(cells: Sequence[str], *, several: bool) -> bool:
    """Whether cells are names of people; in half of them several, where only these tell."""
    named = [names_alone(bare(cell)) for cell in cells]
    if not all(named) or any(map(is_body, cells)):
        return False
    return bool(named) and (not several or 2 * sum(len(names) > 1 for names in named) >= len(named))


def _cells(row: str) -> list[str]:
    row = row.strip()
    row = row.removeprefix("|")
    row = row[:-1] if row.endswith("|") and not row.endswith("\\|") else row
    return [cell.replace("\\|", "|").strip() for cell in _PIPE.split(row)]


def _take_row(
    lines: Sequence[Line | None], index: int, table: _Table, found: Found, today: date
) -> int:
    """Read a row; a cell may go over several lines, as some programs write them."""
    first = lines[index]
    if first is None:
        return index + 1
    row = first.whole
    end = index + 1
    pipes = len(_PIPE.findall(row))
    while pipes < table.pipes and end - index < _MOST_LINES_A_ROW:
        following = lines[end] if end < len(lines) else None
        if following is None or (table.leading and following.whole.startswith("|")):
            break
        row = f"{row} {following.whole}"
        pipes += len(_PIPE.findall(following.whole))
        end += 1
    if table.closed and not row.endswith("|") and all(each is None for each in lines[end:]):
        raise UnfinishedDigestError(
            f"line {first.number}", "the file ends within a row of a table; complete it"
        )
    cells = _cells(row)
    if len(cells) != len(table.roles):
        raise _wrong_row(first, len(cells), len(table.roles))
    found.items.append(_item(first, cells, table, today))
    return end


def _wrong_row(line: Line, cells: int, columns: int) -> DigestError:
    return DigestError(
        f"line {line.number}",
        f"a row of {cells} cells in a table of {columns} columns; complete it, and write '\\|' "
        "for a bar within a cell",
    )


def _item(line: Line, cells: Sequence[str], table: _Table, today: date) -> Item:
    where = f"line {line.number}"
    by_role: dict[str, str] = {}
    links = []
    number: tuple[int, ...] = ()
    for role, cell in zip(table.roles, cells, strict=True):
        cell = _BREAK.sub(" ", cell).strip()  # noqa: PLW2901 - the cell as it is read
        if role in {"link", "id"}:
            links += links_in(cell)
        elif role == "number":
            digits = cell.strip("*#.) ")
            number = (int(digits),) if digits.isdecimal() and len(digits) < len("10000") else ()
        else:
            by_role[role] = cell
    read = read_line(line.number, by_role["title"]) if by_role["title"] else line
    title = Line(line.number, 0, read.marks, read.texts, read.rest, read.links, number)
    item = Item(_block("title", title, read.text if not read.rest else read.whole))
    item.links = [*links, *read.links]
    if "abstract" in by_role:
        item.abstract = _block("abstract", line, by_role["abstract"])
        item.order = ["abstract"]
    if by_role.get("tldr"):
        item.tldr = _block("tldr", line, by_role["tldr"])
    if by_role.get("authors"):
        item.authors = _block("authors", line, by_role["authors"])
    if by_role.get("date"):
        day = bare(by_role["date"])
        item.day = day_of(day, today, where) or day_within(day, today, where)
    return item


def _block(kind: str, line: Line, text: str) -> Block:
    return Block(kind, line.number, text, line, False, line.number, [text])  # type: ignore[arg-type]


def _take_aside(line: Line, found: Found, today: date) -> None:
    where = f"line {line.number}"
    text = line.text
    day = day_in_heading(line.numbered_text, today, where)
    note_day(found, line, day)
    if day is not None:
        return
    known = line.is_rule or is_footer(text) or is_greeting(text) or is_introduction(text)
    if known or is_masthead(text) or len(text) <= _SHORT // 2:
        return
    raise DigestError(where, "a text outside of the table; put it into a row, or take it out")

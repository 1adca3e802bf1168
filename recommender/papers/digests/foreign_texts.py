"""Room 1, papers: texts of other kinds, which would be misread as digests. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from recommender.errors import DigestError
from recommender.papers.text.labels import label_in

_LONGEST_HEAD: Final = 500
_FEWEST_COLUMNS: Final = 4
_FEWEST_TABS: Final = 2
_FEWEST_ROWS: Final = 2
_MESSAGE: Final = re.compile(
    r"\u200e?\[?[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4},?\s[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?"
    r"(?:\s?[ap]\.?m\.?)?\]?(?:\s[-–])?\s[^:\n]{1,60}:\s",
    re.IGNORECASE,
)
_ATTRIBUTION: Final = re.compile(
    r"(?:on|am|le|el|il|op)\s.{5,200}\b(?:wrote|schrieb.{0,60}|a écrit|escribió|ha scritto)"
    r"\s?:\s*",
    re.IGNORECASE,
)
_YAML: Final = re.compile(
    r"\s{0,20}(?P<item>-\s{1,4})?(?P<key>[a-z_]{2,20}):(?:\s+(?P<value>.*))?\s*"
)


def refuse_foreign(lines: Sequence[tuple[int, str]]) -> None:
    """Refuse what is copied from a chat, quoted in a mail, exported by a spreadsheet, or YAML.

    Raises
    ------
    DigestError
        With the first line that shows it, and the fix.
    """
    _refuse_messages(lines)
    _refuse_values(lines)
    _refuse_yaml(lines)


def _refuse_messages(lines: Sequence[tuple[int, str]]) -> None:
    """Refuse what is copied from a chat or quoted in a mail: who wrote it would be in a title."""
    for at, (number, line) in enumerate(lines):
        if _MESSAGE.match(line):
            raise DigestError(
                f"line {number}",
                "it begins with a time and a sender, as chats are copied; take both out",
            )
        if _ATTRIBUTION.fullmatch(line) and any(
            each.startswith(">") for _, each in lines[at + 1 : at + 4]
        ):
            raise DigestError(
                f"line {number}", "a quoted mail; take out this line and the '>' before the others"
            )


def _refuse_values(lines: Sequence[tuple[int, str]]) -> None:
    """Refuse what a spreadsheet exported: names of columns between commas, or rows of cells."""
    written = [(number, line) for number, line in lines if line.strip()]
    if not written:
        return
    number, head = written[0]
    rows = [each for each in written if each[1].strip().count("\t") >= _FEWEST_TABS]
    if _is_head(head):
        where = number
    elif len(rows) >= _FEWEST_ROWS and 2 * len(rows) > len(written):
        where = rows[0][0]
    else:
        return
    raise DigestError(
        f"line {where}",
        "values of a spreadsheet (CSV or TSV), which are not read; save them as JSON Lines with "
        "'id' and 'title', or as a table '| Title | Abstract |' with a line '|--|--|' below its "
        "head",
    )


def _is_head(line: str) -> bool:
    """Whether a line names the columns of papers."""
    if len(line) > _LONGEST_HEAD:
        return False
    for separator in ",;\t":
        names = [cell.strip(" \"'\ufeff").casefold() for cell in line.split(separator)]
        roles = [label for name in names if name and (label := label_in((), (f"{name}:",)))]
        if ("title", "") in roles and (
            ("abstract", "") in roles
            or (("authors", "") in roles and len(names) >= _FEWEST_COLUMNS)
        ):
            return True
    return False


def _refuse_yaml(lines: Sequence[tuple[int, str]]) -> None:
    """Refuse YAML, whose quotes, brackets and folded texts would be in titles and abstracts."""
    keys = [(n, found) for n, line in lines if (found := _YAML.fullmatch(line)) is not None]
    titles = [(n, found) for n, found in keys if found["key"] == "title" and found["item"]]
    has_abstract = any(found["key"] in {"abstract", "summary"} for _, found in keys)
    lists = any(not found["value"] and not found["item"] for _, found in keys)
    if titles and has_abstract and (lists or titles[0][1]["value"][:1] in {'"', "'", ">", "|"}):
        raise DigestError(
            f"line {titles[0][0]}",
            "YAML, which is not read; save it as JSON Lines with 'id' and 'title', or write "
            "'## Title' above each abstract",
        )

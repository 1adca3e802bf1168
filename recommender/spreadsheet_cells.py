"""Cells of CSV that a spreadsheet would run as a formula, made text, and read back as they were.

``=HYPERLINK(…)`` in a stranger's words would act when the operator opens an export. An apostrophe
before it makes it text, as CWE-1236 asks for. See https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import re
from typing import Final

# Spreadsheets take the fullwidth forms for the plain ones. Behind apostrophes too, so that words
# which begin with an apostrophe themselves are read back as they were.
_RUN: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def as_cell(text: str) -> str:
    """Return a text as a cell that is shown and not run."""
    return f"'{text}" if _RUN.match(text) else text


def from_cell(cell: str) -> str:
    """Return the text of which `as_cell` made a cell."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell

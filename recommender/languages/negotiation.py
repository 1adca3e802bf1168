"""Languages: which of ours a reader is told things in, by what their program says of them. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

ENGLISH: Final = "en"

LANGUAGES: Final = (
    ENGLISH,
    *sorted(file.stem for file in Path(__file__).parent.glob("*.po")),
)
"""Tags of the languages that there are; a file beside this module adds one."""

LONGEST_HEADER: Final = 500
_MOST_ENTRIES: Final = 20
_ENTRY: Final = re.compile(
    r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*(?:\s*;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?",
    re.ASCII,
)


@lru_cache(maxsize=1_000)
def preferred_language(header: str) -> str | None:
    """Return which of `LANGUAGES` a header asks for most; None where it asks for none of them.

    Parameters
    ----------
    header : str
        A value of ``Accept-Language`` (RFC 9110, section 12.5.4) or ``Content-Language``. What is
        no entry of it is passed over, and what is too long says nothing.

    Examples
    --------
    >>> preferred_language("de-AT, de;q=0.9, en;q=0.5")
    'de'
    >>> preferred_language("fi") is None
    True
    """
    if len(header) > LONGEST_HEADER:
        return None
    best, best_weight = None, 0.0
    for part in header.split(",")[:_MOST_ENTRIES]:
        entry = _ENTRY.fullmatch(part.strip())
        if entry is None:
            continue
        tag, weight = entry[1].lower(), float(entry[2] or 1)
        if tag in LANGUAGES and weight > best_weight:
            best, best_weight = tag, weight
    return best

"""Room 1, papers: a text that names papers and says nothing of them is told as what it is. Pure."""

from __future__ import annotations

import re
from typing import Final

from recommender.errors import DigestError
from recommender.papers.identity.identifiers import find_identifiers

_MARK: Final = re.compile(r"[-*+•>]\s|\(?[0-9]{1,3}[.)]\s")
_ADDRESS: Final = re.compile(r"<?https?://\S+", re.IGNORECASE)
_MOST_LINES: Final = 2_000
_LONGEST: Final = 500


def refuse_bare_links(text: str) -> None:
    """Raise where every line is an address or an identifier, without a title.

    Raises
    ------
    DigestError
        With what can be done with such a list.
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    # Of a longer list, another message is good enough.
    if 0 < len(lines) <= _MOST_LINES and all(_is_bare(line) for _, line in lines):
        raise DigestError(
            f"line {lines[0][0]}",
            "links or identifiers alone, without titles; write the title above each, or have a "
            "reader's list read by `recommender subscribers seed ADDRESS FILE`",
        )


def _is_bare(line: str) -> bool:
    words = _MARK.sub("", line, count=1) if _MARK.match(line) else line
    if len(words) > _LONGEST:
        return False
    return not _ADDRESS.sub(" ", find_identifiers(words).rest).strip(" ,;<>")

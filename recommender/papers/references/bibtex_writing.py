"""Room 1, papers: a paper as an entry of BibTeX. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from recommender.domain import Paper

# Balanced braces, also where a title has one alone: BibTeX counts them, behind a backslash too.
_ESCAPES: Final = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        **{each: f"\\{each}" for each in "$&%#_"},
    }
)
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_NO_KEY: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_KEY_PART: Final = 20
_FIRST_WORDS: Final = frozenset({"a", "an", "the", "on", "of", "in", "for", "to", "with", "and"})


def bibtex_entry(paper: Paper) -> str:
    """Return an entry that BibTeX and biber read, in UTF-8; ends in one line break.

    The title is kept as it is written, whatever the style does to titles. What has an arXiv id is
    a preprint; nothing says in which journal anything stands, so all entries are ``@misc``.
    """
    year = (paper.published_at or paper.first_seen_at).year
    fields = {
        "title": f"{{{_text(paper.title)}}}",
        "author": " and ".join(map(_name, paper.authors)),
        "year": str(year),
        "doi": quote(paper.doi, safe="/:;()<>._-") if paper.doi else "",
        "eprint": quote(paper.arxiv_id, safe="/.") if paper.arxiv_id else "",
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "url": quote(paper.url, safe="/:?&=#%~+,;@!*'()._-[]$") if paper.url else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(paper, year)},", *lines, "}"]) + "\n"


def _text(text: str) -> str:
    return _NO_TEXT.sub(" ", text).strip().translate(_ESCAPES)


def _name(name: str) -> str:
    # "and" stands between names, and whatever has it within is the name of a group.
    text = _text(name)
    return f"{{{text}}}" if re.search(r"(?i)(?:^|\s)and(?:\s|$)", text) else text


def _key(paper: Paper, year: int) -> str:
    """Return the last name of the first author, the year, and the first word that tells."""
    name = paper.authors[0] if paper.authors else "paper"
    last = name.partition(",")[0] if "," in name else (name.split() or [""])[-1]
    words = [_key_part(word) for word in paper.title.split()]
    first = next((word for word in words if word and word not in _FIRST_WORDS), "")
    return f"{_key_part(last) or 'paper'}{year}{first or paper.id}"


def _key_part(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return _NO_KEY.sub("", decomposed)[:_LONGEST_KEY_PART]

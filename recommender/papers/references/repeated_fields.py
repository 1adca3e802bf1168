"""Room 1, papers: which value counts of a field that a BibTeX entry has several times. Pure.

BibTeX itself takes the first and warns. But two titles may be those of two papers, of which the
first was not ended, and exporters write a field for each author.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.domain.titles import letters_of
from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.references.bibtex_values import people_of
from recommender.papers.text.latex import plain_text, verbatim

# Of two papers in one entry at least one of these is there twice.
_OF_ONE_PAPER: Final = ("title", "doi", "eprint", "arxivid")


@dataclass(frozen=True, slots=True)
class Settled:
    """What the fields of an entry say.

    Attributes
    ----------
    values : mapping of str to str
        One for each field.
    contradicting : str
        A field that names two papers; empty where there is none.
    ignored : str
        A field of which only the first value counts, although others say something else.
    """

    values: Mapping[str, str]
    contradicting: str = ""
    ignored: str = ""


def settled(fields: Mapping[str, Sequence[str]]) -> Settled:
    """Choose a value of each field: the first, the longest abstract, all authors one by one."""
    values: dict[str, str] = {}
    contradicting = ignored = ""
    for name, stated in fields.items():
        given = [value for value in stated if value.strip()] or stated[:1]
        values[name] = given[0]
        if len({_compared(name, value) for value in given}) == 1:
            continue
        if name == "abstract":
            values[name] = max(given, key=len)
        elif name == "author" and all(len(people_of(value)) == 1 for value in given):
            values[name] = " and ".join(given)
        elif name in _OF_ONE_PAPER:
            contradicting = contradicting or name
        else:
            ignored = ignored or name
    return Settled(values, contradicting, ignored)


def _compared(name: str, value: str) -> object:
    if name in _OF_ONE_PAPER:
        named = find_identifiers(verbatim(value))
        if named.arxiv_ids or named.dois:
            return named.arxiv_ids, named.dois
    return letters_of(plain_text(value)) or value

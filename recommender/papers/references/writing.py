"""Room 1, papers: works written as BibTeX, RIS and CSL-JSON, for reference managers. Pure.

What is written is read back by `bibtex` and `ris`. Names are parted as BibTeX does it: the family
name begins at the first word in small letters, or is the last word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final
from urllib.parse import quote

from recommender.domain import Paper
from recommender.domain.titles import spelled_letters_of
from recommender.formulas import Part, parts_of, readable
from recommender.uris import as_uri
from recommender.wording import one_line

# Escaped braces count as braces to BibTeX, and must close; these do not.
_BIBTEX_SIGNS: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "%&#_$"},
}
_BIBTEX_ESCAPES: Final = str.maketrans(_BIBTEX_SIGNS)
# What formulas may hold and LaTeX does not know, even with amsmath and amssymb: MathJax's,
# other packages', and what authors define themselves.
_NOT_IN_LATEX: Final = frozenset(
    {
        *(
            "lt",
            "gt",
            "degree",
            "argmax",
            "argmin",
            "diag",
            "poly",
            "polylog",
            "rank",
            "sgn",
            "sign",
        ),
        *(
            "softmax",
            "tr",
            "bm",
            "mathscr",
            "nicefrac",
            "sfrac",
            "Alpha",
            "Beta",
            "Epsilon",
            "Zeta",
        ),
        *("Eta", "Iota", "Kappa", "Mu", "Nu", "omicron", "Omicron", "Rho", "Tau", "Chi"),
    }
)
_COMMAND: Final = re.compile(r"\\([A-Za-z]+)")
_KEY_LETTERS: Final = re.compile(r"[^a-z0-9]+")
_AS_THEY_ARE: Final = "/:?#[]@!$&'()*+,;=~-._%"


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper, and what its reader wrote down about it."""

    paper: Paper
    note: str = ""
    tags: tuple[str, ...] = ()


def write_bibtex(references: Iterable[Reference]) -> str:
    """Write entries of BibTeX; keys are made of author, year and id, and stay the same."""
    return "\n".join(map(_bibtex_entry, references))


def write_ris(references: Iterable[Reference]) -> str:
    """Write references in RIS, whose lines end in carriage return and line feed."""
    lines = [f"{tag}  - {text}" for each in references for tag, text in _ris_fields(each)]
    return "".join(f"{line}\r\n" for line in lines)


def write_csl_json(references: Iterable[Reference]) -> str:
    """Write a list in CSL-JSON, which citation processors take."""
    return json.dumps([_csl_item(each) for each in references], ensure_ascii=False, indent=1) + "\n"


def parted_name(name: str) -> tuple[str, str]:
    """Part a name into family and given names; the latter are empty where there is one word.

    >>> parted_name("Jan van der Berg"), parted_name("Ada Example"), parted_name("Plato")
    (('van der Berg', 'Jan'), ('Example', 'Ada'), ('Plato', ''))
    """
    words = name.split()
    first_small = next((at for at, word in enumerate(words[:-1]) if word[0].islower()), None)
    at = len(words) - 1 if first_small is None else first_small
    return " ".join(words[at:]), " ".join(words[:at])


def _bibtex_entry(reference: Reference) -> str:
    paper = reference.paper
    fields = {
        "title": f"{{{_title(paper.title)}}}",
        "author": " and ".join(map(_bibtex_name, paper.authors)),
        "year": f"{paper.published_at:%Y}" if paper.published_at else "",
        "month": f"{paper.published_at.month}" if paper.published_at else "",
        "eprint": paper.arxiv_id or "",
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "doi": _in_braces(paper.doi or ""),
        "url": as_uri(one_line(paper.url or "")),
        "keywords": _latex(", ".join(reference.tags)),
        "annote": _latex(reference.note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(paper)},", *lines, "}", ""])


def _key(paper: Paper) -> str:
    family = parted_name(paper.authors[0])[0] if paper.authors else ""
    letters = _KEY_LETTERS.sub("", spelled_letters_of(family))
    year = f"{paper.published_at:%Y}" if paper.published_at else ""
    return f"{letters or 'paper'}{year}-{paper.id}"


def _bibtex_name(name: str) -> str:
    """Write a name; one that BibTeX would take for several, or turn round, stays as it is."""
    text = _latex(name)
    is_plain = "," not in name and " and " not in f" {name.lower()} "
    return text if is_plain else f"{{{text}}}"


def _title(text: str) -> str:
    return "".join(map(_part, parts_of(one_line(text))))


def _part(part: Part) -> str:
    """Write a formula as it came, where that is safe; anything else in characters."""
    if part.formula and _can_be_set(part.formula):
        return f"${part.formula}$"
    return part.shown.translate(_BIBTEX_ESCAPES)


def _can_be_set(formula: str) -> bool:
    r"""Return whether LaTeX sets a formula, all of whose commands are known to `formulas`.

    That it has no ``\input`` and the like follows; but two carets are any character to TeX.
    """
    commands = _COMMAND.findall(formula)
    return (
        "^^" not in formula
        and _NOT_IN_LATEX.isdisjoint(commands)
        and commands.count("left") == commands.count("right")
        and _closes_its_braces(formula)
    )


def _closes_its_braces(text: str) -> bool:
    """Return whether braces close as BibTeX counts them, escaped ones included."""
    depths = list(accumulate((sign == "{") - (sign == "}") for sign in text))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)


def _latex(text: str) -> str:
    return one_line(text).translate(_BIBTEX_ESCAPES)


def _in_braces(text: str) -> str:
    """Return a DOI, which is taken as it is, without what would end the braces around it."""
    return quote(one_line(text), safe=_AS_THEY_ARE)


def _ris_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    paper = reference.paper
    yield "TY", "GEN"
    yield "TI", readable(one_line(paper.title))
    for name in paper.authors:
        yield "AU", ", ".join(filter(None, parted_name(one_line(name))))
    if paper.published_at:
        yield "PY", f"{paper.published_at:%Y}"
        yield "DA", f"{paper.published_at:%Y/%m/%d}"
    if paper.doi:
        yield "DO", one_line(paper.doi)
    if paper.url:
        yield "UR", as_uri(one_line(paper.url))
    if paper.arxiv_id:
        yield "AN", f"arXiv:{paper.arxiv_id}"
    for tag in reference.tags:
        yield "KW", one_line(tag)
    if reference.note:
        yield "RN", one_line(reference.note)
    yield "ER", ""


def _csl_item(reference: Reference) -> dict[str, Any]:
    paper = reference.paper
    published = paper.published_at
    item = {
        "id": _key(paper),
        "type": "article",
        "title": readable(one_line(paper.title)),
        "author": [_csl_name(one_line(name)) for name in paper.authors],
        "issued": published and {"date-parts": [[published.year, published.month, published.day]]},
        "number": f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else None,
        "DOI": paper.doi,
        "URL": as_uri(paper.url or ""),
        "keyword": ", ".join(reference.tags),
        "note": reference.note,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    family, given = parted_name(name)
    return {"family": family, "given": given} if given else {"literal": name}

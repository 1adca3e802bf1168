"""Room 1, papers: abstracts in HTML or JATS, with the names of their parts. Pure.

"Methods" stands in a heading, in bold before its paragraph or on a line of its own; here it becomes
``Methods: …``, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from recommender.papers.text.abstracts import cleaned_abstract, is_around, is_label
from recommender.papers.text.plain_text import lines_of_html

_NAMES: Final = (
    r"background(?:\s(?:and|&)\s(?:aims?|objectives?|purpose))?|motivation|introduction|context"
    r"|rationale|importance|significance|premise|objectives?|purposes?|aims?(?:\sof\sthe\sstudy)?"
    r"|hypothes[ie]s|problem|(?:study\s)?design(?:,\ssetting,\sand\sparticipants)?|setting|participants"
    r"|patients|interventions?|exposures?|approach|methodology|data\ssources"
    r"|(?:(?:materials?|patients|subjects|data|participants)\s(?:and|&)\s)?methods?"
    r"(?:\s(?:and|&)\s(?:results|findings|materials))?|main\soutcomes?(?:\smeasures?|\sand\smeasures)?"
    r"|measurements|(?:main\s|key\s)?(?:results?|findings)(?:\s(?:and|&)\s(?:discussion|conclusions?))?"
    r"|discussion|interpretation|(?:main\s)?conclusions?(?:\s(?:and|&)\s(?:relevance|implications))?"
    r"|limitations|implications|novelty|availability(?:\sand\simplementation)?|contact"
    r"|supplementary\sinformation|(?:trial|clinical\strial)\sregistration|registration|funding"
    r"|hintergrund|fragestellung|zielsetzung|methodik|methoden|ergebnisse|schlussfolgerung(?:en)?"
    r"|contexte|objectifs?|méthodes|résultats|antecedentes|objetivos?|métodos|resultados"
    r"|conclusiones|contexto|conclusões|conclusão"
)
_PART: Final = re.compile(rf"(?:{_NAMES})\s?[:.]?", re.IGNORECASE)
_OPENED: Final = (
    r"<(?:strong|b|em|i|u|span|h[1-6]|jats:(?:bold|italic|title))\b[^<>]{0,100}>\s{0,5}"
)
_CLOSED: Final = r"\s{0,5}</(?:strong|b|em|i|u|span|h[1-6]|jats:(?:bold|italic|title))\s{0,5}>"
# What stands out within a sentence is no part: a part begins with a capital, and so does its text.
_STANDS_OUT: Final = re.compile(
    rf"(?:\A|(?<=[>.!?)\]\d]))(?P<before>\s{{0,5}})(?:{_OPENED}){{1,3}}(?P<name>(?-i:[A-ZÀ-Þ])[^<>]{{2,50}}?)"
    rf"\s?[:.]?(?:{_CLOSED}){{1,3}}\s{{0,5}}[:.]?(?=\s{{0,5}}(?:<|(?-i:[^a-z])))",
    re.IGNORECASE,
)
_FEWEST: Final = 2


def lines_of_abstract(markup: str) -> list[str]:
    """Extract the text as `lines_of_html` does, the name of each part on a line of its own."""
    return lines_of_html(_STANDS_OUT.sub(_on_its_own, markup))


def names_of_parts(lines: Sequence[str]) -> frozenset[str]:
    """Return the lines that are names of parts; one alone may be a label of all of it."""
    names = frozenset(line for line in lines if _PART.fullmatch(line))
    return names if len(names) >= _FEWEST else frozenset()


def as_prefix(name: str) -> str:
    """Write the name of a part as what stands before its text."""
    return f"{name.rstrip(' :.')}:"


def abstract_of_html(markup: str) -> str:
    """Return an abstract on one line, without its label and what sites write around it.

    Parameters
    ----------
    markup : str
        HTML, JATS or plain text.

    Examples
    --------
    >>> abstract_of_html("<h4>Abstract</h4><b>Aim</b>We ask.<b>Results</b>We know.")
    'Aim: We ask. Results: We know.'
    """
    lines = lines_of_abstract(markup)
    parts = names_of_parts(lines)
    kept = [
        as_prefix(line) if line in parts else line
        for line in lines
        if line in parts or not (is_label(line) or (len(lines) > 1 and is_around(line)))
    ]
    return cleaned_abstract(" ".join(kept))


def _on_its_own(found: re.Match[str]) -> str:
    if _PART.fullmatch(found["name"].strip()) is None:
        return found[0]
    return f"{found['before']}<br>{found['name']}<br>"

"""Room 1, papers: the words and signs that part names, and those for whom it does not name. Pure.

"And" is never a part of a name, and so are "und", "et" and "&". The words of other languages may
be: *Ortega y Gasset*, *Costa e Silva*. They part names where whole names stand on both sides.
"""

from __future__ import annotations

import re
from typing import Final

AND: Final = re.compile(r",?\s(?:and|und|et|&)\s(?!al\b)", re.IGNORECASE)
"""What parts names wherever it stands between them."""

BETWEEN_NAMES: Final = re.compile(rf"\s?[,;，、]\s?|{AND.pattern}", re.IGNORECASE)
"""What parts names in a line of them."""

OTHERS: Final = re.compile(
    r"(?:^|[\s,;])(?:et\.?\s+al\b\.?|and\s+(?:\d+\s+)?others\b\.?|u\.\s?a\.$|\(\d+ more authors?\)"
    r"|\+?\d+\s+more\b"
    r"|(?:und|u\.)\s+(?:\d+\s+)?(?:andere|weitere|mitarb\w*)\b\.?|et\s+(?:autres|coll?)\b\.?"
    r"|y\s+(?:\d+\s+)?(?:otr[oa]s|cols?|colaboradores)\b\.?|e\s+(?:altri|outr[oa]s|cols?)\b\.?"
    r"|e\s+colaboradores\b|en\s+anderen\b|och\s+andra\b|og\s+andre\b|m\.\s?fl\.$"
    r"|и\s+(?:др|соавт)\b\.?|та\s+ін\b\.?|i\s+(?:inni\b|in\.)|a\s+(?:kol\.|další\b)"
    r"|ve\s+(?:ark\.|arkadaşları\b|diğerleri\b)|és\s+mtsai\b\.?|dkk\.?$)"
    r"|[\s,;]?\[?(?:…|\.{3})\]?$",
    re.IGNORECASE,
)
"""People who are not named."""

_OTHER_AND: Final = re.compile(
    r"(?<=[^\s,;])\s(?:y|e|ed|i|og|och|en|ve|ja|oraz|és|a|și|şi|и|та|і|й|dan|và)\s(?=[^\s,;])"
)
_PRINTED: Final = re.compile(r"\s*[\[(]\s*(?=['\"])(?P<items>.{1,50000})(?<=['\"])\s*,?\s*[\])]\s*")
_PRINTED_NAME: Final = re.compile(
    r"'([^']{0,300})'(?=\s*(?:,|\Z))|\"([^\"]{0,300})\"(?=\s*(?:,|\Z))"
)
_END_OF_NAME: Final = re.compile(rf"[,;|]|{AND.pattern}", re.IGNORECASE)
_LEAST_OF_A_NAME: Final = 2


def with_and(names: str) -> str:
    """Write "and" for the word of another language that parts names.

    Parameters
    ----------
    names : str
        Names and nothing else.

    Examples
    --------
    >>> with_and("Ana Ruiz y José Ortega y Gasset")
    'Ana Ruiz and José Ortega y Gasset'
    """
    parts = _OTHER_AND.split(names)
    between = [each[0] for each in _OTHER_AND.finditer(names)]
    said = parts[0]
    for word, part in zip(between, parts[1:], strict=True):
        is_between = _ends_with_a_name(said) and _begins_with_a_name(part)
        said += (" and " if is_between else word) + part
    return said


def printed_list(text: str) -> list[str]:
    """Return the names in a list as programs print it, of which there are none in another text.

    Examples
    --------
    >>> printed_list("['Jane Doe', 'Max Roe']")
    ['Jane Doe', 'Max Roe']
    """
    found = _PRINTED.fullmatch(text)
    if found is None:
        return []
    return [single or double for single, double in _PRINTED_NAME.findall(found["items"])]


def _ends_with_a_name(text: str) -> bool:
    return _is_whole(_END_OF_NAME.split(text)[-1])


def _begins_with_a_name(text: str) -> bool:
    return _is_whole(_END_OF_NAME.split(text, maxsplit=1)[0])


def _is_whole(name: str) -> bool:
    """Whether a given name, or its initial, and a family name are said."""
    return sum(word[:1].isupper() for word in name.split()) >= _LEAST_OF_A_NAME

"""Room mail: the macros of SPF (RFC 7208 section 7). Text in, text out.

A *macro string* is text with macros in it: ``%{ir}.%{v}._spf.%{d2}``. A *domain-spec* is a macro
string that names a domain: it ends with a macro, or with a top-level domain behind a dot.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

LONGEST_NAME: Final = 253
LONGEST_LABEL: Final = 63

_SIGNS: Final = {"%": "%", "_": " ", "-": "%20"}

# A count has up to three digits: what a domain name is made of has at most 127 parts.
_MACRO: Final = re.compile(
    r"%(?:(?P<sign>[%_-])"
    r"|\{(?P<letter>[slodiphvcrt])(?P<count>0*[1-9][0-9]{0,2})?(?P<reverse>r)?"
    r"(?P<delimiters>[.\-+,/_=]*)\})",
    re.IGNORECASE | re.ASCII,
)
_LITERALS: Final = re.compile(r"[!-$&-~]*")
_ONLY_IN_EXPLANATIONS: Final = frozenset("crt")

# Neither a number nor with a hyphen at an end.
_TOP_LABEL: Final = re.compile(r"(?![0-9]+\Z)[0-9a-z](?:[0-9a-z-]*[0-9a-z])?", re.IGNORECASE)


def is_macro_string(text: str, *, in_explanation: bool = False) -> bool:
    """Return whether a text follows the grammar of macro strings.

    Parameters
    ----------
    in_explanation : bool
        Whether the text is told to senders: such texts may have spaces, and macros of their own.
    """
    letters = {found["letter"].lower() for found in _MACRO.finditer(text) if found["letter"]}
    rest = _MACRO.sub("", text)
    if in_explanation:
        return _LITERALS.fullmatch(rest.replace(" ", "")) is not None
    return letters.isdisjoint(_ONLY_IN_EXPLANATIONS) and _LITERALS.fullmatch(rest) is not None


def is_domain_spec(text: str) -> bool:
    """Return whether a text is a macro string that names a domain."""
    if not is_macro_string(text):
        return False
    macros = list(_MACRO.finditer(text))
    if macros and macros[-1].end() == len(text):
        return True
    _, dot, last = text.removesuffix(".").rpartition(".")
    return bool(dot) and _TOP_LABEL.fullmatch(last) is not None


def has_macros(text: str) -> bool:
    """Return whether what a macro string says depends on the message."""
    return _MACRO.search(text) is not None


def is_domain_name(name: str) -> bool:
    """Return whether the DNS can be asked for a name: no label is empty, and none is too long."""
    labels = name.split(".")
    return len(name) <= LONGEST_NAME and all(0 < len(label) <= LONGEST_LABEL for label in labels)


def expand(text: str, value_of: Callable[[str], str]) -> str:
    """Fill in the macros of a macro string.

    Parameters
    ----------
    value_of : callable
        Gets the letter of a macro in lower case, returns what it stands for.
    """
    return _MACRO.sub(lambda found: _expanded(found, value_of), text)


def expand_domain(text: str, value_of: Callable[[str], str]) -> str:
    """Fill in the macros of a domain-spec; whole labels on the left go where it gets too long."""
    name = expand(text, value_of).removesuffix(".")
    if len(name) <= LONGEST_NAME:
        return name
    # One more, which is the dot where a label begins just there.
    return name[-LONGEST_NAME - 1 :].partition(".")[2]


def _expanded(found: re.Match[str], value_of: Callable[[str], str]) -> str:
    if found["sign"]:
        return _SIGNS[found["sign"]]
    value = value_of(found["letter"].lower())
    parts = re.split(f"[{re.escape(found['delimiters'] or '.')}]", value)
    if found["reverse"]:
        parts.reverse()
    if found["count"]:
        parts = parts[-int(found["count"]) :]
    joined = ".".join(parts)
    return quote(joined, safe="") if found["letter"].isupper() else joined

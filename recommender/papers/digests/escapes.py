r"""Room 1, papers: Markdown's backslashes and anchors, which stand for nothing. Pure.

``1\. Zero\-Shot {#zero-shot}`` is what editors write for ``1. Zero-Shot``. LaTeX has backslashes
too, and keeps them: of 5,204 real abstracts none has one before punctuation outside of a formula,
but for ``\%``, ``\&``, ``\_`` in addresses, ``\\`` and accents.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.errors import DigestError

_HEADING_ANCHOR: Final = re.compile(
    r"^(?P<heading>[ \t]{0,3}#{1,6}[ \t][^\n]{1,2000}?)[ \t]*\{(?:[#.][^{}\n]{1,400}|-)\}"
    r"[ \t]*#{0,6}[ \t]*$",
    re.MULTILINE,
)
_ANCHOR: Final = re.compile(
    r"(?<=\S)[ \t]+\{#(?!\d)[^{}\s]{1,300}(?:[ \t][^{}\n]{0,200})?\}[ \t]*$", re.MULTILINE
)
_TARGET: Final = re.compile(
    r"<a\s{1,3}(?:id|name)\s?=\s?(?:\"[^\"<>\n]{0,300}\"|'[^'<>\n]{0,300}')\s?(?:/>|>\s?</a>)",
    re.IGNORECASE,
)
_HARD_BREAK: Final = re.compile(r"(?<=[^\\\s])[ \t]?\\[ \t]*\n(?=[ \t]*\S)")
# Whatever programs escape; "5\,cm", "\'e" and "\^o" are LaTeX's alone.
_ESCAPED: Final = re.compile(
    r"\\(?P<sign>[!#$%&()*+\-.<=>?@\[\]_`{|}~]|\\(?=[\\A-Za-z{}\[\]()_*]))"
)
_ACCENT: Final = re.compile(r"[~=.`](?=\{?\\?[A-Za-z])")
# "\%", "\&" and "\~n" are LaTeX's as well; of "\_" and "\#" both mean the same.
_SIGN: Final = re.compile(
    r"\\(?:[*+<>\[\]#-]|[~=.](?![A-Za-z{\\])|!(?=[\s\[]|\Z))|^\W{0,4}\d{1,4}\\\)"
    r"|(?<![^\s*(\[])[^\s/\\]{1,80}\\_",
    re.MULTILINE,
)
_KEPT: Final = re.compile(
    r"(?P<code>`[^`\n]{1,300}`)"
    r"|(?P<formula>\$\$[^$]{1,2000}\$\$|(?<![\\$])\$(?=[^\s$])[^$\n]{0,500}(?<=[^\s\\])\$(?!\d)"
    r"|(?<!\\)\\\((?=[^()\n]{0,300}(?:\\[A-Za-z]|(?<!\\)[_^]))[^\n]{1,300}?\\\)"
    r"|(?<!\\)\\\[(?=[^\[\]]{0,500}(?:\\[A-Za-z]|(?<!\\)[_^]))[^\[\]]{1,500}?\\\])"
)
_ESCAPED_FORMULA: Final = re.compile(r"\\\\(?=[A-Za-z{}])|\\[_*+=-]")
_PLAIN_FORMULA: Final = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[A-Za-z]|_)")


def without_escapes(text: str) -> str:
    r"""Return a digest text without anchors of headings, and without backslashes that escape.

    Parameters
    ----------
    text : str
        The decoded file.

    Returns
    -------
    str
        With as many lines. Where nothing but LaTeX has backslashes, these stay as they are.

    Raises
    ------
    DigestError
        Where some formulas are escaped and others not, with the line.
    """
    if "{" in text:
        text = _ANCHOR.sub("", _HEADING_ANCHOR.sub(r"\g<heading>", text))
    if "<a" in text or "<A" in text:
        text = _TARGET.sub("", text)
    if "\\" not in text:
        return text
    text = _HARD_BREAK.sub("\n", text)
    if not _SIGN.search(_KEPT.sub(" ", text)):
        return text
    formulas = [(each.start(), each[0]) for each in _KEPT.finditer(text) if each["formula"]]
    are_escaped = any(_ESCAPED_FORMULA.search(each) for _, each in formulas)
    if are_escaped:
        for start, each in formulas:
            if _PLAIN_FORMULA.search(each):
                raise DigestError(
                    f"line {text.count(chr(10), 0, start) + 1}",
                    f"'{each[:60]}' among formulas with backslashes before their signs; write all "
                    "formulas alike, as '$x_i$' or as '$x\\_i$'",
                )
    pieces, at = [], 0
    for kept in _KEPT.finditer(text):
        pieces.append(_unescaped(text[at : kept.start()]))
        is_formula = kept["formula"] is not None
        pieces.append(_ESCAPED.sub(r"\g<sign>", kept[0]) if is_formula and are_escaped else kept[0])
        at = kept.end()
    pieces.append(_unescaped(text[at:]))
    return "".join(pieces)


def _unescaped(text: str) -> str:
    return "\n".join(_unescaped_line(line) for line in text.split("\n")) if "\\" in text else text


def _unescaped_line(line: str) -> str:
    if "\\" not in line:
        return line
    # Within a row of a table "\|" is no end of a cell.
    is_row = re.search(r"(?<!\\)\|", line) is not None

    def plain(found: re.Match[str]) -> str:
        sign = found["sign"]
        begins_word = not line[: found.start()][-1:].isalnum() or sign == "~"
        is_accent = begins_word and _ACCENT.match(line, found.start("sign")) is not None
        return found[0] if is_accent or (is_row and sign == "|") else sign

    return _ESCAPED.sub(plain, line)

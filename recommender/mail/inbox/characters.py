"""Mail: the characters that a person typed, without what keyboards and programs add. Pure.

A zero-width space before a vote, a fullwidth plus sign or an Arabic digit is nothing that a writer
sees or means. Not by a Unicode normal form: that takes the square of a run of accents.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_FULLWIDTH: Final = range(0xFF01, 0xFF5F)
_FULLWIDTH_OFFSET: Final = 0xFEE0
# Marks that change how the character before them looks, and letters that fill a place unseen.
_UNSEEN: Final = frozenset(
    [
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
        *(0x034F, 0x115F, 0x1160, 0x20E3, 0x3164, 0xFFA0),
    ]
)
# Line breaks, and what `quotes` is told by `html_body`.
_LINE_BREAKS: Final = frozenset({0x85, 0x2028, 0x2029})
_KEPT_CONTROLS: Final = frozenset(map(ord, "\n\r\t\x02\x03"))
_BY_CATEGORY: Final = {"Zs": " ", "Cc": "", "Cf": "", "Cs": ""}
_ASCII_CONTROLS: Final = re.compile(r"[\x00\x01\x04-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Plain:
    """Table for `str.translate`, which keeps nothing of what strangers send."""

    def __getitem__(self, code: int) -> str:
        if code in _UNSEEN:
            return ""
        if code in _FULLWIDTH:
            return chr(code - _FULLWIDTH_OFFSET)
        character = chr(code)
        if code in _LINE_BREAKS or code in _KEPT_CONTROLS:
            return "\n" if code in _LINE_BREAKS else character
        category = unicodedata.category(character)
        if category == "Nd":
            return str(unicodedata.decimal(character))
        return _BY_CATEGORY.get(category, character)


_PLAIN: Final = _Plain()


def plain_characters(text: str) -> str:
    r"""Return text with ASCII digits, spaces and signs for those of other forms, and all visible.

    Examples
    --------
    >>> plain_characters("\u200b\uff0b\uff11 \u00a0\u0663")
    '+1  3'
    """
    if text.isascii():
        return _ASCII_CONTROLS.sub("", text)
    return text.translate(_PLAIN)

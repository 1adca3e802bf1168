"""Room 1, papers: UTF-8 that somebody decoded as Western, ``RamÃ­rez`` for ``Ramírez``. Pure."""

from __future__ import annotations

import re
from typing import Final

# What Windows' Western encoding has for the bytes that continue a character in UTF-8; where it
# has none, the control character of that number.
_CONTINUING: Final = {
    bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(0x80, 0xC0)
} | {chr(byte): byte for byte in range(0x80, 0xC0)}
_CLASS: Final = "[" + "".join(map(re.escape, _CONTINUING)) + "]"
_WRONG: Final = re.compile(f"[Â-ß]{_CLASS}|[à-ï]{_CLASS}{{2}}|[ð-ô]{_CLASS}{{3}}")


def mended(text: str) -> str:
    """Write each sequence that is one character's UTF-8, read as Western, as that character.

    In no language does a small letter with accent stand in front of such signs; where the bytes
    are no UTF-8, the text stays.
    """
    return text if text.isascii() else _WRONG.sub(_mended, text)


def _mended(found: re.Match[str]) -> str:
    wrong = found[0]
    try:
        return bytes([ord(wrong[0]), *(_CONTINUING[each] for each in wrong[1:])]).decode()
    except UnicodeDecodeError:
        return found[0]

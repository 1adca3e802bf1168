"""Fetching: a text whose encoding only the server tells is written in UTF-8 before it is kept.

What is kept has no header any more: whoever reads it, now or after a restart, or from the copy of
what was rejected, has its bytes alone. Pure.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from recommender.text_encodings import encoding_named

_CHARSET: Final = re.compile(
    r"""charset\s{0,3}=\s{0,3}["']?(?P<name>[\w.:+-]{1,40})""", re.IGNORECASE
)
_TEXTUAL: Final = re.compile(
    r"\s*(?:text/|application/(?:[\w.-]{1,60}\+)?(?:xml|json)\b|[^/\s]*(?:;|\Z))", re.IGNORECASE
)
_DECLARED: Final = re.compile(
    rb"""\s{0,100}<\?xml\s[^>]{0,100}?encoding\s{0,3}=\s{0,3}["'](?P<name>[A-Za-z0-9._-]{1,40})["']"""
)
_MARKED: Final = (
    *(codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE),
    b"\x1f\x8b",  # gzip
)
_UNICODE: Final = frozenset({"utf-8", "utf-8-sig", "ascii"})
# As browsers take these names (https://encoding.spec.whatwg.org/#names-and-labels).
_WIDER: Final = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
# UTF-8 has them as well, but no text: ISO-2022 switches by the first, UTF-16 is full of the other.
_NO_SIGNS: Final = (b"\x1b", b"\x00")


def in_utf8(content: bytes, content_type: str, *, most: int) -> bytes:
    """Return a text in UTF-8, with its byte order mark, where only its server tells its encoding.

    It stays as it is where it is UTF-8, begins with a mark, or is XML that declares an encoding
    that fits: servers name one and the same for all they send.

    Parameters
    ----------
    content_type : str
        As the server has it: ``text/xml; charset=windows-1251``.
    most : int
        Bytes that it may have in UTF-8; what would be larger stays as it is.
    """
    named = _CHARSET.search(content_type)
    if named is None or not _TEXTUAL.match(content_type) or content.startswith(_MARKED):
        return content
    encoding = encoding_named(named["name"])
    if encoding is None or encoding in _UNICODE or _says_itself(content):
        return content
    for each in (_WIDER.get(encoding, encoding), encoding):
        text = _decoded(content, each)
        if text is not None:
            written = codecs.BOM_UTF8 + text.removeprefix("\ufeff").encode("utf-8", "replace")
            return written if len(written) <= most else content
    return content


def _says_itself(content: bytes) -> bool:
    if any(sign in content for sign in _NO_SIGNS):
        return False
    if _decoded(content, "utf-8") is not None:
        return True
    declared = _DECLARED.match(content[:300])
    encoding = encoding_named(declared["name"].decode("ascii")) if declared is not None else None
    return encoding is not None and _decoded(content, encoding) is not None


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeError:
        return None

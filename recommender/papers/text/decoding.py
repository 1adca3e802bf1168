"""Room 1, papers: whether what somebody sent is text at all, perhaps within gzip. Pure.

Knows no format.
"""

from __future__ import annotations

import codecs
import re
import zlib
from typing import Final

from recommender.errors import DigestError
from recommender.languages.messages import Message

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_PACKED = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip archive or office document",
    b"\xfd7zXZ\x00": "an xz archive",
    b"BZh": "a bzip2 archive",
    b"%PDF-": "a PDF",
}
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_CHUNK: Final = 65_536
_MOST_MEMBERS: Final = 10_000
"""Of one gzip file: bgzip writes one for each 64 kB."""
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CONTROL_BYTES = bytes(each for each in range(0x80) if _CONTROL_BYTE.match(bytes([each])))


def unpacked(content: bytes, *, most: int) -> bytes:
    """Decompress gzip, one level of it; what is none stays as it is.

    Parameters
    ----------
    most : int
        Bytes that may come out.

    Returns
    -------
    bytes
        All members one behind the other. What stands behind the last one is left out, as gzip
        itself does: tapes and some servers fill files up.

    Raises
    ------
    DigestError
        Where it is broken, breaks off, or unpacks to more.
    """
    if not content.startswith(_GZIP):
        return content
    found = bytearray()
    view, at, members = memoryview(content), 0, 0
    while content.startswith(_GZIP, at):
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        members += 1
        while not unpacker.eof:
            chunk = view[at : at + _CHUNK]
            if not chunk:
                raise DigestError(
                    "file",
                    Message("gzip that breaks off before its end; copy or fetch the whole of it"),
                )
            try:
                found += unpacker.decompress(chunk, most - len(found) + 1)
            except zlib.error as error:
                raise DigestError(
                    "file",
                    Message(
                        "broken gzip (%(reason)s); compress it again, or fetch it again",
                        reason=str(error),
                    ),
                ) from error
            at += len(chunk) - len(unpacker.unused_data)
            if len(found) > most or members > _MOST_MEMBERS:
                raise DigestError(
                    "file",
                    Message(
                        "gzip of more than %(size)s MB, or of %(parts)s parts; split it",
                        size=f"{most / 1e6:g}",
                        parts=_MOST_MEMBERS,
                    ),
                )
    return bytes(found)


def refuse_binary(content: bytes, *, fix: str) -> None:
    """Raise where bytes cannot be text in UTF-8 or in an encoding of one byte a character.

    Parameters
    ----------
    fix : str
        What is read instead, as the last words of the message.

    Raises
    ------
    DigestError
        With the line where a byte does not fit, or ``file`` where the whole is something else.
    """
    for magic, kind in _PACKED.items():
        if content.startswith(magic):
            raise DigestError(
                "file", Message("%(kind)s, not text; unpack or export it as text first", kind=kind)
            )
    if content.startswith(UTF_16):
        if _is_utf_16(content):
            raise DigestError("file", Message("encoded as UTF-16; save it as UTF-8"))
        raise DigestError("file", Message("no text; %(formats)s", formats=fix))
    # Ten times as fast as the pattern, which only finds where it is.
    is_clean = len(content.translate(None, _CONTROL_BYTES)) == len(content)
    control = None if is_clean else _CONTROL_BYTE.search(content)
    if control is not None:
        raise DigestError(
            line_of(content, control.start()),
            Message(
                "a sign that text does not have (byte 0x%(byte)s); %(formats)s",
                byte=f"{control[0][0]:02x}",
                formats=fix,
            ),
        )


def _is_utf_16(content: bytes) -> bool:
    """Whether bytes that begin with its mark are UTF-16, and text."""
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and not _CONTROL_BYTE.search(text.encode("utf-8", "replace"))


def line_of(content: bytes, offset: int) -> str:
    """Name the line that holds a byte, counted from 1 with any line ends: ``line 47``."""
    before = content[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return f"line {before.count(bytes([10])) + 1}"


def unix_lines(text: str) -> str:
    """End every line by a line feed alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

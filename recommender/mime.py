"""Mail that somebody else wrote, taken apart within bounds; for every room. Pure.

RFC 2045 to 2047, RFC 5322; whatever the bytes.

The standard library's parser has no bounds: each line of a mail is compared with the boundaries of
all levels above it, and some thousand levels exhaust the interpreter's stack. So the levels are
counted here, and each header is handed to the library by itself; what is beyond a bound is left
out. The parts are the library's own `email.message.Message`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import collapse_rfc2231_value, getaddresses, parseaddr
from typing import Final

LONGEST_READ: Final = 1_000_000
"""Bytes of a mail that are looked at: what a person writes stands before what they attach."""

LONGEST_HEADER: Final = 100_000
"""Bytes of the header of a mail or of one of its parts."""

LONGEST_FIELD: Final = 10_000
"""Bytes of one field of a header, folded lines included."""

LONGEST_DECODED: Final = 2_000
"""Characters of a field that are decoded, and of one that says how a part is built."""

MOST_FIELDS: Final = 1_000
MOST_PARTS: Final = 100
DEEPEST: Final = 10
LONGEST_BOUNDARY: Final = 200
"""RFC 2046 allows 70 characters."""

_FIELD = re.compile(r"([!-9;-~]{1,100})[ \t]*:")
_FIRST_BOUNDARY = re.compile(rb"^--([^\s][^\n]{0,100}?)[ \t]*\r?$", re.MULTILINE)
_HEADER_END = re.compile(rb"\r?\n(?=\r?\n)")
_STRUCTURE: Final = frozenset({"content-type", "content-disposition", "content-transfer-encoding"})
"""Fields that say how a part is built. The library compares their quotes in quadratic time."""

# They are no charsets of mails, and take long, or do something else than to decode.
_NO_CHARSETS: Final = frozenset(
    {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
)


def parse_mail(content: bytes, *, most_bytes: int = LONGEST_READ) -> Message:
    """Take a mail apart, as far as it is looked at."""
    return _Parser().parse(content[:most_bytes], 0)


def parse_header(content: bytes) -> Message:
    """Read the header of a mail only: a body of 30 MB need not be looked at for it."""
    header, _ = _split(content)
    return _read_header(header)


def parts_of(message: Message, *, inside_mails: bool = False) -> Iterator[Message]:
    """Yield a mail and its parts in their order; those of a mail inside only where wanted."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        yield part
        if part.get_content_maintype() == "multipart" or inside_mails:
            waiting[:0] = inner_parts(part)


def inner_parts(part: Message) -> list[Message]:
    """Return what a part consists of; nothing where it has no parts."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if part.is_multipart() else []


def field(message: Message, name: str) -> str:
    """Return a field as it stands; empty where there is none."""
    return str(message.get(name, ""))


def decoded_field(message: Message, name: str) -> str:
    """Return a field in readable form and in one line; empty where there is none."""
    raw = _as_written(message, name)[:LONGEST_DECODED]
    try:
        words = str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError, AssertionError):
        # A charset that nobody knows, or broken encoding.
        words = raw.encode("ascii", "replace").decode("ascii")
    return " ".join(words.split())


def _as_written(message: Message, name: str) -> str:
    """Return a field with what some programs write into it without encoding it."""
    values = (str(value) for each, value in message.raw_items() if each.lower() == name.lower())
    return next(values, "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def addresses_in(message: Message, name: str) -> list[str]:
    """Return the addresses in all fields of a name; none where they cannot be read."""
    values = [str(each) for each in message.get_all(name, [])]
    try:
        return [address for _, address in getaddresses(values) if address]
    except (RecursionError, IndexError, ValueError):
        # Comments may be nested (RFC 5322): some do it by the thousand.
        return []


def name_in(message: Message, name: str) -> str:
    """Return how a field calls whoever it names; empty where it does not, or cannot be read."""
    try:
        return parseaddr(decoded_field(message, name))[0]
    except (RecursionError, IndexError, ValueError):
        return ""


def text_of(part: Message) -> str:
    """Return what a part says, decoded as far as that can be; empty where it has parts itself."""
    if part.is_multipart():
        return ""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        payload = None
    if not isinstance(payload, bytes):
        return ""
    for charset in (_charset(part), "utf-8"):
        try:
            return payload.decode(charset)
        except UnicodeError:
            continue
    return payload.decode("windows-1252", "replace")


def parameter(part: Message, name: str) -> str:
    """Return a parameter of Content-Type; empty where there is none that can be read."""
    try:
        # RFC 2231 has its charset and language beside it.
        return collapse_rfc2231_value(part.get_param(name, ""))
    except (ValueError, LookupError):
        return ""


def _charset(part: Message) -> str:
    name = parameter(part, "charset").strip("'\" ")
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return "utf-8"
    is_text = getattr(found, "_is_text_encoding", True) and found.name not in _NO_CHARSETS
    return found.name if is_text else "utf-8"


@dataclass(slots=True)
class _Parser:
    """Counts the parts of one mail."""

    parts: int = 0

    def parse(self, content: bytes, depth: int) -> Message:
        self.parts += 1
        header, body = _split(content)
        message = _read_header(header)
        kind = message.get_content_type()
        if depth < DEEPEST and kind in ("message/rfc822", "message/global"):
            message.attach(self.parse(body, depth + 1))
        elif depth < DEEPEST and kind.startswith("multipart/"):
            for part in self._parts(body, _boundary(message, body), depth):
                message.attach(part)
        if not message.is_multipart():
            message.set_payload(body.decode("ascii", "surrogateescape"))
        return message

    def _parts(self, body: bytes, boundary: bytes, depth: int) -> Iterator[Message]:
        if not 0 < len(boundary) <= LONGEST_BOUNDARY:
            return
        line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?$", re.MULTILINE)
        begin: int | None = None
        for mark in line.finditer(body):
            if begin is not None:
                yield self._part(body[begin : mark.start()], depth)
            begin = None if mark[1] else mark.end() + 1
            if self.parts >= MOST_PARTS or begin is None:
                return
        if begin is not None:
            yield self._part(body[begin:], depth)

    def _part(self, content: bytes, depth: int) -> Message:
        # The line end before a boundary is the boundary's.
        return self.parse(content.removesuffix(b"\n").removesuffix(b"\r"), depth + 1)


def _boundary(message: Message, body: bytes) -> bytes:
    named = parameter(message, "boundary").rstrip()
    if named:
        return named.encode("utf-8", "surrogateescape")
    # Some programs put the parameter on a line that is not folded.
    first = _FIRST_BOUNDARY.search(body)
    return first[1] if first else b""


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Part a mail into its header and its body."""
    if content.startswith((b"\n", b"\r\n")):
        return b"", content.lstrip(b"\r").removeprefix(b"\n")
    end = _HEADER_END.search(content)
    header = content if end is None else content[: end.end()]
    rest = b"" if end is None else content[end.end() :]
    return header[:LONGEST_HEADER], rest.removeprefix(b"\r").removeprefix(b"\n")


def _read_header(header: bytes) -> Message:
    """Read the fields of a header, each by itself: one that is broken breaks no other."""
    message = Message(policy=compat32)
    for number, (name, value) in enumerate(_fields(header)):
        if number >= MOST_FIELDS:
            break
        longest = LONGEST_DECODED if name.lower() in _STRUCTURE else LONGEST_FIELD
        message.set_raw(name, value[:longest])
    return message


def _fields(header: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and value of each field, folded as it stands; what is no field is passed over."""
    name, lines = "", list[str]()
    for line in header.decode("ascii", "surrogateescape").split("\n"):
        plain = line.rstrip("\r")
        if name and plain.startswith((" ", "\t")):
            lines.append(plain)
            continue
        if name:
            yield name, "\n".join(lines)
        begin = _FIELD.match(plain)
        name, lines = (begin[1], [plain[begin.end() :].lstrip()]) if begin else ("", [])
    if name:
        yield name, "\n".join(lines)

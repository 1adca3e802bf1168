"""Mail: the forms in which failures and complaints come: what a report says, part by part. Pure.

Sources: RFC 3464 (delivery status), RFC 5965 (complaints), and the forms of programs that follow
neither. Nothing is judged here, and nothing raises, whatever the bytes: what cannot be read is left
out. Everything has a limit, so that time grows with the size at most.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from itertools import islice
from typing import Final

LONGEST_REPORT: Final = 256_000
"""Bytes that are looked at: the rest is the message that came back."""

LONGEST_PART: Final = 64_000
"""Bytes of one part that are looked at."""

LONGEST_NOTICE: Final = 12_000
"""Characters of a notice for people, without the message that it carries."""

LONGEST_HEADER: Final = 1_000
MOST_PARTS: Final = 40
MOST_BLOCKS: Final = 50
MOST_FIELDS: Final = 60

# More of these are no report, and what the parser makes of each costs: every boundary that is open
# is compared with every line, and each delimiter, and each blank line of a status, is a new part.
_COSTLY: Final = (
    (re.compile(rb"boundary[ \t]{0,8}(?:\*\d{0,3}\*?)?=", re.IGNORECASE), 20),
    (re.compile(rb"\n--"), 500),
    (re.compile(rb"\n[ \t\r]{0,80}\n"), 2_000),
)
_TEXT_CODECS = re.compile(
    r"ascii|utf|iso8859|iso2022|cp\d|koi8|gb|big5|euc|shift_jis|mac|latin|hz|johab|tis|ptcp|kz"
)
_STYLE = re.compile(r"<(style|script|head)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|p|div|tr|li|h\d)\b[^<>]{0,500}>", re.IGNORECASE)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&quot;": '"', "&#39;": "'", "&amp;": "&"}
# Where the message that came back begins, in a notice that carries it as text.
_CARRIED = re.compile(
    r"(?:[>\s]{0,4}[-=*_#]{2,}.{0,60}(?:copy of|original|returned|below this line|undelivered"
    r"|message text|header).{0,60}"
    r"|.{0,40}(?:(?:original|old) message(?: follows|:)|message headers? follow"
    r"|the original message (?:is|follows|was included)|copy of the (?:original )?message"
    r"|message contents follow|below is a copy|headers? of (?:the |your )?(?:original )?message"
    r"|original message headers|text of the original).{0,80}"
    r"|>?(?:return-path|received|x-received|dkim-signature|x-google-smtp-source) ?:.{0,200})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What a report says, unjudged.

    Attributes
    ----------
    headers : mapping of str to str
        Its own, in lower case, decoded, each in one line.
    types : tuple of str
        Content types of the parts that its sender wrote.
    status_blocks : tuple of mappings
        The fields of a delivery status, a block each; also where they stand in plain text.
    feedback : mapping of str to str
        The fields of a complaint.
    notice : str
        What it tells people, without the message that came back.
    carried_headers : mapping of str to str
        Headers of the message inside.
    """

    headers: Mapping[str, str]
    types: tuple[str, ...]
    status_blocks: tuple[Mapping[str, str], ...]
    feedback: Mapping[str, str]
    notice: str
    carried_headers: Mapping[str, str]


def read_form(content: bytes) -> ReportForm:
    """Take a report apart, however broken it is."""
    message = _parsed(content[:LONGEST_REPORT])
    parts = list(_parts(message))
    blocks: list[Mapping[str, str]] = []
    feedback: Mapping[str, str] = {}
    carried: Mapping[str, str] = {}
    texts: list[str] = []
    html = ""
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            blocks += _blocks(part)
        elif kind == "message/feedback-report":
            feedback = feedback or _merged(_blocks(part))
        elif kind in ("message/rfc822", "message/global", "text/rfc822-headers"):
            carried = carried or _carried_headers(part)
        elif kind == "text/html":
            html = html or _without_tags(_text(part))
        elif kind.startswith("text/") and not texts:
            texts.append(_text(part))
        elif kind.startswith("multipart/") and not part.is_multipart():
            texts.append(_text(part))  # its boundary is nowhere: the parser leaves it whole
    notice = _notice("\n".join(texts)) or _notice(html)
    if not blocks:
        # Some write the fields of a delivery status into the text.
        found = (_fields(each) for each in _paragraphs(notice))
        blocks += [each for each in found if "action" in each or "diagnostic-code" in each]
    return ReportForm(
        headers=_headers(message),
        types=tuple(part.get_content_type() for part in parts),
        status_blocks=tuple(blocks[:MOST_BLOCKS]),
        feedback=feedback,
        notice=notice,
        carried_headers=carried,
    )


def header_text(message: Message, name: str) -> str:
    """Return a header in readable form and one line; empty where there is none."""
    return _readable(message.get(name))


class _BoundedHeaders(Compat32):
    """Cuts headers off before the parser looks at them: their parameters take it quadratic time."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines[:MOST_FIELDS])
        return name, value[:LONGEST_HEADER]


def _parsed(content: bytes) -> Message:
    for pattern, most in _COSTLY:
        beyond = next(islice(pattern.finditer(content), most, None), None)
        if beyond is not None:
            content = content[: beyond.start()]
    try:
        return BytesParser(policy=_BoundedHeaders()).parsebytes(content)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return Message()


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that the sender of a report wrote, not those of the message inside."""
    waiting, number = [message], 0
    while waiting and number < MOST_PARTS:
        part = waiting.pop(0)
        number += 1
        yield part
        if part.get_content_maintype() == "multipart":
            waiting[:0] = _inside(part)


def _inside(part: Message) -> list[Message]:
    """Return the parts of a part; its text is asked for decoded only.

    Undecoded, the parser decodes it nevertheless, by whatever charset it names.
    """
    payload = part.get_payload() if part.is_multipart() else []
    if not isinstance(payload, list):
        return []
    return [each for each in payload[:MOST_BLOCKS] if isinstance(each, Message)]


def _blocks(part: Message) -> list[Mapping[str, str]]:
    if not part.is_multipart():
        return [_fields(each) for each in _paragraphs(_text(part))]
    found: list[Mapping[str, str]] = []
    for block in _inside(part):
        found.append(_headers(block))
        # A type that the parser does not know is to it one mail, whose body has the rest; and a
        # line without a colon, as some fold a diagnostic, ends its headers too.
        found += [_fields(each) for each in _paragraphs(_text(block))]
    return [each for each in found if each]


def _merged(blocks: list[Mapping[str, str]]) -> Mapping[str, str]:
    merged: dict[str, str] = {}
    for block in blocks:
        merged = {**block, **merged}
    return merged


def _headers(message: Message) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in message.items()[:200]:
        found.setdefault(name.lower(), _readable(value))
    return found


def _carried_headers(part: Message) -> Mapping[str, str]:
    inside = _inside(part)
    return _headers(inside[0]) if inside else _fields(_text(part))


def _paragraphs(text: str) -> list[str]:
    """Split at blank lines; the last holds the rest where there are many."""
    paragraphs: list[str] = []
    lines: list[str] = []
    for line in text[:LONGEST_PART].splitlines():
        if line.strip():
            lines.append(line)
        elif lines:
            paragraphs.append("\n".join(lines))
            lines = []
            if len(paragraphs) == MOST_BLOCKS:
                break
    return [*paragraphs, "\n".join(lines)] if lines else paragraphs


def _fields(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in text.splitlines()[:MOST_FIELDS]:
        name, colon, value = line.partition(":")
        if line[:1] in " \t" and last:
            found[last] = f"{found[last]} {line.strip()}"[:LONGEST_HEADER]
        elif colon and " " not in name.strip():
            last = name.strip().lower()
            if last in found:
                last = ""
            else:
                found[last] = value.strip()[:LONGEST_HEADER]
    return found


def _notice(text: str) -> str:
    """Cut off the message that came back, and what is too much."""
    kept: list[str] = []
    for line in text[: 2 * LONGEST_NOTICE].splitlines():
        if kept and _CARRIED.match(line[:300]) and any(each.strip() for each in kept):
            break
        kept.append(line[:LONGEST_HEADER])
    return "\n".join(kept)[:LONGEST_NOTICE].strip()


def _without_tags(html: str) -> str:
    html = html[:LONGEST_PART]
    for _ in range(MOST_PARTS):
        opening = _STYLE.search(html)
        if opening is None:
            break
        closing = html.lower().find(f"</{opening[1].lower()}", opening.end())
        if closing < 0:
            html = html[: opening.start()] + html[opening.end() :]
        else:
            html = html[: opening.start()] + html[closing:]
    text = _TAG.sub(" ", _BREAK.sub("\n", " ".join(html.split(" "))))
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text


def _readable(value: object) -> str:
    if value is None:
        return ""
    # What stands for bytes that are no ASCII is shown as such, not kept.
    raw = str(value)[:LONGEST_HEADER].encode("utf-8", "replace").decode("utf-8", "replace")
    if "=?" in raw:
        with suppress(MessageError, LookupError, ValueError, TypeError, AssertionError):
            raw = str(make_header(decode_header(raw)))
    return "".join(each if each.isprintable() else " " for each in " ".join(raw.split()))


def _text(part: Message) -> str:
    """Return what a part says; empty where it has parts itself."""
    if part.is_multipart():
        return ""
    try:
        payload = part.get_payload(decode=True)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError):
        return ""
    if not isinstance(payload, bytes):
        return ""
    return _decoded(payload[:LONGEST_PART], str(part.get_param("charset") or ""))


def _decoded(payload: bytes, charset: str) -> str:
    text = _characters(payload, charset)
    # What a broken charset gives may be no characters at all, and cannot be shown or stored.
    return "".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text)


def _characters(payload: bytes, charset: str) -> str:
    try:
        codec = codecs.lookup(charset.strip().strip("\"'") or "utf-8")
    except (LookupError, ValueError, UnicodeError):
        codec = codecs.lookup("utf-8")
    # Of what Python calls encodings, some are no character sets, and one takes quadratic time.
    name = codec.name if _TEXT_CODECS.match(codec.name) else "utf-8"
    try:
        return payload.decode(name, "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")

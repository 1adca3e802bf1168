"""Mail: the forms in which failures and complaints come: what a report says, part by part. Pure.

Sources: RFC 3464 (delivery status), RFC 5965 (complaints), and the forms of programs that follow
neither. Nothing is judged here, and nothing raises, whatever the bytes: what cannot be read is left
out. Everything has a limit, so that time grows with the size at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from itertools import islice
from typing import Final

from recommender.html_text import blocks_of_html
from recommender.mime import (
    decoded_field,
    inner_parts,
    parse_mail,
    parts_of,
    text_of,
)

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
MOST_HEADERS: Final = 200

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
    message = parse_mail(content[:LONGEST_REPORT])
    parts = list(islice(parts_of(message), MOST_PARTS))
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
            html = html or "\n".join(blocks_of_html(_text(part)))
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
    words = decoded_field(message, name)[:LONGEST_HEADER]
    return "".join(each if each.isprintable() else " " for each in words)


def _blocks(part: Message) -> list[Mapping[str, str]]:
    found = (_fields(each) for each in _paragraphs(_text(part)))
    return [each for each in found if each]


def _merged(blocks: list[Mapping[str, str]]) -> Mapping[str, str]:
    merged: dict[str, str] = {}
    for block in blocks:
        merged = {**block, **merged}
    return merged


def _headers(message: Message) -> Mapping[str, str]:
    names = dict.fromkeys(message.keys()[:MOST_HEADERS])
    return {name.lower(): header_text(message, name) for name in names}


def _carried_headers(part: Message) -> Mapping[str, str]:
    inside = inner_parts(part)
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


def _text(part: Message) -> str:
    """Return what a part says, without what can be neither shown nor stored."""
    text = text_of(part)[:LONGEST_PART]
    return "".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text)

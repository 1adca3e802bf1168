"""Mail: what somebody wrote, out of the mail as it came. Pure; never raises, whatever the bytes.

Quoted mail and signatures are left out: who answers on a phone sends our whole newsletter back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Final

LONGEST_READ: Final = 1_000_000
"""Bytes of a mail that are looked at: what a person writes stands before what they attach."""

LONGEST_TEXT: Final = 20_000
"""Characters of what a person wrote that are looked at."""

LONGEST_ATTRIBUTION: Final = 500

MOST_PARTS: Final = 50
DEEPEST: Final = 10

_QUOTE = re.compile(r"^\s*[>|]")
_SEPARATOR = re.compile(
    r"^\s*(-{2,}\s*(original message|urspr.{1,10}ngliche nachricht|message d.origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht|forwarded message"
    r"|weitergeleitete nachricht).*|_{8,}|-{8,})\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"^\s*(on|am|le|el|il|op|em|den)\b.{0,300}(wrote|schrieb|[ée]crit|escribi[óo]|scritto|schreef"
    r"|escreveu|skrev)\b.{0,80}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_HEADER_LINE = re.compile(
    r"^\s*\*?(from|von|de|da|van|fra|från|sent|gesendet|envoy[ée]|enviado|inviato|verzonden|date"
    r"|datum|to|an|[àa]|para|subject|betreff|objet|asunto|oggetto|onderwerp)\s*:\*?\s",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(--\s*|\s*(sent|get) (from|with|using|outlook).{0,60}|\s*(von|mit) meinem .{0,40} gesendet.*"
    r"|\s*(gesendet mit|diese nachricht wurde von meinem).{0,80}"
    r"|\s*envoy[ée] (de|depuis) mon.{0,60}"
    r"|\s*enviado desde mi.{0,60}|\s*inviato da(l mio)? .{0,60})$",
    re.IGNORECASE,
)
_ATTRIBUTION_LINES = 3
_HEADER_BLOCK_LINES = 2


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail that somebody wrote.

    Attributes
    ----------
    message : Message
        Parsed as far as it is looked at, for whoever wants its headers.
    sender : str
        The one address in From; empty where there is none, or more than one. Never a proof.
    subject : str
        Decoded, in one line.
    message_id : str
        With angle brackets; empty where there is none.
    text : str
        What the person wrote: no quotes, no signature.
    """

    message: Message
    sender: str
    subject: str
    message_id: str
    text: str


def read_mail(content: bytes) -> IncomingMail:
    """Read a mail as it came."""
    message = message_from_bytes(content[:LONGEST_READ])
    return IncomingMail(
        message=message,
        sender=_sender(message),
        subject=" ".join(decoded(message, "Subject").split()),
        message_id="".join(
            re.findall(
                r"<[!-;=?A-~]{1,250}@[!-;=?A-~]{1,250}>", str(message.get("Message-ID", ""))
            )[:1]
        ),
        text=without_quotes(_body(message)),
    )


def decoded(message: Message, name: str) -> str:
    """Return a header in readable form; empty where there is none."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        return str(make_header(decode_header(str(raw))))
    except (LookupError, ValueError):  # a charset that nobody knows, or broken encoding
        return str(raw).encode("ascii", "replace").decode("ascii")


def without_quotes(text: str) -> str:
    """Leave out what was quoted and who signs; pure text in, pure text out."""
    kept: list[str] = []
    lines = text[:LONGEST_TEXT].splitlines()
    for index, line in enumerate(lines):
        if _ends_here(lines, index):
            break
        if not _QUOTE.match(line):
            kept.append(line.strip())
    return "\n".join(kept).strip()


def _ends_here(lines: list[str], index: int) -> bool:
    line = lines[index]
    if _SEPARATOR.match(line) or _SIGNATURE.match(line):
        return True
    # Mail programs fold the line that says who wrote what follows.
    for number in range(1, _ATTRIBUTION_LINES + 1):
        if _ATTRIBUTION.match(" ".join(lines[index : index + number])[:LONGEST_ATTRIBUTION]):
            return True
    block = lines[index : index + _HEADER_BLOCK_LINES]
    return len(block) == _HEADER_BLOCK_LINES and all(_HEADER_LINE.match(each) for each in block)


def _sender(message: Message) -> str:
    fields = message.get_all("From", [])
    addresses = [address for _, address in getaddresses([str(each) for each in fields]) if address]
    return addresses[0] if len(addresses) == 1 and len(fields) == 1 else ""


def _body(message: Message) -> str:
    html = ""
    for part in _parts(message):
        kind = part.get_content_type()
        if "attachment" in str(part.get("Content-Disposition", "")).lower():
            continue
        if kind == "text/plain":
            return _decoded_text(part)
        if kind == "text/html" and not html:
            html = _decoded_text(part)
    return _text_of_html(html)


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts in their order, but not those of mails inside."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    number = 0
    while waiting and number < MOST_PARTS:
        part, depth = waiting.pop(0)
        number += 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            if depth < DEEPEST:
                inside = [(each, depth + 1) for each in payload if isinstance(each, Message)]
                waiting = inside + waiting
        else:
            yield part


def _decoded_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    declared = part.get_content_charset()
    for charset in filter(None, (declared, "utf-8")):
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return payload.decode("windows-1252", "replace")


class _VisibleText(HTMLParser):
    """Text of HTML: line breaks where readers see them, without quotes, styles and scripts."""

    BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
    SILENT = frozenset({"style", "script", "head", "title", "blockquote"})
    VOID = frozenset({"br", "img", "hr", "meta", "link", "input"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.pieces.append("\n")
        if tag in self.VOID:
            return
        classes = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        is_quote = (
            "gmail_quote" in classes or "yahoo_quoted" in classes or "divRplyFwdMsg" in classes
        )
        hides = tag in self.SILENT or is_quote
        self.open.append(hides)
        self.silent += hides

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BREAKS:
            self.pieces.append("\n")
        if tag not in self.VOID and self.open:
            self.silent -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def _text_of_html(html: str) -> str:
    visible = _VisibleText()
    visible.feed(html[: LONGEST_TEXT * 10])
    visible.close()
    lines = ("".join(visible.pieces)).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines)

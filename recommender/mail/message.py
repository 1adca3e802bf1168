"""Mail: from a rendered mail to the bytes that travel. Pure; reads no clock and no network.

The message is built here rather than by `email.message`, for two reasons. It is built once for
every reader: 13 ms of CPU for ten papers there, half a millisecond here, most of it in C. And it
must come out byte for byte the same when it is sent again under its Message-ID, across versions of
the standard library as well; so even the MIME boundary follows from the Message-ID.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, formataddr
from string import ascii_letters, digits
from typing import AnyStr
from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email

from recommender.domain import DeliveryKind
from recommender.errors import AddressError
from recommender.rendering import RenderedMail
from recommender.wording import one_line

LINE_LENGTH = 76
"""Longest line that we write by choice, without its line break (RFC 2045 section 6.7, rule 5)."""

LONGEST_LINE = 998
"""Longest line of a message, without its line break (RFC 5322 section 2.1.1)."""

LONGEST_WORD = 900
"""Longest part of a header that cannot be folded; RFC 5322 ends a line at 998 characters."""

ENCODED_LENGTH = 54
"""Characters of text in one encoded word: with its frame and ``Subject: `` it fills one line."""

BULK_KINDS = frozenset({DeliveryKind.WELCOME, DeliveryKind.ISSUE})
"""Kinds that everybody on the list gets, and that can therefore be unsubscribed from."""

FEEDBACK_SENDER = "trending-papers"
"""Last field of Feedback-ID, by which Gmail groups complaints: 5 to 15 characters."""

_ADDRESS_PART = r"[^\s\x00-\x1f\x7f-\x9f\"(),:;<>@\[\\\]]+"
_ADDRESS = re.compile(f"{_ADDRESS_PART}@{_ADDRESS_PART}")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_URL = re.compile(r"https?://[!-;=?-~]+")
_FROM_LINE = re.compile(rb"\nFrom ")  # for what begins with a line break; an alternative is slow
_ASCII = bytes(range(128))
_PRINTABLE = bytes([*b"\t\n", *range(32, 127)])
# What may stand for itself in an encoded word of a display name (RFC 2047 section 5, rule 3).
_Q_SAFE = {character: character for character in f"{ascii_letters}{digits}!*+-/"} | {" ": "_"}


@dataclass(frozen=True, slots=True)
class MailingList:
    """Who the mails come from.

    Attributes
    ----------
    name : str
        What readers know it by; may hold any script.
    address : str
        The one address, ``papers@example.org``; commands go to its plus-tags.
    front_url : str
        Where a reader may subscribe.
    owner : str or None
        The address of the person who answers for the list.
    takes_mail : bool
        Mail to ``address`` comes in somewhere; else no header leads there.
    """

    name: str
    address: str
    front_url: str
    owner: str | None = None
    takes_mail: bool = True


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an SMTP server is told, and the message itself.

    Attributes
    ----------
    sender : str
        Where bounces go (MAIL FROM), an address of ours that names the delivery (VERP); empty,
        the null sender, for answers to strangers.
    recipient : str
        RCPT TO, its domain in ASCII.
    content : bytes
        The message with CRLF line ends, lines of at most 998 bytes, ending in CRLF. Pure ASCII,
        except that a ``recipient`` with a non-ASCII local part stands in ``To`` as UTF-8 (RFC
        6532), which only a server that offers SMTPUTF8 takes.
    """

    sender: str
    recipient: str
    content: bytes


def build_message(
    mail: RenderedMail,
    *,
    kind: DeliveryKind,
    mailing_list: MailingList,
    recipient: str,
    envelope_sender: str,
    message_id: str,
    created_at: datetime,
    unsubscribe_url: str | None = None,
    unsubscribe_address: str | None = None,
    reply_to: str | None = None,
    in_reply_to: str | None = None,
) -> Envelope:
    """Put headers around a rendered mail: multipart/alternative, the text part first.

    The same arguments give the same bytes.

    Parameters
    ----------
    message_id : str
        With angle brackets.
    created_at : datetime
        Timezone-aware. When the message was queued, not when it is sent, so that ``Date`` does not
        differ between attempts.
    unsubscribe_url : str or None
        Where RFC 8058 one-click requests are POSTed; needed for the kinds in `BULK_KINDS`, and
        not used for others.
    unsubscribe_address : str or None
        The same by mail, needed where the list takes mail. It names the subscriber, for From is no
        proof of who writes.
    reply_to : str or None
        Where replies go; None: to the list's address.
    in_reply_to : str or None
        The Message-ID of the mail that this one answers.

    Raises
    ------
    AddressError
        If an address is none.
    ValueError
        If ``message_id`` or a URL cannot stand in a header, or a newsletter has no
        ``unsubscribe_url``, or no ``unsubscribe_address`` although the list takes mail.
    """
    list_address = ascii_domain_address(mailing_list.address)
    recipient = ascii_domain_address(recipient)
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"not a Message-ID: {message_id!r}")
    headers = [
        ("Message-ID", message_id),
        ("Date", format_datetime(created_at)),
        ("From", _mailbox(mailing_list.name, list_address)),
        *([] if reply_to is None else [("Reply-To", ascii_domain_address(reply_to))]),
        ("To", recipient),
        *_threading(in_reply_to),
        ("Subject", _encoded(mail.subject)),
        # Keeps vacation programs from answering (RFC 3834).
        ("Auto-Submitted", "auto-replied" if kind is DeliveryKind.ANSWER else "auto-generated"),
    ]
    if kind in BULK_KINDS:
        if unsubscribe_url is None or (mailing_list.takes_mail and unsubscribe_address is None):
            raise ValueError(
                f"a message of kind {kind.value!r} needs an unsubscribe_url and _address"
            )
        headers += _list_headers(
            mailing_list,
            list_address,
            feedback_campaign=f"{created_at:%Y-%m-%d}:{kind.value}",
            unsubscribe_url=unsubscribe_url,
            unsubscribe_address=unsubscribe_address,
        )
    boundary = _boundary(message_id)
    headers += [
        ("Content-Language", mail.language),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    content = "".join(_folded(name, value) for name, value in headers).encode() + b"\r\n"
    content += _alternatives(boundary, (("plain", mail.text), ("html", mail.html)))
    sender = ascii_domain_address(envelope_sender) if envelope_sender else ""
    return Envelope(sender, recipient, content)


def ascii_domain_address(address: str) -> str:
    """Return an address with its domain in ASCII (IDNA 2008), the form that DNS and SMTP know.

    Raises
    ------
    AddressError
        If it is no ``local@domain`` or holds what could end a header or an SMTP command.
    """
    if not _ADDRESS.fullmatch(address):
        raise AddressError(f"{address!r} is no mail address; write it as name@example.org")
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise AddressError(f"{address!r} is no mail address: {error}") from error
    return f"{local}@{checked.ascii_domain}"


def _list_headers(
    mailing_list: MailingList,
    list_address: str,
    *,
    feedback_campaign: str,
    unsubscribe_url: str,
    unsubscribe_address: str | None,
) -> list[tuple[str, str]]:
    """Return the headers of RFC 2369, 2919 and 8058, and Gmail's Feedback-ID."""
    local, _, domain = list_address.rpartition("@")
    list_id = f"{local}.{domain}"
    owner = [("List-Owner", _mailto(mailing_list.owner))] if mailing_list.owner else []
    leaving, entering = [_uri(unsubscribe_url)], [_uri(mailing_list.front_url)]
    help_ = entering[0]
    if mailing_list.takes_mail and unsubscribe_address is not None:
        leaving.append(_mailto(unsubscribe_address, "unsubscribe"))
        entering.append(_mailto(f"{local}+subscribe@{domain}", "subscribe"))
        help_ = _mailto(f"{local}+help@{domain}", "help")
    return [
        ("List-Id", _mailbox(mailing_list.name, list_id)),
        ("List-Unsubscribe", ", ".join(leaving)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Subscribe", ", ".join(entering)),
        ("List-Help", help_),
        *owner,
        ("Feedback-ID", f"{feedback_campaign}:{list_id}:{FEEDBACK_SENDER}"),
        ("Precedence", "bulk"),
    ]


def _threading(in_reply_to: str | None) -> list[tuple[str, str]]:
    """Return the headers that put an answer below what it answers (RFC 5322 section 3.6.4)."""
    # It was written by a stranger: what is no Message-ID is no header of ours.
    if in_reply_to is None or not _MESSAGE_ID.fullmatch(in_reply_to):
        return []
    return [("In-Reply-To", in_reply_to), ("References", in_reply_to)]


def _mailto(address: str, subject: str = "") -> str:
    query = f"?subject={subject}" if subject else ""
    return f"<mailto:{quote(ascii_domain_address(address), safe='@+')}{query}>"


def _uri(url: str) -> str:
    if not _URL.fullmatch(url) or len(url) > LONGEST_WORD:
        raise ValueError(f"not a URL that a header can hold: {url!r}")
    return f"<{url}>"


def _mailbox(name: str, address: str) -> str:
    """Return ``name <address>``, the name quoted or encoded where RFC 5322 or 2047 asks for it."""
    name = one_line(name)
    if name and not _plain(name):
        return f"{_encoded(name)} <{address}>"
    return formataddr((name, address))


# A welcome or the first paper of a day is the subject of many.
@functools.lru_cache(maxsize=1_000)
def _encoded(text: str) -> str:
    """Return one line of text as a header holds it: as it is, or in encoded words (RFC 2047)."""
    text = one_line(text)
    if _plain(text):
        return text
    quoted = [_Q_SAFE.get(character) or _quoted(character) for character in text]
    if sum(map(len, quoted)) * 3 <= len(text.encode()) * 4:
        words = ["".join(group) for group in _grouped(quoted, ENCODED_LENGTH)]
        return " ".join(f"=?utf-8?q?{word}?=" for word in words)
    characters = [character.encode() for character in text]
    groups = _grouped(characters, ENCODED_LENGTH // 4 * 3)
    return " ".join(f"=?utf-8?b?{base64.b64encode(b''.join(group)).decode()}?=" for group in groups)


def _quoted(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())


def _grouped(units: Iterable[AnyStr], limit: int) -> Iterator[list[AnyStr]]:
    """Yield runs of whole characters that are together no longer than a limit."""
    group: list[AnyStr] = []
    length = 0
    for unit in units:
        if length + len(unit) > limit:
            yield group
            group, length = [], 0
        group.append(unit)
        length += len(unit)
    yield group


def _plain(text: str) -> bool:
    """Whether a header can hold a text as it is, and no reader will see encoded words in it."""
    return (
        text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) < LINE_LENGTH
    )


def _folded(name: str, value: str) -> str:
    """Return a header with CRLF, folded between words (RFC 5322 section 2.2.3)."""
    line = f"{name}:"
    lines = []
    for word in value.split():
        if len(line) + 1 + len(word) > LINE_LENGTH and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]) + "\r\n"


def _boundary(message_id: str) -> str:
    # "=_" occurs in neither quoted-printable nor base64, so no part can hold the boundary.
    return f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"


def _alternatives(boundary: str, parts: Iterable[tuple[str, str]]) -> bytes:
    """Return the body of a multipart/alternative with its last boundary."""
    content = b""
    for subtype, text in parts:
        encoding, body = _transfer_encoded(text)
        content += (
            f"--{boundary}\r\n"
            f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
            f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
        ).encode()
        content += body + b"\r\n"
    return content + f"--{boundary}--\r\n".encode()


def _transfer_encoded(text: str) -> tuple[str, bytes]:
    """Return the lightest encoding that keeps a text whole, and the text in it with CRLF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    data = text.encode()
    lines = data.split(b"\n")
    if _travels_as_it_is(data) and max(map(len, lines)) <= LONGEST_LINE:
        return "7bit", b"\r\n".join(lines)
    non_ascii = 0 if data.isascii() else len(data.translate(None, _ASCII))
    # Quoted-printable triples these bytes, base64 lengthens all by a third.
    if non_ascii * 6 <= len(data):
        return "quoted-printable", _quoted_printable(b"\r\n".join(lines))
    body = base64.encodebytes(b"\r\n".join(lines))
    return "base64", body.rstrip(b"\n").replace(b"\n", b"\r\n")


def _quoted_printable(data: bytes) -> bytes:
    encoded = binascii.b2a_qp(data)
    if b"\r\n" not in data:
        # It ends the lines that it breaks like the first line that it finds; here there is none.
        encoded = encoded.replace(b"\n", b"\r\n")
    # What keeps mails in one file would write ">From", and break the signature.
    return _FROM_LINE.sub(b"\n=46rom ", b"\n" + encoded)[1:]


def _travels_as_it_is(data: bytes) -> bool:
    """Whether no server has a reason to change a character (RFC 2045 section 2.7, RFC 4155)."""
    return (
        data.isascii()
        and not data.translate(None, _PRINTABLE)
        and not _FROM_LINE.search(b"\n" + data)
    )

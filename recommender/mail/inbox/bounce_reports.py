"""Mail: what a mail says that comes back for one of ours: a failure, a complaint, or nothing. Pure.

Sources: RFC 3464 (delivery status), RFC 3463 (status codes), RFC 5965 (complaints), RFC 3834
(automatic answers). Whom it concerns is never read from a report: anybody can write one. That,
the signed address says to which it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Final

from flufl.bounce import all_failures

from recommender.domain import BounceKind
from recommender.mail.inbox.mime import parse_mail
from recommender.mail.transport.replies import bounded_line

LONGEST_REPORT: Final = 1_000_000
"""Bytes that are looked at: the rest is the message that came back."""

MOST_PARTS: Final = 100

COMPLAINTS: Final = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list"})
"""Feedback types by which a reader wants no more; ``not-spam`` and reports on DMARC are none."""


class Cause(StrEnum):
    """What a failure is about."""

    ADDRESS = "address"
    """Nobody is there, or nobody takes mail there."""
    MAILBOX_FULL = "mailbox full"
    TEMPORARY = "temporary"
    """It was tried for days, and the host or network was in trouble."""
    REFUSED = "refused"
    """Who sends, or what: it says nothing of the address."""
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What came back.

    Attributes
    ----------
    enhanced_status_code : str or None
        ``5.1.1``.
    diagnostic : str
        In one line, safe to store and to print.
    source : str
        ``dsn``, ``unstructured``, ``arf`` or ``smtp``.
    """

    kind: BounceKind
    cause: Cause
    enhanced_status_code: str | None
    diagnostic: str
    source: str


_KINDS = {
    Cause.ADDRESS: BounceKind.HARD,
    Cause.MAILBOX_FULL: BounceKind.SOFT,
    Cause.TEMPORARY: BounceKind.SOFT,
    Cause.REFUSED: BounceKind.SOFT,
    Cause.COMPLAINT: BounceKind.COMPLAINT,
}

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_LINE = re.compile(r"(?<!\d)5\d\d[ -].{3,}")
_FULL = re.compile(
    r"mailbox (is )?full|full mailbox|over ?quota|quota (is |has been )?(exceeded|reached)"
    r"|exceed\w* .{0,30}quota|out of storage|not enough (disk )?space|insufficient .{0,20}storage",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(user|recipient|mailbox|account|address).{0,30}(unknown|not found|does ?n[o']t exist"
    r"|not exist|invalid|disabled|inactive|unavailable)"
    r"|(unknown|no such|invalid|disabled|nonexistent) (local )?(user|recipient|mailbox|address)",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    r"^\W*(out of (the )?office|automatic reply|auto(matic)?[- ]?(response|reply)|vacation"
    r"|on (holiday|leave)|abwesen|autom.{0,12}antwort|r[ée]ponse automatique|absence du bureau"
    r"|respuesta autom|fuera de la oficina|risposta automatica|afwezig|fr[åa]nvarande)",
    re.IGNORECASE,
)
# RFC 3463: the subject digit says what the status is about.
_ADDRESSING, _MAILBOX, _SYSTEM, _NETWORK, _PROTOCOL, _CONTENT, _POLICY = range(1, 8)


def read_report(content: bytes) -> BounceReport | None:
    """Return what a returned mail means; None where it means nothing.

    Nothing mean: warnings of a delay, confirmations of delivery or reading, automatic answers of
    people, and what is not understood.

    Parameters
    ----------
    content : bytes
        As it came, however broken.
    """
    message = parse_mail(content)
    parts = list(_parts(message))
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/feedback-report":
            return _complaint(part)
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            return _failure(part)
    if any(part.get_content_type() == "message/disposition-notification" for part in parts):
        return None
    return None if is_automatic_answer(message) else _unstructured(message)


def is_automatic_answer(message: Message) -> bool:
    """Return whether a person's program answered in their place: they are away, or mail arrived."""
    if _ABSENCE.search(_header(message, "Subject")):
        return True
    if any(message[name] for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From")):
        return True
    return _header(message, "Auto-Submitted").lower().startswith("auto-replied")


def judge_failure(
    status: str | None, diagnostic: str, *, source: str, is_transient: bool = False
) -> BounceReport:
    """Return what a failure is about, by its status code and the words of the server.

    Words go before codes where they are plain: servers use 5.7.1 and 5.0.0 for unknown users, and
    5.1.1 for full mailboxes.

    Parameters
    ----------
    status : str or None
        Enhanced status code.
    is_transient : bool
        The basic reply code was a 4xx.
    """
    cause = _cause(status, diagnostic, is_transient=is_transient)
    return BounceReport(_KINDS[cause], cause, status, bounded_line(diagnostic), source)


def _cause(status: str | None, diagnostic: str, *, is_transient: bool) -> Cause:  # noqa: PLR0911, a table
    if _FULL.search(diagnostic) or (status or "").endswith(".2.2"):
        return Cause.MAILBOX_FULL
    if _UNKNOWN.search(diagnostic):
        return Cause.ADDRESS
    if status is None:
        return Cause.TEMPORARY if is_transient else Cause.ADDRESS
    digits, subject, detail = (int(part) for part in status.split("."))
    if digits == 4:  # noqa: PLR2004 - the class of what is not for good
        return Cause.TEMPORARY
    if subject in (_CONTENT, _POLICY, _PROTOCOL) or (subject == _SYSTEM and detail == 4):  # noqa: PLR2004 - 5.3.4, too large
        return Cause.REFUSED
    if subject == _MAILBOX and detail in (3, 4):  # too large for this mailbox, or a list's trouble
        return Cause.REFUSED
    if subject in (_NETWORK, _SYSTEM) and detail not in (1, 4):
        return Cause.TEMPORARY
    return Cause.ADDRESS


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that the sender of a report wrote, not those of the message inside."""
    waiting, number = [message], 0
    while waiting and number < MOST_PARTS:
        part = waiting.pop(0)
        number += 1
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [each for each in payload if isinstance(each, Message)]


def _complaint(part: Message) -> BounceReport | None:
    fields = _fields(part)
    kind = fields.get("feedback-type", "").lower()
    if kind not in COMPLAINTS:
        return None
    agent = fields.get("user-agent", "")
    words = bounded_line(f"{kind} reported by {agent}" if agent else f"{kind} reported")
    return BounceReport(BounceKind.COMPLAINT, Cause.COMPLAINT, None, words, "arf")


def _failure(part: Message) -> BounceReport | None:
    for block in _blocks(part):
        if block.get("action", "").lower().split(" ")[0] != "failed":
            continue
        diagnostic = block.get("diagnostic-code", "")
        diagnostic = diagnostic.partition(";")[2].strip() or diagnostic
        found = _STATUS.search(block.get("status", "")) or _STATUS.search(diagnostic)
        status = found[1] if found else None
        # A relay's own 5.0.0 says less than what the last server answered.
        precise = _STATUS.search(diagnostic)
        if precise and (status is None or status.endswith(".0.0")):
            status = precise[1]
        return judge_failure(status, diagnostic or f"failed with status {status}", source="dsn")
    return None


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    payload = part.get_payload()
    text = _text(part)
    for block in payload if isinstance(payload, list) else ():
        if isinstance(block, Message):
            yield {name.lower(): _header(block, name) for name in block}
            # A type that the parser does not know is to it one mail, whose body has the rest.
            text += str(block.get_payload())
    for paragraph in re.split(r"\r?\n\s*\r?\n", text):
        yield _fields_of(paragraph)


def _fields(part: Message) -> dict[str, str]:
    merged: dict[str, str] = {}
    for block in _blocks(part):
        merged = block | merged
    return merged


def _fields_of(text: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", text)
    pairs = (line.partition(":") for line in unfolded.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _unstructured(message: Message) -> BounceReport | None:
    if message.get_content_maintype() == "message":
        return None  # somebody forwards what came to them
    try:
        _, permanent = all_failures(message)
    except (LookupError, ValueError, TypeError, AttributeError):
        # Its detectors expect mail that can be decoded; what cannot be is no report.
        return None
    if not permanent and not message["X-Failed-Recipients"]:
        return None
    text = next((found for each in _parts(message) if (found := _text(each))), "")
    line = _REPLY_LINE.search(text)
    diagnostic = bounded_line(line[0] if line else "the mail came back, in no standard form")
    status = _STATUS.search(diagnostic)
    return judge_failure(status[1] if status else None, f"{diagnostic}", source="unstructured")


def _header(message: Message, name: str) -> str:
    return bounded_line(str(message.get(name, "")))


def _text(part: Message) -> str:
    """Return what a part says; empty where it has parts itself or is no text."""
    if part.is_multipart() or part.get_content_maintype() not in ("text", "message"):
        return ""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return payload.decode("utf-8", "replace")

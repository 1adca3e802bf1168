"""Room mail: what an SMTP server's answer means, and what follows from it. Pure functions.

Sources: RFC 5321 §4.2 (reply codes), RFC 3463 and RFC 2034 (enhanced status codes).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recommender.domain import Delivery, DeliveryState
from recommender.wording import one_line

LONGEST_TEXT = 1000
JITTER = 1.25
GIVE_UP_AFTER = timedelta(days=3)
NOT_SENT_AGAIN = (
    "in doubt: it may have arrived, and is not sent again because delivery.resend_in_doubt is off"
)

_ENHANCED_STATUS_CODE = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)\s*")


class Step(StrEnum):
    """Where in the SMTP dialogue an answer was given, or was missing."""

    BUILD = "build"
    """Before any server was asked: the message could not be built or must not be sent."""
    CONNECT = "connect"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    END_OF_DATA = "end of data"
    """After the final dot: from here on the server may have accepted the message."""


class Outcome(StrEnum):
    """What an answer means for the message."""

    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    SERVER = "server"
    """It says nothing of the message: the server itself is in trouble or refuses us."""
    IN_DOUBT = "in doubt"
    """The message was handed over whole and no answer came: it may have arrived."""


class Grounds(StrEnum):
    """Why a server did not take a message, as far as it changes what else is done."""

    GREYLISTING = "greylisting"
    """It does not know us yet and waits for another try: expected, and nobody's fault."""
    RATE = "rate"
    """It, or the server behind it, is sent too much in a short time."""
    CONTENT = "content"
    """It does not like what the message says, and will say so of the next one as well."""
    OTHER = "other"


# 452 as such: insufficient storage, too many recipients. Of Gmail's, x.7.28: unusual rate.
_INSUFFICIENT_STORAGE = 452
_RATE_STATUS_CODES = frozenset({"4.7.0", "4.7.27", "4.7.28", "4.5.3"})
_RATE_WORDS = re.compile(
    r"\brates?\b|rate.?limit|too (?:many|much|fast|quickly|frequent)|throttl|slow(?:ing)? down"
    r"|exceed|unusual|flood|deferred due to (?:user complaints|volume)",
    re.IGNORECASE,
)
_GREYLISTING_CODES = frozenset({450, 451})
_GREYLISTING_WORDS = re.compile(r"gr[ae]y[- ]?list|postgrey", re.IGNORECASE)
# Of the recipient, whatever the code and the step: 1 address, 2 mailbox, 4 network and routing.
_STATUS_SUBJECTS_OF_RECIPIENTS = frozenset({"1", "2", "4"})
_CONTENT_CODES = frozenset({552, 554})
_CONTENT_WORDS = re.compile(
    r"spam|\bcontent\b|\bvirus|malware|phish|\bmalicious|\bjunk\b|\bbulk\b|unsolicited|suspicious"
    r"|message (?:was )?(?:blocked|rejected|refused)|\burls?\b|block ?list|blacklist"
    r"|too (?:large|big)",
    re.IGNORECASE,
)
_CLOSING_CHANNEL = 421
_MESSAGE_TOO_LARGE = 552
_POSITIVE, _TRANSIENT, _PERMANENT = 2, 4, 5  # first digits of reply codes
_REFUSALS = {_TRANSIENT: Outcome.DEFERRED, _PERMANENT: Outcome.FAILED}


@dataclass(frozen=True, slots=True)
class Reply:
    """One final answer about one message.

    Attributes
    ----------
    code : int or None
        Three digits; None where the connection was lost or the time ran out without an answer.
    enhanced_status_code : str or None
        ``5.1.1``: class, subject, detail.
    text : str
        The rest in one line, safe to store and to print.
    step : Step
        What was answered.
    """

    code: int | None
    enhanced_status_code: str | None
    text: str
    step: Step

    @property
    def words(self) -> str:
        """The whole answer in one line: ``550 5.1.1 no such user``."""
        parts = (str(self.code or ""), self.enhanced_status_code or "", self.text)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a deferred message is tried again.

    Attributes
    ----------
    first_seconds, longest_seconds : float
        Least delay after the first attempt, and the greatest of all, > 0.
    give_up_after : timedelta
        Time since it was first deferred after which a deferral is a failure.
    resend_in_doubt : bool
        Whether a message that may have arrived is sent again, under the same Message-ID.
    """

    first_seconds: float = 300
    longest_seconds: float = 14400
    give_up_after: timedelta = GIVE_UP_AFTER
    resend_in_doubt: bool = True


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of a message after an attempt.

    Attributes
    ----------
    next_attempt_at : datetime or None
        Set exactly where ``state`` is `deferred`.
    words : str
        What the operator reads: the server's words, and a note where we decided more than it did.
    """

    state: DeliveryState
    next_attempt_at: datetime | None
    words: str


def bounded_line(text: str) -> str:
    """Return foreign text as one line, shortened to `LONGEST_TEXT`: for logs and the database."""
    line = one_line(text)
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def parse_reply(code: int, text: str, step: Step) -> Reply:
    r"""Take a server's answer apart.

    Parameters
    ----------
    code : int
        As received, whatever it is.
    text : str
        Without the code; lines of a multi-line reply are separated by ``\n``. RFC 2034 has the
        enhanced status code repeated on each line; it is kept once. One whose class contradicts
        the code is left in the text, for nothing can be concluded from it.
    step : Step
        What was answered.

    Returns
    -------
    Reply
    """
    lines = text.splitlines() or [""]
    match = _ENHANCED_STATUS_CODE.match(lines[0])
    if match is None or match[1][0] != str(code)[:1]:
        return Reply(code, None, bounded_line(text), step)
    enhanced = match[1]
    bare = (line.removeprefix(enhanced).strip() for line in lines)
    return Reply(code, enhanced, bounded_line(" ".join(line for line in bare if line)), step)


def classify(reply: Reply) -> Outcome:
    """Return what an answer means for the message.

    A refused MAIL FROM is the server refusing *us* (no relaying, login needed, sender not allowed):
    it would refuse every recipient alike, so no recipient is failed for it. Only a message that is
    too large (552, RFC 1870) is refused for itself there.
    """
    if reply.code is None and reply.step is Step.BUILD:
        return Outcome.DEFERRED
    code_class = (reply.code or 0) // 100
    refuses_us = reply.step is Step.CONNECT or (
        reply.step is Step.MAIL and code_class == _PERMANENT and reply.code != _MESSAGE_TOO_LARGE
    )
    if reply.code == _CLOSING_CHANNEL or refuses_us:
        return Outcome.SERVER
    if code_class in _REFUSALS:
        return _REFUSALS[code_class]
    if reply.step is Step.END_OF_DATA:
        return Outcome.SENT if code_class == _POSITIVE else Outcome.IN_DOUBT
    return Outcome.SERVER


def grounds(reply: Reply) -> Grounds:
    """Return why a server did not take a message.

    Only answers about a message have grounds of their own (`classify` says deferred or failed).
    A full mailbox is neither rate nor content, though it is answered with 452 or 552.

    Sources: RFC 3463 §3 (subjects of status codes), RFC 6647 (greylisting), and the words of
    large providers' answers.
    """
    if reply.step is Step.BUILD or reply.code is None:
        return Grounds.OTHER
    status = reply.enhanced_status_code or ""
    subject = status.split(".")[1] if status else ""
    outcome = classify(reply)
    if outcome is Outcome.DEFERRED:
        return _grounds_of_deferral(reply, status, subject)
    if outcome is Outcome.FAILED and subject not in _STATUS_SUBJECTS_OF_RECIPIENTS:
        after_content = reply.step is Step.END_OF_DATA
        says_so = _CONTENT_WORDS.search(reply.text) is not None
        by_code = reply.code in _CONTENT_CODES and (after_content or subject == "6")
        by_status = subject == "6" or (subject == "7" and says_so)
        too_large = reply.code == _MESSAGE_TOO_LARGE and reply.step is Step.MAIL
        if by_code or too_large or (after_content and (by_status or says_so)):
            return Grounds.CONTENT
    return Grounds.OTHER


def _grounds_of_deferral(reply: Reply, status: str, subject: str) -> Grounds:
    if _GREYLISTING_WORDS.search(reply.text):
        return Grounds.GREYLISTING
    if subject in _STATUS_SUBJECTS_OF_RECIPIENTS:
        return Grounds.OTHER
    if _RATE_WORDS.search(reply.text):
        return Grounds.RATE
    if reply.code in _GREYLISTING_CODES and status == "4.7.1":
        return Grounds.GREYLISTING
    if reply.code == _INSUFFICIENT_STORAGE or status in _RATE_STATUS_CODES:
        return Grounds.RATE
    return Grounds.OTHER


def retry_delay(
    attempts: int,
    *,
    first_seconds: float = 300,
    longest_seconds: float = 14400,
    rng: random.Random,
) -> timedelta:
    """Time until the next attempt: doubling with each one, with up to a quarter of jitter on top.

    ``min(first * 2 ** (attempts - 1), longest / 1.25) * uniform(1, 1.25)``. The jitter only
    lengthens the first delay: greylisting commonly asks for five minutes, and one second less
    would cost another round.

    Parameters
    ----------
    attempts : int
        Attempts made so far, >= 1.
    first_seconds, longest_seconds : float
        > 0. No delay exceeds ``longest_seconds``.
    rng : random.Random
        Source of the jitter, which keeps a thousand deferred messages from returning at once.

    Raises
    ------
    ValueError
        If ``attempts`` is less than 1.
    """
    if attempts < 1:
        raise ValueError(f"attempts is {attempts}: there is no delay before a first attempt")
    # 2 ** 40 times any delay is past every cap; larger powers would only overflow.
    grown = first_seconds * 2 ** min(attempts - 1, 40)
    return timedelta(seconds=min(grown, longest_seconds / JITTER) * rng.uniform(1, JITTER))


def server_pause(
    troubles: int,
    *,
    first_seconds: float = 30,
    longest_seconds: float = 1800,
    rng: random.Random,
) -> timedelta:
    """Time to leave a server alone after it was in trouble ``troubles`` times in a row, >= 1.

    Grows like `retry_delay`, from half a minute to half an hour.
    """
    return retry_delay(
        troubles, first_seconds=first_seconds, longest_seconds=longest_seconds, rng=rng
    )


def dispose(
    delivery: Delivery, reply: Reply, *, now: datetime, policy: RetryPolicy, rng: random.Random
) -> Disposition:
    """Decide what becomes of a message that a server answered, or left without an answer.

    A refused MAIL FROM gets here only where the server takes other messages of ours: then it was
    this message that it refused.

    Parameters
    ----------
    delivery : Delivery
        As it was claimed: ``attempts`` does not count this one.
    reply : Reply
    now : datetime
    policy : RetryPolicy
    rng : random.Random

    Returns
    -------
    Disposition
        `deferred` for everything that is neither a plain yes nor a plain no, until the policy
        gives up on it.
    """
    outcome = classify(reply)
    if outcome is Outcome.SENT:
        return Disposition(DeliveryState.SENT, None, reply.words)
    if outcome is Outcome.IN_DOUBT and not policy.resend_in_doubt:
        return Disposition(DeliveryState.FAILED, None, f"{NOT_SENT_AGAIN}; {reply.words}")
    refused_at_mail = reply.step is Step.MAIL and (reply.code or 0) // 100 == _PERMANENT
    if outcome is Outcome.FAILED or refused_at_mail:
        return Disposition(DeliveryState.FAILED, None, reply.words)
    # Not since it was queued: where our own server was away for days, the first "later" of a
    # recipient's would burn the whole list.
    if now - (delivery.deferred_since or now) >= policy.give_up_after:
        days = policy.give_up_after / timedelta(days=1)
        note = f"gave up after {days:g} days; the last answer was: {reply.words}"
        return Disposition(DeliveryState.FAILED, None, note)
    delay = retry_delay(
        delivery.attempts + 1,
        first_seconds=policy.first_seconds,
        longest_seconds=policy.longest_seconds,
        rng=rng,
    )
    return Disposition(DeliveryState.DEFERRED, now + delay, reply.words)

"""Mail: what a failure is about, by the words of servers and their status codes. Pure.

Sources: RFC 3463 and the IANA registry of enhanced status codes. Words (`failure_words`) go before
codes where they are plain, because servers use 5.7.1 and 5.0.0 for unknown users, and 5.1.1 for
full mailboxes and for senders that they do not like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from recommender.mail.inbox import failure_words as words_of

LONGEST_WORDS: Final = 4_000
"""Characters of an answer that are judged: with it, each pattern's time is bounded."""

STATUS_CODE: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")


class Cause(StrEnum):
    """What a failure is about."""

    ADDRESS = "address"
    """Nobody is there, or nobody takes mail there."""
    MAILBOX_FULL = "mailbox full"
    TEMPORARY = "temporary"
    """It was tried for days, the host or network was in trouble, or nobody says what it was."""
    REFUSED = "refused"
    """Who sends, or what: it says nothing of the address."""
    COMPLAINT = "complaint"


_ADDRESSES = re.compile(r"<?[^\s<>@:;,()\"']{1,64}@[^\s<>@:;,()\"']{1,255}>?")
_URLS = re.compile(r"\b(?:https?:|www\.)[^\s<>\"]{1,500}")

# RFC 3463, section 3: the second digit says what a code is about.
_ADDRESSING, _MAILBOX, _SYSTEM, _NETWORK, _PROTOCOL, _CONTENT, _POLICY = range(1, 8)
_CODES: Final = {
    # Of addressing, what is about the sender's; 10 is a null MX: no mail is taken there.
    (_ADDRESSING, 7): Cause.REFUSED,
    (_ADDRESSING, 8): Cause.REFUSED,
    (_ADDRESSING, 9): Cause.REFUSED,
    (_MAILBOX, 1): Cause.ADDRESS,
    (_MAILBOX, 2): Cause.MAILBOX_FULL,
    (_MAILBOX, 3): Cause.REFUSED,
    (_MAILBOX, 4): Cause.REFUSED,
    (_SYSTEM, 3): Cause.REFUSED,
    (_SYSTEM, 4): Cause.REFUSED,
    (_SYSTEM, 6): Cause.REFUSED,
    # Exchange Online: the domain of the address does not exist.
    (_NETWORK, 310): Cause.ADDRESS,
    # RFC 7293: mailbox or domain belong to somebody else since.
    (_POLICY, 17): Cause.ADDRESS,
    (_POLICY, 18): Cause.ADDRESS,
}
_CODES_OF_SENDERS: Final = (".1.7", ".1.8")
_SUBJECTS: Final = {
    _ADDRESSING: Cause.ADDRESS,
    _SYSTEM: Cause.TEMPORARY,
    _NETWORK: Cause.TEMPORARY,
    _PROTOCOL: Cause.REFUSED,
    _CONTENT: Cause.REFUSED,
    _POLICY: Cause.REFUSED,
}


def normalised(words: str) -> str:
    """Return what a server said as the patterns want it: lower case, no URLs, <> for addresses."""
    bounded = words[:LONGEST_WORDS].lower().replace("_", " ")
    return " ".join(_URLS.sub(" ", _ADDRESSES.sub(" <> ", bounded)).split())


def cause_by_words(
    words: str,
    *,
    before_recipient: bool = False,
    after_data: bool = False,
    is_transient: bool = False,
) -> Cause | None:
    """Return what plain words say; None where they say nothing.

    Parameters
    ----------
    before_recipient : bool
        It answered the connection, the greeting or the sender: no recipient was named by then, so
        an unknown address or domain is the sender's.
    after_data : bool
        It answered the message, and no code says what about: the server had taken the recipient by
        then, so that "unknown user" may as well be how it speaks of what it does not like.
    is_transient : bool
        The status is none that is for good: then a host that is not found may be back.
    """
    words = normalised(words)
    is_other_limit = words_of.OTHER_LIMIT.search(words) is not None
    if words_of.FULL.search(words) and not is_other_limit:
        return Cause.MAILBOX_FULL
    is_trouble = words_of.TROUBLE.search(words) is not None
    if before_recipient:
        return Cause.TEMPORARY if is_trouble else Cause.REFUSED
    has_no_host = words_of.NO_HOST.search(words) is not None
    is_unsure = is_transient or words_of.UNSURE_HOST.search(words) is not None
    is_of_sender = "sender" in words
    unknown = Cause.TEMPORARY if after_data else Cause.ADDRESS
    judged = (
        (Cause.ADDRESS, words_of.SURELY_GONE.search(words) and not is_of_sender),
        (unknown, words_of.UNKNOWN_USER.search(words) and not is_of_sender),
        (Cause.REFUSED, is_other_limit or words_of.ABOUT_SENDER.search(words)),
        (Cause.ADDRESS, words_of.GONE.search(words) or (has_no_host and not is_unsure)),
        (Cause.REFUSED, words_of.REFUSAL.search(words)),
        (Cause.TEMPORARY, has_no_host or is_trouble),
    )
    return next((cause for cause, holds in judged if holds), None)


def cause_by_code(status: str | None) -> Cause | None:
    """Return what an enhanced status code says; None for the vague ones, as 5.0.0."""
    if status is None:
        return None
    class_, subject, detail = (int(part) for part in status.split("."))
    if (subject, detail) == (_MAILBOX, 2):
        return Cause.MAILBOX_FULL
    if subject == 0 or (subject == _MAILBOX and detail == 0):
        return None
    if class_ == 4:  # noqa: PLR2004 - the class of what is not for good
        return Cause.TEMPORARY
    return _CODES.get((subject, detail), _SUBJECTS.get(subject))


def cause_of(
    answers: Iterable[str],
    status: str | None,
    *,
    notices: Iterable[str] = (),
    before_recipient: bool = False,
    after_data: bool = False,
) -> Cause:
    """Return what a failure is about, by the most specific evidence.

    Plain words of servers, then codes, then the words for people, then words that only say that it
    was not taken. Where nobody says anything, it is no proof against the address, and not nothing
    either: it counts as trouble.

    Parameters
    ----------
    answers : iterable of str
        What servers said, the most specific first.
    status : str or None
        The enhanced status code that belongs to the first.
    notices : iterable of str
        What people are told beside, the most specific first.
    before_recipient, after_data : bool
        See `cause_by_words`.
    """
    answers = list(answers)
    is_transient = status is not None and status.startswith("4")
    is_of_sender = before_recipient or (status or "").endswith(_CODES_OF_SENDERS)

    def by_words(words: str) -> Cause | None:
        return cause_by_words(
            words,
            before_recipient=is_of_sender,
            after_data=after_data and cause_by_code(status) is None,
            is_transient=is_transient,
        )

    found = [cause for cause in map(by_words, answers) if cause is not None]
    if Cause.MAILBOX_FULL in found:
        return Cause.MAILBOX_FULL
    if found:
        return found[0]
    by_code = cause_by_code(status)
    if by_code is not None:
        return by_code
    told = next((cause for cause in map(by_words, notices) if cause is not None), None)
    if told is not None:
        return told
    is_refusal = any(words_of.NOT_TAKEN.search(normalised(each)) for each in answers)
    return Cause.REFUSED if is_refusal else Cause.TEMPORARY

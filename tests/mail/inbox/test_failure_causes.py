"""What a server says decides what a failure is about: plain words, then codes, then hints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.bounce_reports import judge_failure
from recommender.mail.inbox.failure_causes import (
    STATUS_CODE,
    Cause,
    cause_by_code,
    cause_of,
    normalised,
)

ANSWERS = {
    Cause.ADDRESS: (
        "550 5.1.1 no such user",
        "550 5.7.1 user unknown",
        "550 5.0.0 unknown recipient",
        "550 5.1.1 <ann@spamfilter.example>: the user does not exist, see https://example/blocked",
        "550 5.1.1 Recipient address rejected: User unknown in relay recipient table",
        "450 4.1.1 Recipient address rejected: unverified address: user unknown",
        "550 5.4.1 Recipient address rejected: Access denied. AS(1)",
        "550 5.1.10 ADR.RecipientNotFound",
        "550 5.2.1 the mailbox is disabled",
        "554 5.7.1 this account has been suspended",
        "550 account is inactive",
        "551 5.1.6 user has moved",
        "550 she no longer works here",
        "550 this mailbox is no longer in use",
        "550 5.2.1 account is blocked",
        "550 <ann@example.com> does not exist",
        "550 BAD_RECIPIENT",
        "550 5.5.0 mailbox unavailable",
        "Host or domain name not found (name=example.com type=MX): Host not found",
        "550 5.4.4 unrouteable address",
        "554 5.4.4 no such domain",
        "550 5.1.10 the domain does not accept mail (nullMX)",
        "550 Empfänger unbekannt",
        "550 compte inexistant",
    ),
    Cause.MAILBOX_FULL: (
        "552 5.2.2 mailbox full",
        "550 5.1.1 mailbox is full",
        "550 5.7.1 quota exceeded for this user",
        "552 the message would exceed quota",
        "452 4.2.2 inbox is out of storage space",
        "550 the recipient is over quota",
        "552 exceeded storage allocation",
        "550 5.2.2",
    ),
    Cause.REFUSED: (
        "550 blocked",
        "550 5.1.1 blocked",
        "550 5.1.1 <ann@example.com>: blocked",
        "550 5.1.1 Recipient address rejected: blocked",
        "550 5.1.1 access denied",
        "550 5.1.1 this recipient has blocked you",
        "550 mailbox unavailable for policy reasons",
        "550 unknown host [192.0.2.1]",
        "550 5.0.0 blacklisted",
        "550 5.1.1 rejected as spam",
        "550 5.1.7 no such domain",
        "550 5.1.8 sender's domain unknown",
        "550 5.1.1 Sender address rejected: user unknown",
        "550 5.1.0 sender does not exist",
        "554 5.7.1 relay access denied",
        "553 that domain is not in my list of allowed rcpthosts",
        "550 5.0.0 no PTR record for your address",
        "550 SPF check failed",
        "550 unauthenticated mail, DMARC",
        "550 5.1.1 your IP has a poor reputation",
        "421 too many connections",
        "550 you have exceeded your daily quota",
        "552 message too large",
        "552 message size exceeds the limit",
        "550 5.0.0 must use TLS",
        "554 a virus was found",
        "550 a policy rule refused it",
        "501 syntax error in parameters",
        "550 5.7.0",
        "550 5.6.0",
        "550 Rejected",
    ),
    Cause.TEMPORARY: (
        "451 4.4.1 connection timed out",
        "550 5.4.300 message expired",
        "554 5.3.5 local configuration error",
        "550 5.4.6 routing loop",
        "retry timeout exceeded",
        "Host not found, try again",
        "450 4.4.3 host not found",
        "550 5.1.1 giving up after 5 days",
        "450 4.2.0 not now",
        "550",
        "",
    ),
}


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("550 5.2.1 The mailbox was blocked for inactivity", Cause.ADDRESS),
        ("550 account locked due to inactivity", Cause.ADDRESS),
        ("收件人邮箱空间已满", Cause.MAILBOX_FULL),
    ],
)
def test_block_for_inactivity_is_of_the_address_and_a_full_box_is_full(
    words: str, cause: Cause
) -> None:
    assert cause is judge_failure(None, words, source="smtp").cause


@pytest.mark.parametrize(
    ("words", "cause"), [(words, cause) for cause in ANSWERS for words in ANSWERS[cause]]
)
def test_answer_is_judged(words: str, cause: Cause) -> None:
    assert cause is judge_failure(None, words, source="smtp").cause


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (None, None),
        ("5.0.0", None),
        ("5.2.0", None),
        ("5.1.0", Cause.ADDRESS),
        ("5.1.1", Cause.ADDRESS),
        ("5.1.7", Cause.REFUSED),
        ("5.1.8", Cause.REFUSED),
        ("5.1.10", Cause.ADDRESS),
        ("5.2.1", Cause.ADDRESS),
        ("4.2.1", Cause.TEMPORARY),
        ("4.2.2", Cause.MAILBOX_FULL),
        ("5.2.3", Cause.REFUSED),
        ("5.3.0", Cause.TEMPORARY),
        ("5.3.4", Cause.REFUSED),
        ("5.4.1", Cause.TEMPORARY),
        ("5.4.310", Cause.ADDRESS),
        ("5.5.2", Cause.REFUSED),
        ("5.6.7", Cause.REFUSED),
        ("5.7.1", Cause.REFUSED),
        ("5.7.17", Cause.ADDRESS),
        ("5.7.515", Cause.REFUSED),
        ("5.9.9", None),
    ],
)
def test_code_is_judged_by_subject_and_detail(status: str | None, cause: Cause | None) -> None:
    assert cause is cause_by_code(status)


def test_full_mailbox_goes_before_all_that_is_said_beside() -> None:
    answers = ["550 5.1.1 no such user", "552 mailbox full"]

    assert cause_of(answers, "5.1.1") is Cause.MAILBOX_FULL


def test_words_for_people_come_after_codes() -> None:
    assert cause_of([], "5.7.1", notices=["the user does not exist"]) is Cause.REFUSED
    assert cause_of([], "5.0.0", notices=["the user does not exist"]) is Cause.ADDRESS


def test_who_was_not_asked_about_a_recipient_knows_of_none() -> None:
    assert cause_of(["550 no such user"], "5.1.1", before_recipient=True) is Cause.REFUSED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("550 5.1.1 no", "5.1.1"),
        ("(#5.1.1)", "5.1.1"),
        ("it says 5.1.1.", "5.1.1"),
        ("host 5.1.1.1 says", None),
        ("version 15.1.1", None),
        ("5.1.9999", None),
    ],
)
def test_enhanced_code_is_told_from_addresses_and_versions(text: str, code: str | None) -> None:
    found = STATUS_CODE.search(text)

    assert code == (found and found[1])


@given(st.text(max_size=500), st.none() | st.from_regex(STATUS_CODE, fullmatch=True))
def test_every_answer_has_a_cause(words: str, status: str | None) -> None:
    assert isinstance(cause_of([words], status, notices=[words]), Cause)
    assert "@" not in normalised(f"a@example.com {words.replace('@', '')}")


def test_unknown_user_that_answers_the_message_itself_is_no_proof() -> None:
    """The server had taken the recipient by then: some say so of mail that they do not like."""
    words = ["550 Unknown user <ann@example.net>"]
    assert cause_of(words, "5.0.0", after_data=True) is Cause.TEMPORARY
    assert cause_of(words, "5.1.1", after_data=True) is Cause.ADDRESS
    assert cause_of(["554 this account has been disabled"], None, after_data=True) is Cause.ADDRESS

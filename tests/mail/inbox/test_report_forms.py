"""Reports are taken apart within limits, in time that grows with their size, whatever they are."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.bounce_reports import read_report
from recommender.mail.inbox.report_forms import (
    LONGEST_NOTICE,
    LONGEST_REPORT,
    MOST_BLOCKS,
    MOST_PARTS,
    read_form,
)

DAEMON = b"From: MAILER-DAEMON@example.net\r\nSubject: Undelivered\r\n"
STATUS = (
    DAEMON + b"Content-Type: multipart/report; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: message/delivery-status\r\n\r\n"
)
PARTS = DAEMON + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
TEXT = DAEMON + b"\r\n"
NESTED = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n'

# Each stands for a kind that some parser takes more than linear time for.
BAD = {
    "blocks of a status": (STATUS, b"Action: failed\r\nStatus: 5.1.1\r\n\r\n"),
    "blank lines in a status": (STATUS, b"\r\n \r\n"),
    "one diagnostic": (STATUS + b"Action: failed\r\nDiagnostic-Code: smtp; ", b"exceed "),
    "words that may be of a quota": (TEXT, b"exceed\r\n"),
    "lines that may be of addresses": (TEXT, b",a,a,a\r\n"),
    "words that may be of users": (TEXT + b"550 ", b"user "),
    "at signs": (TEXT + b"550 ", b"a@"),
    "reply codes": (TEXT, b"550 a\r\n"),
    "parts": (PARTS, b"--B\r\n\r\n"),
    "parts deep inside": (b"".join(NESTED % (n, n) for n in range(400)), b"a\r\n"),
    "messages inside": (DAEMON, b"Content-Type: message/rfc822\r\n\r\n"),
    "tags that do not end": (DAEMON + b"Content-Type: text/html\r\n\r\n", b"<a "),
    "styles that do not end": (DAEMON + b"Content-Type: text/html\r\n\r\n", b"<style>"),
    "parameters of a type": (DAEMON + b"Content-Type: text/plain", b";"),
    "quotes in a type": (DAEMON + b'Content-Type: text/plain; a="', b'";'),
    "encoded words": (b"Subject: ", b"=?utf-8?q?a?=\r\n "),
    "an encoding that is no charset": (
        DAEMON + b"Content-Type: text/plain; charset=punycode\r\n\r\n\xff",
        b"ab-c",
    ),
    "headers": (DAEMON, b"a: b\r\n"),
}


def cpu_seconds(content: bytes) -> float:
    def once() -> float:
        start = time.process_time()
        read_report(content, is_to_signed_address=True)
        return time.process_time() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize("name", BAD)
def test_time_grows_with_the_size_at_most(name: str) -> None:
    head, unit = BAD[name]

    def of_size(size: int) -> bytes:
        return head + unit * ((size - len(head)) // len(unit))

    whole = cpu_seconds(of_size(LONGEST_REPORT))
    # Below some milliseconds, the machine is measured and not the program.
    assert whole <= max(2.5 * cpu_seconds(of_size(LONGEST_REPORT // 2)), 0.02)
    assert whole < 5


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: =?utf-8?b?a?=\r\n\r\ntext",
        b"From: " + b"(" * 5000 + b"\r\n\r\n550 5.1.1 no such user",
        b'Content-Type: text/plain; charset="a\0b"\r\n\r\n550 5.1.1 no such user',
        b"Content-Type: text/plain; charset=idna\r\n\r\n\xff 550 no such user",
        b"Content-Type: text/plain; name*0*=x''%ff\r\n\r\n\xff",
        b"Content-Type: text/html\r\n\r\n<![x]>",
        b"".join(NESTED % (n, n) for n in range(5000)),
        STATUS + b"Action: failed\r\nStatus: 5." + b"9" * 5000 + b".1\r\n",
        STATUS + b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: \xed\xa0\x80\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n=" + b"a" * 1001,
        b"Content-Type: message/delivery-status\r\n\r\n" + b"\r\n" * 5000,
    ],
)
def test_broken_mail_is_read_as_far_as_it_can_be(content: bytes) -> None:
    for is_signed in (True, False):
        report = read_report(content, is_to_signed_address=is_signed)
        assert report is None or report.diagnostic.isprintable()


def mutated(draw: Callable[..., object]) -> bytes:
    pieces = [STATUS, PARTS, TEXT, b"Action: failed\r\n", b"Status: 5.1.1\r\n", b"--B\r\n", b"\r\n"]
    chosen = draw(st.lists(st.sampled_from(pieces) | st.binary(max_size=60), max_size=12))
    assert isinstance(chosen, list)
    return b"".join(chosen)


@given(st.composite(mutated)())
def test_form_is_within_its_limits_whatever_the_bytes(content: bytes) -> None:
    form = read_form(content)

    assert 1 <= len(form.types) <= MOST_PARTS
    assert len(form.status_blocks) <= MOST_BLOCKS
    assert len(form.notice) <= LONGEST_NOTICE


def test_notice_ends_where_the_message_that_came_back_begins() -> None:
    for mark in (
        "------ This is a copy of the message, including all the headers. ------",
        "--- Below this line is a copy of the message.",
        "Original message follows.",
        "Received: from a by b",
    ):
        content = TEXT + f"Nobody is there.\n\n{mark}\n\n550 spam\n".encode()

        assert read_form(content).notice == "Nobody is there."


def test_charset_of_a_notice_is_honoured() -> None:
    head = b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"

    assert read_form(head + "宛先不明".encode("iso-2022-jp")).notice == "宛先不明"

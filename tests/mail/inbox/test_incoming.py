"""What a person wrote is found, whatever surrounds it, and no bytes make it fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.automatic import reason_to_ignore
from recommender.mail.inbox.incoming import IncomingMail, read_incoming
from recommender.mail.inbox.quotes import LONGEST_TEXT, without_quotes
from recommender.mime import parse_mail

LIST = "papers@example.org"


def read_mail(content: bytes) -> IncomingMail:
    return read_incoming(parse_mail(content))


def ignored(headers: str = "", *, envelope_sender: str = "ann@example.net") -> str | None:
    message = parse_mail(f"From: Ann <ann@example.net>\n{headers}\nhelp\n".encode())
    return reason_to_ignore(
        message,
        sender="ann@example.net",
        envelope_sender=envelope_sender,
        list_address=LIST,
    )


def test_headers_are_decoded_and_injections_are_one_line() -> None:
    mail = read_mail(
        b"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.net>\r\n"
        b"Subject: =?utf-8?b?aGVscA0KQmNjOiB4QGV4YW1wbGUub3Jn?=\r\n"
        b"Message-ID: <a@example.net>\r\n\r\nhi\r\n"
    )

    assert (mail.sender, mail.message_id) == ("joerg@example.net", "<a@example.net>")
    assert mail.subject == "help Bcc: x@example.org"
    assert mail.text == "hi"


@pytest.mark.parametrize(
    "raw",
    ["", "From:\n", "From: a@example.net, b@example.net\n", "From: a@x.org\nFrom: b@x.org\n"],
)
def test_sender_that_is_not_one_address_is_none(raw: str) -> None:
    assert read_mail(f"{raw}\nx".encode()).sender == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello\n> quoted\nthere", "hello\nthere"),
        ("hello\n\nOn Monday, Ann wrote:\nquoted", "hello"),
        ("hello\nDen 11 mars 2026 skrev Ann:\nquoted", "hello"),
        ("On Monday I wrote\nto you", "On Monday I wrote\nto you"),
        ("hello\n--\nAnn", "hello"),
        ("From: here\nto there", "From: here\nto there"),
        ("hello\nFrom: Ann\nSent: Monday\nquoted", "hello"),
        ("Get Outlook for Android\nx", ""),
        ("> only a quote", ""),
    ],
)
def test_quotes_and_signatures_are_left_out(text: str, expected: str) -> None:
    assert expected == without_quotes(text)


@given(st.binary(max_size=500))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    for head in (
        b"",
        b"Content-Type: text/html\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n",
    ):
        mail = read_mail(head + content)
        assert "\n" not in mail.subject
        assert "@" in mail.sender or not mail.sender or mail.sender


@given(st.text(max_size=2000))
def test_no_text_makes_it_fail(text: str) -> None:
    assert len(without_quotes(text)) <= len(text)


@pytest.mark.parametrize(
    "body",
    [
        b"On " + b"a" * 900_000,
        b"On \n" * 200_000,
        b"<div>" * 150_000,
        b"> " * 400_000,
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + b"--B\r\n\r\n" * 100_000,
    ],
    ids=["a long line", "many lines", "many tags", "quotes", "many parts"],
)
def test_hostile_mail_is_read_as_far_as_it_matters(body: bytes) -> None:
    for content in (b"Content-Type: text/html\r\n\r\n" + body, body):
        assert len(read_mail(content).text) <= LONGEST_TEXT


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-generated\n",
        "Auto-Submitted: auto-replied; owner-email=x\n",
        "Precedence: BULK\n",
        "Precedence: list\n",
        "List-Id: <x>\n",
        "List-Unsubscribe: <mailto:x@example.net>\n",
        "X-Autoreply: yes\n",
        "X-Loop: x\n",
        "X-Auto-Response-Suppress: OOF\n",
        "Subject: Automatic reply: papers\n",
        "Content-Type: multipart/report; boundary=B\n",
    ],
)
def test_programs_are_not_answered(headers: str) -> None:
    assert ignored(headers)


@pytest.mark.parametrize("headers", ["", "Auto-Submitted: no\n", "Precedence: first-class\n"])
def test_people_are_answered(headers: str) -> None:
    assert ignored(headers) is None


@pytest.mark.parametrize(
    "sender", ["", "MAILER-DAEMON@x.org", "papers+bounce-x@example.org", "x-request@x.org"]
)
def test_envelope_of_a_program_is_not_answered(sender: str) -> None:
    assert ignored(envelope_sender=sender)

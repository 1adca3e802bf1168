from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.message import Envelope
from recommender.mail.transport.wire import dot_stuffed, local_refusal, mail_command, path

CONTENT = b"Subject: x\r\n\r\nbody\r\n"
JOSE = Envelope("papers@example.org", "josé@example.org", CONTENT)


def test_leading_dots_are_doubled_and_others_are_not() -> None:
    assert dot_stuffed(b".\r\na.b\r\n..c\r\n") == b"..\r\na.b\r\n...c\r\n"


def test_bare_line_endings_cannot_end_the_message_early() -> None:
    assert dot_stuffed(b"a\n.\nMAIL FROM:<b>\r") == b"a\r\n..\r\nMAIL FROM:<b>\r\n"


@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x", b" "])).map(b"".join))
def test_no_content_holds_an_end_of_data_or_a_bare_line_ending(content: bytes) -> None:
    wire = b"\r\n" + dot_stuffed(content)

    assert b"\r\n.\r\n" not in wire
    assert wire.endswith(b"\r\n")
    assert re.findall(rb"\r(?!\n)|(?<!\r)\n", wire) == []


@given(st.lists(st.sampled_from([b".", b"x", b"..", b""])))
def test_receiver_gets_back_what_was_sent(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in [b"first", *lines])

    undone = re.sub(rb"(?m)^\.", b"", dot_stuffed(content))

    assert content == undone


def test_ascii_message_is_refused_by_no_server() -> None:
    assert local_refusal(Envelope("", "ann@example.org", CONTENT), ()) is None


def test_recipient_beyond_ascii_is_refused_in_words_where_the_server_lacks_smtputf8() -> None:
    refusal = local_refusal(JOSE, {"8bitmime", "size"})

    expected = "553 5.6.7 not sent: the SMTP server takes no addresses beyond ASCII (SMTPUTF8)"
    assert refusal is not None
    assert expected == refusal.words


def test_recipient_beyond_ascii_goes_out_with_smtputf8() -> None:
    extensions = {"8bitmime": "", "smtputf8": ""}

    assert local_refusal(JOSE, extensions) is None
    assert mail_command(JOSE, extensions) == (b"MAIL", b"FROM:<papers@example.org>", b"SMTPUTF8")


def test_eight_bit_content_needs_8bitmime() -> None:
    envelope = Envelope("papers@example.org", "ann@example.org", "é\r\n".encode())

    refusal = local_refusal(envelope, {})

    assert refusal is not None
    assert (refusal.code, refusal.enhanced_status_code) == (554, "5.6.3")
    assert mail_command(envelope, {}) == (b"MAIL", b"FROM:<papers@example.org>", b"BODY=8BITMIME")


def test_size_is_told_to_servers_that_ask_for_it() -> None:
    envelope = Envelope("papers@example.org", "ann@example.org", CONTENT)

    assert mail_command(envelope, {"size": ""})[-1] == b"SIZE=20"


@pytest.mark.parametrize(
    "address", ["a@example.org> NOTIFY=NEVER", "a b@example.org", "a@example.org\r\nDATA", "<a@b>"]
)
def test_address_that_would_add_to_the_command_is_refused(address: str) -> None:
    refusal = local_refusal(Envelope("papers@example.org", address, CONTENT), {})

    assert refusal is not None
    assert refusal.enhanced_status_code == "5.1.3"


def test_empty_sender_is_the_null_path() -> None:
    assert path("") == b"<>"


@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"a"])).map(b"".join))
def test_what_is_right_as_it_is_and_only_that_stays_as_it_is(content: bytes) -> None:
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if not lines[-1] and len(lines) > 1:
        lines.pop()
    stuffed = [b"." + line if line.startswith(b".") else line for line in lines]

    assert b"\r\n".join([*stuffed, b""]) == dot_stuffed(content)

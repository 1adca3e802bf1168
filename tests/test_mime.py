"""A mail is taken apart as the standard library does it, and whatever it says, soon."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import mime
from recommender.mime import (
    addresses_in,
    decoded_field,
    parameter,
    parse_mail,
    parts_of,
    text_of,
)

MIXED = (
    b'Content-Type: multipart/mixed; boundary="a b"\r\n\r\npreamble\r\n--a b\r\n'
    b"Content-Type: text/plain; charset=utf-8\r\n\r\none \xc3\xa9\r\n--a b \r\n"
    b"Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\ntwo\r\n--c--\r\n"
    b"--a b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nthree\r\n"
    b"--a b--\r\nepilogue\r\n"
)


def shape(message: Message) -> Any:
    """Return what a mail consists of, but for reports: the library takes them for mails."""
    kind = message.get_content_type()
    if kind.startswith("message/") and kind != "message/rfc822":
        return kind
    if message.is_multipart():
        return kind, [shape(part) for part in message.get_payload()]  # type: ignore[arg-type]  # they are parts
    fields = [(name.lower(), " ".join(str(value).split())) for name, value in message.items()]
    said = message.get_payload(decode=True)
    return kind, fields, said.split() if isinstance(said, bytes) else None


def test_parts_are_those_that_the_library_finds() -> None:
    assert shape(message_from_bytes(MIXED)) == shape(parse_mail(MIXED))
    assert [text_of(part) for part in parts_of(parse_mail(MIXED))] == ["", "one é", "", "two", ""]
    assert "three" in [text_of(each) for each in parts_of(parse_mail(MIXED), inside_mails=True)]


def test_real_mails_have_the_parts_that_the_library_finds(shared_data: Path) -> None:
    """Up to those of which the library makes no parts, because their header is broken."""
    paths = sorted((shared_data / "bounces" / "mails").iterdir())
    alike = [
        shape(message_from_bytes(content)) == shape(parse_mail(content))
        for content in (path.read_bytes() for path in paths)
    ]
    assert sum(alike) >= 0.97 * len(alike) > 0


def test_boundary_that_stands_in_no_parameter_is_found() -> None:
    content = MIXED.replace(b'; boundary="a b"', b'\r\nboundary="a b"')
    assert [text_of(part) for part in parts_of(parse_mail(content))][1] == "one é"


@given(st.binary(max_size=600))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    for head in (b"", b"Content-Type: multipart/mixed; boundary=B\r\n", MIXED[:60], MIXED[:200]):
        message = parse_mail(head + content)
        for part in parts_of(message, inside_mails=True):
            text_of(part)
            parameter(part, "boundary")
        for name in message:
            decoded_field(message, name)
            addresses_in(message, name)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?a\0b?q?x?=", "=?a\0b?q?x?="),
        ("=?nonsense?q?x?=", "=?nonsense?q?x?="),
        ("=?utf-8?q?J=C3=B6rg?= x", "Jörg x"),
        ("a\n b", "a b"),
    ],
)
def test_fields_are_decoded_as_far_as_they_can_be(field: str, expected: str) -> None:
    assert expected == decoded_field(parse_mail(f"Subject: {field}\n\n".encode()), "Subject")


@pytest.mark.parametrize(
    "charset",
    ["punycode", "idna", "hex", "rot13", "unicode_escape", "a\0b", "", "x" * 5000, "utf-8''x"],
)
def test_charset_that_is_none_is_not_asked(charset: str) -> None:
    content = f'Content-Type: text/plain; charset="{charset}"\n\né'.encode()
    assert text_of(parse_mail(content)) == "é"


@pytest.mark.parametrize(
    "field",
    [
        "(" * 5000,
        "(" * 5000 + ")" * 5000 + " a@example.org",
        "<" * 5000,
        '"' * 5000,
        "a@" * 5000,
        ",;:" * 3000,
        "[" * 5000,
        "\\" * 5000,
    ],
)
def test_addresses_in_nonsense_are_found_or_none(field: str) -> None:
    message = parse_mail(f"To: {field}\nSubject: {field}\n\n".encode())
    assert isinstance(addresses_in(message, "To"), list)
    decoded_field(message, "Subject")


def test_one_broken_field_breaks_no_other() -> None:
    message = parse_mail(b"\xff\xfe: x\n: y\n z\nTo \xff: a\nTo: a@example.org\nnonsense\n\nbody")
    assert addresses_in(message, "To") == ["a@example.org"]
    assert text_of(message) == "body"


def test_what_is_nested_deeply_is_taken_apart_as_far_as_it_is_looked_at() -> None:
    levels = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
        for level in range(5000)
    )
    mails = b"Content-Type: message/rfc822\n\n" * 5000
    parts = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000
    counted = [
        len(list(parts_of(parse_mail(each), inside_mails=True))) for each in (levels, mails, parts)
    ]
    assert counted == [mime.DEEPEST + 1, mime.DEEPEST + 1, mime.MOST_PARTS]


def test_field_that_a_program_did_not_encode_is_readable() -> None:
    message = parse_mail("Subject: 自动回复：\n papers\n\n".encode())
    assert decoded_field(message, "Subject") == "自动回复： papers"
    assert decoded_field(parse_mail(b"subject: \xd0\xff x\n\n"), "Subject").endswith("x")
    assert decoded_field(parse_mail(b"\n"), "Subject") == ""

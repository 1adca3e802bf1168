"""Mail for the list and its tags is taken, everything else refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.receiving import (
    ReceiveStatus,
    find_envelope,
    judge_recipient,
    split_tag,
)

LIST = "papers@example.org"


@pytest.mark.parametrize(
    "recipient",
    [
        "papers@example.org",
        "PAPERS@Example.ORG",
        "papers+subscribe@example.org",
        "papers+bounce-abcdefg234567@example.org",
        "PAPERS+BOUNCE-ABCDEFG234567@EXAMPLE.ORG",
    ],
)
def test_addresses_of_the_list_are_taken(recipient: str) -> None:
    assert ReceiveStatus(250, "2.1.5", "ours") == judge_recipient(recipient, LIST)


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("ann@example.org", "5.1.1"),
        ("papers+@example.org", "5.1.1"),
        ("papers+bounce-1!@example.org", "5.1.1"),
        ("papers-subscribe@example.org", "5.1.1"),
        ("papers@example.com", "5.7.1"),
        ("papers", "5.7.1"),
        ("", "5.7.1"),
    ],
)
def test_other_addresses_are_refused(recipient: str, code: str) -> None:
    status = judge_recipient(recipient, LIST)

    assert (550, code, False) == (status.code, status.enhanced_status_code, status.is_taken)


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        ("papers@example.org", ("", "")),
        ("papers+Help@example.org", ("help", "")),
        ("papers+CONFIRM-ABC234@example.org", ("confirm", "abc234")),
    ],
)
def test_tag_is_taken_apart(recipient: str, expected: tuple[str, str]) -> None:
    assert expected == split_tag(recipient)


@given(st.text())
def test_no_address_makes_it_fail(text: str) -> None:
    assert str(judge_recipient(text, LIST)).isprintable()
    assert len(split_tag(text)) == 2


@pytest.mark.parametrize(
    ("header", "recipient"),
    [
        ("Delivered-To: papers+help@example.org\nTo: x@example.com", "papers+help@example.org"),
        (
            "Delivered-To: papers@example.org\nTo: <papers+stop@example.org>",
            "papers+stop@example.org",
        ),
        (
            "X-Original-To: a@example.com\nTo: b@example.com, P <papers@example.org>",
            "papers@example.org",
        ),
        ("To: undisclosed-recipients:;", None),
        ("To: papers+help@example.com", None),
        ("To: =?utf-8?q?broken", None),
    ],
)
def test_recipient_is_found_in_the_header(header: str, recipient: str | None) -> None:
    content = f"{header}\n\nTo: papers+leave@example.org\n".encode()

    assert find_envelope(content, "papers@example.org").recipient == recipient


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        ("Return-Path: <ann@example.org>\r\n", "ann@example.org"),
        ("Return-Path: <>\r\nFrom: ann@example.org\r\n", ""),
        ("From: ann@example.org\r\n", ""),
        ("From ann@example.org  Wed Mar 11 07:00:00 2026\n", "ann@example.org"),
        ("From MAILER-DAEMON  Wed Mar 11 07:00:00 2026\n", ""),
    ],
)
def test_sender_is_whom_the_server_wrote_down(head: str, sender: str) -> None:
    found = find_envelope(f"{head}Subject: x\r\n\r\nx\r\n".encode(), "papers@example.org")

    assert found.sender == sender
    assert not found.content.startswith(b"From ")

"""Mail for the list and its tags is taken, everything else refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.receiving import ReceiveStatus, judge_recipient, split_tag

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

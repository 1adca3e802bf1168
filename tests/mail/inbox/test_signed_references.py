"""What may be ours in a returned mail is found, however it is folded, and only so much of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.signed_references import MOST_REFERENCES, signed_references

LIST = "papers@example.org"


def test_tokens_and_message_ids_are_found_in_their_order_once() -> None:
    content = (
        b"Return-Path: <papers+bounce-abc2@example.org>\r\n"
        b"List-Unsubscribe: <https://example.org/u>,\r\n"
        b" <mailto:Papers+Unsubscribe-DEF3@Example.org>\r\n"
        b"Message-ID:\r\n <1@example.org>\r\n\r\npapers+bounce-abc2@example.org\r\n"
    )

    found = signed_references(content, list_address=LIST)

    assert found.tokens == (("bounce", "abc2"), ("unsubscribe", "def3"))
    assert found.message_ids == ("<1@example.org>",)


def test_token_that_quoted_printable_broke_is_joined() -> None:
    found = signed_references(b"a papers+unsub=\r\nscribe-ab=\nc2@example.org", list_address=LIST)

    assert found.tokens == (("unsubscribe", "abc2"),)


def test_what_is_of_others_is_none() -> None:
    content = (
        b"Message-ID: <1@example.net>\r\nMessage-ID: <1@fake.example.org.net>\r\n"
        b"papers+rate-abc2@example.org other+bounce-abc2@example.org papers+bounce-abc2@example.net"
    )

    found = signed_references(content, list_address=LIST)

    assert (found.tokens, found.message_ids) == ((), ())


def test_only_some_of_many_are_looked_at() -> None:
    content = b"".join(b"Message-ID: <%d@example.org>\r\n" % number for number in range(400))

    found = signed_references(content, list_address=LIST)

    assert len(found.message_ids) == MOST_REFERENCES


@given(st.binary(max_size=300))
def test_no_mail_makes_it_fail(content: bytes) -> None:
    signed_references(content + b"papers+bounce-" + content, list_address=LIST)

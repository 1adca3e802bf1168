"""Messages: headers that providers ask for, valid MIME, and the same bytes every time."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.domain import DeliveryKind
from recommender.errors import AddressError
from recommender.mail.message import (
    BULK_KINDS,
    Envelope,
    MailingList,
    ascii_domain_address,
    build_message,
)
from recommender.rendering import RenderedMail
from recommender.wording import one_line

MAIL = RenderedMail(
    subject="Trending papers, Mar 11 – Attention Is All You Need",
    text="1. Attention\n\n👍 More like this\nhttps://papers.example.org/rate/token\n",
    html="<!doctype html>\n<p>Attention – 👍</p>\n",
)
LIST = MailingList("Trending papers", "papers@example.org", "https://papers.example.org/")
MESSAGE_ID = "<issue-42.7@papers.example.org>"
CREATED_AT = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
UNSUBSCRIBE_ADDRESS = "papers+unsubscribe-t0k@example.org"
UNSUBSCRIBE_URL = "https://papers.example.org/unsubscribe/" + "t" * 150

# What a digest may hold and JSON can carry; a lone surrogate is no text and is never stored.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)


def build(
    mail: RenderedMail = MAIL,
    *,
    kind: DeliveryKind = DeliveryKind.ISSUE,
    mailing_list: MailingList = LIST,
    recipient: str = "ann@example.org",
    envelope_sender: str = "papers+bounce-abc@example.org",
    message_id: str = MESSAGE_ID,
    unsubscribe_url: str | None = UNSUBSCRIBE_URL,
    unsubscribe_address: str | None = UNSUBSCRIBE_ADDRESS,
) -> Envelope:
    return build_message(
        mail,
        kind=kind,
        mailing_list=mailing_list,
        recipient=recipient,
        envelope_sender=envelope_sender,
        message_id=message_id,
        created_at=CREATED_AT,
        unsubscribe_url=unsubscribe_url,
        unsubscribe_address=unsubscribe_address,
    )


def parsed(envelope: Envelope) -> EmailMessage:
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(envelope: Envelope, subtype: str) -> str:
    """Return one part as a mail program shows it, with the line ends of Unix."""
    body = parsed(envelope).get_body((subtype,))
    assert isinstance(body, EmailMessage)
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def assert_valid(content: bytes) -> None:
    """Check what RFC 5321 and 5322 ask of every message on the wire."""
    assert content.endswith(b"\r\n")
    without_crlf = content.replace(b"\r\n", b"")
    assert b"\n" not in without_crlf
    assert b"\r" not in without_crlf
    assert b"\0" not in content
    header, _, body = content.partition(b"\r\n\r\n")
    assert max(map(len, header.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    defects = [
        *parsed(Envelope("", "", content)).defects,
        *(defect for part in parsed(Envelope("", "", content)).walk() for defect in part.defects),
    ]
    assert defects == []


def test_owner_of_the_list_stands_in_its_newsletters() -> None:
    owned = replace(LIST, owner="operator@example.org")
    assert parsed(build(mailing_list=owned))["List-Owner"] == "<mailto:operator@example.org>"
    assert "List-Owner" not in parsed(build())


def test_a_newsletter_has_the_headers_that_providers_ask_for() -> None:
    message = parsed(build())
    expected = {
        "Message-ID": MESSAGE_ID,
        "Date": "Wed, 11 Mar 2026 06:00:00 +0000",
        "From": "Trending papers <papers@example.org>",
        "To": "ann@example.org",
        "Subject": MAIL.subject,
        "Auto-Submitted": "auto-generated",
        "List-Id": "Trending papers <papers.example.org>",
        "List-Unsubscribe": (
            f"<{UNSUBSCRIBE_URL}>, <mailto:papers+unsubscribe-t0k@example.org?subject=unsubscribe>"
        ),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Subscribe": (
            "<https://papers.example.org/>, <mailto:papers+subscribe@example.org?subject=subscribe>"
        ),
        "List-Help": "<mailto:papers+help@example.org?subject=help>",
        "Feedback-ID": "2026-03-11:issue:papers.example.org:trending-papers",
        "Precedence": "bulk",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }
    actual = {name: str(value) for name, value in message.items() if name != "Content-Type"}
    assert expected == actual


@pytest.mark.parametrize("kind", sorted(set(DeliveryKind) - BULK_KINDS))
def test_what_answers_a_request_is_auto_generated_but_no_list_mail(kind: DeliveryKind) -> None:
    message = parsed(build(kind=kind, unsubscribe_url=None))
    is_answer = kind is DeliveryKind.ANSWER
    assert message["Auto-Submitted"] == ("auto-replied" if is_answer else "auto-generated")
    unwanted = [name for name in message if name.startswith(("List-", "Precedence", "Feedback"))]
    assert unwanted == []


@pytest.mark.parametrize("kind", sorted(BULK_KINDS))
def test_list_mail_that_cannot_be_unsubscribed_from_is_refused(kind: DeliveryKind) -> None:
    with pytest.raises(ValueError, match="needs an unsubscribe_url"):
        build(kind=kind, unsubscribe_url=None)
    with pytest.raises(ValueError, match="needs an unsubscribe_url"):
        build(kind=kind, unsubscribe_address=None)


def test_list_that_takes_no_mail_is_left_by_its_page_alone() -> None:
    closed = replace(LIST, takes_mail=False)
    message = parsed(build(mailing_list=closed, unsubscribe_address=None))
    assert "mailto:papers" not in str(message)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_envelope_carries_both_addresses() -> None:
    envelope = build()
    assert envelope.sender == "papers+bounce-abc@example.org"
    assert envelope.recipient == "ann@example.org"


def test_the_text_part_comes_first_and_both_say_what_was_rendered() -> None:
    envelope = build()
    types = [part.get_content_type() for part in parsed(envelope).walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]
    assert part(envelope, "plain") == MAIL.text
    assert part(envelope, "html") == MAIL.html


def test_the_same_message_is_the_same_bytes() -> None:
    assert build() == build()


def test_the_boundary_follows_from_the_message_id() -> None:
    first = parsed(build()).get_boundary()
    assert first == parsed(build(replace(MAIL, text="another"))).get_boundary()
    assert first != parsed(build(message_id="<issue-43.7@papers.example.org>")).get_boundary()


def test_the_date_is_when_the_message_was_queued() -> None:
    assert parsedate_to_datetime(str(parsed(build())["Date"])) == CREATED_AT


@given(subject=TEXTS, text=TEXTS, html=TEXTS)
@example(subject="a" * 2000, text="b" * 2000, html="c" * 2000)
@example(subject="深度" * 300, text="深度" * 300, html="👍" * 300)
@example(subject="=?utf-8?q?not_encoded?=", text=".\n.\nFrom x\n", html="=\n = \n\t\n")
@example(subject="two\r\nBcc: b@example.org", text="a\rb\r\nc\nd", html="\0\x0b\x0c\x85\u2028")
def test_any_text_arrives_in_valid_mime(subject: str, text: str, html: str) -> None:
    envelope = build(RenderedMail(subject, text, html))
    assert_valid(envelope.content)
    assert envelope.content.isascii()
    assert one_line(subject) == parsed(envelope)["Subject"]
    assert unix(text) == part(envelope, "plain")
    assert unix(html) == part(envelope, "html")


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(name=PRINTABLE)
@example(name='Papers, "new" & <trending>')
@example(name="Müller's Papiere")
@example(name="毎日の論文" * 20)
@example(name="back\\slash")
@example(name="=?utf-8?b?eA==?=")
def test_any_list_name_arrives_in_from_and_list_id(name: str) -> None:
    envelope = build(mailing_list=replace(LIST, name=name))
    assert_valid(envelope.content)
    assert (name, "papers@example.org") == mailbox(envelope, "From")
    assert (name, "papers.example.org") == mailbox(envelope, "List-Id")


def mailbox(envelope: Envelope, header: str) -> tuple[str, str]:
    """Return display name and address.

    Not by `email.policy.default`, which in Python 3.11 leaves the space between two encoded words
    of a display name in it, against RFC 2047 section 6.2.
    """
    name, address = parseaddr(email.message_from_bytes(envelope.content)[header])
    return str(make_header(decode_header(name))), address


def test_a_long_subject_is_folded_into_short_lines() -> None:
    for subject in ("word " * 100, "für " * 100, "論文" * 100):
        header = build(replace(MAIL, subject=subject)).content.partition(b"\r\nAuto-")[0]
        lines = header.partition(b"\r\nSubject:")[2].split(b"\r\n")
        assert len(lines) > 1
        assert max(map(len, lines)) <= 76
        assert all(line.startswith(b" ") for line in lines[1:])


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\0"])
def test_no_value_can_add_a_header(break_: str) -> None:
    injected = f"x{break_}Bcc: eve@example.org"
    mailing_list = replace(LIST, name=injected)
    envelope = build(replace(MAIL, subject=injected), mailing_list=mailing_list)
    assert parsed(envelope)["Bcc"] is None
    assert parsed(envelope)["Subject"] == "x Bcc: eve@example.org"
    assert parsed(envelope)["From"].addresses[0].display_name == "x Bcc: eve@example.org"


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\0", " ", ">", ","])
def test_an_address_that_could_end_a_header_is_refused(break_: str) -> None:
    address = f"ann{break_}@example.org"
    with pytest.raises(AddressError, match="is no mail address; write it as"):
        build(recipient=address)
    with pytest.raises(AddressError, match="is no mail address"):
        build(envelope_sender=address)
    with pytest.raises(AddressError, match="is no mail address"):
        build(mailing_list=replace(LIST, address=address))


@pytest.mark.parametrize("value", ["a\r\nBcc: x@example.org", "a b", "a>", "ü", "a" * 1000])
def test_a_url_that_a_header_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a URL that a header can hold"):
        build(unsubscribe_url=f"https://example.org/{value}")


@pytest.mark.parametrize("value", ["", "a@b", "<a>", "<a@b>\r\nBcc: c@d", "<a b@c>", "<ü@b>"])
def test_a_message_id_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a Message-ID"):
        build(message_id=value)


@pytest.mark.parametrize("address", ["", "ann", "@example.org", "ann@", "a@b@example.org"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError, match="is no mail address"):
        ascii_domain_address(address)


def test_a_non_ascii_domain_travels_in_ascii() -> None:
    envelope = build(recipient="ann@straße.example.org")
    assert envelope.recipient == "ann@xn--strae-oqa.example.org"
    assert parsed(envelope)["To"] == "ann@xn--strae-oqa.example.org"
    assert envelope.content.isascii()


def test_a_non_ascii_domain_that_cannot_be_is_refused() -> None:
    with pytest.raises(AddressError, match="is no mail address: "):
        ascii_domain_address("ann@-ü.example.org")


def test_a_non_ascii_local_part_stands_in_the_header_as_utf_8() -> None:
    envelope = build(recipient="jörg@example.org")
    assert envelope.recipient == "jörg@example.org"
    assert "\r\nTo: jörg@example.org\r\n".encode() in envelope.content


def test_ascii_in_lines_that_fit_travels_as_it_is() -> None:
    html = f"<p class='a'>\n{'long ' * 199}\n..\n-- \n"
    envelope = build(replace(MAIL, html=html))
    part = list(parsed(envelope).iter_parts())[1]
    assert part["Content-Transfer-Encoding"] == "7bit"
    assert html.replace("\n", "\r\n").encode() in envelope.content


@pytest.mark.parametrize(
    "html",
    [
        "x" * 999 + "\n",
        "From here on\n",
        "it comes\nFrom here\n",
        "a\x0cb\n",
        "a caf\u00e9 of graphs\n",
    ],
    ids=[
        "long line",
        "first line begins like a mailbox",
        "so does another",
        "control",
        "not ASCII",
    ],
)
def test_what_a_server_on_the_way_may_change_is_quoted(html: str) -> None:
    envelope = build(replace(MAIL, html=html))
    part = list(parsed(envelope).iter_parts())[1]
    assert part["Content-Transfer-Encoding"] == "quoted-printable"
    assert part.get_payload(decode=True) == html.encode().replace(b"\n", b"\r\n")
    assert b"\r\nFrom " not in envelope.content
    assert max(map(len, str(part.get_payload()).splitlines())) <= 76


def test_mostly_ascii_text_stays_readable_and_other_text_stays_short() -> None:
    envelope = build(replace(MAIL, text="A paper – on graphs\n" * 10, html="論文" * 500))
    plain, html = list(parsed(envelope).iter_parts())
    assert plain["Content-Transfer-Encoding"] == "quoted-printable"
    assert html["Content-Transfer-Encoding"] == "base64"

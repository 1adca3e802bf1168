"""What comes back is understood by its form and words; what is no failure means nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import BounceKind
from recommender.mail.inbox.bounce_reports import BounceReport, read_report
from recommender.mail.inbox.failure_causes import Cause
from recommender.mail.inbox.report_forms import LONGEST_REPORT

HARD, SOFT, COMPLAINT = BounceKind
ADDRESS, FULL, TEMPORARY, REFUSED = (
    Cause.ADDRESS,
    Cause.MAILBOX_FULL,
    Cause.TEMPORARY,
    Cause.REFUSED,
)


def dsn(
    *fields: str,
    explanation: str = "Your mail could not be delivered.",
    sender: str = "MAILER-DAEMON@mx.example.net",
    status_type: str = "message/delivery-status",
) -> bytes:
    """Build a report as RFC 3464 has it: words, the status of one recipient, our headers."""
    lines = [
        f"From: Mail Delivery System <{sender}>",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        explanation,
        "",
        "--B",
        f"Content-Type: {status_type}",
        "",
        "Reporting-MTA: dns; mx.example.net",
        "",
        "Final-Recipient: rfc822; ann@example.com",
        *fields,
        "",
        "--B",
        "Content-Type: text/rfc822-headers",
        "",
        "Subject: Trending papers, Mar 11",
        "",
        "--B--",
        "",
    ]
    return "\r\n".join(lines).encode()


def plain(
    body: str,
    *,
    subject: str = "failure notice",
    sender: str = "MAILER-DAEMON@example.net",
    headers: str = "",
) -> bytes:
    return (
        f"From: {sender}\r\nSubject: {subject}\r\n{headers}Content-Type: text/plain\r\n\r\n{body}"
    ).encode()


def feedback(*fields: str) -> bytes:
    """Build a complaint as RFC 5965 has it."""
    lines = [
        "From: <fbl@provider.example.net>",
        "Subject: FW: Trending papers, Mar 11",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="B"',
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        "This is a report about a message from your network.",
        "",
        "--B",
        "Content-Type: message/feedback-report",
        "",
        *fields,
        "User-Agent: Provider-FBL/1.0",
        "Version: 1",
        "",
        "--B",
        "Content-Type: message/rfc822",
        "",
        "From: papers@example.org",
        "",
        "text",
        "--B--",
        "",
    ]
    return "\r\n".join(lines).encode()


FAILURES = {
    "postfix, unknown user": (
        dsn(
            "Action: failed",
            "Status: 5.1.1",
            "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.com>: Recipient address rejected",
        ),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "relay says 5.0.0, the last server more": (
        dsn(
            "Action: failed",
            "Status: 5.0.0",
            "Diagnostic-Code: smtp; 550 5.2.1 this inbox is closed",
        ),
        (HARD, ADDRESS, "5.2.1"),
    ),
    "large provider, no such account": (
        dsn(
            "Action: failed",
            "Status: 5.1.1",
            "Diagnostic-Code: smtp; 550-5.1.1 The account that you tried does not exist.",
        ),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "hosted exchange, recipient not found": (
        dsn(
            "Action: failed",
            "Status: 5.1.10",
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by lookup",
        ),
        (HARD, ADDRESS, "5.1.10"),
    ),
    "policy code for an unknown user": (
        dsn(
            "Action: failed",
            "Status: 5.7.1",
            "Diagnostic-Code: smtp; 554 5.7.1 Rejected: user unknown here",
        ),
        (HARD, ADDRESS, "5.7.1"),
    ),
    "domain does not exist": (
        dsn("Action: failed", "Status: 5.4.4", "Diagnostic-Code: X-Postfix; Host not found"),
        (HARD, ADDRESS, "5.4.4"),
    ),
    "no diagnostic": (dsn("Action: failed", "Status: 5.1.2"), (HARD, ADDRESS, "5.1.2")),
    "nobody says why": (dsn("Action: failed"), (SOFT, TEMPORARY, None)),
    "failure by another name": (
        dsn("Action: error", "Status: 5.1.1"),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "expired": (dsn("Action: expired", "Status: 4.4.7"), (SOFT, TEMPORARY, "4.4.7")),
    "the diagnostic's own code before the field": (
        dsn("Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.7.1 no thanks"),
        (SOFT, REFUSED, "5.7.1"),
    ),
    "words only for people": (
        dsn("Action: failed", "Status: 5.0.0", explanation="Reason: over quota"),
        (SOFT, FULL, "5.0.0"),
    ),
    "refused before a recipient was named": (
        dsn(
            "Action: failed",
            "Status: 5.1.2",
            "Diagnostic-Code: smtp; 550 5.1.2 no such domain (in reply to MAIL FROM command)",
        ),
        (SOFT, REFUSED, "5.1.2"),
    ),
    "action in capitals with a comment": (
        dsn("Action: FAILED (for good)", "Status: 5.1.1 (bad address)"),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "utf-8 addresses": (
        dsn("Action: failed", "Status: 5.1.1", status_type="message/global-delivery-status"),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "report about another recipient": (
        dsn("Original-Recipient: rfc822; boss@example.org", "Action: failed", "Status: 5.1.1"),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "mailbox full by code": (
        dsn("Action: failed", "Status: 5.2.2", "Diagnostic-Code: smtp; 552 5.2.2 no room"),
        (SOFT, FULL, "5.2.2"),
    ),
    "mailbox full by words": (
        dsn(
            "Action: failed",
            "Status: 5.0.0",
            "Diagnostic-Code: smtp; 552 Requested action aborted: mailbox is full",
        ),
        (SOFT, FULL, "5.0.0"),
    ),
    "over quota after days": (
        dsn(
            "Action: failed",
            "Status: 4.2.2",
            "Diagnostic-Code: smtp; 452 4.2.2 The recipient is over quota",
        ),
        (SOFT, FULL, "4.2.2"),
    ),
    "given up after days": (
        dsn(
            "Action: failed",
            "Status: 4.4.7",
            "Diagnostic-Code: smtp; delivery expired, host did not answer",
        ),
        (SOFT, TEMPORARY, "4.4.7"),
    ),
    "connection timed out": (
        dsn("Action: failed", "Status: 4.4.1", "Diagnostic-Code: X-Postfix; connect timed out"),
        (SOFT, TEMPORARY, "4.4.1"),
    ),
    "refused as spam": (
        dsn(
            "Action: failed",
            "Status: 5.7.1",
            "Diagnostic-Code: smtp; 550 5.7.1 message looks like spam",
        ),
        (SOFT, REFUSED, "5.7.1"),
    ),
    "dmarc policy": (
        dsn(
            "Action: failed",
            "Status: 5.7.26",
            "Diagnostic-Code: smtp; 550-5.7.26 unauthenticated mail is not accepted",
        ),
        (SOFT, REFUSED, "5.7.26"),
    ),
    "too large": (
        dsn("Action: failed", "Status: 5.3.4", "Diagnostic-Code: smtp; 552 5.3.4 too big"),
        (SOFT, REFUSED, "5.3.4"),
    ),
    "protocol error": (
        dsn("Action: failed", "Status: 5.5.2", "Diagnostic-Code: smtp; 502 5.5.2 syntax"),
        (SOFT, REFUSED, "5.5.2"),
    ),
    "qmail": (
        plain(
            "Hi. This is the qmail-send program at example.net.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            "<ann@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <papers@example.org>\n"
        ),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "exim": (
        plain(
            "This message was created automatically by mail delivery software.\n\n"
            "  ann@example.com\n    host mx.example.com [192.0.2.1]\n"
            "    SMTP error from remote mail server after RCPT TO:<ann@example.com>:\n"
            "    550 5.1.1 no such user\n",
            subject="Mail delivery failed: returning message to sender",
            headers="X-Failed-Recipients: ann@example.com\r\nAuto-Submitted: auto-replied\r\n",
        ),
        (HARD, ADDRESS, "5.1.1"),
    ),
    "directory server": (
        plain(
            "Your message\n\n  Subject: Trending papers, Mar 11\n\nwas not delivered to:\n\n"
            "  ann@example.com\n\nbecause:\n\n  User ann not listed in the directory\n",
            subject="DELIVERY FAILURE: User ann not listed in the directory",
            sender="Postmaster@example.com",
        ),
        (HARD, ADDRESS, None),
    ),
    "html only": (
        plain(
            "<html><head><style>p {color: red}</style></head><body><p>Your mail could not be "
            "delivered:<br>the account is disabled</p></body></html>"
        ).replace(b"text/plain", b"text/html"),
        (HARD, ADDRESS, None),
    ),
    "fields of a status in the text": (
        plain(
            "Technical report:\n\nAction: failed\nFinal-Recipient: rfc822; ann@example.com\n"
            "Diagnostic-Code: smtp; 554 4.4.7 expired\nStatus: 4.4.7\n"
        ),
        (SOFT, TEMPORARY, "4.4.7"),
    ),
    "exim, mailbox full": (
        plain(
            "  ann@example.com\n    550 5.2.2 mailbox full, try next year\n",
            headers="X-Failed-Recipients: ann@example.com\r\n",
        ),
        (SOFT, FULL, "5.2.2"),
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_understood(name: str) -> None:
    content, (kind, cause, status) = FAILURES[name]

    report = read_report(content, is_to_signed_address=True)

    assert report is not None
    assert report.is_final
    assert (kind, cause, status) == (report.kind, report.cause, report.enhanced_status_code)
    assert report.diagnostic.isprintable()
    has_form = b"multipart/report" in content or b"\nAction:" in content
    assert report.source == ("dsn" if has_form else "unstructured")


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_understood_at_an_open_address_too(name: str) -> None:
    content, _ = FAILURES[name]

    expected = read_report(content, is_to_signed_address=True)
    assert expected == read_report(content, is_to_signed_address=False)


def test_failure_that_no_mail_system_seems_to_have_written_counts_at_a_signed_address_only() -> (
    None
):
    content = plain("Error: 550 no such user", subject="Re: papers", sender="ann@example.com")

    report = read_report(content, is_to_signed_address=True)
    assert report is not None
    assert report.cause is ADDRESS
    assert read_report(content, is_to_signed_address=False) is None


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (dsn("Action: delayed", "Status: 4.4.1", "Will-Retry-Until: tomorrow"), TEMPORARY),
        (dsn("Action: delayed", "Status: 4.2.2"), FULL),
        (
            plain(
                "Your message has not yet been delivered: the user is unknown. You do not need to "
                "resend it.",
                subject="Warning: message delayed",
            ),
            TEMPORARY,
        ),
    ],
)
def test_warning_of_a_delay_is_not_final(content: bytes, cause: Cause) -> None:
    report = read_report(content, is_to_signed_address=True)

    assert report is not None
    assert (report.kind, report.cause, report.is_final) == (SOFT, cause, False)


NOTHING = {
    "failed with success": dsn("Action: failed", "Status: 2.0.0"),
    "relayed": dsn("Action: relayed", "Status: 2.0.0"),
    "delivered": dsn("Action: delivered", "Status: 2.0.0"),
    "expanded": dsn("Action: expanded", "Status: 2.0.0"),
    "read": (
        b"From: ann@example.com\r\nSubject: Read: Trending papers\r\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: text/plain\r\n\r\nread\r\n"
        b"--B\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Final-Recipient: rfc822;ann@example.com\r\nDisposition: manual-action; displayed\r\n"
        b"--B--\r\n"
    ),
    "out of office": plain(
        "I am away until Monday. 550 jokes waited for me.",
        subject="Out of Office: Trending papers",
        sender="ann@example.com",
    ),
    "hosted exchange, automatic reply": plain(
        "I am travelling.",
        subject="Automatic reply: Trending papers",
        sender="ann@example.com",
        headers="X-Auto-Response-Suppress: All\r\nAuto-Submitted: auto-generated\r\n",
    ),
    "german absence": plain(
        "Ich bin im Urlaub.", subject="Abwesenheitsnotiz: Trending papers", sender="a@example.com"
    ),
    "french absence": plain(
        "Je suis absent.",
        subject="=?utf-8?q?R=C3=A9ponse_automatique?=",
        sender="a@example.com",
        headers="Auto-Submitted: auto-replied\r\n",
    ),
    "sieve vacation": plain(
        "Gone fishing.",
        subject="Re: Trending papers",
        sender="ann@example.com",
        headers="Auto-Submitted: auto-replied (vacation)\r\n",
    ),
    "autoresponder": plain(
        "We got your mail.", subject="Ticket 4711", headers="X-Autorespond: ticket\r\n"
    ),
    "challenge": plain(
        "To prove that you are a person, click here.",
        subject="Please confirm your message",
        sender="challenge@example.com",
    ),
    "person": plain("Thanks, nice papers!", subject="Re: papers", sender="ann@example.com"),
    "not spam": feedback("Feedback-Type: not-spam"),
    "dmarc report": feedback("Feedback-Type: auth-failure", "Auth-Failure: dmarc"),
    "empty": b"",
    "zeros": b"\0" * 1000,
    "report without parts": b"Content-Type: multipart/report; boundary=B\r\n\r\nno part\r\n",
    "status without fields": (
        b"Content-Type: multipart/report; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: message/delivery-status\r\n\r\n\xff\xfe\r\n--B--\r\n"
    ),
    "unknown charset": b"Content-Type: text/plain; charset=x-none\r\n\r\n\xe4\xf6\r\n",
    "failure inside what was forwarded": (
        b"From: ann@example.com\r\nContent-Type: message/rfc822\r\n\r\n"
        + dsn("Action: failed", "Status: 5.1.1")
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_failure_means_nothing(name: str) -> None:
    assert read_report(NOTHING[name], is_to_signed_address=True) is None
    assert read_report(NOTHING[name], is_to_signed_address=False) is None


@pytest.mark.parametrize("kind", ["abuse", "Fraud", "virus", "opt-out"])
def test_complaint_is_understood(kind: str) -> None:
    report = read_report(feedback(f"Feedback-Type: {kind}"), is_to_signed_address=False)

    expected = f"{kind.lower()} reported by Provider-FBL/1.0"
    assert BounceReport(COMPLAINT, Cause.COMPLAINT, None, expected, "arf") == report


def test_huge_report_is_read_as_far_as_it_matters() -> None:
    huge = dsn("Action: failed", "Status: 5.1.1") + b"x" * 5 * LONGEST_REPORT

    report = read_report(huge, is_to_signed_address=True)

    assert report is not None
    assert report.kind is HARD


CARRIED = (
    b"From: papers@example.org\r\nX-HmXmrOriginalRecipient: ann@example.com\r\n"
    b"Message-ID: <1@example.org>\r\n\r\ntext\r\n"
)


@pytest.mark.parametrize(
    "content",
    [
        b"From: staff@example.net\r\nSubject: complaint about message from 192.0.2.1\r\n"
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: message/rfc822\r\n\r\n" + CARRIED + b"--B--\r\n",
        b"From: staff@example.net\r\nContent-Type: message/rfc822\r\n\r\n" + CARRIED,
        b"X-HmXmrOriginalRecipient: ann@example.com\r\n\r\ntext\r\n",
    ],
)
def test_complaint_with_the_whole_message_inside_is_understood(content: bytes) -> None:
    report = read_report(content, is_to_signed_address=False)

    assert report is not None
    assert report.kind is COMPLAINT


def test_unsubscribe_button_of_a_mail_program_is_a_complaint_at_signed_addresses_only() -> None:
    content = plain(
        "unsubscribe",
        subject="unsubscribe",
        sender="ann@example.com",
        headers="Auto-Submitted: auto-replied\r\nX-Apple-Unsubscribe: true\r\n",
    )

    report = read_report(content, is_to_signed_address=True)
    assert report is not None
    assert report.kind is COMPLAINT
    assert read_report(content, is_to_signed_address=False) is None


@given(st.binary(max_size=300))
def test_no_mail_makes_it_fail(content: bytes) -> None:
    for wrapped in (content, b"Content-Type: multipart/report; boundary=B\r\n\r\n" + content):
        report = read_report(wrapped, is_to_signed_address=True)
        assert report is None or report.diagnostic.isprintable()

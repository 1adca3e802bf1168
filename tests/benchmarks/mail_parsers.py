"""What reads a mail, with its worst known inputs; a table for `linear`."""

from __future__ import annotations

from typing import Final

from linear import Maker, Parser, numbered, repeated

from recommender.mail.inbox.letter import Letter, read_letter
from recommender.mime import LONGEST_READ

LIST: Final = "papers@example.org"
HEADER: Final = "From: Ann <ann@example.org>\nSubject: Re: x\n"
TEXT: Final = f"{HEADER}\n"
HTML: Final = f"{HEADER}Content-Type: text/html; charset=utf-8\n\n"
STATUS: Final = (
    "From: MAILER-DAEMON@example.org\nSubject: failure\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
    "--B\nContent-Type: message/delivery-status\n\n"
)
FAILED: Final = f"{STATUS}Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.0.0\n"


def letter(content: bytes) -> Letter:
    """Read a mail that came to an address that only its reader was sent."""
    return read_letter(
        content,
        envelope_sender="ann@example.org",
        recipient="papers+bounce-aaaa@example.org",
        list_address=LIST,
        list_name="Trending papers",
    )


def from_a_mailbox(content: bytes) -> Letter:
    """Read a mail whose envelope is read from its header too."""
    return read_letter(
        content, envelope_sender="", recipient="", list_address=LIST, list_name="Trending papers"
    )


def text(unit: str, *, before: str = "") -> Maker:
    """Return a maker of plain mails that say the same again and again."""
    return repeated(unit, before=TEXT + before)


def html(unit: str, *, before: str = "") -> Maker:
    """Return a maker of HTML mails that say the same again and again."""
    return repeated(unit, before=HTML + before)


def field(unit: str, *, name: str) -> Maker:
    """Return a maker of mails with one long field."""
    return repeated(unit, before=f"{name}: ", after="\n\nx\n")


HEADERS: Final = {
    "nested comments": field("(", name="From"),
    "nested comments that end": repeated("(a)", before="To: (", after=") a@x.org\n\nx"),
    "addresses": field("a@example.org, ", name="To"),
    "routes": field("<@a,@b:", name="To"),
    "quotes": field('\\"', name="From"),
    "encoded words": field("=?utf-8?q?a?= ", name="Subject"),
    "encoded words that end nowhere": field("=?utf-8?b?", name="Subject"),
    "parameters": field(";a=b", name="Content-Type"),
    "quoted parameters": repeated(';"', before="Content-Type: text/plain; a="),
    "numbered parameters": numbered(";a*{}=b", before="Content-Type: text/plain"),
    "folded lines": repeated(" x\n", before="Subject: x\n", after="\nx"),
    "short fields": repeated("a: b\n", after="\nx"),
    "fields of many recipients": repeated("Delivered-To: (a\n", after="\nx"),
    "a charset": field("x", name="Content-Type: text/plain; charset=utf-8; x"),
    "message ids": field("<a@b>", name="References"),
}
PARTS: Final = {
    "levels": numbered("Content-Type: multipart/mixed; boundary=b{}\n\n--b{}\n"),
    "mails in mails": repeated("Content-Type: message/rfc822\n\n"),
    "parts": repeated("--B\n\nx\n", before="Content-Type: multipart/mixed; boundary=B\n\n"),
    "lines that look like boundaries": repeated(
        "--B\t x\n", before="Content-Type: multipart/mixed; boundary=B\n\n--B\n\n"
    ),
    "punycode": repeated("a", before="Content-Type: text/plain; charset=punycode\n\n"),
    "quoted-printable": repeated(
        "=\n", before=f"{HEADER}Content-Transfer-Encoding: quoted-printable\n\n"
    ),
    "base64": repeated("YQ==", before=f"{HEADER}Content-Transfer-Encoding: base64\n\n"),
    "uuencode": repeated("begin 644 a\n", before=f"{HEADER}Content-Transfer-Encoding: x-uue\n\n"),
}
TEXTS: Final = {
    "quotes": text("> "),
    "lines of quotes": text("> a\n"),
    "attributions": text("On \n"),
    "headers of a quote": text("From: a\n"),
    "one long line": text("a"),
    "words": text("wrote: "),
    "commas": text(",a"),
    "lines of commas": text(",a,a,a,a\n"),
    "votes": text("+1 "),
    "lines of votes": text("+1\n"),
    "signatures": text("--\n"),
    "addresses": text("<a@example.org> "),
    "answers of servers": text("550 5.1.1 "),
    "quotas": text("exceed ", before="mailbox "),
    "emoji": text("\N{THUMBS UP SIGN}"),
    "invisible characters": text("\N{ZERO WIDTH SPACE}"),
    "empty lines": text("\n"),
}
HTMLS: Final = {
    "tags that are not ended": html("<a "),
    "signs": html("<"),
    "markup declarations": html("<![x]>"),
    "references": html("&#x"),
    "nested blocks": html("<div>"),
    "nested quotes": html("<blockquote>"),
    "quotes by class": html('<div class="gmail_quote">'),
    "comments": html("<!--"),
    "attributes": html(" a=b", before="<p"),
    "cells": html("<table><td>"),
    "ends": html("</div>"),
}
REPORTS: Final = {
    "blocks": repeated("a: b\n\n", before=STATUS),
    "failed blocks": repeated("Action: failed\nStatus: 5.1.1\n\n", before=STATUS),
    "quotas": repeated("exceed ", before=f"{FAILED}Diagnostic-Code: smtp; 550 "),
    "codes": repeated("5.1.1 ", before=f"{FAILED}Diagnostic-Code: smtp; "),
    "folded diagnostics": repeated(" user\n", before=f"{FAILED}Diagnostic-Code: smtp; 550\n"),
    "signed addresses": numbered("papers+bounce-aa{}@example.org ", before=STATUS),
    "message ids": numbered("Message-ID: <{}@example.org>\n", before=f"{STATUS}\n"),
    "complaints": repeated(
        "Feedback-Type: abuse\n",
        before="Content-Type: multipart/report; boundary=B\n\n--B\n"
        "Content-Type: message/feedback-report\n\n",
    ),
}

PARSERS: Final = (
    Parser("mail: header", from_a_mailbox, LONGEST_READ, HEADERS),
    Parser("mail: parts", letter, LONGEST_READ, PARTS),
    Parser("mail: text", letter, LONGEST_READ, TEXTS),
    Parser("mail: HTML", letter, LONGEST_READ, HTMLS),
    Parser("mail: report", letter, LONGEST_READ, REPORTS),
)

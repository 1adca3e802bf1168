"""A corpus of mails as people and programs write them, each with its effect: most have none.

A reader has an issue of nine papers; another reader has one too. Every mail is handed in at one of
our addresses, acted on, handed in again, and what changed is compared with what is expected.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from recommender.domain import Issue, Subscriber
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.services import Services
from recommender.store import claims, inbound, issues, ratings, subscribers
from recommender.tokens import Purpose

READER = "reader@example.org"
QUOTE = (
    "\n\nOn Wed, 11 Mar 2026 at 07:00, Trending papers <papers@example.org> wrote:\n> +9 -9\n> x\n"
)


def mail(
    body: str | bytes,
    *,
    subject: str = "Re: Trending papers, Mar 11",
    sender: str = READER,
    headers: str = "",
    charset: str = "utf-8",
    kind: str = "text/plain",
) -> bytes:
    head = (
        f"From: {sender}\nTo: papers@example.org\nSubject: {subject}\n"
        f"Message-ID: <x@example.org>\n{headers}"
        f"MIME-Version: 1.0\nContent-Type: {kind}; charset={charset}\n"
        "Content-Transfer-Encoding: 8bit\n\n"
    )
    content = body if isinstance(body, bytes) else body.encode("utf-8")
    return (head.encode() + content).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def multipart(*parts: tuple[str, str], subtype: str = "alternative", headers: str = "") -> bytes:
    lines = [
        f"From: {READER}",
        "Subject: Re: Trending papers, Mar 11",
        *headers.splitlines(),
        f'Content-Type: multipart/{subtype}; boundary="B"',
        "",
    ]
    for content_type, body in parts:
        lines += ["--B", f"Content-Type: {content_type}", "", *body.splitlines(), ""]
    return "\r\n".join([*lines, "--B--", ""]).encode()


def encoded(text: str, charset: str) -> bytes:
    body = base64.encodebytes(text.encode(charset))
    head = (
        f"From: {READER}\r\nSubject: Re: papers\r\nContent-Type: text/plain; charset={charset}\r\n"
    )
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + body


def nested(depth: int) -> bytes:
    text = "Content-Type: text/plain\r\n\r\n+1\r\n"
    for level in range(depth):
        text = (
            f'Content-Type: multipart/mixed; boundary="B{level}"\r\n\r\n'
            f"--B{level}\r\n{text}\r\n--B{level}--\r\n"
        )
    return f"From: {READER}\r\nSubject: Re: x\r\n{text}".encode()


@dataclass(frozen=True)
class Case:
    """One mail: where it goes, and what it brings about.

    ``to`` is a plus-tag; ``rate``, ``confirm`` and such stand for signed ones of the reader.
    """

    to: str
    content: bytes
    effect: dict[str, Any]
    envelope_sender: str = READER


ONE_AND_FOUR = {"votes": {1: 1, 4: 1, 7: -1}, "saved": {2}}
LIKES_ONE: dict[str, Any] = {"votes": {1: 1}}
NOTHING: dict[str, Any] = {}
HELP = {"answers": ["help"]}
UNCLEAR = {"answers": ["unclear"]}

CASES: dict[str, Case] = {
    # How mail programs answer.
    "plain reply": Case("rate", mail("+1 +4 -7 *2"), ONE_AND_FOUR),
    "reply above a quote": Case("rate", mail(f"+1{QUOTE}"), LIKES_ONE),
    "a folded attribution": Case(
        "rate",
        mail(
            "+1\n\nOn Wed, 11 Mar 2026 at 07:00 Trending papers\n<papers@example.org> wrote:\n\n+9"
        ),
        LIKES_ONE,
    ),
    "german attribution": Case(
        "rate", mail("+1\n\nAm 11.03.2026 um 07:00 schrieb Trending papers:\n\n+9"), LIKES_ONE
    ),
    "french attribution": Case(
        "rate", mail("+1\n\nLe 11 mars 2026 à 07:00, Trending papers a écrit :\n\n+9"), LIKES_ONE
    ),
    "original message line": Case(
        "rate", mail("+1\n\n-----Original Message-----\nFrom: papers\n+9"), LIKES_ONE
    ),
    "header block": Case(
        "rate",
        mail("+1\n\nFrom: Trending papers <papers@example.org>\nSent: Wednesday\n\n+9"),
        LIKES_ONE,
    ),
    "german header block": Case(
        "rate", mail("+1\n\nVon: Trending papers\nGesendet: Mittwoch\n\n+9"), LIKES_ONE
    ),
    "underscores": Case("rate", mail(f"+1\n\n{'_' * 32}\n+9"), LIKES_ONE),
    "signature": Case("rate", mail("+1\n-- \nAnn\n+9"), LIKES_ONE),
    "sent from a phone": Case("rate", mail("+1\n\nSent from my phone\n+9"), LIKES_ONE),
    "german phone": Case("rate", mail("+1\n\nVon meinem iPhone gesendet\n+9"), LIKES_ONE),
    "reply below the quote": Case("rate", mail("> +9\n> x\n\n+1"), LIKES_ONE),
    "reply between and below": Case(
        "rate", mail("> +9\n> x\n\n+1\n\n> +8\n\n-7\n"), {"votes": {1: 1, 7: -1}}
    ),
    "fullwidth and invisible": Case(
        "rate", mail("\u200b＋１\n\ufeff－\u0667"), {"votes": {1: 1, 7: -1}}
    ),
    "an empty text beside html": Case(
        "rate", multipart(("text/plain", " "), ("text/html", "<p>+1</p>")), LIKES_ONE
    ),
    "in words": Case("rate", mail("like 1, 4\ndislike 7\nsave 2"), ONE_AND_FOUR),
    "with thumbs": Case("rate", mail("👍 1\n👍🏽4 👎 7\n🔖️ 2"), ONE_AND_FOUR),
    "with commas and dashes": Case("rate", mail("+1, +4; –7, *2."), ONE_AND_FOUR),
    "last one counts": Case("rate", mail("+1\n-1"), {"votes": {1: -1}}),
    "numbers that are not there": Case("rate", mail("+1 +77"), LIKES_ONE),
    "receipt asked for": Case(
        "rate", mail("+1 +77\nreceipt"), {"votes": {1: 1}, "answers": ["receipt"]}
    ),
    "words around ratings": Case("rate", mail("Hello,\n+1\nthanks, great!"), LIKES_ONE),
    # Charsets and forms.
    "iso-8859-15": Case("rate", encoded("+1\nSchöne Grüße €", "iso-8859-15"), LIKES_ONE),
    "windows-1252": Case("rate", encoded("–7\nGrüße", "windows-1252"), {"votes": {7: -1}}),
    "gb18030": Case("rate", encoded("+1\n谢谢", "gb18030"), LIKES_ONE),
    "koi8-r": Case("rate", encoded("+1\nспасибо", "koi8-r"), LIKES_ONE),
    "shift_jis": Case("rate", encoded("+1\nありがとう", "shift_jis"), LIKES_ONE),
    "utf-16": Case("rate", encoded("+1", "utf-16"), LIKES_ONE),
    "unknown charset": Case("rate", mail(b"+1\n\xff\xfe", charset="x-nobody-knows"), LIKES_ONE),
    "html only": Case(
        "rate",
        mail("<html><style>p{}</style><p>+1&nbsp;</p><br><div>*2</div></html>", kind="text/html"),
        {"votes": {1: 1}, "saved": {2}},
    ),
    "html only with a quote": Case(
        "rate",
        mail("<div>+1</div><blockquote>+9</blockquote>", kind="text/html"),
        LIKES_ONE,
    ),
    "html only with a quote of a web mail": Case(
        "rate",
        mail('<div>+1</div><div class="gmail_quote"><p>+9</p></div>', kind="text/html"),
        LIKES_ONE,
    ),
    "two forms": Case(
        "rate", multipart(("text/plain", "+1"), ("text/html", "<p>+9</p>")), LIKES_ONE
    ),
    "with an attachment": Case(
        "rate",
        multipart(
            ("text/plain", "+1"),
            ("text/plain\r\nContent-Disposition: attachment", "+9"),
            subtype="mixed",
        ),
        LIKES_ONE,
    ),
    "with a mail inside": Case(
        "rate",
        multipart(
            ("text/plain", "+1"), ("message/rfc822", "From: x@example.org\n\n+9"), subtype="mixed"
        ),
        LIKES_ONE,
    ),
    "nested three deep": Case("rate", nested(3), LIKES_ONE),
    "nested a hundred deep": Case("rate", nested(100), UNCLEAR),
    "thirty megabytes": Case(
        "rate",
        multipart(("text/plain", "+1"), ("image/png", "QUJD" * 10 + "\n"), subtype="mixed")
        + b"A" * 29_000_000,
        LIKES_ONE,
    ),
    # Words of a person that are no ratings.
    "prose": Case("rate", mail("+1 for the second one!"), UNCLEAR),
    "telephone number": Case("rate", mail("+49 30 123456"), UNCLEAR),
    "date": Case("rate", mail("-7-2026"), UNCLEAR),
    "list": Case("rate", mail("- 1. one\n- 2. two"), UNCLEAR),
    "empty": Case("rate", mail(""), UNCLEAR),
    "only a quote": Case("rate", mail("> +1"), UNCLEAR),
    # Commands to a signed address.
    "pause": Case("rate", mail("pause 14 days"), {"state": "paused"}),
    "pause two weeks, shouted": Case("rate", mail("PAUSE 2 WEEKS!"), {"state": "paused"}),
    "pause for ever": Case("rate", mail("pause 9999 days"), HELP),
    "settings changed": Case("rate", mail("hour 18\npapers 5"), {"hour": 18, "papers": 5}),
    "settings in nonsense": Case("rate", mail("hour soon"), HELP),
    "settings asked for": Case("rate", mail("settings"), {"answers": ["settings"]}),
    "reading list": Case("rate", mail("list"), {"answers": ["list"]}),
    "help": Case("rate", mail("help"), HELP),
    "stop in the first line": Case("rate", mail("Stop.\n\nthanks"), {"state": "unsubscribed"}),
    "new address": Case("rate", mail("address new@example.net"), {"asked": 2}),
    "no address": Case("rate", mail("address nonsense@"), UNCLEAR),
    "leave in words": Case(
        "rate", mail("Please unsubscribe me.\n\nBest\nJane"), {"state": "unsubscribed"}
    ),
    "leave in chinese, below": Case("rate", mail(f"{QUOTE}\n退订"), {"state": "unsubscribed"}),
    "not to leave": Case("rate", mail("Please do not unsubscribe me"), UNCLEAR),
    "leave in a quote": Case("rate", mail("> unsubscribe"), UNCLEAR),
    "leave in a signature": Case("rate", mail("+1\n-- \nunsubscribe"), LIKES_ONE),
    "only thanks": Case("rate", mail("Thanks a lot!\n\nBest regards\nJane"), NOTHING),
    "only a signature": Case("rate", mail("Jane, jane@univ.example, Room 5"), UNCLEAR),
    "unmarked absence in words": Case("rate", mail("I am out of the office."), NOTHING),
    "unmarked absence by subject": Case(
        "rate", mail("+1", subject="=?utf-8?b?6Ieq5Yqo5Zue5aSNOiB4?="), NOTHING
    ),
    "unsubscribe address": Case("unsubscribe", mail("", subject=""), {"state": "unsubscribed"}),
    "unsubscribe by a program": Case(
        "unsubscribe",
        mail("", headers="Auto-Submitted: auto-generated\n"),
        {"state": "unsubscribed"},
        envelope_sender="",
    ),
    "unsubscribe by a button of Apple": Case(
        "unsubscribe",
        mail("", headers="Auto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n"),
        {"state": "unsubscribed"},
    ),
    "unsubscribe with a broken header": Case(
        "unsubscribe",
        mail("", subject="=?utf-8?b?a?=", headers="X-Y: =?nothing?q?\xff?=\nFrom: ((((\n"),
        {"state": "unsubscribed"},
    ),
    # Absences, reports, lists, loops.
    "absence to the issue": Case(
        "rate", mail("+1", headers="Auto-Submitted: auto-replied\n"), NOTHING
    ),
    "absence by subject": Case("rate", mail("+1", subject="Out of Office: papers"), NOTHING),
    "absence of hosted exchange": Case(
        "rate",
        mail("+1", subject="Automatic reply: papers", headers="X-Auto-Response-Suppress: All\n"),
        NOTHING,
    ),
    "german absence": Case("rate", mail("stop", subject="Abwesenheitsnotiz: papers"), NOTHING),
    "absence to unsubscribe": Case(
        "unsubscribe", mail("away", subject="Automatic reply: x"), NOTHING
    ),
    "absence to confirm": Case(
        "confirm", mail("away", headers="Auto-Submitted: auto-replied\n"), NOTHING
    ),
    "vacation with precedence": Case("rate", mail("+1", headers="Precedence: bulk\n"), NOTHING),
    "junk": Case("", mail("help", headers="Precedence: junk\n"), NOTHING),
    "list traffic": Case("", mail("unsubscribe", headers="List-Id: <x.example.net>\n"), NOTHING),
    "null sender": Case("rate", mail("+1"), NOTHING, envelope_sender=""),
    "mailer daemon": Case("", mail("help", sender="MAILER-DAEMON@example.net"), NOTHING),
    "no-reply": Case("", mail("help", sender="no-reply@example.net"), NOTHING),
    "our own address": Case("", mail("help", sender="papers@example.org"), NOTHING),
    "our own tag": Case("", mail("help", sender="papers+help@example.org"), NOTHING),
    "no sender": Case("", mail("help", sender=""), NOTHING),
    "two senders": Case("", mail("help", sender=f"{READER}, x@example.net"), NOTHING),
    "two From lines": Case("", mail("help", headers="From: x@example.net\n"), NOTHING),
    "delivery report": Case(
        "rate",
        multipart(("text/plain", "+1"), subtype="report; report-type=delivery-status"),
        NOTHING,
    ),
    "complaint about nobody": Case(
        "",
        multipart(
            ("message/feedback-report", "Feedback-Type: abuse"),
            subtype="report; report-type=feedback-report",
        ),
        NOTHING,
    ),
    "malformed": Case("rate", b"\xff\xfe\x00garbage", NOTHING),
    "headers only": Case("rate", b"From: reader@example.org\r\n", UNCLEAR),
    # Tokens.
    "forged token": Case("rate-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", mail("+1"), NOTHING),
    "expired token": Case("expired", mail("+1"), NOTHING),
    "token of another purpose": Case("rate-as-unsubscribe", mail(""), NOTHING),
    "reply of somebody else": Case(
        "rate",
        mail("+1", sender="thief@example.net"),
        LIKES_ONE,
        envelope_sender="thief@example.net",
    ),
    "token of another reader": Case("rate-of-other", mail("stop"), {"other": "unsubscribed"}),
    # Open addresses: From is no proof.
    "subscribe of a stranger": Case(
        "subscribe",
        mail("graphs\nand pruning", sender="new@example.net", subject="hello"),
        {"requests": [("new@example.net", "graphs and pruning")]},
    ),
    "subscribe by subject": Case(
        "",
        mail("", sender="new@example.net", subject="Subscribe"),
        {"requests": [("new@example.net", "")]},
    ),
    "subscribe by first line": Case(
        "",
        mail("subscribe\n\ngraphs", sender="new@example.net", subject="hi"),
        {"requests": [("new@example.net", "graphs")]},
    ),
    "stop in somebody's name": Case("", mail("stop", subject="x"), {"asked": 1}),
    "unsubscribe tag in somebody's name": Case("unsubscribe-open", mail(""), {"asked": 1}),
    "pause in somebody's name": Case("", mail("", subject="AW: Re: pause 3 days"), {"asked": 1}),
    "settings in somebody's name": Case("", mail("hour 5", subject="settings"), {"asked": 1}),
    "settings asked for openly": Case("", mail("", subject="settings"), {"answers": ["settings"]}),
    "list asked for openly": Case("", mail("", subject="LIST"), {"answers": ["list"]}),
    "ratings to the open address": Case("", mail("+1 +4"), HELP),
    "stop of a stranger": Case("", mail("stop", sender="new@example.net"), HELP),
    "help of a stranger": Case("help", mail("", sender="new@example.net"), HELP),
    "header injection": Case(
        "", mail("help", sender="new@example.net", headers="Message-ID: <a@b>\n"), HELP
    ),
}


@pytest.fixture
def issue_of(
    services: Services, ingest: Any, compose_now: Any, subscribe: Callable[..., Subscriber]
) -> tuple[Subscriber, Issue, Subscriber, Issue]:
    """Compose an issue of nine papers for two readers."""
    reader, other = subscribe("reader"), subscribe("other")
    ingest([f"Paper {number}" for number in range(1, 10)])
    compose_now()
    with services.database.read() as session:
        (first,) = issues.of_subscriber(session, reader.id)
        (second,) = issues.of_subscriber(session, other.id)
    return reader, first, other, second


def address(services: Services, to: str, issue_of: Any) -> str:
    reader, issue, other, other_issue = issue_of
    expires_at = services.clock() + links.LIFETIMES[Purpose.UNSUBSCRIBE]
    unsubscribe = services.signer.sign_address(
        Purpose.UNSUBSCRIBE, reader.id, expires_at=expires_at
    )
    signed = {
        "rate": links.rate_address(services, reader, issue),
        "rate-of-other": links.rate_address(services, other, other_issue),
        "unsubscribe": f"papers+unsubscribe-{unsubscribe}@example.org",
        "rate-as-unsubscribe": links.rate_address(services, reader, issue).replace(
            "rate", "unsubscribe"
        ),
        "confirm": links.confirm_address(services, reader, since=services.clock()),
        "expired": "papers+rate-"
        + services.signer.sign_address(
            Purpose.RATE, reader.id, issue.id, expires_at=services.clock()
        )
        + "@example.org",
        "unsubscribe-open": "papers+unsubscribe@example.org",
        "": "papers@example.org",
    }
    return signed.get(to, f"papers+{to}@example.org")


def observe(services: Services, issue_of: Any) -> dict[str, Any]:
    """Return what can be told apart from outside: of the reader, the other one, and the outbox."""
    reader, issue, other, _ = issue_of
    number_of = {entry.paper_id: entry.position for entry in issue.entries}
    with services.database.read() as session:
        said = {each.paper_id: each for each in ratings.of_subscriber(session, reader.id)}
        now, other_now = (subscribers.by_id(session, each.id) for each in (reader, other))
        rows = session.connection().exec_driver_sql(
            "SELECT kind, key FROM delivery WHERE kind IN ('answer', 'confirm-change') ORDER BY id"
        )
        mails = [tuple(row) for row in rows]
        requests = session.connection().exec_driver_sql(
            "SELECT email, interests FROM subscription_request ORDER BY id"
        )
        asked_for = [tuple(row) for row in requests]
    assert now is not None
    assert other_now is not None
    return {
        "votes": {number_of[paper]: each.value for paper, each in said.items() if each.value},
        "saved": {number_of[paper] for paper, each in said.items() if each.saved},
        "state": now.state.value,
        "hour": now.preferences.hour,
        "papers": now.preferences.papers,
        "other": other_now.state.value,
        "answers": [key.partition(":")[0] for kind, key in mails if kind == "answer"],
        "asked": sum(kind == "confirm-change" for kind, _ in mails),
        "requests": asked_for,
    }


@pytest.mark.parametrize("name", CASES)
def test_mail_has_the_effect_that_it_should_and_no_other_and_once(
    services: Services, issue_of: Any, name: str
) -> None:
    case = CASES[name]
    recipient = address(services, case.to, issue_of)
    before = observe(services, issue_of)
    expected = {**before, **case.effect}

    for _ in range(2):
        (status,) = inbox.receive(
            services,
            source="lmtp",
            envelope_sender=case.envelope_sender,
            recipients=[recipient],
            content=case.content,
            most_bytes=31_000_000,
        )
        assert status.is_taken
        process_stored(services, dispatch)
        assert expected == observe(services, issue_of)
    with services.database.read() as session:
        assert inbound.waiting(session) == []
        assert inbound.count(session, inbound.InboundState.DONE) == 1


def test_corpus_is_large_and_mostly_harmless() -> None:
    assert len(CASES) >= 60
    assert sum(not case.effect for case in CASES.values()) >= 20


def test_nobody_gets_more_than_five_answers_a_day(services: Services, issue_of: Any) -> None:
    for number in range(8):
        content = mail("help", headers=f"X-Number: {number}\n")
        inbox.receive(
            services,
            source="lmtp",
            envelope_sender=READER,
            recipients=["papers@example.org"],
            content=content,
            most_bytes=10_000,
        )
    process_stored(services, dispatch)

    assert observe(services, issue_of)["answers"] == ["help"] * 5


def test_answer_holds_nothing_of_the_mail_and_cannot_come_back(
    services: Services, issue_of: Any
) -> None:
    del issue_of
    content = mail("buy our pills", subject="pills", sender="victim@example.net")
    inbox.receive(
        services,
        source="lmtp",
        envelope_sender="victim@example.net",
        recipients=["papers@example.org"],
        content=content,
        most_bytes=10_000,
    )
    process_stored(services, dispatch)

    with services.database.write() as session:
        claimed = claims.claim_due(
            session, worker="w", now=services.clock(), lease_seconds=60, limit=100
        )
    (answer,) = [each for each in claimed if each.kind == "answer"]
    envelope = message_builder(services)([answer])(answer)
    assert (envelope.sender, envelope.recipient) == ("", "victim@example.net")
    assert b"pills" not in envelope.content
    assert b"Auto-Submitted: auto-replied\r\n" in envelope.content
    assert b"In-Reply-To: <x@example.org>\r\n" in envelope.content

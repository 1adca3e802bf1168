"""Mail to the address of a source becomes a digest, whoever sends it, and is nothing else ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from held_out_mails import CONFIRMATIONS, NO_PAPERS, NOTHING_NEW, TRUNCATED_ARXIV
from sample_mails import DIGEST, TUNED, mail
from sqlmodel import select

from recommender.domain import DeliveryKind, Source, SourceState, Subscriber
from recommender.errors import SourceError
from recommender.jobs.incoming import inbox, inbox_listing
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.services import Services
from recommender.jobs.sources import by_mail, checking, managing
from recommender.jobs.sources.by_mail import MOST_KEPT_IN_A_ROW, MOST_QUESTIONS_A_DAY, take_in_mail
from recommender.papers.sources.rhythm import STRAY_MAILS
from recommender.store import digests, inbound_listing, papers
from recommender.store.inbound import InboundState
from recommender.store.tables import DeliveryRow, DigestRow
from recommender.tokens import random_address_token

ARXIV = TUNED["arXiv, as it comes"].content
SCHOLAR = TUNED["Scholar"].content


def address_of(services: Services, source: Source) -> str:
    return managing.location_of(services, source).removeprefix("mailto:")


@pytest.fixture
def source(services: Services) -> Source:
    return managing.add_mail(services, name="alerts")


@pytest.fixture
def send(services: Services, source: Source) -> Callable[..., str]:
    """Send a mail to the source, and return what was done about it."""

    def send(content: bytes, *, to: str = "", sender: str = "list@example.net") -> str:
        inbox.receive(
            services,
            source="lmtp",
            envelope_sender=sender,
            recipients=[to or address_of(services, source)],
            content=content,
            most_bytes=30_000_000,
        )
        process_stored(services, dispatch, take_in=take_in_mail)
        with services.database.read() as session:
            return next(inbound_listing.newest(session, list(InboundState), limit=1)).outcome

    return send


def titles(services: Services) -> list[str]:
    with services.database.read() as session:
        return sorted(each.title for each in papers.every(session))


def queued(services: Services) -> list[DeliveryRow]:
    with services.database.read() as session:
        return list(session.exec(select(DeliveryRow)))


def state(services: Services) -> tuple[SourceState, str]:
    [judged] = managing.every(services)
    return judged.verdict.state, judged.verdict.message


def test_a_mail_becomes_a_digest_of_its_day(services: Services, send: Callable[..., str]) -> None:
    assert send(ARXIV) == "alerts: 2 papers, 3 of them new"
    assert len(titles(services)) == 3

    with services.database.read() as session:
        [digest] = session.exec(select(DigestRow))
        assert (digest.format, digest.curator) == ("arxiv-mail", "arXiv")
        assert digest.date.isoformat() == "2026-03-11"
        assert (
            len(digests.mentioned_by(session, digests.by_sources([digest.source]), [1, 2, 3])) == 2
        )
    assert state(services) == (SourceState.OK, "2 new papers today")


def test_the_same_papers_again_are_no_news(services: Services, send: Callable[..., str]) -> None:
    send(SCHOLAR)
    assert send(SCHOLAR + b"\n") == "alerts: 0 papers, 0 of them new"
    assert len(titles(services)) == 3


def test_nothing_else_is_made_of_a_mail_to_a_source(
    services: Services, send: Callable[..., str], subscribe: Callable[..., Subscriber]
) -> None:
    """Not a command, not a subscription, not a rating, not a report; and it is never answered."""
    subscriber = subscribe("ann")
    for subject in ("unsubscribe", "subscribe", "stop", "help", "settings", "+1 -2"):
        outcome = send(
            mail(text=f"{subject}\n", subject=subject, sender=subscriber.email),
            sender=subscriber.email,
        )
        assert outcome.startswith("alerts: rejected, ")
    report = (
        b"From: mx@example.org\nDate: Wed, 11 Mar 2026 07:00:00 +0000\nSubject: failed\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
        b"--B\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; ann@example.org\n"
        b"Action: failed\nStatus: 5.1.1\n--B--\n"
    )
    assert "rejected" in send(report, sender="")

    assert [each for each in queued(services) if each.kind != DeliveryKind.NOTICE] == []
    with services.database.read() as session:
        assert inbound_listing.counts(session)[InboundState.DONE] == 7


def test_only_who_knows_the_address_is_taken(
    services: Services, source: Source, send: Callable[..., str]
) -> None:
    address = address_of(services, source)
    wrong = address.replace(address[16:20], "aaaa")
    assert send(ARXIV, to=wrong).startswith("nothing: no source has this address")
    assert send(ARXIV, to="papers+digest@example.org").startswith("nothing: ")
    assert titles(services) == []
    # Servers may change the case of a local part.
    assert "2 papers" in send(ARXIV, to=address.upper())


def test_a_removed_source_takes_no_mail(
    services: Services, source: Source, send: Callable[..., str]
) -> None:
    address = address_of(services, source)
    managing.remove(services, "alerts")
    assert send(ARXIV, to=address).startswith("nothing: no source has this address")
    assert titles(services) == []


def test_a_paused_source_takes_no_mail_until_it_is_resumed(
    services: Services, send: Callable[..., str]
) -> None:
    managing.pause(services, "alerts")
    outcome = send(ARXIV)
    assert outcome.startswith("not read: the source alerts is paused; ")
    assert state(services)[0] is SourceState.PAUSED
    managing.resume(services, "alerts")
    assert "3 papers" in send(SCHOLAR)
    before = titles(services)

    number = int(re.findall(r"inbox retry (\d+)", outcome)[0])
    assert inbox_listing.retry(services, None) == []
    assert inbox_listing.retry(services, [number, number + 1]) == [number]
    process_stored(services, dispatch, take_in=take_in_mail)
    assert len(titles(services)) == len(before) + 2


@pytest.mark.parametrize("name", CONFIRMATIONS)
def test_a_question_of_a_list_reaches_the_operator_once(
    services: Services, send: Callable[..., str], name: str
) -> None:
    content = CONFIRMATIONS[name]
    for again in range(2):
        outcome = send(content + b"\n" * again)
        assert outcome == "a question to confirm, which the operator is sent"

    [notice] = queued(services)
    assert notice.recipient == "operator@example.org"
    values: dict[str, Any] = notice.content["values"]  # type: ignore[index]  # a notice has it
    links = [line for line in values["lines"] if line.startswith("Link: https://")]
    assert len(links) == 1
    assert not any("<" in line for line in values["lines"])
    assert state(services)[0] is SourceState.QUIET


def test_questions_are_rationed(services: Services, send: Callable[..., str]) -> None:
    content = CONFIRMATIONS["a journal"]
    for number in range(MOST_QUESTIONS_A_DAY + 2):
        outcome = send(
            content.replace(b"token=3Dx", b"token=3D%d" % number).replace(
                b"token=x", b"token=%d" % number
            )
        )
    assert outcome == f"a question to confirm; the operator was sent {MOST_QUESTIONS_A_DAY} today"
    assert len(queued(services)) == MOST_QUESTIONS_A_DAY


@pytest.mark.parametrize("name", NO_PAPERS)
def test_what_has_no_papers_is_rejected_with_a_copy_and_the_reason(
    services: Services, send: Callable[..., str], tmp_path: Path, name: str
) -> None:
    assert send(NO_PAPERS[name]).startswith("alerts: rejected, ")

    copy, why = sorted((tmp_path / "rejected").iterdir())
    assert copy.read_bytes() == NO_PAPERS[name]
    assert copy.suffix == ".eml"
    assert "alerts was not ingested" in why.read_text(encoding="utf-8")
    assert titles(services) == []


def test_notices_of_lists_are_no_failures_and_the_rest_is(
    services: Services, send: Callable[..., str]
) -> None:
    send(NO_PAPERS["a welcome"])
    assert state(services) == (SourceState.QUIET, "it waits for its first mail")
    send(NO_PAPERS["an advertisement"])
    broken, message = state(services)
    assert broken is SourceState.BROKEN
    assert "'Our best offers of March' of " in message
    send(SCHOLAR)
    assert state(services)[0] is SourceState.OK


def test_a_stray_mail_breaks_no_source_that_was_read_and_many_do(
    services: Services, send: Callable[..., str]
) -> None:
    send(SCHOLAR)
    for number in range(1, STRAY_MAILS + 2):
        send(NO_PAPERS["an advertisement"].replace(b"March", f"March {number}".encode()))
        is_broken = state(services)[0] is SourceState.BROKEN
        assert is_broken == (number > STRAY_MAILS)


def test_copies_of_what_has_no_papers_are_bounded(send: Callable[..., str], tmp_path: Path) -> None:
    for number in range(MOST_KEPT_IN_A_ROW + 2):
        send(NO_PAPERS["an event"].replace(b"room 12", b"room %d" % number))
    assert len(list((tmp_path / "rejected").glob("*.eml"))) == MOST_KEPT_IN_A_ROW


def test_nothing_new_is_an_answer(services: Services, send: Callable[..., str]) -> None:
    assert send(NOTHING_NEW) == "alerts: nothing in it today"
    assert state(services)[0] is SourceState.QUIET


def test_what_breaks_off_is_named_beside_what_was_read(send: Callable[..., str]) -> None:
    outcome = send(TRUNCATED_ARXIV)
    assert outcome.startswith("alerts: 1 paper, 1 of them new; line ")
    assert "breaks off" in outcome


def test_days_without_mail_are_known_and_a_long_silence_is_late(
    services: Services, send: Callable[..., str], clock: Any
) -> None:
    for day in range(28):
        moment = clock() + timedelta(days=1)
        clock.now = moment
        if moment.weekday() < 5:
            send(
                mail(
                    text=DIGEST.replace("Springs", f"Springs of day {day} that")
                    .replace("The depth", f"The depth on day {day}")
                    .replace("Mar 10", "")
                )
            )
    assert state(services)[0] in (SourceState.OK, SourceState.QUIET)
    clock.now = clock() + timedelta(days=10)
    late, message = state(services)
    assert late is SourceState.LATE, message


def test_a_pause_is_no_silence(services: Services, clock: Any, send: Callable[..., str]) -> None:
    send(SCHOLAR)
    managing.pause(services, "alerts")
    clock.now = clock() + timedelta(days=60)
    managing.resume(services, "alerts")
    assert state(services)[0] is SourceState.QUIET


def test_a_source_without_any_mail_is_late_in_the_end(
    services: Services, source: Source, clock: Any
) -> None:
    del source
    assert state(services) == (SourceState.QUIET, "it waits for its first mail")
    clock.now = clock() + timedelta(days=15)
    late, message = state(services)
    assert (late, "subscribed and confirmed" in message) == (SourceState.LATE, True)


def test_addresses_follow_the_list_and_are_not_exported(services: Services, source: Source) -> None:
    address = address_of(services, source)
    local, _, domain = address.partition("@")
    assert domain == services.site.list_address.partition("@")[2]
    assert len(local) <= 64
    assert len(local.partition("digest-")[2]) == 20
    opml, left = managing.export_opml(services)
    assert "digest-" not in opml
    assert [each.name for each in left] == ["alerts"]
    assert managing.find(services, address) == source
    assert managing.find(services, f"mailto:{address}") == source
    with pytest.raises(SourceError, match="is not fetched: mail brings it"):
        checking.check(services, "alerts")
    with pytest.raises(SourceError, match="there is a source 'alerts' already"):
        managing.add_mail(services, name="alerts")
    assert managing.add_mail(services).name == "mail"
    assert managing.add_mail(services).name == "mail 2"


def test_what_came_last_is_told(
    services: Services, source: Source, send: Callable[..., str]
) -> None:
    assert by_mail.last_mail(services, source) is None
    send(NO_PAPERS["an event"])
    send(SCHOLAR)
    last = by_mail.last_mail(services, source)
    assert last is not None
    assert last.outcome == "alerts: 3 papers, 3 of them new"


def test_tokens_are_told_apart_and_long() -> None:
    tokens = {random_address_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[a-z2-7]{20}", each) for each in tokens)


def test_a_mail_is_dated_no_later_than_it_came(
    services: Services, send: Callable[..., str], clock: Any
) -> None:
    clock.now = datetime.fromisoformat("2026-03-11T07:00:00+00:00")
    send(mail(html=SCHOLAR_HTML, date="Fri, 11 Dec 2037 06:00:00 +0000"))
    with services.database.read() as session:
        [digest] = session.exec(select(DigestRow))
    assert digest.date.isoformat() == "2026-03-11"


SCHOLAR_HTML = (
    "<h3><a class='gse_alrt_title' href='https://scholar.google.com/scholar_url?url=https://"
    "example.org/a'>Springs that learn</a></h3><div>A Bee - Journal, 2026</div>"
)

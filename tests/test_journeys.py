"""The modules that docs/architecture.md names are those that its five journeys enter."""

from __future__ import annotations

import asyncio
import os
import re
import smtplib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest

import recommender
from recommender.config import Settings, load_settings, write_initial_configuration
from recommender.demo.captured_mail import CapturedMail, Mailbox, mail_server
from recommender.domain import Issue, SubscriberState, Vote
from recommender.installation import delivery_rules, open_services, relays
from recommender.jobs.finding import find_subscriber
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import delivering, links
from recommender.jobs.people import members
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.mail.inbox.lmtp_server import LmtpServer
from recommender.reading.pool import ReadingPool
from recommender.store import issues, ratings
from recommender.web.app import create_app

PACKAGE = str(Path(recommender.__file__).parent) + os.sep
ARCHITECTURE = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
READER = "ada@example.org"
DAY = timedelta(days=1)
PAPERS = (
    f"{subject} {means}\n\nAn abstract on {subject}. It says what is done {means}.\n"
    for subject in ("Folding", "Speech", "Vision", "Planning")
    for means in ("by graphs", "in few steps", "without labels", "at scale")
)
# One of them twice: what is said of a paper is compared with what was said of it before.
AGAIN = "\n\nFolding by graphs\n\nAn abstract on Folding. It says what is done by graphs.\n"
DIGEST = "by the reading group\n\nMar 11\n\n" + "\n\n".join(PAPERS) + AGAIN
REPORT = (
    b"From: MAILER-DAEMON@mx.example.org\r\nSubject: Undelivered\r\nMessage-ID: <%d@mx>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=B"
    b"\r\n\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    b"Final-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n--B--\r\n"
)


@contextmanager
def noting(modules: set[str]) -> Iterator[None]:
    """Note the modules of the program whose functions are called meanwhile, in any thread."""

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        # The rest of a module's lines run when it is imported, whoever needs it first.
        if event == "call" and code.co_filename.startswith(PACKAGE) and code.co_name != "<module>":
            modules.add(code.co_filename.removeprefix(PACKAGE))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(None)  # type: ignore[arg-type]  # typeshed knows no way back


class ReadingInSight(ReadingPool):
    """Reads apart, as always, and once more in this process, where it can be seen which way."""

    def read(self, parse: Callable[..., Any], content: bytes, *_: Any, **options: Any) -> Any:
        parse(content, **options)
        return super().read(parse, content, **options)


class Walk:
    """An installation with one reader, a mail server, and a clock that is moved by hand."""

    def __init__(self, folder: Path, smtp_port: int, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.now = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
        write_initial_configuration(folder)
        self.settings: Settings = load_settings(
            folder / "recommender.toml",
            environ={
                "RECOMMENDER_LIST__ADDRESS": "papers@lists.example.org",
                "RECOMMENDER_WEB__BASE_URL": "http://localhost:8000",
                "RECOMMENDER_SMTP__HOST": "127.0.0.1",
                "RECOMMENDER_SMTP__PORT": str(smtp_port),
                "RECOMMENDER_SMTP__SECURITY": "plain",
                "RECOMMENDER_INBOX__PIPE": "true",
            },
        )
        opened = open_services(self.settings, clock=lambda: self.now)
        self.services: Services = replace(opened, reading=ReadingInSight())

    def ingest(self) -> None:
        file = self.settings.ingest.folder / "digest.txt"
        file.write_text(DIGEST, encoding="utf-8")
        [outcome] = WatchedFolder(
            self.services, self.settings.ingest.folder, settle_seconds=0
        ).ingest()
        assert outcome.rejection is None

    def compose(self) -> Issue:
        newsletters.compose_issues(self.services, now_even_if_not_due=True)
        reader = find_subscriber(self.services, READER)
        with self.services.database.read() as session:
            return issues.of_subscriber(session, reader.id)[-1]

    async def deliver(self) -> CapturedMail:
        await delivering.deliver(
            self.services, relays(self.settings), delivery_rules(self.settings)
        )
        return self.mailbox.last_to(READER)

    async def vote(self, issue: Issue) -> None:
        reader = find_subscriber(self.services, READER)
        url = links.rating_url(self.services, reader, issue, issue.entries[0].paper_id, Vote.UP)
        transport = httpx.ASGITransport(create_app(self.services))
        async with httpx.AsyncClient(transport=transport) as browser:
            assert (await browser.post(url, data={"vote": "up"})).is_redirect

    async def hand_in(self, recipient: str, content: bytes, *, sender: str) -> None:
        server = LmtpServer(
            "127.0.0.1:0",
            list_address=self.settings.list.address,
            store=lambda mails: inbox.store_mails(self.services, mails),
            most_bytes=100_000,
        )
        await server.start()

        def send() -> None:
            with smtplib.LMTP("127.0.0.1", server.port, local_hostname="mta") as client:
                client.sendmail(sender, recipient, content)

        await asyncio.to_thread(send)
        await server.stop()
        await asyncio.to_thread(process_stored, self.services, dispatch)

    async def reply(self, mail: CapturedMail) -> None:
        message = EmailMessage()
        message["From"], message["Subject"] = READER, "Re: papers"
        message.set_content("+2 -3\n")
        await self.hand_in(str(mail.message["Reply-To"]), message.as_bytes(), sender=READER)

    async def bounce(self, mail: CapturedMail) -> None:
        await self.hand_in(mail.sender, REPORT % self.now.timestamp(), sender="")


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Walk the journeys one after the other, and note which modules each enters."""
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        walk = Walk(tmp_path_factory.mktemp("journeys"), port, mailbox)
        found = walk_all(walk)
        walk.services.database.close()
    return found


def walk_all(walk: Walk) -> dict[str, set[str]]:
    digest, vote, clock, reply, bounce = (set[str]() for _ in range(5))
    # A loop for each step: its threads begin in it, so that their calls are noted too.
    with noting(digest):
        walk.ingest()
    members.add(walk.services, {"email": READER})
    issue = walk.compose()

    walk.now += DAY
    with noting(vote):
        asyncio.run(walk.vote(issue))
        walk.compose()

    with noting(clock):
        mail = asyncio.run(walk.deliver())

    with noting(reply):
        asyncio.run(walk.reply(mail))
    reader = find_subscriber(walk.services, READER)
    with walk.services.database.read() as session:
        rated = {each.paper_id: each.value for each in ratings.of_subscriber(session, reader.id)}
    assert sorted(rated.values()) == [-1, 1, 1]

    with noting(bounce):
        for _ in range(4):
            asyncio.run(walk.bounce(mail))
            walk.now += DAY
    # Bounces alone suspend nobody: a probe asks first.
    assert find_subscriber(walk.services, READER).state is SubscriberState.ACTIVE
    probe = asyncio.run(walk.deliver())
    assert probe.sender != mail.sender
    with noting(bounce):
        asyncio.run(walk.bounce(probe))
    assert find_subscriber(walk.services, READER).state is SubscriberState.SUSPENDED
    return {
        "A digest becomes rows": digest,
        "A vote changes the next issue": vote,
        "The clock sends a message": clock,
        "A reply becomes a rating": reply,
        "A bounce becomes a suspension": bounce,
    }


def told() -> dict[str, set[str]]:
    """Modules in the numbered list of each journey."""
    _, _, journeys = ARCHITECTURE.partition("\n## Five journeys\n")
    return {
        heading: {
            module
            for line in re.findall(r"^\d\. .*", steps, re.MULTILINE)
            for module in re.findall(r"`([\w/]+\.py)`", line)
        }
        for heading, steps in re.findall(r"^### (.+)\n((?:(?!##).*\n?)*)", journeys, re.MULTILINE)
    }


@pytest.mark.parametrize("journey", told())
def test_journey_enters_the_modules_that_are_named(
    entered: dict[str, set[str]], journey: str
) -> None:
    assert told()[journey]
    assert told()[journey] - entered[journey] == set()


def test_every_journey_is_walked(entered: dict[str, set[str]]) -> None:
    assert entered.keys() == told().keys()

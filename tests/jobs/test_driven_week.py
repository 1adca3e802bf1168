"""A week by a clock that is driven: everybody gets the issues that they asked for, at their hour.

A thousand readers in twenty time zones, over the nights in which clocks change in Europe and in
other weeks elsewhere, with a program that is started anew, or stopped while it sends, at random.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recommender.config import load_settings, write_initial_configuration
from recommender.demo.captured_mail import Mailbox, mail_server
from recommender.domain import DeliveryState
from recommender.installation import delivery_rules, open_services, relays
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import delivering
from recommender.jobs.people import importing
from recommender.jobs.watched_folder import WatchedFolder

READERS = 1_000
BEGIN = datetime(2026, 3, 25, 12, tzinfo=UTC)
END = BEGIN + timedelta(days=7)
# In Europe clocks change on 29 March; in Lebanon too, at midnight; in others before, or never.
ZONES = (
    *("UTC", "Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Kyiv", "Asia/Beirut"),
    *("America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns"),
    *("Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Jerusalem", "Australia/Sydney"),
    *("Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu"),
    "Africa/Nairobi",
)
WEEKDAYS = ("daily", "Monday to Friday", "mon wed fri", "sat sun", "sunday", "thursday")
ASKED = {
    "daily": range(7),
    "Monday to Friday": range(5),
    "mon wed fri": (0, 2, 4),
    "sat sun": (5, 6),
    "sunday": (6,),
    "thursday": (3,),
}
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Reader:
    email: str
    hour: int
    weekdays: str
    zone: str

    def moments(self) -> Iterator[datetime]:
        """Yield when they asked to be mailed, by the calendar of their zone."""
        for day in range(-2, 10):
            local = (BEGIN + timedelta(days=day)).astimezone(ZoneInfo(self.zone)).date()
            moment = datetime(
                local.year, local.month, local.day, self.hour, tzinfo=ZoneInfo(self.zone)
            ).astimezone(UTC)
            if local.weekday() in ASKED[self.weekdays] and BEGIN < moment <= END:
                yield moment


class Arrivals(Mailbox):
    """Notes when each mail arrives, by the clock that is driven."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.moments: dict[str, list[datetime]] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        for recipient in envelope.rcpt_tos:
            self.moments.setdefault(recipient, []).append(self.now)
        return await super().handle_DATA(server, session, envelope)


class Program:
    """An installation that is started anew at random."""

    def __init__(self, folder: Path, port: int, mailbox: Arrivals, chance: random.Random) -> None:
        write_initial_configuration(folder)
        self.mailbox, self.chance = mailbox, chance
        self.settings = load_settings(
            folder / "recommender.toml",
            environ={
                "RECOMMENDER_LIST__ADDRESS": "papers@lists.example.org",
                "RECOMMENDER_WEB__BASE_URL": "http://localhost:8000",
                "RECOMMENDER_SMTP__HOST": "127.0.0.1",
                "RECOMMENDER_SMTP__PORT": str(port),
                "RECOMMENDER_SMTP__SECURITY": "plain",
                "RECOMMENDER_NEWSLETTER__PAPERS": "2",
            },
        )
        self.restarts = 0
        self.services = self.open()

    def open(self) -> Any:
        return open_services(self.settings, clock=lambda: self.mailbox.now)

    def restart(self) -> None:
        self.restarts += 1
        self.services.reading.close()
        self.services.database.close()
        self.services = self.open()

    def ingest(self, day: int) -> None:
        papers = "\n\n".join(
            f"Study {day}.{number} of many subjects\n\nAn abstract on it. It says what is done.\n"
            for number in range(12)
        )
        date = f"{self.mailbox.now:%B} {self.mailbox.now.day}"
        file = self.settings.ingest.folder / f"{day}.txt"
        file.write_text(f"by the reading group\n\n{date}\n\n{papers}", encoding="utf-8")
        folder = WatchedFolder(self.services, self.settings.ingest.folder, settle_seconds=0)
        [outcome] = folder.ingest()
        assert outcome.rejection is None, outcome

    def work(self) -> None:
        newsletters.compose_issues(self.services)
        if self.chance.random() < 0.2:
            self.restart()
        while self.waiting():
            asyncio.run(self._deliver(stops=self.chance.random() < 0.2))
            if self.chance.random() < 0.2:
                self.restart()

    def waiting(self) -> int:
        states = newsletters.deliveries_by_state(self.services)
        return states[DeliveryState.QUEUED] + states[DeliveryState.SENDING]

    async def _deliver(self, *, stops: bool) -> None:
        stop = asyncio.Event()
        if stops:
            asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.1), stop.set)
        servers, rules = relays(self.settings), delivery_rules(self.settings)
        await delivering.deliver(self.services, servers, rules, stop=stop)


def test_everybody_gets_the_issues_of_a_week_at_their_hour(tmp_path: Path) -> None:
    chance = random.Random(29)  # noqa: S311 - the same week each time
    readers = [
        Reader(
            f"reader{number}@example.org",
            chance.randrange(24),
            chance.choice(WEEKDAYS),
            chance.choice(ZONES),
        )
        for number in range(READERS)
    ]
    mailbox = Arrivals()
    with mail_server(mailbox) as port:
        program = Program(tmp_path / "installation", port, mailbox, chance)
        lines = [f"{each.email},{each.hour},{each.weekdays},{each.zone}" for each in readers]
        report = importing.import_rows(program.services, ["email,hour,weekdays,timezone", *lines])
        assert report.added == READERS

        day = 0
        while mailbox.now <= END:
            if mailbox.now >= BEGIN + timedelta(days=day) - timedelta(hours=1):
                program.ingest(day)
                day += 1
            program.work()
            due_at = newsletters.next_issue_due_at(program.services)
            digest_at = BEGIN + timedelta(days=day) - timedelta(hours=1)
            mailbox.now = max(min(due_at or END, digest_at), mailbox.now + timedelta(seconds=1))

    expected = {each.email: list(each.moments()) for each in readers}
    assert program.restarts > 20
    assert {email: mailbox.moments.get(email, []) for email in expected} == expected

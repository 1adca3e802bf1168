"""Demo: the loop, step by step, from a digest to an issue that follows the ratings."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx

from recommender.demo.captured_mail import CapturedMail, Mailbox
from recommender.demo.persona import Persona, papers_of
from recommender.domain.titles import title_key
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import delivering
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import Relay
from recommender.web.app import create_app
from recommender.wording import counted

ADA: Final = "ada@example.org"
BEN: Final = "ben@example.org"
CLEO: Final = "cleo@example.org"
LIKED_TOPICS: Final = {ADA: "graph neural networks", BEN: "reinforcement learning"}
"""Who likes what; Cleo rates nothing."""

TOPIC: Final = LIKED_TOPICS[ADA]
_ZONES: Final = ("UTC", "Asia/Tokyo", "America/Sao_Paulo")
_SAMPLES = files("recommender") / "demo" / "samples"


class StoryClock:
    """The time of the story where its people live: it stands still until it is told to move."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Read it, in UTC."""
        return self.now.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the papers of `TOPIC` stood in the two issues of one persona, from 1.

    Attributes
    ----------
    likes : int
        How many papers they liked in the first.
    first, second : tuple of int
        Places that the issue was composed with; those of explored papers are not among them.
    explored : tuple of int
        Places in the second that were drawn, to learn what the persona likes.
    """

    address: str
    likes: int
    first: tuple[int, ...]
    second: tuple[int, ...]
    explored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What happened."""

    places: tuple[Places, ...]

    @property
    def followed_the_ratings(self) -> bool:
        """Whether the topic rose for the one who liked it, and for nobody else."""
        rise = {each.address: _gain(each) for each in self.places}
        return rise[ADA] > 0 and all(rise[ADA] > rise[other] for other in (BEN, CLEO))


class Loop:
    """The loop over the real pages and a real mail server.

    Parameters
    ----------
    services : Services
        Of a scratch installation; its clock is ``clock``.
    clock : StoryClock
    relays : sequence of Relay
        The mailbox's.
    mailbox : Mailbox
    incoming : Path
        The watched folder.
    tell : callable
        Is handed a line for each thing that happens.
    """

    def __init__(
        self,
        services: Services,
        *,
        clock: StoryClock,
        relays: Sequence[Relay],
        mailbox: Mailbox,
        incoming: Path,
        tell: Callable[[str], None],
    ) -> None:
        self.services = services
        self.clock = clock
        self.relays = relays
        self.mailbox = mailbox
        self.incoming = incoming
        self.tell = tell

    async def run(self) -> Story:
        """Play the story of two mornings."""
        transport = httpx.ASGITransport(app=create_app(self.services))
        base_url = self.services.site.base_url
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as browser:
            personas = [Persona(address, browser) for address in (ADA, BEN, CLEO)]
            self._ingest("first-day.json")
            await self._subscribe(personas)
            first = {persona.address: self.mailbox.last_to(persona.address) for persona in personas}
            likes = {persona.address: await self._rate(persona) for persona in personas}
            self.clock.now += timedelta(days=1)
            self._ingest("second-day.json")
            self.clock.now += timedelta(hours=1)
            await self._compose_and_deliver()
            second = {
                persona.address: self.mailbox.last_to(persona.address) for persona in personas
            }
        self.tell(
            f"{self.clock.now:%A %H:%M}: the second issue came to everybody, in an order of "
            "their own"
        )
        return Story(
            tuple(
                Places(
                    address=address,
                    likes=likes[address],
                    first=_places(first[address]),
                    second=_places(second[address]),
                    explored=_places(second[address], explored=True),
                )
                for address in (ADA, BEN, CLEO)
            )
        )

    def _ingest(self, name: str) -> None:
        """Put a sample digest, dated today, into the watched folder, and ingest it."""
        digest = json.loads((_SAMPLES / name).read_text(encoding="utf-8"))
        digest["date"] = self.clock.now.date().isoformat()
        path = self.incoming / f"{digest['date']}.json"
        path.write_text(json.dumps(digest, ensure_ascii=False), encoding="utf-8")
        for outcome in WatchedFolder(self.services, self.incoming, settle_seconds=0).ingest():
            self.tell(
                f"{self.clock.now:%A %H:%M}: ingested {Path(outcome.file).name}, {outcome.result}"
            )

    async def _subscribe(self, personas: list[Persona]) -> None:
        for persona in personas:
            await persona.subscribe()
        await self._compose_and_deliver()
        names = ", ".join(persona.address for persona in personas)
        self.tell(
            f"{self.clock.now:%A %H:%M}: {names} subscribed on the page and got a confirmation"
        )
        for persona in personas:
            await persona.confirm(self.mailbox.last_to(persona.address))
        await self._compose_and_deliver()
        self.tell(
            f"{self.clock.now:%A %H:%M}: they confirmed and got the welcome with their first "
            "issue: papers that are different on purpose"
        )

    async def _rate(self, persona: Persona) -> int:
        """Like what a persona's first issue has of their topic, through its links."""
        topic = LIKED_TOPICS.get(persona.address)
        if topic is None:
            self.tell(f"{self.clock.now:%A %H:%M}: {persona.address} rated nothing")
            return 0
        liked = [
            paper
            for paper in papers_of(self.mailbox.last_to(persona.address))
            if title_key(paper.title) in topic_titles(topic)
        ]
        for paper in liked:
            await persona.like(paper)
        did = (
            f"liked {counted(len(liked), 'paper')} on {topic}, by the links of the mail"
            if liked
            else f"found no paper on {topic} to like"
        )
        self.tell(f"{self.clock.now:%A %H:%M}: {persona.address} {did}")
        return len(liked)

    async def _compose_and_deliver(self) -> None:
        subscriptions.decide_requests(self.services)
        newsletters.compose_issues(self.services)
        await delivering.deliver(self.services, self.relays, DeliveryRules())


def zone_by_day(now: datetime) -> ZoneInfo:
    """Return a time zone in which it is between eight and twenty o'clock.

    The people of the story live there, so that whoever opens the demo at night meets the same
    afternoon: today's issue was sent, and the next one is not due for hours.
    """
    zones = map(ZoneInfo, _ZONES)
    return next(zone for zone in zones if now.astimezone(zone).hour in range(8, 20))


def first_morning(now: datetime) -> datetime:
    """Return when the story begins: at six, so that its second issue, a day later, is past.

    What personas do after the story must come after it.

    Parameters
    ----------
    now : datetime
        By day, in the time zone of the story.
    """
    return now.replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=1)


def topic_titles(topic: str) -> frozenset[str]:
    """Return the title keys of the sample papers of a topic."""
    wanted = set(json.loads((_SAMPLES / "topics.json").read_text(encoding="utf-8"))[topic])
    return frozenset(
        title_key(entry["paper"]["title"])
        for name in ("first-day.json", "second-day.json")
        for entry in json.loads((_SAMPLES / name).read_text(encoding="utf-8"))["data"]
        if entry["paper"]["id"] in wanted
    )


def _places(mail: CapturedMail, *, explored: bool = False) -> tuple[int, ...]:
    titles = topic_titles(TOPIC)
    return tuple(
        place
        for place, paper in enumerate(papers_of(mail), start=1)
        if title_key(paper.title) in titles and paper.explored == explored
    )


def _gain(places: Places) -> float:
    """Return how much higher a topic stands in the second issue: sums of reciprocal ranks."""
    return sum(1 / place for place in places.second) - sum(1 / place for place in places.first)

"""Room mail: takes what is due from the outbox to SMTP servers, and records what came of it.

Claims in batches, sends over a few connections, records in batches. It knows no SQL; what an answer
means stands in `replies`, which server is asked in `servers`, what waits in `holds` and `domains`.
After a kill -9 no more messages are in doubt than were claimed, and each of them is sent again
under the same Message-ID, unless the operator does not want that.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from recommender.domain import Delivery, DeliveryState, DomainPace
from recommender.errors import DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import BuildBatch
from recommender.mail.outbox.holds import DeliveryRules, next_delivery_at
from recommender.mail.outbox.recording import Recorder
from recommender.mail.outbox.relays import Relay
from recommender.mail.outbox.slots import Slots
from recommender.mail.outbox.standing import Standing, read_standing
from recommender.mail.outbox.takeover import Takeover
from recommender.mail.outbox.worker import presence_of, worker_name
from recommender.mail.transport.replies import (
    Outcome,
    Reply,
    Step,
    classify,
    dispose,
)
from recommender.mail.transport.transports import Connection
from recommender.store import claims, outbox, pacing, sending_pause
from recommender.store.database import Database, Session
from recommender.store.several import NamedLock

# A message that answers while another one cut the connection tells whose fault the cut was.
SUSPECTS_THAT_CONVICT_THE_SERVER = 2
# Steps of a dialogue, each of which may take the whole timeout, with as much again to spare.
LEASE_TIMEOUTS = 12
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a run of deliveries came to.

    Attributes
    ----------
    sent, deferred, failed : int
        Attempts by the state that they led to. A message counts once per attempt.
    in_doubt : int
        How many of ``deferred`` and ``failed`` were handed over whole and got no answer: they may
        have arrived.
    in_doubt_reclaimed : int
        Claims of dead workers that were taken back at the start: they may have arrived too.
    held_back : int
        Messages that are due and wait for a limit, a window, a pause or a hold.
    server_trouble : str or None
        Why no server can be used, with the fix, in one line. What was not sent is queued.
    content_trouble : str or None
        Why newsletters are held back: servers refused them for what they say.
    troubles : int
        How often in a row the server that fares best was in trouble.
    resume_at : datetime or None
        When something may be delivered next; None where nothing waits.
    paused_at : datetime or None
        Since when the operator pauses sending.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    in_doubt: int = 0
    in_doubt_reclaimed: int = 0
    held_back: int = 0
    server_trouble: str | None = None
    content_trouble: str | None = None
    troubles: int = field(default=0, compare=False)
    resume_at: datetime | None = field(default=None, compare=False)
    paused_at: datetime | None = field(default=None, compare=False)


async def deliver_due(
    database: Database,
    relays: Sequence[Relay],
    build: BuildBatch,
    *,
    rules: DeliveryRules | None = None,
    stop: asyncio.Event | None = None,
    ignore_pauses: bool = False,
    worker: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: random.Random | None = None,
) -> DeliveryReport:
    """Send until nothing may be sent any more, no server is left, or ``stop`` is set.

    When ``stop`` is set, each connection finishes the message that it is on; its outcome is
    recorded, and what was claimed beyond it goes back into the queue.

    Parameters
    ----------
    database : Database
    relays : sequence of Relay
        At least one.
    build : callable
        Builds the messages of a batch, see `building`.
    rules : DeliveryRules or None
        Claims stand for `LEASE_TIMEOUTS` times the longest timeout of a server at least.
    ignore_pauses : bool
        Whether servers are asked that are paused since an earlier run: an operator who sends by
        hand has fixed them, or wants to see.
    worker : str or None
        The name to claim under; None names this process.
    clock : callable
        The present moment, timezone-aware.
    rng : random.Random or None
        Jitter of the retries.

    Returns
    -------
    DeliveryReport

    Raises
    ------
    StorageError
        If the outbox cannot be read or claimed from; or if outcomes could not be recorded until
        after ``stop`` was set, in which case their deliveries are in doubt.
    """
    rules = rules or DeliveryRules()
    stop = stop or asyncio.Event()
    standing = await asyncio.to_thread(
        read_standing,
        database,
        relays,
        rules,
        now=clock(),
        ignore_pauses=ignore_pauses,
        rng=rng or random.Random(),  # noqa: S311, jitter is no secret
    )
    worker = worker or worker_name()
    recorder = Recorder(database, stop, clock, standing)
    run = _Run(
        build=build,
        rules=rules,
        stop=stop,
        lease_seconds=max(
            rules.lease_seconds,
            *(LEASE_TIMEOUTS * relay.server.timeout_seconds for relay in relays),
        ),
        worker=worker,
        presence=NamedLock(database, presence_of(worker)),
        paced_turn=NamedLock(database, "paced domains"),
        clock=clock,
        standing=standing,
        recorder=recorder,
        takeover=Takeover(database, recorder, clock, again=rules.retries.resend_in_doubt),
        slots=Slots(stop, rules.domain_connections),
    )
    try:
        report = await run.deliver()
    finally:
        await asyncio.to_thread(run.release_locks)
    # Deferred messages, pauses and holds of this run included.
    is_through = not stop.is_set() and report.server_trouble is None
    return await asyncio.to_thread(
        _with_waiting, report, database, relays, rules, clock(), counting=is_through
    )


def _with_waiting(
    report: DeliveryReport,
    database: Database,
    relays: Sequence[Relay],
    rules: DeliveryRules,
    now: datetime,
    *,
    counting: bool,
) -> DeliveryReport:
    with database.read() as session:
        held_back = outbox.count_due(session, now=now) if counting else 0
        paused_at = sending_pause.paused_at(session)
    resume_at = next_delivery_at(database, relays, rules, now=now)
    return replace(report, held_back=held_back, resume_at=resume_at, paused_at=paused_at)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run: what its workers share. All but building and writing is done in the loop."""

    build: BuildBatch
    rules: DeliveryRules
    stop: asyncio.Event
    lease_seconds: float
    worker: str
    presence: NamedLock
    paced_turn: NamedLock
    clock: Callable[[], datetime]
    standing: Standing
    recorder: Recorder
    takeover: Takeover
    slots: Slots
    locking: threading.Lock = field(default_factory=threading.Lock)
    is_over: bool = False
    broken: bool = False
    exhausted: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    opening: Counter[str] = field(default_factory=Counter)
    connections: defaultdict[str, list[Connection]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def release_locks(self) -> None:
        """Let others see that this run is over, and the thread that it may have left writing."""
        with self.locking:
            self.is_over = True
            self.presence.release()
            self.paced_turn.release()

    @property
    def halting(self) -> bool:
        # Python 3.11's wait_for swallows a cancellation that comes together with an answer.
        task = asyncio.current_task()
        cancelled = task is not None and task.cancelling() > 0
        return cancelled or self.stop.is_set() or self.broken

    async def deliver(self) -> DeliveryReport:
        await self.takeover.take_over()
        recorder = asyncio.create_task(self.recorder.keep_recording())
        taking_over = asyncio.create_task(self.takeover.keep_looking())
        server_trouble = None
        try:
            while not self.halting and not self.exhausted:
                relays = self.standing.in_charge(self.clock())
                if not relays:
                    server_trouble = self.standing.trouble
                    break
                self.exhausted = True  # until a worker ends for another reason
                await self._work_all(relays)
            await self.recorder.record()
        finally:
            self.takeover.ended.set()
            recorder.cancel()
            await asyncio.gather(recorder, taking_over, return_exceptions=True)
        return DeliveryReport(
            sent=self.counts[DeliveryState.SENT],
            deferred=self.counts[DeliveryState.DEFERRED],
            failed=self.counts[DeliveryState.FAILED],
            in_doubt=self.counts[Outcome.IN_DOUBT],
            in_doubt_reclaimed=self.takeover.reclaimed,
            server_trouble=server_trouble,
            content_trouble=self.standing.content_trouble,
            troubles=min(state.troubles for state in self.standing.states.values()),
        )

    async def _work_all(self, relays: Sequence[Relay]) -> None:
        # Not a TaskGroup: it would cut the other workers off in the middle of a message.
        results = await asyncio.gather(
            *(self._work(relay) for relay in relays for _ in range(relay.server.connections)),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                await self.recorder.record()
                raise result

    async def _work(self, relay: Relay) -> None:
        connection = relay.connect()
        self.connections[relay.name].append(connection)
        try:
            while not self.halting:
                # Not in charge any more where it is paused, or one that goes first is back.
                if relay not in self.standing.in_charge(self.clock()):
                    self.exhausted = False
                    return
                batch = await self._claim(relay)
                if not batch:
                    return
                if not await self._deliver_batch(relay, connection, batch):
                    self.exhausted = False
                    return
        except Exception:
            self.broken = True  # the others finish what they are on
            raise
        finally:
            self.connections[relay.name].remove(connection)
            await connection.close()

    async def _claim(self, relay: Relay) -> list[Delivery]:
        """Claim what may go now; what is claimed beyond a limit goes back unharmed."""
        while not self.halting:
            now = self.clock()
            limit = self.standing.reserve(relay, now)
            if limit <= 0:
                self.exhausted = False
                return []
            claimed, slowed = await self.recorder.write_patiently(
                self._claim_present,
                worker=self.worker,
                now=now,
                lease_seconds=self.lease_seconds,
                limit=limit,
                without_kinds=self.standing.held_kinds(now),
            )
            self.standing.domains.learn(slowed)
            admitted = [each for each in claimed if self.standing.admit(each, now)]
            self.standing.give_back(relay, limit - len(admitted))
            if len(admitted) < len(claimed):
                kept = {delivery.id for delivery in admitted}
                await self._release([each for each in claimed if each.id not in kept])
            if admitted or not claimed:
                return admitted
        return []

    def _claim_present(
        self, session: Session, **asked: Any
    ) -> tuple[list[Delivery], dict[str, DomainPace]]:
        """Claim while others see that this worker lives; in the one thread that writes.

        What goes to domains with a pace is one process's: each counts only what it sends itself.

        Returns
        -------
        claimed : list of Delivery
        slowed : dict
            The paces of domains that asked for less, of this process or another.
        """
        if not self._hold(self.presence):
            return [], {}
        takes_paced = partial(self._hold, self.paced_turn)
        claimed = claims.claim_due(session, **asked, takes_paced=takes_paced)
        return claimed, pacing.domain_paces(session, slowed=True)

    def _hold(self, lock: NamedLock) -> bool:
        with self.locking:
            return not self.is_over and lock.hold()

    async def _release(self, deliveries: Sequence[Delivery]) -> None:
        # Pauses of domains are written along: else the next claim would take the same ones again.
        await self.recorder.write_patiently(
            claims.release, sorted(delivery.id for delivery in deliveries), worker=self.worker
        )

    async def _deliver_batch(
        self, relay: Relay, connection: Connection, batch: Sequence[Delivery]
    ) -> bool:
        """Send a batch; what no answer belongs to goes back into the queue.

        Its outcomes are recorded with the next claim, in one transaction.

        Returns
        -------
        bool
            Whether this connection may go on.
        """
        # Past half the lease another process could soon take a claim for abandoned.
        safe_until = asyncio.get_running_loop().time() + self.lease_seconds / 2
        unanswered = {delivery.id: delivery for delivery in batch}
        suspects: list[tuple[Delivery, Reply]] = []
        may_go_on = True
        for delivery, built in zip(batch, await self.build(batch), strict=True):
            if self.standing.is_held_meanwhile(delivery, self.clock()):
                continue
            reply = await self._reply_to(relay, connection, delivery, built, safe_until)
            if reply is None:
                may_go_on = False
                break
            if classify(reply) is Outcome.SERVER:
                suspects.append((delivery, reply))
                if len(suspects) >= SUSPECTS_THAT_CONVICT_THE_SERVER:
                    break
                continue
            answered = [(delivery, reply)]
            if reply.code is not None and reply.step is not Step.BUILD:
                # The server answers others: it was the suspects' own doing.
                answered += suspects
                suspects = []
            for each, its_reply in answered:
                self._note(relay, each, its_reply)
                del unanswered[each.id]
        if suspects:
            self._break_off(relay, suspects[-1][1])
        await self._give_back(relay, list(unanswered.values()))
        return may_go_on

    async def _give_back(self, relay: Relay, unanswered: Sequence[Delivery]) -> None:
        for delivery in unanswered:
            self.standing.dismiss(relay, delivery)
        if unanswered:
            await self._release(unanswered)

    async def _reply_to(
        self,
        relay: Relay,
        connection: Connection,
        delivery: Delivery,
        built: Envelope | Reply,
        safe_until: float,
    ) -> Reply | None:
        """Get what becomes of one message; None where this connection is to stop for now."""
        if isinstance(built, Reply):
            return None if self.halting else built
        loop = asyncio.get_running_loop()
        async with self.slots.of(relay, delivery.recipient_domain):
            is_over = (
                self.halting
                or self.standing.is_paused(relay, self.clock())
                or loop.time() > safe_until
            )
            return None if is_over else await self._send(relay, connection, built)

    async def _send(self, relay: Relay, connection: Connection, envelope: Envelope) -> Reply | None:
        """Get an answer about one message; None where the server cannot be used at all.

        A server may close a connection after so many messages or errors, in the middle of the
        next one, so what failed on a used connection is tried once more on a new one.
        """
        while True:
            most = relay.server.messages_per_connection
            if most and connection.answered >= most and connection.is_open:
                await connection.close()
            if not connection.is_open:
                try:
                    await self._open(relay, connection)
                except DeliveryError as error:
                    self._cannot_open(relay, error)
                    return None
            used = connection.answered > 0
            reply = await connection.send(envelope)
            outcome = classify(reply)
            if outcome is Outcome.SERVER and used:
                continue
            if outcome is Outcome.IN_DOUBT and not used:
                # On a new connection already: to go on would put one after another in doubt.
                self._break_off(relay, reply)
            return reply

    async def _open(self, relay: Relay, connection: Connection) -> None:
        self.opening[relay.name] += 1
        try:
            await connection.open()
        finally:
            self.opening[relay.name] -= 1

    def _cannot_open(self, relay: Relay, error: DeliveryError) -> None:
        if self.opening[relay.name] or any(each.is_open for each in self.connections[relay.name]):
            # It talks to us over another connection, or is about to: it wants fewer of them. Where
            # it is gone, the last one finds that out.
            _logger.info("one connection less: %s", error)
        else:
            self._pause(relay, str(error))

    def _break_off(self, relay: Relay, reply: Reply) -> None:
        self._pause(
            relay,
            f"SMTP server {relay.name} breaks off: {reply.words}; what was not sent stays "
            "queued, look at the server's log if it comes again",
        )

    def _pause(self, relay: Relay, trouble: str) -> None:
        self.standing.pause(relay, trouble, self.clock())

    def _note(self, relay: Relay, delivery: Delivery, reply: Reply) -> None:
        now = self.clock()
        disposition = dispose(
            delivery, reply, now=now, policy=self.rules.retries, rng=self.standing.rng
        )
        in_doubt = classify(reply) is Outcome.IN_DOUBT
        self.counts[disposition.state] += 1
        self.counts[Outcome.IN_DOUBT] += in_doubt
        self.standing.learn(relay, delivery, reply, disposition, now)
        self.recorder.note(
            claims.Attempt(
                delivery_id=delivery.id,
                attempted_at=now,
                state=disposition.state,
                server="" if reply.step is Step.BUILD else relay.name,
                reply_code=reply.code,
                enhanced_status_code=reply.enhanced_status_code,
                reply=disposition.words,
                next_attempt_at=disposition.next_attempt_at,
                in_doubt=in_doubt,
            )
        )

"""Room mail: takes what is due from the outbox to the SMTP server, and records what came of it.

Claims in batches, sends over a few connections, records in batches. It knows no SQL, and what an
answer means stands in `replies`. After a kill -9 no more messages are in doubt than were claimed,
and each of them is sent again under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from recommender.domain import Delivery, DeliveryState
from recommender.errors import DeliveryError, RecommenderError, StorageError, UndeliverableError
from recommender.mail.message import Envelope
from recommender.mail.relay import SmtpServer
from recommender.mail.replies import (
    Outcome,
    Reply,
    RetryPolicy,
    Step,
    classify,
    dispose,
    one_line,
)
from recommender.mail.transports import Connection, connect
from recommender.mail.worker import is_alive, worker_name
from recommender.store import outbox
from recommender.store.database import Database

RECORD_EVERY_SECONDS = 1.0
RECORD_RETRY_SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0)
# A message that answers while another one cut the connection tells whose fault the cut was.
SUSPECTS_THAT_CONVICT_THE_SERVER = 2
# Steps of a dialogue, each of which may take the whole timeout, with as much again to spare.
LEASE_TIMEOUTS = 12

ComposeEnvelope = Callable[[Delivery], Envelope]
PrepareBatch = Callable[[Sequence[Delivery]], ComposeEnvelope]

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a run of deliveries came to.

    Attributes
    ----------
    sent, deferred, failed : int
        Attempts by the state that they led to. A message counts once per attempt.
    in_doubt : int
        How many of ``deferred`` were handed over whole and got no answer: they may have arrived.
    in_doubt_reclaimed : int
        Claims of dead workers that were queued again at the start: they may have arrived too.
    server_trouble : str or None
        Why the server cannot be used, with the mend, in one line. What was not sent is queued.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    in_doubt: int = 0
    in_doubt_reclaimed: int = 0
    server_trouble: str | None = None


async def deliver_due(
    database: Database,
    server: SmtpServer,
    prepare: PrepareBatch,
    *,
    stop: asyncio.Event | None = None,
    connections: int = 4,
    batch_size: int = 20,
    lease_seconds: float = 900,
    policy: RetryPolicy | None = None,
    worker: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: random.Random | None = None,
) -> DeliveryReport:
    """Send until nothing is due, the server is in trouble, or ``stop`` is set.

    When ``stop`` is set, each connection finishes the message that it is on; its outcome is
    recorded, and what was claimed beyond it goes back into the queue.

    Parameters
    ----------
    database : Database
    server : SmtpServer
    prepare : callable
        Reads what a batch of deliveries needs, and gives what renders one of them. Both are called
        in a thread, by several threads at a time. What the second raises defers that delivery and
        stops no other; what the first raises defers the batch.
    connections : int
        Most connections at a time, >= 1.
    batch_size : int
        Messages that one connection claims and renders at a time, >= 1; with ``connections`` it
        bounds what a kill -9 leaves in doubt, and the memory.
    lease_seconds : float
        How long claims stand where nobody can tell whether their worker lives. Raised to
        `LEASE_TIMEOUTS` times the server's timeout where it is less.
    policy : RetryPolicy or None
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
    run = _Run(
        database=database,
        server=server,
        prepare=prepare,
        stop=stop or asyncio.Event(),
        batch_size=batch_size,
        lease_seconds=max(lease_seconds, LEASE_TIMEOUTS * server.timeout_seconds),
        policy=policy or RetryPolicy(),
        worker=worker or worker_name(),
        clock=clock,
        rng=rng or random.Random(),  # noqa: S311, jitter is no secret
    )
    return await run.deliver(connections)


class _Run:
    """One run: what its workers share."""

    def __init__(
        self,
        *,
        database: Database,
        server: SmtpServer,
        prepare: PrepareBatch,
        stop: asyncio.Event,
        batch_size: int,
        lease_seconds: float,
        policy: RetryPolicy,
        worker: str,
        clock: Callable[[], datetime],
        rng: random.Random,
    ) -> None:
        self.database = database
        self.server = server
        self.prepare = prepare
        self.stop = stop
        self.batch_size = batch_size
        self.lease_seconds = lease_seconds
        self.policy = policy
        self.worker = worker
        self.clock = clock
        self.rng = rng
        self.server_trouble: str | None = None
        self.broken = False
        self.counts: Counter[str] = Counter()
        self.unrecorded: list[outbox.Attempt] = []
        self._recording = asyncio.Lock()
        self._writing = asyncio.Lock()

    @property
    def halting(self) -> bool:
        # Python 3.11's wait_for swallows a cancellation that comes together with an answer.
        task = asyncio.current_task()
        cancelled = task is not None and task.cancelling() > 0
        return cancelled or self.stop.is_set() or self.server_trouble is not None or self.broken

    async def deliver(self, connections: int) -> DeliveryReport:
        reclaimed = await self._write(outbox.reclaim, now=self.clock(), is_alive=is_alive)
        if reclaimed:
            _logger.warning(
                "%d deliveries were claimed by workers that are gone: they may have arrived and "
                "are sent again under the same Message-ID",
                reclaimed,
            )
        recorder = asyncio.create_task(self._record_now_and_then())
        try:
            # Not a TaskGroup: it would cut the other workers off in the middle of a message.
            results = await asyncio.gather(
                *(self._work() for _ in range(connections)), return_exceptions=True
            )
            await self._record()
        finally:
            recorder.cancel()
            await asyncio.gather(recorder, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return DeliveryReport(
            sent=self.counts[DeliveryState.SENT],
            deferred=self.counts[DeliveryState.DEFERRED],
            failed=self.counts[DeliveryState.FAILED],
            in_doubt=self.counts[Outcome.IN_DOUBT],
            in_doubt_reclaimed=reclaimed,
            server_trouble=self.server_trouble,
        )

    async def _work(self) -> None:
        connection = connect(self.server)
        try:
            while not self.halting:
                batch = await self._write(
                    outbox.claim_due,
                    worker=self.worker,
                    now=self.clock(),
                    lease_seconds=self.lease_seconds,
                    limit=self.batch_size,
                )
                if not batch:
                    return
                await self._deliver_batch(connection, batch)
        except Exception:
            self.broken = True  # the others finish what they are on
            raise
        finally:
            await connection.close()

    async def _deliver_batch(self, connection: Connection, batch: Sequence[Delivery]) -> None:
        """Send a batch and record it; what no answer belongs to goes back into the queue."""
        loop = asyncio.get_running_loop()
        # Past half the lease another process could soon take a claim for abandoned.
        safe_until = loop.time() + self.lease_seconds / 2
        unanswered = {delivery.id for delivery in batch}
        suspects: list[tuple[Delivery, Reply]] = []
        for delivery, composed in await asyncio.to_thread(self._compose, batch):
            if self.halting or loop.time() > safe_until:
                break
            reply = (
                composed if isinstance(composed, Reply) else await self._send(connection, composed)
            )
            if reply is None:
                break
            if classify(reply) is Outcome.SERVER:
                suspects.append((delivery, reply))
                if len(suspects) >= SUSPECTS_THAT_CONVICT_THE_SERVER:
                    break
                continue
            self._note(delivery, reply)
            unanswered.discard(delivery.id)
            if reply.code is not None:  # the server answers others: it was the suspects' own doing
                for suspect in suspects:
                    self._note(*suspect)
                    unanswered.discard(suspect[0].id)
                suspects.clear()
        if suspects:
            self._note_trouble(suspects[-1][1])
        await self._record()
        if unanswered:
            await self._write(outbox.release, sorted(unanswered), worker=self.worker)

    def _compose(self, batch: Sequence[Delivery]) -> list[tuple[Delivery, Envelope | Reply]]:
        ids = f"deliveries {', '.join(str(delivery.id) for delivery in batch)}"
        compose = _or_refusal(lambda: self.prepare(batch), ids)
        if isinstance(compose, Reply):
            return [(delivery, compose) for delivery in batch]
        return [
            (delivery, _or_refusal(functools.partial(compose, delivery), f"delivery {delivery.id}"))
            for delivery in batch
        ]

    async def _send(self, connection: Connection, envelope: Envelope) -> Reply | None:
        """Get an answer about one message; None where the server cannot be used at all.

        A server may close a connection after so many messages or errors, in the middle of the
        next one, so what failed on a used connection is tried once more on a new one.
        """
        while True:
            if not connection.is_open:
                try:
                    await connection.open()
                except DeliveryError as error:
                    self._halt_for(str(error))
                    return None
            used = connection.answered > 0
            reply = await connection.send(envelope)
            outcome = classify(reply)
            if outcome is Outcome.SERVER and used:
                continue
            if outcome is Outcome.IN_DOUBT and not used:
                # On a new connection already: to go on would put one after another in doubt.
                self._note_trouble(reply)
            return reply

    def _note_trouble(self, reply: Reply) -> None:
        self._halt_for(
            f"SMTP server {self.server.address} breaks off: {reply.words}; what was not sent stays "
            "queued, look at the server's log if it comes again"
        )

    def _halt_for(self, trouble: str) -> None:
        if self.server_trouble is None:
            _logger.warning("%s", trouble)
            self.server_trouble = trouble

    def _note(self, delivery: Delivery, reply: Reply) -> None:
        now = self.clock()
        disposition = dispose(delivery, reply, now=now, policy=self.policy, rng=self.rng)
        self.counts[disposition.state] += 1
        if classify(reply) is Outcome.IN_DOUBT:
            self.counts[Outcome.IN_DOUBT] += 1
        self.unrecorded.append(
            outbox.Attempt(
                delivery_id=delivery.id,
                attempted_at=now,
                state=disposition.state,
                server="" if reply.step is Step.COMPOSE else self.server.address,
                reply_code=reply.code,
                enhanced_status_code=reply.enhanced_status_code,
                reply=disposition.words,
                next_attempt_at=disposition.next_attempt_at,
            )
        )

    async def _record_now_and_then(self) -> None:
        # A worker records its batch when it is through; a server that hangs must not delay that.
        while True:
            await asyncio.sleep(RECORD_EVERY_SECONDS)
            await self._record()

    async def _record(self) -> None:
        """Record all outcomes, trying again for as long as it takes: nothing is sent meanwhile.

        Raises
        ------
        StorageError
            If ``stop`` is set and more tries failed than `RECORD_RETRY_SECONDS` has pauses.
        """
        async with self._recording:
            failures = 0
            while self.unrecorded:
                attempts = tuple(self.unrecorded)
                try:
                    await self._write(outbox.record_attempts, attempts)
                except StorageError as error:
                    if failures >= len(RECORD_RETRY_SECONDS) and self.stop.is_set():
                        raise
                    _logger.warning("%d outcomes wait to be recorded: %s", len(attempts), error)
                    failures += 1
                    pause = min(failures, len(RECORD_RETRY_SECONDS)) - 1
                    await asyncio.sleep(RECORD_RETRY_SECONDS[pause])
                else:
                    del self.unrecorded[: len(attempts)]

    async def _write(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        # One at a time: writers of one database would only wait for each other in threads.
        async with self._writing:
            return await asyncio.to_thread(self._write_in_thread, change, *args, **kwargs)

    def _write_in_thread(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        with self.database.write() as session:
            return change(session, *args, **kwargs)


def _or_refusal(make: Callable[[], _T], what: str) -> _T | Reply:
    """Make something, or give what becomes of ``what`` where that fails: no other is stopped."""
    try:
        return make()
    except UndeliverableError as error:
        return Reply(554, "5.7.1", one_line(f"not sent: {error}"), Step.COMPOSE)
    except RecommenderError as error:
        _logger.error("%s cannot be composed: %s", what, error)  # noqa: TRY400, our errors say enough in a line
        words = str(error)
    except Exception as error:
        _logger.exception("%s cannot be composed", what)
        words = f"{type(error).__name__}: {error}"
    return Reply(None, None, one_line(f"not composed: {words}"), Step.COMPOSE)

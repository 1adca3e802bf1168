"""What became of messages is written in few transactions, once, and however long it takes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recommender.domain import DeliveryState, DomainPace, ServerState
from recommender.errors import StorageError
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.recording import Recorder
from recommender.mail.outbox.relays import Relay
from recommender.mail.outbox.standing import Standing, read_standing
from recommender.mail.transport.smtp_server import SmtpServer
from recommender.store import claims, pacing
from recommender.store.claims import Attempt
from recommender.store.database import Database, Session, open_database

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
MX = "mx:25"


class Lock:
    """Another process's lock: nothing can be written while it is held, and nobody waits for it."""

    def __init__(self, path: str) -> None:
        self._other = sqlite3.connect(path, isolation_level=None)
        self.pauses: list[float] = []
        self.until_pause = 0

    def hold(self, *, until_pause: int = 0) -> None:
        """Hold it, until it was waited for so often; 0: until it is released."""
        self.until_pause = until_pause
        self._other.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self._other.rollback()

    def close(self) -> None:
        self._other.close()

    async def sleep(self, seconds: float) -> None:
        """Stand in for the clock: note how long was waited."""
        self.pauses.append(seconds)
        if len(self.pauses) == self.until_pause:
            self.release()
        assert len(self.pauses) < 100, "nobody ever stops"


@pytest.fixture
def lock(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lock]:
    """Yield a lock on the database, and make its pauses those of the recorder."""
    with contextlib.closing(Lock(str(database.url.database))) as lock:
        monkeypatch.setattr("recommender.mail.outbox.recording.asyncio.sleep", lock.sleep)
        yield lock


def standing(database: Database) -> Standing:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return read_standing(
        database,
        [Relay(SmtpServer(MX), connect)],
        DeliveryRules(),
        now=NOW,
        ignore_pauses=False,
        rng=random.Random(1),  # noqa: S311, jitter
    )


class Run:
    """A recorder, what it records, and claimed deliveries to record something of."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stop = asyncio.Event()
        self.standing = standing(database)
        self.recorder = Recorder(database, self.stop, lambda: NOW, self.standing)

    def note(self, number: int) -> None:
        self.recorder.note(
            Attempt(number, NOW, DeliveryState.SENT, MX, 250, "2.0.0", "250 2.0.0 taken")
        )

    def server_in_trouble(self) -> ServerState:
        self.standing.pause(self.standing.relays[0], "gone", NOW)
        return self.standing.states[MX]

    def recorded(self, session: Session | None = None) -> list[int]:
        """Return which deliveries have an attempt in their history."""
        with contextlib.ExitStack() as stack:
            session = session or stack.enter_context(self.database.read())
            return list(session.scalars(text("SELECT delivery_id FROM delivery_attempt")))

    def saved(self) -> tuple[dict[str, ServerState], dict[str, DomainPace]]:
        with self.database.read() as session:
            return pacing.server_states(session, [MX]), pacing.domain_paces(session)


@pytest.fixture
def run(database: Database, queued: Any) -> Iterator[Run]:
    """Yield a `Run` on a database that waits for no lock."""
    queued.queue(3)
    with database.write() as session:
        claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=3)
    url = database.url.render_as_string()
    with contextlib.closing(open_database(url, busy_timeout_seconds=0)) as impatient:
        yield Run(impatient)


async def test_what_was_noted_is_written_before_a_change_in_its_transaction(
    run: Run, writes: Any
) -> None:
    def change(session: Session, *args: str, **kwargs: str) -> Any:
        return run.recorded(session), args, kwargs

    run.note(1)
    run.note(2)

    assert await run.recorder.write(change, "a", b="c") == ([1, 2], ("a",), {"b": "c"})
    assert writes.count == 1
    await run.recorder.record()
    assert (run.recorded(), writes.count) == ([1, 2], 1)


async def test_change_that_fails_undoes_nothing_for_good(run: Run) -> None:
    def change(_session: Session) -> None:
        raise StorageError("no")

    run.note(1)
    paused = run.server_in_trouble()

    with pytest.raises(StorageError, match=r"^no$"):
        await run.recorder.write(change)

    assert run.recorded() == []
    await run.recorder.record()
    assert run.recorded() == [1]
    assert run.saved() == ({MX: paused}, {})


async def test_what_is_noted_while_others_are_written_is_written_next(
    run: Run, writes: Any
) -> None:
    run.note(1)

    await run.recorder.write(lambda _session: run.note(2))
    assert run.recorded() == [1]
    await run.recorder.record()
    assert (run.recorded(), writes.count) == ([1, 2], 2)
    await run.recorder.record()
    assert writes.count == 2


async def test_what_several_wait_for_is_written_once(run: Run, writes: Any) -> None:
    run.note(1)

    await asyncio.gather(*(run.recorder.record() for _ in range(4)))

    assert (run.recorded(), writes.count) == ([1], 1)


async def test_nothing_that_is_new_is_no_transaction(run: Run, writes: Any) -> None:
    await run.recorder.record()

    assert writes.count == 0


async def test_how_servers_and_domains_fare_is_written_once(run: Run, writes: Any) -> None:
    paused = run.server_in_trouble()
    await run.recorder.record()
    pace = run.standing.domains.slowed("example.org", "slow down", NOW)
    await run.recorder.record()

    assert run.saved() == ({MX: paused}, {"example.org": pace})
    assert writes.count == 2
    await run.recorder.record()
    assert writes.count == 2


async def test_what_another_process_saved_meanwhile_is_not_undone_by_old_news(run: Run) -> None:
    run.server_in_trouble()
    run.standing.domains.slowed("example.org", "slow down", NOW)
    await run.recorder.record()
    state, pace = ServerState(troubles=7), DomainPace(7.0)
    with run.database.write() as session:
        pacing.save_server_states(session, {MX: state}, now=NOW)
        pacing.save_domain_paces(session, {"example.org": pace}, now=NOW)

    run.note(1)
    await run.recorder.record()

    assert run.saved() == ({MX: state}, {"example.org": pace})


async def test_pauses_are_saved_as_of_the_present_moment(run: Run) -> None:
    """A pause that is over is not worth a row."""
    limits = run.standing.domains
    limits._keep("over.example.org", DomainPace(None, NOW))
    limits._keep("paused.example.org", DomainPace(None, NOW + HOUR))

    await run.recorder.record()

    assert run.saved()[1].keys() == {"paused.example.org"}


@pytest.mark.sqlite  # one lock of its file for all that is written
async def test_recording_waits_longer_each_time_and_for_as_long_as_it_takes(
    run: Run, lock: Lock, caplog: pytest.LogCaptureFixture
) -> None:
    run.note(1)
    paused = run.server_in_trouble()
    caplog.clear()
    lock.hold(until_pause=7)

    await run.recorder.record()

    assert lock.pauses == [0.1, 0.3, 1.0, 3.0, 10.0, 10.0, 10.0]
    assert run.recorded() == [1]
    assert run.saved() == ({MX: paused}, {})
    assert len(caplog.messages) == 7
    assert caplog.messages[0].startswith("1 outcomes wait to be recorded: database sqlite:///")


@pytest.mark.sqlite  # one lock of its file for all that is written
async def test_recording_gives_up_after_all_pauses_once_we_stop(run: Run, lock: Lock) -> None:
    run.note(1)
    run.stop.set()
    lock.hold()

    with pytest.raises(StorageError, match="locked"):
        await run.recorder.record()

    assert lock.pauses == [0.1, 0.3, 1.0, 3.0, 10.0]
    lock.release()
    await run.recorder.record()
    assert run.recorded() == [1]


@pytest.mark.sqlite  # one lock of its file for all that is written
async def test_change_is_tried_again_and_gives_its_result(
    run: Run, lock: Lock, caplog: pytest.LogCaptureFixture
) -> None:
    def change(session: Session, *args: str, **kwargs: str) -> Any:
        run.recorded(session)
        return args, kwargs

    lock.hold(until_pause=2)

    assert await run.recorder.write_patiently(change, "a", b="c") == (("a",), {"b": "c"})
    assert lock.pauses == [0.1, 0.3]
    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith("the outbox is tried again: database sqlite:///")


@pytest.mark.sqlite  # one lock of its file for all that is written
async def test_change_that_alone_cannot_be_written_fails_after_all_pauses(
    run: Run, lock: Lock
) -> None:
    calls: list[tuple[tuple[str, ...], dict[str, str]]] = []

    def change(_session: Session, *args: str, **kwargs: str) -> None:
        calls.append((args, kwargs))
        raise StorageError("no such column")

    run.note(1)

    with pytest.raises(StorageError, match="no such column"):
        await run.recorder.write_patiently(change, "a", b="c")

    assert lock.pauses == [0.1, 0.3, 1.0, 3.0, 10.0]
    assert calls == [(("a",), {"b": "c"})] * 6
    assert run.recorded() == [1]  # what was sent is no hostage of it


@pytest.mark.sqlite  # one lock of its file for all that is written
async def test_change_is_not_tried_again_once_we_stop(run: Run, lock: Lock) -> None:
    run.stop.set()
    lock.hold()

    with pytest.raises(StorageError, match="locked"):
        await run.recorder.write_patiently(run.recorded)

    assert lock.pauses == []


async def test_what_was_noted_is_recorded_every_second(
    run: Run, writes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 3:
            raise asyncio.CancelledError
        run.note(len(pauses))

    monkeypatch.setattr("recommender.mail.outbox.recording.asyncio.sleep", pause)

    with pytest.raises(asyncio.CancelledError):
        await run.recorder.keep_recording()

    assert pauses == [1.0] * 4
    assert (run.recorded(), writes.count) == ([1, 2, 3], 3)

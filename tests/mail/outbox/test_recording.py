"""What became of messages is written in few transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recommender.mail.outbox.delivery import DeliveryReport
from recommender.store.database import Database


async def test_outcomes_are_recorded_with_the_next_claim(
    queued: Any, start_server: Any, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0

    def counted(self: Database) -> Any:
        nonlocal writes
        writes += 1
        return original(self)

    original: Callable[[Database], Any] = Database.write
    queued.queue(20)
    queued.add_server(await start_server(mailbox), connections=1)
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_EVERY_SECONDS", 3600.0)
    monkeypatch.setattr(Database, "write", counted)

    assert DeliveryReport(sent=20) == await queued.deliver()
    # To take back what dead workers had, four claims of five, and the one that finds nothing more.
    assert writes == 1 + 4 + 1

"""A backup that is taken while the daemon sends: whom its log says was mailed is mailed no more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from recommender.domain import DeliveryState
from recommender.store.tables import DeliveryRow

READERS = 200
SENT = DeliveryState.SENT
pytestmark = pytest.mark.slow


def test_who_the_log_of_a_backup_says_was_sent_an_issue_is_sent_none_again(
    with_digest: Any,
    sink: Any,
    start_daemon: Callable[..., Any],
    eventually: Callable[..., Any],
    tmp_path: Path,
) -> None:
    with_digest.import_subscribers(READERS)
    with_digest.make_due(datetime.now(UTC) - timedelta(hours=1))
    sink.delay_seconds = 0.1
    daemon = start_daemon(with_digest)
    eventually(
        lambda: any(each.state is SENT for each in with_digest.deliveries()),
        "it has sent some, and recorded that",
        seconds=60,
    )

    backup = tmp_path / "backup.db"
    with_digest.do("backup", backup)

    eventually(lambda: len(sink.mails()) >= READERS, "all are sent", seconds=120)
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    sent = Counter(mail.recipient for mail in sink.mails())
    assert set(sent.values()) == {1}

    refused = with_digest.run("restore", backup)
    assert refused.returncode == 1
    assert "would get an issue twice: " in refused.stderr
    assert refused.stderr.rstrip().endswith("give --yes")
    with_digest.do("restore", backup, "--yes")
    known = {each.recipient for each in with_digest.deliveries() if each.state is SENT}
    assert 0 < len(known) < READERS

    ids_before = sink.message_ids()
    # Whoever was being sent something at that moment is asked for again when the claim is over.
    with with_digest.services() as services, services.database.write() as session:
        end_claims(session)
    with_digest.run("send", "--now")

    again = Counter(mail.recipient for mail in sink.mails()) - sent
    assert set(again) == set(sent) - known
    assert set(again.values()) == {1}
    # And by the same name, so that their servers may know it.
    assert {to: ids for to, ids in sink.message_ids().items() if len(ids) > 1} == {}
    assert sink.message_ids() == ids_before
    counts = json.loads(with_digest.do("stats", "--json"))["deliveries"]
    assert counts["sent"] == READERS


def end_claims(session: Any) -> None:
    """Let claims of the daemon that is gone be over, as they are some minutes later."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    for row in session.exec(select(DeliveryRow)).all():
        if row.leased_until is not None:
            row.leased_until = long_ago

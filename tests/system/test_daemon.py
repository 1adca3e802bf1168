"""`recommender run` as a process: its clock, its end, and what a kill -9 may not lose."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from recommender.domain import DeliveryState
from recommender.jobs.outgoing import health

READERS = 300
CLAIMED_AT_MOST = 4 * 20  # smtp.connections times delivery.batch


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def gather(installation: Any, readers: int) -> None:
    """Have so many readers, whose short issues are due."""
    installation.settings["NEWSLETTER__PAPERS"] = "2"
    installation.import_subscribers(readers)
    installation.make_due(long_ago())


def assert_each_has_one_issue_under_one_message_id(
    installation: Any, sink: Any, readers: int
) -> None:
    deliveries = installation.deliveries()
    assert Counter(each.state for each in deliveries) == {DeliveryState.SENT: readers}
    assert {each.recipient: {each.message_id} for each in deliveries} == sink.message_ids()
    assert len(sink.message_ids()) == readers


def issues_composed(services: Any) -> int:
    number: int = health.count_everything(services).issues
    return number


def test_ready_is_told_when_the_pages_answer_and_stopping_when_it_ends(
    with_digest: Any, start_daemon: Any
) -> None:
    daemon = start_daemon(with_digest)

    assert daemon.states == ["READY=1"]
    answer = httpx.get(f"{with_digest.base_url}/healthz", timeout=5)
    assert answer.json() == {"status": "ok", "reasons": [], "held": []}

    begun = time.monotonic()
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    assert time.monotonic() - begun < 5
    assert daemon.states == ["READY=1", "STOPPING=1"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{with_digest.base_url}/healthz", timeout=5)


@pytest.fixture(scope="module")
def running(
    with_papers: Any,
    shared_sink: Any,
    start_shared_daemon: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """Return an installation with two readers and a running daemon that retries every second."""
    folder = tmp_path_factory.mktemp("running") / "installation"
    installation = with_papers.copy(
        folder, smtp_port=shared_sink.port, DELIVERY__FIRST_RETRY_SECONDS="1"
    )
    installation.import_subscribers(2)
    start_shared_daemon(installation)
    return installation


def test_an_issue_that_falls_due_while_the_daemon_runs_is_sent_then(
    running: Any, shared_sink: Any, eventually: Callable[..., Any]
) -> None:
    due_at = datetime.now(UTC) + timedelta(seconds=3)
    running.make_due(due_at, "reader1@example.org")
    running.look_now(1)
    eventually((running.folder / "done" / "1.jsonl").exists, "the daemon has looked")

    shared_sink.wait_for("reader1@example.org")

    assert datetime.now(UTC) >= due_at


def test_a_deferred_message_is_tried_again_without_anybody_asking(
    running: Any, shared_sink: Any
) -> None:
    answers = iter(["451 4.7.1 greylisted", "451 4.7.1 greylisted"])
    shared_sink.answer = lambda _recipient, _number: next(answers, "250 2.0.0 taken")

    running.make_due(long_ago(), "reader2@example.org")
    running.look_now(2)
    shared_sink.wait_for("reader2@example.org")

    assert len(shared_sink.refused) == 2
    assert len(shared_sink.message_ids()["reader2@example.org"]) == 1


def test_without_a_mail_server_the_pages_work_and_what_waits_stays_queued(
    with_digest: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    gather(with_digest, 2)
    with_digest.settings["SMTP__PORT"] = "9"

    daemon = start_daemon(with_digest)

    eventually(lambda: "it is paused for" in daemon.log.read_text(), "the trouble is told")
    assert httpx.get(with_digest.base_url, timeout=5).status_code == 200
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    assert [each.state for each in with_digest.deliveries()] == 2 * [DeliveryState.QUEUED]


def test_told_to_stop_it_finishes_what_is_under_way_and_leaves_the_rest_queued(
    with_digest: Any, sink: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    gather(with_digest, 100)
    sink.delay_seconds = 0.1
    daemon = start_daemon(with_digest)
    eventually(lambda: len(sink.mails()) >= 20, "some are delivered")

    begun = time.monotonic()
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    assert time.monotonic() - begun < 5

    assert daemon.states == ["READY=1", "STOPPING=1"]
    assert "Traceback" not in daemon.log.read_text()
    arrived = {mail.recipient for mail in sink.mails()}
    assert len(arrived) < 100
    assert {each.recipient: each.state for each in with_digest.deliveries()} == {
        f"reader{number}@example.org": DeliveryState.SENT
        if f"reader{number}@example.org" in arrived
        else DeliveryState.QUEUED
        for number in range(1, 100 + 1)
    }

    sink.delay_seconds = 0.0
    with_digest.do("send")

    assert_each_has_one_issue_under_one_message_id(with_digest, sink, 100)
    assert len(sink.mails()) == 100


def test_told_to_stop_while_it_composes_it_ends_well(
    with_digest: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    gather(with_digest, READERS)
    with with_digest.services() as services:
        daemon = start_daemon(with_digest)
        eventually(lambda: issues_composed(services), "some are composed")

    daemon.signal_stop()

    assert daemon.wait_until_ended() == 0
    assert "Traceback" not in daemon.log.read_text()
    assert DeliveryState.SENDING not in {each.state for each in with_digest.deliveries()}


def test_killed_while_it_delivers_it_loses_nobody_and_makes_no_second_message_id(
    with_digest: Any, sink: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    gather(with_digest, READERS)
    sink.delay_seconds = 0.02
    daemon = start_daemon(with_digest)
    eventually(lambda: len(sink.mails()) >= random.randrange(30, 200), "some are delivered")  # noqa: S311 - no secret
    daemon.kill()
    killed_after = len(sink.mails())
    assert killed_after < READERS

    start_daemon(with_digest)
    with_digest.wait_until_sent(READERS)

    assert_each_has_one_issue_under_one_message_id(with_digest, sink, READERS)
    copies = Counter(mail.recipient for mail in sink.mails())
    assert sum(number > 1 for number in copies.values()) <= CLAIMED_AT_MOST


def test_killed_at_any_moment_of_composing_it_loses_nobody_and_composes_nothing_twice(
    with_digest: Any, sink: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    gather(with_digest, READERS)
    with with_digest.services() as services:
        for issues_before in (0, random.randrange(1, READERS)):  # noqa: S311 - no secret
            daemon = start_daemon(with_digest)
            eventually(
                lambda least=issues_before: issues_composed(services) >= least, "it composes"
            )
            time.sleep(random.uniform(0, 0.2))  # noqa: S311 - some moment after
            daemon.kill()

    start_daemon(with_digest)
    with_digest.wait_until_sent(READERS)

    assert_each_has_one_issue_under_one_message_id(with_digest, sink, READERS)


def test_two_daemons_of_one_installation_send_nothing_twice(
    with_digest: Any, sink: Any, start_daemon: Any, free_port: Any
) -> None:
    gather(with_digest, 100)
    start_daemon(with_digest)
    with_digest.settings["WEB__PORT"] = str(free_port())
    start_daemon(with_digest)

    with_digest.wait_until_sent(100)

    assert_each_has_one_issue_under_one_message_id(with_digest, sink, 100)
    assert len(sink.mails()) == 100


def ignores_hang_up(process_id: int) -> bool:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    ignored = int(status.partition("SigIgn:")[2].split()[0], 16)
    return bool(ignored & 1 << (signal.SIGHUP - 1))


def test_a_hang_up_ends_nothing_while_it_starts_or_later(
    with_digest: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    def hang_up(daemon: Any) -> None:
        eventually(lambda: ignores_hang_up(daemon.process.pid), "hang-ups are ignored")
        for _ in range(20):
            daemon.process.send_signal(signal.SIGHUP)
            time.sleep(0.05)

    daemon = start_daemon(with_digest, meanwhile=hang_up)
    daemon.process.send_signal(signal.SIGHUP)

    eventually(
        lambda: "settings read anew: nothing changed" in daemon.log.read_text(),
        "the operator is told",
    )
    assert httpx.get(f"{with_digest.base_url}/healthz", timeout=15).status_code == 200

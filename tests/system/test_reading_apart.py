"""Whatever an input does to whoever reads it: pages answer, and the next one is read."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from killed_readers import (
    assert_pages_answered,
    hanging_readers,
    holding_readers,
    mails,
)
from sqlalchemy import update

from recommender.jobs.digest_reading import ENDS_ALLOWED, GIVEN_UP_AFTER
from recommender.store.tables import ReadingAttemptRow

LIST = "papers@lists.example.org"
DIGEST = "by the reading group\n\nMar 11\n\nA title\n\nAn abstract. It says what is done.\n"


def hand_in_by_lmtp(installation: Any, content: bytes) -> None:
    port = int(installation.settings["INBOX__LMTP"].rpartition(":")[2])
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mta") as client:
        client.sendmail("a@example.org", LIST, content)


def put_into_maildir(installation: Any, content: bytes) -> None:
    folder = Path(installation.settings["INBOX__MAILDIR"])
    name = f"{time.monotonic_ns()}.host"
    (folder / "tmp" / name).write_bytes(content)
    (folder / "tmp" / name).rename(folder / "new" / name)


def pipe(installation: Any, content: bytes) -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "recommender", "receive", "--recipient", LIST],
        env=installation.environ,
        cwd=installation.folder,
        input=content,
        check=False,
    )
    assert ended.returncode == 0


@pytest.fixture
def reached(installation: Any, free_port: Callable[[], int], tmp_path: Path) -> Any:
    """Return an installation with two ways in that a daemon watches."""
    installation.settings["INBOX__LMTP"] = f"127.0.0.1:{free_port()}"
    (tmp_path / "mail").mkdir()
    installation.settings["INBOX__MAILDIR"] = str(tmp_path / "mail")
    return installation


@pytest.mark.parametrize("give", [hand_in_by_lmtp, put_into_maildir, pipe])
def test_poison_mail_stops_nobody_and_the_next_is_acted_on(
    reached: Any, start_daemon: Any, eventually: Any, give: Callable[[Any, bytes], None]
) -> None:
    daemon = start_daemon(reached)
    with hanging_readers(reached, eventually) as took:
        give(reached, b"Subject: poison\n\nx\n")
    eventually(lambda: mails(reached).get("failed"), "it is set aside")
    daemon.kill()
    start_daemon(reached)
    give(reached, b"Subject: the next\n\nx\n")
    eventually(lambda: mails(reached).get("done"), "the next one is acted on")
    assert mails(reached) == {"failed": 1, "done": 1}
    assert_pages_answered(took)


def test_poison_file_is_rejected_and_the_next_is_stored(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    incoming = installation.folder / "incoming"
    start_daemon(installation)
    rejected = installation.folder / "rejected" / "poison.txt.why.txt"
    with hanging_readers(installation, eventually) as took:
        (incoming / "poison.txt").write_text(DIGEST)
    eventually(rejected.exists, "it is rejected")
    assert_pages_answered(took)
    assert "killed by SIGKILL; it was tried 2 times" in rejected.read_text()
    (incoming / "good.txt").write_text(DIGEST.replace("A title", "Another title"))
    eventually((installation.folder / "done" / "good.txt").exists, "the next one is stored")


def test_file_is_not_read_for_ever_where_the_daemon_is_killed_each_time(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    poison = installation.folder / "incoming" / "poison.txt"
    poison.write_text(DIGEST)
    for _ in range(ENDS_ALLOWED):
        with holding_readers(installation) as held:
            daemon = start_daemon(installation)
            # So that the daemon is killed while it waits for what reads.
            eventually(held, "it is about to be read")
            daemon.kill()
    with installation.services() as services, services.database.write() as session:
        began_long_ago = update(ReadingAttemptRow).values(
            begun_at=services.clock() - GIVEN_UP_AFTER
        )
        assert session.execute(began_long_ago).rowcount == 1
    start_daemon(installation)
    why = installation.folder / "rejected" / "poison.txt.why.txt"
    told = eventually(lambda: why.exists() and why.read_text(), "it is rejected")
    assert f"this program ended {ENDS_ALLOWED} times" in told
    assert not poison.exists()

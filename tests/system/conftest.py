"""The program as its users have it: an installation, the daemon as a process, a mail server."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import pytest
from loaded_program import LoadedProgram, loading_program

from recommender.config import load_settings
from recommender.demo.captured_mail import CapturedMail, Mailbox, mail_server
from recommender.domain import Delivery, DeliveryState
from recommender.installation import open_services
from recommender.jobs.issues import newsletters
from recommender.jobs.people import importing
from recommender.jobs.services import Services
from recommender.store import outbox, subscribers

PATIENCE_SECONDS = 20.0
STARTUP = Path(__file__).parent / "startup"
TAKEN = "250 2.0.0 taken"

# What the machine that runs the tests may have set for itself. The last one would have each of a
# hundred processes compile the program anew.
_NOT_INHERITED = (
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "JOURNAL_STREAM",
    "CREDENTIALS_DIRECTORY",
    "DISPLAY",
    "PYTHONDONTWRITEBYTECODE",
)


def eventually(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait until a condition holds, and give what it gave."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)
    return result


@pytest.fixture(scope="session")
def promised_keys(docs_table: Callable[[str], list[list[str]]]) -> Callable[[str], set[str]]:
    """Return which keys the docs promise scripts of what a command prints as JSON."""

    def promised_keys(command: str) -> set[str]:
        [keys] = [keys for output, keys in docs_table("output") if output == f"`{command} --json`"]
        return set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", keys)))

    return promised_keys


@pytest.fixture(name="eventually", scope="session")
def eventually_fixture() -> Callable[..., Any]:
    return eventually


class Sink(Mailbox):
    """A mail server's mailbox that answers as it is told, after as long as it is told.

    Attributes
    ----------
    answer : callable
        Is handed the recipient, and how many recipients were new up to theirs; gives the reply.
    delay_seconds : float
        How long each message takes.
    port : int
    """

    def __init__(self) -> None:
        super().__init__()
        self.answer: Callable[[str, int], str] = lambda _recipient, _number: TAKEN
        self.delay_seconds = 0.0
        self.port = 0
        self.numbers: dict[str, int] = {}
        self.refused: list[CapturedMail] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        [recipient] = envelope.rcpt_tos
        number = self.numbers.setdefault(recipient, len(self.numbers) + 1)
        answer = self.answer(recipient, number)
        if not answer.startswith("2"):
            self.refused.append(CapturedMail(0, envelope.mail_from, recipient, envelope.content))
            return answer
        await super().handle_DATA(server, session, envelope)
        return answer

    def to(self, recipient: str) -> list[CapturedMail]:
        """Return the mails to an address, oldest first."""
        return [mail for mail in self.mails() if mail.recipient == recipient]

    def wait_for(self, recipient: str, number: int = 1) -> CapturedMail:
        """Wait for the so-manieth mail to an address."""
        mails = eventually(
            lambda: (found := self.to(recipient)) and len(found) >= number and found,
            f"mail {number} to {recipient}",
        )
        return mails[number - 1]  # type: ignore[no-any-return]  # eventually gives anything

    def message_ids(self) -> dict[str, set[str]]:
        """Return the Message-IDs that each recipient was offered, refused ones included."""
        parser = BytesHeaderParser()
        ids: dict[str, set[str]] = {}
        for mail in [*self.mails(), *self.refused]:
            headers = parser.parsebytes(mail.content)
            ids.setdefault(mail.recipient, set()).add(str(headers["Message-ID"]))
        return ids


@dataclass
class Installation:
    """What `recommender init` made, with settings on top that an operator would make."""

    folder: Path
    port: int
    program: LoadedProgram
    settings: dict[str, str] = field(default_factory=dict)
    open_files: int | None = None
    """How many file descriptors its daemon may have; None: as many as we."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def configuration(self) -> Path:
        return self.folder / "recommender.toml"

    @property
    def environ(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RECOMMENDER_") and name not in _NOT_INHERITED
        }
        path = os.pathsep.join(filter(None, (str(STARTUP), inherited.get("PYTHONPATH"))))
        settings = {f"RECOMMENDER_{key}": value for key, value in self.settings.items()}
        return inherited | settings | {"PYTHONPATH": path}

    def run(
        self, *arguments: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Type a command, and give what came of it."""
        return self.program.run(
            list(map(str, arguments)),
            environ=self.environ,
            folder=cwd or self.folder,
            seconds=120,
        )

    def do(self, *arguments: str | Path) -> str:
        """Type a command that must succeed, and give what it printed."""
        finished = self.run(*arguments)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def fail(self, *arguments: str | Path, status: int) -> str:
        """Type a command that must end with a status and one line, and give that line."""
        finished = self.run(*arguments)
        lines = finished.stderr.splitlines()
        assert (finished.returncode, len(lines)) == (status, 1), finished.stderr
        assert lines[0].startswith("recommender: ")
        return lines[0]

    @contextlib.contextmanager
    def services(self) -> Iterator[Services]:
        """Open the same database from here."""
        opened = open_services(
            load_settings(
                self.configuration,
                environ={f"RECOMMENDER_{key}": value for key, value in self.settings.items()},
            )
        )
        try:
            yield opened
        finally:
            opened.database.close()

    def import_subscribers(self, number: int) -> None:
        """Import that many people, as an operator does."""
        addresses = [f"reader{each}@example.org" for each in range(1, number + 1)]
        with self.services() as services:
            report = importing.import_rows(services, ["email", *addresses])
        assert report == importing.ImportReport(number, 0, first_issues=report.first_issues)

    def make_due(self, moment: datetime, *addresses: str) -> None:
        """Let the next issue of some, else of everybody, be due at a moment."""
        with self.services() as services, services.database.write() as session:
            for each in list(subscribers.every(session)):
                if not addresses or each.email in addresses:
                    subscribers.set_next_issue_at(session, each, moment)

    def look_now(self, number: int) -> None:
        """Let the daemon look for work; what it does later it does by its clock alone."""
        (self.folder / "incoming" / f"{number}.jsonl").write_text(
            f'{{"id": "1706.0376{number}", "title": "Paper {number}", "abstract": "",'
            ' "published": "2017-06-12"}\n',
            encoding="utf-8",
        )

    def deliveries(self) -> list[Delivery]:
        """Read the whole outbox."""
        with self.services() as services, services.database.read() as session:
            return [
                delivery
                for each in list(subscribers.every(session))
                for delivery in outbox.of_subscriber(session, each.id)
            ]

    def wait_until_sent(self, number: int) -> None:
        """Wait until so many deliveries are recorded as sent, and no other one is left."""
        with self.services() as services:
            eventually(
                lambda: (
                    newsletters.deliveries_by_state(services)
                    == dict.fromkeys(DeliveryState, 0) | {DeliveryState.SENT: number}
                ),
                f"{number} deliveries are recorded as sent",
                seconds=3 * PATIENCE_SECONDS,
            )

    def database_hashes(self) -> dict[str, str]:
        """Hash what is stored: the database and its write-ahead log."""
        names = ("recommender.db", "recommender.db-wal")
        return {
            name: hashlib.sha256((self.folder / name).read_bytes()).hexdigest()
            for name in names
            if (self.folder / name).exists()
        }


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "recommender", *map(str, arguments)]


def limited(command: list[str], open_files: int | None) -> list[str]:
    limit = f'ulimit -n {open_files} && exec "$@"'
    return command if open_files is None else ["sh", "-c", limit, "sh", *command]


class Daemon:
    """`recommender run` as a service manager runs it."""

    def __init__(self, installation: Installation, *, mark: str) -> None:
        self.installation = installation
        self.log = installation.folder / f"daemon-{mark}.log"
        self.states: list[str] = []
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.bind(f"\0recommender-{os.getpid()}-{mark}")
        self._channel.settimeout(0.05)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                limited(command("run"), installation.open_files),
                env=installation.environ | {"NOTIFY_SOCKET": f"@recommender-{os.getpid()}-{mark}"},
                cwd=installation.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        eventually(lambda: self._hear() and "READY=1" in self.states, "the daemon is ready")

    def signal_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait_until_ended(self, seconds: float = 30) -> int:
        """Wait for its end, and give its exit status."""
        status = self.process.wait(seconds)
        self._hear()
        return status

    def kill(self) -> None:
        """Kill it as the kernel kills who uses too much memory."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._channel.close()

    def _hear(self) -> bool:
        with contextlib.suppress(TimeoutError):
            while True:
                state = self._channel.recv(1_000).decode()
                # What it is about is for people, and changes with each piece of work.
                if not state.startswith("STATUS="):
                    self.states.append(state)
        if self.process.poll() is not None and "READY=1" not in self.states:
            pytest.fail(f"the daemon ended: {self.log.read_text()}")
        return True


StartDaemon = Callable[..., Daemon]


@contextlib.contextmanager
def starting_daemons() -> Iterator[StartDaemon]:
    """Start daemons; those that a test left running must end well when told to."""
    running: list[Daemon] = []

    def start(
        installation: Installation, *, meanwhile: Callable[[Daemon], None] | None = None
    ) -> Daemon:
        daemon = Daemon(installation, mark=f"{random.randrange(1 << 40):x}")  # noqa: S311 - a name
        running.append(daemon)
        if meanwhile is not None:
            meanwhile(daemon)
        daemon.wait_until_ready()
        return daemon

    try:
        yield start
        for daemon in running:
            if daemon.process.poll() is None:
                daemon.signal_stop()
                assert daemon.wait_until_ended() == 0, daemon.log.read_text()
                assert "Traceback" not in daemon.log.read_text()
    finally:
        for daemon in running:
            daemon.close()


@pytest.fixture
def start_daemon() -> Iterator[StartDaemon]:
    with starting_daemons() as start:
        yield start


@pytest.fixture(scope="module")
def start_shared_daemon() -> Iterator[StartDaemon]:
    with starting_daemons() as start:
        yield start


@contextlib.contextmanager
def running_sink() -> Iterator[Sink]:
    sink = Sink()
    with mail_server(sink) as port:
        sink.port = port
        yield sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def shared_sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@dataclass(frozen=True)
class Template:
    """An installation that is copied for each test: making one takes seconds."""

    folder: Path
    free_port: Callable[[], int]
    program: LoadedProgram

    def copy(self, folder: Path, *, smtp_port: int, **settings: str) -> Installation:
        shutil.copytree(self.folder, folder)
        port = self.free_port()
        installation = Installation(folder, port, self.program)
        installation.settings |= _settings(port, smtp_port) | settings
        return installation


def _settings(port: int, smtp_port: int) -> dict[str, str]:
    return {
        "LIST__ADDRESS": "papers@lists.example.org",
        "WEB__BASE_URL": f"http://127.0.0.1:{port}",
        "WEB__PORT": str(port),
        "SMTP__HOST": "127.0.0.1",
        "SMTP__PORT": str(smtp_port),
        "SMTP__SECURITY": "plain",
        "NEWSLETTER__WEEKDAYS": "daily",
        "INGEST__SETTLE_SECONDS": "0.3",
    }


@pytest.fixture(scope="session")
def program() -> Iterator[LoadedProgram]:
    with loading_program() as program:
        yield program


@pytest.fixture(scope="session")
def fresh(free_port: Callable[[], int], program: LoadedProgram) -> Iterator[Template]:
    """Yield an installation as `recommender init` leaves it."""
    with tempfile.TemporaryDirectory(prefix="recommender-tests-") as folder:
        made = Installation(Path(folder) / "made", 0, program)
        made.run("init", made.folder, cwd=Path(folder)).check_returncode()
        yield Template(made.folder, free_port, program)


@pytest.fixture(scope="session")
def with_papers(fresh: Template, shared_data: Path) -> Iterator[Template]:
    """Yield an installation that knows the 119 papers of the real digest."""
    with tempfile.TemporaryDirectory(prefix="recommender-tests-") as folder:
        made = fresh.copy(Path(folder) / "made", smtp_port=9)
        made.do("ingest", shared_data / "digests" / "trending-papers-mar-11.txt")
        yield Template(made.folder, fresh.free_port, fresh.program)


@pytest.fixture
def installation(fresh: Template, sink: Sink, tmp_path: Path) -> Installation:
    """Return an empty installation whose mail goes to the sink."""
    return fresh.copy(tmp_path / "installation", smtp_port=sink.port)


@pytest.fixture
def with_digest(with_papers: Template, sink: Sink, tmp_path: Path) -> Installation:
    """Return an installation with the real digest, whose mail goes to the sink."""
    return with_papers.copy(tmp_path / "installation", smtp_port=sink.port)

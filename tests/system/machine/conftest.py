"""A machine under a real systemd: this one's files below an overlay, booted by systemd-nspawn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
UNITS = ROOT / "systemd"
PROGRAM = "/opt/python/bin/python3 -m recommender --config /etc/recommender/recommender.toml"
PATIENCE_SECONDS = 120.0
# Where root's own files are hidden from units, so may the program be that runs the tests.
BOUND = {
    sys.base_prefix: "/opt/python",
    sysconfig.get_path("purelib"): "/opt/site-packages",
    str(ROOT): "/opt/source",
}
SETTINGS = """
[database]
url = "sqlite:////var/lib/recommender/recommender.db"
[ingest]
folder = "/var/lib/recommender/incoming"
[list]
address = "papers@lists.example.org"
[web]
base_url = "http://127.0.0.1:8000"
[smtp]
host = "127.0.0.1"
port = 2525
security = "plain"
[inbox]
lmtp = "unix:/run/recommender/lmtp.sock"
"""


class Machine:
    """A booted machine with the units installed, and commands in it.

    Parameters
    ----------
    root : Path
        Its file system, mounted.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root.parent / "boot.log"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self.leader = 0

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        file.chmod(mode)

    def boot(self) -> None:
        binds = [f"--bind-ro={there}:{here}" for there, here in BOUND.items()]
        with self.log.open("wb") as log:
            self._nspawn = subprocess.Popen(  # noqa: S603 - our own arguments
                (
                    *("systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot"),
                    *("--register=no", "--keep-unit", "--private-network", "--link-journal=no"),
                    *(f"--machine=papers-{os.getpid()}", "--console=pipe", *binds),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children")
        self.leader = int(self.until(lambda: children.read_text().split()[:1], "it boots")[0])
        self.until(
            lambda: (
                self.try_to("systemctl", "is-system-running").stdout.strip()
                in {"running", "degraded"}
            ),
            "it is up",
        )

    def halt(self) -> None:
        if self._nspawn is None:
            return
        self._nspawn.terminate()
        try:
            self._nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait(10)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (result := condition()):
            if time.monotonic() > deadline:
                lines = self.try_to("journalctl", "--no-pager", "-n", "40").stdout
                pytest.fail(f"{what}: not within {PATIENCE_SECONDS:.0f} s\n{lines}")
            time.sleep(0.1)
        return result

    def try_to(self, *command: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        entering = ("nsenter", f"--target={self.leader}", "--all", "--wdns=/")
        return subprocess.run(  # noqa: S603 - our own arguments
            (*entering, *command),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin", "LD_LIBRARY_PATH": "/opt/python/lib"},
            **settings,
        )

    def do(self, *command: str) -> str:
        done = self.try_to(*command)
        if done.returncode != 0:
            lines = self.try_to("journalctl", "--no-pager", "--lines=40").stdout
            pytest.fail(f"{command}: {done.stdout}{done.stderr}\n{lines}")
        return done.stdout

    def start_in_it(self, *command: str) -> subprocess.Popen[str]:
        entering = ("nsenter", f"--target={self.leader}", "--all", "--wdns=/")
        return subprocess.Popen(  # noqa: S603 - our own arguments
            (*entering, *command),
            stdout=subprocess.PIPE,
            text=True,
            env={"LD_LIBRARY_PATH": "/opt/python/lib"},
        )

    def recommender(self, *arguments: str) -> str:
        """Type a command as the daemon's user."""
        return self.do(
            *("setpriv", "--reuid=recommender", "--regid=recommender", "--init-groups", "env"),
            *("PYTHONPATH=/opt/source:/opt/site-packages", *PROGRAM.split(), *arguments),
        )

    def show(self, name: str, unit: str = "recommender.service") -> str:
        return self.do("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def restarts(self) -> int:
        return int(self.show("NRestarts"))

    def journal(self, *options: str) -> list[dict[str, Any]]:
        lines = self.do(
            *("journalctl", "--unit=recommender.service", "--output=json", "--no-pager", *options)
        )
        return [json.loads(line) for line in lines.splitlines()]

    def says(self, words: str) -> bool:
        return any(words in str(line["MESSAGE"]) for line in self.journal())

    def health(self) -> dict[str, Any]:
        answered = self.try_to("curl", "--silent", "http://127.0.0.1:8000/healthz")
        return json.loads(answered.stdout) if answered.stdout else {}


def _install(machine: Machine) -> None:
    shutil.rmtree(machine.root / "etc/systemd/system", ignore_errors=True)
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.socket"), *UNITS.glob("*.timer")):
        machine.write(f"/etc/systemd/system/{unit.name}", unit.read_text(encoding="utf-8"))
    for unit, arguments in (
        ("recommender", "run"),
        ("recommender-backup", "backup --keep 2 /var/lib/recommender/backups"),
    ):
        machine.write(
            f"/etc/systemd/system/{unit}.service.d/tests.conf",
            f"""\
            [Service]
            ExecStart=
            ExecStart={PROGRAM} {arguments}
            Environment=PYTHONPATH=/opt/source:/opt/site-packages LD_LIBRARY_PATH=/opt/python/lib
            """,
        )
    machine.write(
        "/etc/systemd/system/recommender.service.d/watchdog.conf",
        "[Service]\nWatchdogSec=16\nRestartSec=1\n",
    )
    machine.write(
        "/usr/lib/sysusers.d/recommender.conf", (UNITS / "recommender.sysusers.conf").read_text()
    )
    machine.write("/etc/machine-id", "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e\n")
    machine.write("/etc/recommender/recommender.toml", SETTINGS)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """Yield a machine on which the daemon runs."""
    if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None:
        pytest.skip("wants root and systemd-nspawn")
    with tempfile.TemporaryDirectory(prefix="recommender-machine-") as folder:
        layers = Path(folder) / "layers"
        layers.mkdir()
        _do("mount", "-t", "tmpfs", "tmpfs", layers)
        root, upper, work = (layers / name for name in ("root", "upper", "work"))
        for each in (root, upper, work):
            each.mkdir()
        options = f"lowerdir=/,upperdir={upper},workdir={work}"
        try:
            _do("mount", "-t", "overlay", "overlay", "-o", options, root)
            booted = Machine(root)
            _install(booted)
            try:
                booted.boot()
                booted.do("systemd-sysusers")
                booted.write(
                    "/etc/recommender/secret.key", "a key of this test that nobody else has\n"
                )
                booted.do("chown", "-R", "root:recommender", "/etc/recommender")
                booted.do("chmod", "0750", "/etc/recommender")
                booted.do("chmod", "0640", "/etc/recommender/secret.key")
                booted.do("systemctl", "start", "recommender-web.socket", "recommender.service")
                yield booted
            finally:
                booted.halt()
        finally:
            subprocess.run(["umount", "--lazy", str(root)], check=False)  # noqa: S603, S607
            _do("umount", "--lazy", layers)


@pytest.fixture(autouse=True)
def running(machine: Machine) -> None:
    """Have each test begin with a daemon that runs."""
    machine.do("systemctl", "reset-failed")
    machine.do("systemctl", "start", "recommender.service")


def _do(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True)  # noqa: S603 - our own arguments

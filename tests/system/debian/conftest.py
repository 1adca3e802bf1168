"""A fresh Debian 12, made by debootstrap and booted by systemd-nspawn, without a way outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,postfix,man-db"
PATIENCE_SECONDS = 60.0


class Debian:
    """The machine, and what an administrator types on it.

    Parameters
    ----------
    root : Path
        Its file system.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = f"debian-{os.getpid()}"
        self.nspawn: subprocess.Popen[bytes] | None = None
        self.typed: list[str] = []
        self._leader = ""

    def boot(self) -> None:
        # In a group of its own, so that several machines can run side by side.
        groups = [
            Path("/sys/fs/cgroup") / kind / self.name
            for kind in (".", "systemd", "unified")
            if (Path("/sys/fs/cgroup") / kind / "cgroup.procs").exists()
        ]
        for each in groups:
            each.mkdir(exist_ok=True)
        enter = " && ".join(f"echo $$ > {each}/cgroup.procs" for each in groups)
        nspawn = (
            f"systemd-nspawn --quiet --directory={self.root} --boot --register=no --keep-unit "
            f"--private-network --machine={self.name} --link-journal=no --console=pipe"
        )
        self.nspawn = subprocess.Popen(  # noqa: S603 - our own arguments
            ("/bin/sh", "-c", f"{enter} && exec {nspawn}"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_up(children):
            if time.monotonic() > deadline or self.nspawn.poll() is not None:
                pytest.fail("the machine does not boot")
            time.sleep(0.2)

    def _is_up(self, children: Path) -> bool:
        self._leader = children.read_text().split(" ")[0]
        return bool(self._leader) and self.run("systemctl is-system-running").stdout.strip() in {
            "running",
            "degraded",
        }

    def halt(self) -> None:
        if self.nspawn is None:
            return
        self.nspawn.terminate()
        try:
            self.nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait(10)

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line in its shell, as root."""
        return subprocess.run(  # noqa: S603 - our own arguments
            (
                "/usr/bin/nsenter",
                f"--target={self._leader}",
                "--all",
                "--wdns=/root",
                "sh",
                "-c",
                line,
            ),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "HOME": "/root"},
        )

    def do(self, line: str) -> str:
        """Run a line that must succeed; give what it printed, errors included."""
        ended = self.run(line)
        if ended.returncode != 0:
            log = self.run("journalctl --no-pager --lines=60").stdout
            pytest.fail(f"{line}: {ended.stdout}{ended.stderr}\n{log}")
        return ended.stdout + ended.stderr

    def type(self, line: str) -> str:
        """Run a line that counts: an administrator has to type it."""
        self.typed.append(line)
        return self.do(line)

    def until(self, line: str, what: str) -> str:
        """Run a line until it succeeds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (ended := self.run(line)).returncode != 0:
            if time.monotonic() > deadline:
                log = self.run("journalctl --no-pager --lines=60").stdout
                pytest.fail(f"{what}: not within {PATIENCE_SECONDS:.0f} s\n{log}")
            time.sleep(0.3)
        return ended.stdout


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]


@pytest.fixture(scope="session")
def required(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the wheels that ours requires, which `.ci/run` has fetched already."""
    if fetched := os.environ.get("WHEELS"):
        return Path(fetched)
    folder = tmp_path_factory.mktemp("wheels")
    run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--dest", folder),
        *("--requirement", ROOT / "config" / "requirements.lock"),
    )
    return folder


@pytest.fixture(scope="module")
def debian(required: Path) -> Iterator[Debian]:
    """Boot it with Postfix and our wheel in `/root/wheels`, and nothing of ours installed."""
    folder = Path(tempfile.mkdtemp(prefix="recommender-debian-", dir="/var/tmp"))
    machine = Debian(folder / "root")
    try:
        run(
            *("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm"),
            machine.root,
        )
        wheels = machine.root / "root" / "wheels"
        # With ours all that it requires: the machine has no way outside.
        shutil.copytree(required, wheels)
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels)
        machine.boot()
        yield machine
    finally:
        machine.halt()
        shutil.rmtree(folder)

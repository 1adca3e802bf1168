"""What an operator reads when something is missing, taken or broken: a line with the fix."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from recommender.store.write_probe import PROBE_SECONDS


def test_a_port_that_is_taken_is_told_with_the_mend(installation: Any) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        line = installation.fail("run", status=1)

    assert f"web.port {installation.port}" in line
    assert "choose another port" in line


def test_without_a_configuration_init_is_named(installation: Any) -> None:
    line = installation.fail("--config", "nowhere.toml", "stats", status=2)

    assert "nowhere.toml: No such file or directory" in line
    assert "recommender init" in line


def test_a_file_that_is_no_toml_is_told_with_its_line(installation: Any) -> None:
    installation.configuration.write_text("[web]\nport = eight\n")

    line = installation.fail("check-config", status=2)

    assert "recommender.toml: " in line
    assert "line 2" in line


def test_all_unknown_keys_are_told_together(installation: Any) -> None:
    with installation.configuration.open("a", encoding="utf-8") as file:
        file.write("\n[surplus]\nkey = 1\n")
    installation.settings["SMTP__HOTS"] = "mail.example.org"

    finished = installation.run("check-config")

    assert finished.returncode == 2
    lines = finished.stderr.splitlines()
    assert len(lines) == 2
    assert any(
        "smtp.hots: there is no such setting; did you mean `smtp.host`?" in line for line in lines
    )
    assert any("surplus: there is no such setting" in line for line in lines)


@pytest.mark.parametrize("command", ["run", "stats"])
def test_without_a_signing_key_nothing_starts(installation: Any, command: str) -> None:
    (installation.folder / "secret.key").unlink()

    line = installation.fail(command, status=2)

    assert "secret.key" in line
    assert "recommender init" in line


def test_what_must_be_set_is_told_before_anything_is_sent(installation: Any) -> None:
    for key in ("LIST__ADDRESS", "WEB__BASE_URL"):
        del installation.settings[key]

    finished = installation.run("run")

    assert finished.returncode == 2
    told = [line.split(":")[1].strip() for line in finished.stderr.splitlines()]
    assert told == ["list.address", "web.base_url"]


def test_a_folder_of_the_database_that_is_missing_is_told(installation: Any) -> None:
    installation.settings["DATABASE__URL"] = "sqlite:///nowhere/recommender.db"

    line = installation.fail("stats", status=1)

    assert "nowhere does not exist; create it" in line


def test_a_file_that_is_no_database_is_told_and_left_alone(installation: Any) -> None:
    database = installation.folder / "recommender.db"
    database.write_bytes(b"this was a database once" * 400)
    before = installation.database_hashes()

    line = installation.fail("stats", status=1)

    assert "not a database" in line
    assert "restore a backup" in line
    assert installation.database_hashes() == before


def test_a_watched_folder_that_cannot_be_made_is_told(installation: Any) -> None:
    installation.settings["INGEST__FOLDER"] = "recommender.toml/incoming"

    line = installation.fail("run", status=1)

    assert "ingest.folder" in line
    assert "create it" in line


def test_init_overwrites_nothing(installation: Any) -> None:
    before = (installation.folder / "secret.key").read_bytes()

    finished = installation.run("init", installation.folder)

    assert finished.returncode == 2
    assert "never overwritten" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert (installation.folder / "secret.key").read_bytes() == before


def test_the_signing_key_is_for_its_owner_only(installation: Any) -> None:
    assert (installation.folder / "secret.key").stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_nothing_more_is_told_by_the_health_page_and_so_is_its_end(
    installation: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    daemon = start_daemon(installation)

    def status() -> int:
        return httpx.get(f"{installation.base_url}/healthz", timeout=15).status_code

    assert status() == 200

    # As a quota that is used up: no file grows beyond its first bytes.
    _, most = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (100, most))
    eventually(lambda: status() == 503, "failing is told", seconds=PROBE_SECONDS + 2)
    reasons = httpx.get(f"{installation.base_url}/healthz", timeout=15).json()["reasons"]
    assert "recommender.db: " in reasons[0]
    assert httpx.get(installation.base_url, timeout=5).status_code == 200

    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (most, most))
    eventually(lambda: status() == 200, "being well again is told", seconds=PROBE_SECONDS + 2)

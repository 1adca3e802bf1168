"""What the commands leave on disk is for the service's user only, whatever their umask is."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Others put digests there, and pass through the installation's folder on their way.
FOR_OTHERS = re.compile(r"(incoming)?|daemon-\w+\.log")


@pytest.fixture
def with_umask() -> Iterator[Callable[[int], None]]:
    """Set the umask that commands are started with."""
    before = os.umask(0o022)
    os.umask(before)
    yield lambda mask: os.umask(mask) and None
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of all that lies in a folder, what it is called within it."""
    every = [folder, *folder.rglob("*")]
    return {
        path.relative_to(folder).as_posix().removeprefix("."): stat.S_IMODE(path.lstat().st_mode)
        for path in every
    }


def open_to_others(folder: Path) -> set[str]:
    return {
        name
        for name, mode in modes(folder).items()
        if mode & 0o077 and not FOR_OTHERS.fullmatch(name)
    }


@pytest.mark.parametrize(
    ("mask", "outer", "incoming"), [(0, 0o755, 0o777), (0o022, 0o755, 0o755), (0o077, 0o755, 0o700)]
)
def test_others_may_enter_a_new_installation_where_they_put_digests(
    installation: Any,
    with_umask: Callable[[int], None],
    mask: int,
    outer: int,
    incoming: int,
) -> None:
    folder = installation.folder
    shutil.rmtree(folder)
    with_umask(mask)
    installation.run("init", folder, cwd=folder.parent).check_returncode()
    assert open_to_others(folder) == set()
    assert (modes(folder)[""], modes(folder)["incoming"]) == (outer, incoming)


def test_commands_leave_files_for_their_user_only(
    installation: Any,
    start_daemon: Any,
    shared_data: Path,
    eventually: Callable[..., Any],
    with_umask: Callable[[int], None],
) -> None:
    """With the umask that keeps nothing from anybody."""
    folder = installation.folder
    digest = shared_data / "digests" / "trending-papers-mar-11.txt"
    shutil.rmtree(folder)
    with_umask(0)

    installation.run("init", folder, cwd=folder.parent).check_returncode()
    daemon = start_daemon(installation)
    dropped = folder / "incoming" / "mar-11.txt"
    dropped.write_bytes(digest.read_bytes())
    dropped.chmod(0o666)
    (folder / "incoming" / "letter.bin").write_bytes(b"\0\1\2")
    eventually(
        lambda: any((folder / "done").iterdir()) and len(list((folder / "rejected").iterdir())) > 1,
        "both files are filed away",
    )
    while_it_runs = open_to_others(folder)
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    installation.do("ingest", digest)
    installation.do("backup", folder / "monday.db")
    installation.do("export", folder / "dataset")
    installation.do("nightly")
    installation.do("restore", folder / "monday.db")
    installation.do("stats")

    assert while_it_runs == set()
    assert open_to_others(folder) == set()
    assert {"monday.db", "recommender.db", "recommender.db.before-restore"} <= modes(folder).keys()
    assert {"dataset/ratings.csv", "recommender.db.index/papers.npz"} <= modes(folder).keys()


def test_files_of_an_older_version_are_tightened_at_start(
    with_digest: Any, start_daemon: Any
) -> None:
    folder = with_digest.folder
    (folder / "done" / "old.txt").write_text("an old digest")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)

    start_daemon(with_digest)

    # What the operator wrote is theirs, and named.
    assert open_to_others(folder) == {"secret.key", "recommender.toml"}
    assert (
        f"{folder}/secret.key: others may read or write it (mode 0644); chmod 600 "
        f"{folder}/secret.key" in with_digest.run("check-config").stderr
    )


def test_what_others_can_read_is_named_with_the_fix(installation: Any) -> None:
    folder = installation.folder
    installation.do("backup", folder / "monday.db")
    password = folder / "smtp.password"
    password.write_text("secret\n")
    installation.settings |= {
        "SMTP__PASSWORD_FILE": str(password),
        "SMTP__USERNAME": "papers",
        "SMTP__SECURITY": "starttls",
    }
    assert "chmod" not in installation.run("check-config").stderr.replace(
        f"chmod 600 {password}", ""
    )
    text = installation.configuration.read_text().replace(
        "[inbox]", '[inbox]\nimap_password = "very secret"'
    )
    installation.configuration.write_text(text)
    named = [
        *("recommender.toml", "secret.key", "smtp.password", "recommender.db", "monday.db"),
        *("recommender.db-wal", "recommender.db-shm"),
    ]
    for name in named:
        (folder / name).touch()
        (folder / name).chmod(0o644)

    told = installation.run("check-config").stderr
    doctor = installation.run("doctor", "--skip", "dns", "--skip", "smtp").stdout

    for name in named:
        assert f"chmod 600 {folder / name}\n" in told
        assert f"chmod 600 {folder / name}\n" in doctor
    assert "very secret" not in told + doctor


def test_restore_waits_for_nobody_who_has_the_database_open(
    with_digest: Any, start_daemon: Any, tmp_path: Path
) -> None:
    with_digest.do("backup", tmp_path / "monday.db")
    daemon = start_daemon(with_digest)

    told = with_digest.fail("restore", tmp_path / "monday.db", status=1)

    assert "recommender.db is in use; stop the daemon" in told
    daemon.signal_stop()
    daemon.wait_until_ended()
    with_digest.do("restore", tmp_path / "monday.db")


def test_export_of_subscribers_runs_in_no_spreadsheet_and_is_read_back(
    installation: Any, tmp_path: Path
) -> None:
    wishes = "=HYPERLINK(1)"
    installation.do("subscribers", "add", "+jane@example.org", "--interests", wishes)
    installation.do("subscribers", "add", "jo@example.org", "--interests", "'=x")

    exported = installation.do("subscribers", "export")

    cells = [cell for row in csv.reader(io.StringIO(exported)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    (tmp_path / "all.csv").write_text(exported)
    for address in ("+jane@example.org", "jo@example.org"):
        installation.do("subscribers", "remove", "--erase", address)
    assert "2 added" in installation.do("subscribers", "import", tmp_path / "all.csv")
    assert installation.do("subscribers", "export") == exported
    assert wishes in installation.do("subscribers", "show", "+jane@example.org")


def test_error_shows_no_password_and_no_control_character(installation: Any) -> None:
    installation.settings["DATABASE__URL"] = "postgresql://u:pw@host/papers"
    assert "***@host" in installation.fail("stats", status=2)
    del installation.settings["DATABASE__URL"]

    line = installation.fail("restore", "a\x1b[2Jb\u202e", status=1)

    assert r"a\x1b[2Jb\u202e does not exist" in line

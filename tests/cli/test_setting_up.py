"""What install, upgrade and uninstall say where they cannot go on; here they only look."""

from __future__ import annotations

import subprocess
import sys

import pytest

GIVEN = (
    *("--list-address", "papers@lists.example.org", "--base-url", "http://localhost:8000"),
    *("--relay", "localhost"),
)


def typed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "recommender", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "--list-address: it is missing"),
        ((*GIVEN[:2], "--relay", "a b"), "--base-url: it is missing"),
        ((*GIVEN[:4], "--relay", "a b"), "--relay: 'a b' is no mail server"),
        ((*GIVEN, "--mail-in", "carrier"), "--mail-in: 'carrier' is no way in"),
        ((*GIVEN, "--source", "nowhere:x"), "sources.0.url"),
        (("--list-address", "papers", *GIVEN[2:]), "list.address"),
        ((*GIVEN, "--relay-user", "us"), "--relay-password-file: localhost wants a password"),
        ((*GIVEN, "--relay-user", "us", "--relay-password-file", "/nowhere"), "cannot be read"),
    ],
)
def test_what_is_missing_or_wrong_is_told_before_anything_is_done(
    words: tuple[str, ...], named: str
) -> None:
    ended = typed("install", "--dry-run", *words)

    assert ended.returncode == 2
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "would" not in ended.stdout


def test_purge_is_not_done_unasked() -> None:
    ended = typed("uninstall", "--purge")

    assert ended.returncode in (1, 2)
    assert "recommender: " in ended.stderr
    assert "done" not in ended.stdout


def test_upgrade_without_an_installation_says_what_makes_one() -> None:
    ended = typed("upgrade", "--dry-run")

    assert ended.returncode == 1
    assert "`recommender install` makes an installation" in ended.stderr

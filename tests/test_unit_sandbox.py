"""What the unit may not do is told to whoever sets it, before the daemon meets it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from recommender.unit_sandbox import Needs, Sandbox, may_be_read, parse_sandbox, troubles

CONFIGURATION = Path("/etc/recommender/recommender.toml")
SHOWN = """\
LoadState=loaded
ExecStart={ path=/opt/recommender/bin/recommender ; argv[]=/opt/recommender/bin/recommender \
--config /etc/recommender/recommender.toml run ; ignore_errors=no }
User=recommender
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
NoNewPrivileges=yes
ReadWritePaths=-/srv/papers
BindPaths=/data/a:/data/b:rbind
StateDirectory=recommender
RuntimeDirectory=recommender
LoadCredential=secret_key:/etc/credstore/key
"""
STATE = Path("/var/lib/recommender")
SANDBOX = Sandbox("nobody", (STATE,), hides_homes=True, has_own_temporary=True)


def told(sandbox: Sandbox, **needs: Any) -> list[str]:
    nothing: dict[str, Any] = {"written": {}, "secrets": {}, "programs": {}}
    return list(troubles(sandbox, Needs(**(nothing | needs))))


def test_what_systemd_shows_of_the_unit_is_read() -> None:
    assert parse_sandbox(SHOWN, CONFIGURATION) == Sandbox(
        user="recommender",
        writable=tuple(
            map(Path, ("/srv/papers", "/data/b", "/var/lib/recommender", "/run/recommender"))
        ),
        hides_homes=True,
        has_own_temporary=True,
        keeps_privileges=True,
        credentials=frozenset({"secret_key"}),
    )


@pytest.mark.parametrize(
    ("shown", "configuration"),
    [
        (SHOWN, Path("/srv/other.toml")),
        (SHOWN.replace("LoadState=loaded", "LoadState=not-found"), CONFIGURATION),
        ("", CONFIGURATION),
    ],
)
def test_a_unit_that_is_none_or_of_another_configuration_says_nothing(
    shown: str, configuration: Path
) -> None:
    assert parse_sandbox(shown, configuration) is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/srv/mail", "may not write to /srv/mail; `systemctl edit recommender.service`"),
        ("/home/papers/mail", "does not see /home/papers/mail"),
        ("/var/tmp/mail", "has a /tmp of its own"),  # noqa: S108 - a name
    ],
)
def test_a_folder_that_the_unit_cannot_write_is_told_with_the_fix(path: str, words: str) -> None:
    [line] = told(SANDBOX, written={"inbox.maildir": Path(path)})

    assert line.startswith("inbox.maildir: ")
    assert words in line


def test_folders_that_it_can_write_are_no_trouble() -> None:
    written = {"ingest.folder": Path("/var/lib/recommender/incoming")}

    assert told(SANDBOX, written=written) == []
    assert told(Sandbox("root", None), written={"inbox.maildir": Path("/srv/mail")}) == []


def test_a_secret_that_only_root_reads_is_told_unless_systemd_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("x")
    file.chmod(0o600)
    for folder in (tmp_path, *tmp_path.parents):
        # As deep as there are folders of tests; those of the system let others pass anyway.
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(0o755)
    needs = {"smtp.password_file": (file, "smtp_password")}
    [line] = told(SANDBOX, secrets=needs)
    assert line.startswith("smtp.password_file: nobody, as whom recommender.service runs, may not")
    credentials = frozenset({"smtp_password"})
    assert told(Sandbox("nobody", None, credentials=credentials), secrets=needs) == []
    file.chmod(0o644)
    assert may_be_read(file, "nobody")


def test_a_mailer_that_takes_on_another_identity_is_told(tmp_path: Path) -> None:
    mailer = tmp_path / "sendmail"
    mailer.write_text("#!/bin/sh\n")
    mailer.chmod(0o755 | stat.S_ISGID)
    programs = {"smtp.target": str(mailer)}

    [line] = told(Sandbox("nobody", None, keeps_privileges=True), programs=programs)
    assert "NoNewPrivileges=yes" in line
    assert told(Sandbox("nobody", None), programs=programs) == []

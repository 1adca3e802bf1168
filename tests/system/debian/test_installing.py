"""From a fresh Debian 12 to a newsletter in a mailbox, and on: upgraded, rebooted, taken away."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from recommender.store.database import SCHEMA_REVISION, Database
from recommender.store.migrations.upgrade import upgrade_to

pytestmark = pytest.mark.system

README = Path(__file__).resolve().parents[3] / "README.md"
DIGEST = """\
by the reading group

{day}

Attention Is All You Need

A model for translation that reads and writes sentences with attention alone. It trains in
parallel, and translates better for less computation.

Deep Residual Learning for Image Recognition

Very deep networks are hard to train. Here each block learns what to add to its input, and a
shortcut carries the input past it.
"""
AS_ACCOUNT = "runuser -u recommender -- recommender"
DATABASE = "/var/lib/recommender/recommender.db"
MOST_COMMANDS = 6
MOST_SECONDS = 600  # Of a machine with other work; most of it is pip.


def readme_lines(heading: str) -> list[str]:
    """Return the commands of the first block below a heading of README."""
    below = README.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    block = below.partition("```\n")[2].partition("```")[0]
    return [line.replace("sudo ", "") for line in block.splitlines()]


@pytest.fixture(scope="module")
def installed(debian: Any) -> Any:
    """Install it as README says, with the list at a name of this machine's own."""
    debian.begun_at = time.monotonic()
    environment, install = readme_lines("Run it for a lab")
    debian.do("mkdir -p wheels && useradd --create-home ann")
    local = "install --no-index --find-links /root/wheels"
    debian.type(environment.replace("install ", f"{local} ", 1).replace(" .", " trending-papers"))
    given = "--list-address papers@lists.example.org --base-url http://localhost:8000 --source none"
    debian.said = debian.type(f"{install} {given}")
    return debian


def test_newsletter_is_in_a_mailbox_after_few_commands(installed: Any) -> None:
    (told,) = re.findall(r"sudo (postconf -e .+)", installed.said)
    installed.type(told.replace("sudo ", ""))
    installed.do("postconf -e 'virtual_alias_maps = inline:{ { ann@reader.example.org = ann } }'")
    installed.do("postconf -e 'virtual_alias_domains = reader.example.org' && postfix reload")
    (installed.root / "root" / "digest.txt").write_text(
        DIGEST.format(day=time.strftime("%Y-%m-%d")), encoding="utf-8"
    )
    installed.type("install -o recommender digest.txt /var/lib/recommender/incoming/digest.txt")
    installed.type(f"{AS_ACCOUNT} subscribers add ann@reader.example.org")
    installed.until(
        "test -e /var/lib/recommender/done/digest.txt", "the daemon takes the digest in"
    )
    installed.type(f"{AS_ACCOUNT} send --now")
    mail = installed.until("cat /var/mail/ann", "the newsletter is in the mailbox")
    seconds = time.monotonic() - installed.begun_at

    print(f"{len(installed.typed)} commands, {seconds:.0f} s")  # noqa: T201 - the figures
    assert "Attention Is All You Need" in mail
    assert "DKIM-Signature:" in mail
    assert len(installed.typed) <= MOST_COMMANDS
    assert seconds < MOST_SECONDS


def test_mail_to_the_list_is_handed_over_by_postfix_and_answered(installed: Any) -> None:
    installed.do(
        "printf 'From: ann@reader.example.org\\nTo: papers+help@lists.example.org\\n"
        "Subject: help\\n\\n' | sendmail -f ann@reader.example.org papers+help@lists.example.org"
    )
    installed.until(
        f"{AS_ACCOUNT} inbox list --json | grep -q ann@reader.example.org", "it came in"
    )
    refused = installed.run("postmap -q nobody@lists.example.org inline:{{x=y}}")
    assert refused.returncode != 0


def test_installed_twice_changes_nothing_and_says_so(installed: Any) -> None:
    before = installed.do("systemctl show --value --property=MainPID recommender.service")

    said = installed.do("recommender install")

    assert "Everything is there already; nothing was changed." in said
    assert not re.search(r"^would ", said, re.MULTILINE)
    assert before == installed.do("systemctl show --value --property=MainPID recommender.service")


def test_secrets_are_for_root_and_the_daemon_alone(installed: Any) -> None:
    modes = installed.do("stat --format='%a %U:%G' /etc/recommender /etc/recommender/*")
    state = installed.do("stat --format='%a %U' /var/lib/recommender")

    assert set(modes.splitlines()) == {"750 root:recommender", "640 root:recommender"}
    assert state == "750 recommender\n"
    assert installed.run("runuser -u ann -- cat /etc/recommender/secret.key").returncode != 0


def test_help_is_there_for_man_and_shells(installed: Any) -> None:
    assert "recommender subscribers" in installed.do("man recommender | cat")
    asked = "COMP_WORDS='recommender subs' COMP_CWORD=1 _RECOMMENDER_COMPLETE=complete_bash"
    assert installed.do(f"{asked} recommender") == "subscribers\n"


def test_daemon_is_there_after_a_reboot(installed: Any) -> None:
    installed.halt()
    installed.boot()

    installed.until("systemctl is-active recommender.service", "the daemon serves again")


def put_older_database(debian: Any, *, is_broken: bool) -> None:
    """Leave a database of a former version, with the daemon stopped."""
    debian.do(f"systemctl stop recommender.service && rm -rf {DATABASE}*")
    file = debian.root / DATABASE.lstrip("/")
    database = Database(f"sqlite:///{file}")
    with database._writing_engine.begin() as connection:
        assert upgrade_to(connection, "0022")
        if is_broken:
            # What the next version makes is there already, and no table of ours.
            connection.execute(text("CREATE TABLE sending_pause (id INTEGER)"))
    database.close()
    debian.do(f"chown recommender: {DATABASE}*")


def revision(debian: Any) -> str | None:
    debian.do(f"{AS_ACCOUNT} check-config")
    database = Database(f"sqlite:///{debian.root}{DATABASE}")
    try:
        return database.schema_revision()
    finally:
        database.close()


def test_upgrade_takes_a_copy_and_brings_the_database_up_to_date(installed: Any) -> None:
    put_older_database(installed, is_broken=False)

    planned = installed.do("recommender upgrade --dry-run")
    assert revision(installed) == "0022"
    said = installed.do("recommender upgrade")
    again = installed.do("recommender upgrade")

    assert "would " in planned
    assert re.search(r"^done +bring the database up to date", said, re.MULTILINE)
    assert "nothing was changed" in again
    assert revision(installed) == SCHEMA_REVISION
    (copy,) = installed.do("ls /var/lib/recommender/backups | grep before-").split()
    assert copy.endswith(".db")
    assert installed.do("systemctl is-active recommender.service") == "active\n"


def test_upgrade_that_fails_leaves_the_database_as_it_was(installed: Any) -> None:
    put_older_database(installed, is_broken=True)

    ended = installed.run("recommender upgrade")

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "nothing was changed" in ended.stderr
    assert "install that version again" in ended.stderr
    assert revision(installed) == "0022"
    put_older_database(installed, is_broken=False)
    installed.do("recommender upgrade")


def test_uninstalled_it_keeps_the_data_and_purged_nothing_is_left(installed: Any) -> None:
    said = installed.do("recommender uninstall")
    units = installed.do("systemctl list-unit-files 'recommender*' | cat")
    program = "/opt/recommender/bin/recommender"
    again = installed.do(f"{program} uninstall")
    kept = installed.do(f"ls {DATABASE} /etc/recommender/secret.key")
    purged = installed.do(f"{program} uninstall --purge --yes")
    left = installed.run(
        "ls -d /etc/recommender /var/lib/recommender /etc/sysusers.d/recommender.conf "
        "/usr/local/bin/recommender /usr/local/share/man/man1/recommender.1; getent passwd "
        "recommender"
    )

    assert "stay; --purge deletes them" in said
    assert "0 unit files" in units
    assert "nothing was changed" in again
    assert "secret.key" in kept
    assert "remove the account recommender" in purged
    assert left.stdout == ""

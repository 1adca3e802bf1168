"""Which steps make an installation, bring it up to date, and take it away."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.errors import MachineError
from recommender.machine.choices import Places
from recommender.machine.plans import (
    FOLDERS_DROP_IN,
    LINK,
    SERVICE,
    UNITS,
    Shipped,
    folders_elsewhere,
    install_plan,
    listening_addresses,
    uninstall_plan,
    upgrade_plan,
)
from recommender.machine.steps import Absent, Command, File, Folder, Link, Plan
from recommender.shipped_files import systemd_files

PLACES = Places(Path("/opt/recommender/bin/recommender"))
SOCKET = "[Socket]\nListenStream=127.0.0.1:8000\n\n[Install]\nWantedBy=sockets.target\n"
SHIPPED = Shipped(
    {
        SERVICE: "[Service]\nExecStart=/opt/recommender/bin/recommender run\n\n[Install]\n",
        "recommender-backup.service": "[Service]\n",
        "recommender-web.socket": SOCKET,
        "recommender-lmtp.socket": SOCKET,
        "recommender.sysusers.conf": "u recommender\n",
    },
    {"man": ".TH", "bash": "complete"},
    {"recommender-web.socket": "127.0.0.1:9000"},
)


def commands(plan: Plan) -> list[str]:
    return [" ".join(step.words) for step in plan if isinstance(step, Command)]


def files(plan: Plan) -> dict[Path, File]:
    return {step.path: step for step in plan if isinstance(step, File)}


def installing(**differing: object) -> Plan:
    usual = {"settings": "[list]\n", "secrets": {"secret.key": "known to a test\n"}}
    return install_plan(PLACES, SHIPPED, **(usual | differing))  # type: ignore[arg-type]


def test_account_comes_before_what_belongs_to_it_and_checks_before_the_start() -> None:
    plan = installing()
    words = commands(plan)

    first_folder = next(n for n, step in enumerate(plan) if isinstance(step, Folder))
    assert any("systemd-sysusers" in each for each in commands(plan[:first_folder]))
    assert [words.index(each) for each in words if "check-config" in each] < [
        words.index(each) for each in words if "restart" in each
    ]


def test_settings_and_secrets_are_kept_and_nobody_elses() -> None:
    written = files(installing())

    for name in ("recommender.toml", "secret.key"):
        step = written[PLACES.settings / name]
        assert (step.owner, step.group, step.mode) == ("root", "recommender", 0o640)
        assert step.is_kept
        assert "known to a test" not in step.says + repr(step)


def test_unit_runs_the_program_where_it_is() -> None:
    elsewhere = Places(Path("/srv/papers/bin/recommender"))
    plan = install_plan(elsewhere, SHIPPED, settings="", secrets={})

    assert b"ExecStart=/srv/papers/bin/recommender run" in files(plan)[UNITS / SERVICE].content
    assert Link(LINK, elsewhere.program) in plan


def test_sockets_listen_where_the_settings_say_and_only_what_fits_is_enabled() -> None:
    plan = installing()

    assert SHIPPED.enabled == (SERVICE, "recommender-web.socket")
    assert b"ListenStream=127.0.0.1:9000" in files(plan)[UNITS / "recommender-web.socket"].content
    # systemd takes no port at which the daemon listens.
    words = commands(plan)
    assert words.index(f"systemctl stop {SERVICE}") < words.index(
        "systemctl start recommender-web.socket"
    )


@pytest.mark.parametrize(
    ("host", "lmtp", "expected"),
    [
        ("127.0.0.1", "", {"recommender-web.socket": "127.0.0.1:80"}),
        ("::1", "", {"recommender-web.socket": "[::1]:80"}),
        ("localhost", "unix:/run/x/lmtp.sock", {"recommender-lmtp.socket": "/run/x/lmtp.sock"}),
    ],
)
def test_systemd_listens_at_addresses_not_at_names(
    host: str, lmtp: str, expected: dict[str, str]
) -> None:
    assert listening_addresses(host, 80, lmtp) == expected


def test_packaged_program_is_on_the_path_already() -> None:
    packaged = Shipped(SHIPPED.systemd, SHIPPED.help_files, is_packaged=True)
    plan = install_plan(PLACES, packaged, settings="", secrets={})

    assert not [step for step in plan if isinstance(step, Link)]
    assert not [path for path in files(plan) if "/usr/local" in str(path)]


def test_folders_elsewhere_are_writable_for_the_unit_quoted_and_each_once() -> None:
    folders = folders_elsewhere(
        PLACES,
        database=Path("/srv/a b/recommender.db"),
        incoming=Path("/srv/a b/papers/incoming"),
        maildir=Path('/srv/100%"'),
    )
    drop_in = files(installing(folders=folders))[FOLDERS_DROP_IN]

    assert folders == (Path('/srv/100%"'), Path("/srv/a b"))
    assert b'\nReadWritePaths="/srv/100%%\\"" "/srv/a b"\n' in drop_in.content


def test_usual_folders_need_no_drop_in() -> None:
    folders = folders_elsewhere(
        PLACES, database=None, incoming=PLACES.state / "incoming", maildir=None
    )

    assert folders == ()
    assert Absent(FOLDERS_DROP_IN, is_restart_needed=True) in installing()


@pytest.mark.parametrize("hidden", ["/home/ann/papers", "/root/x", "/tmp/x"])  # noqa: S108 - a name
def test_what_the_unit_hides_is_refused_with_another_place(hidden: str) -> None:
    with pytest.raises(MachineError, match=r"hides what lies there.+/opt/recommender"):
        installing(folders=[Path(hidden)])
    with pytest.raises(MachineError, match="hides what lies there"):
        install_plan(Places(Path(hidden)), SHIPPED, settings="", secrets={})


def upgrading(**differing: object) -> Plan:
    usual = {
        "folders": (),
        "backup": Path("/var/lib/recommender/backups/before.db"),
        "rehearsal": (Path("/b/rehearsal.db"), "sqlite:////b/rehearsal.db"),
        "is_older_running": True,
    }
    return upgrade_plan(PLACES, SHIPPED, **(usual | differing))  # type: ignore[arg-type]


def test_upgrade_tries_on_a_copy_before_it_stops_and_copies_before_it_migrates() -> None:
    plan = upgrading()
    words = commands(plan)
    stopped = words.index(f"systemctl stop {SERVICE}")
    migrating = [n for n, each in enumerate(words) if each.endswith(" migrate")]
    copying = [n for n, each in enumerate(words) if " backup " in each]

    assert copying[0] < migrating[0] < stopped < copying[1] < migrating[1]
    (tried, real) = [step for step in plan if isinstance(step, Command) and "migrate" in step.words]
    assert tried.environ == {"RECOMMENDER_DATABASE__URL": "sqlite:////b/rehearsal.db"}
    assert real.environ == {}
    assert "nothing was changed" in tried.mend
    assert "/var/lib/recommender/backups/before.db" in real.mend


def test_upgrade_without_a_new_schema_restarts_and_leaves_the_database_alone() -> None:
    words = commands(upgrading(backup=None, rehearsal=None))

    assert not [each for each in words if "migrate" in each or "backup " in each]
    assert f"systemctl restart {SERVICE}" in words


def test_uninstalling_keeps_data_unless_it_is_to_be_purged() -> None:
    kept = uninstall_plan(PLACES, SHIPPED, is_purge=False)
    purged = uninstall_plan(PLACES, SHIPPED, is_purge=True)
    data = {Absent(PLACES.settings), Absent(PLACES.state)}

    assert not data & {step for step in kept if isinstance(step, Absent)}
    assert data <= {step for step in purged if isinstance(step, Absent)}
    assert {Absent(UNITS / name) for name in SHIPPED.units} <= {
        step for step in kept if isinstance(step, Absent)
    }


def test_units_that_are_shipped_are_those_of_the_checkout() -> None:
    shipped = Shipped(systemd_files(), {})

    assert SERVICE in shipped.enabled
    assert "recommender.sysusers.conf" not in shipped.units
    assert "u recommender" in shipped.systemd["recommender.sysusers.conf"]

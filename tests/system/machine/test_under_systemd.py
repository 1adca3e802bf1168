"""The units under a real systemd: what is killed comes back, and a restart refuses nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.system

SETTINGS = "/etc/recommender/recommender.toml"

CLIENT = """
import socket, sys, time
ended, refused, answered = time.monotonic() + float(sys.argv[1]), 0, 0
while time.monotonic() < ended:
    try:
        with socket.create_connection(("127.0.0.1", 8000), 30) as client:
            client.sendall(b"GET /robots.txt HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n")
            answer = b""
            while block := client.recv(65536):
                answer += block
        answered += answer.startswith(b"HTTP/1.1 200")
        refused += not answer.startswith(b"HTTP/1.1 200")
    except OSError as error:
        refused += 1
    time.sleep(0.01)
print(answered, refused)
"""


def main_pid(machine: Any) -> int:
    return int(machine.show("MainPID"))


def test_it_is_ready_and_says_what_it_is_about(machine: Any) -> None:
    assert machine.show("ActiveState") == "active"
    machine.until(lambda: "looks for work at" in machine.show("StatusText"), "it waits for work")


def test_it_comes_back_when_it_is_killed(machine: Any) -> None:
    before = machine.restarts()
    machine.do("systemctl", "kill", "--signal=KILL", "recommender.service")

    machine.until(lambda: machine.restarts() == before + 1, "it is started again")
    machine.until(lambda: machine.show("ActiveState") == "active", "it is ready again")


def test_it_comes_back_when_it_ends_by_itself(machine: Any) -> None:
    before = machine.restarts()
    machine.do("kill", "-TERM", str(main_pid(machine)))

    machine.until(lambda: machine.restarts() == before + 1, "it is started again")


def test_the_watchdog_ends_what_stands_still(machine: Any) -> None:
    before = machine.restarts()
    machine.do("systemctl", "kill", "--signal=STOP", "--kill-whom=main", "recommender.service")

    machine.until(lambda: machine.restarts() == before + 1, "the watchdog bites")
    machine.until(lambda: machine.show("ActiveState") == "active", "it is ready again")


def test_a_reload_takes_what_can_change_and_tells_the_rest(machine: Any) -> None:
    process, before = main_pid(machine), machine.root.joinpath(SETTINGS[1:]).read_text()
    machine.write(
        SETTINGS,
        before.replace("[web]", '[web]\nhost = "127.0.0.2"') + '[log]\nlevel = "warning"\n',
    )

    machine.do("systemctl", "reload", "recommender.service")
    machine.until(lambda: machine.says("log.level in effect now"), "it is told")
    assert machine.says("web.host changed but in effect only after a restart")

    machine.write(SETTINGS, before + "[web\n")
    machine.do("systemctl", "reload", "recommender.service")
    machine.until(lambda: machine.says("the settings from before stay in force"), "it is told")

    machine.write(SETTINGS, before)
    machine.do("systemctl", "reload", "recommender.service")
    assert main_pid(machine) == process
    assert machine.show("ActiveState") == "active"


def test_settings_that_cannot_be_used_are_not_tried_again(machine: Any) -> None:
    before = machine.root.joinpath(SETTINGS[1:]).read_text()
    try:
        machine.write(SETTINGS, "[nonsense]\n")
        machine.try_to("systemctl", "restart", "recommender.service")

        machine.until(lambda: machine.show("ActiveState") == "failed", "it is given up")
        assert machine.show("ExecMainStatus") == "2"
    finally:
        machine.write(SETTINGS, before)


def test_a_restart_refuses_nobody(machine: Any) -> None:
    client = machine.start_in_it("/opt/python/bin/python3", "-c", CLIENT, "40")
    for _ in range(2):
        machine.do("systemctl", "restart", "recommender.service")

    answered, refused = map(int, client.communicate(timeout=120)[0].split())
    # Whoever came while none ran has waited.
    assert answered > 10
    assert refused == 0


def test_mail_waits_for_a_daemon_that_is_down(machine: Any) -> None:
    machine.do("systemctl", "stop", "recommender.service")
    machine.do("systemctl", "start", "recommender-lmtp.socket")
    try:
        greeting = machine.do(
            *("/opt/python/bin/python3", "-c"),
            "import socket; c = socket.socket(socket.AF_UNIX); c.settimeout(60);"
            "c.connect('/run/recommender/lmtp.sock'); print(c.recv(100).decode())",
        )

        assert greeting.startswith("220 ")
        assert machine.show("ActiveState") in {"active", "activating"}
    finally:
        machine.do("systemctl", "stop", "recommender-lmtp.socket")


def test_the_journal_knows_warnings_as_warnings(machine: Any) -> None:
    machine.do("systemctl", "kill", "--signal=TERM", "--kill-whom=main", "recommender.service")
    machine.until(lambda: machine.says("stopping: no new work"), "it stops")
    priorities = {
        str(line["MESSAGE"]).split(" ", 1)[0]: line["PRIORITY"]
        for line in machine.journal("_TRANSPORT=journal")
        if str(line["MESSAGE"]).startswith(("INFO", "WARNING", "ERROR"))
    }

    assert priorities["INFO"] == "6"
    assert priorities.get("WARNING", "4") == "4"
    assert priorities.get("ERROR", "3") == "3"
    of_the_daemon = machine.journal("LOGGER=recommender.daemon", "--lines=1")
    assert [line["CODE_FUNC"] for line in of_the_daemon]


def test_the_daemon_cannot_write_its_settings(machine: Any) -> None:
    inside = ("nsenter", f"--target={main_pid(machine)}", "--mount", "touch")

    assert machine.try_to(*inside, "/etc/recommender/other.toml").returncode != 0
    assert machine.try_to(*inside, "/usr/other").returncode != 0
    assert machine.try_to(*inside, "/var/lib/recommender/other").returncode == 0


def test_backups_are_made_and_old_ones_go(machine: Any) -> None:
    names = []
    for _ in range(3):
        machine.do("systemctl", "start", "recommender-backup.service")
        machine.do("sleep", "1.1")
        names.append(max(machine.do("ls", "/var/lib/recommender/backups").split()))

    assert machine.do("ls", "/var/lib/recommender/backups").split() == names[1:]
    machine.do("systemctl", "start", "recommender-backup.timer")
    timers = json.loads(machine.do("systemctl", "list-timers", "--output=json"))
    assert "recommender-backup.timer" in {each["unit"] for each in timers}


def test_a_full_disk_is_told_and_it_recovers_once_there_is_room(machine: Any) -> None:
    machine.do("systemctl", "stop", "recommender.service")
    machine.do("mount", "-t", "tmpfs", "-o", "size=200M", "tmpfs", "/var/lib/recommender")
    try:
        machine.do("systemctl", "start", "recommender.service")
        machine.until(lambda: machine.health().get("status") == "ok", "it is well")
        machine.try_to("dd", "if=/dev/zero", "of=/var/lib/recommender/ballast", "bs=1M")

        machine.until(lambda: machine.health().get("status") == "failing", "it is told")
        assert "the disk of the database" in machine.health()["reasons"][0]
        process = main_pid(machine)
        machine.do("rm", "/var/lib/recommender/ballast")

        machine.until(lambda: machine.health().get("status") == "ok", "it is well again")
        assert main_pid(machine) == process
    finally:
        machine.do("systemctl", "stop", "recommender.service")
        machine.do("umount", "/var/lib/recommender")


@pytest.mark.parametrize("unit", ["recommender.service", "recommender-backup.service"])
def test_its_exposure_is_low(machine: Any, unit: str) -> None:
    said = json.loads(machine.do("systemd-analyze", "security", "--json=short", "--no-pager", unit))
    whole = machine.do("systemd-analyze", "security", "--no-pager", unit).splitlines()
    [overall] = [line for line in whole if "Overall exposure level" in line]

    assert said
    assert float(overall.split(":")[1].split()[0]) <= 1.2


def test_what_the_unit_may_not_do_is_told_before_it_starts(machine: Any) -> None:
    before = machine.root.joinpath(SETTINGS[1:]).read_text()
    machine.do("mkdir", "-p", "/srv/mail")
    try:
        machine.write(SETTINGS, before.replace("[inbox]", '[inbox]\nmaildir = "/srv/mail"'))
        machine.do("chown", "root:root", "/etc/recommender/secret.key")
        machine.do("chmod", "600", "/etc/recommender/secret.key")
        told = machine.try_to(
            *("env", "PYTHONPATH=/opt/source:/opt/site-packages", "/opt/python/bin/python3"),
            *("-m", "recommender", "-c", SETTINGS, "check-config"),
        ).stderr
    finally:
        machine.write(SETTINGS, before)
        machine.do("chown", "root:recommender", "/etc/recommender/secret.key")
        machine.do("chmod", "640", "/etc/recommender/secret.key")

    assert "inbox.maildir: recommender.service may not write to /srv/mail" in told
    assert "secret_key_file: recommender, as whom recommender.service runs, may not read" in told
    assert "database.url" not in told

"""`recommender doctor`, typed into a process of its own."""

from __future__ import annotations

import json
from typing import Any

DOMAIN = "lists.example.org"
ZONE = {
    (DOMAIN, "MX"): [f"10 mail.{DOMAIN}."],
    (f"mail.{DOMAIN}", "A"): ["192.0.2.10"],
    (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.10 -all"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
    ("10.2.0.192.in-addr.arpa", "PTR"): [f"mail.{DOMAIN}."],
}


def test_a_good_installation_ends_with_0(installation: Any, start_name_server: Any) -> None:
    port, _ = start_name_server(ZONE)

    finished = installation.run(
        *("doctor", "--nameserver", f"127.0.0.1:{port}", "--sending-address", "192.0.2.10")
    )

    assert finished.returncode == 0, finished.stdout
    assert f"ok       spf           {DOMAIN} lets 192.0.2.10 send, 0 lookups\n" in finished.stdout
    assert finished.stdout.splitlines()[-1].startswith("0 problems, ")
    assert finished.stderr == ""


def test_a_problem_ends_with_1_and_says_the_mend(installation: Any, start_name_server: Any) -> None:
    zone = {key: records for key, records in ZONE.items() if key != (DOMAIN, "TXT")}
    port, _ = start_name_server(zone)

    finished = installation.run(
        *("doctor", "--json", "--nameserver", f"127.0.0.1:{port}"),
        *("--sending-address", "192.0.2.10"),
    )

    told = json.loads(finished.stdout)
    assert (finished.returncode, told["status"]) == (1, "problem")
    problems = [each for each in told["findings"] if each["verdict"] == "problem"]
    assert problems == [
        {
            "check": "spf",
            "verdict": "problem",
            "message": f"{DOMAIN} has no SPF record: nobody knows that this mail is yours",
            "fix": f'add the TXT record "v=spf1 ip4:192.0.2.10 ~all" to {DOMAIN}',
        }
    ]


def test_what_it_does_not_know_is_wrong_usage(installation: Any) -> None:
    for arguments in (
        ("--skip", "weather"),
        ("--nameserver", "dns.example.org"),
        ("--sending-address", "here"),
    ):
        finished = installation.run("doctor", *arguments)
        assert finished.returncode == 2
        assert "Traceback" not in finished.stderr


def test_an_incomplete_configuration_is_told_among_the_rest(fresh: Any, tmp_path: Any) -> None:
    unset = fresh.copy(tmp_path / "installation", smtp_port=9)
    unset.settings.pop("LIST__ADDRESS")

    finished = unset.run("doctor", "--skip", "dns", "--skip", "smtp")

    assert finished.returncode == 1
    assert "problem  configuration list.address: papers@example.org" in finished.stdout
    assert "ok       database" in finished.stdout

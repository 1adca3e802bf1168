"""`recommender outbox`, typed into processes of their own: refused, looked at, tried again."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from recommender.jobs.outgoing.notices import notify_operator

REFUSED = "550 5.1.1 no such user"


@pytest.fixture
def refused(with_digest: Any, sink: Any) -> Any:
    """Return an installation whose server took one of three newsletters and refused two."""
    with_digest.import_subscribers(3)
    sink.answer = lambda recipient, _number: (
        "250 2.0.0 taken" if recipient == "reader1@example.org" else REFUSED
    )
    with_digest.run("send", "--now")
    return with_digest


def failed(installation: Any) -> list[dict[str, Any]]:
    told = json.loads(installation.do("outbox", "list", "--state", "failed", "--json"))
    found: list[dict[str, Any]] = told["deliveries"]
    return found


def test_what_failed_is_listed_with_the_reason(refused: Any) -> None:
    listed = refused.do("outbox", "list")

    rows = listed.splitlines()
    assert [row.split()[1:] for row in rows[0:4:2]] == [
        ["failed", "issue", rows[0].split()[-1]],
        ["failed", "issue", rows[2].split()[-1]],
    ]
    assert {rows[0].split()[-1], rows[2].split()[-1]} == {
        "reader2@example.org",
        "reader3@example.org",
    }
    assert re.fullmatch(rf" {{9}}\d{{4}}-\d\d-\d\d \d\d:\d\d {REFUSED}", rows[1])
    assert rows[4:] == ["2 of 2 messages shown, times in UTC; 1 sent, 2 failed"]


def test_a_listing_as_json_has_counts_and_rows(refused: Any) -> None:
    told = json.loads(refused.do("outbox", "list", "--limit", "1", "--json"))

    assert told["states"] == {"queued": 0, "sending": 0, "sent": 1, "deferred": 0, "failed": 2}
    assert told["domains"] == {"example.org": {"failed": 2}}
    assert told["holds"] == {"servers": [], "domains": [], "paused_at": None}
    [row] = told["deliveries"]
    assert (row["state"], row["kind"], row["last_reply"]) == ("failed", "issue", REFUSED)
    assert row["created_at"].endswith("+00:00")


def test_one_message_is_shown_with_its_history(refused: Any, sink: Any) -> None:
    [row, _] = failed(refused)

    shown = refused.do("outbox", "show", str(row["id"]))
    told = json.loads(refused.do("outbox", "show", row["message_id"], "--json"))

    assert f"to          {row['recipient']}\n" in shown
    assert f"Message-ID  {row['message_id']}\n" in shown
    *_, attempt, bounce = shown.splitlines()
    assert attempt.endswith(f"failed   127.0.0.1:{sink.port} {REFUSED}")
    assert bounce.endswith(f"hard bounce by smtp 5.1.1: {REFUSED}"), "`send` counts refusals"
    [entry] = told["history"]
    assert (entry["reply_code"], entry["enhanced_status_code"]) == (550, "5.1.1")
    assert (told["id"], told["subscriber_email"]) == (row["id"], row["recipient"])


def test_what_failed_is_tried_again_and_arrives_under_its_message_id(
    refused: Any, sink: Any
) -> None:
    sink.answer = lambda _recipient, _number: "250 2.0.0 taken"

    told = json.loads(refused.do("outbox", "retry", "--state", "failed", "--json"))
    refused.do("send")

    assert (told["due"], told["left"]) == (2, {})
    assert len(sink.to("reader2@example.org")) == 1
    assert {len(ids) for ids in sink.message_ids().values()} == {1}
    assert failed(refused) == []


def test_what_was_sent_is_refused_by_its_number(refused: Any) -> None:
    [row] = json.loads(refused.do("outbox", "list", "--state", "sent", "--json"))["deliveries"]

    for command, why in (
        ("retry", "was sent, and nothing is sent twice"),
        ("cancel", "was sent"),
    ):
        line = refused.fail("outbox", command, str(row["id"]), status=1)
        assert line == f"recommender: message {row['id']} is left: {why}"


def test_what_waits_is_cancelled(refused: Any) -> None:
    refused.do("outbox", "retry", "--domain", "example.org")

    assert refused.do("outbox", "cancel", "--all") == "2 messages cancelled\n"
    assert {row["last_reply"] for row in failed(refused)} == {"cancelled by the operator"}


def test_a_notice_to_the_operator_goes_out_with_the_rest(installation: Any, sink: Any) -> None:
    installation.settings["OPERATOR__EMAIL"] = "operator@example.net"
    with installation.services() as services:
        notify_operator(services, key="x", subject="Trouble", lines=["Look at the log."])

    listed = installation.do("outbox", "list", "--kind", "notice")
    installation.do("send")

    assert listed.splitlines()[0].split()[1:] == ["queued", "notice", "operator@example.net"]
    [mail] = sink.to("operator@example.net")
    assert b"Subject: Trending papers: Trouble\r\n" in mail.content


def test_wrong_usage_ends_with_2(installation: Any) -> None:
    for arguments in (
        ("retry",),
        ("retry", "1", "--state", "failed"),
        ("cancel",),
        ("cancel", "1", "--all"),
        ("list", "--state", "lost"),
        ("list", "--limit", "-1"),
        ("show",),
    ):
        finished = installation.run("outbox", *arguments)
        assert finished.returncode == 2, arguments
        assert "Traceback" not in finished.stderr


def test_nothing_leaves_while_it_is_paused_whoever_sends(with_digest: Any, sink: Any) -> None:
    with_digest.import_subscribers(2)

    paused = with_digest.do("outbox", "pause")
    sent = with_digest.run("send", "--now")
    assert sent.returncode == 1, sent.stderr
    told = sent.stdout
    assert re.fullmatch(r"sending is paused since [\d: -]{16} UTC; `.+` goes on\n", paused)
    assert told.startswith("0 issues composed, ")
    assert paused.strip() in told
    assert paused.strip() in with_digest.do("stats")
    assert sink.mails() == []
    assert with_digest.do("outbox", "resume").startswith("sending goes on; ")
    assert with_digest.do("outbox", "resume") == "sending was not paused\n"
    with_digest.do("send", "--now")
    assert len(sink.mails()) == 2


def test_a_pause_from_the_page_outlives_the_daemon_and_is_ended_from_it(
    with_digest: Any, sink: Any, start_daemon: Any
) -> None:
    def confirm(action: str) -> None:
        url = f"{with_digest.base_url}/status"
        asked = httpx.post(url, data={"action": action}, timeout=15)
        [confirmation] = re.findall(r'name="confirmation" value="([^"]+)"', asked.text)
        data = {"action": action, "confirmation": confirmation}
        assert httpx.post(url, data=data, timeout=15).status_code == httpx.codes.SEE_OTHER

    daemon = start_daemon(with_digest)
    confirm("pause")
    daemon.kill()
    with_digest.import_subscribers(3)
    with_digest.make_due(datetime.now(UTC) - timedelta(hours=3))
    start_daemon(with_digest)

    health = httpx.get(f"{with_digest.base_url}/healthz", timeout=15).json()
    assert health["status"] == "degraded"
    assert health["reasons"][0].startswith("sending is paused since ")
    assert sink.mails() == []
    confirm("resume")
    with_digest.wait_until_sent(3)
    assert len(sink.mails()) == 3


def test_what_does_not_exist_is_told_in_one_line(installation: Any) -> None:
    assert "no message '7'" in installation.fail("outbox", "show", "7", status=1)
    assert "no message 7" in installation.fail("outbox", "retry", "7", status=1)
    assert "no mail address" in installation.fail("outbox", "list", "--domain", "a b", status=1)

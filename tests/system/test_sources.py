"""Feeds are named by commands and in the configuration, and the daemon fetches them by itself."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PAGE = b"""<html><head><link rel="alternate" type="application/rss+xml" href="/feed/9"></head>"""


def feed(number: str) -> bytes:
    return (
        f'<rss version="2.0"><channel><title>Journal {number}</title><item><title>Paper {number}'
        f"</title><link>https://example.org/{number}</link><description>What it does.</description>"
        "</item></channel></rss>"
    ).encode()


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        _, kind, *rest = self.path.split("/")
        self.server.asked.append(self.path)  # type: ignore[attr-defined]  # set where it is started
        if kind == "gone":
            self.send_error(410)
            return
        body = feed(rest[0]) if kind == "feed" else PAGE
        etag = f'"{self.path}"'
        is_known = self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", "0" if is_known else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if is_known else body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing: what was asked is counted."""


@pytest.fixture
def web() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        server.asked = []  # type: ignore[attr-defined]  # for its handler
        server.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]  # for tests
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def listed(installation: Any) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(installation.do("sources", "list", "--json"))}


def test_the_daemon_fetches_what_is_named_whichever_way(
    installation: Any, start_daemon: Any, web: Any, eventually: Any, promised_keys: Any
) -> None:
    installation.settings["INGEST__ALLOW_PRIVATE_NETWORKS"] = "true"
    with installation.configuration.open("a", encoding="utf-8") as file:
        file.write(f'\n[[sources]]\nurl = "{web.url}/feed/1"\nname = "configured"\n')
    daemon = start_daemon(installation)
    assert listed(installation).keys() == {"configured"}
    installation.do("sources", "add", f"{web.url}/feed/2", "--name", "added", "--every", "5")
    gone = installation.fail("sources", "add", f"{web.url}/gone/1", "--name", "gone", status=1)
    assert "gone was added, and is paused: " in gone
    eventually(
        lambda: [each["papers"] for each in listed(installation).values()] == [1, 1, 0],
        "both feeds are read",
        60,
    )

    found = listed(installation)
    assert [each["state"] for each in found.values()] == ["ok", "ok", "paused"]
    assert promised_keys("sources list") <= found["added"].keys()
    assert f"{web.url}/feed/1" in installation.do("sources", "list")
    assert installation.fail("sources", "remove", "configured", status=1).endswith("[[sources]]")
    installation.do("sources", "remove", "added")
    assert listed(installation).keys() == {"configured", "gone"}
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0


def test_kills_lose_nothing_of_what_servers_say_they_have_sent(
    installation: Any, start_daemon: Any, web: Any, eventually: Any
) -> None:
    """A server that was asked once answers "unchanged" from then on."""
    feeds = 40
    installation.settings["INGEST__ALLOW_PRIVATE_NETWORKS"] = "true"
    with installation.configuration.open("a", encoding="utf-8") as file:
        for n in range(feeds):
            file.write(f'\n[[sources]]\nurl = "{web.url}/feed/{n}"\n')

    def papers() -> int:
        counts: dict[str, int] = json.loads(installation.do("stats", "--json"))
        assert counts["papers"] == counts["mentions"] == counts["digests"]
        return counts["papers"]

    for asked in (1, 12, feeds):
        daemon = start_daemon(installation)
        eventually(lambda enough=asked: len(web.asked) >= enough, f"{asked} feeds are asked", 60)
        daemon.kill()
    start_daemon(installation)
    eventually(lambda: papers() == feeds, "all feeds are read", 60)


def test_a_check_shows_what_would_be_read_and_stores_nothing(installation: Any, web: Any) -> None:
    url = f"{web.url}/feed/7"
    refused = installation.fail("sources", "check", url, status=1)
    assert "set ingest.allow_private_networks = true" in refused
    installation.settings["INGEST__ALLOW_PRIVATE_NETWORKS"] = "true"
    before = installation.database_hashes()
    assert "- Paper 7" in installation.do("sources", "check", url)
    [paper] = json.loads(installation.do("sources", "check", url, "--json"))["papers"]

    assert (paper["title"], paper["abstract"]) == ("Paper 7", "What it does.")
    assert installation.database_hashes() == before


def test_a_web_page_is_not_added_and_its_feed_is_offered(installation: Any, web: Any) -> None:
    installation.settings["INGEST__ALLOW_PRIVATE_NETWORKS"] = "true"
    refused = installation.run("sources", "add", f"{web.url}/page")

    assert refused.returncode == 1
    assert f"recommender sources add {web.url}/feed/9" in refused.stderr
    assert listed(installation) == {}


def test_feeds_go_out_and_come_in_as_opml(installation: Any, tmp_path: Any) -> None:
    installation.do("sources", "add", "arxiv:search", "graph networks")
    installation.do("sources", "add", 'pubmed:"sleep & memory"', "--name", "sleep <1>")
    exported = installation.do("sources", "export")
    before = listed(installation)
    for name in before:
        installation.do("sources", "remove", name)
    (tmp_path / "feeds.opml").write_text(exported, encoding="utf-8")

    assert installation.do("sources", "import", tmp_path / "feeds.opml").startswith("2 sources")
    nothing = installation.run("sources", "import", tmp_path / "feeds.opml")
    assert (nothing.returncode, nothing.stdout) == (1, "0 sources added, 2 left\n")
    assert "is the source 'sleep <1>' already" in nothing.stderr
    again = listed(installation)
    assert {n: e["url"] for n, e in again.items()} == {n: e["url"] for n, e in before.items()}
    installation.do("sources", "pause", "sleep <1>")
    assert listed(installation)["sleep <1>"]["state"] == "paused"
    installation.do("sources", "resume", "sleep <1>")
    assert listed(installation)["sleep <1>"]["state"] == "quiet"


def test_an_address_to_which_no_mail_can_come_is_told(installation: Any) -> None:
    added = installation.run("sources", "add", "--mail", "lists")
    address = added.stdout.partition("mailto:")[2].partition("\n")[0]

    assert added.returncode == 0
    assert "no mail comes in yet: set inbox.lmtp, inbox.maildir or inbox.imap_host" in added.stderr
    assert f"what comes for {address} to `recommender receive`" in added.stderr


def test_what_was_mistyped_is_told_with_the_fix(installation: Any, tmp_path: Any) -> None:
    assert installation.do("sources", "list").startswith("no sources; `recommender sources add`")
    refused = installation.run("sources", "add", "--mail", "https://example.org/feed")
    assert refused.returncode == 2
    assert "give a name, or nothing" in refused.stderr
    missing = tmp_path / "feeds.opml"
    refused = installation.run("sources", "import", missing)
    assert f"{missing}: there is no such file; check the path" in refused.stderr
    assert listed(installation) == {}


LISTING = (
    b"Received: from mx.example.org by mail.example.org; Wed, 11 Mar 2026 06:12:09 +0000\r\n"
    b"From: list@example.org\r\nDate: Wed, 11 Mar 2026 06:12:00 +0000\r\nSubject: unsubscribe\r\n"
    b"\r\n\\\\\r\narXiv:2603.01234\r\nDate: Mon, 9 Mar 2026 17:58:02 GMT\r\n\r\n"
    b"Title: Springs that learn without a clock\r\nAuthors: Ann B. Example\r\n\\\\\r\n"
    b"  We study how networks of springs learn.\r\n"
    b"\\\\ ( https://arxiv.org/abs/2603.01234 ,  12kb)\r\n"
)
CONFIRM = (
    b"From: list-request@example.org\r\nDate: Wed, 11 Mar 2026 06:12:00 +0000\r\n"
    b"Subject: Please confirm your subscription\r\nTo: x@example.org\r\n\r\n"
    b"Please confirm: https://example.org/confirm/1\r\n"
)


def test_the_daemon_takes_papers_in_by_mail(
    installation: Any, start_daemon: Any, eventually: Any, free_port: Any
) -> None:
    port = free_port()
    installation.settings["INBOX__LMTP"] = f"127.0.0.1:{port}"
    installation.settings["OPERATOR__EMAIL"] = "operator@example.net"
    quiet = installation.run("sources", "add", "--mail", "lists", "--json")
    assert quiet.stderr == ""
    added = json.loads(quiet.stdout)
    address = added["url"].removeprefix("mailto:")
    assert added == {"name": "lists", "url": f"mailto:{address}"}
    assert "waits for mail" in installation.do("sources", "check", "lists")
    daemon = start_daemon(installation)
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mta") as client:
        for content in (LISTING, CONFIRM):
            client.sendmail("anybody@example.org", address, content)

    def last() -> str:
        checked = json.loads(installation.do("sources", "check", "lists", "--json"))
        outcome: str = checked["last_mail"]["outcome"]
        return outcome

    eventually(lambda: last().startswith("a question to confirm"), "both are read", 60)
    found = listed(installation)["lists"]
    assert (found["state"], found["papers"]) == ("ok", 1)
    assert found["url"] == f"mailto:{address}"
    counts = json.loads(installation.do("stats", "--json"))
    assert (counts["papers"], counts["mentions"], counts["digests"]) == (1, 1, 1)
    # The question goes to the operator, and nothing to anybody else.
    eventually(
        lambda: installation.do("outbox", "list").endswith(" 1 sent\n"), "the operator is asked"
    )
    assert "digest-" not in installation.do("sources", "export")
    installation.do("sources", "remove", "lists")
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mta") as client:
        client.sendmail("anybody@example.org", address, LISTING + b"more\r\n")
    eventually(
        lambda: "no source has this address" in installation.do("inbox", "list"), "it is refused"
    )
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0

"""A reader gives their Zotero library on their page, and their next newsletter follows it."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from local_zotero import READ_KEY, LocalLibrary, LocalZotero, key_of

from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import links
from recommender.store import libraries, subscribers

TOPICS = ("graph pruning", "protein folding", "speech recognition", "dough fermentation")
DOUGH = [4, 8, 12, 16]


class _Services(BaseHTTPRequestHandler):
    """Zotero, arXiv and Crossref at one address."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.zotero.reply(self.path, headers)  # type: ignore[attr-defined]  # set where it is started
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing: what was asked is counted."""


@pytest.fixture
def zotero(installation: Any) -> Iterator[LocalZotero]:
    zotero = LocalZotero({"users/12345": LocalLibrary(is_public=False)}, {READ_KEY: key_of()})
    with ThreadingHTTPServer(("127.0.0.1", 0), _Services) as server:
        server.zotero = zotero  # type: ignore[attr-defined]  # for its handler
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        for name in ("ZOTERO", "ARXIV", "CROSSREF"):
            installation.settings[f"LIBRARIES__{name}_URL"] = (
                f"http://127.0.0.1:{server.server_port}"
            )
        installation.settings["INGEST__ALLOW_PRIVATE_NETWORKS"] = "true"
        yield zotero
        server.shutdown()
        thread.join()


def digest() -> str:
    """Write a day's papers of four topics in turn; each has many words of its own."""
    return "".join(
        json.dumps(
            {
                "id": f"2603.{number:05}",
                "title": f"{TOPICS[(number - 1) % 4].title()} {number}",
                "abstract": " ".join(f"word{number}{letter}" for letter in "abcdefgh")
                + f" about {TOPICS[(number - 1) % 4]}.",
            }
        )
        + "\n"
        for number in range(1, 17)
    )


def first_numbers(installation: Any, most: int = 4) -> list[int]:
    """Return which papers the next issue would begin with."""
    with installation.services() as services:
        (planned,) = newsletters.plan_issues(
            services, only="ada@example.org", now_even_if_not_due=True
        )
    assert planned.plan is not None
    return sorted(int(each.title.split()[-1]) for each in planned.plan.entries[:most])


def page_of(installation: Any) -> str:
    with installation.services() as services, services.database.read() as session:
        subscriber = subscribers.by_key(session, "ada@example.org")
        assert subscriber is not None
        return links.preferences_url(services, subscriber, since=services.clock())


def make_due(installation: Any) -> None:
    """Let a day pass since the library was read."""
    with installation.services() as services, services.database.write() as session:
        (library,) = libraries.claim_due(
            session,
            now=services.clock() + timedelta(days=2),
            until=services.clock() - timedelta(hours=1),
            limit=9,
        )
        libraries.change(session, library.id, last_synced_at=services.clock() - timedelta(days=1))


def test_a_library_counts_from_the_first_newsletter_on_and_its_key_is_nowhere(
    installation: Any, start_daemon: Any, zotero: LocalZotero, eventually: Any, tmp_path: Any
) -> None:
    library = zotero.libraries["users/12345"]
    for number in range(12):
        # Described by nobody: arXiv is asked what they are about.
        library.put(f"DOUGH{number:02}", title=f"Loaf {number}", extra=f"arXiv:2001.{number:05}")
        zotero.arxiv[f"2001.{number:05}"] = (
            " ".join(f"loaf{number}{letter}" for letter in "abcdefgh") + " by dough fermentation."
        )
    library.put("NOTE", itemType="note")
    (installation.folder / "incoming").mkdir(exist_ok=True)
    (installation.folder / "incoming" / "today.jsonl").write_text(digest(), encoding="utf-8")
    installation.do("subscribers", "add", "ada@example.org")
    daemon = start_daemon(installation)
    eventually(
        lambda: json.loads(installation.do("stats", "--json"))["papers"] == 16, "the digest is read"
    )
    assert first_numbers(installation) != DOUGH
    me = page_of(installation)

    shown = [httpx.get(me).text]
    answer = httpx.post(me, data={"action": "library", "key": READ_KEY})
    assert answer.status_code == 303
    eventually(
        lambda: (
            shown.append(httpx.get(f"{me}/interests").text)
            or "12 papers known from it" in shown[-1]
        ),
        "the library is read without waiting for the night",
    )
    assert first_numbers(installation) == DOUGH
    told = json.loads(installation.do("subscribers", "show", "ada@example.org", "--json"))
    assert (told["library"], told["library_papers"]) == ("users/12345", 12)
    assert "12 papers of their library" in installation.do("explain", "ada@example.org")

    shown += [httpx.post(me, data={"action": "export"}).text, json.dumps(told)]
    installation.do("backup", tmp_path / "copy.db")
    installation.do("export", tmp_path / "dataset")
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    files = [path for folder in (installation.folder, tmp_path) for path in folder.rglob("*")]
    for path in filter(lambda each: each.is_file(), files):
        content = path.read_bytes()
        unpacked = gzip.decompress(content) if path.suffix == ".gz" else content
        assert READ_KEY.encode() not in unpacked, path
    assert not any(READ_KEY in each for each in shown)
    assert READ_KEY in zotero.keys_seen, "it was used all the same"

    for number in range(12):
        library.delete(f"DOUGH{number:02}")
    make_due(installation)
    night = json.loads(installation.do("nightly", "--json"))
    (step,) = [each for each in night["steps"] if each["name"] == "libraries"]
    assert step["result"].startswith("1 library read")
    assert first_numbers(installation) != DOUGH
    told = json.loads(installation.do("subscribers", "show", "ada@example.org", "--json"))
    assert told["library_papers"] == 0

"""Files that cannot be read, as an operator meets them: the daemon, and `recommender rejected`."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

BAD = "Mar 11\n\nA title\n\nIts abstract ends here.\n\nNo \x1b[31mabstract\n\nAnother\n\nAnd it.\n"
MENDED = BAD.replace("Another", "Another abstract.").replace("And it.", "")


def good(number: int) -> str:
    return f"Mar 10\n\nTitle {number}\n\nWhat paper {number} does.\n"


def listed(installation: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(installation.do("rejected", "list", "--json"))
    return found


def test_a_rejected_file_is_listed_shown_mended_and_read(
    installation: Any, promised_keys: Any
) -> None:
    path = installation.folder / "mine" / "bad.txt"
    path.parent.mkdir()
    path.write_text(BAD)
    assert listed(installation) == []
    installation.run("ingest", path)

    [found] = listed(installation)
    assert found.keys() == promised_keys("rejected list")
    assert (found["name"], found["came_from"]) == ("bad.txt", "the command ingest")
    [fault] = found["faults"]
    assert fault["where"].startswith("line ")
    said = fault["message"].partition("; ")[0]
    assert f"    {fault['where']}: {said}\n" in installation.do("rejected", "list")
    shown = installation.do("rejected", "show", "bad.txt")
    assert f">      {fault['where'].removeprefix('line ')}  " in shown
    assert "\x1b" not in shown

    failed = installation.run("rejected", "retry", "bad.txt")
    assert (failed.returncode, listed(installation)[0]["name"]) == (1, "bad.txt")
    (installation.folder / "rejected" / "bad.txt").write_text(MENDED.replace("\x1b[31m", ""))
    assert "2 papers, 2 of them new" in installation.do("rejected", "retry", "--all")
    assert listed(installation) == []
    assert (installation.folder / "done" / "bad.txt").exists()
    assert list((installation.folder / "rejected").iterdir()) == []


def test_a_file_that_waits_in_the_watched_folder_is_named(installation: Any) -> None:
    path = installation.folder / "incoming" / "cut.txt"
    path.write_text("Mar 11\n\nA title\n")
    changed_at = time.time() - 600
    os.utime(path, (changed_at, changed_at))

    told = installation.do("rejected", "list")
    assert f"cut.txt  waits in {path.parent}" in told
    assert "a file whose end is missing is held for 15 minutes" in told
    doctor = installation.run("doctor", "--skip", "dns", "--skip", "smtp").stdout
    assert "cut.txt not read yet, or held because an end is missing" in doctor
    path.unlink()
    assert "waits" not in installation.do("rejected", "list")


def test_what_is_read_is_said_once_for_all_files_and_not_with_each(installation: Any) -> None:
    folder = installation.folder / "mine"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"hello {number}")

    told = installation.run("ingest", folder)
    assert told.stderr.count("what is read: ") == 1
    assert told.stderr.count("a single paragraph is no digest") == 3
    listing = installation.do("rejected", "list")
    assert (listing.count("what is read: "), listing.count("what is read")) == (1, 1)
    assert listing.count("    file: a single paragraph is no digest\n") == 3
    assert "what is read: " not in (folder.parent / "rejected" / "0.txt.why.txt").read_text()


def test_what_was_left_out_stays_named_until_a_file_of_its_name_puts_it_right(
    installation: Any,
) -> None:
    path = installation.folder / "mine" / "a.jsonl"
    path.parent.mkdir()
    path.write_text('{"id": "1", "title": "One"}\n{"id": "2", "title": 5}\n')
    installation.do("ingest", path)

    assert "corrected under that name" in installation.do("rejected", "show", "a.jsonl")
    retried = installation.run("rejected", "retry", "--all")
    assert (retried.returncode, retried.stdout) == (
        0,
        "0 files read, 0 still rejected, 1 read in part and left\n",
    )
    assert "a.jsonl: it was read in part" in retried.stderr
    assert "ingest the corrected file under the same name" in retried.stderr
    named = installation.run("rejected", "retry", "a.jsonl")
    assert (named.returncode, named.stdout) == (1, "0 files read, 1 still rejected\n")

    path.write_text('{"id": "1", "title": "One"}\n{"id": "2", "title": "Two"}\n')
    installation.do("ingest", path)
    assert listed(installation) == []


def test_names_are_wanted_and_known(installation: Any) -> None:
    assert "rejected list" in installation.fail("rejected", "show", "nothing.txt", status=1)
    assert installation.run("rejected", "retry").returncode == 2
    installation.run("ingest", installation.configuration)
    assert "removed recommender.toml" in installation.do("rejected", "remove", "recommender.toml")
    assert listed(installation) == []


def test_a_running_daemon_holds_what_is_unfinished_and_reads_what_is_replaced(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    installation.settings["INGEST__SETTLE_SECONDS"] = "0.1"
    daemon = start_daemon(installation)
    incoming = installation.folder / "incoming"
    (incoming / "cut.json").write_text('[{"paper": {"id": "2603.00001", "title": "A ti')
    (incoming / "bad.txt").write_text(BAD)
    with (incoming / "huge.json").open("wb") as file:
        file.truncate(20_000_000_000)
    replacements = 40
    stop = threading.Event()

    def replace_one() -> None:
        for number in range(replacements):
            new = incoming / ".new"
            new.write_text(good(number))
            # Whoever it replaces was read or is lost by this hand: so it waits until it is read.
            while (incoming / "same.txt").exists() and not stop.is_set():
                time.sleep(0.002)
            new.replace(incoming / "same.txt")

    thread = threading.Thread(target=replace_one)
    thread.start()
    try:
        for name in ("bad.txt", "huge.json"):
            eventually((installation.folder / "rejected" / name).exists, f"{name} is rejected", 60)
        thread.join(60)
        assert not thread.is_alive()
        eventually(lambda: not (incoming / "same.txt").exists(), "the last is read", 60)
    finally:
        stop.set()
    assert {each["name"] for each in listed(installation)} == {"bad.txt", "huge.json"}
    assert (incoming / "cut.json").exists()
    counts = json.loads(installation.do("stats", "--json"))
    assert counts["digests"] == len(list((installation.folder / "done").iterdir())) == replacements

    paper = {"id": "2603.00001", "title": "A title", "summary": "What it does."}
    (incoming / "cut.json").write_text(json.dumps([{"paper": paper}]))
    eventually((installation.folder / "done" / "cut.json").exists, "the whole of it is read", 60)
    log = daemon.log.read_text()
    assert log.count("cut.json: held") == 1


def test_what_cannot_be_filed_away_does_not_fill_the_log(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    installation.settings["INGEST__SETTLE_SECONDS"] = "0.1"
    done = installation.folder / "done"
    done.rmdir()
    done.write_text("a file where the folder should be")
    daemon = start_daemon(installation)
    incoming = installation.folder / "incoming"
    for number in range(3):
        (incoming / f"{number}.txt").write_text(good(number))
    eventually(lambda: daemon.log.read_text().count(" of them new") == 3, "all are read", 60)
    eventually(lambda: "2.txt: it cannot be moved" in daemon.log.read_text(), "it is told", 60)
    for _ in range(30):  # each is a reason to look again
        (incoming / "x.part").touch()
        time.sleep(0.05)
    assert sorted(each.name for each in incoming.iterdir()) == ["0.txt", "1.txt", "2.txt", "x.part"]
    assert daemon.log.read_text().count("cannot be moved to") == 4


def test_a_kill_in_the_middle_is_made_up_by_the_next_start(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    incoming: Path = installation.folder / "incoming"
    (incoming / ".filing-0123456789abcdef-a.txt").write_text(good(1))
    start_daemon(installation)
    eventually((installation.folder / "done" / "a.txt").exists, "it is read and filed away", 60)

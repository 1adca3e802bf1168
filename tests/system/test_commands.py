"""Every command of the operator's interface, typed into a process of its own."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from recommender.cli import program  # noqa: F401 - adds the commands
from recommender.cli.application import app
from recommender.domain import Rating
from recommender.jobs.finding import find_subscriber
from recommender.store import papers, ratings


def commands(below: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Name every command, and every command below another one."""
    for name, command in below.commands.items():
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)


COMMANDS = tuple(commands(get_command(app)))


def test_help_lists_every_command(installation: Any) -> None:
    page = installation.do("--help")

    for command in COMMANDS:
        assert len(command) == 2 or f"\n  {command[0]} " in page, command


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    """In this process: what counts is that it imports and says what it does."""
    found: Any = get_command(app)
    for name in command:
        found = found.commands[name]
    assert found.help
    assert found.help.strip().endswith((".", "…"))


def test_wrong_usage_ends_with_2_and_no_traceback(installation: Any) -> None:
    finished = installation.run("send", "--never")

    assert finished.returncode == 2
    assert "No such option" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_configuration_that_is_complete_is_told_so(installation: Any) -> None:
    assert installation.do("check-config") == (
        "links are signed by one key\nthe configuration is complete\n"
    )
    key = installation.folder / "secret.key"
    key.write_text(f"a key that was put above the other one\n{key.read_text()}")
    assert installation.do("check-config") == (
        "links are signed by the first of 2 keys, and work by all of them\n"
        "the configuration is complete\n"
    )


def test_that_nobody_is_mailed_about_trouble_is_said_and_no_error(installation: Any) -> None:
    warning = "operator.email: it is empty, so only the log tells of broken sources"
    told = installation.run("check-config")

    assert (told.returncode, warning in told.stderr) == (0, True)
    doctor = installation.run("doctor", "--skip", "dns", "--skip", "smtp").stdout
    assert f"warning  configuration {warning}" in doctor
    installation.settings["OPERATOR__EMAIL"] = "operator@example.net"
    assert "operator.email: it is empty" not in installation.run("check-config").stderr


def test_stats_have_their_keys_and_every_state(with_digest: Any, promised_keys: Any) -> None:
    with_digest.import_subscribers(2)

    counts = json.loads(with_digest.do("stats", "--json"))

    assert counts == {
        "papers": 119,
        "mentions": 119,
        "digests": 1,
        "issues": 0,
        "ratings": 0,
        "subscribers": {
            "unconfirmed": 0,
            "active": 2,
            "paused": 0,
            "unsubscribed": 0,
            "suspended": 0,
        },
        "deliveries": {"queued": 0, "sending": 0, "sent": 0, "deferred": 0, "failed": 0},
        "in_doubt": 0,
        "requests": {},
        "signals": {"measured": 0, "poor": 0},
        "held": [],
    }
    assert promised_keys("stats") <= counts.keys()


def test_stats_say_in_words_what_each_figure_is(with_digest: Any) -> None:
    with_digest.import_subscribers(2)
    with_digest.do("subscribers", "remove", "reader1@example.org")

    lines = with_digest.do("stats").splitlines()

    names = {line[:12].strip() for line in lines}
    counts = json.loads(with_digest.do("stats", "--json"))
    assert names == {name.replace("_", " ") for name in counts} - {"held"}
    assert "subscribers  1 active, 1 unsubscribed (left)" in lines
    assert "deliveries   none" in lines
    [papers] = [line for line in lines if line.startswith("papers")]
    assert papers.startswith("papers       119  (119 of them for newsletters: in digests since ")
    assert [line for line in lines if not line.endswith(")")] == ["deliveries   none"]


def test_subscribers_go_out_as_csv_and_come_back_the_same(
    installation: Any, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    rows = [
        "Email,status,hour,weekdays,timezone,papers,interests,followed,blocked",
        'a@example.org,,6,mon wed fri,Europe/Berlin,5,"graphs, and trees","Doe, J.; trees",oaks',
        "b@example.org,paused,7,daily,UTC,10,,,",
        "nobody,,,,,,,,",
        "c@example.org,,25,,,,,,",
        "d@example.org,,,,,,,,,,",
        "e@example.org,unsubscribed,,,,,Müller,,",
    ]
    file.write_text("\r\n".join(rows), encoding="utf-8-sig")

    imported = installation.run("subscribers", "import", file)

    assert imported.returncode == 1
    told = imported.stderr.splitlines()
    assert [line.removeprefix(f"{file} ").split(":")[0] for line in told] == [
        "line 4",
        "line 5",
        "line 6",
    ]
    assert imported.stdout.startswith(
        "3 added, 0 changed, 0 as they were, 0 not brought back, 3 lines not taken\n"
    )
    assert "first issues come on " in imported.stdout

    exported = installation.do("subscribers", "export")
    back = tmp_path / "back.csv"
    back.write_text(exported, encoding="utf-8")
    again = installation.do("subscribers", "import", back)

    assert again.startswith("0 added, 0 changed, 3 as they were, 0 not brought back")
    assert installation.do("subscribers", "export") == exported
    read = list(csv.DictReader(io.StringIO(exported)))
    assert [row["email"] for row in read] == ["a@example.org", "b@example.org", "e@example.org"]
    assert [row["status"] for row in read] == ["active", "paused", "unsubscribed"]
    assert read[0] == {
        "email": "a@example.org",
        "status": "active",
        "hour": "6",
        "weekdays": read[0]["weekdays"],
        "timezone": "Europe/Berlin",
        "papers": "5",
        "interests": "graphs, and trees",
        "followed": "J. Doe; trees",
        "blocked": "oaks",
    }
    assert read[2]["interests"] == "Müller"
    assert json.loads(installation.do("subscribers", "export", "--json")) == [
        {**row, "term_ratings": []} for row in read
    ]


def test_a_subscriber_is_added_shown_removed_and_erased(installation: Any) -> None:
    added = installation.do("subscribers", "add", "ada@example.org", "--hour", "9", "--papers", "3")
    assert added.startswith("added ada@example.org; their first issue comes on ")
    assert added.endswith(" at 09:00 (UTC)\n")

    shown = json.loads(installation.do("subscribers", "show", "ada@example.org", "--json"))
    lines = installation.do("subscribers", "show", "ada@example.org").splitlines()
    assert [line[:17].strip() for line in lines] == [name.replace("_", " ") for name in shown]
    assert {line[17] for line in lines} == {" "}
    told = installation.do("bounces", "--to", "ada@example.org")
    assert told == "ada@example.org is active; nothing came back of theirs\n"
    told = installation.do("bounces", "--days", "3")
    assert told == "nothing was sent and nothing came back in the last 3 days\n"

    assert (shown["status"], shown["hour"], shown["papers"]) == ("active", "9", "3")
    installation.do("subscribers", "remove", "ada@example.org")
    assert "ada@example.org" in (listed := installation.do("subscribers", "list"))
    assert "unsubscribed" in listed
    assert "ada@example.org left" in installation.fail(
        "subscribers", "add", "ada@example.org", status=1
    )
    asked = installation.do("subscribers", "add", "ada@example.org", "--ask")
    assert asked == "ada@example.org is asked by mail; issues come once they confirm\n"
    installation.do("subscribers", "remove", "ada@example.org", "--erase")
    assert "nobody subscribed as" in installation.fail(
        "subscribers", "show", "ada@example.org", status=1
    )


def test_preview_shows_the_next_issue_and_stores_nothing(with_digest: Any) -> None:
    with_digest.import_subscribers(1)
    before = with_digest.database_hashes()

    html = with_digest.do("preview", "reader1@example.org")

    assert html.startswith("<!DOCTYPE html>")
    assert html.count('aria-label="More like this: ') == 10
    assert with_digest.database_hashes() == before


def test_a_preview_that_cannot_be_written_is_told(with_digest: Any, tmp_path: Path) -> None:
    with_digest.import_subscribers(1)

    line = with_digest.fail(
        "preview", "reader1@example.org", "-o", tmp_path / "nowhere" / "issue.html", status=1
    )

    assert "nowhere" in line


@pytest.fixture
def rated(with_digest: Any) -> Any:
    """Return an installation whose one reader likes two papers and dislikes one."""
    with_digest.import_subscribers(1)
    with with_digest.services() as services:
        reader = find_subscriber(services, "reader1@example.org")
        with services.database.write() as session:
            with_digest.papers = list(papers.every(session))
            for paper, value in zip(with_digest.papers, (1, 1, -1), strict=False):
                rating = Rating(paper.id, value, saved=False, rated_at=services.clock())
                ratings.put(session, reader.id, rating)
    return with_digest


def test_explain_says_what_was_learned(rated: Any) -> None:
    learned = json.loads(rated.do("explain", "reader1@example.org", "--json"))

    assert (learned["likes"], learned["dislikes"], learned["saves"]) == (2, 1, 0)
    assert 0 < learned["interest_weight"] < 1
    assert learned["liked_words"]


def test_explain_says_why_a_paper_ranks_where_it_does(rated: Any) -> None:
    """Its contributions sum to the decision, and interest and trend to the rank's, in log odds."""
    paper = rated.papers[4]

    why = json.loads(rated.do("explain", "reader1@example.org", paper.title, "--json"))

    assert why["title"] == paper.title
    contributions = sum(each["contribution"] for each in why["contributions"])
    assert why["decision"] == pytest.approx(why["intercept"] + contributions)
    weight = why["interest_weight"]
    assert log_odds(why["ranking_score"]) == pytest.approx(
        weight * log_odds(why["interest_score"]) + (1 - weight) * log_odds(why["trend_probability"])
    )


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_explain_finds_a_paper_by_its_id_whatever_numbers_titles_have(rated: Any) -> None:
    paper = rated.papers[4]
    assert any(str(paper.id) in each.title for each in rated.papers if each != paper)

    words = rated.do("explain", "reader1@example.org", str(paper.id))

    assert words.startswith(f"{paper.title}\nFor reader1@example.org: number ")


def test_a_backup_comes_back_and_what_was_there_is_kept(with_digest: Any, tmp_path: Path) -> None:
    backup = tmp_path / "monday.db"
    with_digest.do("backup", backup)
    with_digest.import_subscribers(1)

    assert "reader1@example.org" in with_digest.run("restore", backup).stderr
    told = with_digest.do("restore", "--yes", backup)

    assert told.startswith(f"restored {backup}; the former database is ")
    kept = Path(told.rstrip().rpartition(" ")[2])
    assert kept.stat().st_size > 0
    counts = json.loads(with_digest.do("stats", "--json"))
    assert (counts["papers"], counts["subscribers"]["active"]) == (119, 0)
    assert "exists" in with_digest.fail("backup", backup, status=1)

"""What was rejected is read again when somebody says so, and counts as what it was when it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from recommender.domain import UnreadEntry
from recommender.errors import NotFoundError
from recommender.jobs import intake, rejecting
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.papers.files import incoming, rejected
from recommender.papers.files.reasons import FROM_COMMAND, FROM_FOLDER, FROM_SOURCE, Reason
from recommender.papers.files.rejected import all_rejected
from recommender.store.counts import row_counts
from recommender.store.tables import DigestRow

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
GOOD = b"Mar 10\n\nA first title\n\nIts abstract ends here.\n"
BAD = b"Mar 11\n\nA title\n\nIts abstract ends here.\n\nA title without an abstract\n\nAnother\n"
FEED = (
    b"<rss><channel><title>Journal</title><item><title>One</title>"
    b"<link>https://example.org/1</link></item></channel></rss>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rejected"


def keep(folder: Path, content: bytes, came_from: str = FROM_COMMAND) -> None:
    reason = Reason("a.txt", came_from, NOW, (UnreadEntry("line 3", "bad; mend it"),))
    rejected.keep(content, folder, "a.txt", reason)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def stored_sources(services: Services) -> Iterator[tuple[str, str]]:
    with services.database.read() as session:
        for row in session.exec(select(DigestRow)):
            yield row.source, row.file_name


def test_what_can_be_read_now_is_stored_and_filed_away(services: Services, folder: Path) -> None:
    keep(folder, GOOD)
    [found] = all_rejected(folder)
    retried = rejecting.retry(services, found)
    assert (retried.is_read, str(retried)) == (True, "a.txt: 1 paper, 1 of them new")
    assert names(folder) == []
    assert (folder.parent / "done" / "a.txt").read_bytes() == GOOD
    assert list(stored_sources(services)) == [("command", "a.txt")]


def test_what_still_cannot_be_read_stays_with_its_new_reason(
    services: Services, folder: Path
) -> None:
    keep(folder, BAD)
    retried = rejecting.retry(services, all_rejected(folder)[0])
    assert not retried.is_read
    assert names(folder) == ["a.txt", "a.txt.why.txt"]
    [found] = all_rejected(folder)
    assert found.reason.at == services.clock()
    assert [fault.where for fault in found.faults] == ["line 7"]


def test_what_was_stored_before_a_kill_is_only_filed_away(services: Services, folder: Path) -> None:
    keep(folder, GOOD)
    intake.ingest_file(services, folder / "a.txt", source="folder")
    [found] = all_rejected(folder)
    assert rejecting.retry(services, found).is_read
    assert names(folder) == []
    assert len(list(stored_sources(services))) == 1


def test_what_a_source_sent_is_what_that_source_brought(services: Services, folder: Path) -> None:
    managing.add(services, "https://example.org/feed", name="Journal: new")
    for _ in range(2):
        keep(folder, FEED, f"{FROM_SOURCE}Journal: new")
        [found] = all_rejected(folder)
        assert rejecting.retry(services, found).is_read
    [(source, name)] = stored_sources(services)
    assert source == "https://example.org/feed"
    assert name.startswith("Journal: new ")
    with services.database.read() as session:
        assert row_counts(session).mentions == 1
    assert names(folder) == []


def test_what_a_source_sent_that_was_removed_is_a_file(services: Services, folder: Path) -> None:
    keep(folder, FEED, f"{FROM_SOURCE}Journal")
    assert rejecting.retry(services, all_rejected(folder)[0]).is_read
    assert list(stored_sources(services)) == [("folder", "a.txt")]


def test_what_is_left_out_of_a_file_that_is_read_now_is_noted(
    services: Services, folder: Path
) -> None:
    keep(folder, b'{"id": "1", "title": "T"}\n{"id": "2", "title": 5}\n')
    retried = rejecting.retry(services, all_rejected(folder)[0])
    assert (retried.is_read, retried.left_out) == (True, 1)
    [found] = all_rejected(folder)
    assert (found.path, found.reason.is_partial) == (None, True)
    with pytest.raises(NotFoundError, match="only its reason lies here"):
        rejecting.retry(services, found)


def test_what_was_fetched_and_cannot_be_read_says_so_again(
    services: Services, folder: Path
) -> None:
    managing.add(services, "https://example.org/feed", name="Journal")
    keep(folder, b"<rss><channel><item><title>Cut o", f"{FROM_SOURCE}Journal")
    assert not rejecting.retry(services, all_rejected(folder)[0]).is_read
    [found] = all_rejected(folder)
    assert "ends in the middle" in found.faults[0].message
    assert found.reason.came_from == f"{FROM_SOURCE}Journal"
    assert replace(found.reason, faults=()) == Reason(
        "a.txt", f"{FROM_SOURCE}Journal", services.clock(), ()
    )


def test_a_file_rejected_under_the_name_of_one_that_is_retried_keeps_its_reason(
    services: Services, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(folder, GOOD)
    [found] = all_rejected(folder)
    file_away = incoming.file_away

    def file_away_and_reject(path: Path, *arguments: Any, **options: Any) -> Path | None:
        moved = file_away(path, *arguments, **options)
        keep(folder, BAD, FROM_FOLDER)
        return moved

    monkeypatch.setattr(incoming, "file_away", file_away_and_reject)
    assert rejecting.retry(services, found).is_read
    [rejected_since] = all_rejected(folder)
    assert (rejected_since.name, rejected_since.reason.came_from) == ("a.txt", FROM_FOLDER)

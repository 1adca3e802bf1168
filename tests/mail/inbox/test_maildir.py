"""What an MTA puts into a Maildir is stored, then moved; in that order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from recommender.errors import StorageError
from recommender.mail.inbox import maildir
from recommender.store.inbound import NewMail

CONTENT = (
    b"Return-Path: <ann@example.org>\nDelivered-To: papers+help@example.org\nSubject: x\n\n\xff\n"
)


class Store:
    def __init__(self) -> None:
        self.mails: list[NewMail] = []
        self.fails = False

    def __call__(self, mails: Sequence[NewMail]) -> None:
        if self.fails:
            raise StorageError("database x: disk full; free some space")
        self.mails += mails


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    maildir.prepare(tmp_path)
    return tmp_path


def take_new(folder: Path, store: Store) -> int:
    return maildir.take_new(folder, store=store, most_bytes=1000)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*"))


def test_mail_is_stored_as_it_came_and_moved(folder: Path, store: Store) -> None:
    (folder / "new" / "1.host").write_bytes(CONTENT)

    assert take_new(folder, store) == 1

    assert store.mails == [NewMail("maildir", "", "", CONTENT)]
    assert names(folder) == ["cur/1.host:2,S"]
    assert take_new(folder, store) == 0


def test_mail_is_moved_over_no_other_and_with_flags_where_its_name_has_room(
    folder: Path, store: Store
) -> None:
    long = "x" * 253
    (folder / "cur" / "1.host:2,S").write_bytes(b"of yesterday")
    for name in ("1.host", long):
        (folder / "new" / name).write_bytes(CONTENT + name.encode())

    assert take_new(folder, store) == 2

    assert names(folder) == ["cur/1.host-2:2,S", "cur/1.host:2,S", f"cur/{long}"]
    assert (folder / "cur" / "1.host:2,S").read_bytes() == b"of yesterday"


def test_what_cannot_be_stored_stays(folder: Path, store: Store) -> None:
    (folder / "new" / "1.host").write_bytes(CONTENT)
    store.fails = True

    with pytest.raises(StorageError):
        take_new(folder, store)

    assert names(folder) == ["new/1.host"]


def test_what_is_too_large_is_left_unseen_and_stops_no_other(folder: Path, store: Store) -> None:
    (folder / "new" / "1.host").write_bytes(b"x" * 1001)
    (folder / "new" / "2.host").write_bytes(CONTENT)

    assert take_new(folder, store) == 1

    assert names(folder) == ["cur/1.host:2,", "cur/2.host:2,S"]

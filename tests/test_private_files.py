"""What lies on disk is for its owner; the watched folder is for whoever drops files there."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.private_files import make_all_private, make_private, mode_for_others


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize(
    ("before", "after"),
    [(0o644, 0o600), (0o666, 0o600), (0o604, 0o600), (0o640, 0o640), (0o600, 0o600)],
)
def test_who_shares_with_a_group_alone_did_so_by_hand(
    tmp_path: Path, before: int, after: int
) -> None:
    file = tmp_path / "file"
    file.touch()
    file.chmod(before)

    make_private(file)

    assert mode(file) == after


def test_folder_and_what_lies_in_it_become_private_and_what_a_link_names_stays(
    tmp_path: Path,
) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.touch()
    folder.mkdir()
    (folder / "file").touch()
    (folder / "link").symlink_to(elsewhere)
    for path in (elsewhere, folder / "file"):
        path.chmod(0o644)
    folder.chmod(0o755)

    make_all_private(folder)
    make_all_private(tmp_path / "nowhere")

    assert [mode(each) for each in (folder, folder / "file", elsewhere)] == [0o700, 0o600, 0o644]


def test_mode_is_named_where_others_may_read_or_write(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    named = []
    for each in (0o600, 0o640, 0o644, 0o602, 0o611):
        file.chmod(each)
        named.append(mode_for_others(file))

    assert named == [None, None, "0644", "0602", None]
    assert mode_for_others(tmp_path / "nowhere") is None


@pytest.mark.parametrize(("umask", "shared"), [("0", "777"), ("0o022", "755"), ("0o077", "700")])
def test_new_files_are_private_and_a_shared_folder_is_as_the_caller_has_it(
    tmp_path: Path, umask: str, shared: str
) -> None:
    code = (
        f"import os; os.umask({umask})\n"
        "from pathlib import Path\n"
        "from recommender.private_files import keep_new_files_private, make_shared_folder\n"
        "keep_new_files_private(); keep_new_files_private()\n"
        "Path('file').touch(); Path('folder').mkdir(); make_shared_folder(Path('shared'))\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)  # noqa: S603, our own

    modes = [f"{mode(tmp_path / name):o}" for name in ("file", "folder", "shared")]
    assert modes == ["600", "700", shared]

"""A signing key that was lost is noticed before links of another one are out."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from recommender.errors import ConfigurationError
from recommender.known_keys import FILE_NAME, refuse_other_keys

OLD, NEW, OTHER = b"the old key" * 4, b"the new key" * 4, b"another key" * 4


def meet(folder: Path, *keys: bytes) -> None:
    refuse_other_keys(folder, keys, named="secret.key")


def test_a_key_that_was_there_before_is_known(tmp_path: Path) -> None:
    meet(tmp_path / "index", OLD)
    meet(tmp_path / "index", OLD)


def test_a_new_key_above_the_old_one_is_known_and_stays_when_the_old_one_goes(
    tmp_path: Path,
) -> None:
    meet(tmp_path, OLD)
    meet(tmp_path, NEW, OLD)
    meet(tmp_path, NEW)
    with pytest.raises(ConfigurationError):
        meet(tmp_path, OLD)


def test_a_key_that_nobody_knew_is_refused_with_what_to_do(tmp_path: Path) -> None:
    meet(tmp_path, OLD)

    with pytest.raises(ConfigurationError) as refused:
        meet(tmp_path, OTHER)

    [problem] = refused.value.problems
    assert "none of the keys in secret.key was there before" in problem
    assert f"remove {tmp_path / FILE_NAME} to go on" in problem
    (tmp_path / FILE_NAME).unlink()
    meet(tmp_path, OTHER)


def test_what_is_kept_tells_nothing_of_the_key(tmp_path: Path) -> None:
    meet(tmp_path, OLD)

    assert OLD not in (tmp_path / FILE_NAME).read_bytes()


def test_where_it_cannot_be_remembered_the_program_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="grant access"):
        meet(tmp_path / "file", OLD)
    meet(tmp_path / "none" / "index", OLD)

    assert "are not remembered" in caplog.text

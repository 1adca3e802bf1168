"""SIGHUP: settings that can be used are taken over, and those that cannot change nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError
from recommender.reloading import Reloading

KEY = {"RECOMMENDER_SECRET_KEY": "a signing key of more than 32 characters"}
IN_FORCE = "the settings from before stay in force; correct them, and reload again"


@pytest.fixture
def file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Path:
    caplog.set_level(logging.INFO)
    (tmp_path / "recommender.toml").touch()
    return tmp_path / "recommender.toml"


async def reload_after(
    file: Path,
    edits: list[str],
    take_over: Callable[[Settings], None],
    told: pytest.LogCaptureFixture,
) -> None:
    """Reload after each edit, each time until something is told of it."""

    def read() -> Settings:
        return load_settings(file, environ=KEY)

    reloading = Reloading(read(), read=read, take_over=take_over)
    running = asyncio.create_task(reloading.run())
    async with asyncio.timeout(20):
        for edit in edits:
            await asyncio.to_thread(file.write_text, edit)
            before = len(told.messages)
            reloading.ask()
            while len(told.messages) == before:  # noqa: ASYNC110 - only its lines tell that it is done
                await asyncio.sleep(0.01)
    running.cancel()


async def test_what_can_change_takes_effect(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    taken: list[Settings] = []

    await reload_after(file, ['[list]\nname = "Weekly"\n'], taken.append, caplog)

    assert [each.list.name for each in taken] == ["Weekly"]
    assert caplog.messages == ["settings read anew: list.name in effect now"]


async def test_a_broken_file_changes_nothing_and_the_next_one_does(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[Settings] = []
    edits = ["[list]\nnme = 1\n", '[list]\nname = "Good"\n']

    await reload_after(file, edits, taken.append, caplog)

    assert [each.list.name for each in taken] == ["Good"]
    assert caplog.messages[0].startswith("list.nme: there is no such setting")
    assert caplog.messages[1] == IN_FORCE


async def test_what_cannot_be_taken_over_is_told(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_settings: Settings) -> None:
        raise ConfigurationError(["dkim.key_file: it is no key"])

    await reload_after(file, [""], refuse, caplog)

    assert caplog.messages == ["dkim.key_file: it is no key", IN_FORCE]

"""Of changed settings, what a running daemon can follow takes effect, and the rest is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.config.reloading import NEEDS_RESTART, reload
from recommender.config.settings import DESCRIPTIONS

KEY = "a signing key of more than 32 characters"


def load(folder: Path, text: str = "", **environ: str) -> Settings:
    (folder / "recommender.toml").write_text(text, encoding="utf-8")
    variables = {f"RECOMMENDER_{name}": value for name, value in environ.items()}
    return load_settings(
        folder / "recommender.toml", environ={"RECOMMENDER_SECRET_KEY": KEY} | variables
    )


def test_settings_that_are_as_before_change_nothing(tmp_path: Path) -> None:
    come = reload(load(tmp_path), load(tmp_path))

    assert (come.taken, come.waiting) == ((), ())
    assert str(come) == "settings read anew: nothing changed"


def test_what_can_change_is_taken_and_what_cannot_waits(tmp_path: Path) -> None:
    before = load(tmp_path)
    read = load(
        tmp_path, WEB__PORT="8001", WEB__BASE_URL="https://x.example.org", LOG__LEVEL="debug"
    )

    come = reload(before, read)

    assert come.taken == ("web.base_url", "log.level")
    assert come.waiting == ("web.port",)
    assert come.settings.web.port == before.web.port
    assert come.settings.web.base_url == "https://x.example.org"
    assert come.settings.log.level == "debug"


def test_a_key_outside_of_sections_waits_as_others_do(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()

    come = reload(load(tmp_path), load(tmp_path, TEMPLATES_DIR=str(tmp_path / "own")))

    assert come.waiting == ("templates_dir",)
    assert come.settings.templates_dir is None


def test_what_waits_is_told_again_until_the_restart(tmp_path: Path) -> None:
    read = load(tmp_path, WEB__PORT="8001")
    first = reload(load(tmp_path), read)

    assert reload(first.settings, read).waiting == ("web.port",)


def test_sources_and_further_servers_are_one_key_each(tmp_path: Path) -> None:
    text = (
        '[[sources]]\nurl = "arxiv:cs.LG"\n[smtp]\nhost = "mx.example.org"\n'
        '[[smtp.fallbacks]]\nhost = "mx2.example.org"\n'
    )

    come = reload(load(tmp_path), load(tmp_path, text))

    assert come.taken == ("sources", "smtp.host", "smtp.fallbacks")


def test_a_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    read = load(tmp_path, SMTP__PASSWORD="hunter22")

    assert str(reload(load(tmp_path), read)) == ("settings read anew: smtp.password in effect now")


@pytest.mark.parametrize("key", sorted(NEEDS_RESTART))
def test_every_key_that_needs_a_restart_is_a_setting(key: str) -> None:
    assert key in DESCRIPTIONS

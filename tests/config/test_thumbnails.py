"""Mails show pictures of papers only where pictures are fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError

READY = {
    "RECOMMENDER_LIST__ADDRESS": "papers@lists.example.org",
    "RECOMMENDER_WEB__BASE_URL": "https://lists.example.org",
    "RECOMMENDER_SECRET_KEY": "a signing key of well over thirty-two bytes",
}


def load(folder: Path, text: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ=READY)


def test_mails_cannot_show_what_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, "[newsletter]\nthumbnails = true\n").require_ready()
    assert refusal.value.problems == [
        "newsletter.thumbnails: mails can show what is fetched; set ingest.thumbnails too"
    ]


def test_pictures_that_are_fetched_can_be_mailed(tmp_path: Path) -> None:
    both = "[newsletter]\nthumbnails = true\n[ingest]\nthumbnails = true\n"
    load(tmp_path, both).require_ready()

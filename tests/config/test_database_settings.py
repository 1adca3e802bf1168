"""Where the database is, and where what is learned lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import load_settings
from recommender.config.settings import DatabaseSettings


def database(folder: Path, lines: str) -> DatabaseSettings:
    file = folder / "recommender.toml"
    file.write_text(f"[database]\n{lines}\n", encoding="utf-8")
    return load_settings(file, environ={}).database


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", "recommender.db.index"),
        ('url = "sqlite:///data/r.db"', "data/r.db.index"),
        ('url = "sqlite:///data/r.db"\nindex = "learned"', "learned"),
        ('url = "postgresql+psycopg://papers@db.example.org/papers"', "recommender.db.index"),
    ],
)
def test_index_lies_beside_the_file_of_the_database_or_where_it_is_said_to(
    tmp_path: Path, lines: str, expected: str
) -> None:
    assert database(tmp_path, lines).index_folder == tmp_path / expected


def test_address_of_a_server_stays(tmp_path: Path) -> None:
    url = "postgresql+psycopg://papers@db.example.org/papers?passfile=/etc/papers/pgpass"

    assert database(tmp_path, f'url = "{url}"').url == url

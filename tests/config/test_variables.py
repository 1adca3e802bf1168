"""A variable of the environment changes a place of the configuration, or is told to have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError

TEXT = '[[sources]]\nurl = "https://example.org/feed"\nname = "Example"\n'


def load(folder: Path, **environ: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text(TEXT, encoding="utf-8")
    return load_settings(file, environ=environ)


@pytest.mark.parametrize(
    ("variable", "part"),
    [("SOURCES__9__URL", "9"), ("SOURCES__1__URL", "1"), ("SOURCES__X__URL", "x")],
)
def test_a_variable_beyond_the_last_table_is_a_mistake(
    tmp_path: Path, variable: str, part: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, **{f"RECOMMENDER_{variable}": "https://example.org/other"})
    assert (
        f"$RECOMMENDER_{variable}: there is no table {part!r} of 'sources'; the file has 1, "
        "counted from 0: add a table [[sources]] there, or take the variable away"
    ) in refusal.value.problems


def test_a_variable_changes_a_table_that_is_there(tmp_path: Path) -> None:
    given = load(tmp_path, RECOMMENDER_SOURCES__0__URL="https://example.org/other")
    assert [source.url for source in given.sources] == ["https://example.org/other"]

"""Sources of the configuration are addresses or presets, each there once."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError
from recommender.installation import source_policy
from recommender.jobs.services import WantedSource


def load(folder: Path, text: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ={})


def test_sources_are_read_with_what_they_are_called(tmp_path: Path) -> None:
    given = load(
        tmp_path,
        '[ingest]\nallow_private_networks = true\n[[sources]]\nurl = "arxiv:cs.LG"\n'
        '[[sources]]\nurl = "https://example.org/feed"\nname = "Journal"\nevery_minutes = 30\n',
    )
    policy = source_policy(given)

    assert policy.allow_private_networks
    assert policy.rejected_folder == tmp_path / "rejected"
    assert policy.configured == (
        WantedSource("https://rss.arxiv.org/rss/cs.LG", "arxiv:cs.LG"),
        WantedSource("https://example.org/feed", "Journal", 30),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[sources]]\nurl = "nature:all"\n', "sources.0.url: 'nature:all' cannot be used"),
        ('[[sources]]\nname = "x"\n', "sources.0.url: "),
        ('[[sources]]\nurl = "arxiv:cs.LG"\nevery_minutes = 0\n', "sources.0.every_minutes: 0"),
        ('[[sources]]\nurl = "arxiv:cs.LG"\nevery = 1\n', "sources.0.every: there is no such"),
        ('[[sources]]\nurl = "arxiv:cs.LG"\n' * 2, "rss/cs.LG is there twice"),
        ('[[sources]]\nurl = "arxiv:cs.LG"\nname = "' + "x" * 200 + '"\n', "sources.0.name: "),
        ('sources = "arxiv:cs.LG"\n', "sources: 'arxiv:cs.LG' cannot be used"),
    ],
)
def test_what_is_no_source_is_told_with_what_one_takes(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, text)

    [told] = refusal.value.problems
    assert problem in told
    assert "each below a line [[sources]]" in told or "there is no such setting" in told

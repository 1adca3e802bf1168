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


GIVE = "give tables, each below a line [[sources]], with `url`"
OF_ONE = "(table 1 below [[sources]], 'arxiv:cs.LG')"
LG = '[[sources]]\nurl = "arxiv:cs.LG"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[sources]]\nurl = "nature:all"\nname = "Nature"\n',
            "(table 1 below [[sources]], 'Nature'): 'nature:all' cannot be used, it is no address",
        ),
        (
            f'{LG}[[sources]]\nname = "x"\n',
            "sources.1.url (table 2 below [[sources]], 'x'): it is missing; give http(s)://…, or",
        ),
        (f"{LG}[[sources]]\n", "sources.1.url (table 2 below [[sources]]): it is missing; give"),
        (
            f"{LG}every_minutes = 0\n",
            f"sources.0.every_minutes {OF_ONE}: 0 cannot be used, it is out of range; give a",
        ),
        (
            f"{LG}every = 1\n",
            f"{OF_ONE}: there is no such setting; there are url, name and every_minutes",
        ),
        (
            f"{LG}every_minute = 1\n",
            f"{OF_ONE}: there is no such setting; did you mean `every_minutes`?",
        ),
        (
            '[[sources]]\nurl = "https://me:secret@example.org/"\n',
            "sources.0.url (table 1 below [[sources]], 'https://***@example.org/'): 'https://***@",
        ),
        (LG * 2, "tables 1 and 2 both have https://rss.arxiv.org/rss/cs.LG; " + GIVE),
        (f'{LG}name = "a"\n[[sources]]\nurl = "arxiv:cs.AI"\nname = "a"\n', "2 both have a; "),
        (
            '[[sources]]\nurl = "https://example.org"\n[[sources]]\nurl = "https://EXAMPLE.org:443/"\n',
            "tables 1 and 2 both have https://EXAMPLE.org:443/; ",
        ),
        (
            f'{LG}name = "{"x" * 200}"\n',
            "it has more than 100 characters; give text of at most 100",
        ),
        ('sources = "arxiv:cs.LG"\n', "sources: 'arxiv:cs.LG' cannot be used, it is no list of"),
        (
            '[sources]\nurl = "x"\n',
            "sources: {'url': 'x'} cannot be used, it is no list of tables;",
        ),
        ('sources = ["x"]\n', f"sources.0: 'x' cannot be used, it is no table; {GIVE}"),
    ],
)
def test_what_is_no_source_is_told_by_its_table_and_key(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, text)

    [told] = refusal.value.problems
    assert problem in told
    assert "secret" not in told

"""What settings say of newsletters: where titles are searched, and whether replies are invited."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError
from recommender.papers.identity.canonical_ids import TitleSearch


def load(folder: Path, **environ: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text("", encoding="utf-8")
    return load_settings(file, environ={f"RECOMMENDER_{key}": environ[key] for key in environ})


@pytest.mark.parametrize(
    ("way", "takes_mail"),
    [
        ({}, False),
        ({"INBOX__LMTP": "127.0.0.1:8024"}, True),
        ({"INBOX__MAILDIR": "."}, True),
        ({"INBOX__IMAP_HOST": "imap.example.org"}, True),
        ({"INBOX__PIPE": "true"}, True),
        ({"INBOX__KEEP_DAYS": "3"}, False),
    ],
)
def test_mails_invite_replies_where_there_is_a_way_in(
    tmp_path: Path, way: dict[str, str], *, takes_mail: bool
) -> None:
    assert load(tmp_path, **way).inbox.takes_mail is takes_mail


def test_titles_are_searched_at_arxiv_or_crossref(tmp_path: Path) -> None:
    chosen = load(tmp_path, NEWSLETTER__TITLE_SEARCH="crossref")
    assert load(tmp_path).newsletter.title_search is TitleSearch.ARXIV
    assert chosen.newsletter.title_search is TitleSearch.CROSSREF


def test_any_other_search_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, NEWSLETTER__TITLE_SEARCH="elsewhere")
    (problem,) = refusal.value.problems
    assert "title_search" in problem.lower()
    assert "`arxiv` or `crossref`" in problem

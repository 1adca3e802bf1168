"""Mails become digests, whoever wrote and forwarded them, or are refused with the reason."""

from __future__ import annotations

from datetime import date

import pytest
from held_out_mails import HELD_OUT
from sample_mails import TUNED, Sample

from recommender.domain import DigestEntry
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 11)
ALL = TUNED | HELD_OUT


def key_of(entry: DigestEntry, wanted: str | None) -> str | None:
    """Return the identifier of an entry that is of the kind that is wanted."""
    keys = (entry.arxiv_id, entry.doi, entry.url)
    return wanted if wanted in keys else next(filter(None, keys), None) if wanted else None


@pytest.mark.parametrize("name", ALL)
def test_every_paper_of_a_mail_is_read_right(name: str) -> None:
    sample: Sample = ALL[name]
    digest = parse_digest(sample.content, today=TODAY)

    assert [each.title for each in sample.papers] == [each.title for each in digest.entries]
    for wanted, entry in zip(sample.papers, digest.entries, strict=True):
        assert wanted.authors == entry.authors
        assert wanted.key == key_of(entry, wanted.key)
        assert wanted.abstract == entry.abstract
    assert sample.date == digest.date.isoformat()

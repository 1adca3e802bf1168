"""EndNote's XML of as many papers as are taken at a time is not too large."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.errors import DigestError
from recommender.papers.references.bibliography import MOST_PAPERS
from recommender.papers.references.references import (
    MAX_BYTES,
    MAX_XML_BYTES,
    digest_of_references,
    read_references,
)

TODAY = date(2026, 3, 11)
ABSTRACT = "Loaves rise with time, and dough with patience. " * 36


def styled(name: str, text: str) -> str:
    style = '<style face="normal" font="default" size="100%">'
    return f"<{name}>{style}{text}</style></{name}>"


def exported(papers: int, abstract: str = ABSTRACT) -> str:
    """Write papers as EndNote does: eight authors, ten keywords, an abstract."""
    authors = "".join(styled("author", f"Plato{each}, Ann B.") for each in range(8))
    keywords = "".join(styled("keyword", f"dough {each}") for each in range(10))
    records = (
        f"<record><contributors><authors>{authors}</authors></contributors>"
        f"<titles>{styled('title', f'Of bread, kind {number}')}"
        f"{styled('secondary-title', 'Journal of Bread')}</titles>"
        f"<keywords>{keywords}</keywords>{styled('abstract', abstract)}</record>"
        for number in range(papers)
    )
    return f"<xml><records>{''.join(records)}</records></xml>"


def test_as_many_papers_as_are_taken_are_read_with_their_abstracts() -> None:
    text = exported(MOST_PAPERS)
    assert MAX_BYTES < len(text) < MAX_XML_BYTES
    assert len(read_references(text).entries) == MOST_PAPERS
    assert len(digest_of_references(text, today=TODAY).entries) == MOST_PAPERS


def test_what_is_larger_is_refused_with_a_fix_that_can_be_done() -> None:
    text = exported(MOST_PAPERS, 3 * ABSTRACT)
    with pytest.raises(DigestError, match="larger than 3 MB; export fewer papers at a time"):
        read_references(text)
    with pytest.raises(DigestError, match="larger than 3 MB; export fewer papers at a time"):
        digest_of_references(text, today=TODAY)

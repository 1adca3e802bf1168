"""Short names of sources lead to the addresses that the services document."""

from __future__ import annotations

import pytest

from recommender.errors import SourceError
from recommender.papers.sources.presets import PRESETS, address_of, is_preset, says_where


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("arxiv:cs.LG", "https://rss.arxiv.org/rss/cs.LG"),
        ("arxiv:cs.LG, stat.ML", "https://rss.arxiv.org/rss/cs.LG+stat.ML"),
        ("arXiv:hep-th", "https://rss.arxiv.org/rss/hep-th"),
        ("arxiv:cond-mat.mes-hall", "https://rss.arxiv.org/rss/cond-mat.mes-hall"),
        (
            'arxiv:search "graph networks"',
            (
                "https://export.arxiv.org/api/query?search_query=all%3Agraph+AND+all%3Anetworks"
                "&sortBy=submittedDate&sortOrder=descending&max_results=100"
            ),
        ),
        (
            "arxiv:search au:doe AND ti:pruning",
            (
                "https://export.arxiv.org/api/query?search_query=au%3Adoe+AND+ti%3Apruning"
                "&sortBy=submittedDate&sortOrder=descending&max_results=100"
            ),
        ),
        (
            "biorxiv:Cancer Biology",
            "https://connect.biorxiv.org/biorxiv_xml.php?subject=cancer_biology",
        ),
        (
            "medrxiv:epidemiology",
            "https://connect.medrxiv.org/medrxiv_xml.php?subject=epidemiology",
        ),
        (
            'pubmed:"sleep AND memory"',
            (
                "https://www.ebi.ac.uk/europepmc/webservices/rest/search?query=SRC%3AMED+AND+"
                "%28sleep+AND+memory%29+sort_date%3Ay&resultType=core&format=json&pageSize=100"
            ),
        ),
        ("huggingface:daily", "https://huggingface.co/api/daily_papers"),
        (
            "crossref:2434561x",
            "https://api.crossref.org/journals/2434-561X/works?sort=published&order=desc&rows=100",
        ),
        ("https://example.org/feed?a=b#c", "https://example.org/feed?a=b"),
        ("HTTP://example.org", "HTTP://example.org"),
    ],
)
def test_a_source_is_fetched_at_its_documented_address(given: str, url: str) -> None:
    assert address_of(given)[0] == url


def test_every_preset_that_is_shown_is_one() -> None:
    shown = PRESETS.split(", ")

    assert len(shown) == 7
    assert all(address_of(each)[0].startswith("https://") and is_preset(each) for each in shown)
    assert not is_preset("https://example.org/arxiv:cs.LG")


@pytest.mark.parametrize(
    "given",
    [
        *("", "arxiv", "arxiv:", "arxiv:search", 'arxiv:search ""', "arxiv:../x", "arxiv:cs LG!"),
        *(
            "huggingface:weekly",
            "crossref:12",
            "crossref:1234-5678",
            "crossref:1476-468X",
            "feed",
            "file:///etc/passwd",
            "ftp://example.org/x",
        ),
        *("http://", "http://a b/", "http://[::1/", "https://me:secret@example.org/", "nature:all"),
        "https://example.org/" + "x" * 3000,
    ],
)
def test_what_is_no_source_is_refused_with_the_fix(given: str) -> None:
    with pytest.raises(SourceError, match=r"; |copy it") as refusal:
        address_of(given)
    assert "secret" not in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_names_are_what_was_typed() -> None:
    assert address_of("arxiv:cs.LG")[1] == "arxiv:cs.LG"
    assert address_of("https://example.org/feed/")[1] == "example.org/feed"


@pytest.mark.parametrize(
    ("name", "url", "tells"),
    [
        ("arxiv:cs.LG", "https://rss.arxiv.org/rss/cs.LG", True),
        ("arxiv:cs.LG", "https://example.org/moved", False),
        ("arxiv:nothing at all!", "https://example.org/feed", False),
        ("example.org/feed", "https://example.org/feed/", True),
        ("https://example.org/feed", "https://example.org/feed", True),
        ("Journal", "https://example.org/feed", False),
    ],
)
def test_a_name_tells_an_address_or_not(name: str, url: str, tells: bool) -> None:
    assert says_where(name, url) is tells

"""Submissions of OpenReview and hits of DBLP are papers; what stands among them is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from service_answers import DBLP, OPENREVIEW, TODAY, WHOLE, read

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest


def note(**fields: object) -> dict[str, object]:
    content = {"title": "Of mice and men", "abstract": "We look at both of them.", **fields}
    return {"id": "fOrUm1", "forum": "fOrUm1", "invitation": "-/Submission", "content": content}


def hits(*some: object) -> dict[str, object]:
    return {"result": {"hits": {"@total": str(len(some)), "hit": list(some)}}}


def test_notes_of_the_older_version_have_their_values_bare() -> None:
    [entry] = read({"notes": [note(authors=["Anonymous"])], "count": 1}).entries
    assert entry == DigestEntry(
        title="Of mice and men",
        abstract="We look at both of them.",
        url="https://openreview.net/forum?id=fOrUm1",
    )


def test_a_submissions_own_line_and_keywords_are_kept() -> None:
    said = note(TLDR="Both are warm.", keywords=["mice", "men"], authors=[{"fullname": "A. Bell"}])
    [entry] = read([said]).entries
    assert (entry.summary, entry.keywords) == ("Both are warm.", ("mice", "men"))
    assert entry.authors == ("A. Bell",)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({**note(), "id": "rEvIeW"}, "a review, comment or decision"),
        ({**note(), "replyto": "fOrUm1"}, "a review, comment or decision"),
        ({**note(), "ddate": 1_700_000_000_000}, "deleted, withdrawn or not reviewed"),
        (note(venueid="Conference/Withdrawn_Submission"), "deleted, withdrawn or not reviewed"),
        (note(venue={"value": "A Desk Rejected Submission"}), "deleted, withdrawn or not reviewed"),
    ],
)
def test_what_is_no_standing_submission_is_left_out_and_told(other: object, said: str) -> None:
    digest = read({"notes": [OPENREVIEW, other], "count": 2})
    assert digest.entries == (WHOLE,)
    [unread] = digest.unread
    assert unread.where == "entry 2"
    assert said in unread.message


@pytest.mark.parametrize("moment", [True, -1, 10**30, "yesterday", None])
def test_what_is_no_moment_is_none(moment: object) -> None:
    [entry] = read([{**note(), "cdate": moment}]).entries
    assert entry.published_at is None


def test_hits_of_dblp_are_papers_without_abstracts() -> None:
    digest = read(hits(DBLP, {}))
    assert digest.format == "dblp-json"
    [entry] = digest.entries
    assert entry == DigestEntry(
        title=WHOLE.title,
        abstract="",
        authors=WHOLE.authors,
        doi="10.1234/abc",
        url="https://doi.org/10.1234/abc",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert [each.where for each in digest.unread] == ["entry 2"]


@pytest.mark.parametrize(
    ("stated", "arxiv_id"),
    [
        ({"venue": "CoRR", "volume": "abs/2603.00001"}, "2603.00001"),
        ({"venue": "CoRR", "volume": "cs.LG/0601001"}, "cs/0601001"),
        ({"doi": "10.48550/ARXIV.2603.00001"}, "2603.00001"),
        ({"ee": "https://arxiv.org/abs/2603.00001"}, "2603.00001"),
    ],
)
def test_dblp_names_arxivs_papers_in_several_ways(stated: dict[str, object], arxiv_id: str) -> None:
    [entry] = read(hits({"info": {"title": "Of mice.", "year": "2026", **stated}})).entries
    assert entry.arxiv_id == arxiv_id


def test_one_hit_with_one_author_stands_without_lists() -> None:
    info = {"title": "Of mice.", "authors": {"author": {"text": "Ann Example"}}, "year": "2026"}
    document = {"result": {"hits": {"@total": "1", "hit": {"info": info}}}}
    assert read(document).entries[0].authors == ("Ann Example",)


def test_proceedings_are_no_paper() -> None:
    volume = {"info": {"title": "Proceedings of Mice.", "type": "Editorship", "year": "2026"}}
    digest = read(hits(DBLP, volume))
    assert len(digest.entries) == 1
    assert "Editorship is no paper" in digest.unread[0].message


@pytest.mark.parametrize("root", ["dblp", "dblpperson", "result"])
def test_dblps_xml_is_refused_with_what_to_ask_for(root: str) -> None:
    document = f'<?xml version="1.0"?><{root}><hits></hits></{root}>'
    with pytest.raises(DigestError, match="format=json"):
        parse_digest(document.encode(), today=TODAY)


def test_notes_a_line_are_refused_by_what_they_lack() -> None:
    lines = "\n".join([json.dumps(note()), json.dumps(note(title="Of men and mice"))])
    with pytest.raises(DigestError):
        parse_digest(lines.encode(), today=TODAY)

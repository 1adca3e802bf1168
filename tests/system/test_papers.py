"""Papers that were taken back, as an operator meets them: `recommender papers`."""

from __future__ import annotations

import json
from typing import Any

DIGEST = [
    {"title": "Of cats", "id": "2603.00001", "abstract": "We count cats."},
    {"title": "Of \x1b[31mmice", "id": "2603.00002", "abstract": "This paper was withdrawn."},
]


def test_a_paper_that_was_taken_back_is_listed_and_offered_again(
    installation: Any, promised_keys: Any
) -> None:
    digest = installation.folder / "digest.jsonl"
    digest.write_text("\n".join(map(json.dumps, DIGEST)))
    installation.do("ingest", digest)
    [listed] = json.loads(installation.do("papers", "withdrawn", "--json"))
    assert listed.keys() == promised_keys("papers withdrawn")
    assert listed["arxiv_id"] == "2603.00002"
    assert "2603.00002" in installation.do("papers", "withdrawn")

    told = installation.do("papers", "reinstate", "2603.00002")
    assert told.startswith("offered again: Of ")
    assert "\x1b" not in told
    assert installation.do("papers", "withdrawn").startswith("0 papers")
    assert "in no list any more: Of cats" in installation.do("papers", "withdraw", "Of cats")
    refused = installation.run("papers", "withdraw", "Of cats")
    assert refused.returncode == 1
    assert "is in no list since" in refused.stderr

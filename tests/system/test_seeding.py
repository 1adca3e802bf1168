"""An operator names the papers that somebody likes, with a file of their reference manager."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BIBTEX = """\
@article{a, title = {Kneading}, author = {Example, Ann}, eprint = {1706.03762}}
2603.00001
@broken{
"""


def test_a_bibtex_file_becomes_a_reading_list(installation: Any, tmp_path: Path) -> None:
    file = tmp_path / "library.bib"
    file.write_text(BIBTEX)
    installation.do("subscribers", "add", "ada@example.org")

    told = json.loads(installation.do("subscribers", "seed", "ada@example.org", file, "--json"))
    again = installation.do("subscribers", "seed", "ada@example.org", file)

    assert told["saved"] == ["Kneading"]
    assert told["waiting"] == ["2603.00001"]
    assert told["unread"][0]["where"] == "line 3"
    assert "0 papers saved, 1 saved before" in again
    shown = json.loads(installation.do("subscribers", "show", "ada@example.org", "--json"))
    assert (shown["saved"], shown["interests"]) == (1, "2603.00001")


def test_what_cannot_be_seeded_is_one_line_with_the_mend(installation: Any, tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(b"%PDF-1.7")
    installation.do("subscribers", "add", "ada@example.org")

    assert "a PDF, not text; unpack or export it as text first; nothing was saved" in (
        installation.fail("subscribers", "seed", "ada@example.org", file, status=1)
    )
    assert "nobody subscribed as" in installation.fail(
        "subscribers", "seed", "bo@example.org", file, status=1
    )
    assert "there is no such file" in installation.fail(
        "subscribers", "seed", "ada@example.org", tmp_path / "none.bib", status=1
    )

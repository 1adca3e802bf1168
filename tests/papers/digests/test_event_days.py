"""The day of a deadline or a meeting is not a digest's; where nothing else names one it is told."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest, read_mail_of_source

TODAY = date(2026, 3, 25)
PAPERS = (
    "## Growth of alpine meadows\n\nWe study how alpine meadows grow when nobody looks at them, "
    "in ten places over three years, and find that growth is faster by a third than it was "
    "before us.\n\n"
    "## Song in humid air\n\nTits sing less in humid air, and we ask why. Recordings of two "
    "hundred birds over one spring show that the song itself costs more there than in dry air.\n\n"
)
TABLE = "| Title | Abstract |\n|---|---|\n| Growth of meadows | We study growth of meadows. |\n"


def read(text: str) -> Digest:
    return parse_digest(text.encode(), today=TODAY)


@pytest.mark.parametrize("papers", [PAPERS, TABLE], ids=["headings", "table"])
@pytest.mark.parametrize(
    "line",
    [
        "Submit by March 20",
        "Submission deadline: March 20",
        "Deadline for the next talks: 20 March 2026",
        "Next meeting: March 12",
        "Seminar on 12 March 2026",
        "Einreichen bis 12. März 2026",
    ],
)
def test_the_day_of_an_event_is_told_and_not_the_digests(line: str, papers: str) -> None:
    digest = read(f"# Papers\n\n{line}\n\n{papers}")
    assert digest.date == TODAY
    [told] = digest.unread
    assert told.where == "line 3"
    assert told.message.startswith(f"'{line}' names a day that is not taken for that of the papers")


@pytest.mark.parametrize(
    "text",
    [
        "Dear all,\nwe meet on 12 March at noon.\n\n",
        "Hi,\n\nplease send me your abstracts by March 12.\n\n",
        "# What we read until the workshop on March 12\n\n",
    ],
)
def test_a_day_within_what_stands_above_the_papers_is_told(text: str) -> None:
    digest = read(text + PAPERS)
    assert (digest.date, len(digest.unread)) == (TODAY, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("# Papers of 2026-03-11\n\nSubmit by March 20\n\n", date(2026, 3, 11)),
        ("# Papers\n\nUpdated 11 March 2026. Submit by March 15.\n\n", date(2026, 3, 11)),
        ("# Papers of the seminar, 12 March 2026\n\n", date(2026, 3, 12)),
        ("Date: 2026-03-11\nDeadline: 2026-03-18\n\n", date(2026, 3, 11)),
    ],
)
def test_beside_a_digests_own_day_no_other_matters(text: str, day: date) -> None:
    digest = read(text + PAPERS)
    assert (digest.date, digest.unread) == (day, ())


def test_a_mail_has_a_day_of_its_own() -> None:
    header = "From: a@example.org\nTo: b@example.org\nDate: Thu, 19 Mar 2026 10:00:00 +0000\n"
    papers = PAPERS.replace("We study", "https://example.org/growth\n\nWe study")
    papers = papers.replace("Tits sing", "https://example.org/song\n\nTits sing")
    mail = f"{header}Subject: Papers\nMIME-Version: 1.0\n\nSubmit by March 20\n\n{papers}"
    reading = read_mail_of_source(mail.encode(), today=TODAY)
    assert reading.digest is not None
    assert (reading.digest.date, reading.digest.unread) == (date(2026, 3, 19), ())


def test_a_call_among_papers_is_a_note() -> None:
    call = "## Workshop\n\nSubmit by March 12, the workshop is in June.\n"
    with pytest.raises(DigestError, match="'Workshop' reads like a note to the readers"):
        read(PAPERS + call)

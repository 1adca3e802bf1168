"""A feed, a search or a list that is saved day after day points at what is new in it, and once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.jobs import intake
from recommender.jobs.issues.corpus import load_corpus
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.store import digests

FIRST, DAYS, WINDOW, NEW_A_DAY = date(2026, 3, 1), 21, 20, 3
Write = Callable[[Sequence[int], date], bytes]


def shown_first(paper: int) -> date:
    """Return the day on which a paper comes into the window."""
    return FIRST + timedelta(days=max(0, (paper - WINDOW) // NEW_A_DAY + 1))


def rss(papers: Sequence[int], day: date, *, is_dated: bool) -> bytes:
    def moment(on: date) -> str:
        return f"<pubDate>{on:%a, %d %b %Y} 05:00:00 +0000</pubDate>"

    items = "".join(
        f"<item><title>Paper {n}</title><link>https://example.org/{n}</link><description>What it "
        f"does.</description>{moment(shown_first(n)) if is_dated else ''}</item>"
        for n in papers
    )
    return (
        f'<rss version="2.0"><channel><title>Journal of Tests</title>{moment(day)}{items}'
        "</channel></rss>"
    ).encode()


def json_lines(papers: Sequence[int], day: date) -> bytes:
    lines = ({"id": f"x{n}", "title": f"Paper {n}", "published": str(day)} for n in papers)
    return "\n".join(map(json.dumps, lines)).encode()


def crossref(papers: Sequence[int], day: date) -> bytes:
    parts = [day.year, day.month, day.day]
    works = [
        {"DOI": f"10.1234/{n}", "title": [f"Paper {n}"], "issued": {"date-parts": [parts]}}
        for n in papers
    ]
    return json.dumps({"status": "ok", "message": {"items": works}}).encode()


def daily_papers(papers: Sequence[int], day: date) -> bytes:
    return json.dumps(
        [
            {
                "publishedAt": f"{day}T05:00:00.000Z",
                "paper": {"id": f"2603.{n:05d}", "title": f"Paper {n}", "upvotes": day.day},
            }
            for n in papers
        ]
    ).encode()


def digest_text(papers: Sequence[int], day: date, *, by: str = "") -> bytes:
    heading = f"by {by}\n\n" if by else ""
    pairs = (f"Paper {n}\n\nIt is shown how number {n} is counted." for n in papers)
    return (f"{heading}{day:%B %d, %Y}\n\n" + "\n\n".join(pairs) + "\n").encode()


WINDOWS: dict[str, Write] = {
    "RSS with dates": lambda papers, day: rss(papers, day, is_dated=True),
    "RSS without dates": lambda papers, day: rss(papers, day, is_dated=False),
    "JSON Lines": json_lines,
    "Crossref": crossref,
    "daily papers": daily_papers,
    "digest text": digest_text,
    "digest text with a byline": lambda papers, day: digest_text(papers, day, by="Ann Example"),
}
NAMES = {
    "one name": lambda _: "feed.xml",
    "a name a day": lambda day: f"feed-{day}.xml",
}


@pytest.fixture
def save(services: Services, tmp_path: Path, clock: Any) -> Callable[..., intake.FileOutcome]:
    """Have a cron job save a document into the watched folder on a day."""
    folder = tmp_path / "incoming"
    folder.mkdir()

    def save(content: bytes, day: date, name: str = "feed.xml") -> intake.FileOutcome:
        clock.now = clock.now.replace(month=day.month, day=day.day)
        (folder / name).write_bytes(content)
        [outcome] = WatchedFolder(services, folder, settle_seconds=0).ingest()
        assert outcome.rejection is None, outcome
        return outcome

    return save


def by_trend(services: Services) -> list[int]:
    """Return the numbers of all papers, those with the most attention first."""
    corpus = load_corpus(services)
    order = sorted(range(len(corpus.candidates)), key=lambda at: -corpus.trend_scores[at])
    titles = [corpus.index.papers[corpus.candidates[at]].title for at in order]
    return [int(title.removeprefix("Paper ")) for title in titles]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_old_is_on_top_of_a_window_that_is_saved_for_three_weeks(
    services: Services, save: Callable[..., intake.FileOutcome], window: str, name: str
) -> None:
    last = FIRST + timedelta(days=DAYS - 1)
    for passed in range(DAYS):
        day = FIRST + timedelta(days=passed)
        newest = WINDOW + NEW_A_DAY * passed
        # Newest first, as feeds are.
        papers = range(newest - 1, newest - WINDOW - 1, -1)
        save(WINDOWS[window](papers, day), day, NAMES[name](day))

    ranked = by_trend(services)
    everything = WINDOW + NEW_A_DAY * (DAYS - 1)
    assert sorted(ranked) == list(range(everything))
    assert shown_first(ranked[0]) == last
    assert all(last - shown_first(paper) <= timedelta(days=9) for paper in ranked[:10])
    assert min(map(ranked.index, range(WINDOW))) > everything // 3
    with services.database.read() as session:
        assert len(digests.mentions_since(session, FIRST - timedelta(days=60))) == everything


def test_the_same_list_with_other_bytes_brings_nothing_and_says_so(
    services: Services, save: Callable[..., intake.FileOutcome]
) -> None:
    first = save(WINDOWS["daily papers"](range(5), FIRST), FIRST)
    next_day = FIRST + timedelta(days=1)
    again = save(WINDOWS["daily papers"](range(5), next_day) + b"\n", next_day)

    assert first.result == "5 papers, 5 of them new"
    assert again.result == "nothing new in it"
    with services.database.read() as session:
        assert digests.days(session) == [FIRST]


def test_upvotes_of_a_list_that_is_saved_again_are_brought_up_to_date(
    services: Services, save: Callable[..., intake.FileOutcome]
) -> None:
    for day in (FIRST, FIRST + timedelta(days=6)):
        save(daily_papers(range(3), day), day)
    with services.database.read() as session:
        found = digests.mentions_since(session, FIRST)
    assert [(each.digest_date, each.upvotes) for each in found] == [(FIRST, 7)] * 3


def test_several_curators_who_name_a_paper_are_attention_each(
    services: Services, save: Callable[..., intake.FileOutcome]
) -> None:
    for passed, curator in enumerate(("Ann Example", "Bob Example", "Cem Example")):
        day = FIRST + timedelta(days=passed)
        others = range(10 * passed + 10, 10 * passed + 15)
        save(digest_text([*range(5), *others], day, by=curator), day)

    assert sorted(by_trend(services)[:5]) == list(range(5))
    with services.database.read() as session:
        found = digests.mentions_since(session, FIRST)
    assert sum(each.paper_id <= 5 for each in found) == 15


def test_a_curator_who_comes_back_to_a_paper_points_at_it_anew(
    services: Services, save: Callable[..., intake.FileOutcome]
) -> None:
    save(digest_text(range(10), FIRST, by="Ann Example"), FIRST)
    later = FIRST + timedelta(days=7)
    save(digest_text([*range(20, 28), 0, 1], later, by="Ann Example"), later)

    with services.database.read() as session:
        found = digests.mentions_since(session, FIRST)
    assert sorted(each.paper_id for each in found if each.digest_date == later)[:2] == [1, 2]


def test_two_feeds_with_one_paper_are_attention_each(
    save: Callable[..., intake.FileOutcome],
) -> None:
    one = rss(range(3), FIRST, is_dated=False)
    assert save(one, FIRST).counts == intake.IntakeCounts(3, 0, 3)
    other = one.replace(b"Journal of Tests", b"Another Journal")
    assert save(other, FIRST).counts == intake.IntakeCounts(0, 3, 3)

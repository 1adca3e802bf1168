"""What happened is read back as of a moment: digests, who was shown what, and who said what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from recommender.domain import Issue, IssueEntry, Mention, Rating
from recommender.store import digests, issues, ratings
from recommender.store.database import Database
from recommender.store.digests import RankedMention
from recommender.store.issues import ShownIssue

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def add_digest(
    database: Database, day: int, *upvotes: tuple[int, int], ingested_at: datetime = NOW
) -> None:
    with database.write() as session:
        digests.add(
            session,
            sha256=f"{day} {ingested_at}",
            format="digest text",
            source="incoming",
            file_name="digest.txt",
            curator="AK",
            day=date(2026, 3, day),
            ingested_at=ingested_at,
            mentions=[
                RankedMention(paper_id, rank, votes)
                for rank, (paper_id, votes) in enumerate(upvotes, start=1)
            ],
        )


def add_issue(
    database: Database, subscriber_id: int, number: int, propensities: dict[int, float | None]
) -> None:
    blank = IssueEntry(0, 0, "", (), None, "", 0, 0.0, None, 0.0, 0.0, "")
    entries = tuple(
        replace(blank, position=position, paper_id=paper_id, propensity=propensity)
        for position, (paper_id, propensity) in enumerate(propensities.items(), start=1)
    )
    moment = NOW + number * HOUR
    issue = Issue(0, subscriber_id, number, moment.date(), "AK", moment, 0, 0, 0, entries)
    with database.write() as session:
        issues.add(session, issue)


def test_digests_are_told_in_the_order_in_which_they_came(database: Database) -> None:
    add_digest(database, 11, ingested_at=NOW + HOUR)
    add_digest(database, 12)
    with database.read() as session:
        assert digests.ingested(session) == [
            (NOW, date(2026, 3, 12)),
            (NOW + HOUR, date(2026, 3, 11)),
        ]


def test_mentions_are_those_that_were_known_at_a_moment(
    database: Database, paper_ids: list[int]
) -> None:
    first, second, *_ = paper_ids
    add_digest(database, 11, (first, 1))
    add_digest(database, 11, (second, 2), ingested_at=NOW + HOUR)
    known = Mention(first, "AK", date(2026, 3, 11), 1, 1)
    with database.read() as session:
        since = date(2026, 3, 11)
        assert digests.mentions_since(session, since, ingested_by=NOW) == [known]
        assert digests.mentions_since(session, since, ingested_by=NOW - HOUR) == []
        assert len(digests.mentions_since(session, since)) == 2


def test_most_upvotes_are_those_of_any_digest(database: Database, paper_ids: list[int]) -> None:
    first, second, *_ = paper_ids
    add_digest(database, 11, (first, 7), (second, 0))
    add_digest(database, 12, (first, 3))
    with database.read() as session:
        assert digests.most_upvotes(session) == {first: 7, second: 0}


def test_papers_are_told_that_each_subscriber_was_shown(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, third = subscriber_ids
    add_issue(database, first, 2, {paper_ids[2]: None})
    add_issue(database, first, 1, {paper_ids[1]: 0.25, paper_ids[0]: 1.0})
    add_issue(database, second, 1, {paper_ids[0]: None})
    add_issue(database, third, 1, {})
    with database.read() as session:
        shown = issues.shown(session, [first, third])
    assert shown == {
        first: [
            ShownIssue(NOW + HOUR, {paper_ids[1]: 0.25, paper_ids[0]: 1.0}),
            ShownIssue(NOW + 2 * HOUR, {paper_ids[2]: None}),
        ]
    }
    assert list(shown[first][0].propensities) == [paper_ids[1], paper_ids[0]]


def test_all_ratings_are_read_oldest_first(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    said = [
        (subscriber_ids[1], Rating(paper_ids[0], 1, False, NOW)),
        (subscriber_ids[0], Rating(paper_ids[1], 0, True, NOW + HOUR)),
        (subscriber_ids[1], Rating(paper_ids[1], -1, False, NOW + HOUR)),
    ]
    with database.write() as session:
        for subscriber_id, rating in reversed(said):
            ratings.put(session, subscriber_id, rating)
    with database.read() as session:
        assert list(ratings.every(session)) == said

"""Two rows become one, and whatever referred to either refers to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlmodel import SQLModel, select

from recommender.domain import (
    InterestState,
    Issue,
    IssueEntry,
    KeptInterest,
    KnownPaper,
    LibraryAddress,
    PaperNote,
    Rating,
    Thumbnail,
)
from recommender.store import (
    digests,
    issues,
    kept_interests,
    known_papers,
    libraries,
    paper_notes,
    papers,
    ratings,
    thumbnails,
)
from recommender.store.database import Database, Session
from recommender.store.digests import RankedMention
from recommender.store.issue_tables import FrozenPaperRow, SentPaperRow
from recommender.store.library_tables import LibraryItemRow
from recommender.store.one_paper import make_one
from recommender.store.own_page_tables import KeptInterestPaperRow, KnownPaperRow, PaperNoteRow
from recommender.store.tables import MentionRow, PaperIdentifierRow, RatingRow
from recommender.store.thumbnail_tables import ThumbnailRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def add_digest(session: Session, name: str, *mentions: RankedMention) -> int:
    return digests.add(
        session,
        sha256=name,
        format="feed",
        source="folder",
        file_name=name,
        curator="AK",
        day=date(2026, 3, 11),
        ingested_at=NOW,
        mentions=mentions,
    )


def test_mentions_move_and_a_digest_with_both_keeps_the_better_rank_and_most_upvotes(
    database: Database, paper_ids: list[int]
) -> None:
    old, kept, other, _ = paper_ids
    with database.write() as session:
        add_digest(session, "one", RankedMention(old, 1, 2), RankedMention(other, 2, 5))
        add_digest(session, "both", RankedMention(old, 1, 2), RankedMention(kept, 2, 7))
        add_digest(session, "both ways", RankedMention(kept, 1, 3), RankedMention(old, 2, 9))
        make_one(session, old, kept)
    with database.read() as session:
        rows = session.exec(select(MentionRow)).all()
        found = sorted((row.digest_id, row.rank, row.paper_id, row.upvotes) for row in rows)
    assert found == [(1, 1, kept, 2), (1, 2, other, 5), (2, 1, kept, 7), (3, 1, kept, 9)]


def test_a_kept_interest_is_known_by_the_paper_that_stays(
    database: Database, paper_ids: list[int], subscriber_ids: list[int]
) -> None:
    old, kept, other, _ = paper_ids
    with database.write() as session:
        for papers_of_it in ({old, kept}, {old, other}, {other}):
            interest = KeptInterest(0, "", "", InterestState.ACTIVE, frozenset(papers_of_it), NOW)
            kept_interests.put(session, subscriber_ids[0], interest)
        make_one(session, old, kept)
    with database.read() as session:
        found = kept_interests.of_subscriber(session, subscriber_ids[0])
    assert [each.papers for each in found] == [{kept}, {kept, other}, {other}]


def test_a_thumbnail_moves_unless_the_paper_that_stays_has_one(
    database: Database, paper_ids: list[int]
) -> None:
    first, second = (Thumbnail(letter * 64, 480, 252) for letter in "ab")
    old, kept, other, last = paper_ids
    with database.write() as session:
        thumbnails.put(session, old, first, now=NOW)
        make_one(session, old, kept)
        thumbnails.put(session, other, second, now=NOW)
        make_one(session, other, kept)
    with database.read() as session:
        assert thumbnails.of_papers(session, [kept, last]) == {kept: first}


def test_ratings_move_and_of_two_the_newer_counts_while_a_save_stays(
    database: Database, paper_ids: list[int], subscriber_ids: list[int]
) -> None:
    old, kept, *_ = paper_ids
    alone, saved_before, disliked_since = subscriber_ids
    later = NOW + timedelta(days=1)
    with database.write() as session:
        for who, paper_id, value, saved, at in (
            (alone, old, 1, False, NOW),
            (saved_before, old, 0, True, NOW),
            (saved_before, kept, 1, False, later),
            (disliked_since, old, -1, False, later),
            (disliked_since, kept, 1, True, NOW),
        ):
            ratings.put(session, who, Rating(paper_id, value, saved=saved, rated_at=at))
        make_one(session, old, kept)
    with database.read() as session:
        said = [ratings.of_subscriber(session, who) for who in subscriber_ids]
    assert said == [
        [Rating(kept, 1, saved=False, rated_at=NOW)],
        [Rating(kept, 1, saved=True, rated_at=later)],
        [Rating(kept, -1, saved=False, rated_at=later)],
    ]


def test_the_row_is_gone_and_its_id_means_the_other_one_through_any_number_of_turns(
    database: Database, paper_ids: list[int]
) -> None:
    first, second, third, _ = paper_ids
    with database.write() as session:
        papers.add_identifiers(session, {"doi:10.1000/one": first})
        make_one(session, first, second)
        make_one(session, second, third)
    with database.read() as session:
        assert papers.standing_id(session, first) == third
        assert papers.standing_id(session, second) == third
        assert papers.standing_id(session, third) == third
        assert papers.count(session) == 2
        found = papers.ids_by_identifier(session, arxiv_ids=[], dois=["10.1000/one"])
        assert found == {"10.1000/one": third}
        assert [paper.id for paper in papers.search(session, str(first))] == [third]


def test_items_of_libraries_move(
    database: Database, paper_ids: list[int], subscriber_ids: list[int]
) -> None:
    old, kept, *_ = paper_ids
    with database.write() as session:
        libraries.give(
            session, subscriber_ids[0], LibraryAddress("groups/7"), sealed_key=None, now=NOW
        )
        library = libraries.of_subscriber(session, subscriber_ids[0])
        assert library is not None
        items = [
            libraries.LibraryItem("A", NOW, paper_id=old),
            libraries.LibraryItem("B", NOW, paper_id=kept),
        ]
        libraries.put_items(session, library.id, items)
        make_one(session, old, kept)
    with database.read() as session:
        assert session.exec(select(LibraryItemRow.paper_id)).all() == [kept, kept]


def test_every_table_that_refers_to_papers_is_known() -> None:
    moved = {MentionRow, RatingRow, PaperNoteRow, FrozenPaperRow, LibraryItemRow}
    moved |= {PaperIdentifierRow, KnownPaperRow, KeptInterestPaperRow, ThumbnailRow}
    moved |= {SentPaperRow}
    referring = {
        table.name
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if key.target_fullname == "paper.id"
    }
    assert referring == {row.__tablename__ for row in moved}, "make_one has to move it too"


def test_notes_of_both_are_kept(
    database: Database, paper_ids: list[int], subscriber_ids: list[int]
) -> None:
    old, kept, *_ = paper_ids
    first, second = subscriber_ids[:2]
    later = NOW + timedelta(days=1)
    with database.write() as session:
        paper_notes.put(session, first, PaperNote(old, NOW, "old", ("a", "b")))
        paper_notes.put(session, first, PaperNote(kept, later, "kept", ("b", "c")))
        paper_notes.put(session, second, PaperNote(old, None, "", ("d",)))
        make_one(session, old, kept)
    with database.read() as session:
        assert paper_notes.of_subscriber(session, first) == {
            kept: PaperNote(kept, NOW, "kept\nold", ("b", "c", "a"))
        }
        assert paper_notes.of_subscriber(session, second) == {kept: PaperNote(kept, tags=("d",))}


def test_who_knew_both_knows_one(
    database: Database, paper_ids: list[int], subscriber_ids: list[int]
) -> None:
    old, kept, *_ = paper_ids
    with database.write() as session:
        known_papers.add(session, subscriber_ids[0], [old, kept], now=NOW)
        known_papers.add(session, subscriber_ids[1], [old], now=NOW)
        make_one(session, old, kept)
    with database.read() as session:
        for subscriber_id in subscriber_ids[:2]:
            assert known_papers.named(session, subscriber_id) == [KnownPaper(kept, NOW)]


def test_who_was_sent_either_is_sent_neither_again(
    database: Database, paper_ids: list[int], subscriber_ids: list[int]
) -> None:
    """Whether the issue is kept or not, and where both were sent."""
    old, kept, *_ = paper_ids
    both, by_issue, longer_ago = subscriber_ids
    entry = IssueEntry(1, old, "Old", (), None, "", 0, 0.5, None, 0.0, 0.5, "trending")
    with database.write() as session:
        issue = Issue(0, by_issue, 1, NOW.date(), "AK", NOW, 0, 0, 0, (entry,))
        issues.add(session, issue)
        session.add_all(
            [
                SentPaperRow(subscriber_id=both, paper_id=old),
                SentPaperRow(subscriber_id=both, paper_id=kept),
                SentPaperRow(subscriber_id=longer_ago, paper_id=old),
            ]
        )
        session.flush()
        make_one(session, old, kept)

    with database.read() as session:
        assert issues.sent_papers(session, subscriber_ids) == {
            each: {kept} for each in subscriber_ids
        }

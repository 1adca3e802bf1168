"""Store: two rows that turn out to be of one paper become one; what refers to them is kept.

Whatever refers to a paper is in nine tables: mentions, ratings, notes, known papers, papers of
kept interests, thumbnails, what issues show or showed of it, and the items of libraries. Links of
mails have the ids of papers too: the one that goes is kept as an identifier of the one that stays.
"""

from __future__ import annotations

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from recommender.store import (
    content_state,
    kept_interests,
    known_papers,
    paper_notes,
    paper_search,
    thumbnails,
)
from recommender.store.issue_tables import FrozenPaperRow, SentPaperRow
from recommender.store.library_tables import LibraryItemRow
from recommender.store.query_batches import insert_missing
from recommender.store.tables import MentionRow, PaperIdentifierRow, PaperRow, RatingRow


def make_one(session: Session, old_id: int, paper_id: int) -> None:
    """Have all that refers to one paper refer to another, and drop its row.

    A digest that mentions both mentions it at the better rank with the more upvotes. Of two
    ratings of one subscriber the newer one counts; the paper is on the reading list if either was,
    unless the newer one is a dislike.
    """
    _move_mentions(session, old_id, paper_id)
    _move_ratings(session, old_id, paper_id)
    _move_sent(session, old_id, paper_id)
    paper_notes.move(session, old_id, paper_id)
    known_papers.move(session, old_id, paper_id)
    kept_interests.move(session, old_id, paper_id)
    thumbnails.move(session, old_id, paper_id)
    for row in (FrozenPaperRow, LibraryItemRow, PaperIdentifierRow):
        session.execute(update(row).where(col(row.paper_id) == old_id).values(paper_id=paper_id))
    session.execute(
        insert(PaperIdentifierRow), [{"identifier": f"paper:{old_id}", "paper_id": paper_id}]
    )
    paper_search.take_out(session, [old_id])
    session.execute(delete(PaperRow).where(col(PaperRow.id) == old_id))
    content_state.rename(session)


def _move_mentions(session: Session, old_id: int, paper_id: int) -> None:
    columns = (col(MentionRow.digest_id), col(MentionRow.rank), col(MentionRow.upvotes))
    of_paper = select(*columns).where(col(MentionRow.paper_id) == paper_id)
    theirs = {digest_id: (rank, upvotes) for digest_id, rank, upvotes in session.exec(of_paper)}
    of_old = select(*columns).where(col(MentionRow.paper_id) == old_id)
    for digest_id, rank, upvotes in session.exec(of_old).all():
        other_rank, other_upvotes = theirs.get(digest_id, (rank, upvotes))
        in_digest = col(MentionRow.digest_id) == digest_id
        if other_rank != rank:
            worse = in_digest & (col(MentionRow.rank) == max(rank, other_rank))
            session.execute(delete(MentionRow).where(worse))
        session.execute(
            update(MentionRow)
            .where(in_digest, col(MentionRow.rank) == min(rank, other_rank))
            .values(paper_id=paper_id, upvotes=max(upvotes, other_upvotes))
        )


def _move_sent(session: Session, old_id: int, paper_id: int) -> None:
    of_old = delete(SentPaperRow).where(col(SentPaperRow.paper_id) == old_id)
    whose = session.scalars(of_old.returning(col(SentPaperRow.subscriber_id))).all()
    if whose:
        rows = [{"subscriber_id": each, "paper_id": paper_id} for each in whose]
        insert_missing(session, SentPaperRow, rows)


def _move_ratings(session: Session, old_id: int, paper_id: int) -> None:
    of_paper = select(RatingRow).where(col(RatingRow.paper_id) == paper_id)
    theirs = {row.subscriber_id: row for row in session.exec(of_paper)}
    of_old = select(RatingRow).where(col(RatingRow.paper_id) == old_id)
    moved = []
    for row in session.exec(of_old).all():
        both = [each for each in (row, theirs.get(row.subscriber_id)) if each is not None]
        newest = max(both, key=lambda each: each.rated_at)
        moved.append(
            {
                "subscriber_id": row.subscriber_id,
                "paper_id": paper_id,
                "value": newest.value,
                "saved": newest.saved or (newest.value >= 0 and any(each.saved for each in both)),
                "rated_at": newest.rated_at,
            }
        )
    whose = [each["subscriber_id"] for each in moved]
    session.execute(
        delete(RatingRow).where(
            col(RatingRow.paper_id).in_((old_id, paper_id)),
            col(RatingRow.subscriber_id).in_(whose),
        )
    )
    if moved:
        session.execute(insert(RatingRow), moved)

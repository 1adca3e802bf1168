"""Who is erased leaves no row behind, and nobody else loses one."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from recommender.domain import (
    BounceKind,
    DeliveryKind,
    DeliveryState,
    InterestState,
    Issue,
    IssueEntry,
    KeptInterest,
    LibraryAddress,
    PaperNote,
    Preferences,
    Rating,
    Subscriber,
    SubscriberQuality,
    SubscriberState,
    TermRating,
)
from recommender.store import (
    claims,
    inbound,
    issues,
    kept_interests,
    known_papers,
    last_changes,
    learning_resets,
    libraries,
    outbox,
    paper_notes,
    qualities,
    ratings,
    stranger_mails,
    subscribers,
    term_ratings,
)
from recommender.store.claims import Attempt
from recommender.store.database import Database
from recommender.store.erasing import erase_subscriber
from recommender.store.inbound import NewMail
from recommender.store.issue_tables import SentPaperRow
from recommender.store.stranger_mails import StrangerMail
from recommender.store.tables import BounceRow, PendingChangeRow, SubscriptionRequestRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
TODAY = date(2026, 3, 11)
PREFERENCES = Preferences(7, frozenset({0, 2, 4}), "Europe/Berlin", 10)


def add(
    session: Session,
    name: str,
    state: SubscriberState = SubscriberState.ACTIVE,
    *,
    next_issue_at: datetime | None = None,
) -> Subscriber:
    return subscribers.add(
        session,
        email=f"{name.title()}@example.org",
        email_key=f"{name}@example.org",
        state=state,
        preferences=PREFERENCES,
        interests="pruning, graphs",
        now=NOW,
        next_issue_at=next_issue_at,
    )


def leave_traces(session: Session, subscriber: Subscriber, paper_id: int) -> None:
    """Store a row that is about this subscriber in every table that has such rows."""
    ratings.put(session, subscriber.id, Rating(paper_id, 1, True, NOW))
    term_ratings.put(session, subscriber.id, TermRating("prun", "pruning", -1, NOW))
    known_papers.add(session, subscriber.id, [paper_id], now=NOW)
    kept_interests.put(
        session,
        subscriber.id,
        KeptInterest(0, "graphs", "", InterestState.ACTIVE, frozenset({paper_id}), NOW),
    )
    learning_resets.put(session, subscriber.id, NOW)
    paper_notes.put(session, subscriber.id, PaperNote(paper_id, note="Read it."))
    last_changes.put(
        session, subscriber.id, kind="words", subject="pruning", before={}, after={}, now=NOW
    )
    qualities.put_all(session, [SubscriberQuality(subscriber.id, TODAY, 1, 1, 0.5, 0.5, 0.5, 0.5)])
    entry = IssueEntry(1, paper_id, "Paper", (), None, "", 0, 0.5, None, 0.0, 0.5, "trending")
    issue = Issue(0, subscriber.id, 1, TODAY, "AK", NOW, 1, 0, 1, (entry,))
    outbox.enqueue(
        session,
        subscriber_id=subscriber.id,
        kind=DeliveryKind.ISSUE,
        key="1",
        recipient=subscriber.email,
        message_id=f"<{subscriber.id}@example.org>",
        now=NOW,
        issue_id=issues.add(session, issue),
    )
    delivery = outbox.of_subscriber(session, subscriber.id)[0]
    attempt = Attempt(delivery.id, NOW, DeliveryState.SENT, "localhost:25", 250, "2.0.0", "OK")
    claims.record_attempts(session, [attempt])
    who = {"subscriber_id": subscriber.id}
    session.add(
        BounceRow(
            **who,
            key=f"delivery:{delivery.id}:1",
            delivery_id=delivery.id,
            kind=BounceKind.HARD,
            weight=1.0,
            diagnostic="550 5.1.1 no such user",
            source="smtp",
            received_at=NOW,
            recipient_domain="example.org",
        )
    )
    session.add(SentPaperRow(**who, paper_id=paper_id))
    session.add(PendingChangeRow(**who, command="resume", created_at=NOW, expires_at=NOW))
    mail = NewMail("lmtp", subscriber.email, "papers@example.org", subscriber.email.encode())
    inbound.add_all(session, [mail], now=NOW)
    (mail_id,) = inbound.waiting(session)
    done = {"envelope_sender": "", "recipient": mail.recipient, "outcome": "", "now": NOW}
    inbound.finish(session, mail_id, **who, **done)
    key = subscriber.email.lower()
    stranger_mails.add(session, StrangerMail(NOW, key, "senders at example.org", "help"))
    session.add(
        SubscriptionRequestRow(
            requested_at=NOW,
            email=subscriber.email,
            email_key=subscriber.email.lower(),
            domain="example.org",
            network="mail",
            interests="",
        )
    )
    libraries.give(session, subscriber.id, LibraryAddress("groups/7"), sealed_key="x", now=NOW)
    library_id = libraries.claim_due(session, now=NOW, until=NOW, limit=9)[-1].id
    libraries.put_items(session, library_id, [libraries.LibraryItem("A", NOW)])


def rows(session: Session) -> dict[str, int]:
    return {
        name: session.exec(select(func.count()).select_from(table)).one()
        for name, table in SQLModel.metadata.tables.items()
    }


def test_erased_subscriber_leaves_no_row_and_others_keep_theirs(
    database: Database, paper_ids: list[int]
) -> None:
    with database.write() as session:
        leave_traces(session, add(session, "stays"), paper_ids[0])
        before = rows(session)
        erased = add(session, "leaves")
        leave_traces(session, erased, paper_ids[0])
        of_nobody = {"paper", "digest", "mention", "tuning", "smtp_server", "domain_pace"}
        of_nobody |= {"reading_attempt", "source", "source_document", "source_day"}
        of_nobody |= {"paper_identifier", "content_state", "sending_pause", "thumbnail"}
        of_nobody |= {"frozen_paper", "frozen_text"}
        assert of_nobody == {
            name for name, number in rows(session).items() if number == before[name]
        }

    with database.write() as session:
        erase_subscriber(session, erased.id)

    with database.read() as session:
        assert before == rows(session)
        assert subscribers.by_id(session, erased.id) is None


def test_ids_of_an_erased_subscriber_are_never_reused(
    database: Database, paper_ids: list[int]
) -> None:
    def ids(session: Session, subscriber: Subscriber) -> tuple[int, int, int]:
        (delivery,) = outbox.of_subscriber(session, subscriber.id)
        return subscriber.id, delivery.issue_id or 0, delivery.id

    with database.write() as session:
        erased = add(session, "leaves")
        leave_traces(session, erased, paper_ids[0])
        old = ids(session, erased)
        erase_subscriber(session, erased.id)
    with database.write() as session:
        newcomer = add(session, "comes")
        leave_traces(session, newcomer, paper_ids[0])
        new = ids(session, newcomer)
    assert all(new_id > old_id for new_id, old_id in zip(new, old, strict=True))

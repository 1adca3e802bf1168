"""What was stored with an older schema is all there once the schema is brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from database_makers import schema_differences
from sqlalchemy import Connection, MetaData, Table, func, select

from recommender.domain import Issue, Subscriber, SubscriberQuality, SubscriberState, TermRating
from recommender.domain.searches import parse_search
from recommender.membership.addresses import normalise_address
from recommender.store import (
    inbound,
    inbound_listing,
    issues,
    migrations,
    paper_search,
    papers,
    qualities,
    subscribers,
    term_ratings,
)
from recommender.store.backup import backup_database, restore_database
from recommender.store.database import SCHEMA_REVISION, Database, open_database
from recommender.store.erasing import erase_subscriber
from recommender.store.inbound import NewMail
from recommender.store.paper_search import TABLE, TABLE_SQL

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)

# A row in every table that the first schema had, as that version wrote them.
ROWS_OF_0001: dict[str, dict[str, Any]] = {
    "digest": {
        "id": 1,
        "sha256": "ab12",
        "format": "digest-text",
        "source": "incoming",
        "file_name": "mar-11.txt",
        "curator": "AK",
        "date": NOW.date(),
        "ingested_at": NOW,
    },
    "paper": {
        "id": 3,
        "title": "Attention to What?",
        "title_key": "attentiontowhat",
        "abstract": "We ask.",
        "authors": ["Jane Doe", "Łukasz Kaiser"],
        "arxiv_id": "2603.00001",
        "doi": None,
        "url": "https://arxiv.org/abs/2603.00001",
        "published_at": None,
        "first_seen_at": NOW,
    },
    "subscriber": {
        "id": 5,
        "email": "Reader@example.org",
        "email_key": "reader@example.org",
        "state": "active",
        "hour": 7,
        "weekdays": "01234",
        "timezone": "Europe/Berlin",
        "papers": 10,
        "interests": "pruning, graphs",
        "created_at": NOW,
        "requested_at": NOW,
        "confirmed_at": NOW,
        "welcome_due": False,
        "next_issue_at": NOW,
        "issues_composed": 1,
        "last_issue_date": NOW.date(),
    },
    "mention": {"digest_id": 1, "rank": 1, "paper_id": 3, "upvotes": 12},
    "rating": {"subscriber_id": 5, "paper_id": 3, "value": 1, "saved": True, "rated_at": NOW},
    "issue": {
        "id": 7,
        "subscriber_id": 5,
        "number": 1,
        "date": NOW.date(),
        "welcome": True,
        "schedule": "Monday to Friday at 7:00 (Europe/Berlin)",
        "curator": "AK",
        "composed_at": NOW,
        "likes": 0,
        "dislikes": 0,
        "saves": 0,
    },
    "issue_entry": {
        "issue_id": 7,
        "position": 1,
        "paper_id": 3,
        "title": "Attention to What?",
        "authors": ["Jane Doe", "Łukasz Kaiser"],
        "url": None,
        "excerpt": "We ask.",
        "upvotes": 12,
        "trend_score": 0.5,
        "interest_score": None,
        "interest_weight": 0.0,
        "ranking_score": 0.5,
        "reason": "trending",
    },
    "delivery": {
        "id": 9,
        "subscriber_id": 5,
        "kind": "issue",
        "key": "1",
        "recipient": "Reader@example.org",
        "message_id": "<1@example.org>",
        "issue_id": 7,
        "state": "sent",
        "priority": 1,
        "created_at": NOW,
        "next_attempt_at": NOW,
        "attempts": 1,
        "last_reply": "250 2.0.0 OK",
        "worker": None,
        "leased_until": None,
        "times_in_doubt": 0,
    },
    "delivery_attempt": {
        "id": 11,
        "delivery_id": 9,
        "attempted_at": NOW,
        "state": "sent",
        "server": "localhost:25",
        "reply_code": 250,
        "enhanced_status_code": "2.0.0",
        "reply": "OK",
    },
}


@pytest.fixture
def at_0001(new_database: Callable[..., str]) -> Database:
    """Make a database as the first version left it: its schema, and a row in every table."""
    database = Database(new_database(migrated=False))
    upgrade(database, "0001")
    with database._writing_engine.begin() as connection:
        tables = reflected(connection)
        assert set(ROWS_OF_0001) == set(tables.tables) - {"alembic_version"}
        for name, row in ROWS_OF_0001.items():
            connection.execute(tables.tables[name].insert(), row)
    return database


def upgrade(database: Database, revision: str) -> None:
    """Bring a schema to what one version had."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with database._writing_engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def reflected(connection: Any) -> MetaData:
    tables = MetaData()
    tables.reflect(connection)
    return tables


def rows(database: Database, name: str) -> list[dict[str, Any]]:
    """Read a table as the database itself describes it."""
    with database.engine.connect() as connection:
        table = reflected(connection).tables[name]
        return [dict(row) for row in connection.execute(table.select()).mappings()]


def test_upgrade_loses_nothing_that_was_stored(at_0001: Database) -> None:
    before = {name: rows(at_0001, name) for name in ROWS_OF_0001}
    at_0001.migrate()

    assert at_0001.schema_revision() == SCHEMA_REVISION
    for name, (old,) in before.items():
        (new,) = rows(at_0001, name)
        assert old == {column: new[column] for column in old}, name
    at_0001.close()


def test_upgrade_gives_exactly_the_tables(at_0001: Database) -> None:
    at_0001.migrate()

    assert schema_differences(at_0001) == []
    at_0001.close()


def test_who_subscribed_before_the_upgrade_follows_and_blocks_nothing(at_0001: Database) -> None:
    at_0001.migrate()

    with at_0001.read() as session:
        subscriber = subscribers.by_key(session, "reader@example.org")
        issue = issues.by_id(session, 7)
        assert term_ratings.of_subscriber(session, 5) == []
    assert isinstance(subscriber, Subscriber)
    assert (subscriber.followed, subscriber.blocked) == ("", "")
    assert isinstance(issue, Issue)
    assert [(entry.explored, entry.propensity) for entry in issue.entries] == [(False, None)]
    at_0001.close()


def test_what_was_sent_before_the_upgrade_shows_words_of_the_abstract(at_0001: Database) -> None:
    at_0001.migrate()

    with at_0001.read() as session:
        issue = issues.by_id(session, 7)
        assert papers.by_ids(session, [3])[3].summary == ""
    assert isinstance(issue, Issue)
    assert [(each.excerpt, each.excerpt_is_summary) for each in issue.entries] == [
        ("We ask.", False)
    ]
    at_0001.close()


def test_what_was_stored_before_the_upgrade_was_not_taken_back_and_links_nothing(
    at_0001: Database,
) -> None:
    at_0001.migrate()

    with at_0001.read() as session:
        paper, issue = papers.by_ids(session, [3])[3], issues.by_id(session, 7)
    assert (paper.withdrawn_at, paper.keywords, paper.thumbnail_url) == (None, (), None)
    assert (paper.code_url, paper.project_url) == (None, None)
    assert isinstance(issue, Issue)
    assert [(each.code_url, each.project_url) for each in issue.entries] == [(None, None)]
    at_0001.close()


def test_what_was_sent_before_the_upgrade_has_reasons_of_its_reader_and_met_all_interests(
    at_0001: Database,
) -> None:
    at_0001.migrate()

    with at_0001.read() as session:
        issue = issues.by_id(session, 7)
    assert isinstance(issue, Issue)
    assert issue.unmet_interests == ()
    assert [each.reason_is_personal for each in issue.entries] == [True]
    at_0001.close()


def test_what_was_measured_and_sent_before_the_upgrade_knows_no_signal(
    at_0001: Database,
) -> None:
    upgrade(at_0001, "0005")
    figures = {"ndcg_at_10": 0.5, "recall_at_50": 0.5, "mrr": 0.5, "auc": 0.5}
    row = {"subscriber_id": 5, "measured_on": NOW.date(), "issues": 4, "likes": 7, **figures}
    with at_0001._writing_engine.begin() as connection:
        connection.execute(reflected(connection).tables["subscriber_quality"].insert(), row)
    at_0001.migrate()

    with at_0001.read() as session:
        issue = issues.by_id(session, 7)
        measured = qualities.newest(session, [5])
    assert isinstance(issue, Issue)
    assert not issue.poor_signal
    assert measured == {5: SubscriberQuality(5, NOW.date(), 4, 7, 0.5, 0.5, 0.5, 0.5)}
    assert measured[5].poor_signal is None
    at_0001.close()


@pytest.mark.sqlite  # no other database has had older versions
def test_mail_of_before_the_upgrade_is_read_known_again_and_keeps_its_number(
    at_0001: Database,
) -> None:
    upgrade(at_0001, "0006")
    mail = NewMail("lmtp", "ann@example.org", "Papers+help@example.org", b"Subject: help")
    others = {"received_at": NOW, "source": "lmtp", "size": 13, "outcome": "", "attempts": 0}
    with at_0001._writing_engine.begin() as connection:
        table = reflected(connection).tables["inbound_mail"]
        for number, state, content in ((3, "stored", mail.content), (4, "done", None)):
            row = {"id": number, "sha256": f"old{number}", "state": state, "content": content}
            envelope = {"envelope_sender": mail.envelope_sender, "recipient": mail.recipient}
            connection.execute(table.insert(), {**others, **row, **envelope})
        connection.execute(
            table.insert(),
            {**others, "id": 9, "sha256": "old9", "state": "failed", "content": mail.content}
            | {"envelope_sender": "", "recipient": "papers@example.org"},
        )
        connection.execute(table.delete().where(table.c.id == 9))
        connection.execute(
            table.insert(),
            {**others, "id": 8, "sha256": "old8", "state": "failed", "content": mail.content}
            | {"envelope_sender": "", "recipient": "papers@example.org"},
        )
    at_0001.migrate()

    with at_0001.write() as session:
        assert inbound.stored_bytes(session) == len(mail.content)
        assert inbound.add_all(session, [mail], now=NOW) == 0, "known"
        found = inbound.begin(session, 3)
        assert [inbound_listing.content(session, each) for each in (4, 8)] == [None, mail.content]
        inbound.add_all(session, [NewMail("pipe", "", "papers@example.org", b"x")], now=NOW)
        assert sorted(inbound.waiting(session)) == [3, 10], "no number is used again"
    assert found is not None
    assert found.content == mail.content
    at_0001.close()


def test_papers_have_identifiers_and_new_keys_after_the_upgrade(at_0001: Database) -> None:
    upgrade(at_0001, "0013")
    with at_0001._writing_engine.begin() as connection:
        table = reflected(connection).tables["paper"]
        paper = {**ROWS_OF_0001["paper"], "arxiv_id": None, "summary": ""}
        for number, title, doi in (
            (4, "1. **Lattices & clocks**", "10.26434/chemrxiv-2023-ab1cd"),
            (5, "Lattices and clocks", "10.26434/chemrxiv-2023-ab1cd-v2"),
        ):
            row = {"id": number, "title": title, "title_key": "old", "doi": doi}
            connection.execute(table.insert(), paper | row)
    at_0001.migrate()

    keys = {row["id"]: row["title_key"] for row in rows(at_0001, "paper")}
    assert keys == {3: "attentiontowhat", 4: "latticesclocks", 5: "latticesclocks"}
    known = {row["identifier"]: row["paper_id"] for row in rows(at_0001, "paper_identifier")}
    assert known == {"arxiv:2603.00001": 3, "doi:10.26434/chemrxiv-2023-ab1cd": 4}
    at_0001.close()


@pytest.mark.sqlite  # no other database has had older versions
def test_papers_of_before_the_upgrade_are_found(at_0001: Database) -> None:
    at_0001.migrate()

    with at_0001.read() as session:
        for words, author in (("attention", ""), ("we ask", ""), ("", "Łukasz Kaiser")):
            wanted = parse_search(words, author=author, stop_words=frozenset())
            assert paper_search.find(session, wanted, now=NOW).paper_ids == (3,)
        made = session.connection().exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = ?", (TABLE,)
        )
        assert " ".join(made.scalar_one().split()) == TABLE_SQL
    at_0001.close()


def test_addresses_beyond_ascii_have_the_keys_of_what_is_mailed_after_the_upgrade(
    at_0001: Database,
) -> None:
    upgrade(at_0001, "0006")
    with at_0001._writing_engine.begin() as connection:
        table = reflected(connection).tables["subscriber"]
        reader = ROWS_OF_0001["subscriber"]
        for number, email, key in (
            (6, "\N{LATIN SMALL LETTER LONG S}am@example.org", "sam@example.org"),
            (7, "J\N{LATIN CAPITAL LETTER U WITH DIAERESIS}@example.org", "j\u00fc@example.org"),
            (8, "Ann@b\u00fccher.example.org", "ann@xn--bcher-kva.example.org"),
        ):
            connection.execute(
                table.insert(), reader | {"id": number, "email": email, "email_key": key}
            )
    at_0001.migrate()

    for row in rows(at_0001, "subscriber"):
        assert row["email_key"] == normalise_address(row["email"]).key
    at_0001.close()


@pytest.mark.sqlite  # no other database has had older versions
def test_upgraded_installation_takes_what_is_new_and_reuses_no_id(at_0001: Database) -> None:
    at_0001.migrate()

    with at_0001.write() as session:
        term_ratings.put(session, 5, TermRating("prune", "prune", -1, NOW))
    with at_0001.write() as session:
        known = subscribers.by_id(session, 5)
        assert known is not None
        erase_subscriber(session, 5)
        newcomer = subscribers.add(
            session,
            email=known.email,
            email_key="reader@example.org",
            state=SubscriberState.ACTIVE,
            preferences=known.preferences,
            interests="",
            now=NOW,
        )
        assert term_ratings.of_subscriber(session, 5) == []
    assert newcomer.id > known.id
    at_0001.close()


@pytest.mark.sqlite  # no other database has had older versions
def test_backup_of_the_first_version_is_brought_up_to_date_when_it_was_restored(
    at_0001: Database, tmp_path: Path
) -> None:
    before = rows(at_0001, "subscriber")
    url = at_0001.url.render_as_string(hide_password=False)
    backup_database(url, tmp_path / "copy.db")
    at_0001.close()
    target = f"sqlite:///{tmp_path / 'recommender.db'}"
    restore_database(target, tmp_path / "copy.db")

    restored = open_database(target)
    assert restored.schema_revision() == SCHEMA_REVISION
    added: dict[str, Any] = {"followed": "", "blocked": "", "language": None}
    added |= {"links_epoch": 0, "unsubscribe_epoch": 0}
    assert rows(restored, "subscriber") == [{**before[0], **added}]
    restored.close()


def revisions() -> list[str]:
    """Name every schema that there was, the oldest first."""
    files = (Path(migrations.__file__).parent / "versions").glob("v*.py")
    return sorted(path.name[1:5] for path in files)


def made_up_row(table: Table, known: Connection) -> dict[str, Any]:
    """Return a row that fits a table, and what it refers to."""
    values: dict[str, Any] = {}
    for column in table.columns:
        for key in column.foreign_keys:
            values[column.name] = known.scalar(select(key.column).limit(1))
        if column.name in values or column.server_default is not None:
            continue
        kind = column.type.python_type
        plain = {int: 1, float: 0.5, bool: False, bytes: b"{}", datetime: NOW, str: "[]"}
        values[column.name] = NOW.date() if kind is date else plain.get(kind, [])
    return values


@pytest.mark.parametrize("revision", revisions())
def test_upgrade_from_each_schema_that_there_was_keeps_all_rows(
    at_0001: Database, revision: str
) -> None:
    upgrade(at_0001, revision)
    with at_0001._writing_engine.begin() as connection:
        for table in reflected(connection).sorted_tables:
            is_ours = table.name != "alembic_version" and TABLE not in table.name
            if is_ours and connection.scalar(select(func.count()).select_from(table)) == 0:
                connection.execute(table.insert(), made_up_row(table, connection))
    before = counted_rows(at_0001)

    at_0001.migrate()

    after = counted_rows(at_0001)
    assert at_0001.schema_revision() == SCHEMA_REVISION
    assert before.keys() <= after.keys()
    assert {name: after[name] for name in before} == before
    assert 0 not in before.values()
    at_0001.close()


def counted_rows(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in reflected(connection).sorted_tables
            if table.name != "alembic_version" and TABLE not in table.name
        }

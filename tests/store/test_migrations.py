"""What was stored with an older schema is all there once the schema is brought up to date."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from database_makers import schema_differences
from older_schemas import ROWS_OF_0001, reflected, rows, upgrade
from sqlalchemy import Connection, Table, func, select

from recommender.domain import Issue, Subscriber, SubscriberQuality, SubscriberState, TermRating
from recommender.domain.author_keys import authors_key
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


def test_upgrade_loses_nothing_that_was_stored(at_0001: Database) -> None:
    before = {name: rows(at_0001, name) for name in ROWS_OF_0001}
    at_0001.migrate()

    assert at_0001.schema_revision() == SCHEMA_REVISION
    # What an issue says is kept in another form, and comes back the same.
    (issue,), (entry,) = before.pop("issue"), before.pop("issue_entry")
    for name, (old,) in before.items():
        (new,) = rows(at_0001, name)
        assert old == {column: new[column] for column in old}, name
    with at_0001.read() as session:
        kept = issues.by_id(session, 7)
    assert kept is not None
    stored = asdict(kept)
    if issue["composed_at"].tzinfo is None:
        # SQLite's moments have none.
        stored["composed_at"] = kept.composed_at.replace(tzinfo=None)
    assert issue == {column: stored[column] for column in issue}
    (kept_entry,) = stored["entries"]
    shown = {**kept_entry, "issue_id": 7, "authors": list(kept_entry["authors"])}
    assert entry == {column: shown[column] for column in entry}
    at_0001.close()


def test_issues_say_after_the_upgrade_what_they_said_and_papers_are_kept_once(
    at_0001: Database,
) -> None:
    """More of them than are read at a time, some without papers."""
    upgrade(at_0001, "0025")
    paper_of = {number: ROWS_OF_0001["paper"] | {"id": number} for number in range(10, 30)}
    with at_0001._writing_engine.begin() as connection:
        tables = reflected(connection).tables
        for number, paper in paper_of.items():
            own = {"arxiv_id": None, "title": f"Paper “{number}”", "url": None}
            connection.execute(tables["paper"].insert(), paper | own)
        new = [
            ROWS_OF_0001["issue"]
            | {"id": number, "number": number, "likes": number, "poor_signal": number % 2 == 0}
            | {"unmet_interests": ["Protein “folding”"] * (number % 3)}
            for number in range(100, 1_203)
        ]
        connection.execute(tables["issue"].insert(), new)
        entries = [
            ROWS_OF_0001["issue_entry"]
            | {"issue_id": each["id"], "position": at, "paper_id": 10 + (each["id"] + at) % 20}
            | {"upvotes": at, "reason": f"like “A title that is long enough”: {each['id']}"}
            | {"explored": at == 2, "propensity": 1 / at, "topic": "graphs", "trend_score": 0.12346}
            | {"excerpt_is_summary": at == 1, "reason_is_personal": at != 3, "code_url": "c"}
            for each in new
            for at in range(1, each["id"] % 5)
        ]
        connection.execute(tables["issue_entry"].insert(), entries)
    at_0001.migrate()

    with at_0001.read() as session:
        kept = issues.by_ids(session, range(100, 1_203))
        assert issues.sent_papers(session, [5]) == {5: {3, *range(10, 30)}}
    assert len(kept) == len(new)
    for each in new:
        issue = kept[each["id"]]
        assert (issue.likes, issue.poor_signal) == (each["likes"], each["poor_signal"])
        assert issue.unmet_interests == tuple(each["unmet_interests"])
        assert [entry.position for entry in issue.entries] == list(range(1, each["id"] % 5))
    for old in entries:
        entry = kept[old["issue_id"]].entries[old["position"] - 1]
        assert asdict(entry) | {"authors": list(entry.authors)} == {
            **{name: value for name, value in old.items() if name != "issue_id"},
            "project_url": None,
            "thumbnail": "",
            "trend_score": 0.1235,
            "propensity": pytest.approx(old["propensity"], rel=1e-5),
        }
    # And one more, of the first issue.
    shown = {(each["paper_id"], each["excerpt_is_summary"]) for each in entries}
    assert len(rows(at_0001, "frozen_paper")) == len(shown) + 1
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


def test_papers_of_before_the_upgrade_are_found_by_their_authors(at_0001: Database) -> None:
    upgrade(at_0001, "0029")
    with at_0001._writing_engine.begin() as connection:
        table = reflected(connection).tables["paper"]
        paper = {
            **{name: value for name, value in ROWS_OF_0001["paper"].items() if name in table.c},
            "id": 4,
            "title_key": "none",
            "arxiv_id": None,
            "authors": [],
        }
        connection.execute(table.insert(), paper)
    at_0001.migrate()

    (kept, nobodys) = rows(at_0001, "paper")
    assert kept["authors_key"] == authors_key(ROWS_OF_0001["paper"]["authors"]) is not None
    assert nobodys["authors_key"] is None
    with at_0001.read() as session:
        (found,) = papers.find_by_identity(
            session, arxiv_ids=[], dois=[], title_keys=[], authors_keys=[kept["authors_key"]]
        )
    assert found.paper.id == kept["id"]
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
    # What it held of papers is kept once for all issues that show the same.
    if "issue_entry" in before:
        before["frozen_paper"] = before.pop("issue_entry")
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

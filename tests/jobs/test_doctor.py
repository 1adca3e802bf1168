"""The doctor looks over a whole installation: name server, SMTP server and database are real."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from recommender.demo.captured_mail import Mailbox, mail_server
from recommender.errors import NameServerError
from recommender.jobs import doctor
from recommender.jobs.doctor import Examined, examine
from recommender.mail.deliverability.checks import DkimSigning, Finding, Verdict
from recommender.mail.deliverability.dkim_record import PublicKey
from recommender.mail.deliverability.name_lookup import Lookup, NameServer, open_lookup
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store import digests, sending_pause, sources
from recommender.store.database import Session, open_database

DOMAIN = "lists.example.org"
KEY = PublicKey("rsa", bytes(294))
ZONE = {
    (DOMAIN, "MX"): [f"10 mail.{DOMAIN}."],
    (f"mail.{DOMAIN}", "A"): ["192.0.2.10"],
    (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.10 -all"'],
    (f"s1._domainkey.{DOMAIN}", "TXT"): [f'"{KEY.record[:200]}" "{KEY.record[200:]}"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
    ("10.2.0.192.in-addr.arpa", "PTR"): [f"mail.{DOMAIN}."],
}
NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def examined(mailbox: Mailbox, database_path: Path) -> Iterator[Examined]:
    """Describe an installation in which all is well."""
    with mail_server(mailbox) as port:
        yield Examined(
            configuration_problems=(),
            configuration_warnings=(),
            database_url=f"sqlite:///{database_path}",
            list_address=f"papers@{DOMAIN}",
            envelope_sender=f"papers+bounce-x@{DOMAIN}",
            base_url="https://papers.example.org",
            servers=(SmtpServer("127.0.0.1", port, Security.PLAIN, timeout_seconds=5),),
            window_days=30,
            signing=DkimSigning(DOMAIN, "s1", KEY),
            inbox=("lmtp 127.0.0.1:8024",),
        )


@pytest.fixture
def lookup(start_name_server: Any) -> Lookup:
    port, _ = start_name_server(ZONE)
    return open_lookup(NameServer("127.0.0.1", port), seconds=0.3)


@pytest.fixture
def look(lookup: Lookup) -> Callable[..., list[Finding]]:
    def look(examined: Examined, **options: Any) -> list[Finding]:
        options = {"sending_addresses": [ip_address("192.0.2.10")], **options}
        return list(examine(examined, open_lookup=lambda: lookup, now=NOW, **options))

    return look


def only(check: str) -> tuple[str, ...]:
    return tuple(each for each in doctor.CHECKS if each != check)


def test_a_good_installation_has_no_findings_but_good_ones(
    look: Callable[..., list[Finding]], examined: Examined, mailbox: Mailbox
) -> None:
    found = look(examined)

    assert [(finding.check, finding.verdict) for finding in found] == [
        (check, Verdict.OK)
        for check in (
            *("configuration", "database", "web", "inbox", "smtp", "tls"),
            *("mx", "spf", "dkim", "dmarc", "ptr"),
        )
    ]
    assert {finding.fix for finding in found} == {""}
    assert mailbox.mails() == []


def test_what_is_left_out_is_not_looked_at(
    look: Callable[..., list[Finding]], examined: Examined
) -> None:
    found = look(examined, skip=("dns", "smtp", "inbox"))
    assert [finding.check for finding in found] == ["configuration", "database", "web"]
    assert [finding.check for finding in look(examined, skip=only("spf"))] == ["spf"]


def test_a_machine_without_name_servers_is_told_once(examined: Examined) -> None:
    def nobody() -> Lookup:
        raise NameServerError("no name servers are set on this machine; name one")

    skip = ("configuration", "database", "web", "inbox", "smtp")
    found = list(examine(examined, open_lookup=nobody, now=NOW, skip=skip))

    expected = "could not be checked: no name servers are set on this machine"
    assert found == [Finding("dns", Verdict.WARNING, expected, "name one")]


def test_problems_of_the_configuration_are_told_with_their_mends(
    look: Callable[..., list[Finding]], examined: Examined
) -> None:
    wrong = replace(
        examined,
        configuration_problems=("list.address: a placeholder; give your own",),
        configuration_warnings=("smtp.security: plain; choose tls",),
    )
    assert look(wrong, skip=only("configuration")) == [
        Finding("configuration", Verdict.PROBLEM, "list.address: a placeholder", "give your own"),
        Finding("configuration", Verdict.WARNING, "smtp.security: plain", "choose tls"),
    ]


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://papers.example.org", Verdict.OK),
        ("http://papers.example.org", Verdict.PROBLEM),
        ("http://localhost:8000", Verdict.WARNING),
        ("http://127.0.0.1:8000", Verdict.WARNING),
    ],
)
def test_pages_must_be_encrypted(
    look: Callable[..., list[Finding]], examined: Examined, url: str, verdict: Verdict
) -> None:
    (found,) = look(replace(examined, base_url=url), skip=only("web"))
    assert found.verdict is verdict


def test_a_list_that_nobody_reads_is_a_warning(
    look: Callable[..., list[Finding]], examined: Examined
) -> None:
    (found,) = look(replace(examined, inbox=()), skip=only("inbox"))
    assert (found.verdict, "[inbox]" in found.fix) == (Verdict.WARNING, True)


def test_an_smtp_server_that_is_not_there_is_a_problem(
    look: Callable[..., list[Finding]], examined: Examined, unused_tcp_port: int
) -> None:
    gone = replace(examined.servers[0], port=unused_tcp_port)
    found = look(replace(examined, servers=(*examined.servers, gone)), skip=only("smtp"))
    assert [(each.check, each.verdict) for each in found] == [
        ("smtp", Verdict.OK),
        ("tls", Verdict.OK),
        ("smtp", Verdict.PROBLEM),
    ]


class TestDatabase:
    def check(self, look: Callable[..., list[Finding]], examined: Examined) -> Finding:
        (found,) = look(examined, skip=only("database"))
        return found

    def test_one_that_is_missing_is_not_created(
        self, look: Callable[..., list[Finding]], examined: Examined, tmp_path: Path
    ) -> None:
        path = tmp_path / "gone.db"
        found = self.check(look, replace(examined, database_url=f"sqlite:///{path}"))
        assert (found.verdict, "recommender init" in found.fix) == (Verdict.PROBLEM, True)
        assert not path.exists()

    @pytest.mark.parametrize(
        ("revision", "expected"),
        [
            ("0001", (Verdict.WARNING, "an older version (0001)")),
            ("9999", (Verdict.PROBLEM, "a newer version (9999)")),
        ],
    )
    def test_another_schema_is_told_and_left_as_it_is(
        self,
        look: Callable[..., list[Finding]],
        examined: Examined,
        database_path: Path,
        revision: str,
        expected: tuple[Verdict, str],
    ) -> None:
        verdict, words = expected
        with sqlite3.connect(database_path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        found = self.check(look, examined)
        assert (found.verdict, words in found.message) == (verdict, True)
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        assert rows == [(revision,)]
        connection.close()

    def test_an_empty_file_has_no_tables(
        self, look: Callable[..., list[Finding]], examined: Examined, tmp_path: Path
    ) -> None:
        path = tmp_path / "empty.db"
        path.touch()
        found = self.check(look, replace(examined, database_url=f"sqlite:///{path}"))
        assert (found.verdict, "no tables" in found.message) == (Verdict.PROBLEM, True)

    def test_what_is_no_database_is_a_problem(
        self, look: Callable[..., list[Finding]], examined: Examined, tmp_path: Path
    ) -> None:
        path = tmp_path / "letter.db"
        path.write_bytes(b"Dear reader, this is no database. " * 100)
        found = self.check(look, replace(examined, database_url=f"sqlite:///{path}"))
        assert (found.verdict, "not a database" in found.message) == (Verdict.PROBLEM, True)

    @pytest.mark.parametrize(
        ("none", "verdict"), [(0, Verdict.WARNING), (1 << 62, Verdict.PROBLEM)]
    )
    def test_a_disk_that_is_nearly_full_is_told(
        self,
        look: Callable[..., list[Finding]],
        examined: Examined,
        monkeypatch: pytest.MonkeyPatch,
        none: int,
        verdict: Verdict,
    ) -> None:
        """What counts as little is set to more than any disk has."""
        monkeypatch.setattr(doctor, "LITTLE_SPACE_BYTES", 1 << 62)
        monkeypatch.setattr(doctor, "NO_SPACE_BYTES", none)
        found = self.check(look, examined)
        assert (found.verdict, "MB are free" in found.message) == (verdict, True)


def of_the_folder(examined: Examined, folder: Path, now: datetime = NOW) -> list[Finding]:
    looked_over = replace(examined, incoming=folder)
    skip = [each for each in doctor.CHECKS if each != "folder"]
    return list(examine(looked_over, open_lookup=_no_lookup, now=now, skip=skip))


def _no_lookup() -> Lookup:
    raise AssertionError("nobody asks a name server for a folder")


def test_the_watched_folder_is_looked_over(examined: Examined, tmp_path: Path) -> None:
    folder = tmp_path / "watched" / "incoming"
    [missing] = of_the_folder(examined, folder)
    assert (missing.verdict, "recommender run" in missing.fix) == (Verdict.WARNING, True)
    folder.mkdir(parents=True)
    assert [each.verdict for each in of_the_folder(examined, folder)] == [Verdict.OK]
    (folder / "a.txt").write_text("somebody forgot the daemon")
    rejected = folder.parent / "rejected"
    rejected.mkdir()
    (rejected / "b.txt").write_text("bad")
    waiting, kept = of_the_folder(examined, folder)
    assert waiting.verdict is kept.verdict is Verdict.WARNING
    assert "a.txt" in waiting.message
    assert "rejected list" in kept.fix
    (folder.parent / "done").write_text("a file where the folder should be")
    [closed] = of_the_folder(examined, folder)
    assert closed.verdict is Verdict.PROBLEM
    assert str(folder.parent / "done") in closed.message


def test_a_pause_of_sending_is_told_with_what_ends_it(
    look: Callable[..., list[Finding]], examined: Examined, database_path: Path
) -> None:
    database = open_database(f"sqlite:///{database_path}")
    with database.write() as session:
        sending_pause.pause(session, now=NOW)
    database.close()
    warned, well = look(examined, skip=only("database"))

    assert (warned.verdict, well.verdict) == (Verdict.WARNING, Verdict.OK)
    assert warned.message == "sending is paused since 2026-03-11 07:00 UTC"
    assert warned.fix == "`recommender outbox resume` goes on"


class TestSources:
    @pytest.fixture
    def session(self, database_path: Path) -> Iterator[Session]:
        database = open_database(f"sqlite:///{database_path}")
        with database.write() as session:
            yield session
        database.close()

    def add(self, session: Session, name: str, *, day: date | None = None, **values: Any) -> None:
        url = f"https://example.org/{name}"
        added = sources.add(
            session, name=name, url=url, every_minutes=None, is_configured=False, now=NOW
        )
        sources.change(session, added.id, last_fetched_at=NOW, **values)
        if day is not None:
            digests.add(
                session,
                sha256=name,
                format="feed",
                source=url,
                file_name=name,
                curator=name,
                day=day,
                ingested_at=NOW,
                mentions=[],
            )

    def check(self, look: Callable[..., list[Finding]], examined: Examined) -> list[Finding]:
        return look(examined, skip=only("sources"))

    def test_nothing_is_said_where_there_are_none(
        self, look: Callable[..., list[Finding]], examined: Examined, tmp_path: Path
    ) -> None:
        assert self.check(look, examined) == []
        missing = replace(examined, database_url=f"sqlite:///{tmp_path / 'none.db'}")
        assert self.check(look, missing) == []
        assert not (tmp_path / "none.db").exists()

    def test_what_is_broken_and_what_nobody_can_get_is_named(
        self, look: Callable[..., list[Finding]], examined: Examined, session: Session
    ) -> None:
        self.add(session, "well", day=NOW.date())
        session.commit()
        [well] = self.check(look, examined)
        self.add(session, "bad", failures=3, last_message="HTTP 404: there is nothing")
        self.add(session, "old", day=NOW.date() - timedelta(days=90))
        session.commit()
        trouble, age = self.check(look, examined)

        assert (well.verdict, well.message) == (Verdict.OK, "1 source, none in trouble")
        assert (trouble.verdict, trouble.message) == (
            Verdict.WARNING,
            "1 of 3 sources in trouble: bad is broken",
        )
        assert "sources list" in (trouble.fix or "")
        assert age.verdict is Verdict.WARNING
        assert age.message.startswith("no newsletter has anything of old: none of their papers")

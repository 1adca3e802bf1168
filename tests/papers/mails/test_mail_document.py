"""Mails become digests, whoever wrote and forwarded them, or are refused with the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fresh_mails import FRESH, NOT_PAPERS
from held_out_mails import (
    ATTACHED,
    CONFIRMATIONS,
    HELD_OUT,
    NO_PAPERS,
    NOTHING_NEW,
    TRUNCATED_ARXIV,
    UNLABELLED,
)
from sample_mails import ARXIV, DIGEST, PUBMED_ABSTRACT, TUNED, Sample, mail

from recommender.domain import AnnounceType, DigestEntry
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest, read_mail_of_source
from recommender.papers.mails.mail_document import MAX_BYTES, MailKind
from recommender.papers.recognition import is_mail

TODAY = date(2026, 3, 11)
ALL = TUNED | HELD_OUT | FRESH


def key_of(entry: DigestEntry, wanted: str | None) -> str | None:
    """Return the identifier of an entry that is of the kind that is wanted."""
    keys = (entry.arxiv_id, entry.doi, entry.url)
    return wanted if wanted in keys else next(filter(None, keys), None) if wanted else None


@pytest.mark.parametrize("name", ALL)
def test_every_paper_of_a_mail_is_read_right(name: str) -> None:
    sample: Sample = ALL[name]
    digest = parse_digest(sample.content, today=TODAY)

    assert [each.title for each in sample.papers] == [each.title for each in digest.entries]
    for wanted, entry in zip(sample.papers, digest.entries, strict=True):
        assert wanted.authors == entry.authors
        assert wanted.key == key_of(entry, wanted.key)
        assert wanted.abstract == entry.abstract
    assert sample.date == digest.date.isoformat()


@pytest.mark.parametrize("name", ALL)
def test_a_mail_is_read_alike_with_other_line_ends_and_from_a_mailbox(name: str) -> None:
    content = ALL[name].content
    read = parse_digest(content, today=TODAY)

    assert parse_digest(content.replace(b"\n", b"\r\n"), today=TODAY) == read
    in_mbox = b"From a@example.org Wed Mar 11 07:00:00 2026\n" + content
    assert parse_digest(in_mbox, today=TODAY) == read


@pytest.mark.parametrize("name", NO_PAPERS | NOT_PAPERS)
def test_a_mail_without_papers_is_refused(name: str) -> None:
    with pytest.raises(DigestError) as refused:
        parse_digest((NO_PAPERS | NOT_PAPERS)[name], today=TODAY)
    assert refused.value.message


@pytest.mark.parametrize("name", CONFIRMATIONS)
def test_a_question_to_confirm_is_told_with_its_link(name: str) -> None:
    reading = read_mail_of_source(CONFIRMATIONS[name], today=TODAY)

    assert reading.kind is MailKind.CONFIRMATION
    assert len(reading.links) == 1
    assert reading.shown
    assert "@" in reading.sender


def test_what_arxiv_announces_is_told_apart() -> None:
    entries = parse_digest(mail(text=ARXIV), today=TODAY).entries

    kinds = [AnnounceType.NEW, AnnounceType.CROSS, AnnounceType.REPLACE]
    assert [each.announce_type for each in entries] == kinds
    assert entries[1].doi == "10.1234/snow.2026.7"
    assert [each.published_at and each.published_at.day for each in entries] == [9, 9, None]


def test_a_record_that_breaks_off_is_named_and_the_whole_ones_are_read() -> None:
    digest = parse_digest(TRUNCATED_ARXIV, today=TODAY)

    assert [each.arxiv_id for each in digest.entries] == ["2603.01234"]
    assert ["2603.04321 breaks off" in each.message for each in digest.unread] == [True]


def test_a_mailing_without_submissions_is_nothing_today() -> None:
    assert parse_digest(NOTHING_NEW, today=TODAY).entries == ()


def test_a_mail_within_a_mail_is_read_with_its_own_date() -> None:
    digest = parse_digest(ATTACHED, today=TODAY)
    assert (len(digest.entries), digest.date) == (2, date(2026, 3, 10))


def test_a_charset_other_than_utf_8_is_read() -> None:
    digest = parse_digest(UNLABELLED, today=TODAY)
    assert (len(digest.entries), digest.curator) == (2, "Renée Example")


def test_words_around_a_search_are_a_summary_and_no_abstract() -> None:
    entries = parse_digest(TUNED["Scholar"].content, today=TODAY).entries

    assert entries[0].summary.startswith("We study how networks of springs learn")
    assert not any(each.abstract for each in entries)


def test_a_pubmed_citation_without_pmid_is_named() -> None:
    text = PUBMED_ABSTRACT.replace("PMCID: PMC9000002\nPMID: 41000002 [Indexed for MEDLINE]\n", "")
    digest = parse_digest(mail(text=text), today=TODAY)

    assert [each.doi for each in digest.entries] == ["10.1234/jes.2026.0101"]
    assert [each.message for each in digest.unread] == ["a citation without PMID"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tue, 10 Mar 2026 23:30:00 -0500", "2026-03-10"),
        ("Fri, 11 Dec 2037 06:00:00 +0000", "2026-03-11"),
        ("yesterday", "2026-03-11"),
        ("Mon, 99 Mar 2026 06:00:00 +0000", "2026-03-11"),
    ],
)
def test_a_mail_counts_for_its_day_and_never_for_a_later_one(written: str, read: str) -> None:
    content = TUNED["Scholar"].content.replace(b"Wed, 11 Mar 2026 06:12:00 +0000", written.encode())
    assert parse_digest(content, today=TODAY).date.isoformat() == read


def test_a_mail_that_is_too_large_is_refused_without_being_read() -> None:
    with pytest.raises(DigestError, match="a mail of more than 10 MB"):
        parse_digest(mail(text=ARXIV) + b"x" * MAX_BYTES, today=TODAY)


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b"From: a@example.org\nTo: b@example.org\nSubject: c\n\nx", True),
        (b"Received: x\r\n by y\r\nDate: z\r\nMessage-ID: <1@x>\r\n\r\nx", True),
        (b"Title: Springs\nAuthors: Ann\nDate: 2026\n\nAbstract: x", False),
        (b"From: here to there\n\nA paper about travel, and an abstract of it.", False),
        (b"From: a\nTo: b\nSubject: c\nand this is no field\n\nx", False),
        (b"<rss></rss>", False),
        (b"", False),
    ],
)
def test_a_mail_is_known_by_its_header(content: bytes, *, is_one: bool) -> None:
    assert is_mail(content) is is_one


@pytest.mark.parametrize(
    ("heading", "sent", "read"),
    [
        ("Mar 10", "Tue, 10 Mar 2026 20:00:00 +0000", "2026-03-10"),
        ("Mar 11", "Tue, 10 Mar 2026 20:00:00 +0000", "2026-03-11"),
        ("Mar 12", "Wed, 11 Mar 2026 20:00:00 +0000", "2026-03-11"),
        ("Nov 3", "Wed, 11 Mar 2026 20:00:00 +0000", "2025-11-03"),
        ("", "Tue, 10 Mar 2026 20:00:00 +0000", "2026-03-10"),
    ],
)
def test_a_digest_may_be_mailed_on_the_evening_before(heading: str, sent: str, read: str) -> None:
    content = mail(text=DIGEST.replace("Mar 10", heading), date=sent)
    assert parse_digest(content, today=TODAY).date.isoformat() == read


def test_the_reference_digest_is_the_same_by_mail(shared_data: Path) -> None:
    text = (shared_data / "digests/trending-papers-mar-11.txt").read_text(encoding="utf-8")
    read = parse_digest(text.encode(), today=TODAY)
    headers = "---------- Forwarded message ---------\nFrom: a\nDate: 11 March 2026\nTo: b\n\n"
    quoted = "\n".join(f"> {line}" for line in (headers + text).splitlines())

    for written in (text, headers + text, f"see below\n\n{quoted}"):
        assert parse_digest(mail(text=written), today=TODAY) == read


def test_no_paper_is_seen_in_what_comes_back(shared_data: Path) -> None:
    """Bounces, absences and advertisements as they are in the world."""
    mails = sorted((shared_data / "bounces/mails").iterdir())
    kinds = [read_mail_of_source(path.read_bytes(), today=TODAY).kind for path in mails]

    assert len(kinds) > 200
    assert MailKind.PAPERS not in kinds
    assert MailKind.CONFIRMATION not in kinds

"""Mails in layouts of today, read as papers, and what is none told apart."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.papers.formats import read_mail_of_source
from recommender.papers.mail_document import MailKind, MailReading

from .newsletter_mails import BOATS, VESSELS, html_mail, mail_of

TODAY = date(2026, 3, 12)


def _read(content: bytes) -> MailReading:
    return read_mail_of_source(content, today=TODAY)


def _titles(content: bytes) -> list[str]:
    reading = _read(content)
    assert reading.digest is not None, reading.reason
    return [entry.title for entry in reading.digest.entries]


SMALL, LARGE = "Small Boats in Changing Winds", "Large Vessels That Steer With Sails"


def _turns(first: str = BOATS, *, links: bool = True) -> str:
    small, large = ("\nhttps://arxiv.org/abs/2603.01234", "\nhttps://arxiv.org/abs/2603.05678")
    return (
        f"Trending papers\nby AK\nMar 11\n\n{SMALL}\n\n{first}{small if links else ''}\n\n"
        f"{LARGE}\n\n{VESSELS}{large if links else ''}\n"
    )


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize(
    "said",
    [
        "No results were found that contradict the theory of sailing, which is a century old.",
        "The corpus has no new articles after 2019.",
        "There is nothing new under the sun, and this is what we prove.",
        "To verify the claims we activate the account of each request.",
    ],
)
def test_what_an_abstract_says_ends_no_digest(said: str, *, links: bool) -> None:
    assert _titles(mail_of(_turns(f"{said} {BOATS}", links=links))) == [SMALL, LARGE]


@pytest.mark.parametrize(
    "subject",
    [
        "New data confirm the emails of Enron: papers of the week",
        "Welcome to issue 12 of Trending papers",
        "Confirming your address: papers of the week",
        "Your subscription: papers of the week",
    ],
)
@pytest.mark.parametrize("links", [True, False])
def test_a_subject_alone_makes_no_digest_a_notice(subject: str, *, links: bool) -> None:
    assert _titles(mail_of(_turns(links=links), subject=subject)) == [SMALL, LARGE]


def test_a_list_without_news_may_name_papers_of_another() -> None:
    body = (
        f"No new submissions in math.GT today, but in others:\n\n{SMALL}\n\n{BOATS}\n\n"
        "https://arxiv.org/abs/2603.01234\n"
    )
    assert _titles(mail_of(body)) == [SMALL]


def test_markdown_with_links_is_read_whatever_its_abstracts_say() -> None:
    body = (
        f"# Digest 2026-03-11\n\n## [{SMALL}](https://arxiv.org/abs/2603.01234)\n\n"
        f"The corpus has no new articles after 2019. {BOATS}\n\n"
        f"## [{LARGE}](https://arxiv.org/abs/2603.05678)\n\n{VESSELS}\n"
    )
    assert _titles(mail_of(body)) == [SMALL, LARGE]


@pytest.mark.parametrize(
    "body",
    [
        "No new submissions in math.GT today.\n",
        "Dear reader,\n\nyour search 'boats' returned no new results this week.\n\nBest wishes\n",
        "Your alert\n\nThere is nothing new for 'sloops'.\n\n-- \nlist@example.org\n",
    ],
)
def test_a_sentence_that_stands_alone_says_that_there_is_nothing(body: str) -> None:
    assert _titles(mail_of(body)) == []


def test_papers_that_cannot_be_read_are_refused_not_passed_over() -> None:
    body = f"<p>Nothing new for 'sloops'. For 'boats':</p><h3>{SMALL}</h3><p>Ann Doe</p><p>{BOATS}"
    assert _read(html_mail(body)).kind is MailKind.UNREADABLE


_ASKS = (
    "We have received a request from 192.0.2.1 for subscription of your email address to the list "
    "boat-digest. To confirm that you want to be added to this mailing list, visit this page:"
)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("confirm 12ab34", f"Boat digest\n\n{_ASKS}\n\nhttps://lists.example.org/confirm/12ab34\n"),
        ("Boat digest", f"Boat digest\n\n{_ASKS}\n\nhttps://lists.example.org/confirm/12ab34\n"),
        (
            "Please confirm your subscription",
            f"Boat digest\nMarch 11, 2026\n\nOne more step\n\n{_ASKS} https://lists.example.org/confirm/1\n\nAbout us\n\n{BOATS}\n",
        ),
        ("Confirm your email", f"One more step\n\n{_ASKS}\nhttps://lists.example.org/c/12ab34\n"),
    ],
)
def test_a_question_to_confirm_is_no_paper(subject: str, body: str) -> None:
    assert _read(mail_of(body, subject=subject)).kind is MailKind.CONFIRMATION


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Auto-Submitted: auto-replied\n", "Re: Trending papers"),
        ("Precedence: auto_reply\n", "Re: Trending papers"),
        ("", "Automatic reply: Trending papers"),
        ("", "Abwesenheit: Trending papers"),
        ("X-Failed-Recipients: ann@example.org\n", "Undelivered mail"),
    ],
)
def test_what_an_automatic_answer_carries_is_not_read(header: str, subject: str) -> None:
    assert _read(mail_of(_turns(), header=header, subject=subject)).kind is MailKind.NOTICE


def test_our_newsletter_in_a_report_of_delivery_is_not_read() -> None:
    inner = _turns()
    content = (
        "From: MAILER-DAEMON@example.org\nTo: papers+digest-abc@example.org\n"
        "Subject: Undelivered Mail Returned to Sender\nDate: Thu, 12 Mar 2026 08:00:00 +0000\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;"
        ' boundary="b"\n\n--b\nContent-Type: text/plain\n\nIt could not be delivered.\n\n--b\n'
        "Content-Type: message/rfc822\n\nFrom: list@example.org\nSubject: Trending papers\n"
        f"Content-Type: text/plain\n\n{inner}\n--b--\n"
    )
    assert _read(content.encode()).kind is MailKind.NOTICE

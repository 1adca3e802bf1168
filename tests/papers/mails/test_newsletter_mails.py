"""Mails in layouts of today, read as papers, and what is none told apart."""

from __future__ import annotations

import quopri
import textwrap
from base64 import b64encode
from datetime import date

import pytest

from recommender.papers.formats import read_mail_of_source
from recommender.papers.mails.mail_document import MailKind, MailReading

from .newsletter_mails import BOATS, NEWSLETTERS, VESSELS, Newsletter, html_mail, mail_of

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
_LINK = "https://lists.example.org/confirm/1"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("confirm 12ab34", f"Boat digest\n\n{_ASKS}\n\nhttps://lists.example.org/confirm/12ab34\n"),
        ("Boat digest", f"Boat digest\n\n{_ASKS}\n\nhttps://lists.example.org/confirm/12ab34\n"),
        (
            "Please confirm your subscription",
            f"Boat digest\nMarch 11, 2026\n\nOne more step\n\n{_ASKS} {_LINK}\n\nWho\n\n{BOATS}",
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


@pytest.mark.parametrize("newsletter", NEWSLETTERS, ids=lambda each: each.name)
def test_newsletters_of_today_are_read_whole(newsletter: Newsletter) -> None:
    reading = _read(newsletter.content)
    assert reading.digest is not None, reading.reason
    entries = reading.digest.entries
    said = [(each.title, each.arxiv_id or each.doi) for each in entries]
    assert said == [(title, name) for title, name, _ in newsletter.papers]
    for entry, (_, _, opening) in zip(entries, newsletter.papers, strict=True):
        assert entry.abstract.startswith(opening)
        assert "read)" not in entry.title


_OLDER = "<a href='https://arxiv.org/abs/1706.03762'>{}</a>"
_NEXT = f"<h3><a href='https://doi.org/10.1000/abc2'>{LARGE}</a></h3><p>{VESSELS}</p>"


@pytest.mark.parametrize(
    "prose",
    [
        f"{BOATS} It extends {_OLDER.format('earlier work')} to boats.",
        f"{BOATS} It extends {_OLDER.format('this paper')} to boats.",
        f"{BOATS} See {_OLDER.format('https://arxiv.org/abs/1706.03762')} for the proof.",
        f"{_OLDER.format('Attention Is All You Need')} showed that rowing is enough. {BOATS}",
        f"{BOATS}</p><p>We discussed {_OLDER.format('this paper')} last time, and it was fine.",
    ],
)
def test_a_link_in_an_abstract_names_no_paper(prose: str) -> None:
    html = f"<h3><a href='https://doi.org/10.1000/abc1'>{SMALL}</a></h3><p>{prose}</p>{_NEXT}"
    digest = _read(html_mail(html)).digest
    assert digest is not None
    said = [(each.title, each.doi, each.arxiv_id) for each in digest.entries]
    assert said == [(SMALL, "10.1000/abc1", None), (LARGE, "10.1000/abc2", None)]
    assert all(each.abstract for each in digest.entries)


@pytest.mark.parametrize(
    "button",
    [
        "<a href='{}'>PDF</a>",
        "<a href='{}'>👉 Check out the paper here</a>",
        "arXiv: <a href='{}'>2603.01234</a> [cs.RO]",
        "<a href='{0}'>{0}</a>",
        "<a href='https://x.example/1'>Tweet</a> | <a href='{}'>Read more</a>",
    ],
)
@pytest.mark.parametrize(
    "form", ["<h3>{}</h3>", "<h3><a href='https://doi.org/10.1000/a'>{}</a></h3>"]
)
def test_a_button_or_an_address_names_the_paper_above_it(button: str, form: str) -> None:
    link = button.format("https://arxiv.org/abs/2603.01234")
    html = f"{form.format(SMALL)}<p>{BOATS}</p><p>{link}</p>{_NEXT}"
    digest = _read(html_mail(html)).digest
    assert digest is not None
    assert [(each.title, each.arxiv_id) for each in digest.entries] == [
        (SMALL, "2603.01234"),
        (LARGE, None),
    ]
    assert digest.entries[0].abstract == BOATS


def test_a_heading_may_end_in_its_button() -> None:
    link = "<a href='https://arxiv.org/abs/2603.01234'>arXiv</a>"
    digest = _read(html_mail(f"<h3>{SMALL} ({link})</h3><p>{BOATS}</p>{_NEXT}")).digest
    assert digest is not None
    said = [(each.title, each.arxiv_id, each.abstract) for each in digest.entries]
    assert said == [(SMALL, "2603.01234", BOATS), (LARGE, None, VESSELS)]


def test_a_button_behind_the_last_sentence_names_the_paper() -> None:
    link = "<a href='https://arxiv.org/abs/2603.01234'>Read more →</a>"
    digest = _read(html_mail(f"<h3>{SMALL}</h3><p>{BOATS} {link}</p>{_NEXT}")).digest
    assert digest is not None
    assert digest.entries[0].arxiv_id == "2603.01234"


@pytest.mark.parametrize(
    "opening",
    [
        "<h1>Top papers of the week</h1>",
        "<h2>Daily Papers</h2><p>Thursday, March 12</p>",
        f"<h1>The lab's list</h1><p>As in {_OLDER.format('that of last time')}, we go on.</p>",
    ],
)
@pytest.mark.parametrize("picture", ["", "<a href='https://arxiv.org/abs/2603.01234'><img></a>"])
def test_the_heading_of_a_letter_is_no_title(opening: str, picture: str) -> None:
    html = (
        f"{opening}{picture}<a href='https://arxiv.org/abs/2603.01234'><h3>{SMALL}</h3></a>"
        f"<p>Submitted by <a href='https://hf.example/ann'>ann</a></p><p>{BOATS}</p>{_NEXT}"
    )
    digest = _read(html_mail(html)).digest
    assert digest is not None
    assert [each.title for each in digest.entries] == [SMALL, LARGE]
    assert digest.entries[0].abstract == BOATS


def test_a_letter_that_mentions_a_paper_is_none() -> None:
    html = (
        "<h1>My week in Oslo</h1><p>It rained. I met many people, and on Friday I gave a talk on "
        f"{_OLDER.format('this paper we wrote last year')}, which went well, as everybody said.</p>"
    )
    assert _read(html_mail(html)).kind is MailKind.UNREADABLE


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_paper_without_a_link_among_linked_ones_is_named(place: int) -> None:
    papers = [
        f"<h3>{title}</h3><p>{BOATS}</p><p><a href='https://doi.org/10.1000/{n}'>Paper</a></p>"
        for n, title in enumerate((SMALL, LARGE))
    ]
    papers.insert(place, f"<h3>Harbours in High Tides of the North</h3><p>{VESSELS}</p>")
    digest = _read(html_mail("".join(papers))).digest
    assert digest is not None
    assert [each.title for each in digest.entries] == [SMALL, LARGE]
    assert ["Harbours" in each.message for each in digest.unread] == [True]


_WROTE = "On Wed, Mar 11, 2026 at 2:03 AM AK <ak@example.org>\nwrote:\n"
_REMARK = (
    "I read the second one already, and would like to discuss it in the meeting of next week, if\n"
    "anybody has time for it then. The first one is not for me.\n"
)


def _quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.split("\n"))


def _wrapped(text: str, width: int = 72) -> str:
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


@pytest.mark.parametrize(
    "body",
    [
        f"Nice one! I liked the first.\n\n{_WROTE}\n{_quoted(_turns())}",
        f"{_WROTE}{_quoted(_turns())}\n{_REMARK}\nAnn\n",
        f"{_REMARK}\nAnn\n\n{_WROTE}\n{_quoted(_turns())}\n-- \nAnn Doe\n",
        f"{_REMARK * 9}\nAm 11.03.2026 um 02:03 schrieb AK:\n{_quoted(_turns())}",
        _quoted(_turns()).replace("\n> Large", "\n\nI like this one.\n\n> Large"),
    ],
)
def test_an_answer_around_a_quoted_digest_is_none_of_it(body: str) -> None:
    reading = _read(mail_of(body, subject="Re: Trending papers"))
    assert reading.digest is not None, reading.reason
    said = [(each.title, each.abstract, each.arxiv_id) for each in reading.digest.entries]
    assert said == [(SMALL, BOATS, "2603.01234"), (LARGE, VESSELS, "2603.05678")]


LONG = (
    "Small Boats in Changing Winds of the Northern Seas: A Study of Hulls, Sails and Rudders That "
    "Hold Their Course"
)


@pytest.mark.parametrize("style", ["turns", "markdown", "list"])
@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "flowed", "flowed and delsp"])
def test_long_titles_are_whole_however_the_mail_is_wrapped(style: str, encoding: str) -> None:
    text = {
        "turns": _turns().replace(SMALL, LONG),
        "markdown": (
            f"# Digest 2026-03-11\n\n## [{LONG}](https://arxiv.org/abs/2603.01234)\n\n{BOATS}\n\n"
            f"## [{LARGE}](https://arxiv.org/abs/2603.05678)\n\n{VESSELS}\n"
        ),
        "list": (
            f"1. {LONG}\n\n{BOATS}\n\nhttps://arxiv.org/abs/2603.01234\n\n"
            f"2. {LARGE}\n\n{VESSELS}\n\nhttps://arxiv.org/abs/2603.05678\n"
        ),
    }[style]
    content = mail_of(text)
    if encoding == "8bit":
        content = mail_of(_wrapped(text))
    elif encoding == "quoted-printable":
        encoded = quopri.encodestring(text.encode()).decode()
        content = mail_of(encoded).replace(b"Encoding: 8bit", b"Encoding: quoted-printable")
    else:
        has_delsp = encoding.endswith("delsp")
        kind = "text/plain; format=flowed" + ("; delsp=yes" if has_delsp else "")
        soft = "  \n" if has_delsp else " \n"
        lines = (soft.join(_wrapped(line).split("\n")) for line in text.split("\n"))
        content = mail_of("\n".join(lines), kind=kind)
    reading = _read(content)
    if (style, encoding) == ("turns", "8bit"):
        # Nothing marks the title, and its last line could be the authors'.
        assert (reading.digest, reading.where) == (None, "line 5")
        return
    assert reading.digest is not None, reading.reason
    said = [(each.title, each.abstract, each.arxiv_id) for each in reading.digest.entries]
    assert said == [(LONG, BOATS, "2603.01234"), (LARGE, VESSELS, "2603.05678")]


_DOCUMENTS = {
    "digest.md": (
        "text/markdown",
        f"## [{SMALL}](https://arxiv.org/abs/2603.01234)\n\n{BOATS}\n",
    ),
    "digest.txt": ("text/plain", f"Trending papers\nMar 11\n\n{SMALL}\n\n{BOATS}\n"),
    "papers.bib": (
        "application/octet-stream",
        f"@article{{a, title = {{{SMALL}}}, abstract = {{{BOATS}}}, doi = {{10.1000/abc}}}}\n",
    ),
    "daily.json": (
        "application/json",
        f'[{{"paper": {{"id": "2603.01234", "title": "{SMALL}", "summary": "{BOATS}"}}}}]',
    ),
}


@pytest.mark.parametrize("name", _DOCUMENTS)
@pytest.mark.parametrize("body", ["see attached\n", f"Hi Ann,\n\nhere it is.\n\n{_REMARK}\nBob\n"])
def test_an_attached_document_is_read_where_the_text_has_no_papers(name: str, body: str) -> None:
    kind, document = _DOCUMENTS[name]
    boundary = "=-b"
    content = mail_of(
        f"--{boundary}\nContent-Type: text/plain\n\n{body}\n--{boundary}\nContent-Type: {kind};"
        f' name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{b64encode(document.encode()).decode()}\n"
        f"--{boundary}--\n",
        kind=f'multipart/mixed; boundary="{boundary}"',
    )
    reading = _read(content)
    assert reading.digest is not None, reading.reason
    assert [(each.title, each.abstract) for each in reading.digest.entries] == [(SMALL, BOATS)]


def test_attached_minutes_are_no_papers() -> None:
    content = mail_of(
        "--b\nContent-Type: text/plain\n\nsee attached\n--b\nContent-Type: text/plain\n"
        'Content-Disposition: attachment; filename="minutes.txt"\n\nBudget for the next year\n\n'
        f"{_REMARK}\n--b--\n",
        kind='multipart/mixed; boundary="b"',
    )
    assert _read(content).kind is MailKind.UNREADABLE

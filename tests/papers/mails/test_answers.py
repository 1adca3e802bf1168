"""New papers above a mail that is answered are read, and those that it quotes are told."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage

import pytest

from recommender.domain import Digest
from recommender.papers.formats import parse_digest
from recommender.papers.mails import answers
from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, NAMES, TITLES

TODAY = date(2026, 3, 20)


def paper(n: int) -> str:
    return f"{TITLES[n]}\n{NAMES[n]}\nhttps://arxiv.org/abs/{IDS[n]}\n\n{ABSTRACTS[n]}\n\n"


def html_of(n: int) -> str:
    return (
        f'<p><a href="https://arxiv.org/abs/{IDS[n]}">{TITLES[n]}</a></p><p>{NAMES[n]}</p>'
        f"<p>{ABSTRACTS[n]}</p>"
    )


def read(text: str, subtype: str = "plain") -> Digest:
    message = EmailMessage()
    message["From"] = "Ann Doe <ann@example.org>"
    message["To"] = "papers@example.org"
    message["Date"] = "Wed, 11 Mar 2026 06:00:00 +0000"
    message["Subject"] = "Re: papers"
    message.set_content(text, subtype=subtype)
    return parse_digest(message.as_bytes(), today=TODAY)


def quoted(text: str) -> str:
    return "".join(f"> {line}".rstrip() + "\n" for line in text.splitlines())


NEW = paper(0) + paper(1)
OLD = paper(2)
HEAD = "From: Max Roe\nSent: Tuesday, March 3, 2026 9:12 AM\nTo: Ann Doe\nSubject: papers\n\n"
ANSWERS = {
    "wrote": f"Hi,\n\nnew ones:\n\n{NEW}Ann\n\nOn Tue, 3 Mar 2026, Max Roe wrote:\n{quoted(OLD)}",
    "wrapped": f"{NEW}On Tue, 3 Mar 2026 at 09:12, Roe <max@example.org>\nwrote:\n{quoted(OLD)}",
    "schrieb": f"{NEW}Am Di., 3. März 2026 um 09:12 schrieb Max Roe:\n\n{quoted(OLD)}",
    "outlook": f"{NEW}-----Original Message-----\n{HEAD}{OLD}",
    "rule": f"{NEW}________________________________\n{HEAD}{OLD}",
}
QUOTES = {
    "gmail": '<div class="gmail_quote"><div>On Tue, Max wrote:</div><blockquote>{}</blockquote>',
    "apple": '<blockquote type="cite">{}</blockquote>',
    "outlook": '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Max</div>{}',
    "thunderbird": '<div class="moz-cite-prefix">Max wrote:</div><blockquote>{}</blockquote>',
}


def are_new(digest: Digest) -> bool:
    told = [each.message for each in digest.unread]
    titles = tuple(each.title for each in digest.entries)
    return (titles, digest.date, told) == (TITLES[:2], date(2026, 3, 11), [answers.LEFT_OUT])


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_new_papers_above_a_quoted_mail_are_read_and_no_old_ones(text: str) -> None:
    assert are_new(read(text))


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
def test_new_papers_above_a_mail_that_is_quoted_in_html_are_read(quote: str) -> None:
    digest = read(html_of(0) + html_of(1) + quote.format(html_of(2)), "html")
    assert are_new(digest)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("FYI", []),
        (f"FYI, above all https://arxiv.org/abs/{IDS[0]}", []),
        ("FYI. It goes on from https://arxiv.org/abs/2602.00009", [answers.NOT_READ]),
    ],
)
def test_a_mail_that_is_sent_on_with_a_word_is_read(note: str, told: list[str]) -> None:
    digest = read(f"{note}\n\n---------- Forwarded message ---------\n{HEAD}{NEW}")
    assert tuple(each.title for each in digest.entries) == TITLES[:2]
    assert digest.date == date(2026, 3, 3)
    assert [each.message for each in digest.unread] == told

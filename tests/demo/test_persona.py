"""What a reader of the demo sees in a mail: its papers, and which of them are said to be tries."""

from __future__ import annotations

from email.message import EmailMessage

from recommender.demo.captured_mail import CapturedMail
from recommender.demo.persona import Link, links_of, papers_of
from recommender.newsletter.reasons import EXPLORED_REASON


def paper(title: str, *, reason: str) -> str:
    return (
        f'<h2>1. <a href="https://arxiv.org/abs/{title}">{title}</a></h2><p>{reason}</p><p>Words.</p>'
        f'<a href="https://code.example.org/{title}">Code</a>'
        f'<a href="/rate/{title}-up">👍 More</a> <a href="/rate/{title}-no">👎 Less</a>'
    )


def test_a_link_has_its_words_and_those_since_the_link_before() -> None:
    html = "Now <a href='/a'>first <b>one</b></a>, then\n<p>two <a href='/b'>last</a> and more"
    assert links_of(html) == [Link("/a", "first one", "Now"), Link("/b", "last", ", then two")]


def test_a_reader_sees_which_papers_are_tries() -> None:
    message = EmailMessage()
    message.set_content(
        paper("one", reason="Trending")
        + paper("two", reason=EXPLORED_REASON.capitalize())
        + paper("three", reason="Trending"),
        subtype="html",
    )
    mail = CapturedMail(1, "from@example.org", "to@example.org", bytes(message))
    seen = [(each.title, each.like_url, each.explored) for each in papers_of(mail)]
    assert seen == [
        ("one", "/rate/one-up", False),
        ("two", "/rate/two-up", True),
        ("three", "/rate/three-up", False),
    ]

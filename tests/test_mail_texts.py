"""All our mails can be translated, and invite replies only where mail comes in."""

from __future__ import annotations

import re
from datetime import date

import pytest
from marked_language import marked_renderer, texts_of, words_outside

from recommender.rendering import Renderer, default_templates

MAILS = default_templates() / "mail"
NEWSLETTER = {
    "date": date(2026, 3, 11),
    "curator": "AK",
    "welcome": True,
    "entries": (),
    "full": 0,
    "bare": False,
    "unmet_interests": ("protein folding",),
    "rate_all_url": None,
    "ranking_note": "Ranked by what is trending.",
    "browser_url": "https://papers.example.org/issues/token",
}
SHARED = {
    "list_name": "Trending papers",
    "list_address": "papers@example.org",
    "front_url": "https://papers.example.org/",
    "schedule": "Monday to Friday at 7:00 (Europe/Berlin)",
    "preferences_url": "https://papers.example.org/me/token",
    "unsubscribe_url": "https://papers.example.org/unsubscribe/token",
}

EVERY_MAIL: dict[str, dict[str, object]] = {
    "already-subscribed": {},
    "answer-help": {"is_problem": True, "is_own_address": True},
    "answer-list": {"papers": (), "more": 0},
    "answer-receipt": {"lines": (), "unknown": (7,)},
    "answer-settings": {"email": "a@example.org", "state": "active", "papers": 10},
    "answer-unclear": {},
    "confirm-change": {"what": "move", "new_email": "", "hours_valid": 48, "pending_url": "/p"},
    "confirmation": {"confirm_url": "https://papers.example.org/confirm/t", "hours_valid": 48},
    "new-links": {"is_receiving": True},
    "newsletter": NEWSLETTER,
    "notice": {"subject": "Trouble", "lines": ("One.",)},
    "probe": {},
}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def test_confirmation_says_what_to_do_if_it_was_not_you(renderer: Renderer) -> None:
    mail = renderer.mail(
        "confirmation",
        list_name="Trending papers",
        list_address="papers@example.org",
        takes_mail=True,
        front_url="https://papers.example.org/",
        confirm_url="https://papers.example.org/confirm/token",
        hours_valid=48,
    )
    assert mail.subject == "Confirm your subscription to Trending papers"
    for part in (mail.html, mail.text):
        assert "https://papers.example.org/confirm/token" in part
        assert "48 hours" in part
        assert "If it was not you, do nothing" in part
        assert "no further mail" in " ".join(part.split())


@pytest.mark.parametrize("is_receiving", [True, False])
def test_new_links_are_those_to_their_page_and_for_who_gets_papers_to_leave(
    renderer: Renderer, *, is_receiving: bool
) -> None:
    mail = renderer.mail(
        "new-links",
        list_name="Trending papers",
        list_address="papers@example.org",
        takes_mail=True,
        front_url="https://papers.example.org/",
        preferences_url="https://papers.example.org/me/token",
        unsubscribe_url="https://papers.example.org/unsubscribe/token",
        is_receiving=is_receiving,
    )
    assert mail.subject == "Your new links for Trending papers"
    for part in (mail.html, mail.text):
        assert "https://papers.example.org/me/token" in part
        assert ("https://papers.example.org/unsubscribe/token" in part) == is_receiving
        assert ("Your papers keep coming" in " ".join(part.split())) == is_receiving


def test_already_subscribed_links_preferences_and_leaving(renderer: Renderer) -> None:
    mail = renderer.mail(
        "already-subscribed",
        list_name="Trending papers",
        list_address="papers@example.org",
        takes_mail=True,
        front_url="https://papers.example.org/",
        preferences_url="https://papers.example.org/me/token",
        unsubscribe_url="https://papers.example.org/unsubscribe/token",
    )
    assert mail.subject == "You are already subscribed to Trending papers"
    for part in (mail.html, mail.text):
        assert "https://papers.example.org/me/token" in part
        assert "https://papers.example.org/unsubscribe/token" in part


def test_every_mail_is_looked_at() -> None:
    whole = {path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt")}
    assert whole == set(EVERY_MAIL)


@pytest.mark.parametrize("name", EVERY_MAIL)
def test_no_mail_invites_replies_where_none_come_in(renderer: Renderer, name: str) -> None:
    context = SHARED | EVERY_MAIL[name]
    invites = re.compile(
        r"mailto:|\brepl(?:y|ies|ying)\b|papers(?:\+\S+)?@example\.org", re.IGNORECASE
    )
    closed = renderer.mail(name, **context | {"takes_mail": False})
    opened = renderer.mail(name, **context | {"takes_mail": True})
    for part in (closed.html, closed.text):
        found = set(invites.findall(part))
        assert found <= ({"replies", "reply"} if name == "answer-unclear" else set())
    for part in (opened.html, opened.text):
        assert "papers@example.org" in part


OF_THE_OPERATOR = frozenset({"notice"})
COMMANDS = frozenset(
    re.findall(
        r"\w+",
        "subscribe unsubscribe pause days resume settings hour address new example org list help"
        " receipt",
    )
)


@pytest.mark.parametrize("takes_mail", [True, False])
@pytest.mark.parametrize("name", [name for name in EVERY_MAIL if name not in OF_THE_OPERATOR])
def test_every_text_of_a_mail_is_told_in_its_language(name: str, *, takes_mail: bool) -> None:
    context = SHARED | EVERY_MAIL[name] | {"takes_mail": takes_mail}
    data = [value for value in context.values() if isinstance(value, str)]
    data += ["protein folding", "subscribe", "unsubscribe", *COMMANDS]
    mail = marked_renderer().mail(name, **context)
    # Headings of the text part are in capitals, marks and all.
    texts = [mail.subject, mail.text, *texts_of(mail.html)]
    assert words_outside(texts, [*data, *map(str.upper, data)]) == set()

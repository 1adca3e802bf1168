"""What the operator chooses becomes settings, where the reference shows each."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from recommender.machine.choices import (
    Choices,
    Places,
    Relay,
    Secrets,
    parse_relay,
    settings_of,
    settings_text,
)
from recommender.shipped_files import reference_settings

PLACES = Places(Path("/opt/recommender/bin/recommender"))
SECRETS = Secrets("key " * 16, "token", relay_password="pass word", dkim_key="-----BEGIN")
CHOICES = Choices(
    "papers@lab.example.org",
    "https://papers.lab.example.org",
    Relay("smtp.example.org", 465, "papers"),
    "lmtp",
    ("arxiv:cs.LG", 'arxiv:search "graph networks"'),
    "you@lab.example.org",
)


def test_choices_are_set_in_the_reference_and_nothing_else_is() -> None:
    reference = reference_settings()
    text = settings_text(reference, settings_of(CHOICES, SECRETS, PLACES), CHOICES.sources)
    read = tomllib.loads(text)

    assert read["list"] == {"address": "papers@lab.example.org"}
    assert read["smtp"] == {
        "host": "smtp.example.org",
        "port": 465,
        "security": "tls",
        "username": "papers",
        "password_file": "/etc/recommender/smtp.password",
    }
    assert read["inbox"] == {"lmtp": "127.0.0.1:8024"}
    assert read["database"] == {"url": "sqlite:////var/lib/recommender/recommender.db"}
    assert read["dkim"] == {"key_file": "/etc/recommender/dkim.pem"}
    assert [each["url"] for each in read["sources"]] == list(CHOICES.sources)
    comments = [line for line in reference.splitlines() if line.startswith("# ")]
    assert set(comments) <= set(text.splitlines())
    assert "pass word" not in text


def test_texts_of_the_operator_stay_texts() -> None:
    odd = 'a "b" \\ c\n[smtp]\nhost = "x" é \x7f'

    text = settings_text('[list]\naddress = "papers@example.org"\n', {"list.address": odd})

    assert tomllib.loads(text) == {"list": {"address": odd}}


def test_key_that_the_reference_does_not_show_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"list\.nothing"):
        settings_text(reference_settings(), {"list.nothing": 1})


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("lmtp", {"inbox.lmtp": "127.0.0.1:8024"}),
        ("pipe", {"inbox.pipe": True}),
        ("/srv/maildir", {"inbox.maildir": "/srv/maildir"}),
        ("none", {}),
    ],
)
def test_ways_in_for_mail(way: str, expected: dict[str, object]) -> None:
    chosen = Choices("papers@lab.example.org", "https://x.example.org", Relay("localhost"), way)
    settings = settings_of(chosen, Secrets("key", "token"), PLACES)

    assert {key: value for key, value in settings.items() if key.startswith("inbox.")} == expected


@pytest.mark.parametrize(
    ("text", "relay", "security"),
    [
        ("smtp.example.org", Relay("smtp.example.org"), "starttls"),
        ("smtp.example.org:465", Relay("smtp.example.org", 465), "tls"),
        ("smtp.example.org:25", Relay("smtp.example.org", 25), "starttls"),
        ("[2001:db8::25]:587", Relay("2001:db8::25", 587), "starttls"),
        ("localhost", Relay("localhost"), "plain"),
        ("localhost:25", Relay("localhost", 25), "plain"),
        ("127.0.0.1:587", Relay("127.0.0.1", 587), "starttls"),
    ],
)
def test_relay_is_read_and_clear_text_stays_on_this_machine(
    text: str, relay: Relay, security: str
) -> None:
    assert parse_relay(text) == relay
    assert relay.security == security


@pytest.mark.parametrize(
    "text", ["", "a b", "host:0", "host:65536", "host:x", "smtp://host", "a/b"]
)
def test_what_is_no_relay_is_refused_with_what_it_takes(text: str) -> None:
    with pytest.raises(ValueError, match=r"give a host such as smtp\.example\.org"):
        parse_relay(text)


def test_secrets_are_in_files_of_their_own_where_there_are_any() -> None:
    assert set(SECRETS.files()) == {"secret.key", "status.token", "smtp.password", "dkim.pem"}
    assert set(Secrets("key", "token").files()) == {"secret.key", "status.token"}

"""From settings to what takes and signs our mail; mistakes are told by their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import load_settings
from recommender.errors import ConfigurationError
from recommender.installation import dkim_signer, smtp_servers
from recommender.mail.transport.smtp_server import Authentication, Security, Target

TWO_MORE = """
[smtp]
host = "mx.example.org"
messages_per_hour = 500

[[smtp.fallbacks]]
host = "relay.example.net"
security = "tls"
priority = 20
username = "papers"
password_file = "relay.password"
auth = "login"

[[smtp.fallbacks]]
target = "lmtp"
host = "/run/store.sock"
priority = 5
"""


def load(folder: Path, text: str, **environ: str) -> object:
    (folder / "recommender.toml").write_text(text, encoding="utf-8")
    return load_settings(folder / "recommender.toml", environ=environ)


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refusal:
        load(folder, text, **environ)
    return refusal.value.problems


def test_servers_are_in_the_order_of_their_priority(tmp_path: Path) -> None:
    (tmp_path / "relay.password").write_text("open sesame\n")

    store, first, relay = smtp_servers(load(tmp_path, TWO_MORE))  # type: ignore[arg-type]

    assert (store.target, store.address, store.priority) == (Target.LMTP, "lmtp:/run/store.sock", 5)
    assert (
        first.address,
        first.priority,
        first.messages_per_hour,
    ) == ("mx.example.org:587", 10, 500)
    assert (
        relay.address,
        relay.security,
        relay.auth,
        relay.password,
    ) == ("relay.example.net:465", Security.TLS, Authentication.LOGIN, "open sesame")


def test_secret_of_a_further_server_may_be_a_credential_or_stand_in_the_environment(
    tmp_path: Path,
) -> None:
    (tmp_path / "smtp_password_0").write_text("from credentials\n")
    text = '[smtp]\n[[smtp.fallbacks]]\nhost = "b"\nusername = "u"\n'

    by_file = load(tmp_path, text, CREDENTIALS_DIRECTORY=str(tmp_path))
    by_variable = load(tmp_path, text, RECOMMENDER_SMTP__FALLBACKS__0__PASSWORD="shown")

    assert smtp_servers(by_file)[1].password == "from credentials"  # type: ignore[arg-type]
    assert smtp_servers(by_variable)[1].password == "shown"  # type: ignore[arg-type]


def test_mistakes_of_further_servers_are_told_by_their_place(tmp_path: Path) -> None:
    text = (
        '[[smtp.fallbacks]]\nport = "x"\n[[smtp.fallbacks]]\nhsot = "b"\n'
        'password_file = "gone"\npassword = 3\n'
    )

    found = problems(tmp_path, text)

    assert (
        "smtp.fallbacks.0.port (table 1 below [[smtp.fallbacks]]): 'x' cannot be used, it is no "
        "whole number; give a port, 1 to 65535"
    ) in found
    of_second = "(table 2 below [[smtp.fallbacks]])"
    unknown = f"smtp.fallbacks.1.hsot {of_second}: there is no such setting; did you mean `host`?"
    assert unknown in found
    assert any(
        each.startswith(f"smtp.fallbacks.1.password {of_second}: its value cannot be used")
        for each in found
    )


def test_missing_secret_of_a_further_server_is_told(tmp_path: Path) -> None:
    text = '[[smtp.fallbacks]]\nhost = "b"\nusername = "u"\npassword_file = "gone"\n'

    (problem,) = problems(tmp_path, text)
    assert problem.startswith(f"smtp.fallbacks.0.password_file: {tmp_path}/gone: No such file")


def test_fallbacks_that_are_no_tables_are_told(tmp_path: Path) -> None:
    assert any("smtp.fallbacks" in each for each in problems(tmp_path, "[smtp]\nfallbacks = 3\n"))
    assert problems(tmp_path, "[smtp]\nfallbacks = [3]\n") == [
        "smtp.fallbacks.0: this is a section; write its keys below a line [[smtp.fallbacks]]"
    ]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ('security = "plain"\nusername = "u"\npassword = "p"', "in clear text"),
        ('target = "lmtp"\nusername = "u"\npassword = "p"', "nobody logs in there"),
        ('username = "u"\nauth = "xoauth2"\npassword = "p"', "no smtp.fallbacks.0.oauth2_token"),
        ('username = "u"\noauth2_token_file = "t"\npassword = "p"', "are both set"),
        ('client_key_file = "k.pem"', "name the certificate too"),
    ],
)
def test_what_is_unsafe_or_cannot_be_meant_is_refused(
    tmp_path: Path, keys: str, problem: str
) -> None:
    given = load(tmp_path, f'[[smtp.fallbacks]]\nhost = "b"\n{keys}\n')

    with pytest.raises(ConfigurationError) as refusal:
        smtp_servers(given)  # type: ignore[arg-type]
    (told,) = refusal.value.problems
    assert told.startswith("smtp.fallbacks.0.")
    assert problem in told


def test_key_that_cannot_sign_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "dkim.pem").write_text("no key\n")
    given = load(tmp_path, '[dkim]\nkey_file = "dkim.pem"\n')

    with pytest.raises(ConfigurationError, match=r"dkim\.key_file: the signing key is no RSA key"):
        dkim_signer(given)  # type: ignore[arg-type]


def test_missing_key_file_is_told_by_its_name(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '[dkim]\nkey_file = "gone.pem"\n')

    assert problem.startswith(f"dkim.key_file: {tmp_path}/gone.pem: No such file or directory")


def test_nothing_is_signed_without_a_key(tmp_path: Path) -> None:
    assert dkim_signer(load(tmp_path, "")) is None  # type: ignore[arg-type]

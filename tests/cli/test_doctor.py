"""What the doctor is handed of the settings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from recommender.cli.doctor import SKIPPABLE, _examined
from recommender.config import load_settings
from recommender.jobs.doctor import CHECKS


@pytest.fixture
def settings(tmp_path: Path) -> Any:
    """Read complete settings, to which a test adds what it is about."""
    file = tmp_path / "recommender.toml"
    file.write_text("")
    environ = {
        "RECOMMENDER_SECRET_KEY": "x" * 40,
        "RECOMMENDER_LIST__ADDRESS": "papers@lists.example.org",
        "RECOMMENDER_WEB__BASE_URL": "http://papers.example.net",
        "RECOMMENDER_OPERATOR__EMAIL": "operator@lists.example.org",
    }
    loaded = load_settings(file, environ=environ)
    return SimpleNamespace(
        **{name: getattr(loaded, name) for name in type(loaded).model_fields},
        require_ready=loaded.require_ready,
        placeholders=lambda: iter(()),
        warnings=loaded.warnings,
        signing_domain=loaded.signing_domain,
    )


@pytest.fixture(scope="module")
def pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_complete_settings_have_no_problems(settings: Any) -> None:
    examined = _examined(settings)

    assert examined.configuration_problems == ()
    # That pages are not encrypted, a check of its own says.
    assert examined.configuration_warnings == ()
    assert examined.envelope_sender == "papers+bounce-x@lists.example.org"
    assert [server.address for server in examined.servers] == ["localhost:587"]


def test_key_that_signs_is_shown_by_its_public_half(settings: Any, pem: bytes) -> None:
    settings.dkim = SimpleNamespace(selector="s1", key=SecretStr(pem.decode()))

    signing = _examined(settings).signing

    assert signing is not None
    assert (signing.domain, signing.selector) == ("lists.example.org", "s1")
    assert len(signing.public_key.data) == 294


def test_a_key_that_cannot_be_used_is_a_problem(settings: Any) -> None:
    settings.dkim = SimpleNamespace(selector="s1", key=SecretStr("x"))

    examined = _examined(settings)

    [problem] = examined.configuration_problems
    assert problem.startswith("dkim.key_file: ")
    assert "no RSA key in PEM form" in problem
    assert examined.signing is None


def test_a_password_in_clear_text_is_a_problem_and_no_server_is_tried(settings: Any) -> None:
    settings.smtp = settings.smtp.model_copy(
        update={"security": "plain", "username": "papers", "password": SecretStr("secret")}
    )

    examined = _examined(settings)

    assert examined.servers == ()
    assert any("clear text" in problem for problem in examined.configuration_problems)


def test_ways_in_are_named(settings: Any) -> None:
    assert _examined(settings).inbox == ()
    settings.inbox = settings.inbox.model_copy(update={"lmtp": "127.0.0.1:8024"})
    assert _examined(settings).inbox == ("lmtp 127.0.0.1:8024",)


def test_what_can_be_left_out_is_what_there_is() -> None:
    assert set(SKIPPABLE) == {*CHECKS, "dns"}

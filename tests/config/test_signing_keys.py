"""The first line of the file signs, all verify, and a line that cannot be used is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError, TokenError
from recommender.installation import open_services
from recommender.tokens import Purpose

KEY = "a signing key of well over thirty-two bytes"


def load(folder: Path, **environ: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text("", encoding="utf-8")
    return load_settings(file, environ=environ)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_a_file_with_one_key_is_that_key_whatever_ends_it(tmp_path: Path, end: str) -> None:
    (tmp_path / "secret.key").write_text(f" # {KEY} " + end, newline="")

    assert load(tmp_path).signing_keys() == (f" # {KEY} ".encode(),)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_has_a_signing_key_on_each_line(tmp_path: Path, line_end: str) -> None:
    keys = [f"{KEY}, number {number}" for number in range(3)]
    (tmp_path / "secret.key").write_text(line_end.join(keys) + line_end, newline="")

    assert load(tmp_path).signing_keys() == tuple(key.encode() for key in keys)
    by_environment = load(tmp_path, RECOMMENDER_SECRET_KEY="\n".join(keys[1:]))
    assert by_environment.signing_keys() == tuple(key.encode() for key in keys[1:])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("short\n", "it has fewer than 32 bytes"),
        (f"{KEY}\nshort\n", "its line 2 has fewer than 32 bytes"),
        (f"{KEY}\n\n{KEY}!\n", "its line 2 is empty, and each has to hold a key"),
        (f"\n{KEY}\n", "its line 1 is empty, and each has to hold a key"),
        (f"{KEY}!\n{KEY}\n{KEY}!\n", "its line 3 is the key of line 1 again"),
    ],
)
def test_a_signing_key_that_cannot_be_used_is_named_by_file_and_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "secret.key").write_text(text)

    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path)
    assert str(refusal.value) == (
        f"secret_key: its value cannot be used, {reason}; give at least 32 characters, one key a "
        f"line; `recommender init` writes one (read from {tmp_path}/secret.key)"
    )


def test_links_of_before_a_new_first_line_work_until_the_old_one_is_taken_out(
    tmp_path: Path,
) -> None:
    now = datetime(2026, 3, 11, 7, tzinfo=UTC)
    file, tokens = tmp_path / "secret.key", {}
    for step, lines in (
        ("before", [KEY]),
        ("both", [f"{KEY}, a new one", KEY]),
        ("after", [f"{KEY}, a new one"]),
    ):
        file.write_text("\n".join(lines) + "\n")
        services = open_services(load(tmp_path))
        services.database.close()
        signer = services.signer
        tokens[step] = signer.sign(Purpose.RATE, 1, expires_at=now + timedelta(days=1))
        if step == "both":
            assert signer.verify(tokens["before"], Purpose.RATE, now=now).subscriber_id == 1
    assert tokens["before"] != tokens["both"] == tokens["after"]
    with pytest.raises(TokenError):
        signer.verify(tokens["before"], Purpose.RATE, now=now)

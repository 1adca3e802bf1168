"""The token of the operator's page is long, comes from where secrets do, and is not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError

READY = {
    "RECOMMENDER_LIST__ADDRESS": "papers@lists.example.org",
    "RECOMMENDER_WEB__BASE_URL": "https://lists.example.org",
    "RECOMMENDER_SECRET_KEY": "a signing key of well over thirty-two bytes",
}


def load(folder: Path, text: str = "", **environ: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ=READY | environ)


def test_the_token_of_the_status_page_comes_from_its_file_or_credential(tmp_path: Path) -> None:
    token = "t" * 32
    (tmp_path / "status.token").write_text(f"{token}\n")
    given = load(tmp_path, '[web]\nstatus_token_file = "status.token"\n')

    assert given.web.status_token.get_secret_value() == token
    (tmp_path / "status_token").write_text("c" * 40)
    told = load(tmp_path, "", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert told.web.status_token.get_secret_value() == "c" * 40
    assert load(tmp_path, "").web.status_token is None


@pytest.mark.parametrize("token", ["t" * 31, f"{'t' * 20} {'t' * 20}", "ü" * 40, "t" * 40 + "\t"])
def test_a_token_that_can_be_guessed_or_mistyped_is_refused_and_not_shown(
    tmp_path: Path, token: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, "", RECOMMENDER_WEB__STATUS_TOKEN=token)
    (problem,) = refusal.value.problems

    assert problem.startswith("web.status_token: its value cannot be used, it ")
    assert token not in problem

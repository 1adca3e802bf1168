"""Names that are nobody's serve a trial, and are told to who means to serve people."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import Settings, load_settings
from recommender.errors import ConfigurationError

KEY = "as good as any other, and known to everybody who reads this test"
READY = {"RECOMMENDER_SECRET_KEY": KEY}


def load(folder: Path, text: str = "", **environ: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ=environ)


@pytest.mark.parametrize(
    "host",
    [
        *("lab.example.org", "example.com", "LAB.EXAMPLE.NET.", "mail.lab.example"),
        "papers.example.org",
    ],
)
def test_names_that_are_nobodys_are_told_each_with_the_fix(tmp_path: Path, host: str) -> None:
    settings = {
        "RECOMMENDER_LIST__ADDRESS": f"papers@{host.rstrip('.')}",
        "RECOMMENDER_WEB__BASE_URL": f"https://{host}/papers",
        "RECOMMENDER_OPERATOR__EMAIL": f"you@{host.rstrip('.')}",
        "RECOMMENDER_SMTP__HOST": host,
    }
    given = load(tmp_path, '[smtp]\nsecurity = "tls"\n', **(READY | settings))

    given.require_ready()
    told = {each.partition(": ")[0]: each for each in given.placeholders()}
    assert told.keys() == {"list.address", "web.base_url", "operator.email", "smtp.host"}
    assert all(
        each.endswith("; leave it for a trial, else give a name of your own")
        for each in told.values()
    )


@pytest.mark.parametrize("host", ["myexample.org", "example.org.uk", "example.de", "test.edu"])
def test_names_that_only_look_alike_are_somebodys(tmp_path: Path, host: str) -> None:
    settings = {
        "RECOMMENDER_LIST__ADDRESS": f"papers@{host}",
        "RECOMMENDER_WEB__BASE_URL": "http://localhost:8000",
        "RECOMMENDER_OPERATOR__EMAIL": f"operator@{host}",
    }
    given = load(tmp_path, **(READY | settings))

    given.require_ready()
    assert list(given.placeholders()) == []


@pytest.mark.parametrize("url", ["https://papers.test", "http://a.invalid:80", "https://[::1]"])
def test_address_of_pages_is_nobodys_by_its_host(tmp_path: Path, url: str) -> None:
    settings = {"RECOMMENDER_LIST__ADDRESS": "papers@lab.edu", "RECOMMENDER_WEB__BASE_URL": url}
    given = load(tmp_path, **(READY | settings | {"RECOMMENDER_OPERATOR__EMAIL": ""}))

    assert len(list(given.placeholders())) == (url != "https://[::1]")


def test_what_was_never_set_is_a_problem_and_told_once(tmp_path: Path) -> None:
    given = load(tmp_path, RECOMMENDER_SECRET_KEY=KEY)

    with pytest.raises(ConfigurationError):
        given.require_ready()
    assert list(given.placeholders()) == []

"""The configuration is read from file, environment and credentials, or every problem is named."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.config import (
    Settings,
    find_configuration,
    load_settings,
    write_initial_configuration,
)
from recommender.config.settings import DESCRIPTIONS, SECTIONS
from recommender.domain import Preferences
from recommender.errors import ConfigurationError
from recommender.tokens import TokenSigner

REFERENCE = Path(__file__).parent.parent / "config" / "recommender.toml"
KEY = "a signing key of well over thirty-two bytes"
READY = {
    "RECOMMENDER_LIST__ADDRESS": "papers@lists.example.org",
    "RECOMMENDER_WEB__BASE_URL": "https://lists.example.org",
    "RECOMMENDER_SECRET_KEY": KEY,
    "RECOMMENDER_OPERATOR__EMAIL": "operator@lists.example.org",
}


def load(folder: Path, text: str = "", **environ: str) -> Settings:
    file = folder / "recommender.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ=environ)


def problems(folder: Path, text: str = "", **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refusal:
        load(folder, text, **environ)
    assert all(problem.isprintable() for problem in refusal.value.problems)
    return refusal.value.problems


def test_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    given = load(tmp_path)

    assert given.database.url == f"sqlite:///{tmp_path}/recommender.db"
    assert given.ingest.folder == tmp_path / "incoming"
    assert given.ingest.done_folder == tmp_path / "done"
    assert given.ingest.rejected_folder == tmp_path / "rejected"
    assert (given.web.host, given.web.port) == ("127.0.0.1", 8000)
    assert (given.smtp.security, given.smtp.port) == ("starttls", 587)
    assert given.newsletter.preferences == Preferences(7, frozenset(range(5)), "UTC", 10)
    assert given.operator.email is None
    assert (given.ranking.exploration, given.ranking.nightly_hour) == (0, 3)
    assert given.database.index_folder == tmp_path / "recommender.db.index"


def test_file_is_read_and_the_environment_overrides_it(tmp_path: Path) -> None:
    given = load(
        tmp_path,
        '[smtp]\nhost = "mail.example.org"\nport = 2525\n[newsletter]\nhour = 18\n',
        RECOMMENDER_SMTP__HOST="relay.example.org",
        RECOMMENDER_NEWSLETTER__WEEKDAYS="mon thu",
        HOME="/nowhere",
    )

    assert given.smtp.host == "relay.example.org"
    assert given.smtp.port == 2525
    assert given.newsletter.preferences == Preferences(18, frozenset({0, 3}), "UTC", 10)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("plain", 25)])
def test_port_follows_from_security(tmp_path: Path, security: str, port: int) -> None:
    assert port == load(tmp_path, f'[smtp]\nsecurity = "{security}"\n').smtp.port


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    given = load(
        tmp_path,
        '[database]\nurl = "sqlite:///data/x.db"\n[ingest]\nfolder = "in/digests"\n'
        '[smtp]\nca_file = "/etc/ca.pem"\n',
    )

    assert given.database.url == f"sqlite:///{tmp_path}/data/x.db"
    assert given.ingest.folder == tmp_path / "in" / "digests"
    assert given.ingest.done_folder == tmp_path / "in" / "done"
    assert given.smtp.ca_file == Path("/etc/ca.pem")


def test_absolute_database_path_stays(tmp_path: Path) -> None:
    given = load(tmp_path, '[database]\nurl = "sqlite:////var/lib/recommender/r.db"\n')

    assert given.database.url == "sqlite:////var/lib/recommender/r.db"


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff[web]\nport = 8080\n").web.port == 8080


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).smtp.port = 25  # type: ignore[misc]  # the point of the test


# Problems


def test_all_problems_are_reported_together_one_line_each(tmp_path: Path) -> None:
    expected = [
        (
            "database.url: 'postgresql://***@db/papers' cannot be used, it names another driver "
            "than psycopg; give a file as `sqlite:///recommender.db`, or "
            "`postgresql+psycopg://recommender@db.example.org/recommender`"
        ),
        "ingest.settle_seconds: -1 cannot be used, it is out of range; give 0 to 3600 seconds",
        (
            "smtp.port: 'abc' cannot be used, it is no whole number; give a port, 1 to 65535 "
            "(set by $RECOMMENDER_SMTP__PORT)"
        ),
        (
            "smtp.security: 'ssl' cannot be used, it is none of the choices; "
            "give `starttls`, `tls` or `plain`"
        ),
        "smtp.hsot: there is no such setting; did you mean `smtp.host`?",
        (
            "newsletter.timezone: 'Berlin' is no time zone that this machine knows; "
            "give an IANA name such as `Europe/Berlin`"
        ),
        "mailbox: there is no such setting; take it out",
    ]

    assert expected == problems(
        tmp_path,
        '[database]\nurl = "postgresql://me:secret@db/papers"\n'
        "[ingest]\nsettle_seconds = -1\n"
        '[smtp]\nhsot = "mail.example.org"\nsecurity = "ssl"\n'
        '[newsletter]\ntimezone = "Berlin"\n'
        '[mailbox]\nlmtp = "127.0.0.1:8024"\n',
        RECOMMENDER_SMTP__PORT="abc",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[web]\nport = true", "web.port: True cannot be used, it is no number; give"),
        ("[web]\nport = 70000", "web.port: 70000 cannot be used, it is out of range; give"),
        ("[web]\nhost = 3", "web.host: 3 cannot be used, it is no text in quotes; give"),
        ("[web]\nbase_url = 'example.org'", "it is no http or https address; give"),
        ("[web]\nbase_url = 'https://example.org/'", "must not end in a slash or a query; give"),
        ("[web]\nbase_url = 'http://[::1'", "web.base_url: 'http://[::1' cannot be used, "),
        ("[web]\nbase_url = 'https://e.org:99999'", "web.base_url: 'https://e.org:99999' cannot "),
        ("[list]\naddress = 'papers'", "it is no mail address (An email address must have an @"),
        ("[list]\naddress = 'papers+x@lab.org'", "a + before the @ is for tags"),
        (
            "[list]\naddress = 'an-even-longer-name@lab.org'",
            "before the @, at most 16 ASCII characters",
        ),
        ("[list]\nname = ''", "list.name: '' cannot be used, it is empty or holds line breaks"),
        ("[newsletter]\nhour = 24", "newsletter.hour: '24' is not a full hour; give 0 to 23"),
        ("[newsletter]\nweekdays = []", "newsletter.weekdays: no day is given; name days"),
        ("[newsletter]\npapers = 51", "papers: '51' is not possible; choose a number from 1 to 50"),
        (
            "[ranking]\nexploration = 3",
            "ranking.exploration: 3 cannot be used, it is out of range;",
        ),
        ("[ranking]\nexploration = 0.5", "it is no whole number; give 0, 1 or 2 papers"),
        ("[ranking]\nnightly_hour = -1", "ranking.nightly_hour: '-1' is not a full hour; give 0"),
        ("[database]\nurl = 'sqlite://'", "it names no SQLite file; give a file as"),
        (
            "[database]\nurl = 'postgresql+psycopg://a:b@db/papers'",
            "it holds a password, which libpq reads from a file: add ?passfile=",
        ),
        ("[database]\nurl = 'postgresql+psycopg://db'", "it names no database; give"),
        ("[operator]\nemail = 'me'", "operator.email: 'me' cannot be used, it is no mail address"),
        ("[ingest]\nfolder = ''", "ingest.folder: '' cannot be used, it is no path; give a folder"),
        ("smtp = 3", "smtp: this is a section; write its keys below a line [smtp]"),
        ("secret_key = 'short'", "secret_key: its value cannot be used, it has fewer than 32"),
        ("[smtp]\ntimeout_seconds = nan", "smtp.timeout_seconds: nan cannot be used, it is "),
        ("web.port = 1979-05-27", "web.port: datetime.date(1979, 5, 27) cannot be used, it is no"),
    ],
)
def test_problem_says_the_key_what_is_wrong_and_the_mend(
    tmp_path: Path, text: str, expected: str
) -> None:
    (problem,) = problems(tmp_path, text)

    assert expected in problem


def test_broken_toml_is_named_by_line_and_column(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[web]\nport = eighty\n")

    assert problem.startswith(f"{tmp_path}/recommender.toml: ")
    assert "(at line 2, column 8)" in problem


def test_misspelt_variable_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, RECOMMENDER_SMTP_HOST="mail.example.org") == [
        (
            "smtp_host: there is no such setting; did you mean `smtp.host`? "
            "(set by $RECOMMENDER_SMTP_HOST)"
        )
    ]


def test_variable_below_what_is_no_section_does_not_hide_that(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "smtp = 3", RECOMMENDER_SMTP__HOST="mail.example.org")

    assert problem.startswith("smtp: this is a section")


def test_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "recommender.toml"
    file.write_bytes(b'[list]\nname = "Pr\xe9publications"\n')

    with pytest.raises(ConfigurationError, match="byte 17 is not UTF-8; save the file as UTF-8"):
        load_settings(file, environ={})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(DESCRIPTIONS)),
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(exclude_characters="'", exclude_categories=["C", "Z"])),
        st.sampled_from(["~nobody-of-this-name/x", "http://[", "sqlite:///?", "a@b@c", "1e999"]),
    ),
)
def test_any_value_is_taken_or_refused_by_name(
    tmp_path: Path, key: str, value: bool | float | str
) -> None:
    if isinstance(value, bool):
        literal = str(value).lower()
    else:
        literal = f"'{value}'" if isinstance(value, str) else repr(value)
    try:
        load(tmp_path, f"{key} = {literal}\n")
    except ConfigurationError as error:
        named = error.problems[0].split(": ")[0]
        expected = {key, "secret_key_file"} if key == "secret_key" else {key}
        assert named in expected


# Which file


def test_named_file_comes_before_the_environment_and_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recommender.toml").touch()

    environ = {"RECOMMENDER_CONFIG": "/srv/other.toml"}
    assert find_configuration(Path("named.toml"), environ) == tmp_path / "named.toml"
    assert find_configuration(None, environ) == Path("/srv/other.toml")
    assert find_configuration(None, {}) == tmp_path / "recommender.toml"


def test_no_configuration_anywhere_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("recommender.config.loading.SYSTEM_FILE", tmp_path / "etc" / "r.toml")

    with pytest.raises(ConfigurationError, match="`recommender init` writes one") as refusal:
        load_settings(None, environ={})
    assert f"{tmp_path}/recommender.toml or {tmp_path}/etc/r.toml" in str(refusal.value)


@pytest.mark.parametrize(("name", "reason"), [("none.toml", "No such file"), (".", "Is a dir")])
def test_named_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as refusal:
        load_settings(None, environ={"RECOMMENDER_CONFIG": str(tmp_path / name)})
    assert str(tmp_path) in str(refusal.value)


# Secrets


def test_work_of_the_night_is_set_by_file_and_environment(tmp_path: Path) -> None:
    given = load(tmp_path, "[ranking]\nnightly_hour = 0\n", RECOMMENDER_RANKING__EXPLORATION="1")

    assert (given.ranking.exploration, given.ranking.nightly_hour) == (1, 0)


def test_secrets_are_read_from_their_files(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(KEY + "\n")
    (tmp_path / "mail-password").write_text("open sesame\r\n")

    given = load(tmp_path, '[smtp]\nusername = "me"\npassword_file = "mail-password"\n')
    assert given.signing_keys() == (KEY.encode(),)
    assert given.smtp.password is not None
    assert given.smtp.password.get_secret_value() == "open sesame"


def test_credentials_come_before_files_and_the_keys_before_both(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "secret_key").write_text("from credentials, and long enough to sign\n")
    (credentials / "smtp_password").write_text("from credentials\n")
    (tmp_path / "secret.key").write_text(KEY)

    given = load(
        tmp_path,
        RECOMMENDER_SMTP__PASSWORD="from the environment",
        CREDENTIALS_DIRECTORY=str(credentials),
    )
    assert given.signing_keys() == (b"from credentials, and long enough to sign",)
    assert given.smtp.password is not None
    assert given.smtp.password.get_secret_value() == "from the environment"


def test_without_a_signing_key_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"secret\.key; `recommender init` writes one"):
        load(tmp_path).signing_keys()


def test_files_of_secrets_that_cannot_be_used_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")

    expected = [
        (
            f"secret_key_file: {tmp_path}/gone: No such file or directory; "
            "correct the path or its permissions"
        ),
        f"smtp.password_file: {tmp_path}/empty is empty; put the secret on its one line",
    ]
    assert expected == problems(
        tmp_path, 'secret_key_file = "gone"\n[smtp]\npassword_file = "empty"\n'
    )


def test_no_secret_is_shown_by_repr_or_by_a_problem(tmp_path: Path) -> None:
    given = load(tmp_path, RECOMMENDER_SECRET_KEY=KEY, RECOMMENDER_SMTP__PASSWORD="open sesame")
    assert KEY not in repr(given)
    assert "open sesame" not in repr(given)

    (problem,) = problems(tmp_path, RECOMMENDER_SECRET_KEY="open sesame")
    assert "open sesame" not in problem


# Ready to run


def test_placeholders_and_a_missing_key_are_what_run_still_needs(tmp_path: Path) -> None:
    given = load(tmp_path, '[smtp]\nusername = "me"\nca_file = "gone.pem"\n')

    with pytest.raises(ConfigurationError) as refusal:
        given.require_ready()
    keys = [problem.split(":")[0] for problem in refusal.value.problems]
    assert keys == [
        "secret_key_file",
        "list.address",
        "web.base_url",
        "smtp.password_file",
        "smtp.ca_file",
    ]


def test_what_is_set_is_ready_without_warnings(tmp_path: Path) -> None:
    given = load(tmp_path, **READY)

    given.require_ready()
    assert list(given.warnings()) == []


@pytest.mark.parametrize(
    ("url", "warnings"),
    [
        ("http://lists.example.org", 1),
        ("http://localhost:8000", 0),
        ("http://127.0.0.1:8000", 0),
        ("http://[::1]:8000", 0),
        ("https://lists.example.org/papers", 0),
    ],
)
def test_plain_http_to_other_machines_is_warned_of(tmp_path: Path, url: str, warnings: int) -> None:
    given = load(tmp_path, **(READY | {"RECOMMENDER_WEB__BASE_URL": url}))

    assert len(list(given.warnings())) == warnings


def test_that_nobody_is_mailed_about_trouble_is_warned_of(tmp_path: Path) -> None:
    given = load(tmp_path, **(READY | {"RECOMMENDER_OPERATOR__EMAIL": ""}))

    given.require_ready()
    (warning,) = given.warnings()
    assert warning.startswith(
        "operator.email: it is empty, so only the log tells of broken sources"
    )
    assert warning.endswith("; set it to your address")


def test_password_in_plain_text_to_another_machine_is_warned_of(tmp_path: Path) -> None:
    text = '[smtp]\nhost = "mail.example.org"\nsecurity = "plain"\nusername = "me"\n'
    given = load(tmp_path, text, RECOMMENDER_SMTP__PASSWORD="x", **READY)

    (warning,) = given.warnings()
    assert "travels to mail.example.org as plain text" in warning


# The reference and `recommender init`


def reference_keys() -> list[str]:
    section, keys = "", []
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = f"{heading[1]}."
        elif setting := re.fullmatch(r"#?(\w+) = .*", line):
            keys.append(section + setting[1])
    return keys


def test_reference_names_every_key_once() -> None:
    assert sorted(reference_keys()) == sorted(DESCRIPTIONS)


def test_reference_shows_the_defaults(tmp_path: Path) -> None:
    write_initial_configuration(tmp_path)
    uncommented = re.sub(r"(?m)^#(?=\w+ = )", "", REFERENCE.read_text(encoding="utf-8"))

    assert load(tmp_path) == load(tmp_path, uncommented)


def test_every_setting_says_what_it_takes() -> None:
    assert [key for key, description in DESCRIPTIONS.items() if not description] == []
    assert set(SECTIONS) == {key.partition(".")[0] for key in DESCRIPTIONS if "." in key}


def test_init_writes_what_load_reads(tmp_path: Path) -> None:
    folder = tmp_path / "lab" / "papers"
    names = ["recommender.toml", "secret.key", "incoming", "done", "rejected"]

    assert write_initial_configuration(folder) == [folder / name for name in names]
    given = load_settings(folder / "recommender.toml", environ={})
    TokenSigner(*given.signing_keys())
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert given.ingest.done_folder.is_dir()


def test_init_never_overwrites_and_then_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(KEY)

    with pytest.raises(
        ConfigurationError, match=r"secret\.key: it exists and is never overwritten"
    ):
        write_initial_configuration(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").read_text() == KEY


def test_init_writes_a_key_that_is_missing_and_leaves_the_settings(tmp_path: Path) -> None:
    (tmp_path / "recommender.toml").write_text("# ours\n")

    assert tmp_path / "secret.key" in write_initial_configuration(tmp_path)
    assert (tmp_path / "recommender.toml").read_text() == "# ours\n"
    with pytest.raises(ConfigurationError, match="never overwritten"):
        write_initial_configuration(tmp_path)


def test_init_where_one_cannot_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="choose a folder that you can write to"):
        write_initial_configuration(tmp_path / "file" / "folder")


def test_configuration_does_not_load_the_heavy_libraries() -> None:
    script = "import recommender.config, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run(  # noqa: S603 - our own interpreter, no input
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REFERENCE.parent.parent)},
    ).stdout.split()

    assert {"sklearn", "scipy", "numpy", "sqlalchemy", "dns"}.isdisjoint(loaded)

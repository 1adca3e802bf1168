"""Configuration: from the file, the environment and the secrets to `Settings`, or to what is wrong.

Reads the configuration file and the files of secrets that it names, and nothing else.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from recommender.config.settings import (
    DESCRIPTIONS,
    SECRET_KEY_FILE,
    SECTIONS,
    SOURCE_DESCRIPTIONS,
    Settings,
)
from recommender.config.values import resolve_path
from recommender.errors import ConfigurationError, PreferenceError
from recommender.wording import listed

FILE_NAME: Final = "recommender.toml"
SYSTEM_FILE: Final = Path("/etc/recommender") / FILE_NAME
ENVIRONMENT_PREFIX: Final = "RECOMMENDER_"
FILE_VARIABLE: Final = ENVIRONMENT_PREFIX + "CONFIG"

# Keys of secrets, and what systemd's LoadCredential= calls them.
_CREDENTIALS: Final = {
    ("secret_key",): "secret_key",
    ("smtp", "password"): "smtp_password",
    ("dkim", "key"): "dkim_key",
    ("inbox", "imap_password"): "imap_password",
    ("web", "status_token"): "status_token",
}
_TAKES: Final = DESCRIPTIONS | SOURCE_DESCRIPTIONS
_IN_TABLES: Final = re.compile(r"(?P<kind>sources|smtp\.fallbacks)\.(?P<number>\d+)\.")
_SHOWN_CHARACTERS: Final = 60


def find_configuration(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Return which file is the configuration.

    ``path`` (from ``--config``), else ``$RECOMMENDER_CONFIG``, else ``./recommender.toml``, else
    ``/etc/recommender/recommender.toml``.

    Raises
    ------
    ConfigurationError
        If none was named and none is where one usually is.
    """
    if path is not None:
        return path.absolute()
    if environ.get(FILE_VARIABLE):
        return Path(environ[FILE_VARIABLE]).absolute()
    candidates = (Path(FILE_NAME).absolute(), SYSTEM_FILE)
    for candidate in candidates:
        # A folder that this user may not enter has nothing for them; Path.is_file would raise.
        if os.path.isfile(candidate):  # noqa: PTH113
            return candidate
    problem = (
        f"configuration: there is none at {candidates[0]} or {candidates[1]}; `recommender init` "
        f"writes one, or name it with --config or ${FILE_VARIABLE}"
    )
    raise ConfigurationError([problem])


def load_settings(path: Path | None, *, environ: Mapping[str, str]) -> Settings:
    """Read the configuration: the file, overridden by the environment, and the secrets.

    A secret is the value of its key, else systemd's credential, else the content of the file that
    its ``*_file`` key names.

    Parameters
    ----------
    path : Path or None
        From ``--config``; None looks where `find_configuration` says.
    environ : mapping
        ``RECOMMENDER_SMTP__HOST`` overrides ``smtp.host``.

    Raises
    ------
    ConfigurationError
        With one line for every problem: the key, what is wrong with its value, and the fix.
    """
    file = find_configuration(path, environ)
    data = _read_toml(file)
    variables, unplaced = _merge_environment(data, environ)
    for section in SECTIONS:
        data.setdefault(section, {})
    origins = {key: f"set by ${variable}" for key, variable in variables.items()}
    problems = unplaced + _read_secrets(data, file.parent, environ, origins)
    try:
        settings = Settings.model_validate(data, context={"folder": file.parent})
    except ValidationError as error:
        problems += [_problem(details, origins, data) for details in error.errors()]
    if problems:
        # Not chained: the cause holds what was typed, secrets included.
        raise ConfigurationError(problems) from None
    return settings


def holds_secrets(file: Path) -> bool:
    """Return whether a password or a key stands in the configuration file itself.

    Raises
    ------
    ConfigurationError
        If it cannot be read.
    """
    data: dict[str, Any] = {section: {} for section in SECTIONS} | _read_toml(file)
    return any(
        isinstance(table, dict) and table.get(key.rpartition(".")[2])
        for table, key, _ in _tables_with_secrets(data)
    )


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        # A byte order mark is what some editors leave, and what TOML does not allow.
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problem = (
            f"{file}: {error.strerror}; name a readable file, or write one by `recommender init`"
        )
    except UnicodeDecodeError as error:
        problem = f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"{file}: {error}; correct it there: texts stand in quotes, and each section once"
    raise ConfigurationError([problem])


def _merge_environment(
    data: dict[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Put the environment's values over the file's.

    Returns
    -------
    variables : dict
        Which keys they set.
    problems : list of str
        Which of them have no place.
    """
    variables, problems = {}, []
    for variable in sorted(environ):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == FILE_VARIABLE:
            continue
        *tables, name = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        table: Any = data
        for depth, part in enumerate((*tables, name)):
            if isinstance(table, list) and not _has_table(table, part):
                key = ".".join(tables[:depth])
                problems.append(
                    f"${variable}: there is no table {part!r} of {key!r}; the file has "
                    f"{len(table)}, counted from 0: add a table [[{key}]] there, or take the "
                    "variable away"
                )
                break
            if depth < len(tables):
                table = _below(table, part)
        if isinstance(table, dict):
            table[name] = environ[variable]
            variables[".".join([*tables, name])] = variable
    return variables, problems


def _has_table(tables: list[Any], part: str) -> bool:
    return part.isdecimal() and int(part) < len(tables)


def _below(table: Any, part: str) -> Any:
    """Return the table of a name, or of a number in an array of tables; None where there is none.

    What stands where a table belongs is reported as such; nothing is below it.
    """
    if isinstance(table, dict):
        return table.setdefault(part, {})
    if isinstance(table, list) and _has_table(table, part):
        return table[int(part)]
    return None


def _read_secrets(
    data: dict[str, Any], folder: Path, environ: Mapping[str, str], origins: dict[str, str]
) -> list[str]:
    """Fill in the secrets that stand in files and where from, and tell what cannot be read."""
    problems = []
    for table, secret_key, credential in _tables_with_secrets(data):
        name = secret_key.rpartition(".")[2]
        if not isinstance(table, dict) or table.get(name):
            continue
        source = _secret_source(table, secret_key, credential, folder, environ)
        if source is None:
            continue
        key, path = source
        try:
            secret = path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            problems.append(f"{key}: {path}: {error.strerror}; correct the path or its permissions")
            continue
        except UnicodeDecodeError:
            problems.append(f"{key}: {path} is no text; put the secret on its one line")
            continue
        if secret:
            table[name] = secret
            origins[secret_key] = f"read from {path}"
        else:
            problems.append(f"{key}: {path} is empty; put the secret on its one line")
    return problems


def _tables_with_secrets(data: dict[str, Any]) -> Iterator[tuple[Any, str, str]]:
    """Yield each table that may hold a secret, the secret's key and its credential's name."""
    for (*section, name), credential in _CREDENTIALS.items():
        if not section:
            yield data, name, credential
            continue
        table = data[section[0]]
        yield table, f"{section[0]}.{name}", credential
        further = table.get("fallbacks") if isinstance(table, dict) else None
        for number, each in enumerate(further if isinstance(further, list) else ()):
            yield each, f"{section[0]}.fallbacks.{number}.{name}", f"{credential}_{number}"


def _secret_source(
    table: dict[str, Any],
    key: str,
    credential: str,
    folder: Path,
    environ: Mapping[str, str],
) -> tuple[str, Path] | None:
    """Return which file holds a secret, and which key says so."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if directory and os.path.lexists(Path(directory) / credential):
        return f"credential {credential}", Path(directory) / credential
    name = key.rpartition(".")[2]
    named = table.get(f"{name}_file")
    try:
        if isinstance(named, str) and named:
            return f"{key}_file", resolve_path(folder, named)
    except ValueError:
        return None  # reported with the other keys
    default = folder / SECRET_KEY_FILE
    if named is None and name == "secret_key" and os.path.lexists(default):
        return f"{key}_file", default
    return None


def _problem(details: ErrorDetails, origins: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """Return what is wrong with one key: its value, why it cannot be used, and what can."""
    key = ".".join(str(part) for part in details["loc"])
    origin = f" ({origins[key]})" if key in origins else ""
    # A table takes what each of its kind takes; further servers take the keys of the first one.
    described = re.sub(r"^(sources|smtp)(?:\.fallbacks)?\.\d+(?=\.|$)", r"\1", key)
    named = f"{key}{_table_in_words(key, data)}"
    if details["type"] == "extra_forbidden":
        return f"{named}: there is no such setting; {_instead_of(key, described)}{origin}"
    if details["type"] == "missing":
        return f"{named}: it is missing; give {_TAKES[described]}{origin}"
    if key in SECTIONS:
        return f"{key}: this is a section; write its keys below a line [{key}]{origin}"
    if described == "smtp":
        return f"{key}: this is a section; write its keys below a line [[smtp.fallbacks]]{origin}"
    error = details.get("ctx", {}).get("error")
    if isinstance(error, ValueError) and isinstance(error.__cause__, PreferenceError):
        return f"{key}: {error.__cause__.message}{origin}"
    secret = any(described == ".".join(path) for path in _CREDENTIALS)
    value = "its value" if secret else _shown(details["input"])
    reason = str(error) if error is not None else _reason(details["type"])
    return f"{named}: {value} cannot be used, {reason}; give {_TAKES[described]}{origin}"


def _table_in_words(key: str, data: Mapping[str, Any]) -> str:
    """Return which of several tables of one kind a key stands in; empty where there is one."""
    found = _IN_TABLES.match(key)
    if found is None:
        return ""
    tables: Any = data
    for part in found["kind"].split("."):
        tables = tables[part]
    number, label = int(found["number"]), ""
    if isinstance(tables[number], dict):
        known = (tables[number].get(name) for name in ("name", "url", "host"))
        label = next((f", {_shown(each)}" for each in known if isinstance(each, str)), "")
    return f" (table {number + 1} below [[{found['kind']}]]{label})"


def _instead_of(key: str, described: str) -> str:
    """Return what may have been meant by a key that there is not."""
    if _IN_TABLES.match(key) is None:
        near = difflib.get_close_matches(key, DESCRIPTIONS, n=1)
        return f"did you mean `{near[0]}`?" if near else "take it out"
    section, _, name = described.partition(".")
    names = [each.partition(".")[2] for each in _TAKES if each.startswith(f"{section}.")]
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"there are {listed(names)}"


def _reason(error_type: str) -> str:
    reasons = {
        "int": "it is no whole number",
        "float": "it is no number",
        "greater": "it is out of range",
        "less": "it is out of range",
        "literal": "it is none of the choices",
        "finite": "it is no number",
        "tuple": "it is no list of tables",
        "model": "it is no table",
    }
    return reasons.get(error_type.partition("_")[0], "it is no text in quotes")


def _shown(value: object) -> str:
    # A URL may hold a password, one with blanks too.
    text = re.sub(r"(?<=://).*@", "***@", repr(value))
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"

"""Configuration: what a value may be, and what is said where it is not; pure, but for user folders.

Validators raise ValueError with a clause that stands behind "cannot be used, ".
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from recommender.errors import AddressError, PreferenceError
from recommender.mail.outbox.windows import SendingWindow, parse_window
from recommender.membership.addresses import normalise_address
from recommender.membership.domain_lists import parse_domain_list
from recommender.membership.preferences import (
    parse_hour,
    parse_language,
    parse_papers,
    parse_timezone,
    parse_weekdays,
)
from recommender.tokens import SECRET_KEY_MIN_BYTES

LIST_LOCAL_PART_MAX_CHARACTERS: Final = 16
"""Leaves room for ``+unsubscribe-`` or ``+bounce-`` and its token in a local part of 64."""

STATUS_TOKEN_MIN_CHARACTERS: Final = 32

_Parsed = TypeVar("_Parsed")


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("it is no number")  # noqa: TRY004 - pydantic collects ValueError only
    return value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _not_empty(value: object) -> object:
    # An empty path would be read as the folder itself.
    if value == "":
        raise ValueError("it is no path")
    return value


def _in_folder(path: Path | None, info: ValidationInfo) -> Path | None:
    return None if path is None else resolve_path(_folder(info), path)


def _folder(info: ValidationInfo) -> Path:
    """Return the folder of the configuration file, which `load_settings` hands to validators."""
    context: dict[str, Path] = info.context or {}
    return context["folder"]


def resolve_path(folder: Path, path: str | Path) -> Path:
    """Read a path relative to the configuration's folder; ValueError where it can be none."""
    if "\0" in str(path):
        raise ValueError("it is no path")
    try:
        return folder / Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError("there is no such user") from error


def _database_url(url: str, info: ValidationInfo) -> str:
    return database_url(url, _folder(info))


def database_url(url: str, folder: Path) -> str:
    """Return the address of a database, a file's with its full path; ValueError for any other."""
    scheme, _, location = url.partition("://")
    if scheme == "postgresql+psycopg":
        return _postgresql_url(url)
    if scheme.startswith("postgres"):
        raise ValueError("it names another driver than psycopg")
    path = location.removeprefix("/")
    if (
        scheme != "sqlite"
        or not location.startswith("/")
        or path in ("", ":memory:")
        or "?" in path
    ):
        raise ValueError("it names no SQLite file")
    return f"sqlite:///{folder / path}"


def _postgresql_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError("it is no address of a server") from error
    if parts.password is not None:
        raise ValueError(
            "it holds a password, which libpq reads from a file: add ?passfile=/path/to/pgpass"
        )
    if not parts.path.strip("/"):
        raise ValueError("it names no database")
    return url


def _web_url(url: str) -> str:
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("it holds blanks or letters beyond ASCII")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("it is no http or https address")
    if parts.port == 0:
        raise ValueError("nothing listens on port 0")
    if parts.query or parts.fragment or url.endswith(("/", "?", "#")):
        raise ValueError("pages are added to its end, so it must not end in a slash or a query")
    return url


def _mail_address(text: str) -> str:
    try:
        return normalise_address(text).email
    except AddressError as error:
        raise ValueError(f"it is no mail address ({error.__cause__ or error})") from error


def _list_address(text: str) -> str:
    address = _mail_address(text)
    local_part = address.rpartition("@")[0]
    if len(local_part) > LIST_LOCAL_PART_MAX_CHARACTERS or not local_part.isascii():
        raise ValueError(
            f"before the @, at most {LIST_LOCAL_PART_MAX_CHARACTERS} ASCII characters leave room "
            "for tags such as +bounce-TOKEN"
        )
    if "+" in local_part:
        raise ValueError("a + before the @ is for tags such as +subscribe")
    # It stands in headers and envelopes that every server reads: its domain in ASCII.
    return f"{local_part}@{normalise_address(address).key.rpartition('@')[2]}"


def _listening_address(text: str, info: ValidationInfo) -> str:
    if text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if not path:
            raise ValueError("it names no socket")
        return f"unix:{resolve_path(_folder(info), path)}"
    if not text:
        return text
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:  # noqa: PLR2004 - ports
        raise ValueError("it ends in no port")
    try:
        is_inside = host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        is_inside = False
    if not is_inside:
        raise ValueError("LMTP has no protection and belongs on this machine only")
    return text


def _optional_mail_address(text: str | None) -> str | None:
    return None if text is None else _mail_address(text)


def keys_of(secret: SecretStr) -> tuple[bytes, ...]:
    """Return the keys of a secret that has one on each line."""
    return tuple(line.removesuffix("\r").encode() for line in secret.get_secret_value().split("\n"))


def _strong_keys(secret: SecretStr | None) -> SecretStr | None:
    keys = () if secret is None else keys_of(secret)
    for number, key in enumerate(keys, start=1):
        line = f"its line {number}" if len(keys) > 1 else "it"
        if not key:
            raise ValueError(f"{line} is empty, and each has to hold a key")
        if len(key) < SECRET_KEY_MIN_BYTES:
            raise ValueError(f"{line} has fewer than {SECRET_KEY_MIN_BYTES} bytes")
        if key in keys[: number - 1]:
            raise ValueError(f"{line} is the key of line {keys.index(key) + 1} again")
    return secret


def _typed_secret(secret: SecretStr | None) -> SecretStr | None:
    token = "" if secret is None else secret.get_secret_value()
    if secret is not None and len(token) < STATUS_TOKEN_MIN_CHARACTERS:
        raise ValueError(f"it has fewer than {STATUS_TOKEN_MIN_CHARACTERS} characters")
    if not token.isascii() or any(not "!" <= character <= "~" for character in token):
        raise ValueError("it holds blanks or characters beyond ASCII, which are typed differently")
    return secret


def _networks(value: object) -> object:
    """Read addresses and networks, as text with blanks or commas between them, or as a list."""
    try:
        return tuple(ip_network(word, strict=False) for word in _words(value))
    except ValueError as error:
        raise ValueError("it names what is no address or network") from error


def _domains(value: object) -> object:
    domains, problems = parse_domain_list("\n".join(_words(value)))
    if problems:
        raise ValueError("it names what is no domain")
    return domains


def _words(value: object) -> list[str]:
    given = value if isinstance(value, list | tuple | frozenset) else [value]
    return [word for each in given for word in str(each).replace(",", " ").split()]


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("it is empty or holds line breaks")
    return text.strip()


def _windows(value: object) -> tuple[SendingWindow, ...]:
    spans = value.split(",") if isinstance(value, str) else value
    if not isinstance(spans, list | tuple):
        raise ValueError("it is no list")  # noqa: TRY004 - pydantic collects ValueError only
    return tuple(
        span if isinstance(span, SendingWindow) else parse_window(str(span))
        for span in spans
        if span != ""
    )


def _as_typed(parse: Callable[[str], _Parsed]) -> Callable[[object], _Parsed]:
    """Make a parser of what subscribers type one of settings."""

    def validate(value: object) -> _Parsed:
        text = " ".join(map(str, value)) if isinstance(value, list | frozenset) else str(value)
        try:
            return parse(text)
        except PreferenceError as error:
            raise ValueError("it is not understood") from error

    return validate


Integer = Annotated[int, BeforeValidator(_no_truth_value)]
Number = Annotated[float, BeforeValidator(_no_truth_value)]
FolderPath = Annotated[Path, BeforeValidator(_not_empty), AfterValidator(_in_folder)]
OptionalPath = Annotated[Path | None, BeforeValidator(_empty_is_none), AfterValidator(_in_folder)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_empty_is_none)]
SigningKeys = Annotated[OptionalSecret, AfterValidator(_strong_keys)]
TypedSecret = Annotated[OptionalSecret, AfterValidator(_typed_secret)]
Line = Annotated[str, AfterValidator(_printable)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
ListeningAddress = Annotated[str, AfterValidator(_listening_address)]
ListAddress = Annotated[str, AfterValidator(_list_address)]
OptionalMailAddress = Annotated[
    str | None, BeforeValidator(_empty_is_none), AfterValidator(_optional_mail_address)
]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
Domains = Annotated[frozenset[str], BeforeValidator(_domains)]
Hour = Annotated[int, BeforeValidator(_as_typed(parse_hour))]
Weekdays = Annotated[frozenset[int], BeforeValidator(_as_typed(parse_weekdays))]
LanguageTag = Annotated[str, BeforeValidator(_as_typed(parse_language))]
TimeZone = Annotated[str, BeforeValidator(_as_typed(parse_timezone))]
Windows = Annotated[tuple[SendingWindow, ...], BeforeValidator(_windows)]
Papers = Annotated[int, BeforeValidator(_as_typed(parse_papers))]


def is_reserved_for_examples(host: str) -> bool:
    """Whether a host's name can never be anybody's (RFC 2606, RFC 6761)."""
    labels = host.lower().rstrip(".").split(".")
    return labels[-1] in ("example", "invalid", "test") or (
        labels[-2:-1] == ["example"] and labels[-1] in ("com", "net", "org")
    )


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""Machine: what the operator chooses for an installation, as settings; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

LMTP_ADDRESS: Final = "127.0.0.1:8024"
"""A port and no socket: Debian's Postfix hands over from within a chroot, which shows none."""

THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
NOTHING: Final = "none"

_SECURITY_OF_PORTS: Final[Mapping[int, Literal["tls", "starttls", "plain"]]] = {465: "tls"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where an installation lies on its machine.

    Attributes
    ----------
    program : Path
        The file that is run.
    settings, state : Path
        The folders of the settings, and of all that changes.
    account : str
        What the daemon runs as.
    """

    program: Path
    settings: Path = Path("/etc/recommender")
    state: Path = Path("/var/lib/recommender")
    account: str = "recommender"

    @property
    def settings_file(self) -> Path:
        """The configuration."""
        return self.settings / "recommender.toml"

    @property
    def database(self) -> Path:
        """The embedded database."""
        return self.state / "recommender.db"


@dataclass(frozen=True, slots=True)
class Relay:
    """The server that takes our mail.

    Attributes
    ----------
    host : str
    port : int or None
        None: as ``security`` has it.
    username : str
        Empty: it asks for no password.
    """

    host: str
    port: int | None = None
    username: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it is this machine's own."""
        return self.host in THIS_MACHINE

    @property
    def security(self) -> Literal["tls", "starttls", "plain"]:
        """How the connection is protected."""
        if self.is_here and self.port in (None, 25):
            return "plain"
        return _SECURITY_OF_PORTS.get(self.port or 0, "starttls")


def parse_relay(text: str, username: str = "") -> Relay:
    """Read ``smtp.example.org``, ``smtp.example.org:465`` or ``[2001:db8::25]:587``.

    Raises
    ------
    ValueError
        With what it takes.
    """
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:\[\]/@]+)(?::(\d{1,5}))?", text)
    if found is None or not 0 < int(found[2] or 25) < 1 << 16:
        raise ValueError(
            f"{text!r} is no mail server; give a host such as smtp.example.org, with :PORT behind "
            "it where that is not 587"
        )
    return Relay(found[1].strip("[]"), int(found[2]) if found[2] else None, username)


@dataclass(frozen=True, slots=True)
class Choices:
    """What an installation is made with.

    Attributes
    ----------
    list_address, base_url : str
    relay : Relay
    mail_in : str
        ``lmtp``, ``pipe``, ``none``, or the path of a Maildir.
    sources : tuple of str
        Addresses or presets that papers are fetched from at first.
    operator : str
        Who is mailed about trouble; may be empty.
    """

    list_address: str
    base_url: str
    relay: Relay
    mail_in: str
    sources: tuple[str, ...] = ()
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What nobody else may know, as the files of an installation hold it.

    Attributes
    ----------
    signing_key, status_token : str
    relay_password : str or None
    dkim_key : str or None
        An RSA key in PEM form; None: the relay signs.
    """

    signing_key: str
    status_token: str
    relay_password: str | None = None
    dkim_key: str | None = None

    def files(self) -> dict[str, str]:
        """Return their files in the folder of the settings, by name."""
        named = {
            "secret.key": f"{self.signing_key}\n",
            "status.token": f"{self.status_token}\n",
            "smtp.password": self.relay_password and f"{self.relay_password}\n",
            "dkim.pem": self.dkim_key,
        }
        return {name: content for name, content in named.items() if content is not None}


def settings_of(choices: Choices, secrets: Secrets, places: Places) -> dict[str, object]:
    """Return the settings that differ from the reference, by their keys."""
    relay = choices.relay
    values: dict[str, object] = {
        "database.url": f"sqlite:///{places.database}",
        "ingest.folder": str(places.state / "incoming"),
        "list.address": choices.list_address,
        "web.base_url": choices.base_url,
        "web.status_token_file": str(places.settings / "status.token"),
        "smtp.host": relay.host,
        "smtp.security": relay.security,
    }
    if relay.port is not None:
        values["smtp.port"] = relay.port
    if relay.username:
        values["smtp.username"] = relay.username
    if secrets.relay_password is not None:
        values["smtp.password_file"] = str(places.settings / "smtp.password")
    if secrets.dkim_key is not None:
        values["dkim.key_file"] = str(places.settings / "dkim.pem")
    if choices.mail_in == "lmtp":
        values["inbox.lmtp"] = LMTP_ADDRESS
    elif choices.mail_in == "pipe":
        values["inbox.pipe"] = True
    elif choices.mail_in != NOTHING:
        values["inbox.maildir"] = choices.mail_in
    if choices.operator:
        values["operator.email"] = choices.operator
    return values


def settings_text(
    reference: str, values: Mapping[str, object], sources: tuple[str, ...] = ()
) -> str:
    """Set keys in the reference of all settings, where each stands already.

    Parameters
    ----------
    reference : str
        TOML that shows every key, those with a default behind ``#``.
    values : mapping
        Texts, numbers and truth values by ``section.key``.
    sources : tuple of str
        Become tables at the end.

    Raises
    ------
    KeyError
        If a key is not in the reference.
    """
    lines, missing, section = [], dict(values), ""
    for line in reference.splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section = found[1]
        shown = re.match(r"#?(\w+) = ", line)
        key = f"{section}.{shown[1]}" if shown else ""
        if shown and key in missing:
            lines.append(f"{shown[1]} = {_toml(missing.pop(key))}")
        else:
            lines.append(line)
    if missing:
        raise KeyError(*missing)
    for source in sources:
        lines += ["", "[[sources]]", f"url = {_toml(source)}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    # JSON's texts, numbers and truth values are TOML's as well, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Mail: where messages are handed over: an SMTP or LMTP server, or the `sendmail` of this machine.

Values only; nothing here opens a connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from recommender.errors import ConfigurationError


class Target(StrEnum):
    """What takes the messages."""

    SMTP = "smtp"
    LMTP = "lmtp"
    """RFC 2033: a mail store on this machine, by a socket or a port."""
    SENDMAIL = "sendmail"
    """A program that puts them into the queue of an MTA on this machine."""


class Security(StrEnum):
    """How the connection is protected. None of them ever falls back to another."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


class Authentication(StrEnum):
    """How we log in; ``AUTO`` takes the first of the server's ways that we know."""

    AUTO = "auto"
    PLAIN = "plain"
    LOGIN = "login"
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where messages are handed over, how, and how fast.

    Attributes
    ----------
    host : str
        A name or an address; for `Target.LMTP` also the path of a Unix socket, which begins with
        a slash; for `Target.SENDMAIL` the path of the program.
    port : int
        0: none, as for sockets and programs.
    security : Security
        ``PLAIN`` takes no credentials. LMTP and sendmail are always plain: they do not leave the
        machine.
    ca_file : Path or None
        Certificates to trust *instead of* the system's.
    client_cert_file, client_key_file : Path or None
        What we show the server of ourselves; PEM. Without a key file, the first holds both.
    oauth2_token_file : Path or None
        Its one line is the access token; read anew for each login, because others renew it.
    timeout_seconds : float
        For the connection and for each answer, > 0.
    local_hostname : str or None
        What we call ourselves in EHLO; None asks the system.
    priority : int
        Servers of the lowest number are used as long as they work.
    connections : int
        Most connections at a time, >= 1.
    messages_per_connection, messages_per_hour : int
        0: no limit.
    messages_per_second : float
        0: no limit.
    smtputf8 : bool
        By the operator's word, it takes addresses beyond ASCII (RFC 6531), and so does what stands
        behind it; addresses are taken by that, and each message goes by what the server offers.

    Raises
    ------
    ConfigurationError
        If a password would cross the network in clear text, or has no user.
    """

    host: str
    port: int = 0
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout_seconds: float = 60
    local_hostname: str | None = None
    target: Target = Target.SMTP
    auth: Authentication = Authentication.AUTO
    oauth2_token_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None
    priority: int = 10
    connections: int = 4
    messages_per_connection: int = 0
    messages_per_second: float = 0
    messages_per_hour: int = 0
    smtputf8: bool = False

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ConfigurationError(problems)

    @property
    def address(self) -> str:
        """How the outbox and messages to the operator name it: ``host:port``, ``lmtp:/path``."""
        if self.target is Target.SENDMAIL:
            return f"sendmail:{self.host}"
        has_port = self.port and not self.is_socket
        endpoint = f"{self.host}:{self.port}" if has_port else self.host
        return f"lmtp:{endpoint}" if self.target is Target.LMTP else endpoint

    @property
    def is_socket(self) -> bool:
        """Whether ``host`` is the path of a Unix socket."""
        return self.target is Target.LMTP and self.host.startswith("/")


def _problems(server: SmtpServer) -> list[str]:
    """Return what would be unsafe, or cannot be meant."""
    problems = []
    has_secret = bool(server.password or server.oauth2_token_file)
    if server.target is not Target.SMTP and (server.username or has_secret):
        problems.append(
            f"smtp.target is {server.target.value!r} and smtp.username is set: nobody logs in "
            "there; remove the credentials"
        )
    elif server.security == Security.PLAIN and (server.username or has_secret):
        problems.append(
            "smtp.security is 'plain' and smtp.username is set: the password would cross the "
            "network in clear text; use 'starttls' or 'tls', or remove the credentials"
        )
    if server.password and server.oauth2_token_file:
        problems.append(
            "smtp.password_file and smtp.oauth2_token_file are both set; the server wants one"
        )
    if bool(server.username) != has_secret:
        problems.append("smtp.username and smtp.password_file belong together; set both or neither")
    if server.auth is Authentication.XOAUTH2 and not server.oauth2_token_file:
        problems.append("smtp.auth is 'xoauth2' and there is no smtp.oauth2_token_file; name it")
    if server.client_key_file and not server.client_cert_file:
        problems.append(
            "smtp.client_key_file is set without smtp.client_cert_file; name the certificate too"
        )
    return problems

"""Configuration: what can be set, what it takes, and its defaults; pure.

The descriptions end the sentence "…; give" of a message. ``config/recommender.toml`` says what each
key is for; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from recommender.config.inbox import BounceSettings, InboxSettings
from recommender.config.incoming import IngestSettings, Sources, SourceSettings
from recommender.config.libraries import LibrarySettings
from recommender.config.section import Section as _Section
from recommender.config.values import (
    STATUS_TOKEN_MIN_CHARACTERS,
    DatabaseUrl,
    Domains,
    FolderPath,
    Hour,
    Integer,
    LanguageTag,
    Line,
    ListAddress,
    Networks,
    Number,
    OptionalMailAddress,
    OptionalPath,
    OptionalSecret,
    Papers,
    SigningKeys,
    TimeZone,
    TypedSecret,
    WebUrl,
    Weekdays,
    Windows,
    is_loopback,
    is_reserved_for_examples,
    keys_of,
)
from recommender.domain import Preferences
from recommender.errors import ConfigurationError
from recommender.languages.negotiation import ENGLISH, LANGUAGES
from recommender.papers.identity.canonical_ids import TitleSearch
from recommender.tokens import SECRET_KEY_MIN_BYTES

PLACEHOLDER_ADDRESS: Final = "papers@example.org"
PLACEHOLDER_URL: Final = "https://papers.example.org"
SECRET_KEY_FILE: Final = "secret.key"  # noqa: S105 - the name of a file
INIT_MEND: Final = "`recommender init` writes one"

_PORTS: Final = {"starttls": 587, "tls": 465, "plain": 25}


class DatabaseSettings(_Section):
    """``[database]``. After loading, ``url`` names the file by its full path."""

    url: DatabaseUrl = Field(
        default="sqlite:///recommender.db",
        description="a file as `sqlite:///recommender.db`, or "
        "`postgresql+psycopg://recommender@db.example.org/recommender`",
    )
    index: FolderPath = Field(default=Path("recommender.db.index"), description="a folder")

    @property
    def index_folder(self) -> Path:
        """Where what is learned lies; what is in it can be made anew from the database."""
        scheme, _, path = self.url.partition(":///")
        is_beside_file = scheme == "sqlite" and "index" not in self.model_fields_set
        return Path(f"{path}.index") if is_beside_file else self.index


class ListSettings(_Section):
    """``[list]``."""

    name: Line = Field(default="Trending papers", description="one line of text")
    address: ListAddress = Field(
        default=PLACEHOLDER_ADDRESS, description="the list's own address, `papers@` your domain"
    )
    curator: Line = Field(default="the research community", description="one line of text")


class WebSettings(_Section):
    """``[web]``."""

    base_url: WebUrl = Field(
        default=PLACEHOLDER_URL, description=f"an address such as `{PLACEHOLDER_URL}`"
    )
    host: Line = Field(default="127.0.0.1", description="an address of this machine")
    port: Integer = Field(default=8000, ge=0, le=65535, description="a port, 1 to 65535")
    trusted_proxies: Networks = Field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="addresses or networks such as `127.0.0.1 10.0.0.0/8`",
    )
    status_token: TypedSecret = Field(
        default=None,
        description=f"at least {STATUS_TOKEN_MIN_CHARACTERS} characters, or nothing",
    )
    status_token_file: OptionalPath = Field(default=None, description="a file")


class SmtpServerSettings(_Section):
    """One server that takes our mail. The port follows from ``security`` where it is not given."""

    target: Literal["smtp", "lmtp", "sendmail"] = Field(
        default="smtp", description="`smtp`, `lmtp` or `sendmail`"
    )
    host: Line = Field(
        default="localhost",
        description="a host name or address, or the path of a socket or program",
    )
    port: Integer = Field(default=587, ge=1, le=65535, description="a port, 1 to 65535")
    security: Literal["starttls", "tls", "plain"] = Field(
        default="starttls", description="`starttls`, `tls` or `plain`"
    )
    username: str = Field(default="", description="text")
    password: OptionalSecret = Field(default=None, description="text")
    password_file: OptionalPath = Field(default=None, description="a file")
    auth: Literal["auto", "plain", "login", "xoauth2"] = Field(
        default="auto", description="`auto`, `plain`, `login` or `xoauth2`"
    )
    oauth2_token_file: OptionalPath = Field(default=None, description="a file")
    ca_file: OptionalPath = Field(default=None, description="a file of certificates in PEM form")
    client_cert_file: OptionalPath = Field(default=None, description="a certificate in PEM form")
    client_key_file: OptionalPath = Field(default=None, description="a key in PEM form")
    timeout_seconds: Number = Field(default=60.0, gt=0, le=3600, description="1 to 3600 seconds")
    priority: Integer = Field(default=10, ge=0, le=1000, description="0 to 1000")
    connections: Integer = Field(default=4, ge=1, le=100, description="1 to 100")
    messages_per_connection: Integer = Field(
        default=0, ge=0, description="a number of messages, 0 for no limit"
    )
    messages_per_second: Number = Field(
        default=0.0, ge=0, description="a number of messages, 0 for no limit"
    )
    messages_per_hour: Integer = Field(
        default=0, ge=0, description="a number of messages, 0 for no limit"
    )
    smtputf8: bool = Field(default=False, description="`true` or `false`")

    @model_validator(mode="before")
    @classmethod
    def _port_follows_security(cls, data: Any) -> Any:
        if isinstance(data, dict) and "port" not in data and data.get("security") in _PORTS:
            return {**data, "port": _PORTS[data["security"]]}
        return data

    def problems(self, key: str) -> Iterator[str]:
        """Yield what keeps this server from being used, ``key`` being its section."""
        if self.username and self.password is None and self.oauth2_token_file is None:
            yield f"{key}.password_file: {key}.username needs a password; give a file with it"
        for name in ("ca_file", "client_cert_file", "client_key_file", "oauth2_token_file"):
            file: Path | None = getattr(self, name)
            if file is not None and not file.is_file():
                yield f"{key}.{name}: there is no file {file}; correct the path"

    def warnings(self, key: str) -> Iterator[str]:
        """Yield what works but is not safe."""
        if self.security == "plain" and self.username and not is_loopback(self.host):
            yield (
                f"{key}.security: the password travels to {self.host} as plain text; "
                "choose `starttls` or `tls`"
            )


class SmtpSettings(SmtpServerSettings):
    """``[smtp]`` and ``[[smtp.fallbacks]]``."""

    fallbacks: tuple[SmtpServerSettings, ...] = Field(
        default=(), description="tables of further servers, each below a line [[smtp.fallbacks]]"
    )

    @property
    def servers(self) -> tuple[tuple[str, SmtpServerSettings], ...]:
        """All servers, each with the name of its section, in the order of the file."""
        further = (
            (f"smtp.fallbacks.{number}", server) for number, server in enumerate(self.fallbacks)
        )
        return (("smtp", self), *further)

    @property
    def first_server(self) -> SmtpServerSettings:
        """The one that messages go to as long as it works."""
        return min((server for _, server in self.servers), key=lambda server: server.priority)


class DkimSettings(_Section):
    """``[dkim]``. Nothing is signed without a key."""

    domain: str = Field(default="", description="a domain, or nothing for the list's own")
    selector: Line = Field(default="papers", description="a word, as it stands in the DNS")
    key: OptionalSecret = Field(default=None, description="an RSA key in PEM form")
    key_file: OptionalPath = Field(default=None, description="a file with an RSA key in PEM form")


class DeliverySettings(_Section):
    """``[delivery]``."""

    first_retry_seconds: Number = Field(default=300.0, gt=0, le=86400, description="1 to 86400")
    longest_retry_hours: Number = Field(default=4.0, gt=0, le=48, description="up to 48 hours")
    give_up_days: Number = Field(default=3.0, gt=0, le=30, description="up to 30 days")
    resend_in_doubt: bool = Field(default=True, description="`true` or `false`")
    batch: Integer = Field(default=20, ge=1, le=1000, description="1 to 1000 messages")
    content_refusals: Integer = Field(default=5, ge=1, le=1000, description="1 to 1000 messages")
    domain_per_minute: Number = Field(
        default=0.0, ge=0, le=100_000, description="0 to 100000 messages"
    )
    domain_connections: Integer = Field(default=0, ge=0, le=100, description="0 to 100")
    windows: Windows = Field(default=(), description='a list such as `["08:00-20:00"]`')
    warm_up_first_day: Integer = Field(
        default=0, ge=0, le=1_000_000, description="0 to 1000000 messages"
    )
    warm_up_growth: Number = Field(default=1.5, gt=1, le=10, description="a factor, 1.01 to 10")


class NewsletterSettings(_Section):
    """``[newsletter]``: a new subscriber's defaults, and how long attention lasts."""

    hour: Hour = Field(default=7, description="an hour, 0 to 23")
    weekdays: Weekdays = Field(
        default=frozenset(range(5)), description="days such as `Monday to Friday` or `mon wed fri`"
    )
    timezone: TimeZone = Field(
        default="UTC", description="an IANA time zone such as `Europe/Berlin`"
    )
    papers: Papers = Field(default=10, description="1 to 50 papers")
    language: LanguageTag = Field(
        default=ENGLISH, description=f"one of {', '.join(f'`{tag}`' for tag in LANGUAGES)}"
    )
    half_life_days: Number = Field(default=7.0, gt=0, le=365, description="up to 365 days")
    window_days: Integer = Field(default=30, ge=1, le=3650, description="1 to 3650 days")
    title_search: TitleSearch = Field(
        default=TitleSearch.ARXIV, description="`arxiv` or `crossref`"
    )
    thumbnails: bool = Field(default=False, description="true or false")

    @property
    def preferences(self) -> Preferences:
        """A new subscriber's."""
        return Preferences(self.hour, self.weekdays, self.timezone, self.papers)


class RankingSettings(_Section):
    """``[ranking]``."""

    exploration: Integer = Field(default=0, ge=0, le=2, description="0, 1 or 2 papers")
    nightly_hour: Hour = Field(default=3, description="an hour, 0 to 23")


MAILS: Final = "1 to 1000000 mails"
LARGE_DOMAINS: Final = frozenset(
    {
        *("126.com", "163.com", "aol.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net"),
        *("googlemail.com", "hotmail.com", "icloud.com", "live.com", "mail.com", "mail.ru"),
        *("me.com", "msn.com", "naver.com", "outlook.com", "proton.me", "protonmail.com"),
        *("qq.com", "t-online.de", "web.de", "yahoo.com", "yandex.ru"),
    }
)


class LimitsSettings(_Section):
    """``[limits]``: how many mails strangers may cause by asking for the newsletter."""

    network_per_hour: Integer = Field(default=60, ge=1, le=1_000_000, description=MAILS)
    network_per_day: Integer = Field(default=300, ge=1, le=1_000_000, description=MAILS)
    domain_per_hour: Integer = Field(default=300, ge=1, le=1_000_000, description=MAILS)
    domain_per_day: Integer = Field(default=1_500, ge=1, le=1_000_000, description=MAILS)
    large_domain_per_hour: Integer = Field(default=600, ge=1, le=1_000_000, description=MAILS)
    large_domain_per_day: Integer = Field(default=3_000, ge=1, le=1_000_000, description=MAILS)
    large_domains: Domains = Field(
        default=LARGE_DOMAINS, description="domains such as `gmail.com outlook.com`"
    )
    mail_per_hour: Integer = Field(default=300, ge=1, le=1_000_000, description=MAILS)
    mail_per_day: Integer = Field(default=1_500, ge=1, le=1_000_000, description=MAILS)
    total_per_hour: Integer = Field(default=1_000, ge=1, le=1_000_000, description=MAILS)
    total_per_day: Integer = Field(default=5_000, ge=1, le=1_000_000, description=MAILS)
    answers_per_hour: Integer = Field(default=200, ge=1, le=1_000_000, description=MAILS)
    answers_per_day: Integer = Field(default=1_000, ge=1, le=1_000_000, description=MAILS)
    domain_answers_per_hour: Integer = Field(default=30, ge=1, le=1_000_000, description=MAILS)
    domain_answers_per_day: Integer = Field(default=100, ge=1, le=1_000_000, description=MAILS)
    form_seconds: Number = Field(default=2.0, ge=0, le=60, description="0 to 60 seconds")
    blocked_domains_file: OptionalPath = Field(
        default=None, description="a file with a domain a line"
    )
    disposable_domains_file: OptionalPath = Field(
        default=None, description="a file with a domain a line"
    )


class RetentionSettings(_Section):
    """``[retention]``: how long is kept what is only looked back at."""

    issues_days: Integer = Field(default=400, ge=91, le=36_500, description="91 to 36500 days")
    deliveries_days: Integer = Field(default=400, ge=31, le=36_500, description="31 to 36500 days")
    mails_days: Integer = Field(default=400, ge=31, le=36_500, description="31 to 36500 days")
    requests_days: Integer = Field(default=2, ge=2, le=36_500, description="2 to 36500 days")
    rejected_days: Integer = Field(default=90, ge=1, le=36_500, description="1 to 36500 days")


class LogSettings(_Section):
    """``[log]``."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="`debug`, `info`, `warning` or `error`"
    )


class OperatorSettings(_Section):
    """``[operator]``."""

    email: OptionalMailAddress = Field(default=None, description="your mail address")


class Settings(_Section):
    """Everything that an operator can set. Frozen; paths are absolute, secrets are read."""

    secret_key: SigningKeys = Field(
        default=None,
        description=f"at least {SECRET_KEY_MIN_BYTES} characters, one key a line; {INIT_MEND}",
    )
    secret_key_file: FolderPath = Field(default=Path(SECRET_KEY_FILE), description="a file")
    templates_dir: OptionalPath = Field(default=None, description="a folder with templates")
    sources: Sources = Field(
        default=(),
        description="tables, each below a line [[sources]], with `url`, an address or a preset, "
        "and if you like `name` and `every_minutes`; no two with one address or name",
    )
    database: DatabaseSettings
    ingest: IngestSettings
    list: ListSettings
    web: WebSettings
    smtp: SmtpSettings
    dkim: DkimSettings
    delivery: DeliverySettings
    inbox: InboxSettings
    bounces: BounceSettings
    newsletter: NewsletterSettings
    ranking: RankingSettings
    libraries: LibrarySettings
    limits: LimitsSettings
    retention: RetentionSettings
    operator: OperatorSettings
    log: LogSettings

    def signing_keys(self) -> tuple[bytes, ...]:
        """Return the keys by which links are known: the first signs them, all verify them.

        Raises
        ------
        ConfigurationError
            If there is none: it has no default, because everybody would know it.
        """
        if self.secret_key is None:
            problem = f"secret_key_file: no signing key is in {self.secret_key_file}; {INIT_MEND}"
            raise ConfigurationError([problem])
        return keys_of(self.secret_key)

    @property
    def signing_domain(self) -> str:
        """The domain that answers for our mail."""
        return self.dkim.domain or self.list.address.rpartition("@")[2]

    def require_ready(self) -> None:
        """See whether people can be mailed and can reach the pages with these settings.

        Raises
        ------
        ConfigurationError
            With everything that still has to be set.
        """
        problems: list[str] = []
        try:
            self.signing_keys()
        except ConfigurationError as error:
            problems += error.problems
        if self.list.address == PLACEHOLDER_ADDRESS:
            problems.append(
                f"list.address: {PLACEHOLDER_ADDRESS} is a placeholder; give the list's own address"
            )
        if self.web.base_url == PLACEHOLDER_URL:
            problems.append(
                f"web.base_url: {PLACEHOLDER_URL} is a placeholder; give the address at which the "
                "pages are reachable from outside"
            )
        for key, server in self.smtp.servers:
            problems += server.problems(key)
        problems += self.inbox.problems()
        if self.newsletter.thumbnails and not self.ingest.thumbnails:
            problems.append(
                "newsletter.thumbnails: mails can show what is fetched; set ingest.thumbnails too"
            )
        for key in ("blocked_domains_file", "disposable_domains_file"):
            path = getattr(self.limits, key)
            if path is not None and not path.is_file():
                problems.append(
                    f"limits.{key}: there is no file {path}; make it, or correct the path"
                )
        if problems:
            raise ConfigurationError(problems)

    def placeholders(self) -> Iterator[str]:
        """Yield which names are nobody's, and so serve at most a trial, with the fix."""
        named = {
            "list.address": self.list.address,
            "web.base_url": self.web.base_url,
            "operator.email": self.operator.email,
            "dkim.domain": self.dkim.domain,
            **{f"{key}.host": server.host for key, server in self.smtp.servers},
            "inbox.imap_host": self.inbox.imap_host,
        }
        for key, value in named.items():
            if value in (None, PLACEHOLDER_ADDRESS, PLACEHOLDER_URL):
                continue  # what was never set is a problem, see `require_ready`
            host = urlsplit(value).hostname or value.rpartition("@")[2]
            if is_reserved_for_examples(host):
                yield (
                    f"{key}: {host} is a placeholder, nobody outside this machine is reached by "
                    "it; leave it for a trial, else give a name of your own"
                )

    def warnings(self) -> Iterator[str]:
        """Yield what works but is not safe, or leaves the operator in the dark, with the fix."""
        if self.operator.email is None:
            yield (
                "operator.email: it is empty, so only the log tells of broken sources, servers in "
                "trouble and mail that comes back, and nobody is mailed; set it to your address"
            )
        parts = urlsplit(self.web.base_url)
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            yield (
                f"web.base_url: {self.web.base_url} is not encrypted, whoever listens can use the "
                "links of others; put a server with a certificate before it and write https"
            )
        for key, server in self.smtp.servers:
            yield from server.warnings(key)


SECTIONS: Final = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, _Section)
}
DESCRIPTIONS: Final = {
    name: field.description or ""
    for name, field in Settings.model_fields.items()
    if name not in SECTIONS
} | {
    f"{section}.{name}": field.description or ""
    for section, model in SECTIONS.items()
    for name, field in model.model_fields.items()
}
"""Every key with what it takes."""
SOURCE_DESCRIPTIONS: Final = {
    f"sources.{name}": field.description or ""
    for name, field in SourceSettings.model_fields.items()
}
"""Those of each table below [[sources]]."""

"""From settings to what the jobs work with; shared by the command line and the daemon."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.config import Settings, holds_secrets
from recommender.config.settings import SmtpServerSettings
from recommender.errors import ConfigurationError, RecordError
from recommender.jobs.domain_lists import DomainListFile
from recommender.jobs.services import (
    ANSWER_LIMITS,
    LibraryPolicy,
    RankingSettings,
    RequestPolicy,
    Retention,
    Services,
    Site,
    SourcePolicy,
    ThumbnailPolicy,
    WantedSource,
)
from recommender.journal import JournalHandler
from recommender.log_lines import LineFormatter
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import Relay, relay_to
from recommender.mail.transport.replies import RetryPolicy
from recommender.mail.transport.smtp_server import Authentication, Security, SmtpServer, Target
from recommender.membership.limits import Cap, RequestLimits
from recommender.private_files import mode_for_others
from recommender.rendering import Renderer
from recommender.rendering.checking import problems_of_templates
from recommender.service_manager import is_standard_error_the_journal
from recommender.store.backup import copies_beside
from recommender.store.database import files_of_database, open_database
from recommender.tokens import TokenSigner
from recommender.unit_sandbox import Needs, troubles, unit_sandbox
from recommender.waking import wake_daemon

if TYPE_CHECKING:
    from recommender.mail.dkim_signing import DkimSigner


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def open_services(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    wake: Callable[[], None] | None = None,
    must_exist: bool = False,
) -> Services:
    """Open an installation: its database, signing keys and templates.

    Parameters
    ----------
    settings : Settings
    clock, wake : callable
    must_exist : bool
        See `open_database`.

    Raises
    ------
    ConfigurationError
        If there is no secret key, or the operator's own templates are broken.
    StorageError
        If the database cannot be opened.
    TemplateError
        If the templates are missing.
    """
    return Services(
        database=open_database(settings.database.url, must_exist=must_exist),
        renderer=Renderer(
            own_templates=own_templates(settings), language=settings.newsletter.language
        ),
        clock=clock,
        wake=wake or partial(wake_daemon, settings.database.index_folder),
        **_set_by(settings),
    )


def reconfigured(services: Services, settings: Settings) -> Services:
    """Return the same installation with other settings; its database stays open.

    Raises
    ------
    ConfigurationError
        As `open_services`.
    """
    return replace(services, **_set_by(settings))


def _set_by(settings: Settings) -> dict[str, Any]:
    """Return what of `Services` follows from the settings alone."""
    status_token = settings.web.status_token
    return {
        "signer": TokenSigner(*settings.signing_keys()),
        "site": Site(
            list_name=settings.list.name,
            list_address=settings.list.address,
            curator=settings.list.curator,
            base_url=settings.web.base_url,
            operator_address=settings.operator.email,
            title_search=settings.newsletter.title_search,
            takes_mail=settings.inbox.takes_mail,
        ),
        "defaults": settings.newsletter.preferences,
        "ranking": RankingSettings(
            half_life_days=settings.newsletter.half_life_days,
            window_days=settings.newsletter.window_days,
            exploration=settings.ranking.exploration,
            nightly_hour=settings.ranking.nightly_hour,
        ),
        "index_folder": settings.database.index_folder,
        "dkim": dkim_signer(settings),
        "bounces": settings.bounces.policy,
        "inbox_keep_days": settings.inbox.keep_days,
        "inbox_quota_bytes": settings.inbox.quota_bytes,
        "answer_limits": answer_limits(settings),
        "takes_smtputf8": settings.smtp.first_server.smtputf8,
        "requests": request_policy(settings),
        "retention": Retention(
            issues=timedelta(days=settings.retention.issues_days),
            deliveries=timedelta(days=settings.retention.deliveries_days),
            mails=timedelta(days=settings.retention.mails_days),
            requests=timedelta(days=settings.retention.requests_days),
            rejected=timedelta(days=settings.retention.rejected_days),
        ),
        "sources": source_policy(settings),
        "libraries": LibraryPolicy(
            is_offered=settings.libraries.offered,
            zotero_url=settings.libraries.zotero_url,
            arxiv_url=settings.libraries.arxiv_url,
            crossref_url=settings.libraries.crossref_url,
            per_night=settings.libraries.per_night,
        ),
        "thumbnails": ThumbnailPolicy(
            folder=settings.database.index_folder / "thumbnails",
            are_shown=settings.ingest.thumbnails,
            are_mailed=settings.newsletter.thumbnails,
        ),
        "status_token": status_token.get_secret_value() if status_token else None,
    }


def own_templates(settings: Settings) -> Path | None:
    """Return the operator's folder of templates, once nothing is wrong with them.

    Raises
    ------
    ConfigurationError
        With all that is wrong, a line each.
    """
    folder = settings.templates_dir
    if folder is not None and (problems := problems_of_templates(folder)):
        raise ConfigurationError(problems)
    return folder


def request_policy(settings: Settings) -> RequestPolicy:
    """Return what is asked of requests to be subscribed."""
    chosen = settings.limits
    return RequestPolicy(
        limits=RequestLimits(
            network=Cap(chosen.network_per_hour, chosen.network_per_day),
            domain=Cap(chosen.domain_per_hour, chosen.domain_per_day),
            large_domain=Cap(chosen.large_domain_per_hour, chosen.large_domain_per_day),
            by_mail=Cap(chosen.mail_per_hour, chosen.mail_per_day),
            total=Cap(chosen.total_per_hour, chosen.total_per_day),
            large_domains=chosen.large_domains,
        ),
        blocked=DomainListFile(chosen.blocked_domains_file),
        disposable=DomainListFile(chosen.disposable_domains_file),
        form_seconds=chosen.form_seconds,
        trusted_proxies=settings.web.trusted_proxies,
    )


def source_policy(settings: Settings) -> SourcePolicy:
    """Return what is fetched, and from where."""
    return SourcePolicy(
        configured=tuple(
            WantedSource(each.address, each.called, each.every_minutes) for each in settings.sources
        ),
        allow_private_networks=settings.ingest.allow_private_networks,
        rejected_folder=settings.ingest.rejected_folder,
    )


def answer_limits(settings: Settings) -> RequestLimits:
    """Return how many mails strangers may cause by writing to us."""
    chosen = settings.limits
    total = Cap(chosen.answers_per_hour, chosen.answers_per_day)
    of_domain = Cap(chosen.domain_answers_per_hour, chosen.domain_answers_per_day)
    return RequestLimits(
        network=of_domain,
        mailbox=ANSWER_LIMITS.mailbox,
        domain=of_domain,
        large_domain=total,
        total=total,
        large_domains=chosen.large_domains,
    )


def dkim_signer(settings: Settings) -> DkimSigner | None:
    """Return what signs our mail; None where it is not signed here.

    Raises
    ------
    ConfigurationError
        If the key is none.
    """
    key = settings.dkim.key
    if key is None:
        return None
    # Only who signs needs it: it takes a while to import.
    from recommender.mail.dkim_signing import DkimSigner  # noqa: PLC0415

    try:
        return DkimSigner(
            settings.signing_domain, settings.dkim.selector, key.get_secret_value().encode()
        )
    except RecordError as error:
        raise ConfigurationError([f"dkim.key_file: {error}"]) from error


def smtp_servers(settings: Settings) -> tuple[SmtpServer, ...]:
    """Return where messages are handed over, the server that is tried first at the beginning.

    Raises
    ------
    ConfigurationError
        With every problem: a password that would cross the network in clear text, or without user.
    """
    servers, problems = [], []
    for key, server in settings.smtp.servers:
        try:
            servers.append(_smtp_server(server))
        except ConfigurationError as error:
            problems += [problem.replace("smtp.", f"{key}.") for problem in error.problems]
    if problems:
        raise ConfigurationError(problems)
    return tuple(sorted(servers, key=lambda server: server.priority))


def _smtp_server(section: SmtpServerSettings) -> SmtpServer:
    """Return the server of a section; their fields have the same names."""
    shared = {field.name for field in fields(SmtpServer)} & type(section).model_fields.keys()
    values = {name: getattr(section, name) for name in shared} | {
        "security": Security(section.security),
        "target": Target(section.target),
        "auth": Authentication(section.auth),
        "username": section.username or None,
        "password": section.password and section.password.get_secret_value(),
    }
    return SmtpServer(**values)


def relays(settings: Settings) -> tuple[Relay, ...]:
    """Return which servers take our messages, and how much of them.

    Raises
    ------
    ConfigurationError
        As `smtp_servers`.
    """
    return tuple(relay_to(server) for server in smtp_servers(settings))


def delivery_rules(settings: Settings) -> DeliveryRules:
    """Return how messages are delivered: when, how fast, and how often they are tried."""
    delivery = settings.delivery
    return DeliveryRules(
        batch_size=delivery.batch,
        retries=RetryPolicy(
            first_seconds=delivery.first_retry_seconds,
            longest_seconds=delivery.longest_retry_hours * 3600,
            give_up_after=timedelta(days=delivery.give_up_days),
            resend_in_doubt=delivery.resend_in_doubt,
        ),
        content_refusals=delivery.content_refusals,
        domain_per_minute=delivery.domain_per_minute,
        domain_connections=delivery.domain_connections,
        windows=delivery.windows,
        timezone=settings.newsletter.timezone,
        warm_up_first_day=delivery.warm_up_first_day,
        warm_up_growth=delivery.warm_up_growth,
    )


def files_for_others(settings: Settings, configuration: Path) -> Iterator[str]:
    """Yield which files everybody on this machine may read or write, one line each with the fix.

    Parameters
    ----------
    settings : Settings
    configuration : Path
        The file that they were read from; it may be for others where no secret stands in it.
    """
    for path in _private_files(settings, configuration):
        if mode := mode_for_others(path):
            yield f"{path}: others may read or write it (mode {mode}); chmod 600 {path}"
    folders = (
        settings.database.index_folder,
        settings.ingest.done_folder,
        settings.ingest.rejected_folder,
    )
    for path in folders:
        if mode := mode_for_others(path):
            yield f"{path}: others may look into it (mode {mode}); chmod 700 {path}"


def unit_troubles(settings: Settings, configuration: Path) -> Iterator[str]:
    """Yield what the daemon's unit may not do of what the settings say, where there is a unit."""
    sandbox = unit_sandbox(configuration)
    if sandbox is not None:
        yield from troubles(sandbox, _needs(settings))


def _needs(settings: Settings) -> Needs:
    written = {
        "database.url": Path(settings.database.url.removeprefix("sqlite:///")).parent,
        "ingest.folder": settings.ingest.folder.parent,
    }
    if settings.inbox.maildir is not None:
        written["inbox.maildir"] = settings.inbox.maildir
    if settings.inbox.lmtp.startswith("unix:"):
        written["inbox.lmtp"] = Path(settings.inbox.lmtp.removeprefix("unix:")).parent
    secrets = {
        "secret_key_file": (settings.secret_key_file, "secret_key"),
        "dkim.key_file": (settings.dkim.key_file, "dkim_key"),
        "inbox.imap_password_file": (settings.inbox.imap_password_file, "imap_password"),
        "web.status_token_file": (settings.web.status_token_file, "status_token"),
    }
    programs = {}
    for key, server in settings.smtp.servers:
        number = key.removeprefix("smtp").replace(".fallbacks.", "_")
        secrets[f"{key}.password_file"] = (server.password_file, f"smtp_password{number}")
        secrets[f"{key}.oauth2_token_file"] = (server.oauth2_token_file, "")
        secrets[f"{key}.client_key_file"] = (server.client_key_file, "")
        if server.target == "sendmail":
            programs[f"{key}.target"] = server.host
    named = {
        key: (path, credential) for key, (path, credential) in secrets.items() if path is not None
    }
    return Needs(written, named, programs)


def _private_files(settings: Settings, configuration: Path) -> Iterator[Path]:
    if holds_secrets(configuration):
        yield configuration
    yield settings.secret_key_file
    named = [
        settings.dkim.key_file,
        settings.inbox.imap_password_file,
        settings.web.status_token_file,
    ]
    for _, server in settings.smtp.servers:
        named += [server.password_file, server.oauth2_token_file, server.client_key_file]
    yield from (path for path in named if path is not None)
    yield from files_of_database(settings.database.url)
    yield from copies_beside(settings.database.url)


def configure_logging(*, daemon: bool, debug: bool, level: str = "info") -> None:
    """Log to standard error: a command only its warnings, the daemon what it does.

    The journal adds the time itself, and is told the priority of each entry and what it is about.
    """
    form = "%(levelname)s %(name)s: %(message)s" if daemon or debug else "recommender: %(message)s"
    if is_standard_error_the_journal():
        handler: logging.Handler = JournalHandler(form, sys.stderr)
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(LineFormatter(f"%(asctime)s {form}" if daemon or debug else form))
    logging.basicConfig(handlers=[handler])
    set_log_level("debug" if debug else level if daemon else "warning")


def set_log_level(level: str) -> None:
    """Log what has at least this level, from now on."""
    logging.getLogger().setLevel(level.upper())
    debug = level == "debug"
    # They tell every wake-up and every connection.
    for chatty in ("apscheduler", "asyncio", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.DEBUG if debug else logging.WARNING)
    # It warns of each request that is none, and anybody can send thousands.
    logging.getLogger("uvicorn").setLevel(logging.DEBUG if debug else logging.ERROR)

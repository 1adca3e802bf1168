"""Machine: what is left for the operator once the daemon runs; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from recommender.machine.choices import LMTP_ADDRESS
from recommender.machine.mail_servers import (
    exim_lines,
    opensmtpd_lines,
    postfix_command,
    postfix_settings,
)

PROXIES: Final = {
    "nginx": "/usr/sbin/nginx",
    "Caddy": "/usr/bin/caddy",
    "Apache": "/usr/sbin/apache2",
}
"""By which program a web server is known to be there."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What was set up, and what is on the machine.

    Attributes
    ----------
    list_address, base_url : str
    web_address : str
        Where the daemon serves its pages: ``127.0.0.1:8000``.
    lmtp : str
        Where it takes mail by LMTP; empty: nowhere.
    takes_mail : bool
        Whether there is any way in.
    mail_server : str
        A key of `mail_servers.PROGRAMS`, or empty.
    postfix, postfix_expanded : mapping
        What is set for `mail_servers.POSTFIX_KEYS`.
    proxies : tuple of str
        Keys of `PROXIES`.
    host_name : str
        This machine's own.
    dkim_record : tuple of str or None
        Name and text of the record of the key that signs our mail.
    operator : str
    has_sources : bool
    """

    list_address: str
    base_url: str
    web_address: str
    lmtp: str
    takes_mail: bool
    mail_server: str
    postfix: Mapping[str, str]
    postfix_expanded: Mapping[str, str]
    proxies: tuple[str, ...]
    host_name: str
    dkim_record: tuple[str, str] | None
    operator: str
    has_sources: bool


def next_steps(installed: Installed) -> list[str]:
    """Return what is to be done next, a paragraph each, the most needed first."""
    steps = [*_papers(installed), _mail_server(installed), _proxy(installed), _names(installed)]
    steps.append(
        "Look whether receivers will trust the mail, also later on:\n"
        "sudo -u recommender recommender doctor"
    )
    return [each for each in steps if each]


def _papers(installed: Installed) -> list[str]:
    me = "sudo -u recommender recommender subscribers add you@…"
    if installed.has_sources:
        found = "Papers come by themselves, `recommender sources list` says how that goes."
        return [f"{found} Put yourself on the list:\n{me}"]
    named = "Name what is to be read, or drop digests into the watched folder; then yourself:"
    return [f"{named}\nsudo -u recommender recommender sources add arxiv:cs.LG\n{me}"]


def _mail_server(installed: Installed) -> str:
    address = installed.list_address
    if not installed.takes_mail:
        return (
            "Mail to the list reaches nobody: readers use the pages alone. [inbox] in the settings "
            "tells the ways in: a mailbox elsewhere by IMAP, a Maildir, a pipe, or LMTP."
        )
    if installed.lmtp != LMTP_ADDRESS:
        return f"Have your mail server hand over what comes for {address} and its plus-tags."
    told = f"Have mail for {address} and its plus-tags handed over by LMTP to {LMTP_ADDRESS}."
    missing = postfix_settings(address, installed.postfix, installed.postfix_expanded)
    if installed.mail_server == "postfix" and not missing:
        return ""
    lines = {
        "postfix": f"Postfix is here; this adds to what it has:\n{postfix_command(missing)}",
        "exim": f"Exim is here; it needs\n{exim_lines(address)}",
        "opensmtpd": f"OpenSMTPD is here; it needs\n{opensmtpd_lines(address)}",
    }
    return f"{told} {lines.get(installed.mail_server, 'No mail server was found here.')}"


def _proxy(installed: Installed) -> str:
    parts = urlsplit(installed.base_url)
    host = parts.hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"}:
        return ""
    told = (
        f"Have your web server pass {installed.base_url} on to http://{installed.web_address}, "
        "with the client's address in X-Forwarded-For"
    )
    path = parts.path or "/"
    lines = {
        "nginx": f"server {{ server_name {host}; location {path} {{ proxy_pass "
        f"http://{installed.web_address}; proxy_set_header Host $host; proxy_set_header "
        "X-Forwarded-For $proxy_add_x_forwarded_for; } }",
        "Caddy": f"{host} {{\n  reverse_proxy {installed.web_address}\n}}",
        "Apache": f"<VirtualHost *:443>\n  ServerName {host}\n  ProxyPreserveHost On\n"
        f"  ProxyPass {path} http://{installed.web_address}/\n</VirtualHost>",
    }
    found = [f"{name} is here:\n{lines[name]}" for name in installed.proxies]
    return "\n".join([f"{told}.", *(found or [f"With Caddy that is\n{lines['Caddy']}"])])


def _names(installed: Installed) -> str:
    domain = installed.list_address.rpartition("@")[2]
    host = urlsplit(installed.base_url).hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"}:
        return ""
    records = [f"{host}. A <the address of this machine's web server>"]
    if installed.lmtp:
        records.append(f"{domain}. MX 10 {installed.host_name}.")
    records.append(
        f'{domain}. TXT "v=spf1 mx ~all"  (with what sends your mail, in the one there is)'
    )
    if installed.dkim_record is not None:
        name, text = installed.dkim_record
        records.append(f'{name}. TXT "{text}"')
    reports = f"; rua=mailto:{installed.operator}" if installed.operator else ""
    records.append(f'_dmarc.{domain}. TXT "v=DMARC1; p=none{reports}"')
    return "\n".join(["See that the DNS has, or has alike:", *records])

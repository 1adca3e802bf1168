"""Machine: what the mail server of this machine needs to be told of the list; pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Final

from recommender.machine.choices import LMTP_ADDRESS

POSTFIX_KEYS: Final = (
    *("recipient_delimiter", "transport_maps", "mydestination", "relay_domains"),
    *("virtual_mailbox_domains", "local_recipient_maps", "virtual_mailbox_maps"),
    "relay_recipient_maps",
)

PROGRAMS: Final = {
    "postfix": "/usr/sbin/postconf",
    "exim": "/usr/sbin/exim4",
    "opensmtpd": "/usr/sbin/smtpctl",
}
"""By which program a mail server is known to be there, the one that is asked about first first."""

# Whether what is set so takes mail for a domain, and the key with the recipients that it takes.
_RECIPIENTS: Final = {
    "mydestination": "local_recipient_maps",
    "virtual_mailbox_domains": "virtual_mailbox_maps",
    "relay_domains": "relay_recipient_maps",
}


def postfix_settings(
    list_address: str, current: Mapping[str, str], expanded: Mapping[str, str]
) -> dict[str, str]:
    """Return what has to be set in ``main.cf`` so that mail to the list is handed to the daemon.

    Parameters
    ----------
    list_address : str
    current, expanded : mapping
        What is set for `POSTFIX_KEYS`, as it stands there, and with the names in it resolved.

    Returns
    -------
    dict
        Empty where all is set. What is there stays in front of what is added.
    """
    domain = list_address.rpartition("@")[2]
    # Some defaults are formulas, which are not copied.
    current = {
        key: expanded.get(key, "") if value.startswith("${{") else value
        for key, value in current.items()
    }
    wanted = {
        "transport_maps": f"inline:{{ {{ {list_address} = lmtp:inet:{LMTP_ADDRESS} }} }}",
    }
    taken_by = next((key for key in _RECIPIENTS if domain in _words(expanded.get(key, ""))), None)
    if taken_by is None:
        wanted["relay_domains"] = domain
    recipients = _RECIPIENTS[taken_by or "relay_domains"]
    # Where recipients are not listed, all are taken; a domain that is new here takes one alone.
    if current.get(recipients) or taken_by is None:
        wanted[recipients] = f"inline:{{ {{ {list_address} = list }} }}"
    settings = {
        key: f"{current[key]} {value}" if current.get(key) else value
        for key, value in wanted.items()
        if value not in current.get(key, "")
    }
    if "+" not in expanded.get("recipient_delimiter", ""):
        settings["recipient_delimiter"] = "+"
    return settings


def postfix_command(settings: Mapping[str, str]) -> str:
    """Return the line that sets these in ``main.cf`` and has Postfix read it."""
    words = shlex.join(f"{key} = {value}" for key, value in settings.items())
    return f"sudo postconf -e {words} && sudo systemctl reload postfix"


def exim_lines(list_address: str) -> str:
    """Return a router and a transport for Exim."""
    local_part, _, domain = list_address.rpartition("@")
    host, _, port = LMTP_ADDRESS.rpartition(":")
    return f"""\
# a router, before all others that take local mail:
recommender:
  driver = accept
  domains = {domain}
  local_parts = {local_part}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = recommender
# and its transport:
recommender:
  driver = smtp
  protocol = lmtp
  hosts = {host}
  port = {port}
  allow_localhost
  rcpt_include_affixes
# {domain} must be one of its local domains (Debian: dc_other_hostnames)"""


def opensmtpd_lines(list_address: str) -> str:
    """Return a table, an action and a rule for OpenSMTPD, to stand before the others.

    It delivers to people of this machine only, so one has to be named: the daemon's account. What
    stands behind a plus sign it leaves out where it looks an address up, and hands over.
    """
    return f"""\
table recommender {{ "{list_address}" = "recommender" }}
action "recommender" lmtp "{LMTP_ADDRESS}" rcpt-to virtual <recommender>
match from any for rcpt-to "{list_address}" action "recommender\""""


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()

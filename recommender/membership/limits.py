"""Membership: how many mails strangers may cause by typing addresses; pure.

Anybody can ask for the newsletter at anybody's address, and each request that is granted mails
somebody who perhaps never asked. One address gets one mail an hour and three a day (see
`subscription`); here, mails are capped by whom they burden and by whom they were asked for:

=========  =================================================================================
recipient  the domain: who asks for a thousand people of one company burdens that company
network    the client: IPv4 by address, IPv6 by /64
mail       requests that came by mail, all together: From proves nothing, so it names nobody
all        the installation: what its own reputation can bear
=========  =================================================================================

IPv4 counts by address, not by /24: a lab, a university or a phone company stands behind one
address already, and the other 255 are often strangers to each other at a hosting company. IPv6
counts by /64, the least that a customer is given (RFC 6177): within one, addresses are free.

A request that is capped changes nothing at all, and whoever asked is told what everybody is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
BY_MAIL: Final = "mail"
"""The network of a request that came by mail."""

NOWHERE: Final = "unknown"
"""The network of a request of which nothing tells where it came from: all of them are one."""

_IPV6_PREFIX: Final = 64


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many mails within an hour, and within a day."""

    per_hour: int
    per_day: int


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How many mails requests may cause.

    Attributes
    ----------
    network, domain, large_domain, by_mail, total : Cap
    large_domains : frozenset of str
        Mail services with so many customers that `large_domain` holds for them; in ASCII.
    """

    network: Cap = Cap(60, 300)
    domain: Cap = Cap(300, 1_500)
    large_domain: Cap = Cap(600, 3_000)
    by_mail: Cap = Cap(300, 1_500)
    total: Cap = Cap(1_000, 5_000)
    large_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CausedMail:
    """A mail that a request caused: when, for which domain, from which network."""

    at: datetime
    domain: str
    network: str


@dataclass(slots=True)
class Allowance:
    """What requests may still cause, as mails are granted one after the other.

    Parameters
    ----------
    limits : RequestLimits
    caused : iterable of CausedMail
        Those of the last day, in any order.
    """

    limits: RequestLimits
    caused: Iterable[CausedMail] = ()
    _moments: dict[str, deque[datetime]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Count what was caused before."""
        for mail in sorted(self.caused, key=lambda mail: mail.at):
            self.grant(domain=mail.domain, network=mail.network, now=mail.at)

    def reached_cap(self, *, domain: str, network: str, now: datetime) -> str | None:
        """Name the first cap that one more mail would exceed, in words; None where none would."""
        for source, cap in self._caps(domain, network):
            moments = self._moments.get(source)
            if moments is None:
                continue
            while moments and now - moments[0] >= DAY:
                moments.popleft()
            if len(moments) >= cap.per_day:
                return f"{source}, {cap.per_day} a day"
            # The one that stands `per_hour` from the end tells whether the last hour is full.
            if len(moments) >= cap.per_hour and now - moments[-cap.per_hour] < HOUR:
                return f"{source}, {cap.per_hour} an hour"
        return None

    def grant(self, *, domain: str, network: str, now: datetime) -> None:
        """Count a mail that is caused now; moments do not go back."""
        for source, _ in self._caps(domain, network):
            self._moments.setdefault(source, deque()).append(now)

    def _caps(self, domain: str, network: str) -> tuple[tuple[str, Cap], ...]:
        """Name in words what a mail counts for, and how many each of these may cause."""
        limits = self.limits
        if network == BY_MAIL:
            asking = ("all that ask by mail", limits.by_mail)
        else:
            asking = (f"network {network}", limits.network)
        large = is_listed(domain, limits.large_domains)
        return (
            asking,
            (f"domain {domain}", limits.large_domain if large else limits.domain),
            ("all requests", limits.total),
        )


def network_of(address: str) -> str:
    """Name the network that a client's requests are counted by: ``192.0.2.7``, ``2001:db8::/64``.

    What is no IP address is `NOWHERE`, so that nobody escapes by a broken one.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.strip())
    except ValueError:
        return NOWHERE
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(IPv6Network((ip, _IPV6_PREFIX), strict=False))
    return str(ip)


def is_listed(domain: str, listed: frozenset[str]) -> bool:
    """Return whether a domain, or one above it, is on a list; both in lower-case ASCII."""
    labels = domain.split(".")
    return any(".".join(labels[first:]) in listed for first in range(len(labels)))

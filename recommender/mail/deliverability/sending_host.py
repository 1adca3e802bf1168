"""Room mail: from which addresses our mail reaches the world. Touches sockets; sends nothing.

Where the SMTP server is this machine, it is this machine's addresses; otherwise a relay sends, and
only its operator knows from where.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from recommender.mail.deliverability.name_lookup import Lookup

# Of the ranges for documentation (RFC 5737, RFC 3849): a route leads there, and nobody is there.
_SOMEWHERE: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))

# Private networks (RFC 1918, RFC 4193), shared and link-local addresses: nobody outside sees them.
_INSIDE: Final = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
            *("fc00::/7", "fe80::/10"),
        ),
    )
)

# What their customers are asked to include; only what is certain stands here.
_INCLUDES: Final = {
    "amazonaws.com": "amazonses.com",
    "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com",
    "mailgun.org": "mailgun.org",
    "mailjet.com": "spf.mailjet.com",
    "office365.com": "spf.protection.outlook.com",
    "postmarkapp.com": "spf.mtasv.net",
    "sendgrid.net": "sendgrid.net",
}


@dataclass(frozen=True, slots=True)
class SendingHost:
    """Who hands our mail to the servers of its recipients.

    Attributes
    ----------
    name : str
        As ``smtp.host`` has it.
    is_here : bool
        It is this machine, or one of the network that it is in.
    addresses : tuple of IPv4Address or IPv6Address
        From which it sends, as far as that is known; of a relay, those at which it takes mail.
    """

    name: str
    is_here: bool
    addresses: tuple[IPv4Address | IPv6Address, ...]

    @property
    def include(self) -> str | None:
        """The domain whose SPF record lists a relay's addresses, where that is known."""
        name = self.name.lower().rstrip(".")
        return next(
            (include for end, include in _INCLUDES.items() if f".{name}".endswith(f".{end}")), None
        )


def system_addresses(host: str) -> tuple[str, ...]:
    """Return the addresses that this machine knows a name by, its own file of hosts included."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


def find_sending_host(
    host: str, lookup: Lookup, *, resolve: Callable[[str], tuple[str, ...]] = system_addresses
) -> SendingHost:
    """Return who sends, from the name or address of the SMTP server.

    Parameters
    ----------
    resolve : callable
        Asked for the addresses of a name that the DNS does not know.

    Raises
    ------
    NameServerError
        If nobody tells the server's addresses.
    """
    addresses = _addresses_of(host, lookup) or tuple(map(ip_address, resolve(host)))
    if any(map(_is_of_this_machine, addresses)):
        return SendingHost(host, is_here=True, addresses=_outgoing_addresses())
    if addresses and all(any(address in network for network in _INSIDE) for address in addresses):
        return SendingHost(host, is_here=True, addresses=())
    return SendingHost(host, is_here=False, addresses=addresses)


def is_loopback(host: str) -> bool:
    """Return whether a name or an address is this machine's, for itself alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return _is_called_localhost(host)


def _is_called_localhost(host: str) -> bool:
    # RFC 6761 section 6.3: such names are never asked for in the DNS.
    return host == "localhost" or host.endswith(".localhost")


def _addresses_of(host: str, lookup: Lookup) -> tuple[IPv4Address | IPv6Address, ...]:
    if _is_called_localhost(host):
        return (IPv4Address("127.0.0.1"),)
    try:
        return (ip_address(host),)
    except ValueError:
        return tuple(map(ip_address, (*lookup(host, "A"), *lookup(host, "AAAA"))))


def _is_of_this_machine(address: IPv4Address | IPv6Address) -> bool:
    if address.is_loopback:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Only an address of this machine can be bound.
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def _outgoing_addresses() -> tuple[IPv4Address | IPv6Address, ...]:
    """Return the public addresses that this machine sends from; none behind a NAT.

    To connect a datagram socket chooses a source address, and sends nothing.
    """
    found = []
    for family, somewhere in _SOMEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((somewhere, 9))
            except OSError:
                continue  # no route for this version of IP: nothing is sent from there
            found.append(ip_address(probe.getsockname()[0]))
    return tuple(address for address in found if address.is_global)

"""Fetching: which addresses of the network a source may have. Pure.

A feed's server, or its name server, chooses where we connect to. So each address is looked at, of
each hop, and what is connected to is the address that was looked at.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

_LOOPBACK: Final = "127.0.0.1"

IpAddress = IPv4Address | IPv6Address


class Reach(Enum):
    """How far an address reaches."""

    PUBLIC = "public"
    OWN_NETWORK = "own network"
    """This machine, or one near it: an intranet may have feeds."""
    NOWHERE = "nowhere"
    """No server with feeds: metadata services of clouds, groups, what is reserved."""


# RFC 6052 and 8215: an IPv4 address stands in the last four bytes.
_NAT64: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
# RFC 4291, 2.5.5.1, abolished but still understood by some systems.
_COMPATIBLE: Final = ip_network("::/96")
_NETWORKS_HERE: Final = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10"),
            *("::1/128", "fc00::/7"),
        ),
    )
)
# The last are metadata services of clouds that lie in networks of the kinds above.
_NEVER: Final = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "169.254.0.0/16", "fe80::/10", "fec0::/10", "::/128"),
            *("100.100.100.200/32", "fd00:ec2::254/128", "168.63.129.16/32", "192.0.0.192/32"),
        ),
    )
)


def reach_of(address: str) -> Reach:
    """Return how far an address reaches: an IPv4 or IPv6 address, a zone behind it or not."""
    return _reach(ip_address(address.partition("%")[0]))


def refusal_unseen(url: str, *, allow_own_network: bool) -> str | None:
    """Return why a source is never asked, as far as its address tells without a name server.

    Parameters
    ----------
    url : str
        An http or https address.
    allow_own_network : bool
        Sources in the own network are fetched.
    """
    host = urlsplit(url).hostname or ""
    address = _LOOPBACK if host == "localhost" else host
    try:
        reach = reach_of(address)
    except ValueError:
        return None
    if reach is Reach.PUBLIC or (reach is Reach.OWN_NETWORK and allow_own_network):
        return None
    return refusal(host, address, reach)


def refusal(host: str, address: str, reach: Reach, *, is_redirected: bool = False) -> str:
    """Return why a server with this address is not asked, and what the operator can do."""
    what = f"{host} is {address}" if host != address else address
    way = "it redirects to where no feed is: " if is_redirected else ""
    if reach is Reach.NOWHERE:
        return f"{way}{what}, which is no address of a server with feeds; it was not asked"
    if is_redirected:
        return f"{way}{what}, an address of the own network; it was not asked"
    return (
        f"{what}, an address of the own network; it was not asked. If that is meant, set "
        "ingest.allow_private_networks = true"
    )


def _reach(address: IpAddress) -> Reach:
    inner = _embedded(address)
    if inner is not None:
        return _reach(inner)
    if any(address in network for network in _NEVER):
        return Reach.NOWHERE
    if any(address in network for network in _NETWORKS_HERE):
        return Reach.OWN_NETWORK
    if address.is_global and not address.is_multicast and not address.is_reserved:
        return Reach.PUBLIC
    return Reach.NOWHERE


def _embedded(address: IpAddress) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return None
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _NAT64):
        return last
    if address in _COMPATIBLE and int(address) > 1:
        return last
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour

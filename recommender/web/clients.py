"""Room 6, what they click: who is asking, as far as caps count requests by network; pure.

A server before us (nginx, Caddy) hands on the client's address in ``X-Forwarded-For``: each server
on the way adds whom it heard from at the end. Everybody can send such a header, so it is read from
the end, and only as long as those who added to it are trusted. The first address that is not one
of theirs is the client. What stands before it, a client may have written.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import Request

from recommender.membership.limits import network_of
from recommender.web.forms import services_of

# Nobody has more servers in a row; a header of megabytes is not taken apart.
HOPS_MAX: Final = 16


def client_network(request: Request) -> str:
    """Name the network that sent a request, as `network_of` does."""
    peer = "" if request.client is None else request.client.host
    forwarded = request.headers.getlist("X-Forwarded-For")
    trusted = services_of(request).requests.trusted_proxies
    return network_of(client_address(peer, forwarded, trusted))


def client_address(
    peer: str, forwarded: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]
) -> str:
    """Find the client's address.

    Parameters
    ----------
    peer : str
        Who opened the connection.
    forwarded : sequence of str
        The ``X-Forwarded-For`` headers, in their order.
    trusted : sequence of IPv4Network and IPv6Network

    Returns
    -------
    str
        The address farthest from us that somebody trusted told us of. Where what they told is no
        address, or where all are trusted, the last one that was understood.
    """
    client = peer
    for said in reversed(",".join(forwarded).rsplit(",", HOPS_MAX)[-HOPS_MAX:]):
        if not is_trusted(client, trusted):
            return client
        address = _without_port(said.strip())
        if _parsed(address) is None:
            return client
        client = address
    return client


def _without_port(said: str) -> str:
    """Take off what some servers add: ``192.0.2.7:4711``, ``[2001:db8::1]:4711``."""
    if said.startswith("["):
        return said[1:].partition("]")[0]
    return said.partition(":")[0] if said.count(":") == 1 else said


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def is_trusted(address: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether an address is one of ours before us."""
    ip = _parsed(address)
    return ip is not None and any(ip in network for network in trusted)

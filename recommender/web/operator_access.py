"""Room 6, what they click: who may see the operator's page, decided from plain values; pure.

With a token in the configuration, whoever typed it (a cookie says so) and nobody else. Without one,
whoever sits at this machine. That a connection comes from this machine does not tell that: so does
each that a web server here hands on. Those say so in a header as a rule; nginx does not, unless it
is told to, and even writes our own address into Host. So the page opens without a token only where
the pages are said to be on this machine, which is where no web server stands before them. And Host
has to be a name of this machine: any page of the web can have a name of its own lead here, and
read what a browser on this machine is told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from math import ceil
from typing import Final
from urllib.parse import urlsplit

WRONG_TOKENS: Final = 5
WITHIN: Final = timedelta(minutes=15)
"""So many wrong tokens may one network send; then it has to wait."""

NETWORKS_KEPT: Final = 1_000

_FORWARDING: Final = ("x-forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-", "via")
_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_at_this_machine(peer: str, host: str, headers: Iterable[str], *, base_url: str) -> bool:
    """Whether a request was certainly made by somebody at this machine.

    Parameters
    ----------
    peer : str
        Who opened the connection.
    host : str
        The header ``Host``.
    headers : iterable of str
        Names of all headers.
    base_url : str
        Where the pages are said to be.
    """
    return (
        _is_loopback(peer)
        and _host_of(f"//{host}") in _NAMES
        and _host_of(base_url) in _NAMES
        and not any(_is_forwarding(name.lower()) for name in headers)
    )


def _is_forwarding(header: str) -> bool:
    return header == "forwarded" or header.startswith(_FORWARDING)


def _is_loopback(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _host_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return None if "@" in parts.netloc else parts.hostname


class WrongTokens:
    """Remembers which networks sent wrong tokens lately, of the last `NETWORKS_KEPT`."""

    def __init__(self) -> None:
        self._moments: OrderedDict[str, list[datetime]] = OrderedDict()

    def seconds_to_wait(self, network: str, now: datetime) -> int:
        """Return for how long no other token of a network is looked at; 0: the next one is."""
        lately = self._lately(network, now)
        if len(lately) < WRONG_TOKENS:
            return 0
        return ceil((lately[-WRONG_TOKENS] + WITHIN - now).total_seconds())

    def note(self, network: str, now: datetime) -> None:
        """Remember one."""
        self._moments[network] = [*self._lately(network, now), now]
        self._moments.move_to_end(network)
        while len(self._moments) > NETWORKS_KEPT:
            self._moments.popitem(last=False)

    def _lately(self, network: str, now: datetime) -> list[datetime]:
        return [moment for moment in self._moments.get(network, []) if moment > now - WITHIN]

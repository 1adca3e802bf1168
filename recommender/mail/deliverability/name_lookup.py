"""Room mail: records of the DNS as text. The only module that knows dnspython.

What there is not is an empty answer; what could not be asked is a `NameServerError`. The two are
never taken for each other: a name server that is down does not make an SPF record missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Literal

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

from recommender.errors import NameServerError

DNS_PORT: Final = 53
ANSWER_SECONDS: Final = 5.0
"""For one question, repetitions included."""

RecordType = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Lookup = Callable[[str, RecordType], tuple[str, ...]]
"""``(name, type) -> records``.

``A``, ``AAAA``: addresses. ``MX``: host names, the preferred one first, ``""`` for the null MX of
RFC 7505. ``PTR``: host names; its *name* is the address. ``TXT``: texts, their strings joined.
Host names are lower case without a dot at the end. Empty where there is no such record. Raises
`NameServerError` where the name servers do not tell.
"""


@dataclass(frozen=True, slots=True)
class NameServer:
    """Who is asked instead of the system's name servers.

    Parameters
    ----------
    address : str
        An IP address.
    port : int
    """

    address: str
    port: int = DNS_PORT

    @classmethod
    def parse(cls, text: str) -> NameServer:
        """Read ``192.0.2.53``, ``192.0.2.53:5353``, ``2001:db8::53`` or ``[2001:db8::53]:5353``.

        Raises
        ------
        ValueError
            If it is none of these.
        """
        try:
            return cls(str(ip_address(text)))
        except ValueError:
            host, colon, port = text.rpartition(":")
            if (
                not colon
                or not port.isascii()
                or not port.isdecimal()
                or not 0 < int(port) < 1 << 16
            ):
                raise
            return cls(str(ip_address(host.removeprefix("[").removesuffix("]"))), int(port))


def open_lookup(server: NameServer | None = None, *, seconds: float = ANSWER_SECONDS) -> Lookup:
    """Return what asks name servers; an answer is kept, and asked for once.

    Parameters
    ----------
    server : NameServer or None
        None asks those of the system.
    seconds : float
        How long one question may take, > 0.

    Raises
    ------
    NameServerError
        If the system names no name servers.
    """
    resolver = _resolver(server)
    known: dict[tuple[str, str], tuple[str, ...] | NameServerError] = {}

    def lookup(name: str, kind: RecordType) -> tuple[str, ...]:
        key = (name.lower(), kind)
        if key not in known:
            try:
                known[key] = _ask(resolver, name, kind, seconds)
            except NameServerError as error:
                known[key] = error
        answer = known[key]
        if isinstance(answer, NameServerError):
            raise answer
        return answer

    return lookup


def _resolver(server: NameServer | None) -> dns.resolver.Resolver:
    try:
        resolver = dns.resolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration as error:
        raise NameServerError(
            "no name servers are set on this machine; name one in /etc/resolv.conf, or with "
            "--nameserver"
        ) from error
    if server is not None:
        resolver.nameservers = [server.address]
        resolver.port = server.port
    return resolver


def _ask(
    resolver: dns.resolver.Resolver, name: str, kind: RecordType, seconds: float
) -> tuple[str, ...]:
    try:
        absolute = (
            dns.reversename.from_address(name)
            if kind == "PTR"
            else dns.name.from_text(name, dns.name.root)
        )
        answer = resolver.resolve(
            absolute, kind, lifetime=seconds, raise_on_no_answer=False, search=False
        )
    except dns.resolver.NXDOMAIN:
        return ()
    except dns.exception.Timeout as error:
        raise NameServerError(
            f"the name servers did not answer for {kind} of {name} within {seconds:g} s"
        ) from error
    except dns.resolver.NoNameservers as error:
        raise NameServerError(f"the name servers cannot tell {kind} of {name}") from error
    except dns.exception.DNSException as error:
        raise NameServerError(f"{kind} of {name!r} cannot be asked for ({error})") from error
    rrset = answer.rrset
    if rrset is None:
        return ()
    if kind == "MX":
        return tuple(
            _host(record.exchange)
            for record in sorted(rrset, key=lambda record: (record.preference, record.exchange))
        )
    return tuple(sorted(_as_text(record, kind) for record in rrset))


def _as_text(record: Any, kind: RecordType) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")
    return _host(record.target) if kind == "PTR" else str(record.address)


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""

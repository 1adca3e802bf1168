"""Membership: how many mails strangers may cause, and whose turn it is; pure.

Anybody can ask for the newsletter at anybody's address, and write to us in anybody's name. Each
request that is granted, and each answer, mails somebody who perhaps never asked. One address gets
one mail an hour and three a day (see `subscription`); here, mails are capped by whom they burden
and by whom they were asked for:

=========  =================================================================================
network    who asks: IPv4 by address, IPv6 by /64; for answers, the domain of the envelope's
           sender, for nothing else of a mail tells where it came from
mailbox    with all its plus-tags; of requests, only the tags: an address itself has few in any case
recipient  the domain: who asks for a thousand people of one company burdens that company
mail       requests that came by mail, all together: From proves nothing, so it names nobody
all        the installation: what its own reputation can bear
=========  =================================================================================

IPv4 counts by address, not by /24: a lab, a university or a phone company stands behind one
address already, and the other 255 are often strangers to each other at a hosting company. IPv6
counts by /64, the least that a customer is given (RFC 6177): within one, addresses are free.

All but the first cap are shared by people who do not know each other, so that nobody may use one
up: whoever has a /48 can invent 65,536 networks, and whoever has a /32 as many again of those. So
networks are seen in the larger ones that they lie in (`groups_of`), and each of these gets at most
`FREEDOM` times what it leaves to others of the same larger one, down to the network itself. One
network, or one /32 with whatever lies in it, thereby fills four fifths of a shared cap, two fill
eight ninths: something is always left for the next one who asks. This is the dynamic threshold by
which switches share their buffer (Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2),
1998), over a hierarchy.

A request beyond its own network's cap changes nothing. One beyond a shared cap waits its turn
(`fair_order`), and whoever asked is told what everybody is told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeVar

from recommender.membership.addresses import mailbox_of

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
BY_MAIL: Final = "mail"
"""The network of a request that came by mail."""

NOWHERE: Final = "unknown"
"""The network of a request of which nothing tells where it came from: all of them are one."""

FREEDOM: Final = 4
"""How many times what it leaves to others a network may use of a shared cap."""

WAITS_AT_MOST: Final = DAY
"""Who did not get their turn by then has to ask again; the page says so."""

WAITING_AT_MOST: Final = 5_000
"""Requests that wait, shared fairly like a cap: as many as the cap of all grants in a day."""

_IPV6_PREFIX: Final = 64
_WIDER_PREFIXES: Final = {4: (16, 24), 6: (32, 40, 48, 56)}
"""What addresses are handed out in: to providers, to customers of theirs, and to homes."""

_SENDERS: Final = "senders at "
_DOMAIN_MAX_CHARACTERS: Final = 253
"""RFC 1035, section 2.3.4; what an envelope says may be longer."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many mails within an hour, and within a day."""

    per_hour: int
    per_day: int


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How many mails strangers may cause.

    Attributes
    ----------
    network, mailbox, domain, large_domain, by_mail, total : Cap
    large_domains : frozenset of str
        Mail services with so many customers that `large_domain` holds for them; in ASCII.
    """

    network: Cap = Cap(60, 300)
    mailbox: Cap = Cap(6, 12)
    domain: Cap = Cap(300, 1_500)
    large_domain: Cap = Cap(600, 3_000)
    by_mail: Cap = Cap(300, 1_500)
    total: Cap = Cap(1_000, 5_000)
    large_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CausedMail:
    """A mail that a stranger caused: when, at which address (its key), from which network."""

    at: datetime
    address: str
    network: str


@dataclass(frozen=True, slots=True)
class ReachedCap:
    """A cap that one more mail would exceed.

    Attributes
    ----------
    words : str
        ``network 192.0.2.7, 60 an hour``.
    is_shared : bool
        Strangers to each other share it: who meets it waits their turn.
    """

    words: str
    is_shared: bool


@dataclass(slots=True)
class Allowance:
    """What strangers may still cause, as mails are granted one after the other.

    Parameters
    ----------
    limits : RequestLimits
    caused : iterable of CausedMail
        Those of the last day, in any order.
    """

    limits: RequestLimits
    caused: Iterable[CausedMail] = ()
    _moments: dict[str, list[datetime]] = field(
        init=False, default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        """Count what was caused before."""
        for mail in sorted(self.caused, key=lambda mail: mail.at):
            self.grant(address=mail.address, network=mail.network, now=mail.at)

    def reached_cap(self, *, address: str, network: str, now: datetime) -> ReachedCap | None:
        """Return the first cap that one more mail would exceed; None where none would.

        Parameters
        ----------
        address : str
            The key of whom it goes to.
        """
        if network != BY_MAIL:
            words, cap = self._own(network)
            for span, most in _spans(cap):
                if self._used(words, span, now) >= most:
                    return ReachedCap(f"{words}, {most} {_NAMES[span]}", is_shared=False)
        for words, cap, groups in self._shared(address, network):
            for span, most in _spans(cap):
                free = most - self._used(words, span, now)
                used = (self._used(f"{words} {group}", span, now) for group in groups)
                if free <= 0:
                    return ReachedCap(f"{words}, {most} {_NAMES[span]}", is_shared=True)
                if not leaves_room(free, used):
                    part = f"{words}, a fair part of {most} {_NAMES[span]}"
                    return ReachedCap(part, is_shared=True)
        return None

    def grant(self, *, address: str, network: str, now: datetime) -> None:
        """Count a mail that is caused now; moments do not go back."""
        if network != BY_MAIL:
            self._moments[self._own(network)[0]].append(now)
        for words, _, groups in self._shared(address, network):
            for name in (words, *(f"{words} {group}" for group in groups)):
                self._moments[name].append(now)

    def served(self, group: str, now: datetime) -> int:
        """Count the mails of the last day that a group of `groups_of` caused."""
        return self._used(f"{_ALL} {group}", DAY, now)

    def _own(self, network: str) -> tuple[str, Cap]:
        if not network.startswith(_SENDERS):
            return f"network {network}", self.limits.network
        large = is_listed(network.removeprefix(_SENDERS), self.limits.large_domains)
        return network, self.limits.large_domain if large else self.limits.network

    def _shared(self, address: str, network: str) -> Iterator[tuple[str, Cap, tuple[str, ...]]]:
        """Name in words what a mail counts for, how many of it there may be, and who shares it."""
        limits, groups = self.limits, groups_of(network, address)
        domain = address.rpartition("@")[2]
        if network == BY_MAIL:
            yield "all that ask by mail", limits.by_mail, groups[1:]
        mailbox = mailbox_of(address)
        # Of an address without a tag, nobody can use up the mails by asking for its tags: those to
        # one address are few in any case. Answers have no such bound, and tags are one with them.
        if address != mailbox or network.startswith(_SENDERS):
            yield f"mailbox {mailbox}", limits.mailbox, groups
        large = is_listed(domain, limits.large_domains)
        yield f"domain {domain}", limits.large_domain if large else limits.domain, groups
        yield _ALL, limits.total, groups

    def _used(self, name: str, span: timedelta, now: datetime) -> int:
        moments = self._moments.get(name)
        return 0 if moments is None else len(moments) - bisect_right(moments, now - span)


_ALL: Final = "all requests"
_NAMES: Final = {HOUR: "an hour", DAY: "a day"}


def _spans(cap: Cap) -> tuple[tuple[timedelta, int], ...]:
    return (DAY, cap.per_day), (HOUR, cap.per_hour)


def leaves_room(free: float, used: Iterable[int]) -> bool:
    """Return whether who asks may have one more of what is shared, by what is free of it.

    Parameters
    ----------
    free : float
        How much of it nobody uses.
    used : iterable of int
        How much each of the groups uses that one lies in, from the widest on.
    """
    for each in used:
        if each >= FREEDOM * free:
            return False
        # What this group may have more is what is free to those that lie in it.
        free -= each / FREEDOM
    return free > 0


@dataclass(slots=True)
class WaitingRoom:
    """Who waits for their turn: so many, shared like a cap."""

    most: int = WAITING_AT_MOST
    waiting: int = 0
    _by_group: dict[str, int] = field(init=False, default_factory=lambda: defaultdict(int))

    def take_in(self, groups: Sequence[str]) -> bool:
        """Let one more wait, and return whether there was room."""
        if not leaves_room(self.most - self.waiting, (self._by_group[each] for each in groups)):
            return False
        self.waiting += 1
        for group in groups:
            self._by_group[group] += 1
        return True


def fair_order(
    asking: Sequence[_T],
    groups: Callable[[_T], Sequence[str]],
    served: Callable[[str], int],
) -> list[_T]:
    """Put requests in the order in which they have their turn: round robin over a hierarchy.

    Of the groups of one larger group, each has its next turn once all others had as many as it,
    those included that it had before; within a group, the first that came goes first.

    Parameters
    ----------
    asking : sequence
        In the order in which they came.
    groups : callable
        See `groups_of`.
    served : callable
        How many turns a group had before.
    """

    def in_turn(some: list[int], level: int) -> list[int]:
        parts: dict[str | None, list[int]] = defaultdict(list)
        for number in some:
            parts[next(iter(groups(asking[number])[level : level + 1]), None)].append(number)
        if set(parts) <= {None}:
            return some
        turns: list[tuple[int, int]] = []
        for group, part in parts.items():
            before = 0 if group is None else served(group)
            ordered = in_turn(part, level + 1)
            turns += [(before + turn, number) for turn, number in enumerate(ordered)]
        return [number for _, number in sorted(turns)]

    return [asking[number] for number in in_turn(list(range(len(asking))), 0)]


@lru_cache(maxsize=20_000)
def groups_of(network: str, address: str) -> tuple[str, ...]:
    """Name the groups that who asks lies in, from the widest to the network itself.

    Parameters
    ----------
    network : str
        See `network_of` and `network_of_sender`.
    address : str
        The key of the address that is asked for. Of a request by mail, it is all that tells it
        from others: the same domain is the same group.
    """
    if network == BY_MAIL:
        return (network, *_domains(network, address.rpartition("@")[2]))
    if network.startswith(_SENDERS):
        return _domains(_SENDERS.strip(), network.removeprefix(_SENDERS))
    try:
        own = ip_network(network)
    except ValueError:  # `NOWHERE`
        return (network,)
    wider = (own.supernet(new_prefix=prefix) for prefix in _WIDER_PREFIXES[own.version])
    return (*map(str, wider), network)


def _domains(kind: str, domain: str) -> tuple[str, ...]:
    """Name the domain below the top that one lies in, what lies below that, and itself."""
    labels = domain.split(".")
    names = (".".join(labels[-2:]), ".".join(labels[-3:]), domain)
    return tuple(f"{kind} {name}" for name in dict.fromkeys(names))


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


def network_of_sender(envelope_sender: str) -> str:
    """Name what stands for the network of a mail: the domain that its envelope came from.

    It can be forged, but not beyond the domains that a careful MTA lets in by SPF; a From can.
    """
    return _SENDERS + envelope_sender.rpartition("@")[2].lower()[-_DOMAIN_MAX_CHARACTERS:]


def is_listed(domain: str, listed: frozenset[str]) -> bool:
    """Return whether a domain, or one above it, is on a list; both in lower-case ASCII."""
    labels = domain.split(".")
    return any(".".join(labels[first:]) in listed for first in range(len(labels)))

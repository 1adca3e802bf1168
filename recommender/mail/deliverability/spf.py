"""Room mail: which hosts a domain lets send for it (SPF, RFC 7208). Pure over a lookup.

The doctor asks two things of a record: whether it lets an address send, as a receiving server
would ask (`check_host`), and how much looking up it costs a receiver in the worst case
(`count_lookups`): past ten, receivers treat it as broken, for some senders and not for others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final
from urllib.parse import quote

from recommender.errors import RecordError
from recommender.mail.deliverability.name_lookup import Lookup, RecordType

MOST_LOOKUPS: Final = 10
"""Terms that ask the DNS, in a record and all that it includes (section 4.6.4)."""

MOST_VOID_LOOKUPS: Final = 2
MOST_NAMES: Final = 10
"""Mail exchangers of an ``mx``, and names of a ``ptr``, that are looked at."""

IPV4: Final = 4
IPV4_BITS: Final = 32
IPV6_BITS: Final = 128

Address = IPv4Address | IPv6Address

_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})
_NEEDS_DOMAIN = frozenset({"include", "exists"})
_MECHANISM = re.compile(
    r"(?P<qualifier>[+\-~?]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<rest>[:/].*)?",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9\-_.]*)=(?P<value>.*)", re.IGNORECASE)
_PREFIXES = re.compile(r"(?P<domain>[^/]*)(?:/(?P<four>\d{1,3}))?(?://(?P<six>\d{1,3}))?")
_MACRO = re.compile(
    r"%(?:(?P<letter>[%_-])"
    r"|\{(?P<name>[slodiphcrtv])(?P<count>\d*)(?P<reverse>r?)(?P<delimiters>[.\-+,/_=]*)\})",
    re.IGNORECASE,
)


class SpfResult(StrEnum):
    """What a record says of an address (section 2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105, a result
    FAIL = "fail"
    SOFTFAIL = "softfail"


_RESULTS: Final = {
    "": SpfResult.PASS,
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One term that an address may match.

    Attributes
    ----------
    name : str
        ``all``, ``include``, ``a``, ``mx``, ``ptr``, ``ip4``, ``ip6`` or ``exists``.
    domain : str
        Whom to ask, or the network of ``ip4`` and ``ip6``; empty means the record's own domain.
    prefix_4, prefix_6 : int
        How many bits of an address of ``a`` and ``mx`` count.
    """

    result: SpfResult
    name: str
    domain: str = ""
    prefix_4: int = 32
    prefix_6: int = 128


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record: its mechanisms in order, and who is asked where none matches."""

    text: str
    mechanisms: tuple[Mechanism, ...]
    redirect: str | None = None


def find_record(domain: str, lookup: Lookup) -> SpfRecord | None:
    """Read the record of a domain; None where it has none.

    Raises
    ------
    RecordError
        If there are several, or it cannot be read.
    NameServerError
        If nobody tells.
    """
    texts = [
        text for text in lookup(domain, "TXT") if re.match(r"v=spf1( |$)", text, re.IGNORECASE)
    ]
    if len(texts) > 1:
        raise RecordError(
            f"{domain} has {len(texts)} SPF records, and receivers then use none; make one of them"
        )
    return parse_record(texts[0]) if texts else None


def parse_record(text: str) -> SpfRecord:
    """Read ``v=spf1 …`` (section 4.5 and 12).

    Raises
    ------
    RecordError
        Naming the first term that no receiver understands.
    """
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in text.split()[1:]:
        if found := _MECHANISM.fullmatch(term):
            mechanisms.append(_mechanism(found, term))
        elif found := _MODIFIER.fullmatch(term):
            name = found["name"].lower()
            if name in {"redirect", "exp"} and (name in modifiers or not found["value"]):
                raise RecordError(f"{term!r} is twice there or names no domain; correct it")
            modifiers[name] = found["value"]
        else:
            raise _no_term(term)
    return SpfRecord(text, tuple(mechanisms), modifiers.get("redirect"))


def check_host(address: Address, domain: str, lookup: Lookup, *, sender: str) -> SpfResult:
    """Return what a domain says of mail from an address, as a receiving server does (section 4).

    Parameters
    ----------
    address : IPv4Address or IPv6Address
        Of the host that hands mail over.
    domain : str
        Of the envelope sender.
    sender : str
        The envelope sender, for macros.

    Raises
    ------
    RecordError
        Where a receiver ends with ``permerror``.
    NameServerError
        Where it ends with ``temperror``.
    """
    return _Evaluation(address, lookup, sender).check(domain)


def count_lookups(domain: str, lookup: Lookup) -> int:
    """Count the terms that ask the DNS, in the worst case: where no mechanism matches.

    Raises
    ------
    RecordError
        If an included record is missing or broken, or the records include each other in a ring.
    NameServerError
        If nobody tells.
    """
    return _count_lookups(domain, lookup, ())


def _count_lookups(domain: str, lookup: Lookup, above: tuple[str, ...]) -> int:
    if domain.lower() in above:
        ring = " → ".join((*above[above.index(domain.lower()) :], domain.lower()))
        raise RecordError(f"the records include each other ({ring}); break the ring")
    record = find_record(domain, lookup)
    if record is None:
        if above:
            raise RecordError(
                f"{above[-1]} includes {domain}, which has no SPF record; take it out"
            )
        return 0
    inner = [each.domain for each in record.mechanisms if each.name == "include"]
    asking = sum(each.name in _ASKING for each in record.mechanisms)
    # Nobody is redirected past an `all`.
    if record.redirect is not None and all(each.name != "all" for each in record.mechanisms):
        inner.append(record.redirect)
        asking += 1
    below = (*above, domain.lower())
    # What a macro names depends on the message.
    return asking + sum(_count_lookups(each, lookup, below) for each in inner if "%" not in each)


def _mechanism(found: re.Match[str], term: str) -> Mechanism:
    name, rest = found["name"].lower(), found["rest"] or ""
    result = _RESULTS[found["qualifier"]]
    target = rest.removeprefix(":")
    if name in {"ip4", "ip6"}:
        return Mechanism(result, name, _network(target, int(name[-1]), term))
    if name in {"a", "mx"}:
        four, six = 32, 128
        if parts := _PREFIXES.fullmatch(target):
            target, four, six = parts["domain"], int(parts["four"] or 32), int(parts["six"] or 128)
        if parts is None or four > IPV4_BITS or six > IPV6_BITS or rest == ":":
            raise _no_term(term)
        return Mechanism(result, name, target, four, six)
    needs_domain = name in _NEEDS_DOMAIN or bool(rest)
    if (name == "all" and rest) or rest.startswith("/") or (needs_domain and not target):
        raise _no_term(term)
    return Mechanism(result, name, target)


def _network(text: str, version: int, term: str) -> str:
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise RecordError(f"{term!r} names no network; correct it") from error
    if network.version != version:
        raise RecordError(f"{term!r} names no IPv{version} network; correct it")
    return str(network)


def _no_term(term: str) -> RecordError:
    return RecordError(f"{term!r} is no term of SPF; correct it or take it out")


class _Evaluation:
    """One run of ``check_host()``, with the limits that its lookups share."""

    def __init__(self, address: Address, lookup: Lookup, sender: str) -> None:
        self.address = address
        self.lookup = lookup
        self.sender = sender
        self.lookups = 0
        self.voids = 0

    def check(self, domain: str) -> SpfResult:
        record = find_record(domain, self.lookup)
        if record is None:
            return SpfResult.NONE
        for mechanism in record.mechanisms:
            if mechanism.name in _ASKING:
                self._spend()
            if self._matches(mechanism, domain):
                return mechanism.result
        if record.redirect is None:
            return SpfResult.NEUTRAL
        self._spend()
        target = self._expanded(record.redirect, domain)
        result = self.check(target)
        if result is SpfResult.NONE:
            raise RecordError(
                f"{domain} redirects to {target}, which has no SPF record; correct it"
            )
        return result

    def _spend(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise RecordError(
                f"more than {MOST_LOOKUPS} terms ask the DNS, and receivers give up; take out "
                "includes that are not needed, or write addresses in their place"
            )

    def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        target = self._expanded(mechanism.domain, domain) or domain
        match mechanism.name:
            case "include":
                matches = self._passes(target, domain)
            case "ip4" | "ip6":
                matches = self.address in ip_network(mechanism.domain)
            case "a":
                matches = self._is_at([target], mechanism)
            case "mx":
                matches = self._is_at(self._ask(target, "MX")[:MOST_NAMES], mechanism)
            case "exists":
                matches = bool(self._ask(target, "A"))
            case "ptr":
                matches = self._is_named_below(target)
            case _:
                matches = True
        return matches

    def _passes(self, target: str, domain: str) -> bool:
        result = self.check(target)
        if result is SpfResult.NONE:
            raise RecordError(f"{domain} includes {target}, which has no SPF record; take it out")
        return result is SpfResult.PASS

    def _is_at(self, hosts: list[str] | tuple[str, ...], mechanism: Mechanism) -> bool:
        prefix = mechanism.prefix_4 if self.address.version == IPV4 else mechanism.prefix_6
        return any(
            self.address in ip_network(f"{address}/{prefix}", strict=False)
            for host in hosts
            if host
            for address in self._addresses(host)
        )

    def _is_named_below(self, target: str) -> bool:
        names = self.lookup(str(self.address), "PTR")[:MOST_NAMES]
        return any(
            f".{name}".endswith(f".{target.lower()}") and str(self.address) in self._addresses(name)
            for name in names
        )

    def _addresses(self, host: str) -> tuple[str, ...]:
        return self._ask(host, "A" if self.address.version == IPV4 else "AAAA")

    def _ask(self, name: str, kind: RecordType) -> tuple[str, ...]:
        answer = self.lookup(name, kind)
        self.voids += not answer
        if self.voids > MOST_VOID_LOOKUPS:
            raise RecordError(
                f"more than {MOST_VOID_LOOKUPS} of its names do not exist, {name} among them; "
                "take them out"
            )
        return answer

    def _expanded(self, target: str, domain: str) -> str:
        """Fill in macros (section 7)."""
        return _MACRO.sub(lambda found: self._macro(found, domain), target)

    def _macro(self, found: re.Match[str], domain: str) -> str:
        if found["letter"]:
            return {"%": "%", "_": " ", "-": "%20"}[found["letter"]]
        local, _, sender_domain = self.sender.rpartition("@")
        dotted = (
            ".".join(self.address.exploded.replace(":", ""))
            if self.address.version != IPV4
            else str(self.address)
        )
        value = {
            "s": self.sender,
            "l": local or "postmaster",
            "o": sender_domain,
            "d": domain,
            "i": dotted,
            "h": sender_domain,
            "v": "in-addr" if self.address.version == IPV4 else "ip6",
        }.get(found["name"].lower(), "unknown")
        parts = re.split(f"[{re.escape(found['delimiters'] or '.')}]", value)
        if found["reverse"]:
            parts.reverse()
        if found["count"]:
            parts = parts[-int(found["count"]) :]
        joined = ".".join(parts)
        return quote(joined, safe="") if found["name"].isupper() else joined

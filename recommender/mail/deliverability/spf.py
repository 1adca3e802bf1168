"""Room mail: which hosts a domain lets send for it (SPF, RFC 7208). Pure over a lookup and a clock.

The doctor asks two things of a record: whether it lets an address send, as a receiving server
would ask (`check_host`), and how much looking up it costs a receiver in the worst case
(`count_lookups`): past ten, receivers treat it as broken, for some senders and not for others.

Where a receiver ends with ``permerror``, a `RecordError` says why, with the fix; where it ends with
``temperror``, a `NameServerError` says who does not answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from recommender.errors import NameServerError, RecordError
from recommender.mail.deliverability import spf_macros
from recommender.mail.deliverability.name_lookup import Lookup, RecordType
from recommender.mail.deliverability.spf_record import (
    Mechanism,
    SpfRecord,
    SpfResult,
    is_spf_record,
    parse_record,
)

MOST_LOOKUPS: Final = 10
"""Terms that ask the DNS, in a record and all that it includes (section 4.6.4)."""

MOST_VOID_LOOKUPS: Final = 2
MOST_NAMES: Final = 10
"""Mail exchangers of an ``mx`` that are allowed, and names of a ``ptr`` that are looked at."""

DEEPEST_INCLUDES: Final = 2 * MOST_LOOKUPS
"""Records below each other that are counted; beyond that, nobody reads on anyway."""

MOST_SECONDS: Final = 20.0
"""What a receiver grants at least; from then on it may answer ``temperror``."""

Address = IPv4Address | IPv6Address
Clock = Callable[[], float]
"""Seconds since 1970."""

_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class SpfAnswer:
    """What a receiver concludes about an address.

    Attributes
    ----------
    explanation : str
        What the domain lets those know who fail (``exp=``); empty where it says nothing.
    """

    result: SpfResult
    explanation: str = ""


class _OutOfTimeError(NameServerError):
    """All questions of an evaluation together take too long."""


def find_record(domain: str, lookup: Lookup) -> SpfRecord | None:
    """Read the record of a domain; None where it has none, or is no domain (section 4.3).

    Raises
    ------
    RecordError
        If there are several, or it cannot be read.
    NameServerError
        If nobody tells.
    """
    name = domain.removesuffix(".")
    if "." not in name or not spf_macros.is_domain_name(name):
        return None
    texts = list(filter(is_spf_record, lookup(name, "TXT")))
    if len(texts) > 1:
        raise RecordError(
            f"{name} has {len(texts)} SPF records, and receivers then use none; make one of them"
        )
    if not texts:
        return None
    try:
        return parse_record(texts[0])
    except RecordError as error:
        raise RecordError(f"in the SPF record of {name}, {error}") from error


def check_host(
    address: Address,
    domain: str,
    lookup: Lookup,
    *,
    sender: str,
    helo: str | None = None,
    clock: Clock = time.time,
) -> SpfAnswer:
    """Return what a domain says of mail from an address, as a receiving server does (section 4).

    Parameters
    ----------
    address : IPv4Address or IPv6Address
        Of the host that hands mail over.
    domain : str
        Of the envelope sender.
    sender : str
        The envelope sender, for macros.
    helo : str or None
        How the host greets, for macros; None takes it to be the sender's domain.

    Raises
    ------
    RecordError
        Where a receiver ends with ``permerror``.
    NameServerError
        Where it ends with ``temperror``.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return _Evaluation(address, lookup, sender, helo, clock).answer(domain)


def count_lookups(domain: str, lookup: Lookup, *, clock: Clock = time.time) -> int:
    """Count the terms that ask the DNS, in the worst case: where no mechanism matches.

    Raises
    ------
    RecordError
        If an included record is missing or broken, or the records include each other in a ring.
    NameServerError
        If nobody tells.
    """
    return _count_lookups(domain, _in_time(lookup, clock), ())


def _count_lookups(domain: str, lookup: Lookup, above: tuple[str, ...]) -> int:
    domain = domain.removesuffix(".").lower()
    if len(above) > DEEPEST_INCLUDES:
        raise RecordError(
            f"{above[0]} includes records {DEEPEST_INCLUDES} deep, and receivers give up after "
            f"{MOST_LOOKUPS} lookups; take out includes that are not needed"
        )
    if domain in above:
        ring = " → ".join((*above[above.index(domain) :], domain))
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
    if record.redirect is not None:
        inner.append(record.redirect)
        asking += 1
    below = (*above, domain)
    # What a macro names depends on the message.
    return asking + sum(
        _count_lookups(each, lookup, below) for each in inner if not spf_macros.has_macros(each)
    )


def _in_time(lookup: Lookup, clock: Clock) -> Lookup:
    """Return a lookup that gives up where all its questions together take too long."""
    ends_at = clock() + MOST_SECONDS

    def ask(name: str, kind: RecordType) -> tuple[str, ...]:
        if clock() > ends_at:
            raise _OutOfTimeError(
                f"what SPF asks for took the name servers more than {MOST_SECONDS:g} s, and "
                f"{kind} of {name} was left"
            )
        return lookup(name, kind)

    return ask


class _Evaluation:
    """One run of ``check_host()``, with the limits that its lookups share."""

    def __init__(
        self, address: Address, lookup: Lookup, sender: str, helo: str | None, clock: Clock
    ) -> None:
        local, _, self.sender_domain = sender.rpartition("@")
        self.local_part = local or "postmaster"
        self.helo = self.sender_domain if helo is None else helo
        self.address = address
        self.address_type: RecordType = "A" if isinstance(address, IPv4Address) else "AAAA"
        self.lookup = _in_time(lookup, clock)
        self.clock = clock
        self.lookups = 0
        self.voids = 0

    def answer(self, domain: str) -> SpfAnswer:
        result, explanation, of = self._judge(domain)
        if result is SpfResult.FAIL and explanation is not None:
            return SpfAnswer(result, self._explain(explanation, of))
        return SpfAnswer(result)

    def _judge(self, domain: str) -> tuple[SpfResult, str | None, str]:
        """Return the result, and ``exp=`` of the record that gave it with that record's domain."""
        domain = domain.removesuffix(".")
        record = find_record(domain, self.lookup)
        if record is None:
            return SpfResult.NONE, None, domain
        for mechanism in record.mechanisms:
            if mechanism.name in _ASKING:
                self._spend()
            if self._matches(mechanism, domain):
                return mechanism.result, record.explanation, domain
        if record.redirect is None:
            return SpfResult.NEUTRAL, None, domain
        self._spend()
        target = self._expand(record.redirect, domain)
        judged = self._judge(target)
        if judged[0] is SpfResult.NONE:
            raise RecordError(
                f"{domain} redirects to {target}, which has no SPF record; correct it"
            )
        return judged

    def _spend(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise RecordError(
                f"more than {MOST_LOOKUPS} terms ask the DNS, and receivers give up; take out "
                "includes that are not needed, or write addresses in their place"
            )

    def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        if mechanism.network is not None:
            return self.address in mechanism.network
        target = self._expand(mechanism.domain, domain) if mechanism.domain else domain
        match mechanism.name:
            case "include":
                matches = self._passes(target, domain)
            case "a":
                matches = self._is_at(target, mechanism)
            case "mx":
                matches = any(self._is_at(host, mechanism) for host in self._exchangers(target))
            case "exists":
                matches = bool(self._ask(target, "A"))
            case "ptr":
                matches = any(_is_at_or_below(name, target) for name in self._validated_names())
            case _:
                matches = True
        return matches

    def _passes(self, target: str, domain: str) -> bool:
        result, _, _ = self._judge(target)
        if result is SpfResult.NONE:
            raise RecordError(f"{domain} includes {target}, which has no SPF record; take it out")
        return result is SpfResult.PASS

    def _exchangers(self, target: str) -> list[str]:
        hosts = self._ask(target, "MX")
        if len(hosts) > MOST_NAMES:
            raise RecordError(
                f"{target} has {len(hosts)} MX records, and receivers that are sent there by mx "
                f"give up past {MOST_NAMES}; write addresses in the place of mx"
            )
        return [host for host in hosts if host]

    def _is_at(self, host: str, mechanism: Mechanism) -> bool:
        prefix = mechanism.prefix_4 if self.address_type == "A" else mechanism.prefix_6
        return any(
            self.address in ip_network(f"{address}/{prefix}", strict=False)
            for address in self._ask(host, self.address_type)
        )

    def _validated_names(self) -> list[str]:
        """Return the names of the address that lead back to it (section 5.5)."""
        return [name for name in self._names_of_address() if self._leads_back(name)]

    def _names_of_address(self) -> tuple[str, ...]:
        try:
            # Who owns the address writes its names, not the domain: more of them are no error.
            return self._ask(str(self.address), "PTR")[:MOST_NAMES]
        except _OutOfTimeError:
            raise
        except NameServerError:
            return ()

    def _leads_back(self, name: str) -> bool:
        try:
            return self.address in map(ip_address, self._ask(name, self.address_type))
        except _OutOfTimeError:
            raise
        except NameServerError:
            return False

    def _ask(self, name: str, kind: RecordType) -> tuple[str, ...]:
        if kind != "PTR" and not spf_macros.is_domain_name(name):
            # Made by macros: nothing is there that one could ask for (section 4.8).
            return ()
        answer = self.lookup(name, kind)
        # Section 4.6.4 speaks of terms; widespread receivers count each question of a term.
        self.voids += not answer
        if self.voids > MOST_VOID_LOOKUPS:
            raise RecordError(
                f"more than {MOST_VOID_LOOKUPS} lookups find nothing, {kind} of {name} among them, "
                "and receivers give up; take those names out, or write addresses in their place"
            )
        return answer

    def _explain(self, target: str, domain: str) -> str:
        """Fill in what a domain lets those know who fail; nothing where that goes wrong."""
        try:
            name = self._expand(target, domain)
            texts = self.lookup(name, "TXT") if spf_macros.is_domain_name(name) else ()
            if len(texts) != 1 or not spf_macros.is_macro_string(texts[0], in_explanation=True):
                return ""
            return spf_macros.expand(texts[0], lambda letter: self._value_of(letter, domain))
        except (NameServerError, RecordError):
            # Section 6.2: the result stands all the same.
            return ""

    def _expand(self, target: str, domain: str) -> str:
        return spf_macros.expand_domain(target, lambda letter: self._value_of(letter, domain))

    def _value_of(self, letter: str, domain: str) -> str:
        """Return what a macro stands for (section 7.2)."""
        if letter == "p":
            return self._name_of_address(domain)
        return {
            "s": f"{self.local_part}@{self.sender_domain}",
            "l": self.local_part,
            "o": self.sender_domain,
            "d": domain,
            "i": self._dotted_address(),
            "h": self.helo,
            "v": "in-addr" if self.address_type == "A" else "ip6",
            "c": str(self.address),
            "r": _UNKNOWN,
            "t": str(int(self.clock())),
        }[letter]

    def _dotted_address(self) -> str:
        if self.address_type == "A":
            return str(self.address)
        return ".".join(self.address.exploded.replace(":", "").upper())

    def _name_of_address(self, domain: str) -> str:
        """Return the validated name that is closest to a domain (section 7.3)."""
        names = self._validated_names()
        names.sort(key=lambda name: (name != domain.lower(), not _is_at_or_below(name, domain)))
        return names[0] if names else _UNKNOWN


def _is_at_or_below(name: str, domain: str) -> bool:
    return f".{name}".lower().endswith(f".{domain}".lower())

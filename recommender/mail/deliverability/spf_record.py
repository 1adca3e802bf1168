"""Room mail: the text of an SPF record (RFC 7208 sections 4.6 and 12), read without the DNS.

One term that is wrong makes receivers take the whole record for broken, wherever it stands; what
is refused here names the term and, where what was meant is plain, how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from recommender.errors import RecordError
from recommender.mail.deliverability.spf_macros import (
    has_macros,
    is_domain_name,
    is_domain_spec,
    is_macro_string,
)

IPV4_BITS: Final = 32
IPV6_BITS: Final = 128

# Terms end at spaces alone: a tabulator or a line break is a character of the term that it is in.
_VERSION = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE | re.ASCII)
_NOT_ALLOWED = re.compile(r"[^ -~]")
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9\-_.]*)=(?P<value>.*)", re.IGNORECASE)
_MECHANISM = re.compile(
    r"(?P<qualifier>[+\-?~]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<rest>[:/].*)?",
    re.IGNORECASE,
)
_PREFIXES = re.compile(
    r"(?P<domain>.*?)(?:/(?P<four>0|[1-9][0-9]?))?(?://(?P<six>0|[1-9][0-9]{0,2}))?"
)
_NETWORK = re.compile(r":(?P<address>[0-9a-f.:]+)(?:/(?:0|[1-9][0-9]{0,2}))?", re.IGNORECASE)

_WITH_DOMAIN: Final = frozenset({"redirect", "exp"})

# What operators write where they mean an address.
_ADDRESS = re.compile(
    r"(?P<qualifier>[+\-?~]?)(?:(?:a|mx|ptr|include|exists|ip|ipv?4|ipv?6)[:=])?"
    r"(?P<address>[0-9a-f.:]+)(?:/(?P<prefix>[0-9]{1,3}))?",
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
        Whom to ask, macros included; empty means the record's own domain.
    prefix_4, prefix_6 : int
        How many bits of an address of ``a`` and ``mx`` count.
    network : IPv4Network or IPv6Network or None
        Of ``ip4`` and ``ip6``.
    """

    result: SpfResult
    name: str
    domain: str = ""
    prefix_4: int = IPV4_BITS
    prefix_6: int = IPV6_BITS
    network: IPv4Network | IPv6Network | None = None


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record, as far as it counts.

    Attributes
    ----------
    mechanisms : tuple of Mechanism
        In order; nothing behind an ``all`` is ever looked at, and it is left out.
    redirect : str or None
        Who is asked where none matches, macros included; nobody is, past an ``all``.
    explanation : str or None
        Where the text is that those learn who may not send (``exp=``), macros included.
    """

    text: str
    mechanisms: tuple[Mechanism, ...]
    redirect: str | None = None
    explanation: str | None = None


def is_spf_record(text: str) -> bool:
    """Return whether a TXT record is one of SPF, well written or not (section 4.5)."""
    return _VERSION.match(text) is not None


def parse_record(text: str) -> SpfRecord:
    """Read ``v=spf1 …``.

    Raises
    ------
    RecordError
        Naming the first term that receivers do not understand.
    """
    if found := _NOT_ALLOWED.search(text):
        raise RecordError(
            f"{found[0]!r} stands in it, which no term may have; write letters of ASCII, and "
            "nothing but spaces between terms"
        )
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in filter(None, text.split(" ")[1:]):
        try:
            read = _read_term(term)
        except ValueError as error:
            raise _refused(term) from error
        if isinstance(read, Mechanism):
            mechanisms.append(read)
            continue
        name, value = read
        if name in _WITH_DOMAIN and name in modifiers:
            raise RecordError(f"{term!r} is the second {name}= in it; leave one")
        modifiers[name] = value
    names = [mechanism.name for mechanism in mechanisms]
    ends = "all" in names
    return SpfRecord(
        text,
        tuple(mechanisms[: names.index("all") + 1] if ends else mechanisms),
        None if ends else modifiers.get("redirect"),
        modifiers.get("exp"),
    )


def _read_term(term: str) -> Mechanism | tuple[str, str]:
    """Read a mechanism, or the name and the value of a modifier.

    Raises
    ------
    ValueError
        If it is neither.
    RecordError
        If it is one that receivers do not agree about.
    """
    if found := _MODIFIER.fullmatch(term):
        name, value = found["name"].lower(), found["value"]
        if name in _WITH_DOMAIN:
            return name, _domain(value, term)
        # Receivers pass over a modifier that they do not know, but not over a broken macro in it.
        if not is_macro_string(value):
            raise ValueError(term)
        return name, value
    if found := _MECHANISM.fullmatch(term):
        result, name = _RESULTS[found["qualifier"]], found["name"].lower()
        return _mechanism(result, name, found["rest"] or "", term)
    raise ValueError(term)


def _mechanism(result: SpfResult, name: str, rest: str, term: str) -> Mechanism:
    if name in {"ip4", "ip6"}:
        return Mechanism(result, name, network=_network(rest, int(name[-1])))
    four, six = IPV4_BITS, IPV6_BITS
    if name in {"a", "mx"} and (parts := _PREFIXES.fullmatch(rest)):
        rest, four, six = parts["domain"], int(parts["four"] or four), int(parts["six"] or six)
        if four > IPV4_BITS or six > IPV6_BITS:
            raise ValueError(term)
    if rest and name != "all" and rest.startswith(":"):
        return Mechanism(result, name, _domain(rest[1:], term), four, six)
    if rest or name in {"include", "exists"}:
        raise ValueError(term)
    return Mechanism(result, name, "", four, six)


def _domain(text: str, term: str) -> str:
    if not is_domain_spec(text):
        raise ValueError(text)
    if not has_macros(text) and not is_domain_name(text.removesuffix(".")):
        # Section 4.8 leaves it open: to some receivers the record is broken, others pass it over.
        raise RecordError(
            f"{term!r} names no domain: a part of it is empty or longer than 63 characters, or all "
            "of it longer than 253; correct it"
        )
    return text


def _network(rest: str, version: int) -> IPv4Network | IPv6Network:
    if not _NETWORK.fullmatch(rest):
        raise ValueError(rest)
    network = ip_network(rest[1:], strict=False)
    if network.version != version:
        raise ValueError(rest)
    return network


def _refused(term: str) -> RecordError:
    meant = next(filter(_is_term, _corrections(term)), None)
    fix = f"write {meant}" if meant else "correct it or take it out"
    return RecordError(f"{term!r} is no term of SPF, and receivers refuse the whole record; {fix}")


def _corrections(term: str) -> Iterator[str]:
    """Yield what may have been meant by a term that is wrong, the likeliest first."""
    if found := _ADDRESS.fullmatch(term):
        with suppress(ValueError):
            address = ip_address(found["address"])
            prefix = f"/{int(found['prefix'])}" if found["prefix"] else ""
            yield f"{found['qualifier']}ip{address.version}:{address}{prefix}"
    yield re.sub(r"(?<=/)0+(?=[0-9])", "", term)
    yield term.rstrip(".,;")
    if term.lower().startswith(("redirect:", "exp:")):
        yield term.replace(":", "=", 1)


def _is_term(text: str) -> bool:
    try:
        _read_term(text)
    except (ValueError, RecordError):
        return False
    return True

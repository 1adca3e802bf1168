"""Room mail: what receivers find in the DNS about a sending domain, and the fix.

Pure over a lookup. Looked at is what the large mailbox providers ask of bulk senders: SPF (RFC
7208), DKIM (RFC 6376), DMARC (RFC 7489) with an aligned From, and an address with a name that leads
back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from recommender.errors import NameServerError, RecordError
from recommender.mail.deliverability import dkim_record, dmarc, spf
from recommender.mail.deliverability.dkim_record import PublicKey
from recommender.mail.deliverability.name_lookup import Lookup, RecordType
from recommender.mail.deliverability.sending_host import SendingHost
from recommender.mail.deliverability.spf import SpfAnswer
from recommender.mail.deliverability.spf_record import SpfRecord, SpfResult

Address = IPv4Address | IPv6Address


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes
    ----------
    check : str
        What was looked at: ``spf``, ``database``.
    message : str
        What was found, in one line.
    fix : str
        What to do about it, in one line; empty where nothing is to be done.
    """

    check: str
    verdict: Verdict
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class DkimSigning:
    """How our mail is signed: the domain and selector that it names, and the key's public half."""

    domain: str
    selector: str
    public_key: PublicKey


def run_check(check: str, find: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Run one check; what cannot be asked or read becomes its last finding."""
    findings: list[Finding] = []
    try:
        # One after the other: what was found before it went wrong is kept.
        findings.extend(find())
    except NameServerError as error:
        fix = "ask again later, or another name server with --nameserver"
        findings.append(Finding(check, Verdict.WARNING, f"could not be checked: {error}", fix))
    except RecordError as error:
        findings.append(finding_of(check, Verdict.PROBLEM, str(error)))
    return findings


def finding_of(check: str, verdict: Verdict, line: str) -> Finding:
    """Make a finding of one of our errors, which say what happened and, behind a ;, the fix."""
    message, _, fix = line.rpartition("; ")
    return Finding(check, verdict, message, fix) if message else Finding(check, verdict, line)


def check_mx(domain: str, lookup: Lookup) -> Iterator[Finding]:
    """See whether mail to a domain can arrive: commands, replies and bounces come to it."""
    hosts = lookup(domain, "MX")
    if hosts == ("",):
        yield Finding(
            "mx",
            Verdict.PROBLEM,
            f"{domain} says that it takes no mail (null MX)",
            f"let its MX name the server that takes mail for {domain}",
        )
        return
    if not hosts:
        if lookup(domain, "A") or lookup(domain, "AAAA"):
            yield Finding(
                "mx",
                Verdict.WARNING,
                f"{domain} has no MX; mail goes to its address record",
                f"add an MX record that names the server that takes mail for {domain}",
            )
        else:
            yield Finding(
                "mx",
                Verdict.PROBLEM,
                f"{domain} has neither MX nor address: no mail, no reply and no bounce arrives",
                f"add an MX record that names the server that takes mail for {domain}",
            )
        return
    lost = [host for host in hosts if not (lookup(host, "A") or lookup(host, "AAAA"))]
    for host in lost:
        yield Finding(
            "mx",
            Verdict.PROBLEM if len(lost) == len(hosts) else Verdict.WARNING,
            f"the MX {host} of {domain} has no address",
            f"add its A or AAAA record, or take {host} out",
        )
    if not lost:
        yield Finding("mx", Verdict.OK, f"mail to {domain} goes to {', '.join(hosts)}")


def check_spf(domain: str, host: SendingHost, lookup: Lookup, *, sender: str) -> Iterator[Finding]:
    """See whether the domain of the envelope sender lets the sending host send.

    Parameters
    ----------
    sender : str
        The envelope sender, for records with macros.
    """
    record = spf.find_record(domain, lookup)
    if record is None:
        yield Finding(
            "spf",
            Verdict.PROBLEM,
            f"{domain} has no SPF record: nobody knows that this mail is yours",
            f'add the TXT record "v=spf1 {_suggested(host)} ~all" to {domain}',
        )
        return
    number = spf.count_lookups(domain, lookup)
    if number > spf.MOST_LOOKUPS:
        yield Finding(
            "spf",
            Verdict.PROBLEM,
            f"the record of {domain} takes {number} lookups; from {spf.MOST_LOOKUPS + 1} on, "
            "receivers take it for broken",
            "take out includes that are not needed, or write ip4: and ip6: in their place",
        )
    if any(each.name == "all" and each.result is SpfResult.PASS for each in record.mechanisms):
        yield Finding(
            "spf",
            Verdict.PROBLEM,
            f"the record of {domain} lets everybody send ({record.text})",
            "write ~all or -all in the place of +all",
        )
    yield from _check_coverage(domain, record, host, lookup, sender=sender, lookups=number)


def check_dkim(from_domain: str, signing: DkimSigning | None, lookup: Lookup) -> Iterator[Finding]:
    """See whether receivers find the key that our signatures are checked with."""
    if signing is None:
        yield Finding(
            "dkim",
            Verdict.WARNING,
            "mail is not signed here: this is right only where the SMTP server signs it",
            f"set dkim.domain = {from_domain!r}, dkim.selector and dkim.key_file, or see to it "
            "that the server signs",
        )
        return
    name = f"{signing.selector}._domainkey.{signing.domain}"
    key = signing.public_key
    if key.is_refused:
        yield Finding(
            "dkim",
            Verdict.PROBLEM,
            "the signing key has less than 1,024 bits, and no receiver takes its signatures",
            "make an RSA key of 2,048 bits and publish it",
        )
        return
    texts = lookup(name, "TXT")
    publish = f"add the TXT record {name} with: {key.record}"
    if not texts:
        yield Finding(
            "dkim", Verdict.PROBLEM, f"{name} has no key: no signature of ours holds", publish
        )
        return
    if len(texts) > 1:
        raise RecordError(f"{name} has {len(texts)} records, and receivers take any; leave one")
    yield from _check_key(name, dkim_record.parse_record(texts[0]), key, publish)


def check_dmarc(
    from_domain: str, envelope_domain: str, signing: DkimSigning | None, lookup: Lookup
) -> Iterator[Finding]:
    """See what is asked of receivers, and whether SPF and DKIM speak for the domain in From."""
    record = dmarc.find_record(from_domain, lookup)
    if record is None:
        yield Finding(
            "dmarc",
            Verdict.PROBLEM,
            f"{from_domain} has no DMARC record: large providers refuse or hide bulk mail",
            f'add the TXT record "v=DMARC1; p=none" as _dmarc.{from_domain}; once reports show '
            "that your mail passes, p=quarantine",
        )
        return
    policy = record.policy if record.domain == from_domain.lower() else record.subdomain_policy
    where = f"_dmarc.{record.domain}"
    if policy == "none":
        yield Finding(
            "dmarc",
            Verdict.WARNING,
            f"{where} asks for nothing to be done with forged mail (p=none)",
            "once reports show that your own mail passes, write p=quarantine",
        )
    aligned = [
        dmarc.is_aligned(envelope_domain, from_domain, lookup, strict=record.strict_spf),
        signing is not None
        and dmarc.is_aligned(signing.domain, from_domain, lookup, strict=record.strict_dkim),
    ]
    if signing is not None and not aligned[1]:
        yield Finding(
            "dmarc",
            Verdict.PROBLEM,
            f"signatures of {signing.domain} do not speak for {from_domain} in From",
            f"set dkim.domain = {from_domain!r} and publish the key there",
        )
    if not any(aligned):
        yield Finding(
            "dmarc",
            Verdict.PROBLEM,
            f"neither the envelope sender ({envelope_domain}) nor a signature speaks for "
            f"{from_domain} in From",
            "let list.address and dkim.domain be of one domain",
        )
    elif policy != "none" and (signing is None or aligned[1]):
        by = [name for name, holds in zip(("SPF", "DKIM"), aligned, strict=True) if holds]
        yield Finding(
            "dmarc",
            Verdict.OK,
            f"{where} asks for p={policy}; From is aligned by {' and '.join(by)}",
        )


def check_ptr(host: SendingHost, lookup: Lookup) -> Iterator[Finding]:
    """See whether the sending addresses have names that lead back to them."""
    if not host.is_here:
        yield Finding("ptr", Verdict.OK, f"{host.name} sends, its names are its operator's matter")
        return
    if not host.addresses:
        yield _unknown_address("ptr")
    for address in host.addresses:
        names = lookup(str(address), "PTR")
        kind: RecordType = "A" if isinstance(address, IPv4Address) else "AAAA"
        confirmed = [name for name in names if str(address) in lookup(name, kind)]
        if confirmed:
            yield Finding(
                "ptr", Verdict.OK, f"{address} is {confirmed[0]}, and the other way round"
            )
        elif names:
            yield Finding(
                "ptr",
                Verdict.PROBLEM,
                f"{address} is called {names[0]}, which does not lead back to it",
                f"add the {kind} record {names[0]} with {address}, or correct the PTR record",
            )
        else:
            yield Finding(
                "ptr",
                Verdict.PROBLEM,
                f"{address} has no name, and large providers refuse mail from it",
                "ask whom the address is rented from to set its PTR record to this machine's name",
            )


def _check_coverage(
    domain: str,
    record: SpfRecord,
    host: SendingHost,
    lookup: Lookup,
    *,
    sender: str,
    lookups: int,
) -> Iterator[Finding]:
    """See whether each address that mail comes from may send, by the record."""
    if not host.addresses:
        if host.is_here:
            yield _unknown_address("spf")
        else:
            yield Finding(
                "spf",
                Verdict.WARNING,
                f"{host.name} has no address, so nobody can tell whether it may send for {domain}",
                "correct smtp.host",
            )
        return
    includes = [
        each.domain.removesuffix(".").lower()
        for each in record.mechanisms
        if each.name == "include" and each.result is SpfResult.PASS
    ]
    if not host.is_here and host.include in includes:
        for address in host.addresses:
            # It sends from other addresses than these: whether they pass is not asked, only
            # whether receivers give up on the way.
            spf.check_host(address, domain, lookup, sender=sender)
        yield Finding("spf", Verdict.OK, f"{domain} includes {host.include}, {lookups} lookups")
        return
    for address in host.addresses:
        answer = spf.check_host(address, domain, lookup, sender=sender)
        yield _judge_answer(domain, record, host, address, answer, lookups=lookups)


def _judge_answer(
    domain: str,
    record: SpfRecord,
    host: SendingHost,
    address: Address,
    answer: SpfAnswer,
    *,
    lookups: int,
) -> Finding:
    of = "" if host.is_here else f" of {host.name}"
    if answer.result is SpfResult.PASS:
        return Finding("spf", Verdict.OK, f"{domain} lets {address}{of} send, {lookups} lookups")
    said = f", and says {answer.explanation!r}" if answer.explanation else ""
    message = f"{domain} does not let {address}{of} send ({answer.result}){said}"
    if host.is_here:
        return Finding(
            "spf",
            Verdict.PROBLEM,
            message,
            f"add {_term(address)} to its record, before its end: {record.text}",
        )
    return Finding(
        "spf",
        Verdict.PROBLEM if host.include else Verdict.WARNING,
        message,
        f"add {_suggested(host)} to its record"
        if host.include
        else f"add what the operator of {host.name} tells you to include: it may send from other "
        "addresses than it takes mail at",
    )


def _check_key(
    name: str, record: dkim_record.KeyRecord, key: PublicKey, publish: str
) -> Iterator[Finding]:
    if not record.key:
        yield Finding("dkim", Verdict.PROBLEM, f"the key at {name} was revoked", publish)
        return
    if not record.holds(key):
        yield Finding(
            "dkim", Verdict.PROBLEM, f"the key at {name} is not that of dkim.key_file", publish
        )
        return
    if not record.takes_sha256:
        yield Finding(
            "dkim",
            Verdict.PROBLEM,
            f"{name} takes no signatures with SHA-256, and others are not made",
            "take h= out of it",
        )
        return
    if record.is_testing:
        yield Finding(
            "dkim",
            Verdict.WARNING,
            f"{name} says that it is a test (t=y): receivers may take mail for unsigned",
            "take t=y out of it",
        )
    if key.is_short:
        yield Finding(
            "dkim",
            Verdict.WARNING,
            f"the key at {name} has less than 2,048 bits",
            "make an RSA key of 2,048 bits and publish it under another selector",
        )
    if not (record.is_testing or key.is_short):
        yield Finding("dkim", Verdict.OK, f"{name} holds the key that mail is signed with")


def _unknown_address(check: str) -> Finding:
    return Finding(
        check,
        Verdict.WARNING,
        "the SMTP server is this machine or near it, and its address as others see it is not known",
        "name it: recommender doctor --sending-address ADDRESS",
    )


def _suggested(host: SendingHost) -> str:
    if not host.is_here:
        return f"include:{host.include}" if host.include else f"a:{host.name}"
    return " ".join(map(_term, host.addresses)) or "mx"


def _term(address: Address) -> str:
    return f"ip{address.version}:{address}"

"""Room mail: what a domain asks receivers to do with mail that is not its own (DMARC). Pure.

Sources: RFC 7489; the organisational domain is found by walking up the tree of names, as the
successor of that RFC does, so that no list of public suffixes is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recommender.errors import RecordError
from recommender.mail.deliverability.name_lookup import Lookup

LONGEST_WALK: Final = 8
"""Names that are asked for at most; longer ones are cut to their last seven labels."""

POLICIES: Final = ("none", "quarantine", "reject")

_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(;|$)")


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record and where it stands.

    Attributes
    ----------
    domain : str
        Without ``_dmarc.``.
    policy, subdomain_policy : str
        ``none``, ``quarantine`` or ``reject``.
    strict_dkim, strict_spf : bool
        Domains must be equal to be aligned, rather than of one organisation.
    reports_to : str
        Where aggregate reports go; empty where nowhere.
    is_public_suffix : bool
        The domain says that it is one, under which others register theirs.
    """

    domain: str
    policy: str
    subdomain_policy: str
    strict_dkim: bool = False
    strict_spf: bool = False
    reports_to: str = ""
    is_public_suffix: bool = False


def parse_record(domain: str, text: str) -> DmarcRecord:
    """Read ``v=DMARC1; p=…``.

    Raises
    ------
    RecordError
        If a receiver would not use it.
    """
    tags: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not name:
            raise RecordError(f"{part.strip()!r} is no tag of DMARC; write it as name=value")
        tags[name.lower()] = value
    policy = tags.get("p", "").lower()
    subdomain_policy = tags.get("sp", policy).lower()
    for tag, value in (("p", policy), ("sp", subdomain_policy)):
        if value not in POLICIES:
            raise RecordError(
                f"its tag {tag} is {value!r}; write {tag}=none, {tag}=quarantine or {tag}=reject"
            )
    for tag in ("adkim", "aspf"):
        if tags.get(tag, "r").lower() not in {"r", "s"}:
            raise RecordError(f"its tag {tag} is {tags[tag]!r}; write {tag}=r or {tag}=s")
    return DmarcRecord(
        domain=domain,
        policy=policy,
        subdomain_policy=subdomain_policy,
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
        reports_to=tags.get("rua", ""),
        is_public_suffix=tags.get("psd", "").lower() == "y",
    )


def find_record(domain: str, lookup: Lookup) -> DmarcRecord | None:
    """Read the record that receivers use for a domain: its own, or else its organisation's.

    Raises
    ------
    RecordError
        If it cannot be read, or one name has several.
    NameServerError
        If nobody tells.
    """
    own = _record_at(domain.lower(), lookup)
    if own is not None:
        return own
    above = _records_above(domain, lookup)
    return min(above, key=lambda record: record.domain.count("."), default=None)


def organisational_domain(domain: str, lookup: Lookup) -> str:
    """Return the name under which a domain's organisation answers for all of its names.

    It is the shortest name with a DMARC record; one label more where that is a public suffix; the
    domain itself where there is none.

    Raises
    ------
    RecordError, NameServerError
        As `find_record`.
    """
    own = _record_at(domain.lower(), lookup)
    records = ([own] if own is not None else []) + _records_above(domain, lookup)
    if not records:
        return domain.lower()
    top = min(records, key=lambda record: record.domain.count("."))
    if not top.is_public_suffix or top.domain == domain.lower():
        return top.domain
    labels = domain.lower().split(".")
    return ".".join(labels[-(top.domain.count(".") + 2) :])


def is_aligned(domain: str, from_domain: str, lookup: Lookup, *, strict: bool) -> bool:
    """Return whether an authenticated domain speaks for the domain in From (RFC 7489 section 3.1).

    Raises
    ------
    RecordError, NameServerError
        As `find_record`.
    """
    if domain.lower() == from_domain.lower():
        return True
    if strict:
        return False
    return organisational_domain(domain, lookup) == organisational_domain(from_domain, lookup)


def _records_above(domain: str, lookup: Lookup) -> list[DmarcRecord]:
    labels = domain.lower().split(".")[1:]
    labels = labels[-(LONGEST_WALK - 1) :]
    found = [_record_at(".".join(labels[start:]), lookup) for start in range(len(labels))]
    return [record for record in found if record is not None]


def _record_at(domain: str, lookup: Lookup) -> DmarcRecord | None:
    texts = [text for text in lookup(f"_dmarc.{domain}", "TXT") if _VERSION.match(text)]
    if len(texts) > 1:
        raise RecordError(
            f"_dmarc.{domain} has {len(texts)} records, and receivers then use none; leave one"
        )
    return parse_record(domain, texts[0]) if texts else None

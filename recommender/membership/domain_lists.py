"""Membership: lists of mail domains, as the operator keeps them in files; pure.

A line is a domain; what stands below it in the DNS is meant too. Empty lines, and what follows a
``#``, are comments. The forms that public lists use are taken as well: ``@example.org``,
``.example.org``, ``*.example.org``.
"""

from __future__ import annotations

import idna


def parse_domain_list(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Read a list of domains.

    Returns
    -------
    domains : frozenset of str
        In lower-case ASCII (IDNA), as the domain of `addresses.Address.key` is.
    problems : tuple of str
        A sentence for each line that names no domain; the other lines count all the same.
    """
    domains = set()
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        given = line.partition("#")[0].strip()
        if not given:
            continue
        name = given.removeprefix("@").removeprefix("*").strip(".")
        try:
            domains.add(idna.encode(name, uts46=True).decode("ascii").lower())
        except idna.IDNAError:
            problems.append(
                f"line {number}: {given[:60]!r} is no domain; write one such as example.org"
            )
    return frozenset(domains), tuple(problems)

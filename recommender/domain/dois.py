"""Domain: which work a DOI names. Pure.

Preprint servers give each version of a work a DOI. Where the version can be told from the rest by
the server's own rules, the DOI without it stands for the work; everywhere else a DOI that ends in
``.1`` or ``v1`` is a name like any other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ARXIV_DOI_PREFIX: Final = "10.48550/arxiv."
"""Begins the DOIs that arXiv gives out: they name the paper that its own identifier names."""

# Each pattern matches whole DOIs, in lower case, and has the version outside of its group.
_VERSIONED: Final = re.compile(
    r"""
      (10\.26434/chemrxiv[^/]{1,40}?)(?:[-.]v|/v)[0-9]{1,3}                  # ChemRxiv
    | (10\.(?:21203|22541|36227|17504)/[^/]{1,60}(?:/[^/]{1,60})?)/v[0-9]{1,3}
                                              # Research Square, Authorea, TechRxiv, protocols.io
    | (10\.(?:20944|14293|31124|3762|36227)/[^/]{1,60}(?:/[^/]{1,60})?)\.v[0-9]{1,3}
                                       # Preprints.org, ScienceOpen, Advance, Beilstein, TechRxiv
    | (10\.6084/m9\.figshare\.[0-9]{1,12})\.v[0-9]{1,3}                      # figshare
    | (10\.[0-9]{4,9}/osf\.io/[a-z0-9]{1,12})_v[0-9]{1,3}                    # OSF, PsyArXiv, …
    | (10\.33774/[a-z]{2,12}-[0-9]{4}-[a-z0-9]{1,12}(?:-[0-9])?)-v[0-9]{1,3} # Cambridge Engage
    | (10\.(?:12688|35241|15694)/[a-z][a-z0-9-]{1,30}\.[0-9]{1,9})\.[0-9]{1,2} # F1000
    | (10\.3310/[a-z]{2,30}openres\.[0-9]{1,9})\.[0-9]{1,2}                  # … of the NIHR
    | (10\.7554/elife\.[0-9]{5,6})\.[1-9]                                    # eLife's preprints
    | (10\.7287/peerj\.preprints\.[0-9]{1,7})v[0-9]{1,2}                     # PeerJ
    | (10\.1002/essoar\.[0-9]{6,12})\.[0-9]{1,2}                             # ESSOAr
    | (10\.32388/[a-z0-9]{6})\.[0-9]{1,2}                                    # Qeios
    """,
    re.VERBOSE,
)
_PREPRINT: Final = re.compile(
    r"10\.(?:26434|21203|22541|36227|20944|14293|31124|33774|32388|64898|31223|31220|51094)/"
    r"|10\.(?:31234|31219|31235|35542|31222|31730|31236|31237|31225|33767|17605)/"
    r"|10\.[0-9]{4,9}/osf\.io/|10\.1101/(?:[0-9]{4}\.[0-9]{2}\.[0-9]{2}\.)?[0-9]{5,8}(?:v|\Z)"
    r"|10\.2139/ssrn\.|10\.6084/m9\.figshare\.|10\.5281/zenodo\.|10\.7287/peerj\.preprints"
    r"|10\.1002/essoar\.|10\.3762/bxiv\.|10\.2196/preprints\.|10\.1590/scielopreprints"
    r"|10\.48550/arxiv\.|10\.5194/(?:egusphere|[a-z]{2,6}d)-|10\.2172/|10\.13140/rg\."
)


@lru_cache(maxsize=4_096)
def work_of_doi(doi: str) -> str:
    """Return the DOI without the version of a preprint server: what all versions share.

    Parameters
    ----------
    doi : str
        In lower case, without resolver. What is returned need not resolve.

    Examples
    --------
    >>> work_of_doi("10.21203/rs.3.rs-123456/v2")
    '10.21203/rs.3.rs-123456'
    """
    found = _VERSIONED.fullmatch(doi)
    return doi if found is None else next(filter(None, found.groups()))


@lru_cache(maxsize=4_096)
def is_preprint(doi: str) -> bool:
    """Whether a DOI is one of a server of preprints or deposits, not a journal's."""
    return _PREPRINT.match(doi) is not None


def identifiers_of(arxiv_id: str | None, doi: str | None) -> tuple[str, ...]:
    """Return what a paper is known by: ``arxiv:1706.03762``, ``doi:10.1000/abc``.

    Two papers that share one of these are one.
    """
    named = {f"arxiv:{arxiv_id}": None} if arxiv_id else {}
    if doi and doi.startswith(ARXIV_DOI_PREFIX):
        named[f"arxiv:{doi.removeprefix(ARXIV_DOI_PREFIX)}"] = None
    elif doi:
        named[f"doi:{work_of_doi(doi)}"] = None
    return tuple(named)

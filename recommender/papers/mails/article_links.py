"""Room 1, papers: which links lead to papers, behind whatever counts who follows them. Pure.

Publishers and mail services let links lead through their own servers. Where the address that is
meant stands in the link, it is taken from there; where it does not, nothing is followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi

LONGEST_LINK: Final = 2_000
_MOST_REDIRECTS: Final = 4
_MOST_PARAMETERS: Final = 40
_MOST_KEPT: Final = 4_096

# Encoded, it ends at the first slash that is not: behind it stand the numbers of the click.
_IN_PATH: Final = re.compile(
    r"/(?P<url>https?(?::|%3A)(?:%2F%2F[^/\s]+|/{1,2}[^/\s]\S*))", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"https?(?::|%3A)", re.IGNORECASE)
_ONE_SLASH: Final = re.compile(r"^(https?):/(?!/)")
_PROOFPOINT_2: Final = re.compile(r"urldefense\.proofpoint\.com/v2/url", re.IGNORECASE)
_PROOFPOINT_3: Final = re.compile(r"urldefense\.(?:com|us)/v3/__(?P<url>.+?)__;", re.IGNORECASE)
_COUNTING: Final = re.compile(
    r"(?:utm_|WT\.|mc_|_hs|hs|pk_|mkt_|vero_)\w*|(?:campaign|dgcid|rss|fbclid|gclid|ref|source|via"
    r"|email|et_rid|af|ct|cid|mi|elq\w*|trk\w*|sfmc\w*|ijkey|keytype|error|code|origin)",
    re.IGNORECASE,
)

# Hosts, what the paths of their articles look like, and the parameter that names the article where
# its path does not.
_KNOWN: Final = (
    ("nature.com", r"/articles/(?!d4)[\w.-]+", ""),  # these are news
    ("sciencedirect.com", r"/science/article/(?:abs/|am/)?pii/\w+", ""),
    (
        "cell.com",
        r"/.*(?:fulltext|abstract|article)/(?:PII)?S?[\w()-]+(?:/(?:fulltext|abstract))?",
        "",
    ),
    (
        "thelancet.com",
        r"/.*(?:fulltext|abstract|article)/(?:PII)?S?[\w()-]+(?:/(?:fulltext|abstract))?",
        "",
    ),
    ("pubmed.ncbi.nlm.nih.gov", r"/[0-9]{1,9}", ""),
    ("ncbi.nlm.nih.gov", r"/(?:pubmed/[0-9]{1,9}|pmc/articles/PMC[0-9]+)", ""),
    ("europepmc.org", r"/(?:article|abstract)/\w+/\w+", ""),
    ("biorxiv.org", r"/(?:content|cgi/content)/.*[0-9]{4}.*", ""),
    ("medrxiv.org", r"/(?:content|cgi/content)/.*[0-9]{4}.*", ""),
    ("chemrxiv.org", r"/engage/\w+/article-details/\w+", ""),
    ("researchsquare.com", r"/article/rs-[0-9]+.*", ""),
    ("osf.io", r"/preprints/(?:\w+/)?\w{5,}", ""),
    ("preprints.org", r"/manuscript/[0-9.]+.*", ""),
    ("academic.oup.com", r"/[\w-]+/(?:article|advance-article)/.+", ""),
    ("mdpi.com", r"/[0-9]{4}-[0-9]{3}[0-9X]/[0-9]+/[0-9]+/[0-9]+.*", ""),
    ("frontiersin.org", r"/(?:journals/[\w-]+/)?articles/.+", ""),
    ("plos.org", r"/\w+/article", "id"),
    ("ieeexplore.ieee.org", r"/(?:abstract/)?document/[0-9]+", ""),
    ("ieeexplore.ieee.org", r"/(?:stamp/stamp|xpl/articleDetails)\.jsp", "arnumber"),
    ("openreview.net", r"/(?:forum|pdf)", "id"),
    ("aclanthology.org", r"/[A-Z0-9][\w.-]+[0-9]", ""),
    ("proceedings.mlr.press", r"/v[0-9]+/\w+.*", ""),
    ("jmlr.org", r"/papers/v[0-9]+/.+", ""),
    ("neurips.cc", r"/paper(?:_files)?/.+", ""),
    ("nips.cc", r"/paper(?:_files)?/.+", ""),
    ("thecvf.com", r"/.*/html/.+", ""),
    ("semanticscholar.org", r"/paper/.+", ""),
    ("ssrn.com", r"/sol3/papers\.cfm", "abstract_id"),
    ("ssrn.com", r"/abstract=[0-9]+", ""),
    ("scopus.com", r"/(?:record/display|inward/record)\.ur[il]", "eid"),
    ("jamanetwork.com", r"/journals/[\w-]+/(?:fullarticle|article-abstract)/.+", ""),
    ("bmj.com", r"/content/.+[0-9]", ""),
    ("elifesciences.org", r"/(?:articles|reviewed-preprints)/[0-9]+.*", ""),
    ("pubs.rsc.org", r"/en/content/article\w+/.+", ""),
    ("journals.aps.org", r"/\w+/(?:abstract|pdf|accepted)/.+", ""),
    ("link.aps.org", r"/doi/.+", ""),
    ("cambridge.org", r"/core/journals/.+/article/.+", ""),
    ("jstor.org", r"/stable/[\w./]+", ""),
    ("hal.science", r"/[\w]+-[0-9]{6,}.*", ""),
    ("archives-ouvertes.fr", r"/[\w]+-[0-9]{6,}.*", ""),
    ("zenodo.org", r"/records?/[0-9]+", ""),
    ("ojs.aaai.org", r"/.*article/view/.+", ""),
    ("projecteuclid.org", r"/.*/full", ""),
    ("aanda.org", r"/articles/.+", ""),
    ("edpsciences.org", r"/articles/.+", ""),
    ("nber.org", r"/papers/w[0-9]+", ""),
    ("eprint.iacr.org", r"/[0-9]{4}/[0-9]+", ""),
)
_BY_DOMAIN: Final[dict[str, list[tuple[str, re.Pattern[str], str]]]] = {}
for _host, _path, _parameter in _KNOWN:
    _domain = ".".join(_host.split(".")[-2:])
    _BY_DOMAIN.setdefault(_domain, []).append((_host, re.compile(_path), _parameter))


@dataclass(frozen=True, slots=True)
class Article:
    """Where a paper lies: an address, and what in it names the paper."""

    url: str
    arxiv_id: str | None = None
    doi: str | None = None


@lru_cache(maxsize=_MOST_KEPT)
def article_of(href: str) -> Article | None:
    """Return the paper that a link leads to; None where it leads elsewhere, or nobody knows where.

    Examples
    --------
    >>> article_of("https://click.example.org/?id=7&url=https%3A%2F%2Fdoi.org%2F10.1234%2Fab")
    Article(url='https://doi.org/10.1234/ab', arxiv_id=None, doi='10.1234/ab')
    """
    for address in reversed(_behind(href)):
        article = _named(address)
        if article is not None:
            return article
    return None


def target_of(href: str) -> str | None:
    """Return where a link leads in the end, without what counts readers; None if it says nothing.

    Examples
    --------
    >>> target_of("https://scholar.google.com/scholar_url?url=https://example.org/a?utm_source=x")
    'https://example.org/a'
    """
    found = _behind(href)
    return _without_counting(found[-1]) if found else None


def _behind(href: str) -> list[str]:
    """Return a link and all that it leads to, as far as it says so itself."""
    found: list[str] = []
    address: str | None = href.strip()
    while address and len(found) < _MOST_REDIRECTS:
        address = _web_address(address)
        if address is None or address in found:
            break
        found.append(address)
        # An article's own address may name another in its query.
        address = _in_path(address) or (None if _named(address) else _in_query(address))
    return found


def _web_address(address: str) -> str | None:
    if len(address) > 2 * LONGEST_LINK:
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    usable = usable and "@" not in parts.netloc and address.isprintable() and " " not in address
    return address if usable else None


def _in_path(address: str) -> str | None:
    wrapped = _PROOFPOINT_3.search(address)
    if wrapped is not None:
        return unquote(wrapped["url"])
    found = _IN_PATH.search(urlsplit(address).path)
    if found is None:
        return None
    return _ONE_SLASH.sub(r"\1://", unquote(found["url"]))


def _in_query(address: str) -> str | None:
    for name, value in _parameters(urlsplit(address).query):
        if name == "u" and _PROOFPOINT_2.search(address):
            return unquote(value.replace("-", "%").replace("_", "/"))
        if _ADDRESS.match(value):
            return unquote(value) if "%" in value[:12] else value
    return None


def _parameters(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return []


def _named(address: str) -> Article | None:
    parts = urlsplit(address)
    host, path = (parts.hostname or "").lower(), parts.path
    if host.endswith("nature.com"):
        path = path.removesuffix(".pdf")
    plain = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    # Without the query: what an address says of others is not where it leads.
    arxiv_id = arxiv_id_of(plain)
    if arxiv_id is not None:
        return Article(f"https://arxiv.org/abs/{arxiv_id}", arxiv_id)
    doi = normalise_doi(plain)
    if doi is not None:
        return Article(plain, None, doi)
    domain = ".".join(host.split(".")[-2:])
    for known, paths, parameter in _BY_DOMAIN.get(domain, ()):
        is_there = host == known or host.endswith(f".{known}")
        if is_there and paths.fullmatch(path.rstrip("/")):
            kept = [each for each in _parameters(parts.query) if each[0] == parameter]
            if parameter and not kept:
                continue
            url = urlunsplit((parts.scheme, parts.netloc, path, urlencode(kept), ""))
            stated = normalise_doi(kept[0][1]) if kept else None
            return Article(url, None, stated or normalise_doi(url))
    return None


def _without_counting(address: str) -> str:
    """Leave out the parameters that tell who follows the link, and from where."""
    parts = urlsplit(address)
    if not parts.query:
        return urlunsplit(parts._replace(fragment=""))
    kept = [each for each in _parameters(parts.query) if not _COUNTING.fullmatch(each[0])]
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))

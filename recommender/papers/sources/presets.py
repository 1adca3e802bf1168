"""Room 1, papers: the short names of sources that many people want, and where they are. Pure.

The addresses are those that the services document:
https://info.arxiv.org/help/rss.html, https://info.arxiv.org/help/api/user-manual.html,
https://www.biorxiv.org/alertsrss, https://www.medrxiv.org/alerts-rss,
https://europepmc.org/RestfulWebService, https://api.crossref.org.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from recommender.errors import SourceError
from recommender.wording import one_line

MOST_NAME_CHARACTERS: Final = 100
MOST_URL_CHARACTERS: Final = 2_000

PRESETS: Final = (
    'arxiv:cs.LG, arxiv:search "graph networks", biorxiv:neuroscience, medrxiv:epidemiology, '
    'pubmed:"sleep AND memory", huggingface:daily, crossref:1476-4687'
)
"""One of each, to show what can be typed."""

_MOST_RESULTS: Final = 100
_ARXIV_CATEGORY: Final = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z-]+)?")
_ARXIV_FIELD: Final = re.compile(r"\b(?:ti|au|abs|co|jr|cat|rn|id|all):")
_ISSN: Final = re.compile(r"[0-9]{4}-?[0-9]{3}[0-9Xx]")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def address_of(given: str) -> tuple[str, str]:
    """Find where a source is fetched, and what it is called unless somebody names it.

    Parameters
    ----------
    given : str
        An http or https address, or a preset such as ``arxiv:cs.LG``.

    Returns
    -------
    url, name : str

    Raises
    ------
    SourceError
        If it is neither.
    """
    given = one_line(given)
    if _SCHEME.match(given):
        return _checked(given), given.partition("://")[2].rstrip("/")[:MOST_NAME_CHARACTERS]
    kind, colon, rest = given.partition(":")
    find = _KINDS.get(kind.lower())
    wanted = _unquoted(rest)
    if not colon or find is None or not wanted:
        raise SourceError(
            f"'{given}' is no address and no preset; give http(s)://… or one such as {PRESETS}"
        )
    return _checked(find(wanted)), given[:MOST_NAME_CHARACTERS]


def names_a_place(given: str) -> bool:
    """Whether this is meant for an address or a preset, right or wrong, and not for a name."""
    given = one_line(given)
    kind, colon, _ = given.partition(":")
    return bool(_SCHEME.match(given) or (colon and kind.lower() in _KINDS))


def is_preset(given: str) -> bool:
    """Whether this names a service that is known to have papers, not just some address."""
    return not _SCHEME.match(one_line(given))


def says_where(name: str, url: str) -> bool:
    """Whether the name of a source tells its address by itself, as names that nobody chose do."""
    if is_preset(name):
        try:
            return address_of(name)[0] == url
        except SourceError:
            return name == url.partition("://")[2].rstrip("/")
    return name == url


def service_at(url: str) -> str:
    """Return which service of the presets is asked at an address; empty where none is."""
    return _SERVICES.get((urlsplit(url).hostname or "").lower(), "")


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        usable = usable and parts.port != 0
    except ValueError:
        usable = False
    if not usable or " " in url or len(url) > MOST_URL_CHARACTERS:
        raise SourceError(f"'{url[:200]}' is no http or https address; copy it from a browser")
    if "@" in parts.netloc:
        raise SourceError("an address with a password would stand in lists and logs; take it out")
    return url.partition("#")[0]


def _unquoted(text: str) -> str:
    return text.strip().strip("\"“”'").strip()


def _arxiv(wanted: str) -> str:
    words = re.match(r"search\b\s*:?(?P<words>.*)", wanted, re.IGNORECASE)
    if words is not None:
        return _arxiv_search(_unquoted(words["words"]))
    categories = re.split(r"[+,\s]+", wanted)
    if not all(map(_ARXIV_CATEGORY.fullmatch, categories)):
        raise SourceError(
            f"'{wanted}' is no category of arXiv; give one such as cs.LG, several as "
            'cs.LG+stat.ML, or arxiv:search "words"'
        )
    return f"https://rss.arxiv.org/rss/{'+'.join(categories)}"


def _arxiv_search(words: str) -> str:
    if not words:
        raise SourceError('arxiv:search needs words; give them as arxiv:search "graph networks"')
    if not _ARXIV_FIELD.search(words):
        # Otherwise the API takes only the first word for what is looked for.
        words = " AND ".join(f"all:{word}" for word in re.findall(r"[\w-]+", words)) or words
    query = {
        "search_query": words,
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "max_results": _MOST_RESULTS,
    }
    return f"https://export.arxiv.org/api/query?{urlencode(query)}"


def _preprints(server: str) -> Callable[[str], str]:
    def find(subject: str) -> str:
        words = re.sub(r"[\s-]+", "_", subject.lower())
        return f"https://connect.{server}.org/{server}_xml.php?{urlencode({'subject': words})}"

    return find


def _pubmed(search: str) -> str:
    # A search of NCBI's own takes two requests, the second with the answer of the first. Europe PMC
    # has all of PubMed, and answers one with the abstracts.
    query = {
        "query": f"SRC:MED AND ({search}) sort_date:y",
        "resultType": "core",
        "format": "json",
        "pageSize": _MOST_RESULTS,
    }
    return f"https://www.ebi.ac.uk/europepmc/webservices/rest/search?{urlencode(query)}"


def _huggingface(wanted: str) -> str:
    if wanted.lower() != "daily":
        raise SourceError(f"huggingface has no '{wanted}'; give huggingface:daily")
    return "https://huggingface.co/api/daily_papers"


def _crossref(issn: str) -> str:
    digits = issn.upper().replace("-", "")
    if not _ISSN.fullmatch(issn) or _issn_check_digit(digits[:7]) != digits[7]:
        wrong = "its last digit does not fit the others" if _ISSN.fullmatch(issn) else ""
        raise SourceError(
            f"'{issn}' is no ISSN{wrong and f', {wrong}'}; give the one of the journal, as in "
            "crossref:1476-4687"
        )
    query = {"sort": "published", "order": "desc", "rows": _MOST_RESULTS}
    return f"https://api.crossref.org/journals/{digits[:4]}-{digits[4:]}/works?{urlencode(query)}"


def _issn_check_digit(digits: str) -> str:
    """Return the last digit of an ISSN (ISO 3297) after the seven before it, which it checks."""
    remainder = -sum(
        weight * int(each) for weight, each in zip(range(8, 1, -1), digits, strict=True)
    )
    return "0123456789X"[remainder % 11]


_KINDS: Final[dict[str, Callable[[str], str]]] = {
    "arxiv": _arxiv,
    "biorxiv": _preprints("biorxiv"),
    "medrxiv": _preprints("medrxiv"),
    "pubmed": _pubmed,
    "huggingface": _huggingface,
    "crossref": _crossref,
}

_SERVICES: Final = {
    "rss.arxiv.org": "arXiv",
    "export.arxiv.org": "arXiv",
    "connect.biorxiv.org": "bioRxiv",
    "connect.medrxiv.org": "medRxiv",
    "www.ebi.ac.uk": "Europe PMC, which answers for PubMed",
    "huggingface.co": "Hugging Face",
    "api.crossref.org": "Crossref",
}

"""Room 1, papers: the arXiv id or DOI that a text is or names, and where a paper can be read. Pure.

arXiv identifiers follow https://info.arxiv.org/help/arxiv_identifier.html, DOIs the DOI
Handbook, section 2.2.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final
from urllib.parse import quote_plus, unquote, urlsplit

from recommender.domain import Paper
from recommender.domain.dois import ARXIV_DOI_PREFIX
from recommender.papers.identity.article_pages import doi_of_page

# Four digits from April 2007, five from January 2015; before that archive/YYMMNNN.
_NEW_STYLE = (
    r"(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.[0-9]{4}|(?:1[5-9]|[2-9][0-9])(?:0[1-9]|1[0-2])\.[0-9]{5}"
)
_OLD_STYLE = r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2})?/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}"
_ID = rf"(?P<id>{_NEW_STYLE}|{_OLD_STYLE})(?:v[0-9]+)?(?![0-9])"
_BARE_ARXIV_ID = re.compile(_ID)
_NAMED_ARXIV_ID = re.compile(
    r"(?:\barxiv(?:\.org)?:\s*"
    r"|\b(?:arxiv\.org|alphaxiv\.org)/(?:abs|pdf|html|format|ps|src)/"
    r"|\b(?:huggingface\.co|emergentmind\.com)/papers/|\btakara\.ai/p/"
    # Readers of arXiv: papers.cool, scirate.com, semanticscholar.org
    r"|\b[a-z]{2,12}/arxiv/"
    rf"|\b10\.48550/arxiv\.){_ID}",
    re.IGNORECASE,
)
_DOI: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\x00-\x1f\x7f]+")
_LONGEST_DOI_TEXT: Final = 2_000
_MOST_ROUNDS: Final = 20
_DOI_PREFIX: Final = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org(?::[0-9]{1,5})?/|(?:info:)?doi(?:\.org)?[:/]\s*|doi\s+)+",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_DOI_IN_ADDRESS: Final = re.compile(
    r"(?P<before>[/=:]|%2f|%3d|%3a)(?P<doi>10\.[0-9]{4,9}(?:\.[0-9]+)*(?:/|%2f).+)", re.IGNORECASE
)
_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY: Final = re.compile("|".join(_ENTITIES), re.IGNORECASE)
_BRACKETS: Final = {")": "(", "]": "[", "}": "{", ">": "<"}
_ENDS: Final = ".,;:!?\"'”’»*_/\\ "
_OPENINGS: Final = "([{<\"'“‘«* "
# What sites write behind a DOI that is part of an address.
_VIEW: Final = re.compile(
    r"(?:/(?:full|full[-_]?text|full\.pdf|abstract|meta|html|xml|epub|unauth|e?pdf(?:plus|direct)?)"
    r"|\.full(?:\.pdf|-text)?(?:\+html)?|\.pdf|\.abstract)+\Z"
)
_VIEW_IN_ADDRESS: Final = re.compile(
    r"(?:[./](?:abs|short|long|summary|figures|references|citations?|tables|metrics|related|reader"
    r"|suppl(?:ementary-material|[-_](?:files?|info)(?:/[^/]*)?)?|article-info|html|related-articles))+\Z"
)
_ARGUMENTS: Final = re.compile(r"\?[a-z_][a-z0-9_.-]{0,40}=.*|\#[a-z][a-z0-9_-]{2,}\Z", re.DOTALL)
# bioRxiv and medRxiv have one DOI for all versions of a preprint, and write them behind it.
_RXIV: Final = re.compile(
    r"(10\.(?:1101|64898)/(?:[0-9]{4}\.[0-9]{2}\.[0-9]{2}\.)?[0-9]{5,8})v[0-9]{1,3}(?:[./+].*)?",
    re.DOTALL,
)
# Silverchair's addresses: behind the DOI the number of the article and the words of its title.
_SILVERCHAIR: Final = re.compile(
    r"/(?:[a-z]{1,20}-)?(?:article|chapter)s?(?:-[a-z]{1,20})?/doi/\Z", re.IGNORECASE
)
# A suffix may be a number alone.
_NUMBER: Final = re.compile(
    r"(?<=[^/])(?<!\A10\.[0-9]{4})(?<!\A10\.[0-9]{5})/[0-9]{4,}(?:/[^/]*)?\Z"
)
_NUMBER_AND_TITLE: Final = re.compile(
    r"(10\.(?:1039|1063|1083|1093|1098|1115|1121|1130|1162|1182)/[^/]+(?:/[^/]+)?)"
    r"/[0-9]{3,}/[a-z][^/]*"
)
# Publishers that give figures, tables and supplements DOIs of their own, behind the paper's.
_PART: Final = re.compile(
    r"(10\.1371/journal\.[a-z]{4}\.[0-9]{7})\.[gste][0-9]{3}"
    r"|(10\.7717/peerj(?:-[a-z]{2,10})?\.[0-9]{1,6})/(?:fig|table|supp)-[0-9]{1,3}"
    r"|(10\.3389/[a-z]{3,8}\.20[0-9]{2}\.[0-9]{5,8})\.s[0-9]{3}"
)


def arxiv_id_of(text: str) -> str | None:
    """Find the arXiv identifier in a text, without version: ``1706.03762``, ``hep-th/9711200``.

    Parameters
    ----------
    text : str
        A bare identifier with or without version, or any text in which one is named by
        ``arXiv:``, by an address at arXiv or a mirror, or by arXiv's DOI. The first counts.

    Returns
    -------
    str or None
        The subject class of an old identifier is left out, as arXiv does: ``math.GT/0309136`` and
        ``math/0309136`` are one paper.
    """
    found = _BARE_ARXIV_ID.fullmatch(text.strip()) or _NAMED_ARXIV_ID.search(text)
    if found is None:
        return None
    archive, slash, number = found["id"].lower().rpartition("/")
    return archive.partition(".")[0] + slash + number


def normalise_doi(text: str) -> str | None:
    """Find the DOI that a text is, in lower case; None where it is none, or one of arXiv's own.

    DOIs are compared without regard to case. arXiv's own name the paper that its identifier names;
    see `arxiv_id_of`.

    Parameters
    ----------
    text : str
        A DOI, perhaps behind ``doi:``, or an address at the resolver, a publisher's or a library's
        that has one in it, or stands for one (`doi_of_page`). What an address has behind the DOI
        is left out, and so are quotes, brackets and punctuation around it, and the number of a
        figure; escapes of addresses and HTML are undone.

    Examples
    --------
    >>> normalise_doi("https://pubs.example.org/doi/full/10.1000%2FABC.1?af=R#sec")
    '10.1000/abc.1'
    """
    if len(text) > _LONGEST_DOI_TEXT:
        return None
    doi, in_address, at_silverchair = _located(text.strip().lstrip(_OPENINGS))
    for _ in range(_MOST_ROUNDS):
        if not doi.startswith("10."):
            return None
        shorter = _plain_doi(doi)
        if in_address:
            shorter = _VIEW_IN_ADDRESS.sub("", shorter)
        if at_silverchair:
            shorter = _NUMBER.sub("", shorter)
        if shorter == doi:
            found = _DOI.fullmatch(doi) is not None and not doi.startswith(ARXIV_DOI_PREFIX)
            return doi if found else None
        doi = shorter
    return None


def _located(text: str) -> tuple[str, bool, bool]:
    """Return what begins with a DOI, and whether it stands in an address, and in Silverchair's."""
    resolved = _DOI_PREFIX.match(text)
    if resolved is not None and not _ADDRESS.match(text[resolved.end() :]):
        in_address = "doi.org" in resolved[0].lower()
        rest = text[resolved.end() :]
        return (re.split(r"[?\#]", rest)[0] if in_address else rest), in_address, False
    if not _ADDRESS.match(text):
        return text, False, False
    found = _DOI_IN_ADDRESS.search(text)
    if found is None:
        return doi_of_page(text) or "", True, False
    is_argument = found["before"].lower() in {"=", "%3d"} or "?" in text[: found.start()]
    doi = re.split(r"[?&\#]" if is_argument else r"[?\#]", _unescaped(found["doi"]))[0]
    return doi, True, _SILVERCHAIR.search(text, 0, found.start("doi")) is not None


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda found: _ENTITIES[found[0].lower()], text)


def _plain_doi(text: str) -> str:
    """Take one layer of escapes off a DOI, and what stands behind it."""
    doi = _ARGUMENTS.sub("", unquote(_unescaped(text)).lower())
    while doi and (
        doi[-1] in _ENDS
        or (doi[-1] in _BRACKETS and doi.count(doi[-1]) > doi.count(_BRACKETS[doi[-1]]))
    ):
        doi = doi[:-1]
    doi = _VIEW.sub("", doi)
    for pattern in (_RXIV, _NUMBER_AND_TITLE, _PART):
        found = pattern.fullmatch(doi)
        doi = doi if found is None else next(filter(None, found.groups()))
    return doi


class TitleSearch(StrEnum):
    """Whose search looks for the title of a paper that has no address of its own."""

    ARXIV = "arxiv"
    CROSSREF = "crossref"


_SEARCHES: Final = {
    TitleSearch.ARXIV: "https://arxiv.org/search/?query={}&searchtype=title",
    TitleSearch.CROSSREF: "https://search.crossref.org/search/works?q={}&from_ui=yes",
}
# By host and the beginning of the path; issues of earlier versions have links to Google Scholar.
_SEARCHED: Final = (
    ("arxiv.org", "/search/", "arXiv"),
    ("search.crossref.org", "/", "Crossref"),
    ("scholar.google.com", "/scholar", "Google Scholar"),
)
_LONGEST_QUERY: Final = 200


def reading_url(paper: Paper, search: TitleSearch) -> str:
    """Where a paper can be read: at its own address, or else a search for its title.

    Digests as people pass them on have titles and abstracts only, and a reader at breakfast does
    not type a title into a search field. `searched_at` tells which of both it is.
    """
    return paper.url or _SEARCHES[search].format(quote_plus(_query(paper.title)))


def searched_at(url: str | None) -> str | None:
    """Return the name of the site where a link only searches for a title; None: it is no search.

    Examples
    --------
    >>> searched_at("https://arxiv.org/search/?query=Attention&searchtype=title")
    'arXiv'
    >>> searched_at("https://arxiv.org/abs/1706.03762")
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    for host, path, name in _SEARCHED:
        if parts.netloc == host and parts.path.startswith(path) and parts.query:
            return name
    return None


def _query(title: str) -> str:
    """Return as many whole words of a title as a search takes."""
    if len(title) <= _LONGEST_QUERY:
        return title
    cut, _, _ = title[: _LONGEST_QUERY + 1].rpartition(" ")
    return cut or title[:_LONGEST_QUERY]

"""Room 1, papers: titles of feeds' entries, and what sites write around them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from recommender.papers.identity.canonical_ids import normalise_doi
from recommender.papers.text.author_lists import authors_of, names_alone
from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, text_of_html

_ARXIV_TITLE_END = re.compile(
    r"\.?\s*\(arXiv:[^()]{1,60}?(?P<announce>\s(?:UPDATED|CROSS LISTED))?\)"
    r"(?P<behind>\s(?:UPDATED|CROSS LISTED))?\s*$"
)
_TITLE_START = re.compile(
    r"\A(?:\[(?:ASAP|HTML|PDF|BOOK|CITATION|B|C|R|P|D|N|Research|Project"
    # The Lancet's sections, and HAL's numbers.
    r"|(?:original\s)?(?:research|articles?|reviews?)|comment|correspondence|editorial|seminar|series"
    r"|world\sreport|perspectives?|viewpoint|personal\sview|health\spolicy|clinical\spicture"
    r"|case\sreport|news|spotlight|essay|feature|letters?|hypothesis|commission|in\scontext"
    r"|[a-z]{3,12}-\d{7,9}(?:v\d{1,2})?"
    r"|graphical abstract[^\[\]]{0,20}|just accepted"
    r"|in press|accepted|open access|early view|new|updated?)\]\s+)+",
    re.IGNORECASE,
)
# As NBER has them: "Title -- by Ann Bee, Max Roe".
_BY_BEHIND = re.compile(r"\s--\sby\s(?P<names>[^\W\d_].{2,2000})\Z")
_TITLE_END = re.compile(
    r"(?:\s\[(?:pdf|video|ps|html|slides|early\sposting|early\saccess|just\saccepted"
    r"|invited(?:\s(?:review|paper|article|tutorial|perspective|letter|talk))?"
    r"|(?:author|editor)[’']?s?[’']?\s(?:choice|pick)|feature\sissue\b[^\[\]]{0,80})\]"
    r"|\s\(invited(?:\s(?:review|paper|article))?\))+\s*\Z",
    re.IGNORECASE,
)
# Where it appeared: "[Opt. Lett. 51, 700 (2026)]". A comment names there what it is on.
_CITATION_END = re.compile(
    r"\s\[[A-Z][^\[\]]{1,80}\s\d{1,4}(?:\s?\(\d{1,4}\))?,?\s[\w–-]{1,20}\s\((?:19|20)\d\d\)\]\s*\Z"
)
_ON_ANOTHER = re.compile(
    r"\b(?:comments?|commentary|repl(?:y|ies)|response|rejoinder|errat(?:um|a)|corrigend(?:um|a)"
    r"|corrections?|retraction|addendum|publisher[’']?s[’']?\snote)\b",
    re.IGNORECASE,
)
# "Sensors, Vol. 25, Pages 1234: " and the like, as MDPI has it.
_PERIODICAL_FIRST = re.compile(
    r"[A-ZÀ-Þ][^:]{0,120}?,\s(?:Vol(?:ume)?\.?\s\d{1,5}(?:\s?\(\d{1,5}\))?)"
    r"(?:,\s(?:No\.?|Nr\.?|Iss(?:ue|\.)?|Number)\s?[\w.-]{1,10})?"
    r",\s(?:Pages?|pp?\.|Article(?:\sID)?|Art\.|Paper)\s?[\w.–-]{1,30}(?:\s?\(\d{4}\))?:\s+(?=\S)"
)
_AUTHORS_FIRST = re.compile(
    r"(?P<names>[^:–—]{5,600}?)(?:(?:\s\((?:19|20)\d\d\))[.:,]?|:|\s[–—-])\s+(?P<title>\S.{9,})"
)
_AUTHORS_LAST = re.compile(
    r"(?P<title>\S.{9,})(?:\s/\s|\s[–—|-]\s|\sby\s|\s\((?=[^()]{5,600}\)\Z))(?P<names>[^()/:]{5,600})\)?"
)
_CITATION = re.compile(
    r"(?P<names>[^\W\d_][^()]{2,2000}?)\s\((?:19|20)\d\d[a-z]?\)\s(?P<rest>.{5,})"
)
_DOI_BEHIND = re.compile(
    r"\bdoi\s?:?\s?(?:https?://doi\.org/)?(?P<doi>10\.\d{4,9}/[^\s()]{1,200})", re.IGNORECASE
)
_CITED_ENDS = re.compile(
    r"(?:\s?[\[(](?:doi\s?:?[^()\[\]]{5,250}|in\spress|submitted|unpublished|dataset|item\snot[^()\[\]]{1,60})"
    r"[\])]\.?|\s(?:e-?)?ISSN\s[\w\s()-]{8,60}\.?|\s(?:doi\s?:|https?://)\S{5,250})+\s*\Z",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.?!])\s(?=[^\W\d_a-z]|\[)")
_ABBREVIATED = re.compile(r"(?:\A|\s)[A-Z][a-z]{0,5}\.\Z")
_PLACE = re.compile(
    r"\A(?:In:|\[)|\b(?:thesis|dissertation|working\spaper|discussion\spaper|report|press|universit"
    r"|journal|proceedings|monograph|manuscript)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Titled:
    """A title, and what sites write of the paper in the same field.

    Attributes
    ----------
    announced : str
        What arXiv says there, in small letters.
    is_citation : bool
        The field says where the paper appeared.
    """

    title: str
    announced: str = ""
    authors: tuple[str, ...] = ()
    doi: str | None = None
    is_citation: bool = False


def read_title(markup: str) -> Titled:
    """Read a title without what sites write around it."""
    title = text_of_html(markup)[:MOST_TITLE_CHARACTERS]
    title = _TITLE_START.sub("", mended(with_accents(title)))
    title = _PERIODICAL_FIRST.sub("", _without_end(title)) or title
    cited = _cited(title)
    if cited is not None:
        return cited
    end = _ARXIV_TITLE_END.search(title)
    if end is not None:
        said = (end["announce"] or end["behind"] or "").strip().lower()
        return Titled(title[: end.start()], said)
    return _without_authors(title)


def authors_around(titles: Sequence[str]) -> list[Titled]:
    """Part authors from the titles behind or before them, where all titles of a feed have some.

    One name alone may be the title's first words, "Deep Learning: a survey": half of them name
    several people.

    Returns
    -------
    list of Titled
        None, where a title has no authors before it.
    """
    for form in (_AUTHORS_FIRST, _AUTHORS_LAST):
        found = [form.fullmatch(title) for title in titles]
        parted = [
            Titled(each["title"].strip(), authors=names_alone(each["names"]))
            for each in found
            if each is not None
        ]
        several = sum(len(each.authors) > 1 for each in parted)
        are_all = len(parted) == len(titles) > 1 and all(each.authors for each in parted)
        if are_all and 2 * several >= len(parted):
            return parted
    return []


def _cited(title: str) -> Titled | None:
    """Read a citation in place of a title, as EPrints has: "Doe, Jane (2026) A title. Where."."""
    found = _CITATION.fullmatch(title)
    if found is None or not names_alone(found["names"]):
        return None
    said = found["rest"]
    stated = _DOI_BEHIND.search(said)
    said, ends = _CITED_ENDS.subn("", said)
    breaks = [each.start() for each in _BREAK.finditer(said)]
    at = next((at for at in reversed(breaks) if _names_place(said[at:].strip(" ."))), None)
    while at is not None and _ABBREVIATED.search(said[:at]):
        at = next((each for each in reversed(breaks) if each < at), None)
    if at is None and not ends:
        return None
    return Titled(
        (said if at is None else said[:at]).strip().rstrip("."),
        authors=authors_of([found["names"]]),
        doi=normalise_doi(stated["doi"]) if stated is not None else None,
        is_citation=True,
    )


def _names_place(text: str) -> bool:
    return any(map(str.isdigit, text)) or _PLACE.search(text) is not None


def _without_end(title: str) -> str:
    """Take away brackets behind a title that say where it appeared, or what kind it is."""
    title = _TITLE_END.sub("", title)
    if _ON_ANOTHER.search(title) is None:
        title = _TITLE_END.sub("", _CITATION_END.sub("", title))
    return title


def _without_authors(title: str) -> Titled:
    """Part a title and the authors behind it."""
    found = _BY_BEHIND.search(title)
    names = names_alone(found["names"]) if found is not None else ()
    return Titled(title[: found.start()], authors=names) if found and names else Titled(title)

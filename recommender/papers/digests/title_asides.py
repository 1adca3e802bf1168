"""Room 1, papers: what digests say of a paper right behind its title: votes, names, links. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from recommender.papers.digests.line_roles import byline_of
from recommender.papers.digests.markdown_lines import LABELLED_LINK, Link, is_all_links, links_in
from recommender.papers.digests.prose import is_list_of_names, is_prose
from recommender.papers.digests.title_lines import are_authors
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.paper_details import (
    is_category,
    is_score,
    is_venue,
    names_a_field,
    names_periodical,
    without_score,
)

_GROUP: Final = re.compile(r"[(\[](?P<inner>[^()\[\]]{1,20000})[)\]]\s*(?P<behind>.*)", re.DOTALL)
_YEAR: Final = re.compile(r",?\s{0,2}(?:19|20)\d\d\Z")
_YEAR_BEHIND: Final = re.compile(r",?\s{0,2}[(\[]?(?:19|20)\d\d[)\]]?\Z")
_ET_AL: Final = re.compile(r",?\s+et\.?\s?al\.?\Z")
_PLAIN_YEAR: Final = re.compile(r"[’']?\d\d|(?:19|20)\d\d")
# "Ann B. Example, Bo Sample (2026): …" before an abstract, or "by Ann Example. …".
_NAMES_FIRST: Final = re.compile(
    r"(?P<names>.{3,2000}?)(?:\s?\((?:19|20)\d\d[a-z]?\))?(?<!\b[A-Z])(?<!\b[JS]r)[.:]\s+(?=\S)",
    re.DOTALL,
)
_ARXIV_ID: Final = (
    r"(?:arxiv(?:\s(?:preprint|e-?print|id|no\.?))?(?:\sarxiv)?(?:\s?[:：,]\s?|\s))?"
    r"(?P<id>\d{4}\.\d{4,5}(?:v\d{1,2})?)(?:\s?\[[a-z-]{2,10}(?:\.[A-Za-z-]{2,10})?\])?"
)
_ID_BEFORE: Final = re.compile(rf"\A[\[(]?{_ARXIV_ID}[\])]?\s?[:：|–—-]?\s+(?=\S)", re.IGNORECASE)
_ID_BEHIND: Final = re.compile(rf"\s?(?:[,;|–—-]\s|\s)[\[(]?{_ARXIV_ID}[\])]?\Z", re.IGNORECASE)
_PRESENTED: Final = re.compile(
    r"\s[\[(](?:oral|spotlight|poster|highlight|(?:outstanding|best)\s(?:student\s)?paper"
    r"(?:\sawards?)?(?:\s(?:finalist|nominee|runner[- ]up|candidate|honou?rable\smention))?"
    r"|(?:honou?rable\smention)|notable\stop[- ]\d{1,2}\s?%)(?:\spresentation)?[\])]\Z",
    re.IGNORECASE,
)
# "We propose MR. Video, …" begins an abstract.
_SENTENCE: Final = re.compile(
    r"(?:we|this|these|that|in|on|our|it|the|to|i|here|there|despite|while|with|what|as|an?)\b",
    re.IGNORECASE,
)
_SEPARATORS: Final = " \t:：.-–—|·•"
_MOST_ASIDES: Final = 6


@dataclass(slots=True)
class Asides:
    """What stands between a title and its abstract on one line, and what is left behind it."""

    rest: str
    names: str = ""
    links: list[Link] = field(default_factory=list)


def is_year(text: str) -> bool:
    """Whether a text is a year of four digits, or of two behind an apostrophe."""
    return _PLAIN_YEAR.fullmatch(text) is not None


def without_identifier(title: str) -> tuple[str, list[Link]]:
    """Return a title without the arXiv id before or behind it, and that id.

    Neither that is in a title, nor how a conference presents a paper: ``(Oral)``.
    """
    links = []
    title = _PRESENTED.sub("", title)
    for form in (_ID_BEFORE, _ID_BEHIND):
        found = form.search(title)
        if found is not None:
            title = title[: found.start()] + title[found.end() :]
            links.append(Link(found["id"]))
    return title, links


def asides_of(rest: str) -> Asides:
    """Take votes, authors in brackets and links from what stands behind a title."""
    asides = Asides(rest.lstrip(_SEPARATORS))
    _take_names(asides, parted=rest.lstrip()[:1] not in {":", "："})
    for _ in range(_MOST_ASIDES):
        text = asides.rest
        inner = text[1:-1] if text[:1] in "([" and text[-1:] in ")]" else text
        if not text or is_score(text):
            asides.rest = ""
        elif is_all_links(inner):
            asides.links += links_in(inner)
            asides.rest = ""
        elif byline_of(inner) and not is_prose(inner):
            asides.names, asides.rest = byline_of(inner), ""
        elif not asides.names and are_named_behind(text):
            asides.names, asides.rest = _YEAR_BEHIND.sub("", text), ""
        elif not _take_first(asides):
            scoreless = without_score(text)
            if scoreless == text:
                break
            asides.rest = scoreless
    return asides


def are_named_behind(text: str) -> bool:
    """Whether a text behind a title is several people, or the first of them and "et al."."""
    named = _YEAR_BEHIND.sub("", text)
    first = _ET_AL.sub("", named)
    if names_periodical(first) or names_a_field(first) or is_prose(first):
        return False
    people = names_alone(first)
    return bool(people) if first != named else len(people) > 1


def _take_names(asides: Asides, *, parted: bool) -> None:
    """Take names before an abstract, behind "by" or behind what parts them from the title."""
    text = asides.rest.lstrip(", ")
    found = _NAMES_FIRST.match(text)
    if found is None:
        return
    named, abstract = byline_of(found["names"]), text[found.end() :]
    names = named or (found["names"] if parted else "")
    if _SENTENCE.match(names):
        return
    if names and is_prose(abstract) and are_authors(names, abstract):
        asides.names, asides.rest = names, abstract


def _take_first(asides: Asides) -> bool:
    """Take the first link or group in brackets, if it is an aside."""
    text = asides.rest
    link = LABELLED_LINK.match(text)
    if link is not None and is_all_links(link[0]):
        asides.links += links_in(link[0])
        asides.rest = text[link.end() :].lstrip(_SEPARATORS)
        return True
    group = _GROUP.match(text)
    if group is None:
        return False
    inner = _YEAR.sub("", group["inner"])
    if is_all_links(group["inner"]):
        asides.links += links_in(group["inner"])
    elif not asides.names and (is_list_of_names(inner) or inner.endswith("et al.")):
        asides.names = inner
    elif not any(known(group["inner"]) for known in (is_score, is_category, is_venue, is_year)):
        return False
    asides.rest = group["behind"].lstrip(_SEPARATORS)
    return True

"""Room 1, papers: what the description of a feed's entry says: abstract, authors, DOI, day. Pure.

Publishers write there the abstract, or where and when the paper appeared, or its authors, or all of
that. Each line is looked at by itself: what it says of the paper is noted, and what is left of it
belongs to the abstract.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from recommender.domain.titles import title_key
from recommender.papers.feeds.description_forms import as_paragraphs, parted_link
from recommender.papers.identity.canonical_ids import normalise_doi
from recommender.papers.text.abstracts import cleaned_abstract, is_around, is_label
from recommender.papers.text.around_abstracts import begins_abstract, is_place, parted_from_abstract
from recommender.papers.text.author_lists import authors_of, names_alone
from recommender.papers.text.bylines import parted_byline
from recommender.papers.text.paper_details import names_a_field, names_periodical
from recommender.papers.text.structured_abstracts import (
    as_prefix,
    lines_of_abstract,
    names_of_parts,
)

_MOST_LINES: Final = 400
_MOST_PREFIXES: Final = 8
_LONGEST_CITATION: Final = 400
# Lines before a line that says "Abstract" are about the paper, where there are no more of them.
_MOST_HEAD_LINES: Final = 12

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE: Final = (
    rf"(?:(?:[a-z]{{3,9}},\s)?\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH},?\s\d{{4}}"
    rf"|(?:[a-z]{{3,9}},?\s)?{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}"
    rf"|(?:(?:spring|summer|autumn|fall|winter|{_MONTH})(?:\s?[-–/]\s?{_MONTH})?\s)?\d{{4}}"
    r"|\d{4}-\d\d(?:-\d\d)?(?:T[\d:.+Z-]{0,30})?|\d{1,2}[./]\d{1,2}[./]\d{4})"
)
_DAY: Final = re.compile(
    rf"(?P<iso>\d{{4}}-\d\d-\d\d)|(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s)?(?P<month>{_MONTH})"
    r"\s(?:(?P<after>\d{1,2})(?:st|nd|rd|th)?,?\s)?(?P<year>\d{4})",
    re.IGNORECASE,
)
_DOI: Final = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|\bdoi\s?:?\s?(?:https?://(?:dx\.|www\.)?doi\.org/)?)"
    r"(?P<doi>10\.\d{4,9}/[^\s<>\"|]{1,300})",
    re.IGNORECASE,
)
_PAGES: Final = (
    r"(?:(?:page\(s\)\s?:?|pages?\s?:?|pp\.?|p\.|S\.)\s?[A-Z]?\d[\w.:]{0,14}(?:\s?[-–—]\s?[\w.:]{1,15})?"
    r"|pages?\s[ivxlc]{1,10}\s?[-–]\s?[ivxlc]{1,10})"
)
_NUMBER: Final = (
    r"(?:issue|iss\.?|no\.?|number|nr\.?|heft|part|suppl(?:ement)?\.?)\s?[\w./+-]{1,20}"
)
_VOLUME: Final = (
    rf"(?:volume|vol\.?|band)\s?[\w.-]{{1,15}}(?:\s?\([\w./-]{{1,15}}\))?(?:[,;:]?\s?(?:{_NUMBER}|{_PAGES}"
    rf"|article(?:\s(?:id|no\.?|number))?:?\s?[\w.-]{{1,20}}|\({_DATE}\)|{_DATE}|ahead\sof\sprint"
    r"|early\sview))*"
)
_STATUS: Final = (
    r"(?:early\s?view|ahead[\s-]of[\s-]print|online\s?first|first\s?view|early\saccess|latest\sarticles?"
    r"|articles?\sin\s(?:press|advance)|in\spress|just\s(?:accepted|published)|advance\s(?:article|access"
    r"|online\spublication)|accepted\s(?:article|manuscript|author\smanuscript)|accepted\smanuscript"
    r"|version\sof\srecord|online\sahead\sof\sprint|forthcoming|corrected\sproof|uncorrected\sproof)"
)
# In full, or as it is abbreviated: "Chem. Sci., ".
_JOURNAL: Final = (
    r"(?:[A-Z0-9Α-ЯÀ-Þ][^.;:|<>]{0,150}[^\s.;:|<>][,.:]\s"
    r"|(?:[A-ZÀ-Þ][^\W\d_]{0,20}\.?\s){0,8}[A-ZÀ-Þ][^\W\d_]{0,20}\.,\s)?"
)
_END: Final = r"(?:\s?[.;,|]+(?=\s|\Z)|(?=\s?\Z)|(?=\s?[:|]))\s?[:.]?"
_DATED: Final = (
    r"(?:first\s|article\s|e-?)?(?:published(?:\sonline)?|publication(?:\sdate)?"
    r"|available(?:\sonline)?|date\sof\spublication|online\spublication(?:\sdate)?"
    r"|posted(?:\sonline)?|online|epub|accepted|received|submitted|created|updated|date)"
)
_NAMED: Final = r"(?-i:[A-Z0-9À-Þ][^.;:|<>]{0,150}\s)"
_NUMBERS: Final = r"\d{1,4}\s?(?:\(\d{1,4}\)\s?)?[:,]\s?\d+\s?[-–]\s?\d+"
_PREFIXES: Final = (
    rf"(?-i:{_JOURNAL})(?:{_VOLUME})(?:,?\s{_STATUS})?{_END}",
    rf"(?-i:{_JOURNAL})(?:\d{{4}},\s)?{_STATUS}{_END}",
    rf"(?-i:{_JOURNAL}){_PAGES}(?:,?\s{_DATE})?{_END}",
    rf"{_NAMED}{_NUMBERS}{_END}",
    rf"(?-i:{_JOURNAL})\d{{4}},\s{_NUMBERS}{_END}",
    rf"(?P<dated>(?-i:[A-Z][\w ]{{2,40}})\s[—–|-]\s{_DATE}){_END}",
    rf"(?-i:{_JOURNAL})(?P<dated>{_DATED}\s?(?:on\s)?:?\s{_DATE}){_END}",
    r"\[[^\[\]]{1,100}\]\s?published\s.{1,60}\Z",
    r"source\s?:\s?[^:]{1,300}?(?=\s?(?:author\(?s?\)?\s?:|publication\sdate\s?:|\Z))",
    r"(?:title|titel)\s?:\s?.{1,500}\Z",
    r"(?:pmc?id|pmc|pii|arxiv|doi|url|link)\s?:\s?[\w.:/()<>;-]{4,300}(?:\s?[|,]\s?|\s|\Z)",
)
_PREFIX_FORMS: Final = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PREFIXES)
# A colon behind another word than these says what else lies there: "Data: https://doi.org/…".
_DOI_FIRST: Final = re.compile(
    r"(?:(?:article\s|full\stext\s|read\s)?(?:doi|url|link|online|at)\s?:\s"
    r"|(?-i:[A-Z0-9Α-ЯÀ-Þ][^.;:|<>]{0,150}[^\s.;:|<>][,.]\s)"
    r"|(?-i:[A-ZÀ-Þ][^.;:|<>]{0,60}\s)(?=doi\s?:))?"
    rf"\(?{_DOI.pattern}(?![^\s<>\"|])(?-i:(?!\s[a-zà-ÿ]))\s?[.;|,]?\s?",
    re.IGNORECASE,
)
# So posts name the paper that they are about.
_PAPER_AT: Final = re.compile(
    r"(?:(?:the\s)?(?:paper|preprint|article|arxiv|pdf)(?:\s(?:link|url|pdf|on\sarxiv))?"
    r"|link\sto\s(?:the\s)?paper)\s?:\s?(?P<address>https?://[^\s<>\"|]{4,500})(?:\s?[|,;]\s?|\s|\Z)",
    re.IGNORECASE,
)
# Forums write below what is linked.
_LINKED: Final = re.compile(
    r"""<a\s[^<>]{0,200}?href\s?=\s?["'](?P<address>https?://[^\s<>"']{4,1000})["'][^<>]{0,200}>"""
    r"\s?\[link\]\s?</a>",
    re.IGNORECASE,
)
# What is found there is not this paper.
_OF_ANOTHER: Final = re.compile(
    r"\b(?:comment(?:ary|s)?|repl(?:y|ies)|respon(?:se|ds?)|rejoinder|addendum|errat(?:um|a)"
    r"|corrigend(?:um|a)|corrections?|corrects|supplement|translation|(?:book\s)?review|retraction"
    r"|retracts|sequel|companion|updates?|follow-?\s?up|extension|version|part)\s"
    r"(?:article\s)?(?:on|to|of|in|for)\b"
    r"|\b(?:cit(?:es?|ed|ing)|see|cf|related|supersedes|replaces|extends|builds|corrects|references?"
    r"|data(?:sets?)?|corpus|corpora|code|software|materials?|models?|repository|archived?|deposited"
    r"|registration|registered|protocol|available\s(?:at|from|in))\b",
    re.IGNORECASE,
)
# Words of a sentence. A citation has names, numbers, and perhaps the title.
_PROSE: Final = re.compile(
    r"\b(?:we|our|this|these|those|that|which|who|whose|is|are|was|were|been|has|have|had|can|could"
    r"|would|should|must|shows?|shown|not|it|its|they|their|here|there|also|but|because|however|while"
    r"|although)\b",
    re.IGNORECASE,
)
_LOWERCASE_RUN: Final = re.compile(r"(?<!\w)(?:[^\W\d_A-ZÀ-Þ]\w*\s){3}[^\W\d_A-ZÀ-Þ]\w")
_MOST_BEHIND_CITATION: Final = 40
_AUTHORS: Final = re.compile(
    r"(?:by\s?:|(?:author|authors|author\(s\)|creators?|verfasser|autor(?:en|es)?|auteurs?)\s?:)\s?(?P<names>.*)",
    re.IGNORECASE,
)
_AUTHORS_ALONE: Final = re.compile(r"(?:authors?|author\(s\)|creators?|by)\s?:", re.IGNORECASE)
_BY: Final = re.compile(r"by\s(?P<names>[^\W\d_].*)", re.IGNORECASE)
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_PLACE: Final = re.compile(
    rf"\b(?:vol(?:ume)?|issue|no|nr|band)\b\.?\s?\d|\b\d+\s?\(\d+\)|\b{_PAGES}", re.IGNORECASE
)
_VOLUME_AND_PAGES: Final = re.compile(
    r",\s\d{1,4}(?:,\s\w{1,12}(?:[-–]\w{1,12})?)?,?\s*\Z|\A\w+,?\s*\Z"
)
# "Corrigendum", "Research article": no sentence.
_LABELLED: Final = re.compile(r"[^.?!…。]{0,60}")
_LONE_YEAR: Final = re.compile(r"\W{0,3}(?:19|20)\d\d\W{0,3}\Z")
_SENTENCE: Final = re.compile(r"[a-z]{2,}\.\s+[A-Z][a-z]+ [a-z]+ [a-z]+")
_USER_AND_HOUR: Final = re.compile(
    r"\s{1,3}\S.{0,60}?\s(?:[A-Z][a-z]{2,8},\s)?\d\d/\d\d/\d{4}\s-\s\d\d:\d\d\s?"
)
_CITED_BY_YEAR: Final = re.compile(r"(?P<names>[^\W\d_][^()]{2,2000}?)\s+\((?:19|20)\d\d\)\s+")
_LABEL_ENDS_LINE: Final = re.compile(
    r"\A\s{0,50}(?:<[^<>]{1,80}>\s{0,50})?(?:abstract|summary)\s{0,10}\n", re.IGNORECASE
)


@dataclass(slots=True)
class Described:
    """What a description says of the paper; fields are empty or None where it says nothing.

    Attributes
    ----------
    about : str
        The address of the paper that a post is about.
    is_citation : bool
        Whether it says where the paper appeared.
    leads_with : int
        How many people its first line names, and nothing else. One alone may be a heading.
    summary : str
        What whoever lists the paper says of it in a sentence; not the abstract's.
    left_out : tuple of str
        Lines above the abstract that are none of it, and of which nobody knows what they are.
    """

    abstract: str = ""
    authors: tuple[str, ...] = ()
    doi: str | None = None
    published_at: datetime | None = None
    about: str = ""
    is_citation: bool = False
    leads_with: int = 0
    summary: str = ""
    left_out: tuple[str, ...] = ()


def read_description(markup: str, *, title: str, authors_lead: bool = False) -> Described:
    """Read a description.

    Parameters
    ----------
    markup : str
        HTML or plain text.
    title : str
        Of the entry, as plain text; where the description repeats it, it counts for nothing.
    authors_lead : bool
        Whether other entries of the feed begin with their authors; then one name is an author.
    """
    about, said = parted_link(markup)
    lines = [_without_head(line, title) for line in _lines(as_paragraphs(said, title))]
    label = _label_of_abstract(lines[:_MOST_HEAD_LINES])
    first = next((at for at, line in enumerate(lines) if begins_abstract(line)), 0)
    linked = _LINKED.search(markup)
    parts = names_of_parts(lines)
    reader = _Reader(title, authors_lead=authors_lead)
    for at, line in enumerate(lines):
        if line in parts and at >= label:
            reader.kept.append(as_prefix(line))
        else:
            reader.take(line, in_head=at < label, is_above=at < first)
    found, kept = reader.found, reader.kept
    found.about = found.about or about or (linked["address"] if linked is not None else "")
    found.authors = found.authors or tuple(reader.listed or ())
    if found.is_citation:
        found.authors = found.authors or reader.lone
    else:
        kept = [*reader.lone, *kept]
    parted = parted_from_abstract(kept)
    found.summary, found.left_out = parted.summary, parted.left_out
    found.abstract = cleaned_abstract(" ".join(parted.lines).lstrip(" .,;:"))
    if found.is_citation and _LABELLED.fullmatch(found.abstract):
        found.abstract = ""
    if title_key(found.abstract[: 2 * len(title) + 100]) == reader.key:
        found.abstract = ""
    return found


def _label_of_abstract(lines: Sequence[str]) -> int:
    """Return the place of the label of an abstract; a "Summary" above "Abstract" is none."""
    labels = [at for at, line in enumerate(lines) if is_label(line)]
    surely = [at for at in labels if lines[at].casefold().startswith("abstract")]
    return next(iter([*surely, *labels]), 0)


class _Reader:
    """Takes the lines of a description one by one; ``kept`` are those of the abstract.

    ``lone`` is one name above it, somebody's or a heading; ``listed`` are names on lines of their
    own below "Authors:".
    """

    def __init__(self, title: str, *, authors_lead: bool) -> None:
        self.title = title
        self.key = title_key(title)
        self.authors_lead = authors_lead
        self.found = Described()
        self.kept: list[str] = []
        self.lone: tuple[str, ...] = ()
        self.listed: list[str] | None = None
        self.is_below_title = False

    def take(self, line: str, *, in_head: bool, is_above: bool) -> None:
        """Take a line; one in the head stands over the word "Abstract", one above over prose."""
        if _AUTHORS_ALONE.fullmatch(line):
            self.listed = []
        elif self.listed is not None and len(names := names_alone(line)) == 1:
            self.listed += names
        else:
            rest = _without_repeats(_noted(line, self.found, self.title), self.title, self.key)
            if rest and not (is_label(rest) or is_around(rest) or _LONE_YEAR.match(rest)):
                self._take_rest(rest, in_head=in_head, is_above=is_above)
            self.is_below_title = title_key(line) == self.key

    def _take_rest(self, rest: str, *, in_head: bool, is_above: bool) -> None:
        found = self.found
        may_lead = not self.kept or (is_above and not any(map(begins_abstract, self.kept)))
        names, behind = self._leading_names(rest) if in_head or may_lead else ((), "")
        is_sure = in_head or len(names) > 1 or found.is_citation or self.authors_lead
        if names and (is_sure or behind or (self.is_below_title and "," in rest)):
            found.authors = found.authors or names
            found.is_citation |= bool(behind)
            _note(behind, found, dated=True)
        elif names and not self.lone:
            self.lone = names  # one author, or a heading; what follows decides
        elif not _is_citation(rest, found, self.title) and not in_head:
            self.kept.append(rest)

    def _leading_names(self, line: str) -> tuple[tuple[str, ...], str]:
        """Return who is named in a line, and what stands behind them: where it appeared."""
        head, behind = parted_byline(line)
        names = () if is_place(head) else names_alone(head)
        if behind and len(names) == 1 and not names_periodical(behind):
            names, behind = () if is_place(line) else names_alone(line), ""
        # "Urban Ecology" is nobody.
        if len(names) == 1 and names_a_field(names[0]):
            return (), ""
        self.found.leads_with = self.found.leads_with or len(names)
        return names, behind


def _without_head(line: str, title: str) -> str:
    """Return a line without Drupal's title, user and hour before the text."""
    if not title or not line.startswith(title):
        return line
    head = _USER_AND_HOUR.match(line, len(title))
    return line[head.end() :] if head is not None else line


def _lines(markup: str) -> list[str]:
    lines = lines_of_abstract(_LABEL_ENDS_LINE.sub("<p>Abstract</p>", markup, count=1))
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], " ".join(lines[_MOST_LINES:])]
    return lines


def _noted(line: str, found: Described, title: str) -> str:
    """Note what a line says of the paper, and return what it says beside that."""
    rest = line
    cited = _CITED_BY_YEAR.match(rest)
    if cited is not None and title and rest.startswith(title, cited.end()):
        # So EPrints names authors, year and title before the journal.
        found.authors = found.authors or authors_of([cited["names"]])
        found.is_citation = True
        rest = rest[cited.end() + len(title) :].lstrip(" .")
    for _ in range(_MOST_PREFIXES):
        listed = _AUTHORS.match(rest) or _BY.fullmatch(rest)
        if listed and (listed.re is _AUTHORS or names_alone(listed["names"])):
            found.authors = found.authors or authors_of([listed["names"]])
            return ""
        about = _PAPER_AT.match(rest)
        if about is not None:
            found.about = found.about or about["address"].rstrip(".,;)]")
            rest = rest[about.end() :]
            continue
        prefix = _prefix_of(rest)
        named = prefix or _DOI_FIRST.match(rest)
        if named is None or not named[0]:
            break
        if named is not prefix and _is_of_another(named):
            break
        at = rest.find(title) if title else -1
        end = min(named.end(), at) if at > 0 else named.end()
        behind = rest[end:].lstrip(" .,;:|·-–—")
        if behind[:1].islower() and not (
            _prefix_of(behind) or _DOI_FIRST.match(behind) or (title and behind.startswith(title))
        ):
            break  # the sentence goes on
        found.is_citation = True
        _note(named[0], found, dated=prefix is not None and "dated" in prefix.re.groupindex)
        rest = behind
        if rest and rest == title:
            return ""
    return rest


def _is_of_another(named: re.Match[str]) -> bool:
    """Whether the words before a DOI say, or may say, that it is not this paper's."""
    before = named[0][: named.start("doi")]
    return any(each.search(before) for each in (_OF_ANOTHER, _PROSE, _LOWERCASE_RUN))


def _prefix_of(line: str) -> re.Match[str] | None:
    return next(filter(None, (each.match(line) for each in _PREFIX_FORMS)), None)


def _note(said: str, found: Described, *, dated: bool) -> None:
    doi = _DOI.search(said)
    if doi is not None:
        found.doi = found.doi or normalise_doi(doi["doi"].rstrip(".,;:)]}>\"'"))
    day = _DAY.search(said) if dated else None
    if day is not None:
        found.published_at = found.published_at or _moment(day)


def _moment(day: re.Match[str]) -> datetime | None:
    try:
        if day["iso"]:
            return datetime.fromisoformat(day["iso"]).replace(tzinfo=UTC)
        month = _MONTHS.index(day["month"][:3].lower()) + 1
        number = int(day["before"] or day["after"] or 1)
        return datetime(int(day["year"]), month, number, tzinfo=UTC)
    except ValueError:
        return None  # a day that there is not


def _without_repeats(line: str, title: str, key: str) -> str:
    """Return the line without the title where it is all of the line."""
    if len(line) > 2 * len(title) + 100:
        return line
    return "" if title_key(line) == key else line


def _is_citation(line: str, found: Described, title: str) -> bool:
    """Whether a line says where the paper appeared and nothing else.

    It is built of names, numbers and perhaps the title, and ends with a DOI or a place. What is in
    doubt stays in the abstract: that costs less than a stranger's DOI.
    """
    if len(line) > _LONGEST_CITATION or _SENTENCE.search(line):
        return False
    doi = _DOI.search(line)
    said = line if doi is None else line[: doi.start()]
    said = said.replace(title, " ", 1) if title else said
    if _PROSE.search(said) or _OF_ANOTHER.search(said) or _LOWERCASE_RUN.search(said):
        return False
    if doi is not None:
        is_citation = (
            len(line) - doi.end() <= _MOST_BEHIND_CITATION
            and not _PROSE.search(line, doi.end())
            and (
                not said.strip(" .,:;")
                or bool(_YEAR.search(said) or _PLACE.search(said))
                # The year stands behind the DOI where Copernicus writes volume and pages before it.
                or bool(_VOLUME_AND_PAGES.search(said) and _YEAR.search(line, doi.end()))
            )
        )
    else:
        last = max((at for at, sign in enumerate(line) if sign.isdecimal()), default=0)
        is_citation = len(line) - last <= _MOST_BEHIND_CITATION and bool(
            _YEAR.search(said) and _PLACE.search(said)
        )
    if is_citation:
        found.is_citation = True
        _note(line, found, dated=False)
    return is_citation

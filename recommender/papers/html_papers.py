"""Room 1, papers: lists of papers in HTML, as journals and newsletters mail them. Pure.

Nobody's markup is known beforehand. What is looked for is what a reader sees: titles that lead to
papers, and below each its authors, where it appeared, perhaps an abstract. Where that is not
certain nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.domain.titles import title_key
from recommender.errors import DigestError
from recommender.papers.abstracts import is_around, is_withdrawn
from recommender.papers.article_links import Article, article_of
from recommender.papers.author_lists import authors_of, names_alone
from recommender.papers.feed_descriptions import Described, read_description
from recommender.papers.html_outline import Line, Link
from recommender.papers.latex import with_accents
from recommender.papers.mojibake import mended
from recommender.papers.plain_text import MOST_TITLE_CHARACTERS, clean_line

FORMAT: Final = "list-mail"

MOST_PAPERS: Final = 2_000
_MOST_LINES_OF_A_PAPER: Final = 60
_MOST_UNREAD: Final = 100
_MOST_SUMMARY_CHARACTERS: Final = 1_000
_LONGEST_TITLE: Final = 400
_LONGEST_LINE: Final = 20_000
_SHORTEST_TITLE: Final = 12
_SHORTEST_IN_CJK: Final = 6
_SHORTEST_ABSTRACT: Final = 120
_LONGEST_BEFORE: Final = 20
_LINES_TO_AUTHORS: Final = 4
_ENOUGH: Final = 2
_WORDS_OF_A_TITLE: Final = 4
"""Fewer may be a menu's: what leads to no known paper and has fewer is passed over."""

_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LABEL: Final = (
    r"(?:(?:view|read|see|show|get|download|access|open|visit|go\ to|browse|full|more|online|pdf"
    r"|html|epub|xml|doi|link|article|paper|preprint|abstract|text|issue|it|on|the|this|in|your"
    r"|browser|web|version|email|mail|page|details?|supplement(?:ary|al)?|materials?|information"
    r"|references?|citations?|code|data|project|video|slides|blog|github|arxiv|pubmed|scholar"
    r"|sciencedirect|wiley|library|springer(?:link)?|similar|related|articles|papers|free|purchase"
    r"|request|permissions?|altmetric|share|tweet|save|cite|export|print|here|now|all|table|of"
    r"|contents|toc|recommend|a|to|and|or|&|complete|results|view|hf|huggingface|alphaxiv"
    r"|discussion|comments?|summary|tl;?dr|new|latest|current|next|previous|back|top)\b"
    r"[\s:.»›→>|·…()\[\]-]*)+"
)
_NAVIGATION: Final = re.compile(
    r"""(?:un)?subscri(?:be|ption|ptions)\b.* | .*\bunsubscribe\b.* | .*\bopt[\ -]out\b.*
    | (?:manage|update|change|edit|modify|set)\b.{0,60}
      \b(?:preferences?|alerts?|settings|subscriptions?|profile|account|searches|search)\b.*
    | (?:privacy|cookie|terms|legal|contact|help|about|faq|feedback|customer|support|careers?
      |advertis|register|sign\ (?:in|up)|log\ ?in|log\ ?out|follow|like|join|submit|author
      |forward|tell|invite|donate|sponsor|shop|buy|order|renew|download\ our|click\ here
      |add\ us|view\ (?:this|all|in|online|complete|more)|see\ (?:all|more)|read\ (?:online|in|more)
      |having\ trouble|if\ you|you\ (?:get|are|re)|copyright|cancel\ alert|list\ alerts
      |browse|explore|discover|find\ out|learn\ more|get\ the|share|tweet)\b.*
    | (?:https?://|www\.)\S+ | \S+@\S+ | \W* | (?:doi:?\s?)?10\.\d{4,9}/\S+
    | (?:vol(?:ume)?|issue|no|number|heft|band)\b[\s.:]*\d.*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LABELS: Final = re.compile(_LABEL, re.IGNORECASE)
_BEFORE_A_TITLE: Final = re.compile(
    r"(?:\[(?:pdf|html|book|citation|b|c|asap|new|in press|just accepted|open access)\]\s?"
    r"|[(\[]?\d{1,4}[.):\]]*|title:?|titel:?|titre:?|[•·*▪►▶–—#-]|\W{1,3})+",
    re.IGNORECASE,
)
_KIND: Final = re.compile(
    r"(?:\[[\w ]{1,20}\]\s*)?(?:(?:original|open|free|full|special|featured?|invited|brief|short"
    r"|rapid|research|review|letters?|articles?|papers?|editorials?|news|views?|comments?|commentary"
    r"|perspectives?|communications?|correspondence|reports?|notes?|access|analys[ei]s|resources?"
    r"|highlights?|insights?|matters|arising|corrections?|erratum|corrigendum|retraction|preprint"
    r"|methods?|technical|case|study|protocol|technology|feature|hybrid|author|publisher|version|no"
    r"|abstract|available|cited|by|and|&|systematic|mini|registered|book|early|view|online|first"
    r"|meta-analysis|accepted|in|press|proof|corrected|pmc|text|pdf|issue|cover|image|and|to|the)"
    r"\b[\s|·•,:/–—-]*)+",
    re.IGNORECASE,
)
_KIND_AND_DAY: Final = re.compile(
    r"[\w &/-]{3,40}\s?[|·•]\s?(?:\w{3,9},?\s)?(?:\d{1,2}\s\w{3,9}|\w{3,9}\s\d{1,2},?)\s\d{4}"
    r"(?:\s?[|·•].{0,60})?"
)
_SAYS_NOTHING: Final = (_BEFORE_A_TITLE, _KIND, _KIND_AND_DAY)
_AUTHORS_LABEL: Final = re.compile(r"(?:authors?|by|von|par|autor(?:en|es)?)\s?:\s?", re.IGNORECASE)
_BETWEEN_NAMES: Final = re.compile(r",\s(?:and\s)?|;\s|\sand\s|\s&\s")
_FEWEST_NAMES: Final = 3
_MOST_WORDS_OF_A_NAME: Final = 5
_PART: Final = re.compile(r"[A-Z][A-Z &/]{3,40}:\s")
_SENTENCE_END: Final = re.compile(r"[.!?。！？…][\"”’)\]]*(?:\s|\Z)|。")
_OTHERS: Final = re.compile(r",?\s*(?:…|\.\.\.)\s*|,?\s*(?:\+|and)\s\d+\s(?:more|others)\b.*")
_TEASER: Final = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*(?:\(?(?:read )?more\)?)?\s*\Z", re.IGNORECASE
)


@dataclass(slots=True)
class Candidate:
    """What may be a paper: a title, where it leads, and the lines below it.

    Attributes
    ----------
    is_alone : bool
        Nothing else stands in the title's line.
    """

    title: str
    href: str
    article: Article | None
    is_alone: bool
    line: int
    below: list[Line] = field(default_factory=list)


People = Callable[[str], tuple[str, ...]]
"""Reads a line of authors; gives none where it is no such line."""


def people_of(line: str) -> tuple[str, ...]:
    """Return who wrote a paper where a line says that and nothing else, else none."""
    label = _AUTHORS_LABEL.match(line)
    line = _OTHERS.sub(" ", line)
    if label is not None:
        return authors_of([line[label.end() :]])
    if _KIND.fullmatch(line):
        return ()
    return names_alone(line) or (authors_of([line]) if _are_mostly_names(line) else ())


def _are_mostly_names(line: str) -> bool:
    """Whether a list is one of people, some of which have one name or write it in small letters."""
    parts = [part.split() for part in _BETWEEN_NAMES.split(line[:_LONGEST_LINE])]
    if len(parts) < _FEWEST_NAMES or max(map(len, parts)) > _MOST_WORDS_OF_A_NAME:
        return False
    full = sum(
        len(words) > 1 and all(word[:1].isupper() for word in (words[0], words[-1]))
        for words in parts
    )
    # Where a paper appeared has commas too, and numbers.
    is_other = any(map(str.isdigit, line)) or line.rstrip().endswith((":", "?", "!"))
    return 3 * full >= 2 * len(parts) and not is_other


def papers_of_html(outline: Sequence[Line], *, day: date, people: People = people_of) -> Digest:
    """Read a list of papers.

    Parameters
    ----------
    outline : sequence of Line
    day : date
    people : callable

    Returns
    -------
    Digest
        What leads to no paper that is known, but could be one by its words, is named as unread.

    Raises
    ------
    DigestError
        Where it is no list of papers with certainty, with the reason.
    """
    candidates = candidates_of(outline)
    below = [_below(each, people) for each in candidates]
    if len(below) > 1:
        # Nothing ends the last one but the mail: it has no more lines than others.
        most = max(1, *(len(each.lines) for each in below[:-1]))
        below[-1] = replace(below[-1], lines=below[-1].lines[:most])
    read = [(each, _entry_of(each, said)) for each, said in zip(candidates, below, strict=True)]
    taken = _taken(read)
    if not any(taken):
        raise DigestError("mail", _why_nothing(candidates))
    left = [each for (each, _), is_taken in zip(read, taken, strict=True) if not is_taken]
    unread = tuple(
        UnreadEntry(
            f"line {each.line + 1}",
            f"'{each.title[:100]}' leads to no paper that is known; if it is one, name its DOI",
        )
        for each in left
        if len(each.title.split()) >= _WORDS_OF_A_TITLE
    )[:_MOST_UNREAD]
    entries = tuple(entry for (_, entry), is_taken in zip(read, taken, strict=True) if is_taken)
    return Digest(FORMAT, None, day, entries, unread)


def _taken(read: Sequence[tuple[Candidate, DigestEntry]]) -> list[bool]:
    """Decide of each candidate whether it is a paper; together they may be certain."""
    sure = [_is_sure(each, entry) for each, entry in read]
    is_list = sum(sure) >= _ENOUGH
    if not is_list:
        sure = [
            is_sure and bool(entry.authors or entry.abstract)
            for is_sure, (_, entry) in zip(sure, read, strict=True)
        ]
    likely = [_is_likely(each, entry) for each, entry in read]
    # One name alone may be anything; where papers are listed some have several authors.
    most = max(
        (len(entry.authors) for (_, entry), is_one in zip(read, likely, strict=True) if is_one),
        default=0,
    )
    if sum(likely) >= _ENOUGH and most > 1 and (is_list or not any(sure)):
        return [one or other for one, other in zip(sure, likely, strict=True)]
    return sure


def candidates_of(lines: Sequence[Line]) -> list[Candidate]:
    """Find the titles of a document that lead somewhere, each with the lines below it."""
    found: list[Candidate] = []
    heading: tuple[int, Line] | None = None
    for number, line in enumerate(lines):
        title = _title_link(line)
        if title is not None:
            candidate = _candidate(title, line, number)
            # One title may be parted by tags, or stand twice: over a picture and beside it.
            if found and _continues(found[-1], candidate, number):
                continue
            found.append(candidate)
            heading = None
            if len(found) >= MOST_PAPERS:
                break
            continue
        if line.is_heading and not line.links and _is_title(line.text, is_known=True):
            heading = (number, line)
        elif heading is not None:
            article = _first_article(line.links)
            if article is not None:
                # The title itself leads nowhere; a link below it says "Read the paper".
                at, titled = heading
                if found:
                    _cut(found[-1], titled)
                found.append(
                    Candidate(_cleaned(titled.text), line.links[0].href, article, True, at)
                )
                found[-1].below.extend(lines[at + 1 : number + 1][:_MOST_LINES_OF_A_PAPER])
                heading = None
                continue
        if found and len(found[-1].below) < _MOST_LINES_OF_A_PAPER:
            found[-1].below.append(line)
    return found


def _cut(candidate: Candidate, end: Line) -> None:
    """Take from a candidate what stands below the title of the next one."""
    places = (n for n, line in enumerate(candidate.below) if line is end)
    del candidate.below[next(places, len(candidate.below)) :]


@dataclass(frozen=True, slots=True)
class _Below:
    """What stands below a title: where it leads, who wrote it, and what else is said."""

    article: Article | None
    authors: tuple[str, ...]
    lines: tuple[str, ...]


def _below(candidate: Candidate, people: People) -> _Below:
    authors: tuple[str, ...] = ()
    said: list[str] = []
    article = candidate.article
    for number, line in enumerate(candidate.below):
        linked = _first_article(line.links)
        if linked is not None:
            article = linked if article is None else _joined(article, linked)
        # Authors may be bold, but a heading is of the next paper or section.
        if number and (line.is_section or (line.is_heading and not names_alone(line.text))):
            break
        if _may_be_title(line):
            break
        text = _without_links(line)[:_LONGEST_LINE]
        if not text or is_around(text) or any(each.fullmatch(text) for each in _SAYS_NOTHING):
            continue
        if not authors and number < _LINES_TO_AUTHORS:
            authors = people(text)
            if authors:
                continue
        if is_footer(text):
            break
        said.append(text)
    return _Below(article, authors, tuple(_without_end(said)))


def _may_be_title(line: Line) -> bool:
    """Whether a line begins with a link of many words: nothing below belongs to what is above."""
    text = line.links[0].text if line.links and not line.links[0].before else ""
    is_long = len(text.split()) > _WORDS_OF_A_TITLE and len(text) <= _LONGEST_TITLE
    return is_long and _LABELS.fullmatch(text) is None


def _without_end(lines: list[str]) -> list[str]:
    """Leave out short lines behind the last paragraph: they belong to whoever sends the mail."""
    long = [n for n, line in enumerate(lines) if len(line) >= _SHORTEST_ABSTRACT]
    if not long:
        return lines
    end = long[-1] + 1
    while end < len(lines) and _PART.match(lines[end]):
        end += 1
    return lines[:end]


def _entry_of(candidate: Candidate, below: _Below) -> DigestEntry:
    said = read_description(
        "".join(f"<p>{escape(text)}</p>" for text in below.lines), title=candidate.title
    )
    return _entry(candidate.title, below.article, below.authors or said.authors, said)


def is_footer(text: str) -> bool:
    """Whether a line belongs to whoever sends the mail, as all that follows it does."""
    return _FOOTER.search(text) is not None


_FOOTER: Final = re.compile(
    r"\bunsubscribe\b|\byou (?:are receiving|received?|get|got) this\b|\ball rights reserved\b"
    r"|\bthis (?:e-?mail|message|alert|newsletter) (?:was|is|has been) sent\b|\bregistered office\b"
    r"|\bprivacy policy\b|\bmanage (?:your )?(?:alerts|preferences|subscription)|\bto cancel\b"
    r"|\bdo not reply\b|\babmelden\b|\bshare this newsletter\b|\bwas forwarded\b",
    re.IGNORECASE,
)


def _entry(
    title: str, article: Article | None, authors: tuple[str, ...], said: Described
) -> DigestEntry:
    abstract, summary = _abstract(said.abstract)
    arxiv_id = article.arxiv_id if article else None
    return DigestEntry(
        title=title,
        abstract=abstract,
        authors=authors,
        arxiv_id=arxiv_id,
        doi=(article.doi if article else None) or (None if arxiv_id else said.doi),
        url=article.url if article else f"https://doi.org/{said.doi}" if said.doi else None,
        published_at=said.published_at,
        announce_type=AnnounceType.WITHDRAWN if is_withdrawn(title, abstract) else AnnounceType.NEW,
        summary=summary,
    )


def _abstract(text: str) -> tuple[str, str]:
    """Return the abstract, and a teaser, which is cut off; a text is one of them, or neither."""
    if _TEASER.search(text):
        return "", text[:_MOST_SUMMARY_CHARACTERS]
    shortest = _SHORTEST_ABSTRACT // 3 if _CJK.search(text) else _SHORTEST_ABSTRACT
    is_text = len(text) >= shortest and _SENTENCE_END.search(text)
    return (text, "") if is_text else ("", "")


def _joined(article: Article, other: Article) -> Article:
    """Take what another link of the same paper says of it."""
    contradicts = (article.doi and other.doi and article.doi != other.doi) or (
        article.arxiv_id and other.arxiv_id and article.arxiv_id != other.arxiv_id
    )
    if contradicts:
        return article
    return Article(article.url, article.arxiv_id or other.arxiv_id, article.doi or other.doi)


def _is_sure(candidate: Candidate, entry: DigestEntry) -> bool:
    """Whether a candidate is a paper by where it leads, or by the DOI below it."""
    named = candidate.article is not None or bool(entry.doi or entry.arxiv_id)
    return named and (candidate.is_alone or bool(entry.authors or entry.abstract))


def _is_likely(candidate: Candidate, entry: DigestEntry) -> bool:
    """Whether a candidate has authors below it, and nobody knows where it leads."""
    is_title = len(candidate.title.split()) >= _WORDS_OF_A_TITLE
    return candidate.article is None and candidate.is_alone and is_title and bool(entry.authors)


def _why_nothing(candidates: Sequence[Candidate]) -> str:
    if not candidates:
        return "its HTML has no titles that lead to papers; have it sent as text, or drop a file"
    leads = candidates[0].title[:80]
    return (
        f"its HTML has links ('{leads}', …), but it is not certain that they are papers: none has "
        "a DOI, an arXiv id or a known address and authors or an abstract below it; have it sent "
        "in another form, or drop the papers as a file"
    )


def _continues(last: Candidate, this: Candidate, number: int) -> bool:
    if last.href != this.href:
        return False
    if title_key(last.title) == title_key(this.title):
        return True
    if last.line == number - 1 and not last.below:
        last.title = f"{last.title} {this.title}"[:MOST_TITLE_CHARACTERS]
        return True
    return False


def _candidate(link: Link, line: Line, number: int) -> Candidate:
    title = _cleaned(link.text)
    rest = line.text.replace(link.text, "", 1)
    is_alone = not _BEFORE_A_TITLE.sub("", rest).strip() or rest.startswith((" ", link.before))
    return Candidate(title, link.href, article_of(link.href), is_alone, number)


def _cleaned(title: str) -> str:
    title = mended(with_accents(title))
    before = _BEFORE_A_TITLE.match(title)
    if before is not None and before.end() < len(title) and title[before.end() - 1] in " .]):":
        title = title[before.end() :].strip()
    return title[:MOST_TITLE_CHARACTERS]


def _title_link(line: Line) -> Link | None:
    """Return the link of a line that has the words of a title, and begins the line."""
    for link in line.links:
        if len(link.before) > _LONGEST_BEFORE:
            return None
        if link.before and not _BEFORE_A_TITLE.fullmatch(link.before):
            return None
        if _is_title(link.text, is_known=article_of(link.href) is not None):
            return link
        if link.text and not _BEFORE_A_TITLE.fullmatch(link.text):
            return None
    return None


def _is_title(text: str, *, is_known: bool) -> bool:
    """Whether words may be a title; of a link to a known paper all may be but labels."""
    if not len(text) <= _LONGEST_TITLE or is_footer(text):
        return False
    if _CJK.search(text):
        return len(text) >= _SHORTEST_IN_CJK
    is_other = _LABELS.fullmatch(text) if is_known else _is_navigation(text)
    return len(text) >= _SHORTEST_TITLE and " " in text and not is_other


def _is_navigation(text: str) -> bool:
    if len(text) > _LONGEST_TITLE:
        return False
    return bool(_LABELS.fullmatch(text) or _NAVIGATION.fullmatch(text))


def _first_article(links: Iterable[Link]) -> Article | None:
    return next(filter(None, (article_of(link.href) for link in links)), None)


def _without_links(line: Line) -> str:
    """Return what a line says beside links such as "PDF"; DOIs stay, for they name the paper."""
    text = line.text
    for link in line.links:
        if link.text and "10." not in link.text and _is_navigation(link.text):
            text = text.replace(link.text, " ", 1)
    return clean_line(text.strip(" |·•/–-")) if line.links else text

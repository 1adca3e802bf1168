"""Room 1, papers: what the links and lines of a list in HTML say by their words. Pure.

Titles are told from what leads to a menu, a file or the next issue, and what names a paper from
what is said of others.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.mails.article_links import Article, article_of
from recommender.papers.mails.html_outline import Line, Link
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, clean_line

_LONGEST_TITLE: Final = 400
_SHORTEST_TITLE: Final = 12
_SHORTEST_IN_CJK: Final = 6
_LONGEST_BEFORE: Final = 20
_LONGEST_LINK_LINE: Final = 120
_LONGEST_LABEL: Final = 60
WORDS_OF_A_TITLE: Final = 4
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
    r"|check|out|explore|dive|into|continue|reading|whole|original|our|its"
    r"|discussion|comments?|summary|tl;?dr|new|latest|current|next|previous|back|top)\b"
    r"[\s:.»›→>|·…()\[\]-]*)++"
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
_LABELS: Final = re.compile(rf"\W{{0,5}}{_LABEL}\W{{0,5}}", re.IGNORECASE)
# Possessive: a row of marks could be parted in more ways than can be tried.
_BEFORE_A_TITLE: Final = re.compile(
    r"(?:\[(?:pdf|html|book|citation|b|c|asap|new|in press|just accepted|open access)\]\s?"
    r"|[(\[]?\d{1,4}[.):\]]*|title:?|titel:?|titre:?|\W)++",
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
    r"\b[\s|·•,:/–—-]*)++",
    re.IGNORECASE,
)
_KIND_AND_DAY: Final = re.compile(
    r"[\w &/-]{3,40}\s?[|·•]\s?(?:\w{3,9},?\s)?(?:\d{1,2}\s\w{3,9}|\w{3,9}\s\d{1,2},?)\s\d{4}"
    r"(?:\s?[|·•].{0,60})?"
)
# "Submitted by ann", "▲ 45", "1,204 stars", "8 comments": what readers of a page did.
_OF_READERS: Final = re.compile(
    r"(?:submitted|posted|shared|added|upvoted|recommended|curated|picked) by\b.{1,40}"
    r"|[▲△⬆👍🔥❤️⭐★\s]{0,5}\d[\d,.]{0,8}\s?[km]?\s?(?:(?:up)?votes?|points?|likes?|stars?|comments?"
    r"|views?|bookmarks?|authors?)?(?: ?/ ?hour)?",
    re.IGNORECASE,
)
# As SSRN writes titles; marks around some words of a title stay.
_QUOTED: Final = re.compile(r"[\"“„«](?P<title>[^\"“”„«»]{3,900})[\"”“»]")
_MINUTES: Final = re.compile(
    r"(?:\s?[(\[]|\s[·|•–—-]\s?)\d{1,3}[ -]?(?:minutes?|mins?|hours?|hrs?)[ -]read[)\]]?\Z",
    re.IGNORECASE,
)
_LONGEST_MINUTES: Final = 40
# An address or an identifier, as the words of a link.
_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)\S+|(?:arxiv|doi|pmid|pmcid|hal|ssrn|https)?[\s:]{0,3}(?:10\.\d{4,9}/\S+"
    r"|\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]{2,12}(?:\.[A-Z]{2})?/\d{7}|(?:PMC)?\d{5,9}"
    r"|(?:[\w-]+\.)+[a-z]{2,6}/\S+)\W{0,3}(?:\[[\w.-]{2,20}\])?",
    re.IGNORECASE,
)

_SAYS_NOTHING: Final = (_BEFORE_A_TITLE, _KIND, _KIND_AND_DAY, _OF_READERS)


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


def cleaned_title(title: str) -> str:
    """Return a title without its number and marks of quotation, and without how long it reads."""
    title = mended(with_accents(title))
    before = _BEFORE_A_TITLE.match(title)
    if before is not None and before.end() < len(title) and title[before.end() - 1] in " .]):":
        title = title[before.end() :].strip()
    quoted = _QUOTED.fullmatch(title)
    title = quoted["title"].strip() if quoted is not None else title
    return without_minutes(title)[:MOST_TITLE_CHARACTERS]


def without_minutes(title: str) -> str:
    """Leave out "(12 minute read)" behind a title."""
    found = _MINUTES.search(title, max(0, len(title) - _LONGEST_MINUTES))
    return title[: found.start()].rstrip() if found is not None and found.start() else title


def opens_with(line: Line, link: Link) -> bool:
    """Whether a link has the whole line, or what follows is no sentence that goes on with it."""
    rest = line.text.replace(link.text, "", 1)
    return not _BEFORE_A_TITLE.sub("", rest).strip() or rest.startswith((" ", link.before))


def title_link(line: Line) -> Link | None:
    """Return the link of a line that has the words of a title, and begins the line."""
    for link in line.links:
        is_known = article_of(link.href) is not None
        is_first = not link.before or is_before_title(link.before)
        if not is_first and not (is_known and names_before_title(link.before)):
            return None
        if is_known and not _has_words_of_title(link.text):
            return None  # whether it is one is told by what stands around it
        if is_title(link.text, is_known=is_known):
            return None if _goes_on(line, link) else link
        if link.text and not _BEFORE_A_TITLE.fullmatch(link.text):
            return None
    return None


def names_before_title(text: str) -> tuple[str, ...]:
    """Return who is named before a title in its line: "Ann Bee et al.:", "Ann Bee (2026)."."""
    found = _NAMES_BEFORE.fullmatch(text)
    return names_alone(found["names"]) if found is not None else ()


_NAMES_BEFORE: Final = re.compile(
    r"(?P<names>[^\W\d_][^()\d]{2,2000}?)\s?(?:\((?:19|20)\d\d[a-z]?\)\s?[:.,–—-]?|[:.,–—-])"
    r"(?:\s?[\"“„«])?"
)


def _has_words_of_title(text: str) -> bool:
    return len(text.split()) >= WORDS_OF_A_TITLE or has_cjk(text)


def _goes_on(line: Line, link: Link) -> bool:
    """Whether a link begins a sentence: "<A paper> shows that …"."""
    rest = line.text[len(link.before) :].lstrip().removeprefix(link.text).lstrip()
    word = rest.partition(" ")[0]
    return (
        len(rest) > _LONGEST_LABEL and word.isalpha() and word.islower() and word not in _OF_TITLES
    )


_OF_TITLES: Final = frozenset({"by", "in", "et", "von", "par", "arxiv"})


def naming_article(line: Line) -> Article | None:
    """Return the paper that a line leads to by a button or an address, not in a sentence.

    Links in the prose of an abstract lead to the papers of others.
    """
    rest = ""
    for link in line.links:
        article = article_of(link.href) if link.text else None
        if article is None:
            continue
        rest = rest or _beside_links(line)
        is_short = len(link.text) <= _LONGEST_TITLE and len(rest) <= _LONGEST_LINK_LINE
        if is_short and _ADDRESS.fullmatch(link.text):
            return article
        if len(link.text) > _LONGEST_LABEL or not _LABELS.fullmatch(link.text):
            continue
        if not rest or is_navigation(rest) or _BEFORE_A_TITLE.fullmatch(rest):
            return article
        # At the end of an abstract, behind its last sentence.
        before, _, behind = line.text.rpartition(link.text)
        is_last = not behind.strip(" |·•)]→›»>.") or is_navigation(behind.strip(" |·•)]"))
        if is_last and before.rstrip().endswith(_ENDS_BEFORE_BUTTON):
            return article
    return None


_ENDS_BEFORE_BUTTON: Final = tuple('.!?…。|·•:(["”)]→–—-')


def heading_with_button(line: Line) -> tuple[str, Article] | None:
    """Return title and paper of a heading such as "A title (arXiv)", with a button in it."""
    if not line.is_heading:
        return None
    for link in line.links:
        article = article_of(link.href)
        is_button = len(link.text) <= _LONGEST_LABEL and _LABELS.fullmatch(link.text) is not None
        if article is not None and is_button:
            title = _beside_links(line)
            return (title, article) if is_title(title, is_known=True) else None
    return None


def _beside_links(line: Line) -> str:
    text = line.text
    for link in line.links:
        if link.text:
            text = text.replace(link.text, " ", 1)
    return clean_line(text).strip(" |·•/,;:()[]–→›»-")


def leads_alone(line: Line) -> bool:
    """Whether a line is links, and at most a few words that announce them."""
    return len(_beside_links(line)) <= _LONGEST_BEFORE


def is_title(text: str, *, is_known: bool) -> bool:
    """Whether words may be a title; of a link to a known paper all may be but labels."""
    if not len(text) <= _LONGEST_TITLE or is_footer(text) or is_citation(text):
        return False
    if _CJK.search(text):
        return len(text) >= _SHORTEST_IN_CJK
    is_other = _LABELS.fullmatch(text) if is_known else is_navigation(text)
    return len(text) >= _SHORTEST_TITLE and " " in text and not is_other


def is_citation(text: str) -> bool:
    """Whether words are how texts name the papers of others: "Smith et al., 2020"."""
    return len(text) <= _LONGEST_LABEL and _CITED.search(text) is not None


_CITED: Final = re.compile(
    r"\A\W?[^\W\d_][^()]{0,40}(?:\bet\.? al\b\W{0,3}(?:(?:19|20)\d\d[a-z]?)?"
    r"|[(\s](?:19|20)\d\d[a-z]?)\W*\Z",
    re.IGNORECASE,
)


def leads_to_paper(line: Line) -> bool:
    """Whether a line is a few words that lead to a paper and nothing else."""
    if len(line.links) != 1 or line.text != line.links[0].text:
        return False
    is_few = is_citation(line.text) or not _has_words_of_title(line.text)
    return is_few and article_of(line.links[0].href) is not None


def is_button(text: str) -> bool:
    """Whether words are those of a button: "Read the paper", "Code"."""
    return len(text) <= _LONGEST_TITLE and _LABELS.fullmatch(text) is not None


def is_before_title(text: str) -> bool:
    """Whether a text is nothing but what stands before titles: numbers, marks, "[pdf]"."""
    return len(text) <= _LONGEST_BEFORE and _BEFORE_A_TITLE.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether the words of a link are an address or an identifier."""
    return len(text) <= _LONGEST_TITLE and _ADDRESS.fullmatch(text) is not None


def is_navigation(text: str) -> bool:
    """Whether words are those of a menu, a button or an address."""
    if len(text) > _LONGEST_TITLE:
        return False
    return bool(_LABELS.fullmatch(text) or _NAVIGATION.fullmatch(text))


def is_title_of_many_words(line: Line) -> bool:
    """Whether a line begins with a link of many words: nothing below belongs to what is above."""
    text = line.links[0].text if line.links and not line.links[0].before else ""
    is_long = len(text.split()) > WORDS_OF_A_TITLE and len(text) <= _LONGEST_TITLE
    return is_long and _LABELS.fullmatch(text) is None and not _goes_on(line, line.links[0])


def without_links(line: Line) -> str:
    """Return what a line says beside links such as "PDF"; DOIs stay, for they name the paper."""
    text = line.text
    for link in line.links:
        if link.text and "10." not in link.text and is_navigation(link.text):
            text = text.replace(link.text, " ", 1)
    return clean_line(text.strip(" |·•/–-")) if line.links else text


def says_nothing(text: str) -> bool:
    """Whether a line is a number, the kind of an article, or what readers of a page did."""
    return any(each.fullmatch(text) for each in _SAYS_NOTHING)


def has_cjk(text: str) -> bool:
    """Whether a text has letters of Chinese, Japanese or Korean."""
    return _CJK.search(text) is not None


def is_kind(text: str) -> bool:
    """Whether a text only names the kind of an article."""
    return _KIND.fullmatch(text) is not None

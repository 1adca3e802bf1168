"""Room 1, papers: an abstract without what sites write around it. Pure.

A label before it, a line of copyright, a banner about cookies, a link to read on are no abstract.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.latex import with_accents
from recommender.papers.mojibake import mended

MOST_CHARACTERS: Final = 6_000
"""What is longer is the text of a whole article, where there is something shorter."""

_LABELS: Final = (
    r"abstract|summary|synopsis|r[ée]sum[ée]|zusammenfassung|resumen|resumo|riassunto|samenvatting"
    r"|kurzfassung|аннотация|摘要|要旨|초록|significance|description|main text"
    r"|plain language summary|structured abstract|introduction|aim|background"
)
_LABEL_LINE: Final = re.compile(rf"(?:{_LABELS})\s*[:.]?", re.IGNORECASE)
# "Abstract Meaning Representation is …" begins with no label.
_LABEL: Final = re.compile(
    r"(?i:abstract|summary|zusammenfassung|r[ée]sum[ée]|resumen|resumo)\s*(?::|\.\s|[-–—―]+\s?)\s*"
    r"|(?:ABSTRACT|SUMMARY|Abstract|Summary|Zusammenfassung|Resumen|Resumo|Résumé)\s+"
    r"(?=(?:A|An|The|This|These|We|In|Our|To|For|Here|With|As|It|Although|While|Recent|Background"
    r"|Objectives?|Purpose|Aims?|Introduction|Motivation|Context|Importance|Premise|Methods?)\b|\d)"
    r"|ABSTRACT\s+(?=[A-Z][a-z])|(?:Abstract|ABSTRACT|Summary)(?=[A-Z][a-z])|摘要[:：]?\s*"
)
# PNAS has a paragraph for everybody first.
_SIGNIFICANCE: Final = re.compile(
    r"Significance\s?(?=[A-Z]).{0,3000}?Abstract\s?(?=[A-Z])", re.DOTALL
)
_READ_ON: Final = (
    r"(?:read|see|view|show|learn|find\ out)\ (?:the\ )?(?:full\ |whole\ |complete\ )?"
)
_NOTES: Final = (
    r"key\ ?words?|schlüsselwörter|palabras\ clave|mots[\ -]clés|subjects?|categor(?:y|ies)|tags?"
    r"|comments?|journal[\ -]ref(?:erence)?|jel(?:\ classification)?|msc(?:\ \d{4})?|issn|isbn"
    r"|pmc?id|citation|how\ to\ cite|licen[sc]e|received|accepted|revised|edited\ by|reviewed\ by"
    r"|funding|report\ (?:no|number)|section|article\ type|type|language|publisher"
    r"|conflicts?\ of\ interest|correspondence|supplement(?:ary|al)?\ \w{1,20}|data\ availability"
    r"|video|code|project\ page"
)
_DROPPED_LINE: Final = re.compile(
    rf"""
      (?:graphical|visual|video|toc|table\ of\ contents?)\ (?:abstract|graphic|image)\b.{{0,80}}
    | highlights? | keywords? | image | figure | thumbnail
    | supplementary\ (?:material|information)
    | {_READ_ON}(?:more|article|paper|text|abstract|post|story|on\ .{{1,60}}|it\ here|online)
      \b.{{0,60}}
    | continue\ reading\b.{{0,200}} | \[?(?:…|\.\.\.)\]?
    | (?:full|open|free)[\ -](?:text|article|access)\b.{{0,60}}
    | (?:download\ )?\[?\(?(?:pdf|html|epub|xml)\)?\]?
    | (?:{_NOTES})\s?[:：].{{0,600}}
    | the\ post\ .{{1,300}}\ (?:appeared\ first\ on|first\ appeared\ on)\ .{{1,200}}
    | (?:share|tweet|like|subscribe|sign\ up|log\ ?in|print|email|rss|skip\ to\ \w+
        |jump\ to\ .{{1,40}})\b.{{0,80}}
    | the\ content\ of\ this\ rss\ feed\b.{{0,200}}
    | to\ cite\ this\ article\b.{{0,200}}
    | (?:please\ )?(?:follow|click|visit)\ (?:the\ links?|here|on|this\ link)\b.{{0,120}}
    | (?:no|without)\ abstract(?:\ (?:is\ |was\ )?available)?\.?
    | abstract\ (?:is\ )?(?:not\ available|unavailable|missing)\.?
    | n/?a | none | null | nil | tbd | -+ | \W{{1,40}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BANNER: Final = re.compile(
    r"\b(?:this|our|the) (?:web)?site uses? cookies|\baccept(?:ing)? (?:all )?cookies"
    r"|\bwe (?:and our partners )?use cookies (?:to|and|on)|\bcookie (?:policy|settings)"
    r"|\bby (?:continuing|using) (?:to (?:use|browse) )?(?:this|our|the) (?:web)?site"
    r"|\b(?:enable|turn on) (?:java ?script|cookies)|\bjava ?script (?:is|has been) disabled"
    r"|\bchecking your browser|\bverify(?:ing)? (?:that )?you are (?:a )?human",
    re.IGNORECASE,
)
# "Withdrawn – young people who stay at home" is a title; "WITHDRAWN – T" and "Withdrawn: T" say it.
_WITHDRAWN_TITLE: Final = re.compile(
    r"\A(?:(?i:(?:this\s)?(?:(?:article|paper|manuscript|preprint|chapter)\s)?(?:has\sbeen\s)?"
    r"(?:retracted|withdrawn|temporary\sremoval|(?:temporarily\s)?removed)"
    r"(?:\s(?:article|paper|manuscript|preprint|chapter))?\s?:)"
    r"|(?:RETRACTED|WITHDRAWN|REMOVED|TEMPORARY\sREMOVAL)(?:\s(?:ARTICLE|PAPER|MANUSCRIPT))?"
    r"\s?(?:[–—]|-\s)"
    r"|[\[(*]{1,2}(?i:retracted|withdrawn|temporary\sremoval|removed)"
    r"(?i:\s(?:article|paper|manuscript))?[\])*]{1,2}\s?:?)\s*"
)
_WITHDRAWN_TITLE_END: Final = re.compile(
    r"(?:\s?[\[(](?i:(?:retracted|withdrawn)(?:\s(?:article|paper|by|in|from|due)\b[^\])]{0,100})?"
    r"|retraction\s(?:in|of)\s[^\])]{1,100})[\])]\.?|[.:]\s(?:RETRACTED|WITHDRAWN)\.?)\Z"
)
# What authors tell arXiv: "20 pages. This paper has been withdrawn by the author."
_WITHDRAWN_COMMENT: Final = re.compile(
    r"(?:\A|[.;,(:]\s?)(?:(?:this|the)\s)?"
    r"(?:(?:paper|article|manuscript|submission|work|preprint|version)\s)?"
    r"(?:(?:has\sbeen|was|is)\s(?:now\s|temporarily\s)?)?(?:withdrawn|retracted)"
    r"(?=\s(?:by|due|because|as|since|for|pending|until|temporarily)\b|\s?[.;,)!]|\s?\Z)",
    re.IGNORECASE,
)
# "The work was removed from the museum" is an abstract.
_TAKEN_BACK: Final = (
    r"(?:withdrawn|retracted|removed)\b"
    r"(?!\sfrom\s(?!(?:the\s)?(?:arxiv|biorxiv|medrxiv|ssrn|publication|consideration|journal"
    r"|archive|server|repository|record)\b))"
)
_WITHDRAWN_ABSTRACT: Final = re.compile(
    r"(?:arxiv\sadmin\snote:\s|the\s(?:publisher|editors?|authors?)\sregrets?\sthat\s)?(?:"
    r"(?:this|the)\s(?:paper|article|manuscript|preprint|work|submission|version)\s"
    r"(?:has\sbeen|was|is)\s(?:temporarily\s|now\s|being\s|hereby\s)?"
    + _TAKEN_BACK
    + r"|(?:the\sauthors?\s(?:have|has)|we\shave)\swithdrawn\s(?:this|the|their|his|her|our)\b"
    r"|we\s(?:hereby\s)?(?:withdraw|retract)\s(?:this|the|our)\s(?:paper|article|manuscript|preprint"
    r"|work|submission)\b"
    r"|(?:paper|article|manuscript|submission)\s(?:is\s|was\s)?(?:withdrawn|retracted)"
    r"(?:\s(?:by|due|because|since|as)\b|[.;]|\Z)"
    r"|removed\sby\sarxiv\b"
    r"|(?:withdrawn|retracted)(?:\s(?:by|due|because|since|at\sthe\s)\b|[.:]|\Z))",
    re.IGNORECASE,
)
_LONGEST_NOTE: Final = 150
_LONGEST_COMMENT: Final = 1_000
_LONGEST_BANNER: Final = 1_500
_TAIL_WITHIN: Final = 500
_TAILS: Final = (
    re.compile(
        r"\s*(?:(?:©|\(c\)(?=\s*(?:\d{4}|copyright))|&copy;|ⓒ)|copyright\s*(?:©|\(c\)|\d{4}))\s*(?:©|\(c\))?\s*"
        r"(?:by\s|the\s|\d{4}|[A-Z]).*\Z",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(r"\s*all rights reserved\.?\s*\Z", re.IGNORECASE),
    re.compile(
        r"\s*[\[(]?(?:…|\.\.\.)?[\])]?\s*"
        r"(?:\[?(?:read (?:the )?(?:full )?(?:more|article|paper|text)|continue reading"
        r"|view (?:full )?(?:article|abstract|pdf)|see (?:full|more)|full text|more)"
        r"\]?\s*(?:[→»>…]+|\.{3})\]?)\s*\Z",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<=[.…!?\])])\s*(?:read more|continue reading|read the (?:full )?(?:article|paper|text)"
        r"|full text|view (?:full )?(?:article|abstract)|\[(?:pdf|html)\])\s*\.?\Z",
        re.IGNORECASE,
    ),
    re.compile(
        r"\s*the post .{1,300} (?:appeared first on|first appeared on) .{1,100}\Z", re.IGNORECASE
    ),
    re.compile(
        r"\s*this article is protected by copyright\.?(?: all rights reserved\.?)?\s*\Z",
        re.IGNORECASE,
    ),
    re.compile(r"\s*the content of this rss feed\b.{0,200}\Z", re.IGNORECASE),
    re.compile(r"\s*(?:key ?words?|index terms)\s*[:—–-].{1,300}\Z", re.IGNORECASE),
)


def is_withdrawn(title: str, abstract: str) -> bool:
    """Whether a paper was taken back: its title or the beginning of its abstract says so.

    A notice of retraction (``Retraction: T``) is a work of its own, and not taken back itself.
    """
    return bool(
        _WITHDRAWN_TITLE.match(title)
        or _WITHDRAWN_TITLE_END.search(title[-_LONGEST_NOTE:])
        or _WITHDRAWN_ABSTRACT.match(abstract)
    )


def comment_withdraws(comment: str) -> bool:
    """Whether what authors tell arXiv about their paper says that they took it back."""
    return _WITHDRAWN_COMMENT.search(comment[:_LONGEST_COMMENT]) is not None


def title_before_withdrawal(title: str) -> str:
    """Take from a title that it was taken back, so that the paper is known again by it.

    Examples
    --------
    >>> title_before_withdrawal("RETRACTED ARTICLE: Of mice"), title_before_withdrawal("Of mice")
    ('Of mice', 'Of mice')
    """
    start = max(0, len(title) - _LONGEST_NOTE)
    shorter = title[:start] + _WITHDRAWN_TITLE_END.sub("", title[start:])
    return _WITHDRAWN_TITLE.sub("", shorter, count=1).strip() or title


def is_label(line: str) -> bool:
    """Whether a line names what follows it and says nothing itself: ``Abstract``."""
    return _LABEL_LINE.fullmatch(line) is not None


def is_around(line: str) -> bool:
    """Whether a line belongs to the site, not to the abstract: a banner, a link, keywords."""
    if len(line) <= _LONGEST_BANNER and _BANNER.search(line):
        return True
    return _DROPPED_LINE.fullmatch(line) is not None


def cleaned_abstract(text: str) -> str:
    """Take from an abstract, on one line, its label and what comes behind it."""
    text = mended(with_accents(text.strip()))
    within = _SIGNIFICANCE.match(text)
    if within is not None:
        text = text[within.end() :]
    label = _LABEL.match(text)
    if label is not None:
        text = text[label.end() :]
    for tail in _TAILS:
        start = max(0, len(text) - _TAIL_WITHIN)
        text = text[:start] + tail.sub("", text[start:])
    text = text.strip()
    return "" if is_around(text) or is_label(text) else text

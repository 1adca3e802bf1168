"""Room 1, papers: an abstract without what sites write around it. Pure.

A label before it, a line of copyright, a banner about cookies, a link to read on are no abstract.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended

MOST_CHARACTERS: Final = 6_000
"""What is longer is the text of a whole article, where there is something shorter."""

ABSTRACT_LABELS: Final = (
    r"abstract|summary|zusammenfassung|kurzfassung|r[ée]sum[ée]|resumen|resumo|riassunto"
    r"|samenvatting|streszczenie|abstrakt|özet|sammendrag|sammanfattning|аннотация|реферат|摘要"
    r"|要旨|概要|抄録|要約|アブストラクト|초록"
)
"""Words of several languages that announce an abstract."""

_LABELS: Final = (
    rf"{ABSTRACT_LABELS}|synopsis|significance|description|main text"
    r"|plain language summary|structured abstract|introduction|aim|background"
)
_LABEL_LINE: Final = re.compile(rf"(?:{_LABELS})\s*[:.]?", re.IGNORECASE)
# "Abstract Meaning Representation is …" begins with no label.
_LABEL: Final = re.compile(
    rf"(?i:{ABSTRACT_LABELS})\s*(?:[:：]|\.\s|[-–—―]+\s?)\s*"
    r"|(?:ABSTRACT|SUMMARY|Abstract|Summary|Zusammenfassung|Resumen|Resumo|Résumé)\s+"
    r"(?=(?:A|An|The|This|These|We|In|Our|To|For|Here|With|As|It|Although|While|Recent|Background"
    r"|Objectives?|Purpose|Aims?|Introduction|Motivation|Context|Importance|Premise|Methods?)\b|\d)"
    r"|ABSTRACT\s+(?=[A-Z][a-z])|(?:Abstract|ABSTRACT|Summary)(?=[A-Z][a-z])|摘要[:：]?\s*"
)
_ABSTRACT_PICTURES: Final = (
    r"(?:(?:graphical|visual|video|toc|table\sof\scontents?)\s(?:abstract|graphic|image)"
    r"|r[ée]sum[ée]\sgraphique|graphische\szusammenfassung|resumen\sgr[áa]fico)"
)
# Where a picture stood: "Abstract Visual Abstract Soil carbon is …".
_PICTURE_LABEL: Final = re.compile(
    rf"(?i:(?:abstract\s+)?{_ABSTRACT_PICTURES}(?:\s?[:.–—-])?\s+"
    rf"(?:(?:image,?|figure)\s+(?:{_ABSTRACT_PICTURES}\s+)?)?)"
    r"(?=[A-ZÀ-Þ0-9\"“‘(])(?!(?:Reasoning|Concepts?|Art|Thinking|Thought|Machines?|Models?|Language"
    r"|Syntax|Interpretations?|Paintings?|Patterns?|Design|Images?|Recommend\w+|Meaning)\b)"
)
# "Abstract Soil carbon is …" begins with one, where nothing further on is called abstract.
_BARE_LABEL: Final = re.compile(
    r"Abstract\s+(?=[A-ZÀ-Þ0-9\"“‘(])(?!(?:Meaning|Interpretations?|Algebras?|Argumentation|Dialectical"
    r"|State|Syntax|Data|Reasoning|Visual|Concepts?|Cauchy|Convexity|Wiener|Elementary|Homotopy"
    r"|Harmonic|Machines?|Domains?|Rewriting|Games?|Art|Expressionis[mt]s?|Paintings?|Thought"
    r"|Thinking|Words?|Nouns?|Language|Screening|Categor(?:y|ies|ical)|Logics?|Models?|Simplicial"
    r"|Polytopes?|Nonsense|Graphs?|Tasks?|Class(?:es)?|Kernels?|Ideas?|Key|Quantifier)\b)"
    r"(?!(?:[A-Z][\w-]{1,30}\s){1,4}\(A[A-Z]{1,6}s?\))"
)
_CALLED_ABSTRACT: Final = re.compile(r"\babstract", re.IGNORECASE)
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
_LINK_WORD: Final = (
    r"(?:arxiv|alphaxiv|hugging\ ?face|github|pdf|html|doi|abs|abstract|paper|preprint|code|project"
    r"|project\ page|demo|video|slides|poster|blog|models?|data|dataset|website|tweet|bibtex|link"
    r"|full\ text|discussion|comments)"
)
_ARTICLE_TYPE: Final = (
    r"(?:(?:(?:original|full[\ -]length|regular|rapid|brief|short|data|methods?|edge|feature"
    r"|tutorial|mini|systematic|critical|invited|peer-reviewed)\ ?)?"
    r"(?:research|review|article|paper|report|communication|letter)s?"
    r"(?:\ (?:article|paper|letter|note))?|minireview|perspectives?|frontiers?|viewpoint"
    r"|opinion|focus|highlight|analysis|concept)"
)
_DROPPED_LINE: Final = re.compile(
    rf"""
      (?:abstract\ )?{_ABSTRACT_PICTURES}\b[^.!?]{{0,80}}\.?
    | {_ARTICLE_TYPE}
    | \[?{_LINK_WORD}\]?(?:\s?(?:[|·•/,–—-]\s?)?\[?{_LINK_WORD}\]?){{1,8}}
    | (?:this\ (?:article|paper|work|journal)\ is\ (?:licen[sc]ed|published|distributed)
        |this\ is\ an\ open[\ -]access\ article)\b.{{0,300}}
    | (?:(?:revised\ )?(?:preprint|manuscript)\ (?:under\ (?:review|discussion)|accepted)
        |(?:preprint|manuscript)\ not\ accepted)\b.{{0,120}}
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
    | submitted\ by\ /?u/\S{{1,40}}(?:\ to\ r/\S{{1,40}})?(?:\ \[link\]|\ \[comments\]){{0,2}}
    | \[link\](?:\ \[comments\])? | \[comments\]
    | (?:article|comments?)\ url\s?:.{{0,600}} | points\s?:\s?\d+ | \#?\ ?comments\s?:\s?\d+
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
_WORK_NAMED: Final = r"(?:article|paper|manuscript|preprint|chapter)"
# Without one of them a title is not looked at twice.
_WITHDRAWAL_WORDS: Final = ("retract", "withdr", "remov")
# So publishers mark a title.
_WITHDRAWN_TITLE: Final = re.compile(
    rf"\A(?:(?:RETRACTED|WITHDRAWN|REMOVED)(?:\s(?i:{_WORK_NAMED}))?\s?:"
    rf"|(?i:temporary\sremoval(?:\s{_WORK_NAMED})?|(?:this\s)?{_WORK_NAMED}\s(?:has\sbeen\s)?"
    r"(?:retracted|withdrawn|(?:temporarily\s)?removed))\s?:"
    rf"|(?:Retracted|Withdrawn)\s(?i:{_WORK_NAMED})\s?:(?=\s?[A-Z0-9À-Þ])"
    r"|[\[(*]{1,2}(?i:retracted|withdrawn|temporary\sremoval|removed)"
    rf"(?i:\s{_WORK_NAMED})?[\])*]{{1,2}}\s?:?)\s*"
)
# "Withdrawn: how teenagers leave life", "RETRACTED — an anthropology of shame": titles.
_PERHAPS_WITHDRAWN_TITLE: Final = re.compile(
    r"\A(?:(?:Retracted|Withdrawn)\s?:|(?:RETRACTED|WITHDRAWN|REMOVED|TEMPORARY\sREMOVAL)"
    r"(?:\s(?:ARTICLE|PAPER|MANUSCRIPT))?(?:\s?[–—]|\s?-\s))\s*(?=[A-Z0-9À-Þ])"
)
# "Retracted: How scientists lose trust": a question stands over few papers that were.
_ASKS: Final = re.compile(
    r"(?:retracted|withdrawn|removed)\s?(?:[:–—]|-\s)\s*(?:how|why|what|when|where|who|whose|whom|which|whether|is|are|was|were"
    r"|do|does|did|can|could|should|will|would|has|have|must|may)\s",
    re.IGNORECASE,
)
_OF_RETRACTION: Final = re.compile(
    r"\bretractions\b|\b(?:retracted|withdrawn)\s(?:\w{3,12}\s)?(?:papers|articles|publications"
    r"|stud(?:y|ies)|works?|research|science|scholarship|literature)\b|\bretraction\s(?:notices?|watch"
    r"|rates?|process|of\s(?:\w{3,12}\s)?(?:papers|articles|publications|research))\b",
    re.IGNORECASE,
)
_WHO_TAKES_BACK: Final = (
    r"(?:(?:the|its|their|all)\s)*(?:(?:corresponding|first|original)\s)?(?:authors?|editors?|editorial"
    r"|publishers?|journal|submitters?|arxiv|biorxiv|medrxiv|administrators?|moderators?)\b"
)
_WITHDRAWN_TITLE_END: Final = re.compile(
    rf"(?:\s?[\[(](?i:(?:retracted|withdrawn)(?:\s{_WORK_NAMED}\b[^\])]{{0,100}}"
    rf"|\s(?:by\s{_WHO_TAKES_BACK}|in:?\s|due\sto\b|from\s\w{{0,10}}xiv\b)[^\])]{{0,100}})?"
    r"|retraction\s(?:in|of)\s[^\])]{1,100})[\])]\.?"
    r"|(?:[.:]|\s[–—-])\s(?:RETRACTED|WITHDRAWN)\.?)\Z"
)
# What authors tell arXiv: "20 pages. This paper has been withdrawn by the author."
_WITHDRAWN_COMMENT: Final = re.compile(
    r"(?:\A|[.;,(:]\s?)(?:(?:this|the)\s)?"
    r"(?:(?:paper|article|manuscript|submission|work|preprint|version)\s)?"
    r"(?:(?:has\sbeen|was|is)\s(?:now\s|temporarily\s)?)?(?:withdrawn|retracted)"
    r"(?=\s(?:by|due|because|as|since|for|pending|until|temporarily)\b|\s?[.;,)!]|\s?\Z)",
    re.IGNORECASE,
)
_WORK_TAKEN: Final = r"(?:paper|article|manuscript|preprint|work|submission|version|chapter)"
_IS_TAKEN: Final = r"(?:has\sbeen|was|is)\s(?:temporarily\s|now\s|being\s|hereby\s|formally\s)?"
_ARCHIVE: Final = (
    r"(?:(?:the|this|our)\s)?(?:\w{1,10}xiv|ssrn|research\ssquare|preprints\.org|zenodo|osf|publication"
    r"|consideration|journal|archive|server|repository|record|platform)\b"
)
# "The work was removed from the museum" and "… withdrawn by the Inquisition" are abstracts.
_WHY: Final = (
    rf"(?:\s(?:by\s{_WHO_TAKES_BACK}|from\s{_ARCHIVE}|due\sto\b|owing\sto\b|because\b"
    r"|at\s(?:the|its|their)\s\w{0,20}\s?request\b|pending\b)|\s?[.;]|\s?\Z)"
)
_EXCUSE: Final = (
    r"(?:(?:due\sto|owing\sto|because\sof|on\saccount\sof|at\sthe\srequest\sof)\s[^.]{1,200}?,?\s)?"
)
_WITHDRAWN_ABSTRACT: Final = re.compile(
    r"(?:arxiv\sadmin\snote:\s|the\s(?:publisher|editors?|authors?)\sregrets?\sthat\s)?"
    rf"{_EXCUSE}(?:this\s{_WORK_TAKEN}\s{_IS_TAKEN}(?:(?:withdrawn|retracted)\b"
    rf"(?!\s(?:in)?to\b|\sfrom\s(?!{_ARCHIVE})|\sby\sthe\s(?!{_WHO_TAKES_BACK}))|removed{_WHY})"
    r"|(?:the\sauthors?|we|i)\s(?:hereby\s|have\s|has\s)*(?:withdr[ae]wn?s?|retract(?:s|ed)?)\s"
    rf"this\s{_WORK_TAKEN}\b|we\s(?:hereby\s)?(?:withdraw|retract)\sour\s{_WORK_TAKEN}\b)",
    re.IGNORECASE,
)
# So a notice begins, and so does a study of one: it is a notice where no study follows.
_PERHAPS_WITHDRAWN_ABSTRACT: Final = re.compile(
    rf"{_EXCUSE}(?:the\s{_WORK_TAKEN}\s{_IS_TAKEN}(?:withdrawn|retracted|removed){_WHY}"
    r"|(?:the\sauthors?|we|i)\s(?:have\s|has\s)?(?:withdr[ae]wn?s?|retract(?:s|ed)?)\s"
    rf"(?:the|their|his|her|our)\s{_WORK_TAKEN}\b"
    rf"|{_WORK_TAKEN}\s(?:is\s|was\s)?(?:withdrawn|retracted){_WHY}"
    rf"|removed\sby\sarxiv\b|(?:withdrawn|retracted)(?:{_WHY}|:))",
    re.IGNORECASE,
)
_STUDIES: Final = re.compile(
    r"\b(?:we|i)\s(?:\w{2,20}ly\s)?(?:stud(?:y|ied)|analy[sz]ed?|measured?|show|edit(?:ed)?|reconstruct"
    r"|describe|f[io]u?nd|examined?|investigated?|trace|ask|follow|report|present|argue|explore|compared?"
    r"|surveyed|interviewed)\b|\bthis\s(?:study|paper|article|essay|thesis)\s(?!has|was|is\swith|is\sret)",
    re.IGNORECASE,
)
_LONGEST_NOTICE: Final = 400
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
    # Where it appeared: "[Example Lett. 33, 123 (2026)]"
    re.compile(
        r"(?<=[.!?])\s*\[[A-Z][^\[\]]{1,80}\s\d{1,4}(?:\(\d{1,4}\))?,\s[\w-]{1,20}\s\(\d{4}\)\]\s*\Z"
    ),
    re.compile(r"\s*the content of this rss feed\b.{0,200}\Z", re.IGNORECASE),
    # Not "spanning keyword-level detail".
    re.compile(
        r"\s*(?:(?<![\w,]\s)(?i:key ?words?|index terms)|Key ?[Ww]ords?|KEY ?WORDS|Index [Tt]erms)"
        r"(?:\s*[:—–]|\s+-\s|-\s).{1,300}\Z",
    ),
)


def is_withdrawn(title: str, abstract: str, *, has_doi: bool = False) -> bool:
    """Whether a paper was taken back: its title or the beginning of its abstract says so.

    A notice of retraction (``Retraction: T``) is a work of its own, and not taken back itself; nor
    is a paper about retraction.

    Parameters
    ----------
    title, abstract : str
        As they were read.
    has_doi : bool
        Whether a publisher registered the paper; then ``Retracted: T`` is more than a title, unless
        T is a question, or title or abstract speak of retracted papers.
    """
    folded = title.lower()
    is_marked = any(word in folded for word in _WITHDRAWAL_WORDS)
    if is_marked and _WITHDRAWN_TITLE.match(title):
        # All in capitals, it may be a title as any other.
        if has_doi or not title.isupper():
            return True
    elif is_marked and has_doi and _PERHAPS_WITHDRAWN_TITLE.match(title):
        is_about_it = _ASKS.match(title) or _OF_RETRACTION.search(f"{title}. {abstract}")
        if is_about_it is None:
            return True
    if is_marked and _WITHDRAWN_TITLE_END.search(title[-_LONGEST_NOTE:]):
        return True
    if _WITHDRAWN_ABSTRACT.match(abstract):
        return True
    return (
        _PERHAPS_WITHDRAWN_ABSTRACT.match(abstract) is not None
        and len(abstract) <= _LONGEST_NOTICE
        and _STUDIES.search(abstract) is None
    )


def comment_withdraws(comment: str) -> bool:
    """Whether what authors tell arXiv about their paper says that they took it back."""
    return _WITHDRAWN_COMMENT.search(comment[:_LONGEST_COMMENT]) is not None


def title_before_withdrawal(title: str) -> str:
    """Take from the title of a paper that was taken back that it was; so it is known again by it.

    Examples
    --------
    >>> title_before_withdrawal("RETRACTED ARTICLE: Of mice"), title_before_withdrawal("Of mice")
    ('Of mice', 'Of mice')
    """
    start = max(0, len(title) - _LONGEST_NOTE)
    shorter = title[:start] + _WITHDRAWN_TITLE_END.sub("", title[start:])
    for mark in (_WITHDRAWN_TITLE, _PERHAPS_WITHDRAWN_TITLE):
        shorter = mark.sub("", shorter, count=1)
    return shorter.strip() or title


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
    text = _PICTURE_LABEL.sub("", text, count=1) if _PICTURE_LABEL.match(text) else text
    label = _LABEL.match(text) or _BARE_LABEL.match(text)
    if label is not None and (
        label.re is _LABEL or _CALLED_ABSTRACT.search(text, label.end(), MOST_CHARACTERS) is None
    ):
        text = text[label.end() :]
    for tail in _TAILS:
        start = max(0, len(text) - _TAIL_WITHIN)
        text = text[:start] + tail.sub("", text[start:])
    text = text.strip()
    return "" if is_around(text) or is_label(text) else text

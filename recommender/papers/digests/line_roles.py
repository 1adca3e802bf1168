"""Room 1, papers: what a line says it is: a label, an address, a greeting, a footer. Pure.

In the languages in which digests are written: a label needs its colon, or a line of its own.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.digests.markdown_lines import Line

_BYLINE: Final = re.compile(
    r"(?:by|von|par|por|authored by|written by)\s+(?=[^\W\d_])"
    # "By the way, …", "by training on …": nobody's name.
    r"(?!(?:the|a|an|this|that|now|then|all|any|no|its|our)\s(?-i:[a-zà-ÿ]))",
    re.IGNORECASE,
)
AUTHOR_SIGNS: Final = frozenset("👥👤✍🖊🖋🧑👩👨🧠")
LINK_SIGNS: Final = frozenset("🔗🌐📎👉➡⬇")
# Of days, and of fields and institutions; what is marked so is no title.
_DATE_SIGNS: Final = frozenset("📅📆🗓🕒🕑⏰")
_DETAIL_SIGNS: Final = frozenset("🏷🔖🏛🏢🏫🎓")

_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|welcome|hallo"
    r"|liebe[rs]?"
    r"|guten (?:morgen|tag)|moin|servus|bonjour|salut|chère?s?|buenos|buenas|hola|estimad[oa]s?"
    r"|ciao|olá|xin chào|chào|大家好|各位|你好|皆さん|こんにちは"
    r"|おはよう)\b[^.?!]{0,80}[,!.:，！。]?"
    r"|(?:大家好|各位|你好|皆さん|こんにちは|おはよう).{0,40}",
    re.IGNORECASE,
)
_INTRODUCTION: Final = re.compile(
    r"(?:here(?:'s|’s| is| are)|below|welcome|this (?:week|month|day|issue|edition|digest)"
    r"|today(?:'s|’s)?\b|in this (?:week|issue|edition|digest|newsletter)|please find|find below"
    r"|the following|these are|i(?:'ve|’ve| have) (?:picked|collected|selected|read)"
    r"|we(?:'ve|’ve| have) (?:picked|collected|selected)|a (?:curated|daily|weekly|summary)"
    r"|curated|automatically|generated|last updated|updated|subscribe|forwarded|view (?:this|in)"
    r"|your (?:daily|weekly|paper|digest)|top \d+|trending|daily|weekly|enjoy|latest|new papers"
    r"|hier (?:die|sind|kommen|ist)|die neuen|diese woche|heute|anbei|im folgenden|voici|cette"
    r"|aujourd'hui|ces|aquí|esta semana|hoy|estos|今日|本周|今週|以下|dưới đây|sau đây|bản tin"
    r"|we (?:hope|(?:found|read)\b.{0,40}\b(?:papers|articles|preprints))|i hope|hope you|happy"
    r"|(?:sent|from|to|subject|date|reply-to)\s?(?=:))\b.{0,800}"
    r"|(?:今日|本周|今週|以下|本日|每日).{0,400}|[^.?!]{0,150}[:：]",
    re.IGNORECASE | re.DOTALL,
)
_MASTHEAD: Final = re.compile(
    r".{0,60}\b(?:digest|newsletter|papers|reading list|listing|issue|edition|weekly|daily|arxiv"
    r"|bulletin|preprints|new articles|table of contents|trending|arbeiten|artikel|articles?"
    r"|artículos|bản tin)\b.{0,60}|.{0,40}(?:论文|論文|日报|週報|周报).{0,40}",
    re.IGNORECASE,
)
_BANNERS: Final = frozenset(
    {"new", "get trending papers in your email inbox", "subscribe", "trending papers"}
)
_FOOTER: Final = re.compile(
    r"(?:you(?:'re|’re| are)? (?:get|got|receiv|subscribed)\w*\b.{0,40}\b"
    r"(?:this|because|mail|email|newsletter)|unsubscribe\b|to unsubscribe|manage (?:your )?"
    r"(?:subscription|preferences)|update your preferences|view (?:this )?(?:mail|email|it )?\s?"
    r"(?:in|online)\b.{0,30}(?:browser|$)|(?:best|kind|warm)(?:est)? (?:wishes|regards)"
    r"|best,|cheers\b[,!.]|regards,|sincerely|yours\b[^.]{0,20},|thanks(?: for reading|,"
    r"|!)|thank you"
    r" for|that(?:'s|’s| is) (?:all|it)\b|see you|until (?:next|tomorrow)|happy reading"
    r"|enjoy (?:the|"
    r"your) read|have a (?:nice|great|good)|sent from my|sent with|powered by"
    r"|generated (?:by|with|on)"
    r"|©|\(c\) \d{4}|copyright\b|all rights reserved|follow us|share this"
    r"|forward(?:ed)? (?:this|to)"
    r"|if you (?:liked|enjoyed|no longer|have any|were forwarded|wish|want|would like|know)"
    r"|did you (?:like|enjoy)|was this (?:email|forwarded)|no longer want|contact us|end of"
    r" (?:digest|newsletter|list)|more (?:papers )?(?:at|on|next) |viele grüße|liebe grüße|mit"
    r" freundlichen|beste grüße|schöne grüße|gruß|sie erhalten diese|du (?:bekommst|erhältst) diese"
    r"|buona lettura|buena lectura|feliz lectura|boa leitura|viel (?:spaß|freude) beim lesen"
    r"|abbestellen|abmelden|cordialement|bien à vous|bonne lecture|bonne (?:journée|semaine)"
    r"|vous recevez|se désabonner|désinscri|saludos|un saludo|recib(?:e|es|ió) este|darse de baja"
    r"|cancelar (?:la )?suscripción|hasta (?:mañana|la próxima)|trân trọng|hủy đăng ký"
    r"|退订|取消订阅|祝好|配信停止|敬具|よろしく|you can reply|reply to this|p\.?s\.?(?:[:\s]|\Z)"
    r"|let me know (?:if|whether|which|what|how)\b|would you like (?:me|to)\b|want me to\b"
    r"|i(?:'d| would) be happy to\b|feel free to\b|happy to (?:go|dig|help|share|expand)\b"
    r"|(?:欢迎|请|扫码|长按)?(?:关注|订阅|分享|转发)(?:我们|本|公众号)|欢迎(?:关注|订阅|加入|留言|转发)"
    r"|for (?:subscri(?:be|ption)|unsubscribe) options\b"
    r"|this (?:digest|newsletter|e-?mail|mail|message|list) (?:is|was|has been) (?:sent|generated"
    r"|compiled|produced|created|brought|made))",
    re.IGNORECASE,
)
# What stands above the name of whoever wrote a mail.
_FAREWELL: Final = re.compile(
    r"(?:(?:(?:all(?: the)?|with|very|my|many|kind|warm(?:est)?|best) ){0,3}"
    r"(?:best|regards|wishes|cheers|thanks|greetings)|yours(?: \w+)?|sincerely(?: yours)?|take care"
    r"|(?:(?:mit|viele[n]?|liebe[n]?|beste[n]?|sch[öo]ne[n]?|herzliche[n]?|freundliche[n]?|sonnige)"
    r" ){1,3}(?:gr(?:ü|ue)(?:ß|ss)en?|dank)|(?:(?:lieben|besten) )?gru(?:ß|ss)|lg|vg|mfg"
    r"|(?:(?:bien|très) )?(?:cordialement|amicalement|sincèrement)|bien à (?:vous|toi)"
    r"|(?:meilleures|sincères|cordiales) salutations"
    r"|(?:(?:un|muchos) )?(?:saludos?|abrazos?)(?: cordial(?:es)?)?|atentamente|abraços?"
    r"|(?:cordiali|distinti|un caro) salut[io]|(?:(?:met )?vriendelijke|hartelijke) groet(?:en)?"
    r"|此致|祝好|敬具|よろしくお願いします)(?:[,!.，！。–—-].{0,40})?",
    re.IGNORECASE,
)
_SPONSOR: Final = re.compile(
    r"\W{0,6}(?:(?:today['’]s |this week['’]s |our |a (?:word|message) from (?:our|today['’]s) )?"
    r"sponsors?(?:ed)?(?:\s(?:message|content|post|section))?(?:\s?[:：—–-].{0,200}| by\b.{0,200})?"
    r"|advertisement|advertorial|anzeige|publicité|publicidad|werbung|广告|together with\b.{0,80}"
    r"|(?:presented|brought to you|supported) by\b.{0,120}|promoted\s?[:：].{0,200}"
    r"|(?:this|today['’]s|this week['’]s) (?:issue|edition|digest|newsletter|e-?mail|episode)"
    r" (?:is|was) (?:kindly |proudly |generously )?(?:sponsored|supported|brought to you|presented"
    r"|made possible) by\b.{0,200}"
    r"|(?:our|today['’]s|this week['’]s|a message from our) partners?(?:\s?[:：–—-]\s?.{0,160})?"
    r"|partner(?:ed)? (?:content|post|message|spotlight)(?:\s?[:：–—-].{0,160})?"
    r"|a word from our sponsors?.{0,100}|.{0,160}[(\[](?:sponsor(?:ed)?|ad|anzeige)[)\]])\W{0,4}",
    re.IGNORECASE,
)
_SURELY_SPONSOR: Final = re.compile(
    r"\W{0,6}(?:(?:today['’]s |this week['’]s |our |a (?:word|message) from (?:our|today['’]s) )?"
    r"sponsors?(?:\s?[:：].{0,200})?|sponsored|sponsored (?:message|post|section)"
    r"|advertisement|advertorial|anzeige|publicité|publicidad|werbung|广告)\W{0,4}",
    re.IGNORECASE,
)
# "Alzheimer's disease (AD)" spells out what it abbreviates.
_SPELLED_OUT: Final = re.compile(
    r"\ba[\w'’-]{1,40}\sd\w{1,40}\s[(\[]ad[)\]]\W{0,4}\Z", re.IGNORECASE
)
_READ_ON: Final = re.compile(
    r"\W{0,6}(?:read|view|see|open|download|continue|get|check out)\b(?:\s(?:the|on|more|full|paper"
    r"|article|abstract|it|here|pdf|reading|arxiv|at|original|out|in|text|preprint)\b){0,6}\W{0,6}",
    re.IGNORECASE,
)
_CHAPTER: Final = re.compile(
    r"\W{0,6}(?:introduction|intro|editorial|editor['’]?s? note|a note from (?:the|our) editors?"
    r"|foreword|about|table of contents|contents|in this issue"
    r"|outline|news|industry news|events|jobs|job board|final thoughts|closing(?: thoughts)?"
    r"|wrap[ -]?up|outro|resources|further reading|references|feedback|contact|credits|disclaimer"
    r"|acknowledge?ments?|contributing|license|contributors|vorwort|inhalt|inhaltsverzeichnis"
    r"|avant-propos|sommaire|目录|前言|はじめに|(?:un)?subscribe|announcements?|reminders?|housekeeping"
    r"|thanks for reading|that['’]s (?:all|it)(?: for (?:today|now|this week))?)\W{0,6}",
    re.IGNORECASE,
)
_NOTICE: Final = re.compile(
    r"\W{0,6}(?:about (?:this|the|us|me)\b|how to (?:use|read|contribute|subscribe)\b"
    r"|our (?:friends|partners?|supporters?) (?:at|from|of)\b|a note from\b|.{1,60}\bis hiring\b"
    r"|(?:the |our )?(?:next|last|this|upcoming) (?:(?:week|month)['’]?s? )?"
    r"(?:meetings?|talks?|seminars?|sessions?|events?|deadlines?|issue|speakers?)\b"
    r"|(?:please )?(?:un)?subscribe\b|thanks?(?: you)?\b|save the date\b|advertise\b"
    r"|(?:jobs?|vacanc(?:y|ies)|post-?docs?|internships?)\s?[:：—–-]"
    r"|job (?:offers?|openings?|postings?|alerts?|of the)\b|we(?:['’]re| are) hiring\b"
    r"|calls? for (?:papers|abstracts|participation|proposals|submissions|nominations)\b"
    r"|(?:support|join|follow|contact|share|donate to|tell|meet) us\b|stellenangebote?\b"
    r"|open positions?\b|(?:announcements?|reminders?|news|events?)\s?[:：]).{0,100}",
    re.IGNORECASE,
)
# Of sections, below which what has neither authors nor an identifier is no paper.
_NO_PAPERS: Final = (
    r"(?:(?:new|open|upcoming|other|more|our|job|academic|industry|phd|community|next) )?(?:"
    r"jobs?|job (?:board|openings?|market|ads?|offers?)|positions?|openings|vacanc(?:y|ies)"
    r"|careers?|opportunities|hiring|post-?docs?|events?|conferences?|meetings?|seminars?"
    r"|talks|workshops?|deadlines?|calls? for papers|cfps?|announcements?|sponsors?"
    r"|sponsored|partners?|tools?|software|libraries|products?|news|podcasts?"
    r"|stellen(?:angebote|anzeigen|markt)?|offene stellen|termine|veranstaltungen|werkzeuge"
    r"|ankündigungen|sponsoren|anzeigen|neuigkeiten|emplois?|offres d['’]emploi"
    r"|postes(?: ouverts)?|[ée]v[ée]nements?|évènements?|agenda|outils|annonces|partenaires"
    r"|actualités"
    r")"
)
# What reports say of all papers together.
_OF_REPORT: Final = re.compile(
    r"\W{0,6}(?:(?:executive|daily|weekly|overall|brief|quick|today['’]s) (?:summary|overview)"
    r"|summary(?: of (?:the|today['’]s|this week['’]s) (?:papers|findings|digest))?"
    r"|conclusions?|concluding remarks|(?:closing|final) (?:remarks|words|notes)"
    r"|key (?:themes|trends|takeaways|insights)|(?:key|main|common|emerging|notable|overall)"
    r" (?:themes|trends|patterns)(?: and (?:themes|trends|patterns|insights))?|fazit|总结|今日总结"
    r"|小结|结语|まとめ)\W{0,6}",
    re.IGNORECASE,
)
_SECTION_WITHOUT_PAPERS: Final = re.compile(
    rf"\W{{0,6}}{_NO_PAPERS}(?:(?:,| and| &| /| und| et| \+) {_NO_PAPERS}){{0,3}}"
    r"(?: (?:of|for) (?:the|this) (?:week|month))?\W{0,6}",
    re.IGNORECASE,
)
_SHORT: Final = 300
# Of thousands, as papers of experiments in physics have them.
_LONGEST_NAMES: Final = 100_000
_LONGEST_GREETING: Final = 120
_LONGEST_MASTHEAD: Final = 100
_MOST_WORDS_OF_A_FAREWELL: Final = 4


def signed_role(line: Line) -> str:
    """Return the role that an emoji at the beginning of a line stands for, or nothing."""
    for mark in line.marks:
        if mark[0] in AUTHOR_SIGNS and mark[0] != "🧠":
            return "authors"
        if mark[0] in LINK_SIGNS:
            return "link"
        if mark[0] in _DATE_SIGNS:
            return "date"
        if mark[0] in _DETAIL_SIGNS:
            return "detail"
    return ""


def byline_of(text: str) -> str:
    """Return whom a line names behind "by", nothing where it is none."""
    found = _BYLINE.match(text)
    return text[found.end() :] if found and len(text) <= _LONGEST_NAMES else ""


def is_greeting(text: str) -> bool:
    """Whether a line greets."""
    return len(text) <= _LONGEST_GREETING and _GREETING.fullmatch(text) is not None


def is_introduction(text: str) -> bool:
    """Whether a paragraph before the first paper introduces them."""
    return text.casefold().rstrip("!.: ") in _BANNERS or _INTRODUCTION.fullmatch(text) is not None


def is_masthead(text: str) -> bool:
    """Whether a line names the digest rather than a paper."""
    return len(text) <= _LONGEST_MASTHEAD and _MASTHEAD.fullmatch(text) is not None


def is_footer(text: str) -> bool:
    """Whether a line begins what is written below the papers."""
    return text in {"--", "-- "} or _FOOTER.match(text) is not None


def signs_off(text: str) -> bool:
    """Whether a line is what people write above their name, perhaps with that name behind it."""
    return len(text) <= _LONGEST_MASTHEAD and _FAREWELL.fullmatch(text.strip()) is not None


def is_sponsor(text: str) -> bool:
    """Whether a line reads as if it announced an advertisement."""
    fits = len(text) <= _SHORT and _SPONSOR.fullmatch(text) is not None
    return fits and _SPELLED_OUT.search(text) is None


def is_read_on(text: str) -> bool:
    """Whether a line says "Read the paper →" and gives no address."""
    return len(text) <= _LONGEST_MASTHEAD and _READ_ON.fullmatch(text) is not None


def is_note(text: str) -> bool:
    """Whether a heading reads like one of the digest itself, below which no paper stands."""
    if len(text) > _LONGEST_MASTHEAD:
        return False
    is_farewell = is_footer(text) and len(text.split()) <= _MOST_WORDS_OF_A_FAREWELL
    return is_farewell or any(form.fullmatch(text) for form in (_CHAPTER, _NOTICE, _OF_REPORT))


def heads_no_papers(text: str) -> bool:
    """Whether the heading of a section says that jobs, events, tools or the like follow."""
    return len(text) <= _LONGEST_MASTHEAD and _SECTION_WITHOUT_PAPERS.fullmatch(text) is not None


def is_of_report(text: str) -> bool:
    """Whether a heading says that a text about all papers together follows."""
    return len(text) <= _LONGEST_MASTHEAD and _OF_REPORT.fullmatch(text) is not None


def is_surely_no_title(text: str) -> bool:
    """Whether a text says that it heads an advertisement or a chapter, and nothing else."""
    return len(text) <= _SHORT and any(
        form.fullmatch(text) for form in (_SURELY_SPONSOR, _CHAPTER, _OF_REPORT)
    )

"""Room 1, papers: what a line says it is: a label, an address, a greeting, a footer. Pure.

In the languages in which digests are written: a label needs its colon, or a line of its own.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.markdown_lines import Line, is_all_links

_WORDS: Final = {
    "title": "title|paper title|titel|titre|título|titulo|titolo|标题|題目|题目|標題|論文名"
    "|タイトル|論文タイトル|제목|tiêu đề|название|заголовок",
    "abstract": "abstract|zusammenfassung|kurzfassung|résumé|resume|resumen|resumo|riassunto"
    "|sommario|samenvatting|摘要|要旨|概要|アブストラクト|要約|초록|tóm tắt|аннотация|summary"
    "|paper abstract|full abstract|original abstract|description|overview",
    "tldr": "tl;dr|tldr|tl; dr|one-line summary|one-liner|in one sentence|kurz|en bref|en breve"
    "|一句话总结|一言で|ai summary",
    "authors": "author|authors|author(s)|autor|autoren|autor:innen|autorinnen und autoren|verfasser"
    "|auteur|auteurs|autores|autori|auteurs|作者|著者|저자|tác giả|авторы|written by|by|von|par|por",
    "link": "link|links|url|urls|pdf|paper link|paper url|arxiv link|arxiv url|read more|read|html"
    "|lien|liens|enlace|enlaces|链接|連結|リンク|링크|liên kết|ссылка|web|paper|full text|abs"
    "|source|quelle|code|github|project page|project|website|论文链接|论文地址|huggingface"
    "|hugging face|hf|demo|arxiv page|permalink|read the paper",
    "id": "arxiv|arxiv id|arxiv-id|arxiv number|id|doi|identifier|arxiv编号",
    "date": "date|published|published on|publication date|submitted|submitted on|posted|datum"
    "|veröffentlicht|fecha|publié|publié le|date de publication|日期|发布日期|発表日|公開日|날짜"
    "|ngày|updated|first submitted|announced",
    "meta": "categories|category|subjects|subject|comments|comment|journal-ref|journal ref|upvotes"
    "|votes|score|venue|tags|tag|keywords|key words|affiliation|affiliations|institution"
    "|institutions|license|reading time|read time|citations|relevance|rating|primary category"
    "|likes|stars|msc-class|acm-class|report-no|topics|topic|area|field|language|stichwörter"
    "|mots-clés|palabras clave|分类|关键词|キーワード|分野|カテゴリ|机构|rank|size",
}
_ROLE_OF: Final = {word: role for role, words in _WORDS.items() for word in words.split("|")}
_LABEL: Final = re.compile(
    r"(?P<mark>\*\*|__|\*|_)?(?P<word>[^\W\d_][^:：*_\[\]|]{0,28}?)\s?"
    r"(?:(?P<inner>[:：])(?(mark)(?P=mark))|(?(mark)(?P=mark))\s?(?P<outer>[:：])"
    r"|(?(mark)(?P=mark))\Z)[ \t]*(?P<value>.*)",
    re.DOTALL,
)
# Of a line that is a heading or bold the colon may be missing; "by Ann" has none either.
_NEEDS_COLON: Final = frozenset({"by", "von", "par", "por", "read", "paper", "kurz", "id", "web"})
_BYLINE: Final = re.compile(
    r"(?:by|von|par|por|authored by|written by)\s+(?=[^\W\d_])", re.IGNORECASE
)
AUTHOR_SIGNS: Final = frozenset("👥👤✍🖊🖋🧑👩👨🧠")
LINK_SIGNS: Final = frozenset("🔗🌐📎👉➡⬇")

_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|welcome|hallo|liebe[rs]?"
    r"|guten (?:morgen|tag)|moin|servus|bonjour|salut|chère?s?|buenos|buenas|hola|estimad[oa]s?"
    r"|ciao|olá|xin chào|chào|大家好|各位|你好|皆さん|こんにちは|おはよう)\b[^.?!]{0,80}[,!.:，！。]?"
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
    r"|we (?:hope|found|read)|i hope|hope you|happy|sent|from|to|subject|date|reply-to)\b.{0,800}"
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
    r"|best,|cheers\b[,!.]|regards,|sincerely|yours\b[^.]{0,20},|thanks(?: for reading|,|!)|thank you"
    r" for|that(?:'s|’s| is) (?:all|it)\b|see you|until (?:next|tomorrow)|happy reading|enjoy (?:the|"
    r"your) read|have a (?:nice|great|good)|sent from my|sent with|powered by|generated (?:by|with|on)"
    r"|©|\(c\) \d{4}|copyright\b|all rights reserved|follow us|share this|forward(?:ed)? (?:this|to)"
    r"|if you (?:liked|enjoyed|no longer|have any|were forwarded|wish|want|would like|know)"
    r"|did you (?:like|enjoy)|was this (?:email|forwarded)|no longer want|contact us|end of"
    r" (?:digest|newsletter|list)|more (?:papers )?(?:at|on|next) |viele grüße|liebe grüße|mit"
    r" freundlichen|beste grüße|schöne grüße|gruß|sie erhalten diese|du (?:bekommst|erhältst) diese"
    r"|abbestellen|abmelden|cordialement|bien à vous|bonne lecture|bonne (?:journée|semaine)"
    r"|vous recevez|se désabonner|désinscri|saludos|un saludo|recib(?:e|es|ió) este|darse de baja"
    r"|cancelar (?:la )?suscripción|hasta (?:mañana|la próxima)|trân trọng|hủy đăng ký"
    r"|退订|取消订阅|祝好|配信停止|敬具|よろしく|you can reply|reply to this|p\.?s\.?[:\s]"
    r"|this (?:digest|newsletter|email|mail|message|list) (?:is|was|has been) (?:sent|generated"
    r"|compiled|produced|created|brought|made))",
    re.IGNORECASE,
)
_SPONSOR: Final = re.compile(
    r"\W{0,6}(?:(?:today['’]s |this week['’]s |our |a (?:word|message) from (?:our|today['’]s) )?"
    r"sponsors?(?:ed)?(?:\s(?:message|content|post|section))?(?:\s?[:：—–-].{0,200}| by\b.{0,200})?"
    r"|advertisement|advertorial|anzeige|publicité|publicidad|werbung|广告|together with\b.{0,80}"
    r"|(?:presented|brought to you|supported) by\b.{0,120}|promoted\s?[:：].{0,200}"
    r"|a word from our sponsors?.{0,100}|.{0,160}[(\[](?:sponsor(?:ed)?|ad|anzeige)[)\]])\W{0,4}",
    re.IGNORECASE,
)
_SHORT: Final = 300


def label_of(line: Line) -> tuple[str, str] | None:
    """Return which role a line announces, and what it says behind its label.

    Headings and bold lines may announce what follows them: ``### Abstract``.
    """
    for depth, text in enumerate(line.texts):
        outer = line.marks[depth] if depth < len(line.marks) else ""
        if outer == "[]":
            return None
        found = _LABEL.fullmatch(text)
        if found is None:
            continue
        role = _ROLE_OF.get(" ".join(found["word"].casefold().split()))
        if role is None:
            continue
        has_colon = found["inner"] or found["outer"]
        if has_colon:
            return role, found["value"].strip()
        before = line.marks[:depth]
        alone = not found["value"].strip()
        word = found["word"].casefold()
        stands_out = bool(found["mark"]) or any(mark[0] in "#=*_" for mark in before)
        if alone and stands_out and word not in _NEEDS_COLON:
            return role, ""
        if alone and role == "abstract" and word in {"abstract", "zusammenfassung", "摘要", "概要"}:
            return role, ""
    return None


def signed_role(line: Line) -> str:
    """Return the role that an emoji at the beginning of a line stands for, or nothing."""
    for mark in line.marks:
        if mark[0] in AUTHOR_SIGNS and mark[0] != "🧠":
            return "authors"
        if mark[0] in LINK_SIGNS:
            return "link"
    return ""


def byline_of(text: str) -> str:
    """Return whom a line names behind "by", nothing where it is none."""
    found = _BYLINE.match(text)
    return text[found.end() :] if found and len(text) <= 3_000 else ""


def is_links(line: Line) -> bool:
    """Whether a line is addresses or identifiers and nothing else."""
    return any(is_all_links(text) for text in (line.whole, line.text))


def is_greeting(text: str) -> bool:
    """Whether a line greets."""
    return len(text) <= 120 and _GREETING.fullmatch(text) is not None


def is_introduction(text: str) -> bool:
    """Whether a paragraph before the first paper introduces them."""
    return text.casefold().rstrip("!.: ") in _BANNERS or _INTRODUCTION.fullmatch(text) is not None


def is_masthead(text: str) -> bool:
    """Whether a line names the digest rather than a paper."""
    return len(text) <= 100 and _MASTHEAD.fullmatch(text) is not None


def is_footer(text: str) -> bool:
    """Whether a line begins what is written below the papers."""
    return text in {"--", "-- "} or _FOOTER.match(text) is not None


def is_sponsor(text: str) -> bool:
    """Whether a line announces an advertisement."""
    return len(text) <= _SHORT and _SPONSOR.fullmatch(text) is not None

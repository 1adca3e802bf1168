"""Room 1, papers: labels such as "Abstract:" and "TL;DR:", in the languages of digests. Pure.

A label needs its colon, or a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_WORDS: Final = {
    "title": "title|paper title|titel|titre|título|titulo|titolo|标题|題目|题目|標題|論文名"
    "|タイトル|論文タイトル|제목|tiêu đề|название|заголовок",
    "abstract": "abstract|zusammenfassung|kurzfassung|résumé|resume|resumen|resumo|riassunto"
    "|sommario|samenvatting|摘要|要旨|概要|アブストラクト|要約|초록|tóm tắt|аннотация|summary"
    "|paper abstract|full abstract|original abstract|description|overview",
    "tldr": "tl;dr|tldr|tl; dr|one-line summary|one-liner|in one sentence|kurz|en bref|en breve"
    "|一句话总结|一言で|ai summary|in a nutshell|short summary|kurz gesagt",
    "authors": "author|authors|author(s)|autor|autoren|autor:innen|autorinnen und autoren|verfasser"
    "|auteur|auteurs|autores|autori|auteurs|作者|著者|저자|tác giả|авторы|written by|by|von|par"
    "|por",
    "link": "link|links|url|urls|pdf|paper link|paper url|arxiv link|arxiv url|read more|read|html"
    "|lien|liens|enlace|enlaces|链接|連結|リンク|링크|liên kết|ссылка|web|paper|full text|abs"
    "|source|quelle|code|github|project page|project|website|论文链接|论文地址|huggingface"
    "|hugging face|hf|demo|arxiv page|permalink|read the paper|pdf url|pdf link|abs url"
    "|collegamento|collegamenti|adresse|indirizzo|länk|lenke|odkaz|原文链接|链接地址|原文",
    "id": "arxiv|arxiv id|arxiv-id|arxiv number|id|doi|identifier|arxiv编号",
    "date": "date|published|published on|publication date|submitted|submitted on|posted|datum"
    "|veröffentlicht|fecha|publié|publié le|date de publication|日期|发布日期|発表日|公開日|날짜"
    "|ngày|updated|first submitted|announced|publish|publish date|publish time|published date"
    "|date published|publication time|release date|released|submission date|date submitted"
    "|first published|available online|发布时间|发表时间|提交日期|提交时间|投稿日|erschienen"
    "|eingereicht"
    "|pubblicato|publicado|fecha de publicación|data di pubblicazione|data de publicação",
    "meta": "categories|category|subjects|subject|comments|comment|journal-ref|journal ref|upvotes"
    "|votes|score|venue|tags|tag|keywords|key words|affiliation|affiliations|institution"
    "|institutions|license|reading time|read time|citations|relevance|rating|primary category"
    "|likes|stars|msc-class|acm-class|report-no|topics|topic|area|field|language|stichwörter"
    "|mots-clés|palabras clave|分类|关键词|キーワード|分野|カテゴリ|机构|rank|size|main category"
    "|status|state|priority|type|item type|journal|journal title|publication|publication title"
    "|published in|conference|conference name|publisher|volume|issue|pages|issn|year|citation count"
    "|cited by|hits|downloads|views|importance|confidence|added|added on|date added|created"
    "|last edited|last edited time|created time|collection|domain|subfield|research area"
    "|field of study|fields of study|zeitschrift|revue|revista|rivista|期刊|雑誌|状态|ステータス"
    "|relevance score|novelty score|quality score|impact score|importance score|overall score"
    "|clarity score|final score|total score|recommendation score|similarity|similarity score",
    # What others say of the paper, beside its abstract.
    "note": "why it matters|why this matters|why read|why read it|key points|key point|key findings"
    "|key finding|key takeaways|key takeaway|takeaway|takeaways|key contributions|key contribution"
    "|contribution|contributions|key insight|key insights|insight|insights|key idea|core idea"
    "|main idea|highlights|significance|impact|novelty|note|notes|my take|our take|comment by us"
    "|bottom line|limitations|limitation|applications|use cases|implications|practical implications"
    "|who should read|why it's interesting|editor's note|editors' note|editor's comment"
    "|warum das wichtig ist|verdict|ai analysis|strengths|weaknesses|why you should care",
    # The parts of a structured abstract, or of somebody's notes before it.
    "part": "background|motivation|introduction|context|objective|objectives|purpose|aim|aims"
    "|problem|method|methods|methodology|approach|materials and methods|design|result|results"
    "|findings|conclusion|conclusions|discussion|interpretation|hintergrund|methoden|ergebnisse"
    "|schlussfolgerung|contexte|méthodes|résultats|背景|方法|结果|结论",
}
_ROLE_OF: Final = {word: role for role, words in _WORDS.items() for word in words.split("|")}
_LABEL: Final = re.compile(
    r"(?P<mark>\*\*|__|\*|_)?(?P<word>[^\W\d_][^:：*_\[\]|]{0,28}?)\s?"
    r"(?:(?P<inner>[:：])(?(mark)(?P=mark))|(?(mark)(?P=mark))\s?(?P<outer>[:：])"
    r"|(?(mark)(?P=mark))\Z)[ \t]*(?P<value>.*)",
    re.DOTALL,
)
_ADDRESSED: Final = re.compile(
    r"https?://|www\.|\d{4}\.\d{4}|\b10\.\d{4}|/\d{7}|arxiv\.org", re.IGNORECASE
)
# Journals write where the abstract is.
_ADDRESS_ALONE: Final = re.compile(r"<?https?://\S{1,2000}", re.IGNORECASE)
# Of a line that is a heading or bold the colon may be missing; "by Ann" has none either.
_SUMMARIES: Final = frozenset({"summary", "description", "overview", "zusammenfassung", "sommario"})
_LONGEST_PROPERTY: Final = 200
_NEEDS_COLON: Final = frozenset({"by", "von", "par", "por", "read", "paper", "kurz", "id", "web"})


def names_abstract(marks: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether a line's label is a word for abstracts alone; "summary" may be somebody's own."""
    found = [_LABEL.fullmatch(text) for text in texts]
    words = (" ".join(each["word"].casefold().split()) for each in found if each is not None)
    return label_in(marks, texts) is not None and any(
        _ROLE_OF.get(word) == "abstract" and word not in _SUMMARIES for word in words
    )


def unknown_label_in(marks: Sequence[str], texts: Sequence[str]) -> tuple[str, str] | None:
    """Return a label that is not known, folded, and what stands behind its colon."""
    for depth, text in enumerate(texts):
        if any(mark[0] in "#=~^1[" for mark in marks[:depth]):
            return None
        found = _LABEL.fullmatch(text) if len(text) <= _LONGEST_PROPERTY else None
        word = " ".join(found["word"].casefold().split()) if found is not None else ""
        if found is None or not (found["inner"] or found["outer"]) or not found["value"].strip():
            continue
        return (word, found["value"].strip()) if word not in _ROLE_OF else None
    return None


def label_in(marks: Sequence[str], texts: Sequence[str]) -> tuple[str, str] | None:
    """Return which role a line announces, and what it says behind its label.

    Headings and bold lines may announce what follows them: ``### Abstract``.
    """
    for depth, text in enumerate(texts):
        outer = marks[depth] if depth < len(marks) else ""
        if outer == "[]":
            return None
        found = _LABEL.fullmatch(text)
        if found is None:
            continue
        role = _ROLE_OF.get(" ".join(found["word"].casefold().split()))
        if role is None:
            continue
        has_colon = found["inner"] or found["outer"]
        before = marks[:depth]
        value = found["value"].strip()
        if has_colon and role == "abstract" and _ADDRESS_ALONE.fullmatch(value):
            return "link", value
        if has_colon and _fits(role, value, before):
            return role, value
        if has_colon:
            continue
        alone = not value
        word = found["word"].casefold()
        stands_out = bool(found["mark"]) or any(mark[0] in "#=*_" for mark in before)
        if alone and stands_out and word not in _NEEDS_COLON:
            return role, ""
        if alone and role == "abstract" and word in {"abstract", "zusammenfassung", "摘要", "概要"}:
            return role, ""
    return None


def _fits(role: str, value: str, marks: Sequence[str]) -> bool:
    """Whether a value is one of its label: "Demo: a title", or such a heading, is a title."""
    if not value:
        return True
    if any(mark[0] in "#=~^" for mark in marks):
        return role == "title"
    if role in {"link", "id"}:
        return _ADDRESSED.search(value) is not None
    return role != "date" or any(map(str.isdigit, value))

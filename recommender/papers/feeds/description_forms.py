"""Room 1, papers: descriptions whose lines are fields, and what a post is about. Pure.

Repositories and MDPI write title, authors and abstract on lines of plain text.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from recommender.domain.titles import title_key
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.plain_text import text_of_html

_MOST_LINES: Final = 400
_NAMES_ON_LINES: Final = re.compile(
    r"authors?\s?:[ \t]*(?P<lines>(?:\n[^\n<>:]{0,60}(?=[\n<]|\Z)){1,400})", re.IGNORECASE
)
_NAMES_IN_BOLD: Final = re.compile(
    r"\s*(?:<p>\s*)?<(?P<tag>b|strong|i|em)>(?P<names>[^<>]{5,5000})</(?P=tag)>\s?(?P<sign>[,.:;]?)\s?"
    r"(?=[^<]{0,200}\b(?:(?:19|20)\d\d|vol(?:ume)?\b|issue|pages?|pp)\b)(?=[^\s<])",
    re.IGNORECASE,
)
# Other tags than those of words say where lines end.
_TAGS: Final = re.compile(r"<(?!/?(?:i|b|em|strong|su[bp]|a)\b)/?[a-z]", re.IGNORECASE)
_LINK_WORDS: Final = (
    r"(?:(?:read|view|see|full|the|this|original|paper|preprint|article|text|link|pdf|abs|doi|source"
    r"|abstract|on|at|to|here|arxiv|biorxiv|medrxiv)\b[\s:.→»›-]*){1,6}"
)
# A post about one paper ends so.
_LINK_ALONE: Final = re.compile(
    rf"""<(?P<block>p|div|h[1-6])\b[^<>]{{0,200}}>\s*(?:{_LINK_WORDS})?[\[(]?"""
    r"""<a\s[^<>]{0,200}?href\s?=\s?["'](?P<address>https?://[^\s<>"']{4,500})["'][^<>]{0,200}>\s*"""
    rf"""(?:{_LINK_WORDS}|(?:arxiv|doi)?\s?:?\s?(?:\d{{4}}\.\d{{4,5}}|10\.)[^\s<>]{{0,100}}|https?://[^\s<>]+)"""
    r"""(?:\s?\[[\w.-]{2,20}\])?\s*</a>[\])]?\.?\s*</(?P=block)>""",
    re.IGNORECASE,
)
_ID_ALONE: Final = re.compile(
    r"(?:^|<(?:p|div|br ?/?)>)[ \t]*(?:(?:paper|preprint|link)\s?:\s?)?arxiv\s?:\s?"
    r"(?P<id>\d{4}\.\d{4,5})(?:v\d{1,2})?(?:\s?\[[\w.-]{2,20}\])?\.?[ \t]*(?=$|</?(?:p|div|br)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD: Final = re.compile(
    r"^[ \t]*(?P<name>title|authors?|abstract|description|subjects?|keywords|date|type|uri"
    r"|advisors?)[ \t]?:[ \t]?",
    re.IGNORECASE | re.MULTILINE,
)


def parted_link(markup: str) -> tuple[str, str]:
    """Part the links that stand alone in a paragraph, if they name one paper, and all else.

    Returns
    -------
    address, rest : str
        The address is empty where there is no such paper.
    """
    named: dict[str, str] = {}
    for found in _LINK_ALONE.finditer(markup):
        identifier = arxiv_id_of(found["address"]) or normalise_doi(found["address"])
        if identifier is not None:
            named[identifier] = found["address"]
    for found in _ID_ALONE.finditer(markup):
        named[found["id"]] = f"https://arxiv.org/abs/{found['id']}"
    if len(named) != 1:
        return "", markup
    return next(iter(named.values())), _ID_ALONE.sub("<p>", _LINK_ALONE.sub("<p>", markup))


def as_paragraphs(markup: str, title: str) -> str:
    """Return authors and abstract of DSpace's lines, "Title: …", "Authors: …", as paragraphs.

    So are the title, the authors and the abstract below each other, names on lines below "Authors:"
    and names in bold before where the paper appeared.
    """
    fields = list(_FIELD.finditer(markup))
    named = {field["name"].lower() for field in fields}
    if not {"title", "abstract"} <= named or markup[: fields[0].start()].strip():
        return _lines_as_paragraphs(markup, title)
    ends = [*(field.start() for field in fields[1:]), len(markup)]
    kept = {
        field["name"].lower(): markup[field.end() : end]
        for field, end in zip(fields, ends, strict=True)
    }
    names = kept.get("authors", kept.get("author", ""))
    return f"<p>Authors: {names}</p><p>Abstract</p><p>{kept['abstract']}</p>"


def _lines_as_paragraphs(markup: str, title: str) -> str:
    markup = _NAMES_ON_LINES.sub(_names_apart, markup)
    bold = _NAMES_IN_BOLD.match(markup)
    named = len(names_alone(bold["names"])) if bold is not None else 0
    if bold is not None and named > (0 if bold["sign"] else 1):
        markup = f"<p>Authors: {bold['names']}</p><p>{markup[bold.end() :]}"
    said = [line for line in markup.split("\n") if line.strip()]
    if 1 < len(said) <= _MOST_LINES and title and _TAGS.search(markup) is None:
        key = title_key(title)
        is_title = title_key(text_of_html(said[0])[: 2 * len(title) + 200]).endswith(key)
        if key and (is_title or (";" in said[0] and len(names_alone(said[0])) > 1)):
            return "".join(f"<p>{line}</p>" for line in said)
    return markup


def _names_apart(found: re.Match[str]) -> str:
    """Part the names on the lines behind "Authors:" from each other, as far as they are names."""
    lines = found["lines"].split("\n")
    names = list(takewhile(lambda line: not line.strip() or len(names_alone(line)) == 1, lines))
    apart = "".join(f"<p>{name}</p>" for name in names if name.strip())
    return "\n".join([f"<p>Authors:</p>{apart}<p>", *lines[len(names) :]])

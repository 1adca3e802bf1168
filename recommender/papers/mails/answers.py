"""Room 1, papers: what somebody wrote above a mail that they answer or send on. Pure.

Mostly it is a word or two. Where it names papers, these are new, and those below were sent before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.mails.article_links import article_of
from recommender.papers.mails.forwarding import WROTE, begins_forwarded

LEFT_OUT: Final = (
    "the mail that is quoted below the new papers is left out; where its papers are wanted too, "
    "send it on by itself"
)
NOT_READ: Final = (
    "what stands above the mail that is sent on names papers and is not read with it; send it by "
    "itself, with an abstract for each paper"
)

_MOST_LOOKED_AT: Final = 200_000
_LINES_OF_WROTE: Final = 2
_LINK: Final = re.compile(r"https?://[^\s<>\"')\]]{4,1000}")
# How Gmail, Apple Mail, Thunderbird, Outlook and Yahoo begin what they quote.
_QUOTED_HTML: Final = re.compile(
    r"<(?:div|blockquote|hr)\b[^<>]{0,400}?\b(?:class|id|type)\s?=\s?[\"']?(?:gmail_(?:quote|extra)"
    r"|moz-(?:cite-prefix|forward-container)|cite\b|divRplyFwdMsg|appendonsend|stopSpelling"
    r"|yahoo_quoted|ydp\w{1,20}yahoo_quoted|OutlookMessageHeader|protonmail_quote|zmail_extra)",
    re.IGNORECASE,
)


def part_above(text: str, *, is_html: bool) -> str:
    """Return what stands above a quoted mail where it names papers; empty where it names none.

    Parameters
    ----------
    text : str
        A part of a mail, its lines ended by a line feed.
    is_html : bool
    """
    if is_html:
        begun = _QUOTED_HTML.search(text)
        above = text[: begun.start()] if begun is not None else ""
    else:
        lines = text.split("\n")
        begin = _begin_of_quoted(lines)
        above = "\n".join(lines[:begin]) if begin < len(lines) else ""
    return above if _named_in(above) else ""


def names_others(above: str, entries: Iterable[DigestEntry]) -> bool:
    """Whether what stands above a mail names other papers than that mail has."""
    read = {name for each in entries for name in (each.arxiv_id, each.doi, each.url)}
    return not _named_in(above) <= read


def _named_in(text: str) -> set[str | None]:
    """Return the arXiv ids, the DOIs and the other addresses of papers in a text or HTML."""
    links = [unescape(each) for each in _LINK.findall(text[:_MOST_LOOKED_AT])]
    articles = [each for each in map(article_of, links) if each is not None]
    named = find_identifiers(_LINK.sub(" ", text[:_MOST_LOOKED_AT]))
    found = {each.arxiv_id or each.doi or each.url for each in articles}
    return {*found, *named.arxiv_ids, *named.dois}


def _begin_of_quoted(lines: Sequence[str]) -> int:
    """Return where the mail begins that is answered or sent on; how many lines there are: none."""
    for number, line in enumerate(lines):
        if line.startswith(">"):
            above = [n for n in range(number) if lines[n].strip()][-_LINES_OF_WROTE:]
            if above and WROTE.search(" ".join(lines[n] for n in above)):
                is_whole = WROTE.search(lines[above[-1]]) and _begins_wrote(lines[above[-1]])
                return above[-1] if is_whole else above[0]
        elif begins_forwarded(lines, number):
            return number
    return len(lines)


def _begins_wrote(line: str) -> bool:
    return re.match(r"\s*(?:on|am|le|el|il|em|op|\d{4})\b", line, re.IGNORECASE) is not None

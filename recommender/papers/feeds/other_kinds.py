"""Room 1, papers: what the entries of a feed are where they are no papers. Pure.

Podcasts and blogs show it in the elements of their feed, posts, patents and the like in their
addresses, offers of jobs, announcements of events and notices in their words. A paper that any of
them names is one all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.text.plain_text import text_of_html

JOB: Final = "an offer of a job"
EVENT: Final = "an announcement of an event"
POST: Final = "a post of a forum"
NOTICE: Final = "a notice to readers"
NEWS: Final = "a piece of news"

# A line of a list, or a paragraph, that begins with a title that is a link.
_LINKED_TITLE: Final = re.compile(
    r"<(?:li|p|h[1-6]|dt|td)\b[^<>]{0,300}>\s{0,50}"
    r"(?:<(?:b|strong|em|i|span|p|h[1-6])\b[^<>]{0,300}>\s{0,50}){0,3}"
    r"<a\b[^<>]{0,500}?\bhref\s?=\s?[\"']?(?P<url>https?://[^\s<>\"']{4,500})[^<>]{0,300}>\s{0,50}"
    r"(?:<(?:b|strong|em|i|span)\b[^<>]{0,300}>\s{0,50}){0,3}"
    r"(?!arxiv|https?:|doi\b|10\.)[^<>\s][^<>]{7,500}",
    re.IGNORECASE,
)
_LONGEST_OPENING: Final = 300
_FEWEST_LISTED: Final = 2

_TRIAL: Final = "a registration of a trial"
_PATENT: Final = "a patent"
_VULNERABILITY: Final = "a report of a vulnerability"
# What stands at a host, and at whatever lies below it, is of a kind where it names no paper.
_AT_HOSTS: Final = {
    **dict.fromkeys(("reddit.com", "news.ycombinator.com", "lobste.rs", "stackexchange.com"), POST),
    **dict.fromkeys(("stackoverflow.com", "twitter.com", "facebook.com", "linkedin.com"), POST),
    **dict.fromkeys(("bsky.app", "mastodon.social", "producthunt.com", "quora.com", "t.me"), POST),
    **dict.fromkeys(("x.com", "youtube.com", "discord.com", "medium.com", "dev.to"), POST),
    **dict.fromkeys(("towardsdatascience.com", "hackernoon.com", "tumblr.com"), POST),
    **dict.fromkeys(("www.google.com", "news.google.com"), NEWS),
    **dict.fromkeys(("clinicaltrials.gov", "isrctn.com", "drks.de", "trialsearch.who.int"), _TRIAL),
    **dict.fromkeys(("patents.google.com", "patentscope.wipo.int", "espacenet.com"), _PATENT),
    **dict.fromkeys(("nvd.nist.gov", "cve.org", "cve.mitre.org"), _VULNERABILITY),
}
_OF_PROGRAMS: Final = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org)/[^?#]{1,200}?"
    r"/(?:releases|commits?|issues|pull|discussions|tags?|tree)(?:/|\Z)",
    re.IGNORECASE,
)
_OF_A_PROGRAM: Final = "a release or a change of a program"
_NOTICE_TITLE: Final = re.compile(
    r"\W{0,3}(?:obituary\b|in\smemoriam\b|save\sthe\sdate\b|webinar\s?[:–—-]"
    r"|calls?\sfor\s(?:papers|proposals|abstracts|nominations|participation|applications)\b"
    r"|.{0,120}\bregistration\s(?:is\s)?(?:now\s)?open\b"
    r"|.{0,120}\b(?:prizes?|awards?|medals?)\b.{0,120}\b(?:awarded|winners?|announced)\b)",
    re.IGNORECASE,
)
# "Ann Bee (Example University): How moss grows", as seminars are announced.
_TALK_TITLE: Final = re.compile(r"[^\W\d_][^():]{3,60}\s\([^()]{2,80}\)\s?:\s\S")
_WITHIN: Final = 20_000
_JOB_TITLE: Final = re.compile(
    r"\W{0,3}(?:we(?:\sare|[’']re)\s(?:hiring|recruiting|looking\sfor|seeking)\b|(?:now\s)?hiring\s?:"
    r"|(?:job|vacancy|open\spositions?)\s?[:–—-]\s|join\sour\s(?:team|lab|group)\b"
    r"|(?:(?:full|part)[- ]time\s|\d{1,2}\s|an?\s|open\s|several\s|tenured?[- ]track\s)?"
    r"(?:post-?\s?doc(?:toral)?s?\b|ph\.?\s?d\.?\s(?:student|position|studentship|candidate|fellow"
    r"|scholarship)|doctoral\s(?:student|researcher|position|candidate)|doktorand|wissenschaftliche"
    r"|(?:assistant|associate|full|visiting|junior|endowed|w[123])?[- ]?profess(?:or(?:ship)?|ur)\b"
    r"|(?:senior\s)?(?:lecturer|lectureship|reader\sin)|(?:senior\s|staff\s)?(?:research|project)\s"
    r"(?:assistant|associate|fellow(?:ship)?|scientist|engineer|officer|technician)"
    r"|(?:lab(?:oratory)?|group)\s(?:manager|technician|leader|head)|(?:director|head|chair)\sof\s"
    r"|(?:software|data|machine\slearning)\s(?:engineer|scientist)|internships?\b|intern\b))",
    re.IGNORECASE,
)
_OF_JOBS: Final = re.compile(
    r"(?P<apply>apply\s(?:until|by|before|now|online|here|via|through|to\sthe\sposition)|how\sto\sapply"
    r"|applications?\s(?:should|must|are|will|is|deadline|by|to\sbe|close)|your\sapplication"
    r"|bewerb(?:en\ssie|ung|ungsfrist))"
    r"|(?P<until>(?:application|closing)\s(?:deadline|date)|deadline\s(?:for|of)\sapplications?"
    r"|closes\s?(?:on\b|:)|until\sfilled)"
    r"|(?P<seek>we\s(?:are\s)?(?:look(?:ing)?\sfor|seek(?:ing)?|hir(?:e|ing)|invite\sapplications"
    r"|offer\sa)|invites?\sapplications"
    r"|is\s(?:looking\sfor|seeking|hiring|recruiting|inviting\sapplications)|wir\ssuchen)"
    r"|(?P<pay>salary|remuneration|pay\s(?:scale|grade|group)|tv-l|full[- ]time|part[- ]time"
    r"|fixed[- ]term|tenure[- ]track|vacanc(?:y|ies)|start(?:ing)?\sdate"
    r"|job\s(?:type|id|description))"
    r"|(?P<you>you\s(?:will|have|hold|are)\b|your\s(?:profile|tasks|cv)|curriculum\svitae"
    r"|cover\sletter|successful\scandidate|the\scandidate)",
    re.IGNORECASE,
)
_OF_EVENTS: Final = re.compile(
    r"(?P<register>registration\s(?:is|opens?|closes?|required|deadline|fee|link)|register\s(?:here|now"
    r"|online|at|by|to\sattend)|anmeldung|rsvp|free\sadmission)"
    r"|(?P<place>(?:will\s)?takes?\splace\s(?:on|in|at|online|from)|(?:join\s(?:us|via|on)|held\s(?:on"
    r"|online))|zoom(?:\.us|\slink|\smeeting)|lecture\s(?:hall|theat(?:re|er))|seminar\sroom"
    r"|auditorium|hörsaal|(?:location|venue|room|ort|when|where)\s?:)"
    r"|(?P<who>(?:speakers?|keynotes?|guests?|chairs?|organi[sz]ers?)\s?:|talk\sby|public\slecture"
    r"|panel\sdiscussion)"
    r"|(?P<hour>\b[0-2]?\d:[0-5]\d\b|\b\d{1,2}(?:[.:][0-5]\d)?\s?(?:[ap]\.?m\b|uhr))",
    re.IGNORECASE,
)
_SURELY: Final = 3
_WITH_TITLE: Final = 2


def kind_of_feed(items: int, elsewhere: Mapping[str, int]) -> str | None:
    """Return what the entries of a feed are, as far as its elements show it; None: papers.

    Parameters
    ----------
    items : int
    elsewhere : mapping of str to int
        See `ReadableFeed`.
    """
    if is_of_journals(items, elsewhere):
        return None
    if 2 * elsewhere.get("episode", 0) >= items > 0:
        return "an episode of a podcast"
    if elsewhere.get("blog", 0) or 2 * elsewhere.get("post", 0) >= items > 0:
        return "a post or piece of news"
    return None


def is_of_journals(items: int, elsewhere: Mapping[str, int]) -> bool:
    """Whether entries have what only those of journals have: volumes, pages, an ISSN."""
    return elsewhere.get("journal", 0) >= items


def kind_of_entry(title: str, text: str, url: str | None) -> str | None:
    """Return what an entry is by its address and its words; None where it may be a paper.

    Words tell only together: three of the kind, or two of jobs below the title of one.
    """
    if kind := _kind_at(url or ""):
        return kind
    text = text[:_WITHIN]
    jobs = {found.lastgroup for found in _OF_JOBS.finditer(text)}
    enough = _WITH_TITLE if _JOB_TITLE.match(title) else _SURELY
    if len(jobs) >= enough:
        return JOB
    events = {found.lastgroup for found in _OF_EVENTS.finditer(text)}
    if len(events) >= (_WITH_TITLE if _TALK_TITLE.match(title) else _SURELY):
        return EVENT
    return NOTICE if _NOTICE_TITLE.match(title) else None


def papers_listed(html: str) -> tuple[str, ...]:
    """Return the papers that titles of a list link to, where there are several, else none.

    Each is named ``arXiv:…`` or by its DOI. Such a post is about them, and none itself. Below what
    may be an abstract they are others that a paper names.
    """
    html = html[:_WITHIN]
    titles = list(_LINKED_TITLE.finditer(html))
    if not titles or len(text_of_html(html[: titles[0].start()])) > _LONGEST_OPENING:
        return ()
    found: dict[str, None] = {}
    for title in titles:
        url = unescape(title["url"])
        arxiv_id = arxiv_id_of(url)
        name = f"arXiv:{arxiv_id}" if arxiv_id else normalise_doi(url)
        if name:
            found[name] = None
    return tuple(found) if len(found) >= _FEWEST_LISTED else ()


def _kind_at(url: str) -> str | None:
    if _OF_PROGRAMS.match(url):
        return _OF_A_PROGRAM
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    parts = host.split(".")
    kinds = (_AT_HOSTS.get(".".join(parts[at:])) for at in range(len(parts)))
    return next(filter(None, kinds), None)

"""Demo: a persona, who knows nothing but the mails and the pages that their links open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

import httpx

from recommender.demo.captured_mail import CapturedMail
from recommender.errors import RecommenderError
from recommender.newsletter.reasons import EXPLORED_REASON

_LIKE: Final = "👍"
_NUMBER: Final = re.compile(r"\A\d+\. ")
_HEADINGS: Final = frozenset({"h1", "h2", "h3"})


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page or mail, with the words on it, those since the link before, and its heading.

    A link inside a heading has the words of that heading up to its own end.
    """

    href: str
    words: str
    before: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class OfferedPaper:
    """One paper of a mail: its title, the link to like it, and whether it was explored."""

    title: str
    like_url: str
    explored: bool


class Persona:
    """Somebody with an address and a browser.

    Parameters
    ----------
    address : str
    browser : httpx.AsyncClient
        Reaches the pages.
    """

    def __init__(self, address: str, browser: httpx.AsyncClient) -> None:
        self.address = address
        self.browser = browser

    async def subscribe(self) -> None:
        """Fill in the form of the front page."""
        await self._post("/subscribe", {"email": self.address})

    async def confirm(self, mail: CapturedMail) -> None:
        """Open the link of a confirmation and press its button."""
        link = next(link for link in links_of(mail.html) if "/confirm/" in link.href)
        await self._open(link.href)
        await self._post(link.href, {})

    async def like(self, paper: OfferedPaper) -> None:
        """Open the link to like a paper and press its button."""
        await self._open(paper.like_url)
        await self._post(paper.like_url, {"vote": "up"})

    async def _open(self, url: str) -> None:
        answer = await self.browser.get(url)
        _check(answer, url)

    async def _post(self, url: str, fields: dict[str, str]) -> None:
        answer = await self.browser.post(url, data=fields, follow_redirects=True)
        _check(answer, url)


def papers_of(mail: CapturedMail) -> list[OfferedPaper]:
    """Read the papers of a newsletter in their order: each heading, and the like below it."""
    papers = []
    heading, said = "", ""
    for link in links_of(mail.html):
        if link.heading != heading:
            heading, said = link.heading, ""
        said += link.before
        if "/rate/" in link.href and _LIKE in link.words:
            title = _NUMBER.sub("", heading)
            papers.append(OfferedPaper(title, link.href, EXPLORED_REASON.lower() in said.lower()))
    return papers


def links_of(html: str) -> list[Link]:
    """Read the links of a document in their order."""
    parser = _LinkParser()
    parser.feed(html)
    return parser.links


class _LinkParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._href: str | None = None
        self._words = ""
        self._before = ""
        self._heading = ""
        self._is_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href = dict(attrs).get("href")
            self._before, self._words = self._words, ""
        elif tag in _HEADINGS:
            self._heading, self._is_heading = "", True

    def handle_data(self, data: str) -> None:
        self._words += data
        if self._is_heading:
            self._heading += data

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._is_heading = False
        elif tag == "a" and self._href is not None:
            words, before, heading = (
                " ".join(text.split()) for text in (self._words, self._before, self._heading)
            )
            self.links.append(Link(self._href, words, before, heading))
            self._href, self._words = None, ""


def _check(answer: httpx.Response, url: str) -> None:
    if answer.is_error:
        raise RecommenderError(f"the demo's page {url} answered {answer.status_code}")

"""Room 1, papers: one item of a digest as the paper that it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.abstract_paragraphs import bare
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.details import require_names, require_people, without_place
from recommender.papers.digests.item import Item
from recommender.papers.digests.markdown_lines import (
    Link,
    is_all_links,
    links_in,
    read_line,
    without_trailing_links,
)
from recommender.papers.digests.title_asides import without_identifier
from recommender.papers.digests.title_marks import TitleLine
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.paper_details import without_score
from recommender.papers.text.plain_text import text_of_html
from recommender.wording import one_line

_ENTITY: Final = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
TRAILING_BRACKETS: Final = re.compile(r"\s*[(\[](?P<inner>[^()\[\]]{1,200})[)\]]\s*\Z")
MARKUP: Final = re.compile(r"\]\(https?:|<?https?://|\A\*\*|\*\*\Z|\A__|\A<[a-z]{1,8}[ >]")


def abstract_of(item: Item) -> Block | None:
    """Return what holds the abstract of an item: a short summary where nothing else does."""
    return item.abstract if item.abstract is not None and item.abstract.text else item.tldr


def _require_no_markup(text: str, item: Item) -> str:
    """Notice a title whose mark was not understood, and which would keep it."""
    if MARKUP.search(text) or (text.startswith("[") and text.endswith("]")):
        raise DigestError(
            f"line {item.title.number}",
            "a title with an address or emphasis within it; write it as '[title](address)', and "
            "what else is said of the paper on lines of their own",
        )
    return text


def entry_of(
    item: Item, title: TitleLine, behind_title: Sequence[Link], *, is_html: bool, inverted: bool
) -> DigestEntry:
    """Return a paper.

    Parameters
    ----------
    item : Item
        Checked to be like the others.
    title : TitleLine
        Without the marks of the digest.
    behind_title : sequence of Link
    is_html : bool
        Whether markup within texts is markup.
    inverted : bool
        Whether the digest has family names first.

    Raises
    ------
    DigestError
        With the line of the title, where it is not understood, or has addresses of two papers.
    """
    links = [*item.links, *behind_title]
    abstract_block = abstract_of(item)
    abstract = abstract_block.text if abstract_block else ""
    abstract, behind = without_trailing_links(bare(abstract))
    links += behind
    arxiv_ids = {each for each, _ in (identifiers_of(link.url) for link in links) if each}
    dois = {each for _, each in (identifiers_of(link.url) for link in links) if each}
    if len(arxiv_ids) > 1 or len(dois) > 1:
        one, other = sorted(arxiv_ids if len(arxiv_ids) > 1 else dois)[:2]
        raise DigestError(
            f"line {item.title.number}",
            f"addresses of two papers, {one} and {other}; see whether a title between them is "
            "missing, or take one out",
        )
    arxiv_id, doi = next(iter(arxiv_ids), None), next(iter(dois), None)
    names = title.authors
    if item.authors is not None:
        stated = _text(bare(item.authors.text), is_html=is_html)
        names = require_names(without_place(stated), item.authors.number)
    authors = authors_of([names], inverted=inverted) if names else ()
    if item.authors is not None and item.authors.line.label is None:
        require_people(authors, item.authors.number)
    summary = ""
    if item.tldr is not None and item.abstract is not None and item.abstract.text:
        summary = _text(bare(item.tldr.text), is_html=is_html)
    return DigestEntry(
        title=_required(
            _text(_require_no_markup(title.text, item), is_html=is_html), item, "title"
        ),
        abstract=_required(_text(abstract, is_html=is_html), item, "abstract"),
        authors=authors,
        arxiv_id=arxiv_id,
        doi=doi,
        url=_address(links, arxiv_id, doi),
        published_at=datetime(item.day.year, item.day.month, item.day.day, tzinfo=UTC)
        if item.day
        else None,
        summary=summary,
    )


def _required(text: str, item: Item, what: str) -> str:
    if not text:
        raise DigestError(f"line {item.title.number}", f"a paper without {what}; write it")
    return text


def _address(links: Sequence[Link], arxiv_id: str | None, doi: str | None) -> str | None:
    if arxiv_id:
        return f"https://arxiv.org/abs/{arxiv_id}"
    if doi:
        return f"https://doi.org/{doi}"
    return next((link.url for link in links if link.url.startswith("http")), None)


def title_and_links(block: Block, kept: int) -> tuple[str, list[Link]]:
    """Return a title without the marks that all titles have, and the addresses behind it."""
    line = block.line
    text = block.text
    if line.marks and text.startswith(line.text):
        continued = text[len(line.text) :]
        begun = line.texts[min(kept, len(line.texts) - 1)]
        inner = read_line(line.number, begun)
        while inner.marks and inner.marks[0] in {"**", "[]", "_"} and not inner.rest:
            begun = inner.texts[1]
            inner = read_line(line.number, begun)
        text = (line.text if kept >= len(line.marks) or line.rest else begun) + continued
    text, links = without_trailing_links(without_score(text))
    text, named = without_identifier(text)
    links += named
    while True:
        behind = TRAILING_BRACKETS.search(text[-210:])
        if behind is None or not is_all_links(behind["inner"]):
            break
        links += links_in(behind["inner"])
        text = text[: len(text) - len(behind[0])]
    text = without_score(text)
    line = read_line(block.number, text) if text.startswith(("**", "[", "__")) else line
    if (
        line.marks[:1] in {("**",), ("[]",)}
        and not line.rest
        and text.startswith(("**", "[", "__"))
    ):
        links += line.links
        text = line.text
    return text.strip(" "), links


def _text(text: str, *, is_html: bool) -> str:
    if is_html:
        return text_of_html(text)
    return one_line(_ENTITY.sub(lambda found: unescape(found[0]), text))

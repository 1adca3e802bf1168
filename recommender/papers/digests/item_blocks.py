"""Room 1, papers: what a block adds to the paper that it belongs to. Pure.

Which block belongs to which paper, the walk in `items` decides.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.endings import is_ended
from recommender.papers.digests.item import Item, note_order, twice, without_abstract
from recommender.papers.digests.markdown_lines import links_in
from recommender.papers.digests.prose import is_prose
from recommender.papers.digests.set_aside import names_papers
from recommender.papers.digests.title_asides import asides_of
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.calendar_dates import day_of, day_within

_MOST_PARAGRAPHS: Final = 60


def begun_with(title: Block) -> Item:
    """Return the paper that a title begins.

    Raises
    ------
    DigestError
        Where the title has no words.
    """
    if not title.text:
        raise DigestError(f"line {title.number}", "a title without words; write it, or take it out")
    return Item(title, last=title.last, links=list(title.line.links))


def add_rest_of_title(item: Item) -> None:
    """Add what stands behind a title on its line: authors, links, the abstract.

    Raises
    ------
    DigestError
        Where it is none of these.
    """
    title = item.title
    rest = title.line.rest if title.text == title.line.text else ""
    if not rest:
        return
    asides = asides_of(rest)
    item.links += asides.links
    if asides.names:
        item.authors = _part(title, asides.names, "authors")
    if not asides.rest:
        return
    if not is_prose(asides.rest):
        raise DigestError(
            f"line {title.number}",
            f"'{asides.rest[:60]}' behind the title is neither authors nor abstract; write it "
            "on a line of its own, or end it with a full stop if it is an abstract",
        )
    item.texts.append(_part(title, asides.rest, "text"))
    item.order.append("abstract")


def _part(block: Block, text: str, kind: Literal["text", "authors"]) -> Block:
    return Block(kind, block.number, text, block.line, True, block.last, [text])


def add_text(item: Item, block: Block) -> None:
    """Add a paragraph without a label, to what it follows.

    Raises
    ------
    DigestError
        Where there are more than one paper has.
    """
    if len(item.texts) > _MOST_PARAGRAPHS:
        raise DigestError(
            f"line {block.number}",
            f"more than {_MOST_PARAGRAPHS} paragraphs for one paper; write the titles of the "
            "others above theirs",
        )
    if item.note_is_open:
        item.note_is_open = bool(block.line.marks)
        item.last = block.last
        return
    label = item.parts[-1] if item.parts and item.parts[-1].text.endswith(":") else None
    if label is not None:
        label.text, label.last = f"{label.text} {block.text}", block.last
        label.parts = [label.text]
    elif item.abstract is not None and not item.abstract.text:
        item.abstract.text, item.abstract.last = block.text, block.last
        item.abstract.parts = block.parts
    else:
        item.texts.append(block)
    note_order(item, "abstract" if is_prose(block.text) else "text")
    item.last = block.last


def add_labelled(item: Item, block: Block) -> None:
    """Add an abstract, a short summary, a part of either, or somebody's note.

    Raises
    ------
    DigestError
        Where the paper has one already.
    """
    if block.kind == "note":
        item.note_is_open = not block.text
    elif block.kind == "part":
        item.note_is_open = False
        item.parts.append(block)
        if item.abstract is not None and item.abstract.text:
            note_order(item, "abstract")
    elif block.kind == "tldr":
        if item.tldr is not None:
            raise twice(block, "short summary")
        item.tldr = block
    else:
        item.note_is_open, item.stands_alone = False, True
        if item.abstract is not None:
            raise twice(block, "abstract")
        item.abstract = block
        if block.text:
            note_order(item, "abstract")
    item.last = block.last


def add_line(item: Item, block: Block, today: date) -> None:
    """Add a line of authors, of addresses, or the paper's day.

    Raises
    ------
    DigestError
        Where the paper has authors already, or the day is none of the calendar.
    """
    if block.kind == "authors":
        if item.authors is not None:
            raise twice(block, "line of authors")
        item.authors, item.stands_alone = block, True
        named = links_in(block.text)
        item.links += [link for link in named if any(identifiers_of(link.url))]
    elif block.kind == "date":
        where = f"line {block.number}"
        item.day = day_within(block.text, today, where) or day_of(block.text, today, where)
    else:
        links = links_in(block.text)
        item.links += links
        item.stands_alone |= names_papers(block)
        if block.had_no_room and not any(any(identifiers_of(link.url)) for link in links):
            item.broken.append(block)
            item.broken_links += links
            return
    if block.kind in {"authors", "link"}:
        note_order(item, block.kind)
    item.last = max(item.last, block.last)


def require_abstract_before(block: Block, item: Item, *, for_good: bool) -> None:
    """Notice a paper without an abstract, or with half of one, where something else begins.

    Parameters
    ----------
    block : Block
        It is none of the paper's.
    item : Item
    for_good : bool
        Whether no paper follows directly.

    Raises
    ------
    DigestError
        With the line of the title or of the abstract.
    """
    text = item.abstract if item.abstract is not None else item.texts[-1] if item.texts else None
    text = text or item.tldr or (item.parts[-1] if item.parts else None)
    if text is None or not text.text:
        raise without_abstract(item, f"line {block.number} begins something else")
    ends_with_it = item.order[-1:] in (["abstract"], ["text"])
    glued = block.kind in {"title", "aside"} and block.is_direct and len(text.parts) > 1
    if (for_good or (ends_with_it and glued)) and not is_ended(text.text):
        raise DigestError(
            f"line {text.last}",
            "the abstract ends in the middle of a sentence; complete it, or end it with a full "
            "stop",
        )

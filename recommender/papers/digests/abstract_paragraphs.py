"""Room 1, papers: which paragraphs of a paper are its abstract, or its authors. Pure.

Several paragraphs are one abstract where a lost title would not look the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.endings import is_ended
from recommender.papers.digests.item import Item
from recommender.papers.digests.markdown_lines import read_line
from recommender.papers.digests.notes import speaks_to_readers
from recommender.papers.digests.places import without_places
from recommender.papers.digests.prose import LONGEST_TITLE, is_list_of_names, is_prose
from recommender.papers.digests.title_lines import are_authors, authors_from, share_said_again
from recommender.papers.text.author_lists import has_word_of_no_name
from recommender.papers.text.conjunctions import BETWEEN_NAMES, with_and
from recommender.papers.text.paper_details import names_a_field, names_periodical

_MOST_OF: Final = 0.8
_SHORTEST_PART: Final = 200
# "EDIT: …", "Figure 2: …", "I think …", "Jane: …" are nobody's abstract.
_REMARK: Final = re.compile(
    r"\W{0,3}(?:(?:edit|update|note|nb|heads[ -]up|fig(?:ure)?\.?\s?\d{0,2}|ps|p\.s\.|my \w+"
    r"|why \w[\w ]{0,20}|(?-i:[A-Z][a-z]{1,12}))\s?[:：]|i (?:think|like|found|read|love|would)\b"
    r"|an? must-read|(?:->|→|⇒))",
    re.IGNORECASE,
)
_FEWEST_SEVERAL: Final = 3
_FEWEST_LINES: Final = 2
_SEVERAL_OF: Final = 0.3


def settle_texts(items: Sequence[Item], width: int, *, plain: bool) -> None:
    """Settle what stands unlabelled before an abstract: authors, or the rest of a wrapped title.

    Parameters
    ----------
    items : sequence of Item
    width : int
        The longest line of wrapped paragraphs; 0 where they are not.
    plain : bool
        Whether nothing marks the titles.

    Raises
    ------
    DigestError
        With the line of a text that has no place.
    """
    _settle_parts(items)
    without_places(items)
    _part_authors(items, width)
    if not plain:
        _join_paragraphs(items)
    _require_no_names_in_abstracts(items)
    before = []
    for item in items:
        texts = item.texts
        if item.abstract is None and texts:
            item.abstract, texts = texts[-1], texts[:-1]
        if len(texts) > 1 or (texts and is_prose(texts[0].text)):
            second = (texts[1:] or [item.abstract or texts[0]])[0]
            raise DigestError(
                f"line {second.number}",
                f"'{second.text[:60]}' is a second paragraph for one paper; write the title of the "
                "second paper above it, join the paragraphs, or take this one out if it belongs to "
                "no paper",
            )
        if texts and (item.abstract is None or texts[0].number > item.abstract.number):
            raise DigestError(
                f"line {texts[0].number}",
                "a text behind the abstract that is part of no paper; write its title above it, "
                "join it with the abstract, or take it out",
            )
        before += [(item, texts[0])] if texts else []
    if not before:
        return
    goes_on = [
        bool(width) and text.is_direct and _continues(item.title, text, width)
        for item, text in before
    ]
    named = sum(
        is_list_of_names(bare(text.text)) and not names_periodical(text.text) for _, text in before
    )
    # A line that had to be broken may well read like two names: "Language / Models".
    are_names = 2 * named >= len(before) and not all(goes_on)
    are_names &= not any(goes_on) or len(before) >= _MOST_OF * len(items)
    # A title whose neighbour was lost may read like one name; few papers would have it.
    are_names &= not any(text.line.links for _, text in before)
    are_names &= 2 * len(before) >= len(items) or all(
        BETWEEN_NAMES.search(with_and(text.text)) for _, text in before
    )
    for (item, text), continues in zip(before, goes_on, strict=True):
        if are_names and item.authors is None:
            _require_somebody(item, text, [other for _, other in before if other is not text])
            item.authors = text
            item.order = ["authors", *[kind for kind in item.order if kind != "text"]]
        elif continues and len(before) < max(len(items), 2):
            item.title.text = f"{item.title.text} {text.text}"
        else:
            raise DigestError(
                f"line {text.number}",
                f"'{text.text[:60]}' is neither title nor abstract; write 'Authors:' before "
                "authors, end a short abstract with a full stop, or take it out",
            )


def _require_somebody(item: Item, text: Block, others: Sequence[Block]) -> None:
    """Notice a journal or a field where somebody's name may stand: "Machine Learning"."""
    named = with_and(bare(text.text))
    is_said = BETWEEN_NAMES.search(named) is None and (
        has_word_of_no_name(named)
        or 2 * share_said_again(named, item.abstract.text if item.abstract else "") > 1
    )
    if is_said or may_be_no_author(named, [with_and(bare(other.text)) for other in others]):
        raise DigestError(
            f"line {text.number}",
            f"'{named[:60]}' may be an author, a journal or a field; write 'Authors:' or 'Venue:' "
            "before it, or take it out",
        )


def may_be_no_author(named: str, others: Sequence[str]) -> bool:
    """Whether names below a title may be journals or fields, in view of those of other papers.

    One that repeats is somebody's where it also stands among others, or half of the other papers
    name several people.
    """
    if all(map(names_a_field, BETWEEN_NAMES.split(named))):
        return True
    if BETWEEN_NAMES.search(named) is not None or named not in others:
        return False
    lists = [other for other in others if BETWEEN_NAMES.search(other)]
    is_among = any(named in map(str.strip, BETWEEN_NAMES.split(other)) for other in lists)
    return not (is_among or 2 * len(lists) >= len(others))


def _part_authors(items: Sequence[Item], width: int) -> None:
    """Take authors from titles whose last line happened to be full, so that they seemed to go on.

    Where all papers name their authors right below the title, or one paper is alone and its lines
    had room for more.
    """
    if len(items) == 1 and (early := _ends_early(items[0], width)):
        _take_authors(items[0], early)
        return
    unnamed = [item for item in items if item.authors is None and not _is_named(item)]
    expected = len(unnamed) < len(items)
    begin = [authors_from(i.title.parts, _text_of(i), expected=expected) for i in unnamed]
    for item, at in zip(unnamed, begin, strict=True):
        if at == 0:
            continue
        if at is None or not all(begin):
            raise DigestError(
                f"line {item.title.number}",
                "a title that may go on below or not; put a blank line between it and its authors",
            )
        _take_authors(item, at)


def _take_authors(item: Item, at: int) -> None:
    parts, line = item.title.parts, item.title.line
    text = " ".join(parts[at:])
    item.authors = Block("authors", item.title.number, text, line, True, item.title.last)
    item.title.text = " ".join(parts[:at])
    item.order.insert(0, "authors")


def _ends_early(item: Item, width: int) -> int:
    """Return with which line people begin below a title that had room for the first of them.

    Titles are not broken there. 0 where that is not so.

    Raises
    ------
    DigestError
        Where one name alone stands there, which may be anything.
    """
    parts, text = item.title.parts, _text_of(item)
    if len(parts) < _FEWEST_LINES or item.authors is not None or _is_named(item) or not item.links:
        return 0
    last = parts[-1]
    # Of one paper the lines above its abstract alone may look as if they were wrapped.
    room = max(width, *(len(part) for block in item.texts for part in block.parts), 0)
    if len(parts[-2]) + 1 + len(last.split(maxsplit=1)[0]) > room or not are_authors(last, text):
        return 0
    if BETWEEN_NAMES.search(with_and(last)) is None:
        raise DigestError(
            f"line {item.title.number}",
            f"'{last[:60]}' below the title may be an author or part of it; write 'Authors:' "
            "before it, or join the title's lines",
        )
    return len(parts) - 1


def _text_of(item: Item) -> str:
    blocks = [*item.texts, *item.parts, *([item.abstract] if item.abstract is not None else [])]
    return " ".join(block.text for block in blocks)


def _is_named(item: Item) -> bool:
    """Whether names stand below the title, in a paragraph of their own."""
    return any(is_list_of_names(bare(text.text)) for text in item.texts[:1])


def _settle_parts(items: Sequence[Item]) -> None:
    """Join the parts of structured abstracts; what stands before a labelled one is notes."""
    for item in items:
        labelled = item.abstract if item.abstract is not None and item.abstract.text else None
        others = [part for part in item.parts if not labelled or part.number > labelled.number]
        if not others:
            continue
        if any(is_prose(text.text) for text in item.texts):
            raise DigestError(
                f"line {others[0].number}",
                f"'{others[0].text[:40]}' is part of an abstract or a note about it; write "
                "'Abstract:' before the abstract, or take the part out",
            )
        if labelled is None:
            first, *others = others
            item.abstract = Block(
                "abstract", first.number, first.text, first.line, first.is_direct, first.last
            )
            item.order.append("abstract")
            labelled = item.abstract
        _append(labelled, others)


def _append(abstract: Block, others: Sequence[Block]) -> None:
    abstract.text = " ".join([abstract.text, *(other.text for other in others)])
    abstract.last = max([abstract.last, *(other.last for other in others)])


def _join_paragraphs(items: Sequence[Item]) -> None:
    """Join abstracts of several paragraphs, where a lost title would be noticed.

    Of two papers without a title between them each says its authors, identifier or label of its
    own; or such abstracts are the habit of the file.
    """
    several = [(item, found) for item in items if len(found := _paragraphs(item)) > 1]
    if not several:
        return
    usual = len(several) >= max(_FEWEST_SEVERAL, _SEVERAL_OF * len(items))
    if not usual and not all(item.stands_alone for item in items):
        return
    for item, found in several:
        _require_no_remark(found, is_alone=2 * len(several) <= len(items))
        first, *others = found
        if item.abstract is None:
            item.texts = [text for text in item.texts if text.number <= first.number]
        else:
            item.texts = [text for text in item.texts if text.number < first.number]
        _append(first, others)


def _require_no_remark(paragraphs: Sequence[Block], *, is_alone: bool) -> None:
    """Notice somebody's remark among the paragraphs of an abstract."""
    odd = [
        each
        for each in paragraphs
        if (is_alone and len(each.text) < _SHORTEST_PART)
        or speaks_to_readers(each.text)
        or _REMARK.match(each.text)
        or bool(each.line.quote) is not bool(paragraphs[0].line.quote)
    ]
    if odd:
        shortest = min(odd, key=lambda each: len(each.text))
        raise DigestError(
            f"line {shortest.number}",
            f"'{shortest.text[:60]}' may be part of the abstract or a remark; join it with the "
            "abstract's paragraph, write 'Note:' before it, or take it out",
        )


def _require_no_names_in_abstracts(items: Sequence[Item]) -> None:
    """Notice authors whose last line happened to be full, so that the abstract seemed to go on."""
    for item in items:
        texts = [*item.texts, *([item.abstract] if item.abstract is not None else [])]
        for text in texts:
            first = text.parts[0] if len(text.parts) > 1 else ""
            if first.count(",") > 1 and is_list_of_names(first) and is_prose(text.text):
                raise DigestError(
                    f"line {text.number}",
                    f"'{first[:60]}' may be authors or the beginning of the abstract; put a blank "
                    "line between authors and abstract, or write 'Authors:' before them",
                )


def _paragraphs(item: Item) -> list[Block]:
    """Return the paragraphs of an abstract: prose on end, each a sentence's end, none marked."""
    labelled = item.abstract if item.abstract is not None and item.abstract.text else None
    texts = [text for text in item.texts if labelled is None or text.number > labelled.number]
    while labelled is None and texts and not is_prose(texts[0].text):
        texts = texts[1:]
    found = [*([labelled] if labelled is not None else []), *texts]
    ends = all(is_ended(text.text) for text in found[:-1])
    is_prosaic = all(is_prose(text.text) and not text.line.marks for text in texts)
    differ = len({text.text for text in found}) == len(found)
    return found if ends and is_prosaic and differ and item.order.count("abstract") == 1 else []


def _continues(title: Block, text: Block, width: int) -> bool:
    """Whether the first word of a line had no more room on the title's line."""
    return (
        title.end <= width < title.end + 1 + len(text.text.split(" ", 1)[0])
        and len(title.text) + len(text.text) < LONGEST_TITLE
        and not title.line.rest
    )


def bare(text: str) -> str:
    """Return a text without emphasis around the whole of it."""
    line = read_line(0, text) if text[:1] in {"*", "_"} else None
    if line is not None and line.marks[:1] in {("**",), ("_",)} and not line.rest:
        return line.text
    return text

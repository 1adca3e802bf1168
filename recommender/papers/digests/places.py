"""Room 1, papers: lines below titles that name a journal or institutions, and nobody. Pure.

They say nothing that is kept, but a title whose neighbours are lost may look the same: only where
the other papers have such a line in the same place it is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from recommender.papers.digests.blocks import Block
from recommender.papers.digests.details import are_bodies, has_place
from recommender.papers.digests.item import Item
from recommender.papers.digests.markdown_lines import links_in
from recommender.papers.digests.prose import is_list_of_names, is_prose
from recommender.papers.digests.title_lines import share_said_again
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.labels import unknown_label_in
from recommender.papers.text.paper_details import is_venue, names_a_field, names_periodical

_LONGEST: Final = 300
_FEWEST: Final = 2
_MOST_SAID: Final = 1 / 2
# "¹ Example University", "1 Example University", "(Example University)".
_NOTED: Final = re.compile(r"[¹²³⁴-⁹*†‡§(\[]|\d{1,2}\s?[^\W\d_]")
# "12(3), 45-60 (2026)", "vol. 12", "pp. 3–4".
_ISSUE: Final = re.compile(
    r"\b(?:vol(?:ume)?\.?|no\.?|issue|pp?\.?)\s?\d|\b\d{1,4}\s?\(\d{1,3}\)|(?<![\d-])\d{1,5}[-–]\d{1,5}(?![\d-])"
)


def without_places(items: Sequence[Item]) -> None:
    """Take from each paper the line that names its journal or its authors' institutions.

    Parameters
    ----------
    items : sequence of Item
        All of a digest, with texts above their abstracts as they came.
    """
    for _ in range(_FEWEST):
        found = [_beside_authors(item) for item in items]
        extra = [text for text in found if text is not None]
        if not extra or 2 * len(extra) < len(items) or not _are_places(items, found):
            return
        for item, text in zip(items, found, strict=True):
            if text is not None:
                item.texts.remove(text)


def _above(item: Item) -> list[Block]:
    """Return the short texts above an abstract."""
    texts = []
    for text in item.texts:
        if is_prose(text.text) or (item.abstract and text.number > item.abstract.number):
            break
        texts.append(text)
    return texts


def _beside_authors(item: Item) -> Block | None:
    """Return what stands with the authors above the abstract, and is not they."""
    above = _above(item)
    if item.authors is None:
        named = [text for text in above if _may_name_authors(text)]
        if not named:
            return None
        above.remove(named[0])
    return above[-1] if above else None


def _are_places(items: Sequence[Item], found: Sequence[Block | None]) -> bool:
    pairs = [(item, text) for item, text in zip(items, found, strict=True) if text is not None]
    surely = [_is_surely_place(item, text) for item, text in pairs]
    if any(
        _may_hold_place(item, is_alone=text is None)
        for item, text in zip(items, found, strict=True)
    ):
        return False
    if len(items) < _FEWEST:
        return all(surely)
    marks = {text.line.marks for _, text in pairs}
    if 2 * sum(surely) < len(pairs) or len(marks) > 1:
        return False
    return all(
        sure or _may_be_place(item, text) for (item, text), sure in zip(pairs, surely, strict=True)
    )


def _may_hold_place(item: Item, *, is_alone: bool) -> bool:
    """Whether what other papers have below their authors may be taken for these, or a part."""
    authors = item.authors or next((text for text in _above(item) if _may_name_authors(text)), None)
    if is_alone and any(_is_named_so(text.text) for text in _above(item)):
        return True  # a journal whose authors are lost
    if authors is None:
        return False
    if len(authors.parts) < _FEWEST:
        return False
    return is_alone or _is_named_so(authors.parts[-1])


def _is_named_so(said: str) -> bool:
    """Whether a text has the words or the numbers of journals or institutions."""
    is_journal = names_periodical(said) or names_a_field(said) or _ISSUE.search(said) is not None
    return is_journal or has_place(said) or is_venue(said) or are_bodies(names_alone(said))


def _may_name_authors(text: Block) -> bool:
    """Whether a line names people before anything else does."""
    said = text.line.text
    several = len(names_alone(said)) > 1 and not has_place(said)
    return is_list_of_names(said) and (several or not _is_named_so(said))


def _is_surely_place(item: Item, text: Block) -> bool:
    said = text.line.text
    if not _may_be_no_title(item, text):
        return False
    names_body = has_place(said) or are_bodies(names_alone(said))
    is_noted = _NOTED.match(said) is not None and names_body
    several = len(names_alone(said)) > 1 and not names_body
    return is_noted or names_body or is_venue(said) or (_is_named_so(said) and not several)


def _may_be_place(item: Item, text: Block) -> bool:
    """Whether a line among such lines is one, too: no title, and nobody's name."""
    named = names_alone(text.line.text)
    # "Fern & Co" in italics, below authors that are none, is nobody.
    is_nobody = not named or (len(named) == 1 and text.line.marks == ("_",))
    return is_nobody and _may_be_no_title(item, text)


def _may_be_no_title(item: Item, text: Block) -> bool:
    """Whether the abstract does not say a line again, as it would a title; nor has it a label."""
    said = text.line.text
    prose = [each.text for each in item.texts if is_prose(each.text)]
    prose += [item.abstract.text] if item.abstract is not None else []
    is_said = " " in said and share_said_again(said, " ".join(prose)) > _MOST_SAID
    is_labelled = unknown_label_in(text.line.marks, text.line.texts) is not None
    is_linked = bool(links_in(text.line.whole))
    return len(said) <= _LONGEST and not (is_prose(said) or is_said or is_labelled or is_linked)

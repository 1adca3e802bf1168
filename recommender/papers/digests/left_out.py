"""Room 1, papers: what of a digest is left out, and may be a paper all the same. Pure.

Titles begin with the words of advertisements and of farewells, too. What is left out of a digest
lacks what all its papers have, or says so beyond doubt; else the digest is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from recommender.domain import DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.item import Found
from recommender.papers.digests.line_roles import is_footer, is_surely_no_title
from recommender.papers.digests.notes import first_note, speaks_to_readers
from recommender.papers.digests.prose import is_prose
from recommender.papers.digests.set_aside import (
    SHORTEST_ABSTRACT,
    Aside,
    may_head_a_text,
    text_within,
)

_LONGEST_SHOWN: Final = 60
_TIMES_AS_LONG: Final = 6
_FEWEST_OTHERS: Final = 2
_ADDRESS: Final = "an address"
_WHAT_PAPERS_HAVE: Final = "its authors or its arXiv id"


def unread_asides(
    found: Found, entries: Sequence[DigestEntry], *, plain: bool
) -> tuple[UnreadEntry, ...]:
    """Return what was left out and could be taken for a paper by its place.

    Parameters
    ----------
    found : Found
    entries : sequence of DigestEntry
        Its items as papers.
    plain : bool
        Whether nothing marks the titles.

    Raises
    ------
    DigestError
        With the line of what may be a paper or not, and the fix.
    """
    have = [_what_it_has(entry) for entry in entries]
    _require_what_all_have(found, have)
    titles = [item.title for item in found.items]
    if any(title.line.label is None for title in titles):
        require_no_note(entries, [title.number for title in titles])
    settled = [each for item, each in zip(found.items, have, strict=True) if not item.may_be_aside]
    shared = frozenset.intersection(*settled) if settled else frozenset()
    for item, each in zip(found.items, have, strict=True):
        if item.may_be_aside and not shared <= each:
            raise _may_be_a_paper(item.title, " and ".join(sorted(shared - each)))
    usual = median(len(entry.abstract) for entry in entries)
    unread = []
    for aside in found.asides:
        if aside.is_titled and (aside.is_of_section or not _is_left_out_surely(aside, shared)):
            unread.append(_left_out(aside.head))
        elif aside.is_last_word and not any(speaks_to_readers(b.text) for b in aside.blocks):
            if not shared:
                raise _may_be_a_paper(aside.head, _WHAT_PAPERS_HAVE)
            unread.append(_left_out(aside.head))
        _require_no_papers(aside, usual, plain=plain)
    return tuple(unread)


def require_no_note(entries: Sequence[DigestEntry], numbers: Sequence[int]) -> None:
    """Notice a note to the readers among papers, of which no label says that they are titles.

    Parameters
    ----------
    entries : sequence of DigestEntry
    numbers : sequence of int
        The line of each title.

    Raises
    ------
    DigestError
        With the line of its heading, and the fix.
    """
    place = first_note(entries)
    if place is not None:
        raise DigestError(
            f"line {numbers[place]}",
            f"'{entries[place].title[:_LONGEST_SHOWN]}' reads like a note to the readers, not like "
            "a paper; take it out, or write 'Title:' before all titles if it is one",
        )


def _what_it_has(entry: DigestEntry) -> frozenset[str]:
    has = {
        "an arXiv id or DOI": entry.arxiv_id or entry.doi,
        "its authors": entry.authors,
        _ADDRESS: entry.url,
    }
    return frozenset(name for name, value in has.items() if value)


def _require_what_all_have(found: Found, have: Sequence[frozenset[str]]) -> None:
    """Notice a note among papers: it has nothing of what all others have beside their abstract."""
    others = [each for each in have if each]
    shared = frozenset.intersection(*others) if others else frozenset()
    if not shared or len(others) < max(_FEWEST_OTHERS, len(have) - len(others) + 1):
        return
    for item, each in zip(found.items, have, strict=True):
        if not each:
            raise _may_be_a_paper(item.title, " and ".join(sorted(shared)))


def _is_left_out_surely(aside: Aside, shared: frozenset[str]) -> bool:
    """Whether nobody would take it for a paper; False where it is told.

    Raises
    ------
    DigestError
        Where it has all that the papers have.
    """
    is_sure = is_surely_no_title(aside.head.line.text)
    below = [aside.head.line.rest, *(block.text for block in aside.blocks[1:])]
    has_abstract = any(map(is_prose, below))
    linked = aside.head.line.links or any(block.kind == "link" for block in aside.blocks)
    lacks = shared - {_ADDRESS} if linked else shared
    if has_abstract and not lacks and not is_sure:
        raise _may_be_a_paper(aside.head, _WHAT_PAPERS_HAVE)
    return is_sure and (bool(lacks) or not has_abstract)


def _require_no_papers(aside: Aside, usual: float, *, plain: bool) -> None:
    """Notice papers below an advertisement or a farewell in the middle of a digest."""
    if not plain and not aside.is_below:
        return  # not marked as the papers are
    texts = [block for block in aside.blocks if block.kind in {"text", "footer", "sponsor"}]
    if not plain or aside.is_titled or not may_head_a_text(aside.head):
        texts = texts[1:]
    if plain and may_head_a_text(aside.head) and text_within(aside.head):
        raise _below_the_papers(aside.head, aside)
    for above, text in pairwise(texts):
        length = len(text.text)
        is_abstract = length >= SHORTEST_ABSTRACT or (plain and _TIMES_AS_LONG * length >= usual)
        if is_prose(above.text) or not is_prose(text.text) or is_footer(text.text):
            continue
        if is_abstract and above.text:
            raise _below_the_papers(above, aside)


def _below_the_papers(title: Block, aside: Aside) -> DigestError:
    return DigestError(
        f"line {title.number}",
        f"'{_shown(title)}' and the text below it may be a paper, but the digest seems to end, or "
        f"an advertisement to begin, with '{_shown(aside.head)}' on line {aside.head.number}; take "
        "out what is no paper, or write 'Title:' before all titles",
    )


def _may_be_a_paper(head: Block, lacks: str) -> DigestError:
    return DigestError(
        f"line {head.number}",
        f"'{_shown(head)}' may be a paper, an advertisement or a note; take it out, or give "
        f"it {lacks}, or a line 'Authors: …'",
    )


def _left_out(head: Block) -> UnreadEntry:
    return UnreadEntry(
        f"line {head.number}",
        f"'{_shown(head)}' is left out as an advertisement or a note; if it is a paper, give it "
        f"{_WHAT_PAPERS_HAVE}",
    )


def _shown(block: Block) -> str:
    return block.line.text[:_LONGEST_SHOWN]

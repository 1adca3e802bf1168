"""Room 1, papers: what the items of a digest have in common, and the papers that they are. Pure.

A digest is written by one hand, or one program: what an item has before its abstract, all have
there. An item that differs has lost a line, and perhaps to its neighbour.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.digests.abstract_paragraphs import settle_texts
from recommender.papers.digests.alike import without_alike
from recommender.papers.digests.days import LABELLED
from recommender.papers.digests.details import is_detail
from recommender.papers.digests.endings import is_cut_off
from recommender.papers.digests.item import Found, Item, require_end, without_abstract
from recommender.papers.digests.item_entry import abstract_of, entry_of, title_and_links
from recommender.papers.digests.markdown_lines import BULLETS
from recommender.papers.digests.prose import (
    LONGEST_TITLE,
    SENTENCE_BREAK,
    is_list_of_names,
    is_prose,
    without_note_signs,
)
from recommender.papers.digests.title_lines import are_authors, share_said_again
from recommender.papers.digests.title_marks import TitleLine, without_marks
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.author_lists import are_family_names_first, names_alone
from recommender.papers.text.calendar_dates import is_day

_FIRST_NUMBERS: Final = (0, 1)
_MOST_OF: Final = 0.8
_FEWEST_NAMES: Final = 2
_NOBODY: Final = 1 / 2
_SEPARATORS: Final = re.compile(r"\s(?:and|&)\s")
_BYLINE: Final = re.compile(r"by\s[^\W\d_a-z]")
_SHORTEST_LABELLED: Final = 60
_SHORTEST_USUAL: Final = 120
_TIMES_AS_LONG: Final = 6
_HEADS: Final = frozenset({"#", "=", "[", "*"})
_SAME_FOR_ALL: Final = frozenset({"#", "=", "-", "~", "^", "*"})


def papers_of(
    found: Found, *, ends_line: bool, width: int, is_html: bool, plain: bool = False
) -> tuple[DigestEntry, ...]:
    """Check that all items are alike, and read them as papers.

    Parameters
    ----------
    found : Found
    ends_line : bool
        Whether the file ends with the end of a line.
    width : int
        The longest line of a file of wrapped paragraphs; 0 where they are not.
    is_html : bool
        Whether markup within texts is markup.
    plain : bool
        Whether nothing marks the titles.

    Raises
    ------
    DigestError
        With the line of the first item that differs from the others, and the fix.
    """
    items = found.items
    _require_numbers(items)
    _settle_broken_addresses(items)
    settle_texts(items, width, plain=plain)
    usual = median(_length(item) for item in items)
    for index, item in enumerate(items):
        is_last = index == len(items) - 1 and not found.ends_below
        _require_abstract(item, usual, at_end=is_last)
        _require_title(item, others_have_authors=_share_of_authors(items, item) >= _MOST_OF)
        if index < len(items) - 1 or found.ends_below:
            _require_whole_sentence(item)
    _require_different_titles(items)
    _require_same_kind(items)
    _require_own_days(found)
    _require_authors_behind_titles(items)
    _require_same_order(items, "authors")
    _require_same_order(items, "link")
    if not found.ends_below:
        require_end(items[-1], ends_line=ends_line)
        _require_all_of_last(items, ends_line=ends_line)
    kept = _marks_of_titles(items)
    titled = [title_and_links(item.title, kept) for item in items]
    bare_titles = without_marks(
        [
            TitleLine(item.title.number, title, item.abstract.text if item.abstract else "")
            for item, (title, _) in zip(items, titled, strict=True)
        ],
        may_name=all(item.authors is None for item in items),
    )
    inverted = are_family_names_first(item.authors.text for item in items if item.authors)
    papers = [
        entry_of(item, title, links, is_html=is_html, inverted=inverted)
        for item, title, (_, links) in zip(items, bare_titles, titled, strict=True)
    ]
    return tuple(without_alike(papers, [item.title.number for item in items]))


def _require_numbers(items: Sequence[Item]) -> None:
    """Notice a number that is missing, which is a paper that is missing."""
    numbered = [item for item in items if item.title.line.ordinals]
    if len(numbered) < len(items):
        if numbered:
            raise DigestError(
                f"line {numbered[0].title.number}",
                "a title with a number where others have none; number all papers or none",
            )
        return
    outer = {item.title.line.marks[:1] for item in items}
    is_outer = any(mark and mark[0][0] == "1" for mark in outer) or outer == {()}
    if not is_outer and not _are_numbered(items):
        return
    before = None
    for item in items:
        number = item.title.line.ordinals[0]
        follows = before is None or number == before + 1 or number in _FIRST_NUMBERS
        if not follows:
            raise DigestError(
                f"line {item.title.number}",
                f"number {number} after number {before}; put in what is missing between them, "
                "or number the papers anew",
            )
        before = number


def _settle_broken_addresses(items: Sequence[Item]) -> None:
    """Part addresses on lines of their own from those that only had no room on the line above.

    Where all papers have such a line it is their link, otherwise the end of the abstract.
    """
    broken = [item for item in items if item.broken]
    if not broken or (len(broken) == len(items) > 1):
        return
    for item in broken:
        text = item.abstract if item.abstract is not None else item.texts[-1]
        others = [link for link in item.links if link not in item.broken_links]
        if len(items) == 1 and not any(any(identifiers_of(link.url)) for link in others):
            raise DigestError(
                f"line {item.broken[0].number}",
                "an address that may be part of the abstract or not; put a blank line before it, "
                "or join it with the abstract",
            )
        text.text = " ".join([text.text, *(block.line.whole for block in item.broken)])
        item.links = others


def _are_numbered(items: Sequence[Item]) -> bool:
    return len(items) > 1 and items[0].title.line.ordinals[0] in _FIRST_NUMBERS


def _length(item: Item) -> int:
    abstract = abstract_of(item)
    return len(abstract.text) if abstract is not None else 0


def _require_abstract(item: Item, usual: float, *, at_end: bool) -> None:
    """Notice a paper that lost its abstract, so that what stands beside it is taken for one."""
    abstract = abstract_of(item)
    if abstract is None or not abstract.text:
        instead = "the file ends" if at_end else "the next title follows"
        raise without_abstract(item, instead, at_end=at_end)
    length = len(abstract.text)
    labelled = abstract.kind in {"abstract", "tldr"}
    is_sentence = is_prose(abstract.text) or SENTENCE_BREAK.search(abstract.text)
    # A full stop behind an initial makes names look like a sentence.
    if is_list_of_names(abstract.text):
        instead = "names stand in its place"
    elif abstract.text[:1] in {",", ";"} or _BYLINE.match(abstract.text):
        instead = f"line {abstract.number} goes on with something else"
    elif labelled and length >= _SHORTEST_LABELLED:
        return
    elif length < _SHORTEST_USUAL and _TIMES_AS_LONG * length < usual:
        instead = f"line {abstract.number} is not as long as any other"
    elif is_sentence or abstract.text.endswith(("?", "!", "？", "！")):
        return
    else:
        instead = f"line {abstract.number} reads like another title"
    raise without_abstract(item, instead, at_end=at_end)


def _require_same_kind(items: Sequence[Item]) -> None:
    """Notice a short summary that stands for a lost abstract."""
    if any(item.abstract is not None and item.abstract.text for item in items):
        for item in items:
            if abstract_of(item) is item.tldr:
                raise without_abstract(item, "only a short summary of it is there")


def _require_own_days(found: Found) -> None:
    """Notice days that stand above papers and look as if they stood below them, or above others."""
    first = found.headings[0] if found.headings else None
    if first is None or first.above or first.mark != LABELLED or len(found.items) == 1:
        return
    have = [item.day is not None for item in found.items]
    if sum(have) == len(have) - 1 and not (have[0] and have[-1]):
        raise DigestError(
            f"line {first.number}",
            "a date above each title, which may be that of the paper above or below it; write a "
            "paper's between its title and its abstract, and the day of several without 'Date:'",
        )


def _require_whole_sentence(item: Item) -> None:
    """Notice an abstract that breaks off where another file was joined to a part of one."""
    abstract = abstract_of(item)
    is_last = item.order[-1:] in (["abstract"], ["text"])
    if abstract is None or not is_last:
        return
    if is_cut_off(abstract.text, ends_line=True, wrapped=len(abstract.parts) > 1):
        raise DigestError(
            f"line {abstract.last}",
            "the abstract ends in the middle of a sentence; complete it, or end it with a full "
            "stop",
        )


def _share_of_authors(items: Sequence[Item], item: Item) -> float:
    """Return how many of the other papers name theirs on a line of their own."""
    others = [other for other in items if other is not item]
    return sum(other.authors is not None for other in others) / max(len(others), 1)


def _require_title(item: Item, *, others_have_authors: bool) -> None:
    title = item.title.text
    if len(title) > LONGEST_TITLE or (title.endswith(".") and SENTENCE_BREAK.search(title)):
        raise DigestError(
            f"line {item.title.number}",
            "an abstract without a title; write its title above it, with a blank line between",
        )
    if is_day(title) or is_detail(title):
        raise DigestError(
            f"line {item.title.number}",
            f"'{title[:60]}' where a title is due; write the title above it, marked as the others "
            "are",
        )
    # Nobody writes authors as a heading; in a list or below nothing they may have lost their title.
    line = item.title.line
    is_marked = line.label is not None or any(mark[0] in _HEADS for mark in line.marks)
    surely = item.title.kind == "title" and is_marked
    named = without_note_signs(title)
    between = _SEPARATORS.sub(",", named).count(",")
    text = item.abstract.text if item.abstract is not None else ""
    is_lost = others_have_authors and item.authors is None
    are_people = are_authors(named, text) and not share_said_again(named, text)
    are_people &= bool(between) or is_lost
    if not surely and ((between >= _FEWEST_NAMES and names_alone(named)) or are_people):
        raise DigestError(
            f"line {item.title.number}",
            "authors where a title is due; write the title above them, or 'Authors:' before them",
        )


def _require_authors_behind_titles(items: Sequence[Item]) -> None:
    """Notice names that were not known as such between a title and an abstract on one line.

    And what reads like names there, but is said again in the abstract, as a title would be.
    """
    for item in items:
        behind = item.authors
        if behind is None or behind.number != item.title.number or item.abstract is None:
            continue
        if share_said_again(behind.text, item.abstract.text) > _NOBODY:
            raise DigestError(
                f"line {item.title.number}",
                f"'{behind.text[:60]}' behind the title may be authors or part of it; write "
                "authors on a line of their own, with 'Authors:' before them",
            )
    on_one = [item for item in items if item.texts and item.texts[0].number == item.title.number]
    unnamed = [item for item in on_one if item.authors is None]
    named = len(on_one) - len(unnamed)
    if 0 < named <= len(unnamed):
        first = next(item for item in on_one if item.authors is not None)
        raise DigestError(
            f"line {first.title.number}",
            "names behind the title, which the others have not; write them on a line of their "
            "own, or a full stop behind the title",
        )
    if unnamed and 2 * len(unnamed) < len(on_one):
        raise DigestError(
            f"line {unnamed[0].title.number}",
            "no authors behind the title, as the others have them; write them there, or all on "
            "lines of their own",
        )


def _require_different_titles(items: Sequence[Item]) -> None:
    """Notice a line that all papers have, such as a journal, in the place of their titles."""
    *_, last = items
    if len(items) > 1 and all(item.title.text == last.title.text for item in items):
        raise DigestError(
            f"line {last.title.number}",
            f"'{last.title.text[:60]}' stands where each title is due; mark titles as nothing "
            "else is, such as '## Title'",
        )


def _require_same_order(items: Sequence[Item], kind: str) -> None:
    """Notice an item that has its authors or its link elsewhere than the others."""
    places = [_places(item.order, kind) for item in items]
    usual = Counter(place for place in places if place).most_common(1)
    if not usual:
        return
    for item, place in zip(items, places, strict=True):
        if not place <= usual[0][0]:
            raise DigestError(
                f"line {item.title.number}",
                f"{'authors' if kind == 'authors' else 'an address'} elsewhere than in the other "
                "papers; see whether a line before or behind it is missing, or move it",
            )


def _places(order: Sequence[str], kind: str) -> frozenset[str]:
    """Return on which sides of the abstract a kind of line stands."""
    abstract = order.index("abstract") if "abstract" in order else len(order)
    return frozenset(
        "before" if place < abstract else "behind"
        for place, each in enumerate(order)
        if each == kind
    )


def _require_all_of_last(items: Sequence[Item], *, ends_line: bool) -> None:
    """Notice a file that ends before the lines that every other paper has behind its abstract."""
    *others, last = items
    for kind in ("authors", "link"):
        lacks = others and all("behind" in _places(item.order, kind) for item in others)
        if lacks and "behind" not in _places(last.order, kind):
            raise UnfinishedDigestError(
                f"line {last.last}",
                f"the file ends before the {kind} of its last paper; complete it",
            )
    with_id = [any(map(any, (identifiers_of(link.url) for link in item.links))) for item in items]
    if others and all(with_id[:-1]) and not with_id[-1]:
        raise UnfinishedDigestError(
            f"line {last.title.number}",
            f"'{last.title.text[:60]}', the last paper, has no identifier or address as the others "
            "have; complete it, or move it above another one if it has none",
        )
    if not ends_line and last.order[-1:] == ["authors"]:
        raise UnfinishedDigestError(
            f"line {last.last}",
            "the file ends within the authors of its last paper; end the line if they are complete",
        )


def _marks_of_titles(items: Sequence[Item]) -> int:
    """Return how many marks all titles begin with; what else one begins with is part of it."""
    shared = 0
    signed = [item for item in items if item.title.line.marks[:1] and _is_sign(item)]
    if signed and len(signed) < len(items):
        raise DigestError(
            f"line {signed[0].title.number}",
            "a title that begins with a sign which the others have not; mark all titles alike",
        )
    for marks in zip(*(item.title.line.marks for item in items), strict=False):
        same = len(set(marks)) == 1 or all(mark[0] not in _SAME_FOR_ALL | {"1"} for mark in marks)
        if not same and not set(marks) <= {"**", "[]", "_"}:
            break
        shared += 1
    return shared


def _is_sign(item: Item) -> bool:
    """Whether a title begins with an emoji that is no bullet."""
    return not item.title.line.marks[0].isascii() and item.title.line.marks[0][0] not in BULLETS

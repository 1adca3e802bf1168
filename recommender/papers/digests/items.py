"""Room 1, papers: blocks as papers, each block accounted for, or refused with its line. Pure.

The walk over the blocks is here; what the items that it finds must have in common, `columns`
checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from recommender.errors import DigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.front import Front
from recommender.papers.digests.item import (
    Found,
    Item,
    belongs_nowhere,
    note_day,
    note_mention,
)
from recommender.papers.digests.item_blocks import (
    add_labelled,
    add_line,
    add_rest_of_title,
    add_text,
    begun_with,
    require_abstract_before,
)
from recommender.papers.digests.line_roles import (
    heads_no_papers,
    is_introduction,
    is_masthead,
    is_of_report,
)
from recommender.papers.digests.prose import LONGEST_TITLE, is_list_of_names, is_prose
from recommender.papers.digests.set_aside import (
    Aside,
    is_told_as_paper,
    may_head_a_text,
    names_a_paper,
    names_papers,
)
from recommender.papers.text.calendar_dates import day_in_heading, day_of, day_within

_Zone = Literal["front", "item", "section", "below", "sponsor"]

_LONGEST_SECTION: Final = 100
_LONGEST_INTRODUCTION: Final = 500
_SHORT: Final = 200
_LAST_BLOCKS: Final = 4
_MOST_PARAGRAPHS: Final = 60
_LAST_WORDS: Final = frozenset({"text", "marked", "link", "footer", "greeting", "sponsor", "rule"})


class Walk:
    """Goes through the blocks under one supposition; each has its place or refuses the file.

    Parameters
    ----------
    blocks : sequence of Block
    plain : bool
        Whether titles have no mark, so that a short paragraph begins a paper.
    today : date
    """

    def __init__(self, blocks: Sequence[Block], *, plain: bool, today: date) -> None:
        self._blocks = blocks
        self._plain = plain
        self._today = today
        self._zone: _Zone = "front"
        self._closed = False
        self._without_papers = False
        self._lead: list[Block] = []
        self._front = Front()
        self._at = 0
        self.found = Found()

    def go(self) -> Found:
        """Put each block in its place.

        Raises
        ------
        DigestError
            With the line of the first that has none, and the fix.
        """
        for index, block in enumerate(self._blocks):
            self._at = index
            if self._lead and not self._may_follow_lead(block):
                raise belongs_nowhere(self._lead[0])
            getattr(self, f"_take_{block.kind}")(block)
        if self._lead:
            raise belongs_nowhere(self._lead[0])
        self.found.ends_below = self._zone in {"below", "sponsor"}
        return self.found

    def _may_follow_lead(self, block: Block) -> bool:
        return block.kind in {"title", "aside", "link", "date", "meta", "authors"} or (
            block.kind == "text" and self._plain
        )

    @property
    def _following(self) -> Sequence[Block]:
        """What follows, as far as one paper may go."""
        return self._blocks[self._at + 1 : self._at + 1 + _MOST_PARAGRAPHS]

    @property
    def _item(self) -> Item | None:
        return self.found.items[-1] if self._zone == "item" else None

    def _take_rule(self, _: Block) -> None:
        item = self._item
        if item is not None and item.has_abstract:
            item.note_is_open = False
            self._closed = True
        elif self._zone == "sponsor":
            self._closed = True

    def _take_title(self, block: Block) -> None:
        if self._without_papers and not is_told_as_paper(block, self._following):
            self._leave_item(block)
            self._zone, self._closed = "sponsor", False
            self._set_aside(block, is_titled=True)
            return
        if self._heads_digest(block):
            self._note_day_within(block)
            return
        self._leave_item(block)
        item = begun_with(block)
        self.found.items.append(item)
        self._zone, self._closed = "item", False
        for each in self._lead:
            self._give(item, each)
        self._lead = []
        add_rest_of_title(item)

    def _heads_digest(self, block: Block) -> bool:
        """Whether a first line that is marked as titles are names the digest and its day."""
        is_first = not self.found.items and not self._lead and not self._plain
        return (
            is_first
            and block.line.label is None
            and not block.line.links
            and not block.line.rest
            and [each.kind for each in self._following[:1]] == ["title"]
            and self._is_dated_masthead(block)
        )

    def _take_text(self, block: Block) -> None:
        if self._zone in {"below", "sponsor"} and not self._begins_plainly(block):
            self._let_aside(block)
        elif self._plain:
            self._take_plain_text(block)
        elif self._zone == "item":
            self._take_text_of_item(self.found.items[-1], block)
        else:
            self._take_introduction(block)

    def _begins_plainly(self, block: Block) -> bool:
        return self._plain and self._zone == "sponsor" and self._closed and not is_prose(block.text)

    def _take_plain_text(self, block: Block) -> None:
        item = self._item
        if item is not None and item.has_abstract and self._is_dated_masthead(block):
            self._leave_item(block, for_good=True)
            self._zone, self._closed = "front", False
            self._note_day_within(block)
        elif item is not None and not (item.has_abstract and self._may_begin(block)):
            self._take_text_of_item(item, block)
        elif self._may_begin(block):
            if item is None and self._is_masthead(block):
                self._note_day_within(block)
                return
            self._take_title(block)
        else:
            self._take_introduction(block)

    def _may_begin(self, block: Block) -> bool:
        item = self._item
        if item is not None and item.abstract is not None and not item.abstract.text:
            return False
        return len(block.text) <= LONGEST_TITLE and not is_prose(block.text)

    def _is_dated_masthead(self, block: Block) -> bool:
        return (
            is_masthead(block.text)
            and day_within(block.text, self._today, f"line {block.number}") is not None
        )

    def _is_masthead(self, block: Block) -> bool:
        """Whether a first short line names the digest: another short one or a day follows it."""
        if self._is_dated_masthead(block):
            return True
        if self.found.items or not (is_masthead(block.text) or is_introduction(block.text)):
            return False
        following = self._following[:2]
        if not following or following[0].kind in {"date", "greeting", "rule"}:
            return bool(following)
        if following[0].kind != "text" or is_prose(following[0].text):
            return False
        if following[0].is_direct and is_list_of_names(following[0].text):
            return False
        return not (
            len(following) > 1
            and following[1].is_direct
            and not following[0].is_direct
            and block.is_direct
        )

    def _take_introduction(self, block: Block) -> None:
        fits = is_introduction(block.text) or (is_masthead(block.text) and not is_prose(block.text))
        short = len(block.text) <= _SHORT and not self.found.items
        if self._closed and self._zone == "item":
            fits = short = False
        if len(block.text) > _LONGEST_INTRODUCTION or not (fits or short):
            raise DigestError(
                f"line {block.number}",
                "an abstract without a title; write its title above it, marked as the others are, "
                "or take it out",
            )
        if not self.found.items and self._zone == "front":
            self._front.take(block)
        self._note_day_within(block)

    def _take_text_of_item(self, item: Item, block: Block) -> None:
        if self._closed and (self._closes_digest(block) or self._is_last_word(block)):
            is_farewell = self._closes_digest(block)
            self._zone = "below"
            self._set_aside(block, is_last_word=not is_farewell)
            return
        if self._closed:
            raise DigestError(
                f"line {block.number}",
                "a text behind the rule that ends a paper; write its title above it, or take it "
                "out",
            )
        add_text(item, block)

    def _closes_digest(self, block: Block) -> bool:
        """Whether a line behind a rule is the digest's last word, set off as such."""
        if self._plain or len(block.text) > _SHORT or is_prose(block.line.whole):
            return False
        set_off = block.line.marks == ("_",) or block.line.whole.startswith(
            ("^(", "<sub>", "<sup>")
        )
        rest = self._following
        return (
            set_off
            and len(rest) <= _LAST_BLOCKS
            and all(b.kind not in {"title", "aside"} for b in rest)
        )

    def _is_last_word(self, block: Block) -> bool:
        """Whether nothing but short texts follow a rule, and none of them may be a paper's."""
        rest = (block, *self._blocks[self._at + 1 :])
        return (
            not self._plain
            and len(rest) <= _LAST_BLOCKS + 1
            and all(each.kind in _LAST_WORDS and len(each.text) <= _SHORT for each in rest)
            and not any(names_papers(each) or names_a_paper(each) for each in rest)
            and not any(_is_heading(each) or is_list_of_names(each.text) for each in rest)
            and not any(may_head_a_text(a) and is_prose(b.text) for a, b in pairwise(rest))
        )

    def _take_note(self, block: Block) -> None:
        add_labelled(self._open_item(block), block)

    _take_part = _take_abstract = _take_tldr = _take_note

    def _take_authors(self, block: Block) -> None:
        if self._zone in {"front", "section"} and not self._lead and self._is_byline(block):
            self.found.curator, self._front.byline = block.text, block
            return
        if self._zone in {"below", "sponsor"}:
            self._let_aside(block)
            return
        if self._closed:
            self._lead.append(block)
            return
        self._give(self._open_item(block), block)

    def _is_byline(self, block: Block) -> bool:
        """Whether a line names the curator: above all papers, or as there once more."""
        return not self.found.items or self.found.curator == block.text

    def _take_link(self, block: Block) -> None:
        if self._zone in {"below", "sponsor"}:
            self._let_aside(block)
        elif self._closed or (self._zone != "item" and self._follows_rule(block)):
            self._lead.append(block)
        elif self._zone == "item":
            self._give(self.found.items[-1], block)
        elif names_papers(block):
            raise belongs_nowhere(block)

    def _follows_rule(self, block: Block) -> bool:
        return bool(self._lead) or (
            self._at > 0 and self._blocks[self._at - 1].kind == "rule" and names_papers(block)
        )

    def _take_meta(self, block: Block) -> None:
        if self._item is not None and not self._closed:
            self._item.last = block.last
        elif self._zone in {"below", "sponsor"}:
            self._let_aside(block)

    def _take_date(self, block: Block) -> None:
        item, where = self._item, f"line {block.number}"
        is_labelled = block.line.label is not None
        if self._lead or (self._closed and is_labelled):
            self._lead.append(block)
        elif item is not None and (not item.has_abstract or is_labelled):
            day = day_of(block.text, self._today, where) or day_within(
                block.text, self._today, where
            )
            item.day = item.day or day
            item.last = block.last
        else:
            self._leave_item(block, for_good=True)
            self._zone, self._closed, self._without_papers = "front", False, False
            note_day(self.found, block.line, day_in_heading(block.text, self._today, where))

    def _take_marked(self, block: Block) -> None:
        item = self._item
        mark = block.line.marks[0] if block.line.marks else ""
        is_heading = mark[:1] in "#=~^" or "**" in block.line.marks
        self._without_papers &= not is_heading
        if is_heading and heads_no_papers(block.text) and not block.line.rest:
            self._begin_section_without_papers(block)
        elif is_heading and is_of_report(block.text) and not block.line.rest:
            self._leave_item(block)
            self._zone, self._closed = "sponsor", False
            self._set_aside(block)
        elif item is None and self._zone != "section":
            self._take_marked_aside(block, is_heading=is_heading)
        elif (
            item is not None
            and not is_heading
            and mark
            and (item.note_is_open or not item.has_abstract)
        ):
            self._take_text_of_item(item, block)
        elif is_heading and _may_head_papers(block):
            self._leave_item(block)
            self._zone, self._closed = "section", False
            self._note_day_within(block)
        else:
            raise DigestError(
                f"line {block.number}",
                f"'{block.line.whole[:60]}' is marked as no other title is; mark it as the others "
                "are, or write it as part of the abstract's paragraph",
            )

    def _take_marked_aside(self, block: Block, *, is_heading: bool) -> None:
        if self._zone in {"below", "sponsor"}:
            if is_heading:
                self._zone = "section"
                self._note_day_within(block)
            else:
                self._let_aside(block)
        elif len(block.text) > _SHORT or is_prose(block.line.rest):
            raise DigestError(
                f"line {block.number}",
                "a text without a title; write a title above it, marked as the others are",
            )
        else:
            where = f"line {block.number}"
            if not self.found.items and day_within(block.text, self._today, where) is None:
                self._front.take(block)
            self._note_day_within(block)

    def _take_greeting(self, block: Block) -> None:
        if self._item is not None and not self._item.has_abstract:
            self._take_text_of_item(self._item, block)
            return
        self._front.refuse_title(block, self._following, plain=self._plain)
        self._leave_item(block, for_good=True)
        self._zone, self._closed = "front", False
        note_mention(self.found, block.number, block.text)

    def _take_footer(self, block: Block) -> None:
        item = self._item
        if item is not None and not item.has_abstract and len(block.text) > _SHORT:
            self._take_text(_as_text(block))
        elif item is None and self._zone in {"front", "section"}:
            self._front.refuse_title(block, self._following, plain=self._plain)
            self._set_aside(block)
        else:
            self._leave_item(block, for_good=True)
            self._zone, self._closed = "below", False
            self._set_aside(block)

    def _begin_section_without_papers(self, block: Block) -> None:
        self._leave_item(block)
        self._zone, self._closed, self._without_papers = "sponsor", False, True
        self._set_aside(block)

    def _take_sponsor(self, block: Block) -> None:
        # "Sponsor" may head one advertisement among papers, "Sponsors" heads several.
        is_section = bool(block.line.marks) and block.line.marks[0][0] == "#"
        if is_section and "sponsors" in block.text.casefold() and heads_no_papers(block.text):
            self._begin_section_without_papers(block)
            return
        self._take_aside(_as_text(block), is_titled=self._plain)

    def _take_aside(self, block: Block, *, is_titled: bool = True) -> None:
        if is_titled and is_told_as_paper(block, self._following):
            self._take_title(replace(block, kind="title"))
            self.found.items[-1].may_be_aside = True
            return
        self._leave_item(block)
        self._zone, self._closed = "sponsor", False
        self._set_aside(block, is_titled=is_titled)

    def _set_aside(
        self, block: Block, *, is_titled: bool = False, is_last_word: bool = False
    ) -> None:
        is_below = self._zone == "below"
        aside = Aside(is_titled, is_below, self._without_papers, is_last_word)
        self.found.asides.append(aside)
        self._let_aside(block)

    def _let_aside(self, block: Block) -> None:
        self.found.asides[-1].take(block)

    def _note_day_within(self, block: Block) -> None:
        text = block.line.numbered_text if block.kind == "marked" else block.text
        day = day_in_heading(text, self._today, f"line {block.number}")
        note_day(self.found, block.line, day, block.text)

    def _open_item(self, block: Block) -> Item:
        if self._item is None or self._closed:
            raise DigestError(
                f"line {block.number}",
                "a line that belongs to no paper; write a title above it as the others have, "
                "or take it out",
            )
        return self._item

    def _give(self, item: Item, block: Block) -> None:
        byline = self._front.byline
        is_another = block.kind == "authors" and item.authors is None
        if is_another and byline is not None and self._front.is_labelled_like(block):
            raise belongs_nowhere(byline)
        add_line(item, block, self._today)

    def _leave_item(self, block: Block, *, for_good: bool = False) -> None:
        if self._item is not None:
            require_abstract_before(block, self._item, for_good=for_good)


def _is_heading(block: Block) -> bool:
    marks = block.line.marks
    return block.kind == "marked" and (marks[:1] == () or marks[0][0] in "#=~^" or "**" in marks)


def _may_head_papers(block: Block) -> bool:
    return len(block.text) <= _LONGEST_SECTION and not any(
        map(is_prose, (block.text, block.line.rest))
    )


def _as_text(block: Block) -> Block:
    whole = block.line.whole
    return Block("text", block.number, whole, block.line, block.is_direct, block.last, [whole])

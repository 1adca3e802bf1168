"""Room 1, papers: a paper as a digest's blocks, before it is read as an entry. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.digests.blocks import Block
from recommender.papers.digests.days import LABELLED, Heading
from recommender.papers.digests.endings import is_cut_off
from recommender.papers.digests.markdown_lines import Line, Link
from recommender.papers.digests.prose import is_prose
from recommender.papers.digests.set_aside import Aside
from recommender.papers.text.calendar_dates import mentions_a_day
from recommender.papers.text.calendar_periods import names_a_period
from recommender.papers.text.event_days import is_of_event


@dataclass(slots=True)
class Item:
    """One paper and the blocks that belong to it.

    Attributes
    ----------
    texts : list of Block
        Paragraphs without a label, in order.
    order : list of str
        The kinds of its blocks behind the title, each run once.
    broken : list of Block
        Addresses that had no room on the line above; ``broken_links`` are theirs.
    parts : list of Block
        Those of a structured abstract, or of notes before it.
    may_be_aside : bool
        Whether its title reads like an advertisement's or a chapter's.
    stands_alone : bool
        Whether a line of its own, beside the title, says what one paper says once: its authors, an
        identifier, a labelled abstract. Two papers whose second title is lost say it twice.
    """

    title: Block
    abstract: Block | None = None
    tldr: Block | None = None
    authors: Block | None = None
    day: date | None = None
    links: list[Link] = field(default_factory=list)
    texts: list[Block] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    last: int = 0
    broken: list[Block] = field(default_factory=list)
    broken_links: list[Link] = field(default_factory=list)
    parts: list[Block] = field(default_factory=list)
    stands_alone: bool = False
    note_is_open: bool = False
    may_be_aside: bool = False

    @property
    def has_abstract(self) -> bool:
        """Whether what came so far holds the abstract."""
        labelled = self.abstract is not None and bool(self.abstract.text)
        return labelled or bool(self.parts) or any(is_prose(text.text) for text in self.texts)


@dataclass(slots=True)
class Found:
    """What a walk over the blocks found.

    ``mentions`` are texts above papers, each with its line, whose day is not taken for theirs.
    """

    items: list[Item] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    curator: str | None = None
    ends_below: bool = False
    asides: list[Aside] = field(default_factory=list)
    mentions: list[tuple[int, str]] = field(default_factory=list)


def note_day(found: Found, line: Line, day: date | None, text: str = "") -> None:
    """Note a line that heads the papers below it, where it names a day or is a heading.

    ``text`` is the paragraph that it begins, if it is one.
    """
    plainly = LABELLED if line.label is not None else "day" if line.is_day else "text"
    mark = line.marks[0] if line.marks else plainly
    whole = text or line.whole
    named = line.label[1] if line.label else line.text
    period = day is None and not is_of_event(whole) and names_a_period(named)
    if day is None and not period:
        note_mention(found, line.number, whole)
    if day is not None or period or mark[:1] in {"#", "=", "~", "^"} or "**" in line.marks:
        found.headings.append(Heading(line.number, len(found.items), day, mark, is_period=period))


def note_mention(found: Found, number: int, text: str) -> None:
    """Note a text above papers that may name their day, or a deadline's, or any other."""
    if mentions_a_day(text):
        found.mentions.append((number, text))


def note_order(item: Item, kind: str) -> None:
    """Note that a paper goes on with a kind of line."""
    if item.order[-1:] != [kind]:
        item.order.append(kind)


def without_abstract(item: Item, instead: str, *, at_end: bool = False) -> DigestError:
    """Return the error for a title that no abstract follows."""
    kind = UnfinishedDigestError if at_end else DigestError
    return kind(
        f"line {item.title.number}",
        f"a title without an abstract ({instead}); add the abstract below it, or end it with a "
        "full stop if it is a short one, or take the title out",
    )


def twice(block: Block, what: str) -> DigestError:
    """Return the error for what one paper has once."""
    return DigestError(
        f"line {block.number}",
        f"a second {what} for one paper; write the title of the second paper above it, "
        "or take it out",
    )


def belongs_nowhere(block: Block) -> DigestError:
    """Return the error for a line that no title heads."""
    return DigestError(
        f"line {block.number}",
        f"'{block.line.whole[:60]}' belongs to no paper; write the title above it as the others "
        "have, or take it out",
    )


def require_end(item: Item, *, ends_line: bool) -> None:
    """Notice a file that ends in the middle of its last paper's abstract."""
    text = item.abstract if item.abstract is not None else item.texts[-1]
    if item.order[-1:] in (["abstract"], ["text"]) and is_cut_off(
        text.text, ends_line=ends_line, wrapped=len(text.parts) > 1
    ):
        raise UnfinishedDigestError(
            f"line {text.last}",
            "the file ends in the middle of a sentence; complete it, or end it with a full stop",
        )

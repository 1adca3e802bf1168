"""Jobs: the papers that a subscriber rated or saved, as lists that they search and page through.

What is in a list is decided by pure functions over all of it: nobody has more than some thousands,
and words are found whatever their accents, which no database does alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from recommender.domain import Paper, PaperNote, Rating
from recommender.interests.author_names import fold_letters
from recommender.jobs.people.last_change import Kind
from recommender.store import last_changes, paper_notes, papers, ratings
from recommender.store.database import Session

PAPERS_ON_A_PAGE: Final = 20
SEARCHED_CHARACTERS: Final = 200

_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


class Order(StrEnum):
    """In which order papers are listed."""

    NEWEST = "saved"
    TITLE = "title"
    DATE = "date"


class Shown(StrEnum):
    """Which papers are listed."""

    ALL = "all"
    UNREAD = "unread"
    READ = "read"


@dataclass(frozen=True, slots=True)
class RatedPaper:
    """A paper, what its reader says of it now, and what they wrote down.

    Attributes
    ----------
    stood_at : datetime
        What it is ordered by: when it was rated or saved; of the paper that was changed last, when
        it was before that, so that nothing moves under the thumb.
    """

    paper: Paper
    value: int
    saved: bool
    stood_at: datetime
    note: PaperNote

    @property
    def paper_id(self) -> int:
        """Its id."""
        return self.paper.id

    @property
    def title(self) -> str:
        """Its title."""
        return self.paper.title

    @property
    def url(self) -> str:
        """Its address; empty where nobody gave one."""
        return self.paper.url or ""

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back."""
        return self.paper.withdrawn_at is not None


@dataclass(frozen=True, slots=True)
class Query:
    """What of a list is asked for.

    Attributes
    ----------
    words : str
        All of them stand somewhere in title, authors, note or tags, each as a whole or in part.
    tag : str
        One that the papers have; empty where any will do.
    page : int
        From 1; beyond the last one is the last one.
    """

    words: str = ""
    order: Order = Order.NEWEST
    shown: Shown = Shown.ALL
    tag: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list.

    Attributes
    ----------
    found, pages : int
        How many papers there are on all pages, and how many pages; at least one.
    """

    papers: tuple[RatedPaper, ...]
    found: int
    page: int
    pages: int


def load(
    session: Session,
    subscriber_id: int,
    is_listed: Callable[[Rating], bool],
    *,
    change: int = 0,
) -> list[RatedPaper]:
    """Read the papers of a list; one that was just taken off it stands where it stood.

    Parameters
    ----------
    is_listed : callable
        Whether a rating puts its paper on this list.
    change : int
        The number of the change that is answered, see `last_change`; 0: none.
    """
    said = {each.paper_id: each for each in ratings.of_subscriber(session, subscriber_id)}
    before = _before(session, subscriber_id, change)
    listed = {each.paper_id: each for each in said.values() if is_listed(each)}
    if before is not None and is_listed(before):
        now = said.get(before.paper_id)
        listed[before.paper_id] = Rating(
            before.paper_id,
            0 if now is None else now.value,
            now is not None and now.saved,
            before.rated_at,
        )
    notes = paper_notes.of_subscriber(session, subscriber_id)
    found = papers.by_ids(session, listed)
    return [
        RatedPaper(
            paper,
            listed[paper.id].value,
            listed[paper.id].saved,
            listed[paper.id].rated_at,
            notes.get(paper.id, PaperNote(paper.id)),
        )
        for paper in found.values()
    ]


def _before(session: Session, subscriber_id: int, number: int) -> Rating | None:
    """Return what was said before a change of what is said of a paper."""
    change = last_changes.of_subscriber(session, subscriber_id) if number else None
    if change is None or change.number != number or change.kind != Kind.PAPER:
        return None
    if change.before["rating"] is None:
        return None
    value, saved, rated_at = change.before["rating"]
    paper_id = papers.standing_id(session, int(change.subject))
    return Rating(paper_id, value, saved, datetime.fromisoformat(rated_at))


def page_of(listed: Sequence[RatedPaper], query: Query, *, answered: int = 0) -> ListPage:
    """Choose, order and part the papers of a list.

    Parameters
    ----------
    answered : int
        The id of the paper at which an answer stands: it is shown, also where what was done to it
        took it from what is asked for; 0: none.
    """
    chosen = [each for each in listed if each.paper_id == answered or matches(each, query)]
    found = arranged(chosen, query.order)
    pages = max(1, -(-len(found) // PAPERS_ON_A_PAGE))
    page = min(max(1, query.page), pages)
    first = (page - 1) * PAPERS_ON_A_PAGE
    return ListPage(tuple(found[first : first + PAPERS_ON_A_PAGE]), len(found), page, pages)


def matches(each: RatedPaper, query: Query) -> bool:
    """Whether a paper is among what is asked for."""
    if query.shown is not Shown.ALL and (each.note.read_at is None) != (
        query.shown is Shown.UNREAD
    ):
        return False
    tags = each.note.tags
    if query.tag and query.tag.casefold() not in {tag.casefold() for tag in tags}:
        return False
    words = fold_letters(query.words[:SEARCHED_CHARACTERS]).split()
    if not words:
        return True
    text = fold_letters(" ".join((each.paper.title, *each.paper.authors, each.note.note, *tags)))
    return all(word in text for word in words)


def arranged(listed: Sequence[RatedPaper], order: Order) -> list[RatedPaper]:
    """Order papers: by title, or the newest first; of one moment, the last one that came."""
    match order:
        case Order.TITLE:
            return sorted(listed, key=lambda each: (fold_letters(each.title), each.paper_id))
        case Order.DATE:
            return sorted(
                listed,
                key=lambda each: (each.paper.published_at or _LONG_AGO, each.paper_id),
                reverse=True,
            )
        case Order.NEWEST:
            return sorted(listed, key=lambda each: (each.stood_at, each.paper_id), reverse=True)


def tags_of(listed: Sequence[RatedPaper]) -> list[str]:
    """Return the tags of a list, each once, in the order of the alphabet."""
    tags: dict[str, str] = {}
    for each in listed:
        for tag in each.note.tags:
            tags.setdefault(tag.casefold(), tag)
    return [tags[key] for key in sorted(tags)]

"""Jobs: papers that are named for a subscriber, by them as known, or by an operator.

What an operator names stands on the reading list, as if it had been saved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from recommender.domain import Vote
from recommender.errors import DigestError, NotFoundError, UnreadableError
from recommender.jobs.outgoing import links
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.people.voting import after_vote
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.intake.intake import store_named
from recommender.papers.references.bibliography import Unread
from recommender.store import known_papers, papers, ratings, subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.papers.references.references import References

KNOWN_MAX: Final = 5_000
"""Papers that one subscriber names."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What came of the papers that somebody named.

    Attributes
    ----------
    saved, already_saved : tuple of str
        Titles of the papers that are kept for them now, and of those that were before.
    papers_new : int
        How many of these nobody had named before.
    waiting : tuple of str
        Identifiers of papers that are not known yet. They stand in the subscriber's interests, and
        count once a digest brings the paper.
    no_room : tuple of str
        Such identifiers for which their interests have no room.
    unread : tuple of Unread
        What names no paper.
    """

    saved: tuple[str, ...]
    already_saved: tuple[str, ...]
    papers_new: int
    waiting: tuple[str, ...]
    no_room: tuple[str, ...]
    unread: tuple[Unread, ...]

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}

    def __str__(self) -> str:
        """Return all of it in one line."""
        return (
            f"{counted(len(self.saved), 'paper')} saved, {len(self.already_saved)} saved before, "
            f"{len(self.waiting)} not known yet, {len(self.no_room)} without room, "
            f"{len(self.unread)} not understood"
        )


def seed(
    services: Services, subscriber_id: int, content: bytes | str, *, as_known: bool = False
) -> SeedReport:
    """Keep the papers that are named for a subscriber. Twice changes nothing more.

    At most 500 papers are taken at a time.

    Parameters
    ----------
    content : bytes or str
        See `read_references`.
    as_known : bool
        As papers that they know; else on their reading list, which takes a dislike back as saving
        from a mail does.

    Raises
    ------
    DigestError
        If it cannot be read; nothing is saved.
    NotFoundError
        If the subscriber was erased.
    """
    # Read by another process; what reads it takes memory in this one too.
    from recommender.papers.references.references import read_references  # noqa: PLC0415

    typed = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        references = services.reading.read(read_references, typed)
    except UnreadableError as error:
        problem = Message("it takes too long to read; split it, or name the papers by their ids")
        raise DigestError("file", problem) from error
    now = services.clock()
    with services.change() as session:
        subscriber = subscribers.by_id(session, subscriber_id)
        if subscriber is None:
            raise NotFoundError("this subscription was erased; nothing is kept about it any more")
        stored = store_named(session, references.entries, now=now)
        known, unknown = _resolved(session, references)
        paper_ids = list(dict.fromkeys([*(paper_id for paper_id, _ in stored), *known]))
        titles = {each.id: each.title for each in papers.by_ids(session, paper_ids).values()}
        keep = _add_known if as_known else _save
        fresh = keep(session, subscriber_id, paper_ids, now=now)
        interests, waiting = _with_identifiers(subscriber.interests, unknown)
        if interests != subscriber.interests:
            subscribers.set_interests(session, subscriber_id, interests)
    return SeedReport(
        saved=tuple(titles[each] for each in paper_ids if each in fresh),
        already_saved=tuple(titles[each] for each in paper_ids if each not in fresh),
        papers_new=len({paper_id for paper_id, is_new in stored if is_new}),
        waiting=tuple(waiting),
        no_room=tuple(each for each in unknown if each not in waiting),
        unread=references.unread,
    )


def seed_linked(services: Services, token: str, content: bytes | str) -> SeedReport:
    """Keep the papers that the subscriber behind a preferences link says they know; see `seed`.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.PREFERENCES)
    return seed(services, payload.subscriber_id, content, as_known=True)


def forget_known(session: Session, subscriber_id: int, paper_id: int | None) -> None:
    """Forget that a subscriber named a paper as known; None: all of them."""
    named = known_papers.named(session, subscriber_id)
    standing = paper_id and papers.standing_id(session, paper_id)
    kept = [] if standing is None else [each for each in named if each.paper_id != standing]
    known_papers.put_all(session, subscriber_id, kept)


def _add_known(
    session: Session, subscriber_id: int, paper_ids: Iterable[int], *, now: datetime
) -> set[int]:
    """Have a subscriber know papers; gives those that they had not named before."""
    before = {each.paper_id for each in known_papers.named(session, subscriber_id)}
    fresh = set(paper_ids) - before
    if len(before) + len(fresh) > KNOWN_MAX:
        raise DigestError(
            "file",
            Message(
                "with these you would know %(papers)s papers, and %(most)s are possible; forget"
                " some first",
                papers=len(before) + len(fresh),
                most=KNOWN_MAX,
            ),
        )
    known_papers.add(session, subscriber_id, fresh, now=now)
    return fresh


def _save(
    session: Session, subscriber_id: int, paper_ids: Iterable[int], *, now: datetime
) -> set[int]:
    """Put papers on the reading list; gives those that were not on it."""
    said = {rating.paper_id: rating for rating in ratings.of_subscriber(session, subscriber_id)}
    fresh = set()
    for paper_id in paper_ids:
        before = said.get(paper_id)
        # A second time would make it the newest of all that they said.
        if before is None or not before.saved:
            after = after_vote(before, paper_id, Vote.SAVE, now=now)
            ratings.put(session, subscriber_id, after)
            fresh.add(paper_id)
    return fresh


def _resolved(session: Session, references: References) -> tuple[list[int], list[str]]:
    """Part bare identifiers into the ids of known papers, and those of unknown ones."""
    ids = papers.ids_by_identifier(session, arxiv_ids=references.arxiv_ids, dois=references.dois)
    named = [*references.arxiv_ids, *references.dois]
    return [ids[each] for each in named if each in ids], [each for each in named if each not in ids]


def _with_identifiers(interests: str, unknown: Iterable[str]) -> tuple[str, list[str]]:
    """Append identifiers to stated interests as far as there is room; gives those that stand there.

    >>> _with_identifiers("graphs", ["1706.03762"])
    ('graphs, 1706.03762', ['1706.03762'])
    """
    named = find_identifiers(interests)
    standing = {*named.arxiv_ids, *named.dois}
    kept = []
    for identifier in unknown:
        longer = f"{interests}, {identifier}" if interests else identifier
        if identifier not in standing and len(longer) <= INTERESTS_MAX_CHARACTERS:
            interests = longer
            standing.add(identifier)
        if identifier in standing:
            kept.append(identifier)
    return interests, kept

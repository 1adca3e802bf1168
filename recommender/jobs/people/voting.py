"""Jobs: what somebody says of a paper, through the links of an issue."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from recommender.domain import Rating, Thumbnail, Vote
from recommender.errors import NotFoundError
from recommender.formulas import readable
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.papers.identity.canonical_ids import searched_at
from recommender.store import issues, papers, ratings, subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose

_VOTES = {code: vote for vote, code in links.VOTE_CODES.items()}
_TOLD: Final = 3
_TITLE_TOLD: Final = 45


@dataclass(frozen=True, slots=True)
class Choice:
    """What a form says of a paper, beside what stood in it when it was shown.

    What was not changed in the form says nothing: somebody may have said it elsewhere since.

    Attributes
    ----------
    value, was_value : int
        +1, -1, or 0 for nothing.
    saved, was_saved : bool
    """

    value: int
    saved: bool
    was_value: int
    was_saved: bool


@dataclass(frozen=True, slots=True)
class RatedEntry:
    """One paper of an issue, and what the subscriber says of it now.

    Attributes
    ----------
    value : int
        +1, -1, or 0 where they said nothing.
    keywords : tuple of str
        The digest's own, as they are today.
    withdrawn : bool
        The paper was taken back, perhaps since the issue was sent.
    """

    position: int
    paper_id: int
    title: str
    url: str | None
    authors: tuple[str, ...]
    excerpt: str
    excerpt_is_summary: bool
    reason: str
    explored: bool
    value: int
    saved: bool
    code_url: str | None = None
    project_url: str | None = None
    keywords: tuple[str, ...] = ()
    withdrawn: bool = False
    topic: str = ""
    reason_is_personal: bool = True
    search_site: str | None = None
    thumbnail: Thumbnail | None = None


@dataclass(frozen=True, slots=True)
class Leaning:
    """What the ratings of an issue change in the next one.

    Attributes
    ----------
    more, less : tuple of str
        Topics; of papers without one, the title.
    """

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RatingPage:
    """The page behind a rating link.

    Attributes
    ----------
    subject_paper_id : int
        The paper whose link was opened.
    vote : Vote or None
        What that link stands for; None: for no vote.
    language : str or None
        Of the subscriber; see `domain.Subscriber`.
    """

    issue_date: date
    subject_paper_id: int
    vote: Vote | None
    entries: tuple[RatedEntry, ...]
    preferences_url: str
    language: str | None


def open_rating(services: Services, token: str) -> RatingPage:
    """Show a paper with the vote that a link stands for, and the rest of its issue.

    Changes nothing: mail scanners open every link.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    NotFoundError
        If the issue is gone with its subscriber.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.RATE)
        subscriber_id, (issue_id, paper_id, code) = payload.subscriber_id, payload.values
        issue = issues.by_id(session, issue_id)
        subscriber = subscribers.by_id(session, subscriber_id)
        if subscriber is None or issue is None or issue.subscriber_id != subscriber_id:
            raise _gone()
        said = {rating.paper_id: rating for rating in ratings.of_subscriber(session, subscriber_id)}
        shown = [entry.paper_id for entry in issue.entries]
        today = papers.by_ids(session, shown)
        pictures = services.thumbnails.of_papers(session, shown)
        subject_paper_id = papers.standing_id(session, paper_id)
    return RatingPage(
        issue_date=issue.date,
        subject_paper_id=subject_paper_id,
        vote=_VOTES.get(code),
        entries=tuple(
            RatedEntry(
                position=entry.position,
                paper_id=entry.paper_id,
                title=entry.title,
                url=entry.url,
                authors=entry.authors,
                excerpt=entry.excerpt,
                excerpt_is_summary=entry.excerpt_is_summary,
                reason=entry.reason,
                explored=entry.explored,
                value=said[entry.paper_id].value if entry.paper_id in said else 0,
                saved=entry.paper_id in said and said[entry.paper_id].saved,
                code_url=entry.code_url,
                project_url=entry.project_url,
                keywords=today[entry.paper_id].keywords,
                withdrawn=today[entry.paper_id].withdrawn_at is not None,
                topic=entry.topic,
                reason_is_personal=entry.reason_is_personal,
                search_site=searched_at(entry.url),
                thumbnail=pictures.get(entry.paper_id),
            )
            for entry in issue.entries
        ),
        preferences_url=links.preferences_url(services, subscriber, since=issue.composed_at),
        language=subscriber.language,
    )


def vote_linked(services: Services, token: str, choice: Vote, paper_id: int | None = None) -> None:
    """Take the vote of whoever has a link of an issue; see `rate_linked`."""
    rate_linked(services, token, {}, pressed=choice, paper_id=paper_id)


def rate_linked(
    services: Services,
    token: str,
    choices: Mapping[int, Choice],
    *,
    pressed: Vote | None = None,
    paper_id: int | None = None,
) -> None:
    """Take what whoever has a link of an issue says of its papers, all of it or nothing.

    Parameters
    ----------
    choices : mapping of int to Choice
        By paper id.
    pressed : Vote, optional
        The vote of a button, on one paper; taken after the choices. To withdraw it on the page of a
        link undoes what that link stands for, and nothing that was said beside it.
    paper_id : int or None
        Which one, of the same issue; None is the one whose link was opened.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    NotFoundError
        If the issue is gone, or has no such paper.
    """
    # What is not ours waits for nobody who writes.
    signed = links.signed(services, token, Purpose.RATE)

    def take(session: Session) -> None:
        payload = signed.read(session)
        subscriber_id, (issue_id, linked_paper_id, code) = payload.subscriber_id, payload.values
        offered = issues.paper_ids(session, issue_id, subscriber_id=subscriber_id)
        if offered is None:
            raise _gone()
        now = services.clock()
        for chosen_id, choice in choices.items():
            target = _target(session, chosen_id, offered, issue_id)
            before = ratings.of_paper(session, subscriber_id, target)
            after = after_choice(before, target, choice, now=now)
            if after is not None:
                ratings.put(session, subscriber_id, after)
        if pressed is not None:
            wanted = linked_paper_id if paper_id is None else paper_id
            target = _target(session, wanted, offered, issue_id)
            if pressed is Vote.WITHDRAW and paper_id is None and code in _VOTES:
                before = ratings.of_paper(session, subscriber_id, target)
                after = after_undoing(before, target, _VOTES[code], now=now)
                ratings.put(session, subscriber_id, after)
            else:
                vote(session, subscriber_id, target, pressed, now=now)

    # Many vote at breakfast: a commit each would be two hundred votes a second at most.
    services.database.write_together(take)


def _target(session: Session, paper_id: int, offered: Iterable[int], issue_id: int) -> int:
    """Return the paper of an issue that an id stands for, which may be of a row that was merged."""
    if paper_id not in offered:
        paper_id = papers.standing_id(session, paper_id)
    if paper_id not in offered:
        raise NotFoundError(f"issue {issue_id} has no paper {paper_id}; use the links of the mail")
    return paper_id


def vote(
    session: Session, subscriber_id: int, paper_id: int, choice: Vote, *, now: datetime
) -> None:
    """Take a vote that the caller has seen to be theirs to give; the newest counts."""
    before = ratings.of_paper(session, subscriber_id, paper_id)
    ratings.put(session, subscriber_id, after_vote(before, paper_id, choice, now=now))


def after_vote(before: Rating | None, paper_id: int, choice: Vote, *, now: datetime) -> Rating:
    """Decide what a vote makes of what was said before.

    A like and a save go together; a dislike takes a paper off the reading list, and saving a
    disliked paper takes the dislike back, so that nobody is taken for liking and disliking it.
    """
    value = 0 if before is None else before.value
    saved = before is not None and before.saved
    match choice:
        case Vote.UP:
            value = 1
        case Vote.DOWN:
            value, saved = -1, False
        case Vote.SAVE:
            value, saved = max(value, 0), True
        case Vote.WITHDRAW:
            value, saved = 0, False
    return Rating(paper_id=paper_id, value=value, saved=saved, rated_at=now)


def after_undoing(before: Rating | None, paper_id: int, undone: Vote, *, now: datetime) -> Rating:
    """Decide what is left of what was said before once one vote of it is undone.

    What was said since in its place stays: the page may be an old one.
    """
    value = 0 if before is None else before.value
    saved = before is not None and before.saved
    if undone is Vote.SAVE:
        saved = False
    elif value == (1 if undone is Vote.UP else -1):
        value = 0
    return Rating(paper_id=paper_id, value=value, saved=saved, rated_at=now)


def after_choice(
    before: Rating | None, paper_id: int, choice: Choice, *, now: datetime
) -> Rating | None:
    """Decide what a form makes of what was said before; None where it changes nothing.

    As with `after_vote`, nobody dislikes and keeps a paper: what was changed in the form goes
    before what was not, and of both changed, that it is saved.
    """
    said_value = 0 if before is None else before.value
    said_saved = before is not None and before.saved
    value = choice.value if choice.value != choice.was_value else said_value
    saved = choice.saved if choice.saved is not choice.was_saved else said_saved
    if value < 0 and saved:
        if choice.saved and not choice.was_saved:
            value = 0
        else:
            saved = False
    if (value, saved) == (said_value, said_saved):
        return None
    return Rating(paper_id=paper_id, value=value, saved=saved, rated_at=now)


def leaning(entries: Iterable[RatedEntry]) -> Leaning:
    """Return what the next issue has more and less of after these ratings; the first few topics."""
    more: dict[str, str] = {}
    less: dict[str, str] = {}
    for entry in entries:
        about = readable(entry.topic) or f"“{_shortened(readable(entry.title))}”"
        if entry.value > 0 or entry.saved:
            more.setdefault(about.casefold(), about)
        elif entry.value < 0:
            less.setdefault(about.casefold(), about)
    # Who likes one of a topic and dislikes another does not want less of it.
    only_less = [about for key, about in less.items() if key not in more]
    return Leaning(tuple(more.values())[:_TOLD], tuple(only_less)[:_TOLD])


def _shortened(title: str) -> str:
    words = textwrap.shorten(title, _TITLE_TOLD, placeholder="…")
    # A title that is one word is cut within it.
    return words if words != "…" else f"{title[:_TITLE_TOLD]}…"


def _gone() -> NotFoundError:
    return NotFoundError("this issue does not exist any more; the newest mail has fresh links")

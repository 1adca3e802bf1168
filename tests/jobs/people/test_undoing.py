"""What a subscriber changed last can be undone for an hour, unless something came after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Rating, Subscriber, Vote
from recommender.errors import PreferenceError
from recommender.jobs.people import preferences, reading_list, undoing, voting
from recommender.jobs.people.last_change import UNDONE_WITHIN, Kind, undoable
from recommender.jobs.people.term_ratings import forget_learned, rate_words, take_back
from recommender.jobs.services import Services
from recommender.membership.preferences import parse_preferences
from recommender.store import (
    last_changes,
    learning_resets,
    ratings,
    subscribers,
    term_ratings,
)
from recommender.store.database import Session

Subscribe = Callable[..., Subscriber]
Change = Callable[[Services, Session, Subscriber], None]


def paper_of(services: Services, reader: Subscriber) -> int:
    with services.database.read() as session:
        (rating,) = ratings.of_subscriber(session, reader.id)
    return rating.paper_id


def change(
    services: Services, reader: Subscriber, kind: Kind, do: Change, subject: str = ""
) -> int:
    """Do something as a page does; gives the number that undoes it."""
    with services.change() as session:
        now = services.clock()
        with undoable(session, reader.id, kind, subject, now=now) as made:
            do(services, session, reader)
    return made.number


def undo(services: Services, reader: Subscriber, number: int) -> None:
    with services.change() as session:
        known = subscribers.by_id(session, reader.id)
        assert known is not None
        undoing.undo(services, session, known, number)


def all_of(services: Services, reader: Subscriber) -> Any:
    """Return all that undoing may put back."""
    with services.database.read() as session:
        return (
            subscribers.by_id(session, reader.id),
            ratings.of_subscriber(session, reader.id),
            term_ratings.of_subscriber(session, reader.id),
            learning_resets.of_subscribers(session, [reader.id]),
        )


def remove_paper(services: Services, session: Session, reader: Subscriber) -> None:
    (rating,) = ratings.of_subscriber(session, reader.id)
    reading_list.remove(session, reader.id, rating.paper_id, now=services.clock())


def less_of_networks(services: Services, session: Session, reader: Subscriber) -> None:
    rate_words(session, reader.id, "neural networks", -1, now=services.clock())


def forget_networks(_services: Services, session: Session, reader: Subscriber) -> None:
    take_back(session, reader.id, "neural networks")


def forget_all(services: Services, session: Session, reader: Subscriber) -> None:
    forget_learned(session, reader.id, now=services.clock())


def choose(services: Services, session: Session, reader: Subscriber) -> None:
    wanted = parse_preferences(
        hour="18", weekdays="mon", timezone="UTC", papers="3", current=reader.preferences
    )
    words = {"interests": "knots", "followed": "Ada Example", "blocked": "braids"}
    preferences.change_preferences(services, session, reader, wanted, **words)


def pause(services: Services, session: Session, reader: Subscriber) -> None:
    preferences.pause(services, session, reader, 14)


@pytest.mark.parametrize("value", [1, 0])
@pytest.mark.parametrize(
    ("kind", "do", "subject"),
    [
        (Kind.PAPER, remove_paper, "paper"),
        (Kind.WORDS, less_of_networks, "neural networks"),
        (Kind.WORDS, forget_networks, "neural networks"),
        (Kind.LEARNING, forget_all, ""),
        (Kind.PREFERENCES, choose, ""),
        (Kind.PAUSE, pause, ""),
    ],
)
def test_undoing_puts_back_exactly_what_was(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
    kind: Kind,
    do: Change,
    subject: str,
    value: int,
) -> None:
    reader = subscribe(interests="graphs", followed="pruning")
    ingest(["Graph pruning"])
    rate(reader, ["Graph pruning"], value, saved=True)
    with services.change() as session:
        rate_words(session, reader.id, "neural networks", 1, now=services.clock())
    before = all_of(services, reader)
    clock.now += timedelta(minutes=5)

    subject = str(paper_of(services, reader)) if subject == "paper" else subject
    number = change(services, reader, kind, do, subject)
    assert all_of(services, reader) != before
    clock.now += UNDONE_WITHIN - timedelta(seconds=1)
    undo(services, reader, number)

    assert all_of(services, reader) == before


def test_a_pause_that_was_ended_is_a_pause_again(services: Services, subscribe: Subscribe) -> None:
    reader = subscribe()
    change(services, reader, Kind.PAUSE, pause)
    paused = all_of(services, reader)

    def resume(services: Services, session: Session, _: Subscriber) -> None:
        preferences.resume(services, session, paused[0])

    number = change(services, reader, Kind.PAUSE, resume)
    undo(services, reader, number)

    assert all_of(services, reader) == paused


def test_what_came_after_a_change_is_not_overwritten(
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
) -> None:
    reader = subscribe()
    ingest(["Graph pruning"])
    rate(reader, ["Graph pruning"], 1, saved=True)
    paper_id = paper_of(services, reader)
    number = change(services, reader, Kind.PAPER, remove_paper, str(paper_id))
    clock.now += timedelta(minutes=1)
    with services.database.write() as session:  # by a link of a mail
        voting.vote(session, reader.id, paper_id, Vote.DOWN, now=services.clock())

    with pytest.raises(PreferenceError):
        undo(services, reader, number)

    with services.database.read() as session:
        said = ratings.of_subscriber(session, reader.id)
    assert said == [Rating(paper_id, -1, saved=False, rated_at=clock.now)]


@pytest.mark.parametrize("late", ["an hour", "another change", "never made"])
def test_a_button_that_comes_too_late_changes_nothing(
    *, services: Services, subscribe: Subscribe, clock: Any, stored: Callable[[], Any], late: str
) -> None:
    reader = subscribe()
    number = change(services, reader, Kind.WORDS, less_of_networks, "neural networks")
    match late:
        case "an hour":
            clock.now += UNDONE_WITHIN
        case "another change":
            change(services, reader, Kind.PREFERENCES, choose)
        case "never made":
            number += 1
    _, before = stored()

    with pytest.raises(PreferenceError) as caught:
        undo(services, reader, number)

    assert caught.value.field == "undo"
    assert stored()[1] == before


def test_a_second_tap_on_the_button_changes_nothing_and_is_no_error(
    services: Services, subscribe: Subscribe, clock: Any, stored: Callable[[], Any]
) -> None:
    reader = subscribe()
    number = change(services, reader, Kind.WORDS, less_of_networks, "neural networks")
    undo(services, reader, number)
    _, before = stored()

    undo(services, reader, number)
    assert stored()[1] == before

    clock.now += UNDONE_WITHIN
    with pytest.raises(PreferenceError):
        undo(services, reader, number)


def test_what_changed_nothing_is_undone_with_what_was_changed_before_it(
    services: Services, subscribe: Subscribe
) -> None:
    reader = subscribe()
    first = change(services, reader, Kind.WORDS, less_of_networks, "neural networks")

    assert change(services, reader, Kind.WORDS, lambda *_: None, "neural networks") == first
    assert change(services, reader, Kind.WORDS, lambda *_: None, "graphs") == 0

    undo(services, reader, first)
    assert all_of(services, reader)[2] == []


def test_somebody_elses_change_is_not_undone(services: Services, subscribe: Subscribe) -> None:
    reader, other = subscribe("reader"), subscribe("other")
    number = change(services, reader, Kind.PREFERENCES, choose)

    with pytest.raises(PreferenceError):
        undo(services, other, number)


def test_an_old_change_is_forgotten(services: Services, subscribe: Subscribe, clock: Any) -> None:
    reader = subscribe()
    change(services, reader, Kind.PREFERENCES, choose)
    with services.database.write() as session:
        last_changes.forget(session, before=clock.now)
        assert last_changes.of_subscriber(session, reader.id) is not None
        last_changes.forget(session, before=clock.now + timedelta(seconds=1))
        assert last_changes.of_subscriber(session, reader.id) is None

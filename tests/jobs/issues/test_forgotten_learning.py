"""What was learned and forgotten is no evidence, and is not sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from recommender.domain import Issue, Subscriber
from recommender.jobs.issues import learning, readers
from recommender.jobs.people.term_ratings import forget_learned, rate_words
from recommender.jobs.services import Services

OLD, NEW = ("Graph pruning", "Graph lattices"), ("Protein folding", "Protein design")


def test_what_was_forgotten_teaches_nothing_and_what_is_said_since_does(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
    clock: Any,
) -> None:
    reader, other = subscribe("reader"), subscribe("other")
    ingest([*OLD, *NEW, "Speech recognition"])
    for each in (reader, other):
        rate(each, OLD)
    with services.change() as session:
        rate_words(session, reader.id, "lattices", 1, now=services.clock())
        clock.now += timedelta(minutes=1)
        forget_learned(session, reader.id, now=services.clock())
    clock.now += timedelta(minutes=1)
    forgotten = learning.explain_subscriber(services, reader.email)
    rate(reader, NEW[:1])

    learned = learning.explain_subscriber(services, reader.email)
    with services.database.read() as session:
        (loaded, kept) = readers.load_readers(session, [reader, other])
    compose_now()

    assert (forgotten.likes, forgotten.words.liked) == (0, ())
    assert learned.likes == 1
    assert any("protein" in words.lower() for words in learned.words.liked)
    assert not any("graph" in words.lower() for words in learned.words.liked)
    assert (len(loaded.ratings), len(loaded.terms)) == (1, 0)
    assert len(kept.ratings) == 2
    (issue,) = issues_of(reader)
    assert {entry.title for entry in issue.entries}.isdisjoint((*OLD, NEW[0]))
    assert issue.likes == 1

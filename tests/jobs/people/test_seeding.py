"""Papers that subscribers name themselves count as saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import KnownPaper, Rating, Subscriber
from recommender.errors import DigestError, NotFoundError, TokenError
from recommender.jobs.issues import readers
from recommender.jobs.outgoing import links
from recommender.jobs.people import seeding
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.services import Services
from recommender.papers.references.bibliography import Unread
from recommender.store import known_papers, ratings
from recommender.store.erasing import erase_subscriber

BIBTEX = """
@article{a, title={Kneading}, eprint={1706.03762}, archiveprefix={arXiv}, url={https://x.example.net}}
@article{b, title={Rising}, abstract={Dough rises.}, author={Example, Ann}}
"""


def said(services: Services, subscriber: Subscriber) -> list[Rating]:
    with services.database.read() as session:
        return ratings.of_subscriber(session, subscriber.id)


def known(services: Services, *some: Subscriber) -> list[list[KnownPaper]]:
    with services.database.read() as session:
        return [known_papers.named(session, each.id) for each in some]


def named(services: Services, *interests: str) -> list[tuple[int, ...]]:
    with services.database.read() as session:
        return readers.named_papers(session, interests)


def test_known_papers_are_saved(
    services: Services, subscribe: Callable[..., Subscriber], ingest: Callable[..., Any]
) -> None:
    ingest([{"title": "Kneading", "id": "1706.03762"}, {"title": "Rising", "id": "10.1000/r"}])
    reader = subscribe(interests="graphs")

    report = seeding.seed(services, reader.id, "arXiv:1706.03762v2\n10.1000/R")

    assert (report.saved, report.papers_new) == (("Kneading", "Rising"), 0)
    assert [(r.value, r.saved, r.rated_at) for r in said(services, reader)] == [
        (0, True, services.clock()),
        (0, True, services.clock()),
    ]


def test_papers_that_nobody_knows_are_stored_and_saved(
    services: Services,
    subscribe: Callable[..., Subscriber],
    stored_papers: Callable[[], list[Any]],
) -> None:
    reader = subscribe()

    report = seeding.seed(services, reader.id, BIBTEX)

    kneading, rising = stored_papers()
    assert (report.saved, report.papers_new) == (("Kneading", "Rising"), 2)
    assert (kneading.arxiv_id, kneading.url) == ("1706.03762", "https://arxiv.org/abs/1706.03762")
    assert (rising.abstract, rising.authors, rising.url) == ("Dough rises.", ("Ann Example",), None)
    assert {rating.paper_id for rating in said(services, reader)} == {kneading.id, rising.id}


def test_papers_that_somebody_named_are_offered_to_nobody(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Any]],
) -> None:
    ingest(["From a digest"])
    seeding.seed(services, subscribe("fan").id, BIBTEX)
    other = subscribe("other")

    compose_now()

    (issue,) = issues_of(other)
    assert [entry.title for entry in issue.entries] == ["From a digest"]


def test_seeding_twice_changes_nothing_more(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any, stored: Callable[[], Any]
) -> None:
    reader = subscribe(interests="graphs")
    seeding.seed(services, reader.id, BIBTEX + "1810.04805")
    _, before = stored()
    clock.now += timedelta(days=1)

    report = seeding.seed(services, reader.id, BIBTEX + "1810.04805")

    assert (report.saved, report.already_saved) == ((), ("Kneading", "Rising"))
    assert (report.papers_new, report.waiting) == (0, ("1810.04805",))
    assert stored()[1] == before


def test_a_dislike_is_taken_back_and_a_like_stays(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
) -> None:
    ingest(["Kneading", "Rising"])
    reader = subscribe()
    rate(reader, ["Kneading"], -1)
    rate(reader, ["Rising"], 1)

    seeding.seed(services, reader.id, BIBTEX)

    assert [(r.value, r.saved) for r in said(services, reader)] == [(0, True), (1, True)]


def test_unknown_identifiers_wait_in_the_interests_until_a_digest_brings_them(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    ingest: Callable[..., Any],
    stored_papers: Callable[[], list[Any]],
) -> None:
    reader = subscribe(interests="graphs")

    report = seeding.seed(services, reader.id, "2603.00001\nhttps://doi.org/10.1000/R")
    interests = now_known(reader).interests

    assert report.waiting == ("2603.00001", "10.1000/r")
    assert interests == "graphs, 2603.00001, 10.1000/r"
    assert named(services, interests) == [()]
    ingest([{"title": "Rising", "id": "10.1000/r"}, {"title": "Kneading", "id": "2603.00001"}])
    rising, kneading = stored_papers()
    assert named(services, interests, "graphs", "10.1000/r") == [
        (kneading.id, rising.id),
        (),
        (rising.id,),
    ]


def test_interests_are_never_cut_for_an_identifier(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    words = "x" * (INTERESTS_MAX_CHARACTERS - 12)
    reader = subscribe(interests=words)

    report = seeding.seed(services, reader.id, "2603.00001\n2603.00002\n10.1/x\n10.1000/x")

    assert now_known(reader).interests == f"{words}, 2603.00001"
    assert (report.waiting, report.no_room) == (("2603.00001",), ("2603.00002", "10.1000/x"))
    assert report.unread == (Unread("line 3", "no arXiv id or DOI in “10.1/x”"),)


def test_what_cannot_be_read_saves_nothing(
    services: Services, subscribe: Callable[..., Subscriber], stored: Callable[[], Any]
) -> None:
    reader = subscribe()
    before = stored()

    with pytest.raises(DigestError, match="a PDF, not text"):
        seeding.seed(services, reader.id, b"%PDF-1.7 1706.03762")

    assert stored() == before


def test_nobody_seeds_for_who_was_erased(
    services: Services,
    subscribe: Callable[..., Subscriber],
    stored_papers: Callable[[], list[Any]],
) -> None:
    reader = subscribe()
    with services.database.write() as session:
        erase_subscriber(session, reader.id)

    with pytest.raises(NotFoundError):
        seeding.seed(services, reader.id, BIBTEX)

    assert stored_papers() == []


def test_a_link_seeds_for_its_own_subscriber_only(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader, other = subscribe("reader"), subscribe("other")
    now = services.clock()
    token = links.preferences_url(services, reader, since=now).rpartition("/")[2]
    unsubscribe = links.unsubscribe_url(services, reader, since=now).rpartition("/")[2]

    seeding.seed_linked(services, token, BIBTEX)
    with pytest.raises(TokenError):
        seeding.seed_linked(services, unsubscribe, "1810.04805")

    assert said(services, reader) == said(services, other) == []
    assert [len(each) for each in known(services, reader, other)] == [2, 0]


def test_papers_that_a_reader_named_are_evidence_and_never_sent(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Any]],
) -> None:
    ingest(["Rising", "Proofing"])
    reader = subscribe()
    seeding.seed(services, reader.id, BIBTEX, as_known=True)

    compose_now()

    (issue,) = issues_of(reader)
    assert [entry.title for entry in issue.entries] == ["Proofing"]
    with services.database.read() as session:
        (loaded,) = readers.load_readers(session, [reader])
    assert len(loaded.library) == 2


def test_naming_papers_twice_changes_nothing_and_a_dislike_stays(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
) -> None:
    ingest(["Kneading", "Rising"])
    reader = subscribe()
    rate(reader, ["Kneading"], -1)
    first = seeding.seed(services, reader.id, BIBTEX, as_known=True)
    before = known(services, reader)
    clock.now += timedelta(days=1)

    again = seeding.seed(services, reader.id, BIBTEX, as_known=True)

    assert (first.saved, again.saved) == (("Kneading", "Rising"), ())
    assert again.already_saved == ("Kneading", "Rising")
    assert known(services, reader) == before
    assert [(r.value, r.saved) for r in said(services, reader)] == [(-1, False)]


def test_nobody_names_more_than_anybody_knows(
    services: Services, subscribe: Callable[..., Subscriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "KNOWN_MAX", 1)
    reader = subscribe()

    with pytest.raises(DigestError, match="forget some first"):
        seeding.seed(services, reader.id, BIBTEX, as_known=True)

    assert known(services, reader) == [[]]


def test_the_report_is_ready_for_json(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    report = seeding.seed(services, subscribe().id, "2603.00001\nnothing")

    assert report.as_json() == {
        "saved": [],
        "already_saved": [],
        "papers_new": 0,
        "waiting": ["2603.00001"],
        "no_room": [],
        "unread": [{"where": "line 2", "message": "no arXiv id or DOI in “nothing”"}],
    }
    assert str(report) == (
        "0 papers saved, 0 saved before, 1 not known yet, 0 without room, 1 not understood"
    )

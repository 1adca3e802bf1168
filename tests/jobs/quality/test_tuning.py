"""What an instance learns from everybody's ratings is adopted, used, kept, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from recommender.domain import Rating, Subscriber, SubscriberState, Tuning
from recommender.interests import tuning as choosing
from recommender.interests.parameters import InterestParameters
from recommender.jobs.issues import learning
from recommender.jobs.issues.corpus import load_index
from recommender.jobs.issues.readers import HALF_EVIDENCE, load_readers, ranking_parameters
from recommender.jobs.outgoing import health
from recommender.jobs.outgoing.messages import POOR_SIGNAL_NOTE, ranking_note
from recommender.jobs.quality import subscriber_quality as quality
from recommender.jobs.quality import tuning
from recommender.jobs.services import IndexCache, Services
from recommender.newsletter.reader import RankingParameters
from recommender.newsletter.schedule import next_issue_at
from recommender.store import issues, qualities, ratings, subscribers, tunings
from recommender.store.tables import PaperRow, RatingRow, SubscriberRow

DAY = timedelta(days=1)
TOPICS, DAYS, PAPERS_A_DAY = 16, 10, 4
"""Papers a day of each topic."""


def go_on() -> None:
    """Let the work proceed."""


def topic_of(title: str) -> int:
    return int(title.split("topic")[1].split("x", maxsplit=1)[0])


@pytest.fixture(autouse=True)
def few_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try some kinds of changes: what is looked at here is what becomes of a choice."""
    some = [each for each in choosing.CHANGES if each[0].keys() & {"community_weight", "centring"}]
    assert len(some) == 2
    monkeypatch.setattr(choosing, "CHANGES", some)


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    return replace(services, index_folder=tmp_path / "index")


@pytest.fixture
def people(services: Services) -> list[Subscriber]:
    """Subscribe people who had issues for a fortnight."""
    now = services.clock()
    # One by one, as people subscribe, they would take longer than what is tested.
    with services.database.write() as session:
        everybody = [
            subscribers.add(
                session,
                email=f"reader{number}@example.org",
                email_key=f"reader{number}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=services.defaults,
                interests="",
                now=now,
                next_issue_at=next_issue_at(services.defaults, after=now, last_issue_date=None),
            )
            for number in range(220)
        ]
        session.execute(update(SubscriberRow).values(issues_composed=10))
    return everybody


@pytest.fixture
def ten_days(clock: Any, ingest: Callable[..., Any]) -> None:
    """Ingest a digest a day, of sixteen topics whose papers have half their words in common."""
    random = np.random.default_rng(0)
    for _ in range(DAYS):
        titles = [
            " ".join(
                [
                    *(f"topic{topic}x{word}" for word in random.choice(8, 4, replace=False)),
                    *(f"common{word}" for word in random.choice(300, 8, replace=False)),
                ]
            )
            for topic in range(TOPICS)
            for _ in range(PAPERS_A_DAY)
        ]
        random.shuffle(titles)
        ingest(titles)
        clock.now += DAY


@pytest.fixture
def like(services: Services) -> Callable[[Subscriber, Callable[[int, bool], bool]], None]:
    """Like three in four of the papers of which a function of topic and newness says so."""
    random = np.random.default_rng(1)

    def like(subscriber: Subscriber, is_liked: Callable[[int, bool], bool]) -> None:
        with services.database.write() as session:
            every = session.execute(select(PaperRow.id, PaperRow.title).order_by(PaperRow.id)).all()
            newest = len(every) * 8 // 10
            liked = [
                {
                    "subscriber_id": subscriber.id,
                    "paper_id": paper.id,
                    "value": 1,
                    "saved": False,
                    "rated_at": services.clock(),
                }
                for at, paper in enumerate(every)
                if is_liked(topic_of(paper.title), at >= newest) and random.random() < 0.75
            ]
            # One by one, as readers rate, they would take longer than what is tested.
            session.execute(insert(RatingRow), liked)

    return like


def pair_of(number: int) -> tuple[int, int]:
    """Two topics that share no word."""
    return number % (TOPICS // 2), number % (TOPICS // 2) + TOPICS // 2


@pytest.fixture
def pairs_of_topics(
    ten_days: None,  # noqa: ARG001 - comes first
    people: list[Subscriber],
    like: Callable[..., None],
) -> None:
    """Most people like two topics, the others come to the second after the first."""
    for number, subscriber in enumerate(people[:120]):
        pair = pair_of(number)
        if number < 80:
            like(subscriber, lambda topic, _, pair=pair: topic in pair)
        else:
            like(subscriber, lambda topic, is_new, pair=pair: topic == pair[is_new])


def adopted(services: Services) -> Tuning | None:
    with services.database.read() as session:
        return tunings.adopted(session)


def parameters_of(services: Services) -> RankingParameters:
    with services.database.read() as session:
        return ranking_parameters(services, session)


@pytest.fixture
def a_month_later(pairs_of_topics: None, clock: Any, ingest: Callable[..., Any]) -> None:
    """Let all that was rated be off offer."""
    del pairs_of_topics
    clock.now += timedelta(days=40)
    ingest(["topic0x1 common1", "topic1x1 common2"])


def dimensions(services: Services) -> int:
    """Return how many the community's map has, as another process reads it."""
    elsewhere = replace(services, index_cache=IndexCache())
    with elsewhere.database.read() as session:
        return len(load_index(elsewhere, session).community.offset_)


@pytest.mark.usefixtures("pairs_of_topics")
def test_no_map_is_learned_from_papers_on_offer(services: Services) -> None:
    """What one reader likes today would stand where they put it, in everybody's issue."""
    assert tuning.tune(services, go_on).startswith("adopted ")
    assert parameters_of(services).interest.community_weight > 0
    assert dimensions(services) == 0


@pytest.mark.usefixtures("a_month_later")
def test_no_map_is_learned_from_few_readers_with_a_record(services: Services) -> None:
    """Of 120 who rate, 21 had one issue so far: sock puppets, say."""
    with services.database.write() as session:
        for subscriber in list(subscribers.every(session))[:21]:
            session.get_one(SubscriberRow, subscriber.id).issues_composed = 1
    tuning.tune(services, go_on)
    assert dimensions(services) == 0


@pytest.mark.usefixtures("a_month_later")
def test_what_ranks_better_is_adopted_and_used_from_then_on(services: Services) -> None:
    assert tuning.tune(services, go_on).startswith("adopted ")
    found = adopted(services)
    assert found is not None
    assert found.parameters["community_weight"] > 0
    assert found.subscribers == 120
    used = parameters_of(services)
    assert asdict(used.interest) | {HALF_EVIDENCE: used.half_evidence} == found.parameters

    # The map is kept with the index, for other processes and after a restart.
    assert dimensions(services) > 0


@pytest.mark.usefixtures("pairs_of_topics")
def test_nights_without_news_come_to_rest_and_write_nothing(services: Services) -> None:
    for _ in range(5):
        before = adopted(services)
        told = tuning.tune(services, go_on)
        if told.startswith("nothing ranks better"):
            break
    assert told.startswith("nothing ranks better")
    assert adopted(services) == before


@pytest.mark.usefixtures("ten_days")
def test_parameters_that_made_things_worse_are_rolled_back(
    services: Services, people: list[Subscriber], like: Callable[..., None]
) -> None:
    """Who likes pairs liked only older papers, and today's readers one topic of each pair."""
    for number, subscriber in enumerate(people):
        pair = pair_of(number)
        if number < 160:
            like(subscriber, lambda topic, is_new, pair=pair: topic in pair and not is_new)
        else:
            like(subscriber, lambda topic, _, number=number: topic == number % TOPICS)
    bad = asdict(InterestParameters(community_weight=1.0)) | {HALF_EVIDENCE: 2.0}
    row = Tuning(0, services.clock(), bad, 0.5, 0.4, 100, adopted=True, note="looked better once")
    with services.database.write() as session:
        tuning_id = tunings.add(session, row)

    assert tuning.tune(services, go_on).startswith("rolled back")
    assert parameters_of(services).interest.community_weight == 0
    with services.database.read() as session:
        withdrawn = next(each for each in tunings.history(session, 9) if each.id == tuning_id)
    assert not withdrawn.adopted
    assert "rolled back" in withdrawn.note


@pytest.mark.usefixtures("ten_days")
def test_with_few_ratings_the_defaults_stay(
    services: Services, people: list[Subscriber], like: Callable[..., None]
) -> None:
    like(people[0], lambda topic, _: topic == 1)
    assert "too few ratings" in tuning.tune(services, go_on)
    assert adopted(services) is None
    assert parameters_of(services).interest == InterestParameters()


@pytest.mark.usefixtures("ten_days")
def test_course_of_the_blend_and_each_ones_quality_follow_the_issues(
    services: Services,
    people: list[Subscriber],
    like: Callable[..., None],
    compose_now: Callable[..., Any],
    clock: Any,
) -> None:
    """All like what their few ratings predict, and nothing that was merely trending."""
    for number, subscriber in enumerate(people):
        like(subscriber, lambda topic, is_new, n=number: topic == n % TOPICS and not is_new)
    clock.now += DAY
    compose_now()
    clock.now += DAY
    with services.database.write() as session:
        for number, subscriber in enumerate(people):
            (issue,) = issues.of_subscriber(session, subscriber.id)
            for entry in issue.entries:
                if topic_of(entry.title) == number % TOPICS:
                    said = Rating(entry.paper_id, 1, saved=False, rated_at=clock.now)
                    ratings.put(session, subscriber.id, said)
    clock.now += DAY

    assert f"of {len(people)} subscribers" in quality.measure(services, go_on)
    with services.database.read() as session:
        newest = qualities.newest(session, [each.id for each in people])
    measured = [newest[each.id] for each in people]
    assert [each.subscriber_id for each in measured] == [each.id for each in people]
    assert all(each.likes and each.issues == 1 for each in measured)
    assert np.mean([each.ndcg_at_10 for each in measured]) > 0.5
    assert measured[0].measured_on == clock.now.date()
    # One issue is too little to judge a signal by.
    assert {each.poor_signal for each in measured} == {None}


@pytest.mark.usefixtures("ten_days")
def test_who_likes_what_trends_and_not_what_their_ratings_predict_has_a_poor_signal(
    *,
    services: Services,
    people: list[Subscriber],
    like: Callable[..., None],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    clock: Any,
) -> None:
    """Both liked a topic before; of each issue one likes that topic, the other the first papers."""
    faithful, fickle, *_ = people
    like(faithful, lambda topic, is_new: topic == 3 and not is_new)
    like(fickle, lambda topic, is_new: topic == 3 and not is_new)
    for day in range(12):
        # What trends is of topics that nobody liked before, so that ratings cannot tell it.
        topics = (100 + 2 * day, 101 + 2 * day, 3, 3, 3)
        ingest(
            f"topic{topic}x1 topic{topic}x2 own{day}x{at} more{day}x{at}"
            for at, topic in enumerate(topics)
        )
        clock.now += DAY
        compose_now(faithful.email)
        compose_now(fickle.email)
        with services.database.write() as session:
            for reader in (faithful, fickle):
                issue = issues.of_subscriber(session, reader.id)[-1]
                by_trend = sorted(issue.entries, key=lambda entry: -entry.trend_score)
                liked = (
                    [entry for entry in issue.entries if topic_of(entry.title) == 3]
                    if reader is faithful
                    else [entry for entry in by_trend if topic_of(entry.title) != 3][:2]
                )
                for entry in liked:
                    said = Rating(entry.paper_id, 1, saved=False, rated_at=clock.now + DAY / 4)
                    ratings.put(session, reader.id, said)
        clock.now += DAY / 2

    told = quality.measure(services, go_on)
    assert told.endswith("of 2 with enough issues, interest predicts no better than trend for 1")
    with services.database.read() as session:
        newest = qualities.newest(session, [faithful.id, fickle.id])
        readers = load_readers(session, [fickle, faithful, people[2]])
    assert (newest[faithful.id].poor_signal, newest[fickle.id].poor_signal) == (False, True)
    assert [reader.poor_signal for reader in readers] == [True, False, None]
    assert health.signals(services) == {"measured": 2, "poor": 1}

    poor = learning.explain_subscriber(services, fickle.email)
    good = learning.explain_subscriber(services, faithful.email)
    unknown = learning.explain_subscriber(services, people[2].email)
    assert [each.as_json()["signal"] for each in (poor, good, unknown)] == ["poor", "good", None]
    assert "predicts no better than trend" in str(poor)
    assert "predicts no better than trend" not in str(good)

    ingest([f"topic3x1 topic3x2 last{at}" for at in range(6)])
    compose_now(fickle.email)
    with services.database.read() as session:
        issue = issues.of_subscriber(session, fickle.id)[-1]
    assert issue.poor_signal
    assert issue.entries[0].interest_weight == round(poor.interest_weight, 4) < 0.25
    assert ranking_note(issue).endswith(POOR_SIGNAL_NOTE)


@pytest.mark.usefixtures("pairs_of_topics")
def test_night_that_is_told_to_end_changes_nothing(services: Services) -> None:
    class EndedError(Exception):
        pass

    asked = 0

    def end() -> None:
        nonlocal asked
        asked += 1
        if asked > 5000:
            raise EndedError

    with pytest.raises(EndedError):
        tuning.tune(services, end)
    assert adopted(services) is None

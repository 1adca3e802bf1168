"""A subscriber's own page shows what is kept about them, and changes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import Issue, Preferences, Subscriber, SubscriberState
from recommender.errors import NotFoundError, PreferenceError, TokenExpiredError
from recommender.jobs.outgoing import links
from recommender.jobs.people import own_data, own_pages, preferences, reading_list
from recommender.jobs.people import term_ratings as people_terms
from recommender.jobs.people.term_ratings import ShownWords
from recommender.jobs.services import Services
from recommender.membership.preferences import parse_preferences
from recommender.store import ratings, term_ratings

Subscribe = Callable[..., Subscriber]
NowKnown = Callable[[Subscriber], Subscriber]
WANTED = {
    "hour": "18",
    "weekdays": "mon wed",
    "timezone": "Asia/Tokyo",
    "papers": "5",
    "interests": " graph\n pruning ",
}


def me(services: Services, subscriber: Subscriber) -> str:
    url = links.preferences_url(services, subscriber, since=services.clock())
    return url.rpartition("/")[2]


# What the page's buttons do, as `web` does it.


def change_preferences(
    services: Services,
    token: str,
    interests: str | None = None,
    followed: str | None = None,
    blocked: str | None = None,
    **fields: str,
) -> None:
    with services.change() as session:
        subscriber = preferences.linked_subscriber(services, session, token)
        preferences.change_preferences(
            services,
            session,
            subscriber,
            parse_preferences(current=subscriber.preferences, **fields),
            interests=interests,
            followed=followed,
            blocked=blocked,
        )


def pause(services: Services, token: str, days: int) -> None:
    with services.change() as session:
        subscriber = preferences.linked_subscriber(services, session, token)
        preferences.pause(services, session, subscriber, days)


def resume(services: Services, token: str) -> None:
    with services.change() as session:
        subscriber = preferences.linked_subscriber(services, session, token)
        preferences.resume(services, session, subscriber)


def remove_from_reading_list(services: Services, token: str, paper_id: int) -> None:
    with services.change() as session:
        subscriber = preferences.linked_subscriber(services, session, token)
        now = services.clock()
        reading_list.remove(session, subscriber.id, paper_id, now=now)


def rate_words(services: Services, token: str, words: str, value: int) -> None:
    with services.change() as session:
        subscriber = preferences.linked_subscriber(services, session, token)
        people_terms.rate_words(session, subscriber.id, words, value, now=services.clock())


def take_back(services: Services, token: str, words: str) -> None:
    with services.change() as session:
        subscriber = preferences.linked_subscriber(services, session, token)
        people_terms.take_back(session, subscriber.id, words)


def test_opening_the_pages_changes_nothing(
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    stored: Callable[[], Any],
) -> None:
    reader = subscribe()
    ingest(["Graph pruning", "Protein folding"])
    rate(reader, ["Graph pruning"])
    before = stored()
    for open_page in (own_pages.open_overview, own_pages.open_interests, own_pages.open_delivery):
        open_page(services, me(services, reader))
    reading_list.open_list(services, me(services, reader))
    own_data.export(services, me(services, reader))
    assert before == stored()


def test_the_pages_show_what_was_rated_saved_and_learned(
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
) -> None:
    reader = subscribe(interests="graphs")
    ingest(["Graph pruning", "Protein folding", "Speech recognition", "Federated learning"])
    rate(reader, ["Graph pruning"], saved=True)
    clock.now += timedelta(hours=1)
    rate(reader, ["Federated learning"], 0, saved=True)
    rate(reader, ["Speech recognition"], -1)

    listed = reading_list.open_list(services, me(services, reader)).listed.papers
    assert [entry.title for entry in listed] == ["Federated learning", "Graph pruning"]
    page = own_pages.open_interests(services, me(services, reader))
    assert page.ratings == 3
    assert any("graph" in each.words for each in page.learned)
    assert any("speech" in each.words for each in page.disliked)
    assert not any("protein" in each.words for each in (*page.learned, *page.disliked))
    assert page.subscriber == reader
    overview = own_pages.open_overview(services, me(services, reader))
    assert (overview.saved, overview.liked, overview.disliked) == (2, 1, 1)


def test_what_is_wanted_is_taken_and_moves_the_next_issue(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    reader = subscribe()
    change_preferences(services, me(services, reader), **WANTED)
    known = now_known(reader)
    assert known.preferences == Preferences(18, frozenset({0, 2}), "Asia/Tokyo", 5)
    assert known.interests == "graph pruning"
    # It is 16:00 on Wednesday in Tokyo.
    assert known.next_issue_at == datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


def test_what_is_followed_and_blocked_is_kept_a_line_each_and_shown(
    services: Services, subscribe: Subscribe
) -> None:
    token = me(services, subscribe())
    wishes = {"followed": "Doe, J.\r\npruning, Pruning", "blocked": " diffusion  models\n\nsurvey"}
    change_preferences(services, token, **WANTED, **wishes)
    page = own_pages.open_interests(services, token).subscriber
    assert (page.followed, page.blocked) == ("J. Doe\npruning", "diffusion models\nsurvey")


def test_what_is_followed_and_blocked_stays_where_a_form_has_no_such_field(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    reader = subscribe()
    token = me(services, reader)
    change_preferences(services, token, **WANTED, followed="graphs", blocked="survey")
    change_preferences(services, token, **WANTED)
    assert (now_known(reader).followed, now_known(reader).blocked) == ("graphs", "survey")
    change_preferences(services, token, **WANTED, followed="", blocked="")
    assert (now_known(reader).followed, now_known(reader).blocked) == ("", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hour", "24"),
        ("weekdays", "none"),
        ("timezone", "Nowhere"),
        ("papers", "0"),
        ("followed", "the"),
        ("blocked", "x" * 81),
    ],
)
def test_a_field_that_cannot_be_taken_changes_nothing(
    services: Services, subscribe: Subscribe, stored: Callable[[], Any], field: str, value: str
) -> None:
    reader = subscribe()
    _, before = stored()
    with pytest.raises(PreferenceError) as caught:
        change_preferences(services, me(services, reader), **{**WANTED, field: value})
    _, after = stored()
    assert caught.value.field == field
    assert before == after


def test_preferences_of_a_paused_one_end_no_pause(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    reader = subscribe()
    pause(services, me(services, reader), 30)
    before = now_known(reader).next_issue_at
    change_preferences(services, me(services, reader), **WANTED)
    assert (now_known(reader).state, now_known(reader).next_issue_at) == (
        SubscriberState.PAUSED,
        before,
    )


def test_a_pause_ends_at_the_first_usual_hour_after_it(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    reader = subscribe()
    pause(services, me(services, reader), 2)
    # Over on Friday at 8:00 in Berlin; the next slot is Monday at 7:00.
    assert now_known(reader).next_issue_at == datetime(2026, 3, 16, 6, 0, tzinfo=UTC)


def test_resuming_brings_the_next_usual_issue_and_twice_changes_nothing(
    services: Services, subscribe: Subscribe, now_known: NowKnown, stored: Callable[[], Any]
) -> None:
    reader = subscribe()
    pause(services, me(services, reader), 30)
    resume(services, me(services, reader))
    assert now_known(reader) == reader
    _, before = stored()
    resume(services, me(services, reader))
    _, after = stored()
    assert before == after


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_pause_of_no_possible_length_is_refused(
    services: Services, subscribe: Subscribe, now_known: NowKnown, days: int
) -> None:
    reader = subscribe()
    with pytest.raises(PreferenceError):
        pause(services, me(services, reader), days)
    assert now_known(reader) == reader


@pytest.mark.parametrize(
    "state",
    [SubscriberState.UNCONFIRMED, SubscriberState.UNSUBSCRIBED, SubscriberState.SUSPENDED],
)
def test_nobody_becomes_active_by_pausing_resuming_or_choosing(
    services: Services, subscribe: Subscribe, now_known: NowKnown, state: SubscriberState
) -> None:
    reader = subscribe(state=state)
    with pytest.raises(PreferenceError):
        pause(services, me(services, reader), 3)
    with pytest.raises(PreferenceError):
        resume(services, me(services, reader))
    change_preferences(services, me(services, reader), **WANTED)
    known = now_known(reader)
    assert (known.state, known.next_issue_at) == (state, None)


@pytest.mark.parametrize(("value", "ratings"), [(1, 1), (0, 0)])
def test_what_is_taken_off_the_reading_list_stays_liked_where_it_was(
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    *,
    value: int,
    ratings: int,
) -> None:
    reader = subscribe()
    ingest(["Graph pruning"])
    rate(reader, ["Graph pruning"], value, saved=True)
    (listed,) = reading_list.open_list(services, me(services, reader)).listed.papers
    remove_from_reading_list(services, me(services, reader), listed.paper_id)
    assert reading_list.open_list(services, me(services, reader)).listed.papers == ()
    assert own_pages.open_interests(services, me(services, reader)).ratings == ratings


def test_removing_what_is_not_on_the_list_changes_nothing(
    services: Services, subscribe: Subscribe, stored: Callable[[], Any]
) -> None:
    reader = subscribe()
    _, before = stored()
    remove_from_reading_list(services, me(services, reader), 12345)
    _, after = stored()
    assert before == after


def said(services: Services, subscriber: Subscriber) -> dict[str, int]:
    with services.database.read() as session:
        rated = term_ratings.of_subscriber(session, subscriber.id)
    return {rating.term: rating.value for rating in rated}


def test_rating_a_phrase_rates_its_words_and_its_pairs_of_neighbours(
    services: Services, subscribe: Subscribe, clock: Any
) -> None:
    reader = subscribe()
    rate_words(services, me(services, reader), " Graph  neural networks", -1)
    assert said(services, reader) == dict.fromkeys(
        ("graph", "neural", "network", "graph neural", "neural network"), -1
    )
    with services.database.read() as session:
        rated = term_ratings.of_subscriber(session, reader.id)
        assert ratings.last_rated_at(session, reader.id) == clock.now
    assert {rating.words for rating in rated} == {"Graph neural networks"}


def test_the_page_shows_what_was_said_of_words_beside_them_and_newest_first(
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
) -> None:
    reader = subscribe()
    token = me(services, reader)
    ingest(["Pruning", "Protein folding", "Speech recognition", "Federated learning"])
    rate(reader, ["Pruning", "Protein folding"])
    rate_words(services, token, "protein folding", 1)
    clock.now += timedelta(hours=1)
    rate_words(services, token, "pruning", -1)

    page = own_pages.open_interests(services, token)
    assert page.rated_words == (ShownWords("pruning", -1), ShownWords("protein folding", 1))
    shown = {each.words.lower(): each.value for each in (*page.learned, *page.disliked)}
    assert (shown["pruning"], shown["protein folding"]) == (-1, 1)


def test_newest_word_on_a_term_counts_and_forgetting_a_phrase_leaves_what_came_after(
    services: Services, subscribe: Subscribe, clock: Any
) -> None:
    reader = subscribe()
    token = me(services, reader)
    rate_words(services, token, "graph neural networks", -1)
    clock.now += timedelta(hours=1)
    rate_words(services, token, "neural networks", 1)
    assert said(services, reader) == {
        "graph": -1,
        "graph neural": -1,
        "neural": 1,
        "network": 1,
        "neural network": 1,
    }

    take_back(services, token, "graph neural networks")
    assert said(services, reader) == {"neural": 1, "network": 1, "neural network": 1}
    take_back(services, token, "graph neural networks")
    take_back(services, token, "neural networks")
    assert said(services, reader) == {}


def test_rated_words_are_news_for_an_issue_that_is_asked_for_now(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
    clock: Any,
) -> None:
    reader = subscribe(papers=1)
    ingest(["Graph pruning", "Protein folding", "Speech recognition"])
    clock.now += timedelta(minutes=1)
    compose_now()
    compose_now()
    assert len(issues_of(reader)) == 1
    clock.now += timedelta(minutes=1)
    rate_words(services, me(services, reader), "folding", 1)
    compose_now()
    assert len(issues_of(reader)) == 2


@pytest.mark.parametrize("words", ["", "the", "!", "words " * 50])
def test_words_that_were_never_learned_are_refused(
    services: Services, subscribe: Subscribe, words: str
) -> None:
    reader = subscribe()
    with pytest.raises(PreferenceError):
        rate_words(services, me(services, reader), words, 1)
    assert said(services, reader) == {}


def test_no_more_terms_are_rated_than_anybody_would(
    services: Services, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.jobs.people.term_ratings.TERM_RATINGS_MAX", 3)
    reader = subscribe()
    token = me(services, reader)
    rate_words(services, token, "graph networks", 1)
    with pytest.raises(PreferenceError, match="forget some"):
        rate_words(services, token, "pruning", 1)
    rate_words(services, token, "networks", -1)
    assert said(services, reader) == {"graph": 1, "graph network": 1, "network": -1}


def test_the_export_holds_everything_and_is_json(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    reader = subscribe(interests="graphs")
    ingest(["Graph pruning", "Protein folding"])
    rate(reader, ["Protein folding"], saved=True)
    rate_words(services, me(services, reader), "surveys", -1)
    compose_now()
    exported = json.loads(json.dumps(own_data.export(services, me(services, reader))))
    (issue,) = issues_of(reader)
    assert exported["subscriber"]["email"] == reader.email
    assert exported["subscriber"]["preferences"]["weekdays"] == [0, 1, 2, 3, 4]
    assert [(each["title"], each["value"]) for each in exported["ratings"]] == [
        ("Protein folding", 1)
    ]
    assert exported["subscriber"]["followed"] == exported["subscriber"]["blocked"] == ""
    assert [(each["term"], each["words"], each["value"]) for each in exported["term_ratings"]] == [
        ("survey", "surveys", -1)
    ]
    assert (exported["notes"], exported["last_change"]) == ([], None)
    assert [each["title"] for each in exported["issues"][0]["entries"]] == ["Graph pruning"]
    assert [each["issue_id"] for each in exported["messages"]] == [issue.id]


def test_erasing_twice_is_the_same_as_once(services: Services, subscribe: Subscribe) -> None:
    token = me(services, subscribe())
    own_data.erase(services, token)
    own_data.erase(services, token)
    for opened in (own_pages.open_overview, own_data.export, resume):
        with pytest.raises(NotFoundError):
            opened(services, token)
    with pytest.raises(NotFoundError):
        rate_words(services, token, "pruning", 1)
    with pytest.raises(NotFoundError):
        take_back(services, token, "pruning")


def test_the_link_expires_after_90_days(
    services: Services, subscribe: Subscribe, clock: Any
) -> None:
    token = me(services, subscribe())
    clock.now += timedelta(days=90)
    with pytest.raises(TokenExpiredError):
        own_pages.open_interests(services, token)

"""What an operator does with subscribers, one by one and from a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryState, Preferences, Subscriber, SubscriberState
from recommender.errors import AddressError, NotFoundError, PreferenceError, RecommenderError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.people import members
from recommender.jobs.people.members import ImportReport
from recommender.jobs.people.term_ratings import rate_words
from recommender.jobs.services import Services


def exported(services: Services) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=members.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(members.as_row(subscriber) for subscriber in members.every(services))
    return text.getvalue()


def imported(services: Services, *lines: str) -> ImportReport:
    return members.import_rows(services, [f"{line}\n" for line in lines])


def everybody(services: Services) -> list[Subscriber]:
    return list(members.every(services))


@pytest.fixture
def of_every_state(subscribe: Callable[..., Subscriber]) -> list[Subscriber]:
    """Store one subscriber of each state, with preferences of their own."""
    return [
        subscribe(
            state,
            state=state,
            interests='graphs, "quotes" and ü',
            hour=number,
            weekdays=frozenset({number, number + 1}),
            timezone="Asia/Tokyo",
            papers=number + 1,
            followed="Jane Doe\ndiffusion model",
            blocked="survey",
        )
        for number, state in enumerate(SubscriberState)
    ]


def test_an_export_imported_again_changes_nothing(
    services: Services,
    of_every_state: list[Subscriber],
    stored: Callable[[], Any],
    clock: Any,
) -> None:
    _, before = stored()
    clock.now += timedelta(hours=5)
    report = members.import_rows(services, io.StringIO(exported(services)))
    assert ImportReport(added=0, changed=len(of_every_state), problems=()) == report
    _, after = stored()
    assert before == after


def test_an_export_imported_elsewhere_gives_the_same_people(
    services: Services, of_every_state: list[Subscriber], clock: Any
) -> None:
    export = exported(services)
    for subscriber in of_every_state:
        members.remove(services, subscriber.email, erase=True)
    assert everybody(services) == []

    clock.now += timedelta(days=1)
    report = members.import_rows(services, io.StringIO(export))
    assert report.added == len(of_every_state)
    assert export == exported(services)


def test_who_unsubscribed_stays_so_unless_the_row_says_active(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    subscribe("left", state=SubscriberState.UNSUBSCRIBED)
    imported(services, "email,papers", "left@example.org,3")
    left = find_subscriber(services, "left@example.org")
    assert (left.state, left.preferences.papers) == (SubscriberState.UNSUBSCRIBED, 3)
    assert left.next_issue_at is None

    imported(services, "email,status", "left@example.org,active")
    back = find_subscriber(services, "left@example.org")
    assert back.state is SubscriberState.ACTIVE
    assert back.next_issue_at is not None


def test_a_row_with_an_address_alone_is_an_active_subscriber_with_the_defaults(
    services: Services,
) -> None:
    assert imported(services, "email", "new@example.org") == ImportReport(1, 0, ())
    new = find_subscriber(services, "NEW@example.org")
    assert (new.state, new.preferences) == (SubscriberState.ACTIVE, services.defaults)
    assert new.confirmed_at is None
    assert not new.welcome_due


def test_a_row_is_taken_whatever_the_order_and_case_of_the_columns(services: Services) -> None:
    imported(
        services,
        " Interests, EMAIL ,Weekdays,hour,timezone,papers",
        '"graphs, pruning",new@example.org,mon-wed,18:00,europe/berlin,5',
    )
    new = find_subscriber(services, "new@example.org")
    assert new.preferences == Preferences(18, frozenset({0, 1, 2}), "Europe/Berlin", 5)
    assert new.interests == "graphs, pruning"


def test_an_empty_cell_unblocks_nothing_and_a_full_one_replaces_what_was_blocked(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    subscribe(followed="Jane Doe", blocked="survey\nbenchmark")
    imported(
        services, "email,followed,blocked", 'reader@example.org,"pruning, Roe, R.; Doe, Jane",'
    )
    known = find_subscriber(services, "reader@example.org")
    assert (known.followed, known.blocked) == ("pruning\nR. Roe\nJane Doe", "survey\nbenchmark")


def test_a_row_that_cannot_be_taken_stops_no_other(services: Services) -> None:
    report = imported(
        services,
        "email,status,hour",
        "first@example.org,,7",
        "no address,,7",
        "second@example.org,cancelled,7",
        "third@example.org,,25",
        "fourth@example.org,,7,too many",
        "",
        "fifth@example.org",
    )
    assert (report.added, report.changed) == (2, 0)
    assert [problem.split(":")[0] for problem in report.problems] == [
        "line 3",
        "line 4",
        "line 5",
        "line 6",
    ]
    assert [each.email for each in everybody(services)] == [
        "first@example.org",
        "fifth@example.org",
    ]


@pytest.mark.parametrize("header", ["", "name,hour", "email,colour"])
def test_a_file_without_the_right_columns_is_refused(services: Services, header: str) -> None:
    with pytest.raises(RecommenderError, match="the first line must name columns"):
        imported(services, header, "first@example.org,7")
    assert everybody(services) == []


def test_two_spellings_of_an_address_are_one_subscriber(services: Services) -> None:
    report = imported(services, "email,papers", "Ann@Example.org,3", "ann@example.ORG,4")
    assert (report.added, report.changed) == (1, 1)
    (ann,) = everybody(services)
    assert (ann.email, ann.preferences.papers) == ("Ann@example.org", 4)


def test_an_import_ends_no_pause(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    until = clock.now + timedelta(days=90)
    subscribe("away", state=SubscriberState.PAUSED, next_at=until)
    imported(services, "email,papers", "away@example.org,3")
    away = find_subscriber(services, "away@example.org")
    assert (away.state, away.next_issue_at) == (SubscriberState.PAUSED, until)
    assert away.preferences.papers == 3


def test_an_imported_hour_moves_the_next_issue(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    subscribe()
    imported(services, "email,hour,timezone", "reader@example.org,9,UTC")
    assert find_subscriber(services, "reader@example.org").next_issue_at == clock.now + timedelta(
        hours=2
    )


def test_who_is_imported_as_unsubscribed_gets_nothing_that_waits(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    reader = subscribe()
    ingest(["One"])
    newsletters.compose_issues(services, now_even_if_not_due=True)
    imported(services, "email,status", "reader@example.org,unsubscribed")
    assert [message.state for message in messages_to(reader)] == [DeliveryState.FAILED]


def test_adding_tells_whether_the_address_was_new(services: Services) -> None:
    assert members.add(services, {"email": "new@example.org", "papers": "3"})
    assert not members.add(services, {"email": "new@example.org", "interests": "graphs"})
    new = find_subscriber(services, "new@example.org")
    assert (new.preferences.papers, new.interests) == (3, "graphs")
    with pytest.raises(PreferenceError):
        members.add(services, {"email": "new@example.org", "papers": "51"})
    with pytest.raises(AddressError):
        members.add(services, {"email": "new"})


def test_removing_unsubscribes_and_erasing_leaves_nothing(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    stored: Callable[[], Any],
) -> None:
    reader = subscribe()
    ingest(["One"])
    newsletters.compose_issues(services, now_even_if_not_due=True)
    rate(reader, ["One"])
    members.remove(services, reader.email, erase=False)
    assert find_subscriber(services, reader.email).state is SubscriberState.UNSUBSCRIBED

    members.remove(services, reader.email, erase=True)
    _, rows = stored()
    assert not [row for row in rows if "reader@example.org" in row]
    assert not [row for row in rows if row.startswith(('INSERT INTO "rating"', 'INSERT INTO "iss'))]
    with pytest.raises(NotFoundError):
        members.remove(services, reader.email, erase=True)


def test_showing_tells_what_came_of_a_subscription(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
) -> None:
    reader = subscribe()
    ingest(["One", "Two", "Three"])
    rate(reader, ["One"], 1, saved=True)
    rate(reader, ["Two"], -1)
    shown = members.show(services, reader.email)
    assert {**members.as_row(reader), **shown} == shown
    assert (shown["likes"], shown["dislikes"], shown["saved"], shown["issues"]) == (1, 1, 1, 0)
    assert shown["next_issue_at"] == "2026-03-12T06:00:00+00:00"
    assert shown["confirmed_at"] is None


def test_showing_and_exporting_tell_what_was_said_of_terms(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    reader, silent = subscribe(), subscribe("silent")
    with services.database.write() as session:
        rate_words(session, reader.id, "graph networks", 1, now=clock.now)
        rate_words(session, reader.id, "surveys", -1, now=clock.now)

    shown = members.show(services, reader.email)
    assert (shown["more_of"], shown["less_of"]) == (["graph networks"], ["surveys"])
    told, untold = members.export(services)
    assert untold == {**members.as_row(silent), "term_ratings": []}
    assert {**members.as_row(reader), **told} == told
    assert told["term_ratings"][-1] == {
        "term": "survey",
        "words": "surveys",
        "value": -1,
        "rated_at": "2026-03-11T07:00:00+00:00",
    }
    assert len(told["term_ratings"]) == 4


@pytest.mark.parametrize(
    ("cells", "report"),
    [
        (f"hour\na@example.org,{'1' * 5_000}\n", "line 2: hour"),
        ("interests\na@example.org,\ud800\n", ""),
        ("followed\na@example.org,a rare\ud800 phrase\n", ""),
        ("timezone\na@example.org,../../etc/passwd\n", "line 2: timezone"),
        ("timezone\na@example.org,a\0b\n", "line 2: timezone"),
        ("hour\na\0@example.org,\n", "line 2: "),
    ],
)
def test_a_cell_of_whatever_kind_stops_no_import(
    services: Services, cells: str, report: str
) -> None:
    lines = io.StringIO(f"email,{cells}b@example.org,\n", newline="")

    imported = members.import_rows(services, lines)

    assert "b@example.org" in [each.email for each in everybody(services)]
    assert all(problem.startswith(report) for problem in imported.problems)
    assert len(imported.problems) == bool(report)


@pytest.mark.parametrize("cell", ['"' + "x" * 200_000, "x" * 200_000])
def test_what_is_no_csv_imports_nobody_and_says_where(services: Services, cell: str) -> None:
    lines = io.StringIO(f"email,interests\na@example.org,\nb@example.org,{cell}\n", newline="")

    with pytest.raises(RecommenderError, match=r"line [23]: no CSV in UTF-8 \(field larger"):
        members.import_rows(services, lines)
    assert everybody(services) == []


def test_bytes_that_are_no_utf_8_import_nobody(services: Services) -> None:
    lines = io.TextIOWrapper(io.BytesIO(b"email\na@example.org\n\xff@example.org\n"), "utf-8")

    with pytest.raises(RecommenderError, match="no CSV in UTF-8"):
        members.import_rows(services, lines)
    assert everybody(services) == []

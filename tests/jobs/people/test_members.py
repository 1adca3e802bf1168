"""What an operator does with subscribers, one by one and from a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import (
    Bounce,
    BounceKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Preferences,
    Subscriber,
    SubscriberState,
)
from recommender.errors import AddressError, NotFoundError, PreferenceError, RecommenderError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.people import importing, members, subscriptions
from recommender.jobs.people.importing import ImportReport
from recommender.jobs.people.term_ratings import rate_words
from recommender.jobs.services import Services
from recommender.store import bounces, subscribers


def exported(services: Services) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=members.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(members.as_row(subscriber) for subscriber in members.every(services))
    return text.getvalue()


def imported(services: Services, *lines: str) -> ImportReport:
    return importing.import_rows(services, [f"{line}\n" for line in lines])


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
    report = importing.import_rows(services, io.StringIO(exported(services)))
    assert ImportReport(added=0, unchanged=len(of_every_state)) == report
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
    report = importing.import_rows(services, io.StringIO(export))
    assert report.added == len(of_every_state)
    assert export == exported(services)


@pytest.mark.parametrize("status", ["", "active", "paused"])
def test_who_left_is_not_brought_back_and_named(
    services: Services, subscribe: Callable[..., Subscriber], status: str
) -> None:
    subscribe("left", state=SubscriberState.UNSUBSCRIBED)
    subscribe("bounced", state=SubscriberState.SUSPENDED)
    report = imported(
        services, "email,papers,status", f"left@example.org,3,{status}", "bounced@example.org,3,"
    )
    left = find_subscriber(services, "left@example.org")
    assert (left.state, left.preferences.papers) == (SubscriberState.UNSUBSCRIBED, 3)
    assert left.next_issue_at is None
    assert (report.added, report.changed, report.problems) == (0, 0, ())
    came_back = "bounced@example.org is suspended, because mail came back"
    assert [line.split(", and only their own yes")[0] for line in report.kept_out] == [
        "line 2: left@example.org left",
        f"line 3: {came_back}",
    ]
    fix = "`recommender subscribers add left@example.org --ask` asks them by mail"
    assert report.kept_out[0].endswith(fix)
    assert str(report) == (
        "0 added, 0 changed, 0 as they were, 2 not brought back, 0 lines not taken"
    )


def test_who_complained_is_named_with_the_day_until_they_come_back(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    left = subscribe("left", state=SubscriberState.UNSUBSCRIBED)
    with services.database.write() as session:
        complaint = Bounce(
            id=0,
            subscriber_id=left.id,
            delivery_id=None,
            kind=BounceKind.COMPLAINT,
            weight=0.0,
            enhanced_status_code=None,
            diagnostic="",
            source="arf",
            received_at=clock.now,
            recipient_domain="example.org",
        )
        bounces.add(session, "report", complaint)
    [line] = imported(services, "email", left.email).kept_out
    assert f"left@example.org complained on {clock.now:%Y-%m-%d}, and only" in line

    clock.now += timedelta(days=1)
    with services.database.write() as session:
        subscribers.set_state(
            session, left.id, SubscriberState.UNSUBSCRIBED, confirmed_at=clock.now
        )
    [line] = imported(services, "email", left.email).kept_out
    assert "left@example.org left, and only" in line


def test_who_left_is_asked_by_mail_and_comes_back_by_their_yes(
    services: Services,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    left = subscribe("left", state=SubscriberState.UNSUBSCRIBED)
    row = {"email": left.email, "interests": "graphs"}
    assert members.add(services, row).kept_out
    subscriptions.decide_requests(services)
    assert messages_to(left) == []

    assert members.add(services, row, ask=True).kept_out
    subscriptions.decide_requests(services)
    assert [each.kind for each in messages_to(left)] == [DeliveryKind.CONFIRMATION]
    assert find_subscriber(services, left.email).state is SubscriberState.UNCONFIRMED


def test_nobody_who_is_added_anyway_is_asked(
    services: Services, messages_to: Callable[[Subscriber], list[Delivery]]
) -> None:
    member = members.add(services, {"email": "new@example.org"}, ask=True)
    subscriptions.decide_requests(services)
    assert (member.kept_out, messages_to(member.subscriber)) == ("", [])


def test_who_was_asked_and_has_not_confirmed_is_vouched_for(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    subscribe("asked", state=SubscriberState.UNCONFIRMED)
    assert imported(services, "email", "asked@example.org").changed == 1
    asked = find_subscriber(services, "asked@example.org")
    assert asked.state is SubscriberState.ACTIVE
    assert asked.next_issue_at is not None


def test_when_first_issues_come_is_told_in_the_readers_time(services: Services) -> None:
    # It is Wednesday, 7:00 in UTC.
    report = imported(
        services,
        "email,hour,timezone,weekdays",
        "a@example.org,7,UTC,daily",
        "b@example.org,7,UTC,daily",
        "c@example.org,18,Asia/Tokyo,fri",
    )
    assert report.describe_first_issues() == (
        "Thursday, 2026-03-12 at 07:00 (UTC) to 2; Friday, 2026-03-13 at 18:00 (Asia/Tokyo) to 1"
    )
    hours = [f"h{hour}@example.org,{hour},UTC,daily" for hour in range(12)]
    told = imported(services, "email,hour,timezone,weekdays", *hours).describe_first_issues()
    assert told.endswith("; at other hours to 7")
    assert imported(services, "email", "a@example.org").describe_first_issues() == ""


def test_a_row_with_an_address_alone_is_an_active_subscriber_with_the_defaults(
    services: Services,
) -> None:
    assert imported(services, "email", "new@example.org").added == 1
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
    assert (report.added, report.changed, report.unchanged) == (2, 0, 0)
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


def test_of_an_address_that_stands_there_twice_the_first_line_is_taken(services: Services) -> None:
    report = imported(
        services,
        "email,hour,weekdays",
        "Ann@Example.org,18,daily",
        "no address,,",
        "ann@example.ORG,4,daily",
    )
    assert (report.added, report.changed, report.unchanged) == (1, 0, 0)
    assert report.problems[1] == "line 4: ann@example.ORG stands in line 2 too, which was taken"
    assert "at 18:00 (Europe/Berlin) to 1" in report.describe_first_issues()
    (ann,) = everybody(services)
    assert (ann.email, ann.preferences.hour) == ("Ann@example.org", 18)
    # Not in another file.
    assert imported(services, "email,hour", "ann@example.org,4").changed == 1


@pytest.mark.parametrize(
    ("columns", "cells", "is_changed"),
    [
        ("email", "", False),
        ("email,hour", ",7", False),
        ("email,hour", ",8", True),
        ("email,interests", ",", False),
        ("email,interests", ",graphs", False),
        ("email,interests", ",proteins", True),
        ("email,followed,blocked", ",,survey", True),
        ("email,timezone", ",Asia/Tokyo", True),
        ("email,status", ",paused", True),
    ],
)
def test_known_people_are_told_by_whether_something_was_changed(
    services: Services,
    subscribe: Callable[..., Subscriber],
    columns: str,
    cells: str,
    is_changed: bool,
) -> None:
    subscribe("ann", interests="graphs", hour=7)
    report = imported(services, columns, f"ann@example.org{cells}")
    assert (report.changed, report.unchanged) == ((1, 0) if is_changed else (0, 1))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_values_stand_between_what_spreadsheets_write(services: Services, delimiter: str) -> None:
    rows = [["email", "hour", "interests"], ["ann@example.org", "9", '"graphs, rings; knots"']]
    imported(services, *(delimiter.join(row) for row in rows))
    ann = find_subscriber(services, "ann@example.org")
    assert (ann.preferences.hour, ann.interests) == (9, "graphs, rings; knots")


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
    assert members.add(services, {"email": "new@example.org", "papers": "3"}).is_new
    assert not members.add(services, {"email": "new@example.org", "interests": "graphs"}).is_new
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

    imported = importing.import_rows(services, lines)

    assert "b@example.org" in [each.email for each in everybody(services)]
    assert all(problem.startswith(report) for problem in imported.problems)
    assert len(imported.problems) == bool(report)


@pytest.mark.parametrize("cell", ['"' + "x" * 200_000, "x" * 200_000])
def test_what_is_no_csv_imports_nobody_and_says_where(services: Services, cell: str) -> None:
    lines = io.StringIO(f"email,interests\na@example.org,\nb@example.org,{cell}\n", newline="")

    with pytest.raises(RecommenderError, match=r"line [23]: no CSV in UTF-8 \(field larger"):
        importing.import_rows(services, lines)
    assert everybody(services) == []


def test_bytes_that_are_no_utf_8_import_nobody(services: Services) -> None:
    lines = io.TextIOWrapper(io.BytesIO(b"email\na@example.org\n\xff@example.org\n"), "utf-8")

    with pytest.raises(RecommenderError, match="no CSV in UTF-8"):
        importing.import_rows(services, lines)
    assert everybody(services) == []


def test_more_rows_than_are_read_at_a_time_are_all_taken_and_problems_told_by_line(
    services: Services,
) -> None:
    """Of new and known ones mixed, with addresses that stand there twice in another part."""
    number = 2 * importing.ROWS_AT_A_TIME + 1
    first = ["email", *(f"r{each}@example.org" for each in range(0, number, 2))]
    importing.import_rows(services, [f"{line}\n" for line in first])
    rows = [f"r{each}@example.org,{each % 24}" for each in range(number)]
    rows[3] = "nobody,7"
    rows[5] = "late@example.org,99"
    rows[number - 1] = "R7@example.org,7"

    report = importing.import_rows(services, [f"{line}\n" for line in ("email,hour", *rows)])

    assert report.problems[0].startswith("line 5: ")
    assert report.problems[1].startswith("line 7: hour")
    assert report.problems[2:] == (
        f"line {number + 1}: R7@example.org stands in line 9 too, which was taken",
    )
    known = {each.email: each.preferences.hour for each in members.every(services)}
    assert {
        f"r{each}@example.org": each % 24 for each in range(number - 1) if each not in {3, 5}
    } == {email: hour for email, hour in known.items() if email != f"r{number - 1}@example.org"}

"""Sources are added, removed and exchanged; those of the configuration are what stands there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recommender.errors import NotFoundError, SourceError
from recommender.jobs.outgoing import health
from recommender.jobs.services import Services, SourcePolicy, WantedSource
from recommender.jobs.sources import managing
from recommender.store import sources


def configured(services: Services, *wanted: WantedSource) -> Services:
    opened = replace(services, sources=SourcePolicy(configured=wanted))
    managing.adopt_configured(opened)
    return opened


def names(services: Services) -> dict[str, str]:
    return {each.source.name: each.source.url for each in managing.every(services)}


A, B = "https://example.org/a", "https://example.org/b"


def test_sources_of_the_configuration_come_change_and_go_with_it(services: Services) -> None:
    managing.add(services, B, name="by hand")
    configured(services, WantedSource(A, "one", 30))
    assert names(services) == {"by hand": B, "one": A}

    opened = configured(services, WantedSource(A, "two"), WantedSource(B, "by hand"))
    assert names(opened) == {"by hand": B, "two": A}
    assert managing.find(opened, "two").every_minutes is None
    for name in ("two", "by hand"):
        with pytest.raises(SourceError, match=r"take it out there, below \[\[sources\]\]"):
            managing.remove(opened, name)
        with pytest.raises(SourceError, match="give it another `name` there"):
            managing.rename(opened, name, "three")

    configured(services)
    assert names(services) == {}


def test_what_stands_there_already_is_written_only_once(
    services: Services, stored: Callable[[], Any]
) -> None:
    opened = configured(services, WantedSource(A, "one", 30))
    before = stored()
    managing.adopt_configured(opened)

    assert stored() == before


def test_a_name_that_is_taken_is_numbered(services: Services) -> None:
    managing.add(services, A, name="one")
    opened = configured(services, WantedSource(B, "one"))
    managing.adopt_configured(opened)

    assert names(services) == {"one": A, "one 2": B}


@pytest.mark.parametrize(
    ("given", "name", "told"),
    [
        (A, "other", "is the source 'one' already; `recommender sources list` says"),
        (B, "one", "there is a source 'one' already, https://example.org/a; take another name"),
        (f"{A}#x", "", "is the source 'one' already"),
        ("HTTPS://Example.org:443/a", "", "is the source 'one' already"),
    ],
)
def test_nothing_is_there_twice(services: Services, given: str, name: str, told: str) -> None:
    managing.add(services, A, name="one")

    with pytest.raises(SourceError, match=told):
        managing.add(services, given, name=name)
    assert names(services) == {"one": A}


def test_a_feed_goes_on_as_the_other_name_when_that_of_the_two_is_removed_or_paused(
    services: Services,
) -> None:
    one, two = (managing.add(services, url, name=name) for url, name in ((A, "1"), (B, "2")))
    with services.database.write() as session:
        sources.change(session, one.id, moved_to=B)
    assert managing.fetched_for(services, two).name == "1"
    managing.pause(services, "1")
    assert managing.fetched_for(services, two).name == "2"
    managing.resume(services, "1")
    managing.remove(services, "1")
    assert managing.fetched_for(services, two).name == "2"


@pytest.mark.parametrize("every", [-1, 0, 10_081])
def test_how_often_has_bounds(services: Services, every: int) -> None:
    with pytest.raises(SourceError, match="give 1 to 10080"):
        managing.add(services, A, every_minutes=every)


def test_what_is_not_there_cannot_be_removed_paused_or_resumed(services: Services) -> None:
    for act in (managing.remove, managing.pause, managing.resume):
        with pytest.raises(NotFoundError, match="`recommender sources list` names them all"):
            act(services, "nothing")


def test_a_source_is_called_something_else_and_keeps_what_it_brought(services: Services) -> None:
    first, _ = managing.add(services, A, name="one"), managing.add(services, B, name="two")
    assert managing.rename(services, "one", " Journal\n of Mud ").id == first.id
    assert managing.rename(services, A, "Journal of Mud").name == "Journal of Mud", "as before"
    assert names(services) == {"Journal of Mud": A, "two": B}

    for name, new_name, told in [
        ("two", "Journal of Mud", "there is a source 'Journal of Mud' already"),
        ("two", "\n", "a source needs a name"),
        ("two", "x" * 1_000, "at most"),
    ]:
        with pytest.raises(SourceError, match=told):
            managing.rename(services, name, new_name)
    with pytest.raises(NotFoundError, match="`recommender sources list` names them all"):
        managing.rename(services, "one", "three")
    assert names(services) == {"Journal of Mud": A, "two": B}


def test_a_list_of_feeds_is_added_as_far_as_it_can_be(services: Services) -> None:
    managing.add(services, A, name="Journal")
    opml = (
        f'<opml><outline title="Journal" xmlUrl="{B}"/><outline title="x" xmlUrl="{A}"/>'
        '<outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="https://example.org/c"/></opml>'
    )
    added, renamed, left = managing.import_opml(services, opml.encode())

    assert [each.name for each in added] == ["Journal 2", "example.org/c"]
    assert renamed == [f"{B} is called 'Journal 2': 'Journal' was taken"]
    assert len(left) == 2
    assert f"{A} is the source 'Journal' already" in left[0]
    assert "file:///etc/passwd" in left[1]


def test_health_is_degraded_by_sources_in_trouble_and_counts_them(services: Services) -> None:
    assert health.check(services)["status"] == "ok"
    for name, url in (("one", A), ("two", B)):
        source = managing.add(services, url, name=name)
        with services.database.write() as session:
            sources.change(session, source.id, failures=1, last_message="HTTP 500: a fault")
    told = health.check(services)

    assert told["status"] == "degraded"
    assert told["reasons"] == ["2 sources broken; `recommender sources list` says why"]
    assert "example.org" not in str(told)

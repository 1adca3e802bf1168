"""An issue speaks its reader's language, and stays as it was composed."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from typing import Any

from recommender.domain import Delivery, Issue, Subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.services import Services
from recommender.store import subscribers

ABSTRACT = b"We prune graphs until little of them is left, and show that this little is enough."


def speak(services: Services, reader: Subscriber, language: str | None) -> None:
    with services.database.write() as session:
        subscribers.set_language(session, reader.id, language)


def test_a_german_reader_gets_a_german_issue(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    clock: Any,
    issues_of: Callable[[Subscriber], list[Issue]],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    german, english = subscribe("german"), subscribe("english")
    speak(services, german, "de")
    ingest(["Graph pruning", "Protein folding"], day=f"{clock.now:%Y-%m-%d}")
    newsletters.compose_issues(services, now_even_if_not_due=True)

    (issue,), (other,) = issues_of(german), issues_of(english)
    assert (issue.language, other.language) == ("de", "en")
    assert issue.entries[0].reason.startswith("im Trend: Nummer 1 im Digest vom 11. März")
    assert issue.schedule.endswith("um 7:00 Uhr (Europe/Berlin)")
    assert other.entries[0].reason == "trending: number 1 in the digest of Mar 11"

    (delivery,) = messages_to(german)
    sent = message_builder(services)([delivery])(delivery).content
    message = message_from_bytes(sent)
    assert message["Content-Language"] == "de"
    text = message.get_payload()[0].get_payload(decode=True).decode()
    assert "Mittwoch, 11. März 2026" in text
    assert "Geordnet nach dem, was im Trend liegt" in text

    # Frozen: a retry sends the same bytes, whatever they chose meanwhile.
    speak(services, german, "en")
    assert message_builder(services)([delivery])(delivery).content == sent


def test_a_german_issue_names_the_community_in_german(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
    messages_to: Callable[[Subscriber], list[Delivery]],
) -> None:
    german, english = subscribe("german"), subscribe("english")
    speak(services, german, "de")
    ingest(b"Trending papers\nby the research community\nMar 11\n\nGraph pruning\n\n" + ABSTRACT)
    newsletters.compose_issues(services, now_even_if_not_due=True)

    (issue,), (other,) = issues_of(german), issues_of(english)
    assert (issue.curator, other.curator) == (
        "der Forschungsgemeinschaft",
        "the research community",
    )
    (delivery,) = messages_to(german)
    message = message_from_bytes(message_builder(services)([delivery])(delivery).content)
    for part in message.get_payload():
        assert "von der Forschungsgemeinschaft" in part.get_payload(decode=True).decode()


def test_who_has_no_language_gets_that_of_the_installation(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    reader = subscribe("reader")
    speak(services, reader, "xx")
    ingest(["Graph pruning"], day="2026-03-11")
    newsletters.compose_issues(services, now_even_if_not_due=True)
    assert [issue.language for issue in issues_of(reader)] == ["en"]

"""A mail that was stored is acted on exactly once; one that cannot be stops no other."""

from __future__ import annotations

from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.services import Services
from recommender.store import inbound

LIST = "papers@example.org"


def receive(services: Services, *recipients: str, content: bytes = b"x") -> list[int]:
    statuses = inbox.receive(
        services,
        source="pipe",
        envelope_sender="ann@example.org",
        recipients=recipients,
        content=content,
        most_bytes=1000,
    )
    return [status.code for status in statuses]


def test_each_recipient_is_told_what_became_of_the_mail(services: Services) -> None:
    assert receive(services, LIST, "bob@example.org") == [250, 550]
    assert receive(services, LIST, "bob@example.org", content=b"x" * 1001) == [552, 550]

    with services.database.read() as session:
        assert len(inbound.waiting(session)) == 1


def test_what_old_mails_said_is_dropped(services: Services) -> None:
    receive(services, LIST)
    process_stored(services, dispatch)

    assert inbox.purge(services, keep_days=7) == 0
    assert inbox.purge(services, keep_days=-1) == 1

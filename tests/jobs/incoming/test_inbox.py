"""A mail that was stored is acted on exactly once; one that cannot be stops no other."""

from __future__ import annotations

from collections.abc import Callable

from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.services import Services
from recommender.store import inbound

LIST = "papers@example.org"


def test_each_recipient_is_told_what_became_of_the_mail(
    services: Services, receive: Callable[..., list[int]]
) -> None:
    assert receive(LIST, "bob@example.org") == [250, 550]
    assert receive(LIST, "bob@example.org", content=b"x" * 1001) == [552, 550]

    with services.database.read() as session:
        assert len(inbound.waiting(session)) == 1


def test_what_old_mails_said_is_dropped(
    services: Services, receive: Callable[..., list[int]]
) -> None:
    receive(LIST)
    process_stored(services, dispatch)

    assert inbox.purge(services, keep_days=7) == 0
    assert inbox.purge(services, keep_days=-1) == 1

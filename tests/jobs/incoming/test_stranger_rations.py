"""What strangers can have us mail by writing to us is rationed, whoever's name they write in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from recommender.domain import DeliveryKind, Subscriber
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.services import ANSWER_LIMITS, Services
from recommender.membership.limits import Cap
from recommender.store import inbound_listing, stranger_mails
from recommender.store.inbound import InboundState
from recommender.store.tables import DeliveryRow

HOUR = timedelta(hours=1)


def write(services: Services, sender: str, *, envelope: str = "", subject: str = "help") -> None:
    """Hand in a mail, and have it acted on; each is another one."""
    number = write.number = getattr(write, "number", 0) + 1  # type: ignore[attr-defined]
    content = f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <{number}@x>\r\n\r\nx\r\n"
    inbox.receive(
        services,
        source="lmtp",
        envelope_sender=envelope or sender,
        recipients=["papers@example.org"],
        content=content.encode(),
        most_bytes=10_000,
    )
    process_stored(services, dispatch)


def answered(services: Services, kind: DeliveryKind = DeliveryKind.ANSWER) -> Counter[str]:
    """Count the answers by who gets them."""
    with services.database.read() as session:
        statement = select(DeliveryRow.recipient).where(col(DeliveryRow.kind) == kind)
        return Counter(session.exec(statement))


def test_all_answers_to_strangers_together_have_a_cap_that_leaves_some_to_others(
    services: Services, clock: Any
) -> None:
    limited = replace(services, answer_limits=replace(ANSWER_LIMITS, total=Cap(10, 12)))
    for number in range(30):
        write(limited, f"victim@d{number}.net", envelope="bot@flood.example.com")
    flooded = answered(limited).total()
    assert 5 <= flooded < 10
    write(limited, "honest@example.net")
    assert answered(limited)["honest@example.net"] == 1
    clock.now += HOUR
    for number in range(30):
        write(limited, f"victim@e{number}.net", envelope=f"bot@e{number}.net")
    assert answered(limited).total() <= 12


def test_a_recipient_domain_has_a_cap_whoever_writes(services: Services) -> None:
    limited = replace(services, answer_limits=replace(ANSWER_LIMITS, domain=Cap(4, 4)))
    for number in range(20):
        write(limited, f"v{number}@victim.example", envelope=f"bot@e{number}.net")
    write(limited, f"v@{'d' * 20}.victim.example.com", envelope="bot@e1.net")
    assert answered(limited).total() == 4 + 1


def test_a_sending_domain_stands_for_its_network(services: Services) -> None:
    limited = replace(services, answer_limits=replace(ANSWER_LIMITS, network=Cap(3, 3)))
    for number in range(9):
        write(limited, f"v@d{number}.net", envelope="bot@flood.example.com")
    assert answered(limited).total() == 3


@pytest.mark.parametrize(
    "spellings",
    [
        [f"ann+{number}@example.org" for number in range(12)],
        [f"{name}@gmail.com" for name in ("ann", "a.nn", "an.n", "a.n.n", "ann+x", "a.nn+y")]
        + ["ann@googlemail.com"] * 3,
        ["ann@example.org", "ANN@example.org", "Ann+x@Example.org"] * 4,
    ],
)
def test_spellings_of_one_mailbox_have_one_ration(services: Services, spellings: list[str]) -> None:
    for each in spellings:
        write(services, each, envelope="bot@example.org")
    assert answered(services).total() == 5


def test_help_that_nobody_asked_for_is_given_a_mailbox_once_a_day(
    services: Services, clock: Any
) -> None:
    for number in range(3):
        write(services, f"ann+{number}@example.org", subject="what is this?")
    assert answered(services).total() == 1
    clock.now += timedelta(days=1)
    write(services, "ann@example.org", subject="what is this?")
    assert answered(services).total() == 2


def test_a_change_of_address_mails_new_addresses_within_the_same_ration(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    """Anybody can write in a subscriber's name."""
    limited = replace(services, answer_limits=replace(ANSWER_LIMITS, total=Cap(3, 3)))
    for number in range(6):
        reader = subscribe(f"reader{number}")
        write(limited, reader.email, subject=f"address victim@d{number}.net")
    asked = answered(limited, DeliveryKind.CONFIRM_CHANGE)
    assert sum(number for address, number in asked.items() if "victim" in address) <= 3


@pytest.mark.parametrize("new", ["papers@example.org", "PAPERS+X@example.org"])
def test_nobody_moves_to_the_list_s_own_address_and_who_asked_is_told_why(
    services: Services, subscribe: Callable[..., Subscriber], new: str
) -> None:
    reader = subscribe()
    write(services, reader.email, subject=f"address {new}")
    with services.database.read() as session:
        (answer,) = session.exec(select(DeliveryRow)).all()
    assert (answer.kind, answer.recipient) == (DeliveryKind.ANSWER, reader.email)
    assert answer.content["values"] == {"is_problem": True, "is_own_address": True}


def test_subscribers_answers_take_nothing_from_strangers(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe()
    for _ in range(9):
        write(services, reader.email, subject="settings")
    assert answered(services) == {reader.email: 5}
    with services.database.read() as session:
        assert stranger_mails.since(session, services.clock() - HOUR) == []


def test_who_writes_from_an_address_that_we_cannot_mail_asks_in_vain(services: Services) -> None:
    write(services, "j\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen@example.org", subject="subscribe")
    with services.database.read() as session:
        (done,) = inbound_listing.newest(session, [InboundState.DONE], limit=None)
    assert done.outcome == "nothing: the sender's address is none that we can mail"

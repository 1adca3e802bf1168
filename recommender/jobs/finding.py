"""Jobs: the subscriber at an address, for every use case that is given one."""

from __future__ import annotations

from recommender.domain import Subscriber
from recommender.errors import NotFoundError
from recommender.jobs.services import Services
from recommender.membership.addresses import normalise_address
from recommender.store import subscribers


def find_subscriber(services: Services, email: str) -> Subscriber:
    """Find the subscriber at an address.

    Raises
    ------
    AddressError
        If ``email`` is no mail address.
    NotFoundError
        If nobody has it.
    """
    address = normalise_address(email)
    with services.database.read() as session:
        subscriber = subscribers.by_key(session, address.key)
    if subscriber is None:
        raise NotFoundError(
            f"nobody subscribed as {address.email}; `recommender subscribers list` shows everybody"
        )
    return subscriber

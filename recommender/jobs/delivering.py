"""Jobs: hands the mail room a renderer for each delivery, since rooms do not know each other."""

from __future__ import annotations

from collections.abc import Callable

from recommender.domain import Delivery
from recommender.jobs.messages import compose_envelope
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.store import outbox


def composer(services: Services) -> Callable[[Delivery], Envelope]:
    """Give the function that builds the message of a delivery."""

    def compose(delivery: Delivery) -> Envelope:
        return compose_envelope(services, delivery)

    return compose


def expedite(services: Services) -> None:
    """Make every deferred message due now."""
    with services.database.write() as session:
        outbox.expedite(session, now=services.clock())

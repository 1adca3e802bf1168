"""Jobs: hands the mail room a renderer for each delivery, since rooms do not know each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from recommender.domain import Delivery
from recommender.jobs.messages import compose_envelope, read_sources
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.store import outbox


def composer(services: Services) -> Callable[[Sequence[Delivery]], Callable[[Delivery], Envelope]]:
    """Give what reads the rows of a batch of deliveries, once, and then builds each message."""

    def prepare(deliveries: Sequence[Delivery]) -> Callable[[Delivery], Envelope]:
        sources = read_sources(services, deliveries)
        return lambda delivery: compose_envelope(services, delivery, sources)

    return prepare


def expedite(services: Services) -> None:
    """Make every deferred message due now."""
    with services.database.write() as session:
        outbox.expedite(session, now=services.clock())

"""Room mail: messages are built in batches, away from the loop that talks to servers.

One message that cannot be built never stops the others: it becomes a `Reply` of ours.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from recommender.domain import Delivery
from recommender.errors import RecommenderError, UndeliverableError
from recommender.log_lines import about
from recommender.mail.message import Envelope
from recommender.mail.transport.replies import Reply, Step, bounded_line

BuildEnvelope = Callable[[Delivery], Envelope]
PrepareBatch = Callable[[Sequence[Delivery]], BuildEnvelope]
BuildBatch = Callable[[Sequence[Delivery]], Awaitable[Sequence[Envelope | Reply]]]

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")


def in_threads(prepare: PrepareBatch) -> BuildBatch:
    """Build in threads of this process, several batches at a time.

    Parameters
    ----------
    prepare : callable
        Reads what a batch of deliveries needs, and gives what renders one of them. What the second
        raises defers that delivery; what the first raises defers the batch.
    """

    async def build(batch: Sequence[Delivery]) -> Sequence[Envelope | Reply]:
        return await asyncio.to_thread(build_batch, prepare, batch)

    return build


def build_batch(prepare: PrepareBatch, batch: Sequence[Delivery]) -> list[Envelope | Reply]:
    """Build the messages of a batch, in its order."""
    whole = f"deliveries {', '.join(str(delivery.id) for delivery in batch)}"
    build = _or_refusal(lambda: prepare(batch), whole, {})
    if isinstance(build, Reply):
        return [build for _ in batch]
    return [
        _or_refusal(
            functools.partial(build, delivery),
            f"delivery {delivery.id}",
            about(delivery=delivery.id),
        )
        for delivery in batch
    ]


def _or_refusal(make: Callable[[], _T], what: str, extra: Mapping[str, object]) -> _T | Reply:
    """Make something, or give what becomes of ``what`` where that fails: no other is stopped."""
    try:
        return make()
    except UndeliverableError as error:
        return Reply(554, "5.7.1", bounded_line(f"not sent: {error}"), Step.BUILD)
    except RecommenderError as error:
        _logger.error("%s cannot be built: %s", what, error, extra=extra)  # noqa: TRY400, our errors say enough in a line
        words = str(error)
    except Exception as error:
        _logger.exception("%s cannot be built", what, extra=extra)
        words = f"{type(error).__name__}: {error}"
    return Reply(None, None, bounded_line(f"not built: {words}"), Step.BUILD)

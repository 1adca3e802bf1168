"""Jobs: processes that build messages for another one, see `building_pool`.

Run as a module with the numbers of sockets, it loads the program, once, and forks, so that there is
one process for each of them. It receives what `begin` takes, then batches of deliveries, and
answers with what became of each. It ends with its input: who asked for it may be killed at any
time. What goes over a connection is pickled: both ends are this program, and nobody else can write
into an unnamed socket.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any, Final

from recommender.domain import Delivery
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import build_batch
from recommender.mail.transport.replies import Reply
from recommender.rendering import RendererRecipe
from recommender.store.database import Database

GARBAGE_THRESHOLD: Final = 50_000
"""Objects more than were freed until garbage is looked for: rendering leaves hardly any."""

# What messages are made with, besides the database and the templates.
_TAKEN_ALONG: Final = ("signer", "site", "defaults", "ranking", "dkim")

BuildHere = Callable[[Sequence[Delivery]], list[Envelope | Reply]]


def recipe(services: Services) -> tuple[str, RendererRecipe, Mapping[str, Any]]:
    """Return what another process makes the same services of."""
    return (
        services.database.url.render_as_string(hide_password=False),
        services.renderer.recipe(),
        {name: getattr(services, name) for name in _TAKEN_ALONG},
    )


def begin(url: str, renderer: RendererRecipe, others: Mapping[str, Any]) -> BuildHere:
    """Open an installation, only to build."""
    prepare = message_builder(
        Services(
            database=Database(url, must_exist=True), renderer=renderer.made(), clock=_now, **others
        )
    )
    return lambda batch: build_batch(prepare, batch)


def _now() -> datetime:
    return datetime.now(UTC)


def serve(line: Connection) -> None:
    """Build until the other end closes."""
    # A process that is killed may leave half a batch, or not wait for what became of it.
    with line, contextlib.suppress(EOFError, OSError):
        build = begin(*line.recv())
        batch: Sequence[Delivery] = ()
        while True:
            # The first answer, to no batch at all, says that it is ready.
            line.send(build(batch))
            batch = line.recv()


def main(descriptors: Sequence[str]) -> None:
    """Become one process for each socket, and build."""
    # Who asked for us ends us: a terminal and systemd signal all processes of a group.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What is there now stays: to look through it again and again takes a tenth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    mine, *others = (Connection(int(descriptor)) for descriptor in descriptors)
    children: list[int] = []
    while others:
        its_own = others.pop()
        child = os.fork()
        if not child:
            # An end of another line, held open here, would hide that its process is gone.
            for line in (mine, *others):
                line.close()
            mine, others, children = its_own, [], []
        else:
            its_own.close()
            children.append(child)
    serve(mine)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1:])

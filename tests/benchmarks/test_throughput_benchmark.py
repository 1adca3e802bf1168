"""How many complete newsletters a second leave: claim, render, build, SMTP, record.

The other end is Postfix's ``smtp-sink``, and the measure its ``smtp-source``, a sender in C, with
messages of the same size over the same number of connections in the same run.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import delivering, messages
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import build_batch
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import relay_to
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store import outbox

MESSAGES = 6_000
CONNECTIONS = 4
LEAST_SHARE_OF_SMTP_SOURCE = 0.1
FEW, MANY, SENT_OF_MANY, MOST_GROWTH_MB = 1_000, 100_000, 5_000, 100
LOOK_SECONDS = 0.2


def deliver(services: Services, port: int) -> DeliveryReport:
    """Deliver as the daemon does, at the default batch size and number of connections."""
    server = SmtpServer("127.0.0.1", port, Security.PLAIN, local_hostname="client.example.org")
    return asyncio.run(delivering.deliver(services, [relay_to(server)], DeliveryRules()))


def seconds_of_smtp_source(port: int, *, messages: int, size: int) -> float:
    """Send as many messages of a size over as many connections with Postfix's sender in C."""
    program = shutil.which("smtp-source")
    assert program is not None, "smtp-source is missing; install postfix"
    begun = time.perf_counter()
    subprocess.run(  # noqa: S603, Postfix's program
        [
            *(program, "-s", str(CONNECTIONS), "-m", str(messages), "-l", str(size)),
            *("-f", "papers@example.org", "-t", "ann@example.org", f"127.0.0.1:{port}"),
        ],
        check=True,
    )
    return time.perf_counter() - begun


def typical_size(services: Services) -> int:
    """Bytes of one newsletter."""
    with services.database.read() as session:
        queued = outbox.of_subscriber(session, 1)
    (envelope,) = build_batch(messages.message_builder(services), queued)
    assert isinstance(envelope, Envelope)
    return len(envelope.content)


def test_newsletters_leave_beside_a_sender_in_c(
    services: Services, sink: int, write_newsletters: Callable[..., None]
) -> None:
    write_newsletters(services, MESSAGES)
    size = typical_size(services)
    source_seconds = seconds_of_smtp_source(sink, messages=MESSAGES, size=size)

    begun = time.perf_counter()
    report = deliver(services, sink)
    seconds = time.perf_counter() - begun

    assert report == DeliveryReport(sent=MESSAGES)
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{MESSAGES} newsletters of {size / 1024:.0f} kB over {CONNECTIONS} connections:"
        f" {MESSAGES / seconds:.0f}/s; smtp-source {MESSAGES / source_seconds:.0f}/s,"
        f" ratio {source_seconds / seconds:.2f}"
    )
    assert source_seconds / seconds >= LEAST_SHARE_OF_SMTP_SOURCE


async def _deliver_about(services: Services, port: int, count: int) -> int:
    """Deliver until so many are sent, and give how many were."""
    stop = asyncio.Event()
    server = SmtpServer("127.0.0.1", port, Security.PLAIN, local_hostname="client.example.org")
    run = asyncio.create_task(
        delivering.deliver(services, [relay_to(server)], DeliveryRules(), stop=stop)
    )
    while not run.done() and newsletters.deliveries_by_state(services)["sent"] < count:
        await asyncio.wait({run}, timeout=LOOK_SECONDS)
    stop.set()
    return (await run).sent


def peak_memory_mb() -> float:
    """Sum the peaks of this process and of the largest that it had for composing."""
    status = Path("/proc/self/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def test_memory_does_not_grow_with_the_outbox(
    services: Services, sink: int, write_newsletters: Callable[..., None]
) -> None:
    """The peaks only rise: the larger run is the second one."""
    write_newsletters(services, FEW)
    assert asyncio.run(_deliver_about(services, sink, FEW)) == FEW
    before = peak_memory_mb()

    write_newsletters(services, MANY, first=FEW + 1, with_papers=SENT_OF_MANY)
    sent = asyncio.run(_deliver_about(services, sink, FEW + SENT_OF_MANY))
    after = peak_memory_mb()

    assert sent >= SENT_OF_MANY
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{before:.0f} MB at most with {FEW} newsletters in the outbox,"
        f" {after:.0f} MB with {MANY} ({sent} of them sent)"
    )
    assert after - before <= MOST_GROWTH_MB

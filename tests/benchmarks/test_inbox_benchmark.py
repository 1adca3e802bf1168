"""How many mails a second are taken by LMTP, beside a transaction for each of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.mail.inbox.lmtp_server import LmtpServer
from recommender.store import inbound
from recommender.store.database import Database, open_database
from recommender.store.inbound import InboundState, NewMail

CONNECTIONS = 20
MAILS = 4000
NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)

# A process of its own, as an MTA is; it counts the statuses that it got.
CLIENT = r"""
import asyncio, sys

PORT, CONNECTIONS, MAILS = map(int, sys.argv[1:])
BODY = b"".join(b"a line of a reply, of the usual length\r\n" for _ in range(20))

async def reply(reader):
    while True:
        line = await reader.readline()
        if line[3:4] != b"-":
            return line[:3]

async def connection(number, each):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    await reply(reader)
    writer.write(b"LHLO mta.example.org\r\n")
    await reply(reader)
    stored = 0
    for mail in range(each):
        head = b"Message-ID: <%d.%d@example.org>\r\nSubject: Re: papers\r\n\r\n" % (number, mail)
        writer.write(b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<papers@example.org>\r\nDATA\r\n")
        for _ in range(3):
            await reply(reader)
        writer.write(head + BODY + b".\r\n")
        stored += await reply(reader) == b"250"
    writer.write(b"QUIT\r\n")
    await reply(reader)
    writer.close()
    return stored

async def main():
    each = MAILS // CONNECTIONS
    print(sum(await asyncio.gather(*(connection(n, each) for n in range(CONNECTIONS)))))

asyncio.run(main())
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'recommender.db'}")
    yield database
    database.close()


def test_mail_is_taken_by_groups_beside_one_by_one(database: Database) -> None:
    def store(mails: Sequence[NewMail]) -> None:
        with database.write() as session:
            inbound.add_all(session, mails, now=NOW)

    def store_one_by_one(mails: Sequence[NewMail]) -> None:
        for mail in mails:
            store([mail])

    async def take(mails: int, store_mails: object) -> float:
        server = LmtpServer(
            "127.0.0.1:0",
            list_address="papers@example.org",
            store=store_mails,  # type: ignore[arg-type]  # one of the two above
            most_bytes=1_000_000,
        )
        await server.start()
        begun = time.perf_counter()
        arguments = [str(server.port), str(CONNECTIONS), str(mails)]
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLIENT, *arguments, stdout=subprocess.PIPE
        )
        output, _ = await client.communicate()
        seconds = time.perf_counter() - begun
        await server.stop()
        assert int(output) == mails
        return mails / seconds

    one_by_one = asyncio.run(take(MAILS // 4, store_one_by_one))
    with database.write() as session:
        for mail_id in inbound.waiting(session, limit=MAILS):
            inbound.finish(
                session,
                mail_id,
                envelope_sender="",
                recipient="",
                outcome="",
                subscriber_id=None,
                now=NOW,
            )
    # The mails of both runs have the same names: what the first brought is not stored again.
    grouped = asyncio.run(take(MAILS, store))

    with database.read() as session:
        stored = inbound.count(session, InboundState.STORED)
    assert stored + MAILS // 4 >= MAILS
    assert threading.active_count() < CONNECTIONS
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{MAILS} mails over {CONNECTIONS} connections: {grouped:.0f}/s with shared transactions,"
        f" {one_by_one:.0f}/s with one each, ratio {grouped / one_by_one:.1f}"
    )

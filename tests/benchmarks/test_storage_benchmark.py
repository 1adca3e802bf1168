"""How many bytes of the database an issue takes, its message and all indexes included."""

from __future__ import annotations

from collections.abc import Callable

from recommender.domain import DeliveryState
from recommender.jobs.services import Services
from recommender.store import claims
from recommender.store.claims import Attempt

ISSUES = 2_000
MOST_BYTES = 1_000
REPLY = "250 2.0.0 Ok: queued as 4bXyZ123Abc"
TABLES = ("issue", "frozen_paper", "frozen_text", "delivery", "delivery_attempt")


def test_an_issue_that_was_sent_takes_a_kilobyte(
    services: Services, write_newsletters: Callable[..., None]
) -> None:
    write_newsletters(services, ISSUES)
    now = services.clock()
    with services.database.write() as session:
        claimed = claims.claim_due(session, worker="w", now=now, lease_seconds=60, limit=ISSUES)
        sent = [
            Attempt(each.id, now, DeliveryState.SENT, "mail.example.org:25", 250, "2.0.0", REPLY)
            for each in claimed
        ]
        claims.record_attempts(session, sent)
    assert len(sent) == ISSUES

    with services.database.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name)"
            " GROUP BY tbl_name"
        )
        sizes = {table: size for table, size in rows}  # noqa: C416 - rows, no tuples
    each = {table: sizes[table] / ISSUES for table in TABLES}

    told = ", ".join(f"{table} {size:.0f}" for table, size in each.items())
    print(f"\n{sum(each.values()):.0f} bytes an issue with its message: {told}")  # noqa: T201 - the result
    assert sum(each.values()) <= MOST_BYTES

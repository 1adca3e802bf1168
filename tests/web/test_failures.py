"""What is our own fault is logged, and fills no log."""

from __future__ import annotations

import logging

import pytest

from recommender.errors import StorageError
from recommender.web.failures import TOLD_EVERY_SECONDS, FailureLog

AWAY, FULL = StorageError("the database is away"), StorageError("the disk is full")


def test_a_fault_of_all_requests_is_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    log = FailureLog(lambda: now)
    with caplog.at_level(logging.ERROR):
        for _ in range(1_000):
            log.note("GET /search", AWAY)
        log.note("POST /me", FULL)
        now = TOLD_EVERY_SECONDS
        log.note("GET /", AWAY)
        now *= 3
        log.note("GET /", AWAY)

    assert [record.getMessage() for record in caplog.records] == [
        "GET /search: the database is away",
        "POST /me: the disk is full",
        "999 requests more: the database is away",
        "GET /: the database is away",
        "GET /: the database is away",
    ]


def test_faults_of_many_words_are_forgotten_after_their_time() -> None:
    now = 0.0
    log = FailureLog(lambda: now)
    for number in range(1_000):
        now += 1
        for _ in range(2):
            log.note("GET /", StorageError(f"fault {number}"))
    assert len(log._told_at) <= TOLD_EVERY_SECONDS + 1
    assert len(log._unsaid) <= TOLD_EVERY_SECONDS + 1

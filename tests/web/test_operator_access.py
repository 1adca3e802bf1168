"""Who may see the operator's page, and how often a wrong token is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recommender.web.operator_access import (
    NETWORKS_KEPT,
    WITHIN,
    WRONG_TOKENS,
    WrongTokens,
    is_at_this_machine,
)

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
@pytest.mark.parametrize("base_url", [HERE, "http://localhost:8000/papers", "http://[::1]:8000"])
def test_who_sits_at_this_machine_is_known(peer: str, host: str, base_url: str) -> None:
    assert is_at_this_machine(peer, host, ["host", "accept"], base_url=base_url)


@pytest.mark.parametrize("peer", ["", "192.0.2.7", "10.0.0.1", "fe80::1", "::ffff:192.0.2.7", "x"])
def test_nobody_else_is(peer: str) -> None:
    assert not is_at_this_machine(peer, "localhost", ["host"], base_url=HERE)


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example.net", "evil.example.net:8000", "127.0.0.1.example.net"),
        *("localhost.example.net", "evil@localhost", "[", "localhost:port", "localhost/x?@a"),
    ],
)
def test_a_name_of_somebody_else_that_leads_here_is_refused(host: str) -> None:
    is_here = is_at_this_machine("127.0.0.1", host, ["host"], base_url=HERE)

    assert is_here is (host == "localhost/x?@a")


@pytest.mark.parametrize(
    "header",
    [
        *("X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "X-Forwarded-Server"),
        *("Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"),
    ],
)
def test_what_was_handed_on_is_not_of_this_machine(header: str) -> None:
    assert not is_at_this_machine("127.0.0.1", "localhost", ["host", header], base_url=HERE)


def test_behind_a_web_server_that_says_nothing_the_page_stays_closed() -> None:
    """Hold against nginx as it is: Host is our own address, and no header names the client."""
    base_url = "https://papers.example.org"
    assert not is_at_this_machine("127.0.0.1", "127.0.0.1:8000", ["host"], base_url=base_url)


def test_a_network_waits_after_some_wrong_tokens_and_no_other_one_does() -> None:
    wrong = WrongTokens()
    for number in range(WRONG_TOKENS):
        assert wrong.seconds_to_wait("192.0.2.7", NOW) == 0
        wrong.note("192.0.2.7", NOW + timedelta(seconds=number))
    assert wrong.seconds_to_wait("192.0.2.7", NOW + WITHIN - timedelta(seconds=1.5)) == 2
    assert wrong.seconds_to_wait("192.0.2.8", NOW) == 0
    assert wrong.seconds_to_wait("192.0.2.7", NOW + WITHIN) == 0


def test_of_however_many_networks_only_the_last_are_kept() -> None:
    wrong = WrongTokens()
    for number in range(3 * NETWORKS_KEPT):
        wrong.note(str(number), NOW)

    assert len(wrong._moments) == NETWORKS_KEPT

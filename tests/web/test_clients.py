"""Who is asking: the client behind trusted servers, and never what a client made up."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import httpx
import pytest
from sqlmodel import select

from recommender.jobs.services import LOOPBACK, RequestPolicy, Services
from recommender.store.tables import SubscriptionRequestRow
from recommender.web.app import create_app
from recommender.web.clients import client_address

PROXIES = (*LOOPBACK, ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        # Whoever connects by themselves writes what they like.
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::1", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        # What stands before the address that a trusted server added is the client's own word.
        ("127.0.0.1", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
        # A chain of servers of ours.
        ("127.0.0.1", ["203.0.113.9, 198.51.100.1, 10.0.0.3"], "198.51.100.1"),
        ("127.0.0.1", ["10.0.0.9, 10.0.0.3"], "10.0.0.9"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("127.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("127.0.0.1", ["198.51.100.1, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, "], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1\t, 10.0.0.3"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.9, " * 100_000 + "198.51.100.1"], "198.51.100.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_client_is_the_last_address_that_a_trusted_server_told_of(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client == client_address(peer, forwarded, PROXIES)


@pytest.mark.parametrize(
    ("trusted", "network"), [(LOOPBACK, "2001:db8:1:2::/64"), ((), "127.0.0.1")]
)
async def test_a_request_is_stored_with_the_network_of_its_client(
    services: Services, trusted: tuple[object, ...], network: str
) -> None:
    policy = RequestPolicy(trusted_proxies=trusted)  # type: ignore[arg-type]  # networks, or none
    app = create_app(replace(services, requests=policy))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=services.site.base_url) as browser:
        await browser.post(
            "/subscribe",
            data={"email": "asked@example.org"},
            headers={"X-Forwarded-For": "203.0.113.9, 2001:db8:1:2::3"},
        )
    with services.database.read() as session:
        (stored,) = session.exec(select(SubscriptionRequestRow.network)).all()
    assert network == stored

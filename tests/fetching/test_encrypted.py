"""Who is asked over TLS proves to be who was named, although an address is connected to."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from local_certificate import made_certificate
from local_web import Reply, local_web, page

from recommender.errors import FetchError
from recommender.fetching.addresses import Reach
from recommender.fetching.fetcher import Fetcher, FetchRules

NAMED = "feeds.example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_certificate(tmp_path_factory.mktemp("certificate") / "server.pem", [NAMED])


async def fetched(certificate: Path, host: str) -> bytes:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        return ["127.0.0.1"]

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    rules = FetchRules(1_000, reach=lambda _: Reach.PUBLIC)
    fetcher = Fetcher(rules, user_agent="tests", resolve=resolve)
    try:
        async with local_web(tls) as web:
            web.pages["/"] = page(Reply(200, {}, b"it is me"))
            return (await fetcher.fetch(f"https://{host}:{web.port}/")).content
    finally:
        await fetcher.close()


async def test_a_server_that_this_system_trusts_and_has_the_name_is_asked(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert await fetched(certificate, NAMED) == b"it is me"


@pytest.mark.parametrize("host", ["other.example.org", "127.0.0.1"])
async def test_a_server_with_another_name_is_not(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(FetchError, match=r"cannot be reached \(.*CERTIFICATE_VERIFY_FAILED"):
        await fetched(certificate, host)


async def test_a_server_that_nobody_vouches_for_is_not(certificate: Path) -> None:
    with pytest.raises(FetchError, match=r"cannot be reached \(.*CERTIFICATE_VERIFY_FAILED"):
        await fetched(certificate, NAMED)

"""Each short name is asked over TLS at its service's own address, and what that says is read."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from local_certificate import made_certificate
from local_web import Reply, local_web, page

from recommender.errors import FetchError
from recommender.fetching.addresses import Reach
from recommender.fetching.courtesy import Courtesy
from recommender.fetching.fetcher import Fetcher, FetchRules
from recommender.jobs.services import Services
from recommender.jobs.sources.checking import check
from recommender.papers.sources.polling import MAX_BYTES
from recommender.reading.pool import ReadingPool

RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org">
<title>Preprints</title></channel><item rdf:about="https://example.org/1"><title>A title</title>
<link>https://www.SERVER.org/content/10.1101/2026.03.09.1v1?rss=1</link>
<description>What was done, and what came of it in the end.</description>
<dc:creator>Example, A.</dc:creator><dc:date>2026-03-09</dc:date>
<dc:identifier>doi:10.1101/2026.03.09.1</dc:identifier></item></rdf:RDF>"""
EUROPE_PMC = {
    "resultList": {
        "result": [
            {
                "id": "1",
                "source": "MED",
                "doi": "10.1234/abc",
                "title": "A title.",
                "abstractText": "What was done, and what came of it in the end.",
                "authorString": "Example A.",
                "firstPublicationDate": "2026-03-09",
            }
        ]
    }
}


@dataclass(frozen=True)
class Asked:
    """What is typed, what the service is asked, and what it says: a real file, or its words."""

    given: str
    host: str
    path: str
    says: str
    papers: int


ASKED = [
    Asked(
        *("arxiv:cs.AI", "rss.arxiv.org", "/rss/cs.AI"),
        *("feeds/arxiv/zotero-arxiv-daily__arxiv_rss_example.xml", 7),
    ),
    Asked(
        *("arxiv:search testing", "export.arxiv.org"),
        "/api/query?search_query=all%3Atesting&sortBy=submittedDate&sortOrder=descending"
        "&max_results=100",
        *("feeds/arxiv/arxiv.py__q_testing_s0_m10_bc5a6c384fe9.xml", 10),
    ),
    Asked(
        *("biorxiv:neuroscience", "connect.biorxiv.org"),
        *("/biorxiv_xml.php?subject=neuroscience", RDF.replace("SERVER", "biorxiv"), 1),
    ),
    Asked(
        *("medrxiv:epidemiology", "connect.medrxiv.org"),
        *("/medrxiv_xml.php?subject=epidemiology", RDF.replace("SERVER", "medrxiv"), 1),
    ),
    Asked(
        *('pubmed:"sleep"', "www.ebi.ac.uk"),
        "/europepmc/webservices/rest/search?query=SRC%3AMED+AND+%28sleep%29+sort_date%3Ay"
        "&resultType=core&format=json&pageSize=100",
        *(json.dumps(EUROPE_PMC), 1),
    ),
    Asked(
        *("huggingface:daily", "huggingface.co", "/api/daily_papers"),
        *("feeds/json/sotawhat__hf_daily_papers.json", 30),
    ),
    Asked(
        *("crossref:1476-4687", "api.crossref.org"),
        "/journals/1476-4687/works?sort=published&order=desc&rows=100",
        *("feeds/json/vgi-scholar__crossref.json", 2),
    ),
]


class Elsewhere(httpx.AsyncHTTPTransport):
    """Connects to another port than the one of the address; all else is as it is."""

    def __init__(self, port: int) -> None:
        super().__init__(trust_env=False, verify=ssl.create_default_context())
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self.port)
        return await super().handle_async_request(request)


async def here(host: str, port: int) -> Sequence[str]:
    """Take every host for this machine."""
    del host
    assert port == 443
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hosts = [each.host for each in ASKED]
    return made_certificate(tmp_path_factory.mktemp("certificate") / "server.pem", hosts)


@pytest.fixture
def asking(
    services: Services, clock: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Open services that ask a port of this machine, whichever host is meant."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    clock.now = datetime(2026, 11, 29, 7, tzinfo=UTC)

    def asking(port: int) -> Services:
        def open_fetcher(self: Services, courtesy: Courtesy | None = None) -> Fetcher:
            rules = FetchRules(MAX_BYTES, reach=lambda _: Reach.PUBLIC)
            agent = self.site.user_agent
            fetcher = Fetcher(rules, user_agent=agent, courtesy=courtesy, resolve=here)
            fetcher._transport = Elsewhere(port)
            return fetcher

        monkeypatch.setattr(Services, "open_fetcher", open_fetcher)
        return replace(services, reading=ReadingPool())

    return asking


@pytest.mark.parametrize("asked", ASKED, ids=[each.given for each in ASKED])
async def test_a_preset_is_asked_as_its_service_documents_and_its_answer_is_read(
    asked: Asked, asking: Any, certificate: Path, shared_data: Path
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    said = asked.says.encode()
    if asked.says.startswith("feeds/"):
        said = (shared_data / asked.says).read_bytes()
    async with local_web(tls) as web:
        web.pages[asked.path] = page(Reply(200, {}, said))
        services = asking(web.port)
        try:
            found = await asyncio.to_thread(check, services, asked.given)
        finally:
            services.reading.close()
    [(path, headers)] = web.asked
    assert (path, headers["host"]) == (asked.path, asked.host)
    assert "mailto:operator@example.org" in headers["user-agent"]
    assert len(found.digest.entries) == asked.papers
    assert all(each.title and each.authors for each in found.digest.entries)


async def test_who_poses_as_a_service_is_not_believed(asking: Any, tmp_path: Path) -> None:
    """The certificate of whoever answers is for its name, and nobody vouches for it."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made_certificate(tmp_path / "another.pem", ["huggingface.co"]))
    async with local_web(tls) as web:
        services = asking(web.port)
        with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(check, services, "huggingface:daily")
    assert not web.asked

"""Every page of a running installation: by a crawler, in a browser, and by what checks HTML."""

from __future__ import annotations

import collections
import json
import os
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import httpx
import pytest

from recommender.demo.captured_mail import CapturedMail
from recommender.demo.persona import links_of, papers_of

pytestmark = pytest.mark.system

# Where `npm install axe-core vnu-jar` was called; `.ci/run` does.
NODE_MODULES = "NODE_MODULES"
AXE = "axe-core/axe.min.js"
NU = "vnu-jar/build/dist/vnu.jar"
RUN_AXE = """
const [options, done] = arguments;
axe.run(document, options).then(done, error => done({error: String(error)}));
"""
# Properties of Outlook's own, which other programs pass over.
FOR_OUTLOOK = "CSS: “mso-[a-z-]+”: Property “mso-[a-z-]+” doesn't exist"
OF_WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

SECONDS_WITHOUT_A_CLICK = 10
WIDTH = 360
# Of pages whose addresses differ in their numbers and tokens alone, so many are checked.
OF_A_KIND = 2
# What the work of the night writes, whenever it comes to it.
OF_THE_NIGHT = ("subscriber_quality", "tuning")
VARYING = re.compile(r"(?<=/)(?=[^/]*\d)[\w.~-]{12,}|\d+|(?<==)[^&]*")


@dataclass(frozen=True)
class Site:
    """A running installation, the mails that it sent, and the pages to which they lead."""

    base_url: str
    database: Path
    mails: list[CapturedMail]
    pages: dict[str, httpx.Response]

    @property
    def newsletter(self) -> CapturedMail:
        return self.mails[-1]

    def of_each_kind(self) -> dict[str, str]:
        """Return the HTML of a few pages of each kind by their address."""
        kinds: dict[str, int] = collections.Counter()
        chosen = {}
        for url, answer in self.pages.items():
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            kind = VARYING.sub("*", url.removeprefix(self.base_url))
            kinds[kind] += 1
            if kinds[kind] <= OF_A_KIND:
                chosen[url] = answer.text
        return chosen

    def state(self) -> list[str]:
        """Dump what is stored."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            tables = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                    " AND name NOT LIKE 'paper_search%' AND name NOT LIKE 'sqlite_%' ORDER BY name"
                )
                if name not in OF_THE_NIGHT
            ]
            return [
                f"{table}: {row}"
                for table in tables
                for row in connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own names
            ]


class _Addresses(HTMLParser):
    """What a page leads to and what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._page = page

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            urldefrag(urljoin(self._page, value)).url
            for name, value in attrs
            if name in ("href", "src") and value
        ]


def crawl(base_url: str, starts: list[str]) -> dict[str, httpx.Response]:
    """Ask for every page that links lead to, each by HEAD and by GET, as a crawler does."""
    answers: dict[str, httpx.Response] = {}
    waiting = collections.deque(starts)
    with httpx.Client(timeout=30) as client:
        while waiting:
            url = waiting.popleft()
            if url in answers or not url.startswith(base_url):
                continue
            head = client.head(url)
            answers[url] = answer = client.get(url)
            assert head.status_code == answer.status_code, url
            if answer.is_redirect:
                waiting.append(urljoin(url, answer.headers["location"]))
            elif "html" in answer.headers.get("content-type", ""):
                page = _Addresses(url)
                page.feed(answer.text)
                waiting += page.found
    return answers


@pytest.fixture(scope="module")
def site(
    with_papers: Any,
    shared_sink: Any,
    start_shared_daemon: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """Return the site of an installation with a reader who has an issue, and crawl it."""
    installation = with_papers.copy(
        tmp_path_factory.mktemp("site") / "installation",
        smtp_port=shared_sink.port,
        LIMITS__FORM_SECONDS="0",
    )
    start_shared_daemon(installation)
    with httpx.Client(base_url=installation.base_url, follow_redirects=True) as browser:
        email = "reader@example.org"
        browser.post("/subscribe", data={"email": email, "interests": "diffusion models"})
        confirmation = shared_sink.wait_for(email)
        browser.post(
            next(each.href for each in links_of(confirmation.html) if "/confirm/" in each.href)
        )
        newsletter = shared_sink.wait_for(email, 2)
        first, second = papers_of(newsletter)[:2]
        browser.post(first.like_url, data={"vote": "up"})
        browser.post(second.like_url, data={"vote": "save"})
    installation.wait_until_sent(2)
    mails = [confirmation, newsletter]
    links = [each.href for mail in mails for each in links_of(mail.html)]
    starts = [installation.base_url + "/", *links, f"{installation.base_url}/status"]
    before = Site(installation.base_url, installation.folder / "recommender.db", mails, {})
    stored = before.state()
    pages = crawl(installation.base_url, starts)
    assert before.state() == stored  # no page changes anything by being asked for
    return Site(before.base_url, before.database, mails, pages)


def test_a_crawler_finds_every_page_and_no_dead_link(site: Site) -> None:
    dead = {url: each.status_code for url, each in site.pages.items() if each.status_code >= 400}

    assert dead == {}
    assert len(site.pages) > 200
    paths = " ".join(site.pages)
    for page in ("/papers/", "/archive/2", "/search", "/feed.atom", "/status", "/rate/"):
        assert page in paths, page
    for page in ("list", "ratings", "interests", "delivery"):
        assert re.search(rf"/me/[^/ ]+/{page}\b", paths), page


@pytest.fixture(scope="module")
def browser(open_browser: Any) -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def test_pages_that_run_their_scripts_change_nothing_without_a_click(
    site: Site, browser: Any
) -> None:
    before = site.state()
    begun = time.monotonic()
    browser.show(width=WIDTH)
    opened = [url for url in site.of_each_kind() if "/rate/" in url]
    opened += [paper.like_url for paper in papers_of(site.newsletter)[:3]]
    for url in opened:
        browser.open(url)
        time.sleep(SECONDS_WITHOUT_A_CLICK / len(opened))

    assert time.monotonic() - begun >= SECONDS_WITHOUT_A_CLICK
    assert site.state() == before


def module(name: str) -> Path:
    """Return where something of Node.js lies."""
    if not (folder := os.environ.get(NODE_MODULES)):
        pytest.skip(f"needs {name}: npm install axe-core vnu-jar, and {NODE_MODULES} to say where")
    path = Path(folder) / name
    assert path.is_file(), f"{path} is missing"
    return path


def test_axe_finds_nothing_on_any_page_light_or_dark(
    site: Site, browser: Any, tmp_path: Path
) -> None:
    script = module(AXE).read_text(encoding="utf-8")
    mail = tmp_path / "newsletter.html"
    mail.write_text(site.newsletter.html, encoding="utf-8")
    found = set()
    for dark in (False, True):
        browser.show(width=WIDTH, dark=dark)
        for url in (*site.of_each_kind(), mail.as_uri()):
            browser.open(url)
            # As the driver runs it; the pages' own policy lets no foreign script in.
            browser.driver.execute_script(script)
            # A mail is shown within a page, which has the landmarks; ours shows it as it is.
            is_mail = url == mail.as_uri() or "/issues/" in url
            options = OF_WCAG if is_mail else {}
            result = browser.driver.execute_async_script(RUN_AXE, options)
            assert "error" not in result, result
            page = f"{VARYING.sub('*', url)} {'dark' if dark else 'light'}"
            found |= {
                f"{page}: {violation['id']} {node['html'][:300]}"
                for violation in result["violations"]
                for node in violation["nodes"]
            }

    assert "\n".join(sorted(found)) == ""


def test_the_nu_checker_finds_no_error_in_pages_or_mails(site: Site, tmp_path: Path) -> None:
    jar = module(NU)
    written = {}
    for number, (url, html) in enumerate(site.of_each_kind().items()):
        path = tmp_path / f"{number}.html"
        path.write_text(html, encoding="utf-8")
        written[path.name] = VARYING.sub("*", url)
    for mail in site.mails:
        path = tmp_path / f"mail-{mail.number}.html"
        path.write_text(mail.html, encoding="utf-8")
        written[path.name] = mail.subject

    command = ["java", "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always"]
    finished = subprocess.run(  # noqa: S603 - the checker
        [*command, *(str(tmp_path / name) for name in written)],
        capture_output=True,
        check=True,
        timeout=300,
    )

    errors = {
        f"{written[Path(each['url']).name]}: {each['message']} {each.get('extract', '')}"
        for each in json.loads(finished.stdout)["messages"]
        if each["type"] == "error" and not re.search(FOR_OUTLOOK, each["message"])
    }
    assert len(written) > 15
    assert "\n".join(sorted(errors)) == ""

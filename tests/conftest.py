"""What all tests share: the real data, an installation with a clock that a test sets, a browser."""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import socket
import socketserver
import tarfile
import tempfile
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import hypothesis
import jinja2
import pytest
from database_makers import DATABASE_MAKERS, DatabaseMaker, NewDatabase, contents_of
from jinja2.runtime import Context, Macro
from markupsafe import Markup
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from xdist.scheduler import WorkStealingScheduling

from recommender.cli.application import compute_on_one_core
from recommender.domain import Digest, Preferences
from recommender.errors import DigestError
from recommender.jobs.services import RankingSettings, Services, Site
from recommender.papers.formats import parse_digest
from recommender.reading.pool import ReadingPool
from recommender.rendering import Renderer
from recommender.store.database import open_database
from recommender.tokens import TokenSigner

# No test fails on a time: machines are busy.
hypothesis.settings.register_profile("without deadline", deadline=None)
hypothesis.settings.load_profile("without deadline")

FIRST_PORT, PORTS_OF_A_WORKER, WORKERS = 12_000, 5_000, 4

# Nothing above imports numpy, and whatever does comes after this file.
compute_on_one_core()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` starts: three for two cores.

    A third of what tests take is to wait, for processes that start and for the disk.
    """
    return min(WORKERS, len(os.sched_getaffinity(0)) * 3 // 2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WorkStealingScheduling | None:
    """Share the tests out so that all workers end together; None where --dist asks for a way.

    Neighbours stay on one worker, which keeps what they share; who has nothing left to do takes
    from the end of another's. With xdist's default, one of two workers had 93 s of computing left
    when the other had ended. As an option it would switch pytest-benchmark off, workers or not.
    """
    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data beside the checkout; only CI fails where it is missing."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if folder.is_dir():
        return folder
    reason = "real data is missing: no ../shared/data beside the checkout"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_days(shared_data: Path) -> Mapping[date, Digest]:
    """Read the daily papers of May 2024 to October 2025, but for days broken at the source."""
    archive = shared_data / "digests" / "huggingface-daily-2024-05-to-2025-10.tar.xz"
    digests: dict[date, Digest] = {}
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes()), mode="r:xz") as days:
        for member in sorted(days, key=lambda member: member.name):
            file = days.extractfile(member)
            if file is None:
                continue
            day = date.fromisoformat(Path(member.name).stem)
            with suppress(DigestError):
                digests[day] = parse_digest(file.read(), today=day)
    return digests


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Find ports of this machine for programs that must be told where to listen.

    The kernel's own choice, asked for and closed again, may be somebody else's before it is used:
    another worker's, or a connection's. So each worker of pytest-xdist has ports of its own, below
    those that Linux hands out.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    first = FIRST_PORT + worker * PORTS_OF_A_WORKER
    # Another run of the tests on this machine hardly is at the same one.
    places = itertools.count(os.getpid())

    def find() -> int:
        while True:
            port = first + next(places) % PORTS_OF_A_WORKER
            with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                return port

    return find


class Clock:
    """The time that the jobs see, a Wednesday morning; a test may move it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=list(DATABASE_MAKERS),
        default="sqlite",
        help="the database that tests run on; postgresql is Debian's, started for them",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is of SQLite's file alone, where tests run on another database."""
    if config.getoption("--store") == "sqlite":
        return
    of_files = {"database_path", "migrated_database"}
    left = [
        each
        for each in items
        if each.get_closest_marker("sqlite") or of_files & set(getattr(each, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=left)
    items[:] = [each for each in items if each not in left]


@pytest.fixture(scope="session")
def database_maker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseMaker]:
    """Start what makes databases of the kind that was chosen, once."""
    make = DATABASE_MAKERS[request.config.getoption("--store")]
    with make(tmp_path_factory.mktemp("databases")) as maker:
        yield maker


@pytest.fixture
def new_database(database_maker: DatabaseMaker) -> Iterator[NewDatabase]:
    """Make databases of the kind that was chosen, and take them away after the test."""
    urls: list[str] = []

    def new(*, migrated: bool) -> str:
        urls.append(database_maker(migrated=migrated))
        return urls[-1]

    yield new
    for url in urls:
        database_maker.drop(url)


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database once: copying it takes a twentieth of migrating another."""
    path = tmp_path_factory.mktemp("template") / "recommender.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database_path(tmp_path: Path, migrated_database: Path) -> Path:
    """Return an empty database with today's schema, in a file: of SQLite, whatever was chosen."""
    return shutil.copyfile(migrated_database, tmp_path / "recommender.db")


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return where an empty database with today's schema is, of the kind that was chosen."""
    if request.config.getoption("--store") == "sqlite":
        return f"sqlite:///{request.getfixturevalue('database_path')}"
    return request.getfixturevalue("new_database")(migrated=True)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """Compile the templates once."""
    return Renderer()


@jinja2.pass_context
def call_for_each(context: Context, macro: Macro, entries: Iterable[Any], *shared: Hashable) -> str:
    """Call a macro for each entry, as a template without `spliced` would."""
    names = macro.arguments[1 + len(shared) :]
    said = [
        macro(context.eval_ctx, each.paper, *shared, *(getattr(each, name) for name in names))
        for each in entries
    ]
    return (Markup() if context.eval_ctx.autoescape else "").join(said)


@pytest.fixture(scope="session")
def unspliced() -> Callable[..., str]:
    """Return what gives what `spliced` gives, and keeps nothing."""
    return call_for_each


@pytest.fixture(scope="session")
def reading() -> Iterator[ReadingPool]:
    """Start the processes that read what comes from outside once: they keep nothing."""
    pool = ReadingPool()
    yield pool
    pool.close()


@pytest.fixture
def services(
    database_url: str, clock: Clock, renderer: Renderer, reading: ReadingPool
) -> Iterator[Services]:
    """Open an empty database, and put beside it what else the jobs work with."""
    database = open_database(database_url)
    yield Services(
        database=database,
        signer=TokenSigner(b"only for tests, and known to everybody"),
        renderer=renderer,
        site=Site(
            "Trending papers", "papers@example.org", "the community", "https://papers.example.org"
        ),
        defaults=Preferences(7, frozenset(range(5)), "Europe/Berlin", 10),
        ranking=RankingSettings(half_life_days=3.0, window_days=30),
        clock=clock,
        reading=reading,
    )
    database.close()


@pytest.fixture
def stored(database_url: str) -> Callable[[], Any]:
    """Return all that the database holds: its files byte for byte, and its rows as SQL."""
    return partial(contents_of, database_url)


@pytest.fixture(scope="session")
def docs_table() -> Callable[[str], list[list[str]]]:
    """Read a table of docs/design.md, known by the heading of its first column."""
    text = (Path(__file__).resolve().parents[1] / "docs" / "design.md").read_text(encoding="utf-8")

    def docs_table(heading: str) -> list[list[str]]:
        _, found, rest = text.partition(f"\n| {heading} |")
        assert found, f"docs/design.md has no table of {heading}"
        # The rest of the heading's line, and the line of dashes.
        lines = rest.partition("\n\n")[0].splitlines()[2:]
        return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]

    return docs_table


Zone = Mapping[tuple[str, str], Sequence[str]]
"""``{("example.org", "TXT"): ['"v=spf1 -all"']}``: records as zone files have them.

A name whose record is ``SERVFAIL`` is one that the server cannot tell; ``SILENCE``, one that it
does not answer for.
"""


class _NameServer(socketserver.DatagramRequestHandler):
    """Answers one question from the zone of its server."""

    def handle(self) -> None:
        query = dns.message.from_wire(self.rfile.read())
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        zone: Zone = self.server.zone  # type: ignore[attr-defined]  # set where it is started
        self.server.asked.append((name, kind))  # type: ignore[attr-defined]  # as above
        records = list(zone.get((name, kind), ()))
        if records == ["SILENCE"]:
            return
        response = dns.message.make_response(query)
        if records == ["SERVFAIL"]:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
        elif all(known != name for known, _ in zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        self.wfile.write(response.to_wire())


@pytest.fixture
def start_name_server() -> Iterator[Callable[[Zone], tuple[int, list[tuple[str, str]]]]]:
    """Start a real name server on loopback for a zone; get its port, and what it is asked."""
    with ExitStack() as running:

        def start(zone: Zone) -> tuple[int, list[tuple[str, str]]]:
            server = running.enter_context(socketserver.UDPServer(("127.0.0.1", 0), _NameServer))
            asked: list[tuple[str, str]] = []
            server.zone, server.asked = zone, asked  # type: ignore[attr-defined]  # for its handler
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            running.callback(thread.join)
            running.callback(server.shutdown)
            return server.server_address[1], asked

        yield start


BROWSER_PATIENCE_SECONDS = 30.0
BROWSER_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    # Whatever else it may want to look up stays on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
NO_JAVASCRIPT = {"profile.managed_default_content_settings.javascript": 2}


def is_gone(element: WebElement) -> bool:
    """Return whether an element's document was replaced; its driver says so in one of two ways."""
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as error:
        # Asked in the very moment of the change, the driver passes on the browser's own words.
        if "does not belong to the document" in str(error):
            return True
        raise
    return False


class Browser:
    """A tab of Chromium, and somebody who sees pages in it and taps on what is there."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def show(self, *, width: int, height: int = 844, dark: bool = False) -> None:
        """Make the window as wide and high as a screen, light or dark."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self.driver.get(url)

    def tap(self, selector: str) -> None:
        """Tap on what leads to another page, and wait for that."""
        # Imported late: it loads all of selenium, which most test runs do not need.
        from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415 - see above

        page = self.find("html")
        self.find(selector).click()
        wait = WebDriverWait(self.driver, BROWSER_PATIENCE_SECONDS, poll_frequency=0.02)
        wait.until(lambda _: is_gone(page), f"{selector} led to no other page")

    def write(self, selector: str, words: str) -> None:
        field = self.find(selector)
        field.clear()
        field.send_keys(words)

    def press(self, keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(keys).perform()

    def choose(self, selector: str, words: str) -> None:
        from selenium.webdriver.support.ui import Select  # noqa: PLC0415 - as in `tap`

        Select(self.find(selector)).select_by_visible_text(words)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str = "body") -> str:
        """Return the words that can be seen."""
        return self.find(selector).text

    def evaluate(self, expression: str) -> Any:
        """Return what a JavaScript expression is on this page."""
        return self.driver.execute_script(f"return ({expression})")

    def complaints(self) -> list[str]:
        """Return what the console said since it was read last: refused styles and the like."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return the address of everything that pages asked for since this was read last."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]

    def forget(self) -> None:
        """Leave out of `complaints` and `requests` what was before."""
        self._log("browser")
        self._log("performance")

    def _log(self, kind: str) -> list[dict[str, Any]]:
        return list(self.driver.get_log(kind))  # type: ignore[no-untyped-call]  # selenium leaves it untyped


@pytest.fixture(scope="session")
def open_browser() -> Callable[..., AbstractContextManager[Browser]]:
    """Return what opens a browser with a fresh profile, as wide as a phone, and closes it."""
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")

    @contextmanager
    def opened(*, javascript: bool = True) -> Iterator[Browser]:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            options = webdriver.ChromeOptions()
            options.binary_location = chromium
            for flag in (*BROWSER_FLAGS, f"--user-data-dir={profile}"):
                options.add_argument(flag)
            options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
            if not javascript:
                options.add_experimental_option("prefs", NO_JAVASCRIPT)
            driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
            try:
                driver.set_page_load_timeout(BROWSER_PATIENCE_SECONDS)
                browser = Browser(driver)
                browser.show(width=390)
                yield browser
            finally:
                driver.quit()

    return opened

"""The page of a search is the same wherever it is made, and made whatever becomes of processes."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from starlette.exceptions import HTTPException

from recommender.child_processes import ChildProcess, ChildProcesses
from recommender.errors import StorageError
from recommender.jobs.services import Services
from recommender.store.database import Database
from recommender.web.answers import Answer
from recommender.web.responses import Pages, build_pages
from recommender.web.search_desk import SearchDesk, search_processes
from recommender.web.search_page import AskedSearch, SearchPage

QUERIES = ("q=Paper", "q=paper+number&page=1", "q=nothing", "q=Ada&after=2020", "author=Ben", "")


class HeldPage(SearchPage):
    """A page that is made once it may be; so another one is made apart."""

    made_here: list[str]
    begun: threading.Event
    go_on: threading.Event

    def answer(self, asked: AskedSearch) -> Answer:
        self.made_here.append(asked.query)
        self.begun.set()
        assert self.go_on.wait(60)
        return super().answer(asked)


class Desk:
    """A desk at which one page is made already, as long as a test wants."""

    def __init__(self, services: Services, processes: ChildProcesses) -> None:
        self.processes = processes
        self.services = services
        self.pages = build_pages(services.renderer, services.site.list_name)
        self.page = self.held(self.pages)
        self.desk = SearchDesk(self.page, processes, services.clock)

    def held(self, pages: Pages, database: Database | None = None) -> HeldPage:
        url = self.services.site.base_url
        page = HeldPage(database or self.services.database, pages, url)
        object.__setattr__(page, "made_here", [])
        object.__setattr__(page, "begun", threading.Event())
        object.__setattr__(page, "go_on", threading.Event())
        return page

    def answer_beside_another(self, query: str, language: str = "") -> Answer:
        """Have a page made while another one is."""
        self.page.begun.clear()
        self.page.go_on.clear()
        with ThreadPoolExecutor(1) as threads:
            other = threads.submit(self.desk.answer, "q=other", "", 7)
            assert self.page.begun.wait(60)
            # Where no other process can, it is made here, and would wait for itself.
            timer = threading.Timer(1.0, self.page.go_on.set)
            timer.start()
            try:
                return self.desk.answer(query, language, 7)
            finally:
                timer.cancel()
                self.page.go_on.set()
                other.result()


@pytest.fixture
def desk(services: Services) -> Iterator[Desk]:
    processes = search_processes()
    with processes.one():
        pass  # it is up
    yield Desk(services, processes)
    processes.close()


@pytest.mark.usefixtures("reader")
def test_page_is_the_same_here_and_in_another_process(desk: Desk) -> None:
    for language in ("", "de"):
        for query in QUERIES:
            apart = desk.answer_beside_another(query, language)
            assert apart == desk.desk.answer(query, language, 7)
            assert (apart.status, apart.state) == (200, 7)
    assert b"<mark>Paper</mark> number" in desk.desk.answer("q=Paper", "", 7).body
    assert desk.page.made_here.count("q=Paper") == 3, "two of five were made apart"


def test_one_search_after_the_other_starts_no_process(services: Services) -> None:
    processes = search_processes()
    desk = Desk(services, processes)
    desk.page.go_on.set()
    for query in QUERIES:
        desk.desk.answer(query, "", 7)
    assert desk.page.made_here == list(QUERIES)
    assert not processes._waiting


def test_what_cannot_be_asked_is_told_from_another_process_too(desk: Desk) -> None:
    with pytest.raises(HTTPException) as caught:
        desk.answer_beside_another("q=Paper&page=x")
    assert caught.value.status_code == 404
    assert desk.answer_beside_another("q=Paper").status == 200
    assert len(desk.processes._waiting) == 1, "it lives on"


def test_database_that_another_process_cannot_read_is_told(desk: Desk) -> None:
    gone = Database("sqlite:////nowhere/recommender.db")
    broken = SearchDesk(desk.held(desk.pages, gone), desk.processes, desk.services.clock)
    broken._under_way = 1
    with pytest.raises(StorageError, match="unable to open"):
        broken.answer("q=Paper", "", 7)
    gone.close()


def test_other_settings_reach_a_process_that_runs(desk: Desk) -> None:
    assert desk.answer_beside_another("q=Paper").status == 200
    renamed = replace(desk.pages, list_name="Papers of the Moon")
    desk.page = desk.held(renamed)
    desk.desk = SearchDesk(desk.page, desk.processes, desk.services.clock)
    assert b"Papers of the Moon" in desk.answer_beside_another("q=Paper").body
    assert len(desk.processes._waiting) == 1


def test_page_of_a_process_that_was_killed_is_made_here(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.answer_beside_another("q=Paper")
    [process] = desk.processes._waiting
    stopped = process.child
    stopped.send_signal(signal.SIGSTOP)
    killing = threading.Timer(0.3, stopped.kill)
    killing.start()
    with caplog.at_level(logging.WARNING):
        answer = desk.answer_beside_another("q=number")
    assert answer.status == 200
    assert desk.page.made_here == ["q=other", "q=other", "q=number"]
    assert "no other process can search" in caplog.text
    killing.join()


def test_page_is_made_here_until_a_process_is_up(services: Services) -> None:
    started, may_start = threading.Event(), threading.Event()
    kind = search_processes()

    def start() -> ChildProcess:
        started.set()
        assert may_start.wait(60)
        return kind.start()

    desk = Desk(services, ChildProcesses(start, most=1))
    desk.answer_beside_another("q=early")
    assert started.wait(60)
    desk.answer_beside_another("q=early+too")
    may_start.set()
    with desk.processes.one():
        pass  # it is up
    desk.answer_beside_another("q=late")
    desk.processes.close()
    assert desk.page.made_here == ["q=other", "q=early", "q=other", "q=early+too", "q=other"]


def test_where_no_process_can_be_started_the_page_is_made_here(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    def start() -> ChildProcess:
        raise OSError(11, "Resource temporarily unavailable")

    desk = Desk(services, ChildProcesses(start, most=1))
    desk.page.go_on.set()
    with caplog.at_level(logging.WARNING):
        assert desk.answer_beside_another("q=Paper").status == 200
    assert "no process can be started (" in caplog.text


def test_process_ends_with_who_asked(desk: Desk) -> None:
    desk.answer_beside_another("q=Paper")
    [process] = desk.processes._waiting
    process.line.close()
    assert process.child.wait(10) == 0

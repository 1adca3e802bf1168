"""A newsletter in a real browser: it fits the narrowest phone, whatever its papers are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Issue, IssueEntry, Subscriber
from recommender.jobs.outgoing.messages import issue_mail
from recommender.jobs.services import Services

pytestmark = pytest.mark.system

NARROWEST = 320
ORDINARY = IssueEntry(
    position=1,
    paper_id=1,
    title="Sparse Attention for Long Documents, Measured on Ten Languages and Three Tasks",
    authors=("Ann Author", "Bob Builder", "Cleo Curie", "Dan Dee"),
    url="https://arxiv.org/abs/2603.00001",
    excerpt="We measure what attention costs. " * 6,
    upvotes=12_345,
    trend_score=0.5,
    interest_score=0.5,
    interest_weight=0.5,
    ranking_score=0.5,
    reason="like “Attention to What?”: attention, pruning",
    code_url="https://code.example.org/a",
    project_url="https://project.example.org/a",
)
HOSTILE = {
    "ordinary": ORDINARY.title,
    "370-characters": ("Sparse Attention for Long Documents " * 11)[:370],
    "one-word": "x" * 10_000,
    "markup": "<table width=900><img src=x><b>bold</b></td></tr></table>" * 3,
    "emoji": "🧪👩‍🔬" * 200,
    "right-to-left": "שלום עולם " * 40,
    "latex": r"$\mathcal{O}(n^{2}\log{n})$-approximation" * 9,
    "wide": "日本語の題" * 80,
}


@pytest.fixture(scope="module")
def browser(open_browser: Any) -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def rendered(services: Services, subscribe: Callable[..., Subscriber]) -> Callable[..., str]:
    """Return what renders an issue of ten papers of one title."""
    reader = subscribe()

    def rendered(title: str, *, welcome: bool = False) -> str:
        entry = replace(ORDINARY, title=title, authors=(title,), reason=title[:300])
        entries = tuple(
            replace(entry, position=number, paper_id=number, explored=number == 5)
            for number in range(1, 11)
        )
        issue = Issue(
            1, 1, 1, date(2026, 3, 11), title[:300], datetime(2026, 3, 11, 7, tzinfo=UTC), 1, 1, 1
        )
        issue = replace(
            issue, entries=entries, welcome=welcome, unmet_interests=("x" * 60, "protein folding")
        )
        return issue_mail(services, reader, issue).html

    return rendered


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Callable[[str, int], None]:
    def show(html: str, width: int) -> None:
        path = tmp_path / "mail.html"
        path.write_text(html, encoding="utf-8")
        browser.show(width=width)
        browser.open(path.as_uri())

    return show


def without_style(html: str) -> str:
    """Return what is left where a program drops the style sheet."""
    bare = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    assert bare != html
    return bare


def with_text_twice_as_large(html: str) -> str:
    return re.sub(
        r"((?:font-size|line-height):)(\d+)px",
        lambda found: f"{found[1]}{2 * int(found[2])}px",
        html,
    )


@pytest.mark.parametrize(
    "change",
    [str, without_style, with_text_twice_as_large],
    ids=["whole", "without-style", "text-at-200-percent"],
)
@pytest.mark.parametrize("name", HOSTILE)
def test_it_fits_the_narrowest_phone(
    browser: Any,
    rendered: Callable[..., str],
    show: Callable[[str, int], None],
    name: str,
    change: Callable[[str], str],
) -> None:
    show(change(rendered(HOSTILE[name], welcome=True)), NARROWEST)
    assert browser.evaluate("document.documentElement.scrollWidth") == NARROWEST
    assert browser.find_all("img") == []


@pytest.mark.parametrize("width", [NARROWEST, 390, 1280])
def test_links_are_as_large_as_a_thumb(
    browser: Any, rendered: Callable[..., str], show: Callable[[str, int], None], width: int
) -> None:
    show(rendered(ORDINARY.title), width)
    heights = browser.evaluate(
        "[...document.querySelectorAll('a:not(.title):not(.contents-link)')]"
        ".map(each => each.getBoundingClientRect().height)"
    )
    assert len(heights) == 10 * 5 + 4
    assert min(heights) >= 44


@pytest.mark.parametrize("name", ["ordinary", "370-characters", "right-to-left", "wide"])
def test_ten_titles_are_one_screen_of_a_phone(
    browser: Any, rendered: Callable[..., str], show: Callable[[str, int], None], name: str
) -> None:
    show(rendered(HOSTILE[name]), 390)
    rows = browser.find_all("a.contents-link")
    assert len(rows) == 10
    assert rows[9].rect["y"] + rows[9].rect["height"] <= 844


def test_a_title_of_the_contents_leads_to_its_paper(
    browser: Any, rendered: Callable[..., str], show: Callable[[str, int], None]
) -> None:
    show(rendered(ORDINARY.title), 390)
    browser.find("a[href='#p-7']").click()
    assert browser.evaluate("location.hash") == "#p-7"
    top = browser.evaluate("document.querySelector('#p-7').getBoundingClientRect().top")
    assert abs(top) <= 1

"""A paper's own page, what a search finds, and the feeds."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import feedparser
import pytest
from httpx import AsyncClient

from recommender.formulas import readable
from recommender.jobs.services import Services
from recommender.languages.negotiation import LANGUAGES
from recommender.store import digests, papers
from recommender.store.digests import RankedMention
from recommender.store.one_paper import make_one
from recommender.store.papers import NewPaper
from recommender.web import pictures

HOSTILE = {
    "markup": "<img src=x onerror=alert(1)> </title><script>alert(2)</script> & \"' {{ 7 * 7 }}",
    "long": "y" * 10_000,
    "right to left": "\u202eשלום עולם مرحبا \u2066nested",
    "emoji": "🤖👩‍🔬 models 日本語",
    "latex": r"$\mathcal{O}(n^2)$ \textbf{nets} }{ % # _",
    "control": "a\x01b\x02c\x03d\ufffe",
}

Store = Callable[[Sequence[NewPaper]], list[int]]


def new_paper(services: Services, title: str, **fields: Any) -> NewPaper:
    known: dict[str, Any] = {
        "title_key": title.casefold(),
        "abstract": "We prune nets.",
        "authors": ("Ann Roe", "Wei Zhang"),
        "arxiv_id": None,
        "doi": None,
        "url": "https://papers.example.org/1",
        "published_at": None,
        "first_seen_at": services.clock(),
    }
    return NewPaper(title=title, **{**known, **fields})


@pytest.fixture
def store(services: Services) -> Store:
    """Store papers that a digest of today mentions."""

    def store(new: Sequence[NewPaper]) -> list[int]:
        with services.database.write() as session:
            ids = papers.add(session, new)
            digests.add(
                session,
                sha256=f"{ids}",
                format="digest-text",
                source="folder",
                file_name="day.txt",
                curator="AK & friends",
                day=services.clock().date(),
                ingested_at=services.clock(),
                mentions=[RankedMention(each, rank, 9) for rank, each in enumerate(ids, start=1)],
            )
        return ids

    return store


async def test_a_paper_has_a_page_with_all_that_is_known(
    client: AsyncClient, services: Services, store: Store
) -> None:
    (paper_id,) = store(
        [
            new_paper(
                services,
                "Pruning nets",
                summary="It prunes.",
                keywords=("network pruning",),
                code_url="https://code.example.org/",
                project_url="javascript:alert(1)",
            )
        ]
    )
    page = (await client.get(f"/papers/{paper_id}")).text

    for piece in (
        '<h1 dir="auto">Pruning nets</h1>',
        'href="../search?author=Wei+Zhang"',
        'href="https://papers.example.org/1"',
        'href="https://code.example.org/"',
        "It prunes.",
        "We prune nets.",
        'href="../search?q=%22network+pruning%22"',
        'href="../archive/2026-03-11"',
        "number 1, by AK &amp; friends",
        "9 upvotes",
        f"@misc{{roe-{paper_id},",
        f'href="./{paper_id}.bib"',
        f'<link rel="canonical" href="https://papers.example.org/papers/{paper_id}">',
        '<meta property="og:image" content="https://papers.example.org/card.png">',
    ):
        assert piece in page
    assert "javascript:" not in page
    bibtex = await client.get(f"/papers/{paper_id}.bib")
    assert bibtex.headers["Content-Type"].startswith("application/x-bibtex")
    assert "attachment" in bibtex.headers["Content-Disposition"]
    assert bibtex.text.startswith(f"@misc{{roe-{paper_id},")


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_who_asks_for_the_card_gets_the_one_that_was_drawn_at_start(
    client: AsyncClient, services: Services, tag: str
) -> None:
    pictures._drawn.clear()
    pictures.draw_cards(services)
    drawn = dict(pictures._drawn)
    answer = await client.get("/card.png", headers={"Accept-Language": tag})

    assert answer.content.startswith(b"\x89PNG")
    assert answer.content in drawn.values()
    assert pictures._drawn == drawn


async def test_a_paper_that_turned_out_to_be_another_leads_there(
    client: AsyncClient, services: Services, store: Store
) -> None:
    one, two = store([new_paper(services, "One"), new_paper(services, "Two")])
    with services.database.write() as session:
        make_one(session, two, one)

    answer = await client.get(f"/papers/{two}")
    assert (answer.status_code, answer.headers["Location"]) == (301, str(one))


@pytest.mark.parametrize("path", ["9", "0", "9" * 40, "9.bib", "x", "-1", "1.5", "1.bib.bib"])
async def test_there_is_no_other_paper(client: AsyncClient, path: str) -> None:
    assert (await client.get(f"/papers/{path}")).status_code == 404


async def test_a_withdrawn_paper_says_so_and_is_in_no_list(
    client: AsyncClient, services: Services, store: Store
) -> None:
    (paper_id,) = store([new_paper(services, "Taken back", withdrawn_at=services.clock())])

    assert "Withdrawn" in (await client.get(f"/papers/{paper_id}")).text
    assert "Withdrawn" in (await client.get("/search?q=taken")).text
    assert "Taken back" not in (await client.get("/archive/2026-03-11")).text


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
async def test_no_title_breaks_out_of_any_page_or_feed(
    client: AsyncClient, services: Services, store: Store, title: str
) -> None:
    hostile = new_paper(
        services,
        title,
        abstract=f"models {title}",
        authors=(title, "Ann Roe"),
        keywords=(title,),
        summary=title,
    )
    (paper_id,) = store([hostile])
    paths = ("/", "/archive", "/archive/2026-03", "/archive/2026-03-11", f"/papers/{paper_id}")
    for path in (*paths, "/search?q=models", f"/search?q={quote(title[:100])}"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "<img" not in answer.text
        assert "<script" not in answer.text
    for path in ("/feed.atom", "/search.atom?q=models", "/author.atom?name=Ann+Roe"):
        feed = feedparser.parse((await client.get(path)).content)
        assert not feed.bozo, feed.bozo_exception
        (entry,) = feed.entries
        told = html.unescape(entry.title)
        assert len(told) >= len(readable(title).strip()) - 8
    assert (await client.get(f"/papers/{paper_id}.bib")).status_code == 200


async def test_formulas_are_shown_in_characters_and_exported_as_they_came(
    client: AsyncClient, services: Services, store: Store
) -> None:
    title = r"Bounds of $\mathcal{O}(n\log n)$ for $\ell_2$"
    (paper_id,) = store([new_paper(services, title, abstract=r"It holds in 50\% of $x^2$.")])
    for path in ("/", "/archive/2026-03", "/archive/2026-03-11", f"/papers/{paper_id}"):
        page = (await client.get(path)).text
        assert "Bounds of O(n log n) for ℓ₂" in page, path
        assert "mathcal{O}" not in page.partition("<pre>")[0], path
    assert "50% of x²" in page
    feed = (await client.get("/feed.atom")).text
    assert "for ℓ₂" in feed
    assert "mathcal" in (await client.get(f"/papers/{paper_id}.bib")).text


async def test_word_as_long_as_a_title_is_shortened_but_on_its_page(
    client: AsyncClient, services: Services, store: Store
) -> None:
    word = "Nets" * 240
    (paper_id,) = store([new_paper(services, f"Pruned {word}")])
    for path in ("/", "/archive/2026-03", "/archive/2026-03-11", "/search?q=pruned"):
        page = (await client.get(path)).text
        assert word not in page.replace(f'title="Pruned {word}"', ""), path
        assert f"{word[:59]}…" in page, path
    assert f'<h1 dir="auto">Pruned {word}</h1>' in (await client.get(f"/papers/{paper_id}")).text
    assert word in (await client.get("/feed.atom")).text
    assert word in (await client.get(f"/papers/{paper_id}.bib")).text


async def test_address_is_a_uri_on_pages_and_in_feeds(
    client: AsyncClient, services: Services, store: Store
) -> None:
    store([new_paper(services, "Nets", url='https://example.org/%20?b="x"<y>')])
    for path in ("/", "/feed.atom"):
        assert 'href="https://example.org/%20?b=%22x%22%3Cy%3E"' in (await client.get(path)).text


async def test_a_search_marks_what_it_found_and_offers_a_feed(
    client: AsyncClient, services: Services, store: Store
) -> None:
    store([new_paper(services, "Pruning nets"), new_paper(services, "Growing nets", abstract="")])
    page = (await client.get("/search?q=pruned+nets&author=Roe")).text

    assert "<mark>Pruning</mark> <mark>nets</mark>" in page
    assert "Growing" not in page
    assert "1 paper<" in page
    assert 'value="pruned nets"' in page
    assert 'value="Roe"' in page
    assert 'href="./search.atom?q=pruned+nets&amp;author=Roe"' in page
    assert '<meta name="robots" content="noindex">' in page


async def test_beyond_the_last_page_of_a_search_is_the_last_one(
    client: AsyncClient, services: Services, store: Store
) -> None:
    store([new_paper(services, f"Pruning nets, part {part}") for part in "abcdefghijkl"])
    second, beyond = [
        (await client.get(f"/search?q=pruning&page={number}")).text for number in (2, 99)
    ]

    assert second.count('<li class="paper">') == 2
    assert beyond == second


async def test_the_dates_of_a_search_can_be_typed_on_a_phone(client: AsyncClient) -> None:
    page = (await client.get("/search")).text
    # The digits that phones show for such a field have no hyphen among them.
    assert 'inputmode="numeric"' not in page


@pytest.mark.parametrize("query", ["q=nets+after:soon", "q=nets&before=2025-13"])
async def test_a_date_that_is_none_is_told_beside_what_was_found(
    client: AsyncClient, services: Services, store: Store, query: str
) -> None:
    store([new_paper(services, "Pruning nets")])
    page = (await client.get(f"/search?{query}")).text

    assert "1 paper<" in page
    assert "is no date: write a year" in page
    assert "<details open>" in page


@pytest.mark.parametrize("query", ["q=nets&after=2026&before=2025", "q=after:2026+before:2025"])
async def test_a_search_whose_days_are_backwards_says_so(client: AsyncClient, query: str) -> None:
    page = (await client.get(f"/search?{query}")).text

    assert "is later than" in page
    assert "<details open>" in page
    assert "Nothing was found" not in page


async def test_a_search_for_signs_alone_says_so(client: AsyncClient) -> None:
    assert "Nothing to look for" in (await client.get("/search?q=%3F%3F")).text
    assert "Nothing to look for" not in (await client.get("/search")).text


async def test_a_search_without_words_shows_its_form_alone(client: AsyncClient) -> None:
    for path in ("/search", "/search?q=", "/search?q=%22%22&page=3", "/search?after=never"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "paper</h2>" not in page.text
        assert "Nothing was found" not in page.text


async def test_pages_of_a_search_follow_each_other(
    client: AsyncClient, services: Services, store: Store
) -> None:
    store([new_paper(services, f"Nets {number}") for number in range(45)])
    first, last = await client.get("/search?q=nets"), await client.get("/search?q=nets&page=5")

    assert 'rel="next" href="./search?q=nets&amp;page=2"' in first.text
    assert first.text.count("<article") == 10
    assert last.text.count("<article") == 5
    assert 'rel="next"' not in last.text
    assert '<ol class="papers" start="41">' in last.text


@pytest.mark.parametrize(
    "query",
    [
        *("q=%22", "q=%00", "q=%ff%fe", "q=(a", "q=NEAR(a+b)", "q=*", "q=title:x", "q=-"),
        *("q=a&after=99999&before=x", "author=%22", "q=" + "a" * 10_000, "q=" + "a+" * 900),
        *("q=%F0%9F%98%80", "q=%E2%80%AEabc", "q[]=1", "q=a&q=b", "%=%", "&&&;=="),
    ],
)
async def test_no_query_makes_the_search_fail(
    client: AsyncClient, services: Services, store: Store, query: str
) -> None:
    store([new_paper(services, "a title", abstract="a " * 50)])

    for path in ("/search", "/search.atom"):
        assert (await client.get(f"{path}?{query}")).status_code == 200
    assert (await client.get(f"/author.atom?{query.replace('q=', 'name=')}")).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "1e3", "²", ""])
async def test_what_is_no_number_of_a_page_is_not_there(client: AsyncClient, page: str) -> None:
    answer = await client.get("/search", params={"q": "nets", "page": page})

    assert answer.status_code == (200 if page == "" else 404)


async def test_feeds_name_their_papers_once_for_all_and_their_pages(
    client: AsyncClient, services: Services, store: Store
) -> None:
    (paper_id,) = store([new_paper(services, "Pruning <nets>", keywords=("pruning",))])
    for path, page in (
        ("/feed.atom", "/"),
        ("/search.atom?q=pruning", "/search?q=pruning"),
        ("/author.atom?name=Wei+Zhang", "/search?author=Wei+Zhang"),
    ):
        answer = await client.get(path)
        feed = feedparser.parse(answer.content)
        (entry,) = feed.entries

        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        assert (feed.bozo, feed.version) == (False, "atom10")
        assert feed.feed.author == services.site.list_name
        assert entry.id == f"tag:papers.example.org,2026:papers/{paper_id}"
        assert entry.link == f"https://papers.example.org/papers/{paper_id}"
        assert html.unescape(entry.title) == "Pruning <nets>"
        assert [each.name for each in entry.authors] == ["Ann Roe", "Wei Zhang"]
        assert feed.feed.updated == entry.updated == "2026-03-11T07:00:00Z"
        links = {each.rel: each.href for each in feed.feed.links}
        assert links == {
            "self": f"https://papers.example.org{path}",
            "alternate": f"https://papers.example.org{page}",
        }
        known = await client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert known.status_code == 304


async def test_feeds_are_valid_before_the_first_paper(client: AsyncClient) -> None:
    for path in ("/feed.atom", "/search.atom", "/author.atom"):
        feed = feedparser.parse((await client.get(path)).content)
        assert (feed.bozo, feed.entries) == (False, [])


async def test_pages_are_new_right_after_an_ingest(
    client: AsyncClient, services: Services, store: Store
) -> None:
    paths = ("/", "/archive", "/archive/2026-03", "/feed.atom", "/search?q=nets")
    store([new_paper(services, "Some nets")])
    for path in paths:
        assert "Some nets" in re.sub("</?mark>", "", (await client.get(path)).text)
    store([new_paper(services, "Other nets")])
    for path in paths:
        assert "Other nets" in re.sub("</?mark>", "", (await client.get(path)).text)


async def test_who_reads_the_front_page_again_is_not_served_by_the_database(
    client: AsyncClient, services: Services, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store([new_paper(services, "Some nets")])
    first = await client.get("/")
    monkeypatch.setattr(type(services.database), "read", None)

    assert (await client.get("/")).text == first.text


async def test_a_long_day_is_turned_a_page_at_a_time(
    client: AsyncClient, services: Services, store: Store
) -> None:
    store([new_paper(services, f"Nets {number}") for number in range(60)])
    front = (await client.get("/")).text
    second = (await client.get("/archive/2026-03-11?page=2")).text

    assert front.count("<article") == 25
    assert 'href="./archive/2026-03-11?page=2">The other 35 papers of the day' in front
    assert 'rel="next" href="../archive/2026-03-11?page=3"' in second
    assert '<ol class="papers" start="26">' in second
    assert date(2026, 3, 11).isoformat() in second


async def test_the_pictures_call_nobody_and_carry_the_name(
    client: AsyncClient, services: Services
) -> None:
    object.__setattr__(services.site, "list_name", "<b>Papers</b> & more")
    for path in ("/favicon.svg", "/card.svg"):
        answer = await client.get(path)
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert answer.text.count("http") == 1, "the name of SVG's namespace"
    assert "&lt;b&gt;Papers&lt;/b&gt; &amp; more" in answer.text

"""Lines of descriptions that are none of the abstract, and forms of repositories and publishers."""

from __future__ import annotations

from datetime import date
from html import escape

import pytest

from recommender.domain import Digest
from recommender.papers.feeds.feeds import parse_feed

SNOW = (
    "Measuring the depth of snow from sounds alone is cheap and wrong on windy days. This paper "
    "corrects it by a model of the wind over the ridge, and tests that on four winters of records."
)
BOOKS = (
    "Libraries shelve books by subject, and readers walk by colour. In a field study with many "
    "readers we moved nothing and painted everything, and found that books are found faster."
)
IDS = ("2603.00001", "2603.00002")
TITLES = ("The depth of snow", "Shelves by colour and by subject")


def feed(*items: str, title: str = "Examples") -> Digest:
    namespaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    linked = (
        f"<item><link>https://e.example.org/{number}</link>{item}</item>"
        for number, item in enumerate(items, start=1)
    )
    content = (
        f'<rss version="2.0" {namespaces}><channel><title>{title}</title>{"".join(linked)}'
        "</channel></rss>"
    )
    return parse_feed(content.encode(), today=date(2026, 7, 1))


def item(title: str, description: str, more: str = "") -> str:
    return f"<title>{title}</title><description>{escape(description)}</description>{more}"


@pytest.mark.parametrize(
    "above",
    [
        "<p><i>Journal of Snow</i></p><p>{people}</p>",
        "<p>{people}</p><p><i>Cell Host &amp; Microbe</i></p>",
        "<p>Score: 80/100 | cs.LG</p><p>Authors: {people}</p>",
        "<p>{people}</p><p>⭐⭐⭐⭐ · 3 min read</p>",
        "<p>Editor's pick</p><p>{people}</p>",
        "<p>{people}</p><p>Why it matters: it snows every day.</p>",
        "Urban Ecology<br>{people}<br>",
    ],
)
def test_a_line_above_the_abstract_is_none_of_it_and_hides_no_authors(above: str) -> None:
    people = (("Ann Bee, Max Roe"), ("Cy Dee, Di Poe, Ed Low"))
    digest = feed(
        *(
            item(title, f"{above.format(people=names)}<p>{text}</p>")
            for title, names, text in zip(TITLES, people, (SNOW, BOOKS), strict=True)
        )
    )
    assert [each.abstract for each in digest.entries] == [SNOW, BOOKS]
    assert [", ".join(each.authors) for each in digest.entries] == list(people)
    assert digest.unread == ()


def test_a_line_that_one_of_many_has_is_told() -> None:
    digest = feed(
        *(item(f"{title} {n}", f"<p>{SNOW} {n}.</p>") for n in "abc" for title in TITLES),
        item("A title of its own", f"<p>A pick of ours</p><p>{BOOKS}</p>"),
    )
    assert digest.entries[-1].abstract == BOOKS
    (told,) = digest.unread
    assert (told.where, "'A pick of ours' above the abstract" in told.message) == ("entry 7", True)


def test_a_short_line_of_the_list_is_the_summary() -> None:
    (entry,) = feed(item(TITLES[0], f"<p>TL;DR: It snows.</p><p>{SNOW}</p>")).entries
    assert (entry.abstract, entry.summary) == (SNOW, "It snows.")


@pytest.mark.parametrize("between", ["\n\t", "\n", "\r\n   "])
@pytest.mark.parametrize("has_content", [True, False])
def test_mdpi_writes_citation_authors_and_abstract_on_lines(
    between: str, *, has_content: bool
) -> None:
    head = f"Snow, Vol. 18, Pages 24: {TITLES[0]}"
    lines = [head, "Snow doi: 10.3390/sn18050024", "Authors:", "Ann Bee", "Max van Roe", SNOW]
    content = (
        f"<p><b>{head}</b></p><p>Snow <a href='https://e.org/1'>doi: 10.3390/sn18050024</a></p>"
        f"<p>Authors:\n\t\tAnn Bee\n\t\tMax van Roe\n\t\t</p><p>{SNOW}</p>"
    )
    more = f"<content:encoded>{escape(content)}</content:encoded>" if has_content else ""
    (entry,) = feed(item(head, between.join(lines), more)).entries
    assert (entry.title, entry.abstract) == (TITLES[0], SNOW)
    assert entry.authors == ("Ann Bee", "Max van Roe")
    assert entry.doi == "10.3390/sn18050024"


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        ("Bee, Ann; Roe, Max", ("Ann Bee", "Max Roe")),
        ("Bee, Ann", ("Ann Bee",)),
        ("Ann Bee, Max Roe", ("Ann Bee", "Max Roe")),
    ],
)
@pytest.mark.parametrize("form", ["{0}\n{1}\n{2}", "<p>{0}</p><p>{1}</p><p>{2}</p>"])
def test_repositories_write_title_authors_and_abstract_below_each_other(
    names: str, authors: tuple[str, ...], form: str
) -> None:
    (entry,) = feed(item(TITLES[0], form.format(TITLES[0], names, SNOW))).entries
    assert (entry.authors, entry.abstract) == (authors, SNOW)


@pytest.mark.parametrize(
    "place",
    [
        *(
            "Snow, 12 (3), 145-160. (doi:10.1234/sn-1)",
            "Snow, 12 (3). pp. 1-9. (doi:10.1234/sn-1).",
        ),
        "In: Proceedings of Snow, 3-5 March, Example. (doi:10.1234/sn-1)",
        "J. Snow. Res., 12, 1-9. ISSN 1234-5678 (doi:10.1234/sn-1)",
    ],
)
def test_eprints_has_a_citation_for_a_title(place: str) -> None:
    cited = f"Bee, Ann, Roe, Max and Low, Ed (2026) {TITLES[0]}. {place}"
    (entry,) = feed(item(cited, SNOW)).entries
    assert (entry.title, entry.doi, entry.abstract) == (TITLES[0], "10.1234/sn-1", SNOW)
    assert entry.authors == ("Ann Bee", "Max Roe", "Ed Low")


@pytest.mark.parametrize("place", ["PhD thesis, University of Snow.", "[Dataset]", "Report."])
def test_eprints_has_theses_and_data_too(place: str) -> None:
    (entry,) = feed(item(f"Bee, Ann (2026) {TITLES[0]}. {place}", SNOW)).entries
    assert (entry.title, entry.authors) == (TITLES[0], ("Ann Bee",))


@pytest.mark.parametrize("title", ["Karl Marx (1844) reconsidered", "Ann Bee (2026): a life"])
def test_a_year_in_a_title_makes_it_no_citation(title: str) -> None:
    (entry,) = feed(item(title, SNOW)).entries
    assert (entry.title, entry.authors) == (title, ())


def test_a_citation_below_a_title_is_no_abstract() -> None:
    cited = f"Bee, Ann and Roe, Max (2026) {TITLES[0]}. Snow, 12 (3), 1-9. (doi:10.1234/sn-1)."
    (entry,) = feed(item(TITLES[0], cited)).entries
    assert (entry.abstract, entry.doi, entry.authors) == (
        "",
        "10.1234/sn-1",
        ("Ann Bee", "Max Roe"),
    )


@pytest.mark.parametrize(
    "byline", ["<p>by Ann Bee, Max Roe, Ed Low</p>", "<p>Authors: Ann Bee, Max Roe, Ed Low</p>"]
)
def test_a_description_names_more_authors_than_the_entry(byline: str) -> None:
    creator = "<dc:creator>Ann Bee</dc:creator>"
    (entry,) = feed(item(TITLES[0], f"{byline}<p>{SNOW}</p>", creator)).entries
    assert entry.authors == ("Ann Bee", "Max Roe", "Ed Low")


@pytest.mark.parametrize(
    "last",
    [
        "<p><a href='https://arxiv.org/abs/2603.00001'>arXiv:2603.00001</a></p>",
        "<p>Paper: <a href='https://arxiv.org/abs/2603.00001v2'>arXiv</a></p>",
        "<p><a href='https://arxiv.org/pdf/2603.00001'>Read the paper</a></p>",
        "<p>arXiv:2603.00001 [cs.LG]</p>",
        '<div>[<a href="https://arxiv.org/abs/2603.00001">link</a>]</div>',
    ],
)
def test_a_link_that_stands_alone_names_the_paper_of_a_post(last: str) -> None:
    tail = "<p>The post <a href='https://e.org/1'>It</a> appeared first on <a href='/'>E</a>.</p>"
    (entry,) = feed(item(TITLES[0], f"<p>{SNOW}</p>{last}{tail}")).entries
    assert (entry.arxiv_id, entry.abstract) == ("2603.00001", SNOW)


@pytest.mark.parametrize(
    "links",
    [
        "".join(f"<p><a href='https://arxiv.org/abs/{n}'>arXiv:{n}</a></p>" for n in IDS),
        "<p>As in <a href='https://arxiv.org/abs/2603.00001'>arXiv:2603.00001</a>, it snows.</p>",
    ],
)
def test_links_to_several_papers_or_in_sentences_name_none(links: str) -> None:
    content = feed(item(TITLES[0], f"<p>{SNOW}</p>{links}"))
    assert [each.arxiv_id for each in content.entries] in ([None], [])


def test_fields_and_abstract_on_one_line_of_which_nothing_parts_names_are_no_abstract() -> None:
    said = f"Snow, Vol. 1, Pages 2: {TITLES[0]} Snow doi: 10.3390/sn1 Authors: Ann Bee {SNOW}"
    (entry,) = feed(item(TITLES[0], said)).entries
    assert entry.abstract == ""
    (entry,) = feed(
        item(TITLES[0], said, f"<content:encoded>{escape(SNOW)}</content:encoded>")
    ).entries
    assert entry.abstract == SNOW


@pytest.mark.parametrize(
    "line",
    [
        *("{0} — <i>Journal of Snow</i> (2026)", "{0} | Urban Ecology | 2026", "{0} · 2026"),
        *("{0}, Nature Snow (2026)", "<strong>{0}</strong> Snow, Volume 5, 2026."),
    ],
)
def test_where_a_paper_appeared_behind_its_authors_is_nobody(line: str) -> None:
    digest = feed(
        *(
            item(title, f"<p>{line.format('Ann Bee, Max Roe')}</p><p>{text}</p>")
            for title, text in zip(TITLES, (SNOW, BOOKS), strict=True)
        )
    )
    assert {each.authors for each in digest.entries} == {("Ann Bee", "Max Roe")}
    assert [each.abstract for each in digest.entries] == [SNOW, BOOKS]


@pytest.mark.parametrize("name", ["Study Design and Patient Groups", "Main Outcomes"])
def test_a_part_in_bold_is_nobody(name: str) -> None:
    (entry,) = feed(item(TITLES[0], f"<b>{name}:</b> {SNOW}")).entries
    assert (entry.authors, SNOW in entry.abstract) == ((), True)


@pytest.mark.parametrize(
    "form", ["{0}: {1}", "{0} - {1}", "{0} (2026). {1}", "{1} / {0}", "{1} by {0}", "{1} ({0})"]
)
def test_authors_around_all_titles_are_parted(form: str) -> None:
    names = ("Ann Bee, Max Roe", "Cy Dee")
    digest = feed(
        *(
            item(form.format(people, title), text)
            for people, title, text in zip(names, TITLES, (SNOW, BOOKS), strict=True)
        )
    )
    assert [each.title for each in digest.entries] == list(TITLES)
    assert [each.authors for each in digest.entries] == [("Ann Bee", "Max Roe"), ("Cy Dee",)]


def test_words_before_a_colon_are_no_authors_where_another_title_has_none() -> None:
    titles = ("Deep Learning: a survey of springs", "Shelves by colour")
    digest = feed(*(item(title, SNOW) for title in titles))
    assert [each.title for each in digest.entries] == list(titles)


@pytest.mark.parametrize("tag", ["b", "em"])
def test_names_in_bold_before_a_citation_are_the_authors(tag: str) -> None:
    said = f"<{tag}>Ann Bee, Max Roe</{tag}>, The Annals of Snow, Volume 54, Number 1, 1--28.<br/>"
    (entry,) = feed(item(TITLES[0], f"{said}<b>Abstract:</b><br/>{SNOW}")).entries
    assert (entry.authors, entry.abstract) == (("Ann Bee", "Max Roe"), SNOW)


@pytest.mark.parametrize("host", ["journals.plos.org", "e.example.org"])
def test_contributors_are_authors_at_plos_alone(host: str) -> None:
    people = "<author><name>Ann Bee</name></author><contributor><name>Max Roe</name></contributor>"
    content = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Snow</title><id>x</id><entry>'
        f'<title>{TITLES[0]}</title><link href="https://{host}/a?id=10.1371/journal.pbio.1"/>'
        f"<id>1</id>{people}<content>{SNOW}</content></entry></feed>"
    )
    (entry,) = parse_feed(content.encode(), today=date(2026, 7, 1)).entries
    assert entry.authors == ("Ann Bee", *(["Max Roe"] if "plos" in host else []))

"""Forums, jobs and events are no papers; a paper that one of them names is taken."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.feeds.other_kinds import kind_of_entry
from recommender.papers.formats import parse_digest

TEXT = "We show that mice sleep. They wake at dawn, and eat what the miller leaves to them."


def feed(*items: str, head: str = "<title>A feed</title>") -> Digest:
    body = "".join(f"<item>{item}</item>" for item in items)
    return parse_digest(
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
        f"<channel>{head}{body}</channel></rss>".encode(),
        today=date(2026, 3, 20),
    )


def item(title: str, link: str, text: str, more: str = "") -> str:
    described = f"<description><![CDATA[{text}]]></description>"
    return f"<title>{title}</title><link>{link}</link>{described}{more}"


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://github.com/moss/fen/releases/tag/v2", "a release or a change of a program"),
        ("https://gitlab.com/moss/fen/-/commits/1a2b", "a release or a change of a program"),
        ("https://medium.com/p/1", "a post of a forum"),
        ("https://fens.medium.com/moss-1", "a post of a forum"),
        ("https://www.google.com/url?url=https://fens.example.org/1", "a piece of news"),
        ("https://clinicaltrials.gov/study/NCT1", "a registration of a trial"),
        ("https://patents.google.com/patent/US1", "a patent"),
        ("https://nvd.nist.gov/vuln/detail/CVE-1", "a report of a vulnerability"),
    ],
)
def test_what_a_host_is_for_is_told(link: str, kind: str) -> None:
    with pytest.raises(DigestError, match=f"{kind} that names no DOI or arXiv id is no paper"):
        feed(item("Moss", link, TEXT))
    named = item("Moss", link, TEXT, "<dc:identifier>10.1000/moss.7</dc:identifier>")
    assert [each.doi for each in feed(named).entries] == ["10.1000/moss.7"]


@pytest.mark.parametrize(
    "title",
    [
        *("Obituary: Ann Roe", "Call for papers: fens in winter", "Save the date: moss day"),
        *("Winter school on fens: registration now open", "Fen prize awarded to Max Roe"),
    ],
)
def test_notices_are_told(title: str) -> None:
    with pytest.raises(DigestError, match="a notice to readers that names no DOI or arXiv id"):
        feed(item(title, "https://society.example.org/1", "Read more on our pages."))


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Postdoc in fens", "We look for a postdoc. Apply until May 1.", "job"),
        (
            "PhD position in maps",
            "Your profile: maps. Salary: TV-L 13. Closing date: 3 May.",
            "job",
        ),
        ("Head of Moths", "The museum is hiring. Applications close on 3 May. Full-time.", "job"),
        ("We are hiring a keeper of fens", "Apply by May 1. Salary: 9 sheep.", "job"),
        ("Hiring: two shepherds", "Join us! Apply now. Full time.", "job"),
        (
            "Doktorandin in Mooren",
            "Wir suchen Sie. Bewerbungsfrist: 3. Mai. Vollzeit, TV-L.",
            "job",
        ),
        ("Keeper of fens", "The fen invites applications. Salary: 9 sheep. Closes: 3 May", "job"),
        ("Ann Bee (Fen College): How moss grows", "3 May, 14:00, Lecture Hall 2.", "event"),
        ("Moths in May", "Speaker: Ann Roe. Takes place on May 3, 14:00 in room 2.", "event"),
        ("Summer school", "Registration opens in May. Held online, 9 am. Speakers: all.", "event"),
    ],
)
def test_jobs_and_events_are_told(title: str, text: str, kind: str) -> None:
    with pytest.raises(DigestError, match=f"{kind} that names no DOI or arXiv id is no paper"):
        feed(item(title, "https://uni.example.org/1", text))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Do teams that seek more apply more?", "We are seeking answers. Salary is one of them."),
        ("Professors who lecture", "We ask how full-time lecturers sleep, and find that they do."),
        ("We are hiring fewer women", "Salary and hiring go together in 411 firms."),
        ("Speakers: a corpus", "Speakers: 20. We record them at 10:30 each, and share the corpus."),
        ("Registration of images", "Image registration is slow. We register them in 3 steps."),
    ],
)
def test_papers_of_such_words_stay(title: str, text: str) -> None:
    assert kind_of_entry(title, text, "https://example.org/1") is None
    assert len(feed(item(title, "https://example.org/1", text)).entries) == 1


def test_a_journal_may_speak_of_jobs() -> None:
    text = "We are seeking staff. Apply now. Salary as usual. Closing date: 3 May."
    issn = "<prism:issn>1234-5679</prism:issn>"
    assert len(feed(item("Postdocs", "https://example.org/1", text, issn)).entries) == 1


REDDIT = (
    '<div class="md"><p>Paper: <a href="https://arxiv.org/abs/2603.00001">'
    f"https://arxiv.org/abs/2603.00001</a></p><p>{TEXT}</p></div> submitted by "
    '<a href="https://www.reddit.com/user/miller"> /u/miller </a> <br/> <span>'
    '<a href="https://www.reddit.com/r/mice/1/">[link]</a></span> <span>'
    '<a href="https://www.reddit.com/r/mice/1/">[comments]</a></span>'
)


def test_a_post_that_names_its_paper_is_that_paper() -> None:
    (entry,) = feed(
        item(
            "[R] Of mice", "https://www.reddit.com/r/mice/1/", REDDIT, "<author>/u/miller</author>"
        )
    ).entries
    assert (entry.title, entry.authors, entry.arxiv_id) == ("Of mice", (), "2603.00001")
    assert entry.url == "https://arxiv.org/abs/2603.00001"
    assert entry.abstract == TEXT


def test_a_post_that_links_to_its_paper_is_that_paper() -> None:
    text = (
        'submitted by <a href="https://www.reddit.com/user/miller">/u/miller</a><br/><span>'
        '<a href="https://arxiv.org/abs/2603.00002">[link]</a></span> <span>'
        '<a href="https://www.reddit.com/r/mice/2/">[comments]</a></span>'
    )
    (entry,) = feed(item("Of men", "https://www.reddit.com/r/mice/2/", text)).entries
    assert (entry.arxiv_id, entry.abstract) == ("2603.00002", "")


def test_a_post_that_names_none_is_told_beside_those_that_do() -> None:
    digest = feed(
        item("[R] Of mice", "https://www.reddit.com/r/mice/1/", REDDIT),
        item("[D] Where do you buy cheese?", "https://www.reddit.com/r/mice/3/", "I like it old."),
    )
    assert len(digest.entries) == 1
    assert [(each.where, each.message.partition(";")[0]) for each in digest.unread] == [
        ("entry 2", "a post of a forum that names no DOI or arXiv id is no paper")
    ]


def test_points_and_comments_are_no_abstract() -> None:
    text = (
        "<p>Article URL: <a href='x'>https://arxiv.org/pdf/2603.00001</a></p><p>Comments URL: "
        "https://news.ycombinator.com/item?id=1</p><p>Points: 120</p><p># Comments: 34</p>"
    )
    (entry,) = feed(item("Of mice [pdf]", "https://arxiv.org/pdf/2603.00001", text)).entries
    assert (entry.title, entry.abstract, entry.arxiv_id) == ("Of mice", "", "2603.00001")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ('<a href="https://arxiv.org/abs/2603.00001">this</a>', "arXiv:2603.00001"),
        ("(arXiv:2603.00001)", "arXiv:2603.00001"),
        ('<a href="https://doi.org/10.1234/mice.1">this</a>', "10.1234/mice.1"),
    ],
)
def test_a_post_about_a_paper_is_told_with_the_paper(said: str, named: str) -> None:
    """It is not said to name none."""
    digest = feed(
        item("[R] Of mice", "https://www.reddit.com/r/mice/1/", REDDIT),
        item("Why I like it", "https://www.reddit.com/r/mice/4/", f"I read {said} and liked it."),
    )
    [told] = digest.unread
    assert told.message == (
        f"a post of a forum that only writes about {named} is no paper; take a feed of papers, or "
        "add that paper by itself"
    )


SEVERAL = ("https://arxiv.org/abs/2603.00001", "https://doi.org/10.1234/mice.1")


def linked(*urls: str) -> str:
    lines = "".join(f"<li><b><a class='x' href='{url}'>{TEXT}</a></b></li>" for url in urls)
    return f"<p>We read:</p><ul>{lines}</ul>"


def test_a_post_that_lists_papers_is_told_with_them() -> None:
    digest = feed(
        item("Of mice", "https://arxiv.org/abs/2603.00009", TEXT),
        item("Papers of March", "https://lab.example.org/march", linked(*SEVERAL)),
    )
    assert [entry.title for entry in digest.entries] == ["Of mice"]
    [told] = digest.unread
    assert told.where == "entry 2"
    assert told.message == (
        "a post that lists 2 papers (arXiv:2603.00001, 10.1234/mice.1) is none; add those papers "
        "by themselves"
    )


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("https://lab.example.org/mice", linked("https://arxiv.org/abs/2603.00001")),
        ("https://lab.example.org/mice", linked(*["https://doi.org/10.1234/mice.1"] * 2)),
        (
            "https://doi.org/10.1234/mice.3",
            linked("https://doi.org/10.1234/mice.1", "https://doi.org/10.1234/mice.2"),
        ),
        ("https://lab.example.org/mice", f"<p>{5 * TEXT}</p>{linked(*SEVERAL)}"),
        (
            "https://lab.example.org/mice",
            f"<p>See <a href='{SEVERAL[0]}'>all of this</a>, <a href='{SEVERAL[1]}'>that</a>.</p>",
        ),
    ],
)
def test_a_paper_that_links_to_others_stays(link: str, text: str) -> None:
    assert [each.title for each in feed(item("Of mice", link, text)).entries] == ["Of mice"]

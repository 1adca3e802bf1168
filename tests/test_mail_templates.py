"""Our mails: what the templates of ``templates/mail`` say, and how light they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import east_asian_width

import jinja2
import pytest

from recommender.domain import Thumbnail
from recommender.languages.negotiation import LANGUAGES
from recommender.rendering import RenderedMail, Renderer, default_templates
from recommender.rendering.filters import wrapped
from recommender.rendering.inlining import CONSTRUCT, inline_css

WEDNESDAY = date(2026, 3, 11)
MAILS = default_templates() / "mail"
MAIL_TEMPLATES = sorted(MAILS.glob("*.html"))


@dataclass(frozen=True)
class Entry:
    """What the newsletter's template reads of one paper."""

    position: int = 1
    title: str = "Attention Is All You Need"
    url: str | None = "https://arxiv.org/abs/1706.03762"
    authors: tuple[str, ...] = ("Ashish Vaswani", "Noam Shazeer")
    excerpt: str = "A first sentence. A second one."
    upvotes: int = 12
    code_url: str | None = None
    project_url: str | None = None
    withdrawn: bool = False
    thumbnail: Thumbnail | None = None
    search_site: str | None = None
    reason: str = "Like another paper: attention"
    reason_is_personal: bool = True
    explored: bool = False
    excerpt_is_summary: bool = False
    like_url: str = "https://papers.example.org/rate/up"
    dislike_url: str = "https://papers.example.org/rate/down"
    save_url: str = "https://papers.example.org/rate/save"

    @property
    def paper(self) -> Entry:
        return self

    @property
    def has_reason(self) -> bool:
        return bool(self.reason)

    @property
    def number(self) -> str:
        return f"{self.position:2}. "

    @property
    def wrapped_reason(self) -> str:
        return wrapped(self.reason, 6)


SUMMED_UP = Entry(excerpt="Attention alone translates.", excerpt_is_summary=True)


def newsletter(renderer: Renderer, *entries: Entry, welcome: bool = False) -> RenderedMail:
    return renderer.mail("newsletter", **newsletter_context(*entries, welcome=welcome))


def newsletter_context(*entries: Entry, welcome: bool = False) -> dict[str, object]:
    return {
        "list_name": "Trending papers",
        "list_address": "papers@example.org",
        "front_url": "https://papers.example.org/",
        "date": WEDNESDAY,
        "curator": "AK and the research community",
        "welcome": welcome,
        "schedule": "Monday to Friday at 7:00 (Europe/Berlin)",
        "entries": entries,
        "takes_mail": True,
        "unmet_interests": (),
        "rate_all_url": "https://papers.example.org/rate/all",
        "full": len(entries),
        "bare": False,
        "ranking_note": "Ranked by your 12 ratings (60 %) and by what is trending (40 %).",
        "browser_url": "https://papers.example.org/issues/token",
        "preferences_url": "https://papers.example.org/me/token",
        "unsubscribe_url": "https://papers.example.org/unsubscribe/token",
    }


class Events(HTMLParser):
    """What a document says, without how it looks: tags, attributes but styles, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.events: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "style":
            self.events.append((tag, {key: value for key, value in attrs if key != "style"}))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if data.strip() and "@media" not in data:
            self.events.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def test_papers_told_in_short_keep_title_reason_and_links(renderer: Renderer) -> None:
    context = newsletter_context(Entry(), Entry(title="A long story"), Entry()) | {"full": 1}
    mail = renderer.mail("newsletter", **context)

    assert mail.html.count("More like this") == 3
    assert "A long story" in mail.html
    assert mail.html.count(Entry().excerpt) == 1
    assert mail.text.count(Entry().excerpt) == 1
    assert mail.text.count(str(Entry().url)) == 3


def test_summary_of_the_digest_is_told_from_words_of_the_paper(renderer: Renderer) -> None:
    plain = newsletter(renderer, Entry())
    mail = newsletter(renderer, SUMMED_UP)
    assert "words:" not in plain.html + plain.text
    assert "In the digest’s words: Attention alone translates." in mail.text
    shown = [each for each in Events(mail.html).events if isinstance(each, str)]
    assert shown[shown.index("In the digest’s words:") + 2] == SUMMED_UP.excerpt


@pytest.mark.parametrize("welcome", [True, False])
def test_inlining_changes_nothing_but_the_style_of_our_newsletter(
    renderer: Renderer, unspliced: Callable[..., str], *, welcome: bool
) -> None:
    plain = jinja2.Environment(loader=jinja2.FileSystemLoader(default_templates()), autoescape=True)
    plain.add_extension("jinja2.ext.i18n")
    plain.newstyle_gettext = True
    plain.globals.update(renderer._environment.globals)
    plain.globals["spliced"] = unspliced
    plain.filters.update(renderer._environment.filters)
    entries = (
        Entry(search_site="arXiv", code_url="https://code.example.org/"),
        Entry(url=None, authors=()),
        Entry(explored=True, project_url="https://project.example.org/"),
        SUMMED_UP,
        Entry(reason_is_personal=False),
    )
    context = newsletter_context(*entries, welcome=welcome) | {
        "full": 4,
        "unmet_interests": ("protein folding", "quantum dots"),
    }
    expected = Events(plain.get_template("mail/newsletter.html").render(context)).events
    actual = Events(renderer.mail("newsletter", **context).html).events
    assert [event for event in expected if event != "/style"] == [
        event for event in actual if event != "/style"
    ]


@pytest.mark.parametrize("path", MAIL_TEMPLATES, ids=lambda path: path.name)
def test_every_mail_keeps_its_constructs_in_order(path: Path, renderer: Renderer) -> None:
    source = path.read_text(encoding="utf-8")
    inlined = inline_css(source, renderer._inline)
    assert CONSTRUCT.findall(source) == CONSTRUCT.findall(inlined)


@pytest.mark.parametrize(
    ("title", "papers", "subject"),
    [
        ("Attention Is All You Need", 1, "Attention Is All You Need"),
        ("Attention Is All You Need", 2, "Attention Is All You Need and 1 more"),
        ("Attention Is All You Need", 10, "Attention Is All You Need and 9 more"),
        (
            "Inductive Representation Learning on Large Graphs of Ten Thousand Nodes",
            10,
            "Inductive Representation Learning on Large Graphs of Ten… and 9 more",
        ),
        ("x" * 10_000, 10, f"{'x' * 59}… and 9 more"),
    ],
)
def test_subject_begins_with_the_top_title_and_counts_the_others(
    renderer: Renderer, title: str, papers: int, subject: str
) -> None:
    entries = [Entry(title=title), *[Entry(title="Second")] * (papers - 1)]
    assert newsletter(renderer, *entries).subject == subject


def test_first_issue_welcomes_and_says_what_comes_when(renderer: Renderer) -> None:
    mail = newsletter(renderer, Entry(), welcome=True)
    assert mail.subject == "Attention Is All You Need"
    ten = newsletter(renderer, *[Entry()] * 10, welcome=True)
    assert ten.subject == "Attention Is All You Need and 9 more"
    for part in (mail.html, " ".join(mail.text.split())):
        assert "Your papers come Monday to Friday at 7:00 (Europe/Berlin)." in part
        assert "your first issue follows" not in part


def test_welcome_without_papers_says_that_the_first_issue_follows(renderer: Renderer) -> None:
    mail = newsletter(renderer, welcome=True)
    assert mail.subject == "Your first issue follows as soon as a digest arrives"
    for part in (mail.html, " ".join(mail.text.split())):
        assert "your first issue follows as soon as a digest arrives" in part


@pytest.mark.parametrize(("papers", "is_said"), [(10, True), (4, True), (3, False), (0, False)])
def test_first_issue_says_that_its_papers_differ_where_there_is_a_choice(
    renderer: Renderer, papers: int, *, is_said: bool
) -> None:
    mail = newsletter(renderer, *[Entry()] * papers, welcome=True)
    for part in (mail.html.replace("</b>", ""), " ".join(mail.text.split())):
        assert (f"These {papers} papers are different on purpose: rate a few" in part) == is_said
        assert ("the next issue follows your taste" in part) == (papers > 0)


def test_an_issue_that_is_no_welcome_does_not_claim_that_its_papers_differ(
    renderer: Renderer,
) -> None:
    mail = newsletter(renderer, *[Entry()] * 10)
    assert "different on purpose" not in mail.html + mail.text


def test_a_try_is_marked_and_says_that_it_is_one(renderer: Renderer) -> None:
    tried = Entry(reason="A suggestion outside your usual topics", explored=True)
    mail = newsletter(renderer, Entry(), tried)
    marks = [attrs["class"] for tag, attrs in tags(mail.html) if tag == "p" and "class" in attrs]
    assert [mark for mark in marks if mark in {"reason small ink", "suggestion small muted"}] == [
        "reason small ink",
        "suggestion small muted",
    ]
    assert "border-left:3px dashed" in mail.html
    for part in (mail.html, mail.text):
        assert part.count("A suggestion outside your usual topics") == 1


def test_a_per_cent_sign_stays_with_its_number(renderer: Renderer) -> None:
    assert "(60\u00a0%)" in unescape(newsletter(renderer, Entry()).html)


def test_both_parts_hold_the_same_content(renderer: Renderer) -> None:
    entry = Entry()
    context = newsletter_context(entry)
    mail = renderer.mail("newsletter", **context)
    shown = [
        entry.title,
        str(entry.url),
        entry.excerpt,
        "Like another paper: attention",
    ]
    shown += ["Ashish Vaswani, Noam Shazeer", "ust reply: +1 -2 *3 likes paper 1"]
    shown += ["by AK and the research community", "Wednesday, 11 March 2026"]
    shown += [
        "View in browser",
        "Preferences",
        "Unsubscribe",
        "Subscribe",
    ]
    shown += ["Get trending papers in your email inbox!", "Forwarded to you?", "papers@example.org"]
    shown += [str(context[f"{name}_url"]) for name in ("browser", "preferences", "unsubscribe")]
    shown += [str(context["front_url"]), str(context["ranking_note"])]
    html = " ".join(unescape(mail.html).split())
    assert [words for words in shown if words not in html] == []
    assert [words for words in shown if words not in " ".join(mail.text.split())] == []


def test_papers_are_numbered_in_the_text_part_and_links_stand_alone(renderer: Renderer) -> None:
    entries = [Entry(position=n, title=f"Title {n}") for n in range(1, 11)]
    text = newsletter(renderer, *entries).text
    assert " 1. Title 1\n" in text
    assert "10. Title 10\n" in text
    links = [line for line in text.splitlines() if "://" in line]
    assert len(links) == 1 + 10 + 4
    assert links[0] == "https://papers.example.org/rate/all"
    assert all(line.strip().startswith("https://") for line in links)


def test_markup_in_a_title_is_text(renderer: Renderer) -> None:
    title = "<script>alert('x')</script> & <b>\"more\"</b>"
    hostile = Entry(title=title, reason=title, excerpt=title, authors=(title,))
    mail = newsletter(renderer, hostile, hostile)
    assert "<script>" not in mail.html
    assert "<b>" not in mail.html
    escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp;"
    # Title, author, reason, sentence; contents and three labels; the second one in the preview.
    assert mail.html.count(escaped) == 2 * (4 + 4) + 1
    assert title in mail.text


def test_word_as_long_as_a_title_does_not_bury_the_mail(renderer: Renderer) -> None:
    mail = newsletter(renderer, Entry(title="x" * 980))
    for part in (mail.html, mail.text):
        assert "x" * 60 not in part
    assert "x" * 59 in mail.text


def test_a_quote_in_a_link_cannot_leave_its_attribute(renderer: Renderer) -> None:
    url = 'https://example.org/"onclick="alert(1)'
    html = newsletter(renderer, Entry(url=url, like_url=url)).html
    links = [attrs for tag, attrs in tags(html) if tag == "a"]
    shown = ["https://example.org/%22onclick=%22alert(1)", url]
    assert shown == [attrs["href"] for attrs in links if "onclick" in str(attrs["href"])]
    assert [attrs for attrs in links if "onclick" in attrs] == []


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    return [event for event in Events(html).events if isinstance(event, tuple)]


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "arxiv.org/abs/1"])
def test_a_paper_without_a_safe_url_has_a_title_but_no_link(
    renderer: Renderer, url: str | None
) -> None:
    mail = newsletter(renderer, Entry(url=url))
    assert ">1. Attention Is All You Need</h2>" in mail.html
    assert sum(tag == "a" for tag, _ in tags(mail.html)) == 1 + 3 + 4
    assert url is None or url not in mail.html + mail.text


def test_what_a_paper_lacks_leaves_no_trace(renderer: Renderer) -> None:
    mail = newsletter(renderer, Entry(authors=(), upvotes=0, excerpt="", reason=""))
    assert "upvote" not in mail.html + mail.text
    assert 'class="authors' not in mail.html
    assert 'class="reason' not in mail.html
    assert "\n\n\n" not in mail.text


def test_one_upvote_is_not_many(renderer: Renderer) -> None:
    assert ">1 upvote<" in newsletter(renderer, Entry(upvotes=1)).html
    assert ">1,284 upvotes<" in newsletter(renderer, Entry(upvotes=1284)).html


def test_preheader_goes_on_where_the_subject_ends(renderer: Renderer) -> None:
    entries = [replace(Entry(), title=title) for title in ("t1", "t2", "t3", "t4", "t5")]
    html = newsletter(renderer, *entries).html
    preheader = html.partition('class="preheader"')[2].partition("</div>")[0]
    assert unescape(preheader.partition(">")[2]).strip() == "t2 · t3 · t4"
    assert "display:none" in preheader


def test_a_newsletter_of_ten_papers_is_light_and_loads_nothing(renderer: Renderer) -> None:
    token = "t" * 120
    entry = Entry(
        excerpt="Some words of an abstract. " * 11,
        like_url=f"https://papers.example.org/rate/{token}",
        dislike_url=f"https://papers.example.org/rate/{token}",
        save_url=f"https://papers.example.org/rate/{token}",
    )
    entries = [replace(entry, position=n, explored=n in {5, 10}) for n in range(1, 11)]
    html = newsletter(renderer, *entries, welcome=True).html
    assert len(html.encode()) < 40_000
    loading = {"img", "script", "link", "iframe", "svg", "video", "object"}
    assert [tag for tag, attrs in tags(html) if tag in loading or "src" in attrs] == []
    assert "url(" not in html
    assert "@import" not in html


def test_a_mail_has_language_direction_and_dark_colours(renderer: Renderer) -> None:
    html = newsletter(renderer, Entry()).html
    assert html.startswith("<!DOCTYPE html>")
    assert ("html", {"lang": "en", "dir": "ltr"}) in tags(html)
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in tags(html)
    assert "@media (prefers-color-scheme: dark)" in html.partition("</head>")[0]
    assert "@media (min-width: 600px)" in html.partition("</head>")[0]


def test_rating_links_are_44_pixels_high(renderer: Renderer) -> None:
    html = newsletter(renderer, Entry()).html
    assert html.count('class="action-link accent"') == 3
    assert html.count("display:block;padding:12px 4px;") == 3
    # 12 + 20 + 12; what all three share stands on their table.
    assert re.search('<table class="actions" [^>]*font-size:14px;line-height:20px', html)


def test_rating_links_have_a_border_and_are_called_by_their_paper(renderer: Renderer) -> None:
    html = newsletter(renderer, Entry()).html
    assert html.count("border:1px solid #7d7770;border-radius:8px") == 3
    assert [
        attrs.get("aria-label")
        for tag, attrs in tags(html)
        if tag == "a" and "/rate/" in str(attrs["href"])
    ] == [
        "More like this: Attention Is All You Need",
        "Less like this: Attention Is All You Need",
        "Save: Attention Is All You Need",
    ]


@pytest.mark.parametrize(("full", "further"), [(10, []), (3, ["in-short"])])
def test_contents_lead_to_each_paper(renderer: Renderer, full: int, further: list[str]) -> None:
    entries = [Entry(position=n, title=f"Title {n} " + "of words " * 40) for n in range(1, 11)]
    html = renderer.mail("newsletter", **newsletter_context(*entries) | {"full": full}).html
    found = tags(html)
    targets = [attrs["href"] for tag, attrs in found if tag == "a" and attrs["href"][0:1] == "#"]
    places = [f"p-{n}" for n in range(1, full + 1)] + further
    assert targets == [f"#{place}" for place in places]
    assert [attrs["id"] for _, attrs in found if "id" in attrs] == places
    rows = [each for each in Events(html).events if re.match(r"\d+\. Title", str(each))]
    assert [len(str(row)) <= 94 and str(row).endswith("…") for row in rows[:full]] == [True] * full


def test_ten_titles_stand_on_the_first_screen_of_a_terminal(renderer: Renderer) -> None:
    entries = [Entry(position=n, title=f"Title {n} " + "of words " * 40) for n in range(1, 11)]
    lines = newsletter(renderer, *entries).text.splitlines()
    assert lines[0].startswith("Just reply: +1 -2 *3 likes paper 1")
    last = next(number for number, line in enumerate(lines, start=1) if line[:4] == "10. ")
    assert last <= 15


@pytest.mark.parametrize(
    "title",
    ["word " * 80, "x" * 10_000, "日本語の題" * 100, "🧪" * 300, "שלום עולם " * 40],
    ids=["long", "one-word", "wide", "emoji", "right-to-left"],
)
def test_no_line_of_the_text_part_is_wide_but_links(renderer: Renderer, title: str) -> None:
    hostile = Entry(
        title=title,
        reason=title,
        authors=(title,),
        excerpt=title,
        url=f"https://example.org/{'x' * 200}",
        search_site="arXiv",
    )
    context = newsletter_context(hostile, hostile) | {"unmet_interests": ("a" * 60, "b" * 60)}
    text = renderer.mail("newsletter", **context).text
    wide = [line for line in text.splitlines() if "://" not in line and columns_of(line) > 76]
    assert wide == []
    assert f"    https://example.org/{'x' * 200}\n" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_ours_is_wide_in_any_language(renderer: Renderer, language: str) -> None:
    mail = renderer.in_language(language).mail("newsletter", **newsletter_context(Entry(), Entry()))
    lines = [line for line in mail.text.splitlines() if "://" not in line]
    assert [line for line in lines if columns_of(line) > 76] == []


def columns_of(line: str) -> int:
    return sum(1 + (east_asian_width(character) in "WF") for character in line)


def test_a_reason_that_is_not_the_readers_own_is_not_set_off(renderer: Renderer) -> None:
    html = newsletter(
        renderer, Entry(reason="Trending: in 2 digests", reason_is_personal=False)
    ).html
    assert "border-left" not in html
    assert "Trending: in 2 digests" in html


def test_a_link_that_only_searches_says_so_and_is_not_the_title(renderer: Renderer) -> None:
    url = "https://arxiv.org/search/?query=Attention&searchtype=title"
    mail = newsletter(renderer, Entry(url=url, search_site="arXiv"))
    labels = [attrs.get("aria-label") for tag, attrs in tags(mail.html) if attrs.get("href") == url]
    assert labels == ["Search for it at arXiv: Attention Is All You Need"]
    assert f"    Search for it at arXiv:\n    {url}\n" in mail.text


@pytest.mark.parametrize(
    ("unmet", "words"),
    [
        (("protein folding",), "Nothing new on protein folding today."),
        (("<b>", "& c", "d"), "Nothing new on <b>, & c or d today."),
    ],
)
def test_interests_that_nothing_fits_are_told_once(
    renderer: Renderer, unmet: tuple[str, ...], words: str
) -> None:
    context = newsletter_context(Entry(), Entry()) | {"unmet_interests": unmet}
    mail = renderer.mail("newsletter", **context)
    assert mail.text.count(words) == 1
    assert " ".join(unescape(mail.html).split()).count(words) == 1
    assert "<b>" not in mail.html
    assert "Nothing new" not in newsletter(renderer, Entry()).html

"""In HTML, quotes are known by their elements; what a reader typed around them is found."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from our_issue import LINK, shown

from recommender.domain import Vote
from recommender.mail.inbox.commands import Verb, read_command
from recommender.mail.inbox.html_body import LONGEST_HTML, text_of_html
from recommender.mail.inbox.quotes import without_quotes
from recommender.mail.inbox.reply_ratings import read_ratings
from recommender.rendering import Renderer

US = "papers@example.org"
WROTE = (
    f"On Wed, Mar 11, 2026 at 7:00 AM Trending papers &lt;<a href='mailto:{US}'>{US}</a>&gt; wrote:"
)
HEADERS = (
    f"<b>Von:</b> Trending papers &lt;{US}&gt;<br><b>Gesendet:</b> Mittwoch, 11. März 2026"
    " 07:00<br>"
    "<b>An:</b> jane@univ.example<br><b>Betreff:</b> Trending papers, Mar 11"
)
ABOVE, BELOW = "<p>+1</p>", "<p>-2</p>"

# With {} where our mail stands.
QUOTES = {
    "gmail": '<div class="gmail_quote gmail_quote_container"><div dir="ltr"'
    f' class="gmail_attr">{WROTE}'
    '<br></div><blockquote class="gmail_quote" style="margin:0px">{}</blockquote></div>',
    "gmail forward": '<div class="gmail_quote">---------- Forwarded message ---------<br>'
    f"{HEADERS}<br>{{}}</div>",
    "apple": f'<div><br><blockquote type="cite"><div>{WROTE}</div><br><div>{{}}</div>'
    "</blockquote></div>",
    "thunderbird": f'<div class="moz-cite-prefix">{WROTE}<br></div><blockquote type="cite"'
    ' cite="mid:x">'
    "{}</blockquote>",
    "outlook": '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    f"<p class=MsoNormal>{HEADERS}<o:p></o:p></p></div>{{}}",
    "outlook web": '<div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
    f'<div id="divRplyFwdMsg" dir="ltr"><font>{HEADERS}</font><div>&nbsp;</div></div><div>'
    f"{{}}</div>",
    "yahoo": '<div id="ydp1yahoo_quoted_1" class="ydp1yahoo_quoted"><div><div>On Wednesday,'
    " March 11, "
    f"2026, Trending papers &lt;{US}&gt; wrote:</div><div>{{}}</div></div></div>",
    "proton": f'<div class="protonmail_quote">{WROTE}<br><blockquote class="protonmail_quote"'
    ' type="cite">'
    "{}</blockquote></div>",
    "gmx": '<div name="quote" style="margin:10px 5px"><div><b>Gesendet:</b> Mittwoch<br>'
    f"{HEADERS}</div>"
    '<div name="quoted-content">{}</div></div>',
    "qq": '<div style="font-size:12px;padding:2px 0">------------------&nbsp;原始邮件&nbsp;'
    '------------------</div><div style="background:#efefef"><div><b>发件人:</b>&nbsp;'
    f'"Trending papers"&lt;{US}&gt;;</div><div><b>发送时间:</b>&nbsp;2026年3月11日</div>'
    "<div><b>收件人:</b>&nbsp;jane;</div></div><div>{}</div>",
    "163": f'<p>在 2026-03-11 07:00:00，"Trending papers" &lt;{US}&gt; 写道：</p>'
    '<blockquote id="isReplyContent" style="BORDER-LEFT:#ccc 1px solid">{}</blockquote>',
    "yandex": f'<div>11.03.2026, 07:00, "Trending papers" &lt;{US}&gt;:</div><blockquote>'
    f"{{}}</blockquote>",
    "zoho": '<div class="zmail_extra" style="border-top: 1px solid rgb(204,204,204)"><br><div '
    'id="Zm-_Id_-Sgn1">---- On Wed, 11 Mar 2026 07:00:00 +0000 <b>Trending papers'
    f" &lt;{US}&gt;</b> wrote"
    " ----</div><br><blockquote>{}</blockquote></div>",
    "samsung": f"<div>-------- Original message --------</div><div>{HEADERS}</div><div><br>"
    f"</div>{{}}",
    "roundcube": f'<p id="reply-intro">{WROTE}</p><blockquote type="cite">{{}}</blockquote>',
    "zimbra": f'<hr id="zwchr"><div data-marker="__HEADERS__">{HEADERS}<br></div><div>{{}}</div>',
    "tutanota": f'11 Mar 2026, 07:00 by {US}:<br><blockquote class="tutanota_quote">'
    f"{{}}</blockquote>",
    "ruled at its side": f'<p>{WROTE}</p><div style="border-left: 2px solid #ccc">{{}}</div>',
    "no closing tag": f"<p>{WROTE}</p><blockquote>{{}}",
    "tags left open": "<blockquote><table><tr><td><b>{}</blockquote>",
    "tags left open, in words": "<blockquote><p><b><div>quoted<table><tr><td>+9</blockquote>",
}


def our_html() -> str:
    entries = [
        shown(
            number,
            f"Paper {number} on graphs",
            authors=("Ashish Vaswani",),
            excerpt="We show what 2 of 3 models do.",
            upvotes=12,
            reason="Like another paper: attention" if number > 1 else "",
        )
        for number in (1, 2, 3, 4)
    ]
    mail = Renderer().mail(
        "newsletter",
        list_name="Trending papers",
        list_address=US,
        front_url="https://papers.example.org/",
        date=date(2026, 3, 11),
        curator="",
        welcome=True,
        schedule="daily",
        entries=entries,
        rate_all_url=f"{LINK}/all",
        takes_mail=True,
        unmet_interests=("protein folding", "quantum dots"),
        full=2,
        bare=False,
        ranking_note="Ranked by what is trending.",
        browser_url=f"{LINK}/issue",
        preferences_url=f"{LINK}/me",
        unsubscribe_url=f"{LINK}/leave",
    )
    return mail.html[mail.html.index("<body") :].removesuffix("</body></html>")


ISSUE = our_html()


def votes(html: str) -> list[tuple[int, Vote]]:
    return list(read_ratings(without_quotes(text_of_html(html))).votes)


@pytest.mark.parametrize("name", QUOTES)
def test_votes_around_a_quote_count_and_those_in_it_do_not(name: str) -> None:
    quote = QUOTES[name].replace("{}", ISSUE)

    assert votes(quote) == []
    assert votes(ABOVE + quote) == [(1, Vote.UP)]
    assert votes(quote + BELOW) == [(2, Vote.DOWN)]
    assert votes(ABOVE + quote + BELOW) == [(1, Vote.UP), (2, Vote.DOWN)]


@pytest.mark.parametrize("name", QUOTES)
def test_nothing_of_an_issue_is_taken_for_words_of_its_reader(name: str) -> None:
    # The reasons in it are ruled at their side, as quotes of some programs are.
    quote = QUOTES[name].replace("{}", ISSUE)

    assert without_quotes(text_of_html(quote)) == ""
    for html in ("<p>please unsubscribe me</p>" + quote, quote + "<p>please unsubscribe me</p>"):
        written = without_quotes(text_of_html(html))
        assert read_command("", "Re: papers", written).verb is Verb.UNSUBSCRIBE


def test_votes_between_two_quotes_count() -> None:
    html = (
        f'<div class="gmail_quote"><div class="gmail_attr">{WROTE}<br></div><blockquote>'
        "+9</blockquote>"
        "<div>+1</div><blockquote>+8<blockquote>+7</blockquote>-6</blockquote></div><div>-2</div>"
    )

    assert votes(html) == [(1, Vote.UP), (2, Vote.DOWN)]


def test_signature_and_hidden_parts_are_left_out() -> None:
    html = (
        "<style>+7</style><!-- +8 --><div>+1</div>"
        '<div class="gmail_signature">Jane<br>+9</div><p>-2</p>'
    )

    assert votes(html) == [(1, Vote.UP), (2, Vote.DOWN)]


def test_lines_of_html_are_the_ones_that_are_seen() -> None:
    assert text_of_html("<p>a\nb<p>c<br>d<pre>e\nf</pre><ul><li>g<li>h</ul>").split("\n") == [
        *("a b", "c", "d", "e", "f", "g", "h"),
    ]


@given(st.text(alphabet="<>/abdivlockquote &;#=\"' +1\n", max_size=300))
def test_no_html_makes_it_fail(html: str) -> None:
    assert isinstance(without_quotes(text_of_html(html)), str)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<a ",
            "<div>",
            "<blockquote>",
            "<div class=gmail_quote>x",
            "<i></span>",
            "</blockquote>",
        ),
        *("<", "&#", "<!--", "<![", "<table><tr><td>x", "<p>On 2026 wrote:", "<pre>\n"),
    ],
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(length: int) -> float:
        html = (piece * (length // len(piece) + 1))[:length]
        begin = time.process_time()
        without_quotes(text_of_html(html))
        return time.process_time() - begin

    short = min(seconds(LONGEST_HTML // 4) for _ in range(3))
    long = min(seconds(LONGEST_HTML // 2) for _ in range(3))

    assert long <= 3 * short + 0.05, "four times would be its square"

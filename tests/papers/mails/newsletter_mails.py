"""Mails in the layouts of today's newsletters, invented, and what is to be read in each."""

from __future__ import annotations

from dataclasses import dataclass

BOATS = (
    "We study how small sailing boats keep their course in changing winds and derive bounds that "
    "hold for all hulls; experiments on a lake confirm the theory in all but two cases."
)
VESSELS = (
    "A second text reports on large vessels that steer with sails and engines at once, and shows "
    "on forty voyages that fuel is saved where the pilot trusts the new controller."
)
HARBOURS = (
    "The third text tells how harbours are planned where the tide is high, and gives rules that "
    "hold for forty ports in the north, found by a search over a hundred years of charts."
)


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A mail, and the papers in it: title, identifier, first words of the abstract."""

    name: str
    content: bytes
    papers: tuple[tuple[str, str, str], ...]


def mail_of(
    body: str, *, kind: str = "text/plain", subject: str = "Papers", header: str = ""
) -> bytes:
    """Write a mail with one text."""
    return (
        "From: List <list@example.org>\nTo: papers+digest-abc@example.org\n"
        f"Subject: {subject}\nDate: Thu, 12 Mar 2026 08:00:00 +0000\nMessage-ID: <1@example.org>\n"
        f"MIME-Version: 1.0\nContent-Type: {kind}; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n{header}\n{body}"
    ).encode()


def html_mail(body: str, *, subject: str = "Papers", header: str = "") -> bytes:
    """Write a mail with one text in HTML."""
    return mail_of(
        f"<html><body>{body}</body></html>", kind="text/html", subject=subject, header=header
    )


_TRACKED = "https://tracking.letter.example/CL0/https:%2F%2Farxiv.org%2Fabs%2F{id}/1/0100abc"

BRIEF = Newsletter(
    "a brief with sections, adverts and minutes to read",
    html_mail(
        "<table><tr><td><h1>BRIEF AI</h1></td></tr><tr><td>"
        "<a href='https://ads.example.com/1'><strong>How Acme ships 10x faster (Sponsor)</strong>"
        "</a><p>Acme's platform lets teams ship without fear. Book a demo of the platform today "
        "and get a mug, a shirt and three months for free, as long as they last.</p></td></tr>"
        "<tr><td><h1>Engineering &amp; Research</h1></td></tr><tr><td>"
        f"<a href='{_TRACKED.format(id='2603.01234')}'><strong>Small Boats in Changing Winds (21 "
        f"minute read)</strong></a><br><br><span>{BOATS}</span></td></tr><tr><td>"
        f"<a href='{_TRACKED.format(id='2603.05678')}'><strong>Large Vessels That Steer With Sails"
        f" (1 hour read)</strong></a><br><br><span>{VESSELS} It follows <a "
        f"href='{_TRACKED.format(id='1706.03762')}'>older work on rowing</a>.</span></td></tr>"
        "<tr><td><p>If you have any comments, just respond to this email!</p><a "
        "href='https://letter.example/unsubscribe'>unsubscribe</a></td></tr></table>",
        subject="Sails steer vessels, boats win",
    ),
    (
        ("Small Boats in Changing Winds", "2603.01234", "We study how small"),
        ("Large Vessels That Steer With Sails", "2603.05678", "A second text"),
    ),
)

WEEKLY = Newsletter(
    "a weekly letter with numbered headings and a row of links under each",
    html_mail(
        "<h1><a href='https://boats.letter.example/p/top-papers-12'>Top Boat Papers of the Week"
        "</a></h1><h3>March 2 - March 8</h3><p>Ann Doe</p><p>Mar 8</p><p>Welcome to the twelfth "
        "issue. This week is about sails, and our <a href='https://arxiv.org/abs/2601.00001'>own "
        "paper on oars</a> was accepted, for which we thank everybody.</p>"
        f"<h2>1. Small Boats in Changing Winds</h2><p>{BOATS} It goes back to <a "
        "href='https://arxiv.org/abs/1706.03762'>Rowing Is All You Need</a>, and adds sails.</p>"
        "<ul><li><p><strong>Sails.</strong> They beat oars in nine of ten winds.</p></li><li><p>"
        "<strong>Oars.</strong> They are still good where there is none.</p></li></ul>"
        "<p><strong><a href='https://arxiv.org/abs/2603.01234'>Paper</a> | <a "
        "href='https://x.example/1'>Tweet</a></strong></p>"
        f"<h2>2. Large Vessels That Steer With Sails</h2><p>{VESSELS}</p>"
        "<p><strong><a href='https://arxiv.org/abs/2603.05678'>Paper</a> | <a "
        "href='https://x.example/2'>Tweet</a></strong></p><p>Share</p><p>© 2026 Ann Doe</p>"
        "<p><a href='https://letter.example/unsubscribe'>Unsubscribe</a></p>",
        subject="Top Boat Papers of the Week",
    ),
    (
        ("Small Boats in Changing Winds", "2603.01234", "We study how small"),
        ("Large Vessels That Steer With Sails", "2603.05678", "A second text"),
    ),
)

TRENDING = Newsletter(
    "trending cards with a code link, stars and tags",
    html_mail(
        "<h1>Trending Research</h1>"
        "<div><h2><a href='https://code.example/paper/small-boats'>Small Boats in Changing Winds"
        "</a></h2><p>acme/boats • 11 Mar 2026</p>"
        f"<p>{BOATS}</p><p>Robotics</p><p>1,204 stars</p><p>3.2 stars / hour</p>"
        "<p><a href='https://arxiv.org/pdf/2603.01234.pdf'>Paper</a> <a "
        "href='https://github.com/acme/boats'>Code</a></p></div>"
        "<div><h2><a href='https://code.example/paper/large-vessels'>Large Vessels That Steer With "
        f"Sails</a></h2><p>acme/vessels • 10 Mar 2026</p><p>{VESSELS}</p><p>Control</p>"
        "<p>310 stars</p><p><a href='https://arxiv.org/pdf/2603.05678.pdf'>Paper</a> <a "
        "href='https://github.com/acme/vessels'>Code</a></p></div>",
        subject="Trending research of the week",
    ),
    (
        ("Small Boats in Changing Winds", "2603.01234", "We study how small"),
        ("Large Vessels That Steer With Sails", "2603.05678", "A second text"),
    ),
)

OFFICE = Newsletter(
    "a colleague's letter from an office program, with bold titles and bare addresses",
    html_mail(
        "<div class=WordSection1><p class=MsoNormal>Dear all,<o:p></o:p></p><p class=MsoNormal>"
        "<o:p>&nbsp;</o:p></p><p class=MsoNormal>these are the papers for Friday. Last week's "
        "<a href='https://arxiv.org/abs/1706.03762'>paper on rowing</a> goes first if there is "
        "time.<o:p></o:p></p>"
        "<p class=MsoNormal><b>Small Boats in Changing Winds<o:p></o:p></b></p>"
        "<p class=MsoNormal>Ann Doe, Bob Roe, Cleo Poe<o:p></o:p></p>"
        "<p class=MsoNormal><a href='https://arxiv.org/abs/2603.01234'>"
        "https://arxiv.org/abs/2603.01234</a><o:p></o:p></p>"
        f"<p class=MsoNormal>{BOATS}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<p class=MsoNormal><b>Large Vessels That Steer With Sails<o:p></o:p></b></p>"
        "<p class=MsoNormal>Dan Foe, Eve Goe<o:p></o:p></p>"
        "<p class=MsoNormal><a href='https://doi.org/10.1000/vessels.7'>"
        "https://doi.org/10.1000/vessels.7</a><o:p></o:p></p>"
        f"<p class=MsoNormal>{VESSELS}<o:p></o:p></p><p class=MsoNormal>Best wishes<o:p></o:p></p>"
        "<p class=MsoNormal>Ann<o:p></o:p></p></div>",
        subject="Reading group on Friday",
    ),
    (
        ("Small Boats in Changing Winds", "2603.01234", "We study how small"),
        ("Large Vessels That Steer With Sails", "10.1000/vessels.7", "A second text"),
    ),
)

NOTIFICATION = Newsletter(
    "a notification with a list in Markdown as its text",
    mail_of(
        "acme-bot created an issue (acme/paper-watch#412)\n\n## Papers of 2026-03-11\n\n"
        f"- **[Small Boats in Changing Winds](https://arxiv.org/abs/2603.01234)**\n\n  {BOATS}\n\n"
        "- **[Large Vessels That Steer With Sails](https://arxiv.org/abs/2603.05678)**\n\n"
        f"  {VESSELS}\n\n-- \nReply to this email directly or view it on the web:\n"
        "https://git.example/acme/paper-watch/issues/412\n"
        "You are receiving this because you are subscribed to this thread.\n",
        subject="[acme/paper-watch] Papers of 2026-03-11 (Issue #412)",
    ),
    (
        ("Small Boats in Changing Winds", "2603.01234", "We study how small"),
        ("Large Vessels That Steer With Sails", "2603.05678", "A second text"),
    ),
)

DAILY = Newsletter(
    "daily papers with thumbnails, submitters, votes and institutions",
    html_mail(
        "<table><tr><td><h1>Daily Papers</h1><p>Thursday, March 12</p></td></tr>"
        "<tr><td><a href='https://www.alphaxiv.org/abs/2603.01234'><img src='t.png'></a>"
        "<a href='https://www.alphaxiv.org/abs/2603.01234'><h3>Small Boats in Changing Winds</h3>"
        "</a><p>Submitted by <a href='https://hf.example/ann'>ann</a></p><p>▲ 45</p>"
        f"<p>Acme University, Sea Lab</p><p>{BOATS}</p></td></tr>"
        "<tr><td><a href='https://huggingface.co/papers/2603.05678'><img src='u.png'></a>"
        "<a href='https://huggingface.co/papers/2603.05678'><h3>Large Vessels That Steer With Sails"
        "</h3></a><p>Submitted by <a href='https://hf.example/bob'>bob</a></p><p>▲ 12</p>"
        f"<p>{VESSELS}</p></td></tr>"
        "<tr><td><a href='https://huggingface.co/papers/2603.09999'><h3>Harbours in High Tides</h3>"
        f"</a><p>Submitted by <a href='https://hf.example/eve'>eve</a></p><p>{HARBOURS}</p></td>"
        "</tr></table><p><a href='https://hf.example/settings'>Manage notifications</a></p>",
        subject="Daily Papers - March 12",
    ),
    (
        ("Small Boats in Changing Winds", "2603.01234", "We study how small"),
        ("Large Vessels That Steer With Sails", "2603.05678", "A second text"),
        ("Harbours in High Tides", "2603.09999", "The third text"),
    ),
)

NEWSLETTERS = (BRIEF, WEEKLY, TRENDING, OFFICE, NOTIFICATION, DAILY)

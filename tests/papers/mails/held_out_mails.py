"""Mails that were written before the readers were, and not looked at until these were done."""

from __future__ import annotations

import base64
from typing import Final

from sample_mails import (
    A_BODY,
    ARXIV,
    B_BODY,
    C_BODY,
    DIGEST,
    PUBMED_ABSTRACT,
    Expected,
    Sample,
    arxiv_record,
    mail,
    pubmed_html,
    pubmed_item,
    scholar,
    scholar_item,
    wrapped,
)

_RULE: Final = "-" * 78
_SPRINGS: Final = "Springs that learn without a clock"
_SNOW: Final = "The depth of snow, heard"
_SHELVES: Final = "Shelves by colour: a field study"


def _p(title: str, *authors: str, key: str | None = None, abstract: str = "") -> Expected:
    return Expected(title, authors, key, abstract)


# arXiv: Outlook's forward, with HTML in place of the text's line ends.
_OUTLOOK: Final = (
    "<html><body><div>See below.</div><div id='divRplyFwdMsg'><b>From:</b> no-reply@example.org<br>"
    "<b>Sent:</b> Tuesday, March 10, 2026 2:03 AM<br><b>To:</b> list@example.org<br><b>Subject:</b>"
    " math daily Subj-class mailing</div><div><pre>"
    + arxiv_record(
        "2603.05001", _SPRINGS, "Ann B. Example, Chen Placeholder", abstract=A_BODY
    ).replace("<", "&lt;")
    + arxiv_record(
        "2603.05002v1",
        "Sums over $\\alpha$-stable noise with p < 1 and q > 2",
        "Erd\\H{o}s Example",
        abstract=B_BODY,
        fields="Comments: Title: is a word here\nMSC-class: 60G52, 11A41\n",
    ).replace("<", "&lt;")
    + "</pre></div></body></html>"
)
_OUTLOOK_TEXT: Final = (
    "Hi,\n\n-----Original Message-----\nFrom: no-reply@example.org\nSent: Tuesday, March 10, 2026 "
    "2:03 AM\nTo: list@example.org\nSubject: math daily Subj-class mailing\n\n"
    f"{_RULE}\n{_RULE}\n"
    + arxiv_record("2603.05003", _SNOW, "D. Oe, E. Fgh and\n  Gil Hij", abstract=B_BODY)
    + "%%--%%--%%--%%--%%\n"
    + f"{_RULE}\n"
    + arxiv_record(
        "2509.00011",
        _SHELVES,
        "Gil Hij",
        mark=" (*cross-listing*)",
        revised="replaced with revised version Mon, 9 Mar 2026 20:11:09 GMT   (912kb,AD)",
        abstract=C_BODY,
        fields="ACM-class: H.3\n",
    )
)
_NOTHING_NEW: Final = (
    f"{_RULE}\n{_RULE}\nSend any comments regarding submissions directly to submitter.\n{_RULE}\n"
    "Archives at http://arxiv.org/\nTo unsubscribe, e-mail To: math@arXiv.org, Subject: cancel\n"
    f"{_RULE}\n Submissions to:\nLogic\n received from  Fri  6 Mar 26 18:00:00 GMT  to  Mon  9 Mar "
    f"26 18:00:00 GMT\n{_RULE}\n\nNo new submissions.\n{_RULE}\n"
)

# Scholar: by citations and in another language, forwarded by Gmail.
_SCHOLAR_CITES: Final = scholar(
    scholar_item(
        "Valves &amp; springs: A <b>survey</b>",
        "https://dl.acm.org/doi/abs/10.1145/3600001.3600002",
        "ÅB Example, 陳 P - ACM Computing Examples, 2026 - dl.acm.org",
        "Cites: \N{LEFT-TO-RIGHT EMBEDDING}Springs that learn\N{POP DIRECTIONAL FORMATTING} "
        "<br>… a survey of valves …",
    ),
    scholar_item(
        "Verfahren zur Schneemessung",
        "https://patents.google.com/patent/DE1000000A1/de",
        "D Oe - DE Patent 1,000,000, 2026",
        "Das Verfahren misst die Tiefe …",
        kind="CITATION",
    ),
    scholar_item(
        "On shelves: essays in honour of nobody",
        "https://books.google.com/books?hl=en&lr=&id=xyz&oi=fnd&pg=PA1",
        "G Hij - 2026 - books.google.com",
        "This book collects essays.",
        kind="BOOK",
    ),
    why="Artikel",
)
_SCHOLAR_FORWARDED: Final = (
    '<div dir="ltr">fyi<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    "---------- Forwarded message ---------<br>From: <strong>Google Scholar Alerts</strong> &lt;"
    '<a href="mailto:scholaralerts-noreply@google.com">scholaralerts-noreply@google.com</a>&gt;<br>'
    "Date: Mon, Mar 9, 2026 at 4:11 PM<br>Subject: x<br>To: &lt;ann@example.org&gt;<br></div>"
    + scholar(
        scholar_item(
            _SPRINGS,
            "https://openreview.net/forum?id=aBcD3fG",
            "AB Example… - The Example Conference on Learning, 2026",
            "We study how networks …",
        )
    )
    + "</div></div>"
)

# PubMed: a forwarded text of abstracts, as Apple Mail quotes it.
_PUBMED_QUOTED: Final = "Begin forwarded message:\n\n" + "\n".join(
    f"> {line}".rstrip()
    for line in (
        "From: My NCBI <efback@nih.example>\nSubject: What's new for 'x' in PubMed\nDate: March 9, "
        "2026 at 8:00:12 AM GMT+1\nTo: ann@example.org\n\n" + PUBMED_ABSTRACT
    ).splitlines()
)
_PUBMED_ONE: Final = pubmed_html(
    pubmed_item(
        1,
        "41000009",
        title="[Schnee in den Bergen].",
        authors="Oe D, Fgh E; Snow Study Group.",
        journal="Berge. 2026 Jan-Feb;3:1. doi: 10.1234/berge.1. Epub 2026 Mar 8. German.",
        rest=f"<div>Abstract</div><div>{B_BODY}</div>",
    )
)

# Journals.
_SCIENCEDIRECT: Final = (
    "<html><body><table><tr><td>New articles are available on ScienceDirect</td></tr><tr><td>"
    "<b>Search alert: springs</b></td></tr>"
    '<tr><td>1. <a href="https://click.notification.example.org/CL0/https:%2F%2Fwww.sciencedirect.'
    'com%2Fscience%2Farticle%2Fpii%2FS0012345626000123%3Fdgcid=raven_sd_search_email/1/01/x=1">'
    f"{_SPRINGS}</a><br>Journal of Example Springs, In Press, Corrected Proof, Available online 9 "
    "March 2026<br>Ann B. Example, José Muñoz, Chen Placeholder</td></tr>"
    '<tr><td>2. <a href="https://click.notification.example.org/CL0/https:%2F%2Fwww.sciencedirect.'
    'com%2Fscience%2Farticle%2Fpii%2FS0012345626000456%3Fdgcid=x/1/01/y=1">'
    f"{_SNOW}</a><br>Journal of Example Springs, Volume 12, May 2026, 100456<br>D. Oe, E. Fgh"
    '</td></tr><tr><td><a href="https://click.notification.example.org/CL0/https:%2F%2Fwww.'
    'sciencedirect.com%2Funsubscribe%3Fid=1/1/01/z=1">Unsubscribe from these alerts now</a></td>'
    "</tr></table><p>Elsevier Example B.V. Registered Office: Amsterdam.</p></body></html>"
)
_SCIENCE: Final = (
    "<html><body><h1>Science Examples</h1><h2>Contents, 6 March 2026, Vol 391, Issue 6788</h2>"
    '<div><a href="https://www.science.org/doi/10.1126/example.abc1234?utm_campaign=toc">'
    f"{_SPRINGS}</a></div><div>BY ANN B. EXAMPLE, JOSÉ MUÑOZ</div><div>{A_BODY}</div>"
    '<div><a href="https://www.science.org/doi/full/10.1126/example.abc1234">FULL TEXT</a></div>'
    '<div><a href="https://www.science.org/doi/10.1126/example.abd5678?utm_campaign=toc">'
    f"{_SNOW}</a></div><div>BY DANA OERSTED, EVE FGHAN</div><div>{B_BODY}</div>"
    '<div><a href="https://www.science.org/doi/full/10.1126/example.abd5678">FULL TEXT</a></div>'
    '<p><a href="https://www.example.org/careers">Find your dream job at Science Careers today</a>'
    "</p></body></html>"
)
_SPRINGER: Final = (
    "<html><body><p>Dear Valued Customer,</p><p>We are pleased to deliver your requested table of "
    "contents alert for Shelves. Volume 5 Number 1 is now available on SpringerLink.</p><p><a href="
    '"https://links.example.org/f/a/AbC~~/AAAA~/RgRk">Register for our webinar on open access</a>'
    '</p><h3>In this issue</h3><p><b>Title:</b> <a href="http://dx.doi.org/10.1007/s00123-026-'
    f'0042-1">{_SHELVES}</a><br><b>Authors:</b> Gil Hij &amp; Ann B. Example</p>'
    '<p><b>Title:</b> <a href="http://dx.doi.org/10.1007/s00123-026-0043-0">Reading by colour in '
    "the dark</a><br><b>Authors:</b> Chen Placeholder</p></body></html>"
)
_ELSEVIER_NO_ABSTRACT_ONE: Final = (
    '<html><body><p>The following preprint was posted:</p><p><a href="https://doi.org/10.31234/'
    f'osf.io/ab2cd">{_SHELVES}</a></p><p>Gil Hij</p><p>{C_BODY}</p>'
    '<p><a href="https://example.org/u">Unsubscribe</a></p></body></html>'
)
_ALPHA: Final = (
    "<html><body><h2>Papers of the week</h2><ol>"
    f'<li><p><a href="https://arxiv.org/abs/2603.07001"><strong>{_SPRINGS}</strong></a></p><p>{A_BODY}'
    '</p><p><a href="https://arxiv.org/pdf/2603.07001">Paper</a> · <a href="https://github.com/x/'
    'springs">Code</a></p></li>'
    f'<li><p><a href="https://huggingface.co/papers/2603.07002"><strong>{_SNOW}</strong></a></p><p>'
    f"{B_BODY}</p></li></ol><p>Share this newsletter: <a href='https://example.org/share'>Tell "
    "your colleagues about it</a></p></body></html>"
)

HELD_OUT: Final[dict[str, Sample]] = {
    "arXiv in HTML, from Outlook": Sample(
        mail(html=_OUTLOOK, subject="FW: math daily"),
        (
            _p(_SPRINGS, "Ann B. Example", "Chen Placeholder", key="2603.05001", abstract=A_BODY),
            _p(
                "Sums over $\\alpha$-stable noise with p < 1 and q > 2",
                "Erdős Example",
                key="2603.05002",
                abstract=B_BODY,
            ),
        ),
        "2026-03-10",
    ),
    "arXiv in text, from Outlook": Sample(
        mail(text=_OUTLOOK_TEXT, cte="base64", subject="FW: math daily"),
        (
            _p(_SNOW, "D. Oe", "E. Fgh", "Gil Hij", key="2603.05003", abstract=B_BODY),
            _p(_SHELVES, "Gil Hij", key="2509.00011", abstract=C_BODY),
        ),
        "2026-03-10",
    ),
    "Scholar, citations": Sample(
        mail(html=_SCHOLAR_CITES, subject="New citations", cte="base64"),
        (
            _p(
                "Valves & springs: A survey",
                "ÅB Example",
                "陳 P",
                key="10.1145/3600001.3600002",
            ),
            _p(
                "Verfahren zur Schneemessung",
                "D. Oe",
                key="https://patents.google.com/patent/DE1000000A1/de",
            ),
            _p("On shelves: essays in honour of nobody", "G. Hij"),
        ),
    ),
    "Scholar, forwarded": Sample(
        mail(html=_SCHOLAR_FORWARDED, subject="Fwd: x"),
        (_p(_SPRINGS, "A. B. Example", key="https://openreview.net/forum?id=aBcD3fG"),),
        "2026-03-09",
    ),
    "PubMed, quoted by Apple Mail": Sample(
        mail(text=_PUBMED_QUOTED, subject="Fwd: What's new for 'x' in PubMed"),
        (
            _p(
                "Sleep on springs: a randomised trial of mattresses in two cities",
                "A. B. Example",
                "J. Muñoz",
                "C. Placeholder",
                key="10.1234/jes.2026.0101",
                abstract=f"BACKGROUND: Nobody knows. METHODS: {A_BODY} RESULTS: {B_BODY}",
            ),
            _p("Dreams of shelves", "G. Hij", key="10.1234/beds.5", abstract=C_BODY),
        ),
        "2026-03-09",
    ),
    "PubMed, one citation of a group": Sample(
        mail(html=_PUBMED_ONE, subject="What's new for 'snow' in PubMed"),
        (
            _p(
                "Schnee in den Bergen",
                "D. Oe",
                "E. Fgh",
                "Snow Study Group",
                key="10.1234/berge.1",
                abstract=B_BODY,
            ),
        ),
    ),
    "ScienceDirect": Sample(
        mail(html=_SCIENCEDIRECT, subject="ScienceDirect Search Alert: 2 New articles"),
        (
            _p(
                _SPRINGS,
                "Ann B. Example",
                "José Muñoz",
                "Chen Placeholder",
                key="https://www.sciencedirect.com/science/article/pii/S0012345626000123",
            ),
            _p(
                _SNOW,
                "D. Oe",
                "E. Fgh",
                key="https://www.sciencedirect.com/science/article/pii/S0012345626000456",
            ),
        ),
    ),
    "Science": Sample(
        mail(html=_SCIENCE),
        (
            _p(
                _SPRINGS,
                "Ann B. Example",
                "José Muñoz",
                key="10.1126/example.abc1234",
                abstract=A_BODY,
            ),
            _p(_SNOW, "Dana Oersted", "Eve Fghan", key="10.1126/example.abd5678", abstract=B_BODY),
        ),
    ),
    "Springer": Sample(
        mail(html=_SPRINGER),
        (
            _p(_SHELVES, "Gil Hij", "Ann B. Example", key="10.1007/s00123-026-0042-1"),
            _p(
                "Reading by colour in the dark", "Chen Placeholder", key="10.1007/s00123-026-0043-0"
            ),
        ),
    ),
    "one preprint with its abstract": Sample(
        mail(html=_ELSEVIER_NO_ABSTRACT_ONE),
        (_p(_SHELVES, "Gil Hij", key="10.31234/osf.io/ab2cd", abstract=C_BODY),),
    ),
    "a newsletter of arXiv papers": Sample(
        mail(text="Papers of the week", html=_ALPHA),
        (
            _p(_SPRINGS, key="2603.07001", abstract=A_BODY),
            _p(_SNOW, key="2603.07002", abstract=B_BODY),
        ),
    ),
    "digest text in Latin-1, with a list's footer": Sample(
        mail(
            text=DIGEST.replace("by Ann Example", "by Renée Example")
            + "\n_______________________________________________\nPapers mailing list\n"
            "Papers@example.org\nhttps://example.org/mailman/listinfo/papers\n",
        ),
        (_p(_SPRINGS, abstract=A_BODY), _p(_SNOW, abstract=B_BODY)),
        "2026-03-10",
    ),
}

# -- Mails without papers ----------------------------------------------------------------------

NO_PAPERS: Final[dict[str, bytes]] = {
    "a welcome": mail(
        subject='Welcome to the "Papers" mailing list',
        text="Welcome to the Papers@example.org mailing list!\n\nTo post to this list, send your "
        "message to papers@example.org. General information about the mailing list is at the page "
        "below.\n\nhttps://example.org/mailman/listinfo/papers\n\nYou must know your password to "
        "change your options. It is: secret-thing. Normally, Mailman will remind you monthly.\n",
    ),
    "a monthly reminder": mail(
        subject="example.org mailing list memberships reminder",
        text="This is a reminder, sent out once a month, about your example.org mailing list "
        "memberships. It includes your subscription info and how to use it to change it or "
        "unsubscribe from a list.\n\nYou can visit the URLs to change your membership status or "
        "configuration, including unsubscribing.\n",
        X_List_Administrivia="yes",
    ),
    "a personal mail": mail(
        subject="lunch?",
        sender="Ann <ann@example.org>",
        text="Hi Bob,\n\nI read the springs paper and liked it a lot; shall we talk about it over "
        "lunch on Thursday? I would bring the print-out that I annotated, and we could ask Chen as "
        "well, who knows the older literature far better than I do.\n\nBest wishes,\n\nAnn has a "
        "new office in the second floor, the one with the blue door beside the kitchen.\n",
    ),
    "a call for papers": mail(
        subject="CfP: Example Conference",
        text="Call for Papers\n\nThe Example Conference invites submissions on springs, snow and "
        "shelves. Papers of up to 12 pages are due on 1 May 2026 and are reviewed by three members "
        "of the programme committee, double-blind.\n\nImportant dates\n\nSubmission is on 1 May, "
        "notification on 1 July, camera-ready copies are due on 1 August and the conference itself "
        "is from 5 to 9 September 2026 in Oslo.\n",
    ),
    "an advertisement": mail(
        subject="Our best offers of March",
        html="<html><body><h1>Spring is here</h1><p>Dear reader, discover our best offers.</p><p>"
        "<a href='https://shop.example.org/p/1?utm=x'>Garden chairs in seven colours</a></p><p>Now "
        "20 % off while stock lasts.</p><p><a href='https://shop.example.org/p/2?utm=x'>Tables for "
        "large families</a></p><p>Now 30 % off while stock lasts.</p><p><a href='https://shop.example.org/"
        "u'>Unsubscribe</a></p></body></html>",
    ),
    "an expired trial": mail(
        subject="Your trial ended",
        text="Your trial has ended\n\nYour trial of Example Reader Pro ended yesterday, and your "
        "library is read-only from now on. Choose a plan on our site to go on adding papers to it, "
        "or export what you have; nothing is deleted for the next thirty days.\n",
    ),
    "an absence": mail(
        subject="Automatic reply: papers",
        text="I am away until Monday.\n\nI read mail now and then, but it may take some days until "
        "I answer you. In urgent cases ask my colleagues at the front desk, who know where I am, "
        "and "
        "who can decide most things without me.\n",
        Auto_Submitted="auto-replied",
    ),
    "an event": mail(
        subject="Seminar on Thursday",
        html="<html><body><h2>Seminar: Springs that learn</h2><p>Speaker: Ann B. Example</p><p>"
        "Thursday at 4 pm in room 12. Everybody is welcome, and there will be cake afterwards. "
        "Please register on <a href='https://example.org/seminar'>the page of the seminar</a>.</p>"
        "</body></html>",
    ),
}
CONFIRMATIONS: Final[dict[str, bytes]] = {
    "Mailman": mail(
        subject="confirm 0123456789abcdef0123456789abcdef01234567",
        sender="papers-request@lists.example.org",
        text="Mailing list subscription confirmation notice for mailing list Papers\n\nWe have "
        "received a request for subscription of your email address to the papers@lists.example.org "
        "mailing list. To confirm that you want to be added to this mailing list, simply reply to "
        "this message, keeping the Subject: header intact. Or visit this web page:\n\n"
        "    https://lists.example.org/mailman/confirm/papers/0123456789abcdef\n",
    ),
    "a newsletter": mail(
        subject="Please confirm your subscription",
        html="<html><body><p>Yes, one more step!</p><p><a href='https://list.example.org/confirm?u="
        "1&amp;id=2'>Yes, subscribe me to this list</a></p><p>If you received this by mistake, "
        "simply delete it.</p></body></html>",
    ),
    "a journal": mail(
        subject="Verify your email address",
        text="Dear user,\n\nThank you for registering for alerts of Example Journals. Please click "
        "the link below to activate your alert:\n\nhttps://journals.example.org/activate?token=x\n",
    ),
    "in German": mail(
        subject="Bitte bestätigen Sie Ihre Anmeldung",
        text="Guten Tag,\n\nbitte bestätigen Sie Ihre Anmeldung zum Newsletter durch einen Klick "
        "auf diesen Link: https://newsletter.example.org/bestaetigen/xyz\n",
    ),
}
"""Each has one link at which somebody says yes."""

NOTHING_NEW: Final = mail(text=_NOTHING_NEW, subject="math daily Subj-class mailing 301 1")

TRUNCATED_ARXIV: Final = mail(text=ARXIV[: ARXIV.index("This paper corrects")], subject="cs daily")

INNER: Final = mail(text=DIGEST, date="Tue, 10 Mar 2026 05:00:00 +0000")
ATTACHED: Final = (
    b"From: ann@example.org\r\nDate: Wed, 11 Mar 2026 09:00:00 +0000\r\nSubject: Fwd: digest\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: "
    b"text/plain\r\n\r\nsee attached\r\n--B\r\nContent-Type: message/rfc822\r\n"
    b"Content-Disposition: attachment\r\n\r\n" + INNER + b"\r\n--B--\r\n"
)
UNLABELLED: Final = (
    b"From: list@example.org\nDate: Wed, 11 Mar 2026 09:00:00 +0000\nSubject: digest\n"
    b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(DIGEST.replace("Ann", "Ren\xe9e").encode("latin-1"))
)
FOLDED: Final = wrapped(A_BODY, width=60)

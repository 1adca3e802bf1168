"""Mails as lists, alerts and colleagues send them: their structure is real, their text invented.

These were looked at while the readers were written; those of `held_out_mails` were not.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

A_BODY: Final = (
    "We study how networks of springs learn to open valves without being told. A rule that only "
    "looks at neighbouring springs is enough for nine of ten valves, and it needs no clock. "
    "Experiments with three sizes of networks show where it fails and why."
)
B_BODY: Final = (
    "Measuring the depth of snow from sounds alone is cheap and wrong on windy days. This paper "
    "corrects it by a model of the wind over the ridge, and tests that on four winters of records. "
    "The error falls from 31 cm to 9 cm, which is what a person with a pole achieves."
)
C_BODY: Final = (
    "Libraries shelve books by subject, and readers walk by colour. In a field study with 212 "
    "readers we moved nothing and painted everything, and found that books are found faster. "
    "The effect lasts for six weeks and is larger for novels."
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be read of a paper; ``key`` is its arXiv id, DOI or address."""

    title: str
    authors: tuple[str, ...] = ()
    key: str | None = None
    abstract: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail, and the papers in it; none where it has none and is refused."""

    content: bytes
    papers: tuple[Expected, ...] = ()
    date: str = "2026-03-11"


def mail(
    *,
    text: str | None = None,
    html: str | None = None,
    subject: str = "New papers",
    sender: str = "Alerts <alerts@example.org>",
    date: str = "Wed, 11 Mar 2026 06:12:00 +0000",
    cte: str = "quoted-printable",
    **headers: str,
) -> bytes:
    """Write a mail with a text part, an HTML part, or both as alternatives."""
    message = EmailMessage()
    message["Return-Path"] = "<bounces@example.org>"
    message["Received"] = "from mx.example.org by mail.example.org; Wed, 11 Mar 2026 06:12:09 +0000"
    message["From"] = sender
    message["To"] = "papers+digest-abcd@example.org"
    message["Subject"] = subject
    message["Date"] = date
    message["Message-ID"] = "<1.2.3@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text, cte=cte)
    if html is not None and text is not None:
        message.add_alternative(html, subtype="html", cte=cte)
    elif html is not None:
        message.set_content(html, subtype="html", cte=cte)
    return message.as_bytes()


# -- arXiv's listings -------------------------------------------------------------------------

_RULE: Final = "-" * 78
_PERCENTS: Final = "%%--" * 19 + "%%"


def wrapped(text: str, *, width: int = 78, indent: str = "") -> str:
    """Fold a text as arXiv does."""
    lines, line = [], indent
    for word in text.split():
        if len(line) + len(word) > width:
            lines.append(line.rstrip())
            line = ""
        line += word + " "
    return "\n".join([*lines, line.rstrip()])


def arxiv_record(
    identifier: str,
    title: str,
    authors: str,
    *,
    abstract: str | None = None,
    mark: str = "",
    revised: str = "",
    fields: str = "",
) -> str:
    """Write one record of a listing."""
    when = revised or "Date: Mon, 9 Mar 2026 17:58:02 GMT   (1201kb,D)"
    middle = f"\\\\\n{wrapped(abstract, indent='  ')}\n" if abstract else ""
    return (
        f"\\\\\narXiv:{identifier}{mark}\n{when}\n\nTitle: {title}\nAuthors: {authors}\n"
        f"Categories: cs.LG cs.AI\n{fields}{middle}"
        f"\\\\ ( https://arxiv.org/abs/{identifier} ,  1201kb)\n{_RULE}\n"
    )


_ARXIV_HEAD: Final = (
    f"{_RULE}\n{_RULE}\nSend any comments regarding submissions directly to submitter.\n{_RULE}\n"
    "Archives at http://arxiv.org/\nTo unsubscribe, e-mail To: cs@arXiv.org, Subject: cancel\n"
    f"{_RULE}\n Submissions to:\nArtificial Intelligence\nMachine Learning\n"
    " received from  Mon  9 Mar 26 18:00:00 GMT  to  Tue 10 Mar 26 18:00:00 GMT\n"
    f"{_RULE}\n{_RULE}\n"
)
_ARXIV_FOOT: Final = (
    "%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%\n"
    "For subscribe options to combined cs archives, e-mail To: cs@arxiv.org, Subject: subscribe\n"
    "-----\nFor help on viewing and printing papers, see http://arxiv.org/help/\n"
)
_ARXIV_NEW: Final = arxiv_record(
    "2603.01234",
    "Springs that learn: opening valves with local rules in networks that were\n  never trained",
    "Ann B. Example, Jos\\'e Mu\\~noz (Univ. of Tests, Germany) and Chen Placeholder",
    abstract=A_BODY,
    fields="Comments: 12 pages, 4 figures; code at\n  https://example.org/springs\n"
    "License: http://creativecommons.org/licenses/by/4.0/\n",
)
_ARXIV_CROSS: Final = arxiv_record(
    "2603.04321",
    "The depth of snow, heard",
    "D. Oe (1) and E. Fgh (1 and 2) ((1) Institute of Snow, Oslo, (2) Wind Lab)",
    abstract=B_BODY,
    mark=" (*cross-listing*)",
    fields="DOI: 10.1234/snow.2026.7\nJournal-ref: J. Ex. Snow 7 (2026) 12\n",
)
_ARXIV_REPLACED: Final = arxiv_record(
    "2511.00077",
    "Shelves by colour",
    "Gil Hij",
    revised="replaced with revised version Tue, 10 Mar 2026 09:00:00 GMT   (88kb)",
)
ARXIV: Final = f"{_ARXIV_HEAD}{_ARXIV_NEW}{_ARXIV_CROSS}{_PERCENTS}\n{_RULE}\n{_ARXIV_REPLACED}"
_ARXIV_PAPERS: Final = (
    Expected(
        "Springs that learn: opening valves with local rules in networks that were never trained",
        ("Ann B. Example", "José Muñoz", "Chen Placeholder"),
        "2603.01234",
        A_BODY,
    ),
    Expected("The depth of snow, heard", ("D. Oe", "E. Fgh"), "2603.04321", B_BODY),
    Expected("Shelves by colour", ("Gil Hij",), "2511.00077", ""),
)
_ARXIV_SUBJECT: Final = "cs daily Subj-class mailing 301 1"

# As a client sends it on: quoted, folded anew, without the double spaces, links doubled.
_ARXIV_QUOTED: Final = "\n".join(f"> {line}".rstrip() for line in ARXIV.splitlines())
_FORWARD: Final = (
    "Fyi, this list is what I meant.\n\n---------- Forwarded message ---------\n"
    "From: <no-reply@example.org>\nDate: Tue, Mar 10, 2026 at 2:03 AM\n"
    "Subject: cs daily Subj-class mailing 301 1\nTo: <list@example.org>\n\n\n"
)
_ARXIV_OLD: Final = (
    f"{_RULE}\n\\\\\nPaper: hep-th/9901001\nFrom: Kim Lmn <k@example.org>\n"
    f"Date: Fri, 1 Jan 1999 10:00:00 GMT   (12kb)\n\nTitle: On the strings of instruments\n"
    f"Author: Kim Lmn and Opa Qrs\nComments: 3 pages\nReport-no: X-99-1\n\\\\\n  {A_BODY}\n"
    f"\\\\ ( http://arXiv.org/abs/hep-th/9901001 ,  12kb)\n{_RULE}\n"
)

# -- Google Scholar ----------------------------------------------------------------------------


def scholar_item(
    title: str, url: str, line: str, snippet: str, *, kind: str = "", attributes: str = ""
) -> str:
    """Write one result of an alert."""
    mark = f'<span style="font-size:11px;font-weight:bold">[{kind}]</span> ' if kind else ""
    target = url.replace("&", "%26")
    return (
        f'<h3 style="font-weight:normal;margin:0;font-size:17px;line-height:20px;">{mark}'
        f'<a {attributes} href="https://scholar.google.com/scholar_url?url={target}&amp;hl=en&amp;'
        'sa=X&amp;d=1&amp;ei=x&amp;scisig=y&amp;oi=scholaralrt&amp;pos=0&amp;folt=kw-top" '
        f'class="gse_alrt_title" style="font-size:17px;color:#1a0dab;line-height:22px">{title}</a>'
        f'</h3><div style="color:#006621;line-height:18px">{line}</div>'
        f'<div class="gse_alrt_sni" style="line-height:17px">{snippet}</div>'
        '<div style="width:auto"><table cellpadding="0"><tbody><tr><td><a href="https://scholar.'
        'google.com/citations?hl=en&amp;update_op=email_library_add&amp;info=x"><img alt="Save">'
        '</a></td><td><a href="https://scholar.google.com/scholar_share?hl=en&amp;oi=scholaralrt'
        f'&amp;ss=tw&amp;url={target}&amp;rt=x"><img alt="Twitter"></a></td></tr></tbody></table>'
        "</div><br>"
    )


def scholar(*items: str, why: str = "[ spring networks ]") -> str:
    """Write an alert."""
    return (
        '<!doctype html><html><head><style>body{background:#fff}</style></head><body><div style="'
        'font-family:arial,sans-serif;font-size:13px;width:100%;max-width:600px"><h3 style="'
        f'font-weight:lighter;font-size:18px"></h3>{"".join(items)}</div><p>This message was sent '
        f"by Google Scholar because you're following new results for <b>{why}</b>.</p><p><a href="
        '"https://scholar.google.com/scholar_alerts?view_op=list_alerts&amp;hl=en">List alerts'
        '</a></p><p><a href="https://scholar.google.com/scholar_alerts?view_op=cancel_alert_options'
        '&amp;alert_id=x">Cancel alert</a></p></body></html>'
    )


_SCHOLAR: Final = scholar(
    scholar_item(
        "<b>Springs</b> that learn without a clock",
        "https://arxiv.org/pdf/2603.01234",
        "AB Example, J Muñoz, C Placeholder… - arXiv preprint arXiv:2603.01234, 2026",
        "We study how networks of <b>springs</b> learn to open valves without being told. <br>"
        "A rule that only looks at neighbouring …",
        kind="PDF",
    ),
    scholar_item(
        "The depth of snow, heard: A review",
        "https://www.sciencedirect.com/science/article/pii/S0012345626000123&casa_token=x",
        "D Oe, E Fgh - Journal of Example Snow, 2026",
        "… the depth of snow from sounds alone is cheap and wrong on windy days …",
        kind="HTML",
    ),
    scholar_item(
        "Paint and the reader's eye",
        "https://link.springer.com/article/10.1234/s00123-026-0042-1",
        "G Hij - Shelves, 2026 - Springer",
        "",
        attributes='data-x="1"',
    ),
)
_SCHOLAR_PAPERS: Final = (
    Expected(
        "Springs that learn without a clock",
        ("A. B. Example", "J. Muñoz", "C. Placeholder"),
        "2603.01234",
    ),
    Expected(
        "The depth of snow, heard: A review",
        ("D. Oe", "E. Fgh"),
        "https://www.sciencedirect.com/science/article/pii/S0012345626000123&casa_token=x",
    ),
    Expected("Paint and the reader's eye", ("G. Hij",), "10.1234/s00123-026-0042-1"),
)

# -- PubMed ------------------------------------------------------------------------------------

_PUBMED_HEAD: Final = (
    "This message contains My NCBI what's new results from the National Center for Biotechnology\n"
    "Information (NCBI) at the U.S. National Library of Medicine (NLM).\nDo not reply directly to "
    "this message.\n\nSent on Wednesday, 2026 March 11\nSearch: sleep AND springs\n\n"
    "View complete results in PubMed (results may change over time).\n"
    "Edit saved search settings, or unsubscribe from these e-mail updates.\n\n"
)
PUBMED_ABSTRACT: Final = (
    f"{_PUBMED_HEAD}PubMed Results\nItems 1 - 2 of 2\n\n"
    "1. J Ex Sleep. 2026 Mar 9;12(3):101-9. doi: 10.1234/jes.2026.0101. Online ahead of print.\n\n"
    "Sleep on springs: a randomised trial of\nmattresses in two cities.\n\n"
    "Example AB(1), Muñoz J(2), Placeholder C(1)(2).\n\n"
    "Author information:\n(1)Department of Rest, University of Tests, Berlin, Germany.\n"
    "(2)Institute of Beds, Madrid, Spain.\n\n"
    f"BACKGROUND: Nobody knows.\nMETHODS: {A_BODY}\n\nRESULTS: {B_BODY}\n\n"
    "© 2026 Example Society of Sleep.\n\n"
    "DOI: 10.1234/jes.2026.0101\nPMID: 41000001\n\nConflict of interest statement: None.\n\n\n"
    "2. Beds. 2026 Feb;7(2):5. doi: 10.1234/beds.5.\n\n"
    "Dreams of shelves.\n\nHij G(1).\n\nAuthor information:\n(1)Library of Tests.\n\n"
    f"{C_BODY}\n\nDOI: 10.1234/beds.5\nPMCID: PMC9000002\nPMID: 41000002 [Indexed for MEDLINE]\n"
)
_PUBMED_ABSTRACT_PAPERS: Final = (
    Expected(
        "Sleep on springs: a randomised trial of mattresses in two cities",
        ("A. B. Example", "J. Muñoz", "C. Placeholder"),
        "10.1234/jes.2026.0101",
        f"BACKGROUND: Nobody knows. METHODS: {A_BODY} RESULTS: {B_BODY}",
    ),
    Expected("Dreams of shelves", ("G. Hij",), "10.1234/beds.5", C_BODY),
)
PUBMED_SUMMARY: Final = (
    f"{_PUBMED_HEAD}PubMed Results\nItems 1 - 2 of 2\n\n"
    "1: Example AB, Muñoz J, Placeholder C. Sleep on springs: a randomised trial of\n"
    "mattresses in two cities. J Ex Sleep. 2026 Mar 9;12(3):101-9. doi:\n"
    "10.1234/jes.2026.0101. Epub ahead of print. PMID: 41000001.\n\n"
    "2: Hij G. Do shelves dream? Beds. 2026 Feb;7(2):5. doi: 10.1234/beds.5. PMID: 41000002;\n"
    "PMCID: PMC9000002.\n"
)
_PUBMED_SUMMARY_PAPERS: Final = (
    Expected(
        "Sleep on springs: a randomised trial of mattresses in two cities",
        ("A. B. Example", "J. Muñoz", "C. Placeholder"),
        "10.1234/jes.2026.0101",
    ),
    Expected("Do shelves dream?", ("G. Hij",), "10.1234/beds.5"),
)


def pubmed_html(*items: str) -> str:
    """Write an alert of the new PubMed."""
    return (
        "<html><body><p>This message contains My NCBI what's new results from the National Center "
        "for Biotechnology Information (NCBI).<br>Do not reply directly to this message.</p><p>"
        "Sent on Wednesday, 2026 March 11<br>Search: <b>sleep AND springs</b></p><p><a href="
        '"https://pubmed.ncbi.nlm.nih.gov/?term=sleep">View complete results</a> in PubMed (results'
        ' may change over time).<br><a href="https://www.ncbi.nlm.nih.gov/sites/myncbi/searches/'
        'edit/1/">Edit saved search settings</a>, or <a href="https://www.ncbi.nlm.nih.gov/sites/'
        'myncbi/searches/unsubscribe/1/">unsubscribe</a> from these e-mail updates.</p><h2>PubMed '
        f"Results</h2><p>Items 1 - {len(items)} of {len(items)}</p><table>{''.join(items)}</table>"
        "</body></html>"
    )


def pubmed_item(
    number: int, pmid: str, *, title: str, authors: str, journal: str, rest: str = ""
) -> str:
    """Write one citation of it."""
    return (
        f'<tr><td valign="top">{number}.</td><td><div><a href="https://pubmed.ncbi.nlm.nih.gov/'
        f'{pmid}/?utm_source=no_user_agent&amp;utm_medium=email">{title}</a></div><div>{authors}'
        f"</div><div>{journal}</div><div>PMID: {pmid} &nbsp; <a href='https://pubmed.ncbi.nlm.nih."
        f"gov/?linkname=pubmed_pubmed&amp;from_uid={pmid}'>Similar articles</a></div>{rest}"
        "</td></tr>"
    )


_PUBMED_HTML: Final = pubmed_html(
    pubmed_item(
        1,
        "41000001",
        title="Sleep on <b>springs</b>: a randomised trial of mattresses in two cities.",
        authors="Example AB, Muñoz J, Placeholder C.",
        journal="J Ex Sleep. 2026 Mar 9;12(3):101-9. doi: 10.1234/jes.2026.0101. Epub ahead of "
        "print.",
        rest=f"<div><b>BACKGROUND:</b> Nobody knows.<br><b>METHODS:</b> {A_BODY}</div>",
    ),
    pubmed_item(
        2,
        "41000002",
        title="Dreams of shelves.",
        authors="Hij G.",
        journal="Beds. 2026 Feb;7(2):5.",
        rest="<div>Free PMC article</div><div>NO ABSTRACT AVAILABLE</div>",
    ),
)
_PUBMED_HTML_PAPERS: Final = (
    Expected(
        "Sleep on springs: a randomised trial of mattresses in two cities",
        ("A. B. Example", "J. Muñoz", "C. Placeholder"),
        "10.1234/jes.2026.0101",
        f"BACKGROUND: Nobody knows. METHODS: {A_BODY}",
    ),
    Expected("Dreams of shelves", ("G. Hij",), "https://pubmed.ncbi.nlm.nih.gov/41000002/", ""),
)

# -- Journals ----------------------------------------------------------------------------------

_FOOTER: Final = (
    '<p><a href="https://example.org/unsubscribe?u=1">Unsubscribe</a> | <a href="https://'
    'example.org/prefs">Manage your preferences</a> | <a href="https://twitter.com/example">'
    "Follow us on Twitter</a></p><p>You get this because you registered for alerts. Example "
    "Publishing, 1 Test Street, Berlin. All rights reserved.</p>"
)

NATURE_LIKE: Final = (
    '<html><body><table><tr><td><a href="https://www.nature.com/natex">View this email in your '
    "browser</a></td></tr><tr><td><h1>Nature Examples</h1><p>Table of contents, March 2026</p>"
    '<a href="https://www.nature.com/natex/volumes/7/issues/3">Volume 7, Issue 3</a></td></tr>'
    "<tr><td><h2>Articles</h2></td></tr>"
    '<tr><td><h3><a href="https://www.nature.com/articles/s41999-026-0001-2?utm_source=x&amp;'
    'WT.ec_id=NATEX">Springs that learn without a clock</a></h3><p>Ann B. Example, José Muñoz &amp;'
    " Chen Placeholder</p><p>Article | 10 March 2026</p></td></tr>"
    '<tr><td><h3><a href="https://www.nature.com/articles/s41999-026-0002-3?utm_source=x">The depth'
    " of snow, heard</a></h3><p>D. Oe &amp; E. Fgh</p><p>Article | 9 March 2026</p>"
    f"<p>{B_BODY}</p></td></tr></table>{_FOOTER}</body></html>"
)
_NATURE_PAPERS: Final = (
    Expected(
        "Springs that learn without a clock",
        ("Ann B. Example", "José Muñoz", "Chen Placeholder"),
        "https://www.nature.com/articles/s41999-026-0001-2",
    ),
    Expected(
        "The depth of snow, heard",
        ("D. Oe", "E. Fgh"),
        "https://www.nature.com/articles/s41999-026-0002-3",
        B_BODY,
    ),
)

WILEY_LIKE: Final = (
    '<html><body><div><a href="https://el.example.org/ls/click?upn=abc">View in browser</a></div>'
    "<h1>Journal of Example Snow</h1><p>Early View Alert</p>"
    '<div><p>RESEARCH ARTICLE</p><p><a href="https://el.example.org/click?url=https%3A%2F%2Fonline'
    'library.wiley.com%2Fdoi%2F10.1234%2Fsnow.20260017%3Fcampaign%3Dx&amp;id=9">The depth of snow, '
    "heard</a></p><p>D. Oe, E. Fgh</p><p>First Published: 09 March 2026</p>"
    '<p><a href="https://el.example.org/click?url=https%3A%2F%2Fonlinelibrary.wiley.com%2Fdoi%2F'
    'abs%2F10.1234%2Fsnow.20260017">Abstract</a> | <a href="https://el.example.org/click?url='
    'https%3A%2F%2Fonlinelibrary.wiley.com%2Fdoi%2Fpdf%2F10.1234%2Fsnow.20260017">PDF</a> | '
    '<a href="https://el.example.org/x">Request permissions</a></p></div>'
    '<div><p>REVIEW</p><p><a href="https://el.example.org/click?url=https%3A%2F%2Fonlinelibrary.'
    'wiley.com%2Fdoi%2F10.1234%2Fsnow.20260018">Wind over ridges: what four winters say</a></p>'
    "<p>José Muñoz</p><p>First Published: 10 March 2026</p></div>"
    f"{_FOOTER}</body></html>"
)
_WILEY_PAPERS: Final = (
    Expected("The depth of snow, heard", ("D. Oe", "E. Fgh"), "10.1234/snow.20260017"),
    Expected("Wind over ridges: what four winters say", ("José Muñoz",), "10.1234/snow.20260018"),
)

BIORXIV_LIKE: Final = (
    "<html><body><p>bioRxiv Subject Collection Alert</p><p>A new set of preprints in Neuroscience "
    "has been posted.</p><ul>"
    '<li><a href="http://biorxiv.org/cgi/content/short/2026.03.09.640001v1?rss=1">Springs in the '
    "ear: valves that hear</a><br>Example, A. B., Munoz, J., Placeholder, C.<br>"
    "doi: https://doi.org/10.1101/2026.03.09.640001</li>"
    '<li><a href="https://www.biorxiv.org/content/10.1101/2026.03.10.640002v1?ct">Counting neurons '
    "of snow fleas</a><br>Oe, D.<br>doi: https://doi.org/10.1101/2026.03.10.640002</li></ul>"
    f"{_FOOTER}</body></html>"
)
_BIORXIV_PAPERS: Final = (
    Expected(
        "Springs in the ear: valves that hear",
        ("A. B. Example", "J. Munoz", "C. Placeholder"),
        "10.1101/2026.03.09.640001",
    ),
    Expected("Counting neurons of snow fleas", ("D. Oe",), "10.1101/2026.03.10.640002"),
)

# -- Newsletters -------------------------------------------------------------------------------

DIGEST: Final = (
    "NEW\nGet trending papers in your email inbox!\n\nby Ann Example\n\nMar 10\n\n"
    f"Springs that learn without a clock\n\n{A_BODY}\n\nThe depth of snow, heard\n\n{B_BODY}\n"
)
_DIGEST_PAPERS: Final = (
    Expected("Springs that learn without a clock", abstract=A_BODY),
    Expected("The depth of snow, heard", abstract=B_BODY),
)

TUNED: Final[dict[str, Sample]] = {
    "arXiv, as it comes": Sample(
        mail(text=ARXIV + _ARXIV_FOOT, subject=_ARXIV_SUBJECT), _ARXIV_PAPERS
    ),
    "arXiv, forwarded and quoted": Sample(
        mail(text=_FORWARD + _ARXIV_QUOTED, subject=f"Fwd: {_ARXIV_SUBJECT}", cte="8bit"),
        _ARXIV_PAPERS,
        "2026-03-10",
    ),
    "Scholar": Sample(
        mail(html=_SCHOLAR, subject="[ spring networks ] - new results"), _SCHOLAR_PAPERS
    ),
    "PubMed, abstracts": Sample(
        mail(text=PUBMED_ABSTRACT, subject="What's new for 'sleep AND springs' in PubMed"),
        _PUBMED_ABSTRACT_PAPERS,
    ),
    "PubMed, summaries": Sample(
        mail(text=PUBMED_SUMMARY, subject="What's new for 'sleep AND springs' in PubMed"),
        _PUBMED_SUMMARY_PAPERS,
    ),
    "PubMed, HTML": Sample(
        mail(text=_PUBMED_HEAD, html=_PUBMED_HTML, subject="What's new for 'x' in PubMed"),
        _PUBMED_HTML_PAPERS,
    ),
    "a journal with abstracts here and there": Sample(
        mail(text="Nature Examples\n\nView online", html=NATURE_LIKE), _NATURE_PAPERS
    ),
    "a journal behind redirects": Sample(mail(html=WILEY_LIKE), _WILEY_PAPERS),
    "bioRxiv": Sample(mail(html=BIORXIV_LIKE), _BIORXIV_PAPERS),
    "digest text": Sample(mail(text=DIGEST), _DIGEST_PAPERS, "2026-03-10"),
    "digest text, forwarded": Sample(
        mail(text=_FORWARD + DIGEST + "\n-- \nAnn\n", subject="Fwd: papers"),
        _DIGEST_PAPERS,
        "2026-03-10",
    ),
}

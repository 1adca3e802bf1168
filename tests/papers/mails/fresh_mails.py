"""More mails, written when the readers were done, to see what they make of what they never saw."""

from __future__ import annotations

from typing import Final

from sample_mails import A_BODY, B_BODY, C_BODY, DIGEST, Expected, Sample, arxiv_record, mail

_SPRINGS: Final = "Springs that learn without a clock"
_SNOW: Final = "The depth of snow, heard"
_SHELVES: Final = "Shelves by colour: a field study"


def _p(title: str, *authors: str, key: str | None = None, abstract: str = "") -> Expected:
    return Expected(title, authors, key, abstract)


_CELL: Final = (
    "<html><body><table><tr><td><img alt='Cell Examples'></td></tr><tr><td><p>Online Now</p></td>"
    "</tr><tr><td><table><tr><td><p><b>Articles</b></p></td></tr><tr><td><a href='https://www.cell."
    "com/example/fulltext/S0092-8674(26)00123-4?dgcid=raven_jbs_etoc_email'><b>"
    f"{_SPRINGS}</b></a></td></tr><tr><td>Ann B. Example, José Muñoz, Chen "
    f"Placeholder</td></tr><tr>"
    "<td>Published online: March 9, 2026</td></tr><tr><td><a href='https://www.cell.com/example/"
    "fulltext/S0092-8674(26)00123-4'>Full-Text HTML</a> | <a href='https://www.cell.com/action/"
    "showPdf?pii=S0092-8674(26)00123-4'>PDF</a></td></tr><tr><td><a href='https://www.cell.com/"
    "example/fulltext/S0092-8674(26)00124-6?dgcid=raven_jbs_etoc_email'><b>"
    f"{_SNOW}</b></a></td></tr><tr><td>Dana Oersted, Eve Fghan</td></tr><tr><td>In brief: {B_BODY}"
    "</td></tr></table></td></tr></table><p>Copyright © 2026 Example Inc. All rights reserved.</p>"
    "</body></html>"
)
_ACS: Final = (
    "<html><body><div>ACS Example Letters: Articles ASAP alert</div><div><div><a href='https://"
    "pubs.acs.org/doi/10.1021/acsexlett.6c00001?ref=asap'>[ASAP] Springs of <i>n</i>-C<sub>8</sub>"
    "H<sub>18</sub></a></div><div>Chen Placeholder, Dana Oersted, and Eve "
    "Fghan</div><div>Publication"
    " Date (Web): March 10, 2026 (Letter)</div><div>DOI: 10.1021/acsexlett.6c00001</div></div><div>"
    "<div><a href='https://pubs.acs.org/doi/10.1021/acsexlett.6c00002?ref=asap'>Snow on "
    "Gold(111)</a>"
    "</div><div>Gil Hijkl</div><div>Publication Date (Web): March 10, 2026 "
    "(Article)</div><div>DOI: "
    "10.1021/acsexlett.6c00002</div></div></body></html>"
)
_MEDRXIV: Final = (
    "<html><body><p>medRxiv, new results matching your search</p><div><p><span "
    "class='highwire-cite-"
    "title'><a "
    "href='https://www.medrxiv.org/content/10.64898/2026.03.08.26340001v1?papetoc='>Sleep on"
    " springs in two cities</a></span></p><p><span>Ann B. Example</span>, <span>José "
    "Muñoz</span></p>"
    "<p>medRxiv 2026.03.08.26340001; doi: https://doi.org/10.64898/2026.03.08.26340001</p></div>"
    "<div><p><a "
    "href='https://www.medrxiv.org/content/10.64898/2026.03.09.26340002v2?papetoc='>Paint "
    "and the reading of children</a></p><p><span>Gil Hijkl</span></p><p>medRxiv "
    "2026.03.09.26340002; "
    "doi: https://doi.org/10.64898/2026.03.09.26340002</p></div><p>You received this email because "
    "you signed up.</p></body></html>"
)
_BLOG: Final = (
    "<html><body><h1>Weekly reading of the Example Lab</h1><p>Hi everyone, two papers this "
    "week.</p>"
    f"<h2><a href='https://arxiv.org/abs/2603.09001v2'>1. {_SPRINGS}</a></h2><p><em>Ann B. "
    f"Example, "
    f"Chen Placeholder</em></p><p>{A_BODY}</p><p><a href='https://lab.example.org/notes/1'>Our "
    f"notes "
    f"on this one</a></p><h2><a href='https://arxiv.org/abs/2603.09002'>2. "
    f"{_SNOW}</a></h2><p><em>Dana "
    f"Oersted</em></p><p>{B_BODY}</p><hr><p>See you on Friday! Example Lab</p></body></html>"
)
_MARKED_HEADINGS: Final = (
    "<html><body><p>Daily papers</p>"
    f"<h3>{_SPRINGS}</h3><p>{A_BODY}</p><p><a href='https://arxiv.org/abs/2603.09101'>Read the "
    f"paper"
    f"</a></p><h3>{_SNOW}</h3><p>{B_BODY}</p><p><a href='https://arxiv.org/abs/2603.09102'>Read "
    f"the "
    "paper</a></p></body></html>"
)
_SAFELINKS: Final = (
    "<html><body><p>From: Alerts &lt;alerts@example.org&gt;<br>Sent: 10 March 2026 08:12<br>To: "
    "Ann "
    "Example<br>Subject: New in Example Physics</p><p><a href='https://eur01.safelinks.protection."
    "outlook.com/?url=https%3A%2F%2Fjournals.aps.org%2Fprl%2Fabstract%2F10.1103%2Fexample.136.100001"
    f"&amp;data=05%7C&amp;reserved=0'>{_SPRINGS}</a><br>Ann B. Example, Chen Placeholder, and José "
    "Muñoz<br>Example Phys. Lett. 136, 100001 (2026) – Published 9 March, 2026</p><p><a "
    "href='https://"
    "eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fjournals.aps.org%2Fprl%2Fabstract%2F"
    f"10.1103%2Fexample.136.100002&amp;data=05%7C&amp;reserved=0'>{_SNOW}</a><br>Dana Oersted "
    f"and Eve "
    "Fghan<br>Example Phys. Lett. 136, 100002 (2026) – Published 9 March, 2026</p></body></html>"
)
_CHINESE: Final = (
    "<html><body><p>今日论文</p><p><a href='https://arxiv.org/abs/2603.09201'>无时钟学习的弹簧网络</a>"
    "</p><p>我们研究了弹簧网络如何在没有指示的情况下学习打开阀门。只观察相邻弹簧的规则对十个阀门中的九个就足够了,"
    "而且不需要时钟。三种规模网络的实验表明了它在哪里失败以及为什么失败。</p><p><a href='https://arxiv.org/abs/"
    "2603.09202'>听见雪的深度</a></p><p>仅凭声音测量雪深既便宜又在大风天出错。本文用山脊上的风模型对其进行校正,"
    "并用四个冬天的记录进行检验。误差从三十一厘米降至九厘米。</p></body></html>"
)
_ARXIV_FLAT: Final = (
    "Forwarding today's list\n\n-------- Original Message --------\nSubject: cs daily\nDate: "
    "2026-03-10 "
    "02:11\nFrom: no-reply@example.org\nTo: list@example.org\n\n"
    + "\n".join(
        line.strip()
        for line in (
            arxiv_record(
                "2603.09301",
                _SPRINGS + " and a very\n  long tail of words that is folded",
                "Ann B. Example,\n  Chen Placeholder",
                abstract=A_BODY,
            )
            + arxiv_record(
                "2603.09302",
                'On $\\ell_1$ snow: {\\"u}ber alles',
                "Dana Oersted",
                abstract=B_BODY,
                fields="Comments: Withdrawn? No.\n",
                mark=" (*cross-listing*)",
            )
        ).splitlines()
    )
)
_MARKDOWN_LIST: Final = (
    "Hello,\n\nthe list of today is below.\n\n---------- Forwarded message ----------\nFrom: "
    "Digest "
    "<d@example.org>\nDate: Tue, 10 Mar 2026 07:00\nSubject: Papers\nTo: x@example.org\n\n"
    + DIGEST
    + '\n--\nYou received this message because you are subscribed to the Google Groups "x" group.\n'
)
_PUBMED_PLAIN: Final = (
    "This message contains My NCBI what's new results from the National Center for\nBiotechnology "
    "Information (NCBI) at the U.S. National Library of Medicine (NLM).\n\nPubMed Results\nItem "
    "1 of 1"
    "\n\n1. Nat Ex (Lond). 2026 Mar 10. doi: 10.1038/s41999-026-00077-1. Online ahead "
    "of\nprint.\n\n"
    "Effects of COVID-19 on reading: are shelves safe?\n\nvan der Example A(1), O'Placeholder "
    "BC(2), "
    "Hijkl G 3rd(1), Muñoz-Oersted J(2); Shelf\nStudy Group.\n\nCollaborators: Doe J, Roe "
    "R.\n\nAuthor "
    "information:\n(1)Library of Tests, London, UK. a@example.org.\n(2)Institute, "
    "Paris.\n\nIMPORTANCE:"
    f" Readers differ.\n\nOBSERVATIONS: {C_BODY}\n\n© 2026. The Author(s).\n\nDOI: "
    f"10.1038/s41999-026-"
    "00077-1\nPMID: 41000077\n"
)
_NO_LINKS_NATURE: Final = (
    "<html><body><h1>Nature Examples</h1><table>"
    f"<tr><td><a "
    f"href='https://links.example.org/els/v2/aaa/bbb/ccc'>{_SPRINGS}</a></td></tr><tr><td>Ann"
    " B. Example, Chen Placeholder</td></tr>"
    f"<tr><td><a "
    f"href='https://links.example.org/els/v2/aaa/bbb/ddd'>{_SNOW}</a></td></tr><tr><td>Dana "
    "Oersted &amp; Eve Fghan</td></tr><tr><td><a "
    "href='https://links.example.org/els/v2/x/y/z'>Manage "
    "my subscriptions here</a></td></tr></table></body></html>"
)
_SCHOLAR_AUTHOR: Final = (
    "<div><h3><a "
    "href='https://scholar.google.de/scholar_url?url=https://www.biorxiv.org/content/10.1101/"
    "2026.03.01.640009v1.abstract&amp;hl=de&amp;sa=X' class='gse_alrt_title'>Counting fleas: on "
    "the "
    "number of <b>fleas</b></a></h3><div>D Oersted, <b>E Fghan</b>, GH Hijkl… - bioRxiv, 2026 - "
    "biorxiv.org</div><div class='gse_alrt_sni'>Fleas were counted on three <b>mountains</b> "
    "over two "
    "winters by a new&nbsp;…</div></div><p>Diese Nachricht wurde von Google Scholar gesendet</p>"
)

FRESH: Final[dict[str, Sample]] = {
    "cells of a table": Sample(
        mail(html=_CELL),
        (
            _p(
                _SPRINGS,
                "Ann B. Example",
                "José Muñoz",
                "Chen Placeholder",
                key="https://www.cell.com/example/fulltext/S0092-8674(26)00123-4",
            ),
            _p(
                _SNOW,
                "Dana Oersted",
                "Eve Fghan",
                key="https://www.cell.com/example/fulltext/S0092-8674(26)00124-6",
                abstract=f"In brief: {B_BODY}",
            ),
        ),
    ),
    "ACS": Sample(
        mail(html=_ACS),
        (
            _p(
                "Springs of n-C₈H₁₈",
                "Chen Placeholder",
                "Dana Oersted",
                "Eve Fghan",
                key="10.1021/acsexlett.6c00001",
            ),
            _p("Snow on Gold(111)", "Gil Hijkl", key="10.1021/acsexlett.6c00002"),
        ),
    ),
    "medRxiv": Sample(
        mail(html=_MEDRXIV),
        (
            _p(
                "Sleep on springs in two cities",
                "Ann B. Example",
                "José Muñoz",
                key="10.64898/2026.03.08.26340001",
            ),
            _p(
                "Paint and the reading of children", "Gil Hijkl", key="10.64898/2026.03.09.26340002"
            ),
        ),
    ),
    "a lab's reading": Sample(
        mail(html=_BLOG),
        (
            _p(_SPRINGS, "Ann B. Example", "Chen Placeholder", key="2603.09001", abstract=A_BODY),
            _p(_SNOW, "Dana Oersted", key="2603.09002", abstract=B_BODY),
        ),
    ),
    "headings and links to read on": Sample(
        mail(html=_MARKED_HEADINGS),
        (
            _p(_SPRINGS, key="2603.09101", abstract=A_BODY),
            _p(_SNOW, key="2603.09102", abstract=B_BODY),
        ),
    ),
    "behind safe links": Sample(
        mail(html=_SAFELINKS),
        (
            _p(
                _SPRINGS,
                "Ann B. Example",
                "Chen Placeholder",
                "José Muñoz",
                key="10.1103/example.136.100001",
            ),
            _p(_SNOW, "Dana Oersted", "Eve Fghan", key="10.1103/example.136.100002"),
        ),
        "2026-03-10",
    ),
    "in Chinese": Sample(
        mail(html=_CHINESE, cte="base64"),
        (
            _p(
                "无时钟学习的弹簧网络",
                key="2603.09201",
                abstract="我们研究了弹簧网络如何在没有指示的情况下学习打开阀门。只观察相邻弹簧的规则对十个阀门中的九个就足够了,"
                "而且不需要时钟。三种规模网络的实验表明了它在哪里失败以及为什么失败。",
            ),
            _p(
                "听见雪的深度",
                key="2603.09202",
                abstract="仅凭声音测量雪深既便宜又在大风天出错。本文用山脊上的风模型对其进行校正,"
                "并用四个冬天的记录进行检验。误差从三十一厘米降至九厘米。",
            ),
        ),
    ),
    "arXiv without its white space": Sample(
        mail(text=_ARXIV_FLAT),
        (
            _p(
                _SPRINGS + " and a very long tail of words that is folded",
                "Ann B. Example",
                "Chen Placeholder",
                key="2603.09301",
                abstract=A_BODY,
            ),
            _p("On $\\ell_1$ snow: über alles", "Dana Oersted", key="2603.09302", abstract=B_BODY),
        ),
        "2026-03-10",
    ),
    "digest text through a group": Sample(
        mail(text=_MARKDOWN_LIST),
        (
            _p(_SPRINGS, abstract=A_BODY),
            _p(_SNOW, abstract=B_BODY),
        ),
        "2026-03-10",
    ),
    "PubMed, all that a citation may have": Sample(
        mail(text=_PUBMED_PLAIN),
        (
            _p(
                "Effects of COVID-19 on reading: are shelves safe?",
                "A. van der Example",
                "B. C. O'Placeholder",
                "G. Hijkl III",
                "J. Muñoz-Oersted",
                "Shelf Study Group",
                key="10.1038/s41999-026-00077-1",
                abstract=f"IMPORTANCE: Readers differ. OBSERVATIONS: {C_BODY}",
            ),
        ),
    ),
    "a journal behind closed redirects": Sample(
        mail(html=_NO_LINKS_NATURE),
        (
            _p(_SPRINGS, "Ann B. Example", "Chen Placeholder"),
            _p(_SNOW, "Dana Oersted", "Eve Fghan"),
        ),
    ),
    "Scholar, an author's": Sample(
        mail(html=_SCHOLAR_AUTHOR),
        (
            _p(
                "Counting fleas: on the number of fleas",
                "D. Oersted",
                "E. Fghan",
                "G. H. Hijkl",
                key="10.1101/2026.03.01.640009",
            ),
        ),
    ),
}

_TEAM: Final = (
    "Notes of Monday\n\nAnn told us about the new springs that arrived from Oslo, and that they "
    "fit "
    "the old valves although they are a bit longer. We agreed to test them next week in the "
    "basement."
    "\n\nNext steps\n\nChen orders six more of them and writes down which ones broke, so that "
    "Gil can "
    "compare them with those of last year. Dana repairs the scale, which shows two grams too "
    "much.\n"
)
NOT_PAPERS: Final[dict[str, bytes]] = {
    "a paper that a colleague mentions": mail(
        subject="seen?",
        html="<html><body><p>Hi! Have you seen <a href='https://arxiv.org/abs/2603.01234'>this new "
        "paper on springs</a>? I like it.</p><p>Best, Ann</p></body></html>",
    ),
    "a bare link": mail(
        subject="fyi",
        text="https://arxiv.org/abs/2603.01234\n\nLooks good, I shall read it soon.\n",
    ),
    "news": mail(
        subject="Nature Briefing",
        html="<html><body><p>Hello readers, today we hear of snow.</p><h2><a href='https://www.nature."
        "com/articles/d41586-026-00001-1'>Snow hears better than we thought</a></h2><p>Snow that "
        "falls "
        f"on ridges tells its depth. {B_BODY} (Nature | 5 min read)</p><h2><a href='https://www."
        "example.com/news/springs-2026'>Springs are back in fashion in Oslo</a></h2><p>Old "
        "mattresses "
        "sell well. (The Example | 3 min read)</p></body></html>",
    ),
    "minutes of a meeting": mail(subject="Notes", text=_TEAM),
    "jobs": mail(
        subject="Jobs for you",
        html="<html><body><h1>12 new jobs</h1><p><a href='https://jobs.example.org/1'>Postdoc "
        "in the physics of springs (f/m/d)</a></p><p>University of Tests, Berlin</p><p><a "
        "href='https://jobs."
        "example.org/2'>PhD student, snow</a></p><p>Institute of Snow, Oslo</p><p><a href="
        "'https://jobs.example.org/all'>All jobs</a></p></body></html>",
    ),
    "who cited a reader": mail(
        subject="Ann, you have new citations",
        html="<html><body><p>Your research was cited 3 times last week</p><p><a href='https://social."
        "example.org/publication/1_Springs_that_learn'>Springs that learn without a "
        "clock</a></p><p>"
        "Cited by: Dana Oersted</p><p><a "
        "href='https://social.example.org/u'>Unsubscribe</a></p>"
        "</body></html>",
    ),
    "a receipt": mail(
        subject="Your order",
        text="Order 17\n\nThank you for your order of one pole for measuring snow. It is shipped "
        "on Thursday and arrives within five days; the invoice is attached to it as a file.\n",
    ),
    "a review request": mail(
        subject="Invitation to review manuscript EX-2026-17",
        html="<html><body><p>Dear Dr Example,</p><p>You have been invited to review:</p><p><b>"
        "Springs that learn without a clock</b></p><p>Chen Placeholder, Dana Oersted</p><p>"
        f"{A_BODY}</p><p><a href='https://review.example.org/accept?id=1'>Agree to review "
        "this manuscript</a></p><p><a href='https://review.example.org/decline?id=1'>Decline to "
        "review this "
        "manuscript</a></p></body></html>",
    ),
}
"""Mails that have no papers, or none that is certain, and must be refused."""

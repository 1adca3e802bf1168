"""Mails of papers that are bad for their parser; a table for `papers_parsers`."""

from __future__ import annotations

from typing import Final

from linear import Maker, numbered, repeated


def _mail(kind: str, body: str) -> str:
    return (
        "From: a@example.org\nDate: Wed, 11 Mar 2026 06:00:00 +0000\nSubject: x\n"
        f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n{body}"
    )


def in_mail(unit: str, *, kind: str = "plain", before: str = "", after: str = "") -> Maker:
    """Return a maker of mails with many units in their text."""
    return repeated(unit, before=_mail(kind, before), after=after)


ARXIV_RULE: Final = "-" * 78
SCHOLAR_LINK: Final = (
    "<a class=gse_alrt_title href='https://scholar.google.com/scholar_url?url=https://x.org/a'>"
)

MAILS: Final[dict[str, Maker]] = {
    "records of arXiv": numbered(
        "\\\\\narXiv:2603.01234\nTitle: t{}\nAuthors: A B\n\\\\\n  a\n"
        "\\\\ ( https://arxiv.org/abs/2603.01234 , 1kb)\n",
        before=_mail("plain", ""),
    ),
    "records that never end": in_mail("\\\\\narXiv:2603.01234\n"),
    "one record that never ends": in_mail(
        "Title: a\n", before="\\\\\narXiv:2603.01234\n", after="x"
    ),
    "slashes": in_mail("\\\\\n", before="\\\\\narXiv:2603.01234\n"),
    "authors of arXiv": in_mail(
        "A B (", before="\\\\\narXiv:2603.01234\nTitle: t\nAuthors: ", after="\n\\\\ ( https://a"
    ),
    "an abstract of short lines": in_mail(
        "a-\n", before="\\\\\narXiv:2603.01234\nTitle: t\n\\\\\n", after="\\\\ ( https://a"
    ),
    "quotes": in_mail("> "),
    "quotes in lines": in_mail("> > > > a\n"),
    "headers of forwarding": in_mail("From: a\nDate: 10 March 2026\nTo: b\nSubject: c\n\n"),
    "announced forwarding": in_mail("---- Forwarded message ----\nFrom: a\nTo: b\n\n"),
    "rules": in_mail("_" * 40 + "\n"),
    "rules of one line": in_mail("_"),
    "citations of PubMed": numbered(
        "{}. J Ex. 2026 Mar;1:1.\n\nA title.\n\nDoe J, Roe R.\n\nPMID: 1\n\n",
        before=_mail("plain", "PubMed Results\n"),
    ),
    "citations without PMID": in_mail("1. A b. C. 2026;\n", before="PubMed Results\n"),
    "one citation of points": in_mail(
        "a. ", before="PubMed Results\n1. Doe J. ", after="2026;\nPMID: 1\n"
    ),
    "one citation of names": in_mail(
        "Doe J, ", before="PubMed Results\n1. ", after="Roe R. A title. J Ex. 2026;1. PMID: 1\n"
    ),
    "a list of papers": numbered(
        "<p><a href='https://doi.org/10.1234/{}'>A title of number {}</a></p><p>Ann B, Bob C</p>",
        before=_mail("html", ""),
    ),
    "titles of one link": in_mail(
        "<p><a href='https://doi.org/10.1234/a'>A title of it</a></p>", kind="html"
    ),
    "links in one line": in_mail("<a href='https://doi.org/10.1234/a'>A</a> b ", kind="html"),
    "a link around lines": in_mail(
        "<p>a</p>", kind="html", before="<a href='https://doi.org/10.1234/a'>"
    ),
    "links without text": in_mail("<a href='https://x.org/a'></a>", kind="html"),
    "links that lead on": in_mail(
        "<a href='https://x.org/?u=https://x.org/'>A b c d</a>", kind="html"
    ),
    "one long link": in_mail(
        "https://x.org/?u=", kind="html", before="<a href='", after="'>A b</a>"
    ),
    "lines below a title": in_mail(
        "<p>a b</p>", kind="html", before="<p><a href='https://doi.org/10.1234/a'>A title</a></p>"
    ),
    "a word below a title": in_mail(
        "a", kind="html", before="<p><a href='https://doi.org/10.1234/a'>A title</a></p><p>"
    ),
    "headings": in_mail("<h3>A title of it</h3>", kind="html"),
    "hidden elements": in_mail("<b style='display:none'>", kind="html"),
    "nested elements": in_mail("<b><td>", kind="html"),
    "results of Scholar": in_mail(
        f"<h3>{SCHOLAR_LINK}A title</a></h3><p>A B - C, 2026</p>", kind="html"
    ),
    "a line of Scholar": in_mail(" - ", kind="html", before=f"{SCHOLAR_LINK}A title</a><p>A"),
    "dots of Scholar": in_mail("… ", kind="html", before=f"{SCHOLAR_LINK}A title</a><p>A"),
    "links that are never closed": in_mail("[a\n"),
    "one link that is never closed": in_mail("[", before="a\n"),
    "quotes and remarks": in_mail("> a\n\nb\n\n"),
    "a line of marks below a title": in_mail(
        "!",
        kind="html",
        before="<p><a href='https://doi.org/10.1/a'>A title of it</a></p>",
        after="a",
    ),
    "lines of marks below a title": in_mail(
        f"<p>{'!' * 60}a</p>",
        kind="html",
        before="<p><a href='https://doi.org/10.1234/a'>A title of it</a></p>",
    ),
    "headings that lead nowhere": in_mail(
        f"<h3>A title of it</h3><p>{'a ' * 70}.</p>", kind="html"
    ),
    "buttons in one line": in_mail(
        "a <a href='https://doi.org/10.1234/a'>PDF</a> ",
        kind="html",
        before="<h3>A title of it</h3>",
    ),
    "pictures below a heading": in_mail(
        "<p><a href='https://doi.org/10.1234/a'><img></a></p>", kind="html", before="<h3>A b c</h3>"
    ),
    "an address of dots": in_mail(
        "a.", kind="html", before="<h3>A title of it</h3><a href='https://doi.org/10.1234/a'>"
    ),
    "labels": in_mail("view ", kind="html", before="<a href='https://x.org/a'>"),
    "digest text": in_mail("A title\n\nAn abstract of it.\n\n"),
    "base64": repeated(
        "QUJD\n",
        before="From: a\nDate: b\nSubject: c\nContent-Transfer-Encoding: base64\n\n",
    ),
    "parts": repeated(
        "--B\nContent-Type: text/plain\n\na\n\nb.\n",
        before="From: a\nDate: b\nSubject: c\nContent-Type: multipart/mixed; boundary=B\n\n",
    ),
    "a header": repeated("From: a\n", before="Date: b\nSubject: c\n", after="\na\n\nb."),
}

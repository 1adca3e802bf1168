"""No parser raises anything but the project's errors, whatever comes.

Who adds a parser adds a line to the table.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from fuzzing import Fuzzed, fuzz
from PIL import Image

from recommender.domain.titles import title_key
from recommender.errors import DigestError, RecommenderError
from recommender.html_text import blocks_of_html
from recommender.mail.inbox import html_body
from recommender.mail.inbox.assent import read_answer
from recommender.mail.inbox.commands import read_command
from recommender.mail.inbox.letter import read_letter
from recommender.mail.inbox.quotes import without_quotes
from recommender.mail.inbox.reply_ratings import read_ratings as read_votes
from recommender.papers.datasets.dataset import read_papers, read_ratings
from recommender.papers.formats import parse_digest, read_mail_of_source
from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.references.references import read_references
from recommender.papers.sources import zotero
from recommender.papers.text.latex import plain_text, verbatim
from recommender.papers.text.plain_text import text_of_html
from recommender.papers.thumbnails import make_thumbnail
from recommender.reading import answers
from recommender.reading.answers import Answer
from recommender.wording import one_line

LIST: Final = "papers@example.org"
TODAY: Final = date(2026, 3, 11)


def digest(content: bytes) -> None:
    for entry in parse_digest(content, today=TODAY).entries:
        title_key(entry.title)
        # As the database takes it.
        for text in (entry.title, entry.abstract, entry.summary, *entry.authors, entry.url or ""):
            text.encode()


def mail_of_source(content: bytes) -> None:
    """Read what is behind a mail's header, as each kind of body, and mails as they are."""
    header = b"From: a@example.org\nDate: Wed, 11 Mar 2026 06:00:00 +0000\nSubject: x\n"
    wrapped = [
        header + b"Content-Type: text/%s\n\n" % kind + content for kind in (b"plain", b"html")
    ]
    for each in (content, *wrapped):
        read = read_mail_of_source(each, today=TODAY)
        answers.unpack(answers.pack(Answer(value=read)))
        for text in (read.where, read.reason, read.sender, read.subject, *read.shown, *read.links):
            assert "\n" not in text
            text.encode()
        for entry in read.digest.entries if read.digest else ():
            title_key(entry.title)
            for text in (
                entry.title,
                entry.abstract,
                entry.summary,
                *entry.authors,
                entry.url or "",
            ):
                text.encode()


def references(content: bytes) -> None:
    found = read_references(content)
    for entry in found.entries:
        for text in (entry.title, entry.abstract, *entry.authors):
            text.encode()
    for each in found.unread:
        f"{each.where} {each.message}".encode()


def both(content: bytes) -> None:
    """Read it as an operator's digest, and as what somebody names."""
    for read in (digest, references):
        try:
            read(content)
        except RecommenderError:
            continue


def zotero_items(content: bytes) -> None:
    # Most of what is mutated is no list of items any more.
    quoted = json.dumps(text_of(content), ensure_ascii=False).encode("utf-8", "surrogateescape")
    item = b'[{"key": "A", "data": {"itemType": "book", "title": %b, "extra": %b, "DOI": %b}}]'
    for answer in (content, item % (quoted, quoted, quoted)):
        with contextlib.suppress(DigestError):
            for each in zotero.read_items(answer).items:
                entry = each.entry
                for text in (entry.title, entry.abstract, *entry.authors, entry.doi or ""):
                    text.encode()


def text_of(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def small_texts(content: bytes) -> None:
    text = text_of(content)
    one_line(text).encode()
    plain_text(text).encode()
    verbatim(text).encode()
    text_of_html(text).encode()
    find_identifiers(text)
    title_key(text)


def reply(content: bytes) -> None:
    text = text_of(content)
    for own in (without_quotes(text), without_quotes(html_body.text_of_html(text))):
        own.encode("utf-8", "surrogateescape")
        read_votes(own)
        read_command("", own[:100], own)
        read_answer(own[:100], own, list_name="papers", answers_our_mail=True)


def mail(content: bytes) -> None:
    for recipient in ("", LIST, "papers+bounce-aaaa@example.org"):
        read = read_letter(
            content,
            envelope_sender="",
            recipient=recipient,
            list_address=LIST,
            list_name="Trending papers",
        )
        assert "\n" not in read.written.subject
        # As it crosses to another process, and as the database takes it.
        answers.unpack(answers.pack(Answer(value=read)))
        for text in (read.recipient, read.envelope_sender, read.report and read.report.diagnostic):
            (text or "").encode()


FEED = (
    *(
        b"<rss>",
        b"<channel>",
        b"<item>",
        b"</item>",
        b"<title>",
        b"</title>",
        b"<link>",
        b"</link>",
    ),
    *(b"<description>", b"</description>", b"<pubDate>", b"</pubDate>", b"<dc:creator>", b"&x;"),
    *(b"</dc:creator>", b"<author>", b"<name>", b"<entry>", b"<id>", b"<![CDATA[", b"]]>", b"<!--"),
    *(b"-->", b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE rss [<!ENTITY x 'y'>]>"),
    *(
        b"<content type='xhtml'>",
        b"<content mode='base64'>",
        b"<link href='http://[x'/>",
        b"http://[",
    ),
    *(b" xmlns='http://www.w3.org/2005/Atom'", b" xml:base='//['", b"&#0;", b"&#xD800;", b"<a:b>"),
    *(b" isPermaLink='false'", b"<category>", b"<feed>", b"<rdf:RDF>", b"<image>", b"<source>"),
)
JSON = (
    *(b"[", b"]", b"{", b"}", b'"', b":", b",", b"\\ud800", b"\\u0000", b"null", b"true", b"1.5"),
    *(b'"paper":', b'"data":', b'"id":', b'"2603.00001"', b'"title":', b'"t"', b'"summary":', b"-"),
    *(b'"authors":', b'"name":', b'"upvotes":', b'"date":', b'"publishedAt":', b'"2026-03-02"'),
    *(b'"0001-01-01T00:00:00+14:00"', b'"count":', b'"abstract":', b'"published":', b"\n"),
)
ZOTERO = (
    *(
        b'[{"key": "A", "data": {"itemType": "book", "title": "t", ',
        b"}}]",
        b'"extra": "DOI: ',
        b'"',
    ),
    *(b"\\ud800", b"\\n", b"arXiv: ", b"2603.00001", b"10.1234/x", b'"creators": [', b"]", b","),
    *(b'{"creatorType": "author", "lastName": "a"}', b'"dateAdded": "', b"9999-12-31T23:59:59-14"),
    *(b'"deleted": 1', b'"abstractNote": "', b"<i>", b"&amp;", b"null", b"1e999", b"{}"),
)
BIBTEX = (
    *(
        b"@article{a,",
        b"@string{s = ",
        b"@comment{",
        b"@preamble{",
        b"@a(b,",
        b"title = {",
        b"author",
    ),
    *(b" = ", b'"', b"}", b"{", b" # ", b"s", b",", b" and ", b"\\'{e}", b"$", b"\\$", b"\\", b"@"),
    *(
        b"year = 2020",
        b"eprint = {2603.00001}",
        b"doi = {10.1234/x}",
        b"month = feb",
        b"\n",
        b"others",
    ),
)
RIS = (
    *(b"TY  - JOUR\n", b"ER  - \n", b"TI  - ", b"AU  - ", b"AB  - ", b"DO  - 10.1234/x\n", b"\n"),
    *(
        b"PY  - 2020/02/30\n",
        b"UR  - ;\n",
        b"N1  - ",
        b"  - ",
        b"TY - ",
        b"TYX\n",
        b"Y1  - ",
        b"DA  - ",
    ),
)
NBIB = (
    *(
        b"PMID- 1\n",
        b"TI  - ",
        b"AB  - ",
        b"FAU - A, B\n",
        b"AU  - Doe JA\n",
        b"      a\n",
        b"\n\n",
    ),
    *(b"DP  - 2001 Feb 30\n", b"DEP - 20010230\n", b"AID - 10.1234/x [doi]\n", b"[", b"]."),
    *(b"PT  - Retracted Publication\n", b"CN  - G\n", b"LID - ", b" [pii]\n"),
)
WEB_OF_SCIENCE = (
    *(b"FN a\nVR 1.0\n", b"PT J\n", b"TI ", b"AU A, B\n", b"   C, D\n", b"AF ", b"PY 2001\n"),
    *(b"PD FEB 30\n", b"DI 10.1234/x\n", b"ER\n", b"EF\n", b"CR "),
)
ENDNOTE = (
    *(b"<xml>", b"<records>", b"<record>", b"</record>", b"<titles>", b"<title>", b"</title>"),
    *(b"</titles>", b"<style face='superscript'>", b"</style>", b"<authors>", b"<author>A, B"),
    *(b"</author>", b"<dates>", b"<year>2001", b"</year>", b"<![CDATA[", b"]]>", b"<!--", b"&lt;"),
    *(b"&x;", b"<!DOCTYPE xml [<!ENTITY x 'y'>]>", b"<?xml version='1.0' encoding='utf-16'?>"),
    *(b"<pub-dates><date>Feb 30", b"<electronic-resource-num>10.1234/x", b"<url>", b"&#0;"),
)
SERVICES = (
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b":",
        b",",
        b"null",
        b"true",
        b"1.5",
        b"{}",
        b"[]",
        b"-1",
        b'""',
    ),
    *(
        b'"message":',
        b'"items":',
        b'"DOI":',
        b'"10.1234/x"',
        b'"author":',
        b'"given":',
        b'"family":',
    ),
    *(b'"date-parts":', b"[[2001,2,30]]", b'"update-to":', b'"updated-by":', b'"retraction"'),
    *(b'"results":', b'"meta":', b'"authorships":', b'"is_retracted":', b'"display_name":'),
    *(b'"abstract_inverted_index":', b'"w":[1]', b'"resultList":', b'"result":', b'"pubTypeList":'),
    *(b'"pubType":', b'"collection":', b'"paperId":', b'"externalIds":', b'"year":', b"99999"),
    *(b'"githubRepo":', b'"https://[x"', b'"ai_keywords":', b'"thumbnail":', b'"withdrawn":'),
)
GZIP = (
    *(b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x08", b"\x1c", b"\x03\0"),
    *(gzip.compress(b"a title\n\nAn abstract."), gzip.compress(b""), gzip.compress(b"[" * 999)),
)
HTML = (
    *(
        b"<p>",
        b"</p>",
        b"<b ",
        b"='",
        b"'>",
        b"<script>",
        b"</script>",
        b"<!--",
        b"-->",
        b"&am",
        b"p;",
    ),
    *(b"&#x2", b"0;", b"<![CDATA[", b"]]>", b"<title>", b"<pre>", b"</body>", b"<td>", b"<svg>"),
    *(
        b"<plaintext>",
        b"<table><td><form>",
        b"<![x]>",
        b"<blockquote>",
        b"<br>",
        b"</",
        b"<div " * 300,
    ),
)
REPLY = (
    *(b"> ", b"On 2026-03-11 07:00, X <a@example.org> wrote:\n", b"From: X\n", b"Sent: 11:00\n"),
    *(
        b"---- x ----\n",
        b"-- \n",
        b"+1\n",
        b"stop\n",
        b"yes\n",
        b"| a | b@example.org |\n",
        b"1. x\n",
    ),
    *(b"just reply: +1 -2 *3 likes paper 1", b"X \xc2\xb7 a@example.org\n", b"\xf0\x9f\x91\x8d\n"),
    *(b"<blockquote>", b"</blockquote>", b"<div class=gmail_quote>", b"</div>", b"<table><td>"),
)
MAIL = (
    *(
        b"From: ",
        b"To: ",
        b"Subject: ",
        b"Content-Type: ",
        b"multipart/mixed; boundary=B",
        b"\n--B",
    ),
    *(b"multipart/report; boundary=B\n\n", b"--B--\n", b"message/rfc822\n\n", b"text/html\n\n"),
    *(b"message/delivery-status\n\n", b"Action: failed\n", b"Status: 5.1.1\n", b"; charset="),
    *(
        b"Diagnostic-Code: smtp; 550 ",
        b"=?utf-8?b?a?=",
        b"=?utf-8?q?=C3?=",
        b"Return-Path: <a@b>\n",
    ),
    *(b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uuencode\n"),
    *(b"papers+bounce-aaaa@example.org", b"Auto-Submitted: auto-replied\n", b"; a*0*=", b"''"),
    *(b"X-Failed-Recipients: a@b\n", b"Message-ID: <a@example.org>\n", b"(", b'"', b",", b";"),
    *(b"punycode", b"idna", b"utf-16", b"undefined", b"begin 644 a\n", b"=\n", b"> ", b"+1\n"),
)
SOURCE_MAIL = (
    *(
        b"\\\\\n",
        b"arXiv:2603.01234\n",
        b"Title: a\n",
        b"Authors: A (B), C\n",
        b"\\\\ ( https://a )\n",
    ),
    *(b"replaced with revised version x\n", b"Date: Mon, 99 Mar 99999 GMT\n", b"DOI: 10.1234/a\n"),
    *(b"> ", b"---- Forwarded message ----\n", b"From: a\n", b"Sent: 31 February 2026\n", b"-- \n"),
    *(b"PubMed Results\n", b"1. Doe J. A title. J Ex. 2026 Mar;1. PMID: 1\n", b"1. J. 2026;1\n\n"),
    *(
        b"<a href='https://doi.org/10.1234/",
        b"'>A title of it</a>",
        b"<a class=gse_alrt_title href='",
    ),
    *(
        b"https://scholar.google.com/scholar_url?url=",
        b"https://[x",
        b"<h3>",
        b"<p>",
        b"Ann B, Bob C",
    ),
    *(
        b"<td style='display:none'>",
        b"<pre>",
        b"<br>",
        b" - x, 2026",
        b"PMID: 1",
        b"%ff",
        b"https%3A",
    ),
    *(b"confirm your subscription https://a.org/confirm\n", b"<sup>1</sup>", b"\xe2\x80\xa6"),
)
MARKDOWN = (
    *(b"# ", b"## a title\n\n", b"- **T**: ", b"1. ", b"[1] ", b"[T](https://x.org)", b"](", b"**"),
    *(b"| Title | Abstract |\n|---|---|\n", b"| a | b. |\n", b"Title: ", b"Abstract: ", b"---\n"),
    *(b"<h3>", b"</h3>", b"<p>", b"<tr><th>", b"arXiv:2401.12345\n", b"Hi all,\n", b"11/03/2026\n"),
)


def small_picture(kind: str, mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    Image.new(mode, (64, 48)).save(written, kind)
    return written.getvalue()


PICTURES = (
    *(small_picture(kind) for kind in ("PNG", "JPEG", "WEBP")),
    *(small_picture("PNG", mode)[:-12] for mode in ("P", "LA", "I;16", "1")),
    *(b"\x89PNG\r\n\x1a\n", b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fdAT", b"iCCP"),
    *(b"zTXt", b"iTXt", b"eXIf", b"\xff\xd8", b"\xff\xe1\0\x10Exif\0\0", b"\xff\xc2", b"\xff\xda"),
    *(b"\xff\xd9", b"RIFF", b"WEBPVP8X", b"VP8L", b"ANMF", b"\xff\xff\xff\x7f", b"\0\0\0\x01"),
)
CSV = (b"subscriber,paper,rating,rated_at\n", b"ann,1,1,2026-03-11\n", b",", b'"', b"1e999", b"\r")

PARSERS: Final = (
    Fuzzed("feeds", digest, "feeds/[aj]*/*.xml", FEED),
    Fuzzed(
        "digest text", digest, "digests/*.txt",
        (b"Mar 11\n", b"by X\n", b"\n\n", b"new!\n", *MARKDOWN),
    ),
    Fuzzed("newsletters", digest, "feeds/newsletters/*", (b"\n\n", b"by X", *MARKDOWN)),
    Fuzzed("daily papers", digest, "digests/huggingface-daily/*.json", JSON),
    Fuzzed("JSON", digest, "feeds/json/*", JSON),
    Fuzzed("BibTeX", references, "feeds/bib/*", BIBTEX),
    Fuzzed("RIS", references, "feeds/ris/*", RIS),
    Fuzzed("RIS as a digest", digest, "feeds/ris/*", RIS),
    Fuzzed("BibTeX as a digest", digest, "feeds/bib/*", BIBTEX),
    Fuzzed("MEDLINE", both, "", NBIB),
    Fuzzed("Web of Science", both, "", WEB_OF_SCIENCE),
    Fuzzed("EndNote XML", both, "feeds/refs_other/*", ENDNOTE),
    Fuzzed("services", digest, "feeds/json/*", SERVICES),
    Fuzzed("gzip", both, "", GZIP),
    Fuzzed("items of Zotero", zotero_items, "feeds/json/*", ZOTERO),
    Fuzzed("identifiers", references, "", (b"10.1234/", b"arxiv:", b"2603.00001", b",", b"doi ")),
    Fuzzed("pictures", make_thumbnail, "", PICTURES),
    Fuzzed("HTML", lambda content: blocks_of_html(text_of(content)), "", HTML),
    Fuzzed("mails", mail, "bounces/mails/*", MAIL),
    Fuzzed("mails of sources", mail_of_source, "bounces/mails/*", (*SOURCE_MAIL, *MAIL)),
    Fuzzed("replies", reply, "", REPLY),
    Fuzzed("texts", small_texts, "feeds/bib/*", (*BIBTEX, *HTML)),
    Fuzzed(
        "papers of a data set", lambda content: list(read_papers(io.StringIO(text_of(content)))),
        "feeds/json/*.jsonl", JSON,
    ),
    Fuzzed(
        "ratings of a data set",
        lambda content: list(read_ratings(io.StringIO(text_of(content), newline=""), ["1"])),
        "",
        CSV,
    ),
)  # fmt: skip


@pytest.mark.parametrize("fuzzed", PARSERS, ids=lambda fuzzed: fuzzed.name)
def test_nothing_but_our_errors_is_raised(fuzzed: Fuzzed, shared_data: Path) -> None:
    fuzz(fuzzed, shared_data)

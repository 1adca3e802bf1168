"""Room 1, papers: what a document is, told by how it begins. Pure.

Names of files mean nothing. Nothing is parsed here, so that who reads one kind of document need not
load what reads the others.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from recommender.papers.text.decoding import UTF_16

# "[Re] Reproducing …" is a title, not a list.
_JSON_START: Final = re.compile(r"\{\s*[\"}]|\[\s*[\[{\"\]]")
_MARKUP_START: Final = re.compile(rb"<[!?a-zA-Z]")
ENDNOTE_ROOTS: Final = frozenset({"xml", "records"})
FEED_ROOTS: Final = frozenset({"rss", "feed", "rdf", "channel"})
# What Mendeley, Scopus and their kin write above the first entry of BibTeX. Looked at ahead, so
# that there is one way to take a line.
_PROGRAM_LINE: Final = (
    r"(?=scopus[ \t]{0,10}\n|[^\n]{0,200}\b(?:mendeley|jabref|zotero|endnote|citavi|bibdesk"
    r"|paperpile|readcube|bibtex|export(?:ed)?|encoding|generated|created\s(?:with|by)|web\sof\sscience)\b)"
    r"[^\n@{}]{1,400}"
)
# Of BibTeX, RIS, MEDLINE and Web of Science; in digest text such lines are nowhere near the top.
_REFERENCES_START: Final = re.compile(
    r"(?:[ \t]*(?:(?:%|@comment\b)[^\n]*)?\n){0,50}"
    rf"(?:(?:{_PROGRAM_LINE}|[ \t]{{0,10}})\n){{0,9}}[ \t]*(?:@[a-z]{{2,20}}[ \t]*"
    r"(?:\{[^,={}\n]{0,300}|\([^,={}()\n]{0,300})[,=]|@(?:comment|preamble)[ \t]*[{(]"
    r"|TY {0,3}- {0,3}[A-Z]{3,10}[ \t]*\n|PMID ?- ?\d{1,10}[ \t]*\n|FN [^\n]{1,100}\nVR \d"
    r"|%0[ \t][A-Z][A-Z _-]{2,40}\n%\S[ \t]|%[AT][ \t]\S[^\n]{1,500}\n%[A-Z][ \t]\S)",
    re.IGNORECASE,
)
_HEAD_WITHIN: Final = 100_000
_ENDNOTE_HEAD: Final = re.compile(
    r"\s{0,100}(?:<\?xml[^>]{0,200}\?>\s{0,100})?(?:<!DOCTYPE.{0,2000}?>\s{0,100})?"
    r"(?:<xml>\s{0,100})?<records[\s>]",
    re.DOTALL,
)
MBOX_LINE: Final = re.compile(rb"\AFrom \S{0,320} [^\n]{0,200}\n")
_MAIL_FIELD: Final = re.compile(rb"([!-9;-~]{1,76}):")
_MAIL_FIELDS: Final = frozenset(
    {
        *(b"from", b"to", b"subject", b"date", b"received", b"return-path", b"delivered-to", b"cc"),
        *(b"message-id", b"mime-version", b"content-type", b"dkim-signature", b"sender"),
        *(b"reply-to", b"list-id", b"list-unsubscribe", b"x-original-to", b"envelope-to"),
        *(b"content-transfer-encoding", b"x-mailer", b"authentication-results", b"references"),
    }
)
_ORIGIN: Final = frozenset({b"from", b"received", b"return-path", b"delivered-to"})
_FEWEST_MAIL_FIELDS: Final = 3


def is_mail(content: bytes) -> bool:
    """Whether a document is a mail: its first lines are a mail's header."""
    head = MBOX_LINE.sub(b"", content[:_HEAD_WITHIN].lstrip(b"\r\n\xef\xbb\xbf"))
    if _MAIL_FIELD.match(head) is None:
        return False  # before a long document is parted into lines
    found: set[bytes] = set()
    for number, line in enumerate(head.split(b"\n")):
        if not line.strip():
            break
        if number and line[:1] in b" \t":
            continue
        field_name = _MAIL_FIELD.match(line)
        if field_name is None:
            return False
        found.add(field_name[1].lower())
    if b"sent" in found and b"date" not in found:
        return False  # a head as a mail program shows it, which was copied with the text below
    return len(found & _MAIL_FIELDS) >= _FEWEST_MAIL_FIELDS and bool(found & _ORIGIN)


def root_element(content: bytes) -> str | None:
    """Return the name of the outermost element of a markup document, None where it is none."""
    head = content[:_HEAD_WITHIN]
    if head.startswith(UTF_16):
        head = head.decode("utf-16", "replace").encode()
    head = re.sub(
        rb"<!--.*?(?:-->|\Z)", b"", head.removeprefix(codecs.BOM_UTF8), flags=re.DOTALL
    ).lstrip()
    if not _MARKUP_START.match(head):
        return None
    root = re.search(rb"<([a-zA-Z_][\w.:-]*)[\s/>]", head)
    is_declared = re.match(rb"<(?:[!?]|html\b)", head, re.IGNORECASE)
    if root is None:
        return "!DOCTYPE" if is_declared else None
    name = root[1].decode("ascii", "replace")
    is_feed = name.rpartition(":")[2].lower() in FEED_ROOTS
    # "<think> …" opens no document but a title.
    return name if is_declared or is_feed else None


def is_references(text: str) -> bool:
    """Whether the first lines are those of BibTeX, RIS, MEDLINE or Web of Science."""
    return _REFERENCES_START.match(text) is not None


def is_endnote_xml(text: str) -> bool:
    """Whether the outermost elements are those of such a file."""
    return _ENDNOTE_HEAD.match(text) is not None


def is_json(text: str) -> bool:
    """Whether a text opens an object or a list."""
    return _JSON_START.match(text.lstrip()) is not None

"""Room 1, papers: a mail as a document of papers: a digest, an alert, a table of contents. Pure.

Whoever sends it has written it for people. Each of its texts is read by whichever reader knows its
form, and the one that names most papers counts; where none is certain, the mail is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from recommender.domain import Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.html_text import blocks_of_html
from recommender.mime import (
    addresses_in,
    decoded_field,
    field,
    name_in,
    parse_mail,
    parts_of,
    text_of,
)
from recommender.papers.digests import days
from recommender.papers.identity.merging import without_repeats
from recommender.papers.mails import (
    answers,
    arxiv_listing,
    html_papers,
    plain_lists,
    pubmed_alert,
    scholar_alert,
)
from recommender.papers.mails.article_links import article_of
from recommender.papers.mails.forwarding import unwrapped
from recommender.papers.mails.html_outline import LONGEST_HTML, Line, outline_of
from recommender.papers.mails.html_words import without_minutes
from recommender.papers.mails.letters import is_greeting, without_letter
from recommender.papers.mails.mail_notices import (
    answer_of,
    is_confirmation,
    is_notice,
    leads_to_confirm,
    says_nothing_new,
)
from recommender.papers.mails.mail_parts import documents_of, unflowed, with_whole_links
from recommender.papers.mails.plain_lists import with_linked_titles
from recommender.papers.recognition import MBOX_LINE
from recommender.papers.text.decoding import unix_lines
from recommender.wording import one_line

MAX_BYTES: Final = 10_000_000
LONGEST_TEXT: Final = 5_000_000

FORMATS: Final = frozenset(
    {arxiv_listing.FORMAT, html_papers.FORMAT, pubmed_alert.FORMAT, scholar_alert.FORMAT}
)
"""Of digests that come by mail alone: each was written for its day, and no window slides."""

ReadText = Callable[[bytes, date], Digest]
"""Reads a document of another form, for what stands in a mail as text."""

_MOST_BODIES: Final = 10
_MOST_SHOWN_LINES: Final = 25
_LONGEST_SHOWN: Final = 300
_MOST_LINKS: Final = 10
_LONGEST_LINK: Final = 1_000
_LINK: Final = re.compile(r"https?://[^\s<>\"']{4,1000}")

_SHORTEST_ABSTRACT: Final = 150


class MailKind(StrEnum):
    """What a mail to the address of a source is."""

    PAPERS = "papers"
    """Also where it says that there are none today."""
    CONFIRMATION = "confirmation"
    """A list or a service asks whether the address wants its mail."""
    NOTICE = "notice"
    """About a subscription or an absence."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class MailReading:
    """What a mail to the address of a source says.

    Attributes
    ----------
    digest : Digest or None
        Set where it has papers, or says that there are none today.
    where, reason : str
        Why it has none otherwise, and what to do.
    sender, subject : str
        As it names them; nobody has proved them.
    shown, links : tuple of str
        The first lines that a reader sees, and addresses in it: what an operator has to know.
    """

    kind: MailKind
    digest: Digest | None = None
    where: str = ""
    reason: str = ""
    sender: str = ""
    subject: str = ""
    shown: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Body:
    """A text of a mail; of HTML also its outline. ``lines`` are without what forwarding adds.

    ``above`` is what names papers above a mail that is quoted in it.
    """

    text: str
    is_html: bool
    day: date
    lines: tuple[str, ...]
    outline: tuple[Line, ...] = ()
    sender: str = ""
    above: _Body | None = None

    @property
    def paragraphs(self) -> list[str]:
        """What a reader sees as one, its lines joined."""
        if self.is_html:
            return [line for line in self.lines if line.strip()]
        text = "\n".join(line.strip() for line in self.lines)
        return [one_line(each) for each in re.split(r"\n\n+", text) if each.strip()]


def parse_mail_digest(content: bytes, *, today: date, read_text: ReadText) -> Digest:
    """Read a mail that somebody saved.

    Raises
    ------
    DigestError
        If it has no papers.
    """
    reading = read_mail(content, today=today, read_text=read_text)
    if reading.digest is None:
        raise DigestError(reading.where, reading.reason)
    return reading.digest


def read_mail(content: bytes, *, today: date, read_text: ReadText) -> MailReading:
    """Read a mail, whatever it is.

    Parameters
    ----------
    content : bytes
    today : date
        The day of arrival: the newest that a digest can have.
    read_text : callable
        Reads its text where it is no alert or list that is known by its form.
    """
    if len(content) > MAX_BYTES:
        reason = f"a mail of more than {MAX_BYTES / 1e6:g} MB; have it sent without attachments"
        return MailReading(MailKind.UNREADABLE, where="mail", reason=reason)
    content = MBOX_LINE.sub(b"", content.lstrip(b"\r\n\xef\xbb\xbf"))
    message = parse_mail(content, most_bytes=MAX_BYTES)
    bodies = list(_bodies(message, today))
    text = max(("\n".join(each.lines) for each in bodies), key=len, default="")
    shown = [one_line(line)[:_LONGEST_SHOWN] for line in text.split("\n") if line.strip()]
    said = MailReading(
        MailKind.UNREADABLE,
        sender=next(iter(addresses_in(message, "From")), ""),
        subject=decoded_field(message, "Subject"),
        shown=tuple(shown[:_MOST_SHOWN_LINES]),
        links=_links(bodies),
    )
    answer = answer_of(message)
    if answer:
        return _without_papers(said, MailKind.NOTICE, answer)
    other = _other_kind(said, text)
    digest, reasons = _read_bodies(
        bodies, read_text, is_other=lambda read: _is_rather(other, read, said.links)
    )
    if digest is None:
        digest, more = _read_attached(message, _day(message, today), read_text)
        reasons += more
    if digest is None and other is None and any(says_nothing_new(e.paragraphs) for e in bodies):
        digest = Digest(html_papers.FORMAT, None, _day(message, today), ())
    if digest is not None:
        dated = replace(digest, date=min(digest.date, today))
        return replace(said, kind=MailKind.PAPERS, digest=dated)
    if other is not None:
        return other
    reasons.append(_Reason("mail", "it has no text; have it sent as text or HTML"))
    first = next((each for each in reasons if each.is_certain), reasons[0])
    return replace(said, where=first.where, reason=first.message)


def _read_bodies(
    bodies: Sequence[_Body], read_text: ReadText, *, is_other: Callable[[Digest], bool]
) -> tuple[Digest | None, list[_Reason]]:
    """Read the texts of a mail, first what was written above a mail that is quoted in them."""
    above = [each.above for each in bodies if each.above is not None]
    digest, _ = _read_texts(above, read_text, is_other=is_other)
    if digest is not None and digest.entries and all(map(_leads_to_paper, digest.entries)):
        left_out = UnreadEntry("mail", answers.LEFT_OUT)
        return replace(digest, unread=(*digest.unread, left_out)), []
    digest, reasons = _read_texts(bodies, read_text, is_other=is_other)
    if digest is not None and any(
        answers.names_others(each.text, digest.entries) for each in above
    ):
        not_read = UnreadEntry("mail", answers.NOT_READ)
        digest = replace(digest, unread=(*digest.unread, not_read))
    return digest, reasons


def _read_texts(
    bodies: Sequence[_Body], read_text: ReadText, *, is_other: Callable[[Digest], bool]
) -> tuple[Digest | None, list[_Reason]]:
    digest, reasons = _read_known(bodies)
    if digest is None and not any(each.is_certain for each in reasons):
        digest, more = _read_other(bodies, read_text)
        reasons += more
        if digest is not None and is_other(digest):
            digest = None
    return digest, reasons


def _other_kind(said: MailReading, text: str) -> MailReading | None:
    """Return what a mail without papers is, if it is known; None where it may have some yet."""
    if is_confirmation(said.subject, text, said.links):
        what = "it asks to confirm a subscription"
        return _without_papers(said, MailKind.CONFIRMATION, what)
    if is_notice(said.subject):
        return _without_papers(said, MailKind.NOTICE, "a notice about a subscription")
    return None


def _without_papers(said: MailReading, kind: MailKind, what: str) -> MailReading:
    what = what if kind is MailKind.CONFIRMATION else f"it is {what}"
    return replace(said, kind=kind, where="mail", reason=f"{what}, and has no papers")


def _is_rather(other: MailReading | None, digest: Digest, links: Sequence[str]) -> bool:
    """Whether a mail that reads like papers by turns is a question or a notice all the same.

    A link that leads to a paper is proof. So is a date or byline above long abstracts, but beside
    a link that confirms; a title with any other link is what such mails have too.
    """
    if other is None or any(map(_leads_to_paper, digest.entries)):
        return False
    if other.kind is MailKind.CONFIRMATION and leads_to_confirm(links):
        return True
    return any(map(_is_named, digest.entries))


def _leads_to_paper(entry: DigestEntry) -> bool:
    is_article = entry.url is not None and article_of(entry.url) is not None
    return bool(entry.arxiv_id or entry.doi) or is_article


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a body was not read; certain where its form is known."""

    where: str
    message: str
    is_certain: bool = False


def _read_known(bodies: Sequence[_Body]) -> tuple[Digest | None, list[_Reason]]:
    """Read what is known by its form, and lists in HTML."""
    found: list[Digest] = []
    reasons: list[_Reason] = []
    for body in bodies:
        try:
            digest, is_certain = _by_form(body)
        except DigestError as error:
            reasons.append(_Reason(error.where, error.message, is_certain=True))
            continue
        if digest is not None:
            found.append(_finished(digest))
        elif body.is_html and not is_certain:
            try:
                digest = html_papers.papers_of_html(body.outline, day=body.day, sender=body.sender)
                found.append(_finished(digest))
            except DigestError as error:
                reasons.append(_Reason(error.where, error.message))
    return (_best(found) if found else None), reasons


def _by_form(body: _Body) -> tuple[Digest | None, bool]:
    if scholar_alert.is_scholar_alert(body.outline):
        return scholar_alert.parse_scholar_alert(body.outline, day=body.day), True
    lines = body.lines
    if arxiv_listing.is_arxiv_listing(lines):
        return arxiv_listing.parse_arxiv_listing(lines, day=body.day), True
    if not pubmed_alert.is_pubmed_alert("\n".join(lines[:_LOOKED_AT])):
        return None, False
    if body.is_html:
        return pubmed_alert.parse_pubmed_html(body.outline, day=body.day), True
    return pubmed_alert.parse_pubmed_text(lines, day=body.day), True


_LOOKED_AT: Final = 200


def _read_other(
    bodies: Sequence[_Body], read_text: ReadText
) -> tuple[Digest | None, list[_Reason]]:
    """Read the text of a mail as a document of another form, first of the plain parts."""
    reasons: list[_Reason] = []
    for body in sorted(bodies, key=lambda each: each.is_html):
        lines = body.lines if body.is_html else with_linked_titles(body.lines)
        text = ("\n\n" if body.is_html else "\n").join(without_letter(lines, body.sender)).rstrip()
        if not text.strip():
            continue
        content = text.encode("utf-8", "replace")
        try:
            digest, is_dated = _read_dated(content, body.day, read_text)
        except DigestError as error:
            listed, reason = _read_list(body, _Reason(error.where, error.message))
            if listed is not None:
                return _finished(listed), reasons
            reasons.append(reason)
            continue
        doubt = _why_no_digest(digest, is_dated=is_dated)
        if doubt:
            reasons.append(_Reason("mail", doubt))
            continue
        return digest, reasons
    return None, reasons


def _read_list(body: _Body, reason: _Reason) -> tuple[Digest | None, _Reason]:
    """Read titles over addresses, which are no digest text; else return why there is none."""
    if body.is_html:
        return None, reason
    try:
        return plain_lists.papers_of_text(body.lines, day=body.day), reason
    except DigestError as error:
        return None, _Reason(error.where, error.message)


def _read_attached(
    message: Message, day: date, read_text: ReadText
) -> tuple[Digest | None, list[_Reason]]:
    """Read the documents that are attached to a mail, as if they had been dropped as files."""
    found: list[Digest] = []
    reasons: list[_Reason] = []
    for name, text in documents_of(message):
        try:
            digest, is_dated = _read_dated(text.encode("utf-8", "replace"), day, read_text)
        except DigestError as error:
            reasons.append(_Reason(f"{name}, {error.where}", error.message))
            continue
        is_prose = digest.format == days.FORMAT
        doubt = _why_no_digest(digest, is_dated=is_dated) if is_prose else ""
        if doubt:
            reasons.append(_Reason(name, doubt))
        elif digest.entries:
            found.append(digest)
    if not found:
        return None, reasons
    entries = without_repeats(entry for digest in found for entry in digest.entries)
    unread = tuple(each for digest in found for each in digest.unread)
    return replace(_best(found), entries=entries, unread=unread), reasons


def _read_dated(content: bytes, day: date, read_text: ReadText) -> tuple[Digest, bool]:
    """Read a text, and tell whether it has a date of its own: that does not follow the mail's."""
    next_day = day + timedelta(days=1)
    digest, later = read_text(content, day), read_text(content, next_day)
    is_dated = digest.date != day or later.date != next_day
    # The digest of a day may be mailed on the evening before it.
    is_of_next_day = digest.date != day and later.date == next_day
    return _finished(later if is_of_next_day else digest), is_dated


def _why_no_digest(digest: Digest, *, is_dated: bool) -> str:
    """Return why text that reads as titles and abstracts by turns is none; empty where it is one.

    People write paragraphs to each other, short and long ones. Where papers have links there is no
    doubt; else a date or a byline above them tells a digest from minutes.
    """
    if not digest.entries or any(map(_is_named, digest.entries)):
        return ""
    fix = "give each paper a link, or write a date or a line 'by …' above the first title"
    letter = next(filter(is_greeting, (each.title for each in digest.entries)), None)
    if letter is not None:
        return f"it reads like a letter ('{letter}'), not like papers; {fix}"
    is_headed = is_dated or digest.curator is not None
    # Nobody signs each paragraph of a letter with several names.
    is_headed |= len(digest.entries) > 1 and all(len(e.authors) > 1 for e in digest.entries)
    if not is_headed or any(len(each.abstract) < _SHORTEST_ABSTRACT for each in digest.entries):
        return f"it may be a letter or a list of papers, which is not certain; {fix}"
    return ""


def _is_named(entry: DigestEntry) -> bool:
    return bool(entry.arxiv_id or entry.doi or entry.url)


def _best(found: Sequence[Digest]) -> Digest:
    """Return the reading with the most papers that are named, then the most abstracts."""

    def worth(digest: Digest) -> tuple[int, int, int]:
        entries = digest.entries
        return (
            sum(map(_is_named, entries)),
            sum(bool(each.abstract) for each in entries),
            len(entries),
        )

    return max(found, key=worth)


def _finished(digest: Digest) -> Digest:
    entries = (replace(each, title=without_minutes(each.title)) for each in digest.entries)
    return replace(digest, entries=without_repeats(entries))


def _bodies(message: Message, today: date) -> Iterator[_Body]:
    """Yield the texts of a mail and of mails that are attached to it."""
    count = 0
    day = _day(message, today)
    sender = name_in(message, "From")
    for part in parts_of(message, inside_mails=True):
        if part.get_content_type() in ("message/rfc822", "message/global"):
            inner = next(iter(part.get_payload()), None) if part.is_multipart() else None
            day = _day(inner, day) if isinstance(inner, Message) else day
            continue
        is_html = part.get_content_type() == "text/html"
        is_text = part.get_content_type() == "text/plain"
        if not (is_html or is_text) or "attachment" in field(part, "Content-Disposition").lower():
            continue
        text = unix_lines(text_of(part))
        text = text if is_html else unflowed(part, text)
        if not text.strip() or len(text) > (LONGEST_HTML if is_html else LONGEST_TEXT):
            continue
        above = answers.part_above(text, is_html=is_html)
        yield replace(
            _body(text, day, is_html=is_html, sender=sender),
            above=_body(above, day, is_html=is_html, sender=sender) if above else None,
        )
        count += 1
        if count >= _MOST_BODIES:
            return


def _body(text: str, day: date, *, is_html: bool, sender: str) -> _Body:
    sent_on = unwrapped(blocks_of_html(text) if is_html else text.split("\n"))
    outline = tuple(outline_of(text)) if is_html else ()
    lines = sent_on.lines if is_html else tuple(with_whole_links(sent_on.lines))
    return _Body(text, is_html, min(sent_on.day or day, day), lines, outline, sender)


def _day(message: Message, newest: date) -> date:
    """Return the day of a mail where its writer was, never after another day."""
    try:
        return min(parsedate_to_datetime(field(message, "Date")).date(), newest)
    except (ValueError, TypeError, IndexError, OverflowError):
        return newest


def _links(bodies: Sequence[_Body]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for body in bodies:
        if body.is_html:
            for line in body.outline:
                found.update(dict.fromkeys(each.href for each in line.links))
        else:
            found.update(dict.fromkeys(each.rstrip(".,;)>") for each in _LINK.findall(body.text)))
        if len(found) > _MOST_LINKS:
            break
    usable = (one_line(each) for each in found if each.lower().startswith(("http:", "https:")))
    return tuple(each for each in usable if len(each) <= _LONGEST_LINK)[:_MOST_LINKS]

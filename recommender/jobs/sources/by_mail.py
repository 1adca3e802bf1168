"""Jobs: mail to the address of a source is read as a document, and what is new of it is stored.

Whoever knows the address may send: nothing else in a mail is proof of anything. It is never
answered, so that no two programs write to each other, and never taken for something else.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Final

from recommender.domain import Digest, InboundMail, Source, UnreadEntry
from recommender.errors import UnreadableError
from recommender.jobs.incoming.acting import READINGS_ALLOWED, Dispatch, Handled
from recommender.jobs.issues.offer import tell_too_old_within
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.taking_in import keep_copy
from recommender.mail.inbox.letter import Letter
from recommender.mail.inbox.receiving import split_tag
from recommender.papers.formats import read_mail_of_source, without_formats
from recommender.papers.mails.mail_document import MailKind, MailReading
from recommender.papers.sources.news import store_news
from recommender.store import inbound, inbound_listing, sources, subscribers
from recommender.store.database import Session
from recommender.store.inbound_listing import ListedMail
from recommender.wording import counted, one_line

MOST_QUESTIONS_A_DAY: Final = 20
"""Of lists, that the operator is sent: whoever knows the address could ask for thousands."""

MOST_KEPT_IN_A_ROW: Final = 20
"""Copies of what could not be read; the mails themselves stay as long as others."""

_QUESTION: Final = "a question to confirm, which the operator is sent"
_LINES_OF_A_QUESTION: Final = 25
_LONGEST_NAMED_LINK: Final = 1_000
_UNREAD_NAMED: Final = 3

logger = logging.getLogger(__name__)


def take_in_mail(services: Services, mail: InboundMail, letter: Letter) -> Dispatch | None:
    """Read a mail if it came to the address of a source; see `jobs.incoming.acting.TakeIn`.

    Raises
    ------
    UnreadableError
        If it took too much to read, and may be read once more.
    """
    command, token = split_tag(letter.recipient)
    if command != managing.DIGEST_TAG:
        return None
    # Without a token it is no source's address: nothing answers there either.
    tag = f"{command}-{token}"
    with services.database.read() as session:
        source = sources.by_mail_tag(session, tag)
    if source is None:
        return _nothing("nothing: no source has this address; it was removed, or is another's")
    if source.paused_because:
        return _nothing(
            f"{inbound_listing.NOT_READ}the source {source.name} is paused; once it is resumed, "
            f"`recommender inbox retry {mail.id}` reads it"
        )
    reading = _read(services, mail)
    if reading.kind is MailKind.CONFIRMATION:
        return _nothing(_ask_operator(services, source, mail, reading))
    if reading.digest is None:
        return _rejecting(services, source, mail, reading)
    return _storing(source, tag, reading.digest)


def last_mail(services: Services, source: Source) -> ListedMail | None:
    """Return the mail that came last to the address of a source, whatever it was."""
    with services.database.read() as session:
        return inbound_listing.newest_to(session, managing.mail_tag_of(source))


def _read(services: Services, mail: InboundMail) -> MailReading:
    try:
        return services.reading.read(
            read_mail_of_source, mail.content, today=mail.received_at.date()
        )
    except UnreadableError as error:
        if mail.attempts < READINGS_ALLOWED:
            raise
        return MailReading(
            MailKind.UNREADABLE,
            where="mail",
            reason=f"{error}; it was tried {READINGS_ALLOWED} times; have it sent in parts",
        )


def _nothing(outcome: str) -> Dispatch:
    def act(services: Services, session: Session, mail: InboundMail, letter: Letter) -> Handled:
        del services, session, mail, letter
        return Handled(outcome)

    return act


def _storing(source: Source, tag: str, digest: Digest) -> Dispatch:
    def act(services: Services, session: Session, mail: InboundMail, letter: Letter) -> Handled:
        del letter
        if sources.by_mail_tag(session, tag) is None:
            return Handled("nothing: its source was removed while it was read")
        return Handled(_store(services, session, source, mail, digest))

    return act


def _store(
    services: Services, session: Session, source: Source, mail: InboundMail, digest: Digest
) -> str:
    """Store what is new, and return what was done, in words."""
    now = services.clock()
    came = mail.received_at
    news = store_news(session, source, digest, curator=services.site.curator, now=now)
    if news.papers:
        subscribers.bring_first_issues_forward(session, now)
    managing.note_silence(session, source, now=came)
    sources.change(session, source.id, failures=0, last_message="", last_fetched_at=now)
    sources.note_day(
        session,
        source.id,
        news.day(came),
    )
    if not digest.entries:
        return f"{source.name}: nothing in it today"
    taken = f"{source.name}: {counted(news.papers, 'paper')}, {news.papers_new} of them new"
    named = [f"{each.where} left out: {each.message}" for each in digest.unread[:_UNREAD_NAMED]]
    more = len(digest.unread) - len(named)
    too_old = tell_too_old_within(services, session, news.paper_ids, of_files=False)
    others = f"{more} more left out" if more else ""
    outcome = "; ".join(filter(None, [taken, *named, others, too_old]))
    logger.info("%s", one_line(outcome))
    return outcome


def _rejecting(
    services: Services, source: Source, mail: InboundMail, reading: MailReading
) -> Dispatch:
    """Keep a copy of what has no papers; only what should have some is a failure."""
    is_failure = reading.kind is MailKind.UNREADABLE
    why = f"'{reading.subject[:100]}' of {mail.received_at:%d %B}: {reading.reason}"
    logger.warning("%s: %s", source.name, one_line(why))
    if source.failures < MOST_KEPT_IN_A_ROW:
        keep_copy(
            services,
            source.name,
            mail.content,
            [UnreadEntry(reading.where, one_line(why))],
            name=f"{source.name}-{mail.received_at:%Y-%m-%d}-{mail.id}.eml",
        )

    def act(services: Services, session: Session, mail: InboundMail, letter: Letter) -> Handled:
        del services, mail, letter
        if is_failure:
            sources.change(
                session,
                source.id,
                failures=source.failures + 1,
                last_message=without_formats(one_line(why)),
            )
        return Handled(f"{source.name}: rejected, {reading.where}: {reading.reason}")

    return act


def _ask_operator(
    services: Services, source: Source, mail: InboundMail, reading: MailReading
) -> str:
    """Send the operator what a list asks, once; return what was done."""
    now = services.clock()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with services.database.read() as session:
        asked = inbound.count_outcomes(session, _QUESTION, since=midnight)
    if asked >= MOST_QUESTIONS_A_DAY:
        return f"a question to confirm; the operator was sent {MOST_QUESTIONS_A_DAY} today"
    # Reminders say the same again.
    said = "\n".join([str(source.id), reading.sender, reading.subject, *reading.links])
    links = [each for each in reading.links if len(each) <= _LONGEST_NAMED_LINK]
    notify_operator(
        services,
        key=f"source-question:{hashlib.sha256(said.encode()).hexdigest()}",
        subject=f"A list asks the source {source.name} to confirm",
        lines=[
            f"From {reading.sender or 'nobody'}, subject '{reading.subject}'.",
            "If you have subscribed the source's address there, follow its link; else do nothing.",
            *(f"Link: {each}" for each in links),
            *(f"> {each}" for each in reading.shown[:_LINES_OF_A_QUESTION]),
            f"`recommender inbox show {mail.id}` has all of it.",
        ],
    )
    return _QUESTION

"""Jobs: what an outgoing message says: from frozen rows, so that a retry sends the same bytes."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from recommender.domain import (
    Delivery,
    DeliveryKind,
    Issue,
    IssueEntry,
    Subscriber,
    Thumbnail,
    Vote,
)
from recommender.errors import UndeliverableError
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.languages.messages import Message, counted_message
from recommender.mail.message import BULK_KINDS, Envelope, MailingList, build_message
from recommender.mail.outbox.building import BuildEnvelope, PrepareBatch
from recommender.membership import address_change, changes, subscription
from recommender.membership.address_change import Side
from recommender.papers.identity.canonical_ids import searched_at
from recommender.rendering import RenderedMail, Renderer
from recommender.rendering.filters import wrapped
from recommender.store import issues, subscribers


def new_message_id(services: Services) -> str:
    """Make a Message-ID for a delivery that is about to be queued; nobody can guess it.

    Whoever knows one may complain about its message, and ends its reader's subscription by that.
    """
    _, _, domain = services.site.list_address.rpartition("@")
    return f"<{uuid.uuid4().hex}@{domain}>"


def message_id_for(services: Services, what: str) -> str:
    """Return the Message-ID of what has one message only; nobody without our key can guess it.

    Parameters
    ----------
    what : str
        What the message is for: ``answer:17``.
    """
    _, _, domain = services.site.list_address.rpartition("@")
    return f"<{services.signer.name_of(what)}@{domain}>"


POOR_SIGNAL_NOTE: Final = Message(
    "Your ratings do not tell us enough yet, so we show you more of what is trending."
)

REASON_INDENT: Final = 6
"""Of a reason's second line in the text part, where a star and a space begin the first."""

HTML_MAX_BYTES: Final = 100_000
"""Gmail cuts a mail off at 102 kB of HTML, the link to unsubscribe included."""


class ShownPaper(NamedTuple):
    """What the mails of all readers say of a paper alike: rendered once, as `rendering` splices.

    Attributes
    ----------
    has_reason, reason_is_personal, explored : bool
        What kind of reason stands beside it; its words are the reader's own.
    """

    title: str
    authors: tuple[str, ...]
    url: str | None
    search_site: str | None
    excerpt: str
    excerpt_is_summary: bool
    upvotes: int
    code_url: str | None
    project_url: str | None
    withdrawn: bool
    has_reason: bool
    reason_is_personal: bool
    explored: bool
    thumbnail: Thumbnail | None


@dataclass(frozen=True, slots=True)
class Sources:
    """The stored rows that messages are made of, by id."""

    subscribers: Mapping[int, Subscriber]
    issues: Mapping[int, Issue]


def read_sources(services: Services, deliveries: Iterable[Delivery]) -> Sources:
    """Read what messages are made of; what is gone is left out."""
    deliveries = list(deliveries)
    with services.database.read() as session:
        return Sources(
            subscribers.by_ids(
                session, {each.subscriber_id for each in deliveries if each.subscriber_id}
            ),
            issues.by_ids(session, {each.issue_id for each in deliveries if each.issue_id}),
        )


def message_builder(services: Services) -> PrepareBatch:
    """Return what reads the rows of a batch of deliveries, once, and then builds each message."""

    def prepare(deliveries: Sequence[Delivery]) -> BuildEnvelope:
        sources = read_sources(services, deliveries)
        return lambda delivery: build_envelope(services, delivery, sources)

    return prepare


def build_envelope(services: Services, delivery: Delivery, sources: Sources) -> Envelope:
    """Build the message of one delivery, envelope and headers included.

    Raises
    ------
    UndeliverableError
        If the subscriber left, was erased or changed their address since it was queued, or the
        issue is gone.
    TemplateError
        If the mail cannot be rendered.
    AddressError
        If the recipient is no mail address.
    """
    subscriber, issue = _rows_of(delivery, sources)
    envelope = build_message(
        _mail(services, delivery, subscriber, issue),
        kind=delivery.kind,
        mailing_list=MailingList(
            name=services.site.list_name,
            address=services.site.list_address,
            front_url=links.front_url(services),
            owner=services.site.operator_address,
            takes_mail=services.site.takes_mail,
        ),
        recipient=delivery.recipient,
        # An answer to a stranger must not come back to us (RFC 3834, section 3.3).
        envelope_sender=""
        if delivery.subscriber_id is None and delivery.kind is DeliveryKind.ANSWER
        else links.bounce_address(services, delivery),
        message_id=delivery.message_id,
        created_at=delivery.created_at,
        unsubscribe_url=None
        if subscriber is None
        else links.unsubscribe_url(services, subscriber, since=delivery.created_at),
        unsubscribe_address=None
        if subscriber is None
        else links.unsubscribe_address(services, subscriber, since=delivery.created_at),
        reply_to=_reply_to(services, delivery, subscriber, issue),
        in_reply_to=None if delivery.content is None else delivery.content.get("in_reply_to"),
    )
    if services.dkim is None:
        return envelope
    return replace(
        envelope, content=services.dkim.sign(envelope.content, signed_at=delivery.created_at)
    )


def _rows_of(delivery: Delivery, sources: Sources) -> tuple[Subscriber | None, Issue | None]:
    """Find who a delivery is for and the issue that it carries.

    What is for nobody who subscribed, an answer to a stranger or a notice, carries its content.
    """
    if delivery.subscriber_id is None:
        if delivery.content is None:
            raise UndeliverableError("it is for nobody who subscribed, and has no content")
        return None, None
    subscriber = sources.subscribers.get(delivery.subscriber_id)
    issue = None if delivery.issue_id is None else sources.issues.get(delivery.issue_id)
    if subscriber is None:
        raise UndeliverableError("its subscriber was erased")
    if delivery.kind in BULK_KINDS and subscriber.state not in subscription.RECEIVING:
        raise UndeliverableError(f"its subscriber is {subscriber.state} since")
    if delivery.recipient not in (subscriber.email, _asked_address(delivery)):
        # Its links would open at an address that is theirs no more.
        raise UndeliverableError("its subscriber has another address since")
    return subscriber, issue


def _asked_address(delivery: Delivery) -> str | None:
    """Return the new address whose yes a message asks for: it is not the subscriber's yet."""
    if delivery.kind is not DeliveryKind.CONFIRM_CHANGE:
        return None
    values = _pending_values(delivery)
    return values["new_email"] if Side(values["side"]) is Side.NEW else None


def issue_mail(
    services: Services,
    subscriber: Subscriber,
    issue: Issue,
    *,
    withdrawn: Collection[int] = (),
) -> RenderedMail:
    """Render a subscriber's issue, with links that live as long as it was composed for.

    Its HTML has at most `HTML_MAX_BYTES`: of more papers than fit, the last are told in short.

    Parameters
    ----------
    withdrawn : collection of int
        Papers to mark as taken back: on pages, for a mail says what was known when it was composed.
    """
    renderer = services.renderer.in_language(issue.language)
    values = _issue_values(services, subscriber, issue, withdrawn)
    values["ranking_note"] = renderer.language.told(ranking_note(issue))

    def rendered(full: int) -> RenderedMail:
        return renderer.mail("newsletter", **values, full=full, bare=False)

    number = len(issue.entries)
    mail = rendered(number)
    if _is_light(mail):
        return mail
    # The more are told in full, the heavier: the most that are light are found by halving.
    heavy = bisect_left(range(number), True, key=lambda full: not _is_light(rendered(full)))
    if heavy:
        return rendered(heavy - 1)
    return renderer.mail("newsletter", **values, full=0, bare=True)


def _is_light(mail: RenderedMail) -> bool:
    return len(mail.html.encode()) <= HTML_MAX_BYTES


def _issue_values(
    services: Services, subscriber: Subscriber, issue: Issue, withdrawn: Collection[int]
) -> dict[str, object]:
    return dict(
        **_site(services),
        date=issue.date,
        curator=issue.curator,
        welcome=issue.welcome,
        schedule=issue.schedule,
        entries=[_shown(services, subscriber, issue, each, withdrawn) for each in issue.entries],
        unmet_interests=issue.unmet_interests,
        rate_all_url=links.rate_all_url(services, subscriber, issue) if issue.entries else None,
        browser_url=links.issue_url(services, subscriber, issue),
        preferences_url=links.preferences_url(services, subscriber, since=issue.composed_at),
        unsubscribe_url=links.unsubscribe_url(services, subscriber, since=issue.composed_at),
    )


def ranking_note(issue: Issue) -> str:
    """Return what the ranking of an issue used, in a sentence or two; empty where it has none."""
    if not issue.entries:
        return ""
    if issue.welcome:
        return Message("Picked so that your ratings of them tell most about what you like.")
    share = round(100 * issue.entries[0].interest_weight)
    explored = sum(entry.explored for entry in issue.entries)
    but: str = ""
    if explored:
        but = counted_message(
            ", but for %(num)s suggestion outside your usual topics",
            ", but for %(num)s suggestions outside your usual topics",
            explored,
        )
    if share == 0:
        return Message(
            "Ranked by what is trending%(but)s; rate papers, and the next issue follows your"
            " taste.",
            but=but,
        )
    shares = {"share": share, "rest": 100 - share, "but": but}
    said = _said(issue)
    if said:
        note = Message(
            "Ranked by your %(said)s (%(share)s %%) and by what is trending (%(rest)s %%)%(but)s.",
            said=said,
            **shares,
        )
    else:
        note = Message(
            "Ranked by what you said you like to read (%(share)s %%) and by what is trending"
            " (%(rest)s %%)%(but)s.",
            **shares,
        )
    if not issue.poor_signal:
        return note
    return Message("%(sentence)s %(further)s", sentence=note, further=POOR_SIGNAL_NOTE)


def _said(issue: Issue) -> tuple[Message, ...]:
    """Return what of their ratings the ranking of an issue used."""
    likes = counted_message("%(num)s like", "%(num)s likes", issue.likes)
    dislikes = counted_message("%(num)s dislike", "%(num)s dislikes", issue.dislikes)
    saves = counted_message("%(num)s saved paper", "%(num)s saved papers", issue.saves)
    return tuple(each for each in (likes, dislikes, saves) if each.number)


def _mail(
    services: Services, delivery: Delivery, subscriber: Subscriber | None, issue: Issue | None
) -> RenderedMail:
    renderer = services.renderer.in_language(None if subscriber is None else subscriber.language)
    if delivery.kind is DeliveryKind.CONFIRM_CHANGE and subscriber is not None:
        # What it says is frozen; its link is made anew, the same each time.
        return renderer.mail(
            "confirm-change", **_site(services), **_change_values(services, delivery, subscriber)
        )
    if delivery.content is not None:
        # A stranger's language is kept with what they are told.
        tag = delivery.content.get("language")
        renderer = renderer if tag is None else services.renderer.in_language(tag)
        return _frozen_mail(services, renderer, delivery.content)
    if subscriber is None:
        raise UndeliverableError("it is for nobody who subscribed, and has no content")
    match delivery.kind:
        case DeliveryKind.CONFIRMATION:
            return renderer.mail(
                "confirmation",
                **_site(services),
                confirm_url=links.confirm_url(services, subscriber, since=delivery.created_at),
                hours_valid=subscription.CONFIRMATION_LIFETIME // timedelta(hours=1),
            )
        case DeliveryKind.ALREADY_SUBSCRIBED:
            return renderer.mail(
                "already-subscribed",
                **_site(services),
                **_own_links(services, subscriber, delivery),
            )
        case DeliveryKind.NEW_LINKS:
            return renderer.mail(
                "new-links",
                **_site(services),
                **_own_links(services, subscriber, delivery),
                is_receiving=subscriber.state in subscription.RECEIVING,
            )
        case DeliveryKind.WELCOME | DeliveryKind.ISSUE:
            if issue is None:
                raise UndeliverableError("its issue is gone")
            return issue_mail(services, subscriber, issue)
        case _:
            raise UndeliverableError(f"nothing tells what a {delivery.kind} says")


def _own_links(services: Services, subscriber: Subscriber, delivery: Delivery) -> dict[str, str]:
    since = delivery.created_at
    return {
        "preferences_url": links.preferences_url(services, subscriber, since=since),
        "unsubscribe_url": links.unsubscribe_url(services, subscriber, since=since),
    }


def _change_values(
    services: Services, delivery: Delivery, subscriber: Subscriber
) -> dict[str, object]:
    """Return what the mail says that asks for a yes to a change."""
    values = _pending_values(delivery)
    return {
        # Those that were queued before there were languages have it in English words.
        "what": values["what"] if "what" in values else changes.described(values["command"]),
        # Who mistyped the new address has told a stranger nothing.
        "old_email": subscriber.email if values["side"] == Side.SUBSCRIBED else None,
        "new_email": values["new_email"],
        "hours_valid": address_change.PENDING_LIFETIME // timedelta(hours=1),
        "pending_url": links.pending_url(
            services,
            subscriber,
            values["pending_id"],
            Side(values["side"]),
            since=delivery.created_at,
        ),
    }


def _reply_to(
    services: Services, delivery: Delivery, subscriber: Subscriber | None, issue: Issue | None
) -> str | None:
    """Return the address that replies to a delivery mean something at; None: the list's own."""
    if subscriber is None or not services.site.takes_mail:
        return None
    if issue is not None:
        return links.rate_address(services, subscriber, issue)
    if delivery.kind is DeliveryKind.CONFIRMATION:
        return links.confirm_address(services, subscriber, since=delivery.created_at)
    if delivery.kind is not DeliveryKind.CONFIRM_CHANGE:
        return None
    values = _pending_values(delivery)
    return links.pending_address(
        services,
        subscriber,
        values["pending_id"],
        Side(values["side"]),
        since=delivery.created_at,
    )


def _pending_values(delivery: Delivery) -> Mapping[str, Any]:
    if delivery.content is None:
        raise UndeliverableError("nothing tells which change it is about")
    values: Mapping[str, Any] = delivery.content["values"]
    return values


def _shown(
    services: Services,
    subscriber: Subscriber,
    issue: Issue,
    entry: IssueEntry,
    withdrawn: Collection[int],
) -> SimpleNamespace:
    reason = entry.reason[:1].upper() + entry.reason[1:]
    return SimpleNamespace(
        position=entry.position,
        number=f"{entry.position:2}. ",
        paper=ShownPaper(
            title=entry.title,
            authors=entry.authors,
            url=entry.url,
            search_site=searched_at(entry.url),
            excerpt=entry.excerpt,
            excerpt_is_summary=entry.excerpt_is_summary,
            upvotes=entry.upvotes,
            code_url=entry.code_url,
            project_url=entry.project_url,
            withdrawn=entry.paper_id in withdrawn,
            has_reason=bool(entry.reason),
            reason_is_personal=entry.reason_is_personal,
            explored=entry.explored,
            thumbnail=Thumbnail.named(entry.thumbnail),
        ),
        reason=reason,
        wrapped_reason=wrapped(reason, REASON_INDENT),
        like_url=links.rating_url(services, subscriber, issue, entry.paper_id, Vote.UP),
        dislike_url=links.rating_url(services, subscriber, issue, entry.paper_id, Vote.DOWN),
        save_url=links.rating_url(services, subscriber, issue, entry.paper_id, Vote.SAVE),
    )


def _frozen_mail(
    services: Services, renderer: Renderer, content: Mapping[str, Any]
) -> RenderedMail:
    """Render what was frozen when a message was queued: a template's name and its values."""
    return renderer.mail(str(content["template"]), **_site(services), **dict(content["values"]))


def _site(services: Services) -> dict[str, object]:
    return {
        "list_name": services.site.list_name,
        "list_address": services.site.list_address,
        "takes_mail": services.site.takes_mail,
        "front_url": links.front_url(services),
    }

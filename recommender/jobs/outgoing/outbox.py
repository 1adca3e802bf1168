"""Jobs: the outbox in an operator's hands: listed, shown, tried again, cancelled, paused.

What was sent is never sent again, and what is being sent is not touched. Large changes are made in
short transactions, so that deliveries and votes need not wait for them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from recommender.domain import DeliveryKind, DeliveryState
from recommender.errors import NotFoundError
from recommender.jobs.services import Services
from recommender.mail.message import BULK_KINDS, ascii_domain_address
from recommender.membership.subscription import CONFIRMATION_LIFETIME, RECEIVING
from recommender.store import holds, outbox_changes, outbox_listing, sending_pause
from recommender.store.database import Session
from recommender.store.holds import Holds
from recommender.store.outbox_changes import Candidate
from recommender.store.outbox_listing import DeliveryDetails, ListedDelivery, Selection

UNSENT: Final = (
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
)
PUT_OFF_STATES: Final = (DeliveryState.DEFERRED, DeliveryState.FAILED)
RETRIED_STATES: Final = (DeliveryState.QUEUED, *PUT_OFF_STATES)
# Those that are being sent too, so that they can be told of.
CANCELLED_STATES: Final = (
    DeliveryState.QUEUED,
    DeliveryState.DEFERRED,
    DeliveryState.SENDING,
)
RETRIED: Final = "tried again by the operator"
CANCELLED: Final = "cancelled by the operator"

_logger = logging.getLogger(__name__)

PAGE_ROWS: Final = 500
"""Rows that are read, or changed, in one transaction."""

_LEFT_NOT: Final = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How much there is of what, and what keeps it back.

    Attributes
    ----------
    meant : int
        How many are meant.
    states : dict of str to int
        How many there are in each state, also in those that are not meant.
    domains : dict of str to dict of str to int
        How many are meant by recipient domain and state, the domains with most trouble first.
    """

    meant: int
    states: dict[str, int]
    domains: dict[str, dict[str, int]]
    holds: Holds


@dataclass(slots=True)
class Change:
    """What a change came to.

    Attributes
    ----------
    changed : int
        How many messages are due now, or were cancelled.
    left : Counter of str
        Why others were left as they are, and how many.
    left_ids : dict of int to str
        Of those that were named one by one: which, and why.
    lifted : Holds
        What kept messages back and does so no longer.
    """

    changed: int = 0
    left: Counter[str] = field(default_factory=Counter)
    left_ids: dict[int, str] = field(default_factory=dict)
    lifted: Holds = field(default_factory=Holds)


def select(
    *,
    states: Sequence[DeliveryState] = UNSENT,
    kinds: Sequence[DeliveryKind] = (),
    domains: Sequence[str] = (),
    recipient: str = "",
) -> Selection:
    """Return which deliveries are meant, as an operator says it.

    Raises
    ------
    AddressError
        If a domain is none.
    """
    spellings = [each.lower().removeprefix("@").rstrip(".") for each in domains]
    ascii_spellings = [ascii_domain_address(f"x@{each}").rpartition("@")[2] for each in spellings]
    return Selection(
        states=tuple(states),
        kinds=tuple(kinds),
        domains=tuple(dict.fromkeys([*spellings, *ascii_spellings])),
        recipient=recipient,
    )


def summarise(services: Services, selection: Selection) -> Summary:
    """Count what is meant, and tell what keeps messages back."""
    with services.database.read() as session:
        domains = outbox_listing.count_by_domain(session, selection)
        return Summary(
            meant=sum(sum(numbers.values()) for numbers in domains.values()),
            states=outbox_listing.count_by_state(session, replace(selection, states=())),
            domains=domains,
            holds=holds.at(session, services.clock()),
        )


def listing(
    services: Services, selection: Selection, *, limit: int | None
) -> Iterator[ListedDelivery]:
    """Yield what is meant, the newest trouble first; None gives all of it."""
    with services.database.read() as session:
        ids = outbox_listing.ids(session, selection, limit=limit)
    for start in range(0, len(ids), PAGE_ROWS):
        with services.database.read() as session:
            page = outbox_listing.read(session, ids[start : start + PAGE_ROWS])
        yield from page


def show(services: Services, name: str) -> DeliveryDetails:
    """Return everything of one delivery, by its number or its Message-ID.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    with services.database.read() as session:
        if name.isascii() and name.isdecimal():
            found = outbox_listing.find(session, delivery_id=_number(name))
        else:
            message_id = f"<{name.strip().removeprefix('<').removesuffix('>')}>"
            found = outbox_listing.find(session, message_id=message_id)
    if found is None:
        raise NotFoundError(
            f"there is no message {name!r} in the outbox; `recommender outbox list` shows them"
        )
    return found


def retry(services: Services, selection: Selection) -> Change:
    """Make due now what is meant: what waits, and what failed without our wish."""
    return _change_all(services, selection, _why_not_retried, _make_due)


def retry_by_id(services: Services, ids: Sequence[int]) -> Change:
    """Make due now what is named, also what an operator cancelled.

    Raises
    ------
    NotFoundError
        If one does not exist; nothing was changed then.
    """
    return _change_by_id(services, ids, _why_never_retried, _make_due)


def cancel(services: Services, selection: Selection) -> Change:
    """Give up what is meant and waits."""
    return _change_all(services, selection, _why_not_cancelled, _cancel)


def cancel_by_id(services: Services, ids: Sequence[int]) -> Change:
    """Give up what is named and waits.

    Raises
    ------
    NotFoundError
        If one does not exist; nothing was changed then.
    """
    return _change_by_id(services, ids, _why_not_cancelled, _cancel)


def lift(services: Services) -> Holds:
    """Forget pauses of servers, holds of bulk mail and paces of domains; gives what they were."""
    with services.change() as session:
        return holds.lift(session, now=services.clock())


def pause(services: Services) -> datetime:
    """Have nothing leave until it is resumed, and return since when: what is under way is finished.

    It holds for messages of every kind, because whoever pauses has seen something go wrong, and
    nobody knows yet with what.
    """
    with services.change() as session:
        since = sending_pause.pause(session, now=services.clock())
    _logger.warning("sending is paused by the operator")
    return since


def resume(services: Services) -> datetime | None:
    """Have what waits leave again, and return since when it was paused; None where it was not."""
    with services.change() as session:
        since = sending_pause.resume(session)
    if since is not None:
        _logger.info("sending goes on, as the operator says")
    return since


def held_now(services: Services) -> Holds:
    """Return what keeps messages back."""
    with services.database.read() as session:
        return holds.at(session, services.clock())


_WhyLeft = Callable[[Candidate, datetime], str]
_Act = Callable[[Session, Sequence[int], datetime], int]


def _why_not_retried(candidate: Candidate, now: datetime) -> str:
    if candidate.state is DeliveryState.FAILED and candidate.last_reply == CANCELLED:
        return f"{CANCELLED}, who may name it by its number"
    return _why_never_retried(candidate, now)


def _why_never_retried(candidate: Candidate, now: datetime) -> str:
    """Return why a message is left as it is, or nothing where it can be tried."""
    if candidate.state is DeliveryState.SENT:
        return "was sent, and nothing is sent twice"
    if candidate.state is DeliveryState.SENDING:
        return "is being sent"
    if candidate.state is DeliveryState.FAILED:
        return _why_not_queued_again(candidate, now)
    return "is due already" if candidate.next_attempt_at <= now else _LEFT_NOT


def _why_not_queued_again(candidate: Candidate, now: datetime) -> str:
    if candidate.kind in BULK_KINDS:
        if candidate.subscriber_state not in RECEIVING:
            return f"its subscriber is {candidate.subscriber_state}"
        if not candidate.has_issue:
            return "its issue is gone"
    # What it asks for cannot be confirmed any more: the link in it ended.
    is_request = candidate.kind in {DeliveryKind.CONFIRMATION, DeliveryKind.CONFIRM_CHANGE}
    if is_request and now - candidate.created_at >= CONFIRMATION_LIFETIME:
        return "the link in it has expired"
    return _LEFT_NOT


def _why_not_cancelled(candidate: Candidate, _now: datetime) -> str:
    if candidate.state in outbox_changes.WAITING:
        return _LEFT_NOT
    return {
        DeliveryState.SENDING: "is being sent",
        DeliveryState.SENT: "was sent",
        DeliveryState.FAILED: "has failed already",
    }[candidate.state]


def _make_due(session: Session, ids: Sequence[int], now: datetime) -> int:
    return outbox_changes.make_due(session, ids, now=now, reply=RETRIED)


def _cancel(session: Session, ids: Sequence[int], now: datetime) -> int:
    return outbox_changes.cancel(session, ids, now=now, reply=CANCELLED)


def _change_all(services: Services, selection: Selection, why_left: _WhyLeft, act: _Act) -> Change:
    change = Change()
    with services.database.read() as session:
        ids = outbox_changes.chosen_ids(session, selection)
    for start in range(0, len(ids), PAGE_ROWS):
        now = services.clock()
        with services.change() as session:
            page = outbox_changes.candidates(session, selection, ids[start : start + PAGE_ROWS])
            reasons = {each.id: why_left(each, now) for each in page}
            change.changed += act(session, [n for n, why in reasons.items() if not why], now)
        change.left.update(filter(None, reasons.values()))
    return change


def _change_by_id(services: Services, ids: Sequence[int], why_left: _WhyLeft, act: _Act) -> Change:
    wanted = sorted(set(ids))
    pages = [wanted[start : start + PAGE_ROWS] for start in range(0, len(wanted), PAGE_ROWS)]
    change = Change()
    now = services.clock()
    with services.change() as session:
        found = [
            candidate
            for page in pages
            for candidate in outbox_changes.candidates(session, Selection(), page)
        ]
        missing = sorted(set(wanted) - {each.id for each in found})
        if missing:
            raise NotFoundError(
                f"there is no message {missing[0]} in the outbox; nothing was changed, "
                "`recommender outbox list` shows their numbers"
            )
        reasons = {each.id: why_left(each, now) for each in found}
        for page in pages:
            change.changed += act(session, [n for n in page if not reasons[n]], now)
    change.left_ids = {number: why for number, why in reasons.items() if why}
    change.left.update(change.left_ids.values())
    return change


def _number(text: str) -> int:
    number = int(text)
    # SQLite's integers end there; a larger number names nothing.
    return number if number < 1 << 63 else 0

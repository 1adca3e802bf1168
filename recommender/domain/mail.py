"""Domain: what travels by mail, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class DeliveryKind(StrEnum):
    """What an outgoing message is for."""

    CONFIRMATION = "confirmation"
    ALREADY_SUBSCRIBED = "already-subscribed"
    WELCOME = "welcome"
    ISSUE = "issue"
    ANSWER = "answer"
    """What somebody wrote to us is answered."""
    CONFIRM_CHANGE = "confirm-change"
    """A change that was asked for without proof waits for a yes."""
    PROBE = "probe"
    """Mail to an address kept coming back: does this one arrive?"""
    NEW_LINKS = "new-links"
    """Older links were ended: here are new ones."""
    NOTICE = "notice"
    """The operator is told of trouble."""


class DeliveryState(StrEnum):
    """Where an outgoing message is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"


class BounceKind(StrEnum):
    """Why a delivery came back: for good, for now, or as its reader's complaint."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outgoing message, a row in the outbox.

    Attributes
    ----------
    subscriber_id : int or None
        None where the message is for nobody who subscribed: the operator, or a stranger who wrote.
    key : str
        What this message is for, unique with subscriber and kind.
    recipient : str
        The address as it was when the message was queued.
    message_id : str
        With angle brackets; never changes.
    issue_id : int or None
        The frozen issue that it carries.
    attempts : int
        How often a server was asked to take it.
    next_attempt_at : datetime
        When it may be tried (again).
    last_reply : str
        What the server said last, with its status codes; empty before the first attempt.
    recipient_domain : str
        Domain of ``recipient`` in lower case.
    times_in_doubt : int
        How often it was handed over, or may have been, and nobody knows whether it arrived.
    deferred_since : datetime or None
        When a server first put it off, from which its last day is counted. None where none did
        since it was queued, or tried anew by the operator.
    content : mapping or None
        ``template`` and ``values`` of a message that no other row tells the content of.
    """

    id: int
    subscriber_id: int | None
    kind: DeliveryKind
    key: str
    recipient: str
    message_id: str
    issue_id: int | None
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    last_reply: str
    recipient_domain: str = ""
    times_in_doubt: int = 0
    deferred_since: datetime | None = None
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery that came back, or that a server refused for good.

    Attributes
    ----------
    delivery_id : int or None
        None where only the subscriber is known.
    weight : float
        How much it says against the address when it is new, >= 0.
    enhanced_status_code : str or None
        RFC 3463, ``5.1.1``.
    diagnostic : str
        The words of the server that refused it, in one line.
    source : str
        How we know: ``dsn``, ``unstructured``, ``arf`` or ``smtp``.
    recipient_domain : str
        In lower case.
    """

    id: int
    subscriber_id: int
    delivery_id: int | None
    kind: BounceKind
    weight: float
    enhanced_status_code: str | None
    diagnostic: str
    source: str
    received_at: datetime
    recipient_domain: str


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail that reached us for one recipient, stored before it was acknowledged.

    Attributes
    ----------
    source : str
        The way it came: ``lmtp``, ``imap``, ``maildir`` or ``pipe``.
    envelope_sender : str
        Empty for the null sender ``<>``.
    recipient : str
        The address of ours that it was for, plus-tag included; empty for a mail from a mailbox
        that was not read yet: there, its header tells both.
    content : bytes
        As it came, headers and body.
    attempts : int
        How often it was begun to be read, this time included.
    """

    id: int
    received_at: datetime
    source: str
    envelope_sender: str
    recipient: str
    content: bytes
    attempts: int

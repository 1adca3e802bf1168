"""Domain: who reads, what they say of papers, and what they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class SubscriberState(StrEnum):
    """Where a subscriber stands between asking and leaving."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    SUSPENDED = "suspended"


class Vote(StrEnum):
    """What a subscriber says of a paper. ``WITHDRAW`` takes back a rating and a save."""

    UP = "up"
    DOWN = "down"
    SAVE = "save"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Preferences:
    """When a subscriber wants how many papers.

    Attributes
    ----------
    hour : int
        Local hour of day, 0 to 23.
    weekdays : frozenset of int
        Monday is 0, Sunday is 6; not empty.
    timezone : str
        IANA name.
    papers : int
        Papers in an issue, 1 to 50.
    """

    hour: int
    weekdays: frozenset[int]
    timezone: str
    papers: int


@dataclass(frozen=True, slots=True)
class LinkEpochs:
    """How often the links of a subscriber were ended: a link works in the epoch it was made in.

    Attributes
    ----------
    links : int
        Another one with each address, each time they leave, and each time they say so.
    unsubscribe : int
        Of the links that unsubscribe. Leaving changes nothing about them, for a second click is no
        error, and who comes back must be able to leave by any mail that they kept.
    """

    links: int = 0
    unsubscribe: int = 0


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person at an address.

    Attributes
    ----------
    interests : str
        What they said at sign-up that they like to read, in their own words; may be empty.
    followed, blocked : str
        Words, phrases and authors that they always want to be shown, and never; a line each,
        in their own words; may be empty.
    requested_at : datetime
        When they last asked to be subscribed; a confirmation link is bound to it.
    confirmed_at : datetime or None
        None where they never confirmed, or an operator vouched for their consent.
    welcome_due : bool
        They confirmed, and the issue that welcomes them is not composed yet.
    next_issue_at : datetime or None
        When their next issue is due, which for a `paused` one ends the pause; None unless they
        are one of the two.
    issues_composed : int
        How many issues they have had, the number of the last one.
    last_issue_date : date or None
        Day of their last issue, in their own time zone.
    language : str or None
        Tag of the language that they are told things in; None: the installation's.
    """

    id: int
    email: str
    state: SubscriberState
    preferences: Preferences
    interests: str
    requested_at: datetime
    confirmed_at: datetime | None
    welcome_due: bool
    next_issue_at: datetime | None
    issues_composed: int
    last_issue_date: date | None
    followed: str = ""
    blocked: str = ""
    epochs: LinkEpochs = LinkEpochs()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """What one subscriber says of one paper today.

    Attributes
    ----------
    value : int
        +1 "more like this", -1 "less like this", 0 where only saved.
    saved : bool
        Stands on their reading list, which counts as a strong like.
    rated_at : datetime
        When they last changed it.
    """

    paper_id: int
    value: int
    saved: bool
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class PaperNote:
    """What one subscriber wrote down about one paper.

    Attributes
    ----------
    read_at : datetime or None
        When they said that they read it.
    note : str
        In their own words, in lines; may be empty.
    tags : tuple of str
        Each once.
    """

    paper_id: int
    read_at: datetime | None = None
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermRating:
    """What one subscriber says of one term: a word or two that papers may hold.

    Attributes
    ----------
    term : str
        What the features call it: the key of `interests.terms`.
    words : str
        How it was shown to them.
    value : int
        +1 more of this, -1 less of this, 0 where it is to tell nothing of what they like.
    rated_at : datetime
        When they said so.
    """

    term: str
    words: str
    value: int
    rated_at: datetime


class InterestState(StrEnum):
    """What a subscriber wants of one of their interests.

    ``paused``: its papers teach nothing about what comes next, and it goes on being learned.
    ``removed``: what they liked of it until then teaches nothing at all.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class KeptInterest:
    """One of a subscriber's interests, which they named, paused or removed.

    Interests are found anew at each fit; this one is known again by its papers.

    Attributes
    ----------
    id : int
        0 where it is not stored yet.
    name : str
        As they call it; may be empty.
    phrases : str
        What told most of it when they spoke of it last; it is called by that where it has no name.
    papers : frozenset of int
        The liked papers that were its own when they spoke of it last.
    said_at : datetime
        When they spoke of it last.
    """

    id: int
    name: str
    phrases: str
    state: InterestState
    papers: frozenset[int]
    said_at: datetime

    @property
    def called(self) -> str:
        """What it is called where it is shown."""
        return self.name or self.phrases


@dataclass(frozen=True, slots=True)
class IssueEntry:
    """One paper of a frozen issue: everything that the mail shows and that the ranking used.

    Attributes
    ----------
    position : int
        Place in the issue, from 1: the number that a reply by mail names.
    excerpt : str
        What the paper does, in a sentence or two.
    upvotes : int
        Public votes when the issue was composed.
    trend_score : float
        Public attention in [0, 1).
    interest_score : float or None
        Probability-like fit to the subscriber in [0, 1]; None before they gave evidence.
    interest_weight : float
        Share of ``interest_score`` in ``ranking_score``, in [0, 1].
    ranking_score : float
        The blend that the issue is ordered by.
    reason : str
        Why this paper is here, in words.
    reason_is_personal : bool
        ``reason`` names something of the subscriber's own, not public attention alone.
    explored : bool
        It is here because the model was unsure of it, not for its ``ranking_score``.
    propensity : float or None
        Probability in (0, 1] with which this issue would hold this paper; None where none was
        logged.
    excerpt_is_summary : bool
        ``excerpt`` is the digest's own summary, not words of the abstract.
    code_url, project_url : str or None
        See `DigestEntry`.
    topic : str
        What it is about, in a phrase of its title; empty where none says it.
    thumbnail : str
        The name of its `Thumbnail`; empty where mails show none.
    """

    position: int
    paper_id: int
    title: str
    authors: tuple[str, ...]
    url: str | None
    excerpt: str
    upvotes: int
    trend_score: float
    interest_score: float | None
    interest_weight: float
    ranking_score: float
    reason: str
    explored: bool = False
    propensity: float | None = None
    excerpt_is_summary: bool = False
    code_url: str | None = None
    project_url: str | None = None
    reason_is_personal: bool = True
    topic: str = ""
    thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One subscriber's newsletter of one day, frozen once composed.

    Attributes
    ----------
    number : int
        The subscriber's issues counted from 1.
    curator : str
        Byline: who put together the newest digest that the issue draws on.
    likes, dislikes, saves : int
        The evidence that the ranking used.
    welcome : bool
        It answers a confirmation, and greets.
    schedule : str
        When issues come, as it was when this one was composed: ``Monday to Friday at 7:00 (UTC)``.
    poor_signal : bool
        Their interest was found to predict no better than trend, so that it counted less.
    unmet_interests : tuple of str
        What of their stated interests nothing new was about.
    language : str
        Tag of the language that its words are in: reasons and schedule are frozen in it.
    """

    id: int
    subscriber_id: int
    number: int
    date: date
    curator: str
    composed_at: datetime
    likes: int
    dislikes: int
    saves: int
    entries: tuple[IssueEntry, ...] = field(default=())
    welcome: bool = False
    schedule: str = ""
    poor_signal: bool = False
    unmet_interests: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Tuning:
    """One choice of the model's hyper-parameters by the installation's own evaluation.

    Attributes
    ----------
    parameters : mapping of str to float
        Hyper-parameters by name.
    ndcg_at_10, ndcg_at_10_before : float
        Mean over the subscribers with these parameters, and with those in use before; in [0, 1].
    subscribers : int
        How many they were measured on.
    adopted : bool
        They are used, unless a later tuning was adopted.
    note : str
        Why they were adopted, refused or withdrawn.
    """

    id: int
    tuned_at: datetime
    parameters: Mapping[str, float]
    ndcg_at_10: float
    ndcg_at_10_before: float
    subscribers: int
    adopted: bool
    note: str


@dataclass(frozen=True, slots=True)
class SubscriberQuality:
    """How well the model ranked for one subscriber, as measured on one day.

    Attributes
    ----------
    issues, likes : int
        How many issues were scored, and how many likes they were scored against.
    ndcg_at_10, recall_at_50, mrr, auc : float
        See `interests.metrics`; in [0, 1].
    interest_gain : float or None
        By how much interest predicts better than trend, see `newsletter.poor_signal.expected_gain`;
        None where too few issues say it. Their signal is poor where it is not above 0.
    """

    subscriber_id: int
    measured_on: date
    issues: int
    likes: int
    ndcg_at_10: float
    recall_at_50: float
    mrr: float
    auc: float
    interest_gain: float | None = None

    @property
    def poor_signal(self) -> bool | None:
        """Whether interest predicts no better than trend; None where too little is known."""
        return None if self.interest_gain is None else self.interest_gain <= 0


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that was asked for without proof, and waits for a yes by mail.

    Attributes
    ----------
    command : str
        What it does, in one line that `membership.changes` printed.
    new_email, new_email_key : str or None
        For a change of address: the new one, and what it is compared by.
    old_confirmed_at, new_confirmed_at, done_at : datetime or None
        When the subscribed and when the new address said yes, and when it was carried out.
    """

    id: int
    subscriber_id: int
    command: str
    new_email: str | None
    new_email_key: str | None
    created_at: datetime
    expires_at: datetime
    old_confirmed_at: datetime | None = None
    new_confirmed_at: datetime | None = None
    done_at: datetime | None = None

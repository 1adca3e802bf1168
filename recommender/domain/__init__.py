"""The things that cross rooms: frozen values of the standard library.

Beside them is what each room must read alike: what makes titles and DOIs one (`titles`, `dois`).

One word for one thing; ``docs/design.md``, *Words*, has the list. Times are timezone-aware UTC.
"""

from recommender.domain.libraries import KnownPaper, Library, LibraryAddress
from recommender.domain.mail import (
    Bounce,
    BounceKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    InboundMail,
)
from recommender.domain.papers import (
    AnnounceType,
    Digest,
    DigestEntry,
    Mention,
    Paper,
    Rejection,
    Thumbnail,
    UnreadEntry,
)
from recommender.domain.sending import DomainPace, ServerState
from recommender.domain.sources import MAIL_SCHEME, Source, SourceDay, SourceState, WebAnswer
from recommender.domain.subscribers import (
    InterestState,
    Issue,
    IssueEntry,
    KeptInterest,
    LinkEpochs,
    PaperNote,
    PendingChange,
    Preferences,
    Rating,
    Subscriber,
    SubscriberQuality,
    SubscriberState,
    TermRating,
    Tuning,
    Vote,
)

__all__ = [
    "MAIL_SCHEME",
    "AnnounceType",
    "Bounce",
    "BounceKind",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Digest",
    "DigestEntry",
    "DomainPace",
    "InboundMail",
    "InterestState",
    "Issue",
    "IssueEntry",
    "KeptInterest",
    "KnownPaper",
    "Library",
    "LibraryAddress",
    "LinkEpochs",
    "Mention",
    "Paper",
    "PaperNote",
    "PendingChange",
    "Preferences",
    "Rating",
    "Rejection",
    "ServerState",
    "Source",
    "SourceDay",
    "SourceState",
    "Subscriber",
    "SubscriberQuality",
    "SubscriberState",
    "TermRating",
    "Thumbnail",
    "Tuning",
    "UnreadEntry",
    "Vote",
    "WebAnswer",
]

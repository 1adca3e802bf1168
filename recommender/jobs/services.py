"""Jobs: what every use case works with, put together once by the command line or the daemon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender import __version__
from recommender.domain import Preferences, Thumbnail
from recommender.jobs.domain_lists import DomainListFile
from recommender.membership.bouncing import BouncePolicy
from recommender.membership.limits import Cap, RequestLimits
from recommender.papers.identity.canonical_ids import TitleSearch
from recommender.papers.sources.polling import MAX_BYTES
from recommender.reading.pool import ReadingPool
from recommender.recent_log import RecentLines
from recommender.rendering import Renderer
from recommender.store import thumbnails
from recommender.store.database import Database, Session
from recommender.tokens import TokenSigner

if TYPE_CHECKING:
    # They take a while to import, which commands that rank and sign nothing need not spend.
    from recommender.fetching.courtesy import Courtesy
    from recommender.fetching.fetcher import Fetcher
    from recommender.interests.paper_index import PaperIndex
    from recommender.mail.dkim_signing import DkimSigner
    from recommender.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Site:
    """How this installation presents itself.

    Attributes
    ----------
    list_name, list_address : str
        The newsletter's name and its one address.
    curator : str
        The byline where a digest names nobody.
    base_url : str
        Where the pages are reachable, without a slash at the end.
    operator_address : str or None
        Of the person who answers for it.
    title_search : TitleSearch
        Where links search for papers that have no address.
    takes_mail : bool
        Mail to its address comes in here: what it sends may invite replies.
    """

    list_name: str
    list_address: str
    curator: str
    base_url: str
    operator_address: str | None = None
    title_search: TitleSearch = TitleSearch.ARXIV
    takes_mail: bool = True

    @property
    def user_agent(self) -> str:
        """Who asks other servers: this program, and who answers for it."""
        contact = self.operator_address or self.list_address
        # A header is ASCII, and an address need not be.
        words = f"recommender/{__version__} (+{self.base_url}; mailto:{contact})"
        return words.encode("ascii", "replace").decode()


ANSWER_LIMITS: Final = RequestLimits(
    network=Cap(30, 100),
    mailbox=Cap(6, 6),
    domain=Cap(30, 100),
    large_domain=Cap(200, 1_000),
    total=Cap(200, 1_000),
)
"""How many mails go to strangers because somebody wrote to us, where nothing else is set."""

LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """What is asked of requests to be subscribed, which anybody can send.

    Attributes
    ----------
    limits : RequestLimits
    blocked, disposable : DomainListFile
        Domains whose addresses are not mailed: by the operator's word, and because nobody reads
        there for long.
    form_seconds : float
        A form that is sent sooner after it was shown was filled in by a program; 0 takes all.
    trusted_proxies : tuple of IPv4Network and IPv6Network
        Whose word for the client's address is taken (``X-Forwarded-For``).
    """

    limits: RequestLimits = field(default_factory=RequestLimits)
    blocked: DomainListFile = field(default_factory=lambda: DomainListFile(None))
    disposable: DomainListFile = field(default_factory=lambda: DomainListFile(None))
    form_seconds: float = 2.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """How papers are ranked, as far as the operator decides it.

    Attributes
    ----------
    half_life_days : float
        Days after which a mention counts half.
    window_days : int
        Papers that no digest mentioned for this long are not sent any more.
    exploration : int
        Most places of an issue that are kept for papers that the model is unsure of: 0, 1 or 2.
    nightly_hour : int
        Hour of day, 0 to 23, from which on `jobs.nightly` does the work of the night, in the time
        zone of new subscribers.
    """

    half_life_days: float
    window_days: int
    exploration: int = 0
    nightly_hour: int = 3


@dataclass(frozen=True, slots=True)
class WantedSource:
    """A source as the configuration names it, or whoever adds one: see `domain.Source`."""

    url: str
    name: str
    every_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """What is fetched, as far as the configuration says it.

    Attributes
    ----------
    configured : tuple of WantedSource
        Others are added by commands.
    allow_private_networks : bool
        Sources in the own network are fetched.
    rejected_folder : Path or None
        Where a copy of what cannot be read is kept; None: nowhere.
    """

    configured: tuple[WantedSource, ...] = ()
    allow_private_networks: bool = False
    rejected_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class LibraryPolicy:
    """How the libraries of subscribers are read, as far as the configuration says it.

    Attributes
    ----------
    is_offered : bool
        Subscribers may give one.
    zotero_url, arxiv_url, crossref_url : str
        Where the services are, without a slash at the end.
    per_night : int
        Libraries that are read in one night at most; those that waited longest come first.
    """

    is_offered: bool = True
    zotero_url: str = "https://api.zotero.org"
    arxiv_url: str = "https://export.arxiv.org"
    crossref_url: str = "https://api.crossref.org"
    per_night: int = 1_000


@dataclass(frozen=True, slots=True)
class ThumbnailPolicy:
    """Which pictures of papers are kept and shown, as far as the configuration says it.

    Attributes
    ----------
    folder : Path
        Where they are kept.
    are_shown : bool
        They are fetched, and shown on pages.
    are_mailed : bool
        Mails show them too, from our address.
    """

    folder: Path = Path("thumbnails")
    are_shown: bool = False
    are_mailed: bool = False

    def path_of(self, thumbnail: Thumbnail) -> Path:
        """Return the file of one."""
        return self.folder / f"{thumbnail.name}.jpg"

    def of_papers(self, session: Session, paper_ids: Iterable[int]) -> dict[int, Thumbnail]:
        """Read those that pages show of papers; a paper without one is left out."""
        return thumbnails.of_papers(session, paper_ids) if self.are_shown else {}


@dataclass(slots=True)
class IndexCache:
    """The newest index of papers of this process: derived data, see `jobs.issues.corpus`.

    Attributes
    ----------
    made_for : tuple of int
        The state of the corpus that it was made for.
    is_kept : bool
        The file has this index, or cannot be written.
    file : tuple of int or None
        Which version of the file this process read or wrote last.
    is_writable : bool
        The file could be written when that was tried last.
    """

    made_for: tuple[int, ...] = ()
    index: PaperIndex | None = None
    is_kept: bool = False
    file: tuple[int, ...] | None = None
    is_writable: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)


def _nobody_waits() -> None:
    """Do nothing: without a daemon, nobody waits for work."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long is kept what is only looked back at.

    Attributes
    ----------
    issues : timedelta
        Since an issue was composed; its links work for 90 days.
    deliveries : timedelta
        Since a message was queued that was sent or given up; reports may come for 30 days.
    mails : timedelta
        Since a mail came in, that it did; what it said goes sooner, see ``inbox_keep_days``.
    requests : timedelta
        Since a request to be subscribed was decided; the caps look back for one day.
    rejected : timedelta
        Since a file was rejected.
    """

    issues: timedelta = timedelta(days=400)
    deliveries: timedelta = timedelta(days=400)
    mails: timedelta = timedelta(days=400)
    requests: timedelta = timedelta(days=2)
    rejected: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Services:
    """What the jobs are handed.

    Attributes
    ----------
    defaults : Preferences
        Those of a new subscriber.
    clock : callable
        Gives the present moment, timezone-aware.
    wake : callable
        Tells whoever composes and delivers that there is something to do now.
    index_folder : Path or None
        Where the index of papers and when the last night was are kept between processes; None:
        nowhere.
    bounces : BouncePolicy
        When an address is doubted.
    inbox_keep_days : int
        So long after it came, what a mail said that was acted on is dropped.
    inbox_quota_bytes : int
        How much the mails that came in may say, all that are kept together.
    retention : Retention
    answer_limits : RequestLimits
        For mails to strangers because somebody wrote to us.
    takes_smtputf8 : bool
        The server that takes our mail takes addresses beyond ASCII (RFC 6531).
    reading : ReadingPool
        Parses what came from outside: nothing of it is parsed in this process.
    dkim : DkimSigner or None
        Signs each message; None: an MTA behind us does, or nobody.
    status_token : str or None
        Opens the operator's page; None: it opens on this machine only.
    recent_lines : RecentLines
        What was warned of lately, where somebody adds it to the loggers.
    metrics : Metrics or None
        What the daemon counts and times; None: nobody does.
    """

    database: Database
    signer: TokenSigner
    renderer: Renderer
    site: Site
    defaults: Preferences
    ranking: RankingSettings
    clock: Callable[[], datetime]
    wake: Callable[[], None] = field(default=_nobody_waits)
    index_folder: Path | None = None
    dkim: DkimSigner | None = None
    bounces: BouncePolicy = field(default_factory=BouncePolicy)
    inbox_keep_days: int = 7
    inbox_quota_bytes: int = 1_000_000_000
    answer_limits: RequestLimits = ANSWER_LIMITS
    takes_smtputf8: bool = False
    requests: RequestPolicy = field(default_factory=RequestPolicy)
    retention: Retention = field(default_factory=Retention)
    reading: ReadingPool = field(default_factory=ReadingPool)
    sources: SourcePolicy = field(default_factory=SourcePolicy)
    libraries: LibraryPolicy = field(default_factory=LibraryPolicy)
    thumbnails: ThumbnailPolicy = field(default_factory=ThumbnailPolicy)
    index_cache: IndexCache = field(default_factory=IndexCache)
    status_token: str | None = field(default=None, repr=False)
    recent_lines: RecentLines = field(default_factory=RecentLines)
    metrics: Metrics | None = None

    @property
    def nights(self) -> Preferences:
        """When the work of a night begins, as if it were an issue of every day."""
        return replace(self.defaults, hour=self.ranking.nightly_hour, weekdays=frozenset(range(7)))

    def open_fetcher(
        self,
        courtesy: Courtesy | None = None,
        *,
        most_bytes: int = MAX_BYTES,
        allow_own_network: bool | None = None,
    ) -> Fetcher:
        """Return what asks other servers for this installation, to be closed.

        Parameters
        ----------
        courtesy : Courtesy or None
            Shared by all that fetch in one event loop; None: nobody else does.
        most_bytes : int
            Of an answer.
        allow_own_network : bool or None
            Whether servers in the own network are asked; None: as the operator set it for sources.
        """
        # With its certificates it takes 10 MB, which not every installation need spend.
        from recommender.fetching.fetcher import Fetcher, FetchRules  # noqa: PLC0415 - see above

        if allow_own_network is None:
            allow_own_network = self.sources.allow_private_networks
        rules = FetchRules(most_bytes, allow_own_network=allow_own_network)
        return Fetcher(rules, user_agent=self.site.user_agent, courtesy=courtesy)

    @contextmanager
    def change(self) -> Iterator[Session]:
        """Open the transaction of what somebody asks for; once it is on disk, wake the daemon.

        Committed at the end of the block, rolled back if it raises. Work that the daemon does
        each time it is awake writes with `Database.write`, or it would wake itself for ever; where
        something new came of that work (a mail, a refusal, a notice), it wakes itself once.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        with self.database.write() as session:
            yield session
            self.database.dialect.announce(session)
        self.wake()

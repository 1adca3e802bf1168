"""The daemon's way in for mail: starts what listens, and acts on what was stored.

Acting goes on beside all other work: whatever comes in keeps back no newsletter.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender.config.inbox import InboxSettings
from recommender.errors import RecommenderError
from recommender.folder_watching import folder_changes
from recommender.heartbeat import Part
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.services import Services
from recommender.jobs.sources.by_mail import take_in_mail
from recommender.mail.inbox import maildir
from recommender.store.inbound import NewMail

if TYPE_CHECKING:
    from recommender.mail.inbox.imap import ImapFetcher
    from recommender.mail.inbox.lmtp_server import LmtpServer, StoreMails

LOOK_SECONDS: Final = 60
"""What waits is looked at so often without news: not every file system tells of changes."""

_logger = logging.getLogger(__name__)


class MailIntake:
    """All ways by which mail comes in, as the settings have them.

    Parameters
    ----------
    services : Services
        Its ``wake`` is to call `wake`.
    settings : InboxSettings
    stop : asyncio.Event
        Once it is set, no further mail is acted on.
    part : Part
        Shows that mail is acted on.
    listener : socket or None
        Where LMTP comes in, if somebody opened it for us.

    Attributes
    ----------
    services : Services
        May be replaced by those of other settings.
    """

    def __init__(
        self,
        services: Services,
        settings: InboxSettings,
        stop: asyncio.Event,
        *,
        part: Part,
        listener: socket.socket | None = None,
    ) -> None:
        self.services = services
        self._stop = stop
        self._part = part
        self._settings = settings
        self._imap = _imap_fetcher(self._store, settings)
        self._watching: asyncio.Task[None] | None = None
        self._acting: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._lmtp: LmtpServer | None = None
        if settings.lmtp:
            # Like IMAP: who has no mail come in by it needs none of it.
            from recommender.mail.inbox.lmtp_server import LmtpServer  # noqa: PLC0415

            self._lmtp = LmtpServer(
                settings.lmtp,
                list_address=services.site.list_address,
                store=self._store,
                most_bytes=settings.most_bytes,
                listener=listener,
            )
        elif listener is not None:
            _logger.warning("a socket for LMTP was handed to us, but inbox.lmtp is not set")
            listener.close()

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        DaemonError
            If a socket or port is taken, or it or the Maildir may not be used.
        """
        folder = self._settings.maildir
        if folder is not None:
            await asyncio.to_thread(maildir.prepare, folder)
        if self._lmtp is not None:
            await self._lmtp.start()
        if folder is not None:
            self._watching = asyncio.create_task(self._watch(folder))
        if self._imap is not None:
            self._imap.start()
        self._acting = asyncio.create_task(self._act())

    def wake(self) -> None:
        """Act on what was stored, now."""
        self._news.set()

    def is_alive(self) -> bool:
        """Whether what fetches from the mailbox does so still, where there is one to fetch from."""
        return self._imap is None or self._imap.is_alive()

    async def stop(self) -> None:
        """Take no new mail, and answer what was handed in whole."""
        if self._lmtp is not None:
            await self._lmtp.stop()
        if self._imap is not None:
            await asyncio.to_thread(self._imap.stop)
        if self._watching is not None:
            await self._watching
        if self._acting is not None:
            self.wake()
            await self._acting

    def _store(self, mails: Sequence[NewMail]) -> None:
        inbox.store_mails(self.services, mails)

    async def _act(self) -> None:
        """Act on what waits whenever there is news, and every so often: commands store mail."""
        while not self._stop.is_set():
            self._news.clear()
            try:
                with self._part.working():
                    await asyncio.to_thread(
                        process_stored,
                        self.services,
                        dispatch,
                        take_in=take_in_mail,
                        is_to_end=self._stop.is_set,
                    )
            except RecommenderError as error:
                _logger.error("%s; it is tried again in a minute", error)  # noqa: TRY400, our errors say enough in a line
            except Exception:
                _logger.exception("unexpected error; incoming mail is looked at again in a minute")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)

    async def _watch(self, folder: Path) -> None:
        """Take what lies in a Maildir, and what comes to it from now on."""
        changes = folder_changes(folder / "new", stop=self._stop, look_seconds=LOOK_SECONDS)
        await self._take_from(folder)
        async for _ in changes:
            await self._take_from(folder)

    async def _take_from(self, folder: Path) -> None:
        try:
            await asyncio.to_thread(
                maildir.take_new,
                folder,
                store=self._store,
                most_bytes=self._settings.most_bytes,
            )
        except RecommenderError as error:
            _logger.error("mail stays in the Maildir: %s", error)  # noqa: TRY400, our errors say enough in a line
        except Exception:
            _logger.exception("unexpected error; the Maildir is looked at again later")


def _imap_fetcher(store: StoreMails, settings: InboxSettings) -> ImapFetcher | None:
    """Return what fetches from the mailbox; None where none is set."""
    if not settings.imap_host or settings.imap_password is None:
        return None
    # Only who fetches needs it.
    from recommender.mail.inbox.imap import ImapFetcher, Mailbox  # noqa: PLC0415

    return ImapFetcher(
        Mailbox(
            host=settings.imap_host,
            port=settings.imap_port,
            security=settings.imap_security,
            username=settings.imap_username,
            password=settings.imap_password.get_secret_value(),
            folder=settings.imap_folder,
            processed_folder=settings.imap_processed_folder,
            ca_file=settings.imap_ca_file,
        ),
        store=store,
        most_bytes=settings.most_bytes,
    )

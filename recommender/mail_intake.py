"""The daemon's way in for mail: starts what listens, and acts on what was stored."""

from __future__ import annotations

import asyncio

from recommender.config.settings import InboxSettings
from recommender.jobs import inbox
from recommender.jobs.mail_commands import dispatch
from recommender.jobs.services import Services
from recommender.mail.lmtp_server import LmtpServer


class MailIntake:
    """All ways by which mail comes in, as the settings have them.

    Parameters
    ----------
    services : Services
        Its ``wake`` has the daemon act on what was stored.
    settings : InboxSettings
    stop : asyncio.Event
        Once it is set, no further mail is acted on.
    """

    def __init__(self, services: Services, settings: InboxSettings, stop: asyncio.Event) -> None:
        self._services = services
        self._stop = stop
        self._lmtp: LmtpServer | None = None
        if settings.lmtp:
            self._lmtp = LmtpServer(
                settings.lmtp,
                list_address=services.site.list_address,
                store=lambda mails: inbox.store_mails(services, mails),
                most_bytes=settings.most_bytes,
            )

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        DaemonError
            If a socket or port is taken, or may not be used.
        """
        if self._lmtp is not None:
            await self._lmtp.start()

    async def stop(self) -> None:
        """Take no new mail, and answer what was handed in whole."""
        if self._lmtp is not None:
            await self._lmtp.stop()

    def act(self) -> None:
        """Act on what waits; in a thread.

        Raises
        ------
        StorageError
            If the database cannot be read.
        """
        inbox.process_stored(self._services, dispatch, is_to_end=self._stop.is_set)

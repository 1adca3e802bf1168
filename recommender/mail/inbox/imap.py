"""Mail: fetches what comes to a mailbox by IMAP (RFC 9051); stores it before it is marked there.

The only module that speaks IMAP. It works in a thread of its own, waits with IDLE (RFC 2177) where
the server has it, and connects again, after ever longer pauses, whenever the connection is lost.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from imapclient import DELETED, FLAGGED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from recommender.errors import StorageError
from recommender.mail.transport.replies import bounded_line
from recommender.store.inbound import NewMail

IDLE_SECONDS: Final = 5 * 60
"""RFC 2177 wants IDLE anew every 29 minutes. Sooner here: news of a mail that comes in the moment
of the last search stands in that search's answer, and is not told again."""
POLL_SECONDS: Final = 60.0
"""Where the server has no IDLE."""
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 300.0
TIMEOUT_SECONDS: Final = 60.0
STOP_SECONDS: Final = 0.5
"""How long it takes at most to notice that it is to end."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail is fetched from. Certificates are checked, and their names too."""

    host: str
    port: int
    security: Literal["tls", "starttls", "plain"]
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    processed_folder: str = ""
    ca_file: Path | None = None


class ImapFetcher:
    """Fetches until it is told to end.

    Parameters
    ----------
    mailbox : Mailbox
    store : callable
        Stores mails durably, or raises `StorageError`.
    most_bytes : int
        Larger mails stay in the mailbox, flagged.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        store: Callable[[Sequence[NewMail]], None],
        most_bytes: int,
    ) -> None:
        self._mailbox = mailbox
        self._store = store
        self._most_bytes = most_bytes
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread; a server that is away is no reason not to."""
        self._thread = threading.Thread(target=self._run, name="imap", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the mail that is under way, and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(TIMEOUT_SECONDS)

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                self._fetch_until_lost()
            except LoginError as error:
                self._tell(error, "correct inbox.imap_username and inbox.imap_password_file")
            except ssl.SSLCertVerificationError as error:
                self._tell(error, "give the name in the certificate, or inbox.imap_ca_file")
            except StorageError as error:
                _logger.error("mail stays in the mailbox: %s", error)  # noqa: TRY400, our errors say enough in a line
            except (IMAPClientError, OSError) as error:
                self._tell(error, "it is tried again")
            except Exception:
                # What a server sends that nobody foresaw must not end the fetching for good.
                _logger.exception("inbox.imap_host %s: unexpected error", self._mailbox.host)
            if time.monotonic() - begun > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _tell(self, error: Exception, fix: str) -> None:
        if not self._stop.is_set():
            server = f"{self._mailbox.host}:{self._mailbox.port}"
            _logger.warning("inbox.imap_host %s: %s; %s", server, bounded_line(str(error)), fix)

    def _fetch_until_lost(self) -> None:
        client = self._connect()
        try:
            if self._mailbox.processed_folder and not client.folder_exists(
                self._mailbox.processed_folder
            ):
                client.create_folder(self._mailbox.processed_folder)
            client.select_folder(self._mailbox.folder)
            # Where the server keeps no marks, a mail is looked at once for each connection.
            handled: set[int] = set()
            while not self._stop.is_set():
                # Until nothing is left: who waits hears nothing of what came meanwhile.
                while self._take_new(client, handled):
                    pass
                self._wait(client)
        finally:
            self._leave(client)

    def _leave(self, client: IMAPClient) -> None:
        try:
            client.logout()
        except (IMAPClientError, OSError) as error:
            # The connection is gone already; what ended it is told elsewhere.
            _logger.debug("IMAP: %s", error)
            client.shutdown()

    def _connect(self) -> IMAPClient:
        box = self._mailbox
        context = ssl.create_default_context(cafile=box.ca_file)
        client = IMAPClient(
            box.host,
            port=box.port,
            ssl=box.security == "tls",
            ssl_context=context if box.security == "tls" else None,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            if box.security == "starttls":
                client.starttls(context)
            client.login(box.username, box.password)
        except BaseException:
            client.shutdown()
            raise
        return client

    def _take_new(self, client: IMAPClient, handled: set[int]) -> bool:
        """Take what is there, and tell whether there was anything."""
        # Who moves mails away has them all before them; somebody may have looked at one.
        criteria = "UNDELETED" if self._mailbox.processed_folder else "UNSEEN UNDELETED"
        found = sorted({*client.search([*criteria.split(), "UNFLAGGED"])} - handled)
        for uid in found:
            if self._stop.is_set():
                return False
            self._take(client, uid)
            handled.add(uid)
        return bool(found)

    def _take(self, client: IMAPClient, uid: int) -> None:
        size = client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
        if size is None:
            return  # somebody else removed it
        if size > self._most_bytes:
            _logger.warning("inbox: mail %d in the mailbox is too large: %d bytes", uid, size)
            client.add_flags([uid], [FLAGGED])
            return
        content = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        if content is None:
            return
        # Nothing of it is looked at before it is stored: whom it is for is read with the rest.
        self._store([NewMail("imap", "", "", content)])
        self._mark(client, uid)

    def _mark(self, client: IMAPClient, uid: int) -> None:
        client.add_flags([uid], [SEEN], silent=True)
        target = self._mailbox.processed_folder
        if not target:
            return
        if client.has_capability("MOVE"):
            client.move([uid], target)
            return
        client.copy([uid], target)
        client.add_flags([uid], [DELETED], silent=True)
        # Without UIDPLUS, what others marked as deleted would be removed with it.
        if client.has_capability("UIDPLUS"):
            client.uid_expunge([uid])

    def _wait(self, client: IMAPClient) -> None:
        """Return when something came, or when it is time to ask."""
        if not client.has_capability("IDLE"):
            self._stop.wait(POLL_SECONDS)
            client.noop()
            return
        until = time.monotonic() + IDLE_SECONDS
        client.idle()
        try:
            while not self._stop.is_set() and time.monotonic() < until:
                if client.idle_check(timeout=STOP_SECONDS):
                    break
        finally:
            client.idle_done()

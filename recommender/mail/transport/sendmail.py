"""Mail: hands messages to the `sendmail` program of this machine. The only module that runs it."""

from __future__ import annotations

import asyncio
import os
import shutil

from recommender.errors import DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.transport.replies import Reply, Step, bounded_line
from recommender.mail.transport.smtp_server import SmtpServer
from recommender.mail.transport.wire import local_refusal

# sysexits(3): what a mailer says by its exit status, as a reply and an enhanced status code.
_PERMANENT = {
    os.EX_USAGE: "5.3.5",
    os.EX_DATAERR: "5.6.0",
    os.EX_NOINPUT: "5.6.0",
    os.EX_NOUSER: "5.1.1",
    os.EX_NOHOST: "5.1.2",
    os.EX_UNAVAILABLE: "5.0.0",
    os.EX_NOPERM: "5.7.1",
}
_EXTENSIONS = ("8bitmime", "smtputf8")  # the program takes what it is given


class SendmailConnection:
    """A program that is started for each message; nothing stays open between them.

    Attributes
    ----------
    answered : int
        Messages that it said something of since `open`.
    """

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.answered = 0
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether `open` has found the program."""
        return self._is_open

    async def open(self) -> None:
        """Look whether there is such a program.

        Raises
        ------
        DeliveryError
            If there is none that this user may run.
        """
        self.answered = 0
        if shutil.which(self.server.host) is None:
            raise DeliveryError(
                f"smtp.host {self.server.host} is no program that this user may run; install an "
                "MTA, or give the path of its sendmail"
            )
        self._is_open = True

    async def send(self, envelope: Envelope) -> Reply:
        """Hand over one message.

        Returns
        -------
        Reply
            250 where the program has queued it, else what its exit status means (sysexits(3)) with
            the first line that it said. One that does not end in time is killed: the message may
            be in its queue.
        """
        refusal = local_refusal(envelope, _EXTENSIONS)
        if refusal is not None:
            return refusal
        # No shell, and "--" before the recipient: no address is taken for an option.
        process = await asyncio.create_subprocess_exec(
            self.server.host,
            "-i",
            "-f",
            envelope.sender or "<>",
            "--",
            envelope.recipient,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        # Mailers read the line ends of the system they run on.
        content = envelope.content.replace(b"\r\n", b"\n")
        try:
            async with asyncio.timeout(self.server.timeout_seconds):
                _, said = await process.communicate(content)
        except TimeoutError:
            text = f"no answer within {self.server.timeout_seconds:g} s ({Step.END_OF_DATA})"
            return Reply(None, None, text, Step.END_OF_DATA)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        self.answered += 1
        return _reply(process.returncode or 0, said)

    async def close(self) -> None:
        """Forget that the program was found."""
        self._is_open = False


def _reply(status: int, said: bytes) -> Reply:
    """Return an exit status as the reply of a server; the message was handed over in any case."""
    first = bounded_line(next(iter(said.decode("utf-8", "replace").strip().splitlines()), ""))
    words = f"{first} " if first else ""
    if status == os.EX_OK:
        return Reply(250, "2.0.0", first or "queued by sendmail", Step.END_OF_DATA)
    if status in _PERMANENT:
        return Reply(554, _PERMANENT[status], f"{words}(exit status {status})", Step.RCPT)
    # EX_TEMPFAIL, trouble of the machine, a signal: nothing of it is the message's fault.
    return Reply(451, "4.3.0", f"{words}(exit status {status})", Step.RCPT)

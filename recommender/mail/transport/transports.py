"""Mail: the ways to hand messages over, behind one interface."""

from __future__ import annotations

from typing import Protocol

from recommender.mail.message import Envelope
from recommender.mail.transport.lmtp import LmtpConnection
from recommender.mail.transport.replies import Reply
from recommender.mail.transport.sendmail import SendmailConnection
from recommender.mail.transport.smtp import SmtpConnection
from recommender.mail.transport.smtp_server import SmtpServer, Target


class Connection(Protocol):
    """What takes messages, one after the other; see `SmtpConnection`."""

    server: SmtpServer
    answered: int

    @property
    def is_open(self) -> bool:
        """Whether the next message can go out without `open`."""
        ...

    async def open(self) -> None:
        """Connect; raises `DeliveryError` in one line with the fix."""
        ...

    async def send(self, envelope: Envelope) -> Reply:
        """Hand over one message, and give the last word on it."""
        ...

    async def close(self) -> None:
        """Take leave."""
        ...


def connect(server: SmtpServer) -> Connection:
    """Make the connection that a server takes messages by; it is not opened yet."""
    kinds: dict[Target, type[SmtpConnection | SendmailConnection]] = {
        Target.SMTP: SmtpConnection,
        Target.LMTP: LmtpConnection,
        Target.SENDMAIL: SendmailConnection,
    }
    return kinds[server.target](server)

"""Mail: one connection to an LMTP server, by socket or port: a mail store on this machine."""

from __future__ import annotations

import asyncio

from recommender.errors import DeliveryError
from recommender.mail.transport.dialogue import Dialogue, DialogueError
from recommender.mail.transport.replies import Step, bounded_line, parse_reply
from recommender.mail.transport.smtp import SmtpConnection, own_hostname

_READY, _OK = 220, 250


class LmtpConnection(SmtpConnection):
    """A dialogue in LMTP (RFC 2033): LHLO in place of EHLO, and a reply for each recipient.

    Our messages have one recipient, so there is one reply, and all else is as in SMTP.
    """

    async def open(self) -> None:
        """Connect and say LHLO.

        Raises
        ------
        DeliveryError
            If that fails: one line with the server and the fix.
        """
        server = self.server
        self.answered = 0
        self._abandon()
        dialogue = Dialogue()
        name = server.local_hostname or await asyncio.to_thread(own_hostname)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(server.timeout_seconds):
                if server.is_socket:
                    await loop.create_unix_connection(lambda: dialogue, server.host)
                else:
                    await loop.create_connection(lambda: dialogue, server.host, server.port)
            await self._expect(dialogue, _READY)
            dialogue.write(f"LHLO {name}\r\n".encode())
            lines = (await self._expect(dialogue, _OK)).splitlines()[1:]
        except (OSError, DialogueError) as error:
            dialogue.close()
            reason = bounded_line(str(error)) or f"no answer within {server.timeout_seconds:g} s"
            raise DeliveryError(
                f"LMTP server {server.address} cannot be used ({reason}); check smtp.host, and "
                "that it is running and lets this user in"
            ) from error
        self._extensions = frozenset(line.split()[0].lower() for line in lines if line.strip())
        self._dialogue = dialogue

    async def _expect(self, dialogue: Dialogue, expected: int) -> str:
        code, text = await dialogue.reply(self.server.timeout_seconds)
        if code != expected:
            raise DialogueError(parse_reply(code, text, Step.CONNECT).words)
        return text

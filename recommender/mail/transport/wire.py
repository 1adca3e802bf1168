"""Room mail: the form in which messages and addresses go over an SMTP connection. Pure.

Sources: RFC 5321 (SMTP), 1870 (SIZE), 6152 (8BITMIME), 6531 (SMTPUTF8).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from recommender.mail.message import Envelope
from recommender.mail.transport.replies import Reply, Step

_LF, _CR = b"\n\r"
_LEADING_DOT = re.compile(rb"\n\.")
_NOT_IN_A_PATH = re.compile(r"[\s<>\x00-\x1f\x7f]")


def dot_stuffed(content: bytes) -> bytes:
    r"""Prepare a message for DATA: every line ends with CRLF, a leading dot is doubled.

    A bare CR or LF becomes CRLF: servers disagree on ``\n.\n``, which lets one message smuggle
    another (RFC 5321 §2.3.8, §4.5.2).
    """
    lines = content
    if not _ends_lines_with_crlf(content):
        # Plain replacing, not regular expressions: at 40 kB they cost more than the rest of SMTP.
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        if not lines.endswith(b"\r\n"):
            lines += b"\r\n"
    # Here a regular expression is the faster one: there are hardly any such lines.
    stuffed = _LEADING_DOT.sub(b"\n..", lines)
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _ends_lines_with_crlf(content: bytes) -> bool:
    """Whether all lines do, the last one included: to see that takes a tenth of replacing."""
    if content.startswith(b"\n") or not content.endswith(b"\r\n"):
        return False
    # Counting the three in bytes takes four times as long, and most commands send nothing.
    import numpy as np  # noqa: PLC0415 - see above

    data = np.frombuffer(content, np.uint8)
    feeds = np.flatnonzero(data == _LF)
    return bool(np.count_nonzero(data == _CR) == feeds.size and (data[feeds - 1] == _CR).all())


def local_refusal(envelope: Envelope, extensions: Collection[str]) -> Reply | None:
    """Return why a message must not be given to a server that offers these extensions.

    Parameters
    ----------
    extensions : collection of str
        EHLO keywords in lower case.

    Returns
    -------
    Reply or None
        Like a server's 5xx, with the codes that RFC 6531, 6152 and 3463 have for it.
    """
    for address in (envelope.sender, envelope.recipient):
        if _NOT_IN_A_PATH.search(address):
            return Reply(553, "5.1.3", "not sent: not a mail address", Step.RCPT)
        if not address.isascii() and "smtputf8" not in extensions:
            text = "not sent: the SMTP server takes no addresses beyond ASCII (SMTPUTF8)"
            return Reply(553, "5.6.7", text, Step.RCPT)
    if not envelope.content.isascii() and "8bitmime" not in extensions:
        text = "not sent: the message has 8-bit lines and the SMTP server takes none (8BITMIME)"
        return Reply(554, "5.6.3", text, Step.DATA)
    return None


def path(address: str) -> bytes:
    """Write an address as the path of a command; an empty one is the null sender ``<>``."""
    return f"<{address}>".encode()


def mail_command(envelope: Envelope, extensions: Collection[str]) -> tuple[bytes, ...]:
    """Build MAIL FROM with the parameters that the message needs and the server knows."""
    parameters = [b"MAIL", b"FROM:" + path(envelope.sender)]
    if "size" in extensions:
        parameters.append(b"SIZE=%d" % len(envelope.content))
    if not envelope.content.isascii():
        parameters.append(b"BODY=8BITMIME")
    if not (path(envelope.sender) + path(envelope.recipient)).isascii():
        parameters.append(b"SMTPUTF8")
    return tuple(parameters)

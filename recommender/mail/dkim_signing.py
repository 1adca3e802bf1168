"""Mail: signs messages with DKIM (RFC 6376), where no MTA behind us does. Pure but for the clock.

dkimpy writes the present time into the signature, so the header of a retry differs; the message
that it signs is the same.
"""

from __future__ import annotations

from typing import Final

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from recommender.errors import RecordError

SMALLEST_KEY_BITS: Final = 1024
"""RFC 8301, section 3.2; receivers take no smaller ones. New keys have 2048."""

SIGNED: Final = (
    *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("MIME-Version", "Content-Type", "Auto-Submitted", "Precedence", "Feedback-ID"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Help"),
    "List-Owner",
)
"""RFC 8058 wants both List-Unsubscribe headers covered, or nobody shows the button."""

SEALED: Final = (
    *("From", "Reply-To", "To", "Subject", "Date", "Message-ID"),
    *("List-Unsubscribe", "List-Unsubscribe-Post"),
)
"""Signed once more than they stand there: who adds another one breaks the signature."""


class DkimSigner:
    """Put a signature before a message: relaxed/relaxed, rsa-sha256.

    Parameters
    ----------
    domain : str
        The domain that answers for the mail (``d=``), in ASCII.
    selector : str
        Its public key stands at ``SELECTOR._domainkey.DOMAIN``.
    private_key : bytes
        RSA, PEM.

    Raises
    ------
    RecordError
        If the key is none, or too small.
    """

    def __init__(self, domain: str, selector: str, private_key: bytes) -> None:
        fix = "make one with 'openssl genrsa -out dkim.pem 2048'"
        try:
            bits = parse_pem_private_key(private_key)["modulus"].bit_length()
        except (UnparsableKeyError, ValueError, IndexError, KeyError, TypeError) as error:
            raise RecordError(f"the signing key is no RSA key in PEM form; {fix}") from error
        if bits < SMALLEST_KEY_BITS:
            raise RecordError(f"the signing key has {bits} bits, which receivers refuse; {fix}")
        self.domain = domain
        self.selector = selector
        self._private_key = private_key

    def sign(self, content: bytes) -> bytes:
        """Return the message with its DKIM-Signature as the first header.

        Parameters
        ----------
        content : bytes
            A whole message, CRLF line ends.
        """
        message = dkim.DKIM(content)
        present = {name.lower() for name, _ in message.headers}
        signed = [name.encode() for name in SIGNED if name.lower().encode() in present]
        signature = message.sign(
            self.selector.encode(),
            self.domain.encode(),
            self._private_key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*signed, *(name.encode() for name in SEALED)],
        )
        header: bytes = signature
        return header + content

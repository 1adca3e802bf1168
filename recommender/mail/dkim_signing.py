"""Mail: signs messages with DKIM (RFC 6376), where no MTA behind us does. Pure.

`cryptography` signs, in native code; what is done to a message before (section 3.4) stands here,
because it takes longer than signing where each line is looked at: 20 ms a message in all by dkimpy,
1 ms here. The same message gets the same signature: RSA with PKCS #1 v1.5 has no chance in it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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

_MEND: Final = "make one with 'openssl genrsa -out dkim.pem 2048'"
_LINE_LENGTH: Final = 72
_BLANKS = re.compile(rb"[\t ]+")


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
        self._key = rsa_key(private_key)
        bits = self._key.key_size
        if bits < SMALLEST_KEY_BITS:
            raise RecordError(f"the signing key has {bits} bits, which receivers refuse; {_MEND}")
        self.domain = domain
        self.selector = selector
        self._private_key = private_key

    def __reduce__(self) -> tuple[type[DkimSigner], tuple[str, str, bytes]]:
        # Other processes of ours sign too, and a key of the library cannot be handed to them.
        return DkimSigner, (self.domain, self.selector, self._private_key)

    def sign(self, content: bytes, *, signed_at: datetime) -> bytes:
        """Return the message with its DKIM-Signature as the first header.

        Parameters
        ----------
        content : bytes
            A whole message, CRLF line ends.
        signed_at : datetime
            Timezone-aware. What is said of the time; that of the message, so that a retry says the
            same.
        """
        head, _, body = content.partition(b"\r\n\r\n")
        fields: dict[bytes, list[bytes]] = {}
        for line in _unfolded(head).split(b"\r\n"):
            name, relaxed = _relaxed(line)
            fields.setdefault(name, []).append(relaxed)
        names = [name for name in SIGNED if name.lower().encode() in fields]
        unsigned = _folded(
            [
                *("v=1; a=rsa-sha256; c=relaxed/relaxed;", f"d={self.domain};"),
                *(f"s={self.selector};", f"t={int(signed_at.timestamp())};"),
                *(f"{start}{name}" for start, name in _listed([*names, *SEALED])),
                f"; bh={_sha256(_relaxed_body(body))}; b=",
            ]
        )
        # Of several of one name, the last one is the first that is signed (section 5.4.2).
        covered = [
            fields[key].pop()
            for name in (*names, *SEALED)
            if (key := name.lower().encode()) in fields and fields[key]
        ]
        covered.append(_relaxed(_unfolded(unsigned))[1])
        signature = self._key.sign(b"\r\n".join(covered), PKCS1v15(), SHA256())
        lines = base64.encodebytes(signature).split()
        return unsigned + b"".join(b"\r\n " + line for line in lines) + b"\r\n" + content


def rsa_key(pem: bytes) -> RSAPrivateKey:
    """Read an RSA private key in PEM form.

    Raises
    ------
    RecordError
        If it is none.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise RecordError(f"the signing key is no RSA key in PEM form; {_MEND}") from error
    if not isinstance(key, RSAPrivateKey):
        raise RecordError(f"the signing key is no RSA key in PEM form; {_MEND}")
    return key


def _unfolded(head: bytes) -> bytes:
    return head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")


def _relaxed(line: bytes) -> tuple[bytes, bytes]:
    """Return the name of a header field in lower case, and the field as section 3.4.2 has it."""
    name, _, value = line.partition(b":")
    name = name.rstrip(b"\t ").lower()
    return name, name + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    """Return a body as section 3.4.4 has it."""
    body = body.replace(b"\t", b" ")
    # Each pass halves the runs of blanks: an expression would look at every single one.
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def _listed(names: list[str]) -> list[tuple[str, str]]:
    """Return the words of ``h=``, each with what stands before it."""
    return [("h=" if number == 0 else ":", name) for number, name in enumerate(names)]


def _folded(words: list[str]) -> bytes:
    """Return the header field of some words, folded between them where a line would grow long."""
    lines = ["DKIM-Signature:"]
    for word in words:
        if len(lines[-1]) + len(word) >= _LINE_LENGTH:
            lines.append("")
        lines[-1] += word if word.startswith(":") and lines[-1] else f" {word}"
    return "\r\n".join(lines).encode("ascii")

"""Room mail: whether the public key in the DNS is that of the key we sign with. Pure.

Sources: RFC 6376 section 3.6.1 (key records), RFC 8301 (key sizes), RFC 8463 (Ed25519).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Literal

from recommender.errors import RecordError

# A SubjectPublicKeyInfo of RSA with the exponent 65537, in bytes: it grows with the modulus.
_RSA_1024_BYTES: Final = 162
_RSA_2048_BYTES: Final = 294

_INTEGER, _BIT_STRING, _SEQUENCE = 0x02, 0x03, 0x30
# Object identifier 1.2.840.113549.1.1.1 and NULL, in DER.
_RSA_ENCRYPTION: Final = bytes.fromhex("300d06092a864886f70d0101010500")
_LONGEST_SHORT_LENGTH: Final = 127

KeyType = Literal["rsa", "ed25519"]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a signing key.

    Attributes
    ----------
    data : bytes
        As a key record holds it: for RSA a DER SubjectPublicKeyInfo, for Ed25519 the 32 bytes.
    """

    type: KeyType
    data: bytes

    @classmethod
    def of_rsa(cls, modulus: int, exponent: int) -> PublicKey:
        """Return the key with these numbers as a DER SubjectPublicKeyInfo (RFC 8017, RFC 5280)."""
        numbers = _tagged(_SEQUENCE, _integer(modulus) + _integer(exponent))
        # A bit string says first how many bits of its last byte do not count.
        return cls(
            "rsa", _tagged(_SEQUENCE, _RSA_ENCRYPTION + _tagged(_BIT_STRING, b"\0" + numbers))
        )

    @property
    def is_refused(self) -> bool:
        """Receivers take no signature of an RSA key of less than 1,024 bits."""
        return self.type == "rsa" and len(self.data) < _RSA_1024_BYTES

    @property
    def is_short(self) -> bool:
        """An RSA key of less than 2,048 bits is taken, and advised against."""
        return self.type == "rsa" and len(self.data) < _RSA_2048_BYTES

    @property
    def record(self) -> str:
        """The text of the key record to publish."""
        return f"v=DKIM1; k={self.type}; p={base64.b64encode(self.data).decode()}"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key record as receivers read it.

    Attributes
    ----------
    key : bytes
        Empty where the key was revoked.
    is_testing : bool
        Receivers are asked to treat signed mail as if it were not signed.
    takes_sha256 : bool
        Signatures with SHA-256 may be checked with it.
    """

    type: str
    key: bytes
    is_testing: bool
    takes_sha256: bool

    def holds(self, key: PublicKey) -> bool:
        """Return whether this is the record of a key.

        Some tools publish a bare RSAPublicKey, which is the end of the usual form; receivers take
        both.
        """
        is_bare = len(self.key) > len(key.data) // 2 and key.data.endswith(self.key)
        return self.type == key.type and (
            self.key == key.data or (key.type == "rsa" and is_bare and self.key[:1] == b"\x30")
        )


def parse_record(text: str) -> KeyRecord:
    """Read ``v=DKIM1; k=rsa; p=…``.

    Raises
    ------
    RecordError
        If receivers cannot use it.
    """
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = (each.strip() for each in part.partition("="))
        if name and not equals:
            raise RecordError(f"{name!r} is no tag of DKIM; write it as name=value")
        if name:
            tags[name] = value
    if tags.get("v", "DKIM1") != "DKIM1":
        raise RecordError(f"its version is {tags['v']!r}; write v=DKIM1")
    if "p" not in tags:
        raise RecordError("it holds no key; add p= with the public key")
    try:
        key = base64.b64decode("".join(tags["p"].split()), validate=True)
    except binascii.Error as error:
        raise RecordError("its p= is no base64; copy the public key again") from error
    hashes = tags.get("h", "sha256").lower().split(":")
    return KeyRecord(
        type=tags.get("k", "rsa").lower(),
        key=key,
        is_testing="y" in tags.get("t", "").lower().split(":"),
        takes_sha256="sha256" in [each.strip() for each in hashes],
    )


def _integer(number: int) -> bytes:
    # One bit more than it has, so that it does not read as a negative number.
    return _tagged(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _tagged(tag: int, content: bytes) -> bytes:
    """Return content with its tag and length (X.690 section 8.1)."""
    size = len(content)
    if size <= _LONGEST_SHORT_LENGTH:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content

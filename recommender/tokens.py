"""Signed links and addresses, beside `store` and `rendering`: no clock, no database, only errors.

A token says who may do what until when, and nobody without the secret key can make one. It is bound
to one purpose (each has its own signing salt) and to one subscriber, and it expires. It holds no
time of signing: what is rendered again is byte for byte the same.

It can be called back as well: the signature of a token is also over its *epoch*, a number that its
subscriber's row has, and that changes when their links are ended. The token does not show it, and
has the same length in each. In epoch 0 it is what it was before there were epochs.

=========  =============================  ==========================================
form       text                           signature
=========  =============================  ==========================================
link       ``base64url(payload).MAC``      HMAC-SHA256 of the text before the dot, and epoch
address    ``base32(payload)MAC``          the same, cut to 100 bits: 20 characters
=========  =============================  ==========================================

``payload`` are unsigned LEB128 integers: subscriber, expiry in Unix time, values. Links count it in
seconds, addresses in whole hours, which leaves room for larger ids in a local part. The signature
covers the encoded text and is compared as text, so that no second spelling of a token is
accepted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from itsdangerous import Signer

from recommender.errors import ConfigurationError, TokenError, TokenExpiredError

SECRET_KEY_MIN_BYTES: Final = 32
ADDRESS_TOKEN_MAX_CHARACTERS: Final = 49
"""``papers+confirm-`` and this make 64, the limit of a local part (RFC 5321, section 4.5.3.1.1)."""

EPOCHS: Final = 64
"""How many epochs are told apart, counted round: whose token it is not is found by trying them all.

Somebody's links have to be ended as often before one that expires in 90 days would work again. Only
they can do so, and every second time takes a mail that reaches them.
"""

_TOKEN_MAX_CHARACTERS: Final = 512
_ADDRESS_SIGNATURE_CHARACTERS: Final = 20
_INTEGER_LIMIT: Final = 1 << 63
_LINK_UNIT: Final = 1
_ADDRESS_UNIT: Final = 3600


class Purpose(StrEnum):
    """What a token is for. A token of one purpose is refused for every other."""

    CONFIRM = "confirm"
    RATE = "rate"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "me"
    ISSUE = "issue"
    BOUNCE = "bounce"
    PENDING = "pending"
    FORM = "form"
    FEED = "feed"
    OPERATOR = "operator"
    OPERATION = "operation"


EPOCHLESS: Final = frozenset({Purpose.BOUNCE, Purpose.FORM, Purpose.OPERATOR, Purpose.OPERATION})
"""What is no subscriber's to end: what comes back is news, however old the message is."""

# One byte that no token can hold, so that no text with an epoch is a longer text without.
_EPOCH_MARKS: Final = (b"", *(bytes([0x80 | epoch]) for epoch in range(1, EPOCHS)))


@dataclass(frozen=True, slots=True)
class Payload:
    """What a verified token says.

    Attributes
    ----------
    values : tuple of int
        What the purpose needs besides, in the order in which it was signed.
    expires_at : datetime
        UTC, whole seconds.
    epoch : int
        In which it was signed, in [0, `EPOCHS`); see `is_of`.
    """

    purpose: Purpose
    subscriber_id: int
    values: tuple[int, ...]
    expires_at: datetime
    epoch: int = 0

    def is_of(self, epoch: int) -> bool:
        """Whether it was signed in this epoch of its subscriber, a number >= 0."""
        return self.epoch == epoch % EPOCHS


class TokenSigner:
    """Make and verify tokens under secret keys: the first signs, all of them verify.

    Who verifies has only seen then that a token is ours. Whether its subscriber's links were ended
    since, their row tells; so that nobody forgets to ask it, `jobs.outgoing.links` alone verifies.

    Parameters
    ----------
    secret_key, *older_keys : bytes
        At least 32 bytes each.

    Raises
    ------
    ConfigurationError
        If a key is shorter.
    """

    def __init__(self, secret_key: bytes, *older_keys: bytes) -> None:
        self._secret_keys = (secret_key, *older_keys)
        for key in self._secret_keys:
            if len(key) < SECRET_KEY_MIN_BYTES:
                message = (
                    f"secret_key: {len(key)} bytes are too few to sign links with, at least "
                    f"{SECRET_KEY_MIN_BYTES} are needed; `recommender init` writes a good one"
                )
                raise ConfigurationError([message])
        self._links = {
            purpose: [_keyed(key, "link", purpose) for key in self._secret_keys]
            for purpose in Purpose
        }
        self._addresses = {
            purpose: [_keyed(key, "mailbox", purpose) for key in self._secret_keys]
            for purpose in Purpose
        }
        self._names = _keyed(secret_key, "name", "message-id")

    def __reduce__(self) -> tuple[type[TokenSigner], tuple[bytes, ...]]:
        # Other processes of ours build mails too, and a keyed hash cannot be handed to them.
        return TokenSigner, self._secret_keys

    def sign(
        self,
        purpose: Purpose,
        subscriber_id: int,
        *values: int,
        expires_at: datetime,
        epoch: int = 0,
    ) -> str:
        """Make the token of a link.

        Parameters
        ----------
        purpose : Purpose
        subscriber_id, *values : int
            In [0, 2**63).
        expires_at : datetime
            Timezone-aware; cut to the second, so that a token never lives longer than asked.
        epoch : int
            Of the subscriber, >= 0; always 0 for the purposes in `EPOCHLESS`.

        Returns
        -------
        str
            Of ``A-Za-z0-9_-.`` only; 62 characters for a subscriber, an issue and a paper.

        Raises
        ------
        ValueError
            If a number is out of its range, ``expires_at`` is naive or before 1970, or there are
            so many values that the token would not be accepted.
        """
        packed = _pack(subscriber_id, expires_at, _LINK_UNIT, values)
        text = base64.urlsafe_b64encode(packed).rstrip(b"=")
        keyed = self._links[purpose][0]
        token = b"%b.%b" % (text, _link_signature(_over(keyed, text), epoch % EPOCHS))
        if len(token) > _TOKEN_MAX_CHARACTERS:
            raise ValueError(f"{len(values)} values do not fit into a token")
        return token.decode("ascii")

    def verify(self, token: str, purpose: Purpose, *, now: datetime) -> Payload:
        """Return what the token of a link says.

        Raises
        ------
        TokenExpiredError
            If it is genuine and ``now`` is at or past its expiry.
        TokenError
            If it is anything else than a token of this key and purpose.
        """
        text, _, signature = _ascii(token, _TOKEN_MAX_CHARACTERS).rpartition(b".")
        epoch = _epoch_of(self._links[purpose], purpose, text, signature, _link_signature)
        padding = b"=" * (-len(text) % 4)
        packed = base64.urlsafe_b64decode(text + padding)
        return _payload(packed, purpose, _LINK_UNIT, now, epoch)

    def sign_address(
        self,
        purpose: Purpose,
        subscriber_id: int,
        *values: int,
        expires_at: datetime,
        epoch: int = 0,
    ) -> str:
        """Make the token for the local part of an address, as ``papers+bounce-TOKEN``.

        Parameters and errors are those of `sign`, but ``expires_at`` is raised to the full hour.

        Returns
        -------
        str
            Of ``a-z2-7`` only, at most `ADDRESS_TOKEN_MAX_CHARACTERS`.
        """
        packed = _pack(subscriber_id, expires_at, _ADDRESS_UNIT, values)
        text = base64.b32encode(packed).rstrip(b"=").lower()
        keyed = self._addresses[purpose][0]
        token = text + _address_signature(_over(keyed, text), epoch % EPOCHS)
        if len(token) > ADDRESS_TOKEN_MAX_CHARACTERS:
            raise ValueError(
                f"subscriber {subscriber_id} with {values} does not fit into the local part of an "
                "address"
            )
        return token.decode("ascii")

    def verify_address(self, token: str, purpose: Purpose, *, now: datetime) -> Payload:
        """Return what the token of an address says, in upper or lower case or both.

        Mail servers on the way may change the case of a local part. Errors are those of `verify`.
        """
        folded = _ascii(token, ADDRESS_TOKEN_MAX_CHARACTERS).lower()
        text = folded[:-_ADDRESS_SIGNATURE_CHARACTERS]
        signature = folded[-_ADDRESS_SIGNATURE_CHARACTERS:]
        epoch = _epoch_of(self._addresses[purpose], purpose, text, signature, _address_signature)
        padding = b"=" * (-len(text) % 8)
        packed = base64.b32decode(text.upper() + padding)
        return _payload(packed, purpose, _ADDRESS_UNIT, now, epoch)

    def name_of(self, text: str) -> str:
        """Return a name that follows from a text, and that nobody without the key can guess.

        Returns
        -------
        str
            32 characters of ``0-9a-f``.
        """
        return _over(self._names, text.encode()).hexdigest()[:32]

    def derived_keys(self, label: str) -> tuple[bytes, ...]:
        """Return keys for something else than signing, which tell nothing of ours: RFC 5869.

        Returns
        -------
        tuple of bytes
            32 bytes of each of our keys, the first one's first.
        """
        # Takes a while to import, and few processes need it.
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        return tuple(
            HKDF(SHA256(), length=32, salt=None, info=label.encode()).derive(key)
            for key in self._secret_keys
        )


def random_address_token() -> str:
    """Make the token of an address that lives until somebody takes it back: stored, not signed.

    Returns
    -------
    str
        20 characters of ``a-z2-7`` that hold 100 random bits.
    """
    return base64.b32encode(secrets.token_bytes(13)).decode("ascii").lower()[:20]


def generate_secret_key() -> str:
    """Make a new signing key: 64 characters of ``A-Za-z0-9_-`` that hold 384 random bits."""
    return secrets.token_urlsafe(48)


def _keyed(secret_key: bytes, form: str, purpose: str) -> hmac.HMAC:
    salt = f"recommender.{form}.{purpose}"
    signer = Signer(secret_key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
    return hmac.new(signer.derive_key(), digestmod="sha256")


def _over(keyed: hmac.HMAC, text: bytes) -> hmac.HMAC:
    # A copy of what has taken the key already. Not hmac.digest: it lets go of the interpreter lock,
    # and threads that make newsletters waited for it at each of their thirty links.
    begun = keyed.copy()
    begun.update(text)
    return begun


def _link_signature(begun: hmac.HMAC, epoch: int) -> bytes:
    return base64.urlsafe_b64encode(_ended(begun, epoch)).rstrip(b"=")


def _address_signature(begun: hmac.HMAC, epoch: int) -> bytes:
    return base64.b32encode(_ended(begun, epoch)).lower()[:_ADDRESS_SIGNATURE_CHARACTERS]


def _ended(begun: hmac.HMAC, epoch: int) -> bytes:
    """Return the MAC of a text and an epoch, and leave ``begun`` to be ended in another way."""
    if epoch:
        begun = begun.copy()
        begun.update(_EPOCH_MARKS[epoch])
    return begun.digest()


def _epoch_of(
    keyed: list[hmac.HMAC],
    purpose: Purpose,
    text: bytes,
    signature: bytes,
    signature_of: Callable[[hmac.HMAC, int], bytes],
) -> int:
    """Find the epoch in which one of our keys signed a text.

    Raises
    ------
    TokenError
        If none did in any.
    """
    begun = [_over(each, text) for each in keyed]
    # Most links are of an early epoch, under whichever key.
    for epoch in range(1 if purpose in EPOCHLESS else EPOCHS):
        for each in begun:
            if hmac.compare_digest(signature_of(each, epoch), signature):
                return epoch
    raise _not_ours()


def _ascii(token: str, max_characters: int) -> bytes:
    if len(token) > max_characters or not token.isascii():
        raise _not_ours()
    return token.encode("ascii")


def _not_ours() -> TokenError:
    return TokenError(
        "this link is damaged, incomplete or meant for something else; "
        "open it again from the mail it came in, or ask for a new mail"
    )


def _pack(
    subscriber_id: int, expires_at: datetime, unit_seconds: int, values: tuple[int, ...]
) -> bytes:
    expiry = _units_since_1970(expires_at, unit_seconds)
    return b"".join(map(_varint, (subscriber_id, expiry, *values)))


@lru_cache(maxsize=1_000)
def _units_since_1970(expires_at: datetime, unit_seconds: int) -> int:
    if expires_at.tzinfo is None:
        raise ValueError("expires_at must be timezone-aware")
    # A second is cut off; of an hour, what was begun counts: a reply in time must still be ours.
    seconds = int(expires_at.timestamp() // 1)
    return -(-seconds // unit_seconds)


@lru_cache(maxsize=100_000)
def _varint(number: int) -> bytes:
    if not 0 <= number < _INTEGER_LIMIT:
        raise ValueError(f"{number} is not in [0, 2**63)")
    encoded = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - the seven payload bits of a LEB128 byte
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _unpack(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0


def _payload(
    packed: bytes, purpose: Purpose, unit_seconds: int, now: datetime, epoch: int
) -> Payload:
    """Read a payload whose signature holds: nobody else can have written them."""
    subscriber_id, expiry, *values = _unpack(packed)
    expires_at = datetime.fromtimestamp(expiry * unit_seconds, UTC)
    if now >= expires_at:
        raise TokenExpiredError(
            f"this link was good until {expires_at:%d %B %Y %H:%M} UTC; ask for a new mail"
        )
    return Payload(purpose, subscriber_id, tuple(values), expires_at, epoch)

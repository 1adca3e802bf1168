"""The key in the DNS is compared with the key that mail is signed with."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from recommender.errors import RecordError
from recommender.mail.deliverability.dkim_key import public_key_of
from recommender.mail.deliverability.dkim_record import KeyRecord, PublicKey, parse_record


def rsa_key(bits: int = 2048) -> rsa.RSAPublicKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()


def spki(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture(scope="module")
def key() -> rsa.RSAPublicKey:
    return rsa_key()


def test_the_record_that_we_would_publish_holds_the_key(key: rsa.RSAPublicKey) -> None:
    ours = PublicKey("rsa", spki(key))
    assert ours.record.startswith("v=DKIM1; k=rsa; p=MII")
    assert parse_record(ours.record).holds(ours)
    assert not parse_record(ours.record).holds(PublicKey("rsa", spki(rsa_key())))


@pytest.mark.parametrize("bits", [1024, 1031, 2048, 4096])
@pytest.mark.parametrize("exponent", [3, 65537])
def test_a_key_is_encoded_as_others_encode_it(bits: int, exponent: int) -> None:
    numbers = rsa.RSAPublicNumbers(exponent, (1 << bits) - 1)
    assert PublicKey.of_rsa(numbers.n, numbers.e).data == spki(numbers.public_key())


@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
def test_the_public_half_of_a_private_key_is_known(form: serialization.PrivateFormat) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    assert public_key_of(pem) == PublicKey("rsa", spki(key.public_key()))


@pytest.mark.parametrize(
    "pem", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_private_key_is_told(pem: bytes) -> None:
    with pytest.raises(RecordError, match="openssl genrsa"):
        public_key_of(pem)


def test_a_bare_rsa_key_is_the_same_key(key: rsa.RSAPublicKey) -> None:
    bare = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    record = parse_record(f"p={base64.b64encode(bare).decode()}")
    assert record.holds(PublicKey("rsa", spki(key)))
    assert not record.holds(PublicKey("rsa", spki(rsa_key())))
    part = KeyRecord("rsa", bare[-40:], is_testing=False, takes_sha256=True)
    assert not part.holds(PublicKey("rsa", spki(key)))


def test_an_ed25519_key_is_its_32_bytes() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    ours = PublicKey("ed25519", raw)
    assert parse_record(ours.record).holds(ours)
    assert not parse_record(ours.record).holds(PublicKey("rsa", raw))
    assert (ours.is_refused, ours.is_short) == (False, False)


@pytest.mark.parametrize(("bits", "is_short"), [(1024, True), (2047, True), (2048, False)])
def test_a_short_key_is_known_by_its_length(bits: int, *, is_short: bool) -> None:
    data = spki(rsa.RSAPublicNumbers(65537, (1 << bits) - 1).public_key())
    assert (PublicKey("rsa", data).is_refused, PublicKey("rsa", data).is_short) == (False, is_short)


def test_a_key_that_no_receiver_takes_is_known() -> None:
    # 768 bits: no library makes such a key any more.
    assert PublicKey("rsa", bytes(126)).is_refused


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("p=", KeyRecord("rsa", b"", is_testing=False, takes_sha256=True)),
        ("v=DKIM1; t=y:s; p=AA==", KeyRecord("rsa", b"\0", is_testing=True, takes_sha256=True)),
        ("h=sha1; p=AA==", KeyRecord("rsa", b"\0", is_testing=False, takes_sha256=False)),
        ("h=sha1:sha256;p=A A=\t=;", KeyRecord("rsa", b"\0", False, True)),
    ],
)
def test_a_record_is_read_with_its_defaults(text: str, record: KeyRecord) -> None:
    assert parse_record(text) == record


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("v=DKIM2; p=AA==", "version is 'DKIM2'"),
        ("v=DKIM1; k=rsa", "holds no key"),
        ("p=A*==", "no base64"),
        ("v=DKIM1; broken", "'broken' is no tag"),
    ],
)
def test_a_record_that_receivers_cannot_use_is_told(text: str, words: str) -> None:
    with pytest.raises(RecordError, match=words):
        parse_record(text)

"""Receivers find our signature good, and broken as soon as somebody changed what it covers."""

from __future__ import annotations

import base64
import pickle
import re
from collections.abc import Callable
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import DeliveryKind
from recommender.errors import RecordError
from recommender.mail import dkim_signing
from recommender.mail.dkim_signing import DkimSigner
from recommender.mail.message import MailingList, build_message
from recommender.rendering import RenderedMail

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
LIST = MailingList("Arbeitskreis für Physik", "papers@example.org", "https://papers.example.org/")


def pem_of(bits: int) -> tuple[bytes, str]:
    """Make a key: in PEM form, and as the DNS holds its public half."""
    key = rsa.generate_private_key(65537, bits)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem, base64.b64encode(public).decode()


@pytest.fixture(scope="module")
def key() -> tuple[bytes, str]:
    return pem_of(2048)


@pytest.fixture
def signer(key: tuple[bytes, str]) -> DkimSigner:
    return DkimSigner("example.org", "papers", key[0])


@pytest.fixture
def is_good(key: tuple[bytes, str]) -> Callable[[bytes], bool]:
    """Verify as a receiver does, with our record in the DNS."""

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - dkimpy's
        record = f"v=DKIM1; k=rsa; p={key[1]}".encode()
        return record if name == b"papers._domainkey.example.org." else None

    return lambda content: bool(dkim.verify(content, dnsfunc=look_up))


def message(kind: DeliveryKind = DeliveryKind.ISSUE) -> bytes:
    mail = RenderedMail(
        "Trending papers, Mar 11 – Überlange Titel 日本語 " + "sehr lang " * 30,
        "Zeile mit Leerzeichen   \n\n\nend\n",
        "<p>ä</p>\n" * 50,
    )
    return build_message(
        mail,
        kind=kind,
        mailing_list=LIST,
        recipient="ann@example.org",
        envelope_sender="papers+bounce-x@example.org",
        message_id="<1@example.org>",
        created_at=NOW,
        unsubscribe_url="https://papers.example.org/unsubscribe/x",
        unsubscribe_address="papers+unsubscribe-x@example.org",
    ).content


@pytest.mark.parametrize("kind", [DeliveryKind.ISSUE, DeliveryKind.CONFIRMATION])
def test_signature_is_good_and_the_message_unchanged(
    signer: DkimSigner, is_good: Callable[[bytes], bool], kind: DeliveryKind
) -> None:
    signed = signer.sign(message(kind), signed_at=NOW)

    assert is_good(signed)
    assert signed.endswith(message(kind))
    assert signed.startswith(b"DKIM-Signature: ")
    head = signed.partition(b"\r\n\r\n")[0]
    assert re.findall(rb"\r(?!\n)|(?<!\r)\n", signed) == []
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))


def test_message_that_is_sent_again_has_the_same_signature(signer: DkimSigner) -> None:
    assert signer.sign(message(), signed_at=NOW) == signer.sign(message(), signed_at=NOW)


@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"  ", b"a", b"\xc3\xa4", b"."])).map(b"".join)
)
def test_body_has_the_form_that_receivers_give_it(body: bytes) -> None:
    body += b"\r\n"
    assert dkim_signing._relaxed_body(body) == Relaxed.canonicalize_body(body)


def test_signer_is_the_same_in_another_process(signer: DkimSigner) -> None:
    again = pickle.loads(pickle.dumps(signer))  # noqa: S301 - our own

    assert again.sign(message(), signed_at=NOW) == signer.sign(message(), signed_at=NOW)


def test_unsubscribe_headers_are_covered(signer: DkimSigner) -> None:
    header = signer.sign(message(), signed_at=NOW).partition(b"\r\nMessage-ID:")[0]
    covered = re.sub(rb"\s", b"", header).lower().split(b";h=")[1].split(b";")[0].split(b":")

    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject"} <= set(covered)
    assert covered.count(b"from") == 2
    assert b"c=relaxed/relaxed" in header
    assert b"a=rsa-sha256" in header


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"papers.example.org/unsubscribe/x", b"evil.example.com/unsubscribe/x"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
        (b"Message-ID: <1@", b"Message-ID: <2@"),
        (b"\r\nTo: ", b"\r\nFrom: <boss@example.org>\r\nTo: "),
        (b"\r\nTo: ", b"\r\nSubject: win\r\nTo: "),
        (b"\r\nTo: ", b"\r\nReply-To: <boss@example.org>\r\nTo: "),
        (b"end", b"END"),
    ],
)
def test_change_on_the_way_breaks_the_signature(
    signer: DkimSigner, is_good: Callable[[bytes], bool], old: bytes, new: bytes
) -> None:
    signed = signer.sign(message(), signed_at=NOW)
    changed = signed.replace(old, new, 1)

    assert changed != signed
    assert not is_good(changed)


def test_white_space_that_servers_fold_anew_breaks_nothing(
    signer: DkimSigner, is_good: Callable[[bytes], bool]
) -> None:
    signed = signer.sign(message(), signed_at=NOW)

    assert is_good(signed.replace(b"\r\nTo: ann", b"\r\nTo:\r\n   ann"))


@pytest.mark.parametrize("pem", [b"", b"no key", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_told_with_the_mend(pem: bytes) -> None:
    with pytest.raises(RecordError, match="no RSA key in PEM form; make one with 'openssl"):
        DkimSigner("example.org", "papers", pem)


def test_key_that_receivers_refuse_is_refused_here(monkeypatch: pytest.MonkeyPatch) -> None:
    # The library makes no key below 1024 bits; that one becomes too small here.
    monkeypatch.setattr("recommender.mail.dkim_signing.SMALLEST_KEY_BITS", 2048)

    with pytest.raises(RecordError, match="the signing key has 1024 bits, which receivers refuse"):
        DkimSigner("example.org", "papers", pem_of(1024)[0])

"""Room mail: the public half of the private key that mail is signed with, for the doctor."""

from __future__ import annotations

from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from recommender.errors import RecordError
from recommender.mail.deliverability.dkim_record import PublicKey


def public_key_of(pem: bytes) -> PublicKey:
    """Return the public key that belongs to an RSA private key in PEM form.

    Raises
    ------
    RecordError
        If it is none.
    """
    try:
        numbers = parse_pem_private_key(pem)
    except (UnparsableKeyError, ValueError) as error:
        raise RecordError(
            "the signing key is no RSA key in PEM form; make one with "
            "'openssl genrsa -out dkim.pem 2048'"
        ) from error
    return PublicKey.of_rsa(numbers["modulus"], numbers["publicExponent"])

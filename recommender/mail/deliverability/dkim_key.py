"""Room mail: the public half of the private key that mail is signed with, for the doctor."""

from __future__ import annotations

from recommender.mail.deliverability.dkim_record import PublicKey
from recommender.mail.dkim_signing import rsa_key


def public_key_of(pem: bytes) -> PublicKey:
    """Return the public key that belongs to an RSA private key in PEM form.

    Raises
    ------
    RecordError
        If it is none.
    """
    numbers = rsa_key(pem).public_key().public_numbers()
    return PublicKey.of_rsa(numbers.n, numbers.e)

"""Sealing, beside `tokens`: what subscribers entrust to us is kept encrypted. Knows only errors.

The keys follow from those that sign (`TokenSigner.derived_keys`): who has the database, or a backup
of it, and not the signing key reads nothing. Fernet encrypts and authenticates: AES-128-CBC under
HMAC-SHA256. The only module that knows `cryptography`'s recipe.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recommender.errors import SealError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Sealer:
    """Seals and opens texts under secret keys: the first seals, all of them open.

    Parameters
    ----------
    keys : sequence of bytes
        32 each, at least one.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = _fernet(keys)

    def seal(self, text: str) -> str:
        """Return a text so that only `open` reads it; each time another one, of ASCII."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """Return the text that was sealed.

        Raises
        ------
        SealError
            If none of the keys sealed it.
        """
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - see `_fernet`

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise _not_ours() from error

    def resealed(self, sealed: str) -> str:
        """Return the same under the first key, so that older ones may go.

        Raises
        ------
        SealError
            If none of the keys sealed it.
        """
        return self.seal(self.open(sealed))


def _fernet(keys: Sequence[bytes]) -> MultiFernet:
    # Takes a while to import, and few installations hold anything that is sealed.
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def _not_ours() -> SealError:
    return SealError(
        "what is sealed cannot be opened: it was sealed under a signing key that is not here any "
        "more; add that key to the older ones, or have it given anew"
    )

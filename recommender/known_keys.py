"""Whether the signing keys are still those by which links were signed that somebody has.

A key that is lost and made anew starts a program that works, and all of whose mailed links are
dead. So what the keys were is remembered beside the database, by a hash that tells nothing of them.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from recommender.atomic_file import atomic_write
from recommender.errors import ConfigurationError

FILE_NAME: Final = "signing-keys"
logger = logging.getLogger(__name__)

_SAID: Final = b"recommender: which signing key this is"
_MOST_CHARACTERS: Final = 10_000


def refuse_other_keys(folder: Path, keys: Sequence[bytes], *, named: str) -> None:
    """See that one of the keys was there before, and remember all of them.

    Parameters
    ----------
    folder : Path
        Beside the database; made where it is missing.
    keys : sequence of bytes
        Those that sign or verify now.
    named : str
        Where they stand, for the message.

    Raises
    ------
    ConfigurationError
        If none was: no link works any more that was mailed until now.
    """
    file, now = folder / FILE_NAME, [_fingerprint(key) for key in keys]
    try:
        before = file.read_text(encoding="utf-8")[:_MOST_CHARACTERS].split()
    except (FileNotFoundError, UnicodeDecodeError):
        before = []
    except OSError as error:
        raise ConfigurationError(
            [f"{file}: {error.strerror}; it says by which keys links were signed, grant access"]
        ) from error
    if before and not set(before) & set(now):
        problem = (
            f"secret_key_file: none of the keys in {named} was there before, so no link works "
            "that was mailed until now, those to leave included; put the former key below the "
            f"new one. If it is lost, remove {file} to go on: who asks by mail gets new links"
        )
        raise ConfigurationError([problem])
    if before != now:
        _remember(file, now)


def _remember(file: Path, fingerprints: Sequence[str]) -> None:
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        atomic_write(file, "".join(f"{each}\n" for each in fingerprints).encode())
    except OSError as error:
        # A disk that is full now is no reason not to start: it is remembered the next time.
        logger.warning("the signing keys are not remembered in %s: %s", file, error.strerror)


def _fingerprint(key: bytes) -> str:
    return hmac.new(key, _SAID, hashlib.sha256).hexdigest()[:32]

"""Membership: what somebody typed as their mail address, checked and made comparable; pure.

Only the form is judged. Whether mail arrives there, the confirmation shows: no DNS query is made,
which would also tell a stranger's name server who subscribes.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

from recommender.errors import AddressError

ADDRESS_MAX_CHARACTERS: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets of a path."""

_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address.

    Attributes
    ----------
    email : str
        As people write it: NFC, local part in the case it was given, domain in Unicode.
    key : str
        The same for all spellings of the address: case-folded, domain in ASCII (IDNA). Servers may
        tell local parts by case (RFC 5321, section 2.4), but none that matters does, and people
        type their address now this way and now that.
    """

    email: str
    key: str


def normalise_address(text: str) -> Address:
    """Check a mail address as somebody typed it.

    Parameters
    ----------
    text : str
        White space around it is dropped. Addresses only: no display name, no comment, no quoted
        local part, no IP address in place of a domain.

    Raises
    ------
    AddressError
        With a sentence for whoever typed it.
    """
    given = text.strip()
    if not given:
        raise AddressError("no mail address was given; type one such as name@example.org")
    if len(given) > ADDRESS_MAX_CHARACTERS:
        raise AddressError(
            f"{_shown(given)} is {len(given)} characters long, and no mail address is longer than "
            f"{ADDRESS_MAX_CHARACTERS}; check what was typed"
        )
    try:
        valid = validate_email(given, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise AddressError(
            f"{_shown(given)} is not a mail address that newsletters can be sent to: {reason}; "
            "type one such as name@example.org"
        ) from error
    # Case folding can undo NFC.
    local_key = unicodedata.normalize("NFC", valid.local_part.casefold())
    return Address(email=valid.normalized, key=f"{local_key}@{valid.ascii_domain.lower()}")


def _shown(given: str) -> str:
    """Quote what was typed on one line, with everything invisible escaped."""
    short = given if len(given) <= _SHOWN_CHARACTERS else given[:_SHOWN_CHARACTERS] + "…"
    return repr(short)

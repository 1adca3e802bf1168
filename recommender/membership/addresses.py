"""Membership: what somebody typed as their mail address, checked and made comparable; pure.

Only the form is judged. Whether mail arrives there, the confirmation shows: no DNS query is made,
which would also tell a stranger's name server who subscribes.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from recommender.errors import AddressError, OwnAddressError, UnfitAddressError
from recommender.languages.messages import Message

ADDRESS_MAX_CHARACTERS: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets of a path."""

_SHOWN_CHARACTERS: Final = 60

_STRAY_DOT: Final = re.compile(r"\A\.|\.\.|\.@|@\.|\.\Z")
_NO_PART_OF_ONE: Final = frozenset(',;:()<>[]"\\')
_ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

_DOTS_DO_NOT_COUNT: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Domains whose mailboxes are the same with and without dots, and the name of their mailboxes."""


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address.

    Attributes
    ----------
    email : str
        As people write it: NFC, local part in the case it was given, domain in Unicode.
    key : str
        The address that is mailed, with A to Z in lower case and the domain in ASCII (IDNA).
        Servers may tell local parts by case (RFC 5321, section 2.4), but none that matters does,
        and people type their address now this way and now that. Beyond ASCII, nothing is folded:
        what Unicode calls the same letter (``ſ`` and ``s``, ``ß`` and ``ss``) is another mailbox
        to a server, and its owner must not reserve somebody else's address.
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
        raise AddressError(Message("no mail address was given; type one such as name@example.org"))
    if len(given) > ADDRESS_MAX_CHARACTERS:
        raise AddressError(
            Message(
                "%(given)s is %(length)s characters long, and no mail address is longer than"
                " %(most)s; check what was typed",
                given=_shown(given),
                length=len(given),
                most=ADDRESS_MAX_CHARACTERS,
            )
        )
    try:
        valid = validate_email(given, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise AddressError(
            Message(
                "%(given)s is not a mail address that newsletters can be sent to: %(reason)s; type"
                " one such as name@example.org",
                given=_shown(given),
                reason=_what_is_wrong(given),
            )
        ) from error
    local_key = valid.local_part.translate(_ASCII_LOWER)
    return Address(email=valid.normalized, key=f"{local_key}@{valid.ascii_domain.lower()}")


def _what_is_wrong(given: str) -> Message:
    """Return what is wrong with an address, in the words of whoever typed it."""
    before, _, behind = given.partition("@")
    sign = next((each for each in given if each in _NO_PART_OF_ONE), "")
    faults = (
        ("@" not in given, Message("it has no @")),
        ("@" in behind, Message("it has more than one @, and one address is wanted")),
        (not before or not behind, Message("something is missing beside the @")),
        (bool(sign), Message("it has %(sign)s in it", sign=sign)),
        (not given.isprintable() or " " in given, Message("it has a space in it")),
        ("." not in behind, Message("what stands behind the @ has no dot")),
        (bool(_STRAY_DOT.search(given)), Message("it has a dot too many")),
    )
    none = Message("no mail goes to such a one")
    return next((words for is_fault, words in faults if is_fault), none)


def refuse_beyond_ascii(address: Address) -> None:
    """Refuse an address that only servers with SMTPUTF8 (RFC 6531) can be handed.

    Raises
    ------
    UnfitAddressError
        If its local part has letters beyond ASCII; a domain has a spelling in ASCII.
    """
    if not address.key.isascii():
        raise UnfitAddressError(
            Message(
                "%(given)s has letters before the @ that the server which sends our mail cannot"
                " handle, only a to z without accents; give another address of yours",
                given=_shown(address.email),
            )
        )


def refuse_own(address: Address, list_address: str) -> None:
    """Refuse the address of the list, with a plus-tag or without: it would write to itself.

    Raises
    ------
    OwnAddressError
        If mail to it comes back to the list.
    """
    if mailbox_of(address.key) == _mailbox_at(list_address):
        raise OwnAddressError(
            Message(
                "%(given)s is the address that our mails come from; give one of your own",
                given=_shown(address.email),
            )
        )


def mailbox_of(key: str) -> str:
    """Name the mailbox behind the key of an address: plus-tags lead to the same one.

    It is a guess, for rations and for the list to know itself: at some servers a plus is a letter.
    """
    local, _, domain = key.rpartition("@")
    name = local.partition("+")[0] or local
    mailbox_domain = _DOTS_DO_NOT_COUNT.get(domain)
    if mailbox_domain is None:
        return f"{name}@{domain}"
    return f"{name.replace('.', '')}@{mailbox_domain}"


@lru_cache(maxsize=4)
def _mailbox_at(list_address: str) -> str:
    return mailbox_of(normalise_address(list_address).key)


def _shown(given: str) -> str:
    """Quote what was typed on one line, with everything invisible escaped."""
    short = given if len(given) <= _SHOWN_CHARACTERS else given[:_SHOWN_CHARACTERS] + "…"
    return repr(short)

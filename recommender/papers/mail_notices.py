"""Room 1, papers: mails of lists and services that have no papers and say something else. Pure."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final

from recommender.mime import field

_LOOKED_AT: Final = 5_000
_LONGEST_CONFIRMATION: Final = 12_000

_CONFIRM_SUBJECT: Final = re.compile(
    r"\bconfirm\b|\bconfirm(?:ation|ing|ez|ar|a|e)?\b.{0,60}\b(?:subscri|regist|sign|e-?mail|address"
    r"|request|alert|inscri|suscri|iscri|abonn)|\b(?:verify|validate|activate)\b.{0,40}\b(?:e-?mail"
    r"|address|account|alert|subscription|registration)|\bopt[ -]in\b|\bbest[äa]e?tig|\bbevestig"
    r"|\bvalide[rz]\b|\bverifi(?:ca|ez|eer)|\b(?:subscription|registration) confirmation\b"
    r"|确认|確認|подтверд",
    re.IGNORECASE,
)
_CONFIRM_TEXT: Final = re.compile(
    r"\b(?:confirm|verify|activate|validate)\b.{0,120}\b(?:subscription|registration|e-?mail|address"
    r"|alert|request|account|added|mailing list)|\bto complete your (?:subscription|registration)"
    r"|\b(?:yes, )?subscribe me\b|\b(?:click|follow).{0,60}\b(?:confirm|activate|verify)"
    r"|\bbestätigen sie\b|\bconfirm(?:ez|ar|e|a) (?:votre|su|sua|la)\b|\bbevestig\b",
    re.IGNORECASE | re.DOTALL,
)
_CONFIRM_LINK: Final = re.compile(
    r"confirm|verif|activat|validat|opt-?in|subscribe|best(?:ae|a|%C3%A4)tig|token", re.IGNORECASE
)
_NOTICE_SUBJECT: Final = re.compile(
    r"\bwelcome to\b|\bmemberships? reminder\b|\bpassword (?:reminder|reset)\b|\bgoodbye\b"
    r"|\byou (?:have been|are now|were|are) (?:un)?subscribed\b|\b(?:un)?subscription"
    r" (?:confirmed|successful|notice|notification|results?)\b|\byour subscription\b|\bsuccessfully"
    r" (?:un)?subscribed\b|\bwillkommen\b|\bbienvenue\b|\bbienvenid|\bbenvenut|\bbem-vind"
    r"|\b(?:alert|search) (?:created|saved|expired|will expire)\b|\bpost (?:by|from) .{1,80}"
    r" requires approval",
    re.IGNORECASE,
)
_NOTHING_NEW: Final = re.compile(
    r"\bno new (?:submissions|papers|articles|results|citations|items|content|preprints"
    r"|publications)\b|\bnothing new\b|\bno (?:results|articles|papers) (?:were )?found\b"
    r"|\bno items found\b|\byour search (?:did not|returned no)",
    re.IGNORECASE,
)
_LONGEST_NOTHING: Final = 4_000


def is_confirmation(subject: str, text: str, links: tuple[str, ...]) -> bool:
    """Whether a mail asks its reader to confirm a subscription or an address."""
    if len(text) > _LONGEST_CONFIRMATION:
        return False
    said = text[:_LOOKED_AT]
    if _CONFIRM_SUBJECT.search(subject):
        return bool(links or _CONFIRM_TEXT.search(said))
    has_link = any(_CONFIRM_LINK.search(link) for link in links)
    return has_link and _CONFIRM_TEXT.search(said) is not None


def notice_of(message: Message, subject: str) -> str:
    """Return what a mail is that a program wrote about a subscription or an absence, else empty."""
    if field(message, "X-List-Administrivia").strip().lower() == "yes":
        return "a notice of a mailing list"
    if field(message, "Auto-Submitted").lower().startswith("auto-replied"):
        return "an automatic answer"
    return "a notice about a subscription" if _NOTICE_SUBJECT.search(subject) else ""


def says_nothing_new(text: str) -> bool:
    """Whether a short mail says that there are no papers this time."""
    return len(text) <= _LONGEST_NOTHING and _NOTHING_NEW.search(text) is not None

"""Room 1, papers: mails of lists and services that have no papers and say something else. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message
from typing import Final

from recommender.mime import addresses_in, decoded_field, field
from recommender.papers.mails.article_links import article_of
from recommender.papers.mails.html_words import is_footer

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
    r"\bwelcome to\b(?!.{0,30}\b(?:issue|edition|week|day|volume|vol|episode|no|number)\b)"
    r"|\bmemberships? reminder\b|\bpassword (?:reminder|reset)\b|\bgoodbye\b"
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
_LONGEST_ALONE: Final = 240
_SHORTEST_ABSTRACT: Final = 150

_ANSWER_SUBJECT: Final = re.compile(
    r"(?:auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|out[ -]of[ -](?:the[ -])?office"
    r"|abwesen(?:d|heit)|automatische antwort|r[ée]ponse automatique|respuesta autom[áa]tica"
    r"|risposta automatica|resposta autom[áa]tica|automatisch antwoord)\b",
    re.IGNORECASE,
)
_POSTMASTERS: Final = frozenset({"mailer-daemon", "postmaster"})
_PRECEDENCE_OF_ANSWERS: Final = frozenset({"auto_reply", "auto-reply"})


def is_confirmation(subject: str, text: str, links: Sequence[str]) -> bool:
    """Whether a mail asks its reader to confirm a subscription or an address."""
    if len(text) > _LONGEST_CONFIRMATION:
        return False
    said = text[:_LOOKED_AT]
    has_link = leads_to_confirm(links)
    if not has_link and any(map(article_of, links)):
        return False
    if _CONFIRM_SUBJECT.search(subject):
        return bool(links or _CONFIRM_TEXT.search(said))
    return has_link and _CONFIRM_TEXT.search(said) is not None


def leads_to_confirm(links: Sequence[str]) -> bool:
    """Whether a link looks like those that confirm something by being followed."""
    return any(_CONFIRM_LINK.search(link) and article_of(link) is None for link in links)


def answer_of(message: Message) -> str:
    """Return what a mail is that a program wrote because of another one, else empty.

    What it carries is what somebody else was sent: it has nothing of its own to read.
    """
    writers = {each.partition("@")[0].lower() for each in addresses_in(message, "From")}
    is_report = message.get_content_type() == "multipart/report" or writers & _POSTMASTERS
    if is_report or message.get("X-Failed-Recipients"):
        return "a report of delivery"
    if field(message, "X-List-Administrivia").strip().lower() == "yes":
        return "a notice of a mailing list"
    is_answer = (
        field(message, "Auto-Submitted").lower().strip().startswith("auto-replied")
        or field(message, "Precedence").lower().strip() in _PRECEDENCE_OF_ANSWERS
        or any(message.get(name) for name in ("X-Autoreply", "X-Autorespond"))
        or _ANSWER_SUBJECT.match(decoded_field(message, "Subject"))
    )
    return "an automatic answer" if is_answer else ""


def is_notice(subject: str) -> bool:
    """Whether the subject is one of a notice about a subscription."""
    return _NOTICE_SUBJECT.search(subject) is not None


def says_nothing_new(paragraphs: Sequence[str]) -> bool:
    """Whether a short mail says that there are no papers this time.

    Abstracts say "nothing new" as well: the sentence must stand alone, and no abstract beside it.
    """
    if sum(map(len, paragraphs)) > _LONGEST_NOTHING:
        return False
    alone = [
        len(each) <= _LONGEST_ALONE and _NOTHING_NEW.search(each) is not None for each in paragraphs
    ]
    beside = (each for each, is_alone in zip(paragraphs, alone, strict=True) if not is_alone)
    return any(alone) and not any(
        len(each) >= _SHORTEST_ABSTRACT and not is_footer(each) for each in beside
    )

"""Mail: whether a mail may be acted on and answered, or a program wrote it. Pure.

Sources: RFC 3834 (automatic answers), RFC 2919 and 2369 (list headers), RFC 5230 (vacation). Two
programs that answer each other never end, and an answer to a forged sender reaches a stranger.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import Final

from recommender.mail.inbox.bounce_reports import is_automatic_answer
from recommender.mail.inbox.program_words import has_subject_of_programs
from recommender.mime import decoded_field, field

_ROLES: Final = re.compile(
    r"^(mailer[-_.]?daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|listserv|majordomo"
    r"|.*-(request|owner|bounces)|owner-.*|root|daemon|nobody|abuse|notifications?)$",
    re.IGNORECASE,
)
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_LIST_HEADERS: Final = (
    "List-Id",
    "List-Unsubscribe",
    "List-Post",
    "Mailing-List",
    "X-Mailing-List",
)
_PROGRAM_HEADERS: Final = ("X-Autoreply", "X-Autorespond", "X-Loop", "X-Auto-Reply", "Feedback-ID")


def reason_to_ignore(
    message: Message, *, sender: str, envelope_sender: str, list_address: str
) -> str | None:
    """Return why nothing is done about a mail, and nothing answered; None where a person wrote it.

    Parameters
    ----------
    message : Message
        Its headers are looked at.
    sender : str
        The one address in From; empty where there is none, or more than one.
    envelope_sender : str
        Empty for the null sender.
    list_address : str
        Ours: what comes from it, or from a plus-tag of it, goes round in circles.
    """
    for reason, holds in (
        ("no sender, or more than one", "@" not in sender),
        ("the null sender", not envelope_sender),
        ("a report", message.get_content_type() == "multipart/report"),
        ("written by a program (Auto-Submitted)", _is_automatic(message)),
        ("an automatic answer", is_automatic_answer(message)),
        (
            "an automatic answer by its subject",
            has_subject_of_programs(decoded_field(message, "Subject")),
        ),
        ("bulk mail (Precedence)", _precedence(message) in _BULK),
        ("mail of a list", any(message[name] for name in _LIST_HEADERS)),
        ("written by a program", any(message[name] for name in _PROGRAM_HEADERS)),
        ("answers are not wanted", bool(message["X-Auto-Response-Suppress"])),
        ("a role address", any(_is_role(each) for each in (sender, envelope_sender))),
        (
            "our own address",
            any(_is_ours(each, list_address) for each in (sender, envelope_sender)),
        ),
    ):
        if holds:
            return reason
    return None


def asks_to_unsubscribe(message: Message) -> bool:
    """Return whether a mail to a signed unsubscribe address ends the subscription.

    Anything that is sent there does, for providers have programs write it for their readers; but
    absences and reports do not, because those answer whatever they are sent.
    """
    if field(message, "X-Apple-Unsubscribe").strip().lower() == "true":
        # Apple Mail's button calls its mail auto-replied, as an absence is.
        return True
    return not is_automatic_answer(message) and message.get_content_type() != "multipart/report"


def _is_automatic(message: Message) -> bool:
    value = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    return value != "no"


def _precedence(message: Message) -> str:
    return str(message.get("Precedence", "")).strip().lower()


def _is_role(address: str) -> bool:
    return bool(_ROLES.match(address.rpartition("@")[0].partition("+")[0]))


def _is_ours(address: str, list_address: str) -> bool:
    name, _, domain = address.lower().rpartition("@")
    list_name, _, list_domain = list_address.lower().rpartition("@")
    return (name.partition("+")[0], domain) == (list_name, list_domain)
